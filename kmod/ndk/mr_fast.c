// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fast regions: initialised once, then registered and invalidated by work
 * requests.
 *
 * The provider gates the requests itself, because devices do not: on some, a
 * region that is mapped again while it is valid exposes the new pages under the
 * old key at once, and a second registration costs the connection.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "device.h"
#include "driver.h"
#include "mr.h"
#include "pd.h"
#include "qp.h"

/* The bit of NDK_OP_FLAG_ALLOW_REMOTE_WRITE that is its own. */
#define NDK_OP_REMOTE_WRITE						\
	(NDK_OP_FLAG_ALLOW_REMOTE_WRITE & ~NDK_OP_FLAG_ALLOW_LOCAL_WRITE)

/* Process context, inside a device section. */
static void ndk_mr_drop_frmr(struct ndk_pd *pd, struct ndk_frmr *frmr)
{
	if (!frmr)
		return;
	if (frmr->dirty)
		ndk_frmr_free(frmr);
	else
		ndk_mr_pool_recycle(pd, frmr);
}

static void ndk_mr_initialised(struct ndk_mr *mr, struct ndk_frmr *frmr,
			       u32 pages, bool remote)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	ndk_mr_set_frmr(mr, frmr);
	mr->pages = pages;
	mr->remote = remote;
	mr->sg_used = false;
	mr->live = false;
	mr->unheard = false;
	mr->doubted = false;
}

static void ndk_mr_initialise_cancel(struct ndk_request *request)
{
	struct ndk_mr *mr = container_of(request->obj, struct ndk_mr, obj);

	spin_lock_irq(&mr->obj.lock);
	mr->initialising--;
	spin_unlock_irq(&mr->obj.lock);
}

/* One of the initialisations accepted is over; with @frmr, it has succeeded. */
static void ndk_mr_initialise_end(struct ndk_mr *mr, struct ndk_frmr *frmr,
				  const struct ndk_mr_request *rq)
{
	spin_lock_irq(&mr->obj.lock);
	if (frmr)
		ndk_mr_initialised(mr, frmr, rq->pages, rq->remote);
	mr->initialising--;
	if (!mr->initialising)
		ndk_mr_enter(mr, mr->frmr ? NDK_MR_INVALID : NDK_MR_CREATED);
	spin_unlock_irq(&mr->obj.lock);
}

