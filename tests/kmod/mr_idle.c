// SPDX-License-Identifier: GPL-2.0-only
/*
 * IsMrIdle: what it says is looked at from inside the device, at the moment when
 * the device is told to forget a region.
 */
#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

/* More than the provider keeps ready. */
#define ST_MANY		200

static int (*st_real_dereg)(struct ib_mr *ib_mr, struct ib_udata *udata);
static struct ib_mr *(*st_real_alloc)(struct ib_pd *ib_pd,
				      enum ib_mr_type type, u32 pages);

/**
 * struct st_watch - a region whose end in the device is watched
 * @p: the connection that it is used on
 * @buf: its memory
 * @mr: the region, NULL when it was closed
 * @ib_mr: what it is in the device
 * @ib: the device
 * @starved: the device makes no regions
 * @gone: the device was told to forget @ib_mr
 * @idle: and the region was idle by then
 */
struct st_watch {
	struct st_pair *p;
	struct st_buf *buf;
	NDK_MR *mr;
	struct ib_mr *ib_mr;
	struct ib_device *ib;
	bool starved;
	bool gone;
	bool idle;
};

static struct st_watch st_watch;

static int st_dereg(struct ib_mr *ib_mr, struct ib_udata *udata)
{
	if (ib_mr == READ_ONCE(st_watch.ib_mr)) {
		st_watch.idle = st_watch.mr && st_is_idle(st_watch.mr);
		st_watch.gone = true;
	}
	return st_real_dereg(ib_mr, udata);
}

static struct ib_mr *st_alloc(struct ib_pd *ib_pd, enum ib_mr_type type,
			      u32 pages)
{
	if (READ_ONCE(st_watch.starved))
		return ERR_PTR(-ENOMEM);
	return st_real_alloc(ib_pd, type, pages);
}

static void st_watch_end(void)
{
	WRITE_ONCE(st_watch.ib_mr, NULL);
	WRITE_ONCE(st_watch.starved, false);
	if (!st_watch.ib)
		return;
	st_restore(st_watch.ib, dereg_mr, &st_real_dereg);
	st_restore(st_watch.ib, alloc_mr, &st_real_alloc);
}

/* Registered, and watched. */
static bool st_watch_new(struct st_test *t, bool fast)
{
	struct st_watch *w = &st_watch;
	NTSTATUS status;

	*w = (struct st_watch){ .p = st_pair_new(t) };
	w->buf = st_buf_new(t, ST_SCATTER, 3, PAGE_SIZE);
	if (!w->p || !w->buf ||
	    !ST_OK(t, st_create_mr(t, w->p->a.pd, fast, &w->mr)))
		return false;
	ST_EXPECT(t, st_is_idle(w->mr), "a new region is not idle");
	if (fast) {
		if (!ST_OK(t, st_init(t, w->mr, 4, true)))
			return false;
		ST_EXPECT(t, st_is_idle(w->mr), "never registered, not idle");
		status = st_fast_register(t, &w->p->a, w->mr, w->buf,
					  w->buf->label, ST_RIGHTS_ALL);
	} else {
		status = st_register(t, w->mr, w->buf->mdl, w->buf->len,
				     NDK_MR_FLAG_ALLOW_REMOTE_READ);
	}
	if (!ST_OK(t, status))
		return false;
	ST_EXPECT(t, !st_is_idle(w->mr), "registered and idle");

	w->ib_mr = st_ib_mr(t, w->mr);
	if (!w->ib_mr)
		return false;
	w->ib = w->ib_mr->device;
	st_replace(w->ib, dereg_mr, &st_real_dereg, st_dereg);
	st_replace(w->ib, alloc_mr, &st_real_alloc, st_alloc);
	return true;
}

static void st_watched(struct st_test *t)
{
	if (ST_EXPECT(t, st_watch.gone, "the device still has the old region"))
		ST_EXPECT(t, !st_watch.idle,
			  "idle while the device had the old region");
	ST_EXPECT(t, st_is_idle(st_watch.mr), "not idle when all is over");
}

