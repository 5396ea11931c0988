// SPDX-License-Identifier: GPL-2.0-only
/*
 * The receive queue of a queue pair.
 */
#include <linux/log2.h>
#include <linux/mm.h>

#include "cq.h"
#include "device.h"
#include "mr.h"
#include "pd.h"
#include "qp.h"
#include "sge.h"
#include "status.h"
#include "trace.h"

NTSTATUS ndk_rq_alloc(struct ndk_qp *qp)
{
	qp->rq.mask = roundup_pow_of_two(qp->rq.depth) - 1;
	qp->rq.slots = kvcalloc(qp->rq.mask + 1, sizeof(*qp->rq.slots),
				GFP_KERNEL);
	return qp->rq.slots ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

void ndk_rq_free(struct ndk_qp *qp)
{
	kvfree(qp->rq.slots);
}

/* The oldest receive ends. */
static void ndk_rq_retire(struct ndk_qp *qp, const NDK_RESULT_EX *result)
{
	struct ndk_rq *rq = &qp->rq;

	trace_ndk_complete(&qp->obj, result->Type, result->Status,
			   result->BytesTransferred);
	/* The slot is free before the consumer can know that it is. */
	smp_store_release(&rq->tail, rq->tail + 1);

	/*
	 * A completion does not tell whether its send was solicited, so every
	 * receive satisfies an arm of type SOLICITED.
	 */
	ndk_cq_add(qp->recv_cq, result, true);
}

/**
 * ndk_rq_end() - complete what the device does not complete any more
 * @qp: the QP, in error; the device is done with it, and nothing is posted
 *
 * Context: process.
 */
void ndk_rq_end(struct ndk_qp *qp)
{
	NDK_RESULT_EX result = {
		.Status = ndk_device_gone(qp->obj.dev) ?
			  STATUS_DEVICE_REMOVED : STATUS_CANCELLED,
		.QPContext = qp->context,
		.Type = NdkOperationTypeReceive,
	};
	struct ndk_rq *rq = &qp->rq;

	while (rq->tail != rq->head) {
		result.RequestContext = rq->slots[rq->tail & rq->mask].ctx;
		ndk_rq_retire(qp, &result);
	}
}

/*
 * What arrives is the peer's choice, and the peer need not know NDKPI: a write
 * with immediate data takes a receive and reports bytes that are elsewhere.
 */
static bool ndk_recv_is_message(const struct ndk_recv_slot *slot,
				const struct ib_wc *wc)
{
	return wc->opcode == IB_WC_RECV && !(wc->wc_flags & IB_WC_WITH_IMM) &&
	       wc->byte_len <= slot->length;
}

/* What a receive that the device calls a success has to say. */
static void ndk_recv_result(struct ndk_recv_slot *slot,
			    const struct ib_wc *wc, NDK_RESULT_EX *result)
{
	/* Immediate data are in the same place as the token. */
	if (wc->wc_flags & IB_WC_WITH_INVALIDATE &&
	    !(wc->wc_flags & IB_WC_WITH_IMM)) {
		result->Type = NdkOperationTypeReceiveAndInvalidate;
		result->TypeSpecificCompletionOutput = wc->ex.invalidate_rkey;
		/* Some devices do not check whose key it is. */
		if (!ndk_mr_remote_invalidate(slot->qp->pd,
					      wc->ex.invalidate_rkey))
			result->Status = STATUS_INVALID_DEVICE_REQUEST;
	}
	if (!ndk_recv_is_message(slot, wc))
		result->Status = STATUS_INVALID_DEVICE_REQUEST;
	if (NT_SUCCESS(result->Status))
		result->BytesTransferred = wc->byte_len;
}

/*
 * Has a receive failed for its own memory? siw says no more than that it has. A
 * peer that sends too much, or invalidates what it may not, has other statuses.
 */
static bool ndk_recv_denied_itself(const struct ib_wc *wc)
{
	switch (wc->status) {
	case IB_WC_LOC_PROT_ERR:
	case IB_WC_LOC_ACCESS_ERR:
	case IB_WC_LOC_QP_OP_ERR:
	case IB_WC_GENERAL_ERR:
		return true;
	default:
		return false;
	}
}

/*
 * Receives complete in order, each once. What else comes is the device's mistake,
 * and may be for a receive that has been posted since. A receive that really has
 * completed was posted before: its @head is seen.
 */
static bool ndk_recv_is_due(struct ndk_rq *rq, const struct ndk_recv_slot *slot)
{
	return rq->tail != READ_ONCE(rq->head) &&
	       slot == &rq->slots[rq->tail & rq->mask];
}

static void ndk_recv_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	struct ndk_recv_slot *slot = container_of(wc->wr_cqe,
						  struct ndk_recv_slot, cqe);
	struct ndk_qp *qp = slot->qp;
	NDK_RESULT_EX result = { .Type = NdkOperationTypeReceive };

	/* Too late: what is not in the QP's own memory may be gone. */
	if (READ_ONCE(qp->ended) || !ndk_recv_is_due(&qp->rq, slot))
		return;
	result.Status = ndk_qp_wc_status(qp, wc);
	result.QPContext = qp->context;
	result.RequestContext = slot->ctx;
	if (wc->status == IB_WC_SUCCESS)
		ndk_recv_result(slot, wc, &result);
	else
		result.ProviderErrorCode = wc->vendor_err;

	/* Before the consumer can know: nothing more is accepted then. */
	if (!NT_SUCCESS(result.Status)) {
		if (wc->status == IB_WC_WR_FLUSH_ERR &&
		    READ_ONCE(qp->state) != NDK_QP_ERROR)
			WRITE_ONCE(qp->unexplained, true);
		if (ndk_recv_denied_itself(wc))
			WRITE_ONCE(qp->denied_itself, true);
		ndk_qp_request_failed(qp, result.Status);
	}
	ndk_rq_retire(qp, &result);
}

