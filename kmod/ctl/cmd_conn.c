// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands on connectors, listeners and shared endpoints.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "pd.h"
#include "queue.h"

#define NDK_CTL_BACKLOG		64

/**
 * struct ndk_ctl_listener - a listener
 * @obj: common part
 * @event_data: for connect events
 * @backlog: connect events that may be unread
 * @unread: connect events that are
 */
struct ndk_ctl_listener {
	struct ndk_ctl_object obj;
	u64 event_data;
	int backlog;
	atomic_t unread;
};

/**
 * struct ndk_ctl_connector - a connector
 * @obj: common part
 * @listener: whose connect event it came with, or NULL; its struct is
 *	referenced
 * @connect: the connect event
 * @disconnect: the disconnect event
 */
struct ndk_ctl_connector {
	struct ndk_ctl_object obj;
	struct ndk_ctl_listener *listener;
	struct ndk_ctl_event connect;
	struct ndk_ctl_event disconnect;
};

/* What must outlive the call while a connection request is pending. */
struct ndk_ctl_conn_data {
	struct sockaddr_storage source;
	struct sockaddr_storage destination;
	u8 private_data[];
};

static struct ndk_ctl_listener *to_listener(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_listener, obj);
}

static struct ndk_ctl_connector *to_connector(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_connector, obj);
}

static NDK_LISTENER *to_ndk_listener(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_LISTENER, Header);
}

static NDK_CONNECTOR *to_ndk_connector(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_CONNECTOR, Header);
}

static NDK_SHARED_ENDPOINT *to_ndk_endpoint(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_SHARED_ENDPOINT, Header);
}

static void ndk_ctl_listener_close(struct ndk_ctl_object *obj)
{
	NDK_LISTENER *listener = to_ndk_listener(obj);

	if (listener->Dispatch->NdkCloseListener(obj->ndk,
						 ndk_ctl_object_close_done,
						 obj) != STATUS_PENDING)
		ndk_ctl_object_closed(obj);
}

static const struct ndk_ctl_type ndk_ctl_listener_type = {
	.kind = NDK_KIND_LISTENER,
	.size = sizeof(struct ndk_ctl_listener),
	.close = ndk_ctl_listener_close,
};

static void ndk_ctl_connector_close(struct ndk_ctl_object *obj)
{
	NDK_CONNECTOR *connector = to_ndk_connector(obj);

	if (connector->Dispatch->NdkCloseConnector(obj->ndk,
						   ndk_ctl_object_close_done,
						   obj) != STATUS_PENDING)
		ndk_ctl_object_closed(obj);
}

static void ndk_ctl_connector_free(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_connector *connector = to_connector(obj);

	if (connector->listener)
		ndk_ctl_object_unref(&connector->listener->obj);
}

static const struct ndk_ctl_type ndk_ctl_connector_type = {
	.kind = NDK_KIND_CONNECTOR,
	.size = sizeof(struct ndk_ctl_connector),
	.close = ndk_ctl_connector_close,
	.free = ndk_ctl_connector_free,
};

static void ndk_ctl_endpoint_close(struct ndk_ctl_object *obj)
{
	NDK_SHARED_ENDPOINT *endpoint = to_ndk_endpoint(obj);

	if (endpoint->Dispatch->NdkCloseSharedEndpoint(obj->ndk,
						       ndk_ctl_object_close_done,
						       obj) != STATUS_PENDING)
		ndk_ctl_object_closed(obj);
}

static const struct ndk_ctl_type ndk_ctl_endpoint_type = {
	.kind = NDK_KIND_SHARED_ENDPOINT,
	.size = sizeof(struct ndk_ctl_object),
	.close = ndk_ctl_endpoint_close,
};

static void ndk_ctl_disconnect_put(struct ndk_ctl_event *ev)
{
	struct ndk_ctl_connector *connector;

	connector = container_of(ev, struct ndk_ctl_connector, disconnect);
	ndk_ctl_object_unref(&connector->obj);
}

static VOID ndk_ctl_disconnect_event(PVOID context)
{
	struct ndk_ctl_connector *connector = context;

	ndk_ctl_event_notify(&connector->obj, &connector->disconnect,
			     STATUS_SUCCESS, 0);
}

static VOID ndk_ctl_disconnect_event_ex(PVOID context, ULONG reason)
{
	struct ndk_ctl_connector *connector = context;

	ndk_ctl_event_notify(&connector->obj, &connector->disconnect,
			     STATUS_SUCCESS, reason);
}

