// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pairs of actions, made of the table by two loops: the first, then the
 * second without waiting for it; the other way round; and both at once, on
 * two CPUs that begin together, with delays that sweep over each other.
 *
 * What an action is called on, no other one closes before: a consumer must not
 * use what it has closed. Where that is what the pair would mean, the second
 * one gets another object of the same domain, and in a race the close begins
 * when the other call has returned but hardly anything of it has been done.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <rdma/ib_verbs.h>

#include "cross.h"

/* Rounds on one connection, and connections at once. */
#define CROSS_BATCH		12U
#define CROSS_AT_ONCE		6U

/* Making a scene and waiting for its end costs most: of many rounds, at once. */
#define CROSS_MANY		48U

/* Bringing the device back takes longer than all the rest. */
#define CROSS_REMOVAL_BATCH	150U

static const char * const cross_order_names[CROSS_ORDERS] = {
	"one after the other", "the other way round", "at once",
};

/* What was judged since the module was loaded. */
static unsigned long cross_rounds;
static unsigned int cross_pairs;

/* Does one of the pair close what the other is called on? -1 for none. */
static int cross_closer(const struct cross *x)
{
	if (x->pair[0]->closes & x->pair[1]->on)
		return 0;
	if (x->pair[1]->closes & x->pair[0]->on)
		return 1;
	return -1;
}

static bool cross_same(const struct cross *x)
{
	return x->pair[0] == x->pair[1];
}

/* With which unit is a shared action of the link, or of all of them, done? */
static unsigned int cross_leader(const struct cross *x, unsigned int unit,
				 const struct cross_action *a)
{
	unsigned int n = cross_is_removal(a) ? x->units : x->units / x->links;

	return unit - unit % n + x->leader % n;
}

/* In a race: does the shared action come before what is done to this unit? */
static bool cross_follows(const struct cross *x, unsigned int unit,
			  const struct cross_action *a)
{
	if (x->links == x->units)
		return unit > x->leader;
	return unit > cross_leader(x, unit, a);
}

/* Does the other call get an object of its own? */
static bool cross_sibling(const struct cross *x, unsigned int unit,
			  unsigned int w)
{
	int closer = cross_closer(x);

	if (cross_same(x) && x->pair[0]->again)
		return w == 1 && (x->scene & 1);
	if (closer < 0)
		return false;
	if (cross_same(x))
		return w == 1;
	if (w == closer)
		return false;
	if (x->order == CROSS_TOGETHER)
		return x->pair[closer]->shared &&
		       cross_follows(x, unit, x->pair[closer]);
	return closer == (x->order == CROSS_SWAPPED);
}

static struct cross_region *cross_region(const struct cross *x,
					 struct cross_unit *u,
					 struct cross_call *c)
{
	enum cross_kind kind = c->action->about;

	if (kind == CROSS_NONE)
		return NULL;
	if (kind == CROSS_EITHER) {
		if (cross_about(x, CROSS_FAST))
			kind = CROSS_FAST;
		else if (cross_about(x, CROSS_NORMAL))
			kind = CROSS_NORMAL;
		else
			kind = x->scene & 1 ? CROSS_NORMAL : CROSS_FAST;
	}
	if (c->sibling && (c->action->on & CROSS_MR) &&
	    ((x->pair[0]->closes | x->pair[1]->closes) & CROSS_MR))
		return &u->spare[kind];
	return &u->region[kind];
}

/* What a close is to be counted with. */
static struct st_req *cross_prepare_close(struct cross *x,
					  struct cross_call *c)
{
	struct cross_link *l = c->unit->link;
	struct cross_region *r = c->region;
	unsigned int what;
	NDK_QP *qp;
	NDK_PD *pd;

	if (r) {
		r->close = cross_close_req(x, &r->mr->Header, &r->closed);
		return r->close;
	}
	if (c->action->closes & CROSS_QP) {
		what = c->sibling ? CROSS_LINK_QP_B : CROSS_LINK_QP_A;
		qp = c->sibling ? l->p->b.qp : l->p->a.qp;
		l->close[what] = cross_close_req(x, &qp->Header,
						 &l->closed[what]);
	} else {
		what = c->sibling ? CROSS_LINK_OTHER_PD : CROSS_LINK_PD;
		pd = c->sibling ? l->other_pd : l->pd;
		l->close[what] = cross_close_req(x, &pd->Header,
						 &l->closed[what]);
	}
	return l->close[what];
}

