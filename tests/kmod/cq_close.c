// SPDX-License-Identifier: GPL-2.0-only
/*
 * A completion queue is closed as soon as it may be, while whoever polls it has
 * found its last entry and is still about to arm it.
 */
#include <linux/delay.h>
#include <rdma/ib_verbs.h>

#include "harness.h"

/* How late it is: longer than it takes to destroy what is idle. */
#define ST_LATE_MS	2000

static int (*st_real_notify)(struct ib_cq *ib_cq,
			     enum ib_cq_notify_flags flags);
static int (*st_real_destroy)(struct ib_cq *ib_cq, struct ib_udata *udata);

static struct ib_cq *st_watched;
static bool st_late;
static bool st_gone;
static bool st_used;

static int st_late_notify(struct ib_cq *ib_cq, enum ib_cq_notify_flags flags)
{
	int ms;

	if (ib_cq == READ_ONCE(st_watched)) {
		WRITE_ONCE(st_late, true);
		for (ms = 0; ms < ST_LATE_MS && !READ_ONCE(st_gone); ms++)
			mdelay(1);
		if (READ_ONCE(st_gone)) {
			WRITE_ONCE(st_used, true);
			return 0;
		}
	}
	return st_real_notify(ib_cq, flags);
}

static int st_destroy(struct ib_cq *ib_cq, struct ib_udata *udata)
{
	if (ib_cq == READ_ONCE(st_watched))
		WRITE_ONCE(st_gone, true);
	return st_real_destroy(ib_cq, udata);
}

static void st_armed_late(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;
	struct ib_device *ib;

	if (!ib_qp)
		return;
	ib = ib_qp->device;
	st_late = false;
	st_gone = false;
	st_used = false;
	WRITE_ONCE(st_watched, ib_qp->send_cq);
	st_replace(ib, req_notify_cq, &st_real_notify, st_late_notify);
	st_replace(ib, destroy_cq, &st_real_destroy, st_destroy);

	/* ends what is outstanding, and its completion is the last entry */
	st_objects_close(t);
	ST_EXPECT(t, st_gone, "the completion queue is still there");
	/* whoever has come late has ended when nobody is inside any more */
	synchronize_rcu();
	ST_EXPECT(t, st_late, "nobody came to arm it");
	ST_EXPECT(t, !st_used, "armed when it was gone");

	st_restore(ib, destroy_cq, &st_real_destroy);
	st_restore(ib, req_notify_cq, &st_real_notify);
	WRITE_ONCE(st_watched, NULL);
}

static const struct st_case st_cases[] = {
	{ .name = "armed_late", .run = st_armed_late },
};

const struct st_suite st_suite_cq_close = {
	"cq_close", st_cases, ARRAY_SIZE(st_cases),
};
