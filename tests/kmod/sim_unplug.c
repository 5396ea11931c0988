// SPDX-License-Identifier: GPL-2.0-only
/*
 * The main job, from the connection to the disconnect, with one call of one verb
 * that fails, or during which the device goes away. What the job then says is
 * not looked at: nothing may hang or be left, and what has failed once works
 * the next time.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

/* Which of a verb's calls. */
enum st_at {
	ST_FIRST,
	ST_MIDDLE,
	ST_LAST,
};

#define ST_ARG(verb, at)	((verb) | (at) << 8)

/* Calls of each verb when nothing fails, counted by the first test. */
static u32 st_calls[NDK_SIM_VERBS];
static bool st_counted;

static bool st_registrations(struct st_test *t, struct st_pair *p)
{
	struct st_buf *fast_buf = st_buf_new(t, ST_SCATTER, 5, 3 * PAGE_SIZE);
	struct st_buf *normal_buf = st_buf_new(t, ST_SCATTER, 7, PAGE_SIZE);
	NDK_MR *fast, *normal;

	return fast_buf && normal_buf &&
	       ST_OK(t, st_create_mr(t, p->a.pd, true, &fast)) &&
	       ST_OK(t, st_create_mr(t, p->a.pd, false, &normal)) &&
	       ST_OK(t, st_init(t, fast, 4, true)) &&
	       ST_OK(t, st_fast_register(t, &p->a, fast, fast_buf,
					 fast_buf->label, ST_RIGHTS_ALL)) &&
	       st_access(t, &p->b, fast_buf, fast_buf->label,
			 st_remote_token(t, fast)) &&
	       ST_OK(t, st_invalidate(t, &p->a, fast)) &&
	       ST_OK(t, st_register(t, normal, normal_buf->mdl,
				    normal_buf->len, ST_MR_ALL)) &&
	       st_access(t, &p->b, normal_buf, normal_buf->label,
			 st_remote_token(t, normal)) &&
	       ST_OK(t, st_deregister(t, normal));
}

static bool st_main_job(struct st_test *t, struct st_pair *p)
{
	return st_pair_up(t, p, false) && st_pair_works(t, p) &&
	       st_registrations(t, p);
}

static void st_nothing(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	int i;

	/* What is counted is what comes after the harness has begun. */
	st_sim_calm(t);
	if (!st_main_job(t, p))
		return;
	/* Before the end, which sim_ends.c is about. */
	for (i = 0; i < NDK_SIM_VERBS; i++)
		st_calls[i] = st_sim->calls(t->sim, i);
	st_counted = true;
	st_pair_disconnect(t, p);
	/* so that the tests that follow are about something */
	ST_EXPECT(t, st_calls[NDK_SIM_ALLOC_MR] && st_calls[NDK_SIM_CREATE_QP] &&
		  st_calls[NDK_SIM_MODIFY_QP] && st_calls[NDK_SIM_POST_SEND] &&
		  st_calls[NDK_SIM_DO_REG_MR] && st_calls[NDK_SIM_DO_RECV],
		  "the device was not used");
}

/* The call's number; 0, and the test is skipped, if there is none. */
static u32 st_nth(struct st_test *t)
{
	enum ndk_sim_verb verb = t->arg & 0xff;
	u32 calls = st_calls[verb];

	if (!calls)
		st_skip(t, st_counted ? "the main job does not get there" :
				      "nothing_happens was not run");
	switch (t->arg >> 8) {
	case ST_FIRST:
		return min(calls, 1U);
	case ST_MIDDLE:
		return (calls + 1) / 2;
	default:
		return calls;
	}
}

/*
 * It was in the middle of the main job that it happened. ib_core asks for the
 * port, and makes address handles, at times of its own.
 */
static void st_expect_reached(struct st_test *t, u32 nth)
{
	enum ndk_sim_verb verb = t->arg & 0xff;
	u32 calls = st_sim->calls(t->sim, verb);

	if (verb != NDK_SIM_QUERY_PORT && verb != NDK_SIM_CREATE_AH)
		ST_EXPECT(t, calls >= nth, "call %u of %s was not made, only %u",
			  nth, st_sim->verb_names[verb], calls);
}

static void st_unplug(struct st_test *t)
{
	const struct ndk_sim_fault fault = { .unplug_at = st_nth(t) };
	struct st_pair *p = st_pair_alloc(t);

	if (!fault.unplug_at)
		return;
	st_sim->set_fault(t->sim, t->arg & 0xff, &fault);
	t->tolerant = true;
	if (st_main_job(t, p))
		st_pair_disconnect(t, p);
	st_expect_reached(t, fault.unplug_at);
	/* and the harness closes everything, with the device going or gone */
}

