// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue that read() drains.
 *
 * Every event is part of the request or object that it tells of, so queueing
 * one cannot fail. What can happen again before it was read is merged.
 */
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "ctl.h"

/**
 * ndk_ctl_event_init() - make an event
 * @ev: the event
 * @type: enum ndk_event_type
 * @put: called when it left the queue
 */
void ndk_ctl_event_init(struct ndk_ctl_event *ev, u32 type,
			void (*put)(struct ndk_ctl_event *ev))
{
	INIT_LIST_HEAD(&ev->node);
	ev->data.size = sizeof(ev->data);
	ev->data.type = type;
	ev->put = put;
}

/**
 * ndk_ctl_event_add() - queue an event and wake readers
 * @file: the file, locked
 * @ev: the event, not queued
 */
void ndk_ctl_event_add(struct ndk_ctl_file *file, struct ndk_ctl_event *ev)
{
	lockdep_assert_held(&file->lock);
	list_add_tail(&ev->node, &file->events);
	wake_up_all(&file->wait);
}

/**
 * ndk_ctl_event_notify() - tell of something that happened to an object
 * @obj: the object; the event keeps a reference while it is queued
 * @ev: its event, whose put() drops the reference
 * @status: how it is
 * @count: for value[0]: added to that of the same event if it is still unread
 *
 * Context: any.
 */
void ndk_ctl_event_notify(struct ndk_ctl_object *obj, struct ndk_ctl_event *ev,
			  NTSTATUS status, u64 count)
{
	struct ndk_ctl_file *file = obj->file;
	unsigned long flags;

	spin_lock_irqsave(&file->lock, flags);
	if (list_empty(&ev->node)) {
		ev->obj = obj;
		ev->data.object_id = obj->id;
		ev->data.object_kind = obj->type->kind;
		ev->data.status = status;
		ev->data.value[0] = count;
		ndk_ctl_object_ref(obj);
		ndk_ctl_event_add(file, ev);
	} else {
		ev->data.value[0] += count;
		if (!NT_SUCCESS(status))
			ev->data.status = status;
	}
	spin_unlock_irqrestore(&file->lock, flags);
}

/**
 * ndk_ctl_event_put() - what most events of ndk_ctl_event_notify() put with
 * @ev: the event
 */
void ndk_ctl_event_put(struct ndk_ctl_event *ev)
{
	ndk_ctl_object_unref(ev->obj);
}

/*
 * Copy the first event out. Only one reader is here, and only readers take
 * events off, so it stays the first while it is being copied; but it may be
 * merged with another meanwhile, and then the rest stays queued.
 *
 * Returns 1, 0 if there is none, or -EFAULT.
 */
static int ndk_ctl_event_copy(struct ndk_ctl_file *file, char __user *buf)
{
	struct ndk_ctl_event *ev;
	struct ndk_event data;

	spin_lock_irq(&file->lock);
	ev = list_first_entry_or_null(&file->events, struct ndk_ctl_event,
				      node);
	if (ev)
		data = ev->data;
	spin_unlock_irq(&file->lock);
	if (!ev)
		return 0;

	if (copy_to_user(buf, &data, sizeof(data)))
		return -EFAULT;

	spin_lock_irq(&file->lock);
	if (ev->data.value[0] != data.value[0]) {
		ev->data.value[0] -= data.value[0];
		ev = NULL;
	} else {
		list_del_init(&ev->node);
	}
	spin_unlock_irq(&file->lock);
	if (ev)
		ev->put(ev);
	return 1;
}

static bool ndk_ctl_event_any(struct ndk_ctl_file *file)
{
	bool any;

	spin_lock_irq(&file->lock);
	any = !list_empty(&file->events);
	spin_unlock_irq(&file->lock);
	return any;
}

/**
 * ndk_ctl_event_read() - read whole events
 * @file: the file
 * @buf: where to
 * @count: bytes there
 * @nonblock: do not wait for the first one
 *
 * Return: bytes written, or an errno if nothing was.
 */
ssize_t ndk_ctl_event_read(struct ndk_ctl_file *file, char __user *buf,
			   size_t count, bool nonblock)
{
	ssize_t done = 0;
	int ret;

	if (count < sizeof(struct ndk_event))
		return -EINVAL;

	for (;;) {
		if (mutex_lock_interruptible(&file->read_lock))
			return -ERESTARTSYS;
		do {
			ret = ndk_ctl_event_copy(file, buf + done);
			if (ret <= 0)
				break;
			done += sizeof(struct ndk_event);
		} while (count - done >= sizeof(struct ndk_event));
		mutex_unlock(&file->read_lock);

		if (done)
			return done;
		if (ret < 0)
			return ret;
		if (nonblock)
			return -EAGAIN;
		if (wait_event_interruptible(file->wait,
					     ndk_ctl_event_any(file)))
			return -ERESTARTSYS;
	}
}

/**
 * ndk_ctl_event_discard() - drop all unread events
 * @file: the file, which nobody reads any more
 */
void ndk_ctl_event_discard(struct ndk_ctl_file *file)
{
	struct ndk_ctl_event *ev;

	for (;;) {
		spin_lock_irq(&file->lock);
		ev = list_first_entry_or_null(&file->events,
					      struct ndk_ctl_event, node);
		if (ev)
			list_del_init(&ev->node);
		spin_unlock_irq(&file->lock);
		if (!ev)
			return;
		ev->put(ev);
	}
}
