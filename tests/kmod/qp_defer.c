// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chains of deferred requests.
 */
#include <linux/mm.h>

#include "harness.h"

struct st_chain {
	struct st_pair *p;
	struct st_buf *buf;
	NDK_MR *mr;
	struct st_wr reg;
	struct st_wr inv;
	struct st_wr send;
	struct st_wr recv;
};

static bool st_chain_new(struct st_test *t, struct st_chain *c)
{
	c->p = st_pair_new(t);
	c->buf = st_buf_new(t, ST_SCATTER, 9, 2 * PAGE_SIZE);
	if (!c->p || !c->buf || !ST_OK(t, st_build_lam(t, c->buf)) ||
	    !ST_OK(t, st_create_mr(t, c->p->a.pd, true, &c->mr)) ||
	    !ST_OK(t, st_init(t, c->mr, 3, true)))
		return false;
	c->reg = (struct st_wr){
		.op = NdkOperationTypeFastRegister, .mr = c->mr, .pages = 3,
		.array = c->buf->lam->AdapterPageArray, .fbo = 9,
		.len = c->buf->len, .base = c->buf->label,
		.flags = ST_RIGHTS_ALL | NDK_OP_FLAG_DEFER, .ctx = &c->reg,
	};
	c->inv = (struct st_wr){
		.op = NdkOperationTypeInvalidate, .mr = c->mr, .ctx = &c->inv,
		.flags = NDK_OP_FLAG_DEFER,
	};
	c->send = (struct st_wr){
		.op = NdkOperationTypeSend, .ctx = &c->send,
	};
	c->recv = (struct st_wr){
		.op = NdkOperationTypeReceive, .ctx = &c->recv,
	};
	return true;
}

static bool st_chain_done(struct st_test *t, struct st_chain *c,
			  const struct st_wr *wr)
{
	return st_expect_next(t, &c->p->a, &c->p->a.icq, wr->op, wr,
			      STATUS_SUCCESS);
}

/* Register, tell the peer, invalidate, register: one chain, kept in order. */
static void st_in_order(struct st_test *t)
{
	struct st_chain c;
	int i;

	if (!st_chain_new(t, &c))
		return;
	c.send.flags = NDK_OP_FLAG_DEFER;
	for (i = 0; i < 20; i++) {
		struct st_wr last = { .op = NdkOperationTypeSend, .ctx = &last };

		if (!ST_OK(t, st_post(t, c.p->b.qp, &c.recv)) ||
		    !ST_OK(t, st_post(t, c.p->b.qp, &c.recv)) ||
		    !ST_OK(t, st_post(t, c.p->a.qp, &c.reg)) ||
		    !ST_OK(t, st_post(t, c.p->a.qp, &c.send)) ||
		    !ST_OK(t, st_post(t, c.p->a.qp, &c.inv)) ||
		    !ST_OK(t, st_post(t, c.p->a.qp, &last)) ||
		    !st_chain_done(t, &c, &c.reg) ||
		    !st_chain_done(t, &c, &c.send) ||
		    !st_chain_done(t, &c, &c.inv) ||
		    !st_chain_done(t, &c, &last) ||
		    !st_expect_next(t, &c.p->b, &c.p->b.rcq,
				    NdkOperationTypeReceive, &c.recv,
				    STATUS_SUCCESS) ||
		    !st_expect_next(t, &c.p->b, &c.p->b.rcq,
				    NdkOperationTypeReceive, &c.recv,
				    STATUS_SUCCESS))
			return;
	}
	c.reg.flags &= ~NDK_OP_FLAG_DEFER;
	if (ST_OK(t, st_post(t, c.p->a.qp, &c.reg)) &&
	    st_chain_done(t, &c, &c.reg))
		st_access(t, &c.p->b, c.buf, c.buf->label,
			  st_remote_token(t, c.mr));
}

/**
 * enum st_push - what reaches the provider behind a deferred request, and is
 *	refused inline
 * @ST_PUSH_LENGTH: registration of a wrong length
 * @ST_PUSH_STATE: registration of a region that is being registered
 * @ST_PUSH_SGES: too many SGEs
 * @ST_PUSH_KIND: invalidation of a normal region
 */
enum st_push {
	ST_PUSH_LENGTH,
	ST_PUSH_STATE,
	ST_PUSH_SGES,
	ST_PUSH_KIND,
};

