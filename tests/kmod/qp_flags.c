// SPDX-License-Identifier: GPL-2.0-only
/*
 * SILENT_SUCCESS, READ_FENCE and INLINE.
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "harness.h"

/* Success leaves no entry, and many more than the queue holds still work. */
static void st_silent(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr silent = {
		.op = NdkOperationTypeSend, .ctx = &silent,
		.flags = NDK_OP_FLAG_SILENT_SUCCESS,
	};
	struct st_wr loud = { .op = NdkOperationTypeSend, .ctx = &loud };
	NDK_RESULT_EX res;
	int i;

	p->caps = st_default_caps(t);
	p->caps.send_depth = 8;
	if (!st_pair_up(t, p, false))
		return;
	for (i = 0; i < 100; i++) {
		/* each is received before the next, as a protocol would pace */
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &silent)) ||
		    !st_expect_next(t, &p->b, &p->b.rcq,
				    NdkOperationTypeReceive, &recv,
				    STATUS_SUCCESS)) {
			st_note(t, "after %d silent requests", i);
			return;
		}
	}
	ST_OK(t, st_post(t, p->b.qp, &recv));
	ST_OK(t, st_do(t, &p->a, &loud));
	ST_EXPECT(t, !st_poll(t, &p->a.icq, &res, 1),
		  "a silent success left an entry");
}

static void st_silent_failure(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr silent = {
		.op = NdkOperationTypeSend, .ctx = &silent,
		.flags = NDK_OP_FLAG_SILENT_SUCCESS,
	};

	if (!p || !st_sends_wait(t) ||
	    !ST_OK(t, st_post(t, p->a.qp, &silent)))
		return;
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend, &silent,
		       STATUS_CANCELLED);
}

static void st_silent_register(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 5, PAGE_SIZE);
	NDK_RESULT_EX res;
	struct st_wr reg = {
		.op = NdkOperationTypeFastRegister, .fbo = 5, .pages = 2,
		.len = PAGE_SIZE,
		.flags = ST_RIGHTS_ALL | NDK_OP_FLAG_SILENT_SUCCESS,
	};
	struct st_wr inv = {
		.op = NdkOperationTypeInvalidate,
		.flags = NDK_OP_FLAG_SILENT_SUCCESS,
	};
	NDK_MR *mr;
	int i;

	if (!p || !buf || !ST_OK(t, st_build_lam(t, buf)) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 2, true)))
		return;
	reg.mr = mr;
	inv.mr = mr;
	reg.base = buf->label;
	reg.array = buf->lam->AdapterPageArray;
	for (i = 0; i < 20; i++) {
		/* a message behind them tells when they are done */
		if (!ST_OK(t, st_post(t, p->a.qp, &reg)) ||
		    !st_pair_works(t, p) ||
		    !st_access(t, &p->b, buf, buf->label,
			       st_remote_token(t, mr)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &inv)) ||
		    !st_pair_works(t, p))
			return;
	}
	ST_EXPECT(t, !st_poll(t, &p->a.icq, &res, 1),
		  "a silent success left an entry");
}

/* A send behind a read, fenced, carries what the read brought. */
static void st_read_fence(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *far = st_buf_new(t, ST_SCATTER, 0, 8 * PAGE_SIZE);
	struct st_buf *near = st_buf_new(t, ST_CONTIG, 0, 8 * PAGE_SIZE);
	struct st_buf *back = st_buf_new(t, ST_CONTIG, 0, 8 * PAGE_SIZE);
	NDK_SGE near_sge, back_sge;
	struct st_wr read = {
		.op = NdkOperationTypeRead, .sgl = &near_sge, .nsge = 1,
		.flags = NDK_OP_FLAG_SILENT_SUCCESS, .ctx = &read,
	};
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = &near_sge, .nsge = 1,
		.flags = NDK_OP_FLAG_READ_FENCE,
	};
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .sgl = &back_sge, .nsge = 1,
		.ctx = &recv,
	};
	NDK_MR *mr;
	int i;

	if (!p || !far || !near || !back ||
	    !ST_OK(t, st_create_mr(t, p->b.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 8, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->b, mr, far, far->label,
				       NDK_OP_FLAG_ALLOW_REMOTE_READ)) ||
	    !st_sge(t, &p->a, near, 0, near->len, &near_sge) ||
	    !st_sge(t, &p->b, back, 0, back->len, &back_sge))
		return;
	read.raddr = far->label;
	read.rkey = st_remote_token(t, mr);
	for (i = 0; i < 20; i++) {
		st_buf_refill(far);
		st_buf_expect(near, 0, st_data(far), far->len);
		st_buf_expect(back, 0, st_data(far), far->len);
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &read)) ||
		    !ST_OK(t, st_do(t, &p->a, &send)) ||
		    !st_expect_next(t, &p->b, &p->b.rcq,
				    NdkOperationTypeReceive, &recv,
				    STATUS_SUCCESS) ||
		    !ST_BUF(t, near) || !ST_BUF(t, back))
			return;
	}
}

