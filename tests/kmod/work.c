// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work requests: posting them and waiting for their completions.
 */
#include <linux/slab.h>

#include "harness.h"

struct st_post_args {
	NDK_QP *qp;
	const struct st_wr *wr;
	NTSTATUS status;
};

static void st_post_call(void *arg)
{
	struct st_post_args *a = arg;
	const NDK_QP_DISPATCH *d = a->qp->Dispatch;
	const struct st_wr *wr = a->wr;
	NDK_QP *qp = a->qp;

	switch (wr->op) {
	case NdkOperationTypeReceive:
		a->status = d->NdkReceive(qp, wr->ctx, wr->sgl, wr->nsge);
		break;
	case NdkOperationTypeSend:
		if (wr->invalidate)
			a->status = d->NdkSendAndInvalidate(qp, wr->ctx,
							    wr->sgl, wr->nsge,
							    wr->flags,
							    wr->rkey);
		else
			a->status = d->NdkSend(qp, wr->ctx, wr->sgl, wr->nsge,
					       wr->flags);
		break;
	case NdkOperationTypeRead:
		a->status = d->NdkRead(qp, wr->ctx, wr->sgl, wr->nsge,
				       wr->raddr, wr->rkey, wr->flags);
		break;
	case NdkOperationTypeWrite:
		a->status = d->NdkWrite(qp, wr->ctx, wr->sgl, wr->nsge,
					wr->raddr, wr->rkey, wr->flags);
		break;
	case NdkOperationTypeFastRegister:
		a->status = d->NdkFastRegister(qp, wr->ctx, wr->mr, wr->pages,
					       wr->array, wr->fbo, wr->len,
					       (PVOID)(ULONG_PTR)wr->base,
					       wr->flags);
		break;
	case NdkOperationTypeInvalidate:
		a->status = d->NdkInvalidate(qp, wr->ctx, &wr->mr->Header,
					     wr->flags);
		break;
	default:
		a->status = STATUS_INVALID_PARAMETER;
		break;
	}
}

/**
 * st_post() - post a work request
 * @t: the test
 * @qp: where
 * @wr: the request
 *
 * Return: the provider's answer.
 */
NTSTATUS st_post(struct st_test *t, NDK_QP *qp, const struct st_wr *wr)
{
	struct st_post_args a = { .qp = qp, .wr = wr };

	st_call(t, st_post_call, &a);
	ST_EXPECT(t, a.status != STATUS_PENDING, "a post answered PENDING");
	return a.status;
}

struct st_poll_args {
	NDK_CQ *cq;
	NDK_RESULT_EX *res;
	ULONG n;
	ULONG type;
};

static void st_poll_call(void *arg)
{
	struct st_poll_args *a = arg;

	a->n = a->cq->Dispatch->NdkGetCqResultsEx(a->cq, a->res, a->n);
}

/**
 * st_poll() - NdkGetCqResultsEx
 * @t: the test
 * @cq: the completion queue
 * @res: out: results
 * @n: room for them
 *
 * Return: how many there were.
 */
ULONG st_poll(struct st_test *t, struct st_cq *cq, NDK_RESULT_EX *res, ULONG n)
{
	struct st_poll_args a = { .cq = cq->cq, .res = res, .n = n };

	st_call(t, st_poll_call, &a);
	ST_EXPECT(t, a.n <= n, "%u results where %u fit", a.n, n);
	return a.n;
}

static void st_arm_call(void *arg)
{
	struct st_poll_args *a = arg;

	a->cq->Dispatch->NdkArmCq(a->cq, a->type);
}

/**
 * st_arm() - NdkArmCq
 * @t: the test
 * @cq: the completion queue
 * @type: NDK_CQ_NOTIFY_*
 */
void st_arm(struct st_test *t, struct st_cq *cq, ULONG type)
{
	struct st_poll_args a = { .cq = cq->cq, .type = type };

	st_call(t, st_arm_call, &a);
}

/**
 * st_event() - wait for a notification
 * @t: the test
 * @cq: the completion queue
 *
 * Return: FALSE, and the test has failed, if none came.
 */
bool st_event(struct st_test *t, struct st_cq *cq)
{
	return ST_EXPECT(t, wait_for_completion_timeout(&cq->event, ST_TIMEOUT),
			 "no notification came");
}

