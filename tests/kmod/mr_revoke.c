// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer reads or writes while its access is taken away. Once the call that
 * takes it away has ended, the memory is somebody else's: what is written there
 * then must never reach the peer, and the peer must not change it.
 *
 * Of an invalidation less is asked: it is a work request, and a software device
 * does not wait in it for a packet that is being made from the memory.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "harness.h"

#define ST_ROUNDS	30
#define ST_LEN		(32 * PAGE_SIZE)
#define ST_OLD		0xaa
#define ST_NEW		0x55

enum st_revoke {
	ST_INVALIDATE,
	ST_CLOSE_FAST,
	ST_DEREGISTER,
	ST_CLOSE_NORMAL,
	ST_HOW = 7,
	ST_PEER_WRITES = 8,
};

static void st_set(struct st_buf *buf, u8 byte)
{
	memset(st_data(buf), byte, buf->len);
	memset(st_model(buf), byte, buf->len);
}

static NDK_MR *st_region(struct st_test *t, struct st_side *side,
			 struct st_buf *buf, bool fast)
{
	NDK_MR *mr;

	if (!ST_OK(t, st_create_mr(t, side->pd, fast, &mr)))
		return NULL;
	if (!fast)
		return ST_OK(t, st_register(t, mr, buf->mdl, buf->len,
					    NDK_MR_FLAG_ALLOW_REMOTE_READ |
					    NDK_MR_FLAG_ALLOW_REMOTE_WRITE)) ?
		       mr : NULL;
	return ST_OK(t, st_init(t, mr, ST_LEN / PAGE_SIZE, true)) &&
	       ST_OK(t, st_fast_register(t, side, mr, buf, buf->label,
					 ST_RIGHTS_ALL)) ? mr : NULL;
}

static bool st_revoke(struct st_test *t, struct st_pair *p, NDK_MR *mr)
{
	NTSTATUS status = STATUS_SUCCESS;

	switch (t->arg & ST_HOW) {
	case ST_INVALIDATE:
		status = st_invalidate(t, &p->a, mr);
		if (status != STATUS_CANCELLED)
			break;
		/* refusing the read ended the connection: nobody knows */
		st_close(t, &mr->Header);
		status = STATUS_SUCCESS;
		break;
	case ST_DEREGISTER:
		status = st_deregister(t, mr);
		break;
	default:
		st_close(t, &mr->Header);
		break;
	}
	return ST_OK(t, status);
}

/*
 * A device may not tell its peer of a refusal in the middle of a read, so the
 * peer may learn of it from the end of the connection only.
 */
static bool st_peer_ends(struct st_test *t, struct st_side *side,
			 NDK_RESULT_EX *res)
{
	unsigned long end = jiffies + ST_TIMEOUT;
	bool flushed = false;

	while (!st_poll(t, &side->icq, res, 1)) {
		if (time_after(jiffies, end))
			return ST_EXPECT(t, false,
					 "the request does not end (%s)",
					 flushed ? "flushed" : "still connected");
		schedule_timeout_uninterruptible(1);
		if (!flushed && completion_done(&side->gone)) {
			side->qp->Dispatch->NdkFlush(side->qp);
			flushed = true;
		}
	}
	return true;
}

static bool st_revoked_once(struct st_test *t, int round, int *refused)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, ST_LEN);
	struct st_buf *sink = st_buf_new(t, ST_CONTIG, 0, ST_LEN);
	bool writes = t->arg & ST_PEER_WRITES, fast, early;
	struct st_wr wr = { .nsge = 1, .ctx = &wr };
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	NDK_RESULT_EX res;
	size_t leaked;
	NDK_SGE sge;
	NDK_MR *mr;

	if (!p || !buf || !sink || !st_sge(t, &p->b, sink, 0, ST_LEN, &sge))
		return false;
	fast = (t->arg & ST_HOW) <= ST_CLOSE_FAST;
	early = (t->arg & ST_HOW) != ST_INVALIDATE;
	if (early && !st_lets_go(t, &p->a))
		return false;
	st_set(buf, ST_OLD);
	st_set(sink, 0);
	mr = st_region(t, &p->a, buf, fast);
	if (!mr)
		return false;
	wr.op = writes ? NdkOperationTypeWrite : NdkOperationTypeRead;
	wr.sgl = &sge;
	wr.raddr = buf->label;
	wr.rkey = st_remote_token(t, mr);
	/* a receive, by which this side learns that its queue pair died */
	if (!ST_OK(t, st_post(t, p->a.qp, &recv)) ||
	    !ST_OK(t, st_post(t, p->b.qp, &wr)))
		return false;
	udelay(round * 17 % 400);
	if (!st_revoke(t, p, mr))
		return false;
	if (early)
		st_set(buf, ST_NEW);
	if (!st_peer_ends(t, &p->b, &res))
		return false;
	if (!early)
		st_set(buf, ST_NEW);
	if (res.Status != STATUS_SUCCESS) {
		(*refused)++;
		ST_EXPECT(t, res.Status == STATUS_ACCESS_VIOLATION ||
			  res.Status == STATUS_CANCELLED,
			  "the peer's request ended with %s",
			  st_status_name(res.Status));
	}
	leaked = st_buf_count(sink, ST_NEW);
	ST_EXPECT(t, !leaked,
		  "%zu bytes of memory that was given back reached the peer",
		  leaked);
	ST_EXPECT(t, res.Status != STATUS_SUCCESS || writes ||
		  !memchr_inv(st_data(sink), ST_OLD, ST_LEN),
		  "a successful read brought other bytes");
	ST_BUF(t, buf);
	st_objects_close(t);
	st_bufs_free(t);
	return !t->failures;
}

static void st_revoked(struct st_test *t)
{
	int round, tried = 0, refused = 0;

	if ((t->arg & ST_HOW) > ST_CLOSE_FAST && !st_registers_kernel(t))
		return;
	for (round = 0; round < ST_ROUNDS; round += st_sparse(), tried++)
		if (!st_revoked_once(t, round, &refused))
			break;
	st_note(t, "%d of %d requests were refused midway", refused, tried);
}

static const struct st_case st_cases[] = {
	{ .name = "invalidate", .run = st_revoked, .arg = ST_INVALIDATE },
	{ .name = "close_fast", .run = st_revoked, .arg = ST_CLOSE_FAST },
	{ .name = "deregister", .run = st_revoked, .arg = ST_DEREGISTER },
	{ .name = "close_normal", .run = st_revoked, .arg = ST_CLOSE_NORMAL },
	{ .name = "close_fast_write", .run = st_revoked,
	  .arg = ST_CLOSE_FAST | ST_PEER_WRITES },
	{ .name = "deregister_write", .run = st_revoked,
	  .arg = ST_DEREGISTER | ST_PEER_WRITES },
	{ .name = "close_normal_write", .run = st_revoked,
	  .arg = ST_CLOSE_NORMAL | ST_PEER_WRITES },
};

const struct st_suite st_suite_mr_revoke = {
	"mr_revoke", st_cases, ARRAY_SIZE(st_cases),
};
