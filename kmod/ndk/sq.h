/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The initiator queue of a queue pair.
 *
 * The ring has three marks, all under @lock:
 *
 *     tail <= posted <= head
 *
 * [tail, posted) is with the device, [posted, head) is accepted but held back:
 * deferred by the consumer, behind a fast registration that has to wait until
 * another request for the same region has completed, or until the connection is
 * made.
 *
 * A slot that the device reports on (signalled) is done with its own completion. The
 * others are done when one behind them is: they have succeeded silently, unless
 * they have failed, of which the device tells. Devices need not complete in order,
 * since a read on iWARP has nothing that others would wait for: there reads are
 * always reported on, and what is done behind one that is not waits in the ring,
 * for results come in order.
 *
 * qp_send.c has the published functions, sq_request.c what they have in common,
 * sq_ring.c the ring, sq_inline.c the room for inline data, sq_done.c what a
 * completion means. Each calls only what is named behind it, and sq_done.c is
 * called by the device.
 */
#ifndef _NDK_SQ_H
#define _NDK_SQ_H

#include <ndk/ndkpi.h>
#include <rdma/ib_verbs.h>

#include "work.h"

struct ndk_mr;
struct ndk_qp;
struct scatterlist;

/* Bytes of inline data that a slot has room for. */
#define NDK_MAX_INLINE		256U

/* Unsignalled requests in a row before the provider signals one of its own. */
#define NDK_SILENT_RUN		16U

/* Silent requests that may have succeeded unnoticed do not count as depth. */
static inline u32 ndk_sq_slots(u32 depth)
{
	return depth + min(depth, NDK_SILENT_RUN);
}

/* One more on each queue for draining. */
static inline u32 ndk_sq_device_depth(u32 depth)
{
	return ndk_sq_slots(depth) + 1;
}

/**
 * struct ndk_send_slot - an accepted initiator request
 * @cqe: how its completion finds it
 * @qp: the QP
 * @wr: the work request; its SGEs are in @sge
 * @sge: room for the QP's MaxInitiatorRequestSge
 * @ctx: the consumer's RequestContext
 * @type: NDK_OPERATION_TYPE to report
 * @silent: no entry on success
 * @done: it has completed, with @status
 * @status: what it ends with
 * @vendor_err: the device's own word for it
 * @mr: FastRegister, Invalidate: the region, referenced
 * @pages: FastRegister held back: own copy of the sg list, or NULL
 * @npages: entries of @pages or of the region's list
 * @iova: FastRegister: label of the first byte
 * @given: FastRegister, Invalidate: ndk_mr_give() was done
 * @sweeping: FastRegister held back: until the queue's @sweep has completed
 * @swept: FastRegister held back: that has succeeded
 * @mr_before: FastRegister, Invalidate: state before it was accepted
 */
struct ndk_send_slot {
	struct ib_cqe cqe;
	struct ndk_qp *qp;
	union {
		struct ib_send_wr send;
		struct ib_rdma_wr rdma;
		struct ib_reg_wr reg;
	} wr;
	struct ib_sge *sge;
	void *ctx;
	NDK_OPERATION_TYPE type;
	bool silent;
	bool done;
	NTSTATUS status;
	u32 vendor_err;
	struct ndk_mr *mr;
	struct scatterlist *pages;
	u32 npages;
	u64 iova;
	bool given;
	bool sweeping;
	bool swept;
	int mr_before;
};

/**
 * struct ndk_sq - initiator queue
 * @lock: irqsave; an MR's object lock nests inside
 * @slots: ring of @mask + 1
 * @sges: all slots' SGEs
 * @inline_pages: room for inline data, @inline_size a slot
 * @inline_dma: their device addresses; 0 when not mapped
 * @inline_npages: how many there are
 * @inline_size: power of two; 0 if the QP takes no inline data
 * @mask: for indices, which count up and wrap with 32 bits
 * @limit: slots that may be in use at once
 * @depth: requests that the consumer may have outstanding
 * @max_sge: SGEs of a request
 * @head: next free slot
 * @posted: next slot to give to the device
 * @tail: oldest slot that has not ended
 * @passed: behind the last slot that is done
 * @unsignalled: slots in [@tail, @head) that the device does not report on
 * @run: such slots since the last signalled one
 * @held: a registration waits for another request of its region to complete
 * @sweep: an invalidation of the provider's own, before the registration that
 *	is held; there is room for it, as that one is not posted
 * @sweep_cqe: how its completion finds the queue
 * @broken: the device refused a post: nothing more is given to it
 * @failed: a request has failed; used by completions only, which come in turn
 * @push_work: gives the device what waited for another QP's completion, or for
 *	the connection; queued with a reference on the QP
 */
struct ndk_sq {
	spinlock_t lock;
	struct ndk_send_slot *slots;
	struct ib_sge *sges;
	struct page **inline_pages;
	u64 *inline_dma;
	u32 inline_npages;
	u32 inline_size;
	u32 mask;
	u32 limit;
	u32 depth;
	u32 max_sge;
	u32 head;
	u32 posted;
	u32 tail;
	u32 passed;
	u32 unsignalled;
	u32 run;
	bool held;
	struct ib_send_wr sweep;
	struct ib_cqe sweep_cqe;
	bool broken;
	bool failed;
	struct ndk_work push_work;
};

static inline struct ndk_send_slot *ndk_sq_slot(struct ndk_sq *sq, u32 index)
{
	return &sq->slots[index & sq->mask];
}

/* sq_ring.c; the queue's lock is held where slots move */
NTSTATUS ndk_sq_alloc(struct ndk_qp *qp);
void ndk_sq_free(struct ndk_qp *qp);
int ndk_sq_post(struct ndk_qp *qp);
void ndk_sq_settle(struct ndk_qp *qp);
void ndk_sq_end(struct ndk_qp *qp, bool drained);

/* sq_inline.c */
NTSTATUS ndk_sq_alloc_inline(struct ndk_qp *qp);
void ndk_sq_unmap(struct ndk_qp *qp);
void ndk_sq_free_inline(struct ndk_sq *sq);
NTSTATUS ndk_sq_fill_inline(struct ndk_qp *qp, struct ndk_send_slot *slot,
			    const NDK_SGE *sgl, u32 count);

/* sq_done.c */
void ndk_sq_break(struct ndk_qp *qp);
void ndk_sq_done(struct ib_cq *ibcq, struct ib_wc *wc);
void ndk_sq_swept(struct ib_cq *ibcq, struct ib_wc *wc);

#endif /* _NDK_SQ_H */
