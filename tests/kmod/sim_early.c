// SPDX-License-Identifier: GPL-2.0-only
/*
 * A peer ends a registration, and that is known before the registration's own
 * completion is handled: the order that two completion queues, or a device that
 * works on both directions at once, may show of a peer that does nothing wrong.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "harness.h"
#include "sim_device.h"

/**
 * struct st_early - such a region
 * @r: it, and the connection
 * @recv: of @r.p->a, has brought the peer's message
 * @token: the region's
 * @other: pages to register next
 * @again: registers them; its own context
 */
struct st_early {
	struct st_region r;
	struct st_wr recv;
	u32 token;
	struct st_buf *other;
	struct st_wr again;
};

/* What is registered next. */
static void st_early_next(struct st_early *e)
{
	e->again = e->r.reg;
	e->again.array = e->other->lam->AdapterPageArray;
	e->again.pages = e->other->lam->AdapterPageCount;
	e->again.fbo = 100;
	e->again.len = e->other->len;
	e->again.base = e->other->label;
	e->again.ctx = &e->again;
}

/* The completion of the registration is held, the receive is not. */
static bool st_early_new(struct st_test *t, struct st_early *e)
{
	struct st_wr send = { .op = NdkOperationTypeSend, .invalidate = true };
	struct st_region *r = &e->r;
	struct ib_qp *qp;

	e->recv = (struct st_wr){
		.op = NdkOperationTypeReceive, .ctx = &e->recv,
	};
	e->other = st_buf_new(t, ST_SCATTER, 100, PAGE_SIZE);
	if (!e->other || !st_region_new(t, r) ||
	    !ST_OK(t, st_build_lam(t, e->other)) ||
	    !ST_OK(t, st_post(t, r->p->a.qp, &e->recv)))
		return false;
	st_early_next(e);
	e->token = st_remote_token(t, r->mr);
	send.rkey = e->token;

	qp = st_ib_qp(t, r->p->a.qp);
	if (!qp)
		return false;
	st_sim->set_flags(t->sim, NDK_SIM_INLINE);
	st_sim->hold(t->sim, NDK_SIM_DO(REG_MR), qp->qp_num);
	return ST_OK(t, st_post(t, r->p->a.qp, &r->reg)) &&
	       st_sim_held(t, 1) &&
	       ST_OK(t, st_do(t, &r->p->b, &send)) &&
	       st_expect_next(t, &r->p->a, &r->p->a.rcq,
			      NdkOperationTypeReceiveAndInvalidate, &e->recv,
			      STATUS_SUCCESS);
}

/* The new pages can be reached, and the old ones cannot. */
static void st_early_works(struct st_test *t, struct st_early *e,
			   struct st_side *peer)
{
	struct st_buf *probe = st_buf_new(t, ST_CONTIG, 0, 8);

	if (!probe || !st_access(t, peer, e->other, e->other->label, e->token))
		return;
	ST_EXPECT(t, !st_is_idle(e->r.mr), "a registered region is idle");
	ST_STATUS(t, st_rdma(t, peer, NdkOperationTypeWrite, probe, 0, 8,
			     e->r.buf->label, e->token), st_refusal(t));
	ST_BUF(t, e->r.buf);
	ST_BUF(t, e->other);
}

/* Registered again at once, with other pages. */
static void st_again(struct st_test *t)
{
	struct st_early e;

	if (!st_early_new(t, &e) ||
	    !ST_OK(t, st_post(t, e.r.p->a.qp, &e.again)))
		return;
	st_sim_hold(t, 0);
	if (st_region_next(t, &e.r, &e.r.reg, STATUS_SUCCESS) &&
	    st_region_next(t, &e.r, &e.again, STATUS_SUCCESS))
		st_early_works(t, &e, &e.r.p->b);
}

/* Another connection of the same domain. */
static struct st_pair *st_early_other(struct st_test *t, struct st_early *e)
{
	struct st_pair *p = st_pair_alloc(t);

	p->a.pd = e->r.p->a.pd;
	return st_pair_up(t, p, false) ? p : NULL;
}

/* Registered again on another queue pair of the domain. */
static void st_elsewhere(struct st_test *t)
{
	struct st_early e;
	struct st_pair *p;

	if (!st_early_new(t, &e))
		return;
	p = st_early_other(t, &e);
	if (!p || !ST_OK(t, st_post(t, p->a.qp, &e.again)))
		return;
	/* What belongs to the one queue pair now does not to the other. */
	ST_STATUS(t, st_post(t, e.r.p->a.qp, &e.r.inv),
		  STATUS_INVALID_DEVICE_STATE);
	st_sim_hold(t, 0);
	if (st_region_next(t, &e.r, &e.r.reg, STATUS_SUCCESS) &&
	    st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeFastRegister,
			   &e.again, STATUS_SUCCESS))
		st_early_works(t, &e, &p->b);
}

