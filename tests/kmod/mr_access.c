// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a registration does not allow does not happen.
 */
#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

/* Not initialised for remote access: asking for it is refused at once. */
static void st_no_remote_access(struct st_test *t)
{
	static const ULONG flags[] = {
		NDK_OP_FLAG_ALLOW_REMOTE_READ, NDK_OP_FLAG_ALLOW_REMOTE_WRITE,
		ST_RIGHTS_ALL,
	};
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 2 * PAGE_SIZE);
	NDK_RESULT_EX res;
	NDK_MR *mr;
	size_t i;

	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 2, false)))
		return;
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		ST_STATUS(t, st_fast_register(t, &p->a, mr, buf, buf->label,
					      flags[i]),
			  STATUS_ACCESS_VIOLATION);
	/* nothing was posted, and the region is as before */
	st_pair_works(t, p);
	ST_EXPECT(t, !st_poll(t, &p->a.icq, &res, 1),
		  "a refused request completed");
	ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				  NDK_OP_FLAG_ALLOW_LOCAL_WRITE));
	ST_OK(t, st_invalidate(t, &p->a, mr));

	/* initialised again, with remote access */
	if (ST_OK(t, st_init(t, mr, 2, true)) &&
	    ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				      ST_RIGHTS_ALL)))
		st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
}

/**
 * struct st_refusal - an access that must be refused
 * @rights: of a fast registration, or
 * @mr_flags: of a normal one
 * @normal: which of them
 * @op: what the peer tries
 * @at: offset in the region; may be before it
 * @len: bytes
 * @invalidated: after the registration has ended
 * @token_off: added to the token
 * @sink: the memory takes the data of reads
 */
struct st_refusal {
	ULONG rights;
	ULONG mr_flags;
	bool normal;
	NDK_OPERATION_TYPE op;
	long at;
	ULONG len;
	bool invalidated;
	UINT32 token_off;
	bool sink;
};

#define ST_REGION	(2 * PAGE_SIZE - 100)

/* Is it only the right of remote read that is missing? */
static bool st_unread(const struct st_refusal *r)
{
	return r->op == NdkOperationTypeRead && !r->normal &&
	       !(r->rights & NDK_OP_FLAG_ALLOW_REMOTE_READ);
}

/* Is a sink of reads closed to a peer? On iWARP their data come as a write. */
static bool st_sink_closed(struct st_test *t)
{
	if (!st_is_iwarp(t))
		return true;
	st_skip(t, "on iWARP a peer may write to a sink");
	return false;
}

static void st_refused(struct st_test *t)
{
	const struct st_refusal *r = (const struct st_refusal *)t->arg;
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 50, ST_REGION);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, ST_REGION + 8);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	UINT32 token;
	NDK_MR *mr;

	if (!p || !buf || !local ||
	    (r->normal && !st_registers_kernel(t)) ||
	    (st_unread(r) && !st_checks_reads(t, &p->a)) ||
	    (r->sink && !st_sink_closed(t)) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, !r->normal, &mr)))
		return;
	if (r->normal) {
		if (!ST_OK(t, st_register(t, mr, buf->mdl, buf->len,
					  r->mr_flags)))
			return;
	} else if (!ST_OK(t, st_init(t, mr, 16, true)) ||
		   !ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
					      r->rights))) {
		return;
	}
	token = st_remote_token(t, mr);
	if (r->invalidated &&
	    !ST_OK(t, r->normal ? st_deregister(t, mr) :
		   st_invalidate(t, &p->a, mr)))
		return;
	ST_OK(t, st_post(t, p->a.qp, &recv));
	ST_STATUS(t, st_rdma(t, &p->b, r->op, local, 0, r->len,
			     buf->label + r->at, token + r->token_off),
		  st_refusal(t));
	ST_BUF(t, buf);
	if (r->at >= 0 && r->at < (long)ST_REGION && !r->token_off &&
	    r->op == NdkOperationTypeRead && r->at + r->len > ST_REGION)
		; /* what is inside may have been delivered before the end */
	else
		ST_BUF(t, local);
	/* that was the end of the connection, on the other side too */
	st_expect_next(t, &p->a, &p->a.rcq, NdkOperationTypeReceive, &recv,
		       STATUS_CANCELLED);
}

/* A PD's region cannot be reached through a queue pair of another PD. */
static void st_other_pd(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_pair *q = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 50, ST_REGION);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 8);
	NDK_MR *mr;

	if (!p || !q || !buf || !local ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 16, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				       ST_RIGHTS_ALL)))
		return;
	ST_STATUS(t, st_rdma(t, &q->b, NdkOperationTypeRead, local, 0, 8,
			     buf->label, st_remote_token(t, mr)),
		  st_refusal(t));
	ST_BUF(t, local);
	st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
}

