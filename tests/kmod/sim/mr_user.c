// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions of a process's memory: reached from when they are made until they are
 * deregistered. No work request registers or invalidates them.
 */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>

#include "sim.h"

static struct sim_mr *sim_mr_of_umem(struct ib_pd *pd, struct ib_umem *umem)
{
	size_t npages = ib_umem_num_pages(umem);
	struct sg_dma_page_iter page;
	struct sim_mr *mr;
	u64 *list;

	list = kvcalloc(npages, sizeof(*list), GFP_KERNEL);
	if (!list)
		return ERR_PTR(-ENOMEM);
	mr = sim_mr_new(pd);
	if (IS_ERR(mr)) {
		kvfree(list);
		return mr;
	}
	mr->umem = umem;
	mr->pages = list;
	mr->max_pages = npages;
	for_each_sgtable_dma_page(&umem->sgt_append.sgt, &page, 0)
		mr->pages[mr->npages++] = sg_page_iter_dma_address(&page);
	return mr;
}

/* From now on others find it by its key. */
static void sim_mr_begin(struct ndk_sim *sim, struct sim_mr *mr, u64 iova,
			 u64 length, int access)
{
	spin_lock_irq(&sim->lock);
	mr->key = mr->ib.rkey;
	mr->iova = iova;
	mr->length = length;
	mr->access = access;
	mr->page_size = PAGE_SIZE;
	mr->valid = true;
	spin_unlock_irq(&sim->lock);
}

/**
 * sim_reg_user() - register memory of the current address space
 * @pd: protection domain
 * @start: address in the process
 * @length: bytes
 * @iova: address that peers use, with the same offset in its page
 * @access: IB_ACCESS_*
 *
 * Pins what is mapped there, for as long as the region lives.
 *
 * Context: process; may sleep.
 * Return: the region, or an ERR_PTR.
 */
struct ib_mr *sim_reg_user(struct ib_pd *pd, u64 start, u64 length, u64 iova,
			   int access)
{
	struct ndk_sim *sim = to_sim(pd->device);
	struct ib_umem *umem;
	struct sim_mr *mr;
	int ret;

	ret = sim_verb(sim, NDK_SIM_REG_USER_MR);
	if (ret)
		return ERR_PTR(ret);
	if (offset_in_page(start) != offset_in_page(iova))
		return ERR_PTR(-EINVAL);
	umem = ib_umem_get(pd->device, start, length, access);
	if (IS_ERR(umem))
		return ERR_CAST(umem);
	mr = sim_mr_of_umem(pd, umem);
	if (IS_ERR(mr)) {
		ib_umem_release(umem);
		return ERR_CAST(mr);
	}
	sim_mr_begin(sim, mr, iova, length, access);
	return &mr->ib;
}
