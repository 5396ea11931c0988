// SPDX-License-Identifier: GPL-2.0-only
/*
 * References, creation and close, the same for every object.
 */
#include <linux/module.h>

#include "adapter.h"
#include "device.h"
#include "object.h"
#include "slow_close.h"
#include "trace.h"

static atomic64_t ndk_object_ids = ATOMIC64_INIT(0);

/*
 * Locks of different types have different places in the order: an MR's is held
 * while its driver takes locks of its own, and under such a one a driver may say
 * that a CQ is lost, under whose lock its QPs' locks are taken.
 */
static struct lock_class_key ndk_object_lock_keys[NdkObjectTypeMax];

/**
 * ndk_object_init() - make the common part of a new, zeroed object
 * @obj: the object
 * @ops: of its type
 * @adapter: the adapter it descends from
 * @dispatch: the table to hand out
 *
 * The caller holds the first reference, which becomes the creator's.
 *
 * Context: any.
 */
void ndk_object_init(struct ndk_object *obj, const struct ndk_object_ops *ops,
		     struct ndk_adapter *adapter, const void *dispatch)
{
	obj->ops = ops;
	obj->adapter = adapter;
	obj->dev = adapter->dev;
	obj->id = atomic64_inc_return(&ndk_object_ids);
	obj->pub.header.Version = adapter->version;
	obj->pub.header.ObjectType = ops->type;
	obj->pub.adapter.Dispatch = dispatch;
	refcount_set(&obj->refs, 1);
	spin_lock_init(&obj->lock);
	lockdep_set_class(&obj->lock, &ndk_object_lock_keys[ops->type]);
	INIT_LIST_HEAD(&obj->node);
}

/**
 * ndk_object_add_antecedent() - @obj needs @antecedent from now on
 * @obj: the successor
 * @antecedent: gets a reference, dropped after @obj's close callback returned
 *
 * Context: any; the caller serialises calls for one @obj.
 */
void ndk_object_add_antecedent(struct ndk_object *obj,
			       struct ndk_object *antecedent)
{
	unsigned int i;

	for (i = 0; i < NDK_MAX_ANTECEDENTS; i++) {
		if (obj->antecedents[i])
			continue;
		ndk_object_get(antecedent);
		obj->antecedents[i] = antecedent;
		return;
	}
	WARN_ON_ONCE(1);
}

static void ndk_object_put_antecedents(struct ndk_object **antecedents)
{
	unsigned int i;

	for (i = 0; i < NDK_MAX_ANTECEDENTS; i++) {
		if (antecedents[i])
			ndk_object_put(antecedents[i]);
		antecedents[i] = NULL;
	}
}

static void ndk_object_destroy(struct ndk_work *work)
{
	struct ndk_object *obj = container_of(work, struct ndk_object, work);
	struct ndk_object *antecedents[NDK_MAX_ANTECEDENTS];

	ndk_device_release(obj);
	if (obj->closing)
		atomic_dec(&obj->dev->closing);

	trace_ndk_closed(obj);
	if (obj->close_fn)
		obj->close_fn(obj->close_ctx);

	memcpy(antecedents, obj->antecedents, sizeof(antecedents));
	obj->ops->free(obj);

	/*
	 * Only now: an antecedent's close callback may run as soon as its
	 * count drops, and it must not overtake the callback above.
	 */
	ndk_object_put_antecedents(antecedents);
}

/**
 * ndk_object_put() - drop a reference; the last one starts the destruction
 * @obj: not to be touched afterwards
 *
 * Context: any.
 */
void ndk_object_put(struct ndk_object *obj)
{
	if (!refcount_dec_and_test(&obj->refs))
		return;

	/* An adapter has no worker: its closer waits for this. */
	if (obj->ops->type == NdkObjectTypeAdapter) {
		obj->ops->free(obj);
		return;
	}
	ndk_work_init(&obj->work, ndk_object_destroy);
	ndk_work_queue(&obj->work);
}

