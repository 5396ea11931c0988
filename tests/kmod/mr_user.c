// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the process that reads the test's file: locked, described by an
 * MDL, registered from any context, reached by a peer.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <rdma/ib_verbs.h>

#include "harness.h"
#include "user.h"

/* Callbacks that must not come are waited for this long. */
#define ST_QUIET	(HZ / 2)

/* More than what others hold of a page, or of a process, for a moment. */
#define ST_MANY		64

static void st_user_job(struct st_test *t, struct st_user *u, size_t len)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 1);
	UINT32 token;
	NDK_MR *mr;
	int i;

	if (!p || !local || !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)))
		return;
	/* the same memory twice, through the same object */
	for (i = 0; i < 2; i++) {
		if ((i && !ST_OK(t, st_deregister(t, mr))) ||
		    !ST_OK(t, st_register(t, mr, u->mdl, len, ST_MR_ALL)))
			return;
		token = st_remote_token(t, mr);
		if (!st_user_access(t, &p->b, u, token, len))
			return;
	}
	/* a byte past it is out of reach */
	ST_STATUS(t, st_rdma(t, &p->b, NdkOperationTypeRead, local, 0, 1,
			     (u64)(ULONG_PTR)MmGetMdlVirtualAddress(u->mdl) +
			     len, token), st_refusal(t));
}

static void st_user_memory(struct st_test *t)
{
	size_t len = t->arg, offset = 1234;
	struct st_user u;

	if (!st_user_map(t, &u, PAGE_ALIGN(offset + len),
			 PROT_READ | PROT_WRITE))
		return;
	if (ST_OK(t, st_user_lock(t, &u, offset, len, IoModifyAccess)))
		st_user_job(t, &u, len);
	/* no region may refer to the pages when they are unlocked */
	st_objects_close(t);
	st_user_unmap(t, &u);
}

/* What the process may not write, a device may not either. */
static void st_user_read_only(struct st_test *t)
{
	struct st_user u;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!st_user_map(t, &u, 4 * PAGE_SIZE, PROT_READ))
		return;
	ST_STATUS(t, st_user_lock(t, &u, 0, u.size, IoWriteAccess),
		  STATUS_ACCESS_VIOLATION);
	if (ST_OK(t, st_user_lock(t, &u, 0, u.size, IoReadAccess)) &&
	    ST_OK(t, st_create_pd(t, &pd)) &&
	    ST_OK(t, st_create_mr(t, pd, false, &mr))) {
		ST_STATUS(t, st_register(t, mr, u.mdl, u.size,
					 NDK_MR_FLAG_ALLOW_REMOTE_WRITE),
			  STATUS_ACCESS_VIOLATION);
		ST_OK(t, st_register(t, mr, u.mdl, u.size,
				     NDK_MR_FLAG_ALLOW_REMOTE_READ));
		/* on iWARP a sink is written to by the peer */
		if (ST_OK(t, st_deregister(t, mr)))
			ST_STATUS(t, st_register(t, mr, u.mdl, u.size,
						 NDK_MR_FLAG_ALLOW_REMOTE_READ |
						 NDK_MR_FLAG_RDMA_READ_SINK),
				  st_is_iwarp(t) ? STATUS_ACCESS_VIOLATION :
						   STATUS_SUCCESS);
	}
	st_objects_close(t);
	st_user_unmap(t, &u);
}

static void st_user_unmapped(struct st_test *t)
{
	struct st_user u;

	if (!st_user_map(t, &u, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE))
		return;
	vm_munmap(u.addr + 2 * PAGE_SIZE, PAGE_SIZE);
	ST_STATUS(t, st_user_lock(t, &u, 0, u.size, IoModifyAccess),
		  STATUS_ACCESS_VIOLATION);
	st_user_unmap(t, &u);
}

