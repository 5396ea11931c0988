// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands on memory regions and windows.
 */
#include <linux/slab.h>

#include "mr.h"
#include "pd.h"

static void ndk_ctl_mr_close(struct ndk_ctl_object *obj)
{
	ndk_ctl_object_close_ndk(obj, to_ndk_mr(obj)->Dispatch->NdkCloseMr);
}

static void ndk_ctl_mr_closed(struct ndk_ctl_object *obj)
{
	ndk_ctl_mr_release_all(to_mr(obj));
}

static const struct ndk_ctl_type ndk_ctl_mr_type = {
	.kind = NDK_KIND_MR,
	.max = NDK_MRS_MAX,
	.limit = "MRs of the file",
	.size = sizeof(struct ndk_ctl_mr),
	.close = ndk_ctl_mr_close,
	.closed = ndk_ctl_mr_closed,
};

static NDK_MW *to_ndk_mw(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_MW, Header);
}

static void ndk_ctl_mw_close(struct ndk_ctl_object *obj)
{
	ndk_ctl_object_close_ndk(obj, to_ndk_mw(obj)->Dispatch->NdkCloseMw);
}

static const struct ndk_ctl_type ndk_ctl_mw_type = {
	.kind = NDK_KIND_MW,
	.max = NDK_MRS_MAX,
	.limit = "MWs of the file",
	.size = sizeof(struct ndk_ctl_object),
	.close = ndk_ctl_mw_close,
};

