// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion queues.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "adapter.h"
#include "cq.h"
#include "device.h"
#include "dispatch.h"

/* Is there something that the present arm asks for? */
static bool ndk_cq_due(const struct ndk_cq *cq)
	__must_hold(&cq->lock)
{
	lockdep_assert_held(&cq->lock);
	if (cq->armed == NDK_CQ_UNARMED)
		return false;
	if (cq->status && !cq->status_told)
		return true;
	switch (cq->armed) {
	case NDK_CQ_NOTIFY_ANY:
		return cq->fresh;
	case NDK_CQ_NOTIFY_SOLICITED:
		return cq->fresh_solicited;
	default:
		return false;
	}
}

/* The tasklet looks again, so one scheduling is enough. */
static void ndk_cq_kick(struct ndk_cq *cq)
	__must_hold(&cq->lock)
{
	lockdep_assert_held(&cq->lock);
	/* Without references it is closed, and its callback is not called. */
	if (cq->notifying || !ndk_cq_due(cq) || !ndk_object_tryget(&cq->obj))
		return;
	cq->notifying = true;
	tasklet_schedule(&cq->notify);
}

static void ndk_cq_notify(struct tasklet_struct *t)
{
	struct ndk_cq *cq = from_tasklet(cq, t, notify);
	NTSTATUS status;
	bool due;

	spin_lock_irq(&cq->lock);
	due = ndk_cq_due(cq);
	status = cq->status;
	if (due) {
		/* Cleared before the call: the callback may arm again. */
		cq->armed = NDK_CQ_UNARMED;
		cq->fresh = false;
		cq->fresh_solicited = false;
		cq->status_told = status;
	}
	spin_unlock_irq(&cq->lock);

	if (due)
		cq->notify_fn(cq->notify_ctx, status);

	/* What became due meanwhile gets a run of its own. */
	spin_lock_irq(&cq->lock);
	due = ndk_cq_due(cq);
	cq->notifying = due;
	if (due)
		tasklet_schedule(&cq->notify);
	spin_unlock_irq(&cq->lock);
	if (!due)
		ndk_object_put(&cq->obj);
}

static void ndk_cq_fatal(struct ndk_work *work)
{
	struct ndk_cq *cq = container_of(work, struct ndk_cq, fatal_work);
	struct ndk_cq_user *user;

	/* Users come and go under the lock. */
	spin_lock_irq(&cq->lock);
	list_for_each_entry(user, &cq->users, node)
		user->failed(user, cq->lost);
	spin_unlock_irq(&cq->lock);
	ndk_object_put(&cq->obj);
}

static void ndk_cq_tell_users(struct ndk_cq *cq)
	__must_hold(&cq->lock)
{
	lockdep_assert_held(&cq->lock);
	/* Queued already: it looks at the list when it runs. */
	if (ndk_object_tryget(&cq->obj) && !ndk_work_queue(&cq->fatal_work))
		ndk_object_put(&cq->obj);
}

/* The first error is the one that counts. */
static void ndk_cq_die(struct ndk_cq *cq, NTSTATUS status)
	__must_hold(&cq->lock)
{
	lockdep_assert_held(&cq->lock);
	if (cq->status)
		return;
	WRITE_ONCE(cq->status, status);
	ndk_cq_tell_users(cq);
}

/*
 * From the device: it has lost the queue, and with it all QPs on it. They have
 * to know also when the queue was dead already, for they may be waiting for the
 * device.
 */
static void ndk_cq_event(struct ib_event *event, void *context)
{
	struct ndk_cq *cq = context;
	unsigned long flags;

	if (event->event != IB_EVENT_CQ_ERR)
		return;
	spin_lock_irqsave(&cq->lock, flags);
	cq->lost = true;
	if (cq->status)
		ndk_cq_tell_users(cq);
	ndk_cq_die(cq, STATUS_INTERNAL_ERROR);
	ndk_cq_kick(cq);
	spin_unlock_irqrestore(&cq->lock, flags);
}

