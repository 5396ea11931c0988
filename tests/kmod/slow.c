// SPDX-License-Identifier: GPL-2.0-only
/*
 * Closes that wait say so in the kernel log, which somebody reads meanwhile and
 * then lets the test go on.
 */
#include <linux/completion.h>
#include <linux/workqueue.h>

#include "harness.h"

DECLARE_COMPLETION(st_go_on);

struct st_slow {
	struct work_struct work;
	struct completion closed;
	NDK_ADAPTER *adapter;
};

static void st_slow_work(struct work_struct *work)
{
	struct st_slow *s = container_of(work, struct st_slow, work);

	ndk_close_adapter(s->adapter);
	complete(&s->closed);
}

/* Of another instance and open: the adapter waits for it, and so does the CQ. */
static void st_slow(struct st_test *t)
{
	struct st_caps caps = st_default_caps(t);
	NDK_ADAPTER *first = t->adapter;
	struct st_slow s = {};
	struct st_buf *other = st_buf_new(t, ST_CONTIG, 0, 1);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 1);
	struct st_cq cq;
	NDK_PD *pd;
	NDK_QP *qp;

	/* a mapping of each instance; it waits for its own */
	if (!buf || !other || !ST_OK(t, st_build_lam(t, other)) ||
	    !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, ndk_open_adapter(st_device(), (NDK_VERSION){ 2, 0 },
				       &s.adapter)))
		return;
	reinit_completion(&st_ready);
	reinit_completion(&st_go_on);
	init_completion(&s.closed);
	INIT_WORK_ONSTACK(&s.work, st_slow_work);
	t->adapter = s.adapter;
	ST_OK(t, st_build_lam(t, buf));
	if (ST_OK(t, st_create_cq(t, &cq, 64)) &&
	    ST_OK(t, st_create_qp(t, pd, &cq, &cq, NULL, &caps, &qp)))
		st_close_start(t, &cq.cq->Header);
	t->adapter = first;
	queue_work(system_unbound_wq, &s.work);
	complete(&st_ready);
	ST_EXPECT(t, wait_for_completion_timeout(&st_go_on, 2 * ST_TIMEOUT),
		  "nobody has read the log");
	ST_EXPECT(t, !completion_done(&s.closed), "it has not waited");
	st_objects_close(t);
	st_release_lam(t, buf);
	ST_EXPECT(t, wait_for_completion_timeout(&s.closed, ST_TIMEOUT),
		  "the adapter is not closed");
	flush_work(&s.work);
	destroy_work_on_stack(&s.work);
}

static const struct st_case st_cases[] = {
	{ .name = "close_says_for_what", .run = st_slow },
};

const struct st_suite st_suite_slow = {
	"slow", st_cases, ARRAY_SIZE(st_cases),
};