/* The privileged token must never work for a peer. */
static void st_privileged(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 100);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 100);

	if (!p || !buf || !local || !st_checks_reads(t, &p->a) ||
	    !ST_OK(t, st_build_lam(t, buf)))
		return;
	ST_STATUS(t, st_rdma(t, &p->b, NdkOperationTypeRead, local, 0, 100,
			     buf->lam->AdapterPageArray[0].QuadPart,
			     p->a.priv), st_refusal(t));
	ST_BUF(t, local);
}

/* Memory is out of reach once the region is closed, invalidated or not. */
static void st_closed(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 50, ST_REGION);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 100);
	UINT32 token;
	NDK_MR *mr;

	if (!p || !buf || !local ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 16, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				       ST_RIGHTS_ALL)))
		return;
	token = st_remote_token(t, mr);
	st_close(t, &mr->Header);
	ST_STATUS(t, st_rdma(t, &p->b, NdkOperationTypeWrite, local, 0, 100,
			     buf->label, token), st_refusal(t));
	ST_BUF(t, buf);
}

/**
 * struct st_rights - what is asked for, and what the device should be told
 * @flags: NDK_OP_FLAG_*
 * @mr_flags: the same of NdkRegisterMr
 * @access: IB_ACCESS_*
 * @sink: on iWARP the peer may write as well
 */
struct st_rights {
	ULONG flags;
	ULONG mr_flags;
	int access;
	bool sink;
};

#define ST_RIGHTS(flags_, access_, ...)					       \
	{ .flags = NDK_OP_FLAG_ALLOW_##flags_,				       \
	  .mr_flags = NDK_MR_FLAG_ALLOW_##flags_, .access = access_,	       \
	  __VA_ARGS__ }
#define ST_SINK(flags_, access_)					       \
	{ .flags = NDK_OP_FLAG_RDMA_READ_SINK | NDK_OP_FLAG_ALLOW_##flags_,    \
	  .mr_flags = NDK_MR_FLAG_RDMA_READ_SINK |			       \
		      NDK_MR_FLAG_ALLOW_##flags_,			       \
	  .access = access_, .sink = true }

static const struct st_rights st_rights[] = {
	{ .access = 0 },
	{ .flags = NDK_OP_FLAG_RDMA_READ_SINK,
	  .mr_flags = NDK_MR_FLAG_RDMA_READ_SINK,
	  .access = IB_ACCESS_LOCAL_WRITE, .sink = true },
	ST_RIGHTS(LOCAL_WRITE, IB_ACCESS_LOCAL_WRITE),
	ST_RIGHTS(REMOTE_READ, IB_ACCESS_REMOTE_READ),
	ST_RIGHTS(REMOTE_WRITE, IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE),
	ST_SINK(LOCAL_WRITE, IB_ACCESS_LOCAL_WRITE),
	ST_SINK(REMOTE_READ, IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_READ),
	ST_SINK(REMOTE_WRITE, IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE),
};

/* Registered with these rights, and not any more. */
static NTSTATUS st_with_rights(struct st_test *t, struct st_side *side,
			       NDK_MR *mr, struct st_buf *buf,
			       const struct st_rights *r)
{
	NTSTATUS status;

	if (t->arg) {
		status = st_register(t, mr, buf->mdl, buf->len, r->mr_flags);
		return status ?: st_deregister(t, mr);
	}
	status = st_fast_register(t, side, mr, buf, buf->label, r->flags);
	return status ?: st_invalidate(t, side, mr);
}

/* The device is told of the rights that were asked for, of each and no other. */
static void st_rights_told(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;
	const struct st_given *given;
	NTSTATUS status;
	NDK_MR *mr;
	size_t i;
	int want;

	if (!ib_qp || !buf || (t->arg && !st_registers_kernel(t)) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, !t->arg, &mr)) ||
	    (!t->arg && !ST_OK(t, st_init(t, mr, 1, true))))
		return;
	for (i = 0; i < ARRAY_SIZE(st_rights); i++) {
		want = st_rights[i].access;
		if (st_rights[i].sink && st_is_iwarp(t))
			want |= IB_ACCESS_REMOTE_WRITE;
		given = st_watch_posts(ib_qp->device, NULL);
		status = st_with_rights(t, &p->a, mr, buf, &st_rights[i]);
		st_unwatch_posts(ib_qp->device);
		if (!ST_OK(t, status))
			return;
		ST_EXPECT(t, given->access == want,
			  "rights %zu: the device is told 0x%x, not 0x%x", i,
			  given->access, want);
	}
}

