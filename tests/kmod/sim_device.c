// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests on a simulated device (sim/): each makes its own, so that what one has
 * made of its device is nothing to the next.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "harness.h"
#include "sim_device.h"

const struct ndk_sim_control *st_sim;

/* What ib_core itself has of the test's device. */
static u32 st_sim_live[NDK_SIM_OBJECTS];

const struct ndk_sim_attr st_sim_usual = {
	.max_pages = 512,
	.page_size_cap = SZ_4K | SZ_8K | SZ_16K | SZ_32K | SZ_64K,
};

/**
 * st_sim_get() - find the simulator
 *
 * Return: whether it is loaded.
 */
bool st_sim_get(void)
{
	st_sim = symbol_get(ndk_sim_control);
	return st_sim;
}

/**
 * st_sim_put() - the simulator may be unloaded
 */
void st_sim_put(void)
{
	symbol_put(ndk_sim_control);
	st_sim = NULL;
}

/**
 * st_sim_begin() - make the test's device
 * @t: the test
 * @attr: what it can do
 */
void st_sim_begin(struct st_test *t, const struct ndk_sim_attr *attr)
{
	struct ndk_sim *sim;
	int i;

	sim = st_sim->add(st_device(), st_sim_netdev(), attr);
	if (!ST_EXPECT(t, !IS_ERR(sim), "no simulated device: %ld",
		       PTR_ERR(sim)))
		return;
	t->sim = sim;
	for (i = 0; i < NDK_SIM_OBJECTS; i++)
		st_sim_live[i] = st_sim->live(sim, i);
}

/**
 * st_sim_leaks() - is there an object more on the device than at the beginning?
 * @t: the test, with everything closed
 *
 * Address handles are not looked at: rdma_cm keeps them for its time-wait.
 *
 * Return: whether there is; then the test has failed.
 */
bool st_sim_leaks(struct st_test *t)
{
	static const char * const names[NDK_SIM_OBJECTS] = {
		[NDK_SIM_PD] = "domains",
		[NDK_SIM_CQ] = "completion queues",
		[NDK_SIM_QP] = "queue pairs",
		[NDK_SIM_MR] = "regions",
	};
	bool leaks = false;
	u32 live;
	int i;

	for (i = 0; i < NDK_SIM_OBJECTS; i++) {
		live = st_sim->live(t->sim, i);
		if (names[i] && !ST_EXPECT(t, live <= st_sim_live[i],
					   "%u %s left, of %u", live, names[i],
					   st_sim_live[i]))
			leaks = true;
	}
	return leaks;
}

/**
 * st_sim_calm() - nothing fails or is held any more
 * @t: the test
 */
void st_sim_calm(struct st_test *t)
{
	static const struct ndk_sim_fault none;
	int i;

	if (!t->sim)
		return;
	for (i = 0; i < NDK_SIM_VERBS; i++)
		st_sim->set_fault(t->sim, i, &none);
	st_sim->set_flags(t->sim, 0);
	st_sim->stall(t->sim, 0);
	st_sim->hold(t->sim, 0, 0);
}

/**
 * st_sim_end() - remove the test's device
 * @t: the test, with everything closed
 */
void st_sim_end(struct st_test *t)
{
	u32 violations;

	if (!t->sim)
		return;
	violations = st_sim->violations(t->sim);
	ST_EXPECT(t, !violations, "%u rules of ib_core broken", violations);
	/* What never ended keeps the device from going. */
	if (t->stuck)
		return;
	st_sim_leaks(t);
	st_sim->unplug(t->sim);
	if (!ST_EXPECT(t, st_sim->wait_gone(t->sim, ST_TIMEOUT),
		       "the device does not go away")) {
		t->stuck = true;
		return;
	}
	st_sim->remove(t->sim);
	t->sim = NULL;
}

/**
 * st_sim_fail() - let one call of a verb fail
 * @t: the test
 * @verb: which
 * @nth: which call from now on, 1 for the next
 * @error: errno or completion status
 */
void st_sim_fail(struct st_test *t, enum ndk_sim_verb verb, u32 nth, u32 error)
{
	const struct ndk_sim_fault fault = {
		.fail_at = nth, .fail_times = 1, .error = error,
	};

	st_sim->set_fault(t->sim, verb, &fault);
}

/**
 * st_sim_fail_all() - let all calls of a verb fail
 * @t: the test
 * @verb: which
 * @error: errno or completion status; 0 for no more failing
 */
void st_sim_fail_all(struct st_test *t, enum ndk_sim_verb verb, u32 error)
{
	const struct ndk_sim_fault fault = {
		.fail_at = !!error, .fail_times = U32_MAX, .error = error,
	};

	st_sim->set_fault(t->sim, verb, &fault);
}

/**
 * st_sim_hold() - hold completions back
 * @t: the test
 * @mask: NDK_SIM_DO() of what
 */
void st_sim_hold(struct st_test *t, u32 mask)
{
	st_sim->hold(t->sim, mask, 0);
}

