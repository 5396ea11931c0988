// SPDX-License-Identifier: GPL-2.0-only
/*
 * A connection on iWARP that is half made, and what a consumer can do to it.
 *
 * The peer here is a plain stream. It asks to be waited for, as RFC 6581 has it:
 * the side that accepts is not connected before the peer's first frame. siw cannot
 * take the end of such a connection, for iw_cm has a BUG() there.
 */
#include <linux/in.h>
#include <linux/net.h>
#include <linux/sched.h>
#include <net/sock.h>

#include "harness.h"

#define ST_QUIET	(HZ / 5)

/* The request and the answer, both with read limits, and a write of nothing. */
#define ST_KEY_LENGTH	16
static const u8 st_mpa_request[] = {
	'M', 'P', 'A', ' ', 'I', 'D', ' ', 'R', 'e', 'q', ' ', 'F', 'r', 'a',
	'm', 'e',
	0x10, 2, 0, 4,		/* enhanced, revision 2, 4 bytes more */
	0x80, 1, 0x80, 1,	/* peer to peer, by a write; reads */
};

static const u8 st_first_frame[] = {
	0, 14, 0xc1, 0x40,	/* length; tagged, last, versions, write */
	0, 0, 0, 0,		/* to no region */
	0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0,		/* no checksum was agreed on */
};

/**
 * struct st_half - a connection that waits for the peer's first frame
 * @p: whose listener and side b
 * @stream: the peer
 * @accept: NdkAccept
 * @recv: a receive that is posted
 */
struct st_half {
	struct st_pair *p;
	struct socket *stream;
	struct st_req *accept;
	struct st_wr recv;
};

static int st_stream_send(struct st_half *h, const u8 *data, size_t len)
{
	struct kvec vec = { (u8 *)data, len };
	struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };

	return kernel_sendmsg(h->stream, &msg, &vec, 1, len);
}

static int st_stream_receive(struct st_half *h, u8 *data, size_t len)
{
	struct kvec vec = { data, len };
	struct msghdr msg = {};

	return kernel_recvmsg(h->stream, &msg, &vec, 1, len, MSG_WAITALL);
}

static bool st_stream_call(struct st_test *t, struct st_half *h)
{
	int ret;

	ret = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
			       &h->stream);
	if (!ST_EXPECT(t, !ret, "no socket: %d", ret))
		return false;
	h->stream->sk->sk_rcvtimeo = ST_TIMEOUT;
	ret = kernel_connect(h->stream, (void *)&h->p->addr, h->p->addr_len, 0);
	if (!ST_EXPECT(t, !ret, "cannot connect: %d", ret))
		return false;
	ret = st_stream_send(h, st_mpa_request, sizeof(st_mpa_request));
	return ST_EXPECT(t, ret == sizeof(st_mpa_request), "cannot send: %d",
			 ret);
}

/* The answer has been sent, so the queue pair is in its last state. */
static bool st_half_make(struct st_test *t, struct st_half *h)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_pair *p = st_pair_alloc(t);
	u8 reply[sizeof(st_mpa_request)];
	int ret;

	if (!st_is_iwarp(t)) {
		st_skip(t, "no stream");
		return false;
	}
	h->p = p;
	h->recv.op = NdkOperationTypeReceive;
	h->recv.ctx = &h->recv;
	if (!st_listen(t, p, false) ||
	    !st_side_create(t, &p->b, &p->caps, 0) ||
	    !ST_OK(t, st_post(t, p->b.qp, &h->recv)) || !st_stream_call(t, h))
		return false;
	args.conn = st_incoming(t, p);
	if (!args.conn)
		return false;
	p->b.conn = args.conn;
	args.qp = p->b.qp;
	args.side = &p->b;
	h->accept = st_accept_start(t, &args);
	ret = st_stream_receive(h, reply, sizeof(reply));
	/* It says with what it wants to be told, so it waits. */
	return ST_EXPECT(t, ret == sizeof(reply) &&
			 reply[ST_KEY_LENGTH + 6] & 0x80,
			 "not asked for a first frame: %d", ret);
}

static bool st_half_is_over(struct st_half *h, unsigned long patience)
{
	if (!wait_for_completion_timeout(&h->accept->done, patience))
		return false;
	complete(&h->accept->done);
	return true;
}

