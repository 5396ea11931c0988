// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ib_client: which devices can be adapters, and what happens when one goes.
 */
#include <linux/sizes.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

#include "client.h"
#include "device.h"
#include "driver.h"
#include "lam.h"
#include "object.h"
#include "slow_close.h"

/*
 * A page list is of pages of the kernel's size, so that the device has to take
 * those: on a kernel with large ones, its smaller and its larger sizes are of no
 * use. Drivers that say nothing take them.
 */
#define NDK_TAKES_PAGES(cap, size)	(!(cap) || ((cap) & (size)))

static_assert(NDK_TAKES_PAGES(SZ_4K | SZ_2M | SZ_1G, SZ_4K));
static_assert(!NDK_TAKES_PAGES(SZ_4K | SZ_2M | SZ_1G, SZ_64K));
static_assert(!NDK_TAKES_PAGES(SZ_64K, SZ_4K));

static int ndk_client_add(struct ib_device *ib)
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

	ndk_device_present(dev);
	return 0;
}

/* Successors first: connections, then queue pairs, memory, queues, domains. */
static void ndk_client_teardown(struct ndk_device *dev)
{
	struct ndk_object *obj;
	int order;

	/*
	 * No section is open and none will be, so that nothing is linked or
	 * unlinked any more: the list may be walked without its lock.
	 */
	for (order = 0; order < NDK_TEARDOWN_ORDERS; order++) {
		list_for_each_entry(obj, &dev->objects, node)
			if (obj->ops->teardown_order == order &&
			    obj->ops->stop_hw)
				obj->ops->stop_hw(obj);
		/*
		 * All of them have been asked by now, and have this long to
		 * answer: what one does not use is there for the others, and
		 * one that never answers takes nothing from who has.
		 */
		dev->deadline = jiffies + NDK_DEVICE_PATIENCE;
		list_for_each_entry(obj, &dev->objects, node)
			if (obj->ops->teardown_order == order &&
			    obj->ops->release_hw)
				obj->ops->release_hw(obj);
	}
}

static void ndk_client_remove(struct ib_device *ib, void *client_data)
{
	struct ndk_device *dev = ndk_device_take(ib);

	if (!dev)
		return;

	/* for those that are in a section */
	dev->deadline = jiffies + NDK_DEVICE_PATIENCE;
	/* pairs with the acquire in ndk_device_deadline() */
	smp_store_release(&dev->gone, true);
	synchronize_srcu(&dev->srcu);

	ndk_client_teardown(dev);
	ndk_lam_release_all(dev);
	dev->ib = NULL;
	complete_all(&dev->released);
	ndk_device_put(dev);
}

static struct ib_client ndk_client = {
	.name = "ndk",
	.add = ndk_client_add,
	.remove = ndk_client_remove,
};

int ndk_client_module_init(void)
{
	return ib_register_client(&ndk_client);
}

void ndk_client_module_exit(void)
{
	ib_unregister_client(&ndk_client);
}
