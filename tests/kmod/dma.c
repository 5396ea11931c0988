// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gives software RDMA devices DMA operations, and watches how they are used.
 *
 * The RDMA core maps nothing for a device without any, so that neither a page
 * unmapped too early nor one never unmapped is noticed there. Devices that are
 * registered while this module is loaded get these: addresses stay what such
 * devices expect, those of the kernel. Where the kernel has DMA_API_DEBUG, it
 * checks them too.
 *
 *	insmod ndk_dma.ko	before the device is made (one at a time), rmmod
 *				after it is gone
 *	insmod ndk_dma.ko mode=direct	the kernel's own operations, as most
 *				devices have them
 *	insmod ndk_dma.ko mode=bounced	likewise, on a machine that bounces all
 *				DMA (swiotlb=force)
 *	insmod ndk_dma.ko mode=iommu	likewise, behind an IOMMU: those of a PCI
 *				device that is (tests/guest/run --iommu)
 *	insmod ndk_dma.ko shift=N	addresses of what is mapped for both
 *				directions are N bytes further on
 *	cat /sys/module/ndk_dma/parameters/maps		lists mapped, ever
 *	cat /sys/module/ndk_dma/parameters/mapped	now: pages and entries
 *	cat /sys/module/ndk_dma/parameters/early	while a region named them
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/iommu.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/swiotlb.h>

#include <rdma/ib_verbs.h>

static char *mode = "watched";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "watched, direct, bounced or iommu");

static unsigned int shift;
module_param(shift, uint, 0444);
MODULE_PARM_DESC(shift, "watched: bytes that addresses are off by");

static unsigned int maps;
module_param(maps, uint, 0444);
MODULE_PARM_DESC(maps, "lists that were mapped");

static unsigned int early;
module_param(early, uint, 0444);
MODULE_PARM_DESC(early, "lists unmapped before the device let go of them");

static atomic_t nr_mapped = ATOMIC_INIT(0);

static int mapped_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&nr_mapped));
}

static const struct kernel_param_ops mapped_ops = { .get = mapped_get };
module_param_cb(mapped, &mapped_ops, NULL, 0444);
MODULE_PARM_DESC(mapped, "pages and entries mapped now");

/**
 * struct mapping - a list that is mapped
 * @node: in the list of all
 * @sg: its first entry
 * @nents: entries
 * @mr: the region that the device was told of and has not let go of, or NULL
 */
struct mapping {
	struct list_head node;
	struct scatterlist *sg;
	int nents;
	void *mr;
};

static LIST_HEAD(mappings);
static DEFINE_SPINLOCK(mappings_lock);

static struct mapping *mapping_find(const struct scatterlist *sg)
{
	struct mapping *map;

	list_for_each_entry(map, &mappings, node)
		if (map->sg == sg)
			return map;
	return NULL;
}

/* Not what ib_mad receives into: devices could not be connected. */
static unsigned int dma_shift(enum dma_data_direction dir)
{
	return dir == DMA_BIDIRECTIONAL ? shift : 0;
}

static dma_addr_t dma_map_one(struct device *dev, struct page *page,
			      unsigned long offset, size_t size,
			      enum dma_data_direction dir, unsigned long attrs)
{
	atomic_inc(&nr_mapped);
	return (dma_addr_t)(uintptr_t)(page_address(page) + offset) +
	       dma_shift(dir);
}

static void dma_unmap_one(struct device *dev, dma_addr_t addr, size_t size,
			  enum dma_data_direction dir, unsigned long attrs)
{
	atomic_dec(&nr_mapped);
}

static int dma_map_list(struct device *dev, struct scatterlist *sgl, int nents,
			enum dma_data_direction dir, unsigned long attrs)
{
	struct mapping *map = kzalloc(sizeof(*map), GFP_ATOMIC);
	struct scatterlist *sg;
	unsigned long flags;
	int i;

	if (!map)
		return -ENOMEM;
	for_each_sg(sgl, sg, nents, i) {
		sg->dma_address = (dma_addr_t)(uintptr_t)sg_virt(sg) +
				  dma_shift(dir);
		sg_dma_len(sg) = sg->length;
	}
	map->sg = sgl;
	map->nents = nents;
	spin_lock_irqsave(&mappings_lock, flags);
	list_add(&map->node, &mappings);
	maps++;
	spin_unlock_irqrestore(&mappings_lock, flags);
	atomic_add(nents, &nr_mapped);
	return nents;
}

