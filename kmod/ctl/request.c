// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that may pend.
 *
 * A request is allocated with its event before NDKPI is asked, so a completion
 * always has somewhere to go. Who waits for it and is interrupted leaves it
 * behind as detached: then the completion is an event.
 */
#include <linux/slab.h>

#include "ctl.h"

static void ndk_ctl_request_event_put(struct ndk_ctl_event *ev)
{
	ndk_ctl_request_free(container_of(ev, struct ndk_ctl_request, event));
}

/**
 * ndk_ctl_request_alloc() - make a request
 * @call: the command that makes it
 * @target: the object it is made on, or NULL
 *
 * Return: the request, or ERR_PTR(-ENOMEM) or ERR_PTR(-EAGAIN).
 */
struct ndk_ctl_request *ndk_ctl_request_alloc(struct ndk_ctl_call *call,
					      struct ndk_ctl_object *target)
{
	struct ndk_ctl_file *file = call->file;
	struct ndk_ctl_request *req;
	bool full;

	req = kzalloc(sizeof(*req), GFP_KERNEL_ACCOUNT);
	if (!req)
		return ERR_PTR(-ENOMEM);

	spin_lock_irq(&file->lock);
	full = file->requests >= NDK_CTL_MAX_REQUESTS;
	if (!full) {
		file->requests++;
		file->live++;
	}
	spin_unlock_irq(&file->lock);
	if (full) {
		kfree(req);
		return ERR_PTR(ndk_ctl_refuse(call, -EAGAIN,
					      "pending requests",
					      NDK_CTL_MAX_REQUESTS,
					      NDK_CTL_MAX_REQUESTS));
	}

	ndk_ctl_event_init(&req->event, NDK_EVENT_COMPLETION,
			   ndk_ctl_request_event_put);
	req->event.data.user_data = call->hdr->user_data;
	req->event.data.command = call->command;
	req->file = file;
	init_completion(&req->done);
	if (target) {
		ndk_ctl_object_ref(target);
		req->target = target;
		req->event.data.object_id = target->id;
		req->event.data.object_kind = target->type->kind;
	}
	return req;
}

/**
 * ndk_ctl_request_on() - make a request on an object that a command names
 * @call: the command that makes it
 * @member: name of the member that has the id
 * @id: the object's id
 * @kind: what it must be
 *
 * Return: the request, whose @target cannot be closed during the call; or an
 * ERR_PTR.
 */
struct ndk_ctl_request *ndk_ctl_request_on(struct ndk_ctl_call *call,
					   const char *member, u32 id, u32 kind)
{
	struct ndk_ctl_object *obj;

	obj = ndk_ctl_object_get(call, member, id, kind);
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	return ndk_ctl_request_alloc(call, obj);
}

/**
 * ndk_ctl_request_free() - free a request that is done or was never made
 * @req: the request
 *
 * Context: any.
 */
void ndk_ctl_request_free(struct ndk_ctl_request *req)
{
	struct ndk_ctl_file *file = req->file;
	unsigned long flags;

	if (req->target)
		ndk_ctl_object_unref(req->target);
	kfree(req->payload);
	kfree(req);

	spin_lock_irqsave(&file->lock, flags);
	file->requests--;
	spin_unlock_irqrestore(&file->lock, flags);
	ndk_ctl_file_put_live(file);
}

/**
 * ndk_ctl_request_done() - a pending request has completed
 * @req: the request; must not be touched afterwards
 * @status: its final status
 *
 * Context: any.
 */
void ndk_ctl_request_done(struct ndk_ctl_request *req, NTSTATUS status)
{
	struct ndk_ctl_request *forgotten = NULL;
	struct ndk_ctl_file *file = req->file;
	unsigned long flags;

	if (!NT_SUCCESS(status) && req->target)
		ndk_ctl_refusal_get(req->target, status,
				    &req->event.data.refusal);
	if (req->finish)
		req->finish(req, status);
	req->event.data.status = status;

	spin_lock_irqsave(&file->lock, flags);
	req->status = status;
	req->is_done = true;
	if (!req->detached)
		complete(&req->done);
	else if (!req->forgotten)
		ndk_ctl_event_add(file, &req->event);
	else
		forgotten = req;
	spin_unlock_irqrestore(&file->lock, flags);
	if (forgotten)
		ndk_ctl_request_free(forgotten);
}