/* Initialised anew: that waits, for the device may still use what it had. */
static void st_initialise(struct st_test *t)
{
	struct st_req *req = st_req_new(t, "NdkInitializeFastRegisterMr");
	struct st_early e;

	if (!st_early_new(t, &e))
		return;
	ST_STATUS(t, st_init_start(t, e.r.mr, 3, true, req), STATUS_PENDING);
	ST_STATUS(t, st_post(t, e.r.p->a.qp, &e.again),
		  STATUS_INVALID_DEVICE_STATE);
	ST_EXPECT(t, !atomic_read(&req->calls),
		  "initialised with a request in flight");
	st_sim_hold(t, 0);
	if (!st_region_next(t, &e.r, &e.r.reg, STATUS_SUCCESS) ||
	    !ST_OK(t, st_req_wait(t, req)) || !st_region_works(t, &e.r))
		return;
	ST_EXPECT(t, st_remote_token(t, e.r.mr) != e.token, "the same token");
}

/**
 * struct st_order - two requests on one region
 * @second: made after the first
 * @overtaken: it has ended before the first
 */
struct st_order {
	struct st_req *second;
	bool overtaken;
};

static void st_on_first(struct st_req *req)
{
	struct st_order *order = req->priv;

	order->overtaken = atomic_read(&order->second->calls);
}

/* One that waits is served before those that were made later. */
static void st_initialise_in_order(struct st_test *t)
{
	struct st_req *first = st_req_new(t, "NdkInitializeFastRegisterMr");
	struct st_order order = {
		.second = st_req_new(t, "NdkInitializeFastRegisterMr"),
	};
	struct st_early e;
	NDK_PD *pd;

	first->answer = STATUS_SUCCESS;
	first->hook = st_on_first;
	first->priv = &order;
	order.second->answer = STATUS_SUCCESS;
	if (!st_early_new(t, &e))
		return;
	ST_STATUS(t, st_init_start(t, e.r.mr, 3, true, first), STATUS_PENDING);
	ST_STATUS(t, st_init_start(t, e.r.mr, 3, true, order.second),
		  STATUS_PENDING);
	/* queued behind it, so that it has begun to wait */
	ST_OK(t, st_create_pd(t, &pd));
	st_sim_hold(t, 0);
	st_region_next(t, &e.r, &e.r.reg, STATUS_SUCCESS);
	if (ST_OK(t, st_req_wait(t, first)) &&
	    ST_OK(t, st_req_wait(t, order.second)) &&
	    ST_EXPECT(t, !order.overtaken, "the second was served first"))
		st_region_works(t, &e.r);
}

/* And is cancelled when the region is closed meanwhile. */
static void st_initialise_close(struct st_test *t)
{
	struct st_req *req = st_req_new(t, "NdkInitializeFastRegisterMr");
	struct st_req *close;
	struct st_early e;

	if (!st_early_new(t, &e))
		return;
	ST_STATUS(t, st_init_start(t, e.r.mr, 3, true, req), STATUS_PENDING);
	close = st_close_start(t, &e.r.mr->Header);
	ST_EXPECT(t, !atomic_read(&close->calls),
		  "closed with a request in flight");
	st_sim_hold(t, 0);
	st_region_next(t, &e.r, &e.r.reg, STATUS_SUCCESS);
	ST_STATUS(t, st_req_wait(t, req), STATUS_CANCELLED);
	st_req_wait(t, close);
}

/*
 * The connection ends before the completion comes. What is held back is never
 * done, and the region can be used on another connection.
 */
static void st_dies(struct st_test *t)
{
	struct st_early e;
	struct st_pair *p;

	if (!st_early_new(t, &e))
		return;
	p = st_early_other(t, &e);
	if (!p || !ST_OK(t, st_post(t, e.r.p->a.qp, &e.again)))
		return;
	e.r.p->a.qp->Dispatch->NdkFlush(e.r.p->a.qp);
	st_sim_hold(t, 0);
	if (!st_region_next(t, &e.r, &e.r.reg, STATUS_SUCCESS) ||
	    !st_region_next(t, &e.r, &e.again, STATUS_CANCELLED) ||
	    !ST_OK(t, st_init(t, e.r.mr, 3, true)) ||
	    !ST_OK(t, st_do(t, &p->a, &e.again)))
		return;
	e.token = st_remote_token(t, e.r.mr);
	st_early_works(t, &e, &p->b);
}

