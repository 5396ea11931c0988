// SPDX-License-Identifier: GPL-2.0-only
/*
 * How work ends when the device or the peer does not say so, or says what
 * cannot be: each accepted request completes exactly once all the same, and
 * nothing waits for ever.
 */
#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "harness.h"
#include "sim_device.h"

#define ST_ENDS_RECVS	3

/* A connection with receives on one end, and sends that stay. */
struct st_ends {
	struct st_pair *p;
	struct st_wr recv;
	struct st_wr send;
};

static bool st_ends_new(struct st_test *t, struct st_ends *e)
{
	int i;

	e->recv = (struct st_wr){ .op = NdkOperationTypeReceive };
	e->send = (struct st_wr){ .op = NdkOperationTypeSend };
	e->p = st_pair_new(t);
	if (!e->p)
		return false;
	for (i = 0; i < ST_ENDS_RECVS; i++) {
		e->recv.ctx = (void *)(ULONG_PTR)(i + 1);
		e->send.ctx = (void *)(ULONG_PTR)(i + 1);
		if (!ST_OK(t, st_post(t, e->p->a.qp, &e->recv)) ||
		    !ST_OK(t, st_post(t, e->p->a.qp, &e->send)))
			return false;
	}
	return true;
}

/* All that is outstanding on a queue ends, in order, and nothing more comes. */
static bool st_all_end(struct st_test *t, struct st_ends *e, struct st_cq *cq,
		       const struct st_wr *wr)
{
	NDK_RESULT_EX res;
	int i;

	for (i = 0; i < ST_ENDS_RECVS; i++)
		if (!st_expect_next(t, &e->p->a, cq, wr->op,
				    (void *)(ULONG_PTR)(i + 1),
				    STATUS_CANCELLED))
			return false;
	return ST_EXPECT(t, !st_poll(t, cq, &res, 1), "one has ended twice");
}

/* Its connector first, which needs it. */
static void st_closes(struct st_test *t, struct st_ends *e)
{
	st_close(t, &e->p->a.conn->Header);
	st_close(t, &e->p->a.qp->Header);
}

/* A queue pair that the device does not let into error cannot be drained. */
static void st_undrained(struct st_test *t)
{
	struct st_ends e;
	NDK_RESULT_EX res;

	if (!st_ends_new(t, &e))
		return;
	st_sim_fail_all(t, t->arg, EINVAL);
	e.p->a.qp->Dispatch->NdkFlush(e.p->a.qp);
	if (!st_all_end(t, &e, &e.p->a.rcq, &e.recv) ||
	    !st_all_end(t, &e, &e.p->a.icq, &e.send))
		return;
	/* a queue pair that has ended takes no more */
	ST_STATUS(t, st_post(t, e.p->a.qp, &e.recv),
		  STATUS_CONNECTION_INVALID);
	ST_STATUS(t, st_post(t, e.p->a.qp, &e.send),
		  STATUS_CONNECTION_INVALID);
	st_sim_calm(t);
	st_closes(t, &e);
	ST_EXPECT(t, !st_poll(t, &e.p->a.rcq, &res, 1) &&
		  !st_poll(t, &e.p->a.icq, &res, 1), "one has ended twice");
}

