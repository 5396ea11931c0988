// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulator notices a user of ib_core who does what must not be done. The
 * other tests rely on that, so here somebody does it.
 */
#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "harness.h"
#include "sim_device.h"

/**
 * struct st_raw - a registration without the provider
 * @cqe: finds it
 * @done: completed with it
 * @status: how it ended
 * @qp: the provider's, connected
 * @mr: the region
 * @sg: its memory
 */
struct st_raw {
	struct ib_cqe cqe;
	struct completion done;
	enum ib_wc_status status;
	struct ib_qp *qp;
	struct ib_mr *mr;
	struct scatterlist sg;
};

static void st_raw_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct st_raw *r = container_of(wc->wr_cqe, struct st_raw, cqe);

	r->status = wc->status;
	complete(&r->done);
}

static bool st_raw_map(struct st_test *t, struct st_raw *r)
{
	return ST_EXPECT(t, ib_map_mr_sg(r->mr, &r->sg, 1, NULL, PAGE_SIZE) == 1,
			 "the region cannot be mapped");
}

static bool st_raw_post(struct st_test *t, struct st_raw *r,
			enum ib_wr_opcode opcode)
{
	struct ib_reg_wr reg = {
		.wr.opcode = opcode,
		.wr.send_flags = IB_SEND_SIGNALED,
		.wr.wr_cqe = &r->cqe,
		.mr = r->mr,
		.key = r->mr->rkey,
		.access = IB_ACCESS_LOCAL_WRITE,
	};
	int ret;

	if (opcode == IB_WR_LOCAL_INV)
		reg.wr.ex.invalidate_rkey = r->mr->rkey;
	reinit_completion(&r->done);
	ret = ib_post_send(r->qp, &reg.wr, NULL);
	return ST_EXPECT(t, !ret, "the post failed: %d", ret);
}

static bool st_raw_wait(struct st_test *t, struct st_raw *r)
{
	/* It is on our stack, and it will come: nothing fails here. */
	wait_for_completion(&r->done);
	return ST_EXPECT(t, !r->status, "ended with %d", r->status);
}

static bool st_raw_new(struct st_test *t, struct st_raw *r)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, PAGE_SIZE);

	if (!p || !buf)
		return false;
	st_sim->set_flags(t->sim, NDK_SIM_QUIET);
	init_completion(&r->done);
	r->cqe.done = st_raw_done;
	r->qp = st_ib_qp(t, p->a.qp);
	if (!r->qp)
		return false;
	sg_init_one(&r->sg, st_data(buf), PAGE_SIZE);
	if (!ST_EXPECT(t, ib_dma_map_sg(r->qp->device, &r->sg, 1,
					DMA_BIDIRECTIONAL) == 1, "not mapped"))
		return false;
	r->mr = ib_alloc_mr(r->qp->pd, IB_MR_TYPE_MEM_REG, 4);
	return ST_EXPECT(t, !IS_ERR(r->mr), "no region");
}

static void st_raw_free(struct st_test *t, struct st_raw *r)
{
	ST_EXPECT(t, !ib_dereg_mr(r->mr), "the region cannot be freed");
	ib_dma_unmap_sg(r->qp->device, &r->sg, 1, DMA_BIDIRECTIONAL);
}

static void st_broken(struct st_test *t, u32 want)
{
	u32 got = st_sim->violations(t->sim);

	ST_EXPECT(t, got == want, "%u rules broken, not %u", got, want);
}

static void st_kept(struct st_test *t)
{
	struct st_raw r;

	if (!st_raw_new(t, &r))
		return;
	if (st_raw_map(t, &r) && st_raw_post(t, &r, IB_WR_REG_MR) &&
	    st_raw_wait(t, &r) && st_raw_post(t, &r, IB_WR_LOCAL_INV) &&
	    st_raw_wait(t, &r))
		st_raw_map(t, &r);
	st_raw_free(t, &r);
	st_broken(t, 0);
}

static void st_map_registered(struct st_test *t)
{
	struct st_raw r;

	if (!st_raw_new(t, &r))
		return;
	if (st_raw_map(t, &r) && st_raw_post(t, &r, IB_WR_REG_MR) &&
	    st_raw_wait(t, &r))
		st_raw_map(t, &r);
	st_raw_free(t, &r);
	st_broken(t, 1);
}

static void st_in_flight(struct st_test *t)
{
	struct st_raw r;

	if (!st_raw_new(t, &r))
		return;
	st_sim->stall(t->sim, NDK_SIM_DO(REG_MR));
	if (st_raw_map(t, &r) && st_raw_post(t, &r, IB_WR_REG_MR)) {
		st_raw_map(t, &r);
		st_broken(t, 1);
		ST_EXPECT(t, ib_dereg_mr(r.mr), "freed with a request on it");
		st_broken(t, 1);
		ib_update_fast_reg_key(r.mr, r.mr->rkey + 1);
		st_sim->stall(t->sim, 0);
		st_raw_wait(t, &r);
		st_broken(t, 1);
	}
	st_raw_free(t, &r);
	st_broken(t, 0);
}

static void st_sleepless(struct st_test *t)
{
	struct ib_qp_attr attr = {};
	struct st_raw r;

	if (!st_raw_new(t, &r))
		return;
	local_bh_disable();
	/* Not through ib_core, which would notice first. */
	r.qp->device->ops.modify_qp(r.qp, &attr, 0, NULL);
	local_bh_enable();
	st_raw_free(t, &r);
	st_broken(t, 1);
}

#define ST_SIM(...) { .sim = &st_sim_usual, __VA_ARGS__ }

static const struct st_case st_cases[] = {
	ST_SIM(.name = "kept", .run = st_kept),
	ST_SIM(.name = "map_registered", .run = st_map_registered),
	ST_SIM(.name = "in_flight", .run = st_in_flight),
	ST_SIM(.name = "sleepless", .run = st_sleepless),
};

const struct st_suite st_suite_sim_rules = {
	"sim_rules", st_cases, ARRAY_SIZE(st_cases),
};
