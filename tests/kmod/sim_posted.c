// SPDX-License-Identifier: GPL-2.0-only
/*
 * Something happens while a post is inside the device: each kind of post meets each
 * end of the connection. What it has accepted ends, once.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

enum st_act {
	ST_FLUSH,
	ST_DISCONNECT,
	ST_PEER_DISCONNECTS,
	ST_LOSE_CQ,
	ST_UNPLUG,
};

#define ST_ARG(op, act)	((op) | (act) << 16)

/**
 * struct st_posted - one such case
 * @e: posts
 * @t: the test
 * @r: a region of one end, its memory, the connection
 * @wr: what is posted
 * @cq: where it is reported
 * @ibqp: where it is posted
 * @answer: what the post has answered
 * @act: what happens
 * @req: and when it is over, if it has an end of its own
 * @inside: the post was inside of the device when it happened
 */
struct st_posted {
	struct st_elsewhere e;
	struct st_test *t;
	struct st_region r;
	struct st_wr wr;
	struct st_cq *cq;
	struct ib_qp *ibqp;
	NTSTATUS answer;
	enum st_act act;
	struct st_req *req;
	bool inside;
};

static void st_posts(struct st_elsewhere *e)
{
	struct st_posted *s = container_of(e, struct st_posted, e);

	s->answer = st_post(s->t, s->r.p->a.qp, &s->wr);
}

static bool st_receives(const struct st_posted *s)
{
	return s->wr.op == NdkOperationTypeReceive;
}

/* Is it something that the device does without the peer? */
static bool st_is_local(const struct st_posted *s)
{
	return s->wr.op == NdkOperationTypeFastRegister ||
	       s->wr.op == NdkOperationTypeInvalidate;
}

/* What the peer's end leaves alone is done; what we end the device has not begun. */
static NTSTATUS st_status(const struct st_posted *s)
{
	if (s->act == ST_UNPLUG)
		return STATUS_DEVICE_REMOVED;
	return s->act == ST_PEER_DISCONNECTS && st_is_local(s) ?
	       STATUS_SUCCESS : STATUS_CANCELLED;
}

static u32 st_kind(const struct st_posted *s)
{
	switch (s->wr.op) {
	case NdkOperationTypeFastRegister:
		return NDK_SIM_DO(REG_MR);
	case NdkOperationTypeInvalidate:
		return NDK_SIM_DO(LOCAL_INV);
	default:
		return NDK_SIM_DO(SEND);
	}
}

/* The request, and that the peer can take it. */
static bool st_prepare(struct st_posted *s, NDK_OPERATION_TYPE op)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_test *t = s->t;

	s->wr = (struct st_wr){ .op = op };
	if (op == NdkOperationTypeFastRegister)
		s->wr = s->r.reg;
	else if (op == NdkOperationTypeInvalidate)
		s->wr = s->r.inv;
	s->wr.ctx = &s->wr;
	s->cq = st_receives(s) ? &s->r.p->a.rcq : &s->r.p->a.icq;
	s->ibqp = st_ib_qp(t, s->r.p->a.qp);
	if (!s->ibqp)
		return false;
	if (op == NdkOperationTypeInvalidate &&
	    !ST_OK(t, st_do(t, &s->r.p->a, &s->r.reg)))
		return false;
	if (op == NdkOperationTypeSend &&
	    !ST_OK(t, st_post(t, s->r.p->b.qp, &recv)))
		return false;
	if (st_status(s))
		st_sim->stall(t->sim, st_kind(s));
	if (s->act == ST_LOSE_CQ)
		st_arm(t, s->cq, NDK_CQ_NOTIFY_ERRORS);
	return true;
}

static void st_disconnects(struct st_posted *s, NDK_CONNECTOR *conn)
{
	s->req->answer = conn->Dispatch->NdkDisconnect(conn, st_on_request,
						       s->req);
}

/*
 * Without a pause: whoever ends the queue pair waits for the post, with interrupts
 * off, and the processor that is left may be this one.
 */