/* Of silent ones nobody knows then that they have succeeded. */
static void st_undrained_silent(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr send = {
		.op = NdkOperationTypeSend,
		.flags = NDK_OP_FLAG_SILENT_SUCCESS,
	};
	int i;

	if (!p)
		return;
	for (i = 0; i < ST_ENDS_RECVS; i++) {
		send.ctx = (void *)(ULONG_PTR)(i + 1);
		if (!ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
	}
	st_sim_fail_all(t, NDK_SIM_MODIFY_QP, EINVAL);
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	for (i = 0; i < ST_ENDS_RECVS; i++)
		if (!st_expect_next(t, &p->a, &p->a.icq, send.op,
				    (void *)(ULONG_PTR)(i + 1),
				    STATUS_CANCELLED))
			break;
	st_sim_calm(t);
}

/* The device keeps everything to itself, and does not say that it is ill. */
static void st_unanswered(struct st_test *t)
{
	struct st_ends e;

	if (!st_ends_new(t, &e))
		return;
	st_sim_hold(t, NDK_SIM_DO(RECV) | NDK_SIM_DO(SEND) |
		       NDK_SIM_DO(WRITE));
	e.p->a.qp->Dispatch->NdkFlush(e.p->a.qp);
	if (!st_all_end(t, &e, &e.p->a.rcq, &e.recv) ||
	    !st_all_end(t, &e, &e.p->a.icq, &e.send))
		return;
	st_sim_hold(t, 0);
	st_closes(t, &e);
}

/* And there was nothing to say of it. */
static bool st_nothing_more(struct st_test *t, struct st_side *side)
{
	NDK_RESULT_EX res;

	return st_sim_handled(t, side) &&
	       ST_EXPECT(t, !st_poll(t, &side->rcq, &res, 1) &&
			 !st_poll(t, &side->icq, &res, 1),
			 "one has ended twice");
}

/* All is done and flushed, and the completions of that are kept back. */
static bool st_ends_held(struct st_test *t, struct st_ends *e)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	struct ib_qp *qp;

	if (!st_ends_new(t, e))
		return false;
	qp = st_ib_qp(t, e->p->a.qp);
	if (!qp)
		return false;
	st_sim->hold(t->sim, NDK_SIM_DO(RECV) | NDK_SIM_DO(SEND) |
			     NDK_SIM_DO(WRITE), qp->qp_num);
	return ST_EXPECT(t, !ib_modify_qp(qp, &attr, IB_QP_STATE),
			 "it does not fail") && st_sim_held(t, 2);
}

/* When what is kept of a queue pair comes. */
enum st_kept {
	ST_KEPT_OPEN,
	ST_KEPT_CLOSED,
	ST_KEPT_NEVER,
};

/*
 * A queue pair could not be drained, and its completions come later. It may have
 * been closed by then.
 */
static void st_kept(struct st_test *t)
{
	struct st_ends e;
	NDK_QP *qp;

	if (!st_ends_held(t, &e))
		return;
	qp = e.p->a.qp;
	st_sim_fail_all(t, t->arg == ST_KEPT_OPEN ? NDK_SIM_MODIFY_QP :
						    NDK_SIM_POST_RECV, EINVAL);
	qp->Dispatch->NdkFlush(qp);
	if (!st_all_end(t, &e, &e.p->a.rcq, &e.recv) ||
	    !st_all_end(t, &e, &e.p->a.icq, &e.send))
		return;
	st_sim_fail_all(t, NDK_SIM_MODIFY_QP, 0);
	st_sim_fail_all(t, NDK_SIM_POST_RECV, 0);
	if (t->arg != ST_KEPT_OPEN)
		st_closes(t, &e);
	if (t->arg == ST_KEPT_NEVER) {
		st_close(t, &e.p->a.rcq.cq->Header);
		st_close(t, &e.p->a.icq.cq->Header);
		return;
	}
	st_sim_hold(t, 0);
	if (st_nothing_more(t, &e.p->a) && t->arg == ST_KEPT_OPEN)
		st_closes(t, &e);
}

/* Queue pairs with 64 receives that have room on a queue; they are closed again. */
static ULONG st_fit(struct st_test *t, NDK_PD *pd, struct st_cq *rcq,
		    struct st_cq *icq)
{
	struct st_caps caps = {
		.recv_depth = 64, .send_depth = 1, .recv_sge = 1, .send_sge = 1,
	};
	NTSTATUS status = STATUS_SUCCESS;
	NDK_QP *qps[32];
	ULONG i, n;

	for (n = 0; n < ARRAY_SIZE(qps); n++) {
		status = st_create_qp(t, pd, rcq, icq, NULL, &caps, &qps[n]);
		if (status)
			break;
	}
	ST_STATUS(t, status, STATUS_INSUFFICIENT_RESOURCES);
	for (i = 0; i < n; i++)
		st_close(t, &qps[i]->Header);
	return n;
}