/* The peer reads the first bytes of the process's memory. */
static void st_user_peek(struct st_test *t, struct st_pair *p,
			 struct st_user *u, UINT32 token, struct st_buf *want)
{
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, want->len);

	if (!local)
		return;
	st_buf_expect(local, 0, st_data(want), want->len);
	ST_OK(t, st_rdma(t, &p->b, NdkOperationTypeRead, local, 0, want->len,
			 (u64)(ULONG_PTR)MmGetMdlVirtualAddress(u->mdl),
			 token));
	ST_BUF(t, local);
}

/* Registered are the pages that are locked, whatever the process maps now. */
static void st_user_locked_pages(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *want = st_buf_new(t, ST_CONTIG, 0, PAGE_SIZE);
	struct st_user u;
	NDK_MR *mr;

	if (!p || !want || !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)) ||
	    !st_user_map(t, &u, t->arg, PROT_READ | PROT_WRITE))
		return;
	if (!ST_EXPECT(t, !copy_to_user((void __user *)u.addr, st_data(want),
					want->len), "not writable") ||
	    !ST_OK(t, st_user_lock(t, &u, 0, u.size, IoModifyAccess)) ||
	    !st_user_replace(t, &u))
		goto out;
	if (u.size <= t->info.MaxRegistrationSize) {
		if (ST_OK(t, st_register(t, mr, u.mdl, u.size, ST_MR_ALL)))
			st_user_peek(t, p, &u, st_remote_token(t, mr), want);
	} else {
		/* the driver would take what is mapped */
		ST_STATUS(t, st_register(t, mr, u.mdl, u.size, ST_MR_ALL),
			  STATUS_ACCESS_VIOLATION);
		st_refused_for(t, &mr->Header, "Mdl (not mapped by the process");
		ST_EXPECT(t, !st_remote_token(t, mr), "it has a token");
		/* and with nothing mapped at all */
		vm_munmap(u.addr, u.size);
		ST_STATUS(t, st_register(t, mr, u.mdl, u.size, ST_MR_ALL),
			  STATUS_ACCESS_VIOLATION);
		u.addr = -ENOMEM;
	}
out:
	st_objects_close(t);
	st_user_unmap(t, &u);
}

/* What is locked for reading is what the process writes to later. */
static void st_user_written_later(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *want = st_buf_new(t, ST_CONTIG, 0, PAGE_SIZE);
	struct st_user u;
	NDK_MR *mr;

	if (!p || !want || !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)) ||
	    !st_user_map(t, &u, t->arg, PROT_READ | PROT_WRITE))
		return;
	if (ST_OK(t, st_user_lock(t, &u, 0, u.size, IoReadAccess)) &&
	    ST_OK(t, st_register(t, mr, u.mdl, u.size,
				 NDK_MR_FLAG_ALLOW_REMOTE_READ)) &&
	    ST_EXPECT(t, !copy_to_user((void __user *)u.addr, st_data(want),
				       want->len), "not writable"))
		st_user_peek(t, p, &u, st_remote_token(t, mr), want);
	st_objects_close(t);
	st_user_unmap(t, &u);
}

static void st_user_no_access(struct st_test *t)
{
	struct st_user u;

	if (!st_user_map(t, &u, 4 * PAGE_SIZE, PROT_NONE))
		return;
	ST_STATUS(t, st_user_lock(t, &u, 0, u.size, IoReadAccess),
		  STATUS_ACCESS_VIOLATION);
	st_user_unmap(t, &u);
}

/* References on what an MDL describes, of anybody; of a large page once. */
static long st_page_references(const MDL *mdl)
{
	struct folio *folio, *last = NULL;
	long sum = 0;
	u32 i;

	for (i = 0; i < ndk_mdl_page_count(mdl); i++, last = folio) {
		folio = page_folio(mdl->Pages[i]);
		if (folio != last)
			sum += folio_ref_count(folio);
	}
	return sum;
}

