// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects, their ids, and how they are closed.
 *
 * An id is reserved before NDKPI is asked and becomes visible once the object
 * is there. A close takes the id away; when the last call that is using the
 * object has returned, the NDKPI close is issued, and when that has completed
 * the object is gone.
 */
#include <linux/slab.h>

#include "ctl.h"

static void ndk_ctl_object_work(struct work_struct *work)
{
	struct ndk_ctl_object *obj;

	obj = container_of(work, struct ndk_ctl_object, work);
	obj->type->close(obj);
}

static void ndk_ctl_object_free(struct kref *ref)
{
	const struct ndk_ctl_type *type;
	struct ndk_ctl_object *obj;
	struct ndk_ctl_file *file;

	obj = container_of(ref, struct ndk_ctl_object, ref);
	file = obj->file;
	type = obj->type;
	if (type->free)
		type->free(obj);
	kfree(obj);
	ndk_ctl_file_put_object(file, type);
}

/**
 * ndk_ctl_object_ref() - keep the struct
 * @obj: the object
 */
void ndk_ctl_object_ref(struct ndk_ctl_object *obj)
{
	kref_get(&obj->ref);
}

/**
 * ndk_ctl_object_unref() - let go of the struct
 * @obj: the object
 *
 * Context: any.
 */
void ndk_ctl_object_unref(struct ndk_ctl_object *obj)
{
	kref_put(&obj->ref, ndk_ctl_object_free);
}

/*
 * Give an object an id that nobody can look up yet. Ids go round, so that one is
 * not used again soon.
 */
static int ndk_ctl_object_reserve(struct ndk_ctl_object *obj, gfp_t gfp)
{
	struct ndk_ctl_file *file = obj->file;
	unsigned long flags;
	int ret;

	if (gfpflags_allow_blocking(gfp)) {
		ret = xa_alloc_cyclic_irq(&file->objects, &obj->id, NULL,
					  XA_LIMIT(1, INT_MAX), &file->next_id,
					  gfp);
	} else {
		xa_lock_irqsave(&file->objects, flags);
		ret = __xa_alloc_cyclic(&file->objects, &obj->id, NULL,
					XA_LIMIT(1, INT_MAX), &file->next_id,
					gfp);
		xa_unlock_irqrestore(&file->objects, flags);
	}
	if (ret < 0) {
		obj->id = 0;
		return ret;
	}
	return 0;
}

/**
 * ndk_ctl_object_publish() - make the reserved id visible
 * @obj: the object, complete
 *
 * The reservation has the memory already, so this cannot fail.
 *
 * Context: any.
 */
void ndk_ctl_object_publish(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_file *file = obj->file;
	unsigned long flags;

	/* The releaser looks for it as soon as it is counted. */
	xa_lock_irqsave(&file->objects, flags);
	__xa_store(&file->objects, obj->id, obj, 0);
	xa_unlock_irqrestore(&file->objects, flags);

	spin_lock_irqsave(&file->lock, flags);
	file->visible++;
	wake_up_all(&file->wait);
	spin_unlock_irqrestore(&file->lock, flags);
}

/**
 * ndk_ctl_object_abort() - undo an object that never was
 * @obj: not published
 *
 * Context: any.
 */
void ndk_ctl_object_abort(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_object *adapter = obj->adapter;
	struct ndk_ctl_file *file = obj->file;
	unsigned long flags;

	if (obj->id) {
		xa_lock_irqsave(&file->objects, flags);
		__xa_erase(&file->objects, obj->id);
		xa_unlock_irqrestore(&file->objects, flags);
	}
	if (adapter)
		ndk_ctl_object_put(adapter);
	ndk_ctl_object_unref(obj);
}

/**
 * ndk_ctl_object_alloc() - make an object, with an id that is not visible yet
 * @file: the file that will own it
 * @type: its type
 * @adapter: the adapter it comes from, or NULL
 * @gfp: how to allocate; GFP_NOWAIT in softirq
 *
 * Return: the object, all else zero; ERR_PTR(-EMFILE) if the file has too many,
 * ERR_PTR(-EDQUOT) if it has too many of this type, or ERR_PTR(-ENOMEM).
 */
