// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a connection waits for its peer, and what else of it the peer may
 * choose: what rdma_cm and a peer propose is not what the queue pair gets.
 */
#include <linux/fs.h>
#include <linux/sched.h>
#include <net/net_namespace.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>

#include "harness.h"

/* Time without an answer, as a power of two of 4.096 us, that is too long. */
#define ST_TOO_LONG	21

/* Shorter than anything that rdma_cm waits for, and enough for a slow machine. */
#define ST_PATIENCE	"/sys/module/ndk/parameters/peer_patience"
#define ST_SHORT	"4"
#define ST_USUAL	"90"

/* How long the answer to a disconnection is waited for. */
#define ST_GOODBYE	(10 * HZ)

/* More than the slowest machine takes, and less than a time-out. */
#define ST_NOT_LATE	(5 * HZ)

/**
 * struct st_caller - a peer that knows nothing of NDKPI
 * @id: its end
 * @pd: of its queue pair
 * @cq: of its queue pair
 * @step: completed by each event
 * @event: the last one
 * @asked: what comes in, if it listens
 */
struct st_caller {
	struct rdma_cm_id *id;
	struct ib_pd *pd;
	struct ib_cq *cq;
	struct completion step;
	enum rdma_cm_event_type event;
	struct rdma_cm_id *asked;
};

static int st_on_step(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct st_caller *c = id->context;

	if (event->event == RDMA_CM_EVENT_CONNECT_REQUEST)
		c->asked = id;
	c->event = event->event;
	complete(&c->step);
	return 0;
}

static bool st_step(struct st_test *t, struct st_caller *c, int ret,
		    enum rdma_cm_event_type want)
{
	return ST_EXPECT(t, !ret, "error %d", ret) &&
	       ST_EXPECT(t, wait_for_completion_timeout(&c->step, ST_TIMEOUT) &&
			 c->event == want, "event %d, not %d", c->event, want);
}

static void st_caller_end(struct st_caller *c)
{
	if (c->asked)
		rdma_destroy_id(c->asked);
	if (!IS_ERR_OR_NULL(c->id)) {
		if (c->id->qp)
			rdma_destroy_qp(c->id);
		rdma_destroy_id(c->id);
	}
	if (!IS_ERR_OR_NULL(c->cq))
		ib_free_cq(c->cq);
	if (!IS_ERR_OR_NULL(c->pd))
		ib_dealloc_pd(c->pd);
}

/* It knows the way to the listener. */
static bool st_caller_new(struct st_test *t, struct st_caller *c,
			  struct st_pair *p)
{
	struct sockaddr_storage src;

	init_completion(&c->step);
	c->id = rdma_create_id(&init_net, st_on_step, c, RDMA_PS_TCP,
			       IB_QPT_RC);
	if (!ST_EXPECT(t, !IS_ERR(c->id), "no id"))
		return false;
	st_sockaddr(false, 0, &src);
	return st_step(t, c,
		       rdma_resolve_addr(c->id, (struct sockaddr *)&src,
					 (struct sockaddr *)&p->addr, 5000),
		       RDMA_CM_EVENT_ADDR_RESOLVED) &&
	       st_step(t, c, rdma_resolve_route(c->id, 5000),
		       RDMA_CM_EVENT_ROUTE_RESOLVED);
}

static bool st_caller_qp(struct st_test *t, struct st_caller *c)
{
	struct ib_qp_init_attr init = {
		.qp_type = IB_QPT_RC, .sq_sig_type = IB_SIGNAL_ALL_WR,
		.cap = { .max_send_wr = 4, .max_recv_wr = 4,
			 .max_send_sge = 1, .max_recv_sge = 1 },
	};
	struct ib_device *dev = c->id->device;

	c->pd = ib_alloc_pd(dev, 0);
	c->cq = ib_alloc_cq(dev, NULL, 16, 0, IB_POLL_DIRECT);
	if (!ST_EXPECT(t, !IS_ERR(c->pd) && !IS_ERR(c->cq), "no queues"))
		return false;
	init.send_cq = c->cq;
	init.recv_cq = c->cq;
	return ST_EXPECT(t, !rdma_create_qp(c->id, c->pd, &init), "no QP");
}

