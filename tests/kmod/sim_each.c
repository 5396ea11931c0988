// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device refuses to take a work request, for each kind of request and each
 * place that it can have.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

enum st_kind {
	ST_SEND,
	ST_SEND_INV,
	ST_READ,
	ST_WRITE,
	ST_REGISTER,
	ST_INVALIDATE,
};

/* In a chain of three, or alone. */
enum st_place {
	ST_ALONE,
	ST_FIRST,
	ST_MIDDLE,
	ST_LAST,
};

#define ST_ARG(kind, place)	((kind) | (place) << 8)

struct st_each {
	struct st_region r;
	NDK_MR *far;
	struct st_buf *far_buf;
	struct st_buf *buf;
	NDK_SGE sge;
	struct st_wr wr;
	struct st_wr others[3];
	struct st_wr recv;
};

/* A region of the peer's, for what is done to it. */
static bool st_each_far(struct st_test *t, struct st_each *e)
{
	struct st_side *b = &e->r.p->b;

	e->far_buf = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	return e->far_buf && ST_OK(t, st_create_mr(t, b->pd, true, &e->far)) &&
	       ST_OK(t, st_init(t, e->far, 1, true)) &&
	       ST_OK(t, st_fast_register(t, b, e->far, e->far_buf,
					 e->far_buf->label, ST_RIGHTS_ALL));
}

static bool st_each_wr(struct st_test *t, struct st_each *e, enum st_kind kind)
{
	switch (kind) {
	case ST_REGISTER:
		e->wr = e->r.reg;
		return true;
	case ST_INVALIDATE:
		e->wr = e->r.inv;
		return ST_OK(t, st_do(t, &e->r.p->a, &e->r.reg));
	case ST_SEND:
		e->wr.op = NdkOperationTypeSend;
		break;
	case ST_SEND_INV:
		e->wr.op = NdkOperationTypeSend;
		e->wr.invalidate = true;
		break;
	case ST_READ:
		e->wr.op = NdkOperationTypeRead;
		break;
	case ST_WRITE:
		e->wr.op = NdkOperationTypeWrite;
		break;
	}
	e->wr.sgl = &e->sge;
	e->wr.nsge = kind == ST_READ || kind == ST_WRITE;
	e->wr.raddr = e->far_buf->label;
	e->wr.rkey = st_remote_token(t, e->far);
	return true;
}

static bool st_each_new(struct st_test *t, struct st_each *e, enum st_kind kind)
{
	unsigned int i;

	memset(e, 0, sizeof(*e));
	if (!st_region_new(t, &e->r) || !st_each_far(t, e))
		return false;
	e->buf = st_buf_new(t, ST_CONTIG, 0, 100);
	if (!e->buf || !st_sge(t, &e->r.p->a, e->buf, 0, 100, &e->sge) ||
	    !st_each_wr(t, e, kind))
		return false;
	e->wr.ctx = &e->wr;
	e->recv = (struct st_wr){
		.op = NdkOperationTypeReceive, .ctx = &e->recv,
	};
	for (i = 0; i < ARRAY_SIZE(e->others); i++) {
		e->others[i].op = NdkOperationTypeSend;
		e->others[i].ctx = &e->others[i];
		if (!ST_OK(t, st_post(t, e->r.p->b.qp, &e->recv)))
			return false;
	}
	/* What the device takes is done at once, so that the rest is certain. */
	st_sim->set_flags(t->sim, NDK_SIM_INLINE);
	return true;
}

/* It was not accepted, nothing else has happened, and now it is taken. */
static void st_each_again(struct st_test *t, struct st_each *e)
{
	e->wr.flags &= ~NDK_OP_FLAG_DEFER;
	e->others[0].flags = 0;
	if (ST_OK(t, st_post(t, e->r.p->a.qp, &e->wr)) &&
	    st_region_next(t, &e->r, &e->wr, STATUS_SUCCESS) &&
	    ST_OK(t, st_post(t, e->r.p->b.qp, &e->recv)))
		ST_OK(t, st_do(t, &e->r.p->a, &e->others[0]));
}