static void ndk_ctl_connect_put(struct ndk_ctl_event *ev)
{
	struct ndk_ctl_connector *connector;

	connector = container_of(ev, struct ndk_ctl_connector, connect);
	atomic_dec(&connector->listener->unread);
	ndk_ctl_object_unref(&connector->obj);
}

static void ndk_ctl_connector_init(struct ndk_ctl_connector *connector)
{
	ndk_ctl_event_init(&connector->connect, NDK_EVENT_CONNECT,
			   ndk_ctl_connect_put);
	ndk_ctl_event_init(&connector->disconnect, NDK_EVENT_DISCONNECT,
			   ndk_ctl_disconnect_put);
}

/* Nothing waits for this; the adapter's close does. */
static VOID ndk_ctl_refused_closed(PVOID context)
{
}

static struct ndk_ctl_connector *
ndk_ctl_connector_incoming(struct ndk_ctl_listener *listener)
{
	struct ndk_ctl_connector *connector;
	struct ndk_ctl_object *obj;

	obj = ndk_ctl_object_alloc(listener->obj.file, &ndk_ctl_connector_type,
				   listener->obj.adapter,
				   GFP_NOWAIT | __GFP_NOWARN);
	if (!obj)
		return NULL;
	if (ndk_ctl_object_reserve(obj, GFP_NOWAIT | __GFP_NOWARN)) {
		ndk_ctl_object_abort(obj);
		return NULL;
	}
	connector = to_connector(obj);
	ndk_ctl_connector_init(connector);
	ndk_ctl_object_ref(&listener->obj);
	connector->listener = listener;
	connector->connect.data.user_data = listener->event_data;
	return connector;
}

/*
 * A peer wants to connect. Peers can be many and the reader slow, so what is
 * more than the backlog is refused, as is what there is no memory for.
 */
static VOID ndk_ctl_connect_event(PVOID context, NDK_CONNECTOR *ndk)
{
	struct ndk_ctl_listener *listener = context;
	struct ndk_ctl_connector *connector = NULL;

	if (atomic_inc_return(&listener->unread) <= listener->backlog)
		connector = ndk_ctl_connector_incoming(listener);
	if (!connector) {
		atomic_dec(&listener->unread);
		ndk->Dispatch->NdkReject(ndk, NULL, 0);
		ndk->Dispatch->NdkCloseConnector(&ndk->Header,
						 ndk_ctl_refused_closed, NULL);
		return;
	}
	connector->obj.ndk = &ndk->Header;

	/* Once it is published anybody may close it. */
	ndk_ctl_object_ref(&connector->obj);
	ndk_ctl_object_publish(&connector->obj);
	ndk_ctl_event_notify(&connector->obj, &connector->connect,
			     STATUS_SUCCESS, listener->obj.id);
	ndk_ctl_object_unref(&connector->obj);
}

