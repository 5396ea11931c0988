// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits of a queue pair, to the byte and to the request.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "harness.h"

/* No power of two, nor a part of a page. */
#define ST_INLINE	48

struct st_inline {
	struct st_pair *p;
	struct st_buf *to;
	NDK_SGE to_sge;
	struct st_wr recv;
	UCHAR data[ST_INLINE + 1];
};

static bool st_inline_new(struct st_test *t, struct st_inline *n,
			  const struct st_caps *caps)
{
	size_t i;

	n->p = st_pair_alloc(t);
	n->p->caps = *caps;
	n->to = st_buf_new(t, ST_CONTIG, 0, ST_INLINE);
	for (i = 0; i < sizeof(n->data); i++)
		n->data[i] = i * 5 + 1;
	n->recv = (struct st_wr){
		.op = NdkOperationTypeReceive, .sgl = &n->to_sge, .nsge = 1,
		.ctx = &n->recv,
	};
	return n->to && st_pair_up(t, n->p, false) &&
	       st_sge(t, &n->p->b, n->to, 0, ST_INLINE, &n->to_sge);
}

/* The first @len bytes of it go to the peer. */
static bool st_inline_goes(struct st_test *t, struct st_inline *n,
			   const NDK_SGE *sgl, ULONG nsge, size_t len)
{
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = sgl, .nsge = nsge,
		.flags = NDK_OP_FLAG_INLINE,
	};

	st_buf_refill(n->to);
	st_buf_expect(n->to, 0, n->data, len);
	return ST_OK(t, st_post(t, n->p->b.qp, &n->recv)) &&
	       ST_OK(t, st_do(t, &n->p->a, &send)) &&
	       st_expect_next(t, &n->p->b, &n->p->b.rcq,
			      NdkOperationTypeReceive, &n->recv,
			      STATUS_SUCCESS) &&
	       ST_BUF(t, n->to);
}

static void st_inline_refused(struct st_test *t, struct st_inline *n,
			      const NDK_SGE *sgl, ULONG nsge)
{
	struct st_wr wr = {
		.sgl = sgl, .nsge = nsge, .flags = NDK_OP_FLAG_INLINE,
	};

	wr.op = NdkOperationTypeSend;
	ST_STATUS(t, st_post(t, n->p->a.qp, &wr), STATUS_DATA_OVERRUN);
	wr.op = NdkOperationTypeWrite;
	ST_STATUS(t, st_post(t, n->p->a.qp, &wr), STATUS_DATA_OVERRUN);
	st_refused_for(t, &n->p->a.qp->Header, "InlineDataSize");
}

/* As many bytes as were asked for, not as many as there may be room for. */
static void st_inline_exact(struct st_test *t)
{
	struct st_caps caps = st_default_caps(t);
	struct st_inline n;
	NDK_SGE sgl[2] = {};
	int i;

	caps.inline_size = ST_INLINE;
	if (!st_inline_new(t, &n, &caps))
		return;
	sgl[0].VirtualAddress = n.data;
	sgl[0].Length = ST_INLINE + 1;
	st_inline_refused(t, &n, sgl, 1);
	sgl[0].Length = ST_INLINE - 8;
	sgl[1].VirtualAddress = n.data + ST_INLINE - 8;
	sgl[1].Length = 9;
	st_inline_refused(t, &n, sgl, 2);
	sgl[1].Length = 8;
	/* each slot of the ring has room of its own */
	for (i = 0; i < 200; i++)
		if (!st_inline_goes(t, &n, sgl, 2, ST_INLINE))
			return;
}

/* Inline data need no SGE of the queue pair's. */
static void st_inline_without_sges(struct st_test *t)
{
	struct st_caps caps = st_default_caps(t);
	struct st_inline n;
	NDK_SGE sge = {};

	caps.inline_size = ST_INLINE;
	caps.send_sge = 0;
	if (!st_inline_new(t, &n, &caps))
		return;
	sge.VirtualAddress = n.data;
	sge.Length = ST_INLINE;
	st_inline_goes(t, &n, &sge, 1, ST_INLINE);
}

/* More bytes than a message may have, also when 32 bits do not hold them. */
static void st_too_many_bytes(struct st_test *t)
{
	static const NDK_OPERATION_TYPE ops[] = {
		NdkOperationTypeSend, NdkOperationTypeRead,
		NdkOperationTypeWrite, NdkOperationTypeReceive,
	};
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 64);
	struct st_wr wr = {};
	NDK_SGE sgl[2];
	size_t i;

	if (!p || !buf || !st_sge(t, &p->a, buf, 0, 64, &sgl[0]))
		return;
	sgl[1] = sgl[0];
	wr.sgl = sgl;
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		wr.op = ops[i];
		sgl[0].Length = SZ_2G;
		sgl[1].Length = SZ_2G;
		wr.nsge = 2;
		/* A read may not have two on iWARP. */
		if (wr.op != NdkOperationTypeRead ||
		    t->info.MaxReadRequestSge >= wr.nsge) {
			ST_STATUS(t, st_post(t, p->a.qp, &wr),
				  STATUS_DATA_OVERRUN);
			st_refused_for(t, &p->a.qp->Header, "Length");
		}
		if (t->info.MaxTransferLength == U32_MAX)
			continue;
		sgl[0].Length = t->info.MaxTransferLength + 1;
		wr.nsge = 1;
		ST_STATUS(t, st_post(t, p->a.qp, &wr), STATUS_DATA_OVERRUN);
		st_refused_for(t, &p->a.qp->Header, "Length");
	}
	st_pair_works(t, p);
}

