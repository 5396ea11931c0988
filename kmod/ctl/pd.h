/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Protection domains, and what all creates with struct ndk_create share.
 */
#ifndef _NDK_CTL_PD_H
#define _NDK_CTL_PD_H

#include "ctl.h"

/**
 * struct ndk_ctl_pd - a protection domain
 * @obj: common part
 * @privileged: its privileged token, which user space may not use
 */
struct ndk_ctl_pd {
	struct ndk_ctl_object obj;
	u32 privileged;
};

static inline struct ndk_ctl_pd *to_pd(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_pd, obj);
}

static inline NDK_PD *to_ndk_pd(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_PD, Header);
}

static inline NDK_ADAPTER *to_ndk_adapter(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_ADAPTER, Header);
}

struct ndk_ctl_request *
ndk_ctl_create_child(struct ndk_ctl_call *call, u32 kind, u32 known_flags,
		     const struct ndk_ctl_type *type);

#endif /* _NDK_CTL_PD_H */
