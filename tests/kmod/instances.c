// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several instances of one adapter: they are one device, so what belongs to one
 * works with what belongs to another. Each ends when what is its own has.
 */
#include <linux/completion.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "harness.h"
#include "sim_device.h"

/* A close that must not return is waited for this long. */
#define ST_QUIET	(HZ / 5)

/* Who has what: a consumer opens one for each purpose, and for each connection. */
enum st_who {
	ST_LISTENER,		/* listener and what comes in; the harness's */
	ST_CALLER,		/* the connector of the side that connects */
	ST_QUEUES,		/* all completion queues */
	ST_NEAR,		/* domain and queue pair of that side */
	ST_FAR,			/* those of the side that listens */
	ST_WHO,
};

/**
 * struct st_instance - an open instance of the adapter
 * @adapter: it
 * @work: closes it
 * @closed: the close has returned
 * @closing: somebody has been asked to close it
 */
struct st_instance {
	NDK_ADAPTER *adapter;
	struct work_struct work;
	struct completion closed;
	bool closing;
};

/**
 * struct st_instances - what a test does with them
 * @t: the test
 * @p: a connection; its parts are of different instances
 * @mr: a region of its first side, or NULL
 * @of: the instances
 */
struct st_instances {
	struct st_test *t;
	struct st_pair *p;
	NDK_MR *mr;
	struct st_instance of[ST_WHO];
};

static void st_instance_work(struct work_struct *work)
{
	struct st_instance *i = container_of(work, struct st_instance, work);

	ndk_close_adapter(i->adapter);
	complete_all(&i->closed);
}

static void st_instance_close(struct st_instances *s, enum st_who who)
{
	struct st_instance *i = &s->of[who];

	if (!i->adapter || i->closing)
		return;
	i->closing = true;
	INIT_WORK(&i->work, st_instance_work);
	queue_work(system_unbound_wq, &i->work);
}

/* The close returns, whatever else is open. */
static bool st_instance_ends(struct st_instances *s, enum st_who who)
{
	st_instance_close(s, who);
	if (ST_EXPECT(s->t, wait_for_completion_timeout(&s->of[who].closed,
							ST_TIMEOUT),
		      "the close of instance %d does not return", who))
		return true;
	s->t->stuck = true;
	return false;
}

/* Nobody has closed what keeps it, so it cannot have. */
static void st_instance_waits(struct st_instances *s, enum st_who who)
{
	ST_EXPECT(s->t, !completion_done(&s->of[who].closed),
		  "the close of instance %d has not waited", who);
}

/* From here on objects are created on that one. */
static void st_use(struct st_instances *s, enum st_who who)
{
	s->t->adapter = s->of[who].adapter;
}

/* What a close that hangs may still write to. */
static struct st_instances *st_instances_new(struct st_test *t)
{
	struct st_req *holder = st_req_new(t, "instances");
	struct st_instances *s;

	s = kzalloc(sizeof(*s), GFP_KERNEL | __GFP_NOFAIL);
	holder->answer = STATUS_SUCCESS;
	holder->owns_priv = true;
	holder->priv = s;
	s->t = t;
	return s;
}

static bool st_instances_open(struct st_test *t, struct st_instances *s)
{
	NDK_VERSION version = { 2, 0 };
	int i;

	s->of[ST_LISTENER].adapter = t->adapter;
	for (i = 0; i < ST_WHO; i++)
		init_completion(&s->of[i].closed);
	for (i = ST_LISTENER + 1; i < ST_WHO; i++)
		if (!ST_OK(t, ndk_open_adapter(st_device(), version,
					       &s->of[i].adapter)))
			return false;
	return true;
}

/* Everything the test made is closed first, then the instances. */
static void st_instances_end(struct st_instances *s)
{
	struct st_test *t = s->t;
	int i;

	t->ctx = ST_PROCESS;
	st_sim_calm(t);
	st_objects_close(t);
	st_bufs_free(t);
	for (i = 0; i < ST_WHO && !t->stuck; i++)
		if (s->of[i].adapter && !st_instance_ends(s, i))
			break;
	for (i = 0; i < ST_WHO && !t->stuck; i++)
		if (s->of[i].closing)
			flush_work(&s->of[i].work);
	/* The harness opened that one. */
	t->adapter = NULL;
}

