// SPDX-License-Identifier: GPL-2.0-only
/*
 * NdkSendAndInvalidate: the peer ends a registration.
 */
#include <linux/mm.h>

#include "harness.h"

struct st_remote {
	struct st_pair *p;
	struct st_buf *buf;
	struct st_buf *from;
	struct st_buf *to;
	NDK_SGE from_sge;
	NDK_SGE to_sge;
	struct st_wr send;
	struct st_wr recv;
	NDK_MR *mr;
};

static bool st_remote_new(struct st_test *t, struct st_remote *s)
{
	*s = (struct st_remote){
		.send = {
			.op = NdkOperationTypeSend, .invalidate = true,
			.sgl = &s->from_sge, .nsge = 1, .ctx = &s->send,
		},
		.recv = {
			.op = NdkOperationTypeReceive, .sgl = &s->to_sge,
			.nsge = 1, .ctx = &s->recv,
		},
	};
	s->p = st_pair_new(t);
	s->buf = st_buf_new(t, ST_SCATTER, 7, 2 * PAGE_SIZE);
	s->from = st_buf_new(t, ST_CONTIG, 0, 16);
	s->to = st_buf_new(t, ST_CONTIG, 0, 16);
	if (!s->p || !s->buf || !s->from || !s->to ||
	    !st_sge(t, &s->p->b, s->from, 0, 16, &s->from_sge) ||
	    !st_sge(t, &s->p->a, s->to, 0, 16, &s->to_sge) ||
	    !ST_OK(t, st_create_mr(t, s->p->a.pd, true, &s->mr)) ||
	    !ST_OK(t, st_init(t, s->mr, 8, true)))
		return false;
	s->send.rkey = st_remote_token(t, s->mr);
	return ST_OK(t, st_fast_register(t, &s->p->a, s->mr, s->buf,
					 s->buf->label, ST_RIGHTS_ALL));
}

/* The peer invalidates; as soon as that is seen the region is free again. */
static void st_reported(struct st_test *t)
{
	struct st_remote s;
	NDK_RESULT_EX res;
	unsigned int i;

	if (!st_remote_new(t, &s))
		return;
	for (i = 0; i < t->arg; i++) {
		st_buf_refill(s.from);
		st_buf_expect(s.to, 0, st_data(s.from), 16);
		if (!ST_OK(t, st_post(t, s.p->a.qp, &s.recv)) ||
		    !ST_OK(t, st_post(t, s.p->b.qp, &s.send)) ||
		    !st_next(t, &s.p->a.rcq, &res) || !ST_OK(t, res.Status))
			return;
		/* before anything else */
		if (!ST_OK(t, st_fast_register(t, &s.p->a, s.mr, s.buf,
					       s.buf->label, ST_RIGHTS_ALL)))
			return;
		ST_EXPECT(t, res.Type == NdkOperationTypeReceiveAndInvalidate,
			  "type is 0x%x", res.Type);
		ST_EXPECT(t, res.TypeSpecificCompletionOutput == s.send.rkey,
			  "the token reported is 0x%lx",
			  res.TypeSpecificCompletionOutput);
		ST_EXPECT(t, res.BytesTransferred == 16, "%u bytes",
			  res.BytesTransferred);
		ST_EXPECT(t, res.RequestContext == &s.recv, "wrong context");
		ST_BUF(t, s.to);
		if (!st_expect_next(t, &s.p->b, &s.p->b.icq,
				    NdkOperationTypeSend, &s.send,
				    STATUS_SUCCESS) || t->failures)
			return;
	}
	st_access(t, &s.p->b, s.buf, s.buf->label, s.send.rkey);
}

