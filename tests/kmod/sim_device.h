/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests on a simulated device are written with.
 */
#ifndef _NDK_SELFTEST_SIM_DEVICE_H
#define _NDK_SELFTEST_SIM_DEVICE_H

#include <linux/workqueue.h>

#include "harness.h"
#include "sim/ndk_sim.h"

/* Only while a file that needs it is open. */
extern const struct ndk_sim_control *st_sim;

extern const struct ndk_sim_attr st_sim_usual;

bool st_sim_get(void);
void st_sim_put(void);
void st_sim_begin(struct st_test *t, const struct ndk_sim_attr *attr);
void st_sim_calm(struct st_test *t);
void st_sim_end(struct st_test *t);
void st_sim_fail(struct st_test *t, enum ndk_sim_verb verb, u32 nth, u32 error);
void st_sim_fail_all(struct st_test *t, enum ndk_sim_verb verb, u32 error);
void st_sim_hold(struct st_test *t, u32 mask);
bool st_sim_held(struct st_test *t, u32 count);
bool st_sim_handled(struct st_test *t, struct st_side *side);
bool st_sim_lost(struct st_test *t, struct st_side *side, struct st_cq *cq);
bool st_sim_called(struct st_test *t, enum ndk_sim_verb verb);
bool st_sim_leaks(struct st_test *t);

/**
 * struct st_region - a fast region of one end of a connection
 * @p: the connection; the region is that of @p->a
 * @buf: its memory
 * @mr: the region, initialised
 * @reg: registers all of @buf; its own context
 * @inv: invalidates; its own context
 */
struct st_region {
	struct st_pair *p;
	struct st_buf *buf;
	NDK_MR *mr;
	struct st_wr reg;
	struct st_wr inv;
};

bool st_region_new(struct st_test *t, struct st_region *r);
bool st_region_next(struct st_test *t, struct st_region *r, struct st_wr *wr,
		    NTSTATUS status);
bool st_region_works(struct st_test *t, struct st_region *r);

/* sim_kinds.c: the main job */
bool st_normal_job(struct st_test *t, struct st_pair *p, size_t len);
bool st_job(struct st_test *t, ULONG pages);

#endif /* _NDK_SELFTEST_SIM_DEVICE_H */
