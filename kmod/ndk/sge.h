/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_SGE_H
#define _NDK_SGE_H

#include <ndk/ndkpi.h>
#include <rdma/ib_verbs.h>

struct ndk_qp;

/* Most SGEs of any request; the adapter's limits are at most this. */
#define NDK_SGE_LIMIT		32

NTSTATUS ndk_sge_fill(struct ndk_qp *qp, struct ib_sge *sge, int *num_sge,
		      const NDK_SGE *sgl, u32 count, u32 max);

#endif /* _NDK_SGE_H */
