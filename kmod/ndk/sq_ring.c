// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of the initiator queue: its memory, and what moves its marks.
 * See sq.h.
 */
#include <linux/log2.h>
#include <linux/mm.h>

#include "cq.h"
#include "device.h"
#include "mr.h"
#include "qp.h"
#include "trace.h"

/**
 * ndk_sq_alloc() - allocate the initiator queue
 * @qp: the QP; on failure ndk_sq_unmap() and ndk_sq_free() are still due
 *
 * Context: process, inside a device section; may sleep.
 * Return: STATUS_SUCCESS or STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS ndk_sq_alloc(struct ndk_qp *qp)
{
	struct ndk_sq *sq = &qp->sq;
	u32 i;

	might_sleep();
	sq->limit = ndk_sq_slots(sq->depth);
	sq->mask = roundup_pow_of_two(sq->limit) - 1;
	sq->slots = kvcalloc(sq->mask + 1, sizeof(*sq->slots), GFP_KERNEL);
	sq->sges = kvcalloc(sq->mask + 1, sq->max_sge * sizeof(*sq->sges),
			    GFP_KERNEL);
	if (!sq->slots || !sq->sges)
		return STATUS_INSUFFICIENT_RESOURCES;
	for (i = 0; i <= sq->mask; i++) {
		sq->slots[i].qp = qp;
		sq->slots[i].sge = sq->sges + i * sq->max_sge;
	}
	return ndk_sq_alloc_inline(qp);
}

/**
 * ndk_sq_free() - free the initiator queue's memory
 * @qp: the QP
 *
 * Context: process.
 */
void ndk_sq_free(struct ndk_qp *qp)
{
	struct ndk_sq *sq = &qp->sq;

	ndk_sq_free_inline(sq);
	kvfree(sq->sges);
	kvfree(sq->slots);
}

/* What another QP had to wait for is done. Consumes the reference on @qp. */
static void ndk_sq_let_go(struct ndk_qp *qp)
{
	if (!ndk_work_queue(&qp->sq.push_work))
		ndk_object_put(&qp->obj);
}

/*
 * The oldest slot, which is posted, ends with @status. State changes, then the
 * result, and only then is the region let go of, so that its close comes behind
 * the result.
 */
static void ndk_sq_retire(struct ndk_qp *qp, NTSTATUS status, u32 vendor_err)
	__must_hold(&qp->sq.lock)
{
	struct ndk_sq *sq = &qp->sq;
	struct ndk_send_slot *slot = ndk_sq_slot(sq, sq->tail);
	struct ndk_mr *mr = slot->mr;
	struct ndk_qp *waiter = NULL;
	NDK_RESULT_EX result = {
		.Status = status,
		.QPContext = qp->context,
		.RequestContext = slot->ctx,
		.Type = slot->type,
		.ProviderErrorCode = vendor_err,
	};

	lockdep_assert_held(&qp->sq.lock);
	if (mr)
		waiter = ndk_mr_completed(slot, NT_SUCCESS(status));
	if (waiter)
		ndk_sq_let_go(waiter);
	if (!(slot->wr.send.send_flags & IB_SEND_SIGNALED))
		sq->unsignalled--;
	sq->tail++;
	trace_ndk_complete(&qp->obj, slot->type, status, 0);
	if (!slot->silent || !NT_SUCCESS(status))
		ndk_cq_add(qp->send_cq, &result, false);
	if (mr)
		ndk_object_put(&mr->obj);
}

/* Does the device report on the oldest slot? */
static bool ndk_sq_reported(struct ndk_sq *sq)
	__must_hold(&sq->lock)
{
	lockdep_assert_held(&sq->lock);
	return ndk_sq_slot(sq, sq->tail)->wr.send.send_flags & IB_SEND_SIGNALED;
}

/* Is the oldest slot done, by its own word or by that of one behind it? */
static bool ndk_sq_is_done(struct ndk_sq *sq)
	__must_hold(&sq->lock)
{
	lockdep_assert_held(&sq->lock);
	return (s32)(sq->passed - sq->tail) > 0 &&
	       (ndk_sq_slot(sq, sq->tail)->done || !ndk_sq_reported(sq));
}

/**
 * ndk_sq_settle() - slots that are done end, as far as it is their turn
 * @qp: the QP
 *
 * Context: any.
 */
