// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows that the model has found (Documentation/model.rst), and that no
 * real device can be made to hit: what another processor does between two steps
 * of the provider. The device, or a probe on the function that is the second
 * step, stops the first processor there until the other has done its part. Where
 * it must not get there, that takes all the time there is.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>

#include "harness.h"
#include "sim_device.h"
#include "user.h"

/* How long a window is open for somebody who may not come through. */
#define ST_WINDOW_MS	1000

/* How long for the test itself, which closes it. */
#define ST_OURS_MS	5000

/* For what should not happen. */
#define ST_QUIET	(HZ / 10)
#define ST_QUIET_MS	200

/**
 * struct st_window - the beginning of a function, where its caller stops once
 * @probe: on the function
 * @armed: a caller will stop
 * @before: so many do not, before one does
 * @spares: nor does one on the first processor, which grace periods end on
 * @open: completed when it has
 * @ms: it goes on by itself after that long
 * @passed: somebody has come through, so that it may go on
 * @over: it has gone on
 */
struct st_window {
	struct kprobe probe;
	bool armed;
	atomic_t before;
	bool spares;
	struct completion open;
	int ms;
	bool passed;
	bool over;
};

/* Not on a stack: a test that fails may leave somebody behind. */
static struct st_window st_window;

/* Probes do not sleep, so the processor is busy meanwhile. */
static int st_window_stop(struct kprobe *probe, struct pt_regs *regs)
{
	int left = st_window.ms;

	if (atomic_dec_if_positive(&st_window.before) >= 0 ||
	    (st_window.spares && !smp_processor_id()) ||
	    !xchg(&st_window.armed, false))
		return 0;
	complete(&st_window.open);
	while (!READ_ONCE(st_window.passed) && left--)
		mdelay(1);
	WRITE_ONCE(st_window.over, true);
	return 0;
}

/*
 * The caller behind so many stops, so long. False, and the test is skipped, if that
 * cannot be done.
 */
static bool st_window_open_for(struct st_test *t, const char *function,
			       int before, int ms)
{
	int ret;

	memset(&st_window, 0, sizeof(st_window));
	init_completion(&st_window.open);
	atomic_set(&st_window.before, before);
	st_window.ms = ms;
	st_window.probe.symbol_name = function;
	st_window.probe.pre_handler = st_window_stop;
	ret = register_kprobe(&st_window.probe);
	if (ret == -EOPNOTSUPP) {
		st_skip(t, "no kprobes");
		return false;
	}
	st_window.armed = !ret;
	return ST_EXPECT(t, !ret, "no probe on %s: %d", function, ret);
}

static bool st_window_open(struct st_test *t, const char *function)
{
	return st_window_open_for(t, function, 0, ST_WINDOW_MS);
}

static bool st_window_is_open(struct st_test *t)
{
	return ST_EXPECT(t, !READ_ONCE(st_window.over), "%s went on by itself",
			 st_window.probe.symbol_name);
}

static void st_window_close(struct st_test *t)
{
	WRITE_ONCE(st_window.passed, true);
	unregister_kprobe(&st_window.probe);
	ST_EXPECT(t, !st_window.armed, "nobody has come to %s",
		  st_window.probe.symbol_name);
}

/**
 * struct st_other - a post on another processor
 * @e: does it
 * @t: the test
 * @qp: where it is posted
 * @wr: what
 * @when: posted when this is completed, or at once if NULL
 * @late: the window had shut by then
 * @status: what was answered
 */
struct st_other {
	struct st_elsewhere e;
	struct st_test *t;
	NDK_QP *qp;
	struct st_wr *wr;
	struct completion *when;
	bool late;
	NTSTATUS status;
};

static void st_other_posts(struct st_elsewhere *e)
{
	struct st_other *o = container_of(e, struct st_other, e);

	if (o->when)
		wait_for_completion_timeout(o->when, ST_TIMEOUT);
	o->status = st_post(o->t, o->qp, o->wr);
	o->late = o->when && READ_ONCE(st_window.over);
	WRITE_ONCE(st_window.passed, true);
}

