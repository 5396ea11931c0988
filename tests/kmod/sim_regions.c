// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regions: several requests on one, what has failed half way, what is kept ready, and
 * what a failed request is blamed on.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "harness.h"
#include "sim_device.h"

/* What must not happen is waited for this long. */
#define ST_QUIET	(HZ / 5)

/* Registrations that make one region come round more often than a key has variants. */
#define ST_KEYS		70000

/**
 * struct st_use - a registration from inside an initialisation's callback
 * @t: the test
 * @r: the region
 * @status: what was answered
 */
struct st_use {
	struct st_test *t;
	struct st_region *r;
	NTSTATUS status;
};

static void st_use_inside(struct st_req *req)
{
	struct st_use *use = req->priv;

	use->status = st_post(use->t, use->r->p->a.qp, &use->r->reg);
}

/* Initialisations, the first of which is in the device before the next is made. */
static bool st_initialise(struct st_test *t, NDK_MR *mr, struct st_req **init,
			  const bool *remote, int n)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };
	bool paused, done = true;
	int i;

	/* too many for those that are ready */
	st_sim->set_fault(t->sim, NDK_SIM_ALLOC_MR, &pause);
	for (i = 0; i < n; i++)
		ST_STATUS(t, st_init_start(t, mr, t->info.FRMRPageCount + 1,
					   remote[i], init[i]), STATUS_PENDING);
	paused = ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
			   "nothing is made");
	st_sim->resume(t->sim);
	for (i = 0; i < n; i++)
		done = ST_OK(t, st_req_wait(t, init[i])) && done;
	return paused && done;
}

/* A region is not ready before the last of its initialisations is over. */
static void st_not_ready_yet(struct st_test *t)
{
	static const bool remote[] = { true, true };
	struct st_req *init[ARRAY_SIZE(remote)];
	struct st_use use = { .t = t };
	struct st_region r;
	int i;

	if (!st_region_new(t, &r))
		return;
	for (i = 0; i < ARRAY_SIZE(init); i++)
		init[i] = st_req_new(t, "NdkInitializeFastRegisterMr");
	use.r = &r;
	init[0]->priv = &use;
	init[0]->hook = st_use_inside;
	if (!st_initialise(t, r.mr, init, remote, ARRAY_SIZE(init)) ||
	    !ST_STATUS(t, use.status, STATUS_INVALID_DEVICE_STATE))
		return;
	st_refused_for(t, &r.p->a.qp->Header, "state (initialising)");
	st_region_works(t, &r);
}

/* They are served in the order that they were made in, so that the last one counts. */
static void st_last_counts(struct st_test *t)
{
	static const bool remote[] = { true, true, false };
	struct st_req *init[ARRAY_SIZE(remote)];
	struct st_region r;
	int i;

	if (!st_region_new(t, &r))
		return;
	for (i = 0; i < ARRAY_SIZE(init); i++)
		init[i] = st_req_new(t, "NdkInitializeFastRegisterMr");
	if (!st_initialise(t, r.mr, init, remote, ARRAY_SIZE(init)))
		return;
	if (ST_STATUS(t, st_post(t, r.p->a.qp, &r.reg),
		      STATUS_ACCESS_VIOLATION))
		st_refused_for(t, &r.p->a.qp->Header,
			       "Flags (without RemoteAccess)");
}

/* What comes after one that the device is at when it goes is told so. */
static void st_behind_removal(struct st_test *t)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };
	struct st_req *init[2];
	NDK_PD *pd;
	NDK_MR *mr;
	int i;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)))
		return;
	st_sim->set_fault(t->sim, NDK_SIM_ALLOC_MR, &pause);
	for (i = 0; i < ARRAY_SIZE(init); i++) {
		init[i] = st_req_new(t, "NdkInitializeFastRegisterMr");
		ST_STATUS(t, st_init_start(t, mr, t->info.FRMRPageCount + 1,
					   true, init[i]), STATUS_PENDING);
	}
	if (ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
		      "nothing is made")) {
		st_sim->unplug(t->sim);
		st_removal_seen(t, pd);
	}
	st_sim->resume(t->sim);
	ST_OK(t, st_req_wait(t, init[0]));
	ST_STATUS(t, st_req_wait(t, init[1]), STATUS_DEVICE_REMOVED);
}