/* What is still to come needs the room that it had, though the queue pair is gone. */
static void st_kept_room(struct st_test *t)
{
	struct st_cq other, icq;
	struct st_ends e;
	ULONG all, left;

	if (!st_ends_held(t, &e) ||
	    !ST_OK(t, st_create_cq(t, &other, min(256U, t->info.MaxCqDepth))) ||
	    !ST_OK(t, st_create_cq(t, &icq, min(256U, t->info.MaxCqDepth))))
		return;
	st_sim_fail_all(t, NDK_SIM_POST_RECV, EINVAL);
	e.p->a.qp->Dispatch->NdkFlush(e.p->a.qp);
	if (!st_all_end(t, &e, &e.p->a.rcq, &e.recv) ||
	    !st_all_end(t, &e, &e.p->a.icq, &e.send))
		return;
	st_sim_fail_all(t, NDK_SIM_POST_RECV, 0);
	st_closes(t, &e);
	all = st_fit(t, e.p->a.pd, &other, &icq);
	left = st_fit(t, e.p->a.pd, &e.p->a.rcq, &icq);
	ST_EXPECT(t, left < all,
		  "%u queue pairs fit where one has left completions, %u elsewhere",
		  left, all);
}

/* All of the room that the device has made, and no more. */
static void st_room(struct st_test *t)
{
	struct st_caps caps = {
		.recv_depth = 1, .send_depth = 1, .recv_sge = 1, .send_sge = 1,
	};
	struct st_cq rcq, icq;
	struct ib_qp *ib_qp;
	ULONG all;
	NDK_PD *pd;
	NDK_QP *qp;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_cq(t, &rcq, 1)) ||
	    !ST_OK(t, st_create_cq(t, &icq, 1)) ||
	    !ST_OK(t, st_create_qp(t, pd, &rcq, &icq, NULL, &caps, &qp)))
		return;
	ib_qp = st_ib_qp(t, qp);
	if (!ib_qp)
		return;
	all = ib_qp->recv_cq->cqe;
	st_close(t, &qp->Header);
	/* the end of the queue needs an entry, too */
	caps.recv_depth = all;
	ST_STATUS(t, st_create_qp(t, pd, &rcq, &icq, NULL, &caps, &qp),
		  STATUS_INSUFFICIENT_RESOURCES);
	caps.recv_depth = all - 1;
	ST_OK(t, st_create_qp(t, pd, &rcq, &icq, NULL, &caps, &qp));
}

/* The device has a word of its own for what it has ended; the provider has none. */
static bool st_all_by_device(struct st_test *t, struct st_cq *cq, ULONG count)
{
	NDK_RESULT_EX res;
	ULONG i;

	for (i = 0; i < count; i++)
		if (!st_next(t, cq, &res) ||
		    !ST_STATUS(t, res.Status, STATUS_CANCELLED) ||
		    !ST_EXPECT(t, res.ProviderErrorCode,
			       "request %u of %u was not ended by the device",
			       i + 1, count))
			return false;
	return ST_EXPECT(t, !st_poll(t, cq, &res, 1), "one has ended twice");
}

/* Queues that are as full as they can be still have room for their end. */
static void st_full(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr send = {
		.op = NdkOperationTypeSend,
		.flags = NDK_OP_FLAG_SILENT_SUCCESS,
	};
	struct st_pair *p = st_pair_alloc(t);
	ULONG recvs, sends;
	NTSTATUS status;

	p->caps = st_default_caps(t);
	p->caps.recv_depth = 8;
	p->caps.send_depth = 16;
	if (!st_pair_up(t, p, false))
		return;
	/* nobody receives them, and silent ones need not count */
	for (sends = 0;; sends++) {
		status = st_post(t, p->a.qp, &send);
		if (status)
			break;
	}
	ST_STATUS(t, status, STATUS_NO_MORE_ENTRIES);
	for (recvs = 0;; recvs++) {
		status = st_post(t, p->a.qp, &recv);
		if (status)
			break;
	}
	ST_STATUS(t, status, STATUS_NO_MORE_ENTRIES);
	/* so that nobody has heard of an end before it is waited for */
	st_sim->set_flags(t->sim, NDK_SIM_SLOW);
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	if (st_all_by_device(t, &p->a.rcq, recvs))
		st_all_by_device(t, &p->a.icq, sends);
}

