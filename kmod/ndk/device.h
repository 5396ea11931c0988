/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One ib_device as the provider sees it, until and after its removal.
 *
 * Whoever touches the ib_device or anything made on it does so inside a device
 * section: ndk_device_enter() fails once removal has begun, and removal waits
 * for all sections to end before it frees what lies behind the objects. The
 * NDK objects themselves outlive the device.
 */
#ifndef _NDK_DEVICE_H
#define _NDK_DEVICE_H

#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/srcu.h>
#include <linux/workqueue.h>
#include <ndk/provider.h>
#include <rdma/ib_verbs.h>

struct ndk_object;
struct ndk_lam;

/* What a device has not answered after that long it never will. */
#define NDK_DEVICE_PATIENCE	(10 * HZ)

/**
 * struct ndk_device - an ib_device that can do memory registration
 * @ib: the device; only inside a section, or in removal itself
 * @habits: NDK_DRIVER_*, of its driver
 * @node: in the list of present devices
 * @kref: one for presence, one for each open adapter
 * @srcu: the sections
 * @gone: set once, when removal begins
 * @deadline: until when removal waits for what the device still has to say
 * @released: completed when removal has freed all there was on @ib
 * @lock: guards @objects and @lams; irqsave, innermost
 * @objects: every object of every adapter opened on the device
 * @lams: every logical address mapping
 * @closing: objects that are being closed
 * @slow_work: looks for those that have been closed long ago
 * @limits_lock: serialises finding out the limits
 * @limits_known: @info and @max_frmr_pages are filled
 * @info: limits and abilities, without the version
 * @max_frmr_pages: most pages that one fast registration can have
 */
struct ndk_device {
	struct ib_device *ib;
	u32 habits;
	struct list_head node;
	struct kref kref;
	struct srcu_struct srcu;
	bool gone;
	unsigned long deadline;
	struct completion released;
	spinlock_t lock;
	struct list_head objects;
	struct list_head lams;
	atomic_t closing;
	struct delayed_work slow_work;
	struct mutex limits_lock;
	bool limits_known;
	NDK_ADAPTER_INFO info;
	u32 max_frmr_pages;
};

/**
 * ndk_device_enter() - begin a section in which the ib_device stays
 * @dev: the device
 * @idx: to be handed to ndk_device_leave()
 *
 * Context: any but NMI; sections may sleep where their context allows it.
 * Return: false when the device is gone; then there is no section to leave.
 */
static inline bool ndk_device_enter(struct ndk_device *dev, int *idx)
{
	*idx = srcu_read_lock(&dev->srcu);
	if (likely(!READ_ONCE(dev->gone)))
		return true;
	srcu_read_unlock(&dev->srcu, *idx);
	return false;
}

static inline void ndk_device_leave(struct ndk_device *dev, int idx)
{
	srcu_read_unlock(&dev->srcu, idx);
}

static inline bool ndk_device_gone(const struct ndk_device *dev)
{
	return READ_ONCE(dev->gone);
}

/**
 * ndk_device_deadline() - until when an answer of the device is waited for
 * @dev: the device
 *
 * What is waited for in sections when removal begins has one time together, and
 * then what removal itself waits for, one after the other.
 *
 * Context: any.
 * Return: jiffies.
 */
static inline unsigned long ndk_device_deadline(const struct ndk_device *dev)
{
	/* pairs with the release in removal: then there is a deadline */
	if (smp_load_acquire(&dev->gone))
		return dev->deadline;
	return jiffies + NDK_DEVICE_PATIENCE;
}

struct ndk_device *ndk_device_find(const char *name);
struct ndk_device *ndk_device_find_netdev(struct net *net, int ifindex);
void ndk_device_put(struct ndk_device *dev);
u32 ndk_device_port(const struct ib_device *ib);
void ndk_device_link(struct ndk_object *obj);
void ndk_device_release(struct ndk_object *obj);

/* For the ib_client */
void ndk_device_present(struct ndk_device *dev);
struct ndk_device *ndk_device_take(struct ib_device *ib);

/* limits.c */
NTSTATUS ndk_device_limits(struct ndk_device *dev);

#endif /* _NDK_DEVICE_H */
