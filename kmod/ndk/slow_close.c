// SPDX-License-Identifier: GPL-2.0-only
/*
 * A close may wait for ever: for a successor that its consumer forgot, or for a
 * callback that does not return. One that waits long says once for what.
 */
#include <linux/kernel.h>
#include <linux/module.h>

#include "adapter.h"
#include "device.h"
#include "lam.h"
#include "object.h"
#include "slow_close.h"

static unsigned int slow_close = 60;
module_param(slow_close, uint, 0644);
MODULE_PARM_DESC(slow_close, "seconds after which a close says what it waits for, 0: never");

static unsigned long ndk_slow_patience(void)
{
	return (unsigned long)READ_ONCE(slow_close) * HZ;
}

/* What is named; more is only counted. */
#define NDK_SLOW_NAMED	8

/**
 * struct ndk_slow_list - what is waited for
 * @text: named so far
 * @length: bytes of it
 * @count: objects, named or not
 */
struct ndk_slow_list {
	char text[400];
	int length;
	unsigned int count;
};

static const char *ndk_slow_type(const struct ndk_object *obj)
{
	switch (obj->ops->type) {
	case NdkObjectTypeCq:
		return "CQ";
	case NdkObjectTypePd:
		return "PD";
	case NdkObjectTypeQp:
		return "QP";
	case NdkObjectTypeMr:
		return "MR";
	case NdkObjectTypeListener:
		return "listener";
	case NdkObjectTypeConnector:
		return "connector";
	default:
		return "object";
	}
}

static __printf(2, 3) void ndk_slow_add(struct ndk_slow_list *list,
					const char *fmt, ...)
{
	va_list args;

	if (list->count++ >= NDK_SLOW_NAMED)
		return;
	list->length += scnprintf(list->text + list->length,
				  sizeof(list->text) - list->length, "%s",
				  list->count > 1 ? ", " : "");
	va_start(args, fmt);
	list->length += vscnprintf(list->text + list->length,
				   sizeof(list->text) - list->length, fmt,
				   args);
	va_end(args);
}

static bool ndk_slow_uses_instance(const struct ndk_object *obj,
				   const struct ndk_adapter *a)
{
	unsigned int i;

	for (i = 0; i < NDK_MAX_ANTECEDENTS; i++)
		if (obj->antecedents[i] && obj->antecedents[i]->adapter == a)
			return true;
	return false;
}

/* Where it is called from, interrupts are on. */
static void ndk_slow_list_adapter(struct ndk_adapter *a,
				  struct ndk_slow_list *list)
{
	struct ndk_device *dev = a->dev;
	const struct ndk_lam *lam;
	struct ndk_object *obj;
	u32 lams = 0;

	spin_lock_irq(&dev->lock);
	list_for_each_entry(obj, &dev->objects, node) {
		if (obj->adapter == a)
			ndk_slow_add(list, "%s %llu%s", ndk_slow_type(obj),
				     obj->id,
				     READ_ONCE(obj->closing) ? "" : " (open)");
		else if (ndk_slow_uses_instance(obj, a))
			ndk_slow_add(list, "%s %llu (of another instance)",
				     ndk_slow_type(obj), obj->id);
	}
	list_for_each_entry(lam, &dev->lams, node)
		lams += lam->adapter == a;
	spin_unlock_irq(&dev->lock);
	if (lams)
		ndk_slow_add(list, "%u mappings", lams);
}

/**
 * ndk_slow_close_adapter() - wait until an instance is idle
 * @a: the instance, being closed
 *
 * Context: process; sleeps.
 */
void ndk_slow_close_adapter(struct ndk_adapter *a)
{
	unsigned long patience = ndk_slow_patience();
	struct ndk_slow_list list = {};

	if (patience && !wait_for_completion_timeout(&a->idle, patience)) {
		ndk_slow_list_adapter(a, &list);
		pr_warn("ndk: ndk_close_adapter() waits for %u: %s\n",
			list.count, list.count ? list.text : "a callback");
		patience = 0;
	}
	if (!patience)
		wait_for_completion(&a->idle);
}

/* An antecedent that has been closed long ago, and has not been named yet. */
static struct ndk_object *ndk_slow_antecedent(const struct ndk_object *obj,
					      unsigned long before)
{
	struct ndk_object *a;
	unsigned int i;

	for (i = 0; i < NDK_MAX_ANTECEDENTS; i++) {
		a = READ_ONCE(obj->antecedents[i]);
		/* Pairs with the release in ndk_object_close(). */
		if (!a || !smp_load_acquire(&a->closing))
			continue;
		if (!a->slow_told && time_before_eq(a->closed_at, before))
			return a;
	}
	return NULL;
}

/**
 * ndk_slow_close_work() - look for closes that wait, and say once for what
 * @work: the device's
 *
 * One message names all that has waited long by now and not been named.
 *
 * Context: process.
 */
void ndk_slow_close_work(struct work_struct *work)
{
	struct ndk_device *dev = container_of(to_delayed_work(work),
					      struct ndk_device, slow_work);
	unsigned long patience = ndk_slow_patience();
	unsigned long before = jiffies - patience;
	struct ndk_slow_list list = {};
	struct ndk_object *obj, *waiting;
	bool again = false;

	if (!patience || !atomic_read(&dev->closing))
		return;
	spin_lock_irq(&dev->lock);
	list_for_each_entry(obj, &dev->objects, node) {
		waiting = ndk_slow_antecedent(obj, before);
		if (waiting) {
			waiting->slow_told = true;
			ndk_slow_add(&list, "%s %llu for %s %llu",
				     ndk_slow_type(waiting), waiting->id,
				     ndk_slow_type(obj), obj->id);
		}
		again |= READ_ONCE(obj->closing) && !obj->slow_told;
	}
	spin_unlock_irq(&dev->lock);
	if (list.count)
		pr_warn("ndk: a close waits for a successor: %s\n",
			list.text);
	if (again)
		queue_delayed_work(system_unbound_wq, &dev->slow_work,
				   patience);
}

/**
 * ndk_slow_close_begin() - an object is being closed
 * @obj: the object
 *
 * Context: any.
 */
void ndk_slow_close_begin(struct ndk_object *obj)
{
	unsigned long patience = ndk_slow_patience();

	atomic_inc(&obj->dev->closing);
	if (patience)
		queue_delayed_work(system_unbound_wq, &obj->dev->slow_work,
				   patience);
}
