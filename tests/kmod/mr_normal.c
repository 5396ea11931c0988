// SPDX-License-Identifier: GPL-2.0-only
/*
 * The main job of the normal path: NdkRegisterMr and NdkDeregisterMr.
 */
#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

struct st_normal {
	ULONG offset;
	ULONG len;
	enum st_how how;
};

static void st_normal(struct st_test *t)
{
	const struct st_normal *n = (const struct st_normal *)t->arg;
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, n->how, n->offset, n->len);
	struct st_buf *next = st_buf_new(t, n->how, 3, PAGE_SIZE);
	struct st_buf *sink = st_buf_new(t, ST_CONTIG, 0, 1);
	UINT32 token, again;
	NDK_MR *mr;

	if (!p || !buf || !next || !sink || !st_registers_kernel(t) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)) ||
	    !ST_OK(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL)))
		return;
	token = st_remote_token(t, mr);
	ST_EXPECT(t, token && st_local_token(t, mr), "a token is 0");
	ST_EXPECT(t, token != p->a.priv && st_local_token(t, mr) != p->a.priv,
		  "a token equals the privileged one");
	if (!st_access(t, &p->b, buf, buf->label, token) ||
	    !ST_OK(t, st_deregister(t, mr)))
		return;

	/* the same object with other memory: its earlier token is dead */
	if (!ST_OK(t, st_register(t, mr, next->mdl, next->len, ST_MR_ALL)))
		return;
	again = st_remote_token(t, mr);
	ST_EXPECT(t, again != token, "the token survived deregistration");
	if (!st_access(t, &p->b, next, next->label, again) ||
	    !ST_OK(t, st_deregister(t, mr)))
		return;
	ST_STATUS(t, st_rdma(t, &p->b, NdkOperationTypeRead, sink, 0, 1,
			     next->label, again), st_refusal(t));
	ST_BUF(t, sink);
	st_close(t, &mr->Header);
	ST_BUF(t, buf);
	ST_BUF(t, next);
}

/* The local token names the region in local requests. */
static void st_local_use(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *near = st_buf_new(t, ST_SCATTER, 33, 5 * PAGE_SIZE);
	struct st_buf *far = st_buf_new(t, ST_SCATTER, 44, 5 * PAGE_SIZE);
	struct st_wr wr = { .op = NdkOperationTypeRead, .nsge = 1 };
	NDK_MR *near_mr, *far_mr;
	NDK_SGE sge;

	if (!p || !near || !far || !st_registers_kernel(t) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &near_mr)) ||
	    !ST_OK(t, st_create_mr(t, p->b.pd, false, &far_mr)) ||
	    !ST_OK(t, st_register(t, near_mr, near->mdl, near->len,
				  NDK_MR_FLAG_ALLOW_LOCAL_WRITE |
				  NDK_MR_FLAG_RDMA_READ_SINK)) ||
	    !ST_OK(t, st_register(t, far_mr, far->mdl, far->len,
				  NDK_MR_FLAG_ALLOW_REMOTE_READ)))
		return;
	sge.VirtualAddress = (PVOID)(ULONG_PTR)(near->label + 5);
	sge.Length = 4 * PAGE_SIZE;
	sge.MemoryRegionToken = st_local_token(t, near_mr);
	wr.sgl = &sge;
	wr.raddr = far->label + 77;
	wr.rkey = st_remote_token(t, far_mr);
	st_buf_expect(near, 5, st_data(far) + 77, 4 * PAGE_SIZE);
	ST_OK(t, st_do(t, &p->a, &wr));
	ST_BUF(t, near);
	ST_BUF(t, far);
}

/*
 * MaxRegistrationSize holds wherever in a page the memory starts. Memory that
 * starts better may be a page longer, but not two.
 */
static void st_largest(struct st_test *t)
{
	size_t len = min_t(size_t, t->info.MaxRegistrationSize, SZ_32M);
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, PAGE_SIZE - 1, len);
	struct st_buf *sink = st_buf_new(t, ST_CONTIG, 0, 100);
	struct st_buf *more;
	NDK_MR *mr;

	if (!p || !buf || !sink || !st_registers_kernel(t) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)) ||
	    !ST_OK(t, st_register(t, mr, buf->mdl, len, ST_MR_ALL)))
		return;
	st_buf_expect(sink, 0, st_data(buf) + len - 100, 100);
	ST_OK(t, st_rdma(t, &p->b, NdkOperationTypeRead, sink, 0, 100,
			 buf->label + len - 100, st_remote_token(t, mr)));
	ST_BUF(t, sink);
	if (!ST_OK(t, st_deregister(t, mr)) ||
	    len != t->info.MaxRegistrationSize)
		return;
	more = st_buf_new(t, ST_SCATTER, 0, len + 2 * PAGE_SIZE);
	if (more)
		ST_STATUS(t, st_register(t, mr, more->mdl, more->len,
					 ST_MR_ALL), STATUS_INVALID_PARAMETER);
}

