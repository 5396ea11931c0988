/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The private queue pair on which a protection domain registers memory
 * without a queue pair of the consumer.
 */
#ifndef _NDK_REGQP_H
#define _NDK_REGQP_H

#include <linux/mutex.h>
#include <ndk/ntstatus.h>
#include <rdma/ib_verbs.h>

struct ndk_pd;

/**
 * struct ndk_regqp - an RC queue pair connected to itself
 * @lock: one request at a time; also guards the rest
 * @cq: its completion queue, or NULL
 * @qp: in RTS, or NULL
 */
struct ndk_regqp {
	struct mutex lock;
	struct ib_cq *cq;
	struct ib_qp *qp;
};

void ndk_regqp_init(struct ndk_regqp *rqp);
NTSTATUS ndk_regqp_execute(struct ndk_pd *pd, struct ib_send_wr *wr);
void ndk_regqp_release(struct ndk_regqp *rqp);

#endif /* _NDK_REGQP_H */
