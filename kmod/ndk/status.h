/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what Linux says to what NDKPI says, and nowhere else.
 */
#ifndef _NDK_STATUS_H
#define _NDK_STATUS_H

#include <ndk/ndkpi.h>
#include <rdma/ib_verbs.h>

NTSTATUS ndk_status_from_errno(int err);
NTSTATUS ndk_status_from_wc(enum ib_wc_status status);

#endif /* _NDK_STATUS_H */
