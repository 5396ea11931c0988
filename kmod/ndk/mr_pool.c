// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ready ib_mr objects, so that initialising a region need not sleep.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "device.h"
#include "mr.h"
#include "pd.h"

/* Filled up to the first, refilled when fewer than the second are left. */
#define NDK_POOL_TARGET		32
#define NDK_POOL_LOW		8

/**
 * ndk_frmr_alloc() - make an ib_mr with an sg list
 * @pd: its domain
 * @pages: capacity, within the device's limit
 *
 * Context: process, inside a device section; may sleep.
 * Return: the object, or an ERR_PTR.
 */
struct ndk_frmr *ndk_frmr_alloc(struct ndk_pd *pd, u32 pages)
{
	struct ndk_frmr *frmr;
	struct ib_mr *mr;

	might_sleep();
	frmr = kzalloc(sizeof(*frmr), GFP_KERNEL);
	if (!frmr)
		return ERR_PTR(-ENOMEM);
	frmr->sg = kvcalloc(pages, sizeof(*frmr->sg), GFP_KERNEL);
	if (!frmr->sg) {
		kfree(frmr);
		return ERR_PTR(-ENOMEM);
	}
	sg_init_table(frmr->sg, pages);
	frmr->capacity = pages;

	mr = ib_alloc_mr(pd->pd, IB_MR_TYPE_MEM_REG, pages);
	if (IS_ERR(mr)) {
		kvfree(frmr->sg);
		kfree(frmr);
		return ERR_CAST(mr);
	}
	frmr->mr = mr;
	ndk_frmr_new_key(pd, frmr);
	return frmr;
}

/**
 * ndk_frmr_free() - destroy an ib_mr, in whatever state it is
 * @frmr: no work request that names it is in flight
 *
 * Context: process, inside a device section or in removal; may sleep.
 */
void ndk_frmr_free(struct ndk_frmr *frmr)
{
	might_sleep();
	ib_dereg_mr(frmr->mr);
	kvfree(frmr->sg);
	kfree(frmr);
}

/**
 * ndk_frmr_new_key() - draw a fresh key
 * @pd: its domain
 * @frmr: in the invalid state, with no work request in flight
 *
 * Only the low byte is ours. It is random, differs from the last one, and
 * makes keys that are neither 0 nor the privileged token.
 *
 * Context: any.
 */
void ndk_frmr_new_key(struct ndk_pd *pd, struct ndk_frmr *frmr)
{
	u32 last = frmr->rkey;

	do {
		ib_update_fast_reg_key(frmr->mr, get_random_u32() & 0xff);
		frmr->lkey = frmr->mr->lkey;
		frmr->rkey = frmr->mr->rkey;
	} while (frmr->rkey == last || !ndk_pd_may_be_token(pd, frmr->lkey) ||
		 !ndk_pd_may_be_token(pd, frmr->rkey));
}

/* What was discarded. */
static void ndk_mr_pool_reap(struct ndk_pd *pd)
{
	struct ndk_mr_pool *pool = &pd->pool;
	struct ndk_frmr *frmr, *next;
	LIST_HEAD(dead);

	might_sleep();
	spin_lock_irq(&pool->lock);
	list_splice_init(&pool->dead, &dead);
	spin_unlock_irq(&pool->lock);

	list_for_each_entry_safe(frmr, next, &dead, node)
		ndk_frmr_free(frmr);
}

/* 0, or a negative errno when there is not a single one. */
static int ndk_mr_pool_fill(struct ndk_pd *pd)
	__must_hold(&pd->pool.fill_lock)
{
	struct ndk_mr_pool *pool = &pd->pool;
	struct ndk_frmr *frmr;
	u32 count;

	lockdep_assert_held(&pool->fill_lock);
	for (count = READ_ONCE(pool->count); count < NDK_POOL_TARGET; ) {
		frmr = ndk_frmr_alloc(pd, pd->obj.dev->info.FRMRPageCount);
		if (IS_ERR(frmr))
			return count ? 0 : PTR_ERR(frmr);

		spin_lock_irq(&pool->lock);
		list_add_tail(&frmr->node, &pool->ready);
		count = ++pool->count;
		spin_unlock_irq(&pool->lock);
	}
	return 0;
}

static void ndk_mr_pool_refill(struct ndk_pd *pd)
{
	struct ndk_mr_pool *pool = &pd->pool;

	if (!ndk_mr_pool_started(pool))
		return;
	mutex_lock(&pool->fill_lock);
	ndk_mr_pool_fill(pd);
	mutex_unlock(&pool->fill_lock);
}

static void ndk_mr_pool_work(struct ndk_work *work)
{
	struct ndk_pd *pd = container_of(work, struct ndk_pd, pool.work);
	int idx;

	clear_bit(0, &pd->pool.queued);
	/* Cleared before looking: what comes later queues another run. */
	smp_mb__after_atomic();

	if (ndk_device_enter(pd->obj.dev, &idx)) {
		ndk_mr_pool_reap(pd);
		ndk_mr_pool_refill(pd);
		ndk_device_leave(pd->obj.dev, idx);
	}
	ndk_object_put(&pd->obj);
}

