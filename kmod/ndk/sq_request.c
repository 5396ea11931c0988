// SPDX-License-Identifier: GPL-2.0-only
/*
 * An initiator request on its way to the device: may it be made, what goes
 * into its slot, does the device report on it, when does it go.
 */
#include "cq.h"
#include "device.h"
#include "driver.h"
#include "mr.h"
#include "pd.h"
#include "qp.h"
#include "sge.h"
#include "sq_request.h"
#include "status.h"
#include "trace.h"

/**
 * ndk_sq_push() - give deferred requests to the device
 * @qp: the QP
 *
 * Context: any.
 */
void ndk_sq_push(struct ndk_qp *qp)
{
	unsigned long flags;
	int idx;

	if (!ndk_device_enter(qp->obj.dev, &idx))
		return;
	spin_lock_irqsave(&qp->sq.lock, flags);
	if (ndk_sq_post(qp))
		ndk_sq_break(qp);
	spin_unlock_irqrestore(&qp->sq.lock, flags);
	ndk_device_leave(qp->obj.dev, idx);
}

/**
 * ndk_sq_push_work() - the same for what has waited for others
 * @work: the queue's push_work, which holds a reference
 *
 * By a worker, because whoever finds out holds another queue's lock, or is below.
 *
 * Context: process.
 */
void ndk_sq_push_work(struct ndk_work *work)
{
	struct ndk_qp *qp = container_of(work, struct ndk_qp, sq.push_work);

	ndk_sq_push(qp);
	ndk_object_put(&qp->obj);
}

/* May a request be accepted at all, and is there room for it? */
static NTSTATUS ndk_sq_admit(const struct ndk_sq_request *rq)
	__must_hold(&rq->qp->sq.lock)
{
	struct ndk_qp *qp = rq->qp;
	struct ndk_sq *sq = &qp->sq;
	u32 used = sq->head - sq->tail;

	lockdep_assert_held(&rq->qp->sq.lock);
	if (rq->flags & ~rq->allowed)
		return ndk_refuse(&qp->obj, STATUS_INVALID_PARAMETER, "Flags",
				  rq->flags, rq->allowed);
	/* pairs with the cmpxchg() that connects it, after @read_limit is set */
	if (smp_load_acquire(&qp->state) != NDK_QP_CONNECTED || sq->broken)
		return ndk_refuse(&qp->obj, STATUS_CONNECTION_INVALID,
				  "pNdkQp (not connected)", 0, 0);
	/* Its completion would come to nobody. */
	if (READ_ONCE(qp->send_cq->status))
		return ndk_refuse(&qp->obj, STATUS_CONNECTION_INVALID,
				  "pInitiatorCq (dead)", 0, 0);
	/* The device would keep it, and all behind it, until there is room. */
	if (rq->opcode == IB_WR_RDMA_READ && !qp->read_limit)
		return ndk_refuse(&qp->obj, STATUS_INVALID_DEVICE_REQUEST,
				  "OutboundReadLimit", 1, 0);
	/* The last silent ones may have succeeded without our knowing. */
	if (used == sq->limit ||
	    used - min(sq->unsignalled, sq->limit - sq->depth) >= sq->depth)
		return ndk_refuse(&qp->obj, STATUS_NO_MORE_ENTRIES,
				  "InitiatorQueueDepth", sq->depth, sq->depth);
	return STATUS_SUCCESS;
}

/*
 * Must the device report on this one for its own sake? A region's state hangs on
 * its requests. And on iWARP what is behind a read may be done before it, and
 * tells nothing of it.
 */
static bool ndk_sq_speaks(const struct ndk_qp *qp,
			  const struct ndk_send_slot *slot)
{
	return slot->mr || (slot->type == NdkOperationTypeRead &&
			    qp->obj.dev->info.RdmaTechnology == NdkiWarp);
}

/* Does the device have to report on this one? */
static void ndk_sq_signal(struct ndk_qp *qp, struct ndk_send_slot *slot)
	__must_hold(&qp->sq.lock)
{
	struct ndk_sq *sq = &qp->sq;

	lockdep_assert_held(&qp->sq.lock);
	/* Of silent ones on one in a run, so that slots come back. */
	if (slot->silent && !ndk_sq_speaks(qp, slot) &&
	    ++sq->run < sq->limit - sq->depth) {
		sq->unsignalled++;
		return;
	}
	sq->run = 0;
	slot->wr.send.send_flags |= IB_SEND_SIGNALED;
}

