// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of connections, and listeners that stop listening.
 */
#include <linux/sched.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

#define ST_QUIET	(HZ / 5)
#define ST_FLIGHT	8

/* More than may wait for their consumer at a time. */
#define ST_CALLERS	140

/* One event at the side that did not begin it, and nothing twice. */
static void st_event_once(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);

	if (!p)
		return;
	st_pair_disconnect(t, p);
	schedule_timeout_uninterruptible(ST_QUIET);
	ST_EXPECT(t, atomic_read(&p->b.gone_count) == 1,
		  "%d disconnect events", atomic_read(&p->b.gone_count));
	ST_EXPECT(t, atomic_read(&p->a.gone_count) <= 1,
		  "%d disconnect events", atomic_read(&p->a.gone_count));
}

static void st_both_disconnect(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_req *a, *b;

	if (!p)
		return;
	a = st_disconnect_start(t, &p->a);
	b = st_disconnect_start(t, &p->b);
	st_req_wait(t, a);
	st_req_wait(t, b);
	schedule_timeout_uninterruptible(ST_QUIET);
	ST_EXPECT(t, atomic_read(&p->a.gone_count) <= 1 &&
		  atomic_read(&p->b.gone_count) <= 1,
		  "%d and %d disconnect events",
		  atomic_read(&p->a.gone_count), atomic_read(&p->b.gone_count));
}

/* Disconnecting flushes at the side that did it, silent requests included. */
static void st_disconnect_flushes(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &send };

	if (!p || !ST_OK(t, st_post(t, p->a.qp, &recv)))
		return;
	st_pair_disconnect(t, p);
	st_expect_next(t, &p->a, &p->a.rcq, NdkOperationTypeReceive, &recv,
		       STATUS_CANCELLED);
	ST_STATUS(t, st_post(t, p->a.qp, &send), STATUS_CONNECTION_INVALID);
	ST_STATUS(t, st_post(t, p->b.qp, &send), STATUS_CONNECTION_INVALID);
}

/* The peer closes without a word. */
static void st_peer_closes(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);

	if (!p)
		return;
	st_close(t, &p->a.conn->Header);
	st_close(t, &p->a.qp->Header);
	st_wait_gone(t, &p->b);
	ST_EXPECT(t, atomic_read(&p->b.gone_count) == 1,
		  "%d disconnect events", atomic_read(&p->b.gone_count));
}

/* A failed request ends the connection for both. */
static void st_failure_ends(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 8);

	if (!p || !local)
		return;
	ST_STATUS(t, st_rdma(t, &p->a, NdkOperationTypeRead, local, 0, 8,
			     0x1000, 0x12345600), st_refusal(t));
	st_wait_gone(t, &p->a);
	st_wait_gone(t, &p->b);
	ST_EXPECT(t, atomic_read(&p->a.gone_count) == 1 &&
		  atomic_read(&p->b.gone_count) == 1,
		  "%d and %d disconnect events",
		  atomic_read(&p->a.gone_count), atomic_read(&p->b.gone_count));
}

/* Paused, it is as if nobody listened; resumed, connections arrive again. */
static void st_pause(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_req *req;
	int i;

	if (!st_listen(t, p, false) || !st_side_create(t, &p->a, &p->caps, 0))
		return;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	args.qp = p->a.qp;
	for (i = 0; i < 2; i++) {
		if (!ST_OK(t, st_create_connector(t, &args.conn)))
			return;
		p->listener->Dispatch->NdkControlConnectEvents(p->listener,
							       TRUE);
		req = st_connect_start(t, &args);
		ST_STATUS(t, st_req_wait(t, req), STATUS_CONNECTION_REFUSED);
		ST_EXPECT(t, atomic_read(&p->arrivals) == i,
			  "a connect event while paused");
		st_close(t, &args.conn->Header);
		st_close(t, &p->a.qp->Header);
		p->listener->Dispatch->NdkControlConnectEvents(p->listener,
							       FALSE);
		if (!st_pair_again(t, p) || !st_pair_works(t, p))
			return;
		args.qp = p->a.qp;
		st_pair_disconnect(t, p);
		st_close(t, &p->a.conn->Header);
		st_close(t, &p->b.conn->Header);
		st_close(t, &p->a.qp->Header);
		if (!st_side_create(t, &p->a, &p->caps, 0))
			return;
		args.qp = p->a.qp;
	}
}

struct st_flight {
	struct st_pair *p;
	struct st_side side[ST_FLIGHT];
	struct st_req *req[ST_FLIGHT];
	spinlock_t lock; /* protects what arrived */
	NDK_CONNECTOR *arrived[ST_FLIGHT];
	int n;
	struct completion all;
};

