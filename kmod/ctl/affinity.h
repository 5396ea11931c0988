/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Preferred processors, for the queues that take them.
 */
#ifndef _NDK_CTL_AFFINITY_H
#define _NDK_CTL_AFFINITY_H

#include "ctl.h"

static inline int ndk_ctl_affinity(struct ndk_ctl_call *call, u64 mask,
				   u32 group, GROUP_AFFINITY *affinity)
{
	if (group > U16_MAX || (!mask && group))
		return ndk_ctl_refuse(call, -EINVAL, "affinity_group", group,
				      mask ? U16_MAX : 0);
	memset(affinity, 0, sizeof(*affinity));
	affinity->Mask = mask;
	affinity->Group = group;
	return 0;
}

#endif /* _NDK_CTL_AFFINITY_H */
