// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making connections: addresses, private data, read limits, refusals.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

#define ST_V6	1UL

static u16 st_port(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)addr)->sin6_port);
	return ntohs(((const struct sockaddr_in *)addr)->sin_port);
}

static void st_works(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);

	if (!st_pair_up(t, p, t->arg & ST_V6))
		return;
	ST_EXPECT(t, st_port(&p->addr) >= 49152, "port %u was chosen",
		  st_port(&p->addr));
	if (st_pair_works(t, p))
		st_pair_disconnect(t, p);
}

struct st_ends {
	struct st_pair *p;
	struct st_conn_args connect;
	struct st_conn_args accept;
};

/* Everything but the handshake. */
static bool st_ends_new(struct st_test *t, struct st_ends *e, bool v6)
{
	e->p = st_pair_alloc(t);
	if (!st_listen(t, e->p, v6) ||
	    !st_side_create(t, &e->p->a, &e->p->caps, 0) ||
	    !st_side_create(t, &e->p->b, &e->p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &e->p->a.conn)))
		return false;
	e->connect = (struct st_conn_args){
		.conn = e->p->a.conn, .qp = e->p->a.qp, .dest = &e->p->addr,
		.dest_len = e->p->addr_len, .in_limit = 4, .out_limit = 4,
	};
	e->accept = (struct st_conn_args){
		.qp = e->p->b.qp, .side = &e->p->b, .in_limit = 4,
		.out_limit = 4,
	};
	return true;
}

static bool st_arrive(struct st_test *t, struct st_ends *e)
{
	e->p->b.conn = st_incoming(t, e->p);
	e->accept.conn = e->p->b.conn;
	return e->p->b.conn;
}

static bool st_data_is(struct st_test *t, NDK_CONNECTOR *conn,
		       const u8 *want, ULONG want_len, ULONG *in, ULONG *out)
{
	const NDK_CONNECTOR_DISPATCH *d = conn->Dispatch;
	ULONG len = 0, need;
	bool ok = false;
	u8 *data;

	ST_OK(t, d->NdkGetConnectionData(conn, in, out, NULL, &len));
	need = len;
	if (!ST_EXPECT(t, need >= want_len, "private data of %u bytes", need))
		return false;
	data = kzalloc(need + 16, GFP_KERNEL);
	if (!data)
		return false;
	memset(data, 0xa5, need + 16);
	len = need + 16;
	if (!ST_OK(t, d->NdkGetConnectionData(conn, NULL, NULL, data, &len)))
		goto out;
	ST_EXPECT(t, len == need, "%u bytes, then %u", need, len);
	ok = ST_EXPECT(t, !memcmp(data, want, want_len),
		       "other private data came out") &&
	     ST_EXPECT(t, !memchr_inv(data + need, 0xa5, 16),
		       "wrote past the private data");
	if (want_len < 2)
		goto out;
	memset(data, 0xa5, need + 16);
	len = 1;
	ST_STATUS(t, d->NdkGetConnectionData(conn, NULL, NULL, data, &len),
		  STATUS_BUFFER_TOO_SMALL);
	ST_EXPECT(t, len == need && data[0] == want[0] && data[1] == 0xa5,
		  "a short buffer gets another beginning");
out:
	kfree(data);
	return ok;
}

static void st_fill(u8 *data, ULONG len, u8 seed)
{
	ULONG i;

	for (i = 0; i < len; i++)
		data[i] = seed + i * 7;
}

/* As much as either side may give, both ways. */
static void st_private_data(struct st_test *t)
{
	ULONG caller = t->info.MaxCallerData, callee = t->info.MaxCalleeData;
	struct st_req *connect, *accept, *complete;
	struct st_ends e;
	u8 hello[256], answer[256];

	if (!ST_EXPECT(t, caller <= sizeof(hello) && callee <= sizeof(answer),
		       "%u and %u bytes", caller, callee) ||
	    !st_ends_new(t, &e, t->arg & ST_V6))
		return;
	st_fill(hello, caller, 1);
	st_fill(answer, callee, 99);
	e.connect.data = hello;
	e.connect.data_len = caller;
	connect = st_connect_start(t, &e.connect);
	if (!st_arrive(t, &e) ||
	    !st_data_is(t, e.p->b.conn, hello, caller, NULL, NULL))
		return;
	e.accept.data = answer;
	e.accept.data_len = callee;
	accept = st_accept_start(t, &e.accept);
	if (!ST_OK(t, st_req_wait(t, connect)) ||
	    !st_data_is(t, e.p->a.conn, answer, callee, NULL, NULL))
		return;
	complete = st_complete_start(t, &e.p->a);
	if (ST_OK(t, st_req_wait(t, complete)) &&
	    ST_OK(t, st_req_wait(t, accept)))
		st_pair_works(t, e.p);
}

