/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every request of the interface that can fail half way, and the walk over the
 * points at which it can.
 */
#ifndef _NDK_SELFTEST_REQUESTS_H
#define _NDK_SELFTEST_REQUESTS_H

#include "harness.h"
#include "sim_device.h"
#include "user.h"

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
 * @pair: two ends, not connected yet
 * @req: a request that is pending
 * @user: memory of the process, if it has a size
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
	struct st_pair *pair;
	struct st_req *req;
	struct st_user user;
};

/**
 * struct st_ask - a request
 * @prepare: make what it needs
 * @ask: make it; return its result
 * @anew: repeat it with other objects
 */
struct st_ask {
	bool (*prepare)(struct st_test *t, struct st_asking *a);
	NTSTATUS (*ask)(struct st_test *t, struct st_asking *a);
	bool anew;
};

/* Every slot that may have to do more than look something up. */
#define ST_REQUESTS(X)							       \
	X(open_adapter)							       \
	X(create_pd)							       \
	X(create_cq)							       \
	X(create_qp)							       \
	X(create_mr)							       \
	X(create_connector)						       \
	X(create_listener)						       \
	X(allocate_mdl)							       \
	X(lock_pages)							       \
	X(build_lam)							       \
	X(initialize)							       \
	X(initialize_large)						       \
	X(initialize_several)						       \
	X(register_mr)							       \
	X(register_user)						       \
	X(register_by_driver)						       \
	X(deregister_mr)						       \
	X(listen)							       \
	X(establish)							       \
	X(reject)							       \
	X(send)								       \
	X(send_and_invalidate)						       \
	X(read)								       \
	X(write)							       \
	X(fast_register)						       \
	X(fast_register_several)					       \
	X(invalidate)							       \
	X(receive)							       \
	X(disconnect)							       \
	X(close)

#define ST_DECLARE(name)	extern const struct st_ask st_request_##name;
ST_REQUESTS(ST_DECLARE)
#undef ST_DECLARE

/* All of a connection, from the domains on. */
extern const struct st_ask st_request_connect;

/**
 * struct st_but - a step that does not end as usual
 * @kind: which kind of call fails
 * @from: at this call or a later one; 0 for no such step
 * @in: only in this function; NULL for any
 * @status: what the consumer is told then
 * @or_not: it may be done without, too
 */
struct st_but {
	unsigned int kind;
	u32 from;
	const char *in;
	NTSTATUS status;
	bool or_not;
};

struct st_walk;

/**
 * struct st_injector - what fails
 * @kinds: of calls that can fail
 * @fail: the @nth call of a kind from now on is the one to fail, 0 for none
 * @calls: how many there were since
 * @status: what the consumer is told
 * @broken: whether a request that has failed leaves its connection in error
 * @in: the function that failed, or NULL
 * @spared: whether the call whose turn it was is one that does not fail
 * @name: of a kind
 * @varies: how many calls there are is not always the same
 */
struct st_injector {
	unsigned int kinds;
	void (*fail)(struct st_test *t, unsigned int kind, u32 nth);
	u32 (*calls)(struct st_test *t, unsigned int kind);
	NTSTATUS (*status)(unsigned int kind);
	bool (*broken)(unsigned int kind);
	const char *(*in)(struct st_test *t);
	bool (*spared)(struct st_test *t);
	const char *(*name)(unsigned int kind);
	bool varies;
};

/**
 * struct st_walk - a request, and what fails in it
 * @ask: the request
 * @injector: what fails
 * @skip: kinds that are not tried
 * @spares: what it cannot do without comes first; with the rest failing it
 *	succeeds
 * @but: exceptions
 * @not_in: an allocation in this function does not fail when it is its turn: on
 *	the device that there is, and on a simulated one; NULL for none
 */
struct st_walk {
	const struct st_ask *ask;
	const struct st_injector *injector;
	unsigned long skip;
	bool spares;
	struct st_but but[4];
	const char *not_in[2];
};

extern const struct ndk_sim_attr st_sim_large;

void st_walk(struct st_test *t);
void st_walks_tell(struct st_test *t);

#endif /* _NDK_SELFTEST_REQUESTS_H */
