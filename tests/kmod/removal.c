// SPDX-License-Identifier: GPL-2.0-only
/*
 * The RDMA device goes away, or its link goes down, while everything is in use.
 *
 * The test makes everything busy, completes st_ready, and waits for somebody
 * to do it. Nothing may hang; what was pending ends.
 */
#include <linux/completion.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "harness.h"

#define ST_RECVS	4

DECLARE_COMPLETION(st_ready);

struct st_doomed {
	struct st_pair *p;
	struct st_buf *buf;
	struct st_buf *local;
	NDK_MR *idle;
	NDK_MR *fast;
	NDK_MR *fresh;
	NDK_MR *normal;
	struct st_req *connect;
	struct st_req *accept;
	struct st_side waiting;
	NDK_CONNECTOR *arrived;
	UINT32 token;
};

static bool st_doomed_up(struct st_test *t, struct st_doomed *d)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	int i;

	d->p = st_pair_new(t);
	d->buf = st_buf_new(t, ST_SCATTER, 5, 4 * PAGE_SIZE);
	d->local = st_buf_new(t, ST_CONTIG, 0, 4 * PAGE_SIZE);
	if (!d->p || !d->buf || !d->local ||
	    !ST_OK(t, st_create_mr(t, d->p->a.pd, true, &d->fresh)) ||
	    !ST_OK(t, st_create_mr(t, d->p->a.pd, true, &d->idle)) ||
	    !ST_OK(t, st_create_mr(t, d->p->a.pd, true, &d->fast)) ||
	    !ST_OK(t, st_create_mr(t, d->p->a.pd, false, &d->normal)) ||
	    !ST_OK(t, st_init(t, d->idle, 16, true)) ||
	    !ST_OK(t, st_init(t, d->fast, 16, true)) ||
	    (!st_is_iwarp(t) &&
	     !ST_OK(t, st_register(t, d->normal, d->buf->mdl, d->buf->len,
				   NDK_MR_FLAG_ALLOW_REMOTE_READ))) ||
	    !ST_OK(t, st_fast_register(t, &d->p->a, d->fast, d->buf,
				       d->buf->label, ST_RIGHTS_ALL)))
		return false;
	d->token = st_remote_token(t, d->fast);
	for (i = 0; i < ST_RECVS; i++)
		if (!ST_OK(t, st_post(t, d->p->a.qp, &recv)) ||
		    !ST_OK(t, st_post(t, d->p->b.qp, &recv)))
			return false;

	/* a connection that nobody answers */
	if (!st_side_create(t, &d->waiting, &d->p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &d->waiting.conn)))
		return false;
	args.dest = &d->p->addr;
	args.dest_len = d->p->addr_len;
	args.conn = d->waiting.conn;
	args.qp = d->waiting.qp;
	d->connect = st_connect_start(t, &args);
	d->arrived = st_incoming(t, d->p);
	return d->arrived;
}

static void st_all_flushed(struct st_test *t, struct st_side *side)
{
	NDK_RESULT_EX res;
	int i;

	for (i = 0; i < ST_RECVS; i++) {
		if (!st_next(t, &side->rcq, &res))
			return;
		ST_EXPECT(t, res.Status == STATUS_CANCELLED ||
			  res.Status == STATUS_DEVICE_REMOVED,
			  "a receive ended with %s",
			  st_status_name(res.Status));
	}
}

