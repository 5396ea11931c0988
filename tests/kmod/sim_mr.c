// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registrations that take their time, or end badly.
 */
#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "harness.h"
#include "sim_device.h"

/* More than are kept ready. */
#define ST_MANY		200

/* Callbacks that must not come are waited for this long. */
#define ST_QUIET	(HZ / 5)

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

/* What is invalidated behind a registration is not free before both are over. */
static void st_init_behind(struct st_test *t)
{
	struct st_region s;

	if (!st_region_new(t, &s))
		return;
	st_sim_hold(t, NDK_SIM_DO(REG_MR) | NDK_SIM_DO(LOCAL_INV));
	if (!ST_OK(t, st_post(t, s.p->a.qp, &s.reg)) || !st_sim_held(t, 1) ||
	    !ST_OK(t, st_post(t, s.p->a.qp, &s.inv)))
		return;
	st_sim->release(t->sim, 1);
	if (!st_region_next(t, &s, &s.reg, STATUS_SUCCESS) ||
	    !st_sim_held(t, 1))
		return;
	ST_EXPECT(t, !st_is_idle(s.mr), "idle, and not invalidated yet");
	ST_STATUS(t, st_init(t, s.mr, 3, true), STATUS_INVALID_DEVICE_STATE);
	st_sim_hold(t, 0);
	if (!st_region_next(t, &s, &s.inv, STATUS_SUCCESS))
		return;
	ST_EXPECT(t, st_is_idle(s.mr), "invalidated, and not idle");
	if (ST_OK(t, st_init(t, s.mr, 3, true)))
		st_region_works(t, &s);
}

