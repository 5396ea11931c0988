// SPDX-License-Identifier: GPL-2.0-only
/*
 * What memory an MR keeps from being unpinned, and what LAM from being released.
 *
 * Both are held from before NDKPI is asked to register them. A normal
 * registration holds the memory and lets go when it was deregistered. A fast one
 * holds the LAM, by whose addresses the device reaches the memory. It may end in
 * ways that are not seen here (silently, or by the peer), so the provider is
 * asked when somebody wants memory or LAM back. Closing the MR ends everything.
 */
#include <linux/list.h>
#include <linux/slab.h>

#include "mr.h"

static void ndk_ctl_holds_free(struct list_head *holds)
{
	struct ndk_ctl_hold *hold, *next;

	list_for_each_entry_safe(hold, next, holds, node) {
		ndk_ctl_object_put(hold->kept);
		kfree(hold);
	}
}

static struct ndk_ctl_hold *
ndk_ctl_mr_find_fast(struct ndk_ctl_mr *mr, const struct ndk_ctl_object *lam)
{
	struct ndk_ctl_hold *hold;

	list_for_each_entry(hold, &mr->holds, node)
		if (hold->fast && hold->kept == lam)
			return hold;
	return NULL;
}

/**
 * ndk_ctl_mr_hold() - hold what is about to be registered
 * @mr: the MR
 * @kept: the memory or, if @fast, the LAM; used by the caller
 * @fast: by fast registration
 *
 * Return: the hold, for ndk_ctl_mr_held(), or NULL.
 */
struct ndk_ctl_hold *ndk_ctl_mr_hold(struct ndk_ctl_mr *mr,
				     struct ndk_ctl_object *kept, bool fast)
{
	struct ndk_ctl_hold *new, *hold = NULL;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;

	spin_lock_irq(&mr->lock);
	if (fast)
		hold = ndk_ctl_mr_find_fast(mr, kept);
	if (!hold) {
		hold = new;
		new = NULL;
		refcount_inc(&kept->users);
		hold->kept = kept;
		hold->fast = fast;
		list_add_tail(&hold->node, &mr->holds);
	}
	hold->busy++;
	hold->seq = ++mr->seq;
	spin_unlock_irq(&mr->lock);
	kfree(new);
	return hold;
}

/**
 * ndk_ctl_mr_held() - the registration was accepted, or not
 * @mr: the MR
 * @hold: from ndk_ctl_mr_hold()
 * @registered: whether the memory may be reached now
 *
 * A fast registration is accepted by a region that no initialisation is at work
 * on, and then no initialisation is accepted. So what was numbered until now has
 * ended before this one, even if that is noted only later, and must not let go
 * of it. Normal registrations keep their number: a deregistration may have been
 * accepted before it was noted that the registration was.
 *
 * Context: any.
 */
void ndk_ctl_mr_held(struct ndk_ctl_mr *mr, struct ndk_ctl_hold *hold,
		     bool registered)
{
	unsigned long flags;
	LIST_HEAD(gone);

	spin_lock_irqsave(&mr->lock, flags);
	hold->busy--;
	hold->used |= registered;
	if (registered && hold->fast)
		hold->seq = ++mr->seq;
	if (!hold->used && !hold->busy)
		list_move(&hold->node, &gone);
	spin_unlock_irqrestore(&mr->lock, flags);
	ndk_ctl_holds_free(&gone);
}

/**
 * ndk_ctl_mr_seq() - number a request that will release
 * @mr: the MR
 *
 * Return: for ndk_ctl_mr_release().
 */
u64 ndk_ctl_mr_seq(struct ndk_ctl_mr *mr)
{
	u64 seq;

	spin_lock_irq(&mr->lock);
	seq = ++mr->seq;
	spin_unlock_irq(&mr->lock);
	return seq;
}

/**
 * ndk_ctl_mr_release() - let go of what was registered up to some request
 * @mr: the MR
 * @fast: fast or normal registrations
 * @seq: the request
 *
 * Context: any.
 */
void ndk_ctl_mr_release(struct ndk_ctl_mr *mr, bool fast, u64 seq)
{
	struct ndk_ctl_hold *hold, *next;
	unsigned long flags;
	LIST_HEAD(gone);

	spin_lock_irqsave(&mr->lock, flags);
	list_for_each_entry_safe(hold, next, &mr->holds, node)
		if (hold->fast == fast && !hold->busy && hold->seq <= seq)
			list_move(&hold->node, &gone);
	spin_unlock_irqrestore(&mr->lock, flags);
	ndk_ctl_holds_free(&gone);
}

/**
 * ndk_ctl_mr_release_all() - the MR is closed
 * @mr: the MR
 *
 * Context: any.
 */
void ndk_ctl_mr_release_all(struct ndk_ctl_mr *mr)
{
	unsigned long flags;
	LIST_HEAD(gone);

	spin_lock_irqsave(&mr->lock, flags);
	list_splice_init(&mr->holds, &gone);
	spin_unlock_irqrestore(&mr->lock, flags);
	ndk_ctl_holds_free(&gone);
}

static void ndk_ctl_mr_reap_one(struct ndk_ctl_object *obj)
{
	const struct ndk_ext_diagnostics *diag = obj->diag;
	struct ndk_ctl_mr *mr = to_mr(obj);
	struct ndk_ctl_hold *hold, *next;
	LIST_HEAD(gone);

	if (!diag || !diag->IsMrIdle)
		return;

	/* Under the lock no registration that counts can be on its way. */
	spin_lock_irq(&mr->lock);
	if (!list_empty(&mr->holds) && diag->IsMrIdle(to_ndk_mr(obj)))
		list_for_each_entry_safe(hold, next, &mr->holds, node)
			if (!hold->busy)
				list_move(&hold->node, &gone);
	spin_unlock_irq(&mr->lock);
	ndk_ctl_holds_free(&gone);
}

static bool ndk_ctl_in_use(struct ndk_ctl_file *file, u32 id)
{
	struct ndk_ctl_object *obj;
	bool used;

	obj = ndk_ctl_object_lookup(file, id, 0);
	if (IS_ERR(obj))
		return false;
	/* One is its id, one was just added here. */
	used = refcount_read(&obj->users) > 2;
	ndk_ctl_object_put(obj);
	return used;
}

/**
 * ndk_ctl_mr_reap() - let go of what no MR of a file reaches any more
 * @file: the file
 * @wanted: id of the memory or LAM that is wanted back; if nothing uses that,
 *	nothing is done, for a file may have many objects
 */
void ndk_ctl_mr_reap(struct ndk_ctl_file *file, u32 wanted)
{
	struct ndk_ctl_object *obj;
	unsigned long id;

	if (!ndk_ctl_in_use(file, wanted))
		return;
	xa_for_each(&file->objects, id, obj) {
		obj = ndk_ctl_object_lookup(file, id, NDK_KIND_MR);
		if (IS_ERR(obj))
			continue;
		ndk_ctl_mr_reap_one(obj);
		ndk_ctl_object_put(obj);
	}
}