/* Every byte of a chain of MDLs, one range although several lists. */
static void st_chain(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 10, 4 * PAGE_SIZE - 10);
	MDL *first, *second;
	NDK_MR *mr;

	if (!p || !buf || !st_registers_kernel(t) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)))
		return;
	first = IoAllocateMdl(st_data(buf), PAGE_SIZE - 10, FALSE, FALSE, NULL);
	second = IoAllocateMdl(st_data(buf) + PAGE_SIZE - 10, 3 * PAGE_SIZE,
			       FALSE, FALSE, NULL);
	if (!ST_EXPECT(t, first && second, "no MDL"))
		goto out;
	MmBuildMdlForNonPagedPool(first);
	MmBuildMdlForNonPagedPool(second);
	first->Next = second;
	if (ST_OK(t, st_register(t, mr, first, buf->len, ST_MR_ALL))) {
		st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
		ST_OK(t, st_deregister(t, mr));
	}
	/* a hole between them */
	first->Next = NULL;
	IoFreeMdl(second);
	second = IoAllocateMdl(st_data(buf) + 2 * PAGE_SIZE - 10, PAGE_SIZE,
			       FALSE, FALSE, NULL);
	if (!ST_EXPECT(t, second, "no MDL"))
		goto out;
	MmBuildMdlForNonPagedPool(second);
	first->Next = second;
	ST_STATUS(t, st_register(t, mr, first, 2 * PAGE_SIZE - 10, ST_MR_ALL),
		  STATUS_INVALID_PARAMETER);
	first->Next = NULL;
out:
	if (second)
		IoFreeMdl(second);
	if (first)
		IoFreeMdl(first);
}

/* The same where the one ends in the middle of a page that both have. */
static void st_chain_inside_page(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 10, 4 * PAGE_SIZE - 10);
	size_t cut = PAGE_SIZE + 100;
	MDL *first, *second;
	NDK_MR *mr;

	if (!p || !buf || !st_registers_kernel(t) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)))
		return;
	first = IoAllocateMdl(st_data(buf), cut, FALSE, FALSE, NULL);
	second = IoAllocateMdl(st_data(buf) + cut, buf->len - cut, FALSE, FALSE,
			       NULL);
	if (!ST_EXPECT(t, first && second, "no MDL"))
		goto out;
	MmBuildMdlForNonPagedPool(first);
	MmBuildMdlForNonPagedPool(second);
	first->Next = second;
	if (ST_OK(t, st_register(t, mr, first, buf->len, ST_MR_ALL))) {
		st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
		ST_OK(t, st_deregister(t, mr));
	}
	/* another page than that of the first */
	second->Pages[0] = buf->pages[0];
	ST_STATUS(t, st_register(t, mr, first, buf->len, ST_MR_ALL),
		  STATUS_INVALID_PARAMETER);
	ST_EXPECT(t, !st_remote_token(t, mr), "it has a token");
	first->Next = NULL;
out:
	IoFreeMdl(second);
	IoFreeMdl(first);
}

static void st_wrong(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 10, 4 * PAGE_SIZE - 10);
	NDK_MR *mr;

	if (!p || !buf || !st_registers_kernel(t) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)))
		return;
	ST_STATUS(t, st_register(t, mr, buf->mdl, 0, ST_MR_ALL),
		  STATUS_INVALID_PARAMETER);
	ST_STATUS(t, st_register(t, mr, buf->mdl, buf->len + 1, ST_MR_ALL),
		  STATUS_INVALID_PARAMETER);
	ST_STATUS(t, st_register(t, mr, NULL, 1, ST_MR_ALL),
		  STATUS_INVALID_PARAMETER);
	ST_STATUS(t, st_deregister(t, mr), STATUS_INVALID_DEVICE_STATE);
	if (!ST_OK(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL)))
		return;
	ST_STATUS(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL),
		  STATUS_INVALID_DEVICE_STATE);
	st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
}

/**
 * struct st_changed - a registration whose MDL does not stay as it was
 * @mr: the region
 * @mdl: the memory
 * @len: bytes of it
 * @reg: the registration
 */
struct st_changed {
	NDK_MR *mr;
	MDL *mdl;
	SIZE_T len;
	struct st_req *reg;
};

/* The region's next request is not served before this has returned. */
static void st_register_and_unlock(struct st_req *req)
{
	struct st_changed *c = req->priv;

	c->reg->answer = c->mr->Dispatch->NdkRegisterMr(c->mr, c->mdl, c->len,
							ST_MR_ALL,
							st_on_request, c->reg);
	MmUnlockPages(c->mdl);
}

