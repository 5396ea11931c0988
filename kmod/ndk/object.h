/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every NDK object has: the published part, references, close.
 *
 * One reference count decides an object's life. A reference is held by the
 * creator until it closes the object, by each child and each successor, by each
 * pending request and by each callback that is running. When the last one is
 * dropped a worker tears the hardware part down, calls the close callback and
 * only after that returned drops the references that the object itself held on
 * its antecedents. So an antecedent's close can never complete while a
 * successor's close callback is still inside the consumer.
 *
 * Instances of one adapter are one device, and their objects may use each
 * other: an antecedent of another instance keeps that one open.
 */
#ifndef _NDK_OBJECT_H
#define _NDK_OBJECT_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <ndk/ndkpi.h>
#include <ndk/provider.h>

#include "refusal.h"
#include "work.h"

struct ndk_adapter;
struct ndk_device;
struct ndk_object;

/* Most antecedents an object can have: a QP has its PD and two CQs. */
#define NDK_MAX_ANTECEDENTS	3

/* Order in which removal tears objects down: successors before antecedents. */
enum {
	NDK_TEARDOWN_CONNECTION,
	NDK_TEARDOWN_QP,
	NDK_TEARDOWN_MR,
	NDK_TEARDOWN_CQ,
	NDK_TEARDOWN_PD,
	NDK_TEARDOWN_ORDERS,
};

/**
 * union ndk_public - the published part, all of one layout
 * @header: common beginning
 * @adapter: as NDK_ADAPTER
 * @pd: as NDK_PD
 * @cq: as NDK_CQ
 * @qp: as NDK_QP
 * @mr: as NDK_MR
 * @listener: as NDK_LISTENER
 * @connector: as NDK_CONNECTOR
 *
 * The consumer may replace the Dispatch pointer in it, so it is written once at
 * creation and never read.
 */
union ndk_public {
	NDK_OBJECT_HEADER header;
	NDK_ADAPTER adapter;
	NDK_PD pd;
	NDK_CQ cq;
	NDK_QP qp;
	NDK_MR mr;
	NDK_LISTENER listener;
	NDK_CONNECTOR connector;
};

/**
 * struct ndk_object_ops - what differs between types
 * @type: published type
 * @teardown_order: NDK_TEARDOWN_*
 * @cancel: the close was asked for: start whatever ends pending requests; any
 *	context, must not sleep; optional
 * @create_hw: allocate what lies behind the object; process context, inside a
 *	device section; says on the parent why it fails; optional
 * @stop_hw: in removal, before @release_hw of any object of this order: begin
 *	what that will wait for; process context; must cope with a half-made
 *	object; optional
 * @release_hw: free every ib_core object behind it; process context; must cope
 *	with a half-made object and with being the only call that ever comes;
 *	optional
 * @free: free the memory; process context
 */
struct ndk_object_ops {
	NDK_OBJECT_TYPE type;
	int teardown_order;
	void (*cancel)(struct ndk_object *obj);
	NTSTATUS (*create_hw)(struct ndk_object *obj);
	void (*stop_hw)(struct ndk_object *obj);
	void (*release_hw)(struct ndk_object *obj);
	void (*free)(struct ndk_object *obj);
};

/**
 * struct ndk_object - common part, first in every private object
 * @pub: what the consumer sees; first, so that both have one address
 * @ops: of the type
 * @adapter: the open adapter instance it descends from (itself for adapters)
 * @dev: the adapter's device
 * @id: names it in trace events; of no other object of the module's life
 * @refs: see the top of this file
 * @closing: set once by close, under @lock
 * @slow_told: a message has named it as one whose close waits
 * @closed_at: jiffies when @closing was set
 * @antecedents: referenced objects, dropped after the close callback returned
 * @node: in @dev's list of objects, for removal; under the device's lock
 * @work: runs the creation, then never again until it runs the destruction
 * @create_fn: owed when creation answered STATUS_PENDING
 * @create_ctx: its context
 * @close_fn: owed when close answered STATUS_PENDING
 * @close_ctx: its context
 * @lock: guards @requests, @serving, @closing, @refusal and the state of the
 *	object where its own header says so; irqsave, taken inside a QP's
 *	queue lock, and that of a QP inside a CQ's; a lock class for each type
 * @requests: asynchronous requests waiting for the worker, oldest first; this
 *	and the next two only of what ndk_request_init() was called for
 * @serving: @request_work is queued or running, or a request that it began is
 *	served elsewhere; whichever it is holds a reference
 * @request_work: serves @requests one after another
 * @refusal: why the last refused request was refused
 */
struct ndk_object {
	union ndk_public pub;
	const struct ndk_object_ops *ops;
	struct ndk_adapter *adapter;
	struct ndk_device *dev;
	u64 id;
	refcount_t refs;
	bool closing;
	bool slow_told;
	unsigned long closed_at;
	struct ndk_object *antecedents[NDK_MAX_ANTECEDENTS];
	struct list_head node;
	struct ndk_work work;
	NDK_FN_CREATE_COMPLETION create_fn;
	void *create_ctx;
	NDK_FN_CLOSE_COMPLETION close_fn;
	void *close_ctx;
	spinlock_t lock;
	struct list_head requests;
	bool serving;
	struct ndk_work request_work;
	struct ndk_refusal refusal;
};

static inline struct ndk_object *to_ndk_object(NDK_OBJECT_HEADER *header)
{
	return container_of(header, struct ndk_object, pub.header);
}

void ndk_object_init(struct ndk_object *obj, const struct ndk_object_ops *ops,
		     struct ndk_adapter *adapter, const void *dispatch);
void ndk_object_add_antecedent(struct ndk_object *obj,
			       struct ndk_object *antecedent);

static inline void ndk_object_get(struct ndk_object *obj)
{
	refcount_inc(&obj->refs);
}

/* For weak pointers: false when the object is already being destroyed. */
static inline bool ndk_object_tryget(struct ndk_object *obj)
{
	return refcount_inc_not_zero(&obj->refs);
}

void ndk_object_put(struct ndk_object *obj);

/* Who has created it, and is asked why that failed: the first antecedent. */
static inline struct ndk_object *ndk_object_parent(struct ndk_object *obj)
{
	return obj->antecedents[0];
}

NTSTATUS ndk_object_create(struct ndk_object *obj, NDK_FN_CREATE_COMPLETION fn,
			   void *ctx);
NTSTATUS ndk_object_publish(struct ndk_object *obj);
void ndk_object_discard(struct ndk_object *obj);

NTSTATUS ndk_object_close(NDK_OBJECT_HEADER *header,
			  NDK_FN_CLOSE_COMPLETION fn, PVOID ctx);

#endif /* _NDK_OBJECT_H */
