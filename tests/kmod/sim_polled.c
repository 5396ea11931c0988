// SPDX-License-Identifier: GPL-2.0-only
/*
 * Something happens after a completion has been taken from the device's queue and
 * before the provider has seen it: each completion meets each end of what it is
 * about. The request was done, so that is what its consumer is told, once.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

/* What has been taken. */
enum st_point {
	ST_SENT,
	ST_RECEIVED,
	ST_REGISTERED,
	ST_INVALIDATED,
	ST_PEER_INVALIDATED,
};

/* What happens then. */
enum st_act {
	ST_FLUSH,
	ST_CLOSE_QP,
	ST_CLOSE_MR,
	ST_CLOSE_PD,
	ST_DISCONNECT,
	ST_LOSE_CQ,
	ST_UNPLUG,
};

#define ST_ARG(point, act)	((point) | (act) << 8)

/* For what should not happen. */
#define ST_QUIET	(HZ / 10)

/* Who may be on the processor that stands is waited for so long, and then not. */
#define ST_MEANWHILE	(2 * HZ)

/**
 * struct st_polled - one such case
 * @t: the test
 * @r: a region of one end, its memory, the connection
 * @wr: the request whose completion it is
 * @cq: where it is reported
 * @token: of the region
 * @letting: lets the device go on, on a processor that stops there
 * @end: what was begun meanwhile, and ends later
 */
struct st_polled {
	struct st_test *t;
	struct st_region r;
	struct st_wr wr;
	struct st_cq *cq;
	UINT32 token;
	struct st_elsewhere letting;
	struct st_req *end;
};

static const u32 st_kinds[] = {
	[ST_SENT] = NDK_SIM_DO(SEND),
	[ST_RECEIVED] = NDK_SIM_DO(RECV),
	[ST_REGISTERED] = NDK_SIM_DO(REG_MR),
	[ST_INVALIDATED] = NDK_SIM_DO(LOCAL_INV),
	[ST_PEER_INVALIDATED] = NDK_SIM_DO(RECV),
};

/* The device has done it, and keeps the completion. */
static bool st_done(struct st_polled *s, enum st_point point)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &s->wr };
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &s->wr };
	struct st_side *a = &s->r.p->a, *b = &s->r.p->b;
	bool posted = true, sent = true;
	struct st_test *t = s->t;
	struct ib_qp *ibqp;

	s->cq = point == ST_RECEIVED || point == ST_PEER_INVALIDATED ?
		&a->rcq : &a->icq;
	s->wr = s->cq == &a->rcq ? recv : send;
	if (point == ST_REGISTERED)
		s->wr = s->r.reg;
	else if (point == ST_INVALIDATED)
		s->wr = s->r.inv;
	s->wr.ctx = &s->wr;
	if (point == ST_INVALIDATED || point == ST_PEER_INVALIDATED)
		posted = ST_OK(t, st_do(t, a, &s->r.reg));
	if (point == ST_SENT)
		posted = ST_OK(t, st_post(t, b->qp, &recv));

	ibqp = st_ib_qp(t, a->qp);
	if (!posted || !ibqp)
		return false;
	st_sim->hold(t->sim, st_kinds[point], ibqp->qp_num);
	posted = ST_OK(t, st_post(t, a->qp, &s->wr));
	send.invalidate = point == ST_PEER_INVALIDATED;
	if (send.invalidate)
		send.rkey = st_remote_token(t, s->r.mr);
	if (posted && s->cq == &a->rcq)
		sent = ST_OK(t, st_do(t, b, &send));
	/* Then no other completion is on its way. */
	if (posted && point == ST_SENT)
		sent = st_expect_next(t, b, &b->rcq, recv.op, recv.ctx,
				      STATUS_SUCCESS);
	return posted && sent && st_sim_held(t, 1);
}

static void st_let_go(struct st_elsewhere *e)
{
	struct st_polled *s = container_of(e, struct st_polled, letting);

	st_sim_hold(s->t, 0);
}

/* On another processor than this one, which is that of the test. */
static bool st_taken(struct st_polled *s)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };
	struct st_test *t = s->t;

	st_sim->set_flags(t->sim, NDK_SIM_IRQ);
	st_sim->set_fault(t->sim, NDK_SIM_POLL_CQ, &pause);
	s->letting.run = st_let_go;
	st_elsewhere_start(&s->letting);
	return ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
			 "nobody has taken the completion");
}

/*
 * Its queue pair has ended when the device is told to destroy it. So what was taken is
 * seen too late in any case, and nobody knows of it.
 */
static void st_lose(struct st_polled *s)
{
	static const struct ndk_sim_fault none;
	struct st_test *t = s->t;
	struct ib_qp *ibqp = st_ib_qp(t, s->r.p->a.qp);

	st_arm(t, s->cq, NDK_CQ_NOTIFY_ERRORS);
	st_sim->set_fault(t->sim, NDK_SIM_DESTROY_QP, &none);
	st_sim->lose_cq(s->cq == &s->r.p->a.rcq ? ibqp->recv_cq :
						  ibqp->send_cq);
	st_sim_called(t, NDK_SIM_DESTROY_QP);
}

static void st_close_region(struct st_polled *s, enum st_point point)
{
	s->end = st_close_start(s->t, &s->r.mr->Header);
	/* A receive keeps no region: nobody finds it, and it goes. */
	if (point == ST_PEER_INVALIDATED &&
	    wait_for_completion_timeout(&s->end->done, ST_MEANWHILE))
		complete(&s->end->done);
}

static bool st_closes_region(enum st_act act)
{
	return act == ST_CLOSE_MR || act == ST_CLOSE_PD;
}

