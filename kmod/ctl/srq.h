/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared receive queues.
 */
#ifndef _NDK_CTL_SRQ_H
#define _NDK_CTL_SRQ_H

#include "ctl.h"

/**
 * struct ndk_ctl_srq - a shared receive queue
 * @obj: common part
 * @lock: NDKPI wants posting serialised
 * @event: its notification
 * @privileged: privileged token of its PD, which user space may not use
 */
struct ndk_ctl_srq {
	struct ndk_ctl_object obj;
	struct mutex lock; /* see above */
	struct ndk_ctl_event event;
	u32 privileged;
};

static inline struct ndk_ctl_srq *to_srq(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_srq, obj);
}

static inline NDK_SRQ *to_ndk_srq(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_SRQ, Header);
}

#endif /* _NDK_CTL_SRQ_H */