/* The pages that a registration looks at are not kept; nor is their process, st_end(). */
static void st_user_references(struct st_test *t)
{
	long before, after;
	struct st_user u;
	NDK_PD *pd;
	NDK_MR *mr;
	int i;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)) ||
	    !st_user_map(t, &u, t->arg, PROT_READ | PROT_WRITE))
		return;
	if (!ST_OK(t, st_user_lock(t, &u, 0, u.size, IoModifyAccess)))
		goto out;
	before = st_page_references(u.mdl);
	for (i = 0; i < 4; i++)
		if (!ST_OK(t, st_register(t, mr, u.mdl, u.size, ST_MR_ALL)) ||
		    !ST_OK(t, st_deregister(t, mr)))
			goto out;
	after = st_page_references(u.mdl);
	ST_EXPECT(t, after < before + ST_MANY,
		  "%ld references on the pages, there were %ld", after, before);
out:
	st_objects_close(t);
	st_user_unmap(t, &u);
}

/* Memory that is locked keeps its process no longer than that. */
static void st_user_lock_references(struct st_test *t)
{
	int i, before, after;
	struct st_user u;

	if (!st_user_map(t, &u, PAGE_SIZE, PROT_READ | PROT_WRITE))
		return;
	before = atomic_read(&current->mm->mm_count);
	for (i = 0; i < 2 * ST_MANY; i++) {
		if (!ST_OK(t, st_user_lock(t, &u, 0, u.size, IoModifyAccess)))
			break;
		st_user_unlock(&u);
	}
	after = atomic_read(&current->mm->mm_count);
	ST_EXPECT(t, after < before + ST_MANY,
		  "%d references on the process, there were %d", after, before);
	st_user_unmap(t, &u);
}

/* What a device may have written to is dirty when it is unlocked, no other. */
static void st_user_dirty(struct st_test *t)
{
	struct folio *folio;
	struct st_user u;
	bool dirty;

	if (!st_user_map(t, &u, PAGE_SIZE, PROT_READ | PROT_WRITE))
		return;
	if (!ST_OK(t, st_user_lock(t, &u, 0, u.size,
				   t->arg ? IoWriteAccess : IoReadAccess)))
		goto out;
	/* It stays mapped, and nobody writes it anywhere. */
	folio = page_folio(u.mdl->Pages[0]);
	folio_clear_dirty(folio);
	st_user_unlock(&u);
	dirty = folio_test_dirty(folio);
	ST_EXPECT(t, dirty == t->arg, "it is %s", dirty ? "dirty" : "clean");
out:
	st_user_unmap(t, &u);
}

/* One range is of one address space, whatever the addresses say. */
static void st_user_mixed(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_PAGES, 0, PAGE_SIZE);
	MDL *second = NULL;
	struct st_user u;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!buf || !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)) ||
	    !st_user_map(t, &u, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE))
		return;
	if (!ST_OK(t, st_user_lock(t, &u, 0, PAGE_SIZE, IoModifyAccess)))
		goto out;
	second = IoAllocateMdl((PVOID)(u.addr + PAGE_SIZE), PAGE_SIZE, FALSE,
			       FALSE, NULL);
	if (!ST_EXPECT(t, second, "no MDL") ||
	    !ST_OK(t, ndk_mdl_set_pages(second, buf->pages + 1, 1)))
		goto out;
	u.mdl->Next = second;
	if (ST_STATUS(t, st_register(t, mr, u.mdl, 2 * PAGE_SIZE, ST_MR_ALL),
		      STATUS_INVALID_PARAMETER))
		st_refused_for(t, &mr->Header, "Mdl (mixes address spaces)");
	u.mdl->Next = NULL;
out:
	st_objects_close(t);
	IoFreeMdl(second);
	st_user_unmap(t, &u);
}

