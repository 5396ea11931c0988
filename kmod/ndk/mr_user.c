// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registering memory of a user process through its driver's own path, in the
 * address space of the process: no page limit, and every transport.
 *
 * The driver pins what is mapped, and would wait for whoever serves a page that
 * is missing: a FUSE daemon, a userfaultfd. It is the MDL's pages that are to be
 * registered, and they are pinned already. So the mapping is compared with the
 * MDL before, without waiting for anybody and outside any device section: the
 * driver then finds all pages in place. It is compared again afterwards, before
 * anybody learns the tokens, because the process may have changed it meanwhile.
 * All of this is done on a work queue of its own, for a process that changes
 * its mapping just between the first look and the driver's can still make the
 * driver wait.
 */
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "device.h"
#include "dma.h"
#include "driver.h"
#include "mdl.h"
#include "mr.h"
#include "pd.h"
#include "status.h"

/* Pages looked up at once. */
#define NDK_MR_BATCH	32

static struct workqueue_struct *ndk_mr_user_wq;

/**
 * struct ndk_mr_mapping - what a process has mapped in a range
 * @start: its first page's address
 * @npages: pages of the range
 * @flags: FOLL_*
 * @first: index of the first page in @pages
 * @end: index behind the last page in @pages
 * @pages: to be compared, not to be followed
 */
struct ndk_mr_mapping {
	unsigned long start;
	SIZE_T npages;
	unsigned int flags;
	SIZE_T first;
	SIZE_T end;
	struct page *pages[NDK_MR_BATCH];
};

/* What is mapped, and what can be mapped without waiting. */
static bool ndk_mr_look(struct ndk_mr_mapping *map)
{
	SIZE_T want = min_t(SIZE_T, map->npages - map->end, NDK_MR_BATCH);
	unsigned long addr = map->start + map->end * PAGE_SIZE;
	long i, more, n;

	n = get_user_pages_fast_only(addr, want, map->flags, map->pages);
	n = max(n, 0L);
	if (n < want) {
		more = get_user_pages_unlocked(addr + n * PAGE_SIZE, want - n,
					       map->pages + n,
					       map->flags | FOLL_NOWAIT);
		n += max(more, 0L);
	}
	for (i = 0; i < n; i++)
		put_page(map->pages[i]);
	map->first = map->end;
	map->end += n;
	return n;
}

static bool ndk_mr_is_mapped(u32 index, struct page *page, void *ctx)
{
	struct ndk_mr_mapping *map = ctx;

	if (index == map->end && !ndk_mr_look(map))
		return false;
	return map->pages[index - map->first] == page;
}

/* In the address space of the process. */
static NTSTATUS ndk_mr_compare(struct ndk_mr *mr,
			       const struct ndk_mdl_range *range)
{
	struct ndk_mr_mapping map = {
		.start = range->va & PAGE_MASK,
		.npages = range->npages,
		.flags = range->writable ? FOLL_WRITE : 0,
	};

	if (ndk_mdl_walk(range, ndk_mr_is_mapped, &map))
		return STATUS_SUCCESS;
	return ndk_refuse(&mr->obj, STATUS_ACCESS_VIOLATION,
			  "Mdl (not mapped by the process)", 0, 0);
}

