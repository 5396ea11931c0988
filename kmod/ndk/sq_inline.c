// SPDX-License-Identifier: GPL-2.0-only
/*
 * Room for the data of inline requests, which are copied when they are made.
 */
#include <linux/log2.h>
#include <linux/mm.h>

#include "device.h"
#include "pd.h"
#include "qp.h"

/**
 * ndk_sq_alloc_inline() - allocate the room for inline data
 * @qp: the QP; on failure ndk_sq_unmap() and ndk_sq_free_inline() are still due
 *
 * Each page is cut into equal parts.
 *
 * Context: process, inside a device section; may sleep.
 * Return: STATUS_SUCCESS or STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS ndk_sq_alloc_inline(struct ndk_qp *qp)
{
	struct ib_device *ib = qp->obj.dev->ib;
	struct ndk_sq *sq = &qp->sq;
	u32 per_page, i;

	if (!qp->inline_size)
		return STATUS_SUCCESS;

	sq->inline_size = roundup_pow_of_two(qp->inline_size);
	per_page = PAGE_SIZE / sq->inline_size;
	sq->inline_npages = DIV_ROUND_UP(sq->mask + 1, per_page);
	sq->inline_pages = kvcalloc(sq->inline_npages,
				    sizeof(*sq->inline_pages), GFP_KERNEL);
	sq->inline_dma = kvcalloc(sq->inline_npages, sizeof(*sq->inline_dma),
				  GFP_KERNEL);
	if (!sq->inline_pages || !sq->inline_dma)
		return STATUS_INSUFFICIENT_RESOURCES;

	for (i = 0; i < sq->inline_npages; i++) {
		sq->inline_pages[i] = alloc_page(GFP_KERNEL);
		if (!sq->inline_pages[i])
			return STATUS_INSUFFICIENT_RESOURCES;
		sq->inline_dma[i] = ib_dma_map_page(ib, sq->inline_pages[i], 0,
						    PAGE_SIZE, DMA_TO_DEVICE);
		if (ib_dma_mapping_error(ib, sq->inline_dma[i])) {
			sq->inline_dma[i] = 0;
			return STATUS_INSUFFICIENT_RESOURCES;
		}
	}
	return STATUS_SUCCESS;
}

/**
 * ndk_sq_unmap() - the device lets go of the inline data
 * @qp: the QP, whose ib_qp is gone
 *
 * Context: process, inside a device section or in removal.
 */
void ndk_sq_unmap(struct ndk_qp *qp)
{
	struct ndk_sq *sq = &qp->sq;
	u32 i;

	for (i = 0; sq->inline_dma && i < sq->inline_npages; i++) {
		if (sq->inline_dma[i])
			ib_dma_unmap_page(qp->obj.dev->ib, sq->inline_dma[i],
					  PAGE_SIZE, DMA_TO_DEVICE);
		sq->inline_dma[i] = 0;
	}
}

/**
 * ndk_sq_free_inline() - free the room for inline data
 * @sq: the queue, unmapped
 *
 * Context: process.
 */
void ndk_sq_free_inline(struct ndk_sq *sq)
{
	u32 i;

	for (i = 0; sq->inline_pages && i < sq->inline_npages; i++)
		if (sq->inline_pages[i])
			__free_page(sq->inline_pages[i]);
	kvfree(sq->inline_pages);
	kvfree(sq->inline_dma);
}

/**
 * ndk_sq_fill_inline() - take the data of an inline request now
 * @qp: the QP
 * @slot: gets the one SGE that the data need
 * @sgl: the data
 * @count: entries of @sgl; any number, bytes count
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or the refusal, recorded on the QP.
 */
NTSTATUS ndk_sq_fill_inline(struct ndk_qp *qp, struct ndk_send_slot *slot,
			    const NDK_SGE *sgl, u32 count)
	__must_hold(&qp->sq.lock)
{
	struct ndk_sq *sq = &qp->sq;
	u32 i, index, offset, total = 0;
	u8 *buffer;

	lockdep_assert_held(&qp->sq.lock);
	if (count && !sgl)
		return ndk_refuse(&qp->obj, STATUS_INVALID_PARAMETER,
				  "pSgl (NULL)", 0, 0);
	for (i = 0; i < count; i++) {
		if (sgl[i].Length > qp->inline_size - total)
			return ndk_refuse(&qp->obj, STATUS_DATA_OVERRUN,
					  "InlineDataSize",
					  (u64)total + sgl[i].Length,
					  qp->inline_size);
		total += sgl[i].Length;
	}
	if (!total)
		return STATUS_SUCCESS;

	index = slot - sq->slots;
	offset = index * sq->inline_size;
	index = offset / PAGE_SIZE;
	offset %= PAGE_SIZE;
	buffer = (u8 *)page_address(sq->inline_pages[index]) + offset;
	ib_dma_sync_single_for_cpu(qp->obj.dev->ib,
				   sq->inline_dma[index] + offset, total,
				   DMA_TO_DEVICE);
	for (i = 0, total = 0; i < count; i++) {
		memcpy(buffer + total, sgl[i].VirtualAddress, sgl[i].Length);
		total += sgl[i].Length;
	}
	ib_dma_sync_single_for_device(qp->obj.dev->ib,
				      sq->inline_dma[index] + offset, total,
				      DMA_TO_DEVICE);
	slot->sge[0].addr = sq->inline_dma[index] + offset;
	slot->sge[0].length = total;
	slot->sge[0].lkey = qp->pd->dma_lkey;
	slot->wr.send.num_sge = 1;
	return STATUS_SUCCESS;
}