static void st_other_start(struct st_other *o)
{
	o->e.run = st_other_posts;
	st_elsewhere_start(&o->e);
}

static NTSTATUS st_other_wait(struct st_other *o)
{
	st_elsewhere_wait(&o->e);
	return o->status;
}

/* Completions are handled on the processor that lets them go. */
static bool st_two(struct st_test *t)
{
	st_sim->set_flags(t->sim, NDK_SIM_IRQ);
	return st_has_two_cpus(t);
}

/*
 * An invalidation fails, with a registration held back behind it, and another
 * processor posts: the region is registered still, so its pages must not be
 * replaced. The model's PLANT_ERROR_LATE.
 */
static void st_error_late(struct st_test *t)
{
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &send };
	struct st_other e = {
		.t = t, .wr = &send, .when = &st_window.open,
	};
	struct st_region r;

	if (!st_two(t) || !st_region_new(t, &r) ||
	    !ST_OK(t, st_do(t, &r.p->a, &r.reg)))
		return;
	st_sim_hold(t, NDK_SIM_DO(LOCAL_INV));
	st_sim_fail(t, NDK_SIM_DO_LOCAL_INV, 1, IB_WC_GENERAL_ERR);
	if (!ST_OK(t, st_post(t, r.p->a.qp, &r.inv)) || !st_sim_held(t, 1) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &r.reg)))
		return;

	if (!st_window_open(t, "ndk_qp_request_failed"))
		return;
	e.qp = r.p->a.qp;
	st_other_start(&e);
	st_sim_hold(t, 0);
	ST_STATUS(t, st_other_wait(&e), STATUS_CONNECTION_INVALID);
	st_window_close(t);

	if (st_region_next(t, &r, &r.inv, STATUS_INTERNAL_ERROR))
		st_region_next(t, &r, &r.reg, STATUS_CANCELLED);
}

/* The last that is heard of a region is its close. */
static void st_on_last_close(struct st_req *req)
{
	struct st_cq *cq = req->priv;
	NDK_RESULT_EX result;

	req->priv = NULL;
	if (cq->cq->Dispatch->NdkGetCqResultsEx(cq->cq, &result, 1))
		req->status = result.Status;
	else
		req->status = STATUS_NO_MORE_ENTRIES;
	WRITE_ONCE(st_window.passed, true);
}

/*
 * A region is closed with a request in flight, and the other processor finds
 * that nobody needs it any more: then the request's result is there already.
 * The model's PLANT_PUT_BEFORE_COMPLETION.
 */
static void st_put_early(struct st_test *t)
{
	struct st_req *close;
	struct st_region r;

	if (!st_two(t) || !st_region_new(t, &r))
		return;
	st_sim_hold(t, NDK_SIM_DO(REG_MR));
	if (!ST_OK(t, st_post(t, r.p->a.qp, &r.reg)) || !st_sim_held(t, 1) ||
	    !st_window_open(t, "ndk_cq_add"))
		return;
	close = st_close_start(t, &r.mr->Header);
	close->priv = &r.p->a.icq;
	close->hook = st_on_last_close;
	st_sim_hold(t, 0);
	ST_OK(t, st_req_wait(t, close));
	st_window_close(t);
}

/*
 * A receive has completed, and another processor posts the next one before that
 * can be seen: there is room for it already, or who posts one for each that it
 * sees would be refused.
 */
