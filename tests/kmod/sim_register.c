// SPDX-License-Identifier: GPL-2.0-only
/*
 * NdkRegisterMr over a private queue pair that cannot be made, or fails.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

/**
 * struct st_step - a step of the registration that fails
 * @verb: the verb
 * @nth: its call, 0 for all of them
 * @error: how
 * @status: what the consumer is told
 */
struct st_step {
	enum ndk_sim_verb verb;
	u32 nth;
	u32 error;
	NTSTATUS status;
};

static void st_step_fails(struct st_test *t, const struct st_step *step)
{
	if (step->nth)
		st_sim_fail(t, step->verb, step->nth, step->error);
	else
		st_sim_fail_all(t, step->verb, step->error);
}

/* A queue pair that is there is used, and one that has died meanwhile is not. */
static NTSTATUS st_step_again(const struct st_step *step)
{
	switch (step->verb) {
	case NDK_SIM_MAP_MR_SG:
	case NDK_SIM_DO_REG_MR:
		return step->status;
	default:
		return STATUS_SUCCESS;
	}
}

static void st_step(struct st_test *t)
{
	const struct st_step *step = (const struct st_step *)t->arg;
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 77, 3 * PAGE_SIZE);
	NDK_MR *mr;

	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)))
		return;
	st_step_fails(t, step);
	if (!ST_STATUS(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL),
		       step->status))
		return;
	ST_EXPECT(t, !st_remote_token(t, mr), "a token without registration");
	st_sim_fail(t, step->verb, 0, 0);
	if (!ST_OK(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL)) ||
	    !st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr)) ||
	    !ST_OK(t, st_deregister(t, mr)))
		return;

	st_step_fails(t, step);
	if (!ST_STATUS(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL),
		       st_step_again(step)))
		return;
	st_sim_fail(t, step->verb, 0, 0);
	if (st_step_again(step))
		ST_OK(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL));
	st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
	ST_OK(t, st_deregister(t, mr));
	ST_BUF(t, buf);
}

/* Closed while the device does not say that it has registered. */
static void st_close_held(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 77, 3 * PAGE_SIZE);
	struct st_req *reg, *close;
	NTSTATUS status;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!buf || !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)))
		return;
	st_sim_hold(t, NDK_SIM_DO(REG_MR));
	reg = st_req_new(t, "NdkRegisterMr");
	reg->answer = mr->Dispatch->NdkRegisterMr(mr, buf->mdl, buf->len,
						  ST_MR_ALL, st_on_request,
						  reg);
	ST_STATUS(t, reg->answer, STATUS_PENDING);
	if (!st_sim_held(t, 1))
		return;
	close = st_close_start(t, &mr->Header);
	ST_EXPECT(t, !atomic_read(&close->calls),
		  "closed with its registration in flight");
	st_sim_hold(t, 0);
	st_req_wait(t, close);
	status = st_req_wait(t, reg);
	ST_EXPECT(t, status == STATUS_SUCCESS || status == STATUS_CANCELLED,
		  "the registration ended with %s", st_status_name(status));
}

/* The device goes while it does not say that it has registered, and never will. */
static void st_mute_unplugged(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 77, 3 * PAGE_SIZE);
	struct st_req *reg[2];
	NTSTATUS status;
	NDK_PD *pd;
	NDK_MR *mr;
	int i;

	if (!buf || !ST_OK(t, st_create_pd(t, &pd)))
		return;
	st_sim_hold(t, NDK_SIM_DO(REG_MR));
	for (i = 0; i < ARRAY_SIZE(reg); i++) {
		if (!ST_OK(t, st_create_mr(t, pd, false, &mr)))
			return;
		reg[i] = st_req_new(t, "NdkRegisterMr");
		reg[i]->answer =
			mr->Dispatch->NdkRegisterMr(mr, buf->mdl, buf->len,
						    ST_MR_ALL, st_on_request,
						    reg[i]);
		ST_STATUS(t, reg[i]->answer, STATUS_PENDING);
	}
	if (!st_sim_held(t, 1))
		return;
	st_sim->unplug(t->sim);
	if (!ST_EXPECT(t, st_sim->wait_gone(t->sim, ST_TIMEOUT),
		       "the device does not go away"))
		return;
	for (i = 0; i < ARRAY_SIZE(reg); i++) {
		status = st_req_wait(t, reg[i]);
		ST_EXPECT(t, !NT_SUCCESS(status), "registered after all");
	}
}

#define ST_STEP(name_, ...)						       \
	{ .name = name_, .run = st_step, .sim = &st_sim_usual,		       \
	  .arg = (unsigned long)&(const struct st_step){ __VA_ARGS__ } }

static const struct st_case st_cases[] = {
	ST_STEP("map", NDK_SIM_MAP_MR_SG, 1, ENOMEM,
		STATUS_INSUFFICIENT_RESOURCES),
	ST_STEP("short_map", NDK_SIM_MAP_MR_SG, 1, 0, STATUS_INVALID_PARAMETER),
	ST_STEP("create_cq", NDK_SIM_CREATE_CQ, 1, ENOMEM,
		STATUS_INSUFFICIENT_RESOURCES),
	ST_STEP("create_qp", NDK_SIM_CREATE_QP, 1, ENOMEM,
		STATUS_INSUFFICIENT_RESOURCES),
	ST_STEP("query_port", NDK_SIM_QUERY_PORT, 0, ENETDOWN,
		STATUS_NETWORK_UNREACHABLE),
	ST_STEP("modify_to_init", NDK_SIM_MODIFY_QP, 1, ENOMEM,
		STATUS_INSUFFICIENT_RESOURCES),
	ST_STEP("modify_to_rtr", NDK_SIM_MODIFY_QP, 2, ENOMEM,
		STATUS_INSUFFICIENT_RESOURCES),
	ST_STEP("modify_to_rts", NDK_SIM_MODIFY_QP, 3, ENOMEM,
		STATUS_INSUFFICIENT_RESOURCES),
	ST_STEP("post", NDK_SIM_POST_SEND, 1, ENOMEM,
		STATUS_INSUFFICIENT_RESOURCES),
	ST_STEP("completion", NDK_SIM_DO_REG_MR, 1, IB_WC_MW_BIND_ERR,
		STATUS_INVALID_DEVICE_REQUEST),
	{ .name = "close_held", .run = st_close_held, .sim = &st_sim_usual },
	{ .name = "mute_unplugged", .run = st_mute_unplugged,
	  .sim = &st_sim_usual },
};

const struct st_suite st_suite_sim_register = {
	"sim_register", st_cases, ARRAY_SIZE(st_cases),
};