static void st_too_much_data(struct st_test *t)
{
	u8 data[512] = {};
	struct st_req *req;
	struct st_ends e;

	if (!st_ends_new(t, &e, false))
		return;
	e.connect.data = data;
	e.connect.data_len = t->info.MaxCallerData + 1;
	req = st_connect_start(t, &e.connect);
	ST_STATUS(t, st_req_wait(t, req), STATUS_INVALID_PARAMETER);
	e.connect.data_len = 0;
	/* and the connector is as good as new */
	req = st_connect_start(t, &e.connect);
	if (!st_arrive(t, &e))
		return;
	e.accept.data = data;
	e.accept.data_len = t->info.MaxCalleeData + 1;
	req = st_accept_start(t, &e.accept);
	ST_STATUS(t, st_req_wait(t, req), STATUS_INVALID_PARAMETER);
}

/* Each side's inbound limit meets the other's outbound one. */
static void st_read_limits(struct st_test *t)
{
	struct st_req *connect, *accept, *complete;
	ULONG in = 0, out = 0;
	struct st_ends e;

	if (t->info.MaxInboundReadLimit < 8 ||
	    t->info.MaxOutboundReadLimit < 8) {
		st_skip(t, "needs limits of 8");
		return;
	}
	if (!st_ends_new(t, &e, false))
		return;
	e.connect.in_limit = 8;
	e.connect.out_limit = 3;
	connect = st_connect_start(t, &e.connect);
	if (!st_arrive(t, &e) ||
	    !st_data_is(t, e.p->b.conn, NULL, 0, &in, &out))
		return;
	ST_EXPECT(t, in == 3 && out == 8, "offered %u in and %u out", in, out);
	e.accept.in_limit = 5;
	e.accept.out_limit = 6;
	accept = st_accept_start(t, &e.accept);
	if (!ST_OK(t, st_req_wait(t, connect)) ||
	    !st_data_is(t, e.p->a.conn, NULL, 0, &in, &out))
		return;
	/* in: 8 meets the peer's 6; out: 3 meets the peer's 5 */
	ST_EXPECT(t, in == 6 && out == 3, "active side has %u in and %u out",
		  in, out);
	complete = st_complete_start(t, &e.p->a);
	if (!ST_OK(t, st_req_wait(t, complete)) ||
	    !ST_OK(t, st_req_wait(t, accept)))
		return;
	/* asked for after that by a consumer we know of */
	if (st_data_is(t, e.p->a.conn, NULL, 0, &in, &out))
		ST_EXPECT(t, in == 6 && out == 3, "then %u in and %u out", in,
			  out);
	st_pair_works(t, e.p);
}

/* Limits over the adapter's are capped, not refused. */
static void st_limits_capped(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	ULONG in = 0, out = 0;

	p->in_limit = ~0U;
	p->out_limit = ~0U;
	if (!st_pair_up(t, p, false) ||
	    !st_data_is(t, p->a.conn, NULL, 0, &in, &out))
		return;
	ST_EXPECT(t, in && in <= t->info.MaxInboundReadLimit && out &&
		  out <= t->info.MaxOutboundReadLimit, "%u in and %u out", in,
		  out);
	st_pair_works(t, p);
}