/* A second message about the same registration is one too many. */
static void st_twice(struct st_test *t)
{
	struct st_wr send = { .op = NdkOperationTypeSend, .invalidate = true };
	struct st_wr second = { .op = NdkOperationTypeReceive, .ctx = &second };
	struct st_early e;
	struct st_pair *p;

	if (!st_early_new(t, &e))
		return;
	p = e.r.p;
	send.rkey = e.token;
	if (!ST_OK(t, st_post(t, p->a.qp, &e.again)) ||
	    !ST_OK(t, st_post(t, p->a.qp, &second)) ||
	    !ST_OK(t, st_do(t, &p->b, &send)))
		return;
	st_expect_next(t, &p->a, &p->a.rcq,
		       NdkOperationTypeReceiveAndInvalidate, &second,
		       STATUS_INVALID_DEVICE_REQUEST);
	st_sim_hold(t, 0);
	st_region_next(t, &e.r, &e.r.reg, STATUS_SUCCESS);
	st_region_next(t, &e.r, &e.again, STATUS_CANCELLED);
	ST_BUF(t, e.r.buf);
	ST_BUF(t, e.other);
}

/* A queue pair that is held back for another one can be closed meanwhile. */
static void st_elsewhere_close(struct st_test *t)
{
	struct st_early e;
	struct st_pair *p;

	if (!st_early_new(t, &e))
		return;
	p = st_early_other(t, &e);
	if (!p || !ST_OK(t, st_post(t, p->a.qp, &e.again)))
		return;
	st_close(t, &p->a.conn->Header);
	st_close(t, &p->a.qp->Header);
	st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeFastRegister,
		       &e.again, STATUS_CANCELLED);
	ST_STATUS(t, st_post(t, e.r.p->a.qp, &e.r.reg),
		  STATUS_INVALID_DEVICE_STATE);
	st_sim_hold(t, 0);
	if (st_region_next(t, &e.r, &e.r.reg, STATUS_SUCCESS) &&
	    ST_OK(t, st_init(t, e.r.mr, 3, true)))
		st_region_works(t, &e.r);
}

/*
 * What is posted behind a registration that waits for another queue pair waits with
 * it, and nobody waits longer than that.
 */
static void st_elsewhere_behind(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend, .ctx = &send };
	struct st_early e;
	struct st_pair *p;

	if (!st_early_new(t, &e))
		return;
	p = st_early_other(t, &e);
	if (!p || !ST_OK(t, st_post(t, p->b.qp, &recv)) ||
	    !ST_OK(t, st_post(t, p->a.qp, &e.again)) ||
	    !ST_OK(t, st_post(t, p->a.qp, &send)))
		return;
	st_sim_hold(t, 0);
	if (!st_region_next(t, &e.r, &e.r.reg, STATUS_SUCCESS) ||
	    !st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeFastRegister,
			    &e.again, STATUS_SUCCESS) ||
	    !st_expect_next(t, &p->a, &p->a.icq, send.op, &send,
			    STATUS_SUCCESS) ||
	    !st_expect_next(t, &p->b, &p->b.rcq, recv.op, &recv,
			    STATUS_SUCCESS))
		return;
	st_close(t, &p->a.conn->Header);
	st_close(t, &p->a.qp->Header);
}

/* A device that invalidates what is invalid without a word. */
static const struct ndk_sim_attr st_sim_lenient = {
	.driver_id = RDMA_DRIVER_RXE, .max_pages = 512, .page_size_cap = SZ_4K,
};

/*
 * A peer has ended @times registrations, and is heard of during the next, for ours
 * have ended them, too. It may as well have ended the next one: it is believed, but
 * the device is not.
 */
static void st_late(struct st_test *t, int times)
{
	struct st_wr send = { .op = NdkOperationTypeSend, .invalidate = true };
	struct st_wr recvs[2] = {};
	struct st_early e;
	struct st_region *r = &e.r;
	int i;

	e.other = st_buf_new(t, ST_SCATTER, 100, PAGE_SIZE);
	if (!e.other || !st_region_new(t, r) ||
	    !ST_OK(t, st_build_lam(t, e.other)))
		return;
	st_early_next(&e);
	e.token = st_remote_token(t, r->mr);
	send.rkey = e.token;
	st_sim_hold(t, NDK_SIM_DO(RECV));
	for (i = 0; i < times; i++) {
		recvs[i].op = NdkOperationTypeReceive;
		recvs[i].ctx = &recvs[i];
		if (!ST_OK(t, st_post(t, r->p->a.qp, &recvs[i])) ||
		    !ST_OK(t, st_do(t, &r->p->a, &r->reg)) ||
		    !ST_OK(t, st_do(t, &r->p->b, &send)) ||
		    !st_sim_held(t, 1) ||
		    !ST_OK(t, st_do(t, &r->p->a, &r->inv)))
			return;
	}
	if (!ST_OK(t, st_do(t, &r->p->a, &r->reg)))
		return;
	st_sim_hold(t, 0);
	for (i = 0; i < times; i++)
		if (!st_expect_next(t, &r->p->a, &r->p->a.rcq,
				    NdkOperationTypeReceiveAndInvalidate,
				    &recvs[i], STATUS_SUCCESS))
			return;
	if (ST_OK(t, st_do(t, &r->p->a, &e.again)))
		st_early_works(t, &e, &r->p->b);
}

