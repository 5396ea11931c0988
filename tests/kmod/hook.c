// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the device is given: its function for posting is replaced for a while.
 */
#include "harness.h"

/* Of the device; whoever is inside of ours when it is over needs it still. */
static int (*st_real_post)(struct ib_qp *ib_qp, const struct ib_send_wr *wr,
			   const struct ib_send_wr **bad);

static struct ib_qp *st_watched;
static struct st_given st_seen;

static int st_watched_post(struct ib_qp *ib_qp, const struct ib_send_wr *wr,
			   const struct ib_send_wr **bad)
{
	struct ib_qp *only = READ_ONCE(st_watched);
	const struct ib_send_wr *one;

	for (one = wr; one && (!only || only == ib_qp); one = one->next) {
		st_seen.opcode = one->opcode;
		st_seen.flags = one->send_flags;
		st_seen.count++;
		if (one->opcode != IB_WR_REG_MR)
			continue;
		st_seen.access = reg_wr(one)->access;
		st_seen.registered_on = ib_qp;
	}
	return st_real_post(ib_qp, wr, bad);
}

/**
 * st_watch_posts() - look at what a device is given from now on
 * @ib: the device
 * @only: on this queue pair, or NULL for all
 *
 * Until st_unwatch_posts().
 *
 * Return: what is seen; the caller knows when nothing is posted meanwhile.
 */
const struct st_given *st_watch_posts(struct ib_device *ib, struct ib_qp *only)
{
	st_seen = (struct st_given){ .access = -1 };
	WRITE_ONCE(st_watched, only);
	st_replace(ib, post_send, &st_real_post, st_watched_post);
	return &st_seen;
}

/**
 * st_unwatch_posts() - look no more
 * @ib: the device
 */
void st_unwatch_posts(struct ib_device *ib)
{
	st_restore(ib, post_send, &st_real_post);
}
