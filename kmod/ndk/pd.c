// SPDX-License-Identifier: GPL-2.0-only
/*
 * Protection domains.
 */
#include <linux/slab.h>

#include "adapter.h"
#include "device.h"
#include "dispatch.h"
#include "mr.h"
#include "pd.h"

/*
 * Stands for a local DMA key that is 0. Devices number their regions in the
 * upper bits of a key, and none has as many as that.
 */
#define NDK_PD_PRIVILEGED_TOKEN	U32_MAX

static NTSTATUS ndk_pd_create_hw(struct ndk_object *obj)
{
	struct ndk_pd *pd = container_of(obj, struct ndk_pd, obj);
	struct ib_pd *ibpd;

	ibpd = ib_alloc_pd(obj->dev->ib, 0);
	if (IS_ERR(ibpd))
		return ndk_refuse_errno(ndk_object_parent(obj), PTR_ERR(ibpd),
					"ib_alloc_pd");
	pd->pd = ibpd;
	pd->dma_lkey = ibpd->local_dma_lkey;
	/*
	 * 0 is what a region without a token has, and must not open all memory
	 * to who uses it by mistake.
	 */
	pd->privileged_token = pd->dma_lkey ?: NDK_PD_PRIVILEGED_TOKEN;
	return STATUS_SUCCESS;
}

static void ndk_pd_release_hw(struct ndk_object *obj)
{
	struct ndk_pd *pd = container_of(obj, struct ndk_pd, obj);

	ndk_regqp_release(&pd->regqp);
	ndk_mr_pool_drain(pd);
	if (pd->pd)
		ib_dealloc_pd(pd->pd);
	pd->pd = NULL;
}

static void ndk_pd_free(struct ndk_object *obj)
{
	kfree(container_of(obj, struct ndk_pd, obj));
}

static const struct ndk_object_ops ndk_pd_ops = {
	.type = NdkObjectTypePd,
	.teardown_order = NDK_TEARDOWN_PD,
	.create_hw = ndk_pd_create_hw,
	.release_hw = ndk_pd_release_hw,
	.free = ndk_pd_free,
};

/**
 * ndk_create_pd() - NDK_FN_CREATE_PD
 * @pNdkAdapter: the adapter
 * @CreateCompletion: called with the PD
 * @RequestContext: its context
 * @ppNdkPd: not written, as creation never ends inline
 *
 * Context: any.
 * Return: STATUS_PENDING, STATUS_INSUFFICIENT_RESOURCES (also through the
 * callback), STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_create_pd(NDK_ADAPTER *pNdkAdapter,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_PD **ppNdkPd)
{
	struct ndk_adapter *adapter = to_ndk_adapter(pNdkAdapter);
	struct ndk_pd *pd;

	if (ndk_device_gone(adapter->dev))
		return ndk_refuse(&adapter->obj, STATUS_DEVICE_REMOVED,
				  NULL, 0, 0);
	pd = kzalloc(sizeof(*pd), GFP_NOWAIT | __GFP_NOWARN);
	if (!pd)
		return ndk_refuse(&adapter->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*pd), 0);

	ndk_object_init(&pd->obj, &ndk_pd_ops, adapter, &ndk_pd_dispatch);
	ndk_object_add_antecedent(&pd->obj, &adapter->obj);
	ndk_mr_pool_init(&pd->pool);
	ndk_regqp_init(&pd->regqp);
	spin_lock_init(&pd->keys_lock);
	hash_init(pd->local_keys);
	hash_init(pd->remote_keys);
	return ndk_object_create(&pd->obj, CreateCompletion, RequestContext);
}

/**
 * ndk_get_privileged_memory_region_token() - what stands for all memory
 * @pNdkPd: the PD
 * @pToken: written
 *
 * NDK_FN_GET_PRIVILEGED_MEMORY_REGION_TOKEN. Grants local read and write to
 * logical addresses, and nothing to a peer. It is the PD's local DMA key, unless
 * that is 0. Cannot fail, and is never 0.
 *
 * Context: any.
 */
VOID ndk_get_privileged_memory_region_token(NDK_PD *pNdkPd, UINT32 *pToken)
{
	*pToken = to_ndk_pd(pNdkPd)->privileged_token;
}
