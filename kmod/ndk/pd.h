/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_PD_H
#define _NDK_PD_H

#include <linux/hashtable.h>
#include <rdma/ib_verbs.h>

#include "mr_pool.h"
#include "object.h"
#include "regqp.h"

#define NDK_PD_KEY_BITS		8

/**
 * struct ndk_pd - a protection domain
 * @obj: common part
 * @pd: what is behind it; NULL before creation and after teardown
 * @dma_lkey: its local DMA key, as the device knows it
 * @privileged_token: what stands for it in an SGE; never leaves the kernel
 * @pool: ready ib_mr objects
 * @regqp: where normal regions are registered
 * @keys_lock: guards the tables; irqsave, innermost
 * @local_keys: regions of the domain by local token
 * @remote_keys: the same by remote token, for remote invalidation
 */
struct ndk_pd {
	struct ndk_object obj;
	struct ib_pd *pd;
	u32 dma_lkey;
	u32 privileged_token;
	struct ndk_mr_pool pool;
	struct ndk_regqp regqp;
	spinlock_t keys_lock;
	DECLARE_HASHTABLE(local_keys, NDK_PD_KEY_BITS);
	DECLARE_HASHTABLE(remote_keys, NDK_PD_KEY_BITS);
};

static inline struct ndk_pd *to_ndk_pd(NDK_PD *pd)
{
	return container_of(pd, struct ndk_pd, obj.pub.pd);
}

/* Can @token be that of a region, and be taken for nothing else? */
static inline bool ndk_pd_may_be_token(const struct ndk_pd *pd, u32 token)
{
	return token && token != pd->dma_lkey && token != pd->privileged_token;
}

/* For the adapter's table */
NTSTATUS ndk_create_pd(NDK_ADAPTER *pNdkAdapter,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_PD **ppNdkPd);

/* The PD's table */
VOID ndk_get_privileged_memory_region_token(NDK_PD *pNdkPd, UINT32 *pToken);

#endif /* _NDK_PD_H */