/* Proposes that the listener's end should wait for ever. */
static bool st_caller_calls(struct st_test *t, struct st_caller *c)
{
	struct rdma_conn_param param = {
		.responder_resources = 1, .initiator_depth = 1,
		.retry_count = 7, .rnr_retry_count = 0, .qp_num = 1,
	};

	c->id->route.path_rec->packet_life_time = 30;
	return ST_EXPECT(t, !rdma_connect(c->id, &param), "cannot connect");
}

/* The request of the caller is there, and is accepted. */
static struct st_req *st_take_caller(struct st_test *t, struct st_pair *p,
				     struct st_side *side)
{
	struct st_conn_args args = {
		.in_limit = 4, .out_limit = 4, .qp = side->qp, .side = side,
	};

	side->conn = st_incoming(t, p);
	args.conn = side->conn;
	return side->conn ? st_accept_start(t, &args) : NULL;
}

static void st_expect_patience(struct st_test *t, struct st_side *side)
{
	struct ib_qp *qp = st_ib_qp(t, side->qp);
	struct ib_qp_init_attr init;
	struct ib_qp_attr attr;

	if (!qp || !ST_EXPECT(t, !ib_query_qp(qp, &attr, IB_QP_STATE, &init),
			      "cannot query"))
		return;
	ST_EXPECT(t, attr.retry_cnt < 7, "%u retries", attr.retry_cnt);
	ST_EXPECT(t, attr.timeout && attr.timeout < ST_TOO_LONG,
		  "time-out 2^%u", attr.timeout);
	ST_EXPECT(t, attr.rnr_retry == 7, "%u retries for a receiver",
		  attr.rnr_retry);
	ST_EXPECT(t, attr.min_rnr_timer == IB_RNR_TIMER_000_64,
		  "RNR timer %u", attr.min_rnr_timer);
}

static void st_proposals(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_caller c = {};
	struct st_req *accept;

	if (!st_sends_wait(t) || !st_listen(t, p, false) ||
	    !st_side_create(t, &p->b, &p->caps, 0))
		return;
	if (!st_caller_new(t, &c, p) || !st_caller_qp(t, &c) ||
	    !st_caller_calls(t, &c))
		goto out;
	accept = st_take_caller(t, p, &p->b);
	if (accept && st_step(t, &c, 0, RDMA_CM_EVENT_ESTABLISHED) &&
	    ST_OK(t, st_req_wait(t, accept)))
		st_expect_patience(t, &p->b);
out:
	st_caller_end(&c);
}

/* Packets of a size that there is not, or that the port does not take. */
static void st_propose_mtu(struct st_test *t, struct st_pair *p,
			   struct st_side *side, bool large)
{
	struct ib_port_attr port = {};
	struct st_caller c = {};
	struct st_req *accept;

	if (!st_caller_new(t, &c, p))
		goto out;
	if (large &&
	    !ST_EXPECT(t, !ib_query_port(c.id->device, c.id->port_num, &port),
		       "cannot query"))
		goto out;
	c.id->route.path_rec->mtu = large ? port.active_mtu + 1 : 0;
	if (!st_caller_calls(t, &c))
		goto out;
	accept = st_take_caller(t, p, side);
	if (!accept)
		goto out;
	ST_STATUS(t, st_req_wait(t, accept), STATUS_CONNECTION_ABORTED);
	st_refused_for(t, &side->conn->Header, "peer (invalid request)");
	st_step(t, &c, 0, RDMA_CM_EVENT_REJECTED);
out:
	st_caller_end(&c);
}