static NTSTATUS ndk_mr_initialise_run(struct ndk_request *request)
{
	struct ndk_mr_request *rq = container_of(request, struct ndk_mr_request,
						 rq);
	struct ndk_mr *mr = container_of(request->obj, struct ndk_mr, obj);
	u32 usual = mr->obj.dev->info.FRMRPageCount;
	struct ndk_frmr *frmr = NULL;
	struct ndk_pd *pd = mr->pd;
	int idx, ret;
	bool wait;

	if (!ndk_device_enter(mr->obj.dev, &idx)) {
		ndk_mr_initialise_cancel(request);
		return ndk_refuse(&mr->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	}

	/*
	 * No work request is accepted while an initialisation is. One may be
	 * left whose registration a peer has ended already: its completion
	 * goes on here. What the device may still have as valid is destroyed
	 * while the state says that: afterwards the consumer may give the old
	 * pages back.
	 */
	spin_lock_irq(&mr->obj.lock);
	wait = mr->pending;
	if (wait)
		mr->waiting = rq;
	else
		frmr = ndk_mr_take_frmr(mr);
	spin_unlock_irq(&mr->obj.lock);
	if (wait) {
		ndk_device_leave(mr->obj.dev, idx);
		return STATUS_PENDING;
	}
	ndk_mr_drop_frmr(pd, frmr);

	frmr = ndk_mr_pool_get(pd, rq->pages);
	if (!frmr)
		frmr = ndk_frmr_alloc(pd, max(rq->pages, usual));
	ret = PTR_ERR_OR_ZERO(frmr);
	ndk_mr_initialise_end(mr, ret ? NULL : frmr, rq);
	ndk_device_leave(mr->obj.dev, idx);
	return ndk_refuse_errno(&mr->obj, ret, "ib_alloc_mr");
}

/*
 * Inside a device section. With success, *@queue says that the request was
 * accepted for the worker; otherwise it is done.
 */
static NTSTATUS ndk_mr_initialise_accept(struct ndk_mr *mr, u32 pages,
					 bool remote, bool *queue,
					 const char **fault)
{
	struct ndk_frmr *frmr = NULL, *old = NULL;
	NTSTATUS status = STATUS_SUCCESS;
	unsigned long flags;

	*queue = false;
	spin_lock_irqsave(&mr->obj.lock, flags);
	switch (mr->state) {
	case NDK_MR_INITIALISING:
		/* Behind those that wait already, each with its own end. */
		*queue = true;
		break;
	case NDK_MR_CREATED:
	case NDK_MR_INVALID:
	case NDK_MR_STALE:
		if (mr->pending && mr->state != NDK_MR_INVALID) {
			*fault = NDK_REASON("requests pending on the region");
			status = STATUS_INVALID_DEVICE_STATE;
			break;
		}
		/*
		 * Destroying what may still be valid takes the worker, and so
		 * does waiting for what a peer has ended before its time.
		 */
		if (!mr->frmr || !mr->frmr->dirty)
			frmr = ndk_mr_pool_get(mr->pd, pages);
		if (!frmr) {
			*queue = true;
			ndk_mr_enter(mr, NDK_MR_INITIALISING);
			break;
		}
		old = ndk_mr_take_frmr(mr);
		ndk_mr_initialised(mr, frmr, pages, remote);
		ndk_mr_enter(mr, NDK_MR_INVALID);
		break;
	default:
		*fault = ndk_mr_state_fault[mr->state];
		status = STATUS_INVALID_DEVICE_STATE;
		break;
	}
	if (*queue)
		mr->initialising++;
	spin_unlock_irqrestore(&mr->obj.lock, flags);

	if (old)
		ndk_mr_pool_recycle(mr->pd, old);
	return status;
}

/**
 * ndk_initialize_fast_register_mr() - NDK_FN_INITIALIZE_FAST_REGISTER_MR
 * @pNdkMr: region created with FastRegister
 * @AdapterPageCount: capacity in pages of PAGE_SIZE; later registrations of
 *	this many or fewer work
 * @RemoteAccess: a later registration may ask for remote access
 * @RequestCompletion: called after STATUS_PENDING
 * @RequestContext: its context
 *
 * Ends inline when a region of the usual size (FRMRPageCount) is ready, which
 * is the common case. The tokens are fresh and stay until the region is
 * initialised anew or closed. A region can be initialised anew while it is not
 * registered; several calls at once are served one after another.
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_PENDING, STATUS_IMPLEMENTATION_LIMIT (more
 * pages than the device can do), STATUS_INVALID_PARAMETER (no pages),
 * STATUS_INVALID_DEVICE_REQUEST (a normal region),
 * STATUS_INVALID_DEVICE_STATE (registered, or requests pending on it),
 * STATUS_INSUFFICIENT_RESOURCES (also through the callback),
 * STATUS_DEVICE_REMOVED (also through the callback); STATUS_CANCELLED through
 * the callback when the region is closed meanwhile.
 */
NTSTATUS ndk_initialize_fast_register_mr(NDK_MR *pNdkMr, ULONG AdapterPageCount,
					 BOOLEAN RemoteAccess,
					 NDK_FN_REQUEST_COMPLETION RequestCompletion,
					 PVOID RequestContext)
{
	struct ndk_mr *mr = to_ndk_mr(pNdkMr);
	struct ndk_device *dev = mr->obj.dev;
	struct ndk_mr_request *rq;
	const char *fault = NULL;
	NTSTATUS status;
	bool queue;
	int idx;

	if (!mr->fast)
		return ndk_refuse(&mr->obj, STATUS_INVALID_DEVICE_REQUEST,
				  "pNdkMr (not a fast region)", 0, 0);
	if (!AdapterPageCount)
		return ndk_refuse(&mr->obj, STATUS_INVALID_PARAMETER,
				  "AdapterPageCount", 0, dev->max_frmr_pages);
	if (AdapterPageCount > dev->max_frmr_pages)
		return ndk_refuse(&mr->obj, STATUS_IMPLEMENTATION_LIMIT,
				  "AdapterPageCount", AdapterPageCount,
				  dev->max_frmr_pages);

	/* The record first: an accepted request must have one. */
	rq = ndk_mr_request_get(mr);
	if (!rq)
		return ndk_refuse(&mr->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*rq), 0);
	rq->rq.run = ndk_mr_initialise_run;
	rq->rq.cancel = ndk_mr_initialise_cancel;
	rq->rq.fn = RequestCompletion;
	rq->rq.ctx = RequestContext;
	rq->pages = AdapterPageCount;
	rq->remote = RemoteAccess;

	if (!ndk_device_enter(dev, &idx)) {
		rq->rq.free(&rq->rq);
		return ndk_refuse(&mr->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	}
	status = ndk_mr_initialise_accept(mr, AdapterPageCount, RemoteAccess,
					  &queue, &fault);
	ndk_device_leave(dev, idx);

	if (queue) {
		ndk_request_submit(&mr->obj, &rq->rq);
		return STATUS_PENDING;
	}
	rq->rq.free(&rq->rq);
	if (status)
		return ndk_refuse_for(&mr->obj, status, fault, 0, 0);
	return STATUS_SUCCESS;
}

/* What is wrong with the arguments themselves? */
static const char *ndk_mr_registration_fault(struct ndk_mr_registration *reg)
{
	if (!reg->npages)
		return NDK_REASON("AdapterPageCount (zero)");
	if (reg->fbo >= PAGE_SIZE)
		return NDK_REASON("FBO (not inside the first page)");
	/*
	 * Consumers are known to pass no FBO and leave the offset in the base
	 * address. The interface says that both agree, so the base decides.
	 */
	if (!reg->fbo)
		reg->fbo = offset_in_page(reg->base);
	if (offset_in_page(reg->base) != reg->fbo)
		return NDK_REASON("BaseVirtualAddress (not as FBO)");
	if (!reg->length)
		return NDK_REASON("Length (zero)");
	if (reg->length > (u64)reg->npages * PAGE_SIZE - reg->fbo)
		return NDK_REASON("Length (beyond the pages)");
	if (reg->base + reg->length - 1 < reg->base)
		return NDK_REASON("BaseVirtualAddress (wraps)");
	return NULL;
}

/* Interrupts are off: only for as many as a region can have. */
static bool ndk_mr_pages_aligned(const struct ndk_mr_registration *reg)
{
	u32 i;

	for (i = 0; i < reg->npages; i++)
		if (offset_in_page(reg->pages[i].QuadPart))
			return false;
	return true;
}

/* Fill an sg list, one entry for pages that are neighbours. */
static u32 ndk_mr_fill_sg(struct scatterlist *sg,
			  const struct ndk_mr_registration *reg)
{
	u64 left = reg->length, start = reg->fbo, end = 0;
	struct scatterlist *entry = sg;
	u32 i, n, entries = 0;

	for (i = 0; left; i++, start = 0) {
		u64 dma = reg->pages[i].QuadPart + start;

		n = min_t(u64, left, PAGE_SIZE - start);
		if (entries && dma == end && entry->length <= UINT_MAX - n) {
			entry->length += n;
		} else {
			entry = &sg[entries++];
			entry->dma_address = dma;
			entry->length = n;
			entry->offset = 0;
		}
		sg_dma_len(entry) = entry->length;
		end = dma + n;
		left -= n;
	}
	return entries;
}

/* The list that a registration's pages go into. */
static struct scatterlist *ndk_mr_sg(struct ndk_mr *mr,
				     struct ndk_send_slot *slot, u32 npages)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	if (!mr->sg_used) {
		mr->sg_used = true;
		slot->pages = NULL;
		return mr->frmr->sg;
	}
	/* Another one is held back already and has the region's own list. */
	slot->pages = kmalloc_array(npages, sizeof(*slot->pages),
				    GFP_NOWAIT | __GFP_NOWARN);
	if (slot->pages)
		sg_init_table(slot->pages, npages);
	return slot->pages;
}