static void st_heard_late(struct st_test *t)
{
	st_late(t, 1);
}

/* Two that are heard of late do not make up for the end of a third. */
static void st_heard_late_twice(struct st_test *t)
{
	st_late(t, 2);
}

/* A region that was registered and is not, and a peer's message about it. */
static bool st_past_new(struct st_test *t, struct st_region *r,
			struct st_wr *send, struct st_wr *recv)
{
	*send = (struct st_wr){
		.op = NdkOperationTypeSend, .invalidate = true,
	};
	*recv = (struct st_wr){ .op = NdkOperationTypeReceive, .ctx = recv };
	if (!st_region_new(t, r) || !ST_OK(t, st_do(t, &r->p->a, &r->reg)) ||
	    !ST_OK(t, st_do(t, &r->p->a, &r->inv)))
		return false;
	send->rkey = st_remote_token(t, r->mr);
	return true;
}

/* A registration that the device has not taken is none that a peer could end. */
static void st_refused_then_ended(struct st_test *t)
{
	struct st_wr send, recv;
	struct st_region r;

	if (!st_past_new(t, &r, &send, &recv) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &recv)))
		return;
	st_sim_fail(t, NDK_SIM_POST_SEND, 1, ENOMEM);
	ST_STATUS(t, st_post(t, r.p->a.qp, &r.reg),
		  STATUS_INSUFFICIENT_RESOURCES);
	if (ST_OK(t, st_do(t, &r.p->b, &send)))
		st_expect_next(t, &r.p->a, &r.p->a.rcq,
			       NdkOperationTypeReceiveAndInvalidate, &recv,
			       STATUS_INVALID_DEVICE_REQUEST);
}

/*
 * That a peer has ended a registration says that there was one, however its own
 * end is told: there is nothing that had to be begun anew.
 */
static void st_ended_then_failed(struct st_test *t)
{
	struct st_pair *q = st_pair_alloc(t);
	struct st_wr send, recv;
	struct st_region r;

	if (!st_past_new(t, &r, &send, &recv))
		return;
	q->a.pd = r.p->a.pd;
	if (!st_pair_up(t, q, false) || !ST_OK(t, st_post(t, q->a.qp, &recv)))
		return;
	st_sim_hold(t, NDK_SIM_DO(REG_MR));
	st_sim_fail(t, NDK_SIM_DO_REG_MR, 1, IB_WC_GENERAL_ERR);
	if (!ST_OK(t, st_post(t, r.p->a.qp, &r.reg)) || !st_sim_held(t, 1) ||
	    !ST_OK(t, st_do(t, &q->b, &send)) ||
	    !st_expect_next(t, &q->a, &q->a.rcq,
			    NdkOperationTypeReceiveAndInvalidate, &recv,
			    STATUS_SUCCESS))
		return;
	st_sim_hold(t, 0);
	if (st_region_next(t, &r, &r.reg, STATUS_INTERNAL_ERROR) &&
	    ST_OK(t, st_do(t, &q->a, &r.reg)))
		st_access(t, &q->b, r.buf, r.buf->label,
			  st_remote_token(t, r.mr));
}

/*
 * An invalidation of ours has failed, with a registration behind it that is not over
 * yet: what a peer is heard of then does not make the region one to begin with.
 */
