/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_DMA_H
#define _NDK_DMA_H

#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

#include "mdl.h"

const char *ndk_dma_fault(struct ib_device *ib, phys_addr_t phys, u64 dma);
const char *ndk_dma_list_fault(struct ib_device *ib, struct scatterlist *sg,
			       int nents);
const char *ndk_dma_try(struct ib_device *ib,
			const struct ndk_mdl_range *range);

void ndk_dma_drop_page(struct ib_device *ib, u64 dma);
void ndk_dma_drop_list(struct ib_device *ib, struct scatterlist *sg, int nents);

#endif /* _NDK_DMA_H */