static NTSTATUS ndk_mr_let_driver(struct ndk_mr *mr,
				  const struct ndk_mr_request *rq,
				  const struct ndk_mdl_range *range)
{
	const char *fault;
	struct ib_mr *ibmr;
	NTSTATUS status;
	int idx;

	if (!ndk_device_enter(mr->obj.dev, &idx))
		return ndk_refuse(&mr->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	/* The driver maps them, and does not tell where. */
	fault = ndk_dma_try(mr->obj.dev->ib, range);
	if (fault) {
		ndk_device_leave(mr->obj.dev, idx);
		return ndk_refuse_for(&mr->obj, STATUS_NOT_SUPPORTED, fault,
				      0, 0);
	}
	ibmr = ib_reg_user_mr(mr->pd->pd, range->va, range->length, range->va,
			      rq->access);
	if (!IS_ERR(ibmr)) {
		spin_lock_irq(&mr->obj.lock);
		mr->user_mr = ibmr;
		spin_unlock_irq(&mr->obj.lock);
	}
	ndk_device_leave(mr->obj.dev, idx);

	if (!IS_ERR(ibmr))
		return STATUS_SUCCESS;
	status = PTR_ERR(ibmr) == -EFAULT ? STATUS_ACCESS_VIOLATION :
		 ndk_status_from_errno(PTR_ERR(ibmr));
	return ndk_refuse(&mr->obj, status, "ib_reg_user_mr", -PTR_ERR(ibmr),
			  0);
}

static NTSTATUS ndk_mr_register_user(struct ndk_mr *mr,
				     const struct ndk_mr_request *rq)
{
	struct ndk_mdl_range range;
	struct mm_struct *mm;
	const char *fault;
	NTSTATUS status;

	fault = ndk_mdl_check(rq->mdl, rq->length, &range);
	if (fault)
		return ndk_refuse_for(&mr->obj, STATUS_INVALID_PARAMETER, fault,
				      rq->length, 0);
	mm = range.mdl->Mm;
	if (!mmget_not_zero(mm))
		return ndk_refuse(&mr->obj, STATUS_PROCESS_IS_TERMINATING,
				  "Mdl (its process has ended)", 0, 0);

	kthread_use_mm(mm);
	status = ndk_mr_compare(mr, &range);
	if (!status)
		status = ndk_mr_let_driver(mr, rq, &range);
	if (!status) {
		status = ndk_mr_compare(mr, &range);
		/* The consumer may unlock as soon as it hears of the failure. */
		if (status)
			ndk_mr_withdraw(mr);
	}
	kthread_unuse_mm(mm);
	mmput(mm);
	return status;
}

static void ndk_mr_user_work(struct ndk_work *work)
{
	struct ndk_mr_request *rq = container_of(work, struct ndk_mr_request,
						 work);
	struct ndk_mr *mr = container_of(rq->rq.obj, struct ndk_mr, obj);
	NTSTATUS status = ndk_mr_register_user(mr, rq);

	spin_lock_irq(&mr->obj.lock);
	/* Removal takes it away whenever no section is open. */
	if (!status && !mr->user_mr)
		status = STATUS_DEVICE_REMOVED;
	if (!status) {
		mr->access = rq->access;
		/* Some devices give no remote key where no right is remote. */
		ndk_mr_set_tokens(mr, mr->user_mr->lkey,
				  mr->user_mr->rkey ?: mr->user_mr->lkey);
	}
	ndk_mr_enter(mr, status ? NDK_MR_CREATED : NDK_MR_VALID);
	spin_unlock_irq(&mr->obj.lock);
	ndk_request_finish(&rq->rq, status);
}

/**
 * ndk_mr_user_check() - can the driver register user memory for us?
 * @mr: the region
 * @npages: pages to be registered, for the refusal
 * @limit: what there is a way for without the driver, for the refusal
 *
 * Context: any.
 * Return: STATUS_SUCCESS; or what the request is refused with.
 */
NTSTATUS ndk_mr_user_check(struct ndk_mr *mr, SIZE_T npages, SIZE_T limit)
{
	struct ndk_device *dev = mr->obj.dev;
	bool served;
	int idx;

	if (!ndk_device_enter(dev, &idx))
		return ndk_refuse(&mr->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	served = dev->ib->ops.reg_user_mr &&
		 !(ndk_driver_habits(dev->ib) & NDK_DRIVER_NO_USER_MR);
	ndk_device_leave(dev, idx);
	if (served)
		return STATUS_SUCCESS;
	return ndk_refuse(&mr->obj, STATUS_NOT_SUPPORTED,
			  "Length (pages of user memory)",
			  npages, limit);
}

/**
 * ndk_mr_user_submit() - register memory of a process through its driver
 * @rq: the request, complete, on a region in the registering state
 *
 * The request's callback follows.
 *
 * Context: any.
 */
void ndk_mr_user_submit(struct ndk_mr_request *rq)
{
	ndk_work_init(&rq->work, ndk_mr_user_work);
	queue_work(ndk_mr_user_wq, &rq->work.work);
}

int ndk_mr_user_module_init(void)
{
	/* Not for reclaim: what it does allocates, in the kernel at large. */
	ndk_mr_user_wq = alloc_workqueue("ndk_user", WQ_UNBOUND, 0);
	return ndk_mr_user_wq ? 0 : -ENOMEM;
}

void ndk_mr_user_module_exit(void)
{
	destroy_workqueue(ndk_mr_user_wq);
}