/* Nor is what has failed, while something behind it is still to end. */
static void st_init_stale_held(struct st_test *t)
{
	struct st_req *init = st_req_new(t, "NdkInitializeFastRegisterMr");
	struct st_region s;

	init->answer = STATUS_SUCCESS;
	if (!st_region_new(t, &s))
		return;
	st_sim_hold(t, NDK_SIM_DO(REG_MR) | NDK_SIM_DO(LOCAL_INV));
	st_sim_fail(t, NDK_SIM_DO_REG_MR, 1, IB_WC_GENERAL_ERR);
	if (!ST_OK(t, st_post(t, s.p->a.qp, &s.reg)) || !st_sim_held(t, 1) ||
	    !ST_OK(t, st_post(t, s.p->a.qp, &s.inv)))
		return;
	st_sim->release(t->sim, 1);
	if (!st_region_next(t, &s, &s.reg, STATUS_INTERNAL_ERROR) ||
	    !st_sim_held(t, 1))
		return;
	if (ST_STATUS(t, st_init_start(t, s.mr, 3, true, init),
		      STATUS_INVALID_DEVICE_STATE))
		st_refused_for(t, &s.mr->Header,
			       "requests pending on the region");
	st_sim_hold(t, 0);
	if (st_region_next(t, &s, &s.inv, STATUS_CANCELLED))
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

static int (*st_real_map)(struct ib_mr *ib_mr, struct scatterlist *sg,
			  int nents, unsigned int *offset);
static u64 st_mapped[4];
static unsigned int st_maps;

/* Where the memory begins that the device is told of. */
static int st_noting_map(struct ib_mr *ib_mr, struct scatterlist *sg, int nents,
			 unsigned int *offset)
{
	if (st_maps < ARRAY_SIZE(st_mapped))
		st_mapped[st_maps++] = sg_dma_address(sg);
	return st_real_map(ib_mr, sg, nents, offset);
}

/* Two registrations of one region that are held back: each has its own pages. */
static void st_two_held_back(struct st_test *t)
{
	struct st_buf *other = st_buf_new(t, ST_SCATTER, 100, PAGE_SIZE);
	struct ib_device *ib;
	struct st_region s;
	struct st_wr again;
	struct ib_mr *ib_mr;
	bool posted;

	if (!other || !st_region_new(t, &s) || !ST_OK(t, st_build_lam(t, other)) ||
	    !ST_OK(t, st_do(t, &s.p->a, &s.reg)))
		return;
	again = s.reg;
	again.array = other->lam->AdapterPageArray;
	again.pages = other->lam->AdapterPageCount;
	again.fbo = 100;
	again.len = other->len;
	again.base = other->label;
	again.ctx = &again;
	ib_mr = st_ib_mr(t, s.mr);
	if (!ib_mr)
		return;
	ib = ib_mr->device;
	st_maps = 0;
	st_replace(ib, map_mr_sg, &st_real_map, st_noting_map);
	st_sim_hold(t, NDK_SIM_DO(LOCAL_INV));
	posted = ST_OK(t, st_post(t, s.p->a.qp, &s.inv)) && st_sim_held(t, 1) &&
		 ST_OK(t, st_post(t, s.p->a.qp, &again)) &&
		 ST_OK(t, st_post(t, s.p->a.qp, &s.inv)) &&
		 ST_OK(t, st_post(t, s.p->a.qp, &s.reg));
	st_sim_hold(t, 0);
	posted = posted && st_region_next(t, &s, &s.inv, STATUS_SUCCESS) &&
		 st_region_next(t, &s, &again, STATUS_SUCCESS) &&
		 st_region_next(t, &s, &s.inv, STATUS_SUCCESS) &&
		 st_region_next(t, &s, &s.reg, STATUS_SUCCESS);
	st_restore(ib, map_mr_sg, &st_real_map);
	if (!posted)
		return;
	ST_EXPECT(t, st_maps == 2 &&
		  st_mapped[0] == other->lam->AdapterPageArray[0].QuadPart + 100 &&
		  st_mapped[1] == s.buf->lam->AdapterPageArray[0].QuadPart + 9,
		  "%u lists, and not of the pages that were asked for", st_maps);
	st_access(t, &s.p->b, s.buf, s.buf->label, st_remote_token(t, s.mr));
	ST_BUF(t, other);
}

/* Registers @buf of one end, which begins at @fbo of its page. */
static struct st_wr st_registration(const struct st_region *s,
				    struct st_buf *buf, ULONG fbo)
{
	struct st_wr wr = s->reg;

	wr.array = buf->lam->AdapterPageArray;
	wr.pages = buf->lam->AdapterPageCount;
	wr.fbo = fbo;
	wr.len = buf->len;
	wr.base = buf->label;
	return wr;
}

/*
 * The next one that is held back has come before the last one of two has gone: the
 * pages of neither are those of a fourth.
 */
static bool st_take_turns(struct st_test *t, struct st_region *s,
			  struct st_wr *first, struct st_wr *second,
			  struct st_wr *third)
{
	NDK_QP *qp = s->p->a.qp;

	st_sim_hold(t, NDK_SIM_DO(LOCAL_INV));
	if (!ST_OK(t, st_post(t, qp, &s->inv)) || !st_sim_held(t, 1) ||
	    !ST_OK(t, st_post(t, qp, first)) ||
	    !ST_OK(t, st_post(t, qp, &s->inv)) ||
	    !ST_OK(t, st_post(t, qp, second)))
		return false;
	st_sim->release(t->sim, 1);
	if (!st_region_next(t, s, &s->inv, STATUS_SUCCESS) ||
	    !st_region_next(t, s, first, STATUS_SUCCESS) ||
	    !st_sim_held(t, 1) || !ST_OK(t, st_post(t, qp, &s->inv)) ||
	    !ST_OK(t, st_post(t, qp, &s->reg)))
		return false;
	st_sim->release(t->sim, 1);
	if (!st_region_next(t, s, &s->inv, STATUS_SUCCESS) ||
	    !st_region_next(t, s, second, STATUS_SUCCESS) ||
	    !st_sim_held(t, 1) || !ST_OK(t, st_post(t, qp, &s->inv)) ||
	    !ST_OK(t, st_post(t, qp, third)))
		return false;
	st_sim_hold(t, 0);
	return st_region_next(t, s, &s->inv, STATUS_SUCCESS) &&
	       st_region_next(t, s, &s->reg, STATUS_SUCCESS) &&
	       st_region_next(t, s, &s->inv, STATUS_SUCCESS) &&
	       st_region_next(t, s, third, STATUS_SUCCESS);
}

static void st_turns_held_back(struct st_test *t)
{
	struct st_wr wr[ARRAY_SIZE(st_mapped) - 1];
	struct st_buf *buf[ARRAY_SIZE(wr)];
	struct ib_device *ib;
	struct st_region s;
	struct ib_mr *ib_mr;
	unsigned int i;
	bool done;

	if (!st_region_new(t, &s) || !ST_OK(t, st_do(t, &s.p->a, &s.reg)))
		return;
	for (i = 0; i < ARRAY_SIZE(wr); i++) {
		buf[i] = st_buf_new(t, ST_SCATTER, 100 + i, PAGE_SIZE);
		if (!buf[i] || !ST_OK(t, st_build_lam(t, buf[i])))
			return;
		wr[i] = st_registration(&s, buf[i], 100 + i);
		wr[i].ctx = &wr[i];
	}
	ib_mr = st_ib_mr(t, s.mr);
	if (!ib_mr)
		return;
	ib = ib_mr->device;
	st_maps = 0;
	st_real_map = ib->ops.map_mr_sg;
	WRITE_ONCE(ib->ops.map_mr_sg, st_noting_map);
	done = st_take_turns(t, &s, &wr[0], &wr[1], &wr[2]);
	st_sim_hold(t, 0);
	WRITE_ONCE(ib->ops.map_mr_sg, st_real_map);
	if (!done)
		return;
	ST_EXPECT(t, st_maps == 4 &&
		  st_mapped[0] == wr[0].array[0].QuadPart + 100 &&
		  st_mapped[1] == wr[1].array[0].QuadPart + 101 &&
		  st_mapped[2] == s.reg.array[0].QuadPart + 9 &&
		  st_mapped[3] == wr[2].array[0].QuadPart + 102,
		  "%u lists, and not of the pages that were asked for", st_maps);
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

/* There is nothing in it, and nothing can be done with it. */
static bool st_uninitialised(struct st_test *t, struct st_region *s)
{
	return ST_STATUS(t, st_post(t, s->p->a.qp, &s->reg),
			 STATUS_INVALID_DEVICE_STATE) &&
	       st_refused_for(t, &s->p->a.qp->Header, "state (created)") &&
	       ST_STATUS(t, st_post(t, s->p->a.qp, &s->inv),
			 STATUS_INVALID_DEVICE_STATE) &&
	       ST_EXPECT(t, !st_remote_token(t, s->mr) &&
			 !st_local_token(t, s->mr), "it has a token") &&
	       ST_EXPECT(t, st_is_idle(s->mr), "it is not idle");
}

/* After an initialisation that fails a region is as if it were new. */
static void st_init_failed(struct st_test *t)
{
	ULONG pages = t->info.FRMRPageCount + 1;
	struct st_region s;
	NDK_MR *mr, *was;
	int i;

	if (!st_region_new(t, &s) ||
	    !ST_OK(t, st_create_mr(t, s.p->a.pd, true, &mr)))
		return;
	was = s.mr;
	/* one that is new, and then one that was initialised before */
	for (i = 0; i < 2; i++) {
		s.mr = i ? was : mr;
		s.reg.mr = s.mr;
		s.inv.mr = s.mr;
		st_sim_fail_all(t, NDK_SIM_ALLOC_MR, ENOMEM);
		ST_STATUS(t, st_init(t, s.mr, pages, true),
			  STATUS_INSUFFICIENT_RESOURCES);
		st_sim_fail_all(t, NDK_SIM_ALLOC_MR, 0);
		if (!st_uninitialised(t, &s) ||
		    !ST_OK(t, st_init(t, s.mr, 3, true)) ||
		    !st_region_works(t, &s))
			return;
	}
}

/* A close that comes while one request is served cancels all behind it. */
static void st_close_second(struct st_test *t)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };
	ULONG pages = t->info.FRMRPageCount + 1;
	struct st_req *init[3], *close = NULL;
	NDK_PD *pd;
	NDK_MR *mr;
	int i;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)))
		return;
	for (i = 0; i < ARRAY_SIZE(init); i++)
		init[i] = st_req_new(t, "NdkInitializeFastRegisterMr");
	st_sim->set_fault(t->sim, NDK_SIM_ALLOC_MR, &pause);
	for (i = 0; i < ARRAY_SIZE(init); i++)
		ST_STATUS(t, st_init_start(t, mr, pages, true, init[i]),
			  STATUS_PENDING);
	if (ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
		      "nothing is made"))
		close = st_close_start(t, &mr->Header);
	st_sim->resume(t->sim);
	for (i = 0; i < ARRAY_SIZE(init); i++)
		ST_STATUS(t, st_req_wait(t, init[i]),
			  i ? STATUS_CANCELLED : STATUS_SUCCESS);
	ST_EXPECT(t, st_sim->calls(t->sim, NDK_SIM_ALLOC_MR) == 1,
		  "%u regions were made for it",
		  st_sim->calls(t->sim, NDK_SIM_ALLOC_MR));
	if (close)
		st_req_wait(t, close);
}

