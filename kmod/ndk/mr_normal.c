// SPDX-License-Identifier: GPL-2.0-only
/*
 * Normal regions: registered and deregistered without a queue pair.
 *
 * The pages of the MDL are registered through the domain's private queue pair,
 * whoever they belong to. Only what it cannot take of a user process's memory,
 * because there is too much of it or no such queue pair on the transport, goes
 * through the driver's user path (mr_user.c).
 */
#include <linux/mm.h>

#include "device.h"
#include "mdl.h"
#include "mr.h"
#include "pd.h"

#define NDK_MR_FLAGS							\
	(NDK_MR_FLAG_ALLOW_LOCAL_WRITE | NDK_MR_FLAG_ALLOW_REMOTE_READ |	\
	 NDK_MR_FLAG_ALLOW_REMOTE_WRITE | NDK_MR_FLAG_RDMA_READ_SINK)

/* The bit of NDK_MR_FLAG_ALLOW_REMOTE_WRITE that is its own. */
#define NDK_MR_REMOTE_WRITE						\
	(NDK_MR_FLAG_ALLOW_REMOTE_WRITE & ~NDK_MR_FLAG_ALLOW_LOCAL_WRITE)

/* Pages of a process's memory that the private queue pair can take. */
static SIZE_T ndk_mr_user_limit(const struct ndk_device *dev)
{
	return dev->info.RdmaTechnology == NdkiWarp ? 0 : dev->max_frmr_pages;
}

static bool ndk_mr_is_for_driver(const struct ndk_device *dev,
				 const struct ndk_mdl_range *range)
{
	return range->mdl->Mm && range->npages > ndk_mr_user_limit(dev);
}

static void ndk_mr_set_state(struct ndk_mr *mr, enum ndk_mr_state state)
{
	spin_lock_irq(&mr->obj.lock);
	ndk_mr_enter(mr, state);
	spin_unlock_irq(&mr->obj.lock);
}

