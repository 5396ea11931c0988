// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter/gather lists of requests.
 */
#include "device.h"
#include "pd.h"
#include "qp.h"
#include "sge.h"

/**
 * ndk_sge_fill() - translate a request's SGEs
 * @qp: the QP, for its limits and its privileged token
 * @sge: room for @max
 * @num_sge: entries written; empty ones are left out
 * @sgl: the consumer's
 * @count: how many
 * @max: how many are allowed
 *
 * Whether a token names a region that covers the range is for the device to
 * check. But 0 is the token of no region, and to some devices the key to all
 * memory.
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or the refusal, recorded on the QP.
 */
NTSTATUS ndk_sge_fill(struct ndk_qp *qp, struct ib_sge *sge, int *num_sge,
		      const NDK_SGE *sgl, u32 count, u32 max)
{
	u32 limit = qp->obj.dev->info.MaxTransferLength;
	u64 total = 0;
	int n = 0;
	u32 i;

	if (count && !sgl)
		return ndk_refuse(&qp->obj, STATUS_INVALID_PARAMETER,
				  "pSgl (NULL)", 0, 0);
	if (count > max)
		return ndk_refuse(&qp->obj, STATUS_DATA_OVERRUN, "nSge", count,
				  max);
	for (i = 0; i < count; i++) {
		if (!sgl[i].Length)
			continue;
		if (!sgl[i].MemoryRegionToken)
			return ndk_refuse(&qp->obj, STATUS_INVALID_PARAMETER,
					  "MemoryRegionToken (zero)",
					  0, 0);
		total += sgl[i].Length;
		sge[n].length = sgl[i].Length;
		if (sgl[i].MemoryRegionToken == qp->pd->privileged_token) {
			sge[n].lkey = qp->pd->dma_lkey;
			sge[n].addr = sgl[i].LogicalAddress.QuadPart;
		} else {
			sge[n].lkey = sgl[i].MemoryRegionToken;
			sge[n].addr = (ULONG_PTR)sgl[i].VirtualAddress;
		}
		n++;
	}
	if (total > limit)
		return ndk_refuse(&qp->obj, STATUS_DATA_OVERRUN, "Length",
				  total, limit);
	*num_sge = n;
	return STATUS_SUCCESS;
}
