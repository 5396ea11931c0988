// SPDX-License-Identifier: GPL-2.0-only
/*
 * An open file of /dev/ndk: what it owns, and how that ends.
 */
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "ctl.h"
#include "file.h"

/* How long the end of a file may take before somebody is told. */
#define NDK_CTL_PATIENCE	(60 * HZ)

/**
 * ndk_ctl_file_get_object() - one more object
 * @file: the file
 * @type: its type
 *
 * Context: any.
 * Return: 0; -EMFILE if there are too many objects, or -EDQUOT if there are too
 * many of this type.
 */
int ndk_ctl_file_get_object(struct ndk_ctl_file *file,
			    const struct ndk_ctl_type *type)
{
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&file->lock, flags);
	if (file->nobjects >= NDK_OBJECTS_MAX) {
		ret = -EMFILE;
	} else if (file->nkind[type->kind] >= type->max) {
		ret = -EDQUOT;
	} else {
		file->nobjects++;
		file->nkind[type->kind]++;
		file->live++;
	}
	spin_unlock_irqrestore(&file->lock, flags);
	return ret;
}

/**
 * ndk_ctl_file_put_object() - one object less
 * @file: the file; must not be touched afterwards
 * @type: its type
 *
 * Context: any.
 */
void ndk_ctl_file_put_object(struct ndk_ctl_file *file,
			     const struct ndk_ctl_type *type)
{
	unsigned long flags;

	spin_lock_irqsave(&file->lock, flags);
	file->nobjects--;
	file->nkind[type->kind]--;
	spin_unlock_irqrestore(&file->lock, flags);
	ndk_ctl_file_put_live(file);
}

/**
 * ndk_ctl_file_put_live() - one object or request less
 * @file: the file; must not be touched afterwards
 */
void ndk_ctl_file_put_live(struct ndk_ctl_file *file)
{
	unsigned long flags;

	/* Woken under the lock: the releaser frees the file once it has it. */
	spin_lock_irqsave(&file->lock, flags);
	if (!--file->live)
		wake_up_all(&file->wait);
	spin_unlock_irqrestore(&file->lock, flags);
}

/**
 * ndk_ctl_net_is_ours() - may the caller use the network of the adapters?
 *
 * Addresses, connections and interfaces are those of the initial network
 * namespace, which is no business of somebody who was put into another one.
 *
 * Return: true if the caller is in the initial network namespace.
 */
bool ndk_ctl_net_is_ours(void)
{
	return net_eq(current->nsproxy->net_ns, &init_net);
}

int ndk_ctl_file_open(struct inode *inode, struct file *filp)
{
	struct ndk_ctl_file *file;

	if (!ndk_ctl_net_is_ours())
		return -EPERM;
	file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	xa_init_flags(&file->objects, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ |
				      XA_FLAGS_ACCOUNT);
	spin_lock_init(&file->lock);
	INIT_LIST_HEAD(&file->events);
	init_waitqueue_head(&file->wait);
	mutex_init(&file->read_lock);
	filp->private_data = file;
	return stream_open(inode, filp);
}

static bool ndk_ctl_file_work_to_do(struct ndk_ctl_file *file, bool *idle)
{
	bool work;

	spin_lock_irq(&file->lock);
	*idle = !file->live;
	work = file->visible || !list_empty(&file->events);
	spin_unlock_irq(&file->lock);
	return work;
}

/*
 * No call is in progress any more, but requests are pending: they complete,
 * create objects, and peers connect while everything is being closed. Go round
 * until nothing is left.
 */
int ndk_ctl_file_release(struct inode *inode, struct file *filp)
{
	struct ndk_ctl_file *file = filp->private_data;
	bool idle, told = false;

	for (;;) {
		ndk_ctl_object_sweep(file);
		ndk_ctl_event_discard(file);
		if (wait_event_timeout(file->wait,
				       ndk_ctl_file_work_to_do(file, &idle) ||
				       idle, NDK_CTL_PATIENCE)) {
			if (idle)
				break;
		} else if (!told) {
			told = true;
			pr_warn("ndk_ctl: %s[%d] waits for %u objects to close\n",
				current->comm, current->pid,
				READ_ONCE(file->live));
		}
	}
	xa_destroy(&file->objects);
	mutex_destroy(&file->read_lock);
	kfree(file);
	return 0;
}

ssize_t ndk_ctl_file_read(struct file *filp, char __user *buf, size_t count,
			  loff_t *pos)
{
	return ndk_ctl_event_read(filp->private_data, buf, count,
				  filp->f_flags & O_NONBLOCK);
}

__poll_t ndk_ctl_file_poll(struct file *filp, struct poll_table_struct *wait)
{
	struct ndk_ctl_file *file = filp->private_data;
	__poll_t mask = 0;

	poll_wait(filp, &file->wait, wait);
	spin_lock_irq(&file->lock);
	if (!list_empty(&file->events))
		mask = EPOLLIN | EPOLLRDNORM;
	spin_unlock_irq(&file->lock);
	return mask;
}