/* The older getter loses the notice, not the invalidation. */
static void st_older_getter(struct st_test *t)
{
	const NDK_CQ_DISPATCH *d;
	struct st_remote s;
	struct st_cq *cq;
	NDK_RESULT res;
	ULONG n;

	if (!st_remote_new(t, &s))
		return;
	cq = &s.p->a.rcq;
	d = cq->cq->Dispatch;
	st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
	st_buf_expect(s.to, 0, st_data(s.from), 16);
	if (!ST_OK(t, st_post(t, s.p->a.qp, &s.recv)) ||
	    !ST_OK(t, st_post(t, s.p->b.qp, &s.send)) || !st_event(t, cq))
		return;
	n = d->NdkGetCqResults(cq->cq, &res, 1);
	if (!ST_EXPECT(t, n == 1, "%u results", n))
		return;
	ST_OK(t, res.Status);
	ST_EXPECT(t, res.BytesTransferred == 16 && res.QPContext == &s.p->a &&
		  res.RequestContext == &s.recv, "wrong completion");
	ST_STATUS(t, st_invalidate(t, &s.p->a, s.mr),
		  STATUS_INVALID_DEVICE_STATE);
	if (!st_expect_next(t, &s.p->b, &s.p->b.icq, NdkOperationTypeSend,
			    &s.send, STATUS_SUCCESS))
		return;
	if (ST_OK(t, st_fast_register(t, &s.p->a, s.mr, s.buf, s.buf->label,
				      ST_RIGHTS_ALL)))
		st_access(t, &s.p->b, s.buf, s.buf->label, s.send.rkey);
}

static void st_then_refused(struct st_test *t)
{
	struct st_remote s;
	NDK_RESULT_EX res;

	if (!st_remote_new(t, &s))
		return;
	if (!ST_OK(t, st_post(t, s.p->a.qp, &s.recv)) ||
	    !ST_OK(t, st_post(t, s.p->b.qp, &s.send)) ||
	    !st_next(t, &s.p->a.rcq, &res) || !ST_OK(t, res.Status) ||
	    !st_next(t, &s.p->b.icq, &res) || !ST_OK(t, res.Status))
		return;
	ST_STATUS(t, st_rdma(t, &s.p->b, NdkOperationTypeWrite, s.from, 0, 8,
			     s.buf->label, s.send.rkey),
		  st_refusal(t));
	ST_BUF(t, s.buf);
}

/* Send a token that is not a valid region's: the connection must end. */
static void st_must_end(struct st_test *t, struct st_remote *s)
{
	struct st_wr second = s->recv;
	NDK_RESULT_EX res;
	NTSTATUS status;

	second.ctx = &second;
	if (!ST_OK(t, st_post(t, s->p->a.qp, &s->recv)) ||
	    !ST_OK(t, st_post(t, s->p->a.qp, &second)) ||
	    !ST_OK(t, st_post(t, s->p->b.qp, &s->send)) ||
	    !st_next(t, &s->p->a.rcq, &res))
		return;
	ST_EXPECT(t, !NT_SUCCESS(res.Status), "the receive succeeded");
	ST_EXPECT(t, res.Type != NdkOperationTypeReceiveAndInvalidate ||
		  !NT_SUCCESS(res.Status), "an invalidation was reported");
	st_expect_next(t, &s->p->a, &s->p->a.rcq, NdkOperationTypeReceive,
		       &second, STATUS_CANCELLED);
	st_wait_gone(t, &s->p->b);
	s->send.invalidate = false;
	status = st_do(t, &s->p->a, &s->send);
	ST_EXPECT(t, !NT_SUCCESS(status), "the connection still works");
}

static void st_wrong_token(struct st_test *t)
{
	struct st_remote s;

	if (!st_remote_new(t, &s))
		return;
	s.send.rkey ^= 0x5a5a0000;
	st_must_end(t, &s);
	ST_BUF(t, s.buf);
}

static void st_old_token(struct st_test *t)
{
	struct st_remote s;

	if (!st_remote_new(t, &s))
		return;
	s.send.rkey++;
	st_must_end(t, &s);
}

/* Not registered at the moment. */
static void st_invalid_region(struct st_test *t)
{
	struct st_remote s;

	if (!st_remote_new(t, &s) ||
	    !ST_OK(t, st_invalidate(t, &s.p->a, s.mr)))
		return;
	st_must_end(t, &s);
}

