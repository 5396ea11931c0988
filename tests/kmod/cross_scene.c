// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scenes of the interleavings: connections within one domain, regions in
 * the states to begin with, and what is left to be closed and counted.
 */
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

#include "cross.h"

/* Threads that make a scene: that many things are waited for at once. */
#define CROSS_PARTS	6U

static atomic_t cross_clock;

static void cross_on_closed(struct st_req *req)
{
	*(int *)req->priv = atomic_inc_return(&cross_clock);
}

/**
 * cross_close_req() - the request of a close that is about to be made
 * @x: the pair
 * @object: the object; from now on the caller's to close
 * @closed: set to when the close called back
 *
 * Return: the request.
 */
struct st_req *cross_close_req(struct cross *x, NDK_OBJECT_HEADER *object,
			       int *closed)
{
	struct st_req *req = st_req_new(x->t, "close");

	st_untrack(x->t, object);
	req->hook = cross_on_closed;
	req->priv = closed;
	return req;
}

/* Memory that a late callback may still write to. */
static void *cross_alloc(struct cross *x, size_t n, size_t size)
{
	struct st_req *holder = st_req_new(x->t, "scene");

	holder->answer = STATUS_SUCCESS;
	holder->owns_priv = true;
	holder->priv = kcalloc(n, size, GFP_KERNEL | __GFP_NOFAIL);
	return holder->priv;
}

/**
 * struct cross_part - part of a scene that is made while others are
 * @work: makes it
 * @x: the pair
 * @t: what it records; the pair's test gets that
 * @from: first link or unit
 * @ok: all succeeded
 */
struct cross_part {
	struct work_struct work;
	struct cross *x;
	struct st_test t;
	unsigned int from;
	bool ok;
};

static void cross_part_begin(struct cross_part *part)
{
	struct st_test *t = &part->t;

	t->name = part->x->t->name;
	t->ctx = part->x->t->ctx;
	t->adapter = part->x->t->adapter;
	t->info = part->x->t->info;
	spin_lock_init(&t->lock);
	INIT_LIST_HEAD(&t->reqs);
	INIT_LIST_HEAD(&t->objects);
	INIT_LIST_HEAD(&t->bufs);
}

static bool cross_part_end(struct cross_part *part)
{
	struct st_test *t = part->x->t;

	list_splice_tail_init(&part->t.reqs, &t->reqs);
	list_splice_init(&part->t.objects, &t->objects);
	list_splice_init(&part->t.bufs, &t->bufs);
	t->stuck |= part->t.stuck;
	return ST_EXPECT(t, !part->t.failures, "%s", part->t.why) && part->ok;
}

/* Mostly it is waiting, so do it for several parts at once. */
static bool cross_in_parts(struct cross *x, work_func_t fn, unsigned int n)
{
	struct cross_part *parts[CROSS_PARTS], *part;
	bool ok = true;
	unsigned int i;

	n = min(n, CROSS_PARTS);
	for (i = 0; i < n; i++) {
		part = kzalloc(sizeof(*part), GFP_KERNEL | __GFP_NOFAIL);
		parts[i] = part;
		part->x = x;
		part->from = i;
		cross_part_begin(part);
		INIT_WORK(&part->work, fn);
		queue_work(system_unbound_wq, &part->work);
	}
	for (i = 0; i < n; i++) {
		flush_work(&parts[i]->work);
		ok &= cross_part_end(parts[i]);
		kfree(parts[i]);
	}
	return ok;
}

/* Completion queues stay until the last scene; queue pairs are new ones. */
static bool cross_side_up(struct st_test *t, struct cross_link *l,
			  struct st_side *side)
{
	const struct st_pair *p = l->p;

	side->pd = l->pd;
	if (!side->rcq.cq)
		return st_side_create(t, side, &p->caps, p->cq_depth);
	init_completion(&side->gone);
	atomic_set(&side->gone_count, 0);
	return ST_OK(t, st_create_qp(t, side->pd, &side->rcq, &side->icq, side,
				     &p->caps, &side->qp));
}

static bool cross_pair_up(struct st_test *t, struct cross *x,
			  struct cross_link *l)
{
	struct st_pair *p = l->p;

	p->a.conn = NULL;
	p->b.conn = NULL;
	if (!cross_side_up(t, l, &p->a) || !cross_side_up(t, l, &p->b))
		return false;
	return !x->connected || ((p->listener || st_listen(t, p, false)) &&
				 st_pair_connect(t, p));
}

