// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device refuses a post: alone, or as any request of a chain.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

struct st_refused {
	struct st_pair *p;
	struct st_buf *buf;
	NDK_MR *mr;
	struct st_wr reg;
	struct st_wr send;
	struct st_wr last;
	struct st_wr recv;
};

static bool st_refused_new(struct st_test *t, struct st_refused *r)
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
		.flags = ST_RIGHTS_ALL | NDK_OP_FLAG_DEFER, .ctx = &r->reg,
	};
	r->send = (struct st_wr){
		.op = NdkOperationTypeSend, .flags = NDK_OP_FLAG_DEFER,
		.ctx = &r->send,
	};
	r->last = (struct st_wr){
		.op = NdkOperationTypeSend, .ctx = &r->last,
	};
	r->recv = (struct st_wr){
		.op = NdkOperationTypeReceive, .ctx = &r->recv,
	};
	/* What the device takes is done at once, so that the rest is certain. */
	st_sim->set_flags(t->sim, NDK_SIM_INLINE);
	return ST_OK(t, st_post(t, r->p->b.qp, &r->recv)) &&
	       ST_OK(t, st_post(t, r->p->b.qp, &r->recv));
}

static bool st_refused_next(struct st_test *t, struct st_refused *r,
			    struct st_wr *wr, NTSTATUS status)
{
	return st_expect_next(t, &r->p->a, &r->p->a.icq, wr->op, wr, status);
}

/*
 * Of three in a chain, that one: those before it are done, it and those behind
 * it end with the queue pair, unless it is the one just being posted, which is
 * not accepted then.
 */
static void st_chain(struct st_test *t)
{
	NTSTATUS status, ends[3];
	struct st_refused r;
	unsigned int i;

	if (!st_refused_new(t, &r))
		return;
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		ends[i] = i + 1 < t->arg ? STATUS_SUCCESS : STATUS_CANCELLED;
	st_sim_fail(t, NDK_SIM_POST_SEND, t->arg, ENOMEM);
	if (!ST_OK(t, st_post(t, r.p->a.qp, &r.reg)) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &r.send)))
		return;
	status = st_post(t, r.p->a.qp, &r.last);
	if (!ST_STATUS(t, status, t->arg == 3 ? STATUS_INSUFFICIENT_RESOURCES :
						STATUS_SUCCESS) ||
	    !st_refused_next(t, &r, &r.reg, ends[0]) ||
	    !st_refused_next(t, &r, &r.send, ends[1]))
		return;
	if (t->arg == 3) {
		/* and nothing has happened to the queue pair */
		if (ST_OK(t, st_post(t, r.p->a.qp, &r.last)) &&
		    st_refused_next(t, &r, &r.last, STATUS_SUCCESS))
			st_access(t, &r.p->b, r.buf, r.buf->label,
				  st_remote_token(t, r.mr));
		return;
	}
	if (!st_refused_next(t, &r, &r.last, ends[2]))
		return;
	ST_STATUS(t, st_post(t, r.p->a.qp, &r.last), STATUS_CONNECTION_INVALID);
	/* A registration that ended so can only begin anew. */
	ST_STATUS(t, st_init(t, r.mr, 3, true), t->arg == 1 ?
		  STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE);
}

/* Alone, a request that the device refuses has not happened. */
static void st_alone(struct st_test *t)
{
	struct st_refused r;

	if (!st_refused_new(t, &r))
		return;
	r.reg.flags = ST_RIGHTS_ALL;
	st_sim_fail(t, NDK_SIM_POST_SEND, 1, ENOMEM);
	ST_STATUS(t, st_post(t, r.p->a.qp, &r.reg),
		  STATUS_INSUFFICIENT_RESOURCES);
	if (!ST_OK(t, st_do(t, &r.p->a, &r.reg)))
		return;
	st_sim_fail(t, NDK_SIM_POST_SEND, 1, EINVAL);
	ST_STATUS(t, st_invalidate(t, &r.p->a, r.mr), STATUS_INVALID_PARAMETER);
	if (!st_access(t, &r.p->b, r.buf, r.buf->label,
		       st_remote_token(t, r.mr)) ||
	    !ST_OK(t, st_invalidate(t, &r.p->a, r.mr)))
		return;
	st_sim_fail(t, NDK_SIM_POST_SEND, 1, ENOMEM);
	ST_STATUS(t, st_post(t, r.p->a.qp, &r.last),
		  STATUS_INSUFFICIENT_RESOURCES);
	st_sim_fail(t, NDK_SIM_POST_RECV, 1, ENOMEM);
	ST_STATUS(t, st_post(t, r.p->a.qp, &r.recv),
		  STATUS_INSUFFICIENT_RESOURCES);
	ST_OK(t, st_post(t, r.p->a.qp, &r.recv));
	ST_OK(t, st_do(t, &r.p->a, &r.last));
}