/**
 * ndk_cq_reserve() - make sure that the device's queue holds a QP's completions
 * @cq: the CQ
 * @entries: that the QP can have outstanding on it
 *
 * Context: any.
 * Return: false when there is not that much room left.
 */
bool ndk_cq_reserve(struct ndk_cq *cq, u32 entries)
{
	u32 room = ndk_cq_device_depth(cq->depth);
	unsigned long flags;
	bool fits;

	spin_lock_irqsave(&cq->lock, flags);
	fits = entries <= room - cq->reserved;
	if (fits)
		cq->reserved += entries;
	spin_unlock_irqrestore(&cq->lock, flags);
	return fits;
}

/**
 * ndk_cq_unreserve() - a QP is gone from a CQ
 * @cq: the CQ
 * @entries: as reserved
 *
 * Context: any.
 */
void ndk_cq_unreserve(struct ndk_cq *cq, u32 entries)
{
	unsigned long flags;

	spin_lock_irqsave(&cq->lock, flags);
	cq->reserved -= entries;
	spin_unlock_irqrestore(&cq->lock, flags);
}

/**
 * ndk_cq_link() - have a queue told of the CQ's end
 * @cq: the CQ
 * @user: the queue; its @failed is set
 *
 * Context: process.
 * Return: false when the CQ is dead already.
 */
bool ndk_cq_link(struct ndk_cq *cq, struct ndk_cq_user *user)
{
	bool alive;

	spin_lock_irq(&cq->lock);
	alive = !cq->status;
	if (alive)
		list_add(&user->node, &cq->users);
	spin_unlock_irq(&cq->lock);
	return alive;
}

/**
 * ndk_cq_unlink() - have it told no more
 * @cq: the CQ
 * @user: the queue, linked or with an empty node
 *
 * Context: process.
 */
void ndk_cq_unlink(struct ndk_cq *cq, struct ndk_cq_user *user)
{
	spin_lock_irq(&cq->lock);
	list_del_init(&user->node);
	spin_unlock_irq(&cq->lock);
}

/**
 * ndk_cq_wait_polling() - wait until what was polled before has been handled
 * @cq: the CQ, with its ib_cq
 *
 * Context: process; sleeps.
 */
void ndk_cq_wait_polling(struct ndk_cq *cq)
{
	/* A softirq is a read-side section of RCU. */
	if (cq->cq->poll_ctx == IB_POLL_SOFTIRQ)
		synchronize_rcu_expedited();
	else
		flush_work(&cq->cq->work);
}

/**
 * ndk_cq_host() - keep memory for as long as the device's queue is there
 * @cq: the CQ
 * @guest: in that memory; its @leave is set
 *
 * For what completions may come to that nobody can be sure to have seen all of.
 *
 * Context: process.
 * Return: false when the queue has been freed already; then nothing is kept.
 */
bool ndk_cq_host(struct ndk_cq *cq, struct ndk_cq_guest *guest)
{
	bool there;

	spin_lock_irq(&cq->lock);
	there = cq->cq;
	if (there)
		list_add(&guest->node, &cq->guests);
	spin_unlock_irq(&cq->lock);
	return there;
}

/**
 * ndk_cq_add() - put a result into the ring
 * @cq: the CQ
 * @result: copied
 * @solicited: it satisfies an arm of type SOLICITED, as errors always do
 *
 * A ring without room kills the CQ with STATUS_BUFFER_OVERFLOW: the consumer
 * has asked for more completions than it made room for. A dead CQ takes no
 * more results.
 *
 * Context: any.
 */
void ndk_cq_add(struct ndk_cq *cq, const NDK_RESULT_EX *result, bool solicited)
{
	unsigned long flags;

	spin_lock_irqsave(&cq->lock, flags);
	if (cq->status)
		goto unlock;
	if (cq->count == cq->depth) {
		ndk_cq_die(cq, STATUS_BUFFER_OVERFLOW);
	} else {
		cq->ring[(cq->first + cq->count) % cq->depth] = *result;
		cq->count++;
		cq->fresh = true;
		if (solicited || !NT_SUCCESS(result->Status))
			cq->fresh_solicited = true;
	}
	ndk_cq_kick(cq);
unlock:
	spin_unlock_irqrestore(&cq->lock, flags);
}