/*
 * Can another request be accepted from @qp? What is pending while the state is
 * INVALID is over for the consumer, on whatever queue pair it was.
 */
static const char *ndk_mr_busy_elsewhere(const struct ndk_mr *mr,
					 const struct ndk_qp *qp)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	if (mr->pending && mr->qp != qp && mr->state != NDK_MR_INVALID)
		return NDK_REASON("pending on another queue pair");
	return NULL;
}

/* Can @reg be accepted, as far as the region goes? */
static NTSTATUS ndk_mr_may_register(const struct ndk_mr *mr,
				    const struct ndk_qp *qp,
				    const struct ndk_mr_registration *reg,
				    bool remote, struct ndk_refusal *refusal)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	if (mr->state != NDK_MR_INVALID && mr->state != NDK_MR_INVALIDATING) {
		refusal->argument = ndk_mr_state_fault[mr->state];
		return STATUS_INVALID_DEVICE_STATE;
	}
	if (reg->npages > mr->pages) {
		refusal->argument = NDK_REASON("AdapterPageCount");
		refusal->value = reg->npages;
		refusal->limit = mr->pages;
		return STATUS_INVALID_PARAMETER;
	}
	if (!ndk_mr_pages_aligned(reg)) {
		refusal->argument = NDK_REASON("AdapterPageArray (not aligned)");
		return STATUS_INVALID_PARAMETER;
	}
	if (remote && !mr->remote) {
		refusal->argument = NDK_REASON("Flags (without RemoteAccess)");
		return STATUS_ACCESS_VIOLATION;
	}
	refusal->argument = ndk_mr_busy_elsewhere(mr, qp);
	return refusal->argument ? STATUS_INVALID_DEVICE_STATE : STATUS_SUCCESS;
}