static void st_slot_free(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_other e = {
		.t = t, .wr = &recv, .when = &st_window.open,
	};
	struct st_pair *p = st_pair_alloc(t);

	p->caps = st_default_caps(t);
	p->caps.recv_depth = 1;
	if (!st_two(t) || !st_pair_up(t, p, false) ||
	    !ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	st_sim_hold(t, NDK_SIM_DO(RECV));
	if (!ST_OK(t, st_do(t, &p->a, &send)) || !st_sim_held(t, 1) ||
	    !st_window_open_for(t, "ndk_cq_add", 0, ST_OURS_MS))
		return;
	e.qp = p->b.qp;
	st_other_start(&e);
	st_sim_hold(t, 0);
	ST_OK(t, st_other_wait(&e));
	ST_EXPECT(t, !e.late, "the window had shut by itself");
	st_window_close(t);
	st_expect_next(t, &p->b, &p->b.rcq, recv.op, &recv, STATUS_SUCCESS);
}

/*
 * A peer invalidates while an invalidation is being posted that the device then
 * refuses: the region is not registered any more, and can be again. The
 * model's PLANT_CROSSING_LOST.
 */
static void st_crossing_lost(struct st_test *t)
{
	static const struct ndk_sim_fault refuse = {
		.fail_at = 1, .fail_times = 1, .error = ENOMEM, .pause_at = 1,
	};
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend, .invalidate = true };
	struct st_other e = { .t = t };
	struct st_region r;

	if (!st_two(t) || !st_region_new(t, &r) ||
	    !ST_OK(t, st_do(t, &r.p->a, &r.reg)) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &recv)))
		return;
	send.rkey = st_remote_token(t, r.mr);
	st_sim_hold(t, NDK_SIM_DO(RECV));
	if (!ST_OK(t, st_do(t, &r.p->b, &send)) || !st_sim_held(t, 1))
		return;

	st_sim->set_fault(t->sim, NDK_SIM_POST_SEND, &refuse);
	e.qp = r.p->a.qp;
	e.wr = &r.inv;
	st_other_start(&e);
	if (ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
		      "nothing was posted")) {
		st_sim_hold(t, 0);
		st_expect_next(t, &r.p->a, &r.p->a.rcq,
			       NdkOperationTypeReceiveAndInvalidate, &recv,
			       STATUS_SUCCESS);
	}
	st_sim->resume(t->sim);
	ST_STATUS(t, st_other_wait(&e), STATUS_INSUFFICIENT_RESOURCES);

	ST_STATUS(t, st_post(t, r.p->a.qp, &r.inv),
		  STATUS_INVALID_DEVICE_STATE);
	st_region_works(t, &r);
}

/*
 * A peer has invalidated, and before that is looked at our own invalidation has
 * failed and the region is being initialised anew: what the peer had ended is on
 * its way out, and the region is not ready before another one is there.
 */
static void st_initialise_crossed(struct st_test *t)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };
	struct st_req *first = st_req_new(t, "NdkInitializeFastRegisterMr");
	struct st_req *second = st_req_new(t, "NdkInitializeFastRegisterMr");
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend, .invalidate = true };
	struct st_pair *p = st_pair_alloc(t);
	struct st_region r;

	if (!st_two(t) || !st_region_new(t, &r) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &recv)) ||
	    !ST_OK(t, st_do(t, &r.p->a, &r.reg)))
		return;
	send.rkey = st_remote_token(t, r.mr);
	st_sim_hold(t, NDK_SIM_DO(RECV));
	if (!ST_OK(t, st_do(t, &r.p->b, &send)) || !st_sim_held(t, 1))
		return;
	st_sim_fail(t, NDK_SIM_DO_LOCAL_INV, 1, IB_WC_GENERAL_ERR);
	ST_STATUS(t, st_do(t, &r.p->a, &r.inv), STATUS_INTERNAL_ERROR);

	if (!st_window_open_for(t, "ndk_mr_initialise_run", 0, ST_OURS_MS))
		return;
	ST_STATUS(t, st_init_start(t, r.mr, 3, true, first), STATUS_PENDING);
	ST_EXPECT(t, wait_for_completion_timeout(&st_window.open, ST_TIMEOUT),
		  "it is not initialised");
	st_sim_hold(t, 0);
	st_expect_next(t, &r.p->a, &r.p->a.rcq,
		       NdkOperationTypeReceiveAndInvalidate, &recv,
		       STATUS_SUCCESS);
	st_sim->set_fault(t->sim, NDK_SIM_DEREG_MR, &pause);
	st_window_is_open(t);
	st_window_close(t);
	if (ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
		      "nothing is destroyed"))
		ST_STATUS(t, st_init_start(t, r.mr, 3, true, second),
			  STATUS_PENDING);
	st_sim->resume(t->sim);
	if (!ST_OK(t, st_req_wait(t, first)) ||
	    !ST_OK(t, st_req_wait(t, second)))
		return;

	p->a.pd = r.p->a.pd;
	if (st_pair_up(t, p, false) && ST_OK(t, st_do(t, &p->a, &r.reg)))
		st_access(t, &p->b, r.buf, r.buf->label,
			  st_remote_token(t, r.mr));
}

