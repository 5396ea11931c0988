// SPDX-License-Identifier: GPL-2.0-only
/*
 * Logical address mappings. Their addresses stay here: user space names pages
 * by their index, and bytes by their offset.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "memory.h"
#include "mr.h"

static NDK_ADAPTER *ndk_ctl_lam_adapter(struct ndk_ctl_lam *lam)
{
	return container_of(lam->obj.adapter->ndk, NDK_ADAPTER, Header);
}

static void ndk_ctl_lam_close(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_lam *lam = to_lam(obj);
	NDK_ADAPTER *adapter = ndk_ctl_lam_adapter(lam);

	adapter->Dispatch->NdkReleaseLAM(adapter, lam->map);
	ndk_ctl_object_closed(obj);
}

static void ndk_ctl_lam_closed(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_lam *lam = to_lam(obj);

	ndk_ctl_object_put(&lam->memory->obj);
	lam->memory = NULL;
}

static void ndk_ctl_lam_free(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_lam *lam = to_lam(obj);

	if (lam->memory)
		ndk_ctl_object_put(&lam->memory->obj);
	kvfree(lam->map);
}

static const struct ndk_ctl_type ndk_ctl_lam_type = {
	.kind = NDK_KIND_LAM,
	.max = NDK_OBJECTS_MAX,
	.size = sizeof(struct ndk_ctl_lam),
	.close = ndk_ctl_lam_close,
	.close_sleeps = true,
	.closed = ndk_ctl_lam_closed,
	.free = ndk_ctl_lam_free,
};

static void ndk_ctl_lam_finish(struct ndk_ctl_request *req, NTSTATUS status)
{
	struct ndk_ctl_lam *lam = to_lam(req->created);

	if (NT_SUCCESS(status)) {
		req->event.data.value[0] = lam->map->AdapterPageCount;
		req->event.data.value[1] = lam->fbo;
	}
	ndk_ctl_create_finish(req, status);
}

/* Room for what was asked, or for all there is: more will be refused. */
static int ndk_ctl_lam_alloc(struct ndk_ctl_lam *lam, u64 length)
{
	u64 bytes = min_t(u64, length, lam->mdl.ByteCount);
	u64 npages = DIV_ROUND_UP_ULL(lam->mdl.ByteOffset + bytes, PAGE_SIZE);
	size_t size = struct_size(lam->map, AdapterPageArray, npages);

	if (size > INT_MAX)
		return -ENOMEM;
	lam->map = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!lam->map)
		return -ENOMEM;
	lam->map_size = size;
	lam->length = bytes;
	return 0;
}

int ndk_ctl_build_lam(struct ndk_ctl_call *call)
{
	struct ndk_build_lam *cmd = (struct ndk_build_lam *)call->hdr;
	struct ndk_ctl_object *parent, *memory;
	struct ndk_ctl_request *req;
	struct ndk_ctl_lam *lam;
	NDK_ADAPTER *adapter;
	NTSTATUS status;
	int ret;

	cmd->out_id = 0;
	cmd->out_page_count = 0;
	cmd->out_fbo = 0;
	/* Mapped in one go, and NDKPI must not sleep there. */
	if (cmd->length > NDK_LAM_MAX)
		return ndk_ctl_refuse(call, -EINVAL, "length", cmd->length,
				      NDK_LAM_MAX);
	parent = ndk_ctl_object_get(call, "adapter_id", cmd->adapter_id,
				    NDK_KIND_ADAPTER);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	memory = ndk_ctl_object_get(call, "memory_id", cmd->memory_id,
				    NDK_KIND_MEMORY);
	if (IS_ERR(memory))
		return PTR_ERR(memory);

	req = ndk_ctl_create_begin(call, &ndk_ctl_lam_type, parent);
	if (IS_ERR(req))
		return PTR_ERR(req);
	req->finish = ndk_ctl_lam_finish;
	lam = to_lam(req->created);
	refcount_inc(&memory->users);
	lam->memory = to_memory(memory);
	ret = ndk_ctl_memory_part(call, lam->memory, cmd->offset, &lam->mdl);
	if (!ret)
		ret = ndk_ctl_lam_alloc(lam, cmd->length);
	if (ret) {
		ndk_ctl_object_abort(req->created);
		ndk_ctl_request_free(req);
		return ret;
	}

	adapter = ndk_ctl_lam_adapter(lam);
	status = adapter->Dispatch->NdkBuildLAM(adapter, &lam->mdl, cmd->length,
						ndk_ctl_request_completion, req,
						lam->map, &lam->map_size,
						&lam->fbo);
	if (status == STATUS_SUCCESS) {
		cmd->out_page_count = lam->map->AdapterPageCount;
		cmd->out_fbo = lam->fbo;
	}
	ret = ndk_ctl_create_end(call, req, status, NULL, &cmd->out_id);
	return ret;
}

int ndk_ctl_release_lam(struct ndk_ctl_call *call)
{
	struct ndk_object *cmd = (struct ndk_object *)call->hdr;

	ndk_ctl_mr_reap(call->file, cmd->id);
	return ndk_ctl_object_close(call, cmd->id, NDK_KIND_LAM);
}
