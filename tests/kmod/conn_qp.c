// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a connection makes of its queue pair: what the device is told of it, and
 * for how many connections it is good.
 */
#include <rdma/ib_verbs.h>

#include "harness.h"

/**
 * struct st_reads_of - reads of a side, as it is asked to allow and to make them
 * @in: those of the peer
 * @out: its own
 */
struct st_reads_of {
	ULONG in;
	ULONG out;
};

/* st_pair_connect() asks for the same limits on both sides. */
static bool st_connect_with(struct st_test *t, struct st_pair *p,
			    struct st_reads_of a, struct st_reads_of b)
{
	struct st_conn_args args = {
		.dest = &p->addr, .in_limit = a.in, .out_limit = a.out,
	};
	struct st_req *connect, *accept;

	if (!st_listen(t, p, false) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !st_side_create(t, &p->b, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		return false;
	args.dest_len = p->addr_len;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	connect = st_connect_start(t, &args);
	p->b.conn = st_incoming(t, p);
	if (!p->b.conn)
		return false;
	args.conn = p->b.conn;
	args.qp = p->b.qp;
	args.side = &p->b;
	args.in_limit = b.in;
	args.out_limit = b.out;
	accept = st_accept_start(t, &args);
	return ST_OK(t, st_req_wait(t, connect)) &&
	       ST_OK(t, st_req_wait(t, st_complete_start(t, &p->a))) &&
	       ST_OK(t, st_req_wait(t, accept));
}

/* What is asked for is a power of two, which devices may make of anything. */
static void st_expect_reads(struct st_test *t, struct st_side *side,
			    const char *which, struct st_reads_of want)
{
	struct ib_qp *qp = st_ib_qp(t, side->qp);
	struct ib_qp_init_attr init;
	struct ib_qp_attr attr;
	bool allowed;

	if (!qp || !ST_EXPECT(t, !ib_query_qp(qp, &attr, IB_QP_STATE, &init),
			      "cannot query"))
		return;
	ST_EXPECT(t, attr.max_dest_rd_atomic == want.in &&
		  attr.max_rd_atomic == want.out,
		  "%s side takes %u reads and makes %u, not %u and %u", which,
		  attr.max_dest_rd_atomic, attr.max_rd_atomic, want.in,
		  want.out);
	allowed = attr.qp_access_flags & IB_ACCESS_REMOTE_READ;
	ST_EXPECT(t, allowed == !!want.in, "reads are %sallowed on the %s side",
		  allowed ? "" : "not ", which);
	ST_EXPECT(t, attr.qp_access_flags & IB_ACCESS_REMOTE_WRITE,
		  "writes are not allowed on the %s side", which);
}

/**
 * struct st_reads_case - limits, and what becomes of them
 * @a: of the side that connects
 * @b: of the side that accepts
 * @a_has: what the queue pairs get
 * @b_has: likewise
 */
struct st_reads_case {
	struct st_reads_of a;
	struct st_reads_of b;
	struct st_reads_of a_has;
	struct st_reads_of b_has;
};

/* Each limit goes where it belongs, on both sides. */
static void st_read_limits(struct st_test *t)
{
	const struct st_reads_case *c = (const void *)t->arg;
	struct st_pair *p = st_pair_alloc(t);

	if (st_is_iwarp(t)) {
		st_skip(t, "siw does not tell");
		return;
	}
	if (!st_connect_with(t, p, c->a, c->b))
		return;
	st_expect_reads(t, &p->a, "active", c->a_has);
	st_expect_reads(t, &p->b, "passive", c->b_has);
	st_pair_works(t, p);
}

static bool st_not_again(struct st_test *t, struct st_pair *p, NDK_QP *qp)
{
	struct st_conn_args args = {
		.dest = &p->addr, .dest_len = p->addr_len, .qp = qp,
		.in_limit = 4, .out_limit = 4,
	};
	struct st_req *req;

	if (!ST_OK(t, st_create_connector(t, &args.conn)))
		return false;
	req = st_connect_start(t, &args);
	return ST_STATUS(t, st_req_wait(t, req), STATUS_INVALID_DEVICE_STATE) &&
	       st_refused_for(t, &args.conn->Header, "pNdkQp (in use)");
}

/* Neither while it is connected nor when it has been. */
static void st_once(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);

	if (!p || !st_not_again(t, p, p->a.qp) || !st_not_again(t, p, p->b.qp))
		return;
	st_pair_works(t, p);
	st_pair_disconnect(t, p);
	st_close(t, &p->a.conn->Header);
	st_close(t, &p->b.conn->Header);
	st_not_again(t, p, p->a.qp);
	st_not_again(t, p, p->b.qp);
}

/* An attempt that failed before the peer accepted leaves it as it was. */
static void st_after_refusal(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_pair *p = st_pair_alloc(t);
	struct st_conn_args args = {
		.dest = &p->addr, .in_limit = 4, .out_limit = 4,
	};

	if (st_is_iwarp(t)) {
		st_skip(t, "on iWARP each attempt takes a queue pair");
		return;
	}
	if (!st_listen(t, p, false) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !st_side_create(t, &p->b, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &args.conn)) ||
	    !ST_OK(t, st_post(t, p->a.qp, &recv)))
		return;
	args.qp = p->a.qp;
	args.dest_len = p->addr_len;
	p->listener->Dispatch->NdkControlConnectEvents(p->listener, TRUE);
	ST_STATUS(t, st_req_wait(t, st_connect_start(t, &args)),
		  STATUS_CONNECTION_REFUSED);
	p->listener->Dispatch->NdkControlConnectEvents(p->listener, FALSE);
	/* the connector that failed is still there */
	if (!st_pair_connect(t, p))
		return;
	ST_OK(t, st_do(t, &p->b, &send));
	st_expect_next(t, &p->a, &p->a.rcq, recv.op, &recv, STATUS_SUCCESS);
	st_pair_works(t, p);
}

/* And one that was flushed has ended before it was connected. */
static void st_after_flush(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);

	if (!st_listen(t, p, false) || !st_side_create(t, &p->a, &p->caps, 0))
		return;
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	st_not_again(t, p, p->a.qp);
}

#define ST_READS(name_, ...)						       \
	{ .name = name_, .run = st_read_limits,				       \
	  .arg = (unsigned long)&(const struct st_reads_case){ __VA_ARGS__ } }

static const struct st_case st_cases[] = {
	ST_READS("read_limits", .a = { 4, 1 }, .b = { 4, 4 },
		 .a_has = { 4, 1 }, .b_has = { 1, 4 }),
	ST_READS("read_limits_of_accept", .a = { 4, 4 }, .b = { 1, 2 },
		 .a_has = { 2, 1 }, .b_has = { 1, 2 }),
	/* known when the peer has answered */
	ST_READS("no_reads_by_peer", .a = { 4, 4 }, .b = { 4, 0 },
		 .a_has = { 0, 4 }, .b_has = { 4, 0 }),
	ST_READS("no_reads_of_peer", .a = { 4, 4 }, .b = { 0, 4 },
		 .a_has = { 4, 0 }, .b_has = { 0, 4 }),
	{ .name = "once", .run = st_once },
	{ .name = "after_refusal", .run = st_after_refusal },
	{ .name = "after_flush", .run = st_after_flush },
};

const struct st_suite st_suite_conn_qp = {
	"conn_qp", st_cases, ARRAY_SIZE(st_cases),
};
