// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two things happen to a region while the device has done something to it and
 * has not said so: each pair of them, in either order, with the completion let
 * go between them or behind them.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

/* What is held back. */
enum st_point {
	ST_REG,		/* a registration */
	ST_INV,		/* an invalidation */
	ST_RECV,	/* a receive with the peer's invalidation */
	ST_POINTS,
};

/* What happens. */
enum st_act {
	ST_CLOSE_MR,
	ST_CLOSE_QP,
	ST_CLOSE_PD,
	ST_DEREGISTER,	/* a normal region of the same domain */
	ST_REGISTER,	/* again */
	ST_INVALIDATE,
	ST_REMOTE,	/* the peer invalidates, and that is reported */
	ST_UNPLUG,
	ST_ACTS,
};

static const char * const st_point_names[] = {
	[ST_REG] = "registration", [ST_INV] = "invalidation",
	[ST_RECV] = "receive",
};

static const char * const st_act_names[] = {
	[ST_CLOSE_MR] = "close MR", [ST_CLOSE_QP] = "close QP",
	[ST_CLOSE_PD] = "close PD", [ST_DEREGISTER] = "deregister",
	[ST_REGISTER] = "register", [ST_INVALIDATE] = "invalidate",
	[ST_REMOTE] = "remote invalidate", [ST_UNPLUG] = "unplug",
};

/* What the provider should make of the region. */
enum st_state {
	ST_INVALID,
	ST_REGISTERING,
	ST_VALID,
	ST_INVALIDATING,
};

/**
 * struct st_held - one such case
 * @r: the region and its connection
 * @normal: another region
 * @recvs: receives of @r.p->a
 * @send: of @r.p->b: invalidates
 * @point: what is held
 * @state: of the region
 * @done: bit mask of what has happened
 * @released: it is not held any more
 * @over: the connection has ended
 * @waits: requests that will complete when it is not held any more
 * @waiting: how many
 * @mr_close: close of the region
 * @qp_close: close of the queue pair
 * @pd_close: close of the domain
 * @dereg: deregistration
 */
struct st_held {
	struct st_region r;
	NDK_MR *normal;
	struct st_wr recvs[2];
	struct st_wr send;
	enum st_point point;
	enum st_state state;
	unsigned long done;
	bool released;
	bool over;
	struct st_wr *waits[3];
	int waiting;
	struct st_req *mr_close;
	struct st_req *qp_close;
	struct st_req *pd_close;
	struct st_req *dereg;
};

static bool st_held_new(struct st_test *t, struct st_held *h,
			enum st_point point)
{
	static const u32 what[] = {
		[ST_REG] = NDK_SIM_DO(REG_MR), [ST_INV] = NDK_SIM_DO(LOCAL_INV),
		[ST_RECV] = NDK_SIM_DO(RECV),
	};
	struct st_region *r = &h->r;
	struct st_buf *buf;
	struct ib_qp *qp;
	int i;

	memset(h, 0, sizeof(*h));
	h->point = point;
	buf = st_buf_new(t, ST_CONTIG, 0, 100);
	if (!st_region_new(t, r) || !buf ||
	    !ST_OK(t, st_create_mr(t, r->p->a.pd, false, &h->normal)) ||
	    !ST_OK(t, st_register(t, h->normal, buf->mdl, 100, ST_MR_ALL)))
		return false;
	for (i = 0; i < ARRAY_SIZE(h->recvs); i++) {
		h->recvs[i].op = NdkOperationTypeReceive;
		h->recvs[i].ctx = &h->recvs[i];
		if (!ST_OK(t, st_post(t, r->p->a.qp, &h->recvs[i])))
			return false;
	}
	h->send.op = NdkOperationTypeSend;
	h->send.invalidate = true;
	h->send.rkey = st_remote_token(t, r->mr);
	if (point != ST_REG && !ST_OK(t, st_do(t, &r->p->a, &r->reg)))
		return false;