/**
 * ndk_arm_cq() - NDK_FN_ARM_CQ
 * @pNdkCq: the CQ
 * @Type: NDK_CQ_NOTIFY_ERRORS, _ANY or _SOLICITED; others are taken as ANY
 *
 * One notification follows, at once when an entry of that kind has arrived
 * since the last notification. Arming while armed combines the two as
 * published: ANY wins over SOLICITED wins over ERRORS. The callback is never
 * made from inside this call.
 *
 * Context: any.
 */
VOID ndk_arm_cq(NDK_CQ *pNdkCq, ULONG Type)
{
	static const u8 strength[] = {
		[NDK_CQ_NOTIFY_ERRORS] = 0,
		[NDK_CQ_NOTIFY_ANY] = 2,
		[NDK_CQ_NOTIFY_SOLICITED] = 1,
	};
	struct ndk_cq *cq = to_ndk_cq(pNdkCq);
	unsigned long flags;

	if (Type > NDK_CQ_NOTIFY_SOLICITED)
		Type = NDK_CQ_NOTIFY_ANY;

	spin_lock_irqsave(&cq->lock, flags);
	if (cq->armed == NDK_CQ_UNARMED || strength[Type] > strength[cq->armed])
		cq->armed = Type;
	ndk_cq_kick(cq);
	spin_unlock_irqrestore(&cq->lock, flags);
}

/* Takes the oldest result, which is valid until the lock is dropped. */
static const NDK_RESULT_EX *ndk_cq_pop(struct ndk_cq *cq)
	__must_hold(&cq->lock)
{
	const NDK_RESULT_EX *result;

	lockdep_assert_held(&cq->lock);
	if (!cq->count)
		return NULL;
	result = &cq->ring[cq->first];
	cq->first = (cq->first + 1) % cq->depth;
	/* Emptied by polling: there is nothing left to notify of. */
	if (!--cq->count) {
		cq->fresh = false;
		cq->fresh_solicited = false;
	}
	return result;
}

/**
 * ndk_get_cq_results() - NDK_FN_GET_CQ_RESULTS
 * @pNdkCq: the CQ
 * @Results: room for @nResults
 * @nResults: how many at most
 *
 * Context: any; the consumer serialises polling and arming of one CQ.
 * Return: entries removed from the queue and written, 0 when it is empty.
 */
ULONG ndk_get_cq_results(NDK_CQ *pNdkCq, NDK_RESULT *Results, ULONG nResults)
{
	struct ndk_cq *cq = to_ndk_cq(pNdkCq);
	const NDK_RESULT_EX *r;
	unsigned long flags;
	ULONG i;

	spin_lock_irqsave(&cq->lock, flags);
	for (i = 0; i < nResults; i++) {
		r = ndk_cq_pop(cq);
		if (!r)
			break;
		Results[i].Status = r->Status;
		Results[i].BytesTransferred = r->BytesTransferred;
		Results[i].QPContext = r->QPContext;
		Results[i].RequestContext = r->RequestContext;
	}
	spin_unlock_irqrestore(&cq->lock, flags);
	return i;
}

/**
 * ndk_get_cq_results_ex() - NDK_FN_GET_CQ_RESULTS_EX
 * @pNdkCq: the CQ
 * @Results: room for @nResults
 * @nResults: how many at most
 *
 * Context: any; the consumer serialises polling and arming of one CQ.
 * Return: entries removed from the queue and written, 0 when it is empty.
 */