static VOID st_on_flight(PVOID context, NDK_CONNECTOR *connector)
{
	struct st_flight *f = context;
	unsigned long flags;

	spin_lock_irqsave(&f->lock, flags);
	if (f->n < ST_FLIGHT)
		f->arrived[f->n++] = connector;
	if (f->n == ST_FLIGHT)
		complete_all(&f->all);
	spin_unlock_irqrestore(&f->lock, flags);
}

/* Close a listener with connections in each state of arriving. */
static void st_listener_closed(struct st_test *t)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_req *holder = st_req_new(t, "connections in flight");
	struct sockaddr_storage addr;
	struct st_flight *f;
	NDK_LISTENER *listener;
	struct st_req *close;
	NTSTATUS status;
	ULONG len;
	int i;

	holder->answer = STATUS_SUCCESS;
	/* which is what may happen to those that have not arrived */
	if (!t->arg && !st_forgets_none(t))
		return;
	f = kzalloc(sizeof(*f), GFP_KERNEL | __GFP_NOFAIL);
	holder->priv = f;
	holder->owns_priv = true;
	spin_lock_init(&f->lock);
	init_completion(&f->all);
	f->p = st_pair_alloc(t);
	len = st_sockaddr(false, 0, &addr);
	if (!ST_OK(t, st_create_listener(t, st_on_flight, f, &listener)) ||
	    !ST_OK(t, st_listen_on(t, listener, &addr, len)))
		return;
	len = sizeof(addr);
	ST_OK(t, listener->Dispatch->NdkGetLocalAddress(listener,
							(PSOCKADDR)&addr,
							&len));
	args.dest = &addr;
	args.dest_len = len;
	for (i = 0; i < ST_FLIGHT; i++)
		if (!st_side_create(t, &f->side[i], &f->p->caps, 64) ||
		    !ST_OK(t, st_create_connector(t, &f->side[i].conn)))
			return;
	for (i = 0; i < ST_FLIGHT; i++) {
		args.conn = f->side[i].conn;
		args.qp = f->side[i].qp;
		f->req[i] = st_connect_start(t, &args);
	}
	/* some have arrived by now, some will never; or all have */
	if (!t->arg)
		schedule_timeout_uninterruptible(1);
	else
		ST_EXPECT(t, wait_for_completion_timeout(&f->all, ST_TIMEOUT),
			  "not all have arrived");
	close = st_close_start(t, &listener->Header);
	schedule_timeout_uninterruptible(ST_QUIET);
	/* stays pending while connectors that arrived are open */
	ST_EXPECT(t, !f->n || (close->answer == STATUS_PENDING &&
			       !atomic_read(&close->calls)),
		  "closed although %d connectors are open", f->n);
	for (i = 0; i < f->n; i++) {
		struct st_req *req = st_req_new(t, "close");
		NDK_OBJECT_HEADER *header = &f->arrived[i]->Header;

		req->answer = st_close_fn(header)(header, st_on_close, req);
	}
	for (i = 0; i < ST_FLIGHT; i++) {
		status = st_req_wait(t, f->req[i]);
		ST_STATUS(t, status, STATUS_CONNECTION_REFUSED);
	}
	ST_OK(t, st_req_wait(t, close));
}

