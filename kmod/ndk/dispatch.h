/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The dispatch tables of all types; defined in dispatch.c.
 */
#ifndef _NDK_DISPATCH_H
#define _NDK_DISPATCH_H

#include <ndk/ndkpi.h>

extern const NDK_ADAPTER_DISPATCH ndk_adapter_dispatch;
extern const NDK_PD_DISPATCH ndk_pd_dispatch;
extern const NDK_CQ_DISPATCH ndk_cq_dispatch;
extern const NDK_QP_DISPATCH ndk_qp_dispatch;
extern const NDK_MR_DISPATCH ndk_mr_dispatch;
extern const NDK_LISTENER_DISPATCH ndk_listener_dispatch;
extern const NDK_CONNECTOR_DISPATCH ndk_connector_dispatch;

#endif /* _NDK_DISPATCH_H */