/* Silent requests that have ended leave the depth as it was. */
static void st_silent_then_full(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &send };
	int i;

	p->caps = st_default_caps(t);
	p->caps.send_depth = 8;
	if (!st_sends_wait(t) || !st_pair_up(t, p, false))
		return;
	for (i = 0; i < 24; i++) {
		send.flags = i < 23 ? NDK_OP_FLAG_SILENT_SUCCESS : 0;
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &send)) ||
		    !st_expect_next(t, &p->b, &p->b.rcq,
				    NdkOperationTypeReceive, &recv,
				    STATUS_SUCCESS))
			return;
	}
	if (!st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend, &send,
			    STATUS_SUCCESS))
		return;
	/* nobody receives any more, so that these stay */
	for (i = 0; i < 8; i++)
		if (!ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
	ST_STATUS(t, st_post(t, p->a.qp, &send), STATUS_NO_MORE_ENTRIES);
}

/* Entries that are counted and not there. */
static void st_no_list(struct st_test *t)
{
	static const struct {
		NDK_OPERATION_TYPE op;
		ULONG flags;
	} posts[] = {
		{ NdkOperationTypeSend, 0 },
		{ NdkOperationTypeSend, NDK_OP_FLAG_INLINE },
		{ NdkOperationTypeRead, 0 },
		{ NdkOperationTypeWrite, 0 },
		{ NdkOperationTypeWrite, NDK_OP_FLAG_INLINE },
		{ NdkOperationTypeReceive, 0 },
	};
	struct st_pair *p = st_pair_new(t);
	struct st_wr wr = { .nsge = 1 };
	size_t i;

	for (i = 0; p && i < ARRAY_SIZE(posts); i++) {
		wr.op = posts[i].op;
		wr.flags = posts[i].flags;
		if (!ST_STATUS(t, st_post(t, p->a.qp, &wr),
			       STATUS_INVALID_PARAMETER) ||
		    !st_refused_for(t, &p->a.qp->Header, "pSgl (NULL)"))
			return;
	}
	if (p)
		st_pair_works(t, p);
}

static void st_not_made(struct st_test *t, NDK_PD *pd, struct st_cq *rcq,
			struct st_cq *icq, const struct st_caps *caps,
			const char *argument)
{
	NDK_QP *qp;

	if (ST_STATUS(t, st_create_qp(t, pd, rcq, icq, NULL, caps, &qp),
		      STATUS_INVALID_PARAMETER))
		st_refused_for(t, &pd->Header, argument);
}

/* A queue for nothing is none, but requests without data are requests. */
static void st_nothing(struct st_test *t)
{
	struct st_caps caps = { .recv_depth = 1, .send_depth = 1 };
	struct st_caps no_recvs = { .send_depth = 1 };
	struct st_caps no_sends = { .recv_depth = 1 };
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_cq cq, none = {};
	NDK_RESULT_EX res;
	NDK_PD *pd;
	NDK_QP *qp;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_cq(t, &cq, 16)))
		return;
	st_not_made(t, pd, &cq, &cq, &no_recvs, "ReceiveQueueDepth");
	st_not_made(t, pd, &cq, &cq, &no_sends, "InitiatorQueueDepth");
	st_not_made(t, pd, &none, &cq, &caps, "pReceiveCq (NULL)");
	st_not_made(t, pd, &cq, &none, &caps, "pInitiatorCq (NULL)");
	if (!ST_OK(t, st_create_qp(t, pd, &cq, &cq, NULL, &caps, &qp)) ||
	    !ST_OK(t, st_post(t, qp, &recv)))
		return;
	qp->Dispatch->NdkFlush(qp);
	if (st_next(t, &cq, &res))
		ST_STATUS(t, res.Status, STATUS_CANCELLED);
}

static const struct st_case st_cases[] = {
	{ .name = "no_list", .run = st_no_list },
	{ .name = "nothing", .run = st_nothing },
	{ .name = "inline_exact", .run = st_inline_exact },
	{ .name = "inline_without_sges", .run = st_inline_without_sges },
	{ .name = "too_many_bytes", .run = st_too_many_bytes },
	{ .name = "silent_then_full", .run = st_silent_then_full },
};

const struct st_suite st_suite_qp_limits = {
	"qp_limits", st_cases, ARRAY_SIZE(st_cases),
};
