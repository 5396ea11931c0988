// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands on adapters and protection domains, and on objects of any type.
 */
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "pd.h"

static void ndk_ctl_adapter_close(struct ndk_ctl_object *obj)
{
	/* Its children are closed, but their callbacks may not have returned. */
	ndk_close_adapter(to_ndk_adapter(obj));
	ndk_ctl_object_closed(obj);
}

static const struct ndk_ctl_type ndk_ctl_adapter_type = {
	.kind = NDK_KIND_ADAPTER,
	.max = NDK_ADAPTERS_MAX,
	.limit = "adapters of the file",
	.size = sizeof(struct ndk_ctl_object),
	.close = ndk_ctl_adapter_close,
	.close_sleeps = true,
};

static void ndk_ctl_pd_created(struct ndk_ctl_object *obj)
{
	NDK_PD *pd = to_ndk_pd(obj);

	pd->Dispatch->NdkGetPrivilegedMemoryRegionToken(pd,
							&to_pd(obj)->privileged);
}

static void ndk_ctl_pd_close(struct ndk_ctl_object *obj)
{
	ndk_ctl_object_close_ndk(obj, to_ndk_pd(obj)->Dispatch->NdkClosePd);
}

static const struct ndk_ctl_type ndk_ctl_pd_type = {
	.kind = NDK_KIND_PD,
	.max = NDK_PDS_MAX,
	.limit = "PDs of the file",
	.size = sizeof(struct ndk_ctl_pd),
	.created = ndk_ctl_pd_created,
	.close = ndk_ctl_pd_close,
};

int ndk_ctl_enum_adapters(struct ndk_ctl_call *call)
{
	struct ndk_enum_adapters *cmd = (struct ndk_enum_adapters *)call->hdr;
	struct ndk_adapter_ident ident;

	static_assert(sizeof(ident.name) <= sizeof(cmd->out_name));
	memset(cmd->out_name, 0, sizeof(cmd->out_name));
	cmd->out_ifindex = 0;
	cmd->out_ports = 0;
	if (ndk_enumerate_adapters(cmd->index, &ident))
		return ndk_ctl_refuse(call, -ENOENT, "index", cmd->index, 0);
	strscpy(cmd->out_name, ident.name, sizeof(cmd->out_name));
	cmd->out_ifindex = ident.ifindex;
	cmd->out_ports = ident.ports;
	return 0;
}

static void ndk_ctl_adapter_extensions(struct ndk_ctl_object *obj)
{
	NDK_ADAPTER *adapter = to_ndk_adapter(obj);
	GUID guid = NDK_EXT_DIAGNOSTICS_GUID;
	NDK_VERSION version = { .Major = 1 };
	NDK_EXTENSION_INTERFACE ext;

	if (adapter->Dispatch->NdkQueryExtension(obj->ndk, &guid, version,
						 &ext) == STATUS_SUCCESS)
		obj->diag = ext.Dispatch;
}

/* NDKPI has no object yet that could say why. */
static void ndk_ctl_open_refuse(struct ndk_ctl_call *call, NTSTATUS status)
{
	struct ndk_open *cmd = (struct ndk_open *)call->hdr;

	switch (status) {
	case NDIS_STATUS_BAD_VERSION:
		ndk_ctl_refuse(call, 0, "version_major", cmd->version_major, 0);
		break;
	case NDIS_STATUS_ADAPTER_NOT_READY:
		ndk_ctl_refuse(call, 0, cmd->name[0] ? "name" : "ifindex",
			       cmd->ifindex, 0);
		break;
	default:
		/* Want of memory is no member's fault. */
		ndk_ctl_refuse(call, 0, "", 0, 0);
	}
	call->hdr->out_refusal.status = status;
	call->hdr->out_status = status;
}

int ndk_ctl_open_adapter(struct ndk_ctl_call *call)
{
	struct ndk_open *cmd = (struct ndk_open *)call->hdr;
	NDK_VERSION version = { cmd->version_major, cmd->version_minor };
	struct ndk_ctl_object *obj;
	NDK_ADAPTER *adapter;
	NTSTATUS status;

	cmd->out_id = 0;
	cmd->out_version_major = 0;
	cmd->out_version_minor = 0;
	if (strnlen(cmd->name, sizeof(cmd->name)) == sizeof(cmd->name))
		return ndk_ctl_refuse(call, -EINVAL, "name", 0, 0);
	if (!cmd->name[0] == !cmd->ifindex)
		return ndk_ctl_refuse(call, -EINVAL, "ifindex", cmd->ifindex,
				      0);

	obj = ndk_ctl_object_make(call, &ndk_ctl_adapter_type, NULL);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	if (cmd->name[0])
		status = ndk_open_adapter(cmd->name, version, &adapter);
	else
		status = ndk_open_adapter_by_ifindex(current->nsproxy->net_ns,
						     cmd->ifindex, version,
						     &adapter);
	if (status) {
		ndk_ctl_open_refuse(call, status);
		ndk_ctl_object_abort(obj);
		return 0;
	}
	obj->ndk = &adapter->Header;
	ndk_ctl_adapter_extensions(obj);
	cmd->out_id = obj->id;
	cmd->out_version_major = adapter->Header.Version.Major;
	cmd->out_version_minor = adapter->Header.Version.Minor;
	ndk_ctl_object_publish(obj);
	return 0;
}

