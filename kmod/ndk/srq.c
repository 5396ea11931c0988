// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared receive queues, which this provider does not offer: MaxSrqDepth is 0.
 */
#include "pd.h"
#include "srq.h"

/**
 * ndk_create_srq() - NDK_FN_CREATE_SRQ, which this provider does not offer
 * @pNdkPd: the PD
 * @SrqDepth: not used
 * @MaxReceiveRequestSge: not used
 * @NotifyThreshold: not used
 * @SrqNotification: never called
 * @SrqNotificationContext: not used
 * @Affinity: not used
 * @CreateCompletion: never called
 * @RequestContext: not used
 * @ppNdkSrq: not written
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
NTSTATUS ndk_create_srq(NDK_PD *pNdkPd, ULONG SrqDepth,
			ULONG MaxReceiveRequestSge, ULONG NotifyThreshold,
			NDK_FN_SRQ_NOTIFICATION_CALLBACK SrqNotification,
			PVOID SrqNotificationContext, GROUP_AFFINITY *Affinity,
			NDK_FN_CREATE_COMPLETION CreateCompletion,
			PVOID RequestContext, NDK_SRQ **ppNdkSrq)
{
	return ndk_refuse(&to_ndk_pd(pNdkPd)->obj, STATUS_NOT_SUPPORTED,
			  "NdkCreateSrq", SrqDepth, 0);
}

/**
 * ndk_create_qp_with_srq() - NDK_FN_CREATE_QP_WITH_SRQ, not offered
 * @pNdkPd: the PD
 * @pReceiveCq: not used
 * @pInitiatorCq: not used
 * @pSrq: not used
 * @QPContext: not used
 * @InitiatorQueueDepth: not used
 * @MaxInitiatorRequestSge: not used
 * @InlineDataSize: not used
 * @CreateCompletion: never called
 * @RequestContext: not used
 * @ppNdkQp: not written
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
NTSTATUS ndk_create_qp_with_srq(NDK_PD *pNdkPd, NDK_CQ *pReceiveCq,
				NDK_CQ *pInitiatorCq, NDK_SRQ *pSrq,
				PVOID QPContext, ULONG InitiatorQueueDepth,
				ULONG MaxInitiatorRequestSge,
				ULONG InlineDataSize,
				NDK_FN_CREATE_COMPLETION CreateCompletion,
				PVOID RequestContext, NDK_QP **ppNdkQp)
{
	return ndk_refuse(&to_ndk_pd(pNdkPd)->obj, STATUS_NOT_SUPPORTED,
			  "NdkCreateQpWithSrq", 0, 0);
}