/* A connection over the listener, whatever there is of others. */
static bool st_instances_connect(struct st_instances *s)
{
	struct st_test *t = s->t;
	struct st_pair *p = s->p;

	p->a.pd = NULL;
	p->b.pd = NULL;
	st_use(s, ST_NEAR);
	if (!ST_OK(t, st_create_pd(t, &p->a.pd)))
		return false;
	st_use(s, ST_FAR);
	if (!ST_OK(t, st_create_pd(t, &p->b.pd)))
		return false;
	st_use(s, ST_QUEUES);
	if (!st_side_create(t, &p->a, &p->caps, 0) ||
	    !st_side_create(t, &p->b, &p->caps, 0))
		return false;
	st_use(s, ST_CALLER);
	if (!st_pair_connect(t, p))
		return false;
	/* What memory is mapped for is to be none of the caller's. */
	st_use(s, ST_FAR);
	return true;
}

static bool st_instances_up(struct st_test *t, struct st_instances *s)
{
	if (!st_instances_open(t, s))
		return false;
	s->p = st_pair_alloc(t);
	return st_listen(t, s->p, false) && st_instances_connect(s);
}

static bool st_region_used(struct st_instances *s)
{
	struct st_test *t = s->t;
	struct st_pair *p = s->p;
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 5, 3 * PAGE_SIZE);

	/* Mapped on one instance, registered in a domain of another. */
	return buf && ST_OK(t, st_build_lam(t, buf)) &&
	       ST_OK(t, st_create_mr(t, p->a.pd, true, &s->mr)) &&
	       ST_OK(t, st_init(t, s->mr, 4, true)) &&
	       ST_OK(t, st_fast_register(t, &p->a, s->mr, buf, buf->label,
					 ST_RIGHTS_ALL)) &&
	       st_access(t, &p->b, buf, buf->label, st_remote_token(t, s->mr));
}

/* A domain is what regions and queue pairs have in common, not a device. */
static void st_other_domain(struct st_instances *s)
{
	struct st_test *t = s->t;
	struct st_pair *p = s->p;
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 100);
	NDK_MR *mr;

	if (!buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 1, true)))
		return;
	ST_STATUS(t, st_fast_register(t, &p->b, mr, buf, buf->label,
				      ST_RIGHTS_ALL),
		  STATUS_INVALID_PARAMETER);
	st_refused_for(t, &p->b.qp->Header, "pMr (another PD)");
}

static void st_works_together(struct st_test *t)
{
	struct st_instances *s = st_instances_new(t);

	if (!st_instances_up(t, s) || !st_pair_works(t, s->p) ||
	    !st_region_used(s))
		goto end;
	ST_OK(t, st_invalidate(t, &s->p->a, s->mr));
	st_other_domain(s);
	/* Another one over the same listener, with other parts of each. */
	swap(s->of[ST_CALLER].adapter, s->of[ST_QUEUES].adapter);
	swap(s->of[ST_FAR].adapter, s->of[ST_LISTENER].adapter);
	if (st_instances_connect(s) && st_pair_works(t, s->p))
		st_pair_disconnect(t, s->p);
end:
	st_instances_end(s);
}

/* Successors first: each instance ends as soon as its own objects have. */
static void st_leave_orderly(struct st_instances *s)
{
	struct st_test *t = s->t;
	struct st_pair *p = s->p;

	st_close(t, &p->a.conn->Header);
	if (!st_instance_ends(s, ST_CALLER))
		return;
	st_close(t, &p->b.conn->Header);
	st_close(t, &p->listener->Header);
	if (!st_instance_ends(s, ST_LISTENER))
		return;
	if (s->mr)
		st_close(t, &s->mr->Header);
	st_close(t, &p->a.qp->Header);
	st_close(t, &p->a.pd->Header);
	if (!st_instance_ends(s, ST_NEAR))
		return;
	st_close(t, &p->b.qp->Header);
	st_close(t, &p->a.rcq.cq->Header);
	st_close(t, &p->a.icq.cq->Header);
	st_close(t, &p->b.rcq.cq->Header);
	st_close(t, &p->b.icq.cq->Header);
	if (!st_instance_ends(s, ST_QUEUES))
		return;
	st_close(t, &p->b.pd->Header);
	st_instance_ends(s, ST_FAR);
}

