// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each request of the interface with each verb failing that it calls, at the
 * first call, the second, and so on, until it succeeds. The table of requests is
 * here; the verbs, and how often each is called, the device counts. Every step
 * begins with new objects and has to leave nothing behind.
 *
 * Some verbs are not in it: dereg_mr and what ib_core drains a queue pair with,
 * as nobody can do anything about their failure, and create_ah, which only
 * rdma_cm calls: its message is lost then, as others are, and sent again.
 */
#include <linux/mm.h>

#include "harness.h"
#include "sim_device.h"

#define ST_MR_ALL							       \
	(NDK_MR_FLAG_ALLOW_REMOTE_READ | NDK_MR_FLAG_ALLOW_REMOTE_WRITE)

#define ST_DO(what)	BIT(NDK_SIM_DO_##what)

/* Verbs that a queue pair is drained with. */
#define ST_DRAIN							       \
	(BIT(NDK_SIM_MODIFY_QP) | BIT(NDK_SIM_POST_SEND) |		       \
	 BIT(NDK_SIM_POST_RECV))

/* What cannot fail, or whose failure cannot be answered. */
#define ST_NEVER							       \
	(BIT(NDK_SIM_DEALLOC_PD) | BIT(NDK_SIM_DESTROY_AH) |		       \
	 BIT(NDK_SIM_DESTROY_CQ) | BIT(NDK_SIM_DESTROY_QP) |		       \
	 BIT(NDK_SIM_DEREG_MR) | BIT(NDK_SIM_CREATE_AH))

/**
 * struct st_asking - objects that a request is about
 * @r: a connection with a region
 * @pd: a domain without connection
 * @side: an end without connection
 * @far: region of @r.p->b
 * @far_buf: its memory
 * @buf: memory of @r.p->a
 * @sge: describes @buf
 * @mr: a region of @pd
 */
struct st_asking {
	struct st_region r;
	NDK_PD *pd;
	struct st_side side;
	NDK_MR *far;
	struct st_buf *far_buf;
	struct st_buf *buf;
	NDK_SGE sge;
	NDK_MR *mr;
};

/**
 * struct st_but - a step that does not end as usual
 * @verb: which verb fails
 * @from: at this call or a later one
 * @status: what the consumer is told then
 */
struct st_but {
	enum ndk_sim_verb verb;
	u32 from;
	NTSTATUS status;
};

/**
 * struct st_ask - a request
 * @prepare: make what it needs
 * @ask: make it; return its result
 * @skip: verbs that are not tried
 * @anew: repeat it with other objects
 * @but: exceptions
 */
struct st_ask {
	bool (*prepare)(struct st_test *t, struct st_asking *a);
	NTSTATUS (*ask)(struct st_test *t, struct st_asking *a);
	unsigned long skip;
	bool anew;
	struct st_but but[4];
};

/* All steps of all tests so far. */
static unsigned int st_steps;

static bool st_prepare_nothing(struct st_test *t, struct st_asking *a)
{
	return true;
}

static bool st_prepare_pd(struct st_test *t, struct st_asking *a)
{
	return ST_OK(t, st_create_pd(t, &a->pd));
}

static bool st_prepare_side(struct st_test *t, struct st_asking *a)
{
	struct st_side *side = &a->side;

	return ST_OK(t, st_create_pd(t, &side->pd)) &&
	       ST_OK(t, st_create_cq(t, &side->rcq, 256)) &&
	       ST_OK(t, st_create_cq(t, &side->icq, 256));
}

static bool st_prepare_fast(struct st_test *t, struct st_asking *a)
{
	return st_prepare_pd(t, a) &&
	       ST_OK(t, st_create_mr(t, a->pd, true, &a->mr));
}

static bool st_prepare_normal(struct st_test *t, struct st_asking *a)
{
	a->buf = st_buf_new(t, ST_SCATTER, 77, 2 * PAGE_SIZE);
	return a->buf && st_prepare_pd(t, a) &&
	       ST_OK(t, st_create_mr(t, a->pd, false, &a->mr));
}

static bool st_prepare_registered(struct st_test *t, struct st_asking *a)
{
	return st_prepare_normal(t, a) &&
	       ST_OK(t, st_register(t, a->mr, a->buf->mdl, a->buf->len,
				    ST_MR_ALL));
}

