/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_LAM_H
#define _NDK_LAM_H

#include <linux/list.h>
#include <ndk/ndkpi.h>

struct ndk_adapter;
struct ndk_device;

/**
 * struct ndk_lam - what hangs from AdapterContext
 * @adapter: referenced
 * @map: the consumer's buffer, whose array is what is to be unmapped
 * @node: in the device's list of mappings
 * @unmapped: pages that are unmapped already, once removal has begun; under
 *	the device's lock
 */
struct ndk_lam {
	struct ndk_adapter *adapter;
	NDK_LOGICAL_ADDRESS_MAPPING *map;
	struct list_head node;
	u32 unmapped;
};

NTSTATUS ndk_build_lam(NDK_ADAPTER *pNdkAdapter, MDL *Mdl, SIZE_T Length,
		       NDK_FN_REQUEST_COMPLETION RequestCompletion,
		       PVOID RequestContext,
		       NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM, ULONG *pLAMSize,
		       ULONG *pFBO);
VOID ndk_release_lam(NDK_ADAPTER *pNdkAdapter,
		     NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM);

/* For removal */
void ndk_lam_release_all(struct ndk_device *dev);

#endif /* _NDK_LAM_H */