ULONG ndk_get_cq_results_ex(NDK_CQ *pNdkCq, NDK_RESULT_EX *Results,
			    ULONG nResults)
{
	struct ndk_cq *cq = to_ndk_cq(pNdkCq);
	const NDK_RESULT_EX *r;
	unsigned long flags;
	ULONG i;

	spin_lock_irqsave(&cq->lock, flags);
	for (i = 0; i < nResults; i++) {
		r = ndk_cq_pop(cq);
		if (!r)
			break;
		Results[i] = *r;
	}
	spin_unlock_irqrestore(&cq->lock, flags);
	return i;
}

/**
 * ndk_resize_cq() - NDK_FN_RESIZE_CQ, which this provider does not offer
 * @pNdkCq: the CQ
 * @CqDepth: not used
 * @RequestCompletion: never called
 * @RequestContext: not used
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED, as the adapter's flags say.
 */
NTSTATUS ndk_resize_cq(NDK_CQ *pNdkCq, ULONG CqDepth,
		       NDK_FN_REQUEST_COMPLETION RequestCompletion,
		       PVOID RequestContext)
{
	return ndk_refuse(&to_ndk_cq(pNdkCq)->obj, STATUS_NOT_SUPPORTED,
			  "NdkResizeCq", CqDepth, 0);
}

/**
 * ndk_control_cq_interrupt_moderation() - not offered by this provider
 * @pNdkCq: the CQ
 * @ModerationInterval: not used
 * @ModerationCount: not used
 *
 * NDK_FN_CONTROL_CQ_INTERRUPT_MODERATION.
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED, as the adapter's flags say.
 */
NTSTATUS ndk_control_cq_interrupt_moderation(NDK_CQ *pNdkCq,
					     ULONG ModerationInterval,
					     ULONG ModerationCount)
{
	return ndk_refuse(&to_ndk_cq(pNdkCq)->obj, STATUS_NOT_SUPPORTED,
			  "NdkControlCqInterruptModeration", 0, 0);
}

static NTSTATUS ndk_cq_create_hw(struct ndk_object *obj)
{
	struct ndk_cq *cq = container_of(obj, struct ndk_cq, obj);
	struct ib_device *ib = obj->dev->ib;
	struct ib_cq *ibcq;

	cq->ring = kvcalloc(cq->depth, sizeof(*cq->ring), GFP_KERNEL);
	if (!cq->ring)
		return ndk_refuse(ndk_object_parent(obj),
				  STATUS_INSUFFICIENT_RESOURCES, "memory",
				  cq->depth * sizeof(*cq->ring), 0);

	ibcq = ib_alloc_cq(ib, cq, ndk_cq_device_depth(cq->depth),
			   cq->vector % max(1, (int)ib->num_comp_vectors),
			   NDK_CQ_POLL);
	if (IS_ERR(ibcq))
		return ndk_refuse_errno(ndk_object_parent(obj), PTR_ERR(ibcq),
					"ib_alloc_cq");
	/* Nothing is on it yet, so that no event can have been missed. */
	ibcq->event_handler = ndk_cq_event;
	cq->cq = ibcq;
	return STATUS_SUCCESS;
}

/*
 * ib_free_cq() waits until nobody polls, which is the end of a work item. But the
 * softirq that polls says that it has done so before it arms the CQ again, and
 * may be that late that the CQ is freed by then. So keep the next one from
 * beginning, and wait for this one: a softirq is a read-side section of RCU.
 *
 * There is no queue pair on the CQ any more that could want to be polled.
 * Expedited, because removal does this for one CQ after the other.
 */
static void ndk_cq_end_polling(struct ib_cq *ibcq)
{
	if (ibcq->poll_ctx != IB_POLL_SOFTIRQ)
		return;
	irq_poll_disable(&ibcq->iop);
	synchronize_rcu_expedited();
	irq_poll_enable(&ibcq->iop);
}