static void ndk_object_create_work(struct ndk_work *work)
{
	struct ndk_object *obj = container_of(work, struct ndk_object, work);
	NTSTATUS status;
	int idx;

	if (ndk_device_enter(obj->dev, &idx)) {
		/*
		 * Linked first, so that removal finds what is made here even
		 * when making it failed half way.
		 */
		ndk_device_link(obj);
		status = obj->ops->create_hw(obj);
		ndk_device_leave(obj->dev, idx);
	} else {
		status = ndk_refuse(ndk_object_parent(obj),
				    STATUS_DEVICE_REMOVED, NULL, 0, 0);
	}

	trace_ndk_create(obj, status);
	if (status) {
		obj->create_fn(obj->create_ctx, status, NULL);
		ndk_object_discard(obj);
		return;
	}

	/* The callback may close the object and the close may be quick. */
	ndk_object_get(obj);
	obj->create_fn(obj->create_ctx, STATUS_SUCCESS, &obj->pub.header);
	ndk_object_put(obj);
}

/**
 * ndk_object_create() - finish an initialised object's creation in the worker
 * @obj: the object, with its antecedents added
 * @fn: create callback
 * @ctx: its context
 *
 * Context: any. The object belongs to the worker and then to the consumer.
 * Return: STATUS_PENDING.
 */
NTSTATUS ndk_object_create(struct ndk_object *obj, NDK_FN_CREATE_COMPLETION fn,
			   void *ctx)
{
	obj->create_fn = fn;
	obj->create_ctx = ctx;
	ndk_work_init(&obj->work, ndk_object_create_work);
	ndk_work_queue(&obj->work);
	return STATUS_PENDING;
}

/**
 * ndk_object_publish() - finish creation inline, for objects without hardware
 * @obj: the object, with its antecedents added; consumed on failure
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_object_publish(struct ndk_object *obj)
{
	int idx;

	if (!ndk_device_enter(obj->dev, &idx)) {
		trace_ndk_create(obj, STATUS_DEVICE_REMOVED);
		ndk_object_discard(obj);
		return STATUS_DEVICE_REMOVED;
	}
	ndk_device_link(obj);
	ndk_device_leave(obj->dev, idx);
	trace_ndk_create(obj, STATUS_SUCCESS);
	return STATUS_SUCCESS;
}

/**
 * ndk_object_discard() - give up an object that the consumer never got
 * @obj: the object; the creator's reference is dropped
 *
 * Context: any.
 */
void ndk_object_discard(struct ndk_object *obj)
{
	ndk_object_put(obj);
}

static void ndk_object_closed_quietly(PVOID context)
{
}

/**
 * ndk_object_close() - NDK_FN_CLOSE_OBJECT of every type
 * @header: the object's header
 * @fn: close callback, the last one ever made for the object
 * @ctx: its context
 *
 * Starts the cancellation of what is pending on the object and drops the
 * creator's reference. Closing never fails and may come in any order.
 *
 * Context: any, also from inside the object's own callbacks.
 * Return: STATUS_PENDING.
 */
NTSTATUS ndk_object_close(NDK_OBJECT_HEADER *header,
			  NDK_FN_CLOSE_COMPLETION fn, PVOID ctx)
{
	struct ndk_object *obj = to_ndk_object(header);
	unsigned long flags;
	bool again;

	spin_lock_irqsave(&obj->lock, flags);
	again = obj->closing;
	if (!again) {
		obj->close_fn = fn ?: ndk_object_closed_quietly;
		obj->close_ctx = ctx;
		obj->closed_at = jiffies;
		/* Whoever looks for slow closes has no lock of ours. */
		smp_store_release(&obj->closing, true);
	}
	spin_unlock_irqrestore(&obj->lock, flags);

	/* Closed twice while still there: the second one is a mistake. */
	if (WARN_ONCE(again, "ndk: object closed twice by its consumer\n"))
		return STATUS_PENDING;

	trace_ndk_close(obj);
	ndk_slow_close_begin(obj);
	if (obj->ops->cancel)
		obj->ops->cancel(obj);
	ndk_object_put(obj);
	return STATUS_PENDING;
}