static void st_act(void *arg)
{
	struct st_posted *s = arg;
	struct st_side *a = &s->r.p->a;
	struct st_test *t = s->t;

	switch (s->act) {
	case ST_FLUSH:
		a->qp->Dispatch->NdkFlush(a->qp);
		break;
	case ST_DISCONNECT:
		st_disconnects(s, a->conn);
		break;
	case ST_PEER_DISCONNECTS:
		st_disconnects(s, s->r.p->b.conn);
		break;
	case ST_LOSE_CQ:
		st_sim->lose_cq(st_receives(s) ? s->ibqp->recv_cq :
						 s->ibqp->send_cq);
		break;
	case ST_UNPLUG:
		st_sim->unplug(t->sim);
		break;
	}
	s->inside = st_sim->paused(t->sim);
	st_sim->resume(t->sim);
}

/* There is an end, and one. */
static void st_ends_once(struct st_posted *s)
{
	struct st_side *a = &s->r.p->a;
	NTSTATUS status = st_status(s);
	struct st_test *t = s->t;
	NDK_RESULT_EX res;

	/* Only we end what the peer has left. */
	if (s->act == ST_PEER_DISCONNECTS && status)
		a->qp->Dispatch->NdkFlush(a->qp);
	if (!st_expect_next(t, a, s->cq, s->wr.op, &s->wr, status))
		return;
	/* Nothing is idle before removal is over. */
	if (s->wr.op == NdkOperationTypeInvalidate && s->act != ST_UNPLUG)
		ST_EXPECT(t, st_is_idle(s->r.mr) == !status,
			  "it ended with %s, and is %sidle",
			  st_status_name(status), status ? "" : "not ");
	st_close(t, &a->conn->Header);
	ST_EXPECT(t, !st_poll(t, s->cq, &res, 1), "it has ended again, with %s",
		  st_status_name(res.Status));
}

static void st_posted(struct st_test *t)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };
	struct st_posted s = {
		.t = t, .e.run = st_posts, .act = t->arg >> 16,
	};
	bool stopped;

	if (!st_has_two_cpus(t) || !st_region_new(t, &s.r) ||
	    !st_prepare(&s, t->arg & 0xffff))
		return;
	st_sim->set_fault(t->sim, st_receives(&s) ? NDK_SIM_POST_RECV :
						    NDK_SIM_POST_SEND, &pause);
	st_elsewhere_start(&s.e);
	stopped = ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
			    "nothing was posted");
	if (stopped) {
		if (s.act == ST_DISCONNECT || s.act == ST_PEER_DISCONNECTS)
			s.req = st_req_new(t, "NdkDisconnect");
		st_run_in(ST_BH_OFF, st_act, &s);
	}
	st_sim->resume(t->sim);
	st_elsewhere_wait(&s.e);
	if (!stopped || !ST_EXPECT(t, s.inside, "it went on by itself") ||
	    !ST_OK(t, s.answer) || (s.req && !ST_OK(t, st_req_wait(t, s.req))))
		return;
	if (s.act == ST_LOSE_CQ)
		st_sim_lost(t, &s.r.p->a, s.cq);
	else
		st_ends_once(&s);
}

#define ST_CASE(op_name, op, act_name, act)				       \
	{								       \
		.name = op_name "_" act_name, .run = st_posted,		       \
		.arg = ST_ARG(op, act), .sim = &st_sim_usual,		       \
	}

#define ST_EACH(name, op)						       \
	ST_CASE(name, op, "flush", ST_FLUSH),				       \
	ST_CASE(name, op, "disconnect", ST_DISCONNECT),			       \
	ST_CASE(name, op, "peer_disconnects", ST_PEER_DISCONNECTS),	       \
	ST_CASE(name, op, "lose_cq", ST_LOSE_CQ),			       \
	ST_CASE(name, op, "unplug", ST_UNPLUG)

static const struct st_case st_cases[] = {
	ST_EACH("send", NdkOperationTypeSend),
	ST_EACH("receive", NdkOperationTypeReceive),
	ST_EACH("register", NdkOperationTypeFastRegister),
	ST_EACH("invalidate", NdkOperationTypeInvalidate),
};

const struct st_suite st_suite_sim_posted = {
	"sim_posted", st_cases, ARRAY_SIZE(st_cases),
};
