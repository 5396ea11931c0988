// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two connected queue pairs, both ends in this module.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/slab.h>

#include "harness.h"

/**
 * st_address_of() - an address from its text
 * @text: the address
 * @v6: it is an IPv6 one
 * @port: port
 * @addr: out: the address
 *
 * Return: bytes of it; 0 if it cannot be parsed.
 */
ULONG st_address_of(const char *text, bool v6, u16 port,
		    struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *in = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	if (v6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		if (!in6_pton(text, -1, in6->sin6_addr.s6_addr, -1, NULL))
			return 0;
		return sizeof(*in6);
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	if (!in4_pton(text, -1, (u8 *)&in->sin_addr, -1, NULL))
		return 0;
	return sizeof(*in);
}

/**
 * st_sockaddr() - the address the adapter has in the test network
 * @v6: the IPv6 one
 * @port: port
 * @addr: out: the address
 *
 * Return: bytes of it; 0 if the parameter cannot be parsed.
 */
ULONG st_sockaddr(bool v6, u16 port, struct sockaddr_storage *addr)
{
	return st_address_of(st_address(v6), v6, port, addr);
}

static VOID st_on_connect(PVOID context, NDK_CONNECTOR *connector)
{
	struct st_pair *p = context;

	atomic_inc(&p->arrivals);
	WRITE_ONCE(p->incoming, connector);
	complete(&p->arrived);
}

static VOID st_on_disconnect(PVOID context)
{
	struct st_side *side = context;

	atomic_inc(&side->gone_count);
	if (side->gone_hook)
		side->gone_hook(side);
	complete(&side->gone);
}

/**
 * st_side_create() - PD, completion queues and queue pair of one end
 * @t: the test
 * @side: the end; a protection domain that it has already is used
 * @caps: capacities, or all zero
 * @cq_depth: entries of each completion queue, or 0
 *
 * Return: whether all succeeded.
 */
bool st_side_create(struct st_test *t, struct st_side *side,
		    const struct st_caps *caps, ULONG cq_depth)
{
	struct st_caps c = *caps;

	if (!c.send_depth)
		c = st_default_caps(t);
	init_completion(&side->gone);
	atomic_set(&side->gone_count, 0);
	if (!cq_depth)
		cq_depth = min(256U, t->info.MaxCqDepth);
	if (!side->pd && !ST_OK(t, st_create_pd(t, &side->pd)))
		return false;
	if (!ST_OK(t, st_create_cq(t, &side->rcq, cq_depth)) ||
	    !ST_OK(t, st_create_cq(t, &side->icq, cq_depth)) ||
	    !ST_OK(t, st_create_qp(t, side->pd, &side->rcq, &side->icq, side,
				   &c, &side->qp)))
		return false;
	side->pd->Dispatch->NdkGetPrivilegedMemoryRegionToken(side->pd,
							      &side->priv);
	return true;
}

struct st_listen_args {
	NDK_LISTENER *listener;
	struct sockaddr_storage addr;
	ULONG len;
	struct st_req *req;
};

static void st_listen_call(void *arg)
{
	struct st_listen_args *a = arg;

	a->req->answer = a->listener->Dispatch->NdkListen(a->listener,
							  (PSOCKADDR)&a->addr,
							  a->len, st_on_request,
							  a->req);
}

/**
 * st_listen_on() - NdkListen
 * @t: the test
 * @listener: the listener
 * @addr: where
 * @len: bytes of @addr
 *
 * Return: the result.
 */
NTSTATUS st_listen_on(struct st_test *t, NDK_LISTENER *listener,
		      const struct sockaddr_storage *addr, ULONG len)
{
	struct st_listen_args a = {
		.listener = listener, .addr = *addr, .len = len,
		.req = st_req_new(t, "NdkListen"),
	};

	st_call(t, st_listen_call, &a);
	return st_req_wait(t, a.req);
}

/**
 * st_listen() - create a listener and listen on any port
 * @t: the test
 * @p: its listener and addr are set
 * @v6: on the IPv6 address
 *
 * Return: whether all succeeded.
 */
bool st_listen(struct st_test *t, struct st_pair *p, bool v6)
{
	p->addr_len = st_sockaddr(v6, 0, &p->addr);
	return ST_EXPECT(t, p->addr_len, "%s is no address", st_address(v6)) &&
	       st_listen_at(t, p);
}

/**
 * st_listen_at() - create a listener and listen where the pair says
 * @t: the test
 * @p: its listener is set, and its addr becomes the one listened at
 *
 * Return: whether all succeeded.
 */
bool st_listen_at(struct st_test *t, struct st_pair *p)
{
	ULONG len = sizeof(p->addr);
	NTSTATUS status;

	if (!ST_OK(t, st_create_listener(t, st_on_connect, p, &p->listener)) ||
	    !ST_OK(t, st_listen_on(t, p->listener, &p->addr, p->addr_len)))
		return false;
	status = p->listener->Dispatch->NdkGetLocalAddress(p->listener,
							   (PSOCKADDR)&p->addr,
							   &len);
	p->addr_len = len;
	return ST_OK(t, status);
}

struct st_conn_call {
	const struct st_conn_args *a;
	struct sockaddr_storage src;
	ULONG src_len;
	struct st_req *req;
};

static void st_connect_call(void *arg)
{
	struct st_conn_call *c = arg;
	const struct st_conn_args *a = c->a;

	c->req->answer =
		a->conn->Dispatch->NdkConnect(a->conn, a->qp,
					      (PSOCKADDR)&c->src, c->src_len,
					      (PSOCKADDR)a->dest, a->dest_len,
					      a->in_limit, a->out_limit,
					      a->data, a->data_len,
					      st_on_request, c->req);
}

/**
 * st_connect_start() - NdkConnect without waiting
 * @t: the test
 * @args: its arguments
 *
 * Return: the request.
 */
struct st_req *st_connect_start(struct st_test *t,
				const struct st_conn_args *args)
{
	struct st_conn_call c = {
		.a = args, .req = st_req_new(t, "NdkConnect"),
	};

	if (args->src) {
		c.src = *args->src;
		c.src_len = args->src_len;
	} else {
		c.src_len = st_sockaddr(args->dest->ss_family == AF_INET6, 0,
					&c.src);
	}
	c.req->hook = args->hook;
	c.req->priv = args->priv;
	st_call(t, st_connect_call, &c);
	return c.req;
}

static void st_accept_call(void *arg)
{
	struct st_conn_call *c = arg;
	const struct st_conn_args *a = c->a;

	c->req->answer =
		a->conn->Dispatch->NdkAccept(a->conn, a->qp, a->in_limit,
					     a->out_limit, a->data, a->data_len,
					     st_on_disconnect, a->side,
					     st_on_request, c->req);
}

/**
 * st_accept_start() - NdkAccept without waiting
 * @t: the test
 * @args: its arguments
 *
 * Return: the request.
 */
struct st_req *st_accept_start(struct st_test *t,
			       const struct st_conn_args *args)
{
	struct st_conn_call c = {
		.a = args, .req = st_req_new(t, "NdkAccept"),
	};

	st_call(t, st_accept_call, &c);
	return c.req;
}

struct st_side_call {
	struct st_side *side;
	struct st_req *req;
};

static void st_complete_call(void *arg)
{
	struct st_side_call *c = arg;
	NDK_CONNECTOR *conn = c->side->conn;

	c->req->answer = conn->Dispatch->NdkCompleteConnect(conn,
							    st_on_disconnect,
							    c->side,
							    st_on_request,
							    c->req);
}

/**
 * st_complete_start() - NdkCompleteConnect without waiting
 * @t: the test
 * @side: the side that connected
 *
 * Return: the request.
 */
struct st_req *st_complete_start(struct st_test *t, struct st_side *side)
{
	struct st_side_call c = {
		.side = side, .req = st_req_new(t, "NdkCompleteConnect"),
	};

	st_call(t, st_complete_call, &c);
	return c.req;
}

static void st_disconnect_call(void *arg)
{
	struct st_side_call *c = arg;
	NDK_CONNECTOR *conn = c->side->conn;

	c->req->answer = conn->Dispatch->NdkDisconnect(conn, st_on_request,
						       c->req);
}

/**
 * st_disconnect_start() - NdkDisconnect without waiting
 * @t: the test
 * @side: which side
 *
 * Return: the request.
 */
struct st_req *st_disconnect_start(struct st_test *t, struct st_side *side)
{
	struct st_side_call c = {
		.side = side, .req = st_req_new(t, "NdkDisconnect"),
	};

	st_call(t, st_disconnect_call, &c);
	return c.req;
}

/**
 * st_incoming() - wait for the next incoming connection
 * @t: the test
 * @p: whose listener
 *
 * Return: its connector, to be closed at the end of the test, or NULL and the
 * test has failed.
 */
NDK_CONNECTOR *st_incoming(struct st_test *t, struct st_pair *p)
{
	NDK_CONNECTOR *connector;

	if (!ST_EXPECT(t, wait_for_completion_timeout(&p->arrived, ST_TIMEOUT),
		       "no connect event"))
		return NULL;
	connector = READ_ONCE(p->incoming);
	/* Nobody will come any more, see st_on_connected(). */
	if (!connector && t->tolerant)
		return NULL;
	if (!ST_EXPECT(t, connector, "a connect event without connector"))
		return NULL;
	st_track(t, &connector->Header);
	ST_EXPECT(t, connector->Header.ObjectType == NdkObjectTypeConnector,
		  "the connect event brought type %d",
		  connector->Header.ObjectType);
	return connector;
}

/**
 * st_wait_gone() - wait for the disconnect event
 * @t: the test
 * @side: whose
 *
 * Return: whether it came.
 */
bool st_wait_gone(struct st_test *t, struct st_side *side)
{
	return ST_EXPECT(t, wait_for_completion_timeout(&side->gone,
							ST_TIMEOUT),
			 "no disconnect event");
}

/**
 * st_pair_alloc() - a pair, nothing created yet
 * @t: the test
 *
 * Return: the pair; it lives as long as the test.
 */
struct st_pair *st_pair_alloc(struct st_test *t)
{
	struct st_req *holder = st_req_new(t, "pair");
	struct st_pair *p;

	/* A request that is no request keeps callbacks' memory until late. */
	holder->answer = STATUS_SUCCESS;
	p = kzalloc(sizeof(*p), GFP_KERNEL | __GFP_NOFAIL);
	holder->priv = p;
	holder->owns_priv = true;
	init_completion(&p->arrived);
	p->in_limit = 8;
	p->out_limit = 8;
	return p;
}

/**
 * st_pair_up() - listen, and connect the two sides
 * @t: the test
 * @p: the pair
 * @v6: over IPv6
 *
 * Return: whether all succeeded.
 */
bool st_pair_up(struct st_test *t, struct st_pair *p, bool v6)
{
	return st_listen(t, p, v6) && st_pair_again(t, p);
}

/* A connection that cannot be made does not arrive at the listener. */
static void st_on_connected(struct st_req *req)
{
	struct st_pair *p = req->priv;

	if (req->status != STATUS_SUCCESS)
		complete(&p->arrived);
}

/**
 * st_pair_connect() - connect the two sides over the pair's listener
 * @t: the test
 * @p: the pair; its sides have queue pairs that are not connected
 *
 * Return: whether all succeeded.
 */
bool st_pair_connect(struct st_test *t, struct st_pair *p)
{
	struct st_conn_args args = {
		.dest = &p->addr, .dest_len = p->addr_len,
		.in_limit = p->in_limit, .out_limit = p->out_limit,
		.hook = t->tolerant ? st_on_connected : NULL, .priv = p,
	};
	struct sockaddr_storage src;
	struct st_req *connect, *accept, *complete;

	if (!ST_OK(t, st_create_connector(t, &p->a.conn)))
		return false;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	if (p->src) {
		/* there any port will do */
		src = *p->src;
		((struct sockaddr_in *)&src)->sin_port = 0;
		args.src = &src;
		args.src_len = p->addr_len;
	}
	connect = st_connect_start(t, &args);
	if (connect->answer != STATUS_PENDING &&
	    !ST_OK(t, connect->answer))
		return false;
	p->b.conn = st_incoming(t, p);
	if (!p->b.conn) {
		/* Then it has ended, see st_on_connected(), and says why. */
		if (t->tolerant)
			ST_OK(t, st_req_wait(t, connect));
		return false;
	}
	args.conn = p->b.conn;
	args.qp = p->b.qp;
	args.side = &p->b;
	accept = st_accept_start(t, &args);
	if (accept->answer != STATUS_PENDING && !ST_OK(t, accept->answer))
		return false;
	if (!ST_OK(t, st_req_wait(t, connect)))
		return false;
	complete = st_complete_start(t, &p->a);
	return ST_OK(t, st_req_wait(t, complete)) &&
	       ST_OK(t, st_req_wait(t, accept));
}

/**
 * st_pair_again() - connect two new sides over the pair's listener
 * @t: the test
 * @p: the pair; the sides' earlier objects are still to be closed by others
 *
 * Return: whether all succeeded.
 */
bool st_pair_again(struct st_test *t, struct st_pair *p)
{
	return st_side_create(t, &p->a, &p->caps, p->cq_depth) &&
	       st_side_create(t, &p->b, &p->caps, p->cq_depth) &&
	       st_pair_connect(t, p);
}

/**
 * st_pair_new() - a connected pair with default settings over IPv4
 * @t: the test
 *
 * Return: the pair, or NULL and the test has failed.
 */
struct st_pair *st_pair_new(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);

	return st_pair_up(t, p, false) ? p : NULL;
}