static bool st_prepare_pair(struct st_test *t, struct st_asking *a)
{
	static struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_side *b;

	if (!st_region_new(t, &a->r))
		return false;
	b = &a->r.p->b;
	a->buf = st_buf_new(t, ST_CONTIG, 0, 100);
	a->far_buf = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	return a->buf && st_sge(t, &a->r.p->a, a->buf, 0, 100, &a->sge) &&
	       a->far_buf && ST_OK(t, st_create_mr(t, b->pd, true, &a->far)) &&
	       ST_OK(t, st_init(t, a->far, 1, true)) &&
	       ST_OK(t, st_fast_register(t, b, a->far, a->far_buf,
					 a->far_buf->label, ST_RIGHTS_ALL)) &&
	       ST_OK(t, st_post(t, b->qp, &recv)) &&
	       ST_OK(t, st_post(t, b->qp, &recv));
}

static bool st_prepare_invalidate(struct st_test *t, struct st_asking *a)
{
	return st_prepare_pair(t, a) &&
	       ST_OK(t, st_do(t, &a->r.p->a, &a->r.reg));
}

static NTSTATUS st_ask_open(struct st_test *t, struct st_asking *a)
{
	NDK_ADAPTER *adapter;
	NTSTATUS status;

	status = ndk_open_adapter(st_device(), (NDK_VERSION){ 2, 0 }, &adapter);
	if (NT_SUCCESS(status))
		ndk_close_adapter(adapter);
	return status;
}

static NTSTATUS st_ask_pd(struct st_test *t, struct st_asking *a)
{
	return st_create_pd(t, &a->pd);
}

static NTSTATUS st_ask_cq(struct st_test *t, struct st_asking *a)
{
	return st_create_cq(t, &a->side.icq, 256);
}

static NTSTATUS st_ask_qp(struct st_test *t, struct st_asking *a)
{
	struct st_caps caps = st_default_caps(t);

	return st_create_qp(t, a->side.pd, &a->side.rcq, &a->side.icq, &a->side,
			    &caps, &a->side.qp);
}

static NTSTATUS st_ask_mr(struct st_test *t, struct st_asking *a)
{
	return st_create_mr(t, a->pd, true, &a->mr);
}

static NTSTATUS st_ask_init(struct st_test *t, struct st_asking *a)
{
	return st_init(t, a->mr, t->info.FRMRPageCount, true);
}

/* Too large for the pool. */
static NTSTATUS st_ask_init_large(struct st_test *t, struct st_asking *a)
{
	return st_init(t, a->mr, t->info.FRMRPageCount + 1, true);
}

static NTSTATUS st_ask_register_mr(struct st_test *t, struct st_asking *a)
{
	return st_register(t, a->mr, a->buf->mdl, a->buf->len, ST_MR_ALL);
}

static NTSTATUS st_ask_deregister_mr(struct st_test *t, struct st_asking *a)
{
	return st_deregister(t, a->mr);
}

static NTSTATUS st_ask_lam(struct st_test *t, struct st_asking *a)
{
	NTSTATUS status = st_build_lam(t, a->buf);

	if (!status)
		st_release_lam(t, a->buf);
	return status;
}

/* Both ends of it, with all that they need; the first that fails answers. */
static NTSTATUS st_ask_several(struct st_test *t,
			       bool (*fn)(struct st_test *t, struct st_pair *p,
					  bool v6))
{
	struct st_pair *p = st_pair_alloc(t);

	t->tolerated = STATUS_SUCCESS;
	t->tolerant = true;
	fn(t, p, false);
	t->tolerant = false;
	return t->tolerated;
}

static NTSTATUS st_ask_listen(struct st_test *t, struct st_asking *a)
{
	return st_ask_several(t, st_listen);
}

static NTSTATUS st_ask_connect(struct st_test *t, struct st_asking *a)
{
	return st_ask_several(t, st_pair_up);
}

static NTSTATUS st_ask_send(struct st_test *t, struct st_asking *a)
{
	const struct st_wr wr = { .op = NdkOperationTypeSend };

	return st_do(t, &a->r.p->a, &wr);
}

static NTSTATUS st_ask_send_inv(struct st_test *t, struct st_asking *a)
{
	const struct st_wr wr = {
		.op = NdkOperationTypeSend, .invalidate = true,
		.rkey = st_remote_token(t, a->far),
	};

	return st_do(t, &a->r.p->a, &wr);
}

static NTSTATUS st_ask_rdma(struct st_test *t, struct st_asking *a,
			    NDK_OPERATION_TYPE op)
{
	const struct st_wr wr = {
		.op = op, .sgl = &a->sge, .nsge = 1,
		.raddr = a->far_buf->label, .rkey = st_remote_token(t, a->far),
	};

	return st_do(t, &a->r.p->a, &wr);
}