int ndk_ctl_create_mr(struct ndk_ctl_call *call)
{
	struct ndk_create *cmd = (struct ndk_create *)call->hdr;
	struct ndk_ctl_request *req;
	struct ndk_ctl_mr *mr;
	NDK_MR *ndk = NULL;
	NTSTATUS status;
	NDK_PD *pd;

	req = ndk_ctl_create_child(call, NDK_KIND_PD,
				   NDK_CREATE_MR_FAST_REGISTER,
				   &ndk_ctl_mr_type);
	if (IS_ERR(req))
		return PTR_ERR(req);
	mr = to_mr(req->created);
	spin_lock_init(&mr->lock);
	INIT_LIST_HEAD(&mr->holds);

	pd = to_ndk_pd(req->target);
	status = pd->Dispatch->NdkCreateMr(pd, !!cmd->create_flags,
					   ndk_ctl_create_completion, req,
					   &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
}

int ndk_ctl_create_mw(struct ndk_ctl_call *call)
{
	struct ndk_create *cmd = (struct ndk_create *)call->hdr;
	struct ndk_ctl_request *req;
	NDK_MW *ndk = NULL;
	NTSTATUS status;
	NDK_PD *pd;

	req = ndk_ctl_create_child(call, NDK_KIND_PD, 0, &ndk_ctl_mw_type);
	if (IS_ERR(req))
		return PTR_ERR(req);
	pd = to_ndk_pd(req->target);
	status = pd->Dispatch->NdkCreateMw(pd, ndk_ctl_create_completion, req,
					   &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
}

static void ndk_ctl_register_finish(struct ndk_ctl_request *req,
				    NTSTATUS status)
{
	ndk_ctl_mr_held(to_mr(req->target), req->hold, NT_SUCCESS(status));
}

int ndk_ctl_register_mr(struct ndk_ctl_call *call)
{
	struct ndk_register_mr *cmd = (struct ndk_register_mr *)call->hdr;
	struct ndk_ctl_object *obj, *memory;
	struct ndk_ctl_request *req;
	struct ndk_ctl_hold *hold;
	NTSTATUS status;
	NDK_MR *mr;
	MDL part;
	int ret;

	obj = ndk_ctl_object_get(call, "mr_id", cmd->mr_id, NDK_KIND_MR);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	memory = ndk_ctl_object_get(call, "memory_id", cmd->memory_id,
				    NDK_KIND_MEMORY);
	if (IS_ERR(memory))
		return PTR_ERR(memory);
	ret = ndk_ctl_memory_part(call, to_memory(memory), cmd->offset, &part);
	if (ret)
		return ret;
	req = ndk_ctl_request_alloc(call, obj);
	if (IS_ERR(req))
		return PTR_ERR(req);
	hold = ndk_ctl_mr_hold(to_mr(obj), memory, false);
	if (!hold) {
		ndk_ctl_request_free(req);
		return -ENOMEM;
	}
	hold->mdl = part;
	req->hold = hold;
	req->finish = ndk_ctl_register_finish;

	mr = to_ndk_mr(obj);
	status = mr->Dispatch->NdkRegisterMr(mr, &hold->mdl, cmd->length,
					     cmd->access,
					     ndk_ctl_request_completion, req);
	return ndk_ctl_request_settle(call, req, status);
}

static void ndk_ctl_deregister_finish(struct ndk_ctl_request *req,
				      NTSTATUS status)
{
	if (NT_SUCCESS(status))
		ndk_ctl_mr_release(to_mr(req->target), false, req->seq);
}

int ndk_ctl_deregister_mr(struct ndk_ctl_call *call)
{
	struct ndk_object *cmd = (struct ndk_object *)call->hdr;
	struct ndk_ctl_request *req;
	NTSTATUS status;
	NDK_MR *mr;

	req = ndk_ctl_request_on(call, "id", cmd->id, NDK_KIND_MR);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->seq = ndk_ctl_mr_seq(to_mr(req->target));
	req->finish = ndk_ctl_deregister_finish;

	mr = to_ndk_mr(req->target);
	status = mr->Dispatch->NdkDeregisterMr(mr, ndk_ctl_request_completion,
					       req);
	return ndk_ctl_request_settle(call, req, status);
}

static void ndk_ctl_initialize_finish(struct ndk_ctl_request *req,
				      NTSTATUS status)
{
	if (NT_SUCCESS(status))
		ndk_ctl_mr_release(to_mr(req->target), true, req->seq);
}

int ndk_ctl_initialize_mr(struct ndk_ctl_call *call)
{
	struct ndk_initialize_mr *cmd = (struct ndk_initialize_mr *)call->hdr;
	struct ndk_ctl_request *req;
	NTSTATUS status;
	NDK_MR *mr;

	if (cmd->remote_access > 1)
		return ndk_ctl_refuse(call, -EINVAL, "remote_access",
				      cmd->remote_access, 1);
	req = ndk_ctl_request_on(call, "mr_id", cmd->mr_id, NDK_KIND_MR);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->seq = ndk_ctl_mr_seq(to_mr(req->target));
	req->finish = ndk_ctl_initialize_finish;

	mr = to_ndk_mr(req->target);
	status = mr->Dispatch->NdkInitializeFastRegisterMr(mr, cmd->page_count,
							   cmd->remote_access,
							   ndk_ctl_request_completion,
							   req);
	return ndk_ctl_request_settle(call, req, status);
}

int ndk_ctl_get_tokens(struct ndk_ctl_call *call)
{
	struct ndk_get_tokens *cmd = (struct ndk_get_tokens *)call->hdr;
	struct ndk_ctl_object *obj;
	NDK_MR *mr;
	NDK_MW *mw;

	cmd->out_local_token = 0;
	cmd->out_remote_token = 0;
	obj = ndk_ctl_object_get(call, "id", cmd->id, 0);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	switch (obj->type->kind) {
	case NDK_KIND_MR:
		mr = to_ndk_mr(obj);
		cmd->out_local_token =
			mr->Dispatch->NdkGetLocalTokenFromMr(mr);
		cmd->out_remote_token =
			mr->Dispatch->NdkGetRemoteTokenFromMr(mr);
		return 0;
	case NDK_KIND_MW:
		mw = to_ndk_mw(obj);
		cmd->out_remote_token =
			mw->Dispatch->NdkGetRemoteTokenFromMw(mw);
		return 0;
	default:
		return ndk_ctl_refuse(call, -EINVAL, "id", cmd->id, 0);
	}
}
