// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connectors, those of the caller and those that peers bring.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "conn.h"
#include "pd.h"

static void ndk_ctl_connector_close(struct ndk_ctl_object *obj)
{
	ndk_ctl_object_close_ndk(obj,
				 to_ndk_connector(obj)->Dispatch->NdkCloseConnector);
}

static void ndk_ctl_connector_free(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_connector *connector = to_connector(obj);

	if (connector->listener)
		ndk_ctl_object_unref(&connector->listener->obj);
}

static const struct ndk_ctl_type ndk_ctl_connector_type = {
	.kind = NDK_KIND_CONNECTOR,
	.max = NDK_CONNECTORS_MAX,
	.limit = "connectors of the file",
	.size = sizeof(struct ndk_ctl_connector),
	.close = ndk_ctl_connector_close,
	.free = ndk_ctl_connector_free,
};

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
			   ndk_ctl_event_put);
}

/**
 * ndk_ctl_connector_arrived() - a peer wants to connect
 * @listener: to whom
 * @ndk: the peer's connector
 *
 * Context: any.
 * Return: false if there is no room for one more object; then @ndk is still the
 * caller's, otherwise its connect event is queued.
 */
bool ndk_ctl_connector_arrived(struct ndk_ctl_listener *listener,
			       NDK_CONNECTOR *ndk)
{
	struct ndk_ctl_connector *connector;
	struct ndk_ctl_object *obj;

	obj = ndk_ctl_object_alloc(listener->obj.file, &ndk_ctl_connector_type,
				   listener->obj.adapter,
				   GFP_NOWAIT | __GFP_NOWARN);
	if (IS_ERR(obj))
		return false;
	obj->ndk = &ndk->Header;
	connector = to_connector(obj);
	ndk_ctl_connector_init(connector);
	ndk_ctl_object_ref(&listener->obj);
	connector->listener = listener;
	connector->connect.data.user_data = listener->event_data;

	/* Once it is published anybody may close it. */
	ndk_ctl_object_ref(obj);
	ndk_ctl_object_publish(obj);
	ndk_ctl_event_notify(obj, &connector->connect, STATUS_SUCCESS,
			     listener->obj.id);
	ndk_ctl_object_unref(obj);
	return true;
}

int ndk_ctl_create_connector(struct ndk_ctl_call *call)
{
	struct ndk_create *cmd = (struct ndk_create *)call->hdr;
	struct ndk_ctl_request *req;
	NDK_CONNECTOR *ndk = NULL;
	NDK_ADAPTER *adapter;
	NTSTATUS status;

	req = ndk_ctl_create_child(call, NDK_KIND_ADAPTER, 0,
				   &ndk_ctl_connector_type);
	if (IS_ERR(req))
		return PTR_ERR(req);
	ndk_ctl_connector_init(to_connector(req->created));

	adapter = to_ndk_adapter(req->target);
	status = adapter->Dispatch->NdkCreateConnector(adapter,
						       ndk_ctl_create_completion,
						       req, &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
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
	NDK_CONNECTOR *connector;
	NTSTATUS status;

	req = ndk_ctl_request_on(call, "id", cmd->id, NDK_KIND_CONNECTOR);
	if (IS_ERR(req))
		return PTR_ERR(req);
	connector = to_ndk_connector(req->target);
	status = connector->Dispatch->NdkDisconnect(connector,
						    ndk_ctl_request_completion,
						    req);
	return ndk_ctl_request_settle(call, req, status);
}