/* Nobody knows what has become of a registration that failed: it is given to nobody. */
static void st_half_done(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 77, 3 * PAGE_SIZE);
	NDK_PD *pd;
	NDK_MR *mr;

	if (!buf || !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)))
		return;
	st_sim_fail(t, NDK_SIM_DO_REG_MR, 1, IB_WC_MW_BIND_ERR);
	st_sim_fail(t, NDK_SIM_DEREG_MR, 0, 0);
	ST_STATUS(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL),
		  STATUS_INVALID_DEVICE_REQUEST);
	ST_EXPECT(t, st_sim->calls(t->sim, NDK_SIM_DEREG_MR) == 1,
		  "the device still has what it failed at");
}

/* Regions are made ready for fast ones, and not for those that are no such. */
static void st_none_ready(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 77, 3 * PAGE_SIZE);
	u32 live = st_sim->live(t->sim, NDK_SIM_MR);
	NDK_PD *pd;
	NDK_MR *mr;

	if (!buf || !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)) ||
	    !ST_OK(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL)))
		return;
	schedule_timeout_uninterruptible(ST_QUIET);
	ST_EXPECT(t, st_sim->live(t->sim, NDK_SIM_MR) == live + 1,
		  "%u regions for one",
		  st_sim->live(t->sim, NDK_SIM_MR) - live);
}

/* When many are taken, others are made, before somebody has to wait for them. */
static void st_refilled(struct st_test *t)
{
	u32 live = st_sim->live(t->sim, NDK_SIM_MR), ready, i;
	unsigned long end = jiffies + ST_TIMEOUT;
	struct st_req *init;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)))
		return;
	ready = st_sim->live(t->sim, NDK_SIM_MR) - live;
	for (i = 0; i < ready; i++) {
		init = st_req_new(t, "NdkInitializeFastRegisterMr");
		if (!ST_OK(t, st_init_start(t, mr, 1, true, init)) ||
		    !ST_OK(t, st_create_mr(t, pd, true, &mr)))
			return;
	}
	while (st_sim->live(t->sim, NDK_SIM_MR) <= live + ready &&
	       time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	ST_EXPECT(t, st_sim->live(t->sim, NDK_SIM_MR) > live + ready,
		  "%u regions are taken, and no others are made", ready);
}

/* No region has the token that stands for all memory, whatever its number is. */
static void st_no_key_to_all(struct st_test *t)
{
	struct st_req *init = st_req_new(t, "NdkInitializeFastRegisterMr");
	unsigned int i, near = 0;
	NTSTATUS status;
	UINT32 token, all;
	NDK_PD *pd;
	NDK_MR *mr;

	init->answer = STATUS_SUCCESS;
	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)))
		return;
	pd->Dispatch->NdkGetPrivilegedMemoryRegionToken(pd, &all);
	for (i = 0; i < ST_KEYS; i++) {
		status = mr->Dispatch->NdkInitializeFastRegisterMr(mr, 1, TRUE,
								   st_on_request,
								   init);
		if (!ST_OK(t, status)) {
			init->answer = status;
			return;
		}
		token = st_remote_token(t, mr);
		near += token >> 8 == all >> 8;
		if (!ST_EXPECT(t, token != all &&
			       st_local_token(t, mr) != all,
			       "a region's token is the privileged one"))
			return;
		if (i % 1000 == 0)
			cond_resched();
	}
	ST_EXPECT(t, near > 1000, "it was near it %u times only", near);
}

/* Whose memory, and where the request's ends. */
#define ST_NORMAL	BIT(0)
#define ST_BEYOND	BIT(1)

/*
 * A device says no more than that a request has failed: its memory is blamed if it
 * was not registered, all of it, and only then.
 */
static void st_blamed(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 9, 2 * PAGE_SIZE);
	bool normal = t->arg & ST_NORMAL, beyond = t->arg & ST_BEYOND;
	struct st_pair *p = st_pair_new(t);
	NTSTATUS status;
	NDK_SGE sge;
	struct st_wr read = {
		.op = NdkOperationTypeRead, .sgl = &sge, .nsge = 1,
		.raddr = PAGE_SIZE, .rkey = 0x12300,
	};
	NDK_MR *mr;

	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, !normal, &mr)))
		return;
	if (normal)
		status = st_register(t, mr, buf->mdl, buf->len,
				     NDK_MR_FLAG_ALLOW_LOCAL_WRITE);
	else
		status = st_init(t, mr, 3, false) ?:
			 st_fast_register(t, &p->a, mr, buf, buf->label,
					  NDK_OP_FLAG_ALLOW_LOCAL_WRITE);
	if (!ST_OK(t, status))
		return;
	sge.VirtualAddress = (PVOID)(ULONG_PTR)(buf->label + 100);
	sge.Length = buf->len - 100 + beyond;
	sge.MemoryRegionToken = st_local_token(t, mr);
	st_sim_fail(t, NDK_SIM_DO_READ, 1, IB_WC_GENERAL_ERR);
	ST_STATUS(t, st_do(t, &p->a, &read), beyond ? STATUS_ACCESS_VIOLATION :
						      STATUS_INTERNAL_ERROR);
}