/* A registration that waited for an invalidation, and is refused then. */
static void st_behind_invalidation(struct st_test *t)
{
	struct st_wr inv = {
		.op = NdkOperationTypeInvalidate, .ctx = &inv,
	};
	struct st_refused r;

	if (!st_refused_new(t, &r))
		return;
	inv.mr = r.mr;
	r.reg.flags = ST_RIGHTS_ALL;
	if (!ST_OK(t, st_do(t, &r.p->a, &r.reg)))
		return;
	st_sim_hold(t, NDK_SIM_DO(LOCAL_INV));
	if (!ST_OK(t, st_post(t, r.p->a.qp, &inv)) || !st_sim_held(t, 1) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &r.reg)))
		return;
	st_sim_fail(t, NDK_SIM_POST_SEND, 1, ENOMEM);
	st_sim_hold(t, 0);
	if (!st_refused_next(t, &r, &inv, STATUS_SUCCESS) ||
	    !st_refused_next(t, &r, &r.reg, STATUS_CANCELLED))
		return;
	ST_OK(t, st_init(t, r.mr, 3, true));
}

/* The device maps less than it is given, or nothing. */
static void st_map(struct st_test *t)
{
	NTSTATUS want = t->arg ? STATUS_INSUFFICIENT_RESOURCES :
				 STATUS_INVALID_PARAMETER;
	struct st_refused r;

	if (!st_refused_new(t, &r))
		return;
	r.reg.flags = ST_RIGHTS_ALL;
	st_sim_fail(t, NDK_SIM_MAP_MR_SG, 1, t->arg);
	ST_STATUS(t, st_post(t, r.p->a.qp, &r.reg), want);
	if (!ST_OK(t, st_do(t, &r.p->a, &r.reg)) ||
	    !st_access(t, &r.p->b, r.buf, r.buf->label,
		       st_remote_token(t, r.mr)) ||
	    !ST_OK(t, st_invalidate(t, &r.p->a, r.mr)))
		return;

	/* in a chain it was accepted already */
	r.reg.flags |= NDK_OP_FLAG_DEFER;
	st_sim_fail(t, NDK_SIM_MAP_MR_SG, 1, t->arg);
	if (!ST_OK(t, st_post(t, r.p->a.qp, &r.reg)) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &r.last)) ||
	    !st_refused_next(t, &r, &r.reg, STATUS_CANCELLED) ||
	    !st_refused_next(t, &r, &r.last, STATUS_CANCELLED))
		return;
	ST_OK(t, st_init(t, r.mr, 3, true));
}

/*
 * Of silent requests one in a run is reported on. When it is just that one that
 * the device refuses, the next has to be: a queue that waits for no report is
 * full for ever.
 */
static void st_silent_run(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_wr write = {
		.op = NdkOperationTypeWrite,
		.flags = NDK_OP_FLAG_SILENT_SUCCESS,
	};
	unsigned long end = jiffies + ST_TIMEOUT;
	NTSTATUS status;
	int i, round;

	p->caps = st_default_caps(t);
	p->caps.send_depth = 16;
	if (!st_pair_up(t, p, false))
		return;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 15; i++)
			if (!ST_OK(t, st_post(t, p->a.qp, &write)))
				return;
		st_sim_fail(t, NDK_SIM_POST_SEND, 1, ENOMEM);
		ST_STATUS(t, st_post(t, p->a.qp, &write),
			  STATUS_INSUFFICIENT_RESOURCES);
	}
	for (i = 0; i < 2; i++)
		ST_OK(t, st_post(t, p->a.qp, &write));
	/* Silent ones announce nothing, so there is nothing to wait for. */
	write.flags = 0;
	write.ctx = &write;
	do {
		status = st_post(t, p->a.qp, &write);
		if (status == STATUS_NO_MORE_ENTRIES)
			schedule_timeout_uninterruptible(1);
	} while (status == STATUS_NO_MORE_ENTRIES && time_before(jiffies, end));
	if (ST_OK(t, status))
		st_expect_next(t, &p->a, &p->a.icq, write.op, &write,
			       STATUS_SUCCESS);
}