/* Everything but the connectors, which keep all of it but each other. */
static void st_leave_antecedents(struct st_instances *s)
{
	struct st_side *side, *sides[] = { &s->p->a, &s->p->b };
	struct st_test *t = s->t;
	struct st_pair *p = s->p;
	int i;

	for (i = 0; i < ARRAY_SIZE(sides); i++) {
		side = sides[i];
		st_close_start(t, &side->rcq.cq->Header);
		st_close_start(t, &side->icq.cq->Header);
		st_close_start(t, &side->pd->Header);
		st_close_start(t, &side->qp->Header);
	}
	st_close_start(t, &p->listener->Header);
}

/* The connectors last: what they use waits for them, whose ever it is. */
static void st_leave_backwards(struct st_instances *s)
{
	struct st_test *t = s->t;
	struct st_pair *p = s->p;
	int i;

	if (t->arg)
		for (i = 0; i < ST_WHO; i++)
			st_instance_close(s, i);
	st_leave_antecedents(s);

	/* The other side's are kept by the other connector. */
	st_close(t, &p->a.conn->Header);
	if (!st_instance_ends(s, ST_CALLER) || !st_instance_ends(s, ST_NEAR))
		return;
	st_instance_close(s, ST_FAR);
	st_instance_close(s, ST_LISTENER);
	st_instance_close(s, ST_QUEUES);
	st_instance_waits(s, ST_FAR);
	st_instance_waits(s, ST_LISTENER);
	st_instance_waits(s, ST_QUEUES);
	st_close(t, &p->b.conn->Header);
	st_instance_ends(s, ST_FAR);
	st_instance_ends(s, ST_LISTENER);
	st_instance_ends(s, ST_QUEUES);
}

static void st_leave(struct st_test *t, void (*leave)(struct st_instances *s))
{
	struct st_instances *s = st_instances_new(t);

	if (st_instances_up(t, s) && st_pair_works(t, s->p)) {
		/* Memory that is mapped keeps its instance, too. */
		st_bufs_free(t);
		leave(s);
	}
	st_instances_end(s);
}

static void st_orderly(struct st_test *t)
{
	st_leave(t, st_leave_orderly);
}

static void st_backwards(struct st_test *t)
{
	st_leave(t, st_leave_backwards);
}

/* Memory that is mapped keeps the instance that it is mapped on. */
static void st_mapping_keeps(struct st_test *t)
{
	struct st_instances *s = st_instances_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 5, 3 * PAGE_SIZE);

	if (!buf)
		return;
	if (!st_instances_open(t, s))
		goto end;
	st_use(s, ST_NEAR);
	if (!ST_OK(t, st_build_lam(t, buf)))
		goto end;
	st_instance_close(s, ST_NEAR);
	if (!ST_EXPECT(t, !wait_for_completion_timeout(&s->of[ST_NEAR].closed,
						       ST_QUIET),
		       "the close has not waited for a mapping")) {
		/* which nobody can release any more */
		t->stuck = true;
		return;
	}
	st_release_lam(t, buf);
	st_use(s, ST_LISTENER);
	st_instance_ends(s, ST_NEAR);
end:
	st_instances_end(s);
}

static const struct st_case st_cases[] = {
	{ .name = "work_together", .run = st_works_together },
	{ .name = "work_together_softirq", .run = st_works_together,
	  .ctx = ST_SOFTIRQ },
	{ .name = "mapping_keeps", .run = st_mapping_keeps },
	{ .name = "closed_in_order", .run = st_orderly },
	{ .name = "closed_backwards", .run = st_backwards },
	{ .name = "closed_before_their_objects", .run = st_backwards,
	  .arg = 1 },
};

const struct st_suite st_suite_instances = {
	"instances", st_cases, ARRAY_SIZE(st_cases),
};

