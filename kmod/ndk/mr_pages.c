// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a normal region: given to the device, and taken from it.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "device.h"
#include "dma.h"
#include "mdl.h"
#include "mr.h"
#include "pd.h"
#include "regqp.h"

static bool ndk_mr_add_page(u32 index, struct page *page, void *ctx)
{
	struct scatterlist *sg = ctx;

	sg_set_page(&sg[index], page, PAGE_SIZE, 0);
	return true;
}

static NTSTATUS ndk_mr_unmapped(struct ndk_mr *mr, int err)
{
	return ndk_refuse_errno(&mr->obj, err, "memory (cannot be mapped)");
}

static NTSTATUS ndk_mr_map_pages(struct ndk_mr *mr, struct ndk_frmr *frmr,
				 const struct ndk_mdl_range *range)
{
	struct ib_device *ib = mr->obj.dev->ib;
	struct scatterlist *first = frmr->sg;
	struct scatterlist *last = &frmr->sg[range->npages - 1];
	const char *fault;
	int n, mapped;

	sg_init_table(frmr->sg, frmr->capacity);
	if (!ndk_mdl_walk(range, ndk_mr_add_page, frmr->sg))
		return ndk_mr_unmapped(mr, -EINVAL);
	first->offset = range->fbo;
	first->length -= range->fbo;
	last->length -= (range->npages * PAGE_SIZE) -
			(range->fbo + range->length);

	n = ib_dma_map_sg(ib, frmr->sg, range->npages, DMA_BIDIRECTIONAL);
	if (!n)
		return ndk_mr_unmapped(mr, -ENOMEM);
	fault = ndk_dma_list_fault(ib, frmr->sg, range->npages);
	if (fault) {
		ndk_dma_drop_list(ib, frmr->sg, range->npages);
		return ndk_refuse_for(&mr->obj, STATUS_NOT_SUPPORTED, fault,
				      0, 0);
	}
	mr->nents = range->npages;

	mapped = ib_map_mr_sg(frmr->mr, frmr->sg, n, NULL, PAGE_SIZE);
	/* A short mapping is as bad as none. */
	if (mapped != n)
		return ndk_mr_unmapped(mr, mapped < 0 ? mapped : -EINVAL);
	/* The default is a kernel address on some devices: never use it. */
	frmr->mr->iova = range->va;
	return STATUS_SUCCESS;
}

static void ndk_mr_unmap_pages(struct ndk_mr *mr, struct ndk_frmr *frmr)
{
	if (mr->nents)
		ib_dma_unmap_sg(mr->obj.dev->ib, frmr->sg, mr->nents,
				DMA_BIDIRECTIONAL);
	mr->nents = 0;
}

/*
 * Order: the device lets go, then unmap, then the frmr may be reused.
 *
 * An invalidation on the private queue pair would be cheaper, but it only keeps
 * new requests out: a device may still be answering one on another queue pair.
 * Deregistering waits for those too.
 */
static void ndk_mr_release_pages(struct ndk_mr *mr, struct ndk_frmr *frmr)
{
	bool reusable = !frmr->dirty;

	if (!reusable)
		ib_dereg_mr(frmr->mr);
	ndk_mr_unmap_pages(mr, frmr);
	if (reusable) {
		ndk_mr_pool_recycle(mr->pd, frmr);
	} else {
		kvfree(frmr->sg);
		kfree(frmr);
	}
}

/**
 * ndk_mr_register_pages() - open a normal region's memory to its users
 * @mr: the region; nobody else changes it now
 * @rq: the rights asked for
 * @range: the memory
 *
 * Context: process, inside a device section; may sleep.
 * Return: STATUS_SUCCESS; or what it fails with, said on the region.
 */
NTSTATUS ndk_mr_register_pages(struct ndk_mr *mr,
			       const struct ndk_mr_request *rq,
			       const struct ndk_mdl_range *range)
{
	u32 usual = mr->obj.dev->info.FRMRPageCount;
	struct ib_reg_wr reg = {};
	struct ndk_frmr *frmr;
	NTSTATUS status;

	frmr = ndk_mr_pool_get(mr->pd, range->npages);
	if (!frmr)
		frmr = ndk_frmr_alloc(mr->pd, max_t(u32, range->npages, usual));
	if (IS_ERR(frmr))
		return ndk_refuse_errno(&mr->obj, PTR_ERR(frmr), "ib_alloc_mr");

	status = ndk_mr_map_pages(mr, frmr, range);
	if (status)
		goto release;
	reg.wr.opcode = IB_WR_REG_MR;
	reg.mr = frmr->mr;
	reg.key = frmr->rkey;
	reg.access = rq->access;
	frmr->dirty = true;
	status = ndk_regqp_execute(mr->pd, &reg.wr);
	if (status) {
		ndk_refuse(&mr->obj, status, "private queue pair", 0, 0);
		goto release;
	}

	spin_lock_irq(&mr->obj.lock);
	mr->access = rq->access;
	ndk_mr_set_frmr(mr, frmr);
	spin_unlock_irq(&mr->obj.lock);
	return STATUS_SUCCESS;

release:
	ndk_mr_release_pages(mr, frmr);
	return status;
}

/**
 * ndk_mr_release_normal() - withdraw all access from a normal region
 * @mr: the region; nobody else changes it now
 *
 * When this returns the device does not use the pages any more.
 *
 * Context: process, inside a device section or in removal; may sleep.
 */
void ndk_mr_release_normal(struct ndk_mr *mr)
{
	struct ndk_frmr *frmr;
	struct ib_mr *user_mr;

	might_sleep();
	spin_lock_irq(&mr->obj.lock);
	frmr = ndk_mr_take_frmr(mr);
	user_mr = mr->user_mr;
	mr->user_mr = NULL;
	ndk_mr_set_tokens(mr, 0, 0);
	spin_unlock_irq(&mr->obj.lock);

	if (frmr)
		ndk_mr_release_pages(mr, frmr);
	if (user_mr)
		ib_dereg_mr(user_mr);
}

/**
 * ndk_mr_withdraw() - ndk_mr_release_normal(), where the device may be gone
 * @mr: the region; nobody else changes it now
 *
 * If it is, removal withdraws the access, or has done so; this waits for it.
 *
 * Context: process, outside of device sections; may sleep.
 */
void ndk_mr_withdraw(struct ndk_mr *mr)
{
	int idx;

	if (ndk_device_enter(mr->obj.dev, &idx)) {
		ndk_mr_release_normal(mr);
		ndk_device_leave(mr->obj.dev, idx);
	} else {
		wait_for_completion(&mr->obj.dev->released);
	}
}