static bool cross_link_up(struct st_test *t, struct cross *x,
			  struct cross_link *l, struct st_pair *p)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = l };
	unsigned int i;

	l->p = p;
	l->buf = x->buf;
	l->pd = x->pd;
	if (!l->pd && !ST_OK(t, st_create_pd(t, &l->pd)))
		return false;
	if (x->pair[0]->closes & x->pair[1]->closes & CROSS_PD &&
	    !ST_OK(t, st_create_pd(t, &l->other_pd)))
		return false;
	if (!x->queues)
		return true;
	if (!cross_pair_up(t, x, l))
		return false;
	for (i = 0; i < p->caps.recv_depth; i++)
		if (!ST_OK(t, st_post(t, p->a.qp, &recv)))
			return false;
	return true;
}

static void cross_links_work(struct work_struct *work)
{
	struct cross_part *part = container_of(work, struct cross_part, work);
	struct cross *x = part->x;
	unsigned int i;

	part->ok = true;
	for (i = part->from; part->ok && i < x->links; i += CROSS_PARTS)
		part->ok = cross_link_up(&part->t, x, &x->link[i], x->pairs[i]);
}

static bool cross_links_up(struct cross *x)
{
	struct st_caps caps = st_default_caps(x->t);
	unsigned int i;

	if (!x->buf) {
		x->buf = st_buf_new(x->t, ST_SCATTER, 5, PAGE_SIZE);
		if (!x->buf || !ST_OK(x->t, st_build_lam(x->t, x->buf)))
			return false;
	}
	/* A domain keeps many things ready; have one if it is not closed. */
	if (!x->pd && !cross_has(x, CROSS_CLOSE_PD) &&
	    !ST_OK(x->t, st_create_pd(x->t, &x->pd)))
		return false;
	/* the requests to begin with, and those of the pair */
	caps.send_depth = 4 * (x->units / x->links) + 4;
	caps.recv_depth = 2 * (x->units / x->links);
	x->link = cross_alloc(x, x->links, sizeof(*x->link));
	for (i = 0; i < x->links; i++) {
		if (!x->pairs[i])
			x->pairs[i] = st_pair_alloc(x->t);
		x->pairs[i]->caps = caps;
		x->pairs[i]->cq_depth = 2 * caps.send_depth;
	}
	x->up = cross_in_parts(x, cross_links_work, x->links);
	return x->up;
}

static bool cross_fast_up(struct st_test *t, struct cross *x,
			  struct cross_unit *u, struct cross_region *r)
{
	if (!ST_OK(t, st_create_mr(t, u->link->pd, true, &r->mr)))
		return false;
	if (r->start == CROSS_CREATED)
		return true;
	if (!ST_OK(t, st_init(t, r->mr, x->buf->lam->AdapterPageCount, true)))
		return false;
	r->token = st_remote_token(t, r->mr);
	return true;
}

static bool cross_normal_up(struct st_test *t, struct cross *x,
			    struct cross_unit *u, struct cross_region *r)
{
	if (!ST_OK(t, st_create_mr(t, u->link->pd, false, &r->mr)))
		return false;
	if (r->start == CROSS_CREATED)
		return true;
	return ST_OK(t, st_register(t, r->mr, x->buf->mdl, x->buf->len,
				    NDK_MR_FLAG_ALLOW_REMOTE_READ));
}

static bool cross_regions_up(struct st_test *t, struct cross *x,
			     struct cross_unit *u, struct cross_region *r)
{
	static const enum cross_state fast[] = {
		CROSS_VALID, CROSS_INVALID, CROSS_CREATED,
	};
	static const enum cross_state normal[] = {
		CROSS_VALID, CROSS_CREATED,
	};
	unsigned int n = x->scene;

	/* A peer that invalidates what it may not ends it for all of them. */
	if (!cross_has(x, CROSS_REMOTE_INVALIDATE))
		n += u - x->unit;
	r[CROSS_FAST].start = fast[n % ARRAY_SIZE(fast)];
	if (!x->connected && r[CROSS_FAST].start == CROSS_VALID)
		r[CROSS_FAST].start = CROSS_INVALID;
	r[CROSS_NORMAL].start = normal[n % ARRAY_SIZE(normal)];
	return (!cross_needs(x, CROSS_FAST) ||
		cross_fast_up(t, x, u, &r[CROSS_FAST])) &&
	       (!cross_needs(x, CROSS_NORMAL) ||
		cross_normal_up(t, x, u, &r[CROSS_NORMAL]));
}