/* Silent ones that were refused are not there: they leave no room behind. */
static void st_silent_refused(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_wr send = {
		.op = NdkOperationTypeSend,
		.flags = NDK_OP_FLAG_SILENT_SUCCESS,
	};
	int i;

	p->caps = st_default_caps(t);
	p->caps.send_depth = 16;
	if (!st_pair_up(t, p, false))
		return;
	for (i = 0; i < 5; i++) {
		st_sim_fail(t, NDK_SIM_POST_SEND, 1, ENOMEM);
		ST_STATUS(t, st_post(t, p->a.qp, &send),
			  STATUS_INSUFFICIENT_RESOURCES);
	}
	/* nobody receives, so that these stay */
	send.flags = 0;
	for (i = 0; i < 16; i++)
		if (!ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
	ST_STATUS(t, st_post(t, p->a.qp, &send), STATUS_NO_MORE_ENTRIES);
}

/* Receives that the device has refused do not come back from anywhere. */
static void st_receive_refused(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_wr refused = {
		.op = NdkOperationTypeReceive, .ctx = &refused,
	};
	struct st_pair *p = st_pair_new(t);
	NDK_RESULT_EX res;

	if (!p)
		return;
	st_sim_fail(t, NDK_SIM_POST_RECV, 1, ENOMEM);
	ST_STATUS(t, st_post(t, p->b.qp, &refused),
		  STATUS_INSUFFICIENT_RESOURCES);
	if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
	    !ST_OK(t, st_do(t, &p->a, &send)) ||
	    !st_expect_next(t, &p->b, &p->b.rcq, recv.op, &recv,
			    STATUS_SUCCESS) ||
	    !ST_OK(t, st_post(t, p->b.qp, &recv)))
		return;
	p->b.qp->Dispatch->NdkFlush(p->b.qp);
	if (st_expect_next(t, &p->b, &p->b.rcq, recv.op, &recv,
			   STATUS_CANCELLED))
		ST_EXPECT(t, !st_poll(t, &p->b.rcq, &res, 1),
			  "a receive that was refused has ended");
}

#define ST_SIM(...) { .sim = &st_sim_usual, __VA_ARGS__ }

static const struct st_case st_cases[] = {
	ST_SIM(.name = "first_of_chain", .run = st_chain, .arg = 1),
	ST_SIM(.name = "middle_of_chain", .run = st_chain, .arg = 2),
	ST_SIM(.name = "last_of_chain", .run = st_chain, .arg = 3),
	ST_SIM(.name = "first_of_chain_softirq", .run = st_chain, .arg = 1,
	       .ctx = ST_SOFTIRQ),
	ST_SIM(.name = "middle_of_chain_softirq", .run = st_chain, .arg = 2,
	       .ctx = ST_SOFTIRQ),
	ST_SIM(.name = "last_of_chain_softirq", .run = st_chain, .arg = 3,
	       .ctx = ST_SOFTIRQ),
	ST_SIM(.name = "alone", .run = st_alone),
	ST_SIM(.name = "alone_softirq", .run = st_alone, .ctx = ST_SOFTIRQ),
	ST_SIM(.name = "behind_invalidation", .run = st_behind_invalidation),
	ST_SIM(.name = "silent_run", .run = st_silent_run),
	ST_SIM(.name = "silent_refused", .run = st_silent_refused),
	ST_SIM(.name = "receive_refused", .run = st_receive_refused),
	ST_SIM(.name = "short_map", .run = st_map, .arg = 0),
	ST_SIM(.name = "no_map", .run = st_map, .arg = ENOMEM),
};

const struct st_suite st_suite_sim_post = {
	"sim_post", st_cases, ARRAY_SIZE(st_cases),
};
