// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue pairs: the requests themselves, connected and not.
 */
#include <linux/mm.h>

#include "harness.h"

/* Messages of several sizes, through several SGEs at both ends. */
static void st_send_receive(struct st_test *t)
{
	static const ULONG sizes[] = { 0, 1, 100, 4096, 4097, 65536 };
	struct st_pair *p = st_pair_new(t);
	struct st_buf *from = st_buf_new(t, ST_CONTIG, 0, 65536 + 16);
	struct st_buf *to = st_buf_new(t, ST_CONTIG, 0, 65536 + 16);
	size_t i;

	if (!p || !from || !to)
		return;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ULONG len = sizes[i], cut = len / 3;
		NDK_SGE from_sge[2], to_sge[2];
		struct st_wr send = {
			.op = NdkOperationTypeSend, .sgl = from_sge, .nsge = 2,
		};
		struct st_wr recv = {
			.op = NdkOperationTypeReceive, .sgl = to_sge, .nsge = 2,
			.ctx = &recv,
		};
		NDK_RESULT_EX res;
		ULONG at;

		if (!st_sge(t, &p->a, from, 0, cut, &from_sge[0]) ||
		    !st_sge(t, &p->a, from, cut + 8, len - cut, &from_sge[1]) ||
		    !st_sge(t, &p->b, to, 0, len - cut, &to_sge[0]) ||
		    !st_sge(t, &p->b, to, len - cut + 8, cut, &to_sge[1]))
			return;
		if (!len)
			send.nsge = 0;
		/* piece by piece into the model, as the SGEs split it */
		for (at = 0; at < len; at++) {
			ULONG src = at < cut ? at : at + 8;
			ULONG dst = at < len - cut ? at : at + 8;

			st_model(to)[dst] = st_data(from)[src];
		}
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_do(t, &p->a, &send)) ||
		    !st_next(t, &p->b.rcq, &res) || !ST_OK(t, res.Status))
			return;
		ST_EXPECT(t, res.BytesTransferred == len, "%u bytes, not %u",
			  res.BytesTransferred, len);
		ST_EXPECT(t, res.Type == NdkOperationTypeReceive &&
			  res.RequestContext == &recv &&
			  res.QPContext == &p->b, "wrong completion");
		ST_BUF(t, to);
		st_buf_refill(to);
	}
}

static void st_too_long_for_receive(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *from = st_buf_new(t, ST_CONTIG, 0, 64);
	struct st_buf *to = st_buf_new(t, ST_CONTIG, 0, 32);
	NDK_SGE from_sge, to_sge;
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = &from_sge, .nsge = 1,
	};
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .sgl = &to_sge, .nsge = 1,
		.ctx = &recv,
	};
	NDK_RESULT_EX res;
	NTSTATUS status;

	if (!p || !from || !to || !st_sge(t, &p->a, from, 0, 64, &from_sge) ||
	    !st_sge(t, &p->b, to, 0, 32, &to_sge) ||
	    !ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	status = st_do(t, &p->a, &send);
	ST_EXPECT(t, !NT_SUCCESS(status) || st_is_iwarp(t),
		  "the send ended with %s", st_status_name(status));
	if (!st_next(t, &p->b.rcq, &res))
		return;
	/* a device may not say more than that something was wrong locally */
	ST_EXPECT(t, res.Status == STATUS_BUFFER_OVERFLOW ||
		  res.Status == STATUS_INTERNAL_ERROR,
		  "the receive ended with %s", st_status_name(res.Status));
	ST_EXPECT(t, res.RequestContext == &recv, "another receive ended");
	ST_BUF(t, to);
}

/* Receives wait where they are until a connection brings something. */
static void st_receive_first(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_req *connect, *accept, *complete;

	if (!st_listen(t, p, false) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !st_side_create(t, &p->b, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)) ||
	    !ST_OK(t, st_post(t, p->a.qp, &recv)) ||
	    !ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	connect = st_connect_start(t, &args);
	p->b.conn = st_incoming(t, p);
	if (!p->b.conn)
		return;
	args.conn = p->b.conn;
	args.qp = p->b.qp;
	args.side = &p->b;
	accept = st_accept_start(t, &args);
	if (!ST_OK(t, st_req_wait(t, connect)))
		return;
	complete = st_complete_start(t, &p->a);
	if (!ST_OK(t, st_req_wait(t, complete)) ||
	    !ST_OK(t, st_req_wait(t, accept)))
		return;
	ST_OK(t, st_do(t, &p->a, &send));
	st_expect_next(t, &p->b, &p->b.rcq, NdkOperationTypeReceive, &recv,
		       STATUS_SUCCESS);
	ST_OK(t, st_do(t, &p->b, &send));
	st_expect_next(t, &p->a, &p->a.rcq, NdkOperationTypeReceive, &recv,
		       STATUS_SUCCESS);
}

static void st_unconnected(struct st_test *t)
{
	static const NDK_OPERATION_TYPE ops[] = {
		NdkOperationTypeSend, NdkOperationTypeRead,
		NdkOperationTypeWrite, NdkOperationTypeFastRegister,
		NdkOperationTypeInvalidate,
	};
	struct st_pair *p = st_pair_alloc(t);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, PAGE_SIZE);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	NDK_SGE sge;
	NDK_MR *mr;
	size_t i;

	if (!buf || !st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 1, true)) ||
	    !st_sge(t, &p->a, buf, 0, 8, &sge))
		return;
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		struct st_wr wr = {
			.op = ops[i], .sgl = &sge, .nsge = 1, .mr = mr,
			.pages = 1, .array = buf->lam->AdapterPageArray,
			.len = PAGE_SIZE, .base = buf->label,
			.flags = ops[i] == NdkOperationTypeFastRegister ?
				 NDK_OP_FLAG_ALLOW_REMOTE_READ : 0,
		};

		if (!ST_STATUS(t, st_post(t, p->a.qp, &wr),
			       STATUS_CONNECTION_INVALID))
			st_note(t, "operation %d", ops[i]);
		wr.invalidate = true;
		if (ops[i] == NdkOperationTypeSend)
			ST_STATUS(t, st_post(t, p->a.qp, &wr),
				  STATUS_CONNECTION_INVALID);
	}
	/* and flushing gives receives back although nothing was connected */
	ST_OK(t, st_post(t, p->a.qp, &recv));
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	st_expect_next(t, &p->a, &p->a.rcq, NdkOperationTypeReceive, &recv,
		       STATUS_CANCELLED);
}