/* What a device may not write to is no more open as a part of something else. */
static void st_user_partly_read_only(struct st_test *t)
{
	MDL *second = NULL;
	struct st_user u;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)) ||
	    !st_user_map(t, &u, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE))
		return;
	if (!ST_OK(t, st_user_lock(t, &u, 0, PAGE_SIZE, IoModifyAccess)))
		goto out;
	second = IoAllocateMdl((PVOID)(u.addr + PAGE_SIZE), PAGE_SIZE, FALSE,
			       FALSE, NULL);
	if (!ST_EXPECT(t, second, "no MDL") ||
	    !ST_OK(t, MmProbeAndLockPages(second, UserMode, IoReadAccess)))
		goto out;
	u.mdl->Next = second;
	if (ST_STATUS(t, st_register(t, mr, u.mdl, 2 * PAGE_SIZE, ST_MR_ALL),
		      STATUS_ACCESS_VIOLATION))
		st_refused_for(t, &mr->Header, "Mdl (locked for reading only)");
	if (ST_OK(t, st_register(t, mr, u.mdl, 2 * PAGE_SIZE,
				 NDK_MR_FLAG_ALLOW_REMOTE_READ)) &&
	    ST_OK(t, st_deregister(t, mr)))
		ST_OK(t, st_register(t, mr, u.mdl, PAGE_SIZE, ST_MR_ALL));
	u.mdl->Next = NULL;
out:
	st_objects_close(t);
	if (second) {
		MmUnlockPages(second);
		IoFreeMdl(second);
	}
	st_user_unmap(t, &u);
}

/* Pages that are not neighbours, and which of them is the i-th to be there. */
#define ST_SCATTERED	32
#define ST_NTH(i)	(2 * (i) % ST_SCATTERED + (i) * 2 / ST_SCATTERED)

/* What is mapped into the kernel is, too, no longer than it is locked. */
static void st_user_unmapped_too(struct st_test *t)
{
	unsigned long at;
	struct st_user u;
	int i;

	if (!st_user_map(t, &u, ST_SCATTERED * PAGE_SIZE,
			 PROT_READ | PROT_WRITE))
		return;
	/* Every other one first, so that they are not side by side. */
	for (i = 0; i < ST_SCATTERED; i++) {
		at = u.addr + ST_NTH(i) * PAGE_SIZE;
		ST_EXPECT(t, !clear_user((void __user *)at, 1), "not writable");
	}
	if (!ST_OK(t, st_user_lock(t, &u, 0, u.size, IoModifyAccess)))
		goto out;
	ST_EXPECT(t, MmGetSystemAddressForMdlSafe(u.mdl, NormalPagePriority),
		  "not mapped");
	ST_EXPECT(t, u.mdl->MappedSystemVa, "the pages are side by side");
	MmUnlockPages(u.mdl);
	ST_EXPECT(t, !u.mdl->MappedSystemVa &&
		  !MmGetSystemAddressForMdlSafe(u.mdl, NormalPagePriority),
		  "mapped, and not locked");
out:
	st_user_unmap(t, &u);
}

/* Whoever has registered it, there is a region of the device's. */
static void st_user_ib_mr(struct st_test *t)
{
	struct ib_mr *ib_mr;
	struct st_user u;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)) ||
	    !st_user_map(t, &u, t->arg, PROT_READ | PROT_WRITE))
		return;
	if (ST_OK(t, st_user_lock(t, &u, 0, u.size, IoModifyAccess)) &&
	    ST_OK(t, st_register(t, mr, u.mdl, u.size, ST_MR_ALL))) {
		ib_mr = st_ib_mr(t, mr);
		if (ib_mr)
			ST_EXPECT(t, ib_mr->lkey == st_local_token(t, mr),
				  "the ib_mr has another key");
	}
	st_objects_close(t);
	st_user_unmap(t, &u);
}