static void ndk_ctl_copy_limits(struct ndk_adapter_limits *to,
				const NDK_ADAPTER_INFO *from)
{
	to->version_major = from->Version.Major;
	to->version_minor = from->Version.Minor;
	to->vendor_id = from->VendorId;
	to->device_id = from->DeviceId;
	to->rdma_technology = from->RdmaTechnology;
	to->max_registration_size = from->MaxRegistrationSize;
	to->max_window_size = from->MaxWindowSize;
	to->frmr_page_count = from->FRMRPageCount;
	to->max_initiator_request_sge = from->MaxInitiatorRequestSge;
	to->max_receive_request_sge = from->MaxReceiveRequestSge;
	to->max_read_request_sge = from->MaxReadRequestSge;
	to->max_transfer_length = from->MaxTransferLength;
	to->max_inline_data_size = from->MaxInlineDataSize;
	to->max_inbound_read_limit = from->MaxInboundReadLimit;
	to->max_outbound_read_limit = from->MaxOutboundReadLimit;
	to->max_receive_queue_depth = from->MaxReceiveQueueDepth;
	to->max_initiator_queue_depth = from->MaxInitiatorQueueDepth;
	to->max_srq_depth = from->MaxSrqDepth;
	to->max_cq_depth = from->MaxCqDepth;
	to->large_request_threshold = from->LargeRequestThreshold;
	to->max_caller_data = from->MaxCallerData;
	to->max_callee_data = from->MaxCalleeData;
	to->adapter_flags = from->AdapterFlags;
}

int ndk_ctl_query_adapter_info(struct ndk_ctl_call *call)
{
	struct ndk_query_adapter_info *cmd =
		(struct ndk_query_adapter_info *)call->hdr;
	struct ndk_ctl_object *obj;
	NDK_ADAPTER_INFO info = {};
	NDK_ADAPTER *adapter;
	NTSTATUS status;
	ULONG size;

	memset(&cmd->out_limits, 0, sizeof(cmd->out_limits));
	cmd->out_buffer_size = 0;
	if (cmd->buffer_size > sizeof(info))
		return ndk_ctl_refuse(call, -EINVAL, "buffer_size",
				      cmd->buffer_size, sizeof(info));
	obj = ndk_ctl_object_get(call, "adapter_id", cmd->adapter_id,
				 NDK_KIND_ADAPTER);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	adapter = to_ndk_adapter(obj);
	size = cmd->buffer_size ?: sizeof(info);
	status = adapter->Dispatch->NdkQueryAdapterInfo(adapter, &info, &size);
	cmd->out_buffer_size = size;
	if (status == STATUS_SUCCESS)
		ndk_ctl_copy_limits(&cmd->out_limits, &info);
	return ndk_ctl_answer(call, obj, status);
}

int ndk_ctl_query_object(struct ndk_ctl_call *call)
{
	struct ndk_query_object *cmd = (struct ndk_query_object *)call->hdr;
	struct ndk_ctl_object *obj;

	cmd->out_kind = 0;
	cmd->out_version_major = 0;
	cmd->out_version_minor = 0;
	obj = ndk_ctl_object_get(call, "id", cmd->id, 0);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	cmd->out_kind = obj->type->kind;
	if (obj->ndk) {
		cmd->out_version_major = obj->ndk->Version.Major;
		cmd->out_version_minor = obj->ndk->Version.Minor;
	}
	return 0;
}