/* The device has done it, and says so when it is let. */
static struct st_req *st_register_held(struct st_test *t, NDK_MR *mr,
				       struct st_buf *buf)
{
	struct st_req *reg = st_req_new(t, "NdkRegisterMr");

	st_sim_hold(t, NDK_SIM_DO(REG_MR));
	reg->answer = mr->Dispatch->NdkRegisterMr(mr, buf->mdl, buf->len,
						  ST_MR_ALL, st_on_request,
						  reg);
	ST_STATUS(t, reg->answer, STATUS_PENDING);
	st_sim_held(t, 1);
	return reg;
}

/**
 * struct st_turns - completions of registrations are taken one at a time
 * @real: how the device gives them away
 * @taken: so many
 * @open: completed when there is a second one, which is not handled yet
 * @go: completed when it may be
 * @kept: it was not handled before
 */
static struct st_turns {
	int (*real)(struct ib_cq *ib_cq, int entries, struct ib_wc *wc);
	unsigned int taken;
	struct completion open;
	struct completion go;
	bool kept;
} st_turns;

/* They are polled by work, one after another. */
static int st_turns_poll(struct ib_cq *ib_cq, int entries, struct ib_wc *wc)
{
	int n = st_turns.real(ib_cq, 1, wc);

	if (n == 1 && wc->opcode == IB_WC_REG_MR && ++st_turns.taken == 2) {
		complete(&st_turns.open);
		st_turns.kept = wait_for_completion_timeout(&st_turns.go,
							    ST_TIMEOUT);
	}
	return n;
}

/*
 * The device reports a registration on the domain's own queue pair once more, when
 * the next one waits there: that ends with its own completion.
 */
static void st_private_twice(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 77, 3 * PAGE_SIZE);
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;
	struct st_req *one, *two;
	NDK_MR *first, *second;

	if (!buf || !ib_qp ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &first)) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, false, &second)))
		return;
	one = st_register_held(t, first, buf);
	st_turns.taken = 0;
	init_completion(&st_turns.open);
	init_completion(&st_turns.go);
	st_replace(ib_qp->device, poll_cq, &st_turns.real, st_turns_poll);
	st_sim->set_flags(t->sim, NDK_SIM_TWICE);
	st_sim_hold(t, 0);
	if (ST_OK(t, st_req_wait(t, one)) &&
	    ST_EXPECT(t, wait_for_completion_timeout(&st_turns.open,
						     ST_TIMEOUT),
		      "it is not reported once more")) {
		st_sim->set_flags(t->sim, 0);
		two = st_register_held(t, second, buf);
		complete(&st_turns.go);
		schedule_timeout_uninterruptible(ST_QUIET);
		ST_EXPECT(t, !completion_done(&two->done),
			  "registered before the device says so");
		st_sim_hold(t, 0);
		ST_OK(t, st_req_wait(t, two));
		ST_EXPECT(t, st_turns.kept, "it went on by itself");
	}
	st_restore(ib_qp->device, poll_cq, &st_turns.real);
}

static int (*st_real_post)(struct ib_qp *ib_qp, const struct ib_send_wr *wr,
			   const struct ib_send_wr **bad);