static NTSTATUS st_ask_read(struct st_test *t, struct st_asking *a)
{
	return st_ask_rdma(t, a, NdkOperationTypeRead);
}

static NTSTATUS st_ask_write(struct st_test *t, struct st_asking *a)
{
	return st_ask_rdma(t, a, NdkOperationTypeWrite);
}

static NTSTATUS st_ask_register(struct st_test *t, struct st_asking *a)
{
	return st_do(t, &a->r.p->a, &a->r.reg);
}

static NTSTATUS st_ask_invalidate(struct st_test *t, struct st_asking *a)
{
	return st_do(t, &a->r.p->a, &a->r.inv);
}

/* The peer's send is not what is asked for, but for the receive's end. */
static NTSTATUS st_ask_receive(struct st_test *t, struct st_asking *a)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	const struct st_wr send = { .op = NdkOperationTypeSend };
	NDK_RESULT_EX result;
	NTSTATUS status;

	status = st_post(t, a->r.p->a.qp, &recv);
	if (status)
		return status;
	status = st_do(t, &a->r.p->b, &send);
	if (status == STATUS_CONNECTION_INVALID)
		return status;
	return st_next(t, &a->r.p->a.rcq, &result) ? result.Status :
						     STATUS_IO_TIMEOUT;
}

static NTSTATUS st_ask_disconnect(struct st_test *t, struct st_asking *a)
{
	return st_req_wait(t, st_disconnect_start(t, &a->r.p->a));
}

static NTSTATUS st_ask_close(struct st_test *t, struct st_asking *a)
{
	/* Youngest first, all that there is. */
	st_objects_close(t);
	return STATUS_SUCCESS;
}

static bool st_is_work(enum ndk_sim_verb verb)
{
	return verb >= NDK_SIM_DO_SEND;
}

static NTSTATUS st_want(const struct st_ask *ask, enum ndk_sim_verb verb,
			u32 nth)
{
	const struct st_but *but;

	for (but = ask->but; but < ask->but + ARRAY_SIZE(ask->but); but++)
		if (but->from && but->verb == verb && nth >= but->from)
			return but->status;
	return st_is_work(verb) ? STATUS_INTERNAL_ERROR :
				  STATUS_INSUFFICIENT_RESOURCES;
}

static bool st_clear(struct st_test *t)
{
	st_sim_calm(t);
	st_objects_close(t);
	st_bufs_free(t);
	return !t->failures && !st_sim_leaks(t);
}

/* It has failed: what does it say to the same, asked again? */
static void st_again(struct st_test *t, const struct st_ask *ask,
		     struct st_asking *a, enum ndk_sim_verb verb)
{
	NTSTATUS want = STATUS_SUCCESS;

	if (ask->anew) {
		if (!st_clear(t) || !ask->prepare(t, a))
			return;
	} else if (st_is_work(verb) && a->r.p) {
		/* Work that fails ends the connection. */
		want = STATUS_CONNECTION_INVALID;
	}
	ST_STATUS(t, ask->ask(t, a), want);
}

/* The @nth call of @verb fails. Return: whether all went well. */
static bool st_step(struct st_test *t, const struct st_ask *ask,
		    enum ndk_sim_verb verb, u32 nth)
{
	struct st_asking a = {};
	NTSTATUS status;
	bool reached;

	if (!ask->prepare(t, &a))
		return false;
	st_sim_fail(t, verb, nth, st_is_work(verb) ? IB_WC_GENERAL_ERR :
						     ENOMEM);
	status = ask->ask(t, &a);
	reached = st_sim->calls(t->sim, verb) >= nth;
	st_sim_fail(t, verb, 0, 0);
	st_steps += reached;
	ST_STATUS(t, status, reached ? st_want(ask, verb, nth) : STATUS_SUCCESS);
	if (status && !t->failures)
		st_again(t, ask, &a, verb);
	return st_clear(t);
}

/* How often is each verb called when nothing fails? */
static bool st_count_calls(struct st_test *t, const struct st_ask *ask,
			   u32 *calls)
{
	struct st_asking a = {};
	int i;

	if (!ask->prepare(t, &a))
		return false;
	for (i = 0; i < NDK_SIM_VERBS; i++)
		st_sim_fail(t, i, 0, 0);
	if (!ST_OK(t, ask->ask(t, &a)))
		return false;
	for (i = 0; i < NDK_SIM_VERBS; i++)
		calls[i] = st_sim->calls(t->sim, i);
	return st_clear(t);
}

