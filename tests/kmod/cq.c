// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion queues: getters, notifications, overflow.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

/* Notifications that must not come are waited for this long. */
#define ST_QUIET	(HZ / 10)

struct st_msgs {
	struct st_pair *p;
	struct st_buf *from;
	struct st_buf *to;
	NDK_SGE from_sge;
	NDK_SGE to_sge;
	struct st_wr send;
	struct st_wr recv;
};

static bool st_msgs_on(struct st_test *t, struct st_msgs *m, struct st_pair *p)
{
	*m = (struct st_msgs){
		.p = p,
		.send = {
			.op = NdkOperationTypeSend, .sgl = &m->from_sge,
			.nsge = 1,
		},
		.recv = {
			.op = NdkOperationTypeReceive, .sgl = &m->to_sge,
			.nsge = 1,
		},
	};
	m->from = st_buf_new(t, ST_CONTIG, 0, 16);
	m->to = st_buf_new(t, ST_CONTIG, 0, 16);
	return p && m->from && m->to &&
	       st_sge(t, &p->a, m->from, 0, 16, &m->from_sge) &&
	       st_sge(t, &p->b, m->to, 0, 16, &m->to_sge);
}

/* One message from @a to @b; the sender's completion is taken. */
static bool st_message(struct st_test *t, struct st_msgs *m)
{
	return ST_OK(t, st_post(t, m->p->b.qp, &m->recv)) &&
	       ST_OK(t, st_do(t, &m->p->a, &m->send));
}