/* The request keeps the region until it completes. */
static void ndk_mr_accept(struct ndk_mr *mr, struct ndk_qp *qp,
			  struct ndk_send_slot *slot, enum ndk_mr_state state)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	ndk_object_get(&mr->obj);
	mr->qp = qp;
	mr->pending++;
	slot->mr = mr;
	slot->given = false;
	slot->mr_before = mr->state;
	ndk_mr_enter(mr, state);
}

/**
 * ndk_mr_accept_register() - accept NdkFastRegister on a region
 * @mr: the region
 * @qp: whose queue lock is held
 * @slot: gets the work request
 * @arguments: those of NdkFastRegister
 *
 * Accepted when the region is invalid once all that was accepted before has
 * been done. The pages are copied; the device sees them in ndk_mr_give().
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or the refusal, recorded on the QP.
 */
NTSTATUS ndk_mr_accept_register(struct ndk_mr *mr, struct ndk_qp *qp,
				struct ndk_send_slot *slot,
				const struct ndk_mr_registration *arguments)
	__must_hold(&qp->sq.lock)
{
	struct ndk_mr_registration reg = *arguments;
	NTSTATUS status = STATUS_INVALID_PARAMETER;
	struct ndk_refusal refusal = {};
	struct scatterlist *sg;
	const char *fault;
	unsigned long flags;
	bool remote;

	lockdep_assert_held(&qp->sq.lock);
	if (!mr->fast)
		return ndk_refuse(&qp->obj, STATUS_INVALID_DEVICE_REQUEST,
				  "pMr (not a fast region)", 0, 0);
	if (mr->pd != qp->pd)
		return ndk_refuse(&qp->obj, status, "pMr (another PD)", 0, 0);
	fault = ndk_mr_registration_fault(&reg);
	if (fault)
		return ndk_refuse_for(&qp->obj, status, fault, 0, 0);
	remote = reg.flags & (NDK_OP_FLAG_ALLOW_REMOTE_READ |
			      NDK_OP_REMOTE_WRITE);

	spin_lock_irqsave(&mr->obj.lock, flags);
	status = ndk_mr_may_register(mr, qp, &reg, remote, &refusal);
	if (!status) {
		sg = ndk_mr_sg(mr, slot, reg.npages);
		if (!sg) {
			status = STATUS_INSUFFICIENT_RESOURCES;
			refusal.argument = NDK_REASON("memory for pages held back");
		}
	}
	if (status) {
		spin_unlock_irqrestore(&mr->obj.lock, flags);
		return ndk_refuse_for(&qp->obj, status, refusal.argument,
				      refusal.value, refusal.limit);
	}

	slot->npages = ndk_mr_fill_sg(sg, &reg);
	slot->iova = reg.base;
	slot->wr.reg.mr = mr->frmr->mr;
	slot->wr.reg.key = mr->frmr->rkey;
	slot->wr.reg.access =
		ndk_mr_access(mr, reg.flags & NDK_OP_FLAG_ALLOW_LOCAL_WRITE,
			      reg.flags & NDK_OP_FLAG_ALLOW_REMOTE_READ,
			      reg.flags & NDK_OP_REMOTE_WRITE,
			      reg.flags & NDK_OP_FLAG_RDMA_READ_SINK);
	mr->access = slot->wr.reg.access;
	ndk_mr_accept(mr, qp, slot, NDK_MR_REGISTERING);
	spin_unlock_irqrestore(&mr->obj.lock, flags);
	return STATUS_SUCCESS;
}