static void st_act(struct st_polled *s, enum st_point point, enum st_act act)
{
	struct st_side *a = &s->r.p->a;
	struct st_test *t = s->t;

	switch (act) {
	case ST_FLUSH:
		a->qp->Dispatch->NdkFlush(a->qp);
		break;
	case ST_CLOSE_QP:
		s->end = st_close_start(t, &a->qp->Header);
		break;
	case ST_CLOSE_MR:
		st_close_region(s, point);
		break;
	case ST_CLOSE_PD:
		/* so that nothing else keeps it */
		st_close_start(t, &a->conn->Header);
		st_close_start(t, &a->qp->Header);
		st_close_region(s, point);
		s->end = st_close_start(t, &a->pd->Header);
		if (!ST_EXPECT(t, !wait_for_completion_timeout(&s->end->done,
							       ST_QUIET),
			       "closed before its request has ended"))
			complete(&s->end->done);
		break;
	case ST_DISCONNECT:
		s->end = st_disconnect_start(t, a);
		break;
	case ST_LOSE_CQ:
		st_lose(s);
		break;
	case ST_UNPLUG:
		st_sim->unplug(t->sim);
		break;
	}
}

/* What a request has done to the region stays, whatever else has ended. */
static void st_region_is(struct st_polled *s, enum st_point point)
{
	struct st_test *t = s->t;

	switch (point) {
	case ST_REGISTERED:
		ST_EXPECT(t, !st_is_idle(s->r.mr), "registered and idle");
		break;
	case ST_INVALIDATED:
		ST_EXPECT(t, st_is_idle(s->r.mr), "invalidated and not idle");
		break;
	default:
		break;
	}
}

/* Registered or not, nobody knows; the peer's word has not been heard. */
static void st_lost_is(struct st_polled *s, enum st_point point)
{
	struct st_test *t = s->t;

	if (!st_sim_lost(t, &s->r.p->a, s->cq) || point == ST_SENT ||
	    point == ST_RECEIVED)
		return;
	ST_EXPECT(t, !st_is_idle(s->r.mr), "idle, and nobody knows that it is");
	ST_EXPECT(t, st_remote_token(t, s->r.mr) == s->token,
		  "it has another token");
	if (point == ST_PEER_INVALIDATED)
		ST_STATUS(t, st_init(t, s->r.mr, 3, true),
			  STATUS_INVALID_DEVICE_STATE);
	else if (ST_OK(t, st_init(t, s->r.mr, 3, true)))
		ST_EXPECT(t, st_is_idle(s->r.mr),
			  "initialised, and not idle");
}

static void st_polled(struct st_test *t)
{
	enum st_point point = t->arg & 0xff;
	enum st_act act = t->arg >> 8;
	struct st_polled s = { .t = t };
	NTSTATUS status = STATUS_SUCCESS;
	NDK_OPERATION_TYPE type;
	NDK_RESULT_EX more;
	bool taken;

	if (!st_has_two_cpus(t) || !st_region_new(t, &s.r) || !st_done(&s, point))
		return;
	type = s.wr.op;
	s.token = st_remote_token(t, s.r.mr);
	if (point == ST_PEER_INVALIDATED) {
		type = NdkOperationTypeReceiveAndInvalidate;
		/* It looks like a peer's that invalidates what is not there. */
		if (st_closes_region(act))
			status = STATUS_INVALID_DEVICE_REQUEST;
	}

	taken = st_taken(&s);
	if (taken) {
		ST_EXPECT(t, !st_poll(t, s.cq, &more, 1), "reported already");
		st_act(&s, point, act);
		ST_EXPECT(t, st_sim->paused(t->sim), "it went on by itself");
	}
	st_sim->resume(t->sim);
	st_elsewhere_wait(&s.letting);

	if (!taken)
		return;
	if (act == ST_LOSE_CQ) {
		st_lost_is(&s, point);
		return;
	}
	if (!st_expect_next(t, &s.r.p->a, s.cq, type, &s.wr, status))
		return;
	if (!st_closes_region(act) && act != ST_UNPLUG)
		st_region_is(&s, point);
	/* a queue pair ends with its connector */
	if (s.end && act != ST_CLOSE_QP)
		ST_OK(t, st_req_wait(t, s.end));
}

#define ST_CASE(point_name, point, act_name, act)			       \
	{								       \
		.name = point_name "_" act_name, .run = st_polled,	       \
		.arg = ST_ARG(point, act), .sim = &st_sim_usual,	       \
	}

#define ST_EACH(name, point)						       \
	ST_CASE(name, point, "flush", ST_FLUSH),			       \
	ST_CASE(name, point, "close_qp", ST_CLOSE_QP),			       \
	ST_CASE(name, point, "close_pd", ST_CLOSE_PD),			       \
	ST_CASE(name, point, "disconnect", ST_DISCONNECT),		       \
	ST_CASE(name, point, "lose_cq", ST_LOSE_CQ),			       \
	ST_CASE(name, point, "unplug", ST_UNPLUG)

#define ST_EACH_MR(name, point)						       \
	ST_EACH(name, point), ST_CASE(name, point, "close_mr", ST_CLOSE_MR)

static const struct st_case st_cases[] = {
	ST_EACH("sent", ST_SENT),
	ST_EACH("received", ST_RECEIVED),
	ST_EACH_MR("registered", ST_REGISTERED),
	ST_EACH_MR("invalidated", ST_INVALIDATED),
	ST_EACH_MR("peer_invalidated", ST_PEER_INVALIDATED),
};

const struct st_suite st_suite_sim_polled = {
	"sim_polled", st_cases, ARRAY_SIZE(st_cases),
};