static void st_fail(struct st_test *t)
{
	enum ndk_sim_verb verb = t->arg & 0xff;
	struct st_pair *p = st_pair_alloc(t);
	u32 nth = st_nth(t);

	if (!nth)
		return;
	st_sim_fail(t, verb, nth, verb < NDK_SIM_DO_SEND ?
		    ENOMEM : IB_WC_GENERAL_ERR);
	t->tolerant = true;
	st_main_job(t, p);
	st_expect_reached(t, nth);
	st_sim_calm(t);
	t->tolerant = false;
	p = st_pair_alloc(t);
	if (st_main_job(t, p))
		st_pair_disconnect(t, p);
}

#define ST_CASES(kind, fn, name_, verb)					       \
	{ .name = kind "_at_first_" name_, .run = fn,			       \
	  .arg = ST_ARG(verb, ST_FIRST), .sim = &st_sim_usual },	       \
	{ .name = kind "_at_middle_" name_, .run = fn,			       \
	  .arg = ST_ARG(verb, ST_MIDDLE), .sim = &st_sim_usual },	       \
	{ .name = kind "_at_last_" name_, .run = fn,			       \
	  .arg = ST_ARG(verb, ST_LAST), .sim = &st_sim_usual }

#define ST_UNPLUG(name, verb)	ST_CASES("gone", st_unplug, name, verb)
#define ST_FAIL(name, verb)	ST_CASES("failed", st_fail, name, verb)

static const struct st_case st_cases[] = {
	{ .name = "nothing_happens", .run = st_nothing, .sim = &st_sim_usual },
	ST_UNPLUG("query_port", NDK_SIM_QUERY_PORT),
	ST_UNPLUG("alloc_pd", NDK_SIM_ALLOC_PD),
	ST_UNPLUG("create_ah", NDK_SIM_CREATE_AH),
	ST_UNPLUG("create_cq", NDK_SIM_CREATE_CQ),
	ST_UNPLUG("create_qp", NDK_SIM_CREATE_QP),
	ST_UNPLUG("modify_qp", NDK_SIM_MODIFY_QP),
	ST_UNPLUG("alloc_mr", NDK_SIM_ALLOC_MR),
	ST_UNPLUG("dereg_mr", NDK_SIM_DEREG_MR),
	ST_UNPLUG("map_mr_sg", NDK_SIM_MAP_MR_SG),
	ST_UNPLUG("post_send", NDK_SIM_POST_SEND),
	ST_UNPLUG("post_recv", NDK_SIM_POST_RECV),
	ST_UNPLUG("poll_cq", NDK_SIM_POLL_CQ),
	ST_UNPLUG("send", NDK_SIM_DO_SEND),
	ST_UNPLUG("write", NDK_SIM_DO_WRITE),
	ST_UNPLUG("read", NDK_SIM_DO_READ),
	ST_UNPLUG("reg_mr", NDK_SIM_DO_REG_MR),
	ST_UNPLUG("local_inv", NDK_SIM_DO_LOCAL_INV),
	ST_UNPLUG("recv", NDK_SIM_DO_RECV),
	ST_FAIL("query_port", NDK_SIM_QUERY_PORT),
	ST_FAIL("alloc_pd", NDK_SIM_ALLOC_PD),
	ST_FAIL("create_ah", NDK_SIM_CREATE_AH),
	ST_FAIL("create_cq", NDK_SIM_CREATE_CQ),
	ST_FAIL("create_qp", NDK_SIM_CREATE_QP),
	ST_FAIL("modify_qp", NDK_SIM_MODIFY_QP),
	ST_FAIL("alloc_mr", NDK_SIM_ALLOC_MR),
	ST_FAIL("map_mr_sg", NDK_SIM_MAP_MR_SG),
	ST_FAIL("post_send", NDK_SIM_POST_SEND),
	ST_FAIL("post_recv", NDK_SIM_POST_RECV),
	ST_FAIL("send", NDK_SIM_DO_SEND),
	ST_FAIL("write", NDK_SIM_DO_WRITE),
	ST_FAIL("read", NDK_SIM_DO_READ),
	ST_FAIL("reg_mr", NDK_SIM_DO_REG_MR),
	ST_FAIL("local_inv", NDK_SIM_DO_LOCAL_INV),
	ST_FAIL("recv", NDK_SIM_DO_RECV),
};

const struct st_suite st_suite_sim_unplug = {
	"sim_unplug", st_cases, ARRAY_SIZE(st_cases),
};
