// SPDX-License-Identifier: GPL-2.0-only
/*
 * The consumer's module goes while its requests are outstanding. A scene is
 * made and stays; the module's exit function does the actions to it, closes all
 * there is without waiting for any of it, closes the adapter, and returns. No
 * callback may come after that, or still run: their code is gone.
 *
 * An object is not used after its close was called. So those that no action is
 * called on may be closed before, or meanwhile, the others afterwards.
 */
#include <linux/delay.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "cross.h"

/* Calls at the end of a module, at most: making the scene takes long. */
#define LEAVE_UNITS	150U

static struct st_test leave_test;
static struct cross *leave;
static struct workqueue_struct *leave_wq;
static atomic_t leave_callbacks;
static atomic_t leave_regions;

/* A callback that takes its time is to be waited for, too. */
static void leave_linger(struct st_req *req)
{
	if (atomic_inc_return(&leave_callbacks) % 8 == 0)
		usleep_range(500, 1000);
}

/* The pages of fast regions are mapped until the last of these is gone. */
static void leave_region_closed(struct st_req *req)
{
	struct cross *x = req->priv;

	leave_linger(req);
	if (atomic_dec_and_test(&leave_regions))
		st_release_lam(x->t, x->buf);
}

static void leave_close(struct cross *x, NDK_OBJECT_HEADER *object)
{
	struct st_req *req = st_req_new(x->t, "close");

	st_untrack(x->t, object);
	req->priv = x;
	req->hook = object->ObjectType == NdkObjectTypeMr ?
		    leave_region_closed : leave_linger;
	req->answer = st_close_fn(object)(object, st_on_close, req);
}

/* Some action may still be called on it. */
static bool leave_needs(const struct cross *x, NDK_OBJECT_TYPE type)
{
	unsigned int on = x->pair[0]->on | x->pair[1]->on;

	switch (type) {
	case NdkObjectTypeMr:
		return on & CROSS_MR;
	case NdkObjectTypeQp:
		return (on & CROSS_QP) || x->pair[0]->posts ||
		       x->pair[1]->posts;
	case NdkObjectTypePd:
		return (on & CROSS_PD) || cross_has(x, CROSS_REMOVAL);
	case NdkObjectTypeConnector:
		return on & CROSS_CONNECTOR;
	default:
		return false;
	}
}

/* In any order: each scene begins with another type. */
static void leave_close_all(struct cross *x, bool needed)
{
	static const NDK_OBJECT_TYPE types[] = {
		NdkObjectTypePd, NdkObjectTypeListener, NdkObjectTypeMr,
		NdkObjectTypeCq, NdkObjectTypeQp, NdkObjectTypeConnector,
	};
	NDK_OBJECT_HEADER *object;
	NDK_OBJECT_TYPE type;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		type = types[(x->scene + i) % ARRAY_SIZE(types)];
		if (!needed && leave_needs(x, type))
			continue;
		while ((object = st_tracked_of(x->t, type)))
			leave_close(x, object);
	}
}

static void leave_regions_of(struct cross *x, struct cross_region *r)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (r[i].mr && !r[i].close)
			leave_close(x, &r[i].mr->Header);
}

static void leave_calls(struct work_struct *work)
{
	cross_calls(leave, leave_wq);
}

/* What a unit's actions are done to is closed as soon as they were called. */
static void leave_together(struct cross *x)
{
	struct work_struct work;
	unsigned int i;

	INIT_WORK_ONSTACK(&work, leave_calls);
	queue_work(system_unbound_wq, &work);
	leave_close_all(x, false);
	for (i = 0; leave_needs(x, NdkObjectTypeMr) && i < x->units; i++) {
		struct cross_unit *u = &x->unit[i];

		cross_wait_for(u->call[0]);
		cross_wait_for(u->call[1]);
		leave_regions_of(x, u->region);
		leave_regions_of(x, u->spare);
	}
	flush_work(&work);
	destroy_work_on_stack(&work);
}

/**
 * cross_leave() - the end of a consumer's module
 *
 * What st_end() does, but for what it waits for.
 */
