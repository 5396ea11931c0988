/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory regions, and the memory that they keep.
 */
#ifndef _NDK_CTL_MR_H
#define _NDK_CTL_MR_H

#include "memory.h"

/**
 * struct ndk_ctl_mr - a memory region
 * @obj: common part
 * @lock: for all below
 * @holds: what may be reached through it
 * @seq: counts requests that can add to @holds or take from it
 */
struct ndk_ctl_mr {
	struct ndk_ctl_object obj;
	spinlock_t lock; /* see above */
	struct list_head holds;
	u64 seq;
};

/**
 * struct ndk_ctl_hold - memory or a LAM that an MR keeps
 * @node: in the MR's list
 * @kept: normal registration: the memory; fast one: the LAM, which keeps its
 *	memory; used
 * @mdl: the part of the memory that is being registered
 * @fast: by fast registration
 * @used: such a request was accepted at some time
 * @busy: requests in progress that will register it
 * @seq: of the last of those; a fast one gets a new one when it is accepted
 */
struct ndk_ctl_hold {
	struct list_head node;
	struct ndk_ctl_object *kept;
	MDL mdl;
	bool fast;
	bool used;
	unsigned int busy;
	u64 seq;
};

static inline struct ndk_ctl_mr *to_mr(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_mr, obj);
}

static inline NDK_MR *to_ndk_mr(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_MR, Header);
}

struct ndk_ctl_hold *ndk_ctl_mr_hold(struct ndk_ctl_mr *mr,
				     struct ndk_ctl_object *kept, bool fast);
void ndk_ctl_mr_held(struct ndk_ctl_mr *mr, struct ndk_ctl_hold *hold,
		     bool registered);
u64 ndk_ctl_mr_seq(struct ndk_ctl_mr *mr);
void ndk_ctl_mr_release(struct ndk_ctl_mr *mr, bool fast, u64 seq);
void ndk_ctl_mr_release_all(struct ndk_ctl_mr *mr);
void ndk_ctl_mr_reap(struct ndk_ctl_file *file, u32 wanted);

#endif /* _NDK_CTL_MR_H */