/* Nobody knows any more what the device has; it has the registration. */
static bool st_make_stale(struct st_test *t)
{
	struct st_watch *w = &st_watch;
	struct st_wr inv = {
		.op = NdkOperationTypeInvalidate, .mr = w->mr,
		.flags = NDK_OP_FLAG_DEFER, .ctx = &inv,
	};

	if (!ST_OK(t, st_post(t, w->p->a.qp, &inv)))
		return false;
	w->p->a.qp->Dispatch->NdkFlush(w->p->a.qp);
	if (!st_expect_next(t, &w->p->a, &w->p->a.icq,
			    NdkOperationTypeInvalidate, &inv, STATUS_CANCELLED))
		return false;
	return ST_EXPECT(t, !st_is_idle(w->mr), "stale and idle");
}

static void st_reinitialised(struct st_test *t)
{
	if (st_watch_new(t, true) && st_make_stale(t) &&
	    ST_OK(t, st_init(t, st_watch.mr, 4, true)))
		st_watched(t);
	st_watch_end();
}

/* The same, with nothing to be had in the old one's place. */
static void st_no_memory(struct st_test *t)
{
	NTSTATUS status = STATUS_SUCCESS;
	NDK_MR *mr;
	int i;

	if (!st_watch_new(t, true) || !st_make_stale(t))
		goto out;
	WRITE_ONCE(st_watch.starved, true);
	for (i = 0; i < ST_MANY && status == STATUS_SUCCESS; i++) {
		if (!ST_OK(t, st_create_mr(t, st_watch.p->a.pd, true, &mr)))
			goto out;
		status = st_init(t, mr, 4, true);
	}
	if (!ST_STATUS(t, status, STATUS_INSUFFICIENT_RESOURCES))
		goto out;
	ST_STATUS(t, st_init(t, st_watch.mr, 4, true),
		  STATUS_INSUFFICIENT_RESOURCES);
	st_watched(t);
	ST_EXPECT(t, !st_remote_token(t, st_watch.mr), "it has a token");
out:
	st_watch_end();
}

static void st_deregistered(struct st_test *t)
{
	if (!st_registers_kernel(t))
		return;
	if (st_watch_new(t, false) && ST_OK(t, st_deregister(t, st_watch.mr)))
		st_watched(t);
	st_watch_end();
}

/* A peer's word is not enough to be idle, nor for another region to follow. */
static void st_peer_invalidated(struct st_test *t)
{
	struct st_watch *w = &st_watch;
	struct st_wr send = {
		.op = NdkOperationTypeSend, .invalidate = true, .ctx = &send,
	};
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	NDK_RESULT_EX res;
	NDK_MR *mr;

	if (!st_watch_new(t, true))
		goto out;
	mr = w->mr;
	send.rkey = st_remote_token(t, w->mr);
	if (!ST_OK(t, st_post(t, w->p->a.qp, &recv)) ||
	    !ST_OK(t, st_post(t, w->p->b.qp, &send)) ||
	    !st_next(t, &w->p->a.rcq, &res) || !ST_OK(t, res.Status))
		goto out;
	ST_EXPECT(t, !st_is_idle(mr), "idle on a peer's word");
	if (t->arg) {
		w->mr = NULL;
		st_close(t, &mr->Header);
	} else if (!ST_OK(t, st_init(t, mr, 4, true))) {
		goto out;
	} else {
		ST_EXPECT(t, st_is_idle(mr), "initialised again, not idle");
	}
	ST_EXPECT(t, w->gone, "the device still has the old region");
out:
	st_watch_end();
}

static const struct st_case st_cases[] = {
	{ .name = "reinitialised", .run = st_reinitialised },
	{ .name = "reinitialised_softirq", .run = st_reinitialised,
	  .ctx = ST_SOFTIRQ },
	{ .name = "reinitialised_no_memory", .run = st_no_memory },
	{ .name = "deregistered", .run = st_deregistered },
	{ .name = "peer_invalidated_init", .run = st_peer_invalidated },
	{ .name = "peer_invalidated_close", .run = st_peer_invalidated,
	  .arg = 1 },
};

const struct st_suite st_suite_mr_idle = {
	"mr_idle", st_cases, ARRAY_SIZE(st_cases),
};
