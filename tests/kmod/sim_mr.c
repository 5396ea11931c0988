// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registrations that take their time, or end badly.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

/* The device has done it, but has not said so. */
static bool st_register_held(struct st_test *t, struct st_region *s)
{
	st_sim_hold(t, NDK_SIM_DO(REG_MR));
	return ST_OK(t, st_post(t, s->p->a.qp, &s->reg)) && st_sim_held(t, 1);
}

/* A region is closed only when the device has let go of it. */
static void st_close_held(struct st_test *t)
{
	struct st_req *close;
	struct st_region s;

	if (!st_region_new(t, &s) || !st_register_held(t, &s))
		return;
	close = st_close_start(t, &s.mr->Header);
	ST_EXPECT(t, !atomic_read(&close->calls),
		  "closed with its registration in flight");
	st_sim_hold(t, 0);
	st_region_next(t, &s, &s.reg, STATUS_SUCCESS);
	st_req_wait(t, close);
}

/* Nor is a queue pair, whose end would end the registration. */
static void st_close_qp_held(struct st_test *t)
{
	struct st_req *close, *conn;
	struct st_region s;

	if (!st_region_new(t, &s) || !st_register_held(t, &s))
		return;
	conn = st_close_start(t, &s.p->a.conn->Header);
	close = st_close_start(t, &s.p->a.qp->Header);
	ST_EXPECT(t, !atomic_read(&close->calls),
		  "closed with a request in flight");
	st_sim_hold(t, 0);
	st_region_next(t, &s, &s.reg, STATUS_SUCCESS);
	st_req_wait(t, conn);
	st_req_wait(t, close);
}

static void st_init_held(struct st_test *t)
{
	struct st_region s;

	if (!st_region_new(t, &s) || !st_register_held(t, &s))
		return;
	ST_STATUS(t, st_init(t, s.mr, 3, true), STATUS_INVALID_DEVICE_STATE);
	st_sim_hold(t, 0);
	if (!st_region_next(t, &s, &s.reg, STATUS_SUCCESS) ||
	    !st_access(t, &s.p->b, s.buf, s.buf->label,
		       st_remote_token(t, s.mr)))
		return;
	st_sim_hold(t, NDK_SIM_DO(LOCAL_INV));
	if (!ST_OK(t, st_post(t, s.p->a.qp, &s.inv)) || !st_sim_held(t, 1))
		return;
	ST_STATUS(t, st_init(t, s.mr, 3, true), STATUS_INVALID_DEVICE_STATE);
	st_sim_hold(t, 0);
	if (st_region_next(t, &s, &s.inv, STATUS_SUCCESS))
		ST_OK(t, st_init(t, s.mr, 3, true));
}

/* Back to back: nothing has to be waited for. */
static void st_invalidate_held(struct st_test *t)
{
	struct st_region s;

	if (!st_region_new(t, &s) || !st_register_held(t, &s))
		return;
	ST_STATUS(t, st_post(t, s.p->a.qp, &s.reg),
		  STATUS_INVALID_DEVICE_STATE);
	if (!ST_OK(t, st_post(t, s.p->a.qp, &s.inv)) ||
	    !ST_OK(t, st_post(t, s.p->a.qp, &s.reg)))
		return;
	st_sim->release(t->sim, 1);
	if (!st_region_next(t, &s, &s.reg, STATUS_SUCCESS) ||
	    !st_region_next(t, &s, &s.inv, STATUS_SUCCESS) ||
	    !st_sim_held(t, 1))
		return;
	st_sim_hold(t, 0);
	if (st_region_next(t, &s, &s.reg, STATUS_SUCCESS))
		st_access(t, &s.p->b, s.buf, s.buf->label,
			  st_remote_token(t, s.mr));
}

/* Nobody knows what the device has: begin anew, on another queue pair. */
static void st_stale(struct st_test *t)
{
	bool inv = t->arg == NDK_SIM_DO_LOCAL_INV;
	struct st_pair *q = st_pair_alloc(t);
	struct st_region s;
	UINT32 token;

	if (!st_region_new(t, &s))
		return;
	q->a.pd = s.p->a.pd;
	if (!st_pair_up(t, q, false))
		return;
	token = st_remote_token(t, s.mr);
	if (inv && !ST_OK(t, st_do(t, &s.p->a, &s.reg)))
		return;
	st_sim_fail(t, t->arg, 1, IB_WC_MW_BIND_ERR);
	if (!ST_STATUS(t, st_do(t, &s.p->a, inv ? &s.inv : &s.reg),
		       STATUS_INVALID_DEVICE_REQUEST))
		return;
	ST_STATUS(t, st_post(t, q->a.qp, &s.reg), STATUS_INVALID_DEVICE_STATE);
	ST_STATUS(t, st_post(t, q->a.qp, &s.inv), STATUS_INVALID_DEVICE_STATE);
	s.p = q;
	if (!ST_OK(t, st_init(t, s.mr, 3, true)) ||
	    !ST_EXPECT(t, st_remote_token(t, s.mr) != token,
		       "the old token has come back") ||
	    !ST_OK(t, st_do(t, &s.p->a, &s.reg)))
		return;
	st_access(t, &s.p->b, s.buf, s.buf->label, st_remote_token(t, s.mr));
}