/**
 * cross_prepare() - say who calls what, and with which request
 * @x: the pair, with its scene
 */
void cross_prepare(struct cross *x)
{
	unsigned int i, w;

	for (i = 0; i < x->units; i++) {
		struct cross_unit *u = &x->unit[i];

		for (w = 0; w < 2; w++) {
			struct cross_call *c = &u->own[w];
			unsigned int leader;

			c->action = x->pair[w];
			c->unit = u;
			leader = cross_leader(x, i, c->action);
			if (c->action->shared && i != leader) {
				u->call[w] = &x->unit[leader].own[w];
				continue;
			}
			u->call[w] = c;
			c->sibling = cross_sibling(x, i, w);
			c->region = cross_region(x, u, c);
			if (c->action->closes) {
				c->req = cross_prepare_close(x, c);
			} else if (!c->action->posts && !cross_is_removal(c->action) &&
				   c->action != &cross_actions[CROSS_FLUSH]) {
				c->req = st_req_new(x->t, c->action->name);
			}
			if (c->req)
				c->req->answer = STATUS_SUCCESS;
		}
	}
}

static void cross_do(struct cross_unit *u, unsigned int w)
{
	struct cross_call *c = &u->own[w];

	/* shared, and somebody else's */
	if (u->call[w] != c)
		return;
	c->made = true;
	if (c->req)
		c->req->answer = STATUS_PENDING;
	c->answer = c->action->call(c);
	if (c->req)
		c->req->answer = c->answer;
	/* pairs with the acquire of whoever closes what this was called on */
	smp_store_release(&c->returned, true);
}

/**
 * struct cross_side - what one CPU does in a race
 * @work: runs on the CPU
 * @x: the pair
 * @w: which action of it
 * @alone: it does not wait for the other one
 */
struct cross_side {
	struct work_struct work;
	struct cross *x;
	unsigned int w;
	bool alone;
};

/*
 * Longer than a CPU is on its way to here. If it is not here by then it has
 * other things to do, in an emulated machine perhaps none of its own to do
 * them with, so do not keep this one busy.
 */
#define CROSS_SPINS	2000

static void cross_pause(unsigned int spun)
{
	if (spun < CROSS_SPINS)
		cpu_relax();
	else
		usleep_range(10, 30);
}

/* The other CPU is about to do the same unit; a race needs both there. */
static void cross_meet(struct cross *x, unsigned int w, unsigned int unit)
{
	unsigned int spun = 0;

	atomic_set(&x->at[w], unit + 1);
	while (atomic_read(&x->at[!w]) <= unit)
		cross_pause(spun++);
}

/**
 * cross_wait_for() - wait until an action was called
 * @c: the action, which somebody else calls
 */
void cross_wait_for(struct cross_call *c)
{
	unsigned int spun = 0;

	/* pairs with the release after the call */
	while (!smp_load_acquire(&c->returned))
		cross_pause(spun++);
}

static void cross_skew(struct cross *x, unsigned int w, unsigned int unit)
{
	static const u8 us[] = {
		0, 1, 0, 2, 0, 3, 1, 5, 0, 8, 2, 13, 0, 21, 3, 34, 55, 89,
	};
	unsigned int n = x->scene * x->units + unit, i;
	bool removal = cross_is_removal(x->pair[!w]);

	for (i = 0; i < n * 7 % 32; i++)
		cpu_relax();
	/* spread over all that a removal does */
	if (removal && unit > x->leader)
		udelay(n * 37 % 256);
	else if ((n & 1) == w)
		udelay(us[(n >> 1) % ARRAY_SIZE(us)]);
}