/**
 * ndk_mr_accept_invalidate() - accept NdkInvalidate on a region
 * @mr: the region
 * @qp: whose queue lock is held
 * @slot: gets the work request
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or the refusal, recorded on the QP.
 */
NTSTATUS ndk_mr_accept_invalidate(struct ndk_mr *mr, struct ndk_qp *qp,
				  struct ndk_send_slot *slot)
	__must_hold(&qp->sq.lock)
{
	const char *fault;
	unsigned long flags;

	lockdep_assert_held(&qp->sq.lock);
	if (!mr->fast)
		return ndk_refuse(&qp->obj, STATUS_INVALID_DEVICE_REQUEST,
				  "pNdkMrOrMw (not a fast region)",
				  0, 0);
	if (mr->pd != qp->pd)
		return ndk_refuse(&qp->obj, STATUS_INVALID_PARAMETER,
				  "pNdkMrOrMw (another PD)", 0, 0);

	spin_lock_irqsave(&mr->obj.lock, flags);
	if (mr->state != NDK_MR_VALID && mr->state != NDK_MR_REGISTERING)
		fault = ndk_mr_state_fault[mr->state];
	else
		fault = ndk_mr_busy_elsewhere(mr, qp);
	if (fault) {
		spin_unlock_irqrestore(&mr->obj.lock, flags);
		return ndk_refuse_for(&qp->obj, STATUS_INVALID_DEVICE_STATE,
				      fault, 0, 0);
	}

	slot->wr.send.ex.invalidate_rkey = mr->frmr->rkey;
	mr->inv_pending++;
	ndk_mr_accept(mr, qp, slot, NDK_MR_INVALIDATING);
	spin_unlock_irqrestore(&mr->obj.lock, flags);
	return STATUS_SUCCESS;
}

/* A registration's pages are not needed any more. */
static void ndk_mr_release_sg(struct ndk_mr *mr, struct ndk_send_slot *slot)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	if (!slot->pages)
		mr->sg_used = false;
	kfree(slot->pages);
	slot->pages = NULL;
}

/*
 * Must the new pages wait? With an invalidation in flight the old ones may
 * still be reached. With a registration in flight, which a peer has ended
 * before its time, the device may still be at work with the ib_mr.
 */
static bool ndk_mr_must_wait(struct ndk_mr *mr, struct ndk_qp *qp)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	/* The completions of @qp let its queue go on; others have to be told. */
	if (mr->reg_posted && mr->reg_qp != qp && !mr->waiter) {
		ndk_object_get(&qp->obj);
		mr->waiter = qp;
	}
	return mr->inv_posted || mr->reg_posted;
}

/**
 * ndk_mr_give() - a region's request is about to be given to the device
 * @slot: FastRegister or Invalidate; the QP's queue lock is held
 *
 * Only here, with no request of the region in flight any more, does the device
 * get to see new pages.
 *
 * Context: any.
 * Return: 0; -EAGAIN when another request of the region has to complete first;
 * -EUCLEAN when that is an invalidation that the caller has to make, and to end
 * with ndk_mr_swept(); another negative errno when the device cannot map the
 * pages.
 */