static void cross_units_work(struct work_struct *work)
{
	struct cross_part *part = container_of(work, struct cross_part, work);
	struct cross *x = part->x;
	unsigned int i;

	part->ok = true;
	for (i = part->from; part->ok && i < x->units; i += CROSS_PARTS) {
		struct cross_unit *u = &x->unit[i];

		u->link = &x->link[i / (x->units / x->links)];
		part->ok = cross_regions_up(&part->t, x, u, u->region) &&
			   (!x->spares ||
			    cross_regions_up(&part->t, x, u, u->spare));
	}
}

static bool cross_fast_post(struct cross *x, struct cross_unit *u,
			    struct cross_region *r)
{
	struct st_wr wr = {
		.op = NdkOperationTypeFastRegister, .mr = r->mr,
		.pages = x->buf->lam->AdapterPageCount,
		.array = x->buf->lam->AdapterPageArray,
		.fbo = x->buf->fbo, .len = x->buf->len, .base = x->buf->label,
		.flags = ST_RIGHTS_ALL,
	};

	if (!r->mr || r->start != CROSS_VALID)
		return true;
	u->link->begun++;
	return ST_OK(x->t, st_post(x->t, u->link->p->a.qp, &wr));
}

/* Those that are to be registered to begin with. */
static bool cross_fast_register_all(struct cross *x)
{
	NDK_RESULT_EX res;
	unsigned int i;

	for (i = 0; i < x->units; i++) {
		struct cross_unit *u = &x->unit[i];

		if (!cross_fast_post(x, u, &u->region[CROSS_FAST]) ||
		    !cross_fast_post(x, u, &u->spare[CROSS_FAST]))
			return false;
	}
	for (i = 0; i < x->links; i++) {
		struct cross_link *l = &x->link[i];

		for (; l->begun; l->begun--)
			if (!st_next(x->t, &l->p->a.icq, &res) ||
			    !ST_OK(x->t, res.Status))
				return false;
	}
	return true;
}

/**
 * cross_scene_up() - make what is not there of a scene
 * @x: the pair, planned
 *
 * Return: whether all of that succeeded.
 */
bool cross_scene_up(struct cross *x)
{
	x->leader = x->scene * 11 % x->units;
	if (!x->up && !cross_links_up(x))
		return false;
	x->unit = cross_alloc(x, x->units, sizeof(*x->unit));
	if (!cross_in_parts(x, cross_units_work, x->units) ||
	    !cross_fast_register_all(x))
		return false;
	if (cross_has(x, CROSS_REMOVAL))
		x->unit[x->leader].link->ib =
			ib_device_get_by_name(st_device(), RDMA_DRIVER_UNKNOWN);
	return true;
}

static void cross_close(struct cross *x, NDK_OBJECT_HEADER *object,
			struct st_req **req, int *closed)
{
	if (*req || !object)
		return;
	*req = cross_close_req(x, object, closed);
	(*req)->answer = st_close_fn(object)(object, st_on_close, *req);
}

static bool cross_closed(struct cross *x, struct st_req *req)
{
	return !req || ST_OK(x->t, st_req_wait(x->t, req));
}

static void cross_regions_close(struct cross *x, struct cross_region *r)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (r[i].mr)
			cross_close(x, &r[i].mr->Header, &r[i].close,
				    &r[i].closed);
}

static void cross_link_close(struct cross *x, struct cross_link *l,
			     unsigned int what)
{
	NDK_OBJECT_HEADER *object = NULL;

	switch (what) {
	case CROSS_LINK_PD:
		object = x->pd || l->borrows ? NULL : &l->pd->Header;
		break;
	case CROSS_LINK_OTHER_PD:
		object = l->other_pd ? &l->other_pd->Header : NULL;
		break;
	case CROSS_LINK_QP_A:
		object = &l->p->a.qp->Header;
		break;
	case CROSS_LINK_QP_B:
		object = &l->p->b.qp->Header;
		break;
	case CROSS_LINK_CONN_A:
		object = l->p->a.conn ? &l->p->a.conn->Header : NULL;
		break;
	case CROSS_LINK_CONN_B:
		object = l->p->b.conn ? &l->p->b.conn->Header : NULL;
		break;
	}
	cross_close(x, object, &l->close[what], &l->closed[what]);
}

/* The last scene's domain is closed with all the rest, as if it were its own. */
static void cross_give_domain(struct cross *x)
{
	unsigned int i;

	if (!x->last || !x->pd)
		return;
	for (i = 1; i < x->links; i++)
		x->link[i].borrows = true;
	x->pd = NULL;
}

static void cross_links_close(struct cross *x)
{
	unsigned int i, what, first, n;

	n = x->queues ? ARRAY_SIZE(x->link->close) : CROSS_LINK_QP_A;
	/* any order is legal; the domain may be the first or the last */
	first = x->scene % n;
	for (i = 0; i < x->links; i++)
		for (what = 0; what < n; what++)
			cross_link_close(x, &x->link[i], (first + what) % n);
}