#define ST_REFUSE(...)	((unsigned long)&(const struct st_refusal){ __VA_ARGS__ })
#define ST_READ		.op = NdkOperationTypeRead
#define ST_WRITE	.op = NdkOperationTypeWrite
#define ST_CASE(n, ...)							       \
	{ .name = n, .run = st_refused, .arg = ST_REFUSE(__VA_ARGS__) }

static const struct st_case st_cases[] = {
	{ .name = "no_remote_access", .run = st_no_remote_access },
	{ .name = "no_remote_access_softirq", .run = st_no_remote_access,
	  .ctx = ST_SOFTIRQ },
	ST_CASE("local_only_read", ST_READ, .len = 8,
		.rights = NDK_OP_FLAG_ALLOW_LOCAL_WRITE),
	ST_CASE("local_only_write", ST_WRITE, .len = 8,
		.rights = NDK_OP_FLAG_ALLOW_LOCAL_WRITE),
	ST_CASE("no_rights_read", ST_READ, .len = 8),
	ST_CASE("read_only_write", ST_WRITE, .len = 8,
		.rights = NDK_OP_FLAG_ALLOW_REMOTE_READ),
	ST_CASE("write_only_read", ST_READ, .len = 8,
		.rights = NDK_OP_FLAG_ALLOW_REMOTE_WRITE),
	ST_CASE("sink_write", ST_WRITE, .len = 8, .sink = true,
		.rights = NDK_OP_FLAG_ALLOW_REMOTE_READ |
			  NDK_OP_FLAG_RDMA_READ_SINK),
	ST_CASE("one_byte_past_read", ST_READ, .rights = ST_RIGHTS_ALL,
		.at = ST_REGION, .len = 1),
	ST_CASE("one_byte_past_write", ST_WRITE, .rights = ST_RIGHTS_ALL,
		.at = ST_REGION, .len = 1),
	ST_CASE("one_byte_too_long_read", ST_READ, .rights = ST_RIGHTS_ALL,
		.len = ST_REGION + 1),
	ST_CASE("one_byte_too_long_write", ST_WRITE, .rights = ST_RIGHTS_ALL,
		.at = ST_REGION - 7, .len = 8),
	ST_CASE("one_byte_before_read", ST_READ, .rights = ST_RIGHTS_ALL,
		.at = -1, .len = 1),
	ST_CASE("one_byte_before_write", ST_WRITE, .rights = ST_RIGHTS_ALL,
		.at = -1, .len = 2),
	ST_CASE("invalidated_read", ST_READ, .rights = ST_RIGHTS_ALL, .len = 8,
		.invalidated = true),
	ST_CASE("invalidated_write", ST_WRITE, .rights = ST_RIGHTS_ALL,
		.len = 8, .invalidated = true),
	ST_CASE("other_token", ST_READ, .rights = ST_RIGHTS_ALL, .len = 8,
		.token_off = 1),
	ST_CASE("normal_local_only_read", ST_READ, .len = 8, .normal = true,
		.mr_flags = NDK_MR_FLAG_ALLOW_LOCAL_WRITE),
	ST_CASE("normal_local_only_write", ST_WRITE, .len = 8, .normal = true,
		.mr_flags = NDK_MR_FLAG_ALLOW_LOCAL_WRITE),
	ST_CASE("normal_read_only_write", ST_WRITE, .len = 8, .normal = true,
		.mr_flags = NDK_MR_FLAG_ALLOW_REMOTE_READ),
	ST_CASE("normal_sink_write", ST_WRITE, .len = 8, .normal = true,
		.sink = true,
		.mr_flags = NDK_MR_FLAG_ALLOW_REMOTE_READ |
			    NDK_MR_FLAG_RDMA_READ_SINK),
	ST_CASE("normal_past_read", ST_READ, .normal = true, .at = ST_REGION,
		.len = 1, .mr_flags = NDK_MR_FLAG_ALLOW_REMOTE_READ),
	ST_CASE("normal_deregistered_write", ST_WRITE, .normal = true,
		.len = 8, .invalidated = true,
		.mr_flags = NDK_MR_FLAG_ALLOW_REMOTE_WRITE),
	{ .name = "other_pd", .run = st_other_pd },
	{ .name = "privileged_token", .run = st_privileged },
	{ .name = "closed", .run = st_closed },
	{ .name = "rights_told", .run = st_rights_told },
	{ .name = "normal_rights_told", .run = st_rights_told, .arg = true },
};

const struct st_suite st_suite_mr_access = {
	"mr_access", st_cases, ARRAY_SIZE(st_cases),
};