/**
 * st_pair_works() - send something from @a to @b
 * @t: the test
 * @p: a pair that should be connected
 *
 * Return: whether it arrived.
 */
bool st_pair_works(struct st_test *t, struct st_pair *p)
{
	struct st_buf *from = st_buf_new(t, ST_CONTIG, 0, 100);
	struct st_buf *to = st_buf_new(t, ST_CONTIG, 0, 100);
	NDK_SGE from_sge, to_sge;
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .sgl = &to_sge, .nsge = 1,
		.ctx = &recv,
	};
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = &from_sge, .nsge = 1,
	};

	if (!from || !to || !st_sge(t, &p->a, from, 0, 100, &from_sge) ||
	    !st_sge(t, &p->b, to, 0, 100, &to_sge))
		return false;
	st_buf_expect(to, 0, st_model(from), 100);
	return ST_OK(t, st_post(t, p->b.qp, &recv)) &&
	       ST_OK(t, st_do(t, &p->a, &send)) &&
	       st_expect_next(t, &p->b, &p->b.rcq, NdkOperationTypeReceive,
			      &recv, STATUS_SUCCESS) &&
	       ST_BUF(t, to);
}

/**
 * st_pair_disconnect() - an orderly end of the connection
 * @t: the test
 * @p: a connected pair
 */
void st_pair_disconnect(struct st_test *t, struct st_pair *p)
{
	struct st_req *a, *b;

	a = st_disconnect_start(t, &p->a);
	if (!st_wait_gone(t, &p->b))
		return;
	b = st_disconnect_start(t, &p->b);
	ST_OK(t, st_req_wait(t, a));
	ST_OK(t, st_req_wait(t, b));
	ST_EXPECT(t, atomic_read(&p->b.gone_count) == 1,
		  "%d disconnect events", atomic_read(&p->b.gone_count));
}
