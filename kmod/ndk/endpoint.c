// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared endpoints and the connect forms of 2.1, which this provider does not
 * offer.
 */
#include "adapter.h"
#include "endpoint.h"
#include "object.h"

/**
 * ndk_create_shared_endpoint() - NDK_FN_CREATE_SHARED_ENDPOINT, not offered
 * @pNdkAdapter: the adapter
 * @pAddress: not used
 * @AddressLength: not used
 * @CreateCompletion: never called
 * @RequestContext: not used
 * @ppNdkSharedEndpoint: not written
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
NTSTATUS ndk_create_shared_endpoint(NDK_ADAPTER *pNdkAdapter,
				    CONST PSOCKADDR pAddress,
				    ULONG AddressLength,
				    NDK_FN_CREATE_COMPLETION CreateCompletion,
				    PVOID RequestContext,
				    NDK_SHARED_ENDPOINT **ppNdkSharedEndpoint)
{
	return ndk_refuse(&to_ndk_adapter(pNdkAdapter)->obj,
			  STATUS_NOT_SUPPORTED, "NdkCreateSharedEndpoint",
			  0, 0);
}

/**
 * ndk_connect_with_shared_endpoint() - not offered
 * @pNdkConnector: the connector
 * @pNdkQp: not used
 * @pNdkSharedEndpoint: not used
 * @pDestAddress: not used
 * @DestAddressLength: not used
 * @InboundReadLimit: not used
 * @OutboundReadLimit: not used
 * @pPrivateData: not used
 * @PrivateDataLength: not used
 * @RequestCompletion: never called
 * @RequestContext: not used
 *
 * NDK_FN_CONNECT_WITH_SHARED_ENDPOINT.
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
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
					  PVOID RequestContext)
{
	return ndk_refuse(to_ndk_object(&pNdkConnector->Header),
			  STATUS_NOT_SUPPORTED, "NdkConnectWithSharedEndpoint",
			  0, 0);
}

/**
 * ndk_complete_connect_ex() - NDK_FN_COMPLETE_CONNECT_EX, not offered
 * @pNdkConnector: the connector
 * @DisconnectEvent: never called
 * @DisconnectEventContext: not used
 * @RequestCompletion: never called
 * @RequestContext: not used
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
NTSTATUS ndk_complete_connect_ex(NDK_CONNECTOR *pNdkConnector,
				 NDK_FN_DISCONNECT_EVENT_CALLBACK_EX DisconnectEvent,
				 PVOID DisconnectEventContext,
				 NDK_FN_REQUEST_COMPLETION RequestCompletion,
				 PVOID RequestContext)
{
	return ndk_refuse(to_ndk_object(&pNdkConnector->Header),
			  STATUS_NOT_SUPPORTED, "NdkCompleteConnectEx", 0, 0);
}

/**
 * ndk_accept_ex() - NDK_FN_ACCEPT_EX, not offered
 * @pNdkConnector: the connector
 * @pNdkQp: not used
 * @InboundReadLimit: not used
 * @OutboundReadLimit: not used
 * @pPrivateData: not used
 * @PrivateDataLength: not used
 * @DisconnectEvent: never called
 * @DisconnectEventContext: not used
 * @RequestCompletion: never called
 * @RequestContext: not used
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
NTSTATUS ndk_accept_ex(NDK_CONNECTOR *pNdkConnector, NDK_QP *pNdkQp,
		       ULONG InboundReadLimit, ULONG OutboundReadLimit,
		       CONST PVOID pPrivateData, ULONG PrivateDataLength,
		       NDK_FN_DISCONNECT_EVENT_CALLBACK_EX DisconnectEvent,
		       PVOID DisconnectEventContext,
		       NDK_FN_REQUEST_COMPLETION RequestCompletion,
		       PVOID RequestContext)
{
	return ndk_refuse(to_ndk_object(&pNdkConnector->Header),
			  STATUS_NOT_SUPPORTED, "NdkAcceptEx", 0, 0);
}
