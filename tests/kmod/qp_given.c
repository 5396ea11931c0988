// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device is given of a request: the flags that nothing at this end shows.
 */
#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

#define ST_TOLD		IB_SEND_SIGNALED
#define ST_FENCED	IB_SEND_FENCE
#define ST_SOLICITED	IB_SEND_SOLICITED

/**
 * struct st_gift - a request, and what the device is given
 * @wr: its kind
 * @flags: its flags
 * @opcode: what is done
 * @given: with these flags
 * @siw: that driver's, where it differs
 */
struct st_gift {
	enum { ST_SEND, ST_SEND_INV, ST_READ, ST_WRITE, ST_REG, ST_INV } wr;
	ULONG flags;
	enum ib_wr_opcode opcode;
	int given;
	int siw;
};

#define ST_SILENT	NDK_OP_FLAG_SILENT_SUCCESS
#define ST_FENCE	NDK_OP_FLAG_READ_FENCE
#define ST_SOLICIT	NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT

/*
 * A region's state hangs on its requests, so that they are always reported on,
 * and an invalidation always waits for reads.
 */
static const struct st_gift st_gifts[] = {
	{ ST_SEND, 0, IB_WR_SEND, ST_TOLD },
	{ ST_SEND, ST_SOLICIT, IB_WR_SEND, ST_TOLD | ST_SOLICITED },
	{ ST_SEND, ST_FENCE, IB_WR_SEND, ST_TOLD | ST_FENCED },
	{ ST_SEND, ST_SILENT, IB_WR_SEND, 0 },
	{ ST_SEND, ST_SILENT | ST_FENCE | ST_SOLICIT, IB_WR_SEND,
	  ST_FENCED | ST_SOLICITED },
	{ ST_SEND_INV, ST_SOLICIT, IB_WR_SEND_WITH_INV,
	  ST_TOLD | ST_SOLICITED },
	{ ST_WRITE, 0, IB_WR_RDMA_WRITE, ST_TOLD },
	{ ST_WRITE, ST_SILENT, IB_WR_RDMA_WRITE, 0 },
	{ ST_WRITE, ST_FENCE, IB_WR_RDMA_WRITE, ST_TOLD | ST_FENCED },
	{ ST_READ, 0, IB_WR_RDMA_READ, ST_TOLD, ST_TOLD },
	{ ST_READ, ST_SILENT, IB_WR_RDMA_READ, 0, ST_TOLD },
	{ ST_READ, ST_FENCE, IB_WR_RDMA_READ, ST_TOLD | ST_FENCED, ST_TOLD },
	{ ST_REG, ST_SILENT, IB_WR_REG_MR, ST_TOLD },
	{ ST_INV, 0, IB_WR_LOCAL_INV, ST_TOLD | ST_FENCED },
	{ ST_REG, ST_FENCE, IB_WR_REG_MR, ST_TOLD | ST_FENCED },
	{ ST_INV, ST_SILENT, IB_WR_LOCAL_INV, ST_TOLD | ST_FENCED },
};

/**
 * struct st_givers - a connection and regions of both ends
 * @p: the connection
 * @near: memory of @p->a
 * @far: memory of @p->b
 * @near_mr: for @near
 * @far_mr: for @far, registered
 * @given: what the device is given by @p->a
 */
struct st_givers {
	struct st_pair *p;
	struct st_buf *near;
	struct st_buf *far;
	NDK_MR *near_mr;
	NDK_MR *far_mr;
	const struct st_given *given;
};

static struct st_wr st_gift_wr(struct st_test *t, struct st_givers *g,
			       const struct st_gift *gift)
{
	static const NDK_OPERATION_TYPE ops[] = {
		[ST_SEND] = NdkOperationTypeSend,
		[ST_SEND_INV] = NdkOperationTypeSend,
		[ST_READ] = NdkOperationTypeRead,
		[ST_WRITE] = NdkOperationTypeWrite,
		[ST_REG] = NdkOperationTypeFastRegister,
		[ST_INV] = NdkOperationTypeInvalidate,
	};
	struct st_wr wr = {
		.op = ops[gift->wr], .flags = gift->flags, .mr = g->near_mr,
	};

	if (gift->wr == ST_SEND_INV) {
		wr.invalidate = true;
		wr.rkey = st_remote_token(t, g->far_mr);
	}
	if (gift->wr != ST_REG)
		return wr;
	wr.flags |= NDK_OP_FLAG_ALLOW_REMOTE_READ;
	wr.pages = g->near->lam->AdapterPageCount;
	wr.array = g->near->lam->AdapterPageArray;
	wr.fbo = g->near->fbo;
	wr.len = g->near->len;
	wr.base = g->near->label;
	return wr;
}