/* Memory that is for no peer has tokens as any other. */
static void st_user_local_only(struct st_test *t)
{
	struct st_user u;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)) ||
	    !st_user_map(t, &u, t->arg, PROT_READ | PROT_WRITE))
		return;
	if (ST_OK(t, st_user_lock(t, &u, 0, u.size, IoModifyAccess)) &&
	    ST_OK(t, st_register(t, mr, u.mdl, u.size,
				 NDK_MR_FLAG_ALLOW_LOCAL_WRITE)))
		ST_EXPECT(t, st_local_token(t, mr) && st_remote_token(t, mr),
			  "the tokens are 0x%x and 0x%x", st_local_token(t, mr),
			  st_remote_token(t, mr));
	st_objects_close(t);
	st_user_unmap(t, &u);
}

/* Some drivers' user path is for callers in user space only. */
static void st_user_driver(struct st_test *t)
{
	static const enum rdma_driver_id ids[] = {
		RDMA_DRIVER_IRDMA, RDMA_DRIVER_MTHCA, RDMA_DRIVER_HNS,
	};
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;
	enum rdma_driver_id real;
	struct st_user u;
	NDK_MR *mr;
	size_t i;

	if (!ib_qp || !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)) ||
	    !st_user_map(t, &u, SZ_4M, PROT_READ | PROT_WRITE))
		return;
	if (!ST_OK(t, st_user_lock(t, &u, 0, u.size, IoModifyAccess)))
		goto out;
	real = ib_qp->device->ops.driver_id;
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		ib_qp->device->ops.driver_id = ids[i];
		ST_STATUS(t, st_register(t, mr, u.mdl, u.size, ST_MR_ALL),
			  STATUS_NOT_SUPPORTED);
		st_refused_for(t, &mr->Header, "Length (pages of user memory");
		/* on iWARP there is nothing else for a shorter piece */
		if (st_is_iwarp(t)) {
			ST_STATUS(t, st_register(t, mr, u.mdl, 1, ST_MR_ALL),
				  STATUS_NOT_SUPPORTED);
			continue;
		}
		/* what fits the page list never gets there, if only just */
		ST_OK(t, st_register(t, mr, u.mdl, SZ_1M, ST_MR_ALL));
		ST_OK(t, st_deregister(t, mr));
		ST_OK(t, st_register(t, mr, u.mdl,
				     min_t(SIZE_T, u.size,
					   t->info.MaxRegistrationSize +
					   PAGE_SIZE), ST_MR_ALL));
		ST_OK(t, st_deregister(t, mr));
	}
	ib_qp->device->ops.driver_id = real;
	ST_OK(t, st_register(t, mr, u.mdl, u.size, ST_MR_ALL));
out:
	st_objects_close(t);
	st_user_unmap(t, &u);
}

/**
 * struct st_apart - a deregistration from inside the registration's callback
 * @mr: the region
 * @dereg: the deregistration
 * @together: its callback came while that of the registration was running
 */
struct st_apart {
	NDK_MR *mr;
	struct st_req *dereg;
	bool together;
};

static void st_deregister_inside(struct st_req *req)
{
	struct st_apart *a = req->priv;
	NDK_MR *mr = a->mr;

	a->dereg->answer = mr->Dispatch->NdkDeregisterMr(mr, st_on_request,
							 a->dereg);
	if (!wait_for_completion_timeout(&a->dereg->done, ST_QUIET))
		return;
	a->together = true;
	complete(&a->dereg->done);
}

/* One region's requests are called back one after the other. */
static void st_user_apart(struct st_test *t)
{
	struct st_apart apart = {};
	struct st_req *req;
	struct st_user u;
	NDK_PD *pd;

	if (!st_user_map(t, &u, t->arg, PROT_READ | PROT_WRITE))
		return;
	if (!ST_OK(t, st_user_lock(t, &u, 0, u.size, IoModifyAccess)) ||
	    !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &apart.mr)))
		goto out;
	apart.dereg = st_req_new(t, "NdkDeregisterMr");
	req = st_req_new(t, "NdkRegisterMr");
	req->priv = &apart;
	req->hook = st_deregister_inside;
	req->answer = apart.mr->Dispatch->NdkRegisterMr(apart.mr, u.mdl, u.size,
							ST_MR_ALL,
							st_on_request, req);
	if (ST_OK(t, st_req_wait(t, req)) &&
	    ST_OK(t, st_req_wait(t, apart.dereg)))
		ST_EXPECT(t, !apart.together, "two callbacks at once");
