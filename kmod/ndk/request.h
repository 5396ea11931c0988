/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asynchronous requests on one object, served in the order they were made.
 */
#ifndef _NDK_REQUEST_H
#define _NDK_REQUEST_H

#include "object.h"

/**
 * struct ndk_request - a request that answered STATUS_PENDING
 * @node: in the object's list
 * @obj: the object; the request holds a reference until its callback returned
 * @run: does the work in process context and returns the final status, or
 *	STATUS_PENDING when ndk_request_finish() or ndk_request_again() is
 *	called elsewhere, before or after @run returns; nothing else of the
 *	object is served meanwhile. Not
 *	called when the object is being closed: then the request ends with
 *	STATUS_CANCELLED and @cancel is called if there is one
 * @cancel: undoes what accepting the request changed; optional
 * @free: gives the record back before the callback is made, so that the
 *	callback finds it free for the next request
 * @fn: the consumer's callback
 * @ctx: its context
 */
struct ndk_request {
	struct list_head node;
	struct ndk_object *obj;
	NTSTATUS (*run)(struct ndk_request *rq);
	void (*cancel)(struct ndk_request *rq);
	void (*free)(struct ndk_request *rq);
	NDK_FN_REQUEST_COMPLETION fn;
	void *ctx;
};

void ndk_request_init(struct ndk_object *obj);
void ndk_request_submit(struct ndk_object *obj, struct ndk_request *rq);
void ndk_request_complete(struct ndk_request *rq, NTSTATUS status);
void ndk_request_finish(struct ndk_request *rq, NTSTATUS status);
void ndk_request_again(struct ndk_request *rq);

#endif /* _NDK_REQUEST_H */
