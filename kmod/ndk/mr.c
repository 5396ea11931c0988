// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory regions: what both kinds share.
 */
#include <linux/slab.h>

#include "device.h"
#include "dispatch.h"
#include "driver.h"
#include "mr.h"
#include "pd.h"
#include "trace.h"

/* What a state is called when it is the reason of a refusal. */
const char * const ndk_mr_state_fault[] = {
	[NDK_MR_CREATED] = "state (created)",
	[NDK_MR_INITIALISING] = "state (initialising)",
	[NDK_MR_INVALID] = "state (invalid)",
	[NDK_MR_REGISTERING] = "state (registering)",
	[NDK_MR_VALID] = "state (registered)",
	[NDK_MR_INVALIDATING] = "state (invalidating)",
	[NDK_MR_DEREGISTERING] = "state (deregistering)",
	[NDK_MR_STALE] = "state (stale: initialise anew)",
};

/**
 * ndk_mr_enter() - the only writer of a region's state
 * @mr: the region
 * @state: its new state
 *
 * Context: any; under the region's lock.
 */
void ndk_mr_enter(struct ndk_mr *mr, enum ndk_mr_state state)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	trace_ndk_mr_state(&mr->obj, mr->state, state);
	mr->state = state;
}

static void ndk_mr_request_free(struct ndk_request *request)
{
	struct ndk_mr_request *rq = container_of(request, struct ndk_mr_request,
						 rq);
	struct ndk_mr *mr = container_of(request->obj, struct ndk_mr, obj);

	if (rq == &mr->rq)
		clear_bit_unlock(0, &mr->rq_busy);
	else
		kfree(rq);
}

/**
 * ndk_mr_request_get() - a record for an asynchronous request
 * @mr: the region
 *
 * The region's own record first; when that is taken, as with several
 * initialisations at once, one from memory that is at hand.
 *
 * Context: any.
 * Return: the record, or NULL.
 */
struct ndk_mr_request *ndk_mr_request_get(struct ndk_mr *mr)
{
	struct ndk_mr_request *rq;

	if (!test_and_set_bit_lock(0, &mr->rq_busy))
		rq = &mr->rq;
	else
		rq = kzalloc(sizeof(*rq), GFP_NOWAIT | __GFP_NOWARN);
	if (rq) {
		rq->rq.obj = &mr->obj;
		rq->rq.free = ndk_mr_request_free;
	}
	return rq;
}

/**
 * ndk_mr_set_tokens() - let a region be found by its token, or no more
 * @mr: the region; its lock is held
 * @local: its local token, 0 to take both away
 * @remote: its remote token
 *
 * Context: any.
 */
void ndk_mr_set_tokens(struct ndk_mr *mr, u32 local, u32 remote)
	__must_hold(&mr->obj.lock)
{
	struct ndk_pd *pd = mr->pd;

	lockdep_assert_held(&mr->obj.lock);
	spin_lock(&pd->keys_lock);
	if (!hlist_unhashed(&mr->local_node)) {
		hash_del(&mr->local_node);
		hash_del(&mr->remote_node);
	}
	if (local) {
		hash_add(pd->local_keys, &mr->local_node, local);
		hash_add(pd->remote_keys, &mr->remote_node, remote);
	}
	WRITE_ONCE(mr->local_token, local);
	WRITE_ONCE(mr->remote_token, remote);
	spin_unlock(&pd->keys_lock);
}

static struct ndk_mr *ndk_mr_find_local(struct ndk_pd *pd, u32 token)
{
	struct ndk_mr *mr, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&pd->keys_lock, flags);
	hash_for_each_possible(pd->local_keys, mr, local_node, token) {
		if (mr->local_token != token || !ndk_object_tryget(&mr->obj))
			continue;
		found = mr;
		break;
	}
	spin_unlock_irqrestore(&pd->keys_lock, flags);
	return found;
}

/**
 * ndk_mr_find() - a domain's region by its remote token
 * @pd: the domain
 * @token: the token
 *
 * Context: any.
 * Return: the region with a reference, or NULL.
 */
