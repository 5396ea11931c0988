// SPDX-License-Identifier: GPL-2.0-only
/*
 * What connectors and listeners refuse because of their state, and what they say
 * of themselves in each. Nothing of that changes what they are.
 */
#include <linux/string.h>

#include "harness.h"

/* Two ends, a listener, and a connector that has not been used. */
struct st_states {
	struct st_pair *p;
	struct st_conn_args connect;
	struct st_conn_args accept;
};

static bool st_states_new(struct st_test *t, struct st_states *s)
{
	struct st_pair *p = st_pair_alloc(t);

	s->p = p;
	if (!st_listen(t, p, false) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !st_side_create(t, &p->b, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		return false;
	s->connect = (struct st_conn_args){
		.conn = p->a.conn, .qp = p->a.qp, .dest = &p->addr,
		.dest_len = p->addr_len, .in_limit = 4, .out_limit = 4,
	};
	s->accept = (struct st_conn_args){
		.qp = p->b.qp, .side = &p->b, .in_limit = 4, .out_limit = 4,
	};
	return true;
}

static bool st_arrives(struct st_test *t, struct st_states *s)
{
	s->p->b.conn = st_incoming(t, s->p);
	s->accept.conn = s->p->b.conn;
	return s->p->b.conn;
}

/* The rest of the handshake. */
static bool st_goes_on(struct st_test *t, struct st_states *s,
		       struct st_req *connect)
{
	struct st_req *accept = st_accept_start(t, &s->accept);

	return ST_OK(t, st_req_wait(t, connect)) &&
	       ST_OK(t, st_req_wait(t, st_complete_start(t, &s->p->a))) &&
	       ST_OK(t, st_req_wait(t, accept)) && st_pair_works(t, s->p);
}

static void st_refuses(struct st_test *t, NDK_CONNECTOR *conn,
		       struct st_req *req, NTSTATUS want)
{
	if (ST_STATUS(t, st_req_wait(t, req), want))
		st_refused_for(t, &conn->Header, "state");
}

static void st_rejects_not(struct st_test *t, NDK_CONNECTOR *conn)
{
	if (ST_STATUS(t, conn->Dispatch->NdkReject(conn, NULL, 0),
		      STATUS_INVALID_DEVICE_STATE))
		st_refused_for(t, &conn->Header, "state");
}

/* There is nobody at the other end yet. */
static void st_says_nothing(struct st_test *t, NDK_CONNECTOR *conn)
{
	const NDK_CONNECTOR_DISPATCH *d = conn->Dispatch;
	struct sockaddr_storage addr;
	ULONG in = 99, out = 99, len;

	len = sizeof(addr);
	ST_STATUS(t, d->NdkGetLocalAddress(conn, (PSOCKADDR)&addr, &len),
		  STATUS_CONNECTION_INVALID);
	len = sizeof(addr);
	ST_STATUS(t, d->NdkGetPeerAddress(conn, (PSOCKADDR)&addr, &len),
		  STATUS_CONNECTION_INVALID);
	len = 0;
	ST_STATUS(t, d->NdkGetConnectionData(conn, &in, &out, NULL, &len),
		  STATUS_CONNECTION_INVALID);
	ST_EXPECT(t, in == 99 && out == 99 && !len,
		  "%u reads in, %u out and %u bytes", in, out, len);
}

static void st_fresh(struct st_test *t)
{
	struct st_conn_args args;
	NDK_CONNECTOR *conn;
	struct st_states s;
	struct st_req *req;

	if (!st_states_new(t, &s))
		return;
	conn = s.p->a.conn;
	st_says_nothing(t, conn);
	st_rejects_not(t, conn);
	args = s.accept;
	args.conn = conn;
	st_refuses(t, conn, st_accept_start(t, &args),
		   STATUS_INVALID_DEVICE_STATE);
	st_refuses(t, conn, st_complete_start(t, &s.p->a),
		   STATUS_CONNECTION_INVALID);
	st_refuses(t, conn, st_disconnect_start(t, &s.p->a),
		   STATUS_CONNECTION_INVALID);
	/* neither it nor a queue pair has been used */
	req = st_connect_start(t, &s.connect);
	if (st_arrives(t, &s))
		st_goes_on(t, &s, req);
}

static void st_connected(struct st_test *t)
{
	struct st_caps caps = st_default_caps(t);
	struct st_conn_args args;
	struct st_req *req, *again;
	struct st_states s;
	NDK_QP *qp;

	if (!st_states_new(t, &s))
		return;
	req = st_connect_start(t, &s.connect);
	if (!st_arrives(t, &s) || !st_goes_on(t, &s, req) ||
	    !ST_OK(t, st_create_qp(t, s.p->a.pd, &s.p->a.rcq, &s.p->a.icq,
				   NULL, &caps, &qp)))
		return;
	st_rejects_not(t, s.p->a.conn);
	st_rejects_not(t, s.p->b.conn);
	st_refuses(t, s.p->a.conn, st_complete_start(t, &s.p->a),
		   STATUS_CONNECTION_INVALID);
	args = s.connect;
	args.qp = qp;
	st_refuses(t, args.conn, st_connect_start(t, &args),
		   STATUS_INVALID_DEVICE_STATE);
	args = s.accept;
	args.qp = qp;
	st_refuses(t, args.conn, st_accept_start(t, &args),
		   STATUS_INVALID_DEVICE_STATE);
	st_pair_works(t, s.p);

	/* once, and not again: neither before it has ended nor afterwards */
	req = st_disconnect_start(t, &s.p->a);
	again = st_disconnect_start(t, &s.p->a);
	st_refuses(t, s.p->a.conn, again, STATUS_INVALID_DEVICE_STATE);
	if (!st_wait_gone(t, &s.p->b))
		return;
	ST_OK(t, st_req_wait(t, st_disconnect_start(t, &s.p->b)));
	ST_OK(t, st_req_wait(t, req));
	st_refuses(t, s.p->a.conn, st_disconnect_start(t, &s.p->a),
		   STATUS_INVALID_DEVICE_STATE);
	st_refuses(t, s.p->b.conn, st_disconnect_start(t, &s.p->b),
		   STATUS_INVALID_DEVICE_STATE);
}

/* The size is that of the message, and zeros follow what the peer has sent. */
static void st_data_is(struct st_test *t, NDK_CONNECTOR *conn, const u8 *data,
		       ULONG len, ULONG size)
{
	const NDK_CONNECTOR_DISPATCH *d = conn->Dispatch;
	ULONG in = 0, out = 0, room;
	u8 got[256];

	memset(got, 0xa5, sizeof(got));
	room = sizeof(got);
	ST_OK(t, d->NdkGetConnectionData(conn, NULL, NULL, got, &room));
	if (!ST_EXPECT(t, room == size, "%u bytes, not %u", room, size))
		return;
	ST_EXPECT(t, !memcmp(got, data, len), "other private data");
	ST_EXPECT(t, !memchr_inv(got + len, 0, size - len),
		  "more than the peer has sent");
	ST_EXPECT(t, !memchr_inv(got + size, 0xa5, sizeof(got) - size),
		  "wrote past the private data");
	/* only the limits */
	ST_OK(t, d->NdkGetConnectionData(conn, &in, &out, NULL, NULL));
	ST_EXPECT(t, in == 4 && out == 4, "%u reads in and %u out", in, out);
	room = len;
	ST_STATUS(t, d->NdkGetConnectionData(conn, NULL, NULL, NULL, &room),
		  STATUS_INVALID_PARAMETER);
	st_refused_for(t, &conn->Header, "pPrivateData");
}

static void st_private_data(struct st_test *t)
{
	static u8 hello[] = "hello", welcome[] = "welcome";
	struct st_states s;
	struct st_req *req;

	if (!st_states_new(t, &s))
		return;
	s.connect.data = hello;
	s.connect.data_len = sizeof(hello);
	req = st_connect_start(t, &s.connect);
	if (!st_arrives(t, &s))
		return;
	st_data_is(t, s.p->b.conn, hello, sizeof(hello), t->info.MaxCallerData);
	s.accept.data = welcome;
	s.accept.data_len = sizeof(welcome);
	if (st_goes_on(t, &s, req))
		st_data_is(t, s.p->a.conn, welcome, sizeof(welcome),
			   t->info.MaxCalleeData);
}

/* With as much data as there may be; the connection never comes about. */
static void st_rejected(struct st_test *t)
{
	u8 why[256], got[256];
	NDK_CONNECTOR *conn;
	struct st_states s;
	struct st_req *req;
	ULONG most, len;

	most = t->info.MaxCalleeData;
	if (!ST_EXPECT(t, most < sizeof(why), "%u bytes", most) ||
	    !st_states_new(t, &s))
		return;
	for (len = 0; len < sizeof(why); len++)
		why[len] = len * 3 + 1;
	req = st_connect_start(t, &s.connect);
	if (!st_arrives(t, &s))
		return;
	conn = s.p->b.conn;
	ST_STATUS(t, conn->Dispatch->NdkReject(conn, why, most + 1),
		  STATUS_INVALID_PARAMETER);
	st_refused_for(t, &conn->Header, "PrivateDataLength");
	ST_STATUS(t, conn->Dispatch->NdkReject(conn, NULL, 1),
		  STATUS_INVALID_PARAMETER);
	st_refused_for(t, &conn->Header, "pPrivateData");
	ST_OK(t, conn->Dispatch->NdkReject(conn, why, most));
	st_rejects_not(t, conn);
	st_refuses(t, conn, st_accept_start(t, &s.accept),
		   STATUS_INVALID_DEVICE_STATE);
	st_refuses(t, conn, st_disconnect_start(t, &s.p->b),
		   STATUS_CONNECTION_INVALID);

	ST_STATUS(t, st_req_wait(t, req), STATUS_CONNECTION_REFUSED);
	conn = s.p->a.conn;
	len = sizeof(got);
	ST_OK(t, conn->Dispatch->NdkGetConnectionData(conn, NULL, NULL, got,
						      &len));
	ST_EXPECT(t, len == most && !memcmp(got, why, most),
		  "other private data, of %u bytes", len);
	st_refuses(t, conn, st_connect_start(t, &s.connect),
		   STATUS_INVALID_DEVICE_STATE);
	st_refuses(t, conn, st_disconnect_start(t, &s.p->a),
		   STATUS_CONNECTION_INVALID);
}

static VOID st_on_nothing(PVOID context, NDK_CONNECTOR *connector)
{
}

static void st_listens_nowhere(struct st_test *t, NDK_LISTENER *listener)
{
	struct sockaddr_storage addr;
	ULONG len = sizeof(addr);

	if (ST_STATUS(t, listener->Dispatch->NdkGetLocalAddress(listener,
								(PSOCKADDR)&addr,
								&len),
		      STATUS_INVALID_DEVICE_STATE))
		st_refused_for(t, &listener->Header, "state");
}

/* At one address, for as long as it is there. */
static void st_listener(struct st_test *t)
{
	struct sockaddr_storage any, first = {}, then = {};
	NDK_LISTENER *none, *listener, *second;
	ULONG any_len, len;

	any_len = st_sockaddr(false, 0, &any);
	ST_STATUS(t, st_create_listener(t, NULL, NULL, &none),
		  STATUS_INVALID_PARAMETER);
	st_refused_for(t, &t->adapter->Header, "ConnectEvent");
	if (!ST_OK(t, st_create_listener(t, st_on_nothing, NULL, &listener)) ||
	    !ST_OK(t, st_create_listener(t, st_on_nothing, NULL, &second)))
		return;
	st_listens_nowhere(t, listener);
	if (!ST_OK(t, st_listen_on(t, listener, &any, any_len)))
		return;
	len = sizeof(first);
	ST_OK(t, listener->Dispatch->NdkGetLocalAddress(listener,
							(PSOCKADDR)&first,
							&len));
	ST_STATUS(t, st_listen_on(t, listener, &any, any_len),
		  STATUS_INVALID_DEVICE_STATE);
	st_refused_for(t, &listener->Header, "state");
	len = sizeof(then);
	ST_OK(t, listener->Dispatch->NdkGetLocalAddress(listener,
							(PSOCKADDR)&then,
							&len));
	ST_EXPECT(t, !memcmp(&first, &then, len), "it listens elsewhere");
	ST_STATUS(t, st_listen_on(t, second, &first, len),
		  STATUS_SHARING_VIOLATION);
	st_listens_nowhere(t, second);
}

static const struct st_case st_cases[] = {
	{ .name = "fresh", .run = st_fresh },
	{ .name = "fresh_softirq", .run = st_fresh, .ctx = ST_SOFTIRQ },
	{ .name = "connected", .run = st_connected },
	{ .name = "data", .run = st_private_data },
	{ .name = "rejected", .run = st_rejected },
	{ .name = "listener", .run = st_listener },
};

const struct st_suite st_suite_conn_state = {
	"conn_state", st_cases, ARRAY_SIZE(st_cases),
};
