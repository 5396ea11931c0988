/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_MW_H
#define _NDK_MW_H

#include <ndk/ndkpi.h>

NTSTATUS ndk_create_mw(NDK_PD *pNdkPd,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_MW **ppNdkMw);
NTSTATUS ndk_bind(NDK_QP *pNdkQp, PVOID RequestContext, NDK_MR *pMr,
		  NDK_MW *pMw, PVOID VirtualAddress, SIZE_T Length,
		  ULONG Flags);

#endif /* _NDK_MW_H */
