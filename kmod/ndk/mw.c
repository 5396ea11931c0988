// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory windows, which this provider does not offer: MaxWindowSize is 0.
 */
#include "mw.h"
#include "pd.h"
#include "qp.h"
#include "sq_request.h"

/**
 * ndk_create_mw() - NDK_FN_CREATE_MW, which this provider does not offer
 * @pNdkPd: the PD
 * @CreateCompletion: never called
 * @RequestContext: not used
 * @ppNdkMw: not written
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
NTSTATUS ndk_create_mw(NDK_PD *pNdkPd,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_MW **ppNdkMw)
{
	return ndk_refuse(&to_ndk_pd(pNdkPd)->obj, STATUS_NOT_SUPPORTED,
			  "NdkCreateMw", 0, 0);
}

/**
 * ndk_bind() - NDK_FN_BIND, which this provider does not offer
 * @pNdkQp: the QP
 * @RequestContext: not used
 * @pMr: not used
 * @pMw: not used
 * @VirtualAddress: not used
 * @Length: not used
 * @Flags: not used
 *
 * Requests deferred before it are given to the device, as with every failure
 * of an initiator request.
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
NTSTATUS ndk_bind(NDK_QP *pNdkQp, PVOID RequestContext, NDK_MR *pMr,
		  NDK_MW *pMw, PVOID VirtualAddress, SIZE_T Length, ULONG Flags)
{
	struct ndk_qp *qp = to_ndk_qp(pNdkQp);

	ndk_sq_push(qp);
	return ndk_refuse(&qp->obj, STATUS_NOT_SUPPORTED, "NdkBind", 0, 0);
}
