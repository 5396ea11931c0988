// SPDX-License-Identifier: GPL-2.0-only
/*
 * Something happens while a post is inside the device: each kind of post meets each
 * end of the connection. Whatever the post answers, what it has accepted ends, once.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

/* Whoever ends a queue waits for who posts on it: so long, and no longer. */
#define ST_STOPPED_MS	300

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
 * @answer: what the post has answered
 */
struct st_posted {
	struct st_elsewhere e;
	struct st_test *t;
	struct st_region r;
	struct st_wr wr;
	NTSTATUS answer;
};

static void st_posts(struct st_elsewhere *e)
{
	struct st_posted *s = container_of(e, struct st_posted, e);

	s->answer = st_post(s->t, s->r.p->a.qp, &s->wr);
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
	if (op == NdkOperationTypeInvalidate)
		return ST_OK(t, st_do(t, &s->r.p->a, &s->r.reg));
	return op != NdkOperationTypeSend ||
	       ST_OK(t, st_post(t, s->r.p->b.qp, &recv));
}

static struct st_req *st_act(struct st_posted *s, enum st_act act)
{
	struct st_side *a = &s->r.p->a;
	struct st_test *t = s->t;

	switch (act) {
	case ST_FLUSH:
		a->qp->Dispatch->NdkFlush(a->qp);
		break;
	case ST_DISCONNECT:
		return st_disconnect_start(t, a);
	case ST_PEER_DISCONNECTS:
		return st_disconnect_start(t, &s->r.p->b);
	case ST_LOSE_CQ:
		st_sim->lose_cq(s->wr.op == NdkOperationTypeReceive ?
				st_ib_qp(t, a->qp)->recv_cq :
				st_ib_qp(t, a->qp)->send_cq);
		break;
	case ST_UNPLUG:
		st_sim->unplug(t->sim);
		break;
	}
	return NULL;
}

static bool st_may_end_with(NTSTATUS status)
{
	return status == STATUS_SUCCESS || status == STATUS_CANCELLED ||
	       status == STATUS_DEVICE_REMOVED;
}

/* There is an end, and one. */
static void st_ends_once(struct st_posted *s, enum st_act act)
{
	bool receives = s->wr.op == NdkOperationTypeReceive;
	struct st_side *a = &s->r.p->a;
	struct st_cq *cq = receives ? &a->rcq : &a->icq;
	struct st_test *t = s->t;
	NDK_RESULT_EX res;

	a->qp->Dispatch->NdkFlush(a->qp);
	if (!st_next(t, cq, &res))
		return;
	ST_EXPECT(t, res.RequestContext == &s->wr && res.Type == s->wr.op,
		  "another request has completed");
	ST_EXPECT(t, st_may_end_with(res.Status), "it ended with %s",
		  st_status_name(res.Status));
	/* Nothing is idle before removal is over. */
	if (s->wr.op == NdkOperationTypeInvalidate &&
	    res.Status == STATUS_SUCCESS && act != ST_UNPLUG)
		ST_EXPECT(t, st_is_idle(s->r.mr), "invalidated and not idle");
	st_close(t, &a->conn->Header);
	ST_EXPECT(t, !st_poll(t, cq, &res, 1), "it has ended again, with %s",
		  st_status_name(res.Status));
}

static void st_posted(struct st_test *t)
{
	const enum st_act act = t->arg >> 16;
	const bool receives = (t->arg & 0xffff) == NdkOperationTypeReceive;
	const struct ndk_sim_fault pause = {
		.pause_at = 1, .pause_ms = ST_STOPPED_MS,
	};
	struct st_posted s = { .t = t, .e.run = st_posts };
	struct st_req *req = NULL;
	bool stopped;

	if (!st_has_two_cpus(t) || !st_region_new(t, &s.r) ||
	    !st_prepare(&s, t->arg & 0xffff))
		return;
	st_sim->set_fault(t->sim, receives ? NDK_SIM_POST_RECV :
					     NDK_SIM_POST_SEND, &pause);
	st_elsewhere_start(&s.e);
	stopped = ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
			    "nothing was posted");
	if (stopped)
		req = st_act(&s, act);
	st_sim->resume(t->sim);
	st_elsewhere_wait(&s.e);
	if (req)
		st_req_wait(t, req);
	if (!stopped || !ST_OK(t, s.answer))
		return;
	/* A queue that is lost takes no results. */
	if (act != ST_LOSE_CQ)
		st_ends_once(&s, act);
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