static void cross_side_work(struct work_struct *work)
{
	struct cross_side *s = container_of(work, struct cross_side, work);
	struct cross *x = s->x;
	bool closes = cross_closer(x) == s->w && !cross_same(x);
	unsigned int i;

	for (i = 0; i < x->units; i++) {
		struct cross_unit *u = &x->unit[i];

		if (!s->alone && u->call[0] == &u->own[0] &&
		    u->call[1] == &u->own[1])
			cross_meet(x, s->w, i);
		else
			atomic_set(&x->at[s->w], i + 1);
		if (closes && u->call[s->w] == &u->own[s->w])
			cross_wait_for(u->call[!s->w]);
		cross_skew(x, s->w, i);
		cross_do(u, s->w);
	}
	atomic_set(&x->at[s->w], INT_MAX);
}

static void cross_start(struct cross *x, struct cross_side *s, unsigned int w,
			struct workqueue_struct *wq)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);

	if (w)
		cpu = cpumask_next(cpu, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(cpu_online_mask);
	s->x = x;
	s->w = w;
	INIT_WORK_ONSTACK(&s->work, cross_side_work);
	queue_work_on(cpu, wq, &s->work);
}

static void cross_wait(struct cross_side *s)
{
	flush_work(&s->work);
	destroy_work_on_stack(&s->work);
}

static void cross_together(struct cross *x, struct workqueue_struct *wq)
{
	struct cross_side s[2] = {};
	unsigned int w;

	for (w = 0; w < 2; w++)
		atomic_set(&x->at[w], 0);
	for (w = 0; w < 2; w++)
		cross_start(x, &s[w], w, wq);
	for (w = 0; w < 2; w++)
		cross_wait(&s[w]);
}

static void cross_in_order(struct cross *x, unsigned int first,
			   struct workqueue_struct *wq)
{
	bool apart = cross_has(x, CROSS_REMOVAL);
	bool shared = x->pair[0]->shared || x->pair[1]->shared;
	struct cross_side removal = { .alone = true };
	unsigned int from, to, i, n = 1;

	if (cross_is_removal(x->pair[first])) {
		cross_start(x, &removal, first, wq);
		if (st_removal_seen(x->t, x->link->pd))
			for (i = 0; i < x->units; i++)
				cross_do(&x->unit[i], !first);
		cross_wait(&removal);
		return;
	}
	/* The second follows at once, or when some more of the first were done. */
	for (from = 0; from < x->units; from = to) {
		if (apart)
			n = x->units;
		else if (shared)
			n = x->units / x->links;
		to = min(from + n, x->units);
		for (i = from; i < to; i++)
			cross_do(&x->unit[i], first);
		for (i = from; i < to; i++)
			cross_do(&x->unit[i], !first);
		n = min(2 * n, CROSS_BATCH);
	}
}

/**
 * cross_calls() - do both actions to all units
 * @x: the pair, prepared
 * @wq: its works run on the CPU that they were queued on
 */
void cross_calls(struct cross *x, struct workqueue_struct *wq)
{
	if (x->order == CROSS_TOGETHER)
		cross_together(x, wq);
	else
		cross_in_order(x, x->order == CROSS_SWAPPED, wq);
}

static void cross_tell_call(struct cross *x, const struct cross_call *c)
{
	st_note(x->t, "%s%s%s%s: answered %s, then %s", c->action->name,
		c->region ? " of a region " : "",
		c->region ? cross_state_name(c->region->start) : "",
		c->sibling ? " (another object)" : "",
		st_status_name(c->answer),
		c->req && c->answer == STATUS_PENDING ?
		st_status_name(c->req->status) :
		!c->action->posts ? "nothing" :
		c->ends ? st_status_name(c->final) : "no completion");
}

static void cross_tell_unit(struct cross *x, unsigned int unit)
{
	const struct cross_unit *u = &x->unit[unit];
	unsigned int i;

	st_note(x->t, "unit %u of %u in scene %u, led by %u%s", unit, x->units,
		x->scene, x->leader,
		u->link->failed ? ", the connection has ended" : "");
	for (i = 0; i < 2; i++)
		cross_tell_call(x, u->call[i]);
	for (i = 0; i < 2; i++)
		if (u->region[i].looked)
			st_note(x->t, "the %s region is %sidle",
				i == CROSS_FAST ? "fast" : "normal",
				u->region[i].idle ? "" : "not ");
}