/* A consumer that closes a region once more is told, and changes nothing. */
static void st_closed_twice(struct st_test *t)
{
	struct st_req *close, *again;
	NDK_OBJECT_HEADER *object;
	struct st_region r;

	if (!st_region_new(t, &r))
		return;
	object = &r.mr->Header;
	st_sim_hold(t, NDK_SIM_DO(REG_MR));
	if (!ST_OK(t, st_post(t, r.p->a.qp, &r.reg)) || !st_sim_held(t, 1))
		return;
	/* nobody is to be called back */
	again = st_req_new(t, "close");
	again->answer = STATUS_SUCCESS;
	close = st_close_start(t, object);
	st_allow_log("WARNING: .*ndk_object_close");
	ST_STATUS(t, st_close_fn(object)(object, st_on_close, again),
		  STATUS_PENDING);
	st_allow_log_end();
	schedule_timeout_uninterruptible(ST_QUIET);
	ST_EXPECT(t, !atomic_read(&close->calls),
		  "closed with its registration in flight");
	st_sim_hold(t, 0);
	st_region_next(t, &r, &r.reg, STATUS_SUCCESS);
	st_req_wait(t, close);
}

/* More pages than are unmapped at once. */
#define ST_MAPPED	200

/*
 * What is mapped when the device goes is unmapped by its consumer, if that comes
 * before removal is done with all that is in front, and by removal, if not: each page
 * once, which is looked at from outside (dma.c).
 */
static void st_mapped_in_removal(struct st_test *t)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 77, PAGE_SIZE);
	struct st_buf *first, *second;
	NDK_PD *pd;
	NDK_MR *mr;

	first = st_buf_new(t, ST_SCATTER, 0, ST_MAPPED * PAGE_SIZE);
	second = st_buf_new(t, ST_SCATTER, 0, ST_MAPPED * PAGE_SIZE);
	if (!buf || !first || !second || !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)) ||
	    !ST_OK(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL)) ||
	    !ST_OK(t, st_build_lam(t, first)) ||
	    !ST_OK(t, st_build_lam(t, second)))
		return;
	st_sim->set_fault(t->sim, NDK_SIM_DEREG_MR, &pause);
	st_sim->unplug(t->sim);
	if (ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
		      "nothing is taken from the device"))
		st_release_lam(t, first);
	st_sim->resume(t->sim);
	ST_EXPECT(t, st_sim->wait_gone(t->sim, ST_TIMEOUT),
		  "the device does not go away");
	st_release_lam(t, second);
}

static const struct ndk_sim_attr st_sim_large = {
	.max_pages = 1024, .page_size_cap = PAGE_SIZE,
};

static const struct ndk_sim_attr st_sim_near = {
	.max_pages = 512, .page_size_cap = PAGE_SIZE,
	.habits = NDK_SIM_NEAR_KEY,
};

#define ST_SIM(...) { .sim = &st_sim_usual, __VA_ARGS__ }

static const struct st_case st_cases[] = {
	{ .name = "not_ready_yet", .run = st_not_ready_yet,
	  .sim = &st_sim_large },
	{ .name = "last_counts", .run = st_last_counts, .sim = &st_sim_large },
	{ .name = "behind_removal", .run = st_behind_removal,
	  .sim = &st_sim_large },
	ST_SIM(.name = "half_done", .run = st_half_done),
	ST_SIM(.name = "none_ready", .run = st_none_ready),
	ST_SIM(.name = "refilled", .run = st_refilled),
	{ .name = "no_key_to_all", .run = st_no_key_to_all,
	  .sim = &st_sim_near },
	ST_SIM(.name = "blamed", .run = st_blamed, .arg = ST_BEYOND),
	ST_SIM(.name = "blamed_normal", .run = st_blamed,
	       .arg = ST_BEYOND | ST_NORMAL),
	ST_SIM(.name = "not_blamed", .run = st_blamed, .arg = 0),
	ST_SIM(.name = "not_blamed_normal", .run = st_blamed,
	       .arg = ST_NORMAL),
	ST_SIM(.name = "closed_twice", .run = st_closed_twice),
	ST_SIM(.name = "mapped_in_removal", .run = st_mapped_in_removal),
};

const struct st_suite st_suite_sim_regions = {
	"sim_regions", st_cases, ARRAY_SIZE(st_cases),
};
