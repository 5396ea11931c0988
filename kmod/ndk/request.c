// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asynchronous requests on one object, served in the order they were made.
 */
#include "request.h"
#include "trace.h"

/**
 * ndk_request_submit() - accept a request; its object's worker will serve it
 * @obj: the object
 * @rq: the request, filled but for @node and @obj
 *
 * The callback may run before this returns.
 *
 * Context: any; the caller holds a reference on @obj (or is inside a call on
 * it) and touches neither @rq nor @obj afterwards on its account.
 */
void ndk_request_submit(struct ndk_object *obj, struct ndk_request *rq)
{
	unsigned long flags;

	rq->obj = obj;
	ndk_object_get(obj);
	trace_ndk_request(obj);

	spin_lock_irqsave(&obj->lock, flags);
	list_add_tail(&rq->node, &obj->requests);
	if (!obj->serving) {
		obj->serving = true;
		ndk_object_get(obj);
		ndk_work_queue(&obj->request_work);
	}
	spin_unlock_irqrestore(&obj->lock, flags);
}

/**
 * ndk_request_complete() - end a request: free its record, call back, let go
 * @rq: the request, not from an object's list; gone when this returns
 * @status: final status, not STATUS_PENDING
 *
 * Context: process or softirq, no lock held.
 */
void ndk_request_complete(struct ndk_request *rq, NTSTATUS status)
{
	NDK_FN_REQUEST_COMPLETION fn = rq->fn;
	struct ndk_object *obj = rq->obj;
	void *ctx = rq->ctx;

	trace_ndk_request_done(obj, status);
	if (rq->free)
		rq->free(rq);
	if (fn)
		fn(ctx, status);
	ndk_object_put(obj);
}

static struct ndk_request *ndk_request_next(struct ndk_object *obj,
					    bool *cancelled)
{
	struct ndk_request *rq;
	unsigned long flags;

	spin_lock_irqsave(&obj->lock, flags);
	rq = list_first_entry_or_null(&obj->requests, struct ndk_request, node);
	if (rq)
		list_del(&rq->node);
	else
		obj->serving = false;
	*cancelled = obj->closing;
	spin_unlock_irqrestore(&obj->lock, flags);
	return rq;
}

/**
 * ndk_request_finish() - end a request that is served elsewhere
 * @rq: the request, whose run() has returned STATUS_PENDING; gone when this
 *	returns
 * @status: final status, not STATUS_PENDING
 *
 * Only now are the object's other requests served: the worker has left its
 * place, and its reference, to this one.
 *
 * Context: process, no lock held.
 */
void ndk_request_finish(struct ndk_request *rq, NTSTATUS status)
{
	struct ndk_object *obj = rq->obj;

	ndk_request_complete(rq, status);
	ndk_work_queue(&obj->request_work);
}

/**
 * ndk_request_again() - have a request that is served elsewhere served again
 * @rq: the request, whose run() has returned STATUS_PENDING, or is about to
 *
 * It comes first, before all that were made later, and is cancelled if its
 * object is being closed. The worker has left its place, and its reference, to
 * this request, and gets both back.
 *
 * Context: any, with the lock of the request's object held.
 */
void ndk_request_again(struct ndk_request *rq)
{
	struct ndk_object *obj = rq->obj;

	lockdep_assert_held(&obj->lock);
	list_add(&rq->node, &obj->requests);
	ndk_work_queue(&obj->request_work);
}

/* Serves until there are none; holds a reference. */
static void ndk_request_work(struct ndk_work *work)
{
	struct ndk_object *obj = container_of(work, struct ndk_object,
					      request_work);
	struct ndk_request *rq;
	NTSTATUS status;
	bool cancelled;

	while ((rq = ndk_request_next(obj, &cancelled))) {
		if (cancelled) {
			if (rq->cancel)
				rq->cancel(rq);
			status = STATUS_CANCELLED;
		} else {
			status = rq->run(rq);
		}
		/* Then ndk_request_finish() goes on here, maybe by now. */
		if (status == STATUS_PENDING)
			return;
		ndk_request_complete(rq, status);
	}
	ndk_object_put(obj);
}

/**
 * ndk_request_init() - an object may have asynchronous requests
 * @obj: the object, initialised and not yet known to anybody
 *
 * Context: any.
 */
void ndk_request_init(struct ndk_object *obj)
{
	INIT_LIST_HEAD(&obj->requests);
	ndk_work_init(&obj->request_work, ndk_request_work);
}