static void st_mtu(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);

	if (!st_sends_wait(t) || !st_listen(t, p, false) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !st_side_create(t, &p->b, &p->caps, 0))
		return;
	st_propose_mtu(t, p, &p->a, false);
	st_propose_mtu(t, p, &p->b, true);
}

/* The module's parameter, as an administrator sets it. */
static void st_set_patience(struct st_test *t, const char *seconds)
{
	struct file *file = filp_open(ST_PATIENCE, O_WRONLY, 0);
	ssize_t written = -ENOENT;
	loff_t pos = 0;

	if (!IS_ERR(file)) {
		written = kernel_write(file, seconds, strlen(seconds), &pos);
		filp_close(file, NULL);
	}
	ST_EXPECT(t, written > 0, "cannot set the patience: %zd", written);
}

/* The peer does not confirm. What rdma_cm would wait is the peer's to say. */
static void st_unconfirmed(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_caller c = {};
	struct st_req *accept;

	if (!st_sends_wait(t) || !st_listen(t, p, false) ||
	    !st_side_create(t, &p->b, &p->caps, 0))
		return;
	st_set_patience(t, ST_SHORT);
	/* Without a QP rdma_cm leaves the confirmation to its user. */
	if (!st_caller_new(t, &c, p) || !st_caller_calls(t, &c))
		goto out;
	accept = st_take_caller(t, p, &p->b);
	if (!accept || !st_step(t, &c, 0, RDMA_CM_EVENT_CONNECT_RESPONSE))
		goto out;
	ST_STATUS(t, st_req_wait(t, accept), STATUS_IO_TIMEOUT);
	st_refused_for(t, &p->b.conn->Header, "peer (no answer)");
	st_step(t, &c, 0, RDMA_CM_EVENT_REJECTED);
out:
	st_set_patience(t, ST_USUAL);
	st_caller_end(&c);
}

/* The peer has the request and does not answer it. */
static void st_unanswered(struct st_test *t)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_pair *p = st_pair_alloc(t);
	struct st_caller c = {};
	struct st_req *connect;

	if (!st_sends_wait(t) || !st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		return;
	init_completion(&c.step);
	st_set_patience(t, ST_SHORT);
	p->addr_len = st_sockaddr(false, 0, &p->addr);
	c.id = rdma_create_id(&init_net, st_on_step, &c, RDMA_PS_TCP,
			      IB_QPT_RC);
	if (!ST_EXPECT(t, !IS_ERR(c.id) &&
		       !rdma_bind_addr(c.id, (struct sockaddr *)&p->addr) &&
		       !rdma_listen(c.id, 1), "cannot listen"))
		goto out;
	p->addr = c.id->route.addr.src_addr;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	connect = st_connect_start(t, &args);
	if (!st_step(t, &c, 0, RDMA_CM_EVENT_CONNECT_REQUEST))
		goto out;
	ST_STATUS(t, st_req_wait(t, connect), STATUS_IO_TIMEOUT);
	st_refused_for(t, &p->a.conn->Header, "peer (no answer)");
out:
	st_set_patience(t, ST_USUAL);
	st_caller_end(&c);
}

/* A receive that is late costs what it is late, not more. */
static void st_late_receive(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &send };
	struct st_pair *p = st_pair_new(t);
	unsigned long posted, late;

	if (!p || !st_sends_wait(t))
		return;
	st_expect_patience(t, &p->a);
	st_expect_patience(t, &p->b);
	if (!ST_OK(t, st_post(t, p->a.qp, &send)))
		return;
	schedule_timeout_uninterruptible(msecs_to_jiffies(20));
	if (!ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	posted = jiffies;
	st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend, &send,
		       STATUS_SUCCESS);
	late = jiffies - posted;
	st_note(t, "sent %u ms after the receive", jiffies_to_msecs(late));
	ST_EXPECT(t, late < ST_NOT_LATE, "sent %u ms after the receive",
		  jiffies_to_msecs(late));
	st_expect_next(t, &p->b, &p->b.rcq, NdkOperationTypeReceive, &recv,
		       STATUS_SUCCESS);
}

