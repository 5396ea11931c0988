/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ready ib_mr objects of a protection domain, so that initialising a region
 * need not sleep.
 */
#ifndef _NDK_MR_POOL_H
#define _NDK_MR_POOL_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "work.h"

struct ndk_frmr;
struct ndk_pd;

/**
 * struct ndk_mr_pool - of one protection domain
 * @lock: guards the lists; irqsave, innermost
 * @ready: invalid and ready for use; taken from the head, given back to the
 *	tail, so that a key is reused as late as possible
 * @count: entries of @ready
 * @dead: to be destroyed by the domain's worker
 * @started: there has been a fast region; set once
 * @fill_lock: one fills it at a time
 * @work: refills and reaps; queued with a reference on the domain
 * @queued: bit 0: @work is queued
 */
struct ndk_mr_pool {
	spinlock_t lock;
	struct list_head ready;
	u32 count;
	struct list_head dead;
	bool started;
	struct mutex fill_lock; /* see above */
	struct ndk_work work;
	unsigned long queued;
};

static inline bool ndk_mr_pool_started(const struct ndk_mr_pool *pool)
{
	return READ_ONCE(pool->started);
}

void ndk_mr_pool_init(struct ndk_mr_pool *pool);
struct ndk_frmr *ndk_mr_pool_get(struct ndk_pd *pd, u32 pages);
void ndk_mr_pool_recycle(struct ndk_pd *pd, struct ndk_frmr *frmr);
void ndk_mr_pool_discard(struct ndk_pd *pd, struct ndk_frmr *frmr);
int ndk_mr_pool_start(struct ndk_pd *pd);
void ndk_mr_pool_drain(struct ndk_pd *pd);

struct ndk_frmr *ndk_frmr_alloc(struct ndk_pd *pd, u32 pages);
void ndk_frmr_free(struct ndk_frmr *frmr);
void ndk_frmr_new_key(struct ndk_pd *pd, struct ndk_frmr *frmr);

#endif /* _NDK_MR_POOL_H */
