// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions. What the device knows of one is what the last registration said, so
 * that a user who changes the list under a registered region is found out.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>

#include "sim.h"

/**
 * sim_mr_new() - a region that has a key and no pages yet
 * @pd: protection domain
 *
 * Context: process; may sleep.
 * Return: the region, or an ERR_PTR.
 */
struct sim_mr *sim_mr_new(struct ib_pd *pd)
{
	struct ndk_sim *sim = to_sim(pd->device);
	struct sim_mr *mr;
	u32 index;
	int ret;

	mr = kzalloc(sizeof(*mr), GFP_KERNEL);
	if (!mr)
		return ERR_PTR(-ENOMEM);
	/* In turn, so that an old key is not somebody else's at once. */
	ret = xa_alloc_cyclic_irq(&sim->mrs, &index, mr,
				  XA_LIMIT(1, SIM_MAX_MR), &sim->next_mr,
				  GFP_KERNEL);
	if (ret < 0) {
		kfree(mr);
		return ERR_PTR(ret);
	}
	mr->ib.lkey = index << 8 | (get_random_u32() & 0xff);
	mr->ib.rkey = mr->ib.lkey;
	if (sim_has(pd->device, NDK_SIM_SPLIT_KEYS))
		mr->ib.rkey ^= SIM_SPLIT_KEY;
	/* ib_core sets it, too, when the region may have been found already */
	mr->ib.pd = pd;
	atomic_inc(&to_sim_pd(pd)->objects);
	sim_born(pd->device, NDK_SIM_MR);
	return mr;
}

struct ib_mr *sim_get_dma_mr(struct ib_pd *pd, int access)
{
	return ERR_PTR(-EOPNOTSUPP);
}

struct ib_mr *sim_alloc_mr(struct ib_pd *pd, enum ib_mr_type type, u32 pages)
{
	struct ndk_sim *sim = to_sim(pd->device);
	u64 *list;
	struct sim_mr *mr;
	int ret;

	ret = sim_verb(sim, NDK_SIM_ALLOC_MR);
	if (ret)
		return ERR_PTR(ret);
	if (sim->attr.no_mem_mgt || type != IB_MR_TYPE_MEM_REG)
		return ERR_PTR(-EOPNOTSUPP);
	if (!pages || pages > sim->attr.max_pages)
		return ERR_PTR(-EINVAL);

	list = kvcalloc(pages, sizeof(*list), GFP_KERNEL);
	if (!list)
		return ERR_PTR(-ENOMEM);
	mr = sim_mr_new(pd);
	if (IS_ERR(mr)) {
		kvfree(list);
		return ERR_CAST(mr);
	}
	mr->pages = list;
	mr->max_pages = pages;
	return &mr->ib;
}

int sim_dereg_mr(struct ib_mr *ib, struct ib_udata *udata)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_mr *mr = to_sim_mr(ib);
	int ret;

	ret = sim_verb(sim, NDK_SIM_DEREG_MR);
	if (ret)
		return ret;
	spin_lock_irq(&sim->lock);
	SIM_RULE(sim, !mr->queued,
		 "dereg_mr with work requests outstanding that name the region");
	/* What would be a use after free elsewhere is none here. */
	if (mr->queued)
		ret = -EBUSY;
	else
		xa_erase(&sim->mrs, ib->lkey >> 8);
	spin_unlock_irq(&sim->lock);
	if (ret)
		return ret;
	atomic_dec(&to_sim_pd(ib->pd)->objects);
	sim_died(ib->device, NDK_SIM_MR);
	if (mr->umem)
		ib_umem_release(mr->umem);
	kvfree(mr->pages);
	kfree(mr);
	return 0;
}

static int sim_set_page(struct ib_mr *ib, u64 addr)
{
	struct sim_mr *mr = to_sim_mr(ib);

	if (mr->npages == mr->max_pages)
		return -ENOMEM;
	mr->pages[mr->npages++] = addr;
	return 0;
}