/**
 * struct st_long - a post that is inside of the device for a while
 * @t: the test
 * @qp: where it is posted
 * @inside: completed when it is there
 * @met: somebody has come to end the queue pair meanwhile
 * @flushed: and has had the device flush it
 */
static struct st_long {
	struct st_test *t;
	struct ib_qp *qp;
	struct completion inside;
	bool met;
	bool flushed;
} st_long;

static bool st_is_flushed(void)
{
	return st_sim->calls(st_long.t->sim, NDK_SIM_MODIFY_QP);
}

static int st_long_post(struct ib_qp *ib_qp, const struct ib_send_wr *wr,
			const struct ib_send_wr **bad)
{
	int left;

	if (ib_qp == READ_ONCE(st_long.qp) && wr->opcode == IB_WR_SEND) {
		complete(&st_long.inside);
		for (left = ST_OURS_MS; READ_ONCE(st_window.armed) && left;
		     left--)
			mdelay(1);
		st_long.met = !READ_ONCE(st_window.armed);
		for (left = ST_QUIET_MS; !st_is_flushed() && left; left--)
			mdelay(1);
		st_long.flushed = st_is_flushed();
	}
	return st_real_post(ib_qp, wr, bad);
}

/*
 * A queue pair ends while a post that knows nothing of it is inside of the device:
 * that is waited for, or it would come behind what is to be the last.
 */
static void st_drain_waits(struct st_test *t)
{
	static const struct ndk_sim_fault none;
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &send };
	struct st_other e = { .t = t, .wr = &send };
	unsigned long end = jiffies + ST_TIMEOUT;
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;

	/* Whoever comes there is noticed, and not stopped. */
	if (!ib_qp || !st_has_two_cpus(t) ||
	    !st_window_open_for(t, "ndk_qp_quiesce", 0, 0))
		return;
	st_sim->stall(t->sim, NDK_SIM_DO(SEND));
	st_sim->set_fault(t->sim, NDK_SIM_MODIFY_QP, &none);
	st_long = (struct st_long){ .t = t, .qp = ib_qp };
	init_completion(&st_long.inside);
	st_replace(ib_qp->device, post_send, &st_real_post, st_long_post);
	e.qp = p->a.qp;
	st_other_start(&e);
	ST_EXPECT(t, wait_for_completion_timeout(&st_long.inside, ST_TIMEOUT),
		  "nothing was posted");
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	/* it has this processor, and not the one that is busy */
	while (READ_ONCE(st_window.armed) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	ST_OK(t, st_other_wait(&e));
	WRITE_ONCE(st_long.qp, NULL);
	st_restore(ib_qp->device, post_send, &st_real_post);
	st_window_close(t);
	ST_EXPECT(t, st_long.met, "it went on by itself");
	ST_EXPECT(t, !st_long.flushed, "flushed with a post inside");
	st_expect_next(t, &p->a, &p->a.icq, send.op, &send, STATUS_CANCELLED);
}

/* It is served where it likes, so that it may take some before one stops. */
#define ST_ATTEMPTS	100

static struct st_req *st_register_user(struct st_test *t, NDK_MR *mr,
				       struct st_user *u)
{
	struct st_req *reg = st_req_new(t, "NdkRegisterMr");

	reg->answer = mr->Dispatch->NdkRegisterMr(mr, u->mdl, u->size,
						  ST_MR_ALL, st_on_request,
						  reg);
	return ST_STATUS(t, reg->answer, STATUS_PENDING) ? reg : NULL;
}

/* Until one has stopped between the driver and who looks at what it has made. */
static struct st_req *st_stop_registered(struct st_test *t, NDK_MR *mr,
					 struct st_user *u)
{
	unsigned long end;
	struct st_req *reg;
	int i;