/* The device says twice that the first of several has completed. */
static void st_twice(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	bool sends = t->arg == NDK_SIM_DO_SEND;
	struct st_side *side;
	NDK_RESULT_EX res;
	struct ib_qp *qp;
	int i;

	if (!p)
		return;
	side = sends ? &p->a : &p->b;
	qp = st_ib_qp(t, side->qp);
	if (!qp)
		return;
	st_sim->hold(t->sim, 1U << t->arg, qp->qp_num);
	for (i = 1; i <= ST_ENDS_RECVS; i++) {
		recv.ctx = (void *)(ULONG_PTR)i;
		send.ctx = (void *)(ULONG_PTR)i;
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
	}
	/* the other queue is done with all of them, each once */
	for (i = 1; i <= ST_ENDS_RECVS; i++)
		if (!st_next(t, sends ? &p->b.rcq : &p->a.icq, &res))
			return;
	st_sim->set_flags(t->sim, NDK_SIM_TWICE);
	st_sim->release(t->sim, 1);
	for (i = 1; i <= ST_ENDS_RECVS; i++) {
		if (!st_expect_next(t, side, sends ? &side->icq : &side->rcq,
				    sends ? send.op : recv.op,
				    (void *)(ULONG_PTR)i, STATUS_SUCCESS))
			return;
		st_sim->set_flags(t->sim, 0);
		if (i == 1 && !st_nothing_more(t, side))
			return;
		st_sim_hold(t, 0);
	}
	if (st_nothing_more(t, &p->a) && st_nothing_more(t, &p->b))
		st_pair_works(t, p);
}

/* What a lost queue's other end is told, and who else lives. */
enum st_lost {
	ST_LOST_RECV,
	ST_LOST_SEND,
};

/* The device loses the queue that receives, or requests, complete on, at @when. */
static bool st_lose(struct st_test *t, struct st_ends *e, unsigned long *when)
{
	struct st_cq *cq;
	struct ib_qp *qp;

	if (!st_ends_new(t, e))
		return false;
	cq = t->arg == ST_LOST_RECV ? &e->p->a.rcq : &e->p->a.icq;
	qp = st_ib_qp(t, e->p->a.qp);
	if (!qp)
		return false;
	st_arm(t, cq, NDK_CQ_NOTIFY_ERRORS);
	*when = jiffies;
	st_sim->lose_cq(t->arg == ST_LOST_RECV ? qp->recv_cq : qp->send_cq);
	if (!st_event(t, cq))
		return false;
	return ST_STATUS(t, cq->status, STATUS_INTERNAL_ERROR);
}

/*
 * The time that a device has which may still answer. It begins when the queue pair has
 * ended: who waits for a lost queue takes no less, and a slow machine may take most of it.
 */
#define ST_NO_WAIT	(10 * HZ)

