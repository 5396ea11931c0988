// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ib_client: which devices there are, and what happens when one goes.
 */
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <rdma/ib_cache.h>

#include "adapter.h"
#include "device.h"
#include "driver.h"
#include "export.h"
#include "object.h"
#include "slow_close.h"

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

/**
 * ndk_enumerate_adapters() - tell which adapters can be opened
 * @index: 0 for the first one, counting up
 * @ident: filled on success
 *
 * Devices may come and go between two calls. Those of other network namespaces
 * are left out.
 *
 * Context: process; may sleep.
 * Return: 0, or -ENOENT when there are no more than @index.
 */
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

/*
 * A page list is of pages of the kernel's size, so that the device has to take
 * those: on a kernel with large ones, its smaller and its larger sizes are of no
 * use. Drivers that say nothing take them.
 */
#define NDK_TAKES_PAGES(cap, size)	(!(cap) || ((cap) & (size)))

static_assert(NDK_TAKES_PAGES(SZ_4K | SZ_2M | SZ_1G, SZ_4K));
static_assert(!NDK_TAKES_PAGES(SZ_4K | SZ_2M | SZ_1G, SZ_64K));
static_assert(!NDK_TAKES_PAGES(SZ_64K, SZ_4K));

static int ndk_device_add(struct ib_device *ib)
{
	struct ndk_device *dev;
	int ret;

	if (!(ib->attrs.device_cap_flags & IB_DEVICE_MEM_MGT_EXTENSIONS) ||
	    !ib->attrs.max_fast_reg_page_list_len)
		return -EOPNOTSUPP;
	if (!NDK_TAKES_PAGES(ib->attrs.page_size_cap, PAGE_SIZE)) {
		dev_notice(&ib->dev,
			   "not an NDK adapter: no pages of %lu bytes, only 0x%llx\n",
			   PAGE_SIZE, ib->attrs.page_size_cap);
		return -EOPNOTSUPP;
	}

	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return -ENOMEM;
	ret = init_srcu_struct(&dev->srcu);
	if (ret) {
		kfree(dev);
		return ret;
	}
	dev->ib = ib;
	dev->habits = ndk_driver_habits(ib);
	kref_init(&dev->kref);
	init_completion(&dev->released);
	spin_lock_init(&dev->lock);
	INIT_LIST_HEAD(&dev->objects);
	INIT_LIST_HEAD(&dev->lams);
	INIT_DELAYED_WORK(&dev->slow_work, ndk_slow_close_work);
	mutex_init(&dev->limits_lock);

	mutex_lock(&ndk_devices_lock);
	list_add_tail(&dev->node, &ndk_devices);
	mutex_unlock(&ndk_devices_lock);
	return 0;
}

static struct ndk_device *ndk_device_take(struct ib_device *ib)
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

/* Successors first: connections, then queue pairs, memory, queues, domains. */
static void ndk_device_teardown(struct ndk_device *dev)
{
	struct ndk_object *obj;
	int order;

	/*
	 * No section is open and none will be, so that nothing is linked or
	 * unlinked any more: the list may be walked without its lock.
	 */
	for (order = 0; order < NDK_TEARDOWN_ORDERS; order++)
		list_for_each_entry(obj, &dev->objects, node)
			if (obj->ops->teardown_order == order &&
			    obj->ops->release_hw)
				obj->ops->release_hw(obj);
}

static void ndk_device_remove(struct ib_device *ib, void *client_data)
{
	struct ndk_device *dev = ndk_device_take(ib);

	if (!dev)
		return;

	dev->deadline = jiffies + NDK_DEVICE_PATIENCE;
	/* pairs with the acquire in ndk_device_deadline() */
	smp_store_release(&dev->gone, true);
	synchronize_srcu(&dev->srcu);

	ndk_device_teardown(dev);
	ndk_lam_release_all(dev);
	dev->ib = NULL;
	complete_all(&dev->released);
	ndk_device_put(dev);
}

static struct ib_client ndk_client = {
	.name = "ndk",
	.add = ndk_device_add,
	.remove = ndk_device_remove,
};

int ndk_device_module_init(void)
{
	return ib_register_client(&ndk_client);
}

void ndk_device_module_exit(void)
{
	ib_unregister_client(&ndk_client);
}
