// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which LAMs are used by requests that may still be running.
 *
 * The privileged token opens memory that was never registered, so a LAM under
 * it must stay mapped, and its memory pinned, until the device is done with
 * the request; user space cannot be trusted to wait. The requests of one queue
 * complete in order: when one was seen completed, so are all before it, also
 * those that are silent. A request is recorded only while its queue uses LAMs;
 * then NDKPI is given the index of the record as request context.
 *
 * A queue has one entry for each LAM, however many requests use it: there is no
 * limit to requests that are silent. The entries are in the order of the last
 * request that uses them, so what a completion frees is at the front. Interrupts
 * are off for one entry at a time.
 */
#include <linux/slab.h>

#include "queue.h"

/**
 * ndk_ctl_queue_init() - prepare a queue of a new QP
 * @queue: the queue
 * @cq: where its requests complete
 */
void ndk_ctl_queue_init(struct ndk_ctl_queue *queue, struct ndk_ctl_cq *cq)
{
	mutex_init(&queue->lock);
	xa_init_flags(&queue->uses, XA_FLAGS_LOCK_IRQ | XA_FLAGS_ACCOUNT);
	INIT_LIST_HEAD(&queue->order);
	ndk_ctl_object_ref(&cq->obj);
	queue->cq = cq;
}

/**
 * ndk_ctl_uses_free() - let go of LAMs
 * @uses: list of struct ndk_ctl_use
 *
 * Context: any.
 */
void ndk_ctl_uses_free(struct list_head *uses)
{
	struct ndk_ctl_use *use, *next;

	list_for_each_entry_safe(use, next, uses, node) {
		list_del(&use->node);
		ndk_ctl_object_put(use->lam);
		kfree(use);
	}
}

/* Let go of what no request after @seq uses. */
static void ndk_ctl_queue_release(struct ndk_ctl_queue *queue, u64 seq)
{
	struct ndk_ctl_use *use;
	unsigned long flags;

	for (;;) {
		xa_lock_irqsave(&queue->uses, flags);
		use = list_first_entry_or_null(&queue->order,
					       struct ndk_ctl_use, node);
		if (use && use->seq > seq)
			use = NULL;
		if (use) {
			list_del(&use->node);
			__xa_erase(&queue->uses, use->lam->id);
		}
		xa_unlock_irqrestore(&queue->uses, flags);
		if (!use)
			return;
		ndk_ctl_object_put(use->lam);
		kfree(use);
	}
}

/**
 * ndk_ctl_queue_closed() - the QP is closed, so no request is running
 * @queue: the queue
 *
 * Context: any.
 */
void ndk_ctl_queue_closed(struct ndk_ctl_queue *queue)
{
	ndk_ctl_queue_release(queue, U64_MAX);
}

/**
 * ndk_ctl_queue_free() - the QP's struct is going away
 * @queue: the queue, may be one that was never prepared
 */
void ndk_ctl_queue_free(struct ndk_ctl_queue *queue)
{
	if (!queue->cq)
		return;
	mutex_destroy(&queue->lock);
	xa_destroy(&queue->uses);
	ndk_ctl_object_unref(&queue->cq->obj);
}

/**
 * ndk_ctl_uses_add() - note that a request uses a LAM
 * @uses: the request's list
 * @lam: the LAM; the caller's use of it goes into the list, unless it fails
 *
 * Return: 0 or -ENOMEM.
 */
int ndk_ctl_uses_add(struct list_head *uses, struct ndk_ctl_object *lam)
{
	struct ndk_ctl_use *use;

	use = kzalloc(sizeof(*use), GFP_KERNEL_ACCOUNT);
	if (!use)
		return -ENOMEM;
	use->lam = lam;
	list_add_tail(&use->node, uses);
	return 0;
}

static int ndk_ctl_record_add(struct ndk_ctl_posting *posting, u64 cookie)
{
	struct ndk_ctl_queue *queue = posting->queue;
	struct ndk_ctl_record *record;
	int ret;

	record = kzalloc(sizeof(*record), GFP_KERNEL_ACCOUNT);
	if (!record)
		return -ENOMEM;
	record->cookie = cookie;
	record->qp = posting->qp;
	record->queue = queue;
	record->seq = queue->posted + 1;
	ret = xa_alloc_cyclic_irq(&queue->cq->records, &posting->record, record,
				  XA_LIMIT(1, INT_MAX),
				  &queue->cq->next_record, GFP_KERNEL_ACCOUNT);
	if (ret < 0) {
		posting->record = 0;
		kfree(record);
		return ret;
	}
	ndk_ctl_object_ref(&posting->qp->obj);
	posting->context = (PVOID)(ULONG_PTR)(NDK_CTL_RECORD | posting->record);
	return 0;
}

static void ndk_ctl_record_free(struct ndk_ctl_record *record)
{
	ndk_ctl_object_unref(&record->qp->obj);
	kfree(record);
}