static void st_lost(struct st_test *t)
{
	unsigned long begun;
	NDK_RESULT_EX res;
	struct st_ends e;

	if (!st_lose(t, &e, &begun))
		return;
	if (!st_wait_gone(t, &e.p->a))
		return;
	ST_EXPECT(t, time_before(jiffies, begun + ST_NO_WAIT),
		  "a queue that is lost was waited for: %u ms",
		  jiffies_to_msecs(jiffies - begun));
	/* what completes on the other queue does, and nothing on that one */
	if (t->arg == ST_LOST_RECV) {
		st_all_end(t, &e, &e.p->a.icq, &e.send);
		ST_EXPECT(t, !st_poll(t, &e.p->a.rcq, &res, 1),
			  "an entry of a dead queue");
	} else {
		st_all_end(t, &e, &e.p->a.rcq, &e.recv);
		ST_EXPECT(t, !st_poll(t, &e.p->a.icq, &res, 1),
			  "an entry of a dead queue");
	}
	ST_STATUS(t, st_post(t, e.p->a.qp, &e.recv),
		  STATUS_CONNECTION_INVALID);
	ST_STATUS(t, st_post(t, e.p->a.qp, &e.send),
		  STATUS_CONNECTION_INVALID);
	st_closes(t, &e);
}

/*
 * A queue has overflowed, and while its queue pairs are drained on that account
 * the device loses it: there is nothing to wait for any more.
 */
static void st_full_then_lost(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_pair *p = st_pair_alloc(t);
	unsigned long begun;
	struct ib_qp *qp;
	int i;

	p->cq_depth = 1;
	if (!st_pair_up(t, p, false))
		return;
	qp = st_ib_qp(t, p->b.qp);
	if (!qp)
		return;
	st_arm(t, &p->b.rcq, NDK_CQ_NOTIFY_ERRORS);
	st_sim->hold(t->sim, NDK_SIM_DO(WRITE), qp->qp_num);
	for (i = 0; i < 2; i++)
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)))
			return;
	/* with the second one the queue pair ends */
	begun = jiffies;
	for (i = 0; i < 2; i++)
		if (!ST_OK(t, st_do(t, &p->a, &send)))
			return;
	if (!st_event(t, &p->b.rcq) ||
	    !ST_STATUS(t, p->b.rcq.status, STATUS_BUFFER_OVERFLOW) ||
	    !st_sim_held(t, 1))
		return;
	st_sim->lose_cq(qp->recv_cq);
	if (st_wait_gone(t, &p->b))
		ST_EXPECT(t, time_before(jiffies, begun + ST_NO_WAIT),
			  "a queue that is lost was waited for: %u ms",
			  jiffies_to_msecs(jiffies - begun));
	st_sim_hold(t, 0);
}

/*
 * A queue pair is being drained, and waits for the last word on one of its queues, when
 * the device loses that one.
 */
static void st_lost_draining(struct st_test *t)
{
	bool recv = t->arg == ST_LOST_RECV;
	unsigned long begun;
	struct st_ends e;
	struct ib_qp *qp;

	if (!st_ends_new(t, &e))
		return;
	qp = st_ib_qp(t, e.p->a.qp);
	if (!qp)
		return;
	st_sim->hold(t->sim, recv ? NDK_SIM_DO(RECV) :
			     NDK_SIM_DO(SEND) | NDK_SIM_DO(WRITE), qp->qp_num);
	e.p->a.qp->Dispatch->NdkFlush(e.p->a.qp);
	if (!st_sim_held(t, 1) ||
	    !st_all_end(t, &e, recv ? &e.p->a.icq : &e.p->a.rcq,
			recv ? &e.send : &e.recv))
		return;
	begun = jiffies;
	st_sim->lose_cq(recv ? qp->recv_cq : qp->send_cq);
	st_closes(t, &e);
	ST_EXPECT(t, time_before(jiffies, begun + ST_NO_WAIT),
		  "a queue that is lost was waited for: %u ms",
		  jiffies_to_msecs(jiffies - begun));
	st_sim_hold(t, 0);
}