static void st_flush(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr send = { .op = NdkOperationTypeSend };
	ULONG i, n = 20;

	if (!p || !st_sends_wait(t))
		return;
	/* nobody receives at the other end, so the sends stay */
	for (i = 0; i < n; i++) {
		recv.ctx = (void *)(ULONG_PTR)(i + 1);
		send.ctx = (void *)(ULONG_PTR)(i + 1);
		if (!ST_OK(t, st_post(t, p->a.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
	}
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	for (i = 0; i < n; i++) {
		if (!st_expect_next(t, &p->a, &p->a.rcq,
				    NdkOperationTypeReceive,
				    (void *)(ULONG_PTR)(i + 1),
				    STATUS_CANCELLED) ||
		    !st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend,
				    (void *)(ULONG_PTR)(i + 1),
				    STATUS_CANCELLED))
			return;
	}
}

/* The queues hold as many requests as they were made for, and no more. */
static void st_queue_full(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr send = { .op = NdkOperationTypeSend };
	NDK_RESULT_EX res;
	ULONG i;

	p->caps = st_default_caps(t);
	p->caps.recv_depth = 10;
	p->caps.send_depth = 12;
	if (!st_sends_wait(t) || !st_pair_up(t, p, false))
		return;
	for (i = 0; i < 10; i++)
		if (!ST_OK(t, st_post(t, p->a.qp, &recv)))
			return;
	ST_STATUS(t, st_post(t, p->a.qp, &recv), STATUS_NO_MORE_ENTRIES);
	for (i = 0; i < 12; i++)
		if (!ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
	ST_STATUS(t, st_post(t, p->a.qp, &send), STATUS_NO_MORE_ENTRIES);
	/* the peer takes one after the other, and there is room again */
	for (i = 0; i < 10; i++)
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)))
			return;
	for (i = 0; i < 10; i++)
		if (!st_next(t, &p->a.icq, &res) || !ST_OK(t, res.Status))
			return;
	ST_OK(t, st_post(t, p->a.qp, &send));
}

static void st_too_many_sges(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 64);
	NDK_SGE sge[16];
	struct st_wr wr = { .sgl = sge, .nsge = ARRAY_SIZE(sge) };
	size_t i;

	if (!p || !buf)
		return;
	for (i = 0; i < ARRAY_SIZE(sge); i++)
		if (!st_sge(t, &p->a, buf, i, 1, &sge[i]))
			return;
	wr.op = NdkOperationTypeSend;
	ST_STATUS(t, st_post(t, p->a.qp, &wr), STATUS_DATA_OVERRUN);
	wr.op = NdkOperationTypeRead;
	ST_STATUS(t, st_post(t, p->a.qp, &wr), STATUS_DATA_OVERRUN);
	wr.op = NdkOperationTypeWrite;
	ST_STATUS(t, st_post(t, p->a.qp, &wr), STATUS_DATA_OVERRUN);
	wr.op = NdkOperationTypeReceive;
	ST_STATUS(t, st_post(t, p->a.qp, &wr), STATUS_DATA_OVERRUN);
	st_pair_works(t, p);
}

/* A local buffer that is registered nowhere ends the request by name. */
static void st_bad_local_token(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 64);
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	NDK_SGE sge;
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = &sge, .nsge = 1,
	};

	if (!p || !buf || !st_sge(t, &p->a, buf, 0, 64, &sge) ||
	    !ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	sge.MemoryRegionToken ^= 0x00550000;
	ST_STATUS(t, st_do(t, &p->a, &send), STATUS_ACCESS_VIOLATION);
}

static void st_all_contexts(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	int i;

	for (i = 0; p && i < 20; i++)
		if (!st_pair_works(t, p))
			return;
}

static const struct st_case st_cases[] = {
	{ .name = "send_receive", .run = st_send_receive },
	{ .name = "send_receive_bh_off", .run = st_all_contexts,
	  .ctx = ST_BH_OFF },
	{ .name = "send_receive_spinlock", .run = st_all_contexts,
	  .ctx = ST_LOCKED },
	{ .name = "send_receive_irq_off", .run = st_all_contexts,
	  .ctx = ST_IRQ_OFF },
	{ .name = "send_receive_softirq", .run = st_all_contexts,
	  .ctx = ST_SOFTIRQ },
	{ .name = "too_long_for_receive", .run = st_too_long_for_receive },
	{ .name = "receive_before_connect", .run = st_receive_first },
	{ .name = "unconnected", .run = st_unconnected },
	{ .name = "flush", .run = st_flush },
	{ .name = "flush_softirq", .run = st_flush, .ctx = ST_SOFTIRQ },
	{ .name = "queue_full", .run = st_queue_full },
	{ .name = "too_many_sges", .run = st_too_many_sges },
	{ .name = "bad_local_token", .run = st_bad_local_token },
};

const struct st_suite st_suite_qp = {
	"qp", st_cases, ARRAY_SIZE(st_cases),
};
