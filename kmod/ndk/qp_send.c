// SPDX-License-Identifier: GPL-2.0-only
/*
 * The initiator queue of a queue pair. See qp.h for its marks.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "cq.h"
#include "device.h"
#include "mr.h"
#include "pd.h"
#include "plant.h"
#include "qp.h"
#include "sge.h"
#include "status.h"
#include "trace.h"

/* Flags that every initiator request takes. */
#define NDK_OP_COMMON							\
	(NDK_OP_FLAG_SILENT_SUCCESS | NDK_OP_FLAG_READ_FENCE |		\
	 NDK_OP_FLAG_DEFER)

#define NDK_SEND_FLAGS							\
	(NDK_OP_COMMON | NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT |		\
	 NDK_OP_FLAG_INLINE)

#define NDK_FAST_REGISTER_FLAGS						\
	(NDK_OP_FLAG_SILENT_SUCCESS | NDK_OP_FLAG_READ_FENCE |		\
	 NDK_OP_FLAG_ALLOW_REMOTE_READ | NDK_OP_FLAG_ALLOW_LOCAL_WRITE |	\
	 NDK_OP_FLAG_ALLOW_REMOTE_WRITE | NDK_OP_FLAG_RDMA_READ_SINK |	\
	 NDK_OP_FLAG_DEFER)

static struct ndk_send_slot *ndk_sq_slot(struct ndk_sq *sq, u32 index)
{
	return &sq->slots[index & sq->mask];
}

/* Room for inline data: each page is cut into equal parts. */
static NTSTATUS ndk_sq_alloc_inline(struct ndk_qp *qp)
{
	struct ib_device *ib = qp->obj.dev->ib;
	struct ndk_sq *sq = &qp->sq;
	u32 per_page, i;

	if (!qp->inline_size)
		return STATUS_SUCCESS;

	sq->inline_size = roundup_pow_of_two(qp->inline_size);
	per_page = PAGE_SIZE / sq->inline_size;
	sq->inline_npages = DIV_ROUND_UP(sq->mask + 1, per_page);
	sq->inline_pages = kvcalloc(sq->inline_npages,
				    sizeof(*sq->inline_pages), GFP_KERNEL);
	sq->inline_dma = kvcalloc(sq->inline_npages, sizeof(*sq->inline_dma),
				  GFP_KERNEL);
	if (!sq->inline_pages || !sq->inline_dma)
		return STATUS_INSUFFICIENT_RESOURCES;

	for (i = 0; i < sq->inline_npages; i++) {
		sq->inline_pages[i] = alloc_page(GFP_KERNEL);
		if (!sq->inline_pages[i])
			return STATUS_INSUFFICIENT_RESOURCES;
		sq->inline_dma[i] = ib_dma_map_page(ib, sq->inline_pages[i], 0,
						    PAGE_SIZE, DMA_TO_DEVICE);
		if (ib_dma_mapping_error(ib, sq->inline_dma[i])) {
			sq->inline_dma[i] = 0;
			return STATUS_INSUFFICIENT_RESOURCES;
		}
	}
	return STATUS_SUCCESS;
}

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
 * ndk_sq_unmap() - the device lets go of the inline data
 * @qp: the QP, whose ib_qp is gone
 *
 * Context: process, inside a device section or in removal.
 */
void ndk_sq_unmap(struct ndk_qp *qp)
{
	struct ndk_sq *sq = &qp->sq;
	u32 i;

	for (i = 0; sq->inline_dma && i < sq->inline_npages; i++) {
		if (sq->inline_dma[i])
			ib_dma_unmap_page(qp->obj.dev->ib, sq->inline_dma[i],
					  PAGE_SIZE, DMA_TO_DEVICE);
		sq->inline_dma[i] = 0;
	}
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
	u32 i;

	for (i = 0; sq->inline_pages && i < sq->inline_npages; i++)
		if (sq->inline_pages[i])
			__free_page(sq->inline_pages[i]);
	kvfree(sq->inline_pages);
	kvfree(sq->inline_dma);
	kvfree(sq->sges);
	kvfree(sq->slots);
}

