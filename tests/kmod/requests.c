// SPDX-License-Identifier: GPL-2.0-only
/*
 * The requests of the interface, each with what it needs, and the walk over the
 * points at which one can fail: at the first, the second, and so on, until it
 * succeeds. Every step begins with new objects and has to leave nothing behind.
 *
 * What fails is up to the walk's injector: verbs of the device, or allocations.
 */
#include <linux/mm.h>
#include <linux/mman.h>

#include "harness.h"
#include "requests.h"
#include "sim_device.h"

/* All requests and all steps of all walks since the last that was told. */
static unsigned int st_requests, st_steps;

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

static bool st_prepare_large(struct st_test *t, struct st_asking *a)
{
	if (t->sim)
		return st_prepare_fast(t, a);
	st_skip(t, "no region is too large for the pool");
	return false;
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

/* With known limits there is little that can fail: nobody may have asked yet. */
static bool st_prepare_device(struct st_test *t, struct st_asking *a)
{
	if (!t->sim)
		return true;
	st_close_adapter(t);
	st_sim_end(t);
	if (t->failures)
		return false;
	st_sim_begin(t, &st_sim_large);
	return !t->failures;
}

/* What was short for a moment is no limit of the device. */
static NTSTATUS st_ask_open(struct st_test *t, struct st_asking *a)
{
	NDK_ADAPTER_INFO info;
	ULONG size = sizeof(info);
	NDK_ADAPTER *adapter;
	NTSTATUS status;

	status = ndk_open_adapter(st_device(), (NDK_VERSION){ 2, 0 }, &adapter);
	if (!NT_SUCCESS(status))
		return status;
	ST_OK(t, adapter->Dispatch->NdkQueryAdapterInfo(adapter, &info, &size));
	ST_EXPECT(t, info.MaxCqDepth == t->info.MaxCqDepth &&
		  info.MaxInitiatorQueueDepth ==
		  t->info.MaxInitiatorQueueDepth,
		  "the limits are %u and %u now, they were %u and %u",
		  info.MaxCqDepth, info.MaxInitiatorQueueDepth,
		  t->info.MaxCqDepth, t->info.MaxInitiatorQueueDepth);
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

/* Only the first has a record ready. */
static NTSTATUS st_ask_init_several(struct st_test *t, struct st_asking *a)
{
	NTSTATUS status, first = STATUS_SUCCESS;
	struct st_req *reqs[4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reqs); i++) {
		reqs[i] = st_req_new(t, "NdkInitializeFastRegisterMr");
		st_init_start(t, a->mr, t->info.FRMRPageCount + 1, true,
			      reqs[i]);
	}
	for (i = 0; i < ARRAY_SIZE(reqs); i++) {
		status = st_req_wait(t, reqs[i]);
		if (status && !first)
			first = status;
	}
	return first;
}

static NTSTATUS st_ask_mdl(struct st_test *t, struct st_asking *a)
{
	MDL *mdl = IoAllocateMdl(NULL, 3 * PAGE_SIZE, FALSE, FALSE, NULL);

	if (!mdl)
		return STATUS_INSUFFICIENT_RESOURCES;
	IoFreeMdl(mdl);
	return STATUS_SUCCESS;
}

static bool st_prepare_bytes(struct st_test *t, struct st_asking *a,
			     size_t bytes)
{
	struct st_user *user = &a->user;

	if (!st_user_map(t, user, bytes, PROT_READ | PROT_WRITE))
		return false;
	user->mdl = IoAllocateMdl((PVOID)user->addr, bytes, FALSE, FALSE, NULL);
	return ST_EXPECT(t, user->mdl, "no MDL");
}

static bool st_prepare_user(struct st_test *t, struct st_asking *a)
{
	return st_prepare_bytes(t, a, 8 * PAGE_SIZE);
}

static NTSTATUS st_ask_lock(struct st_test *t, struct st_asking *a)
{
	return MmProbeAndLockPages(a->user.mdl, UserMode, IoModifyAccess);
}

static bool st_prepare_locking(struct st_test *t, struct st_asking *a)
{
	return ST_OK(t, st_ask_lock(t, a)) && st_prepare_pd(t, a) &&
	       ST_OK(t, st_create_mr(t, a->pd, false, &a->mr));
}

static bool st_prepare_locked(struct st_test *t, struct st_asking *a)
{
	return st_prepare_user(t, a) && st_prepare_locking(t, a);
}

/* More pages than a page list holds, wherever it begins: for the driver. */
static bool st_prepare_locked_large(struct st_test *t, struct st_asking *a)
{
	size_t bytes = t->info.MaxRegistrationSize + 2 * PAGE_SIZE;

	return st_prepare_bytes(t, a, bytes) && st_prepare_locking(t, a);
}

static NTSTATUS st_ask_register_user(struct st_test *t, struct st_asking *a)
{
	return st_register(t, a->mr, a->user.mdl, a->user.size, ST_MR_ALL);
}

static VOID st_on_nobody(PVOID context, NDK_CONNECTOR *connector)
{
}

static NTSTATUS st_ask_connector(struct st_test *t, struct st_asking *a)
{
	NDK_CONNECTOR *connector;

	return st_create_connector(t, &connector);
}

static NTSTATUS st_ask_listener(struct st_test *t, struct st_asking *a)
{
	NDK_LISTENER *listener;

	return st_create_listener(t, st_on_nobody, NULL, &listener);
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

static bool st_prepare_listener(struct st_test *t, struct st_asking *a)
{
	a->pair = st_pair_alloc(t);
	return ST_OK(t, st_create_listener(t, st_on_nobody, NULL,
					   &a->pair->listener));
}

/* On the same listener again, if it failed. */
static NTSTATUS st_ask_listen(struct st_test *t, struct st_asking *a)
{
	struct st_pair *p = a->pair;

	p->addr_len = st_sockaddr(false, 0, &p->addr);
	return st_listen_on(t, p->listener, &p->addr, p->addr_len);
}

static NTSTATUS st_ask_connect(struct st_test *t, struct st_asking *a)
{
	return st_ask_several(t, st_pair_up);
}

static bool st_prepare_ends(struct st_test *t, struct st_asking *a)
{
	struct st_pair *p = st_pair_alloc(t);

	a->pair = p;
	return st_listen(t, p, false) &&
	       st_side_create(t, &p->a, &p->caps, p->cq_depth) &&
	       st_side_create(t, &p->b, &p->caps, p->cq_depth);
}

static struct st_req *st_last(struct st_test *t, const char *what)
{
	struct st_req *req;

	list_for_each_entry_reverse(req, &t->reqs, link)
		if (!strcmp(req->what, what))
			return req;
	return NULL;
}

/* The side that memory failed says so, whatever the other is told. */
static NTSTATUS st_ask_establish(struct st_test *t, struct st_asking *a)
{
	struct st_pair *p = a->pair;
	struct st_req *accept;
	NTSTATUS status;

	t->tolerated = STATUS_SUCCESS;
	t->tolerant = true;
	st_pair_connect(t, p);
	t->tolerant = false;
	accept = p->b.conn ? st_last(t, "NdkAccept") : NULL;
	if (t->tolerated != STATUS_SUCCESS && accept) {
		status = st_req_wait(t, accept);
		if (status == STATUS_INSUFFICIENT_RESOURCES)
			return status;
	}
	return t->tolerated;
}

static bool st_prepare_incoming(struct st_test *t, struct st_asking *a)
{
	struct st_conn_args args = {};
	struct st_pair *p;

	if (!st_prepare_ends(t, a))
		return false;
	p = a->pair;
	if (!ST_OK(t, st_create_connector(t, &p->a.conn)))
		return false;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	a->req = st_connect_start(t, &args);
	p->b.conn = st_incoming(t, p);
	return p->b.conn;
}

/*
 * A message for which there is no memory is lost, as others are: the peer asks
 * again some time later, which is not waited for.
 */
static NTSTATUS st_ask_reject(struct st_test *t, struct st_asking *a)
{
	NDK_CONNECTOR *conn = a->pair->b.conn;
	NTSTATUS status;

	status = conn->Dispatch->NdkReject(conn, NULL, 0);
	/* It has left, or has not, when the connector is closed. */
	st_close(t, &conn->Header);
	return status;
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

/* Held back behind one another: only the first has a list ready. */
static NTSTATUS st_ask_register_several(struct st_test *t, struct st_asking *a)
{
	struct st_side *side = &a->r.p->a;
	const struct st_wr *wrs[] = {
		&a->r.inv, &a->r.reg, &a->r.inv, &a->r.reg,
	};
	NTSTATUS status = STATUS_SUCCESS;
	NDK_RESULT_EX result;
	struct st_wr wr;
	size_t i, posted;

	for (posted = 0; posted < ARRAY_SIZE(wrs); posted++) {
		wr = *wrs[posted];
		if (posted + 1 < ARRAY_SIZE(wrs))
			wr.flags |= NDK_OP_FLAG_DEFER;
		status = st_post(t, side->qp, &wr);
		if (status)
			break;
	}
	for (i = 0; i < posted; i++)
		if (st_next(t, &side->icq, &result))
			ST_OK(t, result.Status);
	return status;
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

/* All that there is goes. Return: whether all is well. */
static bool st_clear(struct st_test *t, struct st_asking *a)
{
	st_sim_calm(t);
	st_objects_close(t);
	if (t->stuck)
		return false;
	st_bufs_free(t);
	if (a->user.size)
		st_user_unmap(t, &a->user);
	memset(a, 0, sizeof(*a));
	return !t->failures && (!t->sim || !st_sim_leaks(t));
}

static NTSTATUS st_want(struct st_test *t, const struct st_walk *walk,
			unsigned int kind, u32 nth, NTSTATUS status)
{
	const struct st_injector *injector = walk->injector;
	const struct st_but *but;

	for (but = walk->but; but < walk->but + ARRAY_SIZE(walk->but); but++) {
		if (!but->from || but->kind != kind || nth < but->from)
			continue;
		if (but->in && strcmp(but->in, injector->in(t)))
			continue;
		return but->or_not && !status ? STATUS_SUCCESS : but->status;
	}
	return injector->status(kind);
}

/* It has failed: what does it say to the same, asked again? */
static void st_again(struct st_test *t, const struct st_walk *walk,
		     struct st_asking *a, unsigned int kind)
{
	const struct st_ask *ask = walk->ask;
	NTSTATUS want = STATUS_SUCCESS;

	if (ask->anew) {
		if (!st_clear(t, a) || !ask->prepare(t, a))
			return;
	} else if (a->r.p && walk->injector->broken(kind)) {
		/* Work that fails ends the connection. */
		want = STATUS_CONNECTION_INVALID;
	}
	ST_STATUS(t, ask->ask(t, a), want);
}

/*
 * The @nth call of @kind fails. *@spared: an earlier one has been done without.
 * Return: whether there was such a call, and all went well.
 */
static bool st_step(struct st_test *t, const struct st_walk *walk,
		    unsigned int kind, u32 nth, bool *spared)
{
	const struct st_injector *injector = walk->injector;
	const struct st_ask *ask = walk->ask;
	NTSTATUS status, want = STATUS_SUCCESS;
	struct st_asking a = {};
	bool reached, failed;

	if (!ask->prepare(t, &a)) {
		st_clear(t, &a);
		return false;
	}
	injector->fail(t, kind, nth);
	status = ask->ask(t, &a);
	reached = injector->calls(t, kind) >= nth;
	injector->fail(t, kind, 0);
	failed = reached && !injector->spared(t);
	st_steps += failed;
	if (failed) {
		if (walk->spares && !status)
			*spared = true;
		if (!*spared)
			want = st_want(t, walk, kind, nth, status);
	}
	ST_STATUS(t, status, want);
	if (status && !t->failures)
		st_again(t, walk, &a, kind);
	return st_clear(t, &a) && reached;
}

/* How often is each kind called when nothing fails? */
static bool st_count_calls(struct st_test *t, const struct st_walk *walk,
			   u32 *calls)
{
	const struct st_injector *injector = walk->injector;
	struct st_asking a = {};
	unsigned int kind;
	bool ok;

	ok = walk->ask->prepare(t, &a);
	if (ok) {
		for (kind = 0; kind < injector->kinds; kind++)
			injector->fail(t, kind, 0);
		ok = ST_OK(t, walk->ask->ask(t, &a));
		for (kind = 0; kind < injector->kinds; kind++)
			calls[kind] = injector->calls(t, kind);
	}
	return st_clear(t, &a) && ok;
}

static bool st_walk_kind(struct st_test *t, const struct st_walk *walk,
			 unsigned int kind, u32 calls)
{
	const struct st_injector *injector = walk->injector;
	bool spared = false;
	u32 nth;

	/* If they vary, until there is none more. */
	for (nth = 1; injector->varies || nth <= calls; nth++)
		if (!st_step(t, walk, kind, nth, &spared))
			break;
	if (t->failures)
		st_note(t, "with call %u of %s failing, %s", nth,
			injector->name(kind), injector->in(t) ?: "");
	else if (!injector->varies)
		ST_EXPECT(t, nth > calls, "call %u of %u of %s was not made again",
			  nth, calls, injector->name(kind));
	return !t->failures;
}

/**
 * st_walk() - a request with each point failing at which it can
 * @t: the test, whose argument is a struct st_walk
 */
void st_walk(struct st_test *t)
{
	const struct st_walk *walk = (const struct st_walk *)t->arg;
	u32 calls[NDK_SIM_VERBS] = {};
	unsigned int before = st_steps;
	unsigned int kind;

	if (!st_count_calls(t, walk, calls))
		return;
	for (kind = 0; kind < walk->injector->kinds; kind++)
		if (!(walk->skip & BIT(kind)) &&
		    !st_walk_kind(t, walk, kind, calls[kind]))
			return;
	st_requests++;
	st_note(t, "%u steps, %u in all", st_steps - before, st_steps);
}

/**
 * st_walks_tell() - how large the table is that was walked
 * @t: the test
 */
void st_walks_tell(struct st_test *t)
{
	st_note(t, "failure points of requests: %u requests, %u steps",
		st_requests, st_steps);
	/* Some have none; with so few, not all that fails was made to. */
	ST_EXPECT(t, st_steps >= 2 * st_requests, "too few steps");
	st_requests = 0;
	st_steps = 0;
}

const struct ndk_sim_attr st_sim_large = {
	.max_pages = 1024,
	.page_size_cap = PAGE_SIZE,
};

#define ST_REQUEST(name, prepare_, ask_, ...)				       \
	const struct st_ask st_request_##name = {				       \
		.prepare = st_prepare_##prepare_, .ask = st_ask_##ask_,	       \
		__VA_ARGS__						       \
	}

ST_REQUEST(open_adapter, device, open);
ST_REQUEST(create_pd, nothing, pd);
ST_REQUEST(create_cq, nothing, cq);
ST_REQUEST(create_qp, side, qp);
ST_REQUEST(create_mr, pd, mr);
ST_REQUEST(create_connector, nothing, connector);
ST_REQUEST(create_listener, nothing, listener);
ST_REQUEST(allocate_mdl, nothing, mdl);
ST_REQUEST(lock_pages, user, lock);
ST_REQUEST(build_lam, normal, lam);
ST_REQUEST(initialize, fast, init);
ST_REQUEST(initialize_large, large, init_large);
ST_REQUEST(initialize_several, large, init_several);
ST_REQUEST(register_mr, normal, register_mr);
ST_REQUEST(register_user, locked, register_user);
ST_REQUEST(register_by_driver, locked_large, register_user);
ST_REQUEST(deregister_mr, registered, deregister_mr);
ST_REQUEST(listen, listener, listen);
ST_REQUEST(connect, nothing, connect, .anew = true);
ST_REQUEST(establish, ends, establish, .anew = true);
ST_REQUEST(reject, incoming, reject, .anew = true);
ST_REQUEST(send, pair, send);
ST_REQUEST(send_and_invalidate, pair, send_inv);
ST_REQUEST(read, pair, read);
ST_REQUEST(write, pair, write);
ST_REQUEST(fast_register, pair, register);
ST_REQUEST(fast_register_several, invalidate, register_several, .anew = true);
ST_REQUEST(invalidate, invalidate, invalidate);
ST_REQUEST(receive, pair, receive);
ST_REQUEST(disconnect, pair, disconnect, .anew = true);
ST_REQUEST(close, invalidate, close);