/**
 * st_sim_held() - wait until that many are held back
 * @t: the test
 * @count: how many
 *
 * Return: FALSE, and the test has failed, if they never are.
 */
bool st_sim_held(struct st_test *t, u32 count)
{
	return ST_EXPECT(t, st_sim->wait_held(t->sim, count, ST_TIMEOUT),
			 "nothing to be held back was done");
}

/**
 * st_sim_handled() - wait until what has completed until now has been handled
 * @t: the test
 * @side: on whose completion queues
 *
 * The last completions of another queue pair come behind it.
 *
 * Return: whether that is so.
 */
bool st_sim_handled(struct st_test *t, struct st_side *side)
{
	struct st_caps caps = {
		.recv_depth = 1, .send_depth = 1, .recv_sge = 1, .send_sge = 1,
	};
	NDK_QP *qp;

	if (!ST_OK(t, st_create_qp(t, side->pd, &side->rcq, &side->icq, NULL,
				   &caps, &qp)))
		return false;
	st_close(t, &qp->Header);
	return true;
}

/**
 * st_sim_called() - wait until a verb has been called
 * @t: the test
 * @verb: which; counted since its fault was set
 *
 * Return: false, and the test has failed, if it never is.
 */
bool st_sim_called(struct st_test *t, enum ndk_sim_verb verb)
{
	unsigned long end = jiffies + ST_TIMEOUT;

	while (!st_sim->calls(t->sim, verb) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	return ST_EXPECT(t, st_sim->calls(t->sim, verb), "%s is not called",
			 st_sim->verb_names[verb]);
}

/**
 * st_sim_lost() - what follows when the device has lost a completion queue
 * @t: the test
 * @side: whose; its connector and its queue pair are closed here
 * @cq: the queue, empty, and armed before it was lost
 *
 * The connection ends. The queue says once what has become of it, however often it
 * is armed, and has no results any more.
 *
 * Return: whether that is so.
 */
bool st_sim_lost(struct st_test *t, struct st_side *side, struct st_cq *cq)
{
	NDK_RESULT_EX res;

	/* A notification from before may have been what it was armed for. */
	st_arm(t, cq, NDK_CQ_NOTIFY_ERRORS);
	while (!atomic_read(&cq->errors))
		if (!st_event(t, cq))
			return false;
	if (!ST_STATUS(t, cq->status, STATUS_INTERNAL_ERROR) ||
	    !st_wait_gone(t, side))
		return false;
	st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
	st_close(t, &side->conn->Header);
	st_close(t, &side->qp->Header);
	return ST_EXPECT(t, !st_poll(t, cq, &res, 1),
			 "a queue that is lost has a result, %s",
			 st_status_name(res.Status)) &&
	       ST_EXPECT(t, atomic_read(&cq->errors) == 1,
			 "it was said %d times", atomic_read(&cq->errors));
}

/**
 * st_region_new() - a connection, and on it a region that is not registered
 * @t: the test
 * @r: out
 *
 * Return: whether all succeeded.
 */
bool st_region_new(struct st_test *t, struct st_region *r)
{
	r->p = st_pair_new(t);
	r->buf = st_buf_new(t, ST_SCATTER, 9, 2 * PAGE_SIZE);
	if (!r->p || !r->buf || !ST_OK(t, st_build_lam(t, r->buf)) ||
	    !ST_OK(t, st_create_mr(t, r->p->a.pd, true, &r->mr)) ||
	    !ST_OK(t, st_init(t, r->mr, 3, true)))
		return false;
	r->reg = (struct st_wr){
		.op = NdkOperationTypeFastRegister, .mr = r->mr, .pages = 3,
		.array = r->buf->lam->AdapterPageArray, .fbo = 9,
		.len = r->buf->len, .base = r->buf->label,
		.flags = ST_RIGHTS_ALL, .ctx = &r->reg,
	};
	r->inv = (struct st_wr){
		.op = NdkOperationTypeInvalidate, .mr = r->mr, .ctx = &r->inv,
	};
	return true;
}

/**
 * st_region_next() - wait for the next completion of the region's side
 * @t: the test
 * @r: the region
 * @wr: the request that it should be of, its own context
 * @status: its status
 *
 * Return: whether it was as expected.
 */
bool st_region_next(struct st_test *t, struct st_region *r, struct st_wr *wr,
		    NTSTATUS status)
{
	return st_expect_next(t, &r->p->a, &r->p->a.icq, wr->op, wr, status);
}

/**
 * st_region_works() - register it, have the peer use it, invalidate it
 * @t: the test
 * @r: the region, initialised and not registered
 *
 * Return: whether all succeeded.
 */
bool st_region_works(struct st_test *t, struct st_region *r)
{
	return ST_OK(t, st_do(t, &r->p->a, &r->reg)) &&
	       st_access(t, &r->p->b, r->buf, r->buf->label,
			 st_remote_token(t, r->mr)) &&
	       ST_OK(t, st_do(t, &r->p->a, &r->inv));
}
