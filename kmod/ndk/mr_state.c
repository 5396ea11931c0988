// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory regions: what both kinds are made of, their state, tokens and records.
 */
#include <linux/slab.h>

#include "device.h"
#include "mr.h"
#include "pd.h"
#include "trace.h"

/* What a state is called when it is the reason of a refusal. */
const char * const ndk_mr_state_fault[] = {
	[NDK_MR_CREATED] = NDK_REASON("state (created)"),
	[NDK_MR_INITIALISING] = NDK_REASON("state (initialising)"),
	[NDK_MR_INVALID] = NDK_REASON("state (invalid)"),
	[NDK_MR_REGISTERING] = NDK_REASON("state (registering)"),
	[NDK_MR_VALID] = NDK_REASON("state (registered)"),
	[NDK_MR_INVALIDATING] = NDK_REASON("state (invalidating)"),
	[NDK_MR_DEREGISTERING] = NDK_REASON("state (deregistering)"),
	[NDK_MR_STALE] = NDK_REASON("state (stale: initialise anew)"),
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