/* Nothing can fail any more once NDKPI has accepted the request. */
static int ndk_ctl_queue_reserve(struct ndk_ctl_queue *queue,
				 const struct list_head *uses)
{
	struct ndk_ctl_use *use;
	int ret;

	list_for_each_entry(use, uses, node) {
		ret = xa_reserve_irq(&queue->uses, use->lam->id,
				     GFP_KERNEL_ACCOUNT);
		if (ret)
			return ret;
	}
	return 0;
}

/* Does nothing to what is in use already. */
static void ndk_ctl_queue_unreserve(struct ndk_ctl_queue *queue,
				    const struct list_head *uses)
{
	struct ndk_ctl_use *use;

	list_for_each_entry(use, uses, node)
		if (!xa_load(&queue->uses, use->lam->id))
			xa_erase_irq(&queue->uses, use->lam->id);
}

/* The last request that was accepted has these uses, too. */
static void ndk_ctl_queue_add(struct ndk_ctl_queue *queue,
			      struct list_head *uses)
{
	struct ndk_ctl_use *use, *next, *old;

	list_for_each_entry_safe(use, next, uses, node) {
		xa_lock_irq(&queue->uses);
		old = xa_load(&queue->uses, use->lam->id);
		if (!old) {
			__xa_store(&queue->uses, use->lam->id, use, 0);
			old = use;
		}
		old->seq = queue->posted;
		list_move_tail(&old->node, &queue->order);
		xa_unlock_irq(&queue->uses);
	}
}

/**
 * ndk_ctl_post_begin() - lock a queue and prepare a request on it
 * @posting: the request; its @uses are filled
 * @cookie: the caller's request context
 * @silent: it does not complete unless it fails
 *
 * Return: 0, then ndk_ctl_post_end() must follow; or an errno.
 */
int ndk_ctl_post_begin(struct ndk_ctl_posting *posting, u64 cookie, bool silent)
{
	struct ndk_ctl_queue *queue = posting->queue;
	int ret;

	mutex_lock(&queue->lock);
	posting->context = (PVOID)(ULONG_PTR)cookie;
	posting->record = 0;
	ret = ndk_ctl_queue_reserve(queue, &posting->uses);
	if (!ret && !silent &&
	    (!list_empty(&queue->order) || !list_empty(&posting->uses)))
		ret = ndk_ctl_record_add(posting, cookie);
	if (ret) {
		ndk_ctl_queue_unreserve(queue, &posting->uses);
		mutex_unlock(&queue->lock);
	}
	return ret;
}

/**
 * ndk_ctl_post_end() - note whether a request was accepted, unlock the queue
 * @posting: the request; its @uses are taken or freed
 * @status: what NDKPI answered
 */
void ndk_ctl_post_end(struct ndk_ctl_posting *posting, NTSTATUS status)
{
	struct ndk_ctl_queue *queue = posting->queue;
	struct ndk_ctl_record *record;

	if (NT_SUCCESS(status)) {
		queue->posted++;
		ndk_ctl_queue_add(queue, &posting->uses);
	} else {
		ndk_ctl_queue_unreserve(queue, &posting->uses);
		record = posting->record ? xa_erase_irq(&queue->cq->records,
							posting->record) : NULL;
		if (record)
			ndk_ctl_record_free(record);
	}
	mutex_unlock(&queue->lock);
	ndk_ctl_uses_free(&posting->uses);
}

/**
 * ndk_ctl_completed() - a result was got
 * @cq: from this CQ, locked
 * @context: its request context
 *
 * Lets go of what the request and those before it used.
 *
 * Return: the caller's request context.
 */
u64 ndk_ctl_completed(struct ndk_ctl_cq *cq, u64 context)
{
	struct ndk_ctl_record *record;
	struct ndk_ctl_queue *queue;
	u64 cookie;

	if (!(context & NDK_CTL_RECORD))
		return context;
	record = xa_erase_irq(&cq->records, (u32)context);
	if (WARN_ON_ONCE(!record))
		return 0;

	/* The post may not have returned: then its uses are not listed yet. */
	queue = record->queue;
	mutex_lock(&queue->lock);
	ndk_ctl_queue_release(queue, record->seq);
	mutex_unlock(&queue->lock);

	cookie = record->cookie;
	ndk_ctl_record_free(record);
	return cookie;
}

/**
 * ndk_ctl_records_purge() - the CQ is closed, nobody gets results any more
 * @cq: the CQ
 *
 * Context: any.
 */
void ndk_ctl_records_purge(struct ndk_ctl_cq *cq)
{
	struct ndk_ctl_record *record;
	unsigned long index, flags;

	xa_for_each(&cq->records, index, record) {
		xa_lock_irqsave(&cq->records, flags);
		__xa_erase(&cq->records, index);
		xa_unlock_irqrestore(&cq->records, flags);
		ndk_ctl_record_free(record);
	}
	xa_destroy(&cq->records);
}
