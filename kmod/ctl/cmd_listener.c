// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listeners, and the peers that come to them.
 */
#include <linux/slab.h>

#include "conn.h"
#include "pd.h"

#define NDK_CTL_BACKLOG		64

static struct ndk_ctl_listener *to_listener(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_listener, obj);
}

static void ndk_ctl_listener_close(struct ndk_ctl_object *obj)
{
	ndk_ctl_object_close_ndk(obj,
				 to_ndk_listener(obj)->Dispatch->NdkCloseListener);
}

static const struct ndk_ctl_type ndk_ctl_listener_type = {
	.kind = NDK_KIND_LISTENER,
	.max = NDK_LISTENERS_MAX,
	.limit = "listeners of the file",
	.size = sizeof(struct ndk_ctl_listener),
	.close = ndk_ctl_listener_close,
};

/* Nothing waits for this; the adapter's close does. */
static VOID ndk_ctl_refused_closed(PVOID context)
{
}

/*
 * A peer wants to connect. Peers can be many and the reader slow, so what is
 * more than the backlog is refused, as is what there is no memory for, or what
 * would be too many objects.
 */
static VOID ndk_ctl_connect_event(PVOID context, NDK_CONNECTOR *ndk)
{
	struct ndk_ctl_listener *listener = context;

	if (atomic_inc_return(&listener->unread) <= listener->backlog &&
	    ndk_ctl_connector_arrived(listener, ndk))
		return;
	atomic_dec(&listener->unread);
	ndk->Dispatch->NdkReject(ndk, NULL, 0);
	ndk->Dispatch->NdkCloseConnector(&ndk->Header, ndk_ctl_refused_closed,
					 NULL);
}

int ndk_ctl_create_listener(struct ndk_ctl_call *call)
{
	struct ndk_create *cmd = (struct ndk_create *)call->hdr;
	struct ndk_ctl_listener *listener;
	struct ndk_ctl_request *req;
	NDK_LISTENER *ndk = NULL;
	NDK_ADAPTER *adapter;
	NTSTATUS status;

	req = ndk_ctl_create_child(call, NDK_KIND_ADAPTER, 0,
				   &ndk_ctl_listener_type);
	if (IS_ERR(req))
		return PTR_ERR(req);
	listener = to_listener(req->created);
	listener->event_data = cmd->event_data;
	listener->backlog = cmd->backlog ?: NDK_CTL_BACKLOG;

	adapter = to_ndk_adapter(req->target);
	status = adapter->Dispatch->NdkCreateListener(adapter,
						      ndk_ctl_connect_event,
						      listener,
						      ndk_ctl_create_completion,
						      req, &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
}

int ndk_ctl_listen(struct ndk_ctl_call *call)
{
	struct ndk_listen *cmd = (struct ndk_listen *)call->hdr;
	struct sockaddr_storage *address;
	struct ndk_ctl_request *req;
	NDK_LISTENER *listener;
	NTSTATUS status;
	int ret;

	req = ndk_ctl_request_on(call, "listener_id", cmd->listener_id,
				 NDK_KIND_LISTENER);
	if (IS_ERR(req))
		return PTR_ERR(req);
	address = kzalloc(sizeof(*address), GFP_KERNEL_ACCOUNT);
	req->payload = address;
	ret = -ENOMEM;
	if (address)
		ret = ndk_ctl_address_get_local(call, "address", &cmd->address,
						address);
	if (ret) {
		ndk_ctl_request_free(req);
		return ret;
	}
	listener = to_ndk_listener(req->target);
	status = listener->Dispatch->NdkListen(listener, (PSOCKADDR)address,
					       cmd->address.length,
					       ndk_ctl_request_completion, req);
	return ndk_ctl_request_settle(call, req, status);
}

int ndk_ctl_control_connect_events(struct ndk_ctl_call *call)
{
	struct ndk_control_connect_events *cmd =
		(struct ndk_control_connect_events *)call->hdr;
	struct ndk_ctl_object *obj;
	NDK_LISTENER *listener;

	if (cmd->pause > 1)
		return ndk_ctl_refuse(call, -EINVAL, "pause", cmd->pause, 1);
	obj = ndk_ctl_object_get(call, "listener_id", cmd->listener_id,
				 NDK_KIND_LISTENER);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	listener = to_ndk_listener(obj);
	listener->Dispatch->NdkControlConnectEvents(listener, cmd->pause);
	return 0;
}