/* What a queue has died of is what was first, also if nobody has asked since. */
static void st_full_first(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_pair *p = st_pair_alloc(t);
	struct ib_cq *ib_cq;
	struct ib_qp *ib_qp;
	int i;

	p->cq_depth = 1;
	if (!st_pair_up(t, p, false))
		return;
	ib_qp = st_ib_qp(t, p->b.qp);
	if (!ib_qp)
		return;
	ib_cq = ib_qp->recv_cq;
	for (i = 0; i < 2; i++)
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)))
			return;
	for (i = 0; i < 2; i++)
		if (!ST_OK(t, st_do(t, &p->a, &send)))
			return;
	if (!st_wait_gone(t, &p->b))
		return;
	st_sim->lose_cq(ib_cq);
	st_arm(t, &p->b.rcq, NDK_CQ_NOTIFY_ERRORS);
	if (st_event(t, &p->b.rcq))
		ST_STATUS(t, p->b.rcq.status, STATUS_BUFFER_OVERFLOW);
}

/* Nobody has to close anything for the device to be able to go. */
static void st_lost_unplugged(struct st_test *t)
{
	unsigned long when;
	struct st_ends e;

	if (!st_lose(t, &e, &when))
		return;
	st_sim->unplug(t->sim);
	ST_EXPECT(t, st_sim->wait_gone(t->sim, ST_TIMEOUT),
		  "the device does not go away");
}

/* The device vanishes while it answers nothing. */
static void st_mute_unplugged(struct st_test *t)
{
	struct st_ends e;

	if (!st_ends_new(t, &e))
		return;
	st_sim_hold(t, NDK_SIM_DO(RECV) | NDK_SIM_DO(SEND) |
		       NDK_SIM_DO(WRITE));
	st_sim->unplug(t->sim);
	ST_EXPECT(t, st_sim->wait_gone(t->sim, ST_TIMEOUT),
		  "the device does not go away");
}

/*
 * The device vanishes. It does not answer for one of two queue pairs, and takes
 * some time for the other, which is none the worse for it, whichever is first.
 */
static void st_mute_and_sound(struct st_test *t)
{
	struct st_caps caps = st_default_caps(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_cq cq[2];
	struct ib_qp *ibqp;
	NDK_RESULT_EX res;
	NDK_QP *qp[2];
	NDK_PD *pd;
	int i;

	if (!ST_OK(t, st_create_pd(t, &pd)))
		return;
	for (i = 0; i < 2; i++) {
		recv.ctx = &qp[i];
		if (!ST_OK(t, st_create_cq(t, &cq[i], 128)) ||
		    !ST_OK(t, st_create_qp(t, pd, &cq[i], &cq[i], NULL, &caps,
					   &qp[i])) ||
		    !ST_OK(t, st_post(t, qp[i], &recv)))
			return;
	}
	ibqp = st_ib_qp(t, qp[t->arg]);
	if (!ibqp)
		return;
	st_sim->hold(t->sim, NDK_SIM_DO(RECV) | NDK_SIM_DO(WRITE),
		     ibqp->qp_num);
	st_sim->set_flags(t->sim, NDK_SIM_SLOW);
	st_sim->unplug(t->sim);
	if (!ST_EXPECT(t, st_sim->wait_gone(t->sim, ST_TIMEOUT),
		       "the device does not go away"))
		return;
	for (i = 0; i < 2; i++) {
		if (!ST_EXPECT(t, st_poll(t, &cq[i], &res, 1) == 1,
			       "receive %d has not ended", i))
			return;
		ST_STATUS(t, res.Status, STATUS_DEVICE_REMOVED);
		ST_EXPECT(t, res.RequestContext == &qp[i], "another one");
		/* only the device has a word of its own for it */
		ST_EXPECT(t, !res.ProviderErrorCode == (i == t->arg),
			  "receive %d ended with %llu", i,
			  (u64)res.ProviderErrorCode);
	}
}

/* A receive's completion that cannot be true is not believed. */
static void st_misreported(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *from = st_buf_new(t, ST_CONTIG, 0, 16);
	struct st_buf *to = st_buf_new(t, ST_CONTIG, 0, 16);
	NDK_SGE from_sge, to_sge;
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .sgl = &to_sge, .nsge = 1,
		.ctx = &recv,
	};
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = &from_sge, .nsge = 1,
		.ctx = &send,
	};
	NDK_RESULT_EX res;

	if (!p || !from || !to || !st_sge(t, &p->a, from, 0, 16, &from_sge) ||
	    !st_sge(t, &p->b, to, 0, 16, &to_sge) ||
	    !ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	st_sim->set_flags(t->sim, t->arg);
	if (!ST_OK(t, st_post(t, p->a.qp, &send)) ||
	    !st_next(t, &p->b.rcq, &res))
		return;
	ST_STATUS(t, res.Status, STATUS_INVALID_DEVICE_REQUEST);
	ST_EXPECT(t, !res.BytesTransferred, "%u bytes", res.BytesTransferred);
	st_wait_gone(t, &p->b);
	st_buf_expect(to, 0, st_data(from), 16);
}