static void st_addresses(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct sockaddr_storage listen, local, peer, want;
	const NDK_CONNECTOR_DISPATCH *d;
	const NDK_LISTENER_DISPATCH *l;
	ULONG want_len, len;

	if (!st_pair_up(t, p, t->arg & ST_V6))
		return;
	want_len = st_sockaddr(t->arg & ST_V6, st_port(&p->addr), &want);
	l = p->listener->Dispatch;
	len = 1;
	ST_STATUS(t, l->NdkGetLocalAddress(p->listener, (PSOCKADDR)&listen,
					   &len), STATUS_BUFFER_TOO_SMALL);
	ST_EXPECT(t, len == want_len, "needs %u bytes", len);
	memset(&listen, 0, sizeof(listen));
	ST_OK(t, l->NdkGetLocalAddress(p->listener, (PSOCKADDR)&listen, &len));
	ST_EXPECT(t, !memcmp(&listen, &want, want_len),
		  "the listener has another address");

	d = p->a.conn->Dispatch;
	len = 1;
	ST_STATUS(t, d->NdkGetPeerAddress(p->a.conn, (PSOCKADDR)&peer, &len),
		  STATUS_BUFFER_TOO_SMALL);
	ST_EXPECT(t, len == want_len, "needs %u bytes", len);
	memset(&peer, 0, sizeof(peer));
	ST_OK(t, d->NdkGetPeerAddress(p->a.conn, (PSOCKADDR)&peer, &len));
	ST_EXPECT(t, !memcmp(&peer, &want, want_len),
		  "the active side has another peer");
	len = sizeof(local);
	memset(&local, 0, sizeof(local));
	ST_OK(t, d->NdkGetLocalAddress(p->a.conn, (PSOCKADDR)&local, &len));
	ST_EXPECT(t, len == want_len, "%u bytes of address", len);
	st_sockaddr(t->arg & ST_V6, st_port(&local), &want);
	ST_EXPECT(t, !memcmp(&local, &want, want_len),
		  "the active side has another local address");

	/* the other side sees the mirror image */
	d = p->b.conn->Dispatch;
	len = sizeof(peer);
	memset(&peer, 0, sizeof(peer));
	ST_OK(t, d->NdkGetPeerAddress(p->b.conn, (PSOCKADDR)&peer, &len));
	ST_EXPECT(t, !memcmp(&peer, &local, want_len),
		  "the passive side has another peer");
	len = sizeof(local);
	memset(&local, 0, sizeof(local));
	ST_OK(t, d->NdkGetLocalAddress(p->b.conn, (PSOCKADDR)&local, &len));
	ST_EXPECT(t, !memcmp(&local, &listen, want_len),
		  "the passive side has another local address");
}

static void st_no_listener(struct st_test *t)
{
	struct st_req *req;
	struct st_ends e;

	if (!st_ends_new(t, &e, t->arg & ST_V6))
		return;
	st_close(t, &e.p->listener->Header);
	req = st_connect_start(t, &e.connect);
	ST_STATUS(t, st_req_wait(t, req), STATUS_CONNECTION_REFUSED);
	st_refused_for(t, &e.p->a.conn->Header, "peer (");
}

static void st_rejected(struct st_test *t)
{
	struct st_req *req;
	struct st_ends e;
	u8 why[40];

	if (!st_ends_new(t, &e, t->arg & ST_V6))
		return;
	st_fill(why, sizeof(why), 33);
	req = st_connect_start(t, &e.connect);
	if (!st_arrive(t, &e))
		return;
	ST_OK(t, e.p->b.conn->Dispatch->NdkReject(e.p->b.conn, why,
						  sizeof(why)));
	ST_STATUS(t, st_req_wait(t, req), STATUS_CONNECTION_REFUSED);
	st_refused_for(t, &e.p->a.conn->Header, "peer (");
	st_data_is(t, e.p->a.conn, why, sizeof(why), NULL, NULL);
}

/* Nobody refuses who accepts: it is a peer that has given up. */
static void st_aborted(struct st_test *t, NTSTATUS status)
{
	ST_EXPECT(t, status == STATUS_CONNECTION_ABORTED ||
		  (st_is_iwarp(t) && status == STATUS_CONNECTION_REFUSED),
		  "the accept ended with %s", st_status_name(status));
}

/* What is posted on the queue pair of an accept that has failed has ended, too. */
static void st_cut_off(struct st_test *t, struct st_side *side,
		       const struct st_wr *recv)
{
	struct st_wr send = { .op = NdkOperationTypeSend };

	ST_STATUS(t, st_post(t, side->qp, &send), STATUS_CONNECTION_INVALID);
	st_expect_next(t, side, &side->rcq, recv->op, recv->ctx,
		       STATUS_CANCELLED);
}

