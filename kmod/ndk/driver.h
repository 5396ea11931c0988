/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What drivers do in ways of their own, and ib_core has no means to ask for.
 */
#ifndef _NDK_DRIVER_H
#define _NDK_DRIVER_H

#include <rdma/ib_verbs.h>

/* Documentation/drivers.rst says where each was read. */
enum ndk_driver_habits {
	/* regions cannot be registered and invalidated where nothing may sleep */
	NDK_DRIVER_NO_FAST_MR = 1 << 0,
	/* registering a process's memory takes a caller in user space */
	NDK_DRIVER_NO_USER_MR = 1 << 1,
	/* nobody knows whether it can be connected to itself */
	NDK_DRIVER_NO_LOOPBACK = 1 << 2,
	/* a read with a fence fails */
	NDK_DRIVER_NO_FENCED_READ = 1 << 3,
	/* what is invalid is invalidated without a word, also by a peer */
	NDK_DRIVER_INVALIDATES_ALL = 1 << 4,
};

u32 ndk_driver_habits(const struct ib_device *ib);

#endif /* _NDK_DRIVER_H */