/**
 * ndk_ctl_request_completion() - NDK_FN_REQUEST_COMPLETION of all requests
 * @context: the request
 * @status: its final status
 */
void ndk_ctl_request_completion(PVOID context, NTSTATUS status)
{
	ndk_ctl_request_done(context, status);
}

/**
 * ndk_ctl_request_settle() - give the answer of a request to the caller
 * @call: the command
 * @req: its request; freed here or left behind
 * @status: what NDKPI answered
 *
 * Waits for a pending request unless told not to. A final answer that is there
 * in time is given at once in both cases, and then there is no event.
 *
 * Return: 0 or -EINTR.
 */
int ndk_ctl_request_settle(struct ndk_ctl_call *call,
			   struct ndk_ctl_request *req, NTSTATUS status)
{
	struct ndk_ctl_file *file = call->file;
	bool interrupted = false;

	if (status != STATUS_PENDING)
		ndk_ctl_request_done(req, status);
	ndk_ctl_call_release(call);
	if (!call->may_pend)
		wait_for_completion(&req->done);
	else if (!(call->hdr->flags & NDK_FLAG_ASYNC))
		interrupted = wait_for_completion_interruptible(&req->done);

	spin_lock_irq(&file->lock);
	req->detached = !req->is_done;
	req->forgotten = call->hdr->flags & NDK_FLAG_NO_EVENT;
	if (req->detached) {
		call->hdr->out_status = STATUS_PENDING;
		req = NULL;
	}
	spin_unlock_irq(&file->lock);
	if (!req)
		return interrupted ? -EINTR : 0;

	call->hdr->out_status = req->status;
	call->hdr->out_refusal = req->event.data.refusal;
	ndk_ctl_request_free(req);
	return 0;
}

/**
 * ndk_ctl_create_finish() - an object was created, or not
 * @req: the request
 * @status: how it ended
 *
 * Context: any.
 */
void ndk_ctl_create_finish(struct ndk_ctl_request *req, NTSTATUS status)
{
	struct ndk_ctl_object *obj = req->created;

	if (!NT_SUCCESS(status)) {
		ndk_ctl_object_abort(obj);
		return;
	}
	req->event.data.object_id = obj->id;
	req->event.data.object_kind = obj->type->kind;
	if (obj->type->created)
		obj->type->created(obj);
	ndk_ctl_object_publish(obj);
}

/**
 * ndk_ctl_create_begin() - prepare the creation of an object
 * @call: the command
 * @type: what is to be created
 * @parent: on which object
 *
 * Return: the request, whose @created is the new object with a reserved id, or
 * an ERR_PTR.
 */
struct ndk_ctl_request *ndk_ctl_create_begin(struct ndk_ctl_call *call,
					     const struct ndk_ctl_type *type,
					     struct ndk_ctl_object *parent)
{
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;

	obj = ndk_ctl_object_make(call, type, parent->adapter ?: parent);
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	req = ndk_ctl_request_alloc(call, parent);
	if (IS_ERR(req)) {
		ndk_ctl_object_abort(obj);
		return req;
	}
	req->created = obj;
	req->created_id = obj->id;
	req->finish = ndk_ctl_create_finish;
	return req;
}

/**
 * ndk_ctl_create_completion() - NDK_FN_CREATE_COMPLETION of all creates
 * @context: the request
 * @status: its final status
 * @ndk: the new object, on success
 */
void ndk_ctl_create_completion(PVOID context, NTSTATUS status,
			       NDK_OBJECT_HEADER *ndk)
{
	struct ndk_ctl_request *req = context;

	req->created->ndk = ndk;
	ndk_ctl_request_done(req, status);
}

/**
 * ndk_ctl_create_end() - give the answer of a create to the caller
 * @call: the command
 * @req: from ndk_ctl_create_begin()
 * @status: what NDKPI answered
 * @ndk: the new object, with STATUS_SUCCESS
 * @out_id: the id, on success; else 0
 *
 * Return: 0 or -EINTR.
 */
int ndk_ctl_create_end(struct ndk_ctl_call *call, struct ndk_ctl_request *req,
		       NTSTATUS status, NDK_OBJECT_HEADER *ndk, u32 *out_id)
{
	u32 id = req->created_id;
	int ret;

	if (status != STATUS_PENDING)
		req->created->ndk = ndk;
	ret = ndk_ctl_request_settle(call, req, status);
	*out_id = !ret && call->hdr->out_status == STATUS_SUCCESS ? id : 0;
	return ret;
}