/**
 * st_next() - wait for the next completion
 * @t: the test
 * @cq: the completion queue
 * @res: out: the completion
 *
 * Return: FALSE, and the test has failed, if none came.
 */
bool st_next(struct st_test *t, struct st_cq *cq, NDK_RESULT_EX *res)
{
	memset(res, 0, sizeof(*res));
	for (;;) {
		if (st_poll(t, cq, res, 1))
			return true;
		reinit_completion(&cq->event);
		st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
		if (st_poll(t, cq, res, 1))
			return true;
		if (wait_for_completion_timeout(&cq->event, ST_TIMEOUT))
			continue;
		if (st_poll(t, cq, res, 1)) {
			ST_EXPECT(t, false, "a completion without notification");
			return true;
		}
		return ST_EXPECT(t, false, "no completion came");
	}
}

/**
 * st_expect_next() - wait for the next completion and compare it
 * @t: the test
 * @side: side that posted; its address is the QP's context
 * @cq: the completion queue
 * @type: what should complete
 * @ctx: its request context
 * @status: its status
 *
 * Return: whether it was as expected.
 */
bool st_expect_next(struct st_test *t, struct st_side *side, struct st_cq *cq,
		    NDK_OPERATION_TYPE type, const void *ctx, NTSTATUS status)
{
	NDK_RESULT_EX res;

	return st_next(t, cq, &res) &&
	       ST_EXPECT(t, res.RequestContext == ctx,
			 "another request completed (type 0x%x, %s)", res.Type,
			 st_status_name(res.Status)) &&
	       ST_STATUS(t, res.Status, status) &&
	       ST_EXPECT(t, res.Type == type, "type is 0x%x, not 0x%x",
			 res.Type, type) &&
	       ST_EXPECT(t, res.QPContext == side, "wrong QP context") &&
	       ST_EXPECT(t, status != STATUS_SUCCESS || !res.ProviderErrorCode,
			 "error code %u with success", res.ProviderErrorCode);
}

/**
 * st_do() - post an initiator request and wait for its completion
 * @t: the test
 * @side: where to post it
 * @wr: the request
 *
 * Return: the answer if it was refused, else the completion's status.
 */
NTSTATUS st_do(struct st_test *t, struct st_side *side, const struct st_wr *wr)
{
	struct st_wr copy = *wr;
	NDK_RESULT_EX res;
	NTSTATUS status;

	if (!copy.ctx)
		copy.ctx = &copy;
	status = st_post(t, side->qp, &copy);
	if (status != STATUS_SUCCESS)
		return status;
	if (!st_next(t, &side->icq, &res))
		return STATUS_IO_TIMEOUT;
	ST_EXPECT(t, res.RequestContext == copy.ctx && res.Type == copy.op &&
		  res.QPContext == side,
		  "the completion of another request: type 0x%x, %s", res.Type,
		  st_status_name(res.Status));
	return res.Status;
}

/**
 * st_fast_register() - register a whole buffer and wait
 * @t: the test
 * @side: whose queue pair
 * @mr: the region
 * @buf: the buffer; its LAM is built if it has none
 * @base: address of its first byte
 * @flags: access
 *
 * Return: the result.
 */
NTSTATUS st_fast_register(struct st_test *t, struct st_side *side, NDK_MR *mr,
			  struct st_buf *buf, u64 base, ULONG flags)
{
	struct st_wr wr = {
		.op = NdkOperationTypeFastRegister, .mr = mr, .len = buf->len,
		.base = base, .flags = flags,
	};

	if (!buf->lam && !ST_OK(t, st_build_lam(t, buf)))
		return STATUS_INTERNAL_ERROR;
	wr.pages = buf->lam->AdapterPageCount;
	wr.array = buf->lam->AdapterPageArray;
	wr.fbo = buf->fbo;
	return st_do(t, side, &wr);
}

/**
 * st_invalidate() - NdkInvalidate and wait
 * @t: the test
 * @side: whose queue pair
 * @mr: the region
 *
 * Return: the result.
 */
NTSTATUS st_invalidate(struct st_test *t, struct st_side *side, NDK_MR *mr)
{
	struct st_wr wr = { .op = NdkOperationTypeInvalidate, .mr = mr };

	return st_do(t, side, &wr);
}