/*
 * The oldest slot ends: state changes, then the result, and only then is the
 * region let go of, so that its close comes behind the result.
 */
static void ndk_sq_retire(struct ndk_qp *qp, NTSTATUS status, u32 vendor_err)
	__must_hold(&qp->sq.lock)
{
	struct ndk_sq *sq = &qp->sq;
	struct ndk_send_slot *slot = ndk_sq_slot(sq, sq->tail);
	struct ndk_mr *mr = slot->mr;
	NDK_RESULT_EX result = {
		.Status = status,
		.QPContext = qp->context,
		.RequestContext = slot->ctx,
		.Type = slot->type,
		.ProviderErrorCode = vendor_err,
	};

	lockdep_assert_held(&qp->sq.lock);
	if (mr)
		ndk_mr_completed(slot, NT_SUCCESS(status));
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

/*
 * Give the device as much of what is held back as may go now.
 *
 * Returns 0 or a negative errno, with @posted at the first slot that the
 * device did not take.
 */
static int ndk_sq_post(struct ndk_qp *qp)
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

	while (sq->posted != sq->head && !sq->broken) {
		slot = ndk_sq_slot(sq, sq->posted);
		if (slot->mr) {
			ret = ndk_mr_give(slot);
			if (ret)
				break;
		}
		*link = &slot->wr.send;
		link = &slot->wr.send.next;
		sq->posted++;
	}
	/* Waiting for an invalidation is no failure: its completion goes on. */
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
	return err;
}

/* What was accepted cannot be done: the QP has failed. */
static void ndk_sq_break(struct ndk_qp *qp)
	__must_hold(&qp->sq.lock)
{
	lockdep_assert_held(&qp->sq.lock);
	qp->sq.broken = true;
	ndk_qp_error(qp);
}

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
 * ndk_sq_end() - complete what the device does not complete any more
 * @qp: the QP, in error and drained
 *
 * What was posted unsignalled and not flushed has succeeded silently. What was
 * held back never reached the device and is flushed here.
 *
 * Context: process.
 */
