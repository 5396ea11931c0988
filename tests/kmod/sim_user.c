// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a process that its driver registers: what happens to the memory, to
 * the region and to the device while the driver is at it.
 */
#include <linux/mm.h>
#include <linux/mman.h>

#include "harness.h"
#include "sim_device.h"
#include "user.h"

/**
 * struct st_midway - a registration that has stopped inside the driver
 * @p: a connection; the region is that of @p->a
 * @u: memory of the process
 * @mr: the region
 * @req: its registration
 * @regions: those of the device before it
 */
struct st_midway {
	struct st_pair *p;
	struct st_user u;
	NDK_MR *mr;
	struct st_req *req;
	u32 regions;
};

/* More pages than a page list holds, wherever it begins: the driver has to. */
static bool st_midway_map(struct st_test *t, struct st_midway *m)
{
	m->p = st_pair_new(t);
	return m->p && ST_OK(t, st_create_mr(t, m->p->a.pd, false, &m->mr)) &&
	       st_user_map(t, &m->u, t->info.MaxRegistrationSize + 2 * PAGE_SIZE,
			   PROT_READ | PROT_WRITE);
}

static bool st_midway_stop(struct st_test *t, struct st_midway *m)
{
	static const struct ndk_sim_fault pause = { .pause_at = 1 };

	if (!ST_OK(t, st_user_lock(t, &m->u, 0, m->u.size, IoModifyAccess)))
		return false;
	m->regions = st_sim->live(t->sim, NDK_SIM_MR);
	st_sim->set_fault(t->sim, NDK_SIM_REG_USER_MR, &pause);
	m->req = st_req_new(t, "NdkRegisterMr");
	m->req->answer = m->mr->Dispatch->NdkRegisterMr(m->mr, m->u.mdl,
							m->u.size, ST_MR_ALL,
							st_on_request, m->req);
	return ST_STATUS(t, m->req->answer, STATUS_PENDING) &&
	       ST_EXPECT(t, st_sim->wait_paused(t->sim, ST_TIMEOUT),
			 "the driver was not asked");
}

/* Return: whether it ended like that. */
static bool st_midway_go_on(struct st_test *t, struct st_midway *m,
			    NTSTATUS status)
{
	/* or nothing has happened while the driver was at it */
	bool paused = ST_EXPECT(t, st_sim->wait_paused(t->sim, 0),
				"the driver has not waited");

	st_sim->resume(t->sim);
	return ST_STATUS(t, st_req_wait(t, m->req), status) && paused;
}

static void st_midway_end(struct st_test *t, struct st_midway *m)
{
	/* in case that it has not been told to, and nobody waits any more */
	st_sim->resume(t->sim);
	/* no region may refer to the pages when they are unlocked */
	st_objects_close(t);
	st_user_unmap(t, &m->u);
}

/* Neither a token nor anything in the device. */
static bool st_midway_nothing(struct st_test *t, struct st_midway *m)
{
	u32 regions = st_sim->live(t->sim, NDK_SIM_MR);

	return ST_EXPECT(t, !st_remote_token(t, m->mr) &&
			 !st_local_token(t, m->mr), "it has a token") &&
	       ST_EXPECT(t, regions == m->regions,
			 "%u regions in the device, there were %u", regions,
			 m->regions);
}

/* What the process has mapped now, the same region can be of. */
static void st_midway_works(struct st_test *t, struct st_midway *m)
{
	size_t len = m->u.size;

	st_user_unlock(&m->u);
	if (ST_OK(t, st_user_lock(t, &m->u, 0, len, IoModifyAccess)) &&
	    ST_OK(t, st_register(t, m->mr, m->u.mdl, len, ST_MR_ALL)))
		st_user_access(t, &m->p->b, &m->u, st_remote_token(t, m->mr),
			       len);
}