/* Nobody ever receives it: the send waits until its consumer ends it. */
static void st_never_received(struct st_test *t)
{
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &send };
	struct st_pair *p = st_pair_new(t);
	NDK_RESULT_EX res;

	if (!p || !st_sends_wait(t) || !ST_OK(t, st_post(t, p->a.qp, &send)))
		return;
	/* as long as a finite number of retries would take, and more */
	schedule_timeout_uninterruptible(HZ / 4);
	ST_EXPECT(t, !st_poll(t, &p->a.icq, &res, 1), "it ended with %s",
		  st_status_name(res.Status));
	ST_OK(t, st_req_wait(t, st_disconnect_start(t, &p->a)));
	st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend, &send,
		       STATUS_CANCELLED);
}

/* A connection with a peer that will not answer any more. */
static bool st_meet_caller(struct st_test *t, struct st_pair *p,
			   struct st_side *side, struct st_caller *c)
{
	struct st_req *accept;

	if (!st_side_create(t, side, &p->caps, 0) || !st_caller_new(t, c, p) ||
	    !st_caller_qp(t, c) || !st_caller_calls(t, c))
		return false;
	accept = st_take_caller(t, p, side);
	return accept && st_step(t, c, 0, RDMA_CM_EVENT_ESTABLISHED) &&
	       ST_OK(t, st_req_wait(t, accept));
}

/* The peer hears that we leave, and says nothing. */
static bool st_leave(struct st_test *t, struct st_pair *p, struct st_side *side,
		     struct st_caller *c, struct st_req **left)
{
	if (!st_meet_caller(t, p, side, c))
		return false;
	*left = st_disconnect_start(t, side);
	return st_step(t, c, 0, RDMA_CM_EVENT_DISCONNECTED);
}

/*
 * That is not what an answer is. Who closes the connector meanwhile does not wait
 * for it.
 */
static void st_no_goodbye(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_caller waits = {}, closes = {};
	struct st_req *left, *close;
	unsigned long begun;
	NTSTATUS status;
	bool in_time;

	if (!st_sends_wait(t) || !st_listen(t, p, false))
		return;
	begun = jiffies;
	if (!st_leave(t, p, &p->b, &closes, &left))
		goto out;
	close = st_close_start(t, &p->b.conn->Header);
	/* or nothing is left to be closed, on a machine as slow as that */
	in_time = time_before(jiffies, begun + ST_GOODBYE);
	ST_OK(t, st_req_wait(t, close));
	status = st_req_wait(t, left);
	if (in_time || status != STATUS_IO_TIMEOUT)
		ST_STATUS(t, status, STATUS_CANCELLED);
	else
		st_note(t, "too slow to close it meanwhile");

	if (!st_leave(t, p, &p->a, &waits, &left))
		goto out;
	ST_STATUS(t, st_req_wait(t, left), STATUS_IO_TIMEOUT);
	st_refused_for(t, &p->a.conn->Header, "peer (no answer)");
	ST_EXPECT(t, !atomic_read(&p->a.gone_count),
		  "an event of what it did itself");
out:
	st_caller_end(&waits);
	st_caller_end(&closes);
}

static const struct st_case st_cases[] = {
	{ .name = "proposals", .run = st_proposals },
	{ .name = "mtu", .run = st_mtu },
	{ .name = "unconfirmed", .run = st_unconfirmed },
	{ .name = "unanswered", .run = st_unanswered },
	{ .name = "late_receive", .run = st_late_receive },
	{ .name = "never_received", .run = st_never_received },
	{ .name = "no_goodbye", .run = st_no_goodbye },
};

const struct st_suite st_suite_conn_patience = {
	"conn_patience", st_cases, ARRAY_SIZE(st_cases),
};