/* Inline data: any token, more SGEs than allowed, gone when the post returns. */
static void st_inline(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *to = st_buf_new(t, ST_CONTIG, 0, 64);
	struct st_buf *region = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	ULONG size = st_default_caps(t).inline_size;
	NDK_SGE to_sge, sge[16];
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .sgl = &to_sge, .nsge = 1,
		.ctx = &recv,
	};
	struct st_wr wr = {
		.sgl = sge, .nsge = ARRAY_SIZE(sge), .flags = NDK_OP_FLAG_INLINE,
		.ctx = &wr,
	};
	UCHAR data[64];
	NDK_MR *mr;
	ULONG i, round;

	if (size < sizeof(data)) {
		st_skip(t, "too little inline data");
		return;
	}
	if (!p || !to || !region ||
	    !st_sge(t, &p->b, to, 0, sizeof(data), &to_sge) ||
	    !ST_OK(t, st_create_mr(t, p->b.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 1, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->b, mr, region, region->label,
				       ST_RIGHTS_ALL)))
		return;
	for (i = 0; i < ARRAY_SIZE(sge); i++) {
		sge[i].VirtualAddress = data + 4 * i;
		sge[i].Length = 4;
		sge[i].MemoryRegionToken = 0xdeadbeef;
	}
	wr.raddr = region->label + 100;
	wr.rkey = st_remote_token(t, mr);
	for (round = 0; round < 10; round++) {
		memset(data, 0x30 + round, sizeof(data));
		st_buf_expect(to, 0, data, sizeof(data));
		wr.op = NdkOperationTypeSend;
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &wr)))
			return;
		memset(data, 0, sizeof(data));
		if (!st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend,
				    &wr, STATUS_SUCCESS) ||
		    !st_expect_next(t, &p->b, &p->b.rcq,
				    NdkOperationTypeReceive, &recv,
				    STATUS_SUCCESS) || !ST_BUF(t, to))
			return;
		memset(data, 0x50 + round, sizeof(data));
		st_buf_expect(region, 100, data, sizeof(data));
		wr.op = NdkOperationTypeWrite;
		if (!ST_OK(t, st_post(t, p->a.qp, &wr)))
			return;
		memset(data, 0, sizeof(data));
		if (!st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeWrite,
				    &wr, STATUS_SUCCESS) || !ST_BUF(t, region))
			return;
	}
}

static void st_inline_too_long(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 4 * PAGE_SIZE);
	NDK_SGE sge;
	struct st_wr wr = {
		.op = NdkOperationTypeSend, .sgl = &sge, .nsge = 1,
		.flags = NDK_OP_FLAG_INLINE,
	};

	if (!p || !buf)
		return;
	sge.VirtualAddress = st_data(buf);
	sge.Length = buf->len;
	sge.MemoryRegionToken = 0;
	ST_STATUS(t, st_post(t, p->a.qp, &wr), STATUS_DATA_OVERRUN);
	st_pair_works(t, p);
}

/* An adapter that cannot invalidate with a read ignores being asked to. */
static void st_read_invalidate(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *far = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	struct st_buf *near = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	struct st_wr read = {
		.op = NdkOperationTypeRead, .nsge = 1,
		.flags = NDK_OP_FLAG_RDMA_READ_LOCAL_INVALIDATE,
	};
	NDK_MR *far_mr, *near_mr;
	NDK_SGE sge;

	if (t->info.AdapterFlags &
	    NDK_ADAPTER_FLAG_RDMA_READ_LOCAL_INVALIDATE_SUPPORTED) {
		st_skip(t, "the adapter can");
		return;
	}
	if (!p || !far || !near ||
	    !ST_OK(t, st_create_mr(t, p->b.pd, true, &far_mr)) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &near_mr)) ||
	    !ST_OK(t, st_init(t, far_mr, 1, true)) ||
	    !ST_OK(t, st_init(t, near_mr, 1, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->b, far_mr, far, far->label,
				       NDK_OP_FLAG_ALLOW_REMOTE_READ)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, near_mr, near, near->label,
				       ST_RIGHTS_ALL)))
		return;
	sge.VirtualAddress = (PVOID)(ULONG_PTR)near->label;
	sge.Length = PAGE_SIZE;
	sge.MemoryRegionToken = st_local_token(t, near_mr);
	read.sgl = &sge;
	read.raddr = far->label;
	read.rkey = st_remote_token(t, far_mr);
	st_buf_expect(near, 0, st_data(far), PAGE_SIZE);
	ST_OK(t, st_do(t, &p->a, &read));
	ST_BUF(t, near);
	/* still registered */
	st_access(t, &p->b, near, near->label, st_remote_token(t, near_mr));
	ST_OK(t, st_invalidate(t, &p->a, near_mr));
}

static void st_unknown_flags(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr wr = {
		.op = NdkOperationTypeSend, .flags = 0x80000000,
	};

	if (!p)
		return;
	ST_STATUS(t, st_post(t, p->a.qp, &wr), STATUS_INVALID_PARAMETER);
	st_pair_works(t, p);
}

static const struct st_case st_cases[] = {
	{ .name = "silent", .run = st_silent },
	{ .name = "silent_softirq", .run = st_silent, .ctx = ST_SOFTIRQ },
	{ .name = "silent_failure", .run = st_silent_failure },
	{ .name = "silent_register", .run = st_silent_register },
	{ .name = "read_fence", .run = st_read_fence },
	{ .name = "inline", .run = st_inline },
	{ .name = "inline_irq_off", .run = st_inline, .ctx = ST_IRQ_OFF },
	{ .name = "inline_too_long", .run = st_inline_too_long },
	{ .name = "read_invalidate_ignored", .run = st_read_invalidate },
	{ .name = "unknown_flags", .run = st_unknown_flags },
};

const struct st_suite st_suite_qp_flags = {
	"qp_flags", st_cases, ARRAY_SIZE(st_cases),
};
