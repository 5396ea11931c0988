/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Completion queues: a ring of results over an ib_cq.
 *
 * The ib_cq is polled by ib_core and each completion becomes an entry of the
 * ring, with all state changes done before the entry can be seen. What the
 * consumer polls is the ring, so it can be read to its end after the device is
 * gone.
 */
#ifndef _NDK_CQ_H
#define _NDK_CQ_H

#include <linux/interrupt.h>
#include <rdma/ib_verbs.h>

#include "object.h"

/*
 * The device's queue is larger than the consumer's. It must have room for
 * whatever the QPs on it can have outstanding at once, what the provider
 * swallows included: a completion that the device has to drop is one that
 * somebody waits for in vain. See ndk_cq_reserve().
 */
#define NDK_CQ_SPARE		512U

/*
 * Where ib_core polls: in softirq. But irq_poll keeps a list for each CPU that
 * stays whole only while its softirq is not interrupted by another run of itself.
 * With PREEMPT_RT a softirq is a thread like others, and newer kernels let one
 * preempt another on the same CPU. A work item is at one place at a time.
 */
#define NDK_CQ_POLL							\
	(IS_ENABLED(CONFIG_PREEMPT_RT) ? IB_POLL_WORKQUEUE : IB_POLL_SOFTIRQ)

static inline u32 ndk_cq_device_depth(u32 depth)
{
	return 3 * depth + NDK_CQ_SPARE;
}

static inline u32 ndk_cq_max_depth(u32 max_cqe)
{
	return max_cqe > NDK_CQ_SPARE + 3 ? (max_cqe - NDK_CQ_SPARE) / 3 : 1;
}

/**
 * struct ndk_cq_user - who has to know of the end of a CQ
 * @node: in the CQ's list
 * @failed: called when the CQ is dead, once for each reason; @lost says that the
 *	device delivers nothing there any more; under the CQ's lock, so it may
 *	do no more than make notes and queue work
 */
struct ndk_cq_user {
	struct list_head node;
	void (*failed)(struct ndk_cq_user *user, bool lost);
};

/**
 * struct ndk_cq_guest - memory that a completion may come to though its QP is gone
 * @node: in the CQ's list
 * @leave: called in process context when no completion comes any more
 */
struct ndk_cq_guest {
	struct list_head node;
	void (*leave)(struct ndk_cq_guest *guest);
};

/**
 * struct ndk_cq - a completion queue
 * @obj: common part
 * @cq: what is behind it; NULL before creation and after teardown, the latter
 *	under @lock
 * @depth: entries of @ring
 * @reserved: entries of @cq that the QPs on it can fill; under @lock
 * @notify_fn: the consumer's notification callback
 * @notify_ctx: its context
 * @vector: preferred completion vector
 * @lock: guards all below; irqsave, taken inside a QP's queue lock
 * @ring: results not yet polled, @count of them from @first on
 * @first: index of the oldest
 * @count: results in the ring
 * @armed: NDK_CQ_NOTIFY_* asked for, or NDK_CQ_UNARMED
 * @fresh: an entry has arrived since the last notification
 * @fresh_solicited: such an entry was solicited or an error
 * @status: STATUS_SUCCESS, or why the CQ is dead
 * @status_told: the consumer has been notified of it
 * @notifying: @notify is scheduled and holds a reference
 * @notify: calls the consumer; a tasklet never runs twice at a time
 * @lost: the device has lost the queue and delivers nothing any more
 * @fatal_work: tells @users of a dead CQ; queued with a reference
 * @users: the queues that complete here
 * @guests: what has to stay until the device's queue is freed
 */
struct ndk_cq {
	struct ndk_object obj;
	struct ib_cq *cq;
	u32 depth;
	u32 reserved;
	NDK_FN_CQ_NOTIFICATION_CALLBACK notify_fn;
	void *notify_ctx;
	int vector;
	spinlock_t lock;
	NDK_RESULT_EX *ring;
	u32 first;
	u32 count;
	int armed;
	bool fresh;
	bool fresh_solicited;
	NTSTATUS status;
	bool status_told;
	bool notifying;
	struct tasklet_struct notify;
	bool lost;
	struct ndk_work fatal_work;
	struct list_head users;
	struct list_head guests;
};

#define NDK_CQ_UNARMED		(-1)

static inline struct ndk_cq *to_ndk_cq(NDK_CQ *cq)
{
	return container_of(cq, struct ndk_cq, obj.pub.cq);
}

/* For the adapter's table */
NTSTATUS ndk_create_cq(NDK_ADAPTER *pNdkAdapter, ULONG CqDepth,
		       NDK_FN_CQ_NOTIFICATION_CALLBACK CqNotification,
		       PVOID CqNotificationContext, GROUP_AFFINITY *Affinity,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_CQ **ppNdkCq);

/* The CQ's table */
NTSTATUS ndk_resize_cq(NDK_CQ *pNdkCq, ULONG CqDepth,
		       NDK_FN_REQUEST_COMPLETION RequestCompletion,
		       PVOID RequestContext);
VOID ndk_arm_cq(NDK_CQ *pNdkCq, ULONG Type);
ULONG ndk_get_cq_results(NDK_CQ *pNdkCq, NDK_RESULT *Results, ULONG nResults);
NTSTATUS ndk_control_cq_interrupt_moderation(NDK_CQ *pNdkCq,
					     ULONG ModerationInterval,
					     ULONG ModerationCount);
ULONG ndk_get_cq_results_ex(NDK_CQ *pNdkCq, NDK_RESULT_EX *Results,
			    ULONG nResults);

/* For QPs */
bool ndk_cq_link(struct ndk_cq *cq, struct ndk_cq_user *user);
void ndk_cq_unlink(struct ndk_cq *cq, struct ndk_cq_user *user);
void ndk_cq_wait_polling(struct ndk_cq *cq);
bool ndk_cq_host(struct ndk_cq *cq, struct ndk_cq_guest *guest);
bool ndk_cq_reserve(struct ndk_cq *cq, u32 entries);
void ndk_cq_unreserve(struct ndk_cq *cq, u32 entries);
void ndk_cq_add(struct ndk_cq *cq, const NDK_RESULT_EX *result, bool solicited);

#endif /* _NDK_CQ_H */