/* Nothing but closing works, and it says why. */
static void st_all_refused(struct st_test *t, struct st_doomed *d)
{
	struct st_wr wr = { .op = NdkOperationTypeSend };
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_caps caps = st_default_caps(t);
	struct st_buf *buf;
	struct st_cq cq;
	NDK_CONNECTOR *conn;
	NDK_ADAPTER *adapter;
	NDK_MR *mr;
	NDK_PD *pd;
	NDK_QP *qp;

	ST_STATUS(t, st_create_pd(t, &pd), STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_create_cq(t, &cq, 16), STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_create_mr(t, d->p->a.pd, true, &mr),
		  STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_create_qp(t, d->p->a.pd, &d->p->a.rcq, &d->p->a.icq,
				  NULL, &caps, &qp), STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_create_connector(t, &conn), STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_init(t, d->fresh, 16, true), STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_init(t, d->idle, 8, true), STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_register(t, d->normal, d->buf->mdl, d->buf->len, 0),
		  STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_post(t, d->p->a.qp, &wr), STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_fast_register(t, &d->p->a, d->idle, d->buf,
				      d->buf->label, ST_RIGHTS_ALL),
		  STATUS_DEVICE_REMOVED);
	ST_STATUS(t, st_invalidate(t, &d->p->a, d->fast),
		  STATUS_DEVICE_REMOVED);
	wr.op = NdkOperationTypeReceive;
	ST_STATUS(t, st_post(t, d->p->a.qp, &wr), STATUS_DEVICE_REMOVED);
	buf = st_buf_new(t, ST_SCATTER, 0, 1);
	if (buf)
		ST_STATUS(t, st_build_lam(t, buf), STATUS_DEVICE_REMOVED);
	args.conn = d->arrived;
	args.qp = d->waiting.qp;
	args.side = &d->waiting;
	ST_STATUS(t, st_req_wait(t, st_accept_start(t, &args)),
		  STATUS_DEVICE_REMOVED);
	ST_STATUS(t, ndk_open_adapter(st_device(), (NDK_VERSION){ 2, 0 },
				      &adapter), NDIS_STATUS_ADAPTER_NOT_READY);
}

/* Traffic until it is cut off from outside; says how that looked. */
static NTSTATUS st_traffic(struct st_test *t, struct st_doomed *d)
{
	struct st_wr read = { .op = NdkOperationTypeRead, .nsge = 1 };
	NTSTATUS status = STATUS_SUCCESS;
	unsigned long end;
	NDK_SGE sge;

	if (!st_sge(t, &d->p->b, d->local, 0, d->local->len, &sge))
		return STATUS_INTERNAL_ERROR;
	read.sgl = &sge;
	read.raddr = d->buf->label;
	read.rkey = d->token;
	complete(&st_ready);
	end = jiffies + 2 * ST_TIMEOUT;
	while (status == STATUS_SUCCESS && time_before(jiffies, end)) {
		status = st_do(t, &d->p->b, &read);
		cond_resched();
	}
	return status;
}

static void st_removal(struct st_test *t)
{
	struct st_doomed d = {};
	NTSTATUS status;

	reinit_completion(&st_ready);
	if (!st_doomed_up(t, &d))
		return;
	status = st_traffic(t, &d);
	/* The link of a network device that is deleted goes down before. */
	if (!ST_EXPECT(t, status == STATUS_DEVICE_REMOVED ||
		       status == STATUS_CANCELLED ||
		       status == STATUS_IO_TIMEOUT ||
		       status == STATUS_CONNECTION_INVALID,
		       "the traffic ended with %s", st_status_name(status)))
		return;
	st_wait_gone(t, &d.p->a);
	st_wait_gone(t, &d.p->b);
	ST_STATUS(t, st_req_wait(t, d.connect), STATUS_DEVICE_REMOVED);
	st_all_flushed(t, &d.p->a);
	st_all_flushed(t, &d.p->b);
	st_all_refused(t, &d);
	/* and the harness closes everything */
}

static void st_link_down(struct st_test *t)
{
	struct st_doomed d = {};

	reinit_completion(&st_ready);
	if (!st_doomed_up(t, &d))
		return;
	/* A driver that fails the request says no more than "local error". */
	ST_STATUS(t, st_traffic(t, &d), STATUS_CONNECTION_INVALID);
	st_wait_gone(t, &d.p->b);
	st_all_flushed(t, &d.p->b);
	/* and the harness closes everything, without a peer to talk to */
}

static const struct st_case st_removal_cases[] = {
	{ .name = "everything_in_use", .run = st_removal },
};

const struct st_suite st_suite_removal = {
	"removal", st_removal_cases, ARRAY_SIZE(st_removal_cases),
};

static const struct st_case st_down_cases[] = {
	{ .name = "everything_in_use", .run = st_link_down },
};

const struct st_suite st_suite_down = {
	"down", st_down_cases, ARRAY_SIZE(st_down_cases),
};
