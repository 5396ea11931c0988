// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of NdkArmCq: what a second arm makes of the first.
 */
#include <linux/sched.h>

#include "harness.h"

#define ST_QUIET	(HZ / 10)

#define ST_ERRORS	NDK_CQ_NOTIFY_ERRORS
#define ST_ANY		NDK_CQ_NOTIFY_ANY
#define ST_SOLICITED	NDK_CQ_NOTIFY_SOLICITED

struct st_arms {
	ULONG first;
	ULONG second;
	ULONG result;
};

static const struct st_arms st_table[] = {
	{ ST_ANY, ST_ANY, ST_ANY },
	{ ST_ANY, ST_ERRORS, ST_ANY },
	{ ST_ANY, ST_SOLICITED, ST_ANY },
	{ ST_ERRORS, ST_ANY, ST_ANY },
	{ ST_ERRORS, ST_ERRORS, ST_ERRORS },
	{ ST_ERRORS, ST_SOLICITED, ST_SOLICITED },
	{ ST_SOLICITED, ST_ANY, ST_ANY },
	{ ST_SOLICITED, ST_ERRORS, ST_SOLICITED },
	{ ST_SOLICITED, ST_SOLICITED, ST_SOLICITED },
};

/* Nothing may be armed meanwhile, so there is no event to wait for. */
static bool st_succeeds(struct st_test *t, struct st_cq *cq, const char *what)
{
	unsigned long end = jiffies + ST_TIMEOUT;
	NDK_RESULT_EX res;

	while (!st_poll(t, cq, &res, 1)) {
		if (time_after(jiffies, end))
			return ST_EXPECT(t, false, "the %s did not complete",
					 what);
		schedule_timeout_uninterruptible(1);
	}
	return ST_OK(t, res.Status);
}

/*
 * A send of @a and a receive of @b succeed, and notify if that is @send and
 * @recv. They are not polled before: an entry that is taken notifies no more.
 */
static bool st_hit(struct st_test *t, struct st_pair *p, ULONG flags, bool send,
		   bool recv)
{
	struct st_wr recv_wr = { .op = NdkOperationTypeReceive };
	struct st_wr send_wr = { .op = NdkOperationTypeSend, .flags = flags };

	if (!ST_OK(t, st_post(t, p->b.qp, &recv_wr)) ||
	    !ST_OK(t, st_post(t, p->a.qp, &send_wr)) ||
	    (send && !st_event(t, &p->a.icq)) ||
	    (recv && !st_event(t, &p->b.rcq)))
		return false;
	/* For one that is not to come there is only time. */
	if (!send || !recv)
		schedule_timeout_uninterruptible(ST_QUIET);
	return st_succeeds(t, &p->a.icq, "send") &&
	       st_succeeds(t, &p->b.rcq, "receive");
}

/* Use up whatever arm is left. */
static bool st_disarm(struct st_test *t, struct st_pair *p)
{
	st_arm(t, &p->a.icq, ST_ANY);
	st_arm(t, &p->b.rcq, ST_ANY);
	return st_hit(t, p, 0, true, true);
}

/*
 * Of completions that succeed, a receive satisfies ANY and SOLICITED, any other
 * satisfies ANY only: so the two queues tell the three types apart.
 */
static void st_pairs(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	const struct st_arms *a;
	int sends, recvs;
	size_t i;

	if (!p)
		return;
	for (i = 0; i < ARRAY_SIZE(st_table); i++) {
		a = &st_table[i];
		st_arm(t, &p->a.icq, a->first);
		st_arm(t, &p->a.icq, a->second);
		st_arm(t, &p->b.rcq, a->first);
		st_arm(t, &p->b.rcq, a->second);
		sends = atomic_read(&p->a.icq.notified);
		recvs = atomic_read(&p->b.rcq.notified);
		if (!st_hit(t, p, NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT,
			    a->result == ST_ANY, a->result != ST_ERRORS))
			return;
		sends = atomic_read(&p->a.icq.notified) - sends;
		recvs = atomic_read(&p->b.rcq.notified) - recvs;
		ST_EXPECT(t, sends == (a->result == ST_ANY),
			  "%u then %u: a send notifies %d times", a->first,
			  a->second, sends);
		ST_EXPECT(t, recvs == (a->result != ST_ERRORS),
			  "%u then %u: a solicited receive notifies %d times",
			  a->first, a->second, recvs);
		if (!st_disarm(t, p))
			return;
	}
}

/* What is none of the types asks for everything. */
static void st_odd_type(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);

	if (!p)
		return;
	st_arm(t, &p->a.icq, ST_SOLICITED + 1);
	if (!st_hit(t, p, 0, true, false))
		return;
	st_arm(t, &p->a.icq, ~0U);
	st_hit(t, p, 0, true, false);
}

/* A failed request counts as solicited, whatever it was. */
static void st_failed_request(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &send };

	if (!p || !st_sends_wait(t))
		return;
	st_arm(t, &p->a.icq, ST_SOLICITED);
	if (!ST_OK(t, st_post(t, p->a.qp, &send)))
		return;
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	if (st_event(t, &p->a.icq)) {
		ST_OK(t, p->a.icq.status);
		st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend, &send,
			       STATUS_CANCELLED);
	}
}

/* But not as a failure of the queue. */
static void st_errors_only(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };

	if (!p)
		return;
	st_arm(t, &p->b.rcq, ST_ERRORS);
	if (!ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	p->b.qp->Dispatch->NdkFlush(p->b.qp);
	schedule_timeout_uninterruptible(ST_QUIET);
	ST_EXPECT(t, !atomic_read(&p->b.rcq.notified),
		  "a failed request notified an arm for queue errors");
	st_expect_next(t, &p->b, &p->b.rcq, NdkOperationTypeReceive, &recv,
		       STATUS_CANCELLED);
}

static const struct st_case st_cases[] = {
	{ .name = "table", .run = st_pairs },
	{ .name = "table_softirq", .run = st_pairs, .ctx = ST_SOFTIRQ },
	{ .name = "odd_type", .run = st_odd_type },
	{ .name = "failed_request_is_solicited", .run = st_failed_request },
	{ .name = "failed_request_is_no_queue_error", .run = st_errors_only },
};

const struct st_suite st_suite_cq_arm = {
	"cq_arm", st_cases, ARRAY_SIZE(st_cases),
};
