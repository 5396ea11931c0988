// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each request of the interface with each verb failing that it calls
 * (requests.c). The verbs, and how often each is called, the device counts.
 *
 * Some verbs are not in it: dereg_mr, as nobody can do anything about its
 * failure; what a queue pair is drained with, which sim_ends.c is about; and
 * create_ah, which only rdma_cm calls: its message is lost then, as others are,
 * and sent again.
 */
#include "harness.h"
#include "requests.h"
#include "sim_device.h"

#define ST_DO(what)	BIT(NDK_SIM_DO_##what)

/* Verbs that a queue pair is drained with. */
#define ST_DRAIN							       \
	(BIT(NDK_SIM_MODIFY_QP) | BIT(NDK_SIM_POST_SEND) |		       \
	 BIT(NDK_SIM_POST_RECV))

/* What cannot fail, or whose failure cannot be answered. */
#define ST_NEVER							       \
	(BIT(NDK_SIM_DEALLOC_PD) | BIT(NDK_SIM_DESTROY_AH) |		       \
	 BIT(NDK_SIM_DESTROY_CQ) | BIT(NDK_SIM_DESTROY_QP) |		       \
	 BIT(NDK_SIM_DEREG_MR) | BIT(NDK_SIM_CREATE_AH) |		       \
	 BIT(NDK_SIM_POLL_CQ))

static bool st_is_work(unsigned int verb)
{
	return verb >= NDK_SIM_DO_SEND;
}

static void st_verb_fail(struct st_test *t, unsigned int verb, u32 nth)
{
	u32 error = st_is_work(verb) ? IB_WC_GENERAL_ERR : ENOMEM;

	st_sim_fail(t, verb, nth, nth ? error : 0);
}

static u32 st_verb_calls(struct st_test *t, unsigned int verb)
{
	return st_sim->calls(t->sim, verb);
}

static NTSTATUS st_verb_status(unsigned int verb)
{
	return st_is_work(verb) ? STATUS_INTERNAL_ERROR :
				  STATUS_INSUFFICIENT_RESOURCES;
}

static const char *st_verb_in(struct st_test *t)
{
	return NULL;
}

static bool st_verb_spared(struct st_test *t)
{
	return false;
}

static const char *st_verb_name(unsigned int verb)
{
	return st_sim->verb_names[verb];
}

static const struct st_injector st_verbs = {
	.kinds = NDK_SIM_VERBS,
	.fail = st_verb_fail,
	.calls = st_verb_calls,
	.status = st_verb_status,
	.broken = st_is_work,
	.in = st_verb_in,
	.spared = st_verb_spared,
	.name = st_verb_name,
};

#define ST_VERBS(name_, skip_, ...)					       \
	{ .name = #name_, .run = st_walk, .sim = &st_sim_large,	       \
	  .arg = (unsigned long)&(const struct st_walk){		       \
		.ask = &st_request_##name_, .injector = &st_verbs,		       \
		.skip = ST_NEVER | (skip_), __VA_ARGS__ } }

static const struct st_case st_cases[] = {
	/*
	 * What it tries the limits with is asked for once more. As long as the
	 * device is new, ib_core asks for its port, too.
	 */
	ST_VERBS(open_adapter, BIT(NDK_SIM_QUERY_PORT),
		 .but = { { NDK_SIM_CREATE_CQ, 1 }, { NDK_SIM_CREATE_QP, 1 } }),
	ST_VERBS(create_pd, 0),
	ST_VERBS(create_cq, 0),
	ST_VERBS(create_qp, 0),
	/* One that is ready is enough to begin with. */
	ST_VERBS(create_mr, 0, .but = { { NDK_SIM_ALLOC_MR, 2 } }),
	ST_VERBS(initialize, 0),
	ST_VERBS(initialize_large, 0),
	ST_VERBS(register_mr, 0,
		 .but = { { NDK_SIM_QUERY_PORT, 2, NULL,
			    STATUS_INSUFFICIENT_RESOURCES },
			  { NDK_SIM_QUERY_PORT, 1, NULL,
			    STATUS_NETWORK_UNREACHABLE } }),
	ST_VERBS(register_by_driver, 0),
	ST_VERBS(deregister_mr, ST_DRAIN),
	ST_VERBS(build_lam, 0),
	ST_VERBS(listen, 0),
	/* Both queue pairs move on in turn. */
	ST_VERBS(connect, 0,
		 .but = { { NDK_SIM_MODIFY_QP, 7, NULL,
			    STATUS_INSUFFICIENT_RESOURCES },
			  { NDK_SIM_MODIFY_QP, 4, NULL,
			    STATUS_CONNECTION_REFUSED },
			  { NDK_SIM_QUERY_PORT, 2, NULL,
			    STATUS_INSUFFICIENT_RESOURCES },
			  { NDK_SIM_QUERY_PORT, 1, NULL,
			    STATUS_CONNECTION_REFUSED } }),
	ST_VERBS(send, 0,
		 .but = { { NDK_SIM_DO_RECV, 1, NULL,
			    STATUS_REMOTE_RESOURCES } }),
	ST_VERBS(send_and_invalidate, 0,
		 .but = { { NDK_SIM_DO_RECV, 1, NULL,
			    STATUS_REMOTE_RESOURCES } }),
	ST_VERBS(read, 0),
	ST_VERBS(write, 0),
	ST_VERBS(fast_register, 0),
	ST_VERBS(invalidate, 0),
	ST_VERBS(receive, BIT(NDK_SIM_POST_SEND) | ST_DO(SEND)),
	ST_VERBS(disconnect, ST_DRAIN),
	ST_VERBS(close, ST_DRAIN),
	{ .name = "all", .run = st_walks_tell, .bare = true },
};

const struct st_suite st_suite_sim_verbs = {
	"sim_verbs", st_cases, ARRAY_SIZE(st_cases),
};
