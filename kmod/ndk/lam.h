/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_LAM_H
#define _NDK_LAM_H

#include <ndk/ndkpi.h>

struct ndk_adapter;
struct ndk_device;

NTSTATUS ndk_build_lam(NDK_ADAPTER *pNdkAdapter, MDL *Mdl, SIZE_T Length,
		       NDK_FN_REQUEST_COMPLETION RequestCompletion,
		       PVOID RequestContext,
		       NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM, ULONG *pLAMSize,
		       ULONG *pFBO);
VOID ndk_release_lam(NDK_ADAPTER *pNdkAdapter,
		     NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM);

/* For whoever waits: mappings of an instance, under the device's lock */
u32 ndk_lam_count(struct ndk_device *dev, const struct ndk_adapter *a);

#endif /* _NDK_LAM_H */