/* Wait for an entry without arming. */
static bool st_entry(struct st_test *t, struct st_cq *cq, NDK_RESULT_EX *res)
{
	unsigned long end = jiffies + ST_TIMEOUT;

	while (!st_poll(t, cq, res, 1)) {
		if (time_after(jiffies, end))
			return ST_EXPECT(t, false, "no completion came");
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

static bool st_quiet(struct st_test *t, struct st_cq *cq, int notified)
{
	schedule_timeout_uninterruptible(ST_QUIET);
	return ST_EXPECT(t, atomic_read(&cq->notified) == notified,
			 "%d notifications, not %d",
			 atomic_read(&cq->notified), notified);
}

static void st_never_armed(struct st_test *t)
{
	struct st_msgs m;
	NDK_RESULT_EX res;

	if (!st_msgs_on(t, &m, st_pair_new(t)) || !st_message(t, &m) ||
	    !st_entry(t, &m.p->b.rcq, &res))
		return;
	ST_OK(t, res.Status);
	ST_EXPECT(t, res.BytesTransferred == 16, "%u bytes",
		  res.BytesTransferred);
	st_quiet(t, &m.p->b.rcq, 0);
}

static void st_once_per_arm(struct st_test *t)
{
	struct st_msgs m;
	NDK_RESULT_EX res;
	struct st_cq *cq;
	int i;

	if (!st_msgs_on(t, &m, st_pair_new(t)))
		return;
	cq = &m.p->b.rcq;
	st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
	for (i = 0; i < 5; i++)
		if (!st_message(t, &m))
			return;
	if (!st_event(t, cq) || !st_quiet(t, cq, 1))
		return;
	ST_OK(t, cq->status);
	for (i = 0; i < 5; i++)
		if (!st_entry(t, cq, &res))
			return;
	/* nothing is there and nothing new came: the arm waits */
	st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
	if (!st_quiet(t, cq, 1) || !st_message(t, &m) || !st_event(t, cq))
		return;
	st_quiet(t, cq, 2);
	ST_EXPECT(t, !cq->overlap, "two notifications at once");
}

/* Entries that came after the last notification satisfy an arm at once. */
static void st_entries_present(struct st_test *t)
{
	struct st_msgs m;
	struct st_cq *cq;

	if (!st_msgs_on(t, &m, st_pair_new(t)))
		return;
	cq = &m.p->b.rcq;
	if (!st_message(t, &m) || !st_quiet(t, cq, 0))
		return;
	st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
	if (!st_event(t, cq) || !st_message(t, &m) || !st_quiet(t, cq, 1))
		return;
	st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
	if (st_event(t, cq))
		st_quiet(t, cq, 2);
}

/* An entry of which the consumer has been told satisfies no other arm. */
static void st_old_entry(struct st_test *t)
{
	struct st_msgs m;
	struct st_cq *cq;

	if (!st_msgs_on(t, &m, st_pair_new(t)))
		return;
	cq = &m.p->b.rcq;
	st_arm(t, cq, t->arg);
	if (!st_message(t, &m) || !st_event(t, cq))
		return;
	st_arm(t, cq, t->arg);
	if (st_quiet(t, cq, 1) && st_message(t, &m))
		st_event(t, cq);
}

/* Nor does one that was polled before. */
static void st_polled_entry(struct st_test *t)
{
	struct st_msgs m;
	NDK_RESULT_EX res;
	struct st_cq *cq;

	if (!st_msgs_on(t, &m, st_pair_new(t)))
		return;
	cq = &m.p->b.rcq;
	if (!st_message(t, &m) || !st_entry(t, cq, &res))
		return;
	st_arm(t, cq, t->arg);
	if (st_quiet(t, cq, 0) && st_message(t, &m))
		st_event(t, cq);
}

static void st_getters(struct st_test *t)
{
	NDK_RESULT_EX ex[3] = {};
	NDK_RESULT res[4] = {};
	struct st_msgs m;
	NDK_CQ *cq;
	ULONG i, n;

	if (!st_msgs_on(t, &m, st_pair_new(t)))
		return;
	cq = m.p->b.rcq.cq;
	ST_EXPECT(t, !cq->Dispatch->NdkGetCqResults(cq, res, 4), "not empty");
	for (i = 0; i < 6; i++) {
		m.recv.ctx = (void *)(ULONG_PTR)(i + 1);
		st_arm(t, &m.p->b.rcq, NDK_CQ_NOTIFY_ANY);
		if (!st_message(t, &m) || !st_event(t, &m.p->b.rcq))
			return;
	}
	n = cq->Dispatch->NdkGetCqResults(cq, res, 2);
	ST_EXPECT(t, n == 2, "%u of 2 results", n);
	n = cq->Dispatch->NdkGetCqResultsEx(cq, ex, 3);
	ST_EXPECT(t, n == 3, "%u of 3 results", n);
	n = cq->Dispatch->NdkGetCqResults(cq, res + 2, 2);
	ST_EXPECT(t, n == 1, "%u results, the last one", n);
	for (i = 0; i < 3; i++) {
		ULONG_PTR want = i < 2 ? i + 1 : 6;

		ST_OK(t, res[i].Status);
		ST_EXPECT(t, res[i].RequestContext == (void *)want &&
			  res[i].BytesTransferred == 16 &&
			  res[i].QPContext == &m.p->b, "result %u is wrong", i);
		ST_OK(t, ex[i].Status);
		ST_EXPECT(t, ex[i].RequestContext ==
			  (void *)(ULONG_PTR)(i + 3) &&
			  ex[i].BytesTransferred == 16 &&
			  ex[i].QPContext == &m.p->b &&
			  ex[i].Type == NdkOperationTypeReceive,
			  "extended result %u is wrong", i);
	}
	ST_EXPECT(t, !cq->Dispatch->NdkGetCqResultsEx(cq, ex, 3), "not empty");
}

/* The two queues of a queue pair may report to one completion queue. */
static void st_shared(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_caps caps = st_default_caps(t);
	NDK_PD *pd;
	NDK_QP *qp;

	if (ST_OK(t, st_create_pd(t, &pd)) &&
	    ST_OK(t, st_create_cq(t, &p->a.icq, 128)))
		ST_OK(t, st_create_qp(t, pd, &p->a.icq, &p->a.icq, NULL, &caps,
				      &qp));
}

static void st_overflow_with(struct st_test *t, ULONG type)
{
	struct st_caps few = { .recv_depth = 1, .send_depth = 1 };
	struct st_pair *p = st_pair_alloc(t);
	NDK_RESULT_EX res[8];
	struct st_msgs m;
	struct st_cq *cq;
	int i, notified;
	NDK_QP *qp;

	p->cq_depth = 8;
	if (!st_pair_up(t, p, false) || !st_msgs_on(t, &m, p))
		return;
	cq = &p->b.rcq;
	st_arm(t, cq, type);
	for (i = 0; i < 9; i++)
		if (!ST_OK(t, st_post(t, p->b.qp, &m.recv)))
			return;
	/* the last one may fail itself: its receiver dies of it */
	for (i = 0; i < 9; i++)
		if (st_do(t, &p->a, &m.send) != STATUS_SUCCESS)
			break;
	ST_EXPECT(t, i >= 8, "message %d of 8 that fit failed", i + 1);
	if (type == NDK_CQ_NOTIFY_ANY) {
		if (!st_event(t, cq) || !ST_OK(t, cq->status))
			return;
		st_arm(t, cq, type);
	}
	for (;;) {
		if (!st_event(t, cq))
			return;
		if (cq->status != STATUS_SUCCESS)
			break;
		st_arm(t, cq, type);
	}
	ST_STATUS(t, cq->status, STATUS_BUFFER_OVERFLOW);
	st_poll(t, cq, res, ARRAY_SIZE(res));
	/* it is told once, or who arms again each time would never end */
	notified = atomic_read(&cq->notified);
	st_arm(t, cq, type);
	/* its queue pairs are dead with it */
	schedule_timeout_uninterruptible(ST_QUIET);
	ST_EXPECT(t, atomic_read(&cq->notified) == notified,
		  "told of its end twice");
	ST_EXPECT(t, !NT_SUCCESS(st_do(t, &p->b, &m.send)),
		  "the queue pair still works");
	ST_STATUS(t, st_post(t, p->b.qp, &m.recv), STATUS_CONNECTION_INVALID);
	st_refused_for(t, &p->b.qp->Header, "pReceiveCq (dead)");
	/* and a new one would have nobody to report to */
	ST_STATUS(t, st_create_qp(t, p->b.pd, cq, &p->b.icq, NULL, &few, &qp),
		  STATUS_INVALID_DEVICE_STATE);
	st_refused_for(t, &p->b.pd->Header, "pReceiveCq (dead)");
	ST_STATUS(t, st_create_qp(t, p->b.pd, &p->b.icq, cq, NULL, &few, &qp),
		  STATUS_INVALID_DEVICE_STATE);
	st_refused_for(t, &p->b.pd->Header, "pInitiatorCq (dead)");
	ST_OK(t, st_create_qp(t, p->b.pd, &p->b.icq, &p->b.icq, NULL, &few,
			      &qp));
}

static void st_overflow(struct st_test *t)
{
	st_overflow_with(t, NDK_CQ_NOTIFY_ERRORS);
}

static void st_overflow_any(struct st_test *t)
{
	st_overflow_with(t, NDK_CQ_NOTIFY_ANY);
}

/* Exactly as many entries as it was made for are no overflow. */
static void st_full(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	NDK_RESULT_EX res;
	struct st_msgs m;
	int i, round;

	p->cq_depth = 8;
	if (!st_pair_up(t, p, false) || !st_msgs_on(t, &m, p))
		return;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 8; i++)
			if (!st_message(t, &m))
				return;
		schedule_timeout_uninterruptible(ST_QUIET);
		for (i = 0; i < 8; i++)
			if (!st_entry(t, &p->b.rcq, &res) ||
			    !ST_OK(t, res.Status))
				return;
	}
}