static void dma_unmap_list(struct device *dev, struct scatterlist *sgl,
			   int nents, enum dma_data_direction dir,
			   unsigned long attrs)
{
	struct mapping *map;
	unsigned long flags;

	spin_lock_irqsave(&mappings_lock, flags);
	map = mapping_find(sgl);
	if (map) {
		list_del(&map->node);
		early += !!map->mr;
	}
	spin_unlock_irqrestore(&mappings_lock, flags);

	if (WARN(!map, "ndk_dma: unmapped what is not mapped\n"))
		return;
	WARN(map->nents != nents, "ndk_dma: mapped %d, unmapped %d entries\n",
	     map->nents, nents);
	WARN(map->mr, "ndk_dma: unmapped before the device let go\n");
	atomic_sub(map->nents, &nr_mapped);
	kfree(map);
}

static const struct dma_map_ops watched_ops = {
	.map_page = dma_map_one,
	.unmap_page = dma_unmap_one,
	.map_sg = dma_map_list,
	.unmap_sg = dma_unmap_list,
};

static struct platform_device *dma_device;
static struct pci_dev *iommu_device;

/* What does the mapping. */
static struct device *dma_dev(void)
{
	return iommu_device ? &iommu_device->dev : &dma_device->dev;
}

static int (*real_map)(struct ib_mr *mr, struct scatterlist *sg, int nents,
		       unsigned int *offset);
static int (*real_deregister)(struct ib_mr *mr, struct ib_udata *udata);

/* The next registration names these pages. */
static int watch_map(struct ib_mr *mr, struct scatterlist *sg, int nents,
		     unsigned int *offset)
{
	int ret = real_map(mr, sg, nents, offset);
	struct mapping *map;
	unsigned long flags;

	/* otherwise it is refused, and the device has nothing */
	if (ret != nents)
		return ret;
	spin_lock_irqsave(&mappings_lock, flags);
	map = mapping_find(sg);
	if (map)
		map->mr = mr;
	spin_unlock_irqrestore(&mappings_lock, flags);
	return ret;
}

/* Who has waited for it may unmap. */
static int watch_deregister(struct ib_mr *mr, struct ib_udata *udata)
{
	int ret = real_deregister(mr, udata);
	struct mapping *map;
	unsigned long flags;

	if (ret)
		return ret;
	spin_lock_irqsave(&mappings_lock, flags);
	list_for_each_entry(map, &mappings, node)
		if (map->mr == mr)
			map->mr = NULL;
	spin_unlock_irqrestore(&mappings_lock, flags);
	return 0;
}

/*
 * The addresses that the kernel maps to are those of a bus. A software device
 * wants to have the kernel's, so each one is translated on its way to it.
 */
static int (*real_post_send)(struct ib_qp *qp, const struct ib_send_wr *wr,
			     const struct ib_send_wr **bad);
static int (*real_post_recv)(struct ib_qp *qp, const struct ib_recv_wr *wr,
			     const struct ib_recv_wr **bad);

static u64 direct_virt(u64 addr)
{
	phys_addr_t phys;

	if (iommu_device)
		phys = iommu_iova_to_phys(iommu_get_domain_for_dev(dma_dev()),
					  addr);
	else
		phys = dma_to_phys(dma_dev(), addr);
	return (uintptr_t)phys_to_virt(phys);
}

/* An entry is what the bus has in one piece, which the memory need not be. */
static u32 direct_pieces(struct scatterlist *to, struct scatterlist *sgl,
			 int nents)
{
	struct scatterlist *sg;
	u32 done, len, n = 0;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		for (done = 0; done < sg_dma_len(sg); done += len, n++) {
			u64 addr = sg_dma_address(sg) + done;

			len = min_t(u32, sg_dma_len(sg) - done,
				    PAGE_SIZE - offset_in_page(addr));
			if (!to)
				continue;
			sg_dma_address(&to[n]) = direct_virt(addr);
			sg_dma_len(&to[n]) = len;
		}
	}
	return n;
}

static int direct_map(struct ib_mr *mr, struct scatterlist *sgl, int nents,
		      unsigned int *offset)
{
	u32 pieces = direct_pieces(NULL, sgl, nents);
	struct scatterlist *sg;
	int ret;

	sg = kmalloc_array(pieces, sizeof(*sg), GFP_ATOMIC);
	if (!sg)
		return -ENOMEM;
	sg_init_table(sg, pieces);
	direct_pieces(sg, sgl, nents);
	ret = real_map(mr, sg, pieces, offset);
	kfree(sg);
	return ret == pieces ? nents : min(ret, nents - 1);
}

