/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_LISTENER_H
#define _NDK_LISTENER_H

#include "object.h"
#include "request.h"

struct rdma_cm_id;

/**
 * struct ndk_listener - a local address at which connections come in
 * @obj: common part; its lock guards all that follows
 * @id: rdma_cm's side, or NULL: it holds the address
 * @connect_event: callback for incoming connections
 * @connect_ctx: its context
 * @listen: the one NdkListen that there is
 * @used: NdkListen was called and has not failed
 * @local: address asked for, then the one listened at
 * @listening: @local is what is listened at
 * @paused: refuse what comes in
 * @waiting: connections that came in and are not yet with the consumer
 * @connectors: those whose connection may still need the address
 */
struct ndk_listener {
	struct ndk_object obj;
	struct rdma_cm_id *id;
	NDK_FN_CONNECT_EVENT_CALLBACK connect_event;
	void *connect_ctx;
	struct ndk_request listen;
	bool used;
	struct sockaddr_storage local;
	bool listening;
	bool paused;
	unsigned int waiting;
	unsigned int connectors;
};

static inline struct ndk_listener *to_ndk_listener(NDK_LISTENER *listener)
{
	return container_of(listener, struct ndk_listener, obj.pub.listener);
}

/* For the adapter's table */
NTSTATUS ndk_create_listener(NDK_ADAPTER *pNdkAdapter,
			     NDK_FN_CONNECT_EVENT_CALLBACK ConnectEvent,
			     PVOID ConnectEventContext,
			     NDK_FN_CREATE_COMPLETION CreateCompletion,
			     PVOID RequestContext, NDK_LISTENER **ppNdkListener);

/* The listener's table */
NTSTATUS ndk_listen(NDK_LISTENER *pNdkListener, CONST PSOCKADDR pAddress,
		    ULONG AddressLength,
		    NDK_FN_REQUEST_COMPLETION RequestCompletion,
		    PVOID RequestContext);
NTSTATUS ndk_get_listener_local_address(NDK_LISTENER *pNdkListener,
					PSOCKADDR pAddress,
					ULONG *pAddressLength);
VOID ndk_control_connect_events(NDK_LISTENER *pNdkListener, BOOLEAN Pause);

#endif /* _NDK_LISTENER_H */