/* An MDL that has no pages any more when its registration is served is refused then. */
static void st_changed(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 10, 2 * PAGE_SIZE);
	struct st_changed c = {};
	struct st_req *req;

	if (!p || !buf || !st_registers_kernel(t) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &c.mr)) ||
	    !ST_OK(t, st_register(t, c.mr, buf->mdl, buf->len, ST_MR_ALL)))
		return;
	c.mdl = buf->mdl;
	c.len = buf->len;
	c.reg = st_req_new(t, "NdkRegisterMr");
	req = st_req_new(t, "NdkDeregisterMr");
	req->priv = &c;
	req->hook = st_register_and_unlock;
	req->answer = c.mr->Dispatch->NdkDeregisterMr(c.mr, st_on_request, req);
	if (!ST_OK(t, st_req_wait(t, req)) ||
	    !ST_STATUS(t, st_req_wait(t, c.reg), STATUS_INVALID_PARAMETER))
		return;
	st_refused_for(t, &c.mr->Header, "Mdl (pages not locked)");
	ST_EXPECT(t, !st_remote_token(t, c.mr), "it has a token");
	MmBuildMdlForNonPagedPool(buf->mdl);
	if (ST_OK(t, st_register(t, c.mr, buf->mdl, buf->len, ST_MR_ALL)))
		st_access(t, &p->b, buf, buf->label, st_remote_token(t, c.mr));
}

/* A region made from one PD works on every queue pair of it. */
static void st_any_qp(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t), *q = st_pair_alloc(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 10, 2 * PAGE_SIZE);
	NDK_MR *mr;

	if (!p || !buf || !st_registers_kernel(t))
		return;
	q->a.pd = p->a.pd;
	if (!st_pair_up(t, q, false) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)) ||
	    !ST_OK(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL)))
		return;
	st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
	st_access(t, &q->b, buf, buf->label, st_remote_token(t, mr));
}

/* The queue pair that the domain keeps for itself dies between two uses. */
static void st_private_died(struct st_test *t)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 10, 2 * PAGE_SIZE);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;
	const struct st_given *given;
	NTSTATUS status;
	NDK_MR *mr;
	int i;

	if (!ib_qp || !buf || !st_registers_kernel(t) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)))
		return;
	for (i = 0; i < 3; i++) {
		given = st_watch_posts(ib_qp->device, NULL);
		status = st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL);
		st_unwatch_posts(ib_qp->device);
		if (!ST_OK(t, status))
			return;
		st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
		if (!ST_OK(t, st_deregister(t, mr)) ||
		    !ST_EXPECT(t, given->registered_on,
			       "no request was seen") ||
		    !ST_EXPECT(t, !ib_modify_qp(given->registered_on, &attr,
						IB_QP_STATE),
			       "it does not die"))
			return;
	}
}

#define ST_NORMAL(...) ((unsigned long)&(const struct st_normal){ __VA_ARGS__ })

static const struct st_case st_cases[] = {
	{ .name = "one_byte", .run = st_normal,
	  .arg = ST_NORMAL(PAGE_SIZE - 1, 1, ST_CONTIG) },
	{ .name = "one_page", .run = st_normal,
	  .arg = ST_NORMAL(0, PAGE_SIZE, ST_CONTIG) },
	{ .name = "contiguous", .run = st_normal,
	  .arg = ST_NORMAL(1, 16 * PAGE_SIZE + 17, ST_CONTIG) },
	{ .name = "scattered", .run = st_normal,
	  .arg = ST_NORMAL(1, 16 * PAGE_SIZE + 17, ST_SCATTER) },
	{ .name = "pages_without_address", .run = st_normal,
	  .arg = ST_NORMAL(4095, 300 * PAGE_SIZE, ST_PAGES) },
	{ .name = "bh_off", .run = st_normal, .ctx = ST_BH_OFF,
	  .arg = ST_NORMAL(1, 16 * PAGE_SIZE + 17, ST_SCATTER) },
	{ .name = "spinlock", .run = st_normal, .ctx = ST_LOCKED,
	  .arg = ST_NORMAL(1, 16 * PAGE_SIZE + 17, ST_SCATTER) },
	{ .name = "irq_off", .run = st_normal, .ctx = ST_IRQ_OFF,
	  .arg = ST_NORMAL(1, 16 * PAGE_SIZE + 17, ST_SCATTER) },
	{ .name = "softirq", .run = st_normal, .ctx = ST_SOFTIRQ,
	  .arg = ST_NORMAL(1, 16 * PAGE_SIZE + 17, ST_SCATTER) },
	{ .name = "local_use", .run = st_local_use },
	{ .name = "largest", .run = st_largest },
	{ .name = "chain", .run = st_chain },
	{ .name = "chain_inside_page", .run = st_chain_inside_page },
	{ .name = "wrong", .run = st_wrong },
	{ .name = "wrong_softirq", .run = st_wrong, .ctx = ST_SOFTIRQ },
	{ .name = "changed", .run = st_changed },
	{ .name = "any_qp_of_the_pd", .run = st_any_qp },
	{ .name = "private_qp_died", .run = st_private_died },
};

const struct st_suite st_suite_mr_normal = {
	"mr_normal", st_cases, ARRAY_SIZE(st_cases),
};