int ndk_mr_give(struct ndk_send_slot *slot)
{
	struct ndk_mr *mr = slot->mr;
	struct ib_mr *ibmr;
	unsigned long flags;
	int n, ret = 0;

	spin_lock_irqsave(&mr->obj.lock, flags);
	if (slot->type == NdkOperationTypeInvalidate) {
		mr->inv_posted++;
		slot->given = true;
		goto unlock;
	}
	if (ndk_mr_must_wait(mr, slot->qp)) {
		ret = -EAGAIN;
		goto unlock;
	}
	if (mr->doubted && !slot->swept) {
		mr->inv_posted++;
		slot->sweeping = true;
		ret = -EUCLEAN;
		goto unlock;
	}

	ibmr = mr->frmr->mr;
	n = ib_map_mr_sg(ibmr, slot->pages ?: mr->frmr->sg, slot->npages, NULL,
			 PAGE_SIZE);
	/* A short mapping is as bad as none, hns even says 0. */
	if (n != slot->npages) {
		ret = n < 0 ? n : -EINVAL;
		goto unlock;
	}
	/* The default is a kernel address on some devices: never use it. */
	ibmr->iova = slot->iova;
	mr->frmr->dirty = true;
	mr->reg_posted++;
	mr->reg_qp = slot->qp;
	mr->live = true;
	mr->doubted = false;
	mr->open = slot->wr.reg.access &
		   (IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_WRITE);
	slot->given = true;
	ndk_mr_release_sg(mr, slot);
unlock:
	spin_unlock_irqrestore(&mr->obj.lock, flags);
	return ret;
}

/**
 * ndk_mr_swept() - what ndk_mr_give() has asked for is over
 * @slot: of the registration that waits for it
 * @ok: the device has nothing of the region as valid any more
 *
 * Context: any; the QP's queue lock is held.
 */
void ndk_mr_swept(struct ndk_send_slot *slot, bool ok)
{
	struct ndk_mr *mr = slot->mr;
	unsigned long flags;

	spin_lock_irqsave(&mr->obj.lock, flags);
	slot->sweeping = false;
	/* What is heard until the pages are given is still in doubt. */
	slot->swept = ok;
	mr->inv_posted--;
	spin_unlock_irqrestore(&mr->obj.lock, flags);
}

/* A request is not pending any more. */
static void ndk_mr_settle(struct ndk_mr *mr, struct ndk_send_slot *slot)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	mr->pending--;
	if (slot->type == NdkOperationTypeInvalidate) {
		if (slot->given)
			mr->inv_posted--;
		if (!--mr->inv_pending)
			mr->crossed = false;
	} else if (slot->given) {
		mr->reg_posted--;
	} else {
		/* The device has not told of it, and will not. */
		if (slot->sweeping)
			mr->inv_posted--;
		slot->sweeping = false;
		ndk_mr_release_sg(mr, slot);
	}
}

/* With no invalidation pending: a peer has done it. */
static void ndk_mr_peer_invalidated(struct ndk_mr *mr)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	/* After a failure, that of others may still be to come. */
	if (mr->state == NDK_MR_STALE && mr->pending)
		return;
	/* What it was about is being destroyed, after such a failure. */
	if (mr->state == NDK_MR_INITIALISING)
		return;
	/*
	 * Reported as done or not, the registration is over: a peer learns of
	 * it only from what was posted behind it. It stays dirty: a peer that
	 * breaks this rule may have come before the device had registered, and
	 * some devices invalidate what is invalid without a word. So no other
	 * region gets the ib_mr on a peer's word.
	 */
	ndk_mr_enter(mr, NDK_MR_INVALID);
}

/**
 * ndk_mr_retract() - a request that was accepted last was not posted after all
 * @slot: FastRegister or Invalidate; its region may be gone afterwards
 *
 * The device has not seen it, so the region is what it was before, but for what
 * a peer has done meanwhile.
 *
 * Context: any; the QP's queue lock has been held since it was accepted.
 */
void ndk_mr_retract(struct ndk_send_slot *slot)
{
	struct ndk_mr *mr = slot->mr;
	unsigned long flags;
	bool crossed;

	spin_lock_irqsave(&mr->obj.lock, flags);
	crossed = slot->type == NdkOperationTypeInvalidate && mr->crossed;
	if (slot->type == NdkOperationTypeFastRegister && slot->given)
		mr->live = false;
	ndk_mr_settle(mr, slot);
	ndk_mr_enter(mr, slot->mr_before);
	if (crossed)
		ndk_mr_peer_invalidated(mr);
	spin_unlock_irqrestore(&mr->obj.lock, flags);

	slot->mr = NULL;
	ndk_object_put(&mr->obj);
}

