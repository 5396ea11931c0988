// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a mapping one that can be left alone?
 *
 * What NDKPI maps stays mapped for long, is read and written by both sides
 * meanwhile, and has no call that would synchronise it. So the device has to
 * see the memory itself: no bounce buffer in between, as there is for a device
 * that cannot reach all memory, or in a guest whose memory is encrypted, and no
 * cache that the device does not look into. And as pages are told to the device
 * as pages, an address has to be at the same place in its page as the memory.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <ndk/provider.h>

#include "dma.h"

static const char ndk_dma_needs_sync[NDK_REFUSAL_ARGUMENT_MAX] =
	"Mdl (its DMA needs syncs)";
static const char ndk_dma_moved[NDK_REFUSAL_ARGUMENT_MAX] =
	"Mdl (moved in its page by DMA)";

/* Some operations have nothing that could be synchronised. */
static bool ndk_dma_has_sync(struct device *dev)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	return !ops || ops->sync_single_for_cpu || ops->sync_single_for_device;
}

/*
 * For a device behind an IOMMU the kernel may only know that some mapping could
 * have to be synchronised. The IOMMU knows whether this one leads to the memory.
 */
static bool ndk_dma_leads_to(struct device *dev, phys_addr_t phys, u64 dma)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return domain && dev_is_dma_coherent(dev) &&
	       iommu_iova_to_phys(domain, dma) == phys;
}

/**
 * ndk_dma_fault() - why an address cannot be used for long
 * @ib: the device
 * @phys: the memory, which does not leave its page
 * @dma: what it is mapped to
 *
 * Context: any.
 * Return: NULL, or a literal that names what is wrong with the MDL.
 */
const char *ndk_dma_fault(struct ib_device *ib, phys_addr_t phys, u64 dma)
{
	struct device *dev = ib->dma_device;

	/* The addresses are the kernel's own. */
	if (ib_uses_virt_dma(ib))
		return NULL;
	if (dma_need_sync(dev, dma) && ndk_dma_has_sync(dev) &&
	    !ndk_dma_leads_to(dev, phys, dma))
		return ndk_dma_needs_sync;
	if (offset_in_page(dma) != offset_in_page(phys))
		return ndk_dma_moved;
	return NULL;
}

/**
 * ndk_dma_list_fault() - why a list cannot be used for long
 * @ib: the device
 * @sg: a mapped list
 * @nents: entries before it was mapped, none of which leaves its page
 *
 * Context: any.
 * Return: as ndk_dma_fault().
 */
const char *ndk_dma_list_fault(struct ib_device *ib, struct scatterlist *sg,
			       int nents)
{
	struct scatterlist *entry, *segment = sg;
	const char *fault = NULL;
	u32 done = 0;
	int i;

	/* Segments are what entries were merged to, in their order. */
	for_each_sg(sg, entry, nents, i) {
		if (done == sg_dma_len(segment)) {
			segment = sg_next(segment);
			done = 0;
		}
		fault = ndk_dma_fault(ib, sg_phys(entry),
				      sg_dma_address(segment) + done);
		if (fault)
			break;
		done += entry->length;
	}
	return fault;
}

/**
 * ndk_dma_drop_page() - take back the mapping of a page that is at fault
 * @ib: the device, which has not been told of it
 * @dma: the address
 *
 * Nothing is copied: to the page, somebody may have written meanwhile.
 *
 * Context: any.
 */
void ndk_dma_drop_page(struct ib_device *ib, u64 dma)
{
	if (!ib_uses_virt_dma(ib))
		dma_unmap_page_attrs(ib->dma_device, dma, PAGE_SIZE,
				     DMA_BIDIRECTIONAL, DMA_ATTR_SKIP_CPU_SYNC);
}

/**
 * ndk_dma_drop_list() - take back the mapping of a list that is at fault
 * @ib: the device, which has not been told of it
 * @sg: the list
 * @nents: entries before it was mapped
 *
 * As ndk_dma_drop_page().
 *
 * Context: any.
 */
void ndk_dma_drop_list(struct ib_device *ib, struct scatterlist *sg, int nents)
{
	ib_dma_unmap_sg_attrs(ib, sg, nents, DMA_BIDIRECTIONAL,
			      DMA_ATTR_SKIP_CPU_SYNC);
}

struct ndk_dma_trial {
	struct ib_device *ib;
	bool alike;
	const char *fault;
};

static bool ndk_dma_try_page(u32 index, struct page *page, void *ctx)
{
	struct ndk_dma_trial *trial = ctx;
	u64 dma;

	dma = ib_dma_map_page(trial->ib, page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);
	/* The driver will notice the same. */
	if (ib_dma_mapping_error(trial->ib, dma))
		return false;
	trial->fault = ndk_dma_fault(trial->ib, page_to_phys(page), dma);
	ndk_dma_drop_page(trial->ib, dma);
	return !trial->fault && !trial->alike;
}

/**
 * ndk_dma_try() - could the pages of a range be mapped for long?
 * @ib: the device
 * @range: the range
 *
 * For pages that a driver maps itself. Where the device reaches all memory, one
 * page stands for all.
 *
 * Context: process.
 * Return: as ndk_dma_fault(); NULL also when mapping fails.
 */
const char *ndk_dma_try(struct ib_device *ib, const struct ndk_mdl_range *range)
{
	struct ndk_dma_trial trial = { .ib = ib };

	if (ib_uses_virt_dma(ib))
		return NULL;
	trial.alike = !dma_addressing_limited(ib->dma_device);
	ndk_mdl_walk(range, ndk_dma_try_page, &trial);
	return trial.fault;
}
