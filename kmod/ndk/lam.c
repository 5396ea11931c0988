// SPDX-License-Identifier: GPL-2.0-only
/*
 * Logical address mappings: DMA addresses of pages, for fast registration and
 * for the privileged token.
 *
 * Always done inline: mapping does not sleep, and consumers pass no callback.
 * On a software device the addresses are kernel pointers; they go to kernel
 * consumers only.
 */
#include <linux/slab.h>

#include "adapter.h"
#include "device.h"
#include "dma.h"
#include "lam.h"
#include "mdl.h"

/* Pages unmapped at once with interrupts off. */
#define NDK_LAM_BATCH	64

/* Declared with one entry, as published; there are AdapterPageCount. */
static NDK_LOGICAL_ADDRESS *ndk_lam_pages(NDK_LOGICAL_ADDRESS_MAPPING *map)
{
	return map->AdapterPageArray;
}

struct ndk_lam_fill {
	struct ib_device *ib;
	NDK_LOGICAL_ADDRESS_MAPPING *map;
	bool unmappable;
	const char *fault;
};

static bool ndk_lam_map_page(u32 index, struct page *page, void *ctx)
{
	struct ndk_lam_fill *fill = ctx;
	u64 dma;

	dma = ib_dma_map_page(fill->ib, page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);
	if (ib_dma_mapping_error(fill->ib, dma)) {
		fill->unmappable = true;
		return false;
	}
	fill->fault = ndk_dma_fault(fill->ib, page_to_phys(page), dma);
	if (fill->fault) {
		ndk_dma_drop_page(fill->ib, dma);
		return false;
	}
	ndk_lam_pages(fill->map)[index].QuadPart = dma;
	fill->map->AdapterPageCount = index + 1;
	return true;
}

static void ndk_lam_unmap(struct ib_device *ib,
			  NDK_LOGICAL_ADDRESS_MAPPING *map, u32 from, u32 to)
{
	u32 i;

	for (i = from; i < to; i++)
		ib_dma_unmap_page(ib, ndk_lam_pages(map)[i].QuadPart, PAGE_SIZE,
				  DMA_BIDIRECTIONAL);
}

/* Why the walk has ended early. */
static NTSTATUS ndk_lam_status(const struct ndk_lam_fill *fill)
{
	if (fill->unmappable)
		return STATUS_INSUFFICIENT_RESOURCES;
	if (fill->fault)
		return STATUS_NOT_SUPPORTED;
	/* Two MDLs of the chain disagree about a page. */
	return STATUS_INVALID_PARAMETER;
}

/**
 * ndk_build_lam() - NDK_FN_BUILD_LAM
 * @pNdkAdapter: the adapter
 * @Mdl: virtually contiguous, locked memory
 * @Length: bytes from the beginning of @Mdl
 * @RequestCompletion: never called; may be NULL
 * @RequestContext: not used
 * @pNdkLAM: buffer of the consumer, valid until NdkReleaseLAM; NULL asks for
 *	the size
 * @pLAMSize: bytes at @pNdkLAM; then bytes written, or bytes needed
 * @pFBO: offset of the first byte in the first page
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_INVALID_PARAMETER (not contiguous, not
 * locked, no bytes or too many), STATUS_BUFFER_TOO_SMALL,
 * STATUS_INSUFFICIENT_RESOURCES, STATUS_DEVICE_REMOVED, STATUS_NOT_SUPPORTED
 * (a mapping that would have to be synchronised, or that moves memory inside
 * its page).
 */
NTSTATUS ndk_build_lam(NDK_ADAPTER *pNdkAdapter, MDL *Mdl, SIZE_T Length,
		       NDK_FN_REQUEST_COMPLETION RequestCompletion,
		       PVOID RequestContext,
		       NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM, ULONG *pLAMSize,
		       ULONG *pFBO)
{
	struct ndk_adapter *adapter = to_ndk_adapter(pNdkAdapter);
	struct ndk_device *dev = adapter->dev;
	struct ndk_mdl_range range;
	struct ndk_lam_fill fill = {};
	struct ndk_lam *lam;
	unsigned long flags;
	const char *fault;
	ULONG given = *pLAMSize;
	NTSTATUS status;
	SIZE_T need;
	int idx;

	fault = ndk_mdl_check(Mdl, Length, &range);
	if (fault)
		return ndk_refuse_for(&adapter->obj, STATUS_INVALID_PARAMETER,
				      fault, Length, 0);

	need = offsetof(NDK_LOGICAL_ADDRESS_MAPPING, AdapterPageArray) +
	       range.npages * sizeof(NDK_LOGICAL_ADDRESS);
	if (need > U32_MAX)
		return ndk_refuse(&adapter->obj, STATUS_INVALID_PARAMETER,
				  "Length", Length, U32_MAX);
	*pLAMSize = need;
	if (!pNdkLAM || given < need)
		return ndk_refuse(&adapter->obj, STATUS_BUFFER_TOO_SMALL,
				  "pLAMSize", given, need);

	lam = kmalloc(sizeof(*lam), GFP_NOWAIT | __GFP_NOWARN);
	if (!lam)
		return ndk_refuse(&adapter->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*lam), 0);
	if (!ndk_device_enter(dev, &idx)) {
		status = STATUS_DEVICE_REMOVED;
		goto free;
	}

	fill.ib = dev->ib;
	fill.map = pNdkLAM;
	pNdkLAM->AdapterPageCount = 0;
	if (!ndk_mdl_walk(&range, ndk_lam_map_page, &fill)) {
		ndk_lam_unmap(dev->ib, pNdkLAM, 0, pNdkLAM->AdapterPageCount);
		status = ndk_lam_status(&fill);
		goto leave;
	}

	lam->adapter = adapter;
	lam->map = pNdkLAM;
	lam->unmapped = 0;
	pNdkLAM->AdapterContext = lam;
	*pFBO = range.fbo;
	ndk_object_get(&adapter->obj);
	spin_lock_irqsave(&dev->lock, flags);
	list_add_tail(&lam->node, &dev->lams);
	spin_unlock_irqrestore(&dev->lock, flags);
	ndk_device_leave(dev, idx);
	return STATUS_SUCCESS;