/* Has a peer ended the registration of @slot? Then it was done before. */
static bool ndk_mr_peer_ended(const struct ndk_mr *mr,
			      const struct ndk_send_slot *slot)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	return slot->type == NdkOperationTypeFastRegister && slot->given &&
	       !mr->live;
}

/* The device has done it. */
static void ndk_mr_succeeded(struct ndk_mr *mr,
			     const struct ndk_send_slot *slot)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	/* No registration is given to the device before this. */
	if (slot->type == NdkOperationTypeInvalidate) {
		mr->unheard |= mr->live && mr->open;
		mr->doubted = false;
		mr->live = false;
	}
	if (mr->pending)
		return;
	if (mr->state == NDK_MR_REGISTERING) {
		ndk_mr_enter(mr, NDK_MR_VALID);
	} else if (mr->state == NDK_MR_INVALIDATING) {
		ndk_mr_enter(mr, NDK_MR_INVALID);
		mr->frmr->dirty = false;
	}
}

/* Nobody knows what the device has. */
static void ndk_mr_failed(struct ndk_mr *mr)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	ndk_mr_enter(mr, NDK_MR_STALE);
	if (mr->frmr)
		mr->frmr->dirty = true;
}

/**
 * ndk_mr_completed() - a region's request has ended
 * @slot: FastRegister or Invalidate
 * @ok: the device has done it
 *
 * Called before the consumer can see the completion. The request's reference
 * on the region becomes the caller's.
 *
 * Context: any.
 * Return: another QP whose requests were held back for this one, with a
 * reference, or NULL.
 */
struct ndk_qp *ndk_mr_completed(struct ndk_send_slot *slot, bool ok)
{
	struct ndk_mr *mr = slot->mr;
	struct ndk_qp *waiter = NULL;
	unsigned long flags;

	spin_lock_irqsave(&mr->obj.lock, flags);
	ndk_mr_settle(mr, slot);
	if (ok)
		ndk_mr_succeeded(mr, slot);
	else if (!ndk_mr_peer_ended(mr, slot))
		ndk_mr_failed(mr);
	if (!mr->pending && mr->waiting) {
		ndk_request_again(&mr->waiting->rq);
		mr->waiting = NULL;
	}
	/* Whoever has nothing to wait with any more is kept by nobody. */
	if (!mr->reg_posted || mr->waiter == slot->qp)
		swap(waiter, mr->waiter);
	spin_unlock_irqrestore(&mr->obj.lock, flags);

	slot->mr = NULL;
	return waiter;
}

/**
 * ndk_mr_remote_invalidate() - a receive reports that a peer invalidated
 * @pd: domain of the QP that received
 * @key: what the peer has invalidated
 *
 * Called before the consumer can see the receive's completion. A peer can end
 * each registration that lets it in once, from when the device was given it.
 *
 * One that it had ended before an invalidation of ours did may be heard of only
 * when the region is registered again, and cannot be told from the end of the new
 * registration. There may be more of them, so that none says which was the last.
 * Then all are believed, but before there are new pages the device is made to
 * invalidate the region itself.
 *
 * Context: any.
 * Return: false when @key is not that of a registered fast region of @pd; then
 * the connection must end.
 */
bool ndk_mr_remote_invalidate(struct ndk_pd *pd, u32 key)
{
	struct ndk_mr *mr = ndk_mr_find(pd, key);
	unsigned long flags;
	bool legal;

	if (!mr)
		return false;

	spin_lock_irqsave(&mr->obj.lock, flags);
	legal = mr->fast && mr->frmr && mr->frmr->rkey == key &&
		((mr->live && mr->open) || mr->doubted);
	/* In doubt it changes nothing: only the device's own word ends that. */
	if (legal && mr->live) {
		mr->live = false;
		mr->doubted = mr->unheard && mr->obj.dev->habits &
					     NDK_DRIVER_INVALIDATES_ALL;
		/* It crossed our own: the completion of ours will tell. */
		if (mr->inv_pending)
			mr->crossed = true;
		else
			ndk_mr_peer_invalidated(mr);
	}
	spin_unlock_irqrestore(&mr->obj.lock, flags);
	ndk_object_put(&mr->obj);
	return legal;
}
