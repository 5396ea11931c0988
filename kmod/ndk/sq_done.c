// SPDX-License-Identifier: GPL-2.0-only
/*
 * How initiator requests end: what a completion means.
 */
#include "device.h"
#include "mr.h"
#include "pd.h"
#include "qp.h"
#include "status.h"

/**
 * ndk_sq_break() - what was accepted cannot be done: the QP has failed
 * @qp: the QP
 *
 * Context: any.
 */
void ndk_sq_break(struct ndk_qp *qp)
	__must_hold(&qp->sq.lock)
{
	lockdep_assert_held(&qp->sq.lock);
	qp->sq.broken = true;
	ndk_qp_error(qp);
}

/*
 * Is this request flushed although none has failed before? Receives may have been
 * flushed by the same failure, on another queue: nobody knows which comes first.
 */
static bool ndk_send_flushed_first(const struct ndk_qp *qp)
{
	if (qp->sq.failed)
		return false;
	/* pairs with the xchg() that stops a QP, after @unexplained is set */
	return smp_load_acquire(&qp->state) != NDK_QP_ERROR ||
	       READ_ONCE(qp->unexplained);
}

/* Does it use the connection, and not only memory? */
static bool ndk_is_data(const struct ndk_send_slot *slot)
{
	return slot->type != NdkOperationTypeFastRegister &&
	       slot->type != NdkOperationTypeInvalidate;
}

/*
 * Devices differ in what they say of a request that failed on their own side,
 * because its memory was not registered or there was no way to the peer: some
 * say no more than that it failed, some that it was flushed although nothing
 * had failed before.
 */
static NTSTATUS ndk_send_status(const struct ndk_send_slot *slot,
				const struct ib_wc *wc)
{
	NTSTATUS status = ndk_qp_wc_status(slot->qp, wc);
	bool write = slot->type == NdkOperationTypeRead;
	struct ndk_pd *pd = slot->qp->pd;
	const struct ib_sge *sge;
	int i;

	if (status != STATUS_INTERNAL_ERROR &&
	    !(status == STATUS_CANCELLED && ndk_send_flushed_first(slot->qp)))
		return status;
	for (i = 0; i < slot->wr.send.num_sge; i++) {
		sge = &slot->sge[i];
		if (sge->lkey != pd->dma_lkey &&
		    !ndk_mr_covers(pd, sge->lkey, sge->addr, sge->length,
				   write))
			return STATUS_ACCESS_VIOLATION;
	}
	if (ndk_device_gone(pd->obj.dev))
		return STATUS_DEVICE_REMOVED;
	if (!ndk_qp_link_up(slot->qp))
		return STATUS_CONNECTION_INVALID;
	/* On iWARP it has failed for the stream, which has ended under it. */
	if (pd->obj.dev->info.RdmaTechnology == NdkiWarp && ndk_is_data(slot))
		return STATUS_CANCELLED;
	return status;
}

/*
 * A slot is done. Returns false if it is not one that is outstanding: then the
 * device has made a mistake, and it must not count.
 */
static bool ndk_sq_mark(struct ndk_sq *sq, struct ndk_send_slot *slot,
			NTSTATUS status, u32 vendor_err)
	__must_hold(&sq->lock)
{
	u32 behind = ((u32)(slot - sq->slots) - sq->tail) & sq->mask;

	lockdep_assert_held(&sq->lock);
	if (behind >= sq->posted - sq->tail || slot->done)
		return false;
	slot->done = true;
	slot->status = status;
	slot->vendor_err = vendor_err;
	if (behind >= sq->passed - sq->tail)
		sq->passed = sq->tail + behind + 1;
	return true;
}

/**
 * ndk_sq_swept() - the provider's own invalidation has completed
 * @ibcq: where
 * @wc: of a queue's sweep
 *
 * The registration that has waited for it goes on; or ends with the QP.
 *
 * Context: softirq, or a drain's.
 */
void ndk_sq_swept(struct ib_cq *ibcq, struct ib_wc *wc)
{
	struct ndk_qp *qp = container_of(wc->wr_cqe, struct ndk_qp,
					 sq.sweep_cqe);
	struct ndk_send_slot *slot;
	struct ndk_sq *sq = &qp->sq;
	unsigned long flags;
	NTSTATUS status;

	/* As in ndk_sq_done(). */
	if (READ_ONCE(qp->ended))
		return;
	status = ndk_qp_wc_status(qp, wc);

	spin_lock_irqsave(&sq->lock, flags);
	slot = ndk_sq_slot(sq, sq->posted);
	/* Otherwise all has been ended by a drain that did not wait. */
	if (sq->posted != sq->head && slot->sweeping) {
		ndk_mr_swept(slot, NT_SUCCESS(status));
		if (!NT_SUCCESS(status)) {
			sq->failed = true;
			ndk_qp_request_failed(qp, status);
		} else if (ndk_sq_post(qp)) {
			ndk_sq_break(qp);
		}
	}
	spin_unlock_irqrestore(&sq->lock, flags);
}

/**
 * ndk_sq_done() - a completion has come for an initiator request
 * @ibcq: where
 * @wc: of a slot
 *
 * Context: softirq, or where ib_core polls.
 */
void ndk_sq_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	struct ndk_send_slot *slot = container_of(wc->wr_cqe,
						  struct ndk_send_slot, cqe);
	struct ndk_qp *qp = slot->qp;
	struct ndk_sq *sq = &qp->sq;
	unsigned long flags;
	NTSTATUS status;
	bool failed;

	/* Too late: what is not in the QP's own memory may be gone. */
	if (READ_ONCE(qp->ended))
		return;
	status = ndk_send_status(slot, wc);
	failed = !NT_SUCCESS(status);

	spin_lock_irqsave(&sq->lock, flags);
	if (!ndk_sq_mark(sq, slot, status, failed ? wc->vendor_err : 0))
		goto unlock;
	sq->failed |= failed;
	if (failed)
		ndk_qp_request_failed(qp, status);
	ndk_sq_settle(qp);

	/*
	 * A request that is done may let a registration go. After one that has
	 * failed nothing goes to the device any more.
	 */
	if (!failed && sq->held && ndk_sq_post(qp))
		ndk_sq_break(qp);
unlock:
	spin_unlock_irqrestore(&sq->lock, flags);
}