void ndk_sq_end(struct ndk_qp *qp)
{
	NTSTATUS status = ndk_device_gone(qp->obj.dev) ? STATUS_DEVICE_REMOVED :
							 STATUS_CANCELLED;
	struct ndk_sq *sq = &qp->sq;

	spin_lock_irq(&sq->lock);
	while (sq->tail != sq->posted)
		ndk_sq_retire(qp, ndk_sq_reported(sq) ? status :
						       STATUS_SUCCESS, 0);
	while (sq->tail != sq->head) {
		sq->posted++;
		ndk_sq_retire(qp, status, 0);
	}
	spin_unlock_irq(&sq->lock);
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
	return smp_load_acquire(&qp->state) == NDK_QP_CONNECTED ||
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
		if (sge->lkey != pd->privileged_token &&
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

static void ndk_send_done(struct ib_cq *ibcq, struct ib_wc *wc)
{
	struct ndk_send_slot *slot = container_of(wc->wr_cqe,
						  struct ndk_send_slot, cqe);
	struct ndk_qp *qp = slot->qp;
	NTSTATUS status = ndk_send_status(slot, wc);
	struct ndk_sq *sq = &qp->sq;
	unsigned long flags;
	bool failed = !NT_SUCCESS(status);

	spin_lock_irqsave(&sq->lock, flags);
	/* The device works in order: what it has passed has succeeded. */
	while (sq->tail != sq->posted && ndk_sq_slot(sq, sq->tail) != slot)
		ndk_sq_retire(qp, STATUS_SUCCESS, 0);
	sq->failed |= failed;
	/* Nothing left: ended already, by a drain that did not wait. */
	if (sq->tail != sq->posted)
		ndk_sq_retire(qp, status, failed ? wc->vendor_err : 0);

	/*
	 * An invalidation that is done may let a registration go. One that has
	 * failed must not, so nothing is posted between it and the error.
	 */
	if (failed)
		ndk_qp_error(qp);
	else if (sq->held && ndk_sq_post(qp))
		ndk_sq_break(qp);
	spin_unlock_irqrestore(&sq->lock, flags);
}

/**
 * struct ndk_sq_request - an initiator request being made
 * @qp: on which
 * @slot: its slot, once it is admitted
 * @ctx: RequestContext
 * @type: what it is
 * @opcode: Send, Read, Write: what the device is told
 * @flags: NDK_OP_FLAG_*
 * @allowed: those that it takes
 * @sgl: Send, Read, Write: local memory
 * @count: entries of @sgl
 * @max_sge: entries allowed, apart from what the QP allows
 * @address: Read, Write: in the peer's region
 * @token: Read, Write, SendAndInvalidate: the peer's
 * @mr: FastRegister, Invalidate: the region
 * @reg: FastRegister: what to register
 */
struct ndk_sq_request {
	struct ndk_qp *qp;
	struct ndk_send_slot *slot;
	void *ctx;
	NDK_OPERATION_TYPE type;
	enum ib_wr_opcode opcode;
	ULONG flags;
	ULONG allowed;
	const NDK_SGE *sgl;
	u32 count;
	u32 max_sge;
	u64 address;
	u32 token;
	struct ndk_mr *mr;
	const struct ndk_mr_registration *reg;
};

/* May a request with @flags be accepted at all, and is there room for it? */
static NTSTATUS ndk_sq_admit(struct ndk_qp *qp, ULONG flags, ULONG allowed)
	__must_hold(&qp->sq.lock)
{
	struct ndk_sq *sq = &qp->sq;
	u32 used = sq->head - sq->tail;

	lockdep_assert_held(&qp->sq.lock);
	if (flags & ~allowed)
		return ndk_refuse(&qp->obj, STATUS_INVALID_PARAMETER, "Flags",
				  flags, allowed);
	if (READ_ONCE(qp->state) != NDK_QP_CONNECTED || sq->broken)
		return ndk_refuse(&qp->obj, STATUS_CONNECTION_INVALID,
				  "pNdkQp (not connected)", 0, 0);
	/* The last silent ones may have succeeded without our knowing. */
	if (used == sq->limit ||
	    used - min(sq->unsignalled, sq->limit - sq->depth) >= sq->depth)
		return ndk_refuse(&qp->obj, STATUS_NO_MORE_ENTRIES,
				  "InitiatorQueueDepth", sq->depth, sq->depth);
	return STATUS_SUCCESS;
}

/* Does the device have to report on this one? */
static void ndk_sq_signal(struct ndk_sq *sq, struct ndk_send_slot *slot)
	__must_hold(&sq->lock)
{
	lockdep_assert_held(&sq->lock);
	/*
	 * A region's state hangs on its requests, so they are always reported
	 * on, and of silent others one in a run, so that slots come back.
	 */
	if (slot->silent && !slot->mr &&
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
	int err = 0;

	lockdep_assert_held(&rq->qp->sq.lock);
	if (!status) {
		ndk_sq_signal(sq, slot);
		sq->head++;
		trace_ndk_post(&qp->obj, slot->type, sq->head - sq->tail);
	}
	/* A refusal, too, lets what was deferred before it go. */
	if (status || !(rq->flags & NDK_OP_FLAG_DEFER))
		err = ndk_sq_post(qp);
	if (!err)
		return status;
	if (status || sq->posted != sq->head - 1) {
		ndk_sq_break(qp);
		return status;
	}

	/* Only this one was refused by the device: then it is not accepted. */
	sq->head--;
	if (!(slot->wr.send.send_flags & IB_SEND_SIGNALED))
		sq->unsignalled--;
	if (slot->mr)
		ndk_mr_retract(slot);
	return ndk_refuse(&qp->obj, ndk_status_from_errno(err), "ib_post_send",
			  -err, 0);
}

/* Take the data of an inline request now. */
static NTSTATUS ndk_sq_fill_inline(struct ndk_qp *qp,
				   struct ndk_send_slot *slot,
				   const NDK_SGE *sgl, u32 count)
	__must_hold(&qp->sq.lock)
{
	struct ndk_sq *sq = &qp->sq;
	u32 i, index, offset, total = 0;
	u8 *buffer;

	lockdep_assert_held(&qp->sq.lock);
	if (count && !sgl)
		return ndk_refuse(&qp->obj, STATUS_INVALID_PARAMETER,
				  "pSgl (NULL)", 0, 0);
	for (i = 0; i < count; i++) {
		if (sgl[i].Length > qp->inline_size - total)
			return ndk_refuse(&qp->obj, STATUS_DATA_OVERRUN,
					  "InlineDataSize",
					  (u64)total + sgl[i].Length,
					  qp->inline_size);
		total += sgl[i].Length;
	}
	if (!total)
		return STATUS_SUCCESS;

	index = slot - sq->slots;
	offset = index * sq->inline_size;
	index = offset / PAGE_SIZE;
	offset %= PAGE_SIZE;
	buffer = (u8 *)page_address(sq->inline_pages[index]) + offset;
	ib_dma_sync_single_for_cpu(qp->obj.dev->ib,
				   sq->inline_dma[index] + offset, total,
				   DMA_TO_DEVICE);
	for (i = 0, total = 0; i < count; i++) {
		memcpy(buffer + total, sgl[i].VirtualAddress, sgl[i].Length);
		total += sgl[i].Length;
	}
	ib_dma_sync_single_for_device(qp->obj.dev->ib,
				      sq->inline_dma[index] + offset, total,
				      DMA_TO_DEVICE);
	slot->sge[0].addr = sq->inline_dma[index] + offset;
	slot->sge[0].length = total;
	slot->sge[0].lkey = qp->pd->privileged_token;
	slot->wr.send.num_sge = 1;
	return STATUS_SUCCESS;
}

/* The slot's common part. */
static void ndk_sq_prepare(struct ndk_sq_request *rq)
	__must_hold(&rq->qp->sq.lock)
{
	struct ndk_sq *sq = &rq->qp->sq;
	struct ndk_send_slot *slot = ndk_sq_slot(sq, sq->head);

	lockdep_assert_held(&rq->qp->sq.lock);
	memset(&slot->wr, 0, sizeof(slot->wr));
	slot->cqe.done = ndk_send_done;
	slot->wr.send.wr_cqe = &slot->cqe;
	slot->wr.send.opcode = rq->opcode;
	slot->wr.send.sg_list = slot->sge;
	if (rq->flags & NDK_OP_FLAG_READ_FENCE)
		slot->wr.send.send_flags |= IB_SEND_FENCE;
	if (rq->flags & NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT)
		slot->wr.send.send_flags |= IB_SEND_SOLICITED;
	slot->ctx = rq->ctx;
	slot->type = rq->type;
	slot->silent = rq->flags & NDK_OP_FLAG_SILENT_SUCCESS;
	slot->mr = NULL;
	slot->pages = NULL;
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
			.lkey = qp->pd->privileged_token,
		};
		slot->wr.send.num_sge = 1;
	}
	return STATUS_SUCCESS;
}

/* Admit, fill, accept, push: all initiator requests go this way. */
static NTSTATUS ndk_sq_request(struct ndk_sq_request *rq)
{
	struct ndk_qp *qp = rq->qp;
	unsigned long flags;
	NTSTATUS status;
	int idx;

	ndk_plant_sleep();
	if (!ndk_device_enter(qp->obj.dev, &idx))
		return ndk_refuse(&qp->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);

	spin_lock_irqsave(&qp->sq.lock, flags);
	status = ndk_sq_admit(qp, rq->flags, rq->allowed);
	if (!status) {
		ndk_sq_prepare(rq);
		status = ndk_sq_fill(rq);
	}
	status = ndk_sq_commit(rq, status);
	spin_unlock_irqrestore(&qp->sq.lock, flags);
	ndk_device_leave(qp->obj.dev, idx);
	return status;
}

/**
 * ndk_send() - NDK_FN_SEND
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pSgl: the data; copied, and with INLINE the data too
 * @nSge: up to MaxInitiatorRequestSge; INLINE: any number, bytes count
 * @Flags: SILENT_SUCCESS, READ_FENCE, SEND_AND_SOLICIT_EVENT, INLINE, DEFER
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: STATUS_SUCCESS, STATUS_CONNECTION_INVALID, STATUS_NO_MORE_ENTRIES
 * (InitiatorQueueDepth are outstanding), STATUS_DATA_OVERRUN (too many SGEs or
 * bytes), STATUS_INVALID_PARAMETER, STATUS_DEVICE_REMOVED. A failure means
 * that there will be no completion.
 */
NTSTATUS ndk_send(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		  ULONG nSge, ULONG Flags)
{
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeSend,
		.opcode = IB_WR_SEND,
		.flags = Flags,
		.allowed = NDK_SEND_FLAGS,
		.sgl = pSgl,
		.count = nSge,
		.max_sge = NDK_SGE_LIMIT,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_send_and_invalidate() - NDK_FN_SEND_AND_INVALIDATE
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, of type Send
 * @pSgl: as in NdkSend
 * @nSge: as in NdkSend
 * @Flags: as in NdkSend
 * @RemoteToken: the peer's region to invalidate; if it is not valid there, the
 *	peer ends the connection
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend.
 */
NTSTATUS ndk_send_and_invalidate(NDK_QP *pNdkQp, PVOID RequestContext,
				 CONST NDK_SGE *pSgl, ULONG nSge, ULONG Flags,
				 UINT32 RemoteToken)
{
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeSend,
		.opcode = IB_WR_SEND_WITH_INV,
		.flags = Flags,
		.allowed = NDK_SEND_FLAGS,
		.sgl = pSgl,
		.count = nSge,
		.max_sge = NDK_SGE_LIMIT,
		.token = RemoteToken,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_read() - NDK_FN_READ
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pSgl: where the data go; copied
 * @nSge: up to MaxReadRequestSge
 * @RemoteAddress: in the peer's region, in this host's byte order
 * @RemoteToken: the peer's token
 * @Flags: SILENT_SUCCESS, READ_FENCE, DEFER; RDMA_READ_LOCAL_INVALIDATE is
 *	ignored, as the adapter does not report it
 *
 * What is outside the peer's region, or without the right, completes with
 * STATUS_ACCESS_VIOLATION, on iWARP with STATUS_CANCELLED, and ends the
 * connection.
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend.
 */
NTSTATUS ndk_read(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		  ULONG nSge, UINT64 RemoteAddress, UINT32 RemoteToken,
		  ULONG Flags)
{
	struct ndk_qp *qp = to_ndk_qp(pNdkQp);
	struct ndk_sq_request rq = {
		.qp = qp,
		.ctx = RequestContext,
		.type = NdkOperationTypeRead,
		.opcode = IB_WR_RDMA_READ,
		.flags = Flags,
		.allowed = NDK_OP_COMMON |
			   NDK_OP_FLAG_RDMA_READ_LOCAL_INVALIDATE,
		.sgl = pSgl,
		.count = nSge,
		.max_sge = qp->obj.dev->info.MaxReadRequestSge,
		.address = RemoteAddress,
		.token = RemoteToken,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_write() - NDK_FN_WRITE
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pSgl: the data; copied, and with INLINE the data too
 * @nSge: as in NdkSend
 * @RemoteAddress: in the peer's region, in this host's byte order
 * @RemoteToken: the peer's token
 * @Flags: SILENT_SUCCESS, READ_FENCE, INLINE, DEFER
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend.
 */
NTSTATUS ndk_write(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		   ULONG nSge, UINT64 RemoteAddress, UINT32 RemoteToken,
		   ULONG Flags)
{
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeWrite,
		.opcode = IB_WR_RDMA_WRITE,
		.flags = Flags,
		.allowed = NDK_OP_COMMON | NDK_OP_FLAG_INLINE,
		.sgl = pSgl,
		.count = nSge,
		.max_sge = NDK_SGE_LIMIT,
		.address = RemoteAddress,
		.token = RemoteToken,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_fast_register() - NDK_FN_FAST_REGISTER
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pMr: an initialised region, not registered once all that was posted for it
 *	is done
 * @AdapterPageCount: up to the capacity it was initialised with
 * @AdapterPageArray: page-aligned logical addresses; copied
 * @FBO: offset of the first byte in the first page; 0 takes it from
 *	@BaseVirtualAddress
 * @Length: bytes
 * @BaseVirtualAddress: label of the first byte, any number with the offset
 *	@FBO in its page
 * @Flags: SILENT_SUCCESS, READ_FENCE, ALLOW_*, RDMA_READ_SINK, DEFER
 *
 * The token is the one that NdkGetRemoteTokenFromMr has told since the
 * region was initialised. While an invalidation of the region that was posted
 * on this QP has not completed, the registration and what is posted behind it
 * are held back, in order.
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend, and STATUS_ACCESS_VIOLATION (remote access, but
 * initialised without), STATUS_INVALID_DEVICE_REQUEST (a normal region),
 * STATUS_INVALID_DEVICE_STATE (registered, not initialised, stale, or requests
 * pending on another QP), STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS ndk_fast_register(NDK_QP *pNdkQp, PVOID RequestContext, NDK_MR *pMr,
			   ULONG AdapterPageCount,
			   CONST NDK_LOGICAL_ADDRESS *AdapterPageArray,
			   ULONG FBO, SIZE_T Length, PVOID BaseVirtualAddress,
			   ULONG Flags)
{
	const struct ndk_mr_registration reg = {
		.npages = AdapterPageCount,
		.pages = AdapterPageArray,
		.fbo = FBO,
		.length = Length,
		.base = (ULONG_PTR)BaseVirtualAddress,
		.flags = Flags,
	};
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeFastRegister,
		.opcode = IB_WR_REG_MR,
		.flags = Flags,
		.allowed = NDK_FAST_REGISTER_FLAGS,
		.mr = to_ndk_mr(pMr),
		.reg = &reg,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_invalidate() - NDK_FN_INVALIDATE
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pNdkMrOrMw: header of a region that is registered, once all that was posted
 *	for it is done
 * @Flags: SILENT_SUCCESS, READ_FENCE, DEFER
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend, and STATUS_INVALID_DEVICE_REQUEST (a normal region, or
 * no region), STATUS_INVALID_DEVICE_STATE (not registered, or requests pending
 * on another QP); the connection is not harmed.
 */
NTSTATUS ndk_invalidate(NDK_QP *pNdkQp, PVOID RequestContext,
			NDK_OBJECT_HEADER *pNdkMrOrMw, ULONG Flags)
{
	struct ndk_object *obj = to_ndk_object(pNdkMrOrMw);
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeInvalidate,
		.opcode = IB_WR_LOCAL_INV,
		.flags = Flags,
		.allowed = NDK_OP_COMMON,
		.mr = container_of(obj, struct ndk_mr, obj),
	};

	if (obj->ops->type != NdkObjectTypeMr) {
		ndk_sq_push(rq.qp);
		return ndk_refuse(&rq.qp->obj, STATUS_INVALID_DEVICE_REQUEST,
				  "pNdkMrOrMw (not a region)", 0, 0);
	}
	return ndk_sq_request(&rq);
}