int sim_map_mr_sg(struct ib_mr *ib, struct scatterlist *sg, int nents,
		  unsigned int *sg_offset)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_mr *mr = to_sim_mr(ib);
	unsigned long flags;
	bool failed;
	u32 error;

	if (sim_has(ib->device, NDK_SIM_MAP_SLEEPS))
		sim_sleeps(sim);
	error = sim_fault(sim, NDK_SIM_MAP_MR_SG, &failed);
	if (failed && error)
		return -(int)error;
	if (failed && --nents <= 0)
		return 0;
	if (!(ib->page_size & sim->attr.page_size_cap))
		return -EINVAL;

	spin_lock_irqsave(&sim->lock, flags);
	SIM_RULE(sim, !mr->valid, "map_mr_sg of a region that is registered");
	SIM_RULE(sim, !mr->queued,
		 "map_mr_sg with work requests outstanding that name the region");
	spin_unlock_irqrestore(&sim->lock, flags);
	mr->npages = 0;
	return ib_sg_to_pages(ib, sg, nents, sg_offset, sim_set_page);
}

/**
 * sim_mr_find() - a region by its key, whatever the key's low byte
 * @sim: the device
 * @key: the local or the remote one
 *
 * Context: any; under the device's lock.
 * Return: the region, or NULL.
 */
struct sim_mr *sim_mr_find(struct ndk_sim *sim, u32 key)
{
	lockdep_assert_held(&sim->lock);
	if (sim_has(&sim->ib, NDK_SIM_SPLIT_KEYS))
		key &= ~SIM_SPLIT_KEY;
	return xa_load(&sim->mrs, key >> 8);
}

/* Local access names the local key, everything else the remote one. */
static u32 sim_mr_key(const struct sim_mr *mr, int access)
{
	bool remote = access & (IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_WRITE);

	return remote ? mr->key : mr->key ^ mr->ib.lkey ^ mr->ib.rkey;
}

/**
 * sim_mr_reach() - check a key, as hardware does for each packet
 * @sim: the device
 * @pd: domain of the queue pair
 * @key: the key
 * @addr: first byte
 * @length: bytes wanted, not 0
 * @access: IB_ACCESS_* needed; 0 for local read
 * @at: set to where the first byte is
 * @bytes: set to how many of them are there, up to @length
 *
 * The local DMA key stands for logical addresses, which are kernel addresses
 * on this device.
 *
 * Context: any; under the device's lock.
 * Return: false when that is not allowed.
 */
bool sim_mr_reach(struct ndk_sim *sim, struct ib_pd *pd, u32 key, u64 addr,
		  u32 length, int access, void **at, u32 *bytes)
{
	struct sim_mr *mr;
	u64 offset, page;

	if (key == sim->ib.local_dma_lkey) {
		if (access & ~IB_ACCESS_LOCAL_WRITE)
			return false;
		*at = (void *)(uintptr_t)addr;
		*bytes = min_t(u64, length, PAGE_SIZE - offset_in_page(addr));
		return virt_addr_valid(*at);
	}

	mr = sim_mr_find(sim, key);
	if (!mr || !mr->valid || sim_mr_key(mr, access) != key ||
	    mr->ib.pd != pd || (mr->access & access) != access)
		return false;
	if (addr < mr->iova || addr - mr->iova > mr->length ||
	    length > mr->length - (addr - mr->iova))
		return false;
	/* Pages begin where the address says, whatever was mapped. */
	offset = (mr->iova & (mr->page_size - 1)) + (addr - mr->iova);
	page = offset / mr->page_size;
	offset &= mr->page_size - 1;
	if (page >= mr->npages)
		return false;
	*at = (void *)(uintptr_t)(mr->pages[page] + offset);
	*bytes = min_t(u64, length, mr->page_size - offset);
	*bytes = min_t(u64, *bytes, PAGE_SIZE - offset_in_page(*at));
	return virt_addr_valid(*at);
}