void ndk_sq_settle(struct ndk_qp *qp)
	__must_hold(&qp->sq.lock)
{
	struct ndk_sq *sq = &qp->sq;
	struct ndk_send_slot *slot;

	lockdep_assert_held(&qp->sq.lock);
	while (ndk_sq_is_done(sq)) {
		slot = ndk_sq_slot(sq, sq->tail);
		ndk_sq_retire(qp, slot->status, slot->vendor_err);
	}
}

/* The invalidation that the registration in @slot has to wait for. */
static struct ib_send_wr *ndk_sq_sweep(struct ndk_sq *sq,
				       const struct ndk_send_slot *slot)
	__must_hold(&sq->lock)
{
	lockdep_assert_held(&sq->lock);
	sq->sweep = (struct ib_send_wr){
		.wr_cqe = &sq->sweep_cqe,
		.opcode = IB_WR_LOCAL_INV,
		.send_flags = IB_SEND_SIGNALED | IB_SEND_FENCE,
		.ex.invalidate_rkey = slot->wr.reg.key,
	};
	return &sq->sweep;
}

/**
 * ndk_sq_post() - give the device as much of what is held back as may go now
 * @qp: the QP
 *
 * Context: any.
 * Return: 0 or a negative errno, with @posted at the first slot that the
 * device did not take.
 */
int ndk_sq_post(struct ndk_qp *qp)
	__must_hold(&qp->sq.lock)
{
	struct ib_send_wr *first = NULL, **link = &first;
	const struct ib_send_wr *bad = NULL;
	struct ndk_sq *sq = &qp->sq;
	struct ndk_send_slot *slot;
	u32 from = sq->posted;
	int ret = 0, err;

	lockdep_assert_held(&qp->sq.lock);
	/* In error it is drained, and what is held back is flushed after. */
	if (READ_ONCE(qp->state) == NDK_QP_ERROR)
		return 0;
	/* Whoever ends the making comes here once more. */
	if (READ_ONCE(qp->making))
		return 0;

	while (sq->posted != sq->head && !sq->broken) {
		slot = ndk_sq_slot(sq, sq->posted);
		if (slot->mr) {
			ret = ndk_mr_give(slot);
			if (ret == -EUCLEAN) {
				*link = ndk_sq_sweep(sq, slot);
				link = &sq->sweep.next;
				ret = -EAGAIN;
			}
			if (ret)
				break;
		}
		*link = &slot->wr.send;
		link = &slot->wr.send.next;
		sq->posted++;
	}
	/* Waiting for the region is no failure: a completion goes on. */
	sq->held = ret == -EAGAIN;
	if (sq->held)
		ret = 0;
	if (!first)
		return ret;

	*link = NULL;
	err = ib_post_send(qp->qp, first, &bad);
	if (!err)
		return ret;

	/* Those before @bad are with the device. */
	for (; from != sq->posted; from++)
		if (&ndk_sq_slot(sq, from)->wr.send == bad)
			break;
	sq->posted = from;
	/* It came last, so that it is not. */
	if (slot->sweeping)
		ndk_mr_swept(slot, false);
	return err;
}

/**
 * ndk_sq_end() - complete what the device does not complete any more
 * @qp: the QP, in error; the device is done with it
 * @drained: it has reported on everything before
 *
 * Then what was posted unsignalled and not flushed has succeeded silently; else
 * nobody knows, but by what is done behind it. What was held back never reached
 * the device and is flushed here.
 *
 * Context: process.
 */
void ndk_sq_end(struct ndk_qp *qp, bool drained)
{
	NTSTATUS status = ndk_device_gone(qp->obj.dev) ? STATUS_DEVICE_REMOVED :
							 STATUS_CANCELLED;
	struct ndk_sq *sq = &qp->sq;
	struct ndk_send_slot *slot;

	spin_lock_irq(&sq->lock);
	while (sq->tail != sq->posted) {
		slot = ndk_sq_slot(sq, sq->tail);
		if (ndk_sq_is_done(sq) || (drained && !ndk_sq_reported(sq)))
			ndk_sq_retire(qp, slot->status, slot->vendor_err);
		else
			ndk_sq_retire(qp, status, 0);
	}
	while (sq->tail != sq->head) {
		sq->posted++;
		ndk_sq_retire(qp, status, 0);
	}
	spin_unlock_irq(&sq->lock);
}
