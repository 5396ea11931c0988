// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that make no sense in a region's state are refused by name, inline,
 * and harm neither the region nor the connection.
 */
#include <linux/mm.h>

#include "harness.h"

struct st_state {
	struct st_pair *p;
	struct st_buf *buf;
	NDK_MR *mr;
};

static bool st_state_new(struct st_test *t, struct st_state *s, bool fast)
{
	s->p = st_pair_new(t);
	s->buf = st_buf_new(t, ST_SCATTER, 11, 3 * PAGE_SIZE);
	return s->p && s->buf &&
	       ST_OK(t, st_create_mr(t, s->p->a.pd, fast, &s->mr));
}

static NTSTATUS st_state_register(struct st_test *t, struct st_state *s)
{
	return st_fast_register(t, &s->p->a, s->mr, s->buf, s->buf->label,
				ST_RIGHTS_ALL);
}

/* The region and the connection do what they should. */
static void st_state_fine(struct st_test *t, struct st_state *s)
{
	st_pair_works(t, s->p);
	st_access(t, &s->p->b, s->buf, s->buf->label,
		  st_remote_token(t, s->mr));
}

static void st_register_valid(struct st_test *t)
{
	struct st_buf *other = st_buf_new(t, ST_SCATTER, 11, PAGE_SIZE);
	struct st_state s;

	if (!st_state_new(t, &s, true) || !other ||
	    !ST_OK(t, st_init(t, s.mr, 16, true)) ||
	    !ST_OK(t, st_state_register(t, &s)))
		return;
	ST_STATUS(t, st_state_register(t, &s), STATUS_INVALID_DEVICE_STATE);
	/* other pages in particular: they would show under the old token */
	ST_STATUS(t, st_fast_register(t, &s.p->a, s.mr, other, s.buf->label,
				      ST_RIGHTS_ALL),
		  STATUS_INVALID_DEVICE_STATE);
	st_state_fine(t, &s);
}

static void st_invalidate_invalid(struct st_test *t)
{
	struct st_state s;

	if (!st_state_new(t, &s, true))
		return;
	ST_STATUS(t, st_invalidate(t, &s.p->a, s.mr),
		  STATUS_INVALID_DEVICE_STATE);
	if (!ST_OK(t, st_init(t, s.mr, 16, true)))
		return;
	ST_STATUS(t, st_invalidate(t, &s.p->a, s.mr),
		  STATUS_INVALID_DEVICE_STATE);
	if (!ST_OK(t, st_state_register(t, &s)) ||
	    !ST_OK(t, st_invalidate(t, &s.p->a, s.mr)))
		return;
	ST_STATUS(t, st_invalidate(t, &s.p->a, s.mr),
		  STATUS_INVALID_DEVICE_STATE);
	if (ST_OK(t, st_state_register(t, &s)))
		st_state_fine(t, &s);
}

static void st_register_before_init(struct st_test *t)
{
	struct st_state s;

	if (!st_state_new(t, &s, true))
		return;
	ST_STATUS(t, st_state_register(t, &s), STATUS_INVALID_DEVICE_STATE);
	ST_EXPECT(t, !st_remote_token(t, s.mr) && !st_local_token(t, s.mr),
		  "a token before there is one");
	if (ST_OK(t, st_init(t, s.mr, 16, true)) &&
	    ST_OK(t, st_state_register(t, &s)))
		st_state_fine(t, &s);
}

static void st_init_valid(struct st_test *t)
{
	struct st_state s;

	if (!st_state_new(t, &s, true) ||
	    !ST_OK(t, st_init(t, s.mr, 16, true)) ||
	    !ST_OK(t, st_state_register(t, &s)))
		return;
	ST_STATUS(t, st_init(t, s.mr, 8, true), STATUS_INVALID_DEVICE_STATE);
	st_state_fine(t, &s);
}

static void st_normal_calls_on_fast(struct st_test *t)
{
	struct st_state s;

	if (!st_state_new(t, &s, true))
		return;
	ST_STATUS(t, st_register(t, s.mr, s.buf->mdl, s.buf->len,
				 NDK_MR_FLAG_ALLOW_REMOTE_READ),
		  STATUS_INVALID_DEVICE_REQUEST);
	ST_STATUS(t, st_deregister(t, s.mr), STATUS_INVALID_DEVICE_REQUEST);
	if (!ST_OK(t, st_init(t, s.mr, 16, true)))
		return;
	ST_STATUS(t, st_register(t, s.mr, s.buf->mdl, s.buf->len,
				 NDK_MR_FLAG_ALLOW_REMOTE_READ),
		  STATUS_INVALID_DEVICE_REQUEST);
	if (!ST_OK(t, st_state_register(t, &s)))
		return;
	/* a consumer does this on its way out, and ignores the answer */
	ST_STATUS(t, st_deregister(t, s.mr), STATUS_INVALID_DEVICE_REQUEST);
	st_state_fine(t, &s);
}

