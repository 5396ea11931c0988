// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory regions: creation, what is asked of them, end.
 */
#include <linux/slab.h>

#include "device.h"
#include "dispatch.h"
#include "driver.h"
#include "mr.h"
#include "pd.h"

/**
 * ndk_get_remote_token_from_mr() - NDK_FN_GET_REMOTE_TOKEN_FROM_MR
 * @pNdkMr: initialised or registered without error
 *
 * The same until the region is initialised anew, deregistered or closed. In
 * this host's byte order, as it is given to NdkRead and NdkWrite.
 *
 * Context: any.
 * Return: the token a peer uses, never the privileged one; 0 too early.
 */
UINT32 ndk_get_remote_token_from_mr(NDK_MR *pNdkMr)
{
	return READ_ONCE(to_ndk_mr(pNdkMr)->remote_token);
}

/**
 * ndk_get_local_token_from_mr() - NDK_FN_GET_LOCAL_TOKEN_FROM_MR
 * @pNdkMr: initialised or registered without error
 *
 * Context: any.
 * Return: the token for NDK_SGE; 0 too early.
 */
UINT32 ndk_get_local_token_from_mr(NDK_MR *pNdkMr)
{
	return READ_ONCE(to_ndk_mr(pNdkMr)->local_token);
}

/**
 * ndk_mr_get_ib_mr() - for struct ndk_ext_ib_verbs
 * @mr: the region
 *
 * Context: any.
 * Return: the ib_mr behind it, or NULL.
 */
struct ib_mr *ndk_mr_get_ib_mr(NDK_MR *mr)
{
	struct ndk_mr *m = to_ndk_mr(mr);
	struct ib_mr *ibmr;
	unsigned long flags;

	spin_lock_irqsave(&m->obj.lock, flags);
	ibmr = m->frmr ? m->frmr->mr : m->user_mr;
	spin_unlock_irqrestore(&m->obj.lock, flags);
	return ibmr;
}

/*
 * A peer's word is not enough: it may have been about an earlier registration,
 * see ndk_mr_peer_invalidated().
 */
static bool ndk_mr_is_unregistered(const struct ndk_mr *mr)
{
	switch (mr->state) {
	case NDK_MR_CREATED:
		return true;
	case NDK_MR_INVALID:
		return !mr->frmr || !mr->frmr->dirty;
	default:
		return false;
	}
}

/**
 * ndk_mr_is_idle() - for struct ndk_ext_diagnostics
 * @mr: the region
 *
 * Context: any.
 * Return: TRUE when no memory can be reached through the region, and nothing
 * that was accepted will change that.
 */
BOOLEAN ndk_mr_is_idle(NDK_MR *mr)
{
	struct ndk_mr *m = to_ndk_mr(mr);
	unsigned long flags;
	BOOLEAN idle;

	/*
	 * Neither state is entered before what the device had is destroyed.
	 * Removal leaves the state alone, so it is asked whether it is over;
	 * whoever sees what it took away sees that it has begun.
	 */
	spin_lock_irqsave(&m->obj.lock, flags);
	if (ndk_device_gone(m->obj.dev))
		idle = completion_done(&m->obj.dev->released);
	else
		idle = !m->pending && ndk_mr_is_unregistered(m);
	spin_unlock_irqrestore(&m->obj.lock, flags);
	return idle;
}

/* For the domain's first fast region: so that initialising need not wait. */
static NTSTATUS ndk_mr_create_hw(struct ndk_object *obj)
{
	struct ndk_mr *mr = container_of(obj, struct ndk_mr, obj);

	return ndk_refuse_errno(ndk_object_parent(obj),
				ndk_mr_pool_start(mr->pd), "ib_alloc_mr");
}

static void ndk_mr_release_hw(struct ndk_object *obj)
{
	struct ndk_mr *mr = container_of(obj, struct ndk_mr, obj);
	struct ndk_frmr *frmr;

	if (!mr->fast) {
		ndk_mr_release_normal(mr);
		return;
	}

	spin_lock_irq(&obj->lock);
	frmr = ndk_mr_take_frmr(mr);
	spin_unlock_irq(&obj->lock);

	if (!frmr)
		return;
	/* Nothing is in flight: each request held a reference. */
	if (frmr->dirty)
		ndk_frmr_free(frmr);
	else
		ndk_mr_pool_recycle(mr->pd, frmr);
}

static void ndk_mr_free(struct ndk_object *obj)
{
	kfree(container_of(obj, struct ndk_mr, obj));
}

static const struct ndk_object_ops ndk_mr_ops = {
	.type = NdkObjectTypeMr,
	.teardown_order = NDK_TEARDOWN_MR,
	.create_hw = ndk_mr_create_hw,
	.release_hw = ndk_mr_release_hw,
	.free = ndk_mr_free,
};

/**
 * ndk_create_mr() - NDK_FN_CREATE_MR
 * @pNdkPd: the PD
 * @FastRegister: TRUE: for NdkInitializeFastRegisterMr and NdkFastRegister;
 *	FALSE: for NdkRegisterMr. For life
 * @CreateCompletion: called with the region when the domain has had no fast
 *	one: then some are made ready for initialisation
 * @RequestContext: its context
 * @ppNdkMr: the region, without memory and tokens, when creation ends inline
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_PENDING, STATUS_INSUFFICIENT_RESOURCES (also
 * through the callback), STATUS_DEVICE_REMOVED, STATUS_NOT_SUPPORTED (a fast
 * region, and the device's driver cannot register one where nothing may sleep).
 */
NTSTATUS ndk_create_mr(NDK_PD *pNdkPd, BOOLEAN FastRegister,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_MR **ppNdkMr)
{
	struct ndk_pd *pd = to_ndk_pd(pNdkPd);
	struct ndk_mr *mr;
	NTSTATUS status;

	if (FastRegister && pd->obj.dev->habits & NDK_DRIVER_NO_FAST_MR)
		return ndk_refuse(&pd->obj, STATUS_NOT_SUPPORTED,
				  "FastRegister (not this driver)", 1, 0);
	mr = kzalloc(sizeof(*mr), GFP_NOWAIT | __GFP_NOWARN);
	if (!mr)
		return ndk_refuse(&pd->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*mr), 0);

	ndk_object_init(&mr->obj, &ndk_mr_ops, pd->obj.adapter,
			&ndk_mr_dispatch);
	ndk_request_init(&mr->obj);
	ndk_object_add_antecedent(&mr->obj, &pd->obj);
	mr->pd = pd;
	mr->fast = FastRegister;
	mr->state = NDK_MR_CREATED;

	if (FastRegister && !ndk_mr_pool_started(&pd->pool) &&
	    !ndk_device_gone(pd->obj.dev))
		return ndk_object_create(&mr->obj, CreateCompletion,
					 RequestContext);
	status = ndk_object_publish(&mr->obj);
	if (status)
		return ndk_refuse(&pd->obj, status, NULL, 0, 0);
	*ppNdkMr = &mr->obj.pub.mr;
	return STATUS_SUCCESS;
}