/* Of many that were in use, some are kept for the next. */
static void st_pool_bounded(struct st_test *t)
{
	static struct st_req *reqs[ST_MANY];
	static NDK_MR *mrs[ST_MANY];
	unsigned long end = jiffies + ST_TIMEOUT;
	u32 live = st_sim->live(t->sim, NDK_SIM_MR);
	NDK_PD *pd;
	int i;

	if (!ST_OK(t, st_create_pd(t, &pd)))
		return;
	for (i = 0; i < ST_MANY; i++) {
		if (!ST_OK(t, st_create_mr(t, pd, true, &mrs[i])))
			return;
		reqs[i] = st_req_new(t, "NdkInitializeFastRegisterMr");
		st_init_start(t, mrs[i], 16, true, reqs[i]);
	}
	for (i = 0; i < ST_MANY; i++)
		if (!ST_OK(t, st_req_wait(t, reqs[i])))
			return;
	for (i = 0; i < ST_MANY; i++)
		st_close(t, &mrs[i]->Header);
	/* The rest is destroyed by and by. */
	while (st_sim->live(t->sim, NDK_SIM_MR) > live + ST_MANY / 2 &&
	       time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	ST_EXPECT(t, st_sim->live(t->sim, NDK_SIM_MR) <= live + ST_MANY / 2,
		  "%u of %d regions are kept",
		  st_sim->live(t->sim, NDK_SIM_MR) - live, ST_MANY);
}

/* Nothing that the device may have is closed before removal is done with all. */
static void st_close_in_removal(struct st_test *t)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 77, 3 * PAGE_SIZE);
	struct st_req *close = NULL;
	NDK_MR *registered, *idle;
	NDK_PD *pd;

	if (!buf || !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &registered)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &idle)) ||
	    !ST_OK(t, st_register(t, registered, buf->mdl, buf->len, ST_MR_ALL)))
		return;
	st_sim->set_fault(t->sim, NDK_SIM_DEREG_MR, &pause);
	st_sim->unplug(t->sim);
	if (ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
		      "nothing is taken from the device")) {
		ST_EXPECT(t, !st_is_idle(registered),
			  "idle, and the device has not let go of it");
		close = st_close_start(t, &idle->Header);
		if (wait_for_completion_timeout(&close->done, ST_QUIET)) {
			ST_EXPECT(t, false, "closed in the middle of removal");
			complete(&close->done);
		}
	}
	st_sim->resume(t->sim);
	if (ST_EXPECT(t, st_sim->wait_gone(t->sim, ST_TIMEOUT),
		      "the device does not go away"))
		ST_EXPECT(t, st_is_idle(registered),
			  "not idle, with the device gone");
	if (close)
		ST_OK(t, st_req_wait(t, close));
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
	ST_SIM(.name = "init_behind", .run = st_init_behind),
	ST_SIM(.name = "init_stale_held", .run = st_init_stale_held),
	ST_SIM(.name = "invalidate_held", .run = st_invalidate_held),
	ST_SIM(.name = "invalidate_held_softirq", .run = st_invalidate_held,
	       .ctx = ST_SOFTIRQ),
	ST_SIM(.name = "two_held_back", .run = st_two_held_back),
	ST_SIM(.name = "turns_held_back", .run = st_turns_held_back),
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
	{ .name = "init_failed", .run = st_init_failed, .sim = &st_sim_large },
	{ .name = "close_second", .run = st_close_second,
	  .sim = &st_sim_large },
	{ .name = "close_slow", .run = st_close_slow, .sim = &st_sim_large },
	ST_SIM(.name = "pool_bounded", .run = st_pool_bounded),
	ST_SIM(.name = "close_in_removal", .run = st_close_in_removal),
};

const struct st_suite st_suite_sim_mr = {
	"sim_mr", st_cases, ARRAY_SIZE(st_cases),
};