/* As much of a LAM from @at on as one SGE can describe. */
static size_t st_lam_run(struct st_buf *buf, size_t at, size_t len,
			 NDK_SGE *sge, UINT32 token)
{
	size_t pos = buf->fbo + at;
	size_t page = pos / PAGE_SIZE;
	size_t run = min(len, PAGE_SIZE - offset_in_page(pos));
	const NDK_LOGICAL_ADDRESS *pa = buf->lam->AdapterPageArray;

	sge->LogicalAddress.QuadPart = pa[page].QuadPart + offset_in_page(pos);
	while (run < len &&
	       pa[page + 1].QuadPart == pa[page].QuadPart + PAGE_SIZE) {
		run += min(len - run, PAGE_SIZE);
		page++;
	}
	sge->Length = run;
	sge->MemoryRegionToken = token;
	return run;
}

/**
 * st_sge() - describe a piece of a buffer by its logical address
 * @t: the test
 * @side: side whose privileged token is used
 * @buf: the buffer; its LAM is built if it has none
 * @at: offset in it
 * @len: bytes
 * @sge: out
 *
 * Return: FALSE, and the test has failed, if one SGE does not suffice.
 */
bool st_sge(struct st_test *t, struct st_side *side, struct st_buf *buf,
	    size_t at, size_t len, NDK_SGE *sge)
{
	if (!buf->lam && !ST_OK(t, st_build_lam(t, buf)))
		return false;
	return ST_EXPECT(t, st_lam_run(buf, at, len, sge, side->priv) == len,
			 "%zu bytes are not contiguous", len);
}

/**
 * st_rdma() - read or write remote memory
 * @t: the test
 * @side: who does it
 * @op: NdkOperationTypeRead or NdkOperationTypeWrite
 * @local: buffer used with the privileged token
 * @at: offset in it
 * @len: bytes
 * @raddr: remote address
 * @rkey: remote token
 *
 * Return: the first result that is not success; what was written is in the
 * peer's memory. st_refusal() if the peer does not allow it.
 */
NTSTATUS st_rdma(struct st_test *t, struct st_side *side,
		 NDK_OPERATION_TYPE op, struct st_buf *local, size_t at,
		 size_t len, u64 raddr, u32 rkey)
{
	size_t most = t->info.MaxTransferLength;

	if (!len)
		return STATUS_SUCCESS;
	if (!local->lam && !ST_OK(t, st_build_lam(t, local)))
		return STATUS_INTERNAL_ERROR;
	while (len) {
		NDK_SGE sge;
		struct st_wr wr = {
			.op = op, .sgl = &sge, .nsge = 1, .raddr = raddr,
			.rkey = rkey,
		};
		NTSTATUS status;
		size_t run;

		run = st_lam_run(local, at, min(len, most), &sge, side->priv);
		status = st_do(t, side, &wr);
		if (status != STATUS_SUCCESS)
			return status;
		at += run;
		len -= run;
		raddr += run;
	}
	if (op != NdkOperationTypeWrite)
		return STATUS_SUCCESS;
	return st_written(t, side, local, at - 1, raddr - 1, rkey);
}

/**
 * st_access() - a peer reads and writes exactly a region
 * @t: the test
 * @peer: the peer's side
 * @region: the memory, registered with all rights
 * @base: its remote address
 * @token: its remote token
 *
 * Reads all of it; writes all of it; writes all but the outermost bytes.
 *
 * Return: whether all of that happened, and nothing else.
 */
bool st_access(struct st_test *t, struct st_side *peer, struct st_buf *region,
	       u64 base, u32 token)
{
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, region->len);
	size_t len = region->len;

	if (!local)
		return false;
	st_buf_expect(local, 0, st_model(region), len);
	if (!ST_OK(t, st_rdma(t, peer, NdkOperationTypeRead, local, 0, len,
			      base, token)) ||
	    !ST_BUF(t, local) || !ST_BUF(t, region))
		return false;
	st_buf_refill(local);
	st_buf_expect(region, 0, st_data(local), len);
	if (!ST_OK(t, st_rdma(t, peer, NdkOperationTypeWrite, local, 0, len,
			      base, token)) ||
	    !ST_BUF(t, local) || !ST_BUF(t, region))
		return false;
	if (len < 3)
		return true;
	st_buf_refill(local);
	st_buf_expect(region, 1, st_data(local) + 1, len - 2);
	return ST_OK(t, st_rdma(t, peer, NdkOperationTypeWrite, local, 1,
				len - 2, base + 1, token)) &&
	       ST_BUF(t, local) && ST_BUF(t, region);
}