/* What had been accepted cannot be done, so the queue pair is at its end. */
static void st_each_over(struct st_test *t, struct st_each *e)
{
	e->others[0].flags = 0;
	ST_STATUS(t, st_post(t, e->r.p->a.qp, &e->others[0]),
		  STATUS_CONNECTION_INVALID);
	st_wait_gone(t, &e->r.p->a);
	if (e->wr.mr)
		ST_OK(t, st_init(t, e->r.mr, 3, true));
}

static void st_each(struct st_test *t)
{
	enum st_place place = t->arg >> 8;
	unsigned int i, n = place == ST_ALONE ? 1 : 3;
	unsigned int bad = place == ST_ALONE ? 1 : place;
	struct st_wr *wrs[3];
	struct st_each e;

	if (!st_each_new(t, &e, t->arg & 0xff))
		return;
	for (i = 0; i < n; i++) {
		wrs[i] = i + 1 == bad ? &e.wr : &e.others[i];
		if (i + 1 < n)
			wrs[i]->flags |= NDK_OP_FLAG_DEFER;
	}
	st_sim_fail(t, NDK_SIM_POST_SEND, bad, ENOMEM);
	for (i = 0; i < n; i++)
		if (!ST_STATUS(t, st_post(t, e.r.p->a.qp, wrs[i]),
			       i + 1 == n && bad == n ?
			       STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS))
			return;
	for (i = 0; i < n && (i + 1 < n || bad < n); i++)
		if (!st_region_next(t, &e.r, wrs[i], i + 1 < bad ?
				    STATUS_SUCCESS : STATUS_CANCELLED))
			return;
	if (bad == n)
		st_each_again(t, &e);
	else
		st_each_over(t, &e);
}

/* A receive is never in a chain. */
static void st_receive(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend };

	if (!p)
		return;
	st_sim_fail(t, NDK_SIM_POST_RECV, 1, ENOMEM);
	ST_STATUS(t, st_post(t, p->b.qp, &recv), STATUS_INSUFFICIENT_RESOURCES);
	if (ST_OK(t, st_post(t, p->b.qp, &recv)) &&
	    ST_OK(t, st_do(t, &p->a, &send)) &&
	    st_expect_next(t, &p->b, &p->b.rcq, NdkOperationTypeReceive, &recv,
			   STATUS_SUCCESS))
		st_pair_works(t, p);
}

#define ST_EACH(name_, kind, place, ctx_)				       \
	{ .name = name_, .run = st_each, .arg = ST_ARG(kind, place),	       \
	  .sim = &st_sim_usual, .ctx = ctx_ }

#define ST_PLACES(name, kind)						       \
	ST_EACH(name "_alone", kind, ST_ALONE, ST_PROCESS),		       \
	ST_EACH(name "_first", kind, ST_FIRST, ST_PROCESS),		       \
	ST_EACH(name "_middle", kind, ST_MIDDLE, ST_PROCESS),		       \
	ST_EACH(name "_last", kind, ST_LAST, ST_PROCESS),		       \
	ST_EACH(name "_middle_softirq", kind, ST_MIDDLE, ST_SOFTIRQ)

static const struct st_case st_cases[] = {
	ST_PLACES("send", ST_SEND),
	ST_PLACES("send_and_invalidate", ST_SEND_INV),
	ST_PLACES("read", ST_READ),
	ST_PLACES("write", ST_WRITE),
	ST_PLACES("fast_register", ST_REGISTER),
	ST_PLACES("invalidate", ST_INVALIDATE),
	{ .name = "receive", .run = st_receive, .sim = &st_sim_usual },
};

const struct st_suite st_suite_sim_each = {
	"sim_each", st_cases, ARRAY_SIZE(st_cases),
};
