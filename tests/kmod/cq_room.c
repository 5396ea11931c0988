// SPDX-License-Identifier: GPL-2.0-only
/*
 * The room that a completion queue has for the requests of its queue pairs.
 */
#include "harness.h"

#define ST_MOST	16

/* Queue pairs that are as many as fit, on the queues @rcq and @icq. */
struct st_crowd {
	NDK_PD *pd;
	struct st_cq *rcq;
	struct st_cq *icq;
	struct st_caps caps;
	NDK_QP *qps[ST_MOST];
	size_t count;
};

static NTSTATUS st_one_more(struct st_test *t, struct st_crowd *c)
{
	return st_create_qp(t, c->pd, c->rcq, c->icq, NULL, &c->caps,
			    &c->qps[c->count]);
}

static bool st_no_more(struct st_test *t, struct st_crowd *c)
{
	return ST_STATUS(t, st_one_more(t, c), STATUS_INSUFFICIENT_RESOURCES) &&
	       st_refused_for(t, &c->pd->Header, "CqDepth (too small");
}

static bool st_crowd_new(struct st_test *t, struct st_crowd *c)
{
	NTSTATUS status;

	c->caps = (struct st_caps){
		.recv_depth = 64, .send_depth = 64, .recv_sge = 1,
		.send_sge = 1,
	};
	for (c->count = 0; c->count < ST_MOST; c->count++) {
		status = st_one_more(t, c);
		if (status == STATUS_INSUFFICIENT_RESOURCES)
			break;
		if (!ST_OK(t, status))
			return false;
	}
	return ST_EXPECT(t, c->count && c->count < ST_MOST,
			 "%zu queue pairs on a queue for one completion",
			 c->count) && st_no_more(t, c);
}

/* One that is closed makes room for another, and not for two. */
static void st_comes_back(struct st_test *t)
{
	struct st_crowd c = {};
	struct st_cq cq;
	int round;

	if (!ST_OK(t, st_create_pd(t, &c.pd)) ||
	    !ST_OK(t, st_create_cq(t, &cq, 1)))
		return;
	c.rcq = &cq;
	c.icq = &cq;
	if (!st_crowd_new(t, &c))
		return;
	for (round = 0; round < 3; round++) {
		c.count--;
		st_close(t, &c.qps[c.count]->Header);
		if (!ST_OK(t, st_one_more(t, &c)))
			return;
		c.count++;
		if (!st_no_more(t, &c))
			return;
	}
}

/* What is refused for one of its queues takes no room on the other. */
static void st_refused(struct st_test *t)
{
	struct st_crowd c = {};
	struct st_cq full, other;
	int i;

	if (!ST_OK(t, st_create_pd(t, &c.pd)) ||
	    !ST_OK(t, st_create_cq(t, &full, 1)) ||
	    !ST_OK(t, st_create_cq(t, &other, 1)))
		return;
	c.rcq = &full;
	c.icq = &full;
	if (!st_crowd_new(t, &c))
		return;
	c.rcq = &other;
	for (i = 0; i < ST_MOST; i++)
		if (!st_no_more(t, &c))
			return;
	c.icq = &other;
	ST_OK(t, st_one_more(t, &c));
}

static const struct st_case st_cases[] = {
	{ .name = "comes_back", .run = st_comes_back },
	{ .name = "of_refused", .run = st_refused },
};

const struct st_suite st_suite_cq_room = {
	"cq_room", st_cases, ARRAY_SIZE(st_cases),
};