	qp = st_ib_qp(t, r->p->a.qp);
	if (!qp)
		return false;
	/* What is posted is done at once, before anything else happens. */
	st_sim->set_flags(t->sim, NDK_SIM_INLINE);
	st_sim->hold(t->sim, what[point], qp->qp_num);
	switch (point) {
	case ST_REG:
		ST_OK(t, st_post(t, r->p->a.qp, &r->reg));
		h->state = ST_REGISTERING;
		h->waits[h->waiting++] = &r->reg;
		break;
	case ST_INV:
		ST_OK(t, st_post(t, r->p->a.qp, &r->inv));
		h->state = ST_INVALIDATING;
		h->waits[h->waiting++] = &r->inv;
		break;
	default:
		ST_OK(t, st_do(t, &r->p->b, &h->send));
		h->state = ST_VALID;
		break;
	}
	return !t->failures && st_sim_held(t, 1);
}

/* Is it allowed now? What is closed is not used, by nobody. */
static bool st_may(const struct st_held *h, enum st_act act)
{
	if (act != ST_REGISTER && act != ST_INVALIDATE && act != ST_REMOTE)
		return true;
	if (h->over || h->done & (BIT(ST_CLOSE_MR) | BIT(ST_CLOSE_QP) |
				  BIT(ST_UNPLUG)))
		return false;
	/* The peer's message could be about the one as well as the other. */
	if (act == ST_REGISTER)
		return h->point != ST_RECV || h->released;
	/* A peer that invalidates what is not registered breaks the rules. */
	return act == ST_INVALIDATE ||
	       (h->point != ST_RECV && h->state != ST_INVALID &&
		!(h->done & BIT(ST_REGISTER) && !h->released));
}

static void st_received(struct st_test *t, struct st_held *h, int i,
			NTSTATUS status)
{
	st_expect_next(t, &h->r.p->a, &h->r.p->a.rcq,
		       NdkOperationTypeReceiveAndInvalidate, &h->recvs[i],
		       status);
}

/* Accepted or not, and done, with its completion or behind what is held. */
static void st_requests(struct st_test *t, struct st_held *h, struct st_wr *wr,
			bool legal)
{
	bool reg = wr == &h->r.reg;

	if (!ST_STATUS(t, st_post(t, h->r.p->a.qp, wr), legal ?
		       STATUS_SUCCESS : STATUS_INVALID_DEVICE_STATE) || !legal)
		return;
	if (h->point != ST_RECV && !h->released) {
		h->state = reg ? ST_REGISTERING : ST_INVALIDATING;
		h->waits[h->waiting++] = wr;
		return;
	}
	st_region_next(t, &h->r, wr, STATUS_SUCCESS);
	h->state = reg ? ST_VALID : ST_INVALID;
}

static void st_peer_invalidates(struct st_test *t, struct st_held *h)
{
	if (!ST_OK(t, st_do(t, &h->r.p->b, &h->send)))
		return;
	st_received(t, h, 0, STATUS_SUCCESS);
	/* Reported as done or not, the registration is over. */
	if (h->state != ST_INVALIDATING)
		h->state = ST_INVALID;
}

static void st_act(struct st_test *t, struct st_held *h, enum st_act act)
{
	struct st_side *a = &h->r.p->a;

	switch (act) {
	case ST_CLOSE_MR:
		h->mr_close = st_close_start(t, &h->r.mr->Header);
		break;
	case ST_CLOSE_QP:
		/* It waits for the connector, which is not what is tested. */
		st_close_start(t, &a->conn->Header);
		h->qp_close = st_close_start(t, &a->qp->Header);
		break;
	case ST_CLOSE_PD:
		h->pd_close = st_close_start(t, &a->pd->Header);
		break;
	case ST_DEREGISTER:
		h->dereg = st_req_new(t, "NdkDeregisterMr");
		h->dereg->answer =
			h->normal->Dispatch->NdkDeregisterMr(h->normal,
							     st_on_request,
							     h->dereg);
		break;
	case ST_REGISTER:
		st_requests(t, h, &h->r.reg, h->state == ST_INVALID ||
			    h->state == ST_INVALIDATING);
		break;
	case ST_INVALIDATE:
		st_requests(t, h, &h->r.inv, h->state == ST_VALID ||
			    h->state == ST_REGISTERING);
		break;
	case ST_REMOTE:
		st_peer_invalidates(t, h);
		break;
	default:
		st_sim->unplug(t->sim);
		break;
	}
	h->done |= BIT(act);
}

