// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the peer has a say in: how many reads there may be, and what arrives in
 * a receive. The peer need not be one that knows NDKPI.
 */
#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

/* What a peer that is no consumer of NDKPI posts on its end. */
struct st_stranger {
	struct ib_cqe cqe;
	struct completion done;
};

static void st_stranger_done(struct ib_cq *cq, struct ib_wc *wc)
{
	complete(&container_of(wc->wr_cqe, struct st_stranger, cqe)->done);
}

static void st_stranger_posts(struct st_test *t, struct st_side *side,
			      enum ib_wr_opcode opcode, const NDK_SGE *from,
			      u64 raddr, u32 rkey)
{
	struct st_stranger s = { .cqe.done = st_stranger_done };
	struct ib_sge sge = {
		.addr = from->LogicalAddress.QuadPart, .length = from->Length,
		.lkey = from->MemoryRegionToken,
	};
	struct ib_rdma_wr wr = {
		.wr.wr_cqe = &s.cqe, .wr.opcode = opcode,
		.wr.send_flags = IB_SEND_SIGNALED, .wr.sg_list = &sge,
		.wr.num_sge = !!sge.length,
		.wr.ex.imm_data = cpu_to_be32(0x12345678),
		.remote_addr = raddr, .rkey = rkey,
	};
	struct ib_qp *qp = st_ib_qp(t, side->qp);
	int ret;

	if (!qp)
		return;
	init_completion(&s.done);
	ret = ib_post_send(qp, &wr.wr, NULL);
	/* It is on our stack; with the queue pair in error it comes, too. */
	if (ST_EXPECT(t, !ret, "the post failed: %d", ret))
		wait_for_completion(&s.done);
}

/* Bytes that the peer sends or writes, with immediate data. */
static void st_imm(struct st_test *t, enum ib_wr_opcode opcode, size_t bytes)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *region = st_buf_new(t, ST_CONTIG, 0, 8192);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 8192);
	struct st_buf *small = st_buf_new(t, ST_CONTIG, 0, 16);
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .nsge = 1, .ctx = &recv,
	};
	NDK_SGE sge, from = {};
	NDK_RESULT_EX res;
	NDK_MR *mr;

	if (st_is_iwarp(t)) {
		st_skip(t, "iWARP has no immediate data");
		return;
	}
	if (!p || !region || !local || !small ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 3, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, mr, region, region->label,
				       ST_RIGHTS_ALL)) ||
	    !st_sge(t, &p->a, small, 0, 16, &sge) ||
	    (bytes && !st_sge(t, &p->b, local, 0, bytes, &from)))
		return;
	recv.sgl = &sge;
	if (!ST_OK(t, st_post(t, p->a.qp, &recv)))
		return;
	st_stranger_posts(t, &p->b, opcode, &from, region->label,
			  st_remote_token(t, mr));
	if (!st_next(t, &p->a.rcq, &res))
		return;
	ST_STATUS(t, res.Status, STATUS_INVALID_DEVICE_REQUEST);
	ST_EXPECT(t, res.RequestContext == &recv &&
		  res.Type == NdkOperationTypeReceive,
		  "the completion of something else");
	ST_EXPECT(t, !res.BytesTransferred, "%u bytes for a receive of 16",
		  res.BytesTransferred);
	/* and as with a wrong token that is the end of it, for both */
	st_wait_gone(t, &p->a);
	st_wait_gone(t, &p->b);
	/* what the peer may write, it may write with or without that */
	st_buf_expect(region, 0, st_data(local),
		      opcode == IB_WR_RDMA_WRITE_WITH_IMM ? bytes : 0);
	st_buf_expect(small, 0, st_data(local),
		      opcode == IB_WR_SEND_WITH_IMM ? bytes : 0);
	ST_BUF(t, region);
	ST_BUF(t, small);
}

static void st_write_imm(struct st_test *t)
{
	st_imm(t, IB_WR_RDMA_WRITE_WITH_IMM, t->arg);
}

static void st_send_imm(struct st_test *t)
{
	st_imm(t, IB_WR_SEND_WITH_IMM, t->arg);
}