/* A completion belongs to the call that is its context, or is a receive. */
static void cross_completed(struct cross *x, struct cross_link *l,
			    const NDK_RESULT_EX *res)
{
	struct cross_call *c = res->RequestContext;

	if (res->RequestContext == l) {
		l->receives++;
		/* not because it was flushed */
		l->failed |= !NT_SUCCESS(res->Status) &&
			     res->Status != STATUS_CANCELLED &&
			     res->Status != STATUS_DEVICE_REMOVED;
		return;
	}
	c->ends++;
	c->final = res->Status;
}

static void cross_drain(struct cross *x, struct cross_link *l)
{
	struct st_cq *cqs[] = {
		&l->p->a.rcq, &l->p->a.icq, &l->p->b.rcq, &l->p->b.icq,
	};
	NDK_RESULT_EX res;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cqs); i++)
		while (st_poll(x->t, cqs[i], &res, 1))
			cross_completed(x, l, &res);
}

/* Those of the link's requests that were accepted and must complete. */
static unsigned int cross_due(struct cross *x, struct cross_link *l,
			      NDK_QP *qp)
{
	unsigned int i, w, n = 0;

	for (i = 0; i < x->units; i++) {
		for (w = 0; w < 2; w++) {
			const struct cross_call *c = &x->unit[i].own[w];
			bool peer;

			if (x->unit[i].link != l || !c->made ||
			    !c->action->posts || c->answer || c->ends)
				continue;
			peer = c->sibling || c->action ==
			       &cross_actions[CROSS_REMOTE_INVALIDATE];
			n += qp == (peer ? l->p->b.qp : l->p->a.qp);
		}
	}
	return n;
}

static bool cross_await(struct cross *x, struct cross_link *l,
			struct st_side *side)
{
	NDK_RESULT_EX res;

	while (cross_due(x, l, side->qp)) {
		if (!st_next(x->t, &side->icq, &res))
			return false;
		cross_completed(x, l, &res);
	}
	return true;
}

/*
 * The connection was not to end. If a message has arrived that makes it, it is
 * ended here for the peer, too, which would otherwise notice much later.
 */
static bool cross_settle(struct cross *x, struct cross_link *l)
{
	unsigned int messages = 0, i, w;
	NDK_RESULT_EX res;

	if (!x->queues)
		return true;
	for (i = 0; i < x->units; i++)
		for (w = 0; w < 2; w++)
			messages += x->unit[i].link == l &&
				    x->unit[i].own[w].made &&
				    x->unit[i].own[w].action ==
				    &cross_actions[CROSS_REMOTE_INVALIDATE] &&
				    !x->unit[i].own[w].answer;
	while (l->receives < messages && !l->failed) {
		if (!st_next(x->t, &l->p->a.rcq, &res))
			return false;
		cross_completed(x, l, &res);
		l->failed |= !NT_SUCCESS(res.Status);
	}
	if (l->failed) {
		l->p->a.qp->Dispatch->NdkFlush(l->p->a.qp);
		l->p->b.qp->Dispatch->NdkFlush(l->p->b.qp);
	}
	return cross_await(x, l, &l->p->a) && cross_await(x, l, &l->p->b);
}

/* Replace the messages that have arrived. */
static bool cross_refill(struct cross *x, struct cross_link *l)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = l };

	for (; l->receives; l->receives--)
		if (!ST_OK(x->t, st_post(x->t, l->p->a.qp, &recv)))
			return false;
	return true;
}

static bool cross_requests_end(struct cross *x)
{
	unsigned int i, w;

	for (i = 0; i < x->units; i++) {
		for (w = 0; w < 2; w++) {
			struct cross_call *c = &x->unit[i].own[w];

			/* these wait for others to be closed, or for peers */
			if (!c->req || c->action->closes || c->action->shared)
				continue;
			st_req_wait(x->t, c->req);
		}
	}
	return !x->t->stuck;
}