static bool cross_judge(struct cross *x)
{
	enum cross_order order = x->order;
	struct st_test *t = x->t;
	unsigned int i, l;

	for (l = 0; l < x->links; l++) {
		bool may = !x->link[l].failed;

		for (i = 0; !may && i < x->units; i++)
			may = x->unit[i].link == &x->link[l] &&
			      cross_may_end_link(x, &x->unit[i]);
		if (!ST_EXPECT(t, may, "%s: the connection has ended",
			       cross_order_names[order]))
			return false;
	}
	for (i = 0; i < x->units; i++) {
		const struct cross_unit *u = &x->unit[i];
		bool ok;

		ok = order == CROSS_TOGETHER ?
		     cross_explained(x, u, false) ||
		     cross_explained(x, u, true) :
		     cross_explained(x, u, order == CROSS_SWAPPED);
		if (!ST_EXPECT(t, ok, "%s: not a documented outcome",
			       cross_order_names[order])) {
			cross_tell_unit(x, i);
			return false;
		}
		cross_rounds++;
	}
	return true;
}

/* Units of a scene, so that all scenes are alike and no more than needed. */
static unsigned int cross_split(unsigned int least, unsigned int most)
{
	unsigned int scenes = DIV_ROUND_UP(st_rounds(), most);

	if (st_rounds() <= least)
		return least;
	return max(least, DIV_ROUND_UP(st_rounds(), scenes));
}

/**
 * cross_plan() - say what the next scene is made of
 * @x: the pair
 */
void cross_plan(struct cross *x)
{
	unsigned int on = x->pair[0]->on | x->pair[1]->on;
	bool shared = x->pair[0]->shared && x->pair[1]->shared;
	/* one that is may end it for all that are on the same connection */
	bool some = x->pair[0]->shared || x->pair[1]->shared ||
		    cross_has(x, CROSS_REMOTE_INVALIDATE);

	x->spares = cross_has(x, CROSS_CLOSE_MR) &&
		    (cross_sibling(x, 0, 0) || cross_sibling(x, 0, 1));
	if (x->up)
		return;
	x->queues = cross_needs(x, CROSS_FAST) ||
		    (on & (CROSS_QP | CROSS_CONNECTOR));
	/* Connecting costs most, and without it there are requests, too. */
	x->connected = x->queues && (!shared || (on & CROSS_CONNECTOR) ||
				     x->scene % 4 == 0);
	if (cross_has(x, CROSS_REMOVAL)) {
		x->units = cross_split(CROSS_AT_ONCE, shared ? CROSS_LINKS :
				       CROSS_REMOVAL_BATCH);
		x->links = shared ? x->units : 1;
	} else if (shared) {
		x->units = cross_split(CROSS_AT_ONCE, CROSS_LINKS);
		x->links = x->units;
	} else {
		x->units = cross_split(CROSS_BATCH, CROSS_MANY);
		x->links = some ? x->units / CROSS_BATCH : 1;
		x->units = roundup(x->units, x->links);
	}
}

static DECLARE_COMPLETION(cross_added);

static int cross_add(struct ib_device *ib)
{
	if (!strcmp(dev_name(&ib->dev), st_device()))
		complete(&cross_added);
	return 0;
}

/* Told of a device after the provider has been. */
static struct ib_client cross_client = {
	.name = "ndk_selftest",
	.add = cross_add,
};

/* Everything is closed; have the device brought back by whoever reads "ready". */
static bool cross_device_back(struct cross *x)
{
	struct st_test *t = x->t;

	cross_end(x);
	st_close_adapter(t);
	complete(&st_ready);
	return !t->stuck &&
	       ST_EXPECT(t, wait_for_completion_timeout(&cross_added,
							ST_TIMEOUT),
			 "the device does not come back") &&
	       ST_OK(t, st_open(t, (NDK_VERSION){ 2, 0 }));
}

static bool cross_scene(struct cross *x, struct workqueue_struct *wq)
{
	if (!cross_scene_up(x))
		return false;
	cross_prepare(x);
	cross_calls(x, wq);
	if (!cross_scene_down(x) || !cross_judge(x))
		return false;
	x->scene++;
	return !cross_has(x, CROSS_REMOVAL) || cross_device_back(x);
}