static void st_failed_then_ended(struct st_test *t)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };
	struct st_req *init = st_req_new(t, "NdkInitializeFastRegisterMr");
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend, .invalidate = true };
	struct st_region r;

	init->answer = STATUS_SUCCESS;
	if (!st_region_new(t, &r) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &recv)) ||
	    !ST_OK(t, st_do(t, &r.p->a, &r.reg)))
		return;
	send.rkey = st_remote_token(t, r.mr);
	st_sim_hold(t, NDK_SIM_DO(LOCAL_INV) | NDK_SIM_DO(RECV));
	if (!ST_OK(t, st_do(t, &r.p->b, &send)) || !st_sim_held(t, 1))
		return;
	st_sim_fail(t, NDK_SIM_DO_LOCAL_INV, 1, IB_WC_GENERAL_ERR);
	if (!ST_OK(t, st_post(t, r.p->a.qp, &r.inv)) || !st_sim_held(t, 2) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &r.reg)))
		return;
	/* the queue pair does not end before that is seen */
	st_sim->set_fault(t->sim, NDK_SIM_MODIFY_QP, &pause);
	st_sim_hold(t, NDK_SIM_DO(RECV));
	st_region_next(t, &r, &r.inv, STATUS_INTERNAL_ERROR);
	if (ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
		      "the queue pair does not end")) {
		st_sim_hold(t, 0);
		st_expect_next(t, &r.p->a, &r.p->a.rcq,
			       NdkOperationTypeReceiveAndInvalidate, &recv,
			       STATUS_SUCCESS);
		ST_STATUS(t, st_init_start(t, r.mr, 3, true, init),
			  STATUS_INVALID_DEVICE_STATE);
		st_refused_for(t, &r.mr->Header,
			       "requests pending on the region");
	}
	st_sim->resume(t->sim);
	if (st_region_next(t, &r, &r.reg, STATUS_CANCELLED))
		ST_OK(t, st_init(t, r.mr, 3, true));
}

/* That a peer's crossed ours is over when ours is: the next is another one. */
static void st_crossed_before(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend, .invalidate = true };
	struct st_region r;

	if (!st_region_new(t, &r) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &recv)) ||
	    !ST_OK(t, st_do(t, &r.p->a, &r.reg)))
		return;
	send.rkey = st_remote_token(t, r.mr);
	st_sim_hold(t, NDK_SIM_DO(LOCAL_INV));
	if (!ST_OK(t, st_post(t, r.p->a.qp, &r.inv)) || !st_sim_held(t, 1) ||
	    !ST_OK(t, st_do(t, &r.p->b, &send)) ||
	    !st_expect_next(t, &r.p->a, &r.p->a.rcq,
			    NdkOperationTypeReceiveAndInvalidate, &recv,
			    STATUS_SUCCESS))
		return;
	st_sim_hold(t, 0);
	if (!st_region_next(t, &r, &r.inv, STATUS_SUCCESS) ||
	    !ST_OK(t, st_do(t, &r.p->a, &r.reg)))
		return;
	st_sim_fail(t, NDK_SIM_POST_SEND, 1, ENOMEM);
	ST_STATUS(t, st_post(t, r.p->a.qp, &r.inv),
		  STATUS_INSUFFICIENT_RESOURCES);
	ST_EXPECT(t, !st_is_idle(r.mr), "a registered region is idle");
	if (st_access(t, &r.p->b, r.buf, r.buf->label,
		      st_remote_token(t, r.mr)))
		ST_OK(t, st_do(t, &r.p->a, &r.inv));
}

#define ST_SIM(...) { .sim = &st_sim_usual, __VA_ARGS__ }

static const struct st_case st_cases[] = {
	ST_SIM(.name = "again", .run = st_again),
	ST_SIM(.name = "again_softirq", .run = st_again, .ctx = ST_SOFTIRQ),
	ST_SIM(.name = "elsewhere", .run = st_elsewhere),
	ST_SIM(.name = "elsewhere_close", .run = st_elsewhere_close),
	ST_SIM(.name = "elsewhere_behind", .run = st_elsewhere_behind),
	{ .name = "heard_late", .run = st_heard_late, .sim = &st_sim_lenient },
	{ .name = "heard_late_twice", .run = st_heard_late_twice,
	  .sim = &st_sim_lenient },
	ST_SIM(.name = "initialise", .run = st_initialise),
	ST_SIM(.name = "initialise_in_order", .run = st_initialise_in_order),
	ST_SIM(.name = "initialise_close", .run = st_initialise_close),
	ST_SIM(.name = "dies", .run = st_dies),
	ST_SIM(.name = "twice", .run = st_twice),
	ST_SIM(.name = "refused_then_ended", .run = st_refused_then_ended),
	ST_SIM(.name = "ended_then_failed", .run = st_ended_then_failed),
	ST_SIM(.name = "failed_then_ended", .run = st_failed_then_ended),
	ST_SIM(.name = "crossed_before", .run = st_crossed_before),
};

const struct st_suite st_suite_sim_early = {
	"sim_early", st_cases, ARRAY_SIZE(st_cases),
};
