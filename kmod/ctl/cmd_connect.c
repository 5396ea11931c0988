// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that make a connection, or refuse to.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "conn.h"
#include "queue.h"

/* What must outlive the call while a connection request is pending. */
struct ndk_ctl_conn_data {
	struct sockaddr_storage source;
	struct sockaddr_storage destination;
	u8 private_data[];
};

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

/*
 * The callback of a request that was refused is never called, so neither may
 * its cookie reach the event of the connection that there is. That event comes
 * after the request has completed.
 */
static void ndk_ctl_connected_finish(struct ndk_ctl_request *req,
				     NTSTATUS status)
{
	struct ndk_ctl_connector *connector = to_connector(req->target);
	unsigned long flags;

	if (!NT_SUCCESS(status))
		return;
	spin_lock_irqsave(&req->file->lock, flags);
	connector->disconnect.data.user_data = req->event_data;
	spin_unlock_irqrestore(&req->file->lock, flags);
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

static NTSTATUS ndk_ctl_connect_ask(const struct ndk_connect *cmd,
				    NDK_CONNECTOR *connector, NDK_QP *qp,
				    NDK_SHARED_ENDPOINT *endpoint,
				    struct ndk_ctl_request *req)
{
	struct ndk_ctl_conn_data *data = req->payload;
	PVOID private = cmd->private_data_length ? data->private_data : NULL;
	PSOCKADDR source = cmd->source.length ? (PSOCKADDR)&data->source : NULL;

	if (endpoint)
		return connector->Dispatch->NdkConnectWithSharedEndpoint(connector,
			qp, endpoint, (PSOCKADDR)&data->destination,
			cmd->destination.length, cmd->inbound_read_limit,
			cmd->outbound_read_limit, private,
			cmd->private_data_length, ndk_ctl_request_completion,
			req);
	return connector->Dispatch->NdkConnect(connector, qp,
		source, cmd->source.length,
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
	ret = ndk_ctl_address_get_local(call, "source", &cmd->source,
					&data->source);
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
	NDK_CONNECTOR *ndk;
	NTSTATUS status;
	int ret;

	ret = ndk_ctl_connect_flags(call, cmd->connect_flags);
	if (ret)
		return ret;
	req = ndk_ctl_request_on(call, "connector_id", cmd->connector_id,
				 NDK_KIND_CONNECTOR);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->event_data = cmd->event_data;
	req->finish = ndk_ctl_connected_finish;
	connector = to_connector(req->target);
	ndk = to_ndk_connector(req->target);
	if (!(cmd->connect_flags & NDK_CONNECT_EX))
		status = ndk->Dispatch->NdkCompleteConnect(ndk,
			ndk_ctl_disconnect_event, connector,
			ndk_ctl_request_completion, req);
	else if (ndk_ctl_has_ex(req->target))
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
	req->event_data = cmd->event_data;
	req->finish = ndk_ctl_connected_finish;
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