/* A stale region that is only closed must be taken from the device. */
static void st_stale_close(struct st_test *t)
{
	struct st_region s;

	if (!st_region_new(t, &s) || !ST_OK(t, st_do(t, &s.p->a, &s.reg)))
		return;
	st_sim_fail(t, NDK_SIM_DO_LOCAL_INV, 1, IB_WC_GENERAL_ERR);
	ST_STATUS(t, st_do(t, &s.p->a, &s.inv), STATUS_INTERNAL_ERROR);
	st_sim_fail(t, NDK_SIM_DEREG_MR, 0, 0);
	st_close(t, &s.mr->Header);
	ST_EXPECT(t, st_sim->calls(t->sim, NDK_SIM_DEREG_MR) == 1,
		  "the region was not deregistered");
}

/*
 * Regions are made ready for the first fast one, and not for a domain that may
 * never have any. If not one can be, there is no fast region either.
 */
static void st_no_alloc(struct st_test *t)
{
	u32 live = st_sim->live(t->sim, NDK_SIM_MR);
	struct st_req *init;
	NDK_MR *mr;
	NDK_PD *pd;

	st_sim_fail(t, NDK_SIM_ALLOC_PD, 1, ENOMEM);
	ST_STATUS(t, st_create_pd(t, &pd), STATUS_INSUFFICIENT_RESOURCES);
	st_sim_fail_all(t, NDK_SIM_ALLOC_MR, ENOMEM);
	if (!ST_OK(t, st_create_pd(t, &pd)))
		return;
	ST_OK(t, st_create_mr(t, pd, false, &mr));
	ST_EXPECT(t, st_sim->live(t->sim, NDK_SIM_MR) == live,
		  "regions that nobody has asked for");
	ST_STATUS(t, st_create_mr(t, pd, true, &mr),
		  STATUS_INSUFFICIENT_RESOURCES);
	/* some can: that will do */
	st_sim_fail(t, NDK_SIM_ALLOC_MR, 5, ENOMEM);
	if (!ST_OK(t, st_create_mr(t, pd, true, &mr)))
		return;
	ST_EXPECT(t, st_sim->live(t->sim, NDK_SIM_MR) == live + 4,
		  "%u regions are ready",
		  st_sim->live(t->sim, NDK_SIM_MR) - live);
	init = st_req_new(t, "NdkInitializeFastRegisterMr");
	ST_OK(t, st_init_start(t, mr, 1, true, init));
}

/* More pages than the pool's regions have: the worker has to make one. */
static void st_large_alloc(struct st_test *t)
{
	ULONG pages = t->info.FRMRPageCount + 1;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)))
		return;
	st_sim_fail_all(t, NDK_SIM_ALLOC_MR, ENOMEM);
	ST_STATUS(t, st_init(t, mr, pages, true),
		  STATUS_INSUFFICIENT_RESOURCES);
	ST_EXPECT(t, !st_remote_token(t, mr), "a token without memory for it");
	/* what fits into the pool's regions still goes */
	if (!ST_OK(t, st_init(t, mr, pages - 1, true)))
		return;
	ST_STATUS(t, st_init(t, mr, pages, true),
		  STATUS_INSUFFICIENT_RESOURCES);
	st_sim_fail_all(t, NDK_SIM_ALLOC_MR, 0);
	ST_OK(t, st_init(t, mr, pages, true));
}

/* Closed while the device takes its time over each verb. */
static void st_close_slow(struct st_test *t)
{
	static const struct ndk_sim_fault slow = { .delay_ms = 30 };
	ULONG pages = t->info.FRMRPageCount + 1;
	struct st_req *init, *close;
	NTSTATUS status;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)))
		return;
	st_sim->set_fault(t->sim, NDK_SIM_ALLOC_MR, &slow);
	st_sim->set_fault(t->sim, NDK_SIM_DEREG_MR, &slow);
	init = st_req_new(t, "NdkInitializeFastRegisterMr");
	ST_STATUS(t, st_init_start(t, mr, pages, true, init), STATUS_PENDING);
	close = st_close_start(t, &mr->Header);
	st_req_wait(t, close);
	status = st_req_wait(t, init);
	ST_EXPECT(t, status == STATUS_SUCCESS || status == STATUS_CANCELLED,
		  "the initialisation ended with %s", st_status_name(status));
}

static const struct ndk_sim_attr st_sim_large = {
	.max_pages = 1024,
	.page_size_cap = PAGE_SIZE,
};

#define ST_SIM(...) { .sim = &st_sim_usual, __VA_ARGS__ }

static const struct st_case st_cases[] = {
	ST_SIM(.name = "close_held", .run = st_close_held),
	ST_SIM(.name = "close_held_softirq", .run = st_close_held,
	       .ctx = ST_SOFTIRQ),
	ST_SIM(.name = "close_qp_held", .run = st_close_qp_held),
	ST_SIM(.name = "init_held", .run = st_init_held),
	ST_SIM(.name = "invalidate_held", .run = st_invalidate_held),
	ST_SIM(.name = "invalidate_held_softirq", .run = st_invalidate_held,
	       .ctx = ST_SOFTIRQ),
	ST_SIM(.name = "stale_register", .run = st_stale,
	       .arg = NDK_SIM_DO_REG_MR),
	ST_SIM(.name = "stale_invalidate", .run = st_stale,
	       .arg = NDK_SIM_DO_LOCAL_INV),
	ST_SIM(.name = "stale_close", .run = st_stale_close),
	ST_SIM(.name = "no_alloc", .run = st_no_alloc),
	{ .name = "large_alloc", .run = st_large_alloc,
	  .sim = &st_sim_large },
	{ .name = "large_alloc_softirq", .run = st_large_alloc,
	  .sim = &st_sim_large, .ctx = ST_SOFTIRQ },
	{ .name = "close_slow", .run = st_close_slow, .sim = &st_sim_large },
};

const struct st_suite st_suite_sim_mr = {
	"sim_mr", st_cases, ARRAY_SIZE(st_cases),
};