struct st_rearm {
	struct st_cq cq;
	struct completion all;
	atomic_t got;
	int want;
	bool empty;
};

/* Poll until empty and arm again, inside the notification. */
static VOID st_on_rearm(PVOID context, NTSTATUS status)
{
	struct st_rearm *r = context;
	const NDK_CQ_DISPATCH *d = r->cq.cq->Dispatch;
	NDK_RESULT_EX res[4];
	ULONG n, total = 0;

	if (atomic_inc_return(&r->cq.inside) > 1)
		r->cq.overlap = true;
	while ((n = d->NdkGetCqResultsEx(r->cq.cq, res, ARRAY_SIZE(res))))
		total += n;
	if (!total)
		r->empty = true;
	if (atomic_add_return(total, &r->got) >= r->want)
		complete(&r->all);
	d->NdkArmCq(r->cq.cq, NDK_CQ_NOTIFY_ANY);
	atomic_dec(&r->cq.inside);
}

static void st_rearm_inside(struct st_test *t)
{
	struct st_req *req = st_req_new(t, "NdkCreateCq");
	struct st_pair *p = st_pair_new(t);
	struct st_rearm *r;
	struct st_caps caps = st_default_caps(t);
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_req *connect, *accept, *complete;
	struct st_msgs m;
	int i;

	r = kzalloc(sizeof(*r), GFP_KERNEL | __GFP_NOFAIL);
	req->priv = r;
	req->owns_priv = true;
	init_completion(&r->all);
	r->want = 200;
	req->answer = t->adapter->Dispatch->NdkCreateCq(t->adapter, 64,
							st_on_rearm, r, NULL,
							st_on_create, req,
							&r->cq.cq);
	if (!ST_OK(t, st_req_wait(t, req)) || !p)
		return;
	if (req->answer == STATUS_PENDING)
		r->cq.cq = container_of(req->object, NDK_CQ, Header);
	st_track(t, &r->cq.cq->Header);

	/* a second connection whose receives report there */
	p->a.conn = NULL;
	if (!ST_OK(t, st_create_qp(t, p->b.pd, &r->cq, &p->b.icq, NULL, &caps,
				   &p->b.qp)) ||
	    !ST_OK(t, st_create_qp(t, p->a.pd, &p->a.rcq, &p->a.icq, &p->a,
				   &caps, &p->a.qp)) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		return;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	connect = st_connect_start(t, &args);
	args.conn = st_incoming(t, p);
	if (!args.conn)
		return;
	args.qp = p->b.qp;
	args.side = &p->b;
	accept = st_accept_start(t, &args);
	if (!ST_OK(t, st_req_wait(t, connect)))
		return;
	complete = st_complete_start(t, &p->a);
	if (!ST_OK(t, st_req_wait(t, complete)) ||
	    !ST_OK(t, st_req_wait(t, accept)) || !st_msgs_on(t, &m, p))
		return;
	r->cq.cq->Dispatch->NdkArmCq(r->cq.cq, NDK_CQ_NOTIFY_ANY);
	for (i = 0; i < r->want; i++)
		if (!st_message(t, &m))
			return;
	ST_EXPECT(t, wait_for_completion_timeout(&r->all, ST_TIMEOUT),
		  "%d of %d completions were notified", atomic_read(&r->got),
		  r->want);
	ST_EXPECT(t, !r->cq.overlap, "two notifications at once");
	ST_EXPECT(t, !r->empty, "a notification without an entry");
}

/* irq_poll survives only where no softirq interrupts another on its CPU. */
static void st_polled_in(struct st_test *t)
{
	enum ib_poll_context want = IS_ENABLED(CONFIG_PREEMPT_RT) ?
				    IB_POLL_WORKQUEUE : IB_POLL_SOFTIRQ;
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;

	if (!ib_qp)
		return;
	ST_EXPECT(t, ib_qp->send_cq->poll_ctx == want, "polled in %d, not %d",
		  ib_qp->send_cq->poll_ctx, want);
	ST_EXPECT(t, ib_qp->recv_cq->poll_ctx == want, "polled in %d, not %d",
		  ib_qp->recv_cq->poll_ctx, want);
}

static VOID st_on_nothing(PVOID context, NTSTATUS status)
{
}

/* A queue pair whose requests complete on a queue near to some processors. */
static NDK_QP *st_qp_near(struct st_test *t, struct st_side *side,
			  GROUP_AFFINITY *affinity)
{
	struct st_req *req = st_req_new(t, "NdkCreateCq");
	NDK_ADAPTER *adapter = t->adapter;
	struct st_cq near = {};
	struct st_caps caps = {
		.recv_depth = 1, .send_depth = 1, .recv_sge = 1, .send_sge = 1,
	};
	NDK_QP *qp;

	req->answer = adapter->Dispatch->NdkCreateCq(adapter, 16, st_on_nothing,
						     NULL, affinity,
						     st_on_create, req,
						     &near.cq);
	if (!ST_OK(t, st_req_wait(t, req)))
		return NULL;
	if (req->answer == STATUS_PENDING)
		near.cq = container_of(req->object, NDK_CQ, Header);
	st_track(t, &near.cq->Header);
	return ST_OK(t, st_create_qp(t, side->pd, &side->rcq, &near, NULL, &caps,
				     &qp)) ? qp : NULL;
}

/* The first of the processors asked for chooses among the device's vectors. */
static void st_affinity(struct st_test *t)
{
	static GROUP_AFFINITY wanted[] = {
		{ .Mask = 1 }, { .Mask = 2 }, { .Mask = 0x90 },
		{ .Mask = 1, .Group = 1 }, { .Mask = 2, .Group = 1 },
	};
	static const unsigned int vectors[] = { 0, 1, 4, 64 % 5, 65 % 5 };
	struct st_pair *p = st_pair_alloc(t);
	struct ib_qp *ib_qp;
	unsigned int real, got;
	struct ib_device *ib;
	NDK_QP *qp;
	size_t i;

	if (!st_side_create(t, &p->a, &p->caps, 0))
		return;
	ib_qp = st_ib_qp(t, p->a.qp);
	if (!ib_qp)
		return;
	/* as many as tell all of them apart */
	ib = ib_qp->device;
	real = ib->num_comp_vectors;
	ib->num_comp_vectors = 5;
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		qp = st_qp_near(t, &p->a, &wanted[i]);
		ib_qp = qp ? st_ib_qp(t, qp) : NULL;
		if (!ib_qp)
			break;
		got = ib_qp->send_cq->comp_vector;
		ST_EXPECT(t, got == vectors[i], "queue %zu has vector %u, not %u",
			  i, got, vectors[i]);
	}
	ib->num_comp_vectors = real;
}

