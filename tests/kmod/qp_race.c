// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may run at the same time on one queue pair, does: on two CPUs, in
 * softirqs. Every request that was accepted completes, once.
 */
#include <linux/delay.h>
#include <linux/sched.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

#define ST_ROUNDS	20
#define ST_ACCEPTED	100

/**
 * struct st_racer - what one of the CPUs does
 * @run: the function
 * @p: the connection; it works on the active side
 * @op: what is posted
 * @delay: microseconds before it starts
 * @accepted: requests that were
 * @requests: their contexts, in order
 * @close: with a close
 */
struct st_racer {
	void (*run)(struct st_racer *r);
	struct st_pair *p;
	NDK_OPERATION_TYPE op;
	unsigned int delay;
	ULONG accepted;
	char requests[ST_ACCEPTED];
	struct st_req *close;
};

static void st_race(void *arg)
{
	struct st_racer *r = arg;

	udelay(r->delay);
	r->run(r);
}

/* Post while it is possible; nobody receives, so the sends stay. */
static void st_posts(struct st_racer *r)
{
	const NDK_QP_DISPATCH *d = r->p->a.qp->Dispatch;
	NDK_QP *qp = r->p->a.qp;
	NTSTATUS status;
	int i;

	for (i = 0; i < 2000 && r->accepted < ST_ACCEPTED; i++) {
		if (r->op == NdkOperationTypeReceive)
			status = d->NdkReceive(qp, &r->requests[r->accepted],
					       NULL, 0);
		else
			status = d->NdkSend(qp, &r->requests[r->accepted], NULL,
					    0, i % 3 ? NDK_OP_FLAG_DEFER : 0);
		if (status == STATUS_SUCCESS)
			r->accepted++;
		else if (status != STATUS_NO_MORE_ENTRIES)
			break;
	}
}

static void st_flushes(struct st_racer *r)
{
	r->p->a.qp->Dispatch->NdkFlush(r->p->a.qp);
}

static void st_closes(struct st_racer *r)
{
	NDK_CONNECTOR *conn = r->p->a.conn;

	r->close->answer = conn->Dispatch->NdkCloseConnector(&conn->Header,
							     st_on_close,
							     r->close);
}

static bool st_all_complete(struct st_test *t, struct st_cq *cq,
			    struct st_racer *r)
{
	NDK_RESULT_EX res;
	ULONG i;

	for (i = 0; i < r->accepted; i++) {
		if (!st_next(t, cq, &res)) {
			st_note(t, "%u of %u requests completed", i,
				r->accepted);
			return false;
		}
		if (!ST_EXPECT(t, r->op == NdkOperationTypeSend ?
			       st_send_ended(t, res.Status) :
			       res.Status == STATUS_CANCELLED,
			       "a request ended with %s",
			       st_status_name(res.Status)) ||
		    !ST_EXPECT(t, res.RequestContext == &r->requests[i] &&
			       res.Type == r->op,
			       "another request completed as number %u", i))
			return false;
	}
	schedule_timeout_uninterruptible(1);
	return ST_EXPECT(t, !st_poll(t, cq, &res, 1),
			 "more completions than requests");
}

static bool st_round(struct st_test *t, struct st_racer *one,
		     struct st_racer *other)
{
	struct st_pair *p = st_pair_new(t);

	if (!p)
		return false;
	one->p = p;
	other->p = p;
	if (other->run == st_closes) {
		other->close = st_req_new(t, "close");
		st_untrack(t, &p->a.conn->Header);
	}
	st_run_both(st_race, one, other);
	if (other->run == st_closes &&
	    !ST_OK(t, st_req_wait(t, other->close)))
		return false;
	if (other->run != st_flushes)
		p->a.qp->Dispatch->NdkFlush(p->a.qp);
	if (!st_all_complete(t, &p->a.icq, one) ||
	    (other->run == st_posts && !st_all_complete(t, &p->a.rcq, other)))
		return false;
	st_objects_close(t);
	return !t->failures;
}

static void st_race_rounds(struct st_test *t, void (*other)(struct st_racer *r))
{
	int i;

	for (i = 0; i < ST_ROUNDS; i += st_sparse()) {
		struct st_racer one = {
			.run = st_posts, .op = NdkOperationTypeSend,
			.delay = i % 2 ? 0 : i * 10,
		};
		struct st_racer two = {
			.run = other, .op = NdkOperationTypeReceive,
			.delay = i % 2 ? i * 10 : 0,
		};

		if (!st_round(t, &one, &two)) {
			st_note(t, "in round %d", i);
			return;
		}
	}
}