/* The active side may change its mind after the peer accepted. */
static void st_active_rejects(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_req *connect, *accept;
	struct st_ends e;
	NTSTATUS status;

	if (!st_ends_new(t, &e, false) ||
	    !ST_OK(t, st_post(t, e.p->b.qp, &recv)))
		return;
	connect = st_connect_start(t, &e.connect);
	if (!st_arrive(t, &e))
		return;
	accept = st_accept_start(t, &e.accept);
	if (!ST_OK(t, st_req_wait(t, connect)))
		return;
	ST_OK(t, e.p->a.conn->Dispatch->NdkReject(e.p->a.conn, NULL, 0));
	status = st_accept_ended(t, accept, &e.p->b);
	st_aborted(t, status);
	/* on iWARP it was connected, and has been left */
	if (!st_is_iwarp(t))
		st_cut_off(t, &e.p->b, &recv);
}

/* The queue pair fails while the peer has not confirmed: there is no need to wait. */
static void st_fails_accepting(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct ib_event event = { .event = IB_EVENT_QP_FATAL };
	struct st_req *connect, *accept;
	struct ib_qp *ib_qp;
	struct st_ends e;

	if (st_is_iwarp(t)) {
		st_skip(t, "iWARP has no confirmation to wait for");
		return;
	}
	if (!st_ends_new(t, &e, false) ||
	    !ST_OK(t, st_post(t, e.p->b.qp, &recv)))
		return;
	ib_qp = st_ib_qp(t, e.p->b.qp);
	connect = st_connect_start(t, &e.connect);
	if (!ib_qp || !st_arrive(t, &e))
		return;
	accept = st_accept_start(t, &e.accept);
	if (!ST_OK(t, st_req_wait(t, connect)))
		return;
	event.device = ib_qp->device;
	event.element.qp = ib_qp;
	ib_qp->event_handler(&event, ib_qp->qp_context);
	ST_STATUS(t, st_req_wait(t, accept), STATUS_CONNECTION_ABORTED);
	st_refused_for(t, &e.p->b.conn->Header, "pNdkQp (failed)");
	st_cut_off(t, &e.p->b, &recv);
}

/* What was to be connected has ended before the peer's answer is confirmed. */
static void st_flushed_before_complete(struct st_test *t)
{
	struct st_req *connect, *accept;
	struct st_ends e;
	NTSTATUS status;

	if (!st_ends_new(t, &e, false))
		return;
	connect = st_connect_start(t, &e.connect);
	if (!st_arrive(t, &e))
		return;
	accept = st_accept_start(t, &e.accept);
	if (!ST_OK(t, st_req_wait(t, connect)))
		return;
	e.p->a.qp->Dispatch->NdkFlush(e.p->a.qp);
	ST_STATUS(t, st_req_wait(t, st_complete_start(t, &e.p->a)),
		  STATUS_CONNECTION_ABORTED);
	status = st_accept_ended(t, accept, &e.p->b);
	st_aborted(t, status);
}

/* The active side leaves while the peer makes up its mind. */
static void st_active_leaves(struct st_test *t)
{
	struct st_req *connect, *accept;
	struct st_ends e;
	NTSTATUS status;

	if (!st_ends_new(t, &e, false))
		return;
	connect = st_connect_start(t, &e.connect);
	if (!st_arrive(t, &e))
		return;
	st_close(t, &e.p->a.conn->Header);
	ST_STATUS(t, st_req_wait(t, connect), STATUS_CANCELLED);
	accept = st_accept_start(t, &e.accept);
	status = st_accept_ended(t, accept, &e.p->b);
	ST_EXPECT(t, !NT_SUCCESS(status), "the accept ended with %s",
		  st_status_name(status));
}

static VOID st_on_nothing(PVOID context, NDK_CONNECTOR *connector)
{
}