static void ndk_cq_release_hw(struct ndk_object *obj)
{
	struct ndk_cq *cq = container_of(obj, struct ndk_cq, obj);
	struct ndk_cq_guest *guest, *next;
	LIST_HEAD(guests);

	if (cq->cq) {
		ndk_cq_end_polling(cq->cq);
		ib_free_cq(cq->cq);
	}
	/* No completion comes any more, and nobody is taken in. */
	spin_lock_irq(&cq->lock);
	cq->cq = NULL;
	list_splice_init(&cq->guests, &guests);
	spin_unlock_irq(&cq->lock);
	list_for_each_entry_safe(guest, next, &guests, node)
		guest->leave(guest);
}

static void ndk_cq_free(struct ndk_object *obj)
{
	struct ndk_cq *cq = container_of(obj, struct ndk_cq, obj);

	/* Its last run has dropped the reference but may not have ended. */
	tasklet_kill(&cq->notify);
	kvfree(cq->ring);
	kfree(cq);
}

static const struct ndk_object_ops ndk_cq_ops = {
	.type = NdkObjectTypeCq,
	.teardown_order = NDK_TEARDOWN_CQ,
	.create_hw = ndk_cq_create_hw,
	.release_hw = ndk_cq_release_hw,
	.free = ndk_cq_free,
};

/* A completion vector is as near to a CPU as ib_core lets us choose. */
static int ndk_cq_vector(const GROUP_AFFINITY *affinity)
{
	if (!affinity || !affinity->Mask)
		return raw_smp_processor_id();
	return affinity->Group * BITS_PER_LONG + __ffs(affinity->Mask);
}

/**
 * ndk_create_cq() - NDK_FN_CREATE_CQ
 * @pNdkAdapter: the adapter
 * @CqDepth: entries, 1 to MaxCqDepth
 * @CqNotification: called once for each arm
 * @CqNotificationContext: its context
 * @Affinity: preferred processors, a hint; may be NULL
 * @CreateCompletion: called with the CQ
 * @RequestContext: its context
 * @ppNdkCq: not written, as creation never ends inline
 *
 * Context: any.
 * Return: STATUS_PENDING, STATUS_INVALID_PARAMETER,
 * STATUS_INSUFFICIENT_RESOURCES (also through the callback),
 * STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_create_cq(NDK_ADAPTER *pNdkAdapter, ULONG CqDepth,
		       NDK_FN_CQ_NOTIFICATION_CALLBACK CqNotification,
		       PVOID CqNotificationContext, GROUP_AFFINITY *Affinity,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_CQ **ppNdkCq)
{
	struct ndk_adapter *adapter = to_ndk_adapter(pNdkAdapter);
	struct ndk_cq *cq;

	if (ndk_device_gone(adapter->dev))
		return ndk_refuse(&adapter->obj, STATUS_DEVICE_REMOVED,
				  NULL, 0, 0);
	if (!CqDepth || CqDepth > adapter->dev->info.MaxCqDepth)
		return ndk_refuse(&adapter->obj, STATUS_INVALID_PARAMETER,
				  "CqDepth", CqDepth,
				  adapter->dev->info.MaxCqDepth);
	if (!CqNotification)
		return ndk_refuse(&adapter->obj, STATUS_INVALID_PARAMETER,
				  "CqNotification", 0, 0);

	cq = kzalloc(sizeof(*cq), GFP_NOWAIT | __GFP_NOWARN);
	if (!cq)
		return ndk_refuse(&adapter->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*cq), 0);

	ndk_object_init(&cq->obj, &ndk_cq_ops, adapter, &ndk_cq_dispatch);
	ndk_object_add_antecedent(&cq->obj, &adapter->obj);
	spin_lock_init(&cq->lock);
	cq->depth = CqDepth;
	cq->notify_fn = CqNotification;
	cq->notify_ctx = CqNotificationContext;
	cq->vector = ndk_cq_vector(Affinity);
	cq->armed = NDK_CQ_UNARMED;
	tasklet_setup(&cq->notify, ndk_cq_notify);
	ndk_work_init(&cq->fatal_work, ndk_cq_fatal);
	INIT_LIST_HEAD(&cq->users);
	INIT_LIST_HEAD(&cq->guests);
	return ndk_object_create(&cq->obj, CreateCompletion, RequestContext);
}
