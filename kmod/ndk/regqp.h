/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private queue pair on which a protection domain registers memory
 * without a queue pair of the consumer.
 */
#ifndef _NDK_REGQP_H
#define _NDK_REGQP_H

#include <linux/completion.h>
#include <linux/mutex.h>
#include <ndk/ntstatus.h>
#include <rdma/ib_verbs.h>

struct ndk_pd;

/* Requests that the queue pair has room for. */
#define NDK_REGQP_DEPTH	4

/**
 * struct ndk_regqp_wait - a request that the device has been given
 * @cqe: how its completion finds it
 * @done: it has completed, with @status
 * @status: what it ended with
 */
struct ndk_regqp_wait {
	struct ib_cqe cqe;
	struct completion done;
	enum ib_wc_status status;
};

/**
 * struct ndk_regqp - an RC queue pair connected to itself
 * @lock: one request at a time; also guards the rest
 * @cq: its completion queue, or NULL
 * @qp: in RTS, or NULL
 * @waits: used in turn, so that a device that reports a request once more does not
 *	end the next one, and writes to no memory but this
 * @turn: the next of them
 */
struct ndk_regqp {
	struct mutex lock;
	struct ib_cq *cq;
	struct ib_qp *qp;
	struct ndk_regqp_wait waits[NDK_REGQP_DEPTH];
	u32 turn;
};

void ndk_regqp_init(struct ndk_regqp *rqp);
NTSTATUS ndk_regqp_execute(struct ndk_pd *pd, struct ib_send_wr *wr);
void ndk_regqp_release(struct ndk_regqp *rqp);

#endif /* _NDK_REGQP_H */