/* Nothing happens: the peer reaches the memory. */
static void st_undisturbed(struct st_test *t)
{
	struct st_midway m = {};

	if (!st_midway_map(t, &m))
		return;
	if (st_midway_stop(t, &m) && st_midway_go_on(t, &m, STATUS_SUCCESS) &&
	    st_user_access(t, &m.p->b, &m.u, st_remote_token(t, m.mr),
			   m.u.size) &&
	    ST_OK(t, st_deregister(t, m.mr)))
		st_midway_nothing(t, &m);
	st_midway_end(t, &m);
}

/* The driver pins other pages than those that are locked. */
static void st_replaced(struct st_test *t)
{
	struct st_midway m = {};

	if (!st_midway_map(t, &m))
		return;
	if (st_midway_stop(t, &m) && st_user_replace(t, &m.u) &&
	    st_midway_go_on(t, &m, STATUS_ACCESS_VIOLATION)) {
		st_refused_for(t, &m.mr->Header, "Mdl (not mapped by the process");
		if (st_midway_nothing(t, &m))
			st_midway_works(t, &m);
	}
	st_midway_end(t, &m);
}

/* The driver finds no pages at all. */
static void st_unmapped(struct st_test *t)
{
	struct st_midway m = {};

	if (!st_midway_map(t, &m))
		return;
	if (st_midway_stop(t, &m)) {
		vm_munmap(m.u.addr, m.u.size);
		if (st_midway_go_on(t, &m, STATUS_ACCESS_VIOLATION) &&
		    st_midway_nothing(t, &m) && st_user_replace(t, &m.u))
			st_midway_works(t, &m);
	}
	st_midway_end(t, &m);
}

/*
 * The device goes away, too: then it is its removal that takes the pages from
 * it, and the consumer hears nothing before that is done.
 */
static void st_replaced_and_unplugged(struct st_test *t)
{
	struct st_midway m = {};

	if (!st_midway_map(t, &m))
		return;
	if (st_midway_stop(t, &m) && st_user_replace(t, &m.u)) {
		st_sim->unplug(t->sim);
		/* nor are there any others then */
		m.regions = 0;
		if (st_removal_seen(t, m.p->a.pd) &&
		    st_midway_go_on(t, &m, STATUS_ACCESS_VIOLATION))
			st_midway_nothing(t, &m);
	}
	st_midway_end(t, &m);
}

static void st_on_midway_close(struct st_req *close)
{
	struct st_req *registration = close->priv;

	close->status = atomic_read(&registration->calls) == 1 ?
			STATUS_SUCCESS : STATUS_PENDING;
}

/* A close waits for the registration, and takes back what it has made. */
static void st_closed(struct st_test *t)
{
	struct st_req *close = st_req_new(t, "close");
	struct st_midway m = {};

	if (!st_midway_map(t, &m))
		return;
	if (st_midway_stop(t, &m)) {
		close->priv = m.req;
		close->hook = st_on_midway_close;
		st_untrack(t, &m.mr->Header);
		st_close_now(&m.mr->Header, close);
		ST_EXPECT(t, !completion_done(&close->done),
			  "closed before its registration has ended");
		if (st_midway_go_on(t, &m, STATUS_SUCCESS) &&
		    ST_STATUS(t, close->answer, STATUS_PENDING) &&
		    ST_OK(t, st_req_wait(t, close)))
			ST_EXPECT(t, st_sim->live(t->sim, NDK_SIM_MR) ==
				  m.regions, "a region is left in the device");
	}
	st_midway_end(t, &m);
}

#define ST_SIM(...) { .sim = &st_sim_usual, __VA_ARGS__ }

static const struct st_case st_cases[] = {
	ST_SIM(.name = "undisturbed", .run = st_undisturbed),
	ST_SIM(.name = "replaced", .run = st_replaced),
	ST_SIM(.name = "unmapped", .run = st_unmapped),
	ST_SIM(.name = "replaced_and_unplugged",
	       .run = st_replaced_and_unplugged),
	ST_SIM(.name = "closed", .run = st_closed),
};

const struct st_suite st_suite_sim_user = {
	"sim_user", st_cases, ARRAY_SIZE(st_cases),
};
