// SPDX-License-Identifier: GPL-2.0-only
/*
 * What iWARP does otherwise, for the tests of all transports, and tests of what
 * it refuses.
 *
 * A peer that refuses something does not answer the request: it ends the stream.
 * A read is flushed then. A write or a send has completed when its data were on
 * their way, so a request behind it tells what has become of it.
 */
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <net/sock.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

#define ST_READ_PAGES	32
#define ST_READ_ROUNDS	20

/**
 * st_is_iwarp() - is the adapter under test one of iWARP?
 * @t: the test
 */
bool st_is_iwarp(const struct st_test *t)
{
	return t->info.RdmaTechnology == NdkiWarp;
}

/**
 * st_refusal() - how an access ends that the peer does not allow
 * @t: the test
 *
 * Return: what st_rdma() says of it.
 */
NTSTATUS st_refusal(const struct st_test *t)
{
	return st_is_iwarp(t) ? STATUS_CANCELLED : STATUS_ACCESS_VIOLATION;
}

/**
 * st_no_answer() - how a request ends whose peer has gone
 * @t: the test
 *
 * Return: a stream tells that it has ended; elsewhere only time does.
 */
NTSTATUS st_no_answer(const struct st_test *t)
{
	return st_is_iwarp(t) ? STATUS_CANCELLED : STATUS_IO_TIMEOUT;
}

/**
 * st_written() - wait for what was written to be in the peer's memory
 * @t: the test
 * @side: who wrote, successfully
 * @local: what was written
 * @at: offset in it of the last byte
 * @raddr: where that is in the peer's memory
 * @rkey: remote token
 *
 * The peer answers in order, so reading that byte back is enough.
 *
 * Return: STATUS_SUCCESS; st_refusal() if the peer has refused the write.
 */
NTSTATUS st_written(struct st_test *t, struct st_side *side,
		    struct st_buf *local, size_t at, u64 raddr, u32 rkey)
{
	NTSTATUS status;

	if (!st_is_iwarp(t))
		return STATUS_SUCCESS;
	status = st_rdma(t, side, NdkOperationTypeRead, local, at, 1, raddr,
			 rkey);
	/* refused so soon that there was no connection any more to ask on */
	return status == STATUS_CONNECTION_INVALID ? st_refusal(t) : status;
}

/**
 * st_forgets_none() - is a request answered whose listener goes meanwhile?
 * @t: the test; skipped where it may not be
 *
 * Nor does siw free what it has made for such a request.
 */
bool st_forgets_none(struct st_test *t)
{
	if (!st_is_iwarp(t))
		return true;
	st_skip(t, "iw_cm forgets a request whose listener is destroyed");
	return false;
}

/**
 * st_sends_wait() - does a send wait for the peer's receive?
 * @t: the test; skipped where it does not
 */
bool st_sends_wait(struct st_test *t)
{
	if (!st_is_iwarp(t))
		return true;
	st_skip(t, "on iWARP a send without a receive ends the connection");
	return false;
}

/**
 * st_send_ended() - is this how a send may end that nobody receives?
 * @t: the test
 * @status: how it ended
 */
bool st_send_ended(const struct st_test *t, NTSTATUS status)
{
	return status == STATUS_CANCELLED ||
	       (st_is_iwarp(t) && status == STATUS_SUCCESS);
}

/**
 * st_accept_ended() - how an accept ends whose peer has gone before it
 * @t: the test
 * @accept: the request
 * @side: who accepts
 *
 * There is no third message: to accept is to be connected, and then no more.
 *
 * Return: the status of the accept, or of the connection that it made.
 */
NTSTATUS st_accept_ended(struct st_test *t, struct st_req *accept,
			 struct st_side *side)
{
	NTSTATUS status = st_req_wait(t, accept);

	if (status != STATUS_SUCCESS || !st_is_iwarp(t))
		return status;
	return st_wait_gone(t, side) ? STATUS_CONNECTION_ABORTED : status;
}