/* They stay translated: the list may be in use again before the post returns. */
static void direct_sges(struct ib_qp *qp, struct ib_sge *sge, int count)
{
	for (; count > 0; count--, sge++)
		if (sge->lkey == qp->pd->local_dma_lkey &&
		    sge->addr < PAGE_OFFSET)
			sge->addr = direct_virt(sge->addr);
}

static int direct_post_send(struct ib_qp *qp, const struct ib_send_wr *wrs,
			    const struct ib_send_wr **bad)
{
	const struct ib_send_wr *wr;

	for (wr = wrs; wr; wr = wr->next)
		direct_sges(qp, wr->sg_list, wr->num_sge);
	return real_post_send(qp, wrs, bad);
}

static int direct_post_recv(struct ib_qp *qp, const struct ib_recv_wr *wrs,
			    const struct ib_recv_wr **bad)
{
	const struct ib_recv_wr *wr;

	for (wr = wrs; wr; wr = wr->next)
		direct_sges(qp, wr->sg_list, wr->num_sge);
	return real_post_recv(qp, wrs, bad);
}

static bool is_watched(void)
{
	return !strcmp(mode, "watched");
}

static void watch_device(struct ib_device *ib)
{
	real_map = ib->ops.map_mr_sg;
	if (is_watched()) {
		real_deregister = ib->ops.dereg_mr;
		ib->ops.map_mr_sg = watch_map;
		ib->ops.dereg_mr = watch_deregister;
		return;
	}
	real_post_send = ib->ops.post_send;
	real_post_recv = ib->ops.post_recv;
	ib->ops.map_mr_sg = direct_map;
	ib->ops.post_send = direct_post_send;
	ib->ops.post_recv = direct_post_recv;
}

/*
 * ib_register_device(device, name, dma_device): nobody uses the device yet. No
 * lock may be taken here, for a probe can be where it is held.
 */
static int on_register(struct kprobe *kp, struct pt_regs *regs)
{
	struct ib_device *ib = (struct ib_device *)regs->di;

	if (regs->dx)
		return 0;
	regs->dx = (unsigned long)dma_dev();
	watch_device(ib);
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "ib_register_device", .pre_handler = on_register,
};

/* Any that has addresses of its own, translated by an IOMMU. */
static struct pci_dev *dma_find_iommu(void)
{
	struct iommu_domain *domain;
	struct pci_dev *pci = NULL;

	for_each_pci_dev(pci) {
		domain = iommu_get_domain_for_dev(&pci->dev);
		if (pci->dev.driver && domain && iommu_is_dma_domain(domain))
			break;
	}
	return pci;
}

/* As the mode has it, or an error. */
static int dma_set_mode(struct device *dev)
{
	if (is_watched()) {
		set_dma_ops(dev, &watched_ops);
		return 0;
	}
	if (!strcmp(mode, "bounced"))
		return is_swiotlb_force_bounce(dev) ? 0 : -EOPNOTSUPP;
	if (!strcmp(mode, "iommu")) {
		iommu_device = dma_find_iommu();
		return iommu_device ? 0 : -EOPNOTSUPP;
	}
	if (strcmp(mode, "direct"))
		return -EINVAL;
	/* also where other devices are bounced */
	dev->dma_io_tlb_mem = NULL;
	return 0;
}

static int __init dma_init(void)
{
	struct device *dev;
	int ret;

	dma_device = platform_device_register_simple("ndk_dma",
						     PLATFORM_DEVID_NONE, NULL,
						     0);
	if (IS_ERR(dma_device))
		return PTR_ERR(dma_device);
	dev = &dma_device->dev;
	ret = dma_set_mode(dev);
	if (ret)
		goto unregister;
	ret = dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (ret)
		goto unregister;
	/* what is one segment behind an IOMMU is many for the software device */
	dma_set_max_seg_size(dma_dev(), iommu_device ? PAGE_SIZE : UINT_MAX);
	dma_set_seg_boundary(dma_dev(),
			     iommu_device ? PAGE_SIZE - 1 : ULONG_MAX);

	ret = register_kprobe(&probe);
	if (ret)
		goto unregister;
	return 0;

unregister:
	pci_dev_put(iommu_device);
	platform_device_unregister(dma_device);
	return ret;
}
module_init(dma_init);

static void __exit dma_exit(void)
{
	unregister_kprobe(&probe);
	WARN(atomic_read(&nr_mapped), "ndk_dma: %d pages are still mapped\n",
	     atomic_read(&nr_mapped));
	pci_dev_put(iommu_device);
	platform_device_unregister(dma_device);
}
module_exit(dma_exit);

MODULE_DESCRIPTION("DMA operations for software RDMA devices, for tests");
MODULE_LICENSE("GPL");
