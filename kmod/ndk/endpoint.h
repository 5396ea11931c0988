/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_ENDPOINT_H
#define _NDK_ENDPOINT_H

#include <ndk/ndkpi.h>

NTSTATUS ndk_create_shared_endpoint(NDK_ADAPTER *pNdkAdapter,
				    CONST PSOCKADDR pAddress,
				    ULONG AddressLength,
				    NDK_FN_CREATE_COMPLETION CreateCompletion,
				    PVOID RequestContext,
				    NDK_SHARED_ENDPOINT **ppNdkSharedEndpoint);
NTSTATUS ndk_connect_with_shared_endpoint(NDK_CONNECTOR *pNdkConnector,
					  NDK_QP *pNdkQp,
					  NDK_SHARED_ENDPOINT *pNdkSharedEndpoint,
					  CONST PSOCKADDR pDestAddress,
					  ULONG DestAddressLength,
					  ULONG InboundReadLimit,
					  ULONG OutboundReadLimit,
					  CONST PVOID pPrivateData,
					  ULONG PrivateDataLength,
					  NDK_FN_REQUEST_COMPLETION RequestCompletion,
					  PVOID RequestContext);
NTSTATUS ndk_complete_connect_ex(NDK_CONNECTOR *pNdkConnector,
				 NDK_FN_DISCONNECT_EVENT_CALLBACK_EX DisconnectEvent,
				 PVOID DisconnectEventContext,
				 NDK_FN_REQUEST_COMPLETION RequestCompletion,
				 PVOID RequestContext);
NTSTATUS ndk_accept_ex(NDK_CONNECTOR *pNdkConnector, NDK_QP *pNdkQp,
		       ULONG InboundReadLimit, ULONG OutboundReadLimit,
		       CONST PVOID pPrivateData, ULONG PrivateDataLength,
		       NDK_FN_DISCONNECT_EVENT_CALLBACK_EX DisconnectEvent,
		       PVOID DisconnectEventContext,
		       NDK_FN_REQUEST_COMPLETION RequestCompletion,
		       PVOID RequestContext);

#endif /* _NDK_ENDPOINT_H */