struct ndk_ctl_object *ndk_ctl_object_alloc(struct ndk_ctl_file *file,
					    const struct ndk_ctl_type *type,
					    struct ndk_ctl_object *adapter,
					    gfp_t gfp)
{
	struct ndk_ctl_object *obj;
	int ret;

	ret = ndk_ctl_file_get_object(file, type);
	if (ret)
		return ERR_PTR(ret);
	obj = kzalloc(type->size, gfp);
	if (!obj) {
		ndk_ctl_file_put_object(file, type);
		return ERR_PTR(-ENOMEM);
	}
	obj->file = file;
	obj->type = type;
	refcount_set(&obj->users, 1);
	kref_init(&obj->ref);
	INIT_WORK(&obj->work, ndk_ctl_object_work);
	if (adapter) {
		refcount_inc(&adapter->users);
		obj->adapter = adapter;
		obj->diag = adapter->diag;
	}
	ret = ndk_ctl_object_reserve(obj, gfp);
	if (ret) {
		ndk_ctl_object_abort(obj);
		return ERR_PTR(ret);
	}
	return obj;
}

/**
 * ndk_ctl_object_make() - ndk_ctl_object_alloc() for a caller
 * @call: the command
 * @type: what to make
 * @adapter: the adapter it comes from, or NULL
 *
 * Return: the object, or an ERR_PTR.
 */
struct ndk_ctl_object *ndk_ctl_object_make(struct ndk_ctl_call *call,
					   const struct ndk_ctl_type *type,
					   struct ndk_ctl_object *adapter)
{
	struct ndk_ctl_object *obj;

	obj = ndk_ctl_object_alloc(call->file, type, adapter,
				   GFP_KERNEL_ACCOUNT);
	if (obj == ERR_PTR(-EMFILE))
		ndk_ctl_refuse(call, -EMFILE, "objects of the file",
			       NDK_OBJECTS_MAX, NDK_OBJECTS_MAX);
	if (obj == ERR_PTR(-EDQUOT))
		return ERR_PTR(ndk_ctl_refuse(call, -EMFILE, type->limit,
					      type->max, type->max));
	return obj;
}

/* The id is gone; this drops its user. */
static void ndk_ctl_object_hidden(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_file *file = obj->file;

	spin_lock_irq(&file->lock);
	file->visible--;
	spin_unlock_irq(&file->lock);
	ndk_ctl_object_put(obj);
}

/**
 * ndk_ctl_object_lookup() - find an object and keep it from being closed
 * @file: the file
 * @id: its id
 * @kind: what it must be, 0 for anything
 *
 * Return: the object, to be put; ERR_PTR(-ENOENT) or ERR_PTR(-EINVAL).
 */
struct ndk_ctl_object *ndk_ctl_object_lookup(struct ndk_ctl_file *file, u32 id,
					     u32 kind)
{
	struct ndk_ctl_object *obj;

	xa_lock_irq(&file->objects);
	obj = xa_load(&file->objects, id);
	if (!obj)
		obj = ERR_PTR(-ENOENT);
	else if (kind && obj->type->kind != kind)
		obj = ERR_PTR(-EINVAL);
	else
		refcount_inc(&obj->users);
	xa_unlock_irq(&file->objects);
	return obj;
}

/**
 * ndk_ctl_object_get() - find an object for the time of a call
 * @call: the call; lets go of it when it is over or waits
 * @member: name of the member that has the id
 * @id: its id
 * @kind: what it must be, 0 for anything
 *
 * Return: the object, or an ERR_PTR; then @call says why.
 */
struct ndk_ctl_object *ndk_ctl_object_get(struct ndk_ctl_call *call,
					  const char *member, u32 id, u32 kind)
{
	struct ndk_ctl_object *obj;

	obj = ndk_ctl_object_lookup(call->file, id, kind);
	if (IS_ERR(obj)) {
		ndk_ctl_refuse(call, PTR_ERR(obj), member, id, 0);
		return obj;
	}
	call->held[call->nheld++] = obj;
	return obj;
}