/* Who is closed before the device lets go of it? */
static void st_nobody_closed(struct st_test *t, struct st_held *h)
{
	ST_EXPECT(t, !h->mr_close || h->point == ST_RECV ||
		  !atomic_read(&h->mr_close->calls),
		  "the region is closed with a request in flight");
	ST_EXPECT(t, !h->qp_close || !atomic_read(&h->qp_close->calls),
		  "the queue pair is closed with a request in flight");
	ST_EXPECT(t, !h->pd_close || !atomic_read(&h->pd_close->calls),
		  "the domain is closed with objects in it");
	ST_EXPECT(t, !(h->done & BIT(ST_UNPLUG)) ||
		  !st_sim->wait_gone(t->sim, 1),
		  "the device is gone with a request in flight");
}

/* With the device gone it is not known how much came before. */
static void st_release_gone(struct st_test *t, struct st_held *h)
{
	struct st_cq *cq = h->point == ST_RECV ? &h->r.p->a.rcq :
						 &h->r.p->a.icq;
	NDK_RESULT_EX result;

	if (!st_next(t, cq, &result))
		return;
	ST_EXPECT(t, result.Status == STATUS_SUCCESS ||
		  result.Status == STATUS_DEVICE_REMOVED ||
		  (h->point == ST_RECV &&
		   result.Status == STATUS_INVALID_DEVICE_REQUEST),
		  "what was held ended with %s",
		  st_status_name(result.Status));
}

/* What the device had done was done, whatever has happened since. */
static void st_release(struct st_test *t, struct st_held *h)
{
	bool gone = h->done & BIT(ST_UNPLUG);
	bool flushed;
	int i;

	st_nobody_closed(t, h);
	/* A receive keeps no region: it is gone, not going. */
	if (h->point == ST_RECV && h->mr_close && !gone)
		st_req_wait(t, h->mr_close);
	st_sim_hold(t, 0);
	h->released = true;
	if (gone) {
		st_release_gone(t, h);
		return;
	}
	if (h->point == ST_RECV) {
		/* It looks like a peer's that invalidates what is not there. */
		h->over = h->mr_close || h->state == ST_INVALID;
		st_received(t, h, 0, h->over ? STATUS_INVALID_DEVICE_REQUEST :
					       STATUS_SUCCESS);
		h->state = ST_INVALID;
		return;
	}
	for (i = 0; i < h->waiting; i++) {
		/* What was held back was never done. */
		flushed = h->qp_close && i && h->waits[i] == &h->r.reg;
		st_region_next(t, &h->r, h->waits[i], flushed ?
			       STATUS_CANCELLED : STATUS_SUCCESS);
	}
	if (h->state == ST_REGISTERING)
		h->state = ST_VALID;
	else if (h->state == ST_INVALIDATING)
		h->state = ST_INVALID;
}

/* Everything ends, and the region is what it should be. */
static void st_held_end(struct st_test *t, struct st_held *h)
{
	bool gone = h->done & BIT(ST_UNPLUG);
	NTSTATUS status;

	if (h->dereg) {
		status = st_req_wait(t, h->dereg);
		ST_EXPECT(t, !status || (gone &&
					 status == STATUS_DEVICE_REMOVED),
			  "the deregistration ended with %s",
			  st_status_name(status));
	}
	if (h->mr_close || h->qp_close || h->over || gone)
		return;
	if (h->state == ST_VALID)
		ST_OK(t, st_do(t, &h->r.p->a, &h->r.inv));
	st_region_works(t, &h->r);
}

/* Return: false when the device could not be made again. */
static bool st_held_clear(struct st_test *t, struct st_held *h)
{
	st_sim_calm(t);
	st_objects_close(t);
	st_bufs_free(t);
	if (t->failures || t->stuck)
		return false;
	if (!(h->done & BIT(ST_UNPLUG)))
		return !st_sim_leaks(t);
	st_close_adapter(t);
	st_sim_end(t);
	if (!t->failures)
		st_sim_begin(t, &st_sim_usual);
	return !t->failures && ST_OK(t, st_open(t, (NDK_VERSION){ 2, 0 }));
}

/* Return: whether it went well. */
static bool st_held_pair(struct st_test *t, enum st_point point, enum st_act x,
			 enum st_act y, bool between, unsigned int *count)
{
	struct st_held h;

