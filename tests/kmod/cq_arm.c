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

/* Send one message to @b, and wait until its receive must have been seen. */
static bool st_hit(struct st_test *t, struct st_pair *p, ULONG flags)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr send = { .op = NdkOperationTypeSend, .flags = flags };

	if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
	    !ST_OK(t, st_do(t, &p->a, &send)))
		return false;
	schedule_timeout_uninterruptible(ST_QUIET);
	return true;
}

static bool st_drain(struct st_test *t, struct st_cq *cq, ULONG want)
{
	NDK_RESULT_EX res;
	ULONG n = 0;

	while (st_poll(t, cq, &res, 1)) {
		ST_OK(t, res.Status);
		n++;
	}
	return ST_EXPECT(t, n == want, "%u completions, not %u", n, want);
}

static void st_pairs(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	const struct st_arms *a;
	int before, want;
	struct st_cq *cq;
	size_t i;

	if (!p)
		return;
	cq = &p->b.rcq;
	for (i = 0; i < ARRAY_SIZE(st_table); i++) {
		a = &st_table[i];
		before = atomic_read(&cq->notified);
		st_arm(t, cq, a->first);
		st_arm(t, cq, a->second);
		want = before;
		if (!st_hit(t, p, 0))
			return;
		if (a->result == ST_ANY)
			want++;
		if (!ST_EXPECT(t, atomic_read(&cq->notified) == want,
			       "%u then %u: a plain message %s", a->first,
			       a->second, a->result == ST_ANY ?
			       "does not notify" : "notifies"))
			return;
		if (!st_hit(t, p, NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT))
			return;
		if (a->result == ST_SOLICITED)
			want++;
		if (!ST_EXPECT(t, atomic_read(&cq->notified) == want,
			       "%u then %u: a solicited message %s", a->first,
			       a->second, a->result == ST_SOLICITED ?
			       "does not notify" : "notifies"))
			return;
		if (!st_drain(t, cq, 2))
			return;
		/* an arm for errors only is still there: use it up */
		if (a->result == ST_ERRORS) {
			st_arm(t, cq, ST_ANY);
			if (!st_hit(t, p, 0) || !st_drain(t, cq, 1))
				return;
			ST_EXPECT(t, atomic_read(&cq->notified) == want + 1,
				  "an arm for any was not satisfied");
		}
	}
}

/* A failed request counts as solicited. */
static void st_failed_request(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };

	if (!p)
		return;
	st_arm(t, &p->b.rcq, ST_SOLICITED);
	if (!ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	p->b.qp->Dispatch->NdkFlush(p->b.qp);
	if (st_event(t, &p->b.rcq)) {
		ST_OK(t, p->b.rcq.status);
		st_expect_next(t, &p->b, &p->b.rcq, NdkOperationTypeReceive,
			       &recv, STATUS_CANCELLED);
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
	{ .name = "failed_request_is_solicited", .run = st_failed_request },
	{ .name = "failed_request_is_no_queue_error", .run = st_errors_only },
};

const struct st_suite st_suite_cq_arm = {
	"cq_arm", st_cases, ARRAY_SIZE(st_cases),
};