static void st_verbs(struct st_test *t)
{
	const struct st_ask *ask = (const struct st_ask *)t->arg;
	u32 calls[NDK_SIM_VERBS], nth;
	unsigned int before = st_steps;
	int verb;

	if (!st_count_calls(t, ask, calls))
		return;
	for (verb = 0; verb < NDK_SIM_VERBS; verb++) {
		if ((ask->skip | ST_NEVER) & BIT(verb))
			continue;
		for (nth = 1; nth <= calls[verb]; nth++) {
			if (st_step(t, ask, verb, nth))
				continue;
			st_note(t, "with call %u of %u of %s failing", nth,
				calls[verb], st_sim->verb_names[verb]);
			return;
		}
	}
	st_note(t, "%u steps, %u in all", st_steps - before, st_steps);
}

static const struct ndk_sim_attr st_sim_large = {
	.max_pages = 1024,
	.page_size_cap = PAGE_SIZE,
};

#define ST_VERBS(name_, ...)						       \
	{ .name = name_, .run = st_verbs, .sim = &st_sim_large,	       \
	  .arg = (unsigned long)&(const struct st_ask){ __VA_ARGS__ } }

static const struct st_case st_cases[] = {
	ST_VERBS("open_adapter", st_prepare_nothing, st_ask_open),
	/* One region is enough to begin with. */
	ST_VERBS("create_pd", st_prepare_nothing, st_ask_pd,
		 .but = { { NDK_SIM_ALLOC_MR, 2, STATUS_SUCCESS } }),
	ST_VERBS("create_cq", st_prepare_nothing, st_ask_cq),
	ST_VERBS("create_qp", st_prepare_side, st_ask_qp),
	ST_VERBS("create_mr", st_prepare_pd, st_ask_mr),
	ST_VERBS("initialize", st_prepare_fast, st_ask_init),
	ST_VERBS("initialize_large", st_prepare_fast, st_ask_init_large),
	ST_VERBS("register_mr", st_prepare_normal, st_ask_register_mr,
		 .but = { { NDK_SIM_QUERY_PORT, 2,
			    STATUS_INSUFFICIENT_RESOURCES },
			  { NDK_SIM_QUERY_PORT, 1,
			    STATUS_NETWORK_UNREACHABLE } }),
	ST_VERBS("deregister_mr", st_prepare_registered, st_ask_deregister_mr,
		 ST_DRAIN),
	ST_VERBS("build_lam", st_prepare_normal, st_ask_lam),
	ST_VERBS("listen", st_prepare_nothing, st_ask_listen, .anew = true),
	/* The regions are those of create_pd. Both queue pairs move on in turn. */
	ST_VERBS("connect", st_prepare_nothing, st_ask_connect,
		 BIT(NDK_SIM_ALLOC_MR), .anew = true,
		 .but = { { NDK_SIM_MODIFY_QP, 7,
			    STATUS_INSUFFICIENT_RESOURCES },
			  { NDK_SIM_MODIFY_QP, 4, STATUS_CONNECTION_REFUSED } }),
	ST_VERBS("send", st_prepare_pair, st_ask_send,
		 .but = { { NDK_SIM_DO_RECV, 1, STATUS_REMOTE_RESOURCES } }),
	ST_VERBS("send_and_invalidate", st_prepare_pair, st_ask_send_inv,
		 .but = { { NDK_SIM_DO_RECV, 1, STATUS_REMOTE_RESOURCES } }),
	ST_VERBS("read", st_prepare_pair, st_ask_read),
	ST_VERBS("write", st_prepare_pair, st_ask_write),
	ST_VERBS("fast_register", st_prepare_pair, st_ask_register),
	ST_VERBS("invalidate", st_prepare_invalidate, st_ask_invalidate),
	ST_VERBS("receive", st_prepare_pair, st_ask_receive,
		 BIT(NDK_SIM_POST_SEND) | ST_DO(SEND)),
	ST_VERBS("disconnect", st_prepare_pair, st_ask_disconnect, ST_DRAIN),
	ST_VERBS("close", st_prepare_invalidate, st_ask_close, ST_DRAIN),
};

const struct st_suite st_suite_sim_verbs = {
	"sim_verbs", st_cases, ARRAY_SIZE(st_cases),
};