/* A region of another protection domain is not the sender's to invalidate. */
static void st_other_pd(struct st_test *t)
{
	struct st_remote s, other;

	if (!st_remote_new(t, &s) || !st_remote_new(t, &other))
		return;
	s.send.rkey = other.send.rkey;
	st_must_end(t, &s);
}

/* Nor is one that no peer was let into. */
static void st_local_region(struct st_test *t)
{
	struct st_remote s;

	if (!st_remote_new(t, &s) ||
	    !ST_OK(t, st_invalidate(t, &s.p->a, s.mr)) ||
	    !ST_OK(t, st_fast_register(t, &s.p->a, s.mr, s.buf, s.buf->label,
				       NDK_OP_FLAG_ALLOW_LOCAL_WRITE)))
		return;
	st_must_end(t, &s);
}

/* Whatever the right is that lets a peer in, it may end it. */
static void st_one_right(struct st_test *t)
{
	static const ULONG rights[] = {
		NDK_OP_FLAG_ALLOW_REMOTE_READ, NDK_OP_FLAG_ALLOW_REMOTE_WRITE,
	};
	struct st_remote s;
	NDK_RESULT_EX res;
	size_t i;

	if (!st_remote_new(t, &s) || !ST_OK(t, st_invalidate(t, &s.p->a, s.mr)))
		return;
	for (i = 0; i < ARRAY_SIZE(rights); i++) {
		if (!ST_OK(t, st_fast_register(t, &s.p->a, s.mr, s.buf,
					       s.buf->label, rights[i])) ||
		    !ST_OK(t, st_post(t, s.p->a.qp, &s.recv)) ||
		    !ST_OK(t, st_post(t, s.p->b.qp, &s.send)) ||
		    !st_next(t, &s.p->a.rcq, &res) || !ST_OK(t, res.Status) ||
		    !st_expect_next(t, &s.p->b, &s.p->b.icq,
				    NdkOperationTypeSend, &s.send,
				    STATUS_SUCCESS))
			return;
		ST_EXPECT(t, res.Type == NdkOperationTypeReceiveAndInvalidate,
			  "type is 0x%x", res.Type);
		ST_STATUS(t, st_invalidate(t, &s.p->a, s.mr),
			  STATUS_INVALID_DEVICE_STATE);
	}
}

/* Nor is memory that was registered with NdkRegisterMr. */
static void st_normal_region(struct st_test *t)
{
	struct st_remote s;
	NDK_MR *mr;

	if (!st_registers_kernel(t) || !st_remote_new(t, &s) ||
	    !ST_OK(t, st_create_mr(t, s.p->a.pd, false, &mr)) ||
	    !ST_OK(t, st_register(t, mr, s.buf->mdl, s.buf->len,
				  NDK_MR_FLAG_ALLOW_REMOTE_READ)))
		return;
	s.send.rkey = st_remote_token(t, mr);
	st_must_end(t, &s);
}

static const struct st_case st_cases[] = {
	{ .name = "reported", .run = st_reported, .arg = 200 },
	{ .name = "reported_softirq", .run = st_reported, .arg = 20,
	  .ctx = ST_SOFTIRQ },
	{ .name = "one_right", .run = st_one_right },
	{ .name = "older_getter", .run = st_older_getter },
	{ .name = "then_refused", .run = st_then_refused },
	{ .name = "wrong_token", .run = st_wrong_token },
	{ .name = "old_token", .run = st_old_token },
	{ .name = "invalid_region", .run = st_invalid_region },
	{ .name = "other_pd", .run = st_other_pd },
	{ .name = "local_region", .run = st_local_region },
	{ .name = "normal_region", .run = st_normal_region },
};

const struct st_suite st_suite_mr_remote_inv = {
	"mr_remote_inv", st_cases, ARRAY_SIZE(st_cases),
};