leave:
	ndk_device_leave(dev, idx);
free:
	kfree(lam);
	return ndk_refuse_for(&adapter->obj, status, fill.fault, 0, 0);
}

static void ndk_lam_unlist(struct ndk_device *dev, struct ndk_lam *lam)
{
	unsigned long flags;

	spin_lock_irqsave(&dev->lock, flags);
	list_del(&lam->node);
	spin_unlock_irqrestore(&dev->lock, flags);
}

/*
 * Removal has begun: what is still listed is unmapped here, by its consumer,
 * and there, by removal. The array is the consumer's, who may free it once its
 * own call has returned and cannot be made to wait. So each page is unmapped
 * under the lock, a few at a time, by whoever holds it, and a mapping is listed
 * until its last page is done. Removal does not end before the list is empty.
 */
static void ndk_lam_unmap_some(struct ndk_device *dev, struct ndk_lam *lam)
	__must_hold(&dev->lock)
{
	u32 to = min(lam->map->AdapterPageCount, lam->unmapped + NDK_LAM_BATCH);

	lockdep_assert_held(&dev->lock);
	ndk_lam_unmap(dev->ib, lam->map, lam->unmapped, to);
	lam->unmapped = to;
	if (to == lam->map->AdapterPageCount)
		list_del_init(&lam->node);
}

static void ndk_lam_unlist_late(struct ndk_device *dev, struct ndk_lam *lam)
{
	unsigned long flags;
	bool listed;

	do {
		spin_lock_irqsave(&dev->lock, flags);
		if (!list_empty(&lam->node))
			ndk_lam_unmap_some(dev, lam);
		listed = !list_empty(&lam->node);
		spin_unlock_irqrestore(&dev->lock, flags);
	} while (listed);
}

/**
 * ndk_release_lam() - NDK_FN_RELEASE_LAM
 * @pNdkAdapter: the adapter
 * @pNdkLAM: from NdkBuildLAM; the buffer stays the consumer's
 *
 * The consumer has the completions of every request that used the mapping. A
 * region registered over it should have been invalidated before.
 *
 * Context: any.
 */
VOID ndk_release_lam(NDK_ADAPTER *pNdkAdapter,
		     NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM)
{
	struct ndk_adapter *adapter = to_ndk_adapter(pNdkAdapter);
	struct ndk_lam *lam = pNdkLAM->AdapterContext;
	struct ndk_device *dev = adapter->dev;
	int idx;

	if (WARN_ONCE(!lam, "ndk: mapping released that was not built\n"))
		return;
	pNdkLAM->AdapterContext = NULL;

	if (ndk_device_enter(dev, &idx)) {
		ndk_lam_unlist(dev, lam);
		ndk_lam_unmap(dev->ib, pNdkLAM, 0, pNdkLAM->AdapterPageCount);
		ndk_device_leave(dev, idx);
	} else {
		ndk_lam_unlist_late(dev, lam);
	}

	ndk_object_put(&lam->adapter->obj);
	kfree(lam);
}

/**
 * ndk_lam_release_all() - unmap what consumers have not released
 * @dev: the device, being removed, without sections
 *
 * Context: process.
 */
void ndk_lam_release_all(struct ndk_device *dev)
{
	struct ndk_lam *lam;
	unsigned long flags;

	do {
		spin_lock_irqsave(&dev->lock, flags);
		lam = list_first_entry_or_null(&dev->lams, struct ndk_lam,
					       node);
		if (lam)
			ndk_lam_unmap_some(dev, lam);
		spin_unlock_irqrestore(&dev->lock, flags);
		cond_resched();
	} while (lam);
}