/**
 * st_registers_kernel() - can NdkRegisterMr be used with kernel memory?
 * @t: the test; skipped where it cannot, see kernel_memory_refused below
 */
bool st_registers_kernel(struct st_test *t)
{
	if (!st_is_iwarp(t))
		return true;
	st_skip(t, "iWARP refuses NdkRegisterMr of kernel memory");
	return false;
}

/**
 * st_most_pages() - pages of one region that the device takes
 * @t: the test
 */
ULONG st_most_pages(const struct st_test *t)
{
	/* A region of the largest size that begins inside a page has one more. */
	return t->info.MaxRegistrationSize / PAGE_SIZE + 1;
}

/**
 * st_takes_pages() - is the device's page list long enough?
 * @t: the test; skipped if it is not
 * @pages: pages of one region
 */
bool st_takes_pages(struct st_test *t, ULONG pages)
{
	char why[80];

	if (pages <= st_most_pages(t))
		return true;
	snprintf(why, sizeof(why), "needs %u pages, the adapter takes %u",
		 pages, st_most_pages(t));
	st_skip(t, why);
	return false;
}

static bool st_is_siw(struct st_test *t, struct st_side *side)
{
	struct ib_qp *qp = st_ib_qp(t, side->qp);

	return qp && qp->device->ops.driver_id == RDMA_DRIVER_SIW;
}

/**
 * st_checks_reads() - does the device look for the right of remote read?
 * @t: the test; skipped if it does not
 * @side: any side of a connection
 */
bool st_checks_reads(struct st_test *t, struct st_side *side)
{
	if (!st_is_siw(t, side))
		return true;
	st_skip(t, "siw serves reads without the right of remote read");
	return false;
}

/**
 * st_lets_go() - is an access in progress over when its region is closed?
 * @t: the test; skipped if it is not
 * @side: any side of a connection
 */
bool st_lets_go(struct st_test *t, struct st_side *side)
{
	if (!st_is_siw(t, side))
		return true;
	st_skip(t, "siw goes on with an access whose region is gone");
	return false;
}

/* Refused by name, and the region is good for nothing worse than before. */
static void st_kernel_memory(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 5, 2 * PAGE_SIZE);
	NDK_PD *pd;
	NDK_MR *mr;
	int i;

	if (!st_is_iwarp(t)) {
		st_skip(t, "only iWARP refuses it");
		return;
	}
	if (!buf || !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)))
		return;
	for (i = 0; i < 2; i++)
		ST_STATUS(t, st_register(t, mr, buf->mdl, buf->len,
					 NDK_MR_FLAG_ALLOW_REMOTE_READ),
			  STATUS_NOT_SUPPORTED);
	ST_EXPECT(t, !st_remote_token(t, mr), "it has a token");
	ST_STATUS(t, st_deregister(t, mr), STATUS_INVALID_DEVICE_STATE);
	ST_EXPECT(t, st_is_idle(mr), "it is not idle");
}

/* A read of nothing is no less a request than another. */
static void st_read_nothing(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr read = { .op = NdkOperationTypeRead };
	NDK_SGE sge = {};

	if (!p || !ST_OK(t, st_do(t, &p->a, &read)))
		return;
	read.sgl = &sge;
	read.nsge = 1;
	ST_OK(t, st_do(t, &p->a, &read));
	st_pair_works(t, p);
}

/*
 * What is behind a read ends behind it, also when the read is silent and the
 * device is done with the other one first.
 */
