// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a connection has ended with, and what its queue pair takes afterwards.
 */
#include <rdma/ib_verbs.h>

#include "harness.h"

/* @a reads what nobody has registered: both ends hear that it is over. */
static bool st_break(struct st_test *t, struct st_pair *p)
{
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 8);

	return local &&
	       ST_STATUS(t, st_rdma(t, &p->a, NdkOperationTypeRead, local, 0,
				    8, 0x1000, 0x12345600), st_refusal(t)) &&
	       st_wait_gone(t, &p->a) && st_wait_gone(t, &p->b);
}

/*
 * The answers to the disconnects that the provider itself has sent have come by
 * the time that the other end has disconnected.
 */
static void st_disconnect_after(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_pair *p = st_pair_new(t);
	struct st_side *first, *second;
	bool receives = t->arg & 1;

	if (!p)
		return;
	first = t->arg & 2 ? &p->a : &p->b;
	second = t->arg & 2 ? &p->b : &p->a;
	if (receives && !ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	if (!st_break(t, p))
		return;
	if (receives)
		st_expect_next(t, &p->b, &p->b.rcq, NdkOperationTypeReceive,
			       &recv, STATUS_CANCELLED);
	/* a stream that ends need not tell why */
	if (st_is_iwarp(t))
		return;
	ST_STATUS(t, st_req_wait(t, st_disconnect_start(t, first)),
		  STATUS_CONNECTION_ABORTED);
	ST_STATUS(t, st_req_wait(t, st_disconnect_start(t, second)),
		  STATUS_CONNECTION_ABORTED);
	st_refused_for(t, &first->conn->Header, "pNdkQp (failed)");
	st_refused_for(t, &second->conn->Header, "pNdkQp (failed)");
}

/* A failure that the consumer has seen, before anybody else has heard of it. */
static void st_disconnect_at_once(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 8);
	struct st_req *req;
	NTSTATUS status;

	if (!p || !local)
		return;
	ST_STATUS(t, st_rdma(t, &p->a, NdkOperationTypeRead, local, 0, 8,
			     0x1000, 0x12345600), st_refusal(t));
	req = st_disconnect_start(t, &p->a);
	status = st_req_wait(t, req);
	if (!st_is_iwarp(t))
		ST_STATUS(t, status, STATUS_CONNECTION_ABORTED);
}

/* In the disconnect event: the queue pair takes nothing any more. */
static void st_post_in_event(struct st_side *side)
{
	NTSTATUS *status = side->gone_priv;

	*status = side->qp->Dispatch->NdkSend(side->qp, NULL, NULL, 0, 0);
}

/*
 * What is posted once the peer has left is refused; what was accepted before
 * goes its way: it was deferred, and the refusal lets it go.
 */
static void st_post_after(struct st_test *t)
{
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 8);
	struct st_pair *p = st_pair_alloc(t);
	struct st_wr read = {
		.op = NdkOperationTypeRead, .raddr = 0x1000,
		.rkey = 0x12345600, .flags = NDK_OP_FLAG_DEFER, .nsge = 1,
		.ctx = &read,
	};
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	/* not on the stack: when the test fails, the event comes at its end */
	static NTSTATUS inside;
	NDK_SGE sge;

	inside = STATUS_PENDING;
	p->b.gone_hook = st_post_in_event;
	p->b.gone_priv = &inside;
	if (!local || !st_pair_up(t, p, false) ||
	    !st_sge(t, &p->b, local, 0, 8, &sge))
		return;
	read.sgl = &sge;
	if (!ST_OK(t, st_post(t, p->b.qp, &read)))
		return;
	/* before it says that it leaves, so that it does not answer any more */
	if (!ST_OK(t, st_post(t, p->a.qp, &recv)))
		return;
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	st_expect_next(t, &p->a, &p->a.rcq, NdkOperationTypeReceive, &recv,
		       STATUS_CANCELLED);
	st_close(t, &p->a.conn->Header);
	if (!st_wait_gone(t, &p->b))
		return;
	ST_STATUS(t, inside, STATUS_CONNECTION_INVALID);
	ST_STATUS(t, st_post(t, p->b.qp, &send), STATUS_CONNECTION_INVALID);
	st_refused_for(t, &p->b.qp->Header, "pNdkQp (not connected)");
	/* receives may be posted at any time; they end with the rest */
	if (!st_is_iwarp(t) && !ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	st_expect_next(t, &p->b, &p->b.icq, NdkOperationTypeRead, &read,
		       st_no_answer(t));
	if (!st_is_iwarp(t))
		st_expect_next(t, &p->b, &p->b.rcq, NdkOperationTypeReceive,
			       &recv, STATUS_CANCELLED);
}

/* Who flushes a queue pair of its own has not failed, and is not told of it. */
static void st_flushed(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_pair *p = st_pair_new(t);

	if (st_is_iwarp(t)) {
		st_skip(t, "on iWARP a flush is the end of the stream");
		return;
	}
	if (!p || !ST_OK(t, st_post(t, p->a.qp, &recv)))
		return;
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	if (!st_expect_next(t, &p->a, &p->a.rcq, NdkOperationTypeReceive, &recv,
			    STATUS_CANCELLED))
		return;
	ST_OK(t, st_req_wait(t, st_disconnect_start(t, &p->a)));
	ST_EXPECT(t, !atomic_read(&p->a.gone_count),
		  "an event of what it did itself");
	st_wait_gone(t, &p->b);
}

/*
 * Some devices tell of any refusal as if it were the peer's, also when it was a
 * request of their own that was refused, and also after that has ended.
 */
static void st_blamed(struct st_test *t)
{
	struct ib_event event = { .event = IB_EVENT_QP_ACCESS_ERR };
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 8);
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *ib_qp;

	if (st_is_iwarp(t)) {
		st_skip(t, "on iWARP a refusal is the end of the stream");
		return;
	}
	if (!p || !local)
		return;
	ib_qp = st_ib_qp(t, p->a.qp);
	if (!ib_qp ||
	    !ST_STATUS(t, st_rdma(t, &p->a, NdkOperationTypeRead, local, 0, 8,
				  0x1000, 0x12345600),
		       STATUS_ACCESS_VIOLATION) ||
	    !st_wait_gone(t, &p->a))
		return;
	event.device = ib_qp->device;
	event.element.qp = ib_qp;
	ib_qp->event_handler(&event, ib_qp->qp_context);
	ST_STATUS(t, st_req_wait(t, st_disconnect_start(t, &p->a)),
		  STATUS_CONNECTION_ABORTED);
	st_refused_for(t, &p->a.conn->Header, "pNdkQp (failed)");
}

static const struct st_case st_cases[] = {
	{ .name = "passive_first", .run = st_disconnect_after },
	{ .name = "passive_first_receives", .run = st_disconnect_after,
	  .arg = 1 },
	{ .name = "active_first", .run = st_disconnect_after, .arg = 2 },
	{ .name = "active_first_receives", .run = st_disconnect_after,
	  .arg = 3 },
	{ .name = "at_once", .run = st_disconnect_at_once },
	{ .name = "post_after", .run = st_post_after },
	{ .name = "flushed", .run = st_flushed },
	{ .name = "blamed", .run = st_blamed },
};

const struct st_suite st_suite_conn_end = {
	"conn_end", st_cases, ARRAY_SIZE(st_cases),
};