void cross_leave(void)
{
	struct cross *x = leave;
	struct st_test *t = &leave_test;
	unsigned int i, w, calls = 0;

	if (!x)
		return;
	if (x->order == CROSS_TOGETHER) {
		leave_together(x);
	} else {
		if (x->order == CROSS_SWAPPED)
			leave_close_all(x, false);
		cross_calls(x, leave_wq);
	}
	leave_close_all(x, true);
	ndk_close_adapter(t->adapter);

	for (i = 0; i < x->units; i++)
		for (w = 0; w < 2; w++)
			calls += x->unit[i].own[w].made;
	st_reqs_finish(t);
	ST_EXPECT(t, !atomic_read(&leave_regions), "%d regions were not closed",
		  atomic_read(&leave_regions));
	st_bufs_free(t);
	st_reqs_free();
	destroy_workqueue(leave_wq);
	pr_info("ndk_selftest: left %s in order %u: %u calls, %u wrong%s%s\n",
		x->pair[1]->name, x->order, calls, t->failures,
		t->failures ? ": " : "", t->why);
	kfree(x);
}

/* What is called in the exit function, and counted. */
static void leave_prepare(struct cross *x)
{
	unsigned int i, w, k;

	cross_prepare(x);
	for (i = 0; i < x->units; i++) {
		struct cross_unit *u = &x->unit[i];

		for (k = 0; k < 2; k++)
			atomic_add(!!u->region[k].mr + !!u->spare[k].mr,
				   &leave_regions);
		for (w = 0; w < 2; w++) {
			struct st_req *req = u->own[w].req;

			if (!req)
				continue;
			req->priv = x;
			req->hook = u->own[w].region && u->own[w].action->closes ?
				    leave_region_closed : leave_linger;
		}
	}
	for (i = 0; x->queues && i < x->links; i++) {
		struct st_pair *p = x->link[i].p;

		st_arm(x->t, &p->a.rcq, NDK_CQ_NOTIFY_ANY);
		st_arm(x->t, &p->a.icq, NDK_CQ_NOTIFY_ANY);
		st_arm(x->t, &p->b.icq, NDK_CQ_NOTIFY_ANY);
	}
}

static bool leave_scene(struct cross *x)
{
	cross_plan(x);
	if (x->links == 1 && !cross_has(x, CROSS_REMOVAL))
		x->units = clamp(st_rounds() / 2, x->units, LEAVE_UNITS);
	if (!cross_scene_up(x))
		return false;
	leave_prepare(x);
	return true;
}

/**
 * cross_leave_ready() - make the scene that the module's exit is part of
 * @name: the action, which is done twice to each unit; a removal only once
 * @order: when the closes come: after, before, or while it is done
 * @scene: which of several such scenes this is
 *
 * Return: 0, or a negative errno, and why it was not made is in the log.
 */
int cross_leave_ready(const char *name, unsigned int order, unsigned int scene)
{
	const struct st_case none = { .name = name };
	struct st_test *t = &leave_test;
	unsigned int a = 0;
	struct cross *x;

	while (a < CROSS_ACTIONS && strcmp(cross_actions[a].name, name))
		a++;
	if (a == CROSS_ACTIONS || order >= CROSS_ORDERS)
		return -EINVAL;
	leave_wq = alloc_workqueue("ndk_leave", WQ_CPU_INTENSIVE, 0);
	if (!leave_wq)
		return -ENOMEM;
	x = kzalloc(sizeof(*x), GFP_KERNEL | __GFP_NOFAIL);
	st_begin(t, cross_actions[a].name, &none);
	x->t = t;
	x->order = order;
	x->scene = scene;
	x->pair[1] = &cross_actions[a];
	/* it happens once, to something */
	x->pair[0] = cross_is_removal(x->pair[1]) ?
		     &cross_actions[CROSS_FAST_REGISTER] : x->pair[1];
	if (!t->failures && leave_scene(x)) {
		leave = x;
		return 0;
	}
	pr_err("ndk_selftest: cannot leave %s: %s\n", name, t->why);
	st_end(t);
	destroy_workqueue(leave_wq);
	kfree(x);
	return -EIO;
}

/**
 * cross_leave_names() - the actions that there are
 * @text: out: their names, one a line
 * @size: bytes of @text
 *
 * Return: bytes written.
 */
size_t cross_leave_names(char *text, size_t size)
{
	size_t len = 0;
	unsigned int a;

	for (a = 0; a < CROSS_ACTIONS; a++)
		len += scnprintf(text + len, size - len, "%s\n",
				 cross_actions[a].name);
	return len;
}