/* Under the queue's lock, so that the QP does not end meanwhile. */
static NTSTATUS ndk_rq_post(struct ndk_qp *qp, struct ib_recv_wr *wr,
			    void *ctx)
	__must_hold(&qp->rq.lock)
{
	struct ndk_rq *rq = &qp->rq;
	struct ndk_recv_slot *slot;
	int i, ret;

	lockdep_assert_held(&qp->rq.lock);
	/* Its completion would come to nobody. */
	if (READ_ONCE(qp->recv_cq->status))
		return ndk_refuse(&qp->obj, STATUS_CONNECTION_INVALID,
				  "pReceiveCq (dead)", 0, 0);
	if (READ_ONCE(qp->state) == NDK_QP_ERROR)
		return ndk_refuse(&qp->obj, STATUS_CONNECTION_INVALID,
				  "pNdkQp (has ended)", 0, 0);
	/* Pairs with the release in ndk_rq_retire(): the slot is not used. */
	if (rq->head - smp_load_acquire(&rq->tail) == rq->depth)
		return ndk_refuse(&qp->obj, STATUS_NO_MORE_ENTRIES,
				  "ReceiveQueueDepth", rq->depth, rq->depth);

	slot = &rq->slots[rq->head & rq->mask];
	slot->cqe.done = ndk_recv_done;
	slot->qp = qp;
	slot->ctx = ctx;
	slot->length = 0;
	for (i = 0; i < wr->num_sge; i++)
		slot->length += wr->sg_list[i].length;
	wr->wr_cqe = &slot->cqe;
	/* It may complete before the call returns. */
	rq->head++;
	trace_ndk_post(&qp->obj, NdkOperationTypeReceive,
		       rq->head - READ_ONCE(rq->tail));
	ret = ib_post_recv(qp->qp, wr, NULL);
	if (!ret)
		return STATUS_SUCCESS;
	rq->head--;
	trace_ndk_retract(&qp->obj);
	return ndk_refuse(&qp->obj, ndk_status_from_errno(ret), "ib_post_recv",
			  -ret, 0);
}

/**
 * ndk_receive() - NDK_FN_RECEIVE
 * @pNdkQp: the QP; it need not be connected yet
 * @RequestContext: reported with the completion
 * @pSgl: where the data go; copied
 * @nSge: up to MaxReceiveRequestSge
 *
 * Context: any; the consumer serialises receives on one QP.
 * Return: STATUS_SUCCESS, STATUS_NO_MORE_ENTRIES (ReceiveQueueDepth are
 * outstanding), STATUS_DATA_OVERRUN (too many SGEs or bytes),
 * STATUS_INVALID_PARAMETER, STATUS_INSUFFICIENT_RESOURCES,
 * STATUS_CONNECTION_INVALID (its QP has ended, or its CQ), STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_receive(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		     ULONG nSge)
{
	struct ndk_qp *qp = to_ndk_qp(pNdkQp);
	struct ib_sge sge[NDK_SGE_LIMIT];
	struct ib_recv_wr wr = { .sg_list = sge };
	unsigned long flags;
	NTSTATUS status;
	int idx;

	status = ndk_sge_fill(qp, sge, &wr.num_sge, pSgl, nSge, qp->rq.max_sge);
	if (status)
		return status;
	if (!ndk_device_enter(qp->obj.dev, &idx))
		return ndk_refuse(&qp->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	spin_lock_irqsave(&qp->rq.lock, flags);
	status = ndk_rq_post(qp, &wr, RequestContext);
	spin_unlock_irqrestore(&qp->rq.lock, flags);
	ndk_device_leave(qp->obj.dev, idx);
	return status;
}