	st_window.spares = true;
	for (i = 0; i < ST_ATTEMPTS; i++) {
		/* It looks at the pages before the driver does, and once more. */
		atomic_set(&st_window.before, 1);
		reg = st_register_user(t, mr, u);
		if (!reg)
			return NULL;
		end = jiffies + ST_TIMEOUT;
		while (!completion_done(&st_window.open) &&
		       !completion_done(&reg->done) && time_before(jiffies, end))
			schedule_timeout_uninterruptible(1);
		if (completion_done(&st_window.open))
			return reg;
		if (!ST_OK(t, st_req_wait(t, reg)) ||
		    !ST_OK(t, st_deregister(t, mr)))
			return NULL;
	}
	ST_EXPECT(t, false, "always on the first processor");
	return NULL;
}

/* From the first processor, so that the other one is free for those who serve it. */
static struct st_req *st_stop_elsewhere(struct st_test *t, NDK_MR *mr,
					struct st_user *u)
{
	unsigned int first = cpumask_first(cpu_online_mask);
	struct st_req *reg;
	cpumask_var_t usual;

	if (!ST_EXPECT(t, alloc_cpumask_var(&usual, GFP_KERNEL), "no memory"))
		return NULL;
	cpumask_copy(usual, current->cpus_ptr);
	set_cpus_allowed_ptr(current, cpumask_of(first));
	reg = st_stop_registered(t, mr, u);
	set_cpus_allowed_ptr(current, usual);
	free_cpumask_var(usual);
	return reg;
}

/*
 * The device goes when a driver has registered memory of a process and nobody has
 * looked at the region yet: what removal has taken back by then is not registered.
 */
static void st_removed_registered(struct st_test *t)
{
	size_t size = t->info.MaxRegistrationSize + 2 * PAGE_SIZE;
	struct st_req *reg;
	unsigned long end;
	struct st_user u;
	u32 regions;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!st_has_two_cpus(t) || !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)) ||
	    !st_user_map(t, &u, size, PROT_READ | PROT_WRITE))
		return;
	regions = st_sim->live(t->sim, NDK_SIM_MR);
	if (!ST_OK(t, st_user_lock(t, &u, 0, size, IoModifyAccess)) ||
	    !st_window_open_for(t, "ndk_mdl_walk", 1, ST_OURS_MS))
		goto out;
	reg = st_stop_elsewhere(t, mr, &u);
	if (reg) {
		st_sim->unplug(t->sim);
		end = jiffies + ST_TIMEOUT;
		while (st_sim->live(t->sim, NDK_SIM_MR) > regions &&
		       !READ_ONCE(st_window.over) && time_before(jiffies, end))
			schedule_timeout_uninterruptible(1);
		ST_EXPECT(t, st_sim->live(t->sim, NDK_SIM_MR) <= regions,
			  "removal has not taken it back in time");
	}
	st_window_close(t);
	if (!reg)
		goto out;
	ST_STATUS(t, st_req_wait(t, reg), STATUS_DEVICE_REMOVED);
	ST_EXPECT(t, !st_remote_token(t, mr) && !st_local_token(t, mr),
		  "it has a token");
out:
	st_objects_close(t);
	st_user_unmap(t, &u);
}

#define ST_SIM(...) { .sim = &st_sim_usual, __VA_ARGS__ }

static const struct st_case st_cases[] = {
	ST_SIM(.name = "error_late", .run = st_error_late),
	ST_SIM(.name = "put_before_completion", .run = st_put_early),
	ST_SIM(.name = "slot_free", .run = st_slot_free),
	ST_SIM(.name = "crossing_lost", .run = st_crossing_lost),
	ST_SIM(.name = "private_twice", .run = st_private_twice),
	ST_SIM(.name = "drain_waits", .run = st_drain_waits),
	ST_SIM(.name = "initialise_crossed", .run = st_initialise_crossed),
	ST_SIM(.name = "removed_registered", .run = st_removed_registered),
};

const struct st_suite st_suite_sim_windows = {
	"sim_windows", st_cases, ARRAY_SIZE(st_cases),
};