/* Lets the worker refill and reap. The caller holds a reference. Any context. */
static void ndk_mr_pool_kick(struct ndk_pd *pd)
{
	if (test_and_set_bit(0, &pd->pool.queued))
		return;
	ndk_object_get(&pd->obj);
	/* Still running: then it has cleared the bit and this queues it again */
	if (!ndk_work_queue(&pd->pool.work))
		ndk_object_put(&pd->obj);
}

/**
 * ndk_mr_pool_init() - an empty pool
 * @pool: of a new domain
 *
 * Context: any.
 */
void ndk_mr_pool_init(struct ndk_mr_pool *pool)
{
	spin_lock_init(&pool->lock);
	INIT_LIST_HEAD(&pool->ready);
	INIT_LIST_HEAD(&pool->dead);
	mutex_init(&pool->fill_lock);
	ndk_work_init(&pool->work, ndk_mr_pool_work);
}

/**
 * ndk_mr_pool_get() - take a ready one, with a fresh key
 * @pd: the domain
 * @pages: capacity needed
 *
 * Context: any.
 * Return: the object, or NULL: then the worker has to make one.
 */
struct ndk_frmr *ndk_mr_pool_get(struct ndk_pd *pd, u32 pages)
{
	struct ndk_mr_pool *pool = &pd->pool;
	struct ndk_frmr *frmr = NULL;
	unsigned long flags;
	bool low;

	if (pages > pd->obj.dev->info.FRMRPageCount)
		return NULL;

	spin_lock_irqsave(&pool->lock, flags);
	if (pool->count) {
		frmr = list_first_entry(&pool->ready, struct ndk_frmr, node);
		list_del(&frmr->node);
		pool->count--;
	}
	low = pool->count < NDK_POOL_LOW;
	spin_unlock_irqrestore(&pool->lock, flags);

	if (low)
		ndk_mr_pool_kick(pd);
	if (frmr)
		ndk_frmr_new_key(pd, frmr);
	return frmr;
}

/**
 * ndk_mr_pool_recycle() - give one back that the device has as invalid
 * @pd: the domain
 * @frmr: not used any more; of another size or too many, it is destroyed
 *
 * Context: any.
 */
void ndk_mr_pool_recycle(struct ndk_pd *pd, struct ndk_frmr *frmr)
{
	struct ndk_mr_pool *pool = &pd->pool;
	unsigned long flags;
	bool kept = false;

	spin_lock_irqsave(&pool->lock, flags);
	if (frmr->capacity == pd->obj.dev->info.FRMRPageCount &&
	    pool->count < 2 * NDK_POOL_TARGET) {
		list_add_tail(&frmr->node, &pool->ready);
		pool->count++;
		kept = true;
	}
	spin_unlock_irqrestore(&pool->lock, flags);
	if (!kept)
		ndk_mr_pool_discard(pd, frmr);
}

/**
 * ndk_mr_pool_discard() - have one destroyed by the worker
 * @pd: the domain
 * @frmr: no work request that names it is in flight
 *
 * Context: any.
 */
void ndk_mr_pool_discard(struct ndk_pd *pd, struct ndk_frmr *frmr)
{
	struct ndk_mr_pool *pool = &pd->pool;
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	list_add_tail(&frmr->node, &pool->dead);
	spin_unlock_irqrestore(&pool->lock, flags);
	ndk_mr_pool_kick(pd);
}

/**
 * ndk_mr_pool_start() - the domain gets its first fast region
 * @pd: the domain
 *
 * Many domains never have one, and what is ready costs memory of the device.
 *
 * Context: process, inside a device section; may sleep.
 * Return: 0, or a negative errno when there is not a single one ready.
 */
int ndk_mr_pool_start(struct ndk_pd *pd)
{
	struct ndk_mr_pool *pool = &pd->pool;
	int ret = 0;

	mutex_lock(&pool->fill_lock);
	if (!pool->started)
		ret = ndk_mr_pool_fill(pd);
	if (!ret)
		WRITE_ONCE(pool->started, true);
	mutex_unlock(&pool->fill_lock);
	return ret;
}

/**
 * ndk_mr_pool_drain() - destroy all there is
 * @pd: the domain, without regions
 *
 * Context: process, inside a device section or in removal; may sleep.
 */
void ndk_mr_pool_drain(struct ndk_pd *pd)
{
	struct ndk_mr_pool *pool = &pd->pool;

	might_sleep();
	spin_lock_irq(&pool->lock);
	list_splice_init(&pool->ready, &pool->dead);
	pool->count = 0;
	spin_unlock_irq(&pool->lock);
	ndk_mr_pool_reap(pd);
}
