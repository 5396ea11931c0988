/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scatter lists of user space, made into those of NDKPI.
 */
#ifndef _NDK_CTL_SGL_H
#define _NDK_CTL_SGL_H

#include "ctl.h"

/**
 * struct ndk_ctl_sgl - a list being made
 * @call: the command that wants it
 * @adapter: its LAMs must be for the same device; NULL: they cannot be used
 * @privileged: token that user space may not use
 * @writes: the adapter will write to the memory
 * @in: what user space gave
 * @sge: what NDKPI gets
 * @count: entries of @sge
 * @room: entries that @sge has room for
 * @uses: LAMs used, see ndk_ctl_uses_add()
 * @data: copy of inline data, or NULL
 */
struct ndk_ctl_sgl {
	struct ndk_ctl_call *call;
	struct ndk_ctl_object *adapter;
	u32 privileged;
	bool writes;
	struct ndk_sge *in;
	NDK_SGE *sge;
	u32 count;
	u32 room;
	struct list_head *uses;
	u8 *data;
};

int ndk_ctl_sgl_get(struct ndk_ctl_sgl *sgl);
void ndk_ctl_sgl_put(struct ndk_ctl_sgl *sgl);

#endif /* _NDK_CTL_SGL_H */