static bool st_give(struct st_test *t, struct st_givers *g,
		    const struct st_gift *gift)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr wr = st_gift_wr(t, g, gift);
	int want = st_is_iwarp(t) && gift->wr == ST_READ ? gift->siw :
							   gift->given;
	const struct st_given *given = g->given;
	unsigned int before = given->count;

	if (wr.op == NdkOperationTypeSend &&
	    !ST_OK(t, st_post(t, g->p->b.qp, &recv)))
		return false;
	if (gift->flags & ST_SILENT ? !ST_OK(t, st_post(t, g->p->a.qp, &wr)) :
				      !ST_OK(t, st_do(t, &g->p->a, &wr)))
		return false;
	return ST_EXPECT(t, given->count == before + 1 &&
			 given->opcode == gift->opcode && given->flags == want,
			 "of request %zu the device was given %u, the last 0x%x with flags 0x%x, not 0x%x with 0x%x",
			 (size_t)(gift - st_gifts), given->count - before,
			 given->opcode, given->flags, gift->opcode, want);
}

static bool st_givers_new(struct st_test *t, struct st_givers *g)
{
	g->p = st_pair_new(t);
	g->near = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	g->far = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	return g->p && g->near && g->far && ST_OK(t, st_build_lam(t, g->near)) &&
	       ST_OK(t, st_create_mr(t, g->p->a.pd, true, &g->near_mr)) &&
	       ST_OK(t, st_init(t, g->near_mr, 2, true)) &&
	       ST_OK(t, st_create_mr(t, g->p->b.pd, true, &g->far_mr)) &&
	       ST_OK(t, st_init(t, g->far_mr, 2, true)) &&
	       ST_OK(t, st_fast_register(t, &g->p->b, g->far_mr, g->far,
					 g->far->label, ST_RIGHTS_ALL));
}

static void st_flags_given(struct st_test *t)
{
	struct st_givers g;
	struct ib_qp *ib_qp;
	size_t i;

	if (!st_givers_new(t, &g))
		return;
	ib_qp = st_ib_qp(t, g.p->a.qp);
	if (!ib_qp)
		return;
	g.given = st_watch_posts(ib_qp->device, ib_qp);
	for (i = 0; i < ARRAY_SIZE(st_gifts); i++)
		if (!st_give(t, &g, &st_gifts[i]))
			break;
	st_unwatch_posts(ib_qp->device);
	/* and when this one is done, the silent ones are */
	if (i == ARRAY_SIZE(st_gifts))
		st_do(t, &g.p->a, &(struct st_wr){ .op = NdkOperationTypeWrite });
}

#define ST_COMMON	(ST_SILENT | ST_FENCE | NDK_OP_FLAG_DEFER)

/* Flags that are not for such a request are refused, each by itself. */
static void st_flags_refused(struct st_test *t)
{
	static const struct {
		struct st_gift gift;
		ULONG allowed;
	} cases[] = {
		{ { ST_SEND }, ST_COMMON | ST_SOLICIT | NDK_OP_FLAG_INLINE },
		{ { ST_SEND_INV }, ST_COMMON | ST_SOLICIT | NDK_OP_FLAG_INLINE },
		{ { ST_READ },
		  ST_COMMON | NDK_OP_FLAG_RDMA_READ_LOCAL_INVALIDATE },
		{ { ST_WRITE }, ST_COMMON | NDK_OP_FLAG_INLINE },
		{ { ST_REG }, ST_COMMON | NDK_OP_FLAG_ALLOW_REMOTE_READ |
			      NDK_OP_FLAG_ALLOW_REMOTE_WRITE |
			      NDK_OP_FLAG_ALLOW_LOCAL_WRITE |
			      NDK_OP_FLAG_RDMA_READ_SINK },
		{ { ST_INV }, ST_COMMON },
	};
	struct st_givers g;
	struct st_wr wr;
	size_t i;
	int bit;

	if (!st_givers_new(t, &g))
		return;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (bit = 0; bit < 32; bit++) {
			if (cases[i].allowed & BIT(bit))
				continue;
			wr = st_gift_wr(t, &g, &cases[i].gift);
			wr.flags |= BIT(bit);
			if (!ST_STATUS(t, st_post(t, g.p->a.qp, &wr),
				       STATUS_INVALID_PARAMETER) ||
			    !st_refused_for(t, &g.p->a.qp->Header, "Flags")) {
				st_note(t, "request %zu, bit %d", i, bit);
				return;
			}
		}
	}
	st_pair_works(t, g.p);
}

static const struct st_case st_cases[] = {
	{ .name = "flags", .run = st_flags_given },
	{ .name = "flags_softirq", .run = st_flags_given, .ctx = ST_SOFTIRQ },
	{ .name = "flags_of_others", .run = st_flags_refused },
};

const struct st_suite st_suite_qp_given = {
	"qp_given", st_cases, ARRAY_SIZE(st_cases),
};