static NTSTATUS ndk_mr_register_run(struct ndk_request *request)
{
	struct ndk_mr_request *rq = container_of(request, struct ndk_mr_request,
						 rq);
	struct ndk_mr *mr = container_of(request->obj, struct ndk_mr, obj);
	struct ndk_mdl_range range;
	const char *fault;
	NTSTATUS status;
	int idx;

	fault = ndk_mdl_check(rq->mdl, rq->length, &range);
	if (fault) {
		ndk_mr_set_state(mr, NDK_MR_CREATED);
		return ndk_refuse_for(&mr->obj, STATUS_INVALID_PARAMETER, fault,
				      rq->length, 0);
	}
	if (ndk_mr_is_for_driver(mr->obj.dev, &range)) {
		ndk_mr_user_submit(rq);
		return STATUS_PENDING;
	}

	if (!ndk_device_enter(mr->obj.dev, &idx)) {
		ndk_mr_set_state(mr, NDK_MR_CREATED);
		return ndk_refuse(&mr->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	}
	status = ndk_mr_register_pages(mr, rq, &range);
	ndk_mr_set_state(mr, status ? NDK_MR_CREATED : NDK_MR_VALID);
	ndk_device_leave(mr->obj.dev, idx);
	return status;
}

static NTSTATUS ndk_mr_deregister_run(struct ndk_request *request)
{
	struct ndk_mr *mr = container_of(request->obj, struct ndk_mr, obj);

	ndk_mr_withdraw(mr);
	ndk_mr_set_state(mr, NDK_MR_CREATED);
	return STATUS_SUCCESS;
}

/* Move from one state to the other and submit, or refuse. */
static NTSTATUS ndk_mr_begin(struct ndk_mr *mr, struct ndk_mr_request *rq,
			     enum ndk_mr_state from, enum ndk_mr_state to,
			     NDK_FN_REQUEST_COMPLETION fn, void *ctx)
{
	enum ndk_mr_state state;
	unsigned long flags;

	spin_lock_irqsave(&mr->obj.lock, flags);
	state = mr->state;
	if (state == from)
		ndk_mr_enter(mr, to);
	spin_unlock_irqrestore(&mr->obj.lock, flags);

	if (state != from) {
		rq->rq.free(&rq->rq);
		return ndk_refuse_for(&mr->obj, STATUS_INVALID_DEVICE_STATE,
				      ndk_mr_state_fault[state], 0, 0);
	}
	rq->rq.cancel = NULL;
	rq->rq.fn = fn;
	rq->rq.ctx = ctx;
	ndk_request_submit(&mr->obj, &rq->rq);
	return STATUS_PENDING;
}

/**
 * ndk_register_mr() - NDK_FN_REGISTER_MR
 * @pNdkMr: region created without FastRegister
 * @Mdl: locked, virtually contiguous memory; left alone until completion
 * @Length: bytes from the beginning of @Mdl. Kernel memory: at most the
 *	device's page list (MaxRegistrationSize fits at every offset); memory
 *	of a user process: no limit but that of some drivers
 * @Flags: NDK_MR_FLAG_*
 * @RequestCompletion: called after STATUS_PENDING
 * @RequestContext: its context
 *
 * Addresses in the region are those of the MDL, which nobody dereferences.
 *
 * Context: any.
 * Return: STATUS_PENDING, STATUS_INVALID_PARAMETER (not contiguous, not
 * locked, bad length, unknown flag), STATUS_ACCESS_VIOLATION (write access to
 * memory that was locked for reading), STATUS_INVALID_DEVICE_REQUEST (a fast
 * region), STATUS_INVALID_DEVICE_STATE (registered already),
 * STATUS_NOT_SUPPORTED (user memory over the page list, or any on iWARP, and
 * the driver cannot take it), STATUS_INSUFFICIENT_RESOURCES (also through the
 * callback), STATUS_DEVICE_REMOVED. Through the callback also
 * STATUS_NOT_SUPPORTED for kernel memory on iWARP and for memory that the
 * device would not see itself, or at another place in its page (see
 * NdkBuildLAM), STATUS_NETWORK_UNREACHABLE
 * while no port has an address, STATUS_CANCELLED when the region is closed
 * meanwhile, unless its driver is at it already, and for user memory that the
 * driver takes STATUS_ACCESS_VIOLATION (the process has other pages there now
 * than those that are locked) and STATUS_PROCESS_IS_TERMINATING.
 */
NTSTATUS ndk_register_mr(NDK_MR *pNdkMr, MDL *Mdl, SIZE_T Length, ULONG Flags,
			 NDK_FN_REQUEST_COMPLETION RequestCompletion,
			 PVOID RequestContext)
{
	struct ndk_mr *mr = to_ndk_mr(pNdkMr);
	struct ndk_device *dev = mr->obj.dev;
	struct ndk_mdl_range range;
	struct ndk_mr_request *rq;
	bool sink;
	const char *fault;
	NTSTATUS status;
	int access;

	if (mr->fast)
		return ndk_refuse(&mr->obj, STATUS_INVALID_DEVICE_REQUEST,
				  "pNdkMr (a fast-register region)", 0, 0);
	if (ndk_device_gone(dev))
		return ndk_refuse(&mr->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	if (Flags & ~NDK_MR_FLAGS)
		return ndk_refuse(&mr->obj, STATUS_INVALID_PARAMETER, "Flags",
				  Flags, NDK_MR_FLAGS);
	fault = ndk_mdl_check(Mdl, Length, &range);
	if (fault)
		return ndk_refuse_for(&mr->obj, STATUS_INVALID_PARAMETER, fault,
				      Length, 0);
	if (!Mdl->Mm && range.npages > dev->max_frmr_pages)
		return ndk_refuse(&mr->obj, STATUS_INVALID_PARAMETER,
				  "Length (pages of kernel memory)",
				  range.npages, dev->max_frmr_pages);
	if (ndk_mr_is_for_driver(dev, &range)) {
		status = ndk_mr_user_check(mr, range.npages,
					   ndk_mr_user_limit(dev));
		if (status)
			return status;
	}
	/* Where a sink needs no right of its own, the flag refuses nothing. */
	sink = (Flags & NDK_MR_FLAG_RDMA_READ_SINK) &&
	       (range.writable || !(dev->info.AdapterFlags &
				    NDK_ADAPTER_FLAG_RDMA_READ_SINK_NOT_REQUIRED));
	access = ndk_mr_access(mr, Flags & NDK_MR_FLAG_ALLOW_LOCAL_WRITE,
			       Flags & NDK_MR_FLAG_ALLOW_REMOTE_READ,
			       Flags & NDK_MR_REMOTE_WRITE, sink);
	if ((access & IB_ACCESS_LOCAL_WRITE) && !range.writable)
		return ndk_refuse(&mr->obj, STATUS_ACCESS_VIOLATION,
				  "Mdl (locked for reading only)", 0, 0);

	rq = ndk_mr_request_get(mr);
	if (!rq)
		return ndk_refuse(&mr->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*rq), 0);
	rq->rq.run = ndk_mr_register_run;
	rq->mdl = Mdl;
	rq->length = Length;
	rq->access = access;
	return ndk_mr_begin(mr, rq, NDK_MR_CREATED, NDK_MR_REGISTERING,
			    RequestCompletion, RequestContext);
}

/**
 * ndk_deregister_mr() - NDK_FN_DEREGISTER_MR
 * @pNdkMr: a registered region
 * @RequestCompletion: called after STATUS_PENDING
 * @RequestContext: its context
 *
 * On completion nobody reaches the memory through the region any more and the
 * consumer may unlock it. The region may be registered again.
 *
 * Context: any.
 * Return: STATUS_PENDING, STATUS_INVALID_DEVICE_REQUEST (a fast region),
 * STATUS_INVALID_DEVICE_STATE (not registered); STATUS_CANCELLED through the
 * callback when the region is closed meanwhile, which withdraws the access
 * before the close completes.
 */
NTSTATUS ndk_deregister_mr(NDK_MR *pNdkMr,
			   NDK_FN_REQUEST_COMPLETION RequestCompletion,
			   PVOID RequestContext)
{
	struct ndk_mr *mr = to_ndk_mr(pNdkMr);
	struct ndk_mr_request *rq;

	if (mr->fast)
		return ndk_refuse(&mr->obj, STATUS_INVALID_DEVICE_REQUEST,
				  "pNdkMr (a fast-register region)", 0, 0);
	if (ndk_device_gone(mr->obj.dev))
		return ndk_refuse(&mr->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);

	rq = ndk_mr_request_get(mr);
	if (!rq)
		return ndk_refuse(&mr->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*rq), 0);
	rq->rq.run = ndk_mr_deregister_run;
	return ndk_mr_begin(mr, rq, NDK_MR_VALID, NDK_MR_DEREGISTERING,
			    RequestCompletion, RequestContext);
}