static void cross_run(struct st_test *t)
{
	struct cross *x = kzalloc(sizeof(*x), GFP_KERNEL | __GFP_NOFAIL);
	struct workqueue_struct *wq;
	unsigned int done;

	x->t = t;
	x->pair[0] = &cross_actions[t->arg / CROSS_ACTIONS];
	x->pair[1] = &cross_actions[t->arg % CROSS_ACTIONS];
	wq = alloc_workqueue("ndk_cross", WQ_CPU_INTENSIVE, 0);
	if (!ST_EXPECT(t, wq, "no workqueue"))
		goto out;
	for (; x->order < CROSS_ORDERS; x->order++) {
		for (done = 0; done < st_rounds(); done += x->units) {
			cross_plan(x);
			x->last = done + x->units >= st_rounds() ||
				  cross_has(x, CROSS_REMOVAL);
			if (!cross_scene(x, wq))
				goto out;
		}
	}
	cross_pairs++;
out:
	if (!t->stuck)
		cross_end(x);
	if (wq)
		destroy_workqueue(wq);
	kfree(x);
}

static void cross_run_removal(struct st_test *t)
{
	reinit_completion(&st_ready);
	reinit_completion(&cross_added);
	if (!ST_EXPECT(t, !ib_register_client(&cross_client), "no ib_client"))
		return;
	/* it is there already */
	reinit_completion(&cross_added);
	cross_run(t);
	ib_unregister_client(&cross_client);
}

static void cross_every_function(struct st_test *t)
{
	cross_slots_check(t);
}

static void cross_count(struct st_test *t)
{
	st_note(t, "interleavings: %u pairs, %u orders, %u rounds each or more: %lu",
		cross_pairs, CROSS_ORDERS, st_rounds(), cross_rounds);
	ST_EXPECT(t, cross_pairs, "no pair was run to its end");
	ST_EXPECT(t, cross_rounds >= (unsigned long)cross_pairs *
		  CROSS_ORDERS * st_rounds(), "rounds are missing");
}

/* Those with a removal are made apart; a device is removed once. */
#define CROSS_OTHERS	CROSS_REMOVAL
#define CROSS_CASES	(CROSS_OTHERS * (CROSS_OTHERS + 1) / 2 + 2)
#define CROSS_REMOVALS	(CROSS_OTHERS + 1)

static struct st_case cross_cases[CROSS_CASES];
static struct st_case cross_removal_cases[CROSS_REMOVALS];
static char cross_names[CROSS_CASES + CROSS_REMOVALS][40];

static struct st_case cross_case(unsigned int a, unsigned int b)
{
	static unsigned int names;
	char *name = cross_names[names++];

	snprintf(name, sizeof(cross_names[0]), "%s_and_%s",
		 cross_actions[a].name, cross_actions[b].name);
	return (struct st_case){
		.name = name, .arg = a * CROSS_ACTIONS + b,
		.run = b == CROSS_REMOVAL ? cross_run_removal : cross_run,
	};
}

/**
 * cross_init() - make the cases of the table's actions
 */
void cross_init(void)
{
	unsigned int a, b, n = 0;

	cross_cases[n++] = (struct st_case){
		.name = "every_function", .run = cross_every_function,
		.bare = true,
	};
	for (a = 0; a < CROSS_OTHERS; a++)
		for (b = a; b < CROSS_OTHERS; b++)
			cross_cases[n++] = cross_case(a, b);
	cross_cases[n] = (struct st_case){
		.name = "count", .run = cross_count, .bare = true,
	};
	for (a = 0; a < CROSS_OTHERS; a++)
		cross_removal_cases[a] = cross_case(a, CROSS_REMOVAL);
	cross_removal_cases[a] = cross_cases[n];
}

const struct st_suite st_suite_cross = {
	"cross", cross_cases, ARRAY_SIZE(cross_cases),
};

const struct st_suite st_suite_cross_removal = {
	"cross_removal", cross_removal_cases, ARRAY_SIZE(cross_removal_cases),
};