static void st_fast_calls_on_normal(struct st_test *t)
{
	struct st_state s;

	if (!st_state_new(t, &s, false))
		return;
	ST_EXPECT(t, !st_remote_token(t, s.mr) && !st_local_token(t, s.mr),
		  "a token before there is one");
	ST_STATUS(t, st_init(t, s.mr, 16, true), STATUS_INVALID_DEVICE_REQUEST);
	ST_STATUS(t, st_state_register(t, &s), STATUS_INVALID_DEVICE_REQUEST);
	ST_STATUS(t, st_invalidate(t, &s.p->a, s.mr),
		  STATUS_INVALID_DEVICE_REQUEST);
	if (!st_registers_kernel(t) ||
	    !ST_OK(t, st_register(t, s.mr, s.buf->mdl, s.buf->len,
				  NDK_MR_FLAG_ALLOW_REMOTE_READ |
				  NDK_MR_FLAG_ALLOW_REMOTE_WRITE)))
		return;
	ST_STATUS(t, st_invalidate(t, &s.p->a, s.mr),
		  STATUS_INVALID_DEVICE_REQUEST);
	ST_STATUS(t, st_state_register(t, &s), STATUS_INVALID_DEVICE_REQUEST);
	ST_STATUS(t, st_init(t, s.mr, 16, true), STATUS_INVALID_DEVICE_REQUEST);
	st_state_fine(t, &s);
}

/* What is done to a region is done on a queue pair of its own domain. */
static void st_other_domain(struct st_test *t)
{
	struct st_pair *q = st_pair_new(t);
	struct st_state s;

	if (!q || !st_state_new(t, &s, true) ||
	    !ST_OK(t, st_init(t, s.mr, 16, true)) ||
	    !ST_OK(t, st_state_register(t, &s)))
		return;
	if (ST_STATUS(t, st_invalidate(t, &q->a, s.mr),
		      STATUS_INVALID_PARAMETER))
		st_refused_for(t, &q->a.qp->Header, "pNdkMrOrMw (another PD)");
	st_state_fine(t, &s);
	if (!ST_OK(t, st_invalidate(t, &s.p->a, s.mr)))
		return;
	if (ST_STATUS(t, st_fast_register(t, &q->a, s.mr, s.buf, s.buf->label,
					  ST_RIGHTS_ALL),
		      STATUS_INVALID_PARAMETER))
		st_refused_for(t, &q->a.qp->Header, "pMr (another PD)");
	st_pair_works(t, q);
	if (ST_OK(t, st_state_register(t, &s)))
		st_state_fine(t, &s);
}

/* Registration outlives its queue pair; a new one takes the region over. */
static void st_other_qp(struct st_test *t)
{
	struct st_pair *q = st_pair_alloc(t);
	struct st_state s;

	if (!st_state_new(t, &s, true))
		return;
	q->a.pd = s.p->a.pd;
	if (!st_pair_up(t, q, false) ||
	    !ST_OK(t, st_init(t, s.mr, 16, true)) ||
	    !ST_OK(t, st_state_register(t, &s)))
		return;
	st_pair_disconnect(t, s.p);
	if (!st_access(t, &q->b, s.buf, s.buf->label,
		       st_remote_token(t, s.mr)) ||
	    !ST_OK(t, st_invalidate(t, &q->a, s.mr)))
		return;
	s.p = q;
	if (ST_OK(t, st_state_register(t, &s)))
		st_state_fine(t, &s);
}

/* A registration flushed with its queue: only a new start is possible. */
static void st_flushed(struct st_test *t)
{
	struct st_pair *q = st_pair_alloc(t);
	struct st_state s;
	NTSTATUS status;

	if (!st_state_new(t, &s, true) ||
	    !ST_OK(t, st_init(t, s.mr, 16, true)))
		return;
	q->a.pd = s.p->a.pd;
	if (!st_pair_up(t, q, false))
		return;
	s.p->a.qp->Dispatch->NdkFlush(s.p->a.qp);
	status = st_state_register(t, &s);
	ST_EXPECT(t, status == STATUS_CONNECTION_INVALID ||
		  status == STATUS_CANCELLED, "a post after flush ended with %s",
		  st_status_name(status));
	s.p = q;
	if (status == STATUS_CANCELLED) {
		ST_STATUS(t, st_state_register(t, &s),
			  STATUS_INVALID_DEVICE_STATE);
		if (!ST_OK(t, st_init(t, s.mr, 16, true)))
			return;
	}
	if (ST_OK(t, st_state_register(t, &s)))
		st_state_fine(t, &s);
}

static const struct st_case st_cases[] = {
	{ .name = "register_valid", .run = st_register_valid },
	{ .name = "register_valid_softirq", .run = st_register_valid,
	  .ctx = ST_SOFTIRQ },
	{ .name = "invalidate_invalid", .run = st_invalidate_invalid },
	{ .name = "invalidate_invalid_softirq", .run = st_invalidate_invalid,
	  .ctx = ST_SOFTIRQ },
	{ .name = "register_before_init", .run = st_register_before_init },
	{ .name = "init_valid", .run = st_init_valid },
	{ .name = "normal_calls_on_fast", .run = st_normal_calls_on_fast },
	{ .name = "fast_calls_on_normal", .run = st_fast_calls_on_normal },
	{ .name = "fast_calls_on_normal_softirq",
	  .run = st_fast_calls_on_normal, .ctx = ST_SOFTIRQ },
	{ .name = "other_domain", .run = st_other_domain },
	{ .name = "other_qp", .run = st_other_qp },
	{ .name = "flushed", .run = st_flushed },
};

const struct st_suite st_suite_mr_state = {
	"mr_state", st_cases, ARRAY_SIZE(st_cases),
};