#define ST_SIM(...) { .sim = &st_sim_usual, __VA_ARGS__ }

#define ST_SIM_KEEPS(...)						       \
	{								       \
		.sim = &(const struct ndk_sim_attr){			       \
			.max_pages = 512, .page_size_cap = PAGE_SIZE,	       \
			.habits = NDK_SIM_KEEPS,			       \
		},							       \
		__VA_ARGS__						       \
	}

static const struct st_case st_cases[] = {
	ST_SIM(.name = "more_than_it_holds", .run = st_misreported,
	       .arg = NDK_SIM_RECV_LONG),
	ST_SIM(.name = "unknown_opcode", .run = st_misreported,
	       .arg = NDK_SIM_RECV_ODD),
	ST_SIM(.name = "not_modified", .run = st_undrained,
	       .arg = NDK_SIM_MODIFY_QP),
	ST_SIM(.name = "no_marker_sent", .run = st_undrained,
	       .arg = NDK_SIM_POST_SEND),
	ST_SIM(.name = "no_marker_received", .run = st_undrained,
	       .arg = NDK_SIM_POST_RECV),
	ST_SIM(.name = "not_modified_silent", .run = st_undrained_silent),
	ST_SIM(.name = "unanswered", .run = st_unanswered),
	ST_SIM_KEEPS(.name = "kept_open", .run = st_kept, .arg = ST_KEPT_OPEN),
	ST_SIM_KEEPS(.name = "kept_closed", .run = st_kept,
		     .arg = ST_KEPT_CLOSED),
	ST_SIM_KEEPS(.name = "kept_to_the_end", .run = st_kept,
		     .arg = ST_KEPT_NEVER),
	ST_SIM_KEEPS(.name = "kept_room", .run = st_kept_room),
	ST_SIM(.name = "twice_received", .run = st_twice,
	       .arg = NDK_SIM_DO_RECV),
	ST_SIM(.name = "twice_sent", .run = st_twice, .arg = NDK_SIM_DO_SEND),
	ST_SIM(.name = "mute_then_sound", .run = st_mute_and_sound, .arg = 0),
	ST_SIM(.name = "sound_then_mute", .run = st_mute_and_sound, .arg = 1),
	ST_SIM(.name = "mute_and_unplugged", .run = st_mute_unplugged),
	ST_SIM(.name = "lost_receives", .run = st_lost, .arg = ST_LOST_RECV),
	ST_SIM(.name = "lost_requests", .run = st_lost, .arg = ST_LOST_SEND),
	ST_SIM(.name = "full_then_lost", .run = st_full_then_lost),
	ST_SIM(.name = "lost_draining_receives", .run = st_lost_draining,
	       .arg = ST_LOST_RECV),
	ST_SIM(.name = "lost_draining_requests", .run = st_lost_draining,
	       .arg = ST_LOST_SEND),
	ST_SIM(.name = "full_first", .run = st_full_first),
	ST_SIM(.name = "full_to_the_end", .run = st_full),
	ST_SIM(.name = "room", .run = st_room),
	ST_SIM(.name = "lost_and_unplugged", .run = st_lost_unplugged,
	       .arg = ST_LOST_RECV),
};

const struct st_suite st_suite_sim_ends = {
	"sim_ends", st_cases, ARRAY_SIZE(st_cases),
};