/* siw may overlook a frame that comes before its accept has returned. */
static void st_half_speak(struct st_half *h)
{
	unsigned long end = jiffies + ST_TIMEOUT;

	do {
		st_stream_send(h, st_first_frame, sizeof(st_first_frame));
	} while (!st_half_is_over(h, ST_QUIET) && time_before(jiffies, end));
}

/* Nothing has ended yet, and the accept does when the peer says more. */
static void st_half_go_on(struct st_test *t, struct st_half *h)
{
	struct st_side *side = &h->p->b;
	NDK_RESULT_EX res;

	ST_EXPECT(t, !st_half_is_over(h, ST_QUIET), "the accept has ended");
	ST_EXPECT(t, !st_poll(t, &side->rcq, &res, 1),
		  "a request has ended before the connection was made");
	st_half_speak(h);
}

/* Whatever has failed before, the stream must not end while the accept waits. */
static void st_half_end(struct st_half *h)
{
	if (!h->stream)
		return;
	if (h->accept)
		st_half_speak(h);
	sock_release(h->stream);
}

/* The stream ends, whatever ended it. */
static void st_half_gone(struct st_test *t, struct st_half *h)
{
	u8 byte;
	int ret = st_stream_receive(h, &byte, sizeof(byte));

	/* a message that says why it ends, or none */
	while (ret > 0)
		ret = st_stream_receive(h, &byte, sizeof(byte));
	ST_EXPECT(t, !ret || ret == -ECONNRESET, "the stream goes on: %d", ret);
}

static void st_half_nothing(struct st_test *t)
{
	struct st_half h = {};

	if (st_half_make(t, &h)) {
		st_half_go_on(t, &h);
		ST_OK(t, st_req_wait(t, h.accept));
	}
	st_half_end(&h);
}

static void st_half_flush(struct st_test *t)
{
	struct st_half h = {};

	if (st_half_make(t, &h)) {
		h.p->b.qp->Dispatch->NdkFlush(h.p->b.qp);
		st_half_go_on(t, &h);
		ST_STATUS(t, st_req_wait(t, h.accept),
			  STATUS_CONNECTION_ABORTED);
		st_refused_for(t, &h.p->b.conn->Header, "pNdkQp (has ended)");
		st_expect_next(t, &h.p->b, &h.p->b.rcq, h.recv.op, &h.recv,
			       STATUS_CANCELLED);
		st_half_gone(t, &h);
	}
	st_half_end(&h);
}

/* Also with the connector, which waits for the driver. */
static void st_half_close(struct st_test *t)
{
	struct st_half h = {};
	struct st_req *conn = NULL, *qp;

	if (st_half_make(t, &h)) {
		if (t->arg)
			conn = st_close_start(t, &h.p->b.conn->Header);
		qp = st_close_start(t, &h.p->b.qp->Header);
		st_half_go_on(t, &h);
		ST_STATUS(t, st_req_wait(t, h.accept), conn ? STATUS_CANCELLED :
			  STATUS_CONNECTION_ABORTED);
		if (!conn)
			conn = st_close_start(t, &h.p->b.conn->Header);
		st_req_wait(t, conn);
		st_req_wait(t, qp);
		st_half_gone(t, &h);
	}
	st_half_end(&h);
}

/* Nor does the device hear of a request that would fail. */
static void st_half_fail(struct st_test *t)
{
	struct st_half h = {};
	NDK_SGE sge = { .Length = 8, .MemoryRegionToken = 0x12345600 };
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = &sge, .nsge = 1,
		.ctx = &send,
	};

	if (st_half_make(t, &h)) {
		ST_OK(t, st_post(t, h.p->b.qp, &send));
		st_half_go_on(t, &h);
		ST_OK(t, st_req_wait(t, h.accept));
		st_expect_next(t, &h.p->b, &h.p->b.icq, send.op, &send,
			       STATUS_ACCESS_VIOLATION);
		st_half_gone(t, &h);
	}
	st_half_end(&h);
}

static const struct st_case st_cases[] = {
	{ .name = "nothing", .run = st_half_nothing },
	{ .name = "flush", .run = st_half_flush },
	{ .name = "close_qp", .run = st_half_close },
	{ .name = "close_both", .run = st_half_close, .arg = true },
	{ .name = "request_fails", .run = st_half_fail },
};

const struct st_suite st_suite_iwarp_half = {
	"iwarp_half", st_cases, ARRAY_SIZE(st_cases),
};