int ndk_ctl_create_listener(struct ndk_ctl_call *call)
{
	struct ndk_create *cmd = (struct ndk_create *)call->hdr;
	struct ndk_ctl_listener *listener;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	NDK_LISTENER *ndk = NULL;
	NDK_ADAPTER *adapter;
	NTSTATUS status;

	obj = ndk_ctl_create_check(call, NDK_KIND_ADAPTER, 0);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	req = ndk_ctl_create_begin(call, &ndk_ctl_listener_type, obj);
	if (IS_ERR(req))
		return PTR_ERR(req);
	listener = to_listener(req->created);
	listener->event_data = cmd->event_data;
	listener->backlog = cmd->backlog ?: NDK_CTL_BACKLOG;

	adapter = to_ndk_adapter(obj);
	status = adapter->Dispatch->NdkCreateListener(adapter,
						      ndk_ctl_connect_event,
						      listener,
						      ndk_ctl_create_completion,
						      req, &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
}

int ndk_ctl_create_connector(struct ndk_ctl_call *call)
{
	struct ndk_create *cmd = (struct ndk_create *)call->hdr;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	NDK_CONNECTOR *ndk = NULL;
	NDK_ADAPTER *adapter;
	NTSTATUS status;

	obj = ndk_ctl_create_check(call, NDK_KIND_ADAPTER, 0);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	req = ndk_ctl_create_begin(call, &ndk_ctl_connector_type, obj);
	if (IS_ERR(req))
		return PTR_ERR(req);
	ndk_ctl_connector_init(to_connector(req->created));

	adapter = to_ndk_adapter(obj);
	status = adapter->Dispatch->NdkCreateConnector(adapter,
						       ndk_ctl_create_completion,
						       req, &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
}

static int ndk_ctl_address_get(struct ndk_ctl_call *call, const char *member,
			       const struct ndk_address *address,
			       struct sockaddr_storage *to)
{
	static_assert(sizeof(address->data) <= sizeof(*to));
	if (address->__reserved || address->length > sizeof(address->data))
		return ndk_ctl_refuse(call, -EINVAL, member, address->length,
				      sizeof(address->data));
	memset(to, 0, sizeof(*to));
	memcpy(to, address->data, address->length);
	return 0;
}

int ndk_ctl_create_shared_endpoint(struct ndk_ctl_call *call)
{
	struct ndk_create_shared_endpoint *cmd =
		(struct ndk_create_shared_endpoint *)call->hdr;
	struct ndk_ctl_conn_data *data;
	NDK_SHARED_ENDPOINT *ndk = NULL;
	PSOCKADDR address;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	NDK_ADAPTER *adapter;
	NTSTATUS status;
	int ret;

	cmd->out_id = 0;
	obj = ndk_ctl_object_get(call, "adapter_id", cmd->adapter_id,
				 NDK_KIND_ADAPTER);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	data = kzalloc(sizeof(*data), GFP_KERNEL_ACCOUNT);
	if (!data)
		return -ENOMEM;
	ret = ndk_ctl_address_get(call, "address", &cmd->address,
				  &data->source);
	if (ret)
		goto free;
	req = ndk_ctl_create_begin(call, &ndk_ctl_endpoint_type, obj);
	if (IS_ERR(req)) {
		ret = PTR_ERR(req);
		goto free;
	}
	req->payload = data;
	address = (PSOCKADDR)&data->source;

	adapter = to_ndk_adapter(obj);
	status = adapter->Dispatch->NdkCreateSharedEndpoint(adapter, address,
							    cmd->address.length,
							    ndk_ctl_create_completion,
							    req, &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
free:
	kfree(data);
	return ret;
}

/* Allocate a request with a copy of the private data. */
static struct ndk_ctl_request *
ndk_ctl_conn_request(struct ndk_ctl_call *call, struct ndk_ctl_object *obj,
		     u64 user, u32 length)
{
	struct ndk_ctl_conn_data *data;
	struct ndk_ctl_request *req;

	if (length > NDK_PRIVATE_DATA_MAX)
		return ERR_PTR(ndk_ctl_refuse(call, -EINVAL,
					      "private_data_length", length,
					      NDK_PRIVATE_DATA_MAX));
	data = kzalloc(struct_size(data, private_data, length),
		       GFP_KERNEL_ACCOUNT);
	if (!data)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(data->private_data, u64_to_user_ptr(user), length)) {
		kfree(data);
		return ERR_PTR(ndk_ctl_refuse(call, -EFAULT, "private_data",
					      user, 0));
	}
	req = ndk_ctl_request_alloc(call, obj);
	if (IS_ERR(req))
		kfree(data);
	else
		req->payload = data;
	return req;
}

int ndk_ctl_listen(struct ndk_ctl_call *call)
{
	struct ndk_listen *cmd = (struct ndk_listen *)call->hdr;
	struct ndk_ctl_conn_data *data;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	NDK_LISTENER *listener;
	PSOCKADDR address;
	NTSTATUS status;
	int ret;

	obj = ndk_ctl_object_get(call, "listener_id", cmd->listener_id,
				 NDK_KIND_LISTENER);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	req = ndk_ctl_conn_request(call, obj, 0, 0);
	if (IS_ERR(req))
		return PTR_ERR(req);
	data = req->payload;
	ret = ndk_ctl_address_get(call, "address", &cmd->address,
				  &data->source);
	if (ret) {
		ndk_ctl_request_free(req);
		return ret;
	}
	address = (PSOCKADDR)&data->source;
	listener = to_ndk_listener(obj);
	status = listener->Dispatch->NdkListen(listener, address,
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

static NTSTATUS ndk_ctl_ask_address(struct ndk_ctl_object *obj, bool peer,
				    PSOCKADDR address, ULONG *length)
{
	NDK_SHARED_ENDPOINT *endpoint;
	NDK_CONNECTOR *connector;
	NDK_LISTENER *listener;

	switch (obj->type->kind) {
	case NDK_KIND_LISTENER:
		listener = to_ndk_listener(obj);
		return listener->Dispatch->NdkGetLocalAddress(listener, address,
							      length);
	case NDK_KIND_SHARED_ENDPOINT:
		endpoint = to_ndk_endpoint(obj);
		return endpoint->Dispatch->NdkGetLocalAddress(endpoint, address,
							      length);
	default:
		connector = to_ndk_connector(obj);
		if (peer)
			return connector->Dispatch->NdkGetPeerAddress(connector,
								      address,
								      length);
		return connector->Dispatch->NdkGetLocalAddress(connector,
							       address, length);
	}
}

static int ndk_ctl_get_address(struct ndk_ctl_call *call, bool peer)
{
	struct ndk_get_address *cmd = (struct ndk_get_address *)call->hdr;
	struct sockaddr_storage address = {};
	struct ndk_ctl_object *obj;
	NTSTATUS status;
	ULONG length;
	u32 kind;

	if (cmd->address.__reserved ||
	    cmd->address.length > sizeof(cmd->address.data))
		return ndk_ctl_refuse(call, -EINVAL, "address",
				      cmd->address.length,
				      sizeof(cmd->address.data));
	obj = ndk_ctl_object_get(call, "id", cmd->id, 0);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	kind = obj->type->kind;
	if (kind != NDK_KIND_CONNECTOR &&
	    (peer || (kind != NDK_KIND_LISTENER &&
		      kind != NDK_KIND_SHARED_ENDPOINT)))
		return ndk_ctl_refuse(call, -EINVAL, "id", cmd->id, 0);

	length = cmd->address.length;
	status = ndk_ctl_ask_address(obj, peer, (PSOCKADDR)&address, &length);
	memset(cmd->address.data, 0, sizeof(cmd->address.data));
	if (status == STATUS_SUCCESS)
		memcpy(cmd->address.data, &address,
		       min_t(ULONG, length, sizeof(cmd->address.data)));
	cmd->address.length = length;
	return ndk_ctl_answer(call, obj, status);
}

int ndk_ctl_get_local_address(struct ndk_ctl_call *call)
{
	return ndk_ctl_get_address(call, false);
}

int ndk_ctl_get_peer_address(struct ndk_ctl_call *call)
{
	return ndk_ctl_get_address(call, true);
}

static NTSTATUS ndk_ctl_connect_ask(const struct ndk_connect *cmd,
				    NDK_CONNECTOR *connector, NDK_QP *qp,
				    NDK_SHARED_ENDPOINT *endpoint,
				    struct ndk_ctl_request *req)
{
	struct ndk_ctl_conn_data *data = req->payload;
	PVOID private = cmd->private_data_length ? data->private_data : NULL;

	if (endpoint)
		return connector->Dispatch->NdkConnectWithSharedEndpoint(connector,
			qp, endpoint, (PSOCKADDR)&data->destination,
			cmd->destination.length, cmd->inbound_read_limit,
			cmd->outbound_read_limit, private,
			cmd->private_data_length, ndk_ctl_request_completion,
			req);
	return connector->Dispatch->NdkConnect(connector, qp,
		(PSOCKADDR)&data->source, cmd->source.length,
		(PSOCKADDR)&data->destination, cmd->destination.length,
		cmd->inbound_read_limit, cmd->outbound_read_limit, private,
		cmd->private_data_length, ndk_ctl_request_completion, req);
}

int ndk_ctl_connect(struct ndk_ctl_call *call)
{
	struct ndk_connect *cmd = (struct ndk_connect *)call->hdr;
	struct ndk_ctl_object *obj, *qp, *endpoint = NULL;
	struct ndk_ctl_conn_data *data;
	struct ndk_ctl_request *req;
	NTSTATUS status;
	int ret;

	if (cmd->shared_endpoint_id && cmd->source.length)
		return ndk_ctl_refuse(call, -EINVAL, "source",
				      cmd->source.length, 0);
	obj = ndk_ctl_object_get(call, "connector_id", cmd->connector_id,
				 NDK_KIND_CONNECTOR);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	qp = ndk_ctl_object_get(call, "qp_id", cmd->qp_id, NDK_KIND_QP);
	if (IS_ERR(qp))
		return PTR_ERR(qp);
	if (cmd->shared_endpoint_id) {
		endpoint = ndk_ctl_object_get(call, "shared_endpoint_id",
					      cmd->shared_endpoint_id,
					      NDK_KIND_SHARED_ENDPOINT);
		if (IS_ERR(endpoint))
			return PTR_ERR(endpoint);
	}
	req = ndk_ctl_conn_request(call, obj, cmd->private_data,
				   cmd->private_data_length);
	if (IS_ERR(req))
		return PTR_ERR(req);
	data = req->payload;
	ret = ndk_ctl_address_get(call, "source", &cmd->source, &data->source);
	if (!ret)
		ret = ndk_ctl_address_get(call, "destination",
					  &cmd->destination,
					  &data->destination);
	if (ret) {
		ndk_ctl_request_free(req);
		return ret;
	}
	status = ndk_ctl_connect_ask(cmd, to_ndk_connector(obj), to_ndk_qp(qp),
				     endpoint ? to_ndk_endpoint(endpoint) :
						NULL, req);
	return ndk_ctl_request_settle(call, req, status);
}

/* The slots of 2.1 are not in the tables of older versions. */
static bool ndk_ctl_has_ex(const struct ndk_ctl_object *obj)
{
	return obj->ndk->Version.Major > 2 ||
	       (obj->ndk->Version.Major == 2 && obj->ndk->Version.Minor >= 1);
}

static int ndk_ctl_connect_flags(struct ndk_ctl_call *call, u32 flags)
{
	if (flags & ~NDK_CONNECT_EX)
		return ndk_ctl_refuse(call, -EOPNOTSUPP, "connect_flags", flags,
				      NDK_CONNECT_EX);
	return 0;
}

int ndk_ctl_complete_connect(struct ndk_ctl_call *call)
{
	struct ndk_complete_connect *cmd =
		(struct ndk_complete_connect *)call->hdr;
	struct ndk_ctl_connector *connector;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	NDK_CONNECTOR *ndk;
	NTSTATUS status;
	int ret;

	ret = ndk_ctl_connect_flags(call, cmd->connect_flags);
	if (ret)
		return ret;
	obj = ndk_ctl_object_get(call, "connector_id", cmd->connector_id,
				 NDK_KIND_CONNECTOR);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	req = ndk_ctl_request_alloc(call, obj);
	if (IS_ERR(req))
		return PTR_ERR(req);
	connector = to_connector(obj);
	connector->disconnect.data.user_data = cmd->event_data;
	ndk = to_ndk_connector(obj);
	if (!(cmd->connect_flags & NDK_CONNECT_EX))
		status = ndk->Dispatch->NdkCompleteConnect(ndk,
			ndk_ctl_disconnect_event, connector,
			ndk_ctl_request_completion, req);
	else if (ndk_ctl_has_ex(obj))
		status = ndk->Dispatch->NdkCompleteConnectEx(ndk,
			ndk_ctl_disconnect_event_ex, connector,
			ndk_ctl_request_completion, req);
	else
		status = STATUS_NOT_SUPPORTED;
	return ndk_ctl_request_settle(call, req, status);
}

static NTSTATUS ndk_ctl_accept_ask(const struct ndk_accept *cmd,
				   struct ndk_ctl_object *obj, NDK_QP *qp,
				   struct ndk_ctl_request *req)
{
	struct ndk_ctl_conn_data *data = req->payload;
	PVOID private = cmd->private_data_length ? data->private_data : NULL;
	struct ndk_ctl_connector *connector = to_connector(obj);
	NDK_CONNECTOR *ndk = to_ndk_connector(obj);

	if (!(cmd->connect_flags & NDK_CONNECT_EX))
		return ndk->Dispatch->NdkAccept(ndk, qp,
			cmd->inbound_read_limit, cmd->outbound_read_limit,
			private, cmd->private_data_length,
			ndk_ctl_disconnect_event, connector,
			ndk_ctl_request_completion, req);
	if (ndk_ctl_has_ex(obj))
		return ndk->Dispatch->NdkAcceptEx(ndk, qp,
			cmd->inbound_read_limit, cmd->outbound_read_limit,
			private, cmd->private_data_length,
			ndk_ctl_disconnect_event_ex, connector,
			ndk_ctl_request_completion, req);
	return STATUS_NOT_SUPPORTED;
}

int ndk_ctl_accept(struct ndk_ctl_call *call)
{
	struct ndk_accept *cmd = (struct ndk_accept *)call->hdr;
	struct ndk_ctl_object *obj, *qp;
	struct ndk_ctl_request *req;
	int ret;

	ret = ndk_ctl_connect_flags(call, cmd->connect_flags);
	if (ret)
		return ret;
	obj = ndk_ctl_object_get(call, "connector_id", cmd->connector_id,
				 NDK_KIND_CONNECTOR);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	qp = ndk_ctl_object_get(call, "qp_id", cmd->qp_id, NDK_KIND_QP);
	if (IS_ERR(qp))
		return PTR_ERR(qp);
	req = ndk_ctl_conn_request(call, obj, cmd->private_data,
				   cmd->private_data_length);
	if (IS_ERR(req))
		return PTR_ERR(req);
	to_connector(obj)->disconnect.data.user_data = cmd->event_data;
	return ndk_ctl_request_settle(call, req,
				      ndk_ctl_accept_ask(cmd, obj,
							 to_ndk_qp(qp), req));
}

int ndk_ctl_reject(struct ndk_ctl_call *call)
{
	struct ndk_reject *cmd = (struct ndk_reject *)call->hdr;
	struct ndk_ctl_conn_data *data;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	NDK_CONNECTOR *connector;
	NTSTATUS status;

	obj = ndk_ctl_object_get(call, "connector_id", cmd->connector_id,
				 NDK_KIND_CONNECTOR);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	req = ndk_ctl_conn_request(call, obj, cmd->private_data,
				   cmd->private_data_length);
	if (IS_ERR(req))
		return PTR_ERR(req);
	data = req->payload;
	connector = to_ndk_connector(obj);
	status = connector->Dispatch->NdkReject(connector,
						cmd->private_data_length ?
						data->private_data : NULL,
						cmd->private_data_length);
	return ndk_ctl_request_settle(call, req, status);
}

int ndk_ctl_get_connection_data(struct ndk_ctl_call *call)
{
	struct ndk_get_connection_data *cmd =
		(struct ndk_get_connection_data *)call->hdr;
	ULONG length = cmd->private_data_length, in = 0, out = 0;
	struct ndk_ctl_object *obj;
	NDK_CONNECTOR *connector;
	NTSTATUS status;
	u8 *data = NULL;
	int ret = 0;

	cmd->out_private_data_length = 0;
	cmd->out_inbound_read_limit = 0;
	cmd->out_outbound_read_limit = 0;
	if (length > NDK_PRIVATE_DATA_MAX)
		return ndk_ctl_refuse(call, -EINVAL, "private_data_length",
				      length, NDK_PRIVATE_DATA_MAX);
	obj = ndk_ctl_object_get(call, "connector_id", cmd->connector_id,
				 NDK_KIND_CONNECTOR);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	if (cmd->private_data) {
		data = kzalloc(max_t(ULONG, length, 1), GFP_KERNEL_ACCOUNT);
		if (!data)
			return -ENOMEM;
	}

	connector = to_ndk_connector(obj);
	status = connector->Dispatch->NdkGetConnectionData(connector, &in, &out,
							   data, &length);
	cmd->out_private_data_length = length;
	cmd->out_inbound_read_limit = in;
	cmd->out_outbound_read_limit = out;
	if (data && copy_to_user(u64_to_user_ptr(cmd->private_data), data,
				 min(length, cmd->private_data_length)))
		ret = ndk_ctl_refuse(call, -EFAULT, "private_data",
				     cmd->private_data, 0);
	kfree(data);
	return ret ?: ndk_ctl_answer(call, obj, status);
}

int ndk_ctl_disconnect(struct ndk_ctl_call *call)
{
	struct ndk_object *cmd = (struct ndk_object *)call->hdr;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	NDK_CONNECTOR *connector;
	NTSTATUS status;

	obj = ndk_ctl_object_get(call, "id", cmd->id, NDK_KIND_CONNECTOR);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	req = ndk_ctl_request_alloc(call, obj);
	if (IS_ERR(req))
		return PTR_ERR(req);
	connector = to_ndk_connector(obj);
	status = connector->Dispatch->NdkDisconnect(connector,
						    ndk_ctl_request_completion,
						    req);
	return ndk_ctl_request_settle(call, req, status);
}