static bool cross_in_order(struct cross *x, struct cross_link *l)
{
	const int pd = x->link[l->borrows ? 0 : l - x->link].closed[0];
	const int *closed = l->closed;
	struct st_test *t = x->t;
	unsigned int i, k;

	for (i = 0; pd && i < x->units; i++) {
		const struct cross_unit *u = &x->unit[i];

		for (k = 0; k < 2 && u->link == l; k++) {
			if (!ST_EXPECT(t, !u->region[k].mr ||
				       u->region[k].closed < pd,
				       "a domain closed before a region") ||
			    !ST_EXPECT(t, !u->spare[k].mr ||
				       u->spare[k].closed < pd,
				       "a domain closed before a region"))
				return false;
		}
	}
	if (x->queues && pd &&
	    !ST_EXPECT(t, closed[CROSS_LINK_QP_A] < pd &&
		       closed[CROSS_LINK_QP_B] < pd,
		       "a domain closed before a queue pair"))
		return false;
	return !x->connected ||
	       ST_EXPECT(t, closed[CROSS_LINK_CONN_A] <
			 closed[CROSS_LINK_QP_A] &&
			 closed[CROSS_LINK_CONN_B] < closed[CROSS_LINK_QP_B],
			 "a queue pair closed before its connector");
}

static bool cross_cqs_close(struct cross *x, struct st_pair *p)
{
	struct st_cq *cqs[] = { &p->a.rcq, &p->a.icq, &p->b.rcq, &p->b.icq };
	struct st_req *req[ARRAY_SIZE(cqs)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cqs); i++) {
		req[i] = st_close_start(x->t, &cqs[i]->cq->Header);
		cqs[i]->cq = NULL;
	}
	for (i = 0; i < ARRAY_SIZE(cqs); i++)
		if (!cross_closed(x, req[i]))
			return false;
	return true;
}

static bool cross_all_closed(struct cross *x)
{
	struct st_test *t = x->t;
	unsigned int i, k;

	for (i = 0; i < x->units; i++)
		for (k = 0; k < 2; k++)
			if (!cross_closed(x, x->unit[i].region[k].close) ||
			    !cross_closed(x, x->unit[i].spare[k].close))
				return false;
	if (x->up)
		return true;
	for (i = 0; i < x->links; i++)
		for (k = 0; k < ARRAY_SIZE(x->link->close); k++)
			if (!cross_closed(x, x->link[i].close[k]))
				return false;
	for (i = 0; i < x->links; i++) {
		struct cross_link *l = &x->link[i];

		if (!cross_in_order(x, l))
			return false;
		if (!x->queues)
			continue;
		cross_drain(x, l);
		if (!ST_EXPECT(t, !cross_due(x, l, l->p->a.qp) &&
			       !cross_due(x, l, l->p->b.qp),
			       "a queue pair closed before a completion"))
			return false;
		if (x->last && !cross_cqs_close(x, l->p))
			return false;
	}
	return true;
}

static void cross_look(struct cross *x)
{
	unsigned int i, k;

	for (i = 0; i < x->units; i++) {
		for (k = 0; k < 2; k++) {
			struct cross_region *r = &x->unit[i].region[k];

			if (!r->mr || r->close)
				continue;
			r->idle = st_is_idle(r->mr);
			r->looked = true;
		}
	}
}

/**
 * cross_scene_down() - let what was accepted end, and close what cannot go on
 * @x: the pair, whose actions were called
 *
 * The regions are closed, too. Everything is known afterwards that the oracle
 * wants to know.
 *
 * Return: false, and the test has failed, if something never ended, or
 * callbacks came in the wrong order.
 */
bool cross_scene_down(struct cross *x)
{
	bool ended = x->pair[0]->ends_link || x->pair[1]->ends_link;
	bool ends = x->pair[0]->shared || x->pair[1]->shared || x->last;
	unsigned int i;

	if (!cross_requests_end(x))
		return false;
	for (i = 0; !ended && i < x->links; i++)
		if (!cross_settle(x, &x->link[i]))
			return false;
	for (i = 0; i < x->links; i++)
		ended |= x->link[i].failed;
	ends |= ended;
	if (!ended)
		cross_look(x);
	if (ends) {
		x->up = false;
		cross_give_domain(x);
		if (x->scene & 1)
			cross_links_close(x);
	}
	for (i = 0; i < x->units; i++) {
		cross_regions_close(x, x->unit[i].region);
		cross_regions_close(x, x->unit[i].spare);
	}
	if (ends && !(x->scene & 1))
		cross_links_close(x);
	if (!cross_all_closed(x))
		return false;
	for (i = 0; x->up && x->queues && i < x->links; i++)
		if (!cross_refill(x, &x->link[i]))
			return false;
	return true;
}

/**
 * cross_end() - close what scenes have in common
 * @x: the pair, without a scene or with one that may go on
 */
void cross_end(struct cross *x)
{
	st_objects_close(x->t);
	if (x->buf)
		st_release_lam(x->t, x->buf);
	x->buf = NULL;
	x->pd = NULL;
	memset(x->pairs, 0, sizeof(x->pairs));
	x->up = false;
}