static void st_bad_addresses(struct st_test *t)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_storage addr = {};
	NDK_LISTENER *listener;
	NTSTATUS status;

	/* not an address of this machine */
	in.sin_addr.s_addr = htonl(0xc0000201);
	memcpy(&addr, &in, sizeof(in));
	if (!ST_OK(t, st_create_listener(t, st_on_nothing, NULL, &listener)))
		return;
	ST_STATUS(t, st_listen_on(t, listener, &addr, sizeof(in)),
		  STATUS_INVALID_ADDRESS);
	st_refused_for(t, &listener->Header, "pAddress");
	/* of this machine, not of this adapter */
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(&addr, &in, sizeof(in));
	status = st_listen_on(t, listener, &addr, sizeof(in));
	ST_STATUS(t, status, STATUS_INVALID_ADDRESS);
	/* any address would be every adapter's */
	in.sin_addr.s_addr = htonl(INADDR_ANY);
	memcpy(&addr, &in, sizeof(in));
	ST_STATUS(t, st_listen_on(t, listener, &addr, sizeof(in)),
		  STATUS_INVALID_ADDRESS);
	/* too short, and of no family */
	ST_STATUS(t, st_listen_on(t, listener, &addr, 4),
		  STATUS_INVALID_PARAMETER);
	addr.ss_family = 200;
	ST_STATUS(t, st_listen_on(t, listener, &addr, sizeof(in)),
		  STATUS_INVALID_ADDRESS);
	/* after all that the listener still listens */
	ST_OK(t, st_listen_on(t, listener, &addr,
			      st_sockaddr(false, 0, &addr)));
}

/* From an address that is not the adapter's. */
static void st_foreign_source(struct st_test *t)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201),
	};
	struct sockaddr_storage addr = {};
	struct st_ends e;

	if (!st_ends_new(t, &e, false))
		return;
	memcpy(&addr, &in, sizeof(in));
	e.connect.src = &addr;
	e.connect.src_len = sizeof(in);
	ST_STATUS(t, st_req_wait(t, st_connect_start(t, &e.connect)),
		  STATUS_INVALID_ADDRESS);
	st_refused_for(t, &e.p->a.conn->Header, "pSrcAddress");
}

/* To a network that no route leads to. */
static void st_unreachable(struct st_test *t)
{
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(50000),
	};
	struct sockaddr_storage addr = {};
	struct st_ends e;
	NTSTATUS status;

	if (!st_ends_new(t, &e, true))
		return;
	in6_pton("2001:db8::1", -1, in6.sin6_addr.s6_addr, -1, NULL);
	memcpy(&addr, &in6, sizeof(in6));
	e.connect.dest = &addr;
	e.connect.dest_len = sizeof(in6);
	status = st_req_wait(t, st_connect_start(t, &e.connect));
	ST_EXPECT(t, status == STATUS_NETWORK_UNREACHABLE ||
		  status == STATUS_HOST_UNREACHABLE, "connecting ended with %s",
		  st_status_name(status));
	st_refused_for(t, &e.p->a.conn->Header, "pDestAddress");
}

/* To a peer that never answers: closing the connector ends the wait. */
static void st_given_up(struct st_test *t)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET, .sin_port = htons(50000),
		.sin_addr.s_addr = htonl(0xc0000201),
	};
	struct sockaddr_storage addr = {};
	struct st_req *connect;
	struct st_ends e;
	NTSTATUS status;

	if (!st_ends_new(t, &e, false))
		return;
	memcpy(&addr, &in, sizeof(in));
	e.connect.dest = &addr;
	e.connect.dest_len = sizeof(in);
	connect = st_connect_start(t, &e.connect);
	schedule_timeout_uninterruptible(t->arg);
	st_close(t, &e.p->a.conn->Header);
	status = st_req_wait(t, connect);
	/* TCP asks for a route, and there is none. */
	if (st_is_iwarp(t) && status == STATUS_NETWORK_UNREACHABLE)
		return;
	ST_STATUS(t, status, STATUS_CANCELLED);
}

static void st_port_in_use(struct st_test *t)
{
	NDK_LISTENER *second;
	struct st_ends e;

	if (!st_ends_new(t, &e, t->arg & ST_V6) ||
	    !ST_OK(t, st_create_listener(t, st_on_nothing, NULL, &second)))
		return;
	ST_STATUS(t, st_listen_on(t, second, &e.p->addr, e.p->addr_len),
		  STATUS_SHARING_VIOLATION);
	st_refused_for(t, &second->Header, "pAddress");
	/* free as soon as the first is closed */
	st_close(t, &e.p->listener->Header);
	ST_OK(t, st_listen_on(t, second, &e.p->addr, e.p->addr_len));
}