/* The device goes away between the instances. */
static void st_removed(struct st_test *t)
{
	struct st_instances *s = st_instances_new(t);

	if (!st_instances_up(t, s) || !st_pair_works(t, s->p) ||
	    !st_region_used(s))
		goto end;
	if (t->arg)
		st_leave_antecedents(s);
	st_sim->unplug(t->sim);
	if (!ST_EXPECT(t, st_sim->wait_gone(t->sim, ST_TIMEOUT),
		       "the device does not go away") ||
	    !st_wait_gone(t, &s->p->a) || !st_wait_gone(t, &s->p->b))
		goto end;
	ST_EXPECT(t, atomic_read(&s->p->a.gone_count) == 1 &&
		  atomic_read(&s->p->b.gone_count) == 1,
		  "%d and %d disconnect events",
		  atomic_read(&s->p->a.gone_count),
		  atomic_read(&s->p->b.gone_count));
	st_bufs_free(t);
	if (!t->arg)
		st_leave_orderly(s);
end:
	st_instances_end(s);
}

/* What is of another device is refused, by name. */
static void st_other_device(struct st_test *t)
{
	struct st_caps caps = st_default_caps(t);
	NDK_ADAPTER *first = t->adapter, *second;
	struct st_conn_args args = {
		.in_limit = 1, .out_limit = 1,
	};
	struct st_pair *p = st_pair_alloc(t);
	struct st_side other = {};
	struct ndk_sim *sim;
	NDK_QP *qp;

	sim = st_sim->add("ndk_sim_2nd", st_sim_netdev(), &st_sim_usual);
	if (!ST_EXPECT(t, !IS_ERR(sim), "no second device: %ld", PTR_ERR(sim)))
		return;
	if (!ST_OK(t, ndk_open_adapter("ndk_sim_2nd", (NDK_VERSION){ 2, 0 },
				       &second)))
		goto remove;
	t->adapter = second;
	if (!st_side_create(t, &other, &p->caps, 0))
		goto close;
	t->adapter = first;
	if (!st_listen(t, p, false) || !st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		goto close;

	ST_STATUS(t, st_create_qp(t, p->a.pd, &other.rcq, &p->a.icq, NULL,
				  &caps, &qp), STATUS_INVALID_PARAMETER);
	st_refused_for(t, &p->a.pd->Header, "pReceiveCq (another device)");
	ST_STATUS(t, st_create_qp(t, p->a.pd, &p->a.rcq, &other.icq, NULL,
				  &caps, &qp), STATUS_INVALID_PARAMETER);
	st_refused_for(t, &p->a.pd->Header, "pInitiatorCq (another device)");
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	args.conn = p->a.conn;
	args.qp = other.qp;
	ST_STATUS(t, st_req_wait(t, st_connect_start(t, &args)),
		  STATUS_INVALID_PARAMETER);
	st_refused_for(t, &p->a.conn->Header, "pNdkQp (another device)");

	/* The connector is as good as new; so is what came in, see below. */
	args.qp = p->a.qp;
	st_connect_start(t, &args);
	p->b.conn = st_incoming(t, p);
	if (p->b.conn) {
		args.conn = p->b.conn;
		args.qp = other.qp;
		args.side = &p->b;
		ST_STATUS(t, st_req_wait(t, st_accept_start(t, &args)),
			  STATUS_INVALID_PARAMETER);
		st_refused_for(t, &p->b.conn->Header,
			       "pNdkQp (another device)");
	}
close:
	t->ctx = ST_PROCESS;
	st_objects_close(t);
	t->adapter = first;
	ndk_close_adapter(second);
remove:
	st_sim->remove(sim);
}

static const struct st_case st_sim_cases[] = {
	{ .name = "other_device", .run = st_other_device,
	  .sim = &st_sim_usual },
	{ .name = "removed_in_use", .run = st_removed, .sim = &st_sim_usual },
	{ .name = "removed_half_closed", .run = st_removed, .arg = 1,
	  .sim = &st_sim_usual },
};

const struct st_suite st_suite_sim_instances = {
	"sim_instances", st_sim_cases, ARRAY_SIZE(st_sim_cases),
};