/* One that could not be told of anything is none. */
static void st_no_callback(struct st_test *t)
{
	struct st_req *req = st_req_new(t, "NdkCreateCq");
	NDK_ADAPTER *adapter = t->adapter;
	NDK_CQ *cq = NULL;

	req->answer = adapter->Dispatch->NdkCreateCq(adapter, 16, NULL, NULL,
						     NULL, st_on_create, req,
						     &cq);
	if (ST_STATUS(t, st_req_wait(t, req), STATUS_INVALID_PARAMETER))
		st_refused_for(t, &adapter->Header, "CqNotification");
	else if (req->object)
		st_track(t, req->object);
}

static const struct st_case st_cases[] = {
	{ .name = "affinity", .run = st_affinity },
	{ .name = "no_callback", .run = st_no_callback },
	{ .name = "polled_in", .run = st_polled_in },
	{ .name = "never_armed", .run = st_never_armed },
	{ .name = "once_per_arm", .run = st_once_per_arm },
	{ .name = "once_per_arm_softirq", .run = st_once_per_arm,
	  .ctx = ST_SOFTIRQ },
	{ .name = "entries_present", .run = st_entries_present },
	{ .name = "old_entry", .run = st_old_entry, .arg = NDK_CQ_NOTIFY_ANY },
	{ .name = "old_entry_solicited", .run = st_old_entry,
	  .arg = NDK_CQ_NOTIFY_SOLICITED },
	{ .name = "polled_entry", .run = st_polled_entry,
	  .arg = NDK_CQ_NOTIFY_ANY },
	{ .name = "polled_entry_solicited", .run = st_polled_entry,
	  .arg = NDK_CQ_NOTIFY_SOLICITED },
	{ .name = "getters", .run = st_getters },
	{ .name = "one_for_both_queues", .run = st_shared },
	{ .name = "overflow", .run = st_overflow },
	{ .name = "overflow_any", .run = st_overflow_any },
	{ .name = "full_is_no_overflow", .run = st_full },
	{ .name = "rearm_inside", .run = st_rearm_inside },
};

const struct st_suite st_suite_cq = {
	"cq", st_cases, ARRAY_SIZE(st_cases),
};