/* Accept the request if @status says so, and push. */
static NTSTATUS ndk_sq_commit(struct ndk_sq_request *rq, NTSTATUS status)
	__must_hold(&rq->qp->sq.lock)
{
	struct ndk_send_slot *slot = rq->slot;
	struct ndk_qp *qp = rq->qp;
	struct ndk_sq *sq = &qp->sq;
	u32 run = sq->run;
	int err = 0;

	lockdep_assert_held(&rq->qp->sq.lock);
	if (!status) {
		ndk_sq_signal(qp, slot);
		sq->head++;
	}
	/* A refusal, too, lets what was deferred before it go. */
	if (status || !(rq->flags & NDK_OP_FLAG_DEFER))
		err = ndk_sq_post(qp);
	if (!err || status || sq->posted != sq->head - 1) {
		if (err)
			ndk_sq_break(qp);
		/* It completes under the lock, so behind this. */
		if (!status)
			trace_ndk_post(&qp->obj, slot->type,
				       sq->head - sq->tail);
		return status;
	}

	/*
	 * Only this one was refused by the device: then it is not accepted. If
	 * it was to be reported on, the next one of its run has to be.
	 */
	sq->head--;
	sq->run = run;
	if (!(slot->wr.send.send_flags & IB_SEND_SIGNALED))
		sq->unsignalled--;
	if (slot->mr)
		ndk_mr_retract(slot);
	return ndk_refuse(&qp->obj, ndk_status_from_errno(err), "ib_post_send",
			  -err, 0);
}

/*
 * Does it wait for the reads before it? An invalidation always does: reads may
 * be using what it takes away, and few devices wait for them by themselves.
 */
static bool ndk_sq_is_fenced(const struct ndk_sq_request *rq)
{
	if (rq->opcode == IB_WR_LOCAL_INV)
		return true;
	if (rq->opcode == IB_WR_RDMA_READ &&
	    rq->qp->obj.dev->habits & NDK_DRIVER_NO_FENCED_READ)
		return false;
	return rq->flags & NDK_OP_FLAG_READ_FENCE;
}

/* The slot's common part. */
static void ndk_sq_prepare(struct ndk_sq_request *rq)
	__must_hold(&rq->qp->sq.lock)
{
	struct ndk_sq *sq = &rq->qp->sq;
	struct ndk_send_slot *slot = ndk_sq_slot(sq, sq->head);

	lockdep_assert_held(&rq->qp->sq.lock);
	memset(&slot->wr, 0, sizeof(slot->wr));
	slot->cqe.done = ndk_sq_done;
	slot->wr.send.wr_cqe = &slot->cqe;
	slot->wr.send.opcode = rq->opcode;
	slot->wr.send.sg_list = slot->sge;
	if (ndk_sq_is_fenced(rq))
		slot->wr.send.send_flags |= IB_SEND_FENCE;
	if (rq->flags & NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT)
		slot->wr.send.send_flags |= IB_SEND_SOLICITED;
	slot->ctx = rq->ctx;
	slot->type = rq->type;
	slot->silent = rq->flags & NDK_OP_FLAG_SILENT_SUCCESS;
	slot->done = false;
	slot->status = STATUS_SUCCESS;
	slot->vendor_err = 0;
	slot->mr = NULL;
	slot->pages = NULL;
	slot->sweeping = false;
	slot->swept = false;
	rq->slot = slot;
}

/* What differs between the types. */
static NTSTATUS ndk_sq_fill(struct ndk_sq_request *rq)
	__must_hold(&rq->qp->sq.lock)
{
	struct ndk_send_slot *slot = rq->slot;
	struct ndk_qp *qp = rq->qp;
	NTSTATUS status;

	lockdep_assert_held(&rq->qp->sq.lock);
	switch (rq->type) {
	case NdkOperationTypeFastRegister:
		return ndk_mr_accept_register(rq->mr, qp, slot, rq->reg);
	case NdkOperationTypeInvalidate:
		return ndk_mr_accept_invalidate(rq->mr, qp, slot);
	case NdkOperationTypeSend:
		slot->wr.send.ex.invalidate_rkey = rq->token;
		break;
	default:
		slot->wr.rdma.remote_addr = rq->address;
		slot->wr.rdma.rkey = rq->token;
		break;
	}
	if (rq->flags & NDK_OP_FLAG_INLINE)
		return ndk_sq_fill_inline(qp, slot, rq->sgl, rq->count);
	status = ndk_sge_fill(qp, slot->sge, &slot->wr.send.num_sge, rq->sgl,
			      rq->count, min(rq->max_sge, qp->sq.max_sge));
	if (status)
		return status;
	/* On iWARP a read has one sink, if only for nothing. */
	if (rq->opcode == IB_WR_RDMA_READ && !slot->wr.send.num_sge &&
	    qp->obj.dev->info.RdmaTechnology == NdkiWarp) {
		slot->sge[0] = (struct ib_sge){
			.lkey = qp->pd->dma_lkey,
		};
		slot->wr.send.num_sge = 1;
	}
	return STATUS_SUCCESS;
}

/**
 * ndk_sq_request() - admit, fill, accept, push
 * @rq: the request; all initiator requests go this way
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or the refusal, recorded on the QP.
 */
NTSTATUS ndk_sq_request(struct ndk_sq_request *rq)
{
	struct ndk_qp *qp = rq->qp;
	unsigned long flags;
	NTSTATUS status;
	int idx;

	if (!ndk_device_enter(qp->obj.dev, &idx))
		return ndk_refuse(&qp->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);

	spin_lock_irqsave(&qp->sq.lock, flags);
	status = ndk_sq_admit(rq);
	if (!status) {
		ndk_sq_prepare(rq);
		status = ndk_sq_fill(rq);
	}
	status = ndk_sq_commit(rq, status);
	spin_unlock_irqrestore(&qp->sq.lock, flags);
	ndk_device_leave(qp->obj.dev, idx);
	return status;
}
