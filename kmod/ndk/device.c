// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which devices are present, and what hangs from each.
 */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <rdma/ib_cache.h>

#include "device.h"
#include "export.h"
#include "object.h"

/* Guards the list; a listed device has not begun to be removed. */
static DEFINE_MUTEX(ndk_devices_lock);
static LIST_HEAD(ndk_devices);

static void ndk_device_free(struct kref *kref)
{
	struct ndk_device *dev = container_of(kref, struct ndk_device, kref);

	cancel_delayed_work_sync(&dev->slow_work);
	cleanup_srcu_struct(&dev->srcu);
	kfree(dev);
}

/**
 * ndk_device_put() - drop a reference on a device
 * @dev: from ndk_device_find() or ndk_device_find_netdev()
 *
 * Context: process.
 */
void ndk_device_put(struct ndk_device *dev)
{
	kref_put(&dev->kref, ndk_device_free);
}

/**
 * ndk_device_present() - a device can be found from now on
 * @dev: the device; its first reference is that of its presence
 *
 * Context: process.
 */
void ndk_device_present(struct ndk_device *dev)
{
	mutex_lock(&ndk_devices_lock);
	list_add_tail(&dev->node, &ndk_devices);
	mutex_unlock(&ndk_devices_lock);
}

/**
 * ndk_device_take() - a device is not present any more
 * @ib: it
 *
 * Context: process.
 * Return: the device with the reference that presence had, or NULL.
 */
struct ndk_device *ndk_device_take(struct ib_device *ib)
{
	struct ndk_device *dev, *found = NULL;

	mutex_lock(&ndk_devices_lock);
	list_for_each_entry(dev, &ndk_devices, node) {
		if (dev->ib != ib)
			continue;
		list_del(&dev->node);
		found = dev;
		break;
	}
	mutex_unlock(&ndk_devices_lock);
	return found;
}

/**
 * ndk_device_find() - look a present device up by name
 * @name: RDMA device name
 *
 * Devices that belong to another network namespace are not for this one: the
 * addresses that they could be reached at are not.
 *
 * Context: process.
 * Return: the device with a reference, or NULL.
 */
struct ndk_device *ndk_device_find(const char *name)
{
	struct ndk_device *dev, *found = NULL;

	mutex_lock(&ndk_devices_lock);
	list_for_each_entry(dev, &ndk_devices, node) {
		if (strcmp(dev_name(&dev->ib->dev), name) ||
		    !rdma_dev_access_netns(dev->ib, &init_net))
			continue;
		kref_get(&dev->kref);
		found = dev;
		break;
	}
	mutex_unlock(&ndk_devices_lock);
	return found;
}

/**
 * ndk_device_find_netdev() - look a present device up by network interface
 * @net: namespace of the interface
 * @ifindex: index of a network interface of one of the device's ports
 *
 * Context: process.
 * Return: the device with a reference, or NULL.
 */
struct ndk_device *ndk_device_find_netdev(struct net *net, int ifindex)
{
	struct ndk_device *dev, *found = NULL;
	struct net_device *ndev;
	struct ib_device *ib;

	ndev = dev_get_by_index(net, ifindex);
	if (!ndev)
		return NULL;
	ib = ib_device_get_by_netdev(ndev, RDMA_DRIVER_UNKNOWN);
	dev_put(ndev);
	if (!ib)
		return NULL;

	mutex_lock(&ndk_devices_lock);
	list_for_each_entry(dev, &ndk_devices, node) {
		if (dev->ib != ib || !rdma_dev_access_netns(ib, net))
			continue;
		kref_get(&dev->kref);
		found = dev;
		break;
	}
	mutex_unlock(&ndk_devices_lock);
	ib_device_put(ib);
	return found;
}

/**
 * ndk_device_port() - the port that an adapter is described by
 * @ib: the device
 *
 * Ports may be of different kinds. Addresses are those of network interfaces,
 * so it is the first Ethernet port, and the first of all where there is none.
 *
 * Context: any, while the device is there.
 * Return: the port's number.
 */
u32 ndk_device_port(const struct ib_device *ib)
{
	u32 port;

	rdma_for_each_port(ib, port)
		if (rdma_protocol_roce(ib, port) ||
		    rdma_protocol_iwarp(ib, port))
			return port;
	return rdma_start_port(ib);
}

static int ndk_device_ifindex(struct ib_device *ib)
{
	const struct ib_gid_attr *attr;
	struct net_device *ndev;
	int ifindex = 0;

	attr = rdma_get_gid_attr(ib, ndk_device_port(ib), 0);
	if (IS_ERR(attr))
		return 0;
	rcu_read_lock();
	ndev = rdma_read_gid_attr_ndev_rcu(attr);
	if (!IS_ERR_OR_NULL(ndev))
		ifindex = ndev->ifindex;
	rcu_read_unlock();
	rdma_put_gid_attr(attr);
	return ifindex;
}

int ndk_enumerate_adapters(u32 index, struct ndk_adapter_ident *ident)
{
	struct ndk_device *dev;
	int ret = -ENOENT;

	might_sleep();
	mutex_lock(&ndk_devices_lock);
	list_for_each_entry(dev, &ndk_devices, node) {
		if (!rdma_dev_access_netns(dev->ib, &init_net) || index--)
			continue;
		strscpy(ident->name, dev_name(&dev->ib->dev),
			sizeof(ident->name));
		ident->ifindex = ndk_device_ifindex(dev->ib);
		ident->ports = dev->ib->phys_port_cnt;
		ret = 0;
		break;
	}
	mutex_unlock(&ndk_devices_lock);
	return ret;
}
EXPORT_SYMBOL_NDK(ndk_enumerate_adapters);

/**
 * ndk_device_link() - let removal find an object
 * @obj: the object
 *
 * Context: any, inside a device section, once for each object.
 */
void ndk_device_link(struct ndk_object *obj)
{
	struct ndk_device *dev = obj->dev;
	unsigned long flags;

	spin_lock_irqsave(&dev->lock, flags);
	list_add_tail(&obj->node, &dev->objects);
	spin_unlock_irqrestore(&dev->lock, flags);
}

static void ndk_device_unlink(struct ndk_object *obj)
{
	struct ndk_device *dev = obj->dev;
	unsigned long flags;

	spin_lock_irqsave(&dev->lock, flags);
	list_del_init(&obj->node);
	spin_unlock_irqrestore(&dev->lock, flags);
}

/**
 * ndk_device_release() - free what lies behind an object, here or by removal
 * @obj: the object, without references
 *
 * Exactly one of this function and removal frees it: removal frees what is
 * still linked once no section can be open any more, and from then on this
 * only waits for it to be done.
 *
 * Context: process; may sleep.
 */
void ndk_device_release(struct ndk_object *obj)
{
	struct ndk_device *dev = obj->dev;
	int idx;

	might_sleep();
	if (ndk_device_enter(dev, &idx)) {
		if (obj->ops->release_hw)
			obj->ops->release_hw(obj);
		ndk_device_unlink(obj);
		ndk_device_leave(dev, idx);
	} else {
		wait_for_completion(&dev->released);
		ndk_device_unlink(obj);
	}
}
