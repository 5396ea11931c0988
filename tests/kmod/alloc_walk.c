// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each request of the interface with each allocation failing that is made for
 * it (requests.c): in the call, in the work of the provider that serves it, and
 * in what the provider calls there. None of those that a work of the provider
 * makes may wait for pages to be written.
 */
#include "alloc.h"
#include "harness.h"
#include "requests.h"

static void st_memory_fail(struct st_test *t, unsigned int kind, u32 nth)
{
	const struct st_walk *walk = (const struct st_walk *)t->arg;

	st_alloc_fail(nth, walk->not_in[!!t->sim]);
}

static u32 st_memory_calls(struct st_test *t, unsigned int kind)
{
	return st_alloc_count();
}

static NTSTATUS st_memory_status(unsigned int kind)
{
	return STATUS_INSUFFICIENT_RESOURCES;
}

static bool st_memory_broken(unsigned int kind)
{
	return false;
}

static const char *st_memory_in(struct st_test *t)
{
	return st_alloc_failed();
}

static bool st_memory_spared(struct st_test *t)
{
	return !*st_alloc_failed();
}

static const char *st_memory_name(unsigned int kind)
{
	return "allocations";
}

static const struct st_injector st_memory = {
	.kinds = 1,
	.fail = st_memory_fail,
	.calls = st_memory_calls,
	.status = st_memory_status,
	.broken = st_memory_broken,
	.in = st_memory_in,
	.spared = st_memory_spared,
	.name = st_memory_name,
	.varies = true,
};

static void st_alloc(struct st_test *t)
{
	const char *waits;

	if (!st_alloc_watch()) {
		st_skip(t, "no kprobes");
		return;
	}
	st_walk(t);
	waits = st_alloc_waits();
	ST_EXPECT(t, !*waits, "the work may wait for pages to be written in %s",
		  waits);
}

#define ST_WALK_open_adapter	.spares = true
#define ST_WALK_create_pd
#define ST_WALK_create_cq
#define ST_WALK_create_qp
/* One that is ready is enough to begin with. */
#define ST_WALK_create_mr	.spares = true
#define ST_WALK_create_connector
#define ST_WALK_create_listener
#define ST_WALK_allocate_mdl
#define ST_WALK_lock_pages
#define ST_WALK_build_lam
#define ST_WALK_initialize
#define ST_WALK_initialize_large
#define ST_WALK_initialize_several
#define ST_WALK_register_mr
#define ST_WALK_register_user
#define ST_WALK_register_by_driver
#define ST_WALK_deregister_mr
#define ST_WALK_listen
/*
 * A request for a connection that cannot be taken is not answered, and comes
 * again. rdma_cm wants to hear of neighbours that move, and does without.
 *
 * When rxe has no memory for the reads of a peer, it leaves the queue pair's
 * responder off, for good and in every state. Then its end takes the ten
 * seconds that a device is given, each time.
 */
#define ST_WALK_establish						       \
	.but = { { 0, 1, "ndk_connector_incoming", STATUS_SUCCESS },	       \
		 { 0, 1, "rdma_resolve_route",				       \
		   STATUS_INSUFFICIENT_RESOURCES, true } },		       \
	.not_in = { "rxe_qp_from_attr" }
#define ST_WALK_reject		.spares = true
#define ST_WALK_send
#define ST_WALK_send_and_invalidate
#define ST_WALK_read
#define ST_WALK_write
#define ST_WALK_fast_register
#define ST_WALK_fast_register_several
#define ST_WALK_invalidate
#define ST_WALK_receive
/*
 * What was never said is not answered, which takes ten seconds to notice: each
 * device tries one of the two allocations of a message.
 */
#define ST_WALK_disconnect						       \
	.but = { { 0, 1, NULL, STATUS_IO_TIMEOUT } },			       \
	.not_in = { "ib_create_send_mad", "_rdma_create_ah" }
#define ST_WALK_close		.spares = true

#define ST_ALLOC_ON(name_, sim_)					       \
	{ .name = #name_, .run = st_alloc, .sim = sim_,		       \
	  .arg = (unsigned long)&(const struct st_walk){		       \
		.ask = &st_request_##name_, .injector = &st_memory,		       \
		ST_WALK_##name_ } },
#define ST_ALLOC(name)		ST_ALLOC_ON(name, NULL)
#define ST_SIM_ALLOC(name)	ST_ALLOC_ON(name, &st_sim_large)

static const struct st_case st_cases[] = {
	ST_REQUESTS(ST_ALLOC)
	{ .name = "all", .run = st_walks_tell, .bare = true },
};

const struct st_suite st_suite_alloc = {
	"alloc", st_cases, ARRAY_SIZE(st_cases),
};

static const struct st_case st_sim_cases[] = {
	ST_REQUESTS(ST_SIM_ALLOC)
	{ .name = "all", .run = st_walks_tell, .bare = true },
};

const struct st_suite st_suite_sim_alloc = {
	"sim_alloc", st_sim_cases, ARRAY_SIZE(st_sim_cases),
};