struct ndk_mr *ndk_mr_find(struct ndk_pd *pd, u32 token)
{
	struct ndk_mr *mr, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&pd->keys_lock, flags);
	hash_for_each_possible(pd->remote_keys, mr, remote_node, token) {
		if (mr->remote_token != token || !ndk_object_tryget(&mr->obj))
			continue;
		found = mr;
		break;
	}
	spin_unlock_irqrestore(&pd->keys_lock, flags);
	return found;
}

/**
 * ndk_mr_covers() - is a range inside a region that is registered now?
 * @pd: the domain
 * @token: local token
 * @addr: address of the first byte
 * @length: bytes
 * @write: local write is needed
 *
 * To name the reason of a request that has failed, not to let one pass.
 *
 * Context: any.
 * Return: false when it is not.
 */
bool ndk_mr_covers(struct ndk_pd *pd, u32 token, u64 addr, u32 length,
		   bool write)
{
	struct ndk_mr *mr = ndk_mr_find_local(pd, token);
	const struct ib_mr *ibmr;
	unsigned long flags;
	bool covers;

	if (!mr)
		return false;
	spin_lock_irqsave(&mr->obj.lock, flags);
	ibmr = mr->frmr ? mr->frmr->mr : mr->user_mr;
	covers = mr->state == NDK_MR_VALID && ibmr && addr >= ibmr->iova &&
		 addr - ibmr->iova <= ibmr->length &&
		 length <= ibmr->length - (addr - ibmr->iova) &&
		 (!write || (mr->access & IB_ACCESS_LOCAL_WRITE));
	spin_unlock_irqrestore(&mr->obj.lock, flags);
	ndk_object_put(&mr->obj);
	return covers;
}

/**
 * ndk_mr_take_frmr() - take away what a region registers with
 * @mr: the region; its lock is held
 *
 * The tokens are gone with it.
 *
 * Context: any.
 * Return: what it had, or NULL.
 */
struct ndk_frmr *ndk_mr_take_frmr(struct ndk_mr *mr)
	__must_hold(&mr->obj.lock)
{
	struct ndk_frmr *frmr = mr->frmr;

	lockdep_assert_held(&mr->obj.lock);
	if (frmr)
		ndk_mr_set_tokens(mr, 0, 0);
	mr->frmr = NULL;
	return frmr;
}

/**
 * ndk_mr_set_frmr() - give a region what it registers with, and its tokens
 * @mr: the region, which has none; its lock is held
 * @frmr: with its key drawn
 *
 * Context: any.
 */
void ndk_mr_set_frmr(struct ndk_mr *mr, struct ndk_frmr *frmr)
	__must_hold(&mr->obj.lock)
{
	lockdep_assert_held(&mr->obj.lock);
	mr->frmr = frmr;
	ndk_mr_set_tokens(mr, frmr->lkey, frmr->rkey);
}

/**
 * ndk_mr_access() - access rights in ib_core's terms
 * @mr: the region
 * @write: local write
 * @remote_read: remote read
 * @remote_write: remote write, which carries local write with it
 * @sink: the memory takes the data of RDMA reads
 *
 * Context: any.
 * Return: IB_ACCESS_*.
 */
int ndk_mr_access(struct ndk_mr *mr, bool write, bool remote_read,
		  bool remote_write, bool sink)
{
	int access = 0;

	if (write || sink)
		access |= IB_ACCESS_LOCAL_WRITE;
	if (remote_read)
		access |= IB_ACCESS_REMOTE_READ;
	if (remote_write)
		access |= IB_ACCESS_LOCAL_WRITE | IB_ACCESS_REMOTE_WRITE;
	/* On iWARP a read response is a remote write. */
	if (sink && !(mr->obj.dev->info.AdapterFlags &
		      NDK_ADAPTER_FLAG_RDMA_READ_SINK_NOT_REQUIRED))
		access |= IB_ACCESS_REMOTE_WRITE;
	return access;
}

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
		ndk_mr_normal_release(mr);
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