/* Whatever fails inline pushes what was deferred before it. */
static void st_failure_pushes(struct st_test *t)
{
	NDK_SGE sges[16] = {};
	struct st_chain c;
	NDK_RESULT_EX res;
	struct st_wr bad;
	NTSTATUS want;
	NDK_MR *other;

	if (!st_chain_new(t, &c) ||
	    !ST_OK(t, st_create_mr(t, c.p->a.pd, t->arg != ST_PUSH_KIND,
				   &other)))
		return;
	bad = c.reg;
	bad.ctx = &bad;
	want = STATUS_INVALID_PARAMETER;
	switch (t->arg) {
	case ST_PUSH_LENGTH:
		if (!ST_OK(t, st_init(t, other, 3, true)))
			return;
		bad.mr = other;
		bad.len = 4 * PAGE_SIZE;
		break;
	case ST_PUSH_STATE:
		want = STATUS_INVALID_DEVICE_STATE;
		break;
	case ST_PUSH_SGES:
		bad.op = NdkOperationTypeSend;
		bad.flags = NDK_OP_FLAG_DEFER;
		bad.sgl = sges;
		bad.nsge = ARRAY_SIZE(sges);
		want = STATUS_DATA_OVERRUN;
		break;
	case ST_PUSH_KIND:
		bad.op = NdkOperationTypeInvalidate;
		bad.flags = NDK_OP_FLAG_DEFER;
		bad.mr = other;
		want = STATUS_INVALID_DEVICE_REQUEST;
		break;
	}
	if (!ST_OK(t, st_post(t, c.p->a.qp, &c.reg)) ||
	    !ST_STATUS(t, st_post(t, c.p->a.qp, &bad), want) ||
	    !st_chain_done(t, &c, &c.reg))
		return;
	ST_EXPECT(t, !st_poll(t, &c.p->a.icq, &res, 1),
		  "the refused request completed");
	st_access(t, &c.p->b, c.buf, c.buf->label, st_remote_token(t, c.mr));
}

/* Also when what is to be invalidated is no region at all. */
static void st_no_region_pushes(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr send = {
		.op = NdkOperationTypeSend, .flags = NDK_OP_FLAG_DEFER,
		.ctx = &send,
	};

	if (!p || !ST_OK(t, st_post(t, p->b.qp, &recv)) ||
	    !ST_OK(t, st_post(t, p->a.qp, &send)))
		return;
	ST_STATUS(t, p->a.qp->Dispatch->NdkInvalidate(p->a.qp, NULL,
						      &p->a.pd->Header, 0),
		  STATUS_INVALID_DEVICE_REQUEST);
	st_refused_for(t, &p->a.qp->Header, "pNdkMrOrMw");
	st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend, &send,
		       STATUS_SUCCESS);
}

/* A queue full of deferred requests is pushed when one more is refused. */
static void st_full_pushes(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr send = {
		.op = NdkOperationTypeSend, .flags = NDK_OP_FLAG_DEFER,
		.ctx = &send,
	};
	int i;

	p->caps = st_default_caps(t);
	p->caps.send_depth = 8;
	if (!st_pair_up(t, p, false))
		return;
	for (i = 0; i < 8; i++)
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
	ST_STATUS(t, st_post(t, p->a.qp, &send), STATUS_NO_MORE_ENTRIES);
	for (i = 0; i < 8; i++)
		if (!st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend,
				    &send, STATUS_SUCCESS))
			return;
}

/* A chain without an end is cancelled by a flush: nothing is lost. */
static void st_flush_ends(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr send = {
		.op = NdkOperationTypeSend, .flags = NDK_OP_FLAG_DEFER,
		.ctx = &send,
	};
	int i;

	if (!p)
		return;
	for (i = 0; i < 5; i++)
		if (!ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	for (i = 0; i < 5; i++)
		if (!st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend,
				    &send, STATUS_CANCELLED))
			return;
}

static const struct st_case st_cases[] = {
	{ .name = "in_order", .run = st_in_order },
	{ .name = "in_order_softirq", .run = st_in_order, .ctx = ST_SOFTIRQ },
	{ .name = "wrong_length_pushes", .run = st_failure_pushes,
	  .arg = ST_PUSH_LENGTH },
	{ .name = "wrong_state_pushes", .run = st_failure_pushes,
	  .arg = ST_PUSH_STATE },
	{ .name = "too_many_sges_pushes", .run = st_failure_pushes,
	  .arg = ST_PUSH_SGES },
	{ .name = "wrong_kind_pushes", .run = st_failure_pushes,
	  .arg = ST_PUSH_KIND },
	{ .name = "no_region_pushes", .run = st_no_region_pushes },
	{ .name = "full_queue_pushes", .run = st_full_pushes },
	{ .name = "flush_ends", .run = st_flush_ends },
};

const struct st_suite st_suite_qp_defer = {
	"qp_defer", st_cases, ARRAY_SIZE(st_cases),
};
