// SPDX-License-Identifier: GPL-2.0-only
/*
 * Something happens while the device is taking a region back: what needs that waits
 * for it, and nothing else does.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

/* What has the device take a region back. */
enum st_point {
	ST_DEREGISTER,
	ST_CLOSE,
	ST_RESIZE,
	ST_RENEW,
};

/* What happens then. */
enum st_act {
	ST_CLOSE_OTHER,
	ST_CLOSE_PD,
	ST_AGAIN,
	ST_DISCONNECT,
	ST_UNPLUG,
};

#define ST_ARG(point, act)	((point) | (act) << 8)

/* It sleeps there, so it may be longer than anything is waited for. */
#define ST_STOPPED_MS	100000

/* For what should not happen. */
#define ST_QUIET	(HZ / 10)

/**
 * struct st_dereg - one such case
 * @t: the test
 * @point: what has the device take a region back
 * @r: a fast region of one end of a connection that is alive
 * @normal: a normal region, registered
 * @other: another one
 * @buf: their memory
 * @mr: the region that is taken back, NULL when it was closed
 * @req: waits for that, or NULL
 * @end: what was begun meanwhile, and ends later
 */
struct st_dereg {
	struct st_test *t;
	enum st_point point;
	struct st_region r;
	NDK_MR *normal;
	NDK_MR *other;
	struct st_buf *buf;
	NDK_MR *mr;
	struct st_req *req;
	struct st_req *end;
};

/* Nobody knows what the device has of it. Another connection follows. */
static bool st_make_stale(struct st_dereg *s)
{
	struct st_test *t = s->t;
	struct st_pair *q = st_pair_alloc(t);

	if (!ST_OK(t, st_do(t, &s->r.p->a, &s->r.reg)))
		return false;
	st_sim_fail(t, NDK_SIM_DO_LOCAL_INV, 1, IB_WC_GENERAL_ERR);
	if (!ST_STATUS(t, st_do(t, &s->r.p->a, &s->r.inv),
		       STATUS_INTERNAL_ERROR))
		return false;
	q->a.pd = s->r.p->a.pd;
	s->r.p = q;
	return st_pair_up(t, q, false);
}

static bool st_prepare(struct st_dereg *s)
{
	struct st_test *t = s->t;

	s->buf = st_buf_new(t, ST_SCATTER, 77, 3 * PAGE_SIZE);
	if (!s->buf || !st_region_new(t, &s->r) ||
	    !ST_OK(t, st_create_mr(t, s->r.p->a.pd, false, &s->normal)) ||
	    !ST_OK(t, st_register(t, s->normal, s->buf->mdl, s->buf->len,
				  ST_MR_ALL)) ||
	    !ST_OK(t, st_create_mr(t, s->r.p->a.pd, false, &s->other)) ||
	    !ST_OK(t, st_register(t, s->other, s->buf->mdl, s->buf->len,
				  ST_MR_ALL)))
		return false;
	switch (s->point) {
	case ST_CLOSE:
		return ST_OK(t, st_do(t, &s->r.p->a, &s->r.reg));
	case ST_RESIZE:
		return ST_OK(t, st_init(t, s->r.mr, t->info.FRMRPageCount + 1,
					true));
	case ST_RENEW:
		return st_make_stale(s);
	default:
		return true;
	}
}

static void st_start(struct st_dereg *s)
{
	struct st_test *t = s->t;

	switch (s->point) {
	case ST_DEREGISTER:
		s->mr = s->normal;
		s->req = st_req_new(t, "NdkDeregisterMr");
		s->req->answer =
			s->mr->Dispatch->NdkDeregisterMr(s->mr, st_on_request,
							 s->req);
		break;
	case ST_CLOSE:
		s->req = st_close_start(t, &s->r.mr->Header);
		break;
	case ST_RESIZE:
		/* The large one is in nobody's way. */
		ST_OK(t, st_init(t, s->r.mr, 3, true));
		break;
	case ST_RENEW:
		s->mr = s->r.mr;
		s->req = st_req_new(t, "NdkInitializeFastRegisterMr");
		st_init_start(t, s->mr, 3, true, s->req);
		break;
	}
}

/* It ends without what the device takes its time over. */
static void st_ends_meanwhile(struct st_dereg *s)
{
	if (s->end->answer == STATUS_PENDING &&
	    ST_EXPECT(s->t, wait_for_completion_timeout(&s->end->done,
							ST_TIMEOUT),
		      "%s waits for a region of others", s->end->what))
		complete(&s->end->done);
}

static void st_again(struct st_dereg *s)
{
	struct st_test *t = s->t;

	switch (s->point) {
	case ST_DEREGISTER:
		ST_STATUS(t, st_register(t, s->mr, s->buf->mdl, s->buf->len,
					 ST_MR_ALL),
			  STATUS_INVALID_DEVICE_STATE);
		break;
	case ST_RENEW:
		s->end = st_req_new(t, "NdkInitializeFastRegisterMr");
		ST_STATUS(t, st_init_start(t, s->mr, 3, true, s->end),
			  STATUS_PENDING);
		break;
	default:
		ST_OK(t, st_init(t, s->r.mr, 3, true));
		break;
	}
}