/* A connection for reads, and on the peer's end a region to read. */
struct st_reads {
	struct st_pair *p;
	struct st_buf *local;
	NDK_SGE sge;
	struct st_wr read;
};

static bool st_reads_new(struct st_test *t, struct st_reads *r, ULONG in_limit,
			 ULONG out_limit)
{
	struct st_buf *region = st_buf_new(t, ST_CONTIG, 0, PAGE_SIZE);
	NDK_MR *mr;

	r->local = st_buf_new(t, ST_CONTIG, 0, PAGE_SIZE);
	r->p = st_pair_alloc(t);
	r->p->in_limit = in_limit;
	r->p->out_limit = out_limit;
	if (!region || !r->local || !st_pair_up(t, r->p, false) ||
	    !ST_OK(t, st_create_mr(t, r->p->b.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 1, true)) ||
	    !ST_OK(t, st_fast_register(t, &r->p->b, mr, region, region->label,
				       ST_RIGHTS_ALL)) ||
	    !st_sge(t, &r->p->a, r->local, 0, PAGE_SIZE, &r->sge))
		return false;
	r->read = (struct st_wr){
		.op = NdkOperationTypeRead, .sgl = &r->sge, .nsge = 1,
		.raddr = region->label, .rkey = st_remote_token(t, mr),
	};
	st_buf_expect(r->local, 0, st_data(region), PAGE_SIZE);
	return true;
}

/* With no reads agreed on, one would never end, nor what is behind it. */
static void st_no_reads(struct st_test *t)
{
	struct st_reads r;
	struct st_wr wr;

	if (t->arg && st_is_iwarp(t)) {
		st_skip(t, "siw does not tell what its peer gives");
		return;
	}
	/* we want none, or the peer gives none */
	if (!st_reads_new(t, &r, t->arg ? 0 : 4, t->arg ? 4 : 0))
		return;
	wr = r.read;
	ST_STATUS(t, st_post(t, r.p->a.qp, &wr), STATUS_INVALID_DEVICE_REQUEST);
	st_refused_for(t, &r.p->a.qp->Header, "OutboundReadLimit");
	wr.nsge = 0;
	ST_STATUS(t, st_post(t, r.p->a.qp, &wr), STATUS_INVALID_DEVICE_REQUEST);
	/* everything else works */
	wr = (struct st_wr){ .op = NdkOperationTypeWrite };
	ST_OK(t, st_do(t, &r.p->a, &wr));
	st_pair_works(t, r.p);
}

/* More at once than agreed on wait for each other, and all end. */
static void st_many_reads(struct st_test *t)
{
	NDK_RESULT_EX res;
	struct st_reads r;
	ULONG i, n = 12;

	if (!st_reads_new(t, &r, 1, 1))
		return;
	for (i = 0; i < n; i++) {
		r.read.ctx = (void *)(ULONG_PTR)(i + 1);
		if (!ST_OK(t, st_post(t, r.p->a.qp, &r.read)))
			return;
	}
	for (i = 0; i < n; i++)
		if (!st_next(t, &r.p->a.icq, &res) ||
		    !ST_OK(t, res.Status) ||
		    !ST_EXPECT(t, res.RequestContext ==
			       (void *)(ULONG_PTR)(i + 1), "out of order"))
			return;
	ST_BUF(t, r.local);
}

static const struct st_case st_cases[] = {
	{ .name = "write_imm", .run = st_write_imm, .arg = 8192 },
	{ .name = "write_imm_empty", .run = st_write_imm },
	{ .name = "send_imm", .run = st_send_imm, .arg = 16 },
	{ .name = "no_reads_wanted", .run = st_no_reads },
	{ .name = "no_reads_given", .run = st_no_reads, .arg = 1 },
	{ .name = "no_reads_softirq", .run = st_no_reads, .ctx = ST_SOFTIRQ },
	{ .name = "more_reads_than_agreed", .run = st_many_reads },
};

const struct st_suite st_suite_qp_peer = {
	"qp_peer", st_cases, ARRAY_SIZE(st_cases),
};