static int (*st_real_modify)(struct ib_qp *ib_qp, struct ib_qp_attr *attr,
			     int mask, struct ib_udata *udata);

/* The device reports that the queue pair has died, before it is all there. */
static int st_dying_modify(struct ib_qp *ib_qp, struct ib_qp_attr *attr,
			   int mask, struct ib_udata *udata)
{
	struct ib_event event = {
		.event = IB_EVENT_QP_FATAL, .device = ib_qp->device,
		.element.qp = ib_qp,
	};

	if (attr->qp_state == IB_QPS_INIT) {
		ib_qp->event_handler(&event, ib_qp->qp_context);
		/* for the worker that attends to it */
		msleep(200);
	}
	return st_real_modify(ib_qp, attr, mask, udata);
}

static void st_dead_born(struct st_test *t)
{
	struct st_caps caps = st_default_caps(t);
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;
	struct ib_device *ib;
	NTSTATUS status;
	NDK_QP *qp;

	if (!ib_qp)
		return;
	ib = ib_qp->device;
	st_replace(ib, modify_qp, &st_real_modify, st_dying_modify);
	status = st_create_qp(t, p->a.pd, &p->a.rcq, &p->a.icq, NULL, &caps,
			      &qp);
	st_restore(ib, modify_qp, &st_real_modify);
	if (ST_OK(t, status))
		st_close(t, &qp->Header);
	/* others have not noticed */
	st_pair_works(t, p);
}

/**
 * struct st_word - what a device may tell of a queue pair
 * @event: the event
 * @reason: what the connector says then
 */
struct st_word {
	enum ib_event_type event;
	const char *reason;
};

/*
 * That it has failed, or that the device is not there any more. This is the end of
 * it, whatever else the device or the peer does.
 */
static void st_told_of(struct st_test *t)
{
	const struct st_word *word = (const void *)t->arg;
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct ib_event event = { .event = word->event };
	struct st_pair *p = st_pair_alloc(t);
	struct ib_qp *ib_qp;

	if (!st_pair_up(t, p, false) || !ST_OK(t, st_post(t, p->a.qp, &recv)))
		return;
	ib_qp = st_ib_qp(t, p->a.qp);
	if (!ib_qp)
		return;
	event.device = ib_qp->device;
	event.element.qp = ib_qp;
	ib_qp->event_handler(&event, ib_qp->qp_context);
	if (!st_expect_next(t, &p->a, &p->a.rcq, recv.op, &recv,
			    STATUS_CANCELLED) || !st_wait_gone(t, &p->a))
		return;
	st_refused_for(t, &p->a.conn->Header, word->reason);
	ST_STATUS(t, st_req_wait(t, st_disconnect_start(t, &p->a)),
		  STATUS_CONNECTION_ABORTED);
}

static void st_both_queues(struct st_test *t)
{
	st_race_rounds(t, st_posts);
}

static void st_flush_meanwhile(struct st_test *t)
{
	st_race_rounds(t, st_flushes);
}

static void st_close_meanwhile(struct st_test *t)
{
	st_race_rounds(t, st_closes);
}

#define ST_WORD(event_, reason_)					\
	.run = st_told_of,						\
	.arg = (unsigned long)&(const struct st_word){ event_, reason_ }

static const struct st_case st_cases[] = {
	{ .name = "both_queues", .run = st_both_queues },
	{ .name = "flush_while_posting", .run = st_flush_meanwhile },
	{ .name = "close_while_posting", .run = st_close_meanwhile },
	{ .name = "dies_while_made", .run = st_dead_born },
	{ .name = "device_dies",
	  ST_WORD(IB_EVENT_DEVICE_FATAL, "pNdkQp (failed)") },
	{ .name = "dies", ST_WORD(IB_EVENT_QP_FATAL, "pNdkQp (failed)") },
	{ .name = "peer_denied",
	  ST_WORD(IB_EVENT_QP_ACCESS_ERR, "peer (access refused to it)") },
	{ .name = "peer_malformed",
	  ST_WORD(IB_EVENT_QP_REQ_ERR, "peer (invalid request)") },
};

const struct st_suite st_suite_qp_race = {
	"qp_race", st_cases, ARRAY_SIZE(st_cases),
};