static void st_act(struct st_dereg *s, enum st_act act)
{
	struct st_test *t = s->t;

	switch (act) {
	case ST_CLOSE_OTHER:
		s->end = st_close_start(t, &s->other->Header);
		st_ends_meanwhile(s);
		break;
	case ST_CLOSE_PD:
		s->end = st_close_start(t, &s->r.p->a.pd->Header);
		/* so that nothing else keeps it */
		st_objects_close_start(t);
		if (wait_for_completion_timeout(&s->end->done, ST_QUIET))
			complete(&s->end->done);
		break;
	case ST_AGAIN:
		st_again(s);
		break;
	case ST_DISCONNECT:
		s->end = st_disconnect_start(t, &s->r.p->a);
		st_ends_meanwhile(s);
		break;
	case ST_UNPLUG:
		st_sim->unplug(t->sim);
		ST_EXPECT(t, !st_sim->wait_gone(t->sim, ST_QUIET),
			  "the device is gone, and is taking a region back");
		break;
	}
}

/* What waits is not over, and nobody is told that the memory is out of reach. */
static void st_waits(struct st_dereg *s, enum st_act act)
{
	struct st_test *t = s->t;

	if (s->req)
		ST_EXPECT(t, !atomic_read(&s->req->calls),
			  "%s is over before the device has let go",
			  s->req->what);
	ST_EXPECT(t, !s->mr || act == ST_CLOSE_PD || !st_is_idle(s->mr),
		  "idle before the device has let go");
	if (act == ST_CLOSE_PD || (act == ST_AGAIN && s->end))
		ST_EXPECT(t, !atomic_read(&s->end->calls),
			  "%s is over before the device has let go",
			  s->end->what);
}

static void st_works(struct st_dereg *s)
{
	struct st_test *t = s->t;

	if (s->point == ST_DEREGISTER) {
		ST_EXPECT(t, st_is_idle(s->mr), "deregistered and not idle");
		if (ST_OK(t, st_register(t, s->mr, s->buf->mdl, s->buf->len,
					 ST_MR_ALL)))
			st_access(t, &s->r.p->b, s->buf, s->buf->label,
				  st_remote_token(t, s->mr));
	} else if (s->point != ST_CLOSE) {
		st_region_works(t, &s->r);
	}
}

static void st_dereg(struct st_test *t)
{
	static const struct ndk_sim_fault pause = {
		.pause_at = 1, .pause_ms = ST_STOPPED_MS,
	};
	struct st_dereg s = { .t = t, .point = t->arg & 0xff };
	enum st_act act = t->arg >> 8;
	bool stopped;

	if (!st_prepare(&s))
		return;
	st_sim->set_fault(t->sim, NDK_SIM_DEREG_MR, &pause);
	st_start(&s);
	stopped = ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
			    "nothing is taken back");
	if (stopped) {
		st_act(&s, act);
		st_waits(&s, act);
		ST_EXPECT(t, st_sim->paused(t->sim), "it went on by itself");
	}
	st_sim->resume(t->sim);
	if (!stopped || (s.req && !ST_OK(t, st_req_wait(t, s.req))))
		return;
	switch (act) {
	case ST_CLOSE_OTHER:
	case ST_AGAIN:
		if (!s.end || ST_OK(t, st_req_wait(t, s.end)))
			st_works(&s);
		break;
	case ST_UNPLUG:
		if (ST_EXPECT(t, st_sim->wait_gone(t->sim, ST_TIMEOUT),
			      "the device does not go away"))
			ST_EXPECT(t, !s.mr || st_is_idle(s.mr),
				  "not idle, with the device gone");
		break;
	case ST_CLOSE_PD:
	case ST_DISCONNECT:
		ST_OK(t, st_req_wait(t, s.end));
		break;
	}
}

static const struct ndk_sim_attr st_sim_large = {
	.max_pages = 1024,
	.page_size_cap = PAGE_SIZE,
};

#define ST_CASE(point_name, point, act_name, act)			       \
	{								       \
		.name = point_name "_" act_name, .run = st_dereg,	       \
		.arg = ST_ARG(point, act), .sim = &st_sim_large,	       \
	}

#define ST_EACH(name, point)						       \
	ST_CASE(name, point, "close_other", ST_CLOSE_OTHER),		       \
	ST_CASE(name, point, "close_pd", ST_CLOSE_PD),			       \
	ST_CASE(name, point, "disconnect", ST_DISCONNECT),		       \
	ST_CASE(name, point, "unplug", ST_UNPLUG)

#define ST_EACH_MR(name, point)						       \
	ST_EACH(name, point), ST_CASE(name, point, "again", ST_AGAIN)

static const struct st_case st_cases[] = {
	ST_EACH_MR("deregister", ST_DEREGISTER),
	ST_EACH("close", ST_CLOSE),
	ST_EACH_MR("resize", ST_RESIZE),
	ST_EACH_MR("renew", ST_RENEW),
};

const struct st_suite st_suite_sim_dereg = {
	"sim_dereg", st_cases, ARRAY_SIZE(st_cases),
};