	if (!st_held_new(t, &h, point))
		goto failed;
	if (st_may(&h, x)) {
		st_act(t, &h, x);
		if (between && !t->failures)
			st_release(t, &h);
		if (!t->failures && st_may(&h, y)) {
			st_act(t, &h, y);
			++*count;
		}
	}
	if (!h.released && !t->failures)
		st_release(t, &h);
	if (!t->failures)
		st_held_end(t, &h);
	if (st_held_clear(t, &h))
		return true;
failed:
	st_note(t, "%s held, %s, %s%s", st_point_names[point], st_act_names[x],
		between ? "released, " : "", st_act_names[y]);
	return false;
}

static void st_held(struct st_test *t)
{
	unsigned int count = 0;
	int n, y;

	for (y = 0; y < ST_ACTS; y++)
		for (n = 0; y != t->arg && n < 2 * ST_POINTS; n++)
			/* where only some are tried, others with each two acts */
			if ((n + y + t->arg) % st_sparse() == 0 &&
			    !st_held_pair(t, n / 2, t->arg, y, n % 2, &count))
				return;
	st_note(t, "%s first: %u cases", st_act_names[t->arg], count);
}

/*
 * Ours and the peer's are both done, and reported in either order, as two
 * completion queues allow.
 */
static void st_both(struct st_test *t)
{
	bool inv = t->arg & 1, peer_first = t->arg & 2;
	u32 ours = inv ? NDK_SIM_DO(LOCAL_INV) : NDK_SIM_DO(REG_MR);
	u32 peers = NDK_SIM_DO(RECV);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = { .op = NdkOperationTypeSend, .invalidate = true };
	struct st_region r;
	struct st_wr *wr = inv ? &r.inv : &r.reg;
	bool late = inv && !peer_first;
	int i;

	if (!st_region_new(t, &r) ||
	    !ST_OK(t, st_post(t, r.p->a.qp, &recv)) ||
	    (inv && !ST_OK(t, st_do(t, &r.p->a, &r.reg))))
		return;
	send.rkey = st_remote_token(t, r.mr);
	st_sim->set_flags(t->sim, NDK_SIM_INLINE);
	st_sim_hold(t, ours | peers);
	if (!ST_OK(t, st_post(t, r.p->a.qp, wr)) || !st_sim_held(t, 1) ||
	    !ST_OK(t, st_do(t, &r.p->b, &send)) || !st_sim_held(t, 2))
		return;

	for (i = 0; i < 2; i++) {
		if (i == peer_first) {
			st_sim_hold(t, i ? 0 : peers);
			st_region_next(t, &r, wr, STATUS_SUCCESS);
		} else {
			st_sim_hold(t, i ? 0 : ours);
			/* It looks like one that came too late. */
			st_expect_next(t, &r.p->a, &r.p->a.rcq,
				       NdkOperationTypeReceiveAndInvalidate,
				       &recv, late ?
				       STATUS_INVALID_DEVICE_REQUEST :
				       STATUS_SUCCESS);
		}
	}
	if (late)
		return;
	ST_STATUS(t, st_post(t, r.p->a.qp, &r.inv),
		  STATUS_INVALID_DEVICE_STATE);
	st_region_works(t, &r);
}

#define ST_BOTH(...) { .run = st_both, .sim = &st_sim_usual, __VA_ARGS__ }

#define ST_HELD(...) { .run = st_held, .sim = &st_sim_usual, __VA_ARGS__ }

static const struct st_case st_cases[] = {
	ST_HELD(.name = "close_mr", .arg = ST_CLOSE_MR),
	ST_HELD(.name = "close_qp", .arg = ST_CLOSE_QP),
	ST_HELD(.name = "close_pd", .arg = ST_CLOSE_PD),
	ST_HELD(.name = "deregister", .arg = ST_DEREGISTER),
	ST_HELD(.name = "register", .arg = ST_REGISTER),
	ST_HELD(.name = "invalidate", .arg = ST_INVALIDATE),
	ST_HELD(.name = "remote_invalidate", .arg = ST_REMOTE),
	ST_HELD(.name = "unplug", .arg = ST_UNPLUG),
	ST_BOTH(.name = "registration_then_peer", .arg = 0),
	ST_BOTH(.name = "invalidation_then_peer", .arg = 1),
	ST_BOTH(.name = "peer_then_registration", .arg = 2),
	ST_BOTH(.name = "peer_then_invalidation", .arg = 3),
};

const struct st_suite st_suite_sim_held = {
	"sim_held", st_cases, ARRAY_SIZE(st_cases),
};