out:
	st_objects_close(t);
	st_user_unmap(t, &u);
}

/* An MDL whose pages nobody filled in describes nothing. */
static void st_user_not_locked(struct st_test *t)
{
	struct st_user u;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!st_user_map(t, &u, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE))
		return;
	u.mdl = IoAllocateMdl((PVOID)u.addr, u.size, FALSE, FALSE, NULL);
	if (ST_EXPECT(t, u.mdl, "no MDL") && ST_OK(t, st_create_pd(t, &pd)) &&
	    ST_OK(t, st_create_mr(t, pd, false, &mr)))
		ST_STATUS(t, st_register(t, mr, u.mdl, u.size, ST_MR_ALL),
			  STATUS_INVALID_PARAMETER);
	st_user_unmap(t, &u);
}

static const struct st_case st_cases[] = {
	{ .name = "1_mib", .run = st_user_memory, .arg = SZ_1M },
	{ .name = "1_mib_bh_off", .run = st_user_memory, .arg = SZ_1M,
	  .ctx = ST_BH_OFF },
	{ .name = "1_mib_irq_off", .run = st_user_memory, .arg = SZ_1M,
	  .ctx = ST_IRQ_OFF },
	{ .name = "1_mib_softirq", .run = st_user_memory, .arg = SZ_1M,
	  .ctx = ST_SOFTIRQ },
	{ .name = "64_mib", .run = st_user_memory, .arg = SZ_64M },
	{ .name = "locked_pages_1_mib", .run = st_user_locked_pages,
	  .arg = SZ_1M },
	{ .name = "locked_pages_4_mib", .run = st_user_locked_pages,
	  .arg = SZ_4M },
	{ .name = "written_later_1_mib", .run = st_user_written_later,
	  .arg = SZ_1M },
	{ .name = "written_later_4_mib", .run = st_user_written_later,
	  .arg = SZ_4M },
	{ .name = "callbacks_apart_1_mib", .run = st_user_apart,
	  .arg = SZ_1M },
	{ .name = "callbacks_apart_4_mib", .run = st_user_apart,
	  .arg = SZ_4M },
	{ .name = "references_1_mib", .run = st_user_references,
	  .arg = SZ_1M },
	{ .name = "references_4_mib", .run = st_user_references,
	  .arg = SZ_4M },
	{ .name = "lock_references", .run = st_user_lock_references },
	{ .name = "dirty", .run = st_user_dirty, .arg = true },
	{ .name = "clean", .run = st_user_dirty, .arg = false },
	{ .name = "mixed", .run = st_user_mixed },
	{ .name = "partly_read_only", .run = st_user_partly_read_only },
	{ .name = "unmapped_too", .run = st_user_unmapped_too },
	{ .name = "ib_mr_1_mib", .run = st_user_ib_mr, .arg = SZ_1M },
	{ .name = "ib_mr_4_mib", .run = st_user_ib_mr, .arg = SZ_4M },
	{ .name = "local_only_1_mib", .run = st_user_local_only,
	  .arg = SZ_1M },
	{ .name = "local_only_4_mib", .run = st_user_local_only,
	  .arg = SZ_4M },
	{ .name = "driver", .run = st_user_driver },
	{ .name = "read_only", .run = st_user_read_only },
	{ .name = "no_access", .run = st_user_no_access },
	{ .name = "unmapped", .run = st_user_unmapped },
	{ .name = "not_locked", .run = st_user_not_locked },
};

const struct st_suite st_suite_mr_user = {
	"mr_user", st_cases, ARRAY_SIZE(st_cases),
};