/*
 * The peer's first message has overtaken its confirmation. Only some devices
 * tell, so it is told here in their place.
 */
static void st_early_data(struct st_test *t)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_pair *p = st_pair_alloc(t);
	struct st_req *connect, *accept;
	struct ib_event event = { .event = IB_EVENT_COMM_EST };
	struct ib_qp *ib_qp;

	if (st_is_iwarp(t)) {
		st_skip(t, "iWARP has no confirmation to be overtaken");
		return;
	}
	if (!st_listen(t, p, false) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !st_side_create(t, &p->b, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		return;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	connect = st_connect_start(t, &args);
	p->b.conn = st_incoming(t, p);
	ib_qp = st_ib_qp(t, p->b.qp);
	if (!p->b.conn || !ib_qp)
		return;
	args.conn = p->b.conn;
	args.qp = p->b.qp;
	args.side = &p->b;
	accept = st_accept_start(t, &args);
	if (!ST_OK(t, st_req_wait(t, connect)))
		return;
	ST_EXPECT(t, !completion_done(&accept->done),
		  "accepted before the confirmation");
	event.device = ib_qp->device;
	event.element.qp = ib_qp;
	ib_qp->event_handler(&event, ib_qp->qp_context);
	if (!ST_OK(t, st_req_wait(t, accept)))
		return;
	/* the confirmation comes after all */
	ST_OK(t, st_req_wait(t, st_complete_start(t, &p->a)));
	st_pair_works(t, p);
	ST_EXPECT(t, !atomic_read(&p->a.gone_count) &&
		  !atomic_read(&p->b.gone_count), "it was disconnected");
}

static const struct st_case st_cases[] = {
	{ .name = "ipv4", .run = st_works },
	{ .name = "ipv6", .run = st_works, .arg = ST_V6 },
	{ .name = "ipv4_bh_off", .run = st_works, .ctx = ST_BH_OFF },
	{ .name = "ipv4_spinlock", .run = st_works, .ctx = ST_LOCKED },
	{ .name = "ipv4_irq_off", .run = st_works, .ctx = ST_IRQ_OFF },
	{ .name = "ipv4_softirq", .run = st_works, .ctx = ST_SOFTIRQ },
	{ .name = "ipv6_softirq", .run = st_works, .arg = ST_V6,
	  .ctx = ST_SOFTIRQ },
	{ .name = "private_data_ipv4", .run = st_private_data },
	{ .name = "private_data_ipv6", .run = st_private_data, .arg = ST_V6 },
	{ .name = "too_much_private_data", .run = st_too_much_data },
	{ .name = "read_limits", .run = st_read_limits },
	{ .name = "read_limits_capped", .run = st_limits_capped },
	{ .name = "addresses_ipv4", .run = st_addresses },
	{ .name = "addresses_ipv6", .run = st_addresses, .arg = ST_V6 },
	{ .name = "no_listener_ipv4", .run = st_no_listener },
	{ .name = "no_listener_ipv6", .run = st_no_listener, .arg = ST_V6 },
	{ .name = "rejected_ipv4", .run = st_rejected },
	{ .name = "rejected_ipv6", .run = st_rejected, .arg = ST_V6 },
	{ .name = "rejected_softirq", .run = st_rejected, .ctx = ST_SOFTIRQ },
	{ .name = "active_side_rejects", .run = st_active_rejects },
	{ .name = "fails_accepting", .run = st_fails_accepting },
	{ .name = "active_side_leaves", .run = st_active_leaves },
	{ .name = "flushed_before_complete",
	  .run = st_flushed_before_complete },
	{ .name = "bad_addresses", .run = st_bad_addresses },
	{ .name = "foreign_source", .run = st_foreign_source },
	{ .name = "unreachable", .run = st_unreachable },
	{ .name = "given_up_at_once", .run = st_given_up },
	{ .name = "given_up_later", .run = st_given_up, .arg = HZ },
	{ .name = "port_in_use", .run = st_port_in_use },
	{ .name = "early_data", .run = st_early_data },
};

const struct st_suite st_suite_conn = {
	"conn", st_cases, ARRAY_SIZE(st_cases),
};