/* A connector that arrived and is closed unanswered rejects its peer. */
static void st_closed_unanswered(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	NDK_CONNECTOR *arrived;
	struct st_req *req;

	if (!st_listen(t, p, false) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		return;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	req = st_connect_start(t, &args);
	arrived = st_incoming(t, p);
	if (!arrived)
		return;
	st_close(t, &arrived->Header);
	ST_STATUS(t, st_req_wait(t, req), STATUS_CONNECTION_REFUSED);
}

struct st_port_again {
	NDK_LISTENER *next;
	struct sockaddr_storage addr;
	ULONG len;
	struct st_req *listen;
};

/* Inside the close callback: the address is free by now, so it can be had. */
static void st_listen_again(struct st_req *req)
{
	struct st_port_again *a = req->priv;

	a->listen->answer = a->next->Dispatch->NdkListen(a->next,
							 (PSOCKADDR)&a->addr,
							 a->len, st_on_request,
							 a->listen);
	if (a->listen->answer == STATUS_PENDING &&
	    wait_for_completion_timeout(&a->listen->done, ST_TIMEOUT))
		complete(&a->listen->done);
}

static VOID st_on_nothing(PVOID context, NDK_CONNECTOR *connector)
{
}

/*
 * A closed listener's address is free when the close callback of its last
 * connector is made: nobody need wait for the listener's own.
 */
static void st_port_free(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_port_again a = {};
	NDK_CONNECTOR *last;
	struct st_req *close;

	if (!p || !ST_OK(t, st_create_listener(t, st_on_nothing, NULL,
					       &a.next)))
		return;
	a.addr = p->addr;
	a.len = p->addr_len;
	a.listen = st_req_new(t, "NdkListen");
	st_pair_disconnect(t, p);
	st_close_start(t, &p->listener->Header);
	last = p->b.conn;
	st_untrack(t, &last->Header);
	close = st_req_new(t, "close");
	close->hook = st_listen_again;
	close->priv = &a;
	close->answer = last->Dispatch->NdkCloseConnector(&last->Header,
							  st_on_close, close);
	st_req_wait(t, close);
	ST_OK(t, st_req_wait(t, a.listen));
}

static void st_many(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	int i;

	if (!st_listen(t, p, false))
		return;
	for (i = 0; i < 20; i++)
		if (!st_pair_again(t, p) || !st_pair_works(t, p))
			return;
}

static int (*st_real_query)(struct ib_qp *ib_qp, struct ib_qp_attr *attr,
			    int mask, struct ib_qp_init_attr *init);

/* Who asks for the state of this one gets the answer when it is completed. */
static struct ib_qp *st_queried;
static struct completion st_asked;
static struct completion st_answer;

static int st_slow_query(struct ib_qp *ib_qp, struct ib_qp_attr *attr, int mask,
			 struct ib_qp_init_attr *init)
{
	if (ib_qp == READ_ONCE(st_queried)) {
		complete(&st_asked);
		wait_for_completion_timeout(&st_answer, ST_TIMEOUT);
	}
	return st_real_query(ib_qp, attr, mask, init);
}

/*
 * The peer has left, which is being looked into, when the connector is closed:
 * its consumer does not hear of it any more.
 */
static void st_closed_before_event(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;
	struct st_req *disconnect, *close;
	struct ib_device *ib;

	if (!ib_qp)
		return;
	if (st_is_iwarp(t)) {
		st_skip(t, "on iWARP the device is not asked");
		return;
	}
	ib = ib_qp->device;
	init_completion(&st_asked);
	init_completion(&st_answer);
	WRITE_ONCE(st_queried, ib_qp);
	st_replace(ib, query_qp, &st_real_query, st_slow_query);
	disconnect = st_disconnect_start(t, &p->b);
	ST_EXPECT(t, wait_for_completion_timeout(&st_asked, ST_TIMEOUT),
		  "nobody looks into it");
	close = st_close_start(t, &p->a.conn->Header);
	complete_all(&st_answer);
	ST_OK(t, st_req_wait(t, close));
	ST_EXPECT(t, !atomic_read(&p->a.gone_count),
		  "an event of a connector that was closed");
	ST_OK(t, st_req_wait(t, disconnect));
	WRITE_ONCE(st_queried, NULL);
	st_restore(ib, query_qp, &st_real_query);
}

/* Who has been taken note of does not keep others out. */
static void st_callers(struct st_test *t)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_pair *p = st_pair_alloc(t);
	NDK_CONNECTOR *arrived;
	struct st_req *req;
	int i;

	if (st_is_iwarp(t)) {
		st_skip(t, "on iWARP each attempt takes a queue pair");
		return;
	}
	if (!st_listen(t, p, false) || !st_side_create(t, &p->a, &p->caps, 0))
		return;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	args.qp = p->a.qp;
	for (i = 0; i < ST_CALLERS; i++) {
		if (!ST_OK(t, st_create_connector(t, &args.conn)))
			return;
		req = st_connect_start(t, &args);
		/* one that is kept out does not arrive */
		arrived = st_incoming(t, p);
		if (!arrived) {
			st_note(t, "of %d callers", i + 1);
			return;
		}
		st_close(t, &arrived->Header);
		ST_STATUS(t, st_req_wait(t, req), STATUS_CONNECTION_REFUSED);
		st_close(t, &args.conn->Header);
	}
}

static const struct st_case st_cases[] = {
	{ .name = "event_once", .run = st_event_once },
	{ .name = "event_once_softirq", .run = st_event_once,
	  .ctx = ST_SOFTIRQ },
	{ .name = "both_disconnect", .run = st_both_disconnect },
	{ .name = "disconnect_flushes", .run = st_disconnect_flushes },
	{ .name = "peer_closes", .run = st_peer_closes },
	{ .name = "failure_ends", .run = st_failure_ends },
	{ .name = "pause_and_resume", .run = st_pause },
	{ .name = "listener_closed_at_once", .run = st_listener_closed },
	{ .name = "listener_closed_later", .run = st_listener_closed,
	  .arg = true },
	{ .name = "closed_unanswered", .run = st_closed_unanswered },
	{ .name = "port_free", .run = st_port_free },
	{ .name = "closed_before_event", .run = st_closed_before_event },
	{ .name = "callers", .run = st_callers },
	{ .name = "many", .run = st_many },
};

const struct st_suite st_suite_conn_events = {
	"conn_events", st_cases, ARRAY_SIZE(st_cases),
};