/**
 * ndk_ctl_object_put() - let it be closed
 * @obj: the object
 *
 * Context: any: what sleeps is left to a worker, and closes of NDKPI do not.
 */
void ndk_ctl_object_put(struct ndk_ctl_object *obj)
{
	if (!refcount_dec_and_test(&obj->users))
		return;
	if (obj->type->close_sleeps)
		queue_work(ndk_ctl_wq, &obj->work);
	else
		obj->type->close(obj);
}

/**
 * ndk_ctl_object_closed() - the close has completed
 * @obj: the object; must not be touched afterwards
 *
 * Context: any.
 */
void ndk_ctl_object_closed(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_object *adapter = obj->adapter;
	struct ndk_ctl_request *closer = obj->closer;

	if (obj->type->closed)
		obj->type->closed(obj);
	/* First: who hears of the close may count on the room. */
	ndk_ctl_object_unref(obj);
	if (closer)
		ndk_ctl_request_done(closer, STATUS_SUCCESS);
	if (adapter)
		ndk_ctl_object_put(adapter);
}

/**
 * ndk_ctl_object_close_done() - NDK_FN_CLOSE_COMPLETION of all objects
 * @context: the object
 */
void ndk_ctl_object_close_done(PVOID context)
{
	ndk_ctl_object_closed(context);
}

/**
 * ndk_ctl_object_close_ndk() - the close of all types that need nothing else
 * @obj: the object
 * @close: closes the object behind it
 */
void ndk_ctl_object_close_ndk(struct ndk_ctl_object *obj,
			      NDK_FN_CLOSE_OBJECT close)
{
	if (close(obj->ndk, ndk_ctl_object_close_done, obj) != STATUS_PENDING)
		ndk_ctl_object_closed(obj);
}

/**
 * ndk_ctl_object_sweep() - close everything that has an id
 * @file: the file; no call is in progress on it
 */
void ndk_ctl_object_sweep(struct ndk_ctl_file *file)
{
	struct ndk_ctl_object *obj;
	unsigned long id;

	xa_for_each(&file->objects, id, obj) {
		xa_erase_irq(&file->objects, id);
		ndk_ctl_object_hidden(obj);
	}
}

/* Memory and mappings are not closed under those that use them. */
static bool ndk_ctl_object_is_memory(const struct ndk_ctl_object *obj)
{
	return obj->type->kind == NDK_KIND_MEMORY ||
	       obj->type->kind == NDK_KIND_LAM;
}

/**
 * ndk_ctl_object_close() - close an object for a caller
 * @call: the command
 * @id: its id
 * @kind: NDK_KIND_MEMORY, NDK_KIND_LAM, or 0 for anything else
 *
 * Return: 0 or an errno.
 */
int ndk_ctl_object_close(struct ndk_ctl_call *call, u32 id, u32 kind)
{
	struct ndk_ctl_file *file = call->file;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	unsigned int uses = 0;
	int ret = 0;

	req = ndk_ctl_request_alloc(call, NULL);
	if (IS_ERR(req))
		return PTR_ERR(req);

	xa_lock_irq(&file->objects);
	obj = xa_load(&file->objects, id);
	if (!obj) {
		ret = -ENOENT;
	} else if (kind ? obj->type->kind != kind :
			  ndk_ctl_object_is_memory(obj)) {
		ret = -EINVAL;
	} else if (kind && refcount_read(&obj->users) > 1) {
		uses = refcount_read(&obj->users) - 1;
		ret = -EBUSY;
	} else {
		__xa_erase(&file->objects, id);
		obj->closer = req;
		req->event.data.object_id = id;
		req->event.data.object_kind = obj->type->kind;
	}
	xa_unlock_irq(&file->objects);
	if (ret) {
		ndk_ctl_request_free(req);
		if (ret == -EBUSY)
			return ndk_ctl_refuse(call, ret, "uses of id", uses, 0);
		return ndk_ctl_refuse(call, ret, "id", id, 0);
	}
	ndk_ctl_object_hidden(obj);
	return ndk_ctl_request_settle(call, req, STATUS_PENDING);
}