static void st_silent_read(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *far = st_buf_new(t, ST_CONTIG, 0, ST_READ_PAGES *
							 PAGE_SIZE);
	struct st_buf *near = st_buf_new(t, ST_CONTIG, 0, ST_READ_PAGES *
							  PAGE_SIZE);
	NDK_SGE sge;
	struct st_wr read = {
		.op = NdkOperationTypeRead, .sgl = &sge, .nsge = 1,
		.flags = NDK_OP_FLAG_SILENT_SUCCESS | NDK_OP_FLAG_DEFER,
	};
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &send };
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	NDK_MR *mr;
	int i;

	if (!p || !far || !near || !ST_OK(t, st_build_lam(t, far)) ||
	    !ST_OK(t, st_create_mr(t, p->b.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, ST_READ_PAGES, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->b, mr, far, far->label,
				       ST_RIGHTS_ALL)) ||
	    !st_sge(t, &p->a, near, 0, near->len, &sge))
		return;
	read.raddr = far->label;
	read.rkey = st_remote_token(t, mr);
	for (i = 0; i < ST_READ_ROUNDS; i++) {
		st_buf_refill(near);
		st_buf_expect(near, 0, st_data(far), far->len);
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &read)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &send)) ||
		    !st_expect_next(t, &p->a, &p->a.icq, send.op, &send,
				    STATUS_SUCCESS) || !ST_BUF(t, near) ||
		    !st_expect_next(t, &p->b, &p->b.rcq, recv.op, &recv,
				    STATUS_SUCCESS))
			return;
	}
}

/* In place of a listener: a socket that accepts one stream, or NULL. */
static struct socket *st_plain_listen(struct st_test *t, struct st_pair *p)
{
	struct socket *sock;
	int ret;

	ret = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
			       &sock);
	if (!ST_EXPECT(t, !ret, "no socket: %d", ret))
		return NULL;
	sock->sk->sk_rcvtimeo = ST_TIMEOUT;
	p->addr_len = st_sockaddr(false, 0, &p->addr);
	ret = kernel_bind(sock, (void *)&p->addr, p->addr_len) ?:
	      kernel_listen(sock, 1);
	if (!ret)
		ret = min(kernel_getsockname(sock, (void *)&p->addr), 0);
	if (ST_EXPECT(t, !ret, "cannot listen: %d", ret))
		return sock;
	sock_release(sock);
	return NULL;
}

/* The stream of the only caller ends; @read: when its request has been read. */
static void st_plain_hang_up(struct st_test *t, struct socket *sock, bool read)
{
	struct msghdr msg = {};
	struct socket *stream;
	u8 request[512];
	struct kvec vec = { request, sizeof(request) };
	int ret;

	ret = kernel_accept(sock, &stream, 0);
	if (!ST_EXPECT(t, !ret, "nobody calls: %d", ret))
		return;
	if (read) {
		ret = kernel_recvmsg(stream, &msg, &vec, 1, sizeof(request), 0);
		ST_EXPECT(t, ret > 0, "no request: %d", ret);
	}
	sock_release(stream);
}

/* Reset or closed, the stream ends before there is an answer. */
static void st_stream_ends(struct st_test *t)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_pair *p = st_pair_alloc(t);
	struct socket *sock;
	struct st_req *req;

	if (!st_is_iwarp(t)) {
		st_skip(t, "no stream");
		return;
	}
	if (!st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		return;
	sock = st_plain_listen(t, p);
	if (!sock)
		return;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	req = st_connect_start(t, &args);
	st_plain_hang_up(t, sock, t->arg);
	ST_STATUS(t, st_req_wait(t, req), STATUS_CONNECTION_REFUSED);
	sock_release(sock);
}

static const struct st_case st_cases[] = {
	{ .name = "kernel_memory_refused", .run = st_kernel_memory },
	{ .name = "read_nothing", .run = st_read_nothing },
	{ .name = "read_nothing_softirq", .run = st_read_nothing,
	  .ctx = ST_SOFTIRQ },
	{ .name = "silent_read", .run = st_silent_read },
	{ .name = "stream_reset", .run = st_stream_ends },
	{ .name = "stream_closed", .run = st_stream_ends, .arg = true },
};

const struct st_suite st_suite_iwarp = {
	"iwarp", st_cases, ARRAY_SIZE(st_cases),
};
