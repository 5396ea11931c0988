/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queue pairs and completion queues, and what requests on them keep.
 */
#ifndef _NDK_CTL_QUEUE_H
#define _NDK_CTL_QUEUE_H

#include "memory.h"

/* In a request context: an index into ndk_ctl_cq.records, not a cookie. */
#define NDK_CTL_RECORD		BIT_ULL(63)

/**
 * struct ndk_ctl_cq - a completion queue
 * @obj: common part
 * @lock: NDKPI wants getting results and arming serialised
 * @event: its notification
 * @records: struct ndk_ctl_record of requests that will complete here
 * @next_record: where the search for the next index begins
 */
struct ndk_ctl_cq {
	struct ndk_ctl_object obj;
	struct mutex lock; /* see above */
	struct ndk_ctl_event event;
	struct xarray records;
	u32 next_record;
};

/**
 * struct ndk_ctl_queue - one of the two queues of a QP
 * @lock: NDKPI wants posting serialised
 * @cq: where its requests complete; its struct is referenced
 * @posted: requests accepted so far
 * @uses: struct ndk_ctl_use by id of the LAM, one for each LAM; changed under its
 *	own lock by who has @lock, or when nobody can have it
 * @order: the same, by @ndk_ctl_use.seq; goes with @uses
 */
struct ndk_ctl_queue {
	struct mutex lock; /* see above */
	struct ndk_ctl_cq *cq;
	u64 posted;
	struct xarray uses;
	struct list_head order;
};

/**
 * struct ndk_ctl_qp - a queue pair
 * @obj: common part
 * @initiator: its initiator queue
 * @receive: its receive queue
 * @privileged: privileged token of its PD, which user space may not use
 */
struct ndk_ctl_qp {
	struct ndk_ctl_object obj;
	struct ndk_ctl_queue initiator;
	struct ndk_ctl_queue receive;
	u32 privileged;
};

/**
 * struct ndk_ctl_use - a LAM that requests on a queue use
 * @node: in the order of the queue, or in the list of a request
 * @lam: the LAM, used
 * @seq: the last such request; the LAM is free when that has completed
 */
struct ndk_ctl_use {
	struct list_head node;
	struct ndk_ctl_object *lam;
	u64 seq;
};

/**
 * struct ndk_ctl_record - a request whose completion frees LAMs
 * @cookie: the caller's request context
 * @qp: its QP, whose struct is referenced
 * @queue: its queue
 * @seq: its place in the queue
 */
struct ndk_ctl_record {
	u64 cookie;
	struct ndk_ctl_qp *qp;
	struct ndk_ctl_queue *queue;
	u64 seq;
};

/**
 * struct ndk_ctl_posting - a request being posted
 * @qp: on this QP
 * @queue: on this queue of it, locked
 * @context: for NDKPI
 * @record: index of its record, or 0
 * @uses: one for each LAM it uses, which it takes over from the caller
 */
struct ndk_ctl_posting {
	struct ndk_ctl_qp *qp;
	struct ndk_ctl_queue *queue;
	PVOID context;
	u32 record;
	struct list_head uses;
};

static inline struct ndk_ctl_cq *to_cq(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_cq, obj);
}

static inline struct ndk_ctl_qp *to_qp(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_qp, obj);
}

static inline NDK_CQ *to_ndk_cq(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_CQ, Header);
}

static inline NDK_QP *to_ndk_qp(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_QP, Header);
}

void ndk_ctl_queue_init(struct ndk_ctl_queue *queue, struct ndk_ctl_cq *cq);
void ndk_ctl_queue_closed(struct ndk_ctl_queue *queue);
void ndk_ctl_queue_free(struct ndk_ctl_queue *queue);
int ndk_ctl_uses_add(struct list_head *uses, struct ndk_ctl_object *lam);
void ndk_ctl_uses_free(struct list_head *uses);
int ndk_ctl_post_begin(struct ndk_ctl_posting *posting, u64 cookie,
		       bool silent);
void ndk_ctl_post_end(struct ndk_ctl_posting *posting, NTSTATUS status);
u64 ndk_ctl_completed(struct ndk_ctl_cq *cq, u64 context);
void ndk_ctl_records_purge(struct ndk_ctl_cq *cq);

#endif /* _NDK_CTL_QUEUE_H */