static NDK_FN_QUERY_EXTENSION_INTERFACE
ndk_ctl_query_extension_fn(struct ndk_ctl_object *obj)
{
#define QUERY_OF(type) \
	(container_of(obj->ndk, type, Header)->Dispatch->NdkQueryExtension)
	switch (obj->type->kind) {
	case NDK_KIND_ADAPTER:
		return QUERY_OF(NDK_ADAPTER);
	case NDK_KIND_QP:
		return QUERY_OF(NDK_QP);
	case NDK_KIND_CQ:
		return QUERY_OF(NDK_CQ);
	case NDK_KIND_MR:
		return QUERY_OF(NDK_MR);
	case NDK_KIND_MW:
		return QUERY_OF(NDK_MW);
	case NDK_KIND_PD:
		return QUERY_OF(NDK_PD);
	case NDK_KIND_SHARED_ENDPOINT:
		return QUERY_OF(NDK_SHARED_ENDPOINT);
	case NDK_KIND_CONNECTOR:
		return QUERY_OF(NDK_CONNECTOR);
	case NDK_KIND_LISTENER:
		return QUERY_OF(NDK_LISTENER);
	case NDK_KIND_SRQ:
		return QUERY_OF(NDK_SRQ);
	default:
		return NULL;
	}
#undef QUERY_OF
}

int ndk_ctl_query_extension(struct ndk_ctl_call *call)
{
	struct ndk_query_extension *cmd =
		(struct ndk_query_extension *)call->hdr;
	NDK_VERSION version = { cmd->version_major, cmd->version_minor };
	NDK_FN_QUERY_EXTENSION_INTERFACE query;
	NDK_EXTENSION_INTERFACE ext;
	struct ndk_ctl_object *obj;
	GUID guid;

	static_assert(sizeof(guid) == sizeof(cmd->guid));
	obj = ndk_ctl_object_get(call, "id", cmd->id, 0);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	query = ndk_ctl_query_extension_fn(obj);
	if (!query)
		return ndk_ctl_refuse(call, -EINVAL, "id", cmd->id, 0);
	memcpy(&guid, cmd->guid, sizeof(guid));
	return ndk_ctl_answer(call, obj,
			      query(obj->ndk, &guid, version, &ext));
}

int ndk_ctl_get_refusal(struct ndk_ctl_call *call)
{
	struct ndk_object *cmd = (struct ndk_object *)call->hdr;
	struct ndk_refusal refusal;
	struct ndk_ctl_object *obj;

	obj = ndk_ctl_object_get(call, "id", cmd->id, 0);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	if (!obj->ndk || !obj->diag)
		return ndk_ctl_refuse(call, -EINVAL, "id", cmd->id, 0);
	if (obj->diag->GetLastRefusal(obj->ndk, &refusal))
		ndk_ctl_answer(call, obj, refusal.status);
	return 0;
}

int ndk_ctl_close(struct ndk_ctl_call *call)
{
	struct ndk_object *cmd = (struct ndk_object *)call->hdr;

	return ndk_ctl_object_close(call, cmd->id, 0);
}

/**
 * ndk_ctl_create_child() - begin a create with struct ndk_create
 * @call: the command
 * @kind: what the parent must be
 * @known_flags: flags that this create knows
 * @type: what is to be created
 *
 * Return: the request, whose @target is the parent and whose @created is the new
 * object; or an ERR_PTR.
 */
struct ndk_ctl_request *
ndk_ctl_create_child(struct ndk_ctl_call *call, u32 kind, u32 known_flags,
		     const struct ndk_ctl_type *type)
{
	struct ndk_create *cmd = (struct ndk_create *)call->hdr;
	struct ndk_ctl_object *parent;
	bool listener = call->command == NDK_CMD_CREATE_LISTENER;

	cmd->out_id = 0;
	if (cmd->create_flags & ~known_flags)
		return ERR_PTR(ndk_ctl_refuse(call, -EOPNOTSUPP, "create_flags",
					      cmd->create_flags, known_flags));
	if (cmd->event_data && !listener)
		return ERR_PTR(ndk_ctl_refuse(call, -EINVAL, "event_data",
					      cmd->event_data, 0));
	if (cmd->backlog > (listener ? NDK_BACKLOG_MAX : 0))
		return ERR_PTR(ndk_ctl_refuse(call, -EINVAL, "backlog",
					      cmd->backlog,
					      listener ? NDK_BACKLOG_MAX : 0));
	parent = ndk_ctl_object_get(call, "parent_id", cmd->parent_id, kind);
	if (IS_ERR(parent))
		return ERR_CAST(parent);
	return ndk_ctl_create_begin(call, type, parent);
}

int ndk_ctl_create_pd(struct ndk_ctl_call *call)
{
	struct ndk_create *cmd = (struct ndk_create *)call->hdr;
	struct ndk_ctl_request *req;
	NDK_ADAPTER *adapter;
	NDK_PD *ndk = NULL;
	NTSTATUS status;

	req = ndk_ctl_create_child(call, NDK_KIND_ADAPTER, 0,
				   &ndk_ctl_pd_type);
	if (IS_ERR(req))
		return PTR_ERR(req);
	adapter = to_ndk_adapter(req->target);
	status = adapter->Dispatch->NdkCreatePd(adapter,
						ndk_ctl_create_completion, req,
						&ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
}
