/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that user space has named, mappings of it, and what keeps it pinned.
 */
#ifndef _NDK_CTL_MEMORY_H
#define _NDK_CTL_MEMORY_H

#include "ctl.h"

/**
 * struct ndk_ctl_memory - pinned or allocated memory
 * @obj: used by mappings and registrations
 * @mdl: describes it
 * @kernel: allocated here
 * @mm: whose limit it is charged to; NULL when not charged
 * @charged: pages charged
 */
struct ndk_ctl_memory {
	struct ndk_ctl_object obj;
	MDL *mdl;
	bool kernel;
	struct mm_struct *mm;
	u64 charged;
};

/**
 * struct ndk_ctl_lam - a logical address mapping
 * @obj: used by requests with the privileged token and by fast registrations
 * @memory: what is mapped, which it uses; NULL once let go of
 * @mdl: the part of it
 * @map: the mapping; NULL if there is none
 * @map_size: bytes at @map
 * @fbo: offset of the first byte in the first page
 * @length: bytes mapped
 */
struct ndk_ctl_lam {
	struct ndk_ctl_object obj;
	struct ndk_ctl_memory *memory;
	MDL mdl;
	NDK_LOGICAL_ADDRESS_MAPPING *map;
	ULONG map_size;
	ULONG fbo;
	u64 length;
};

static inline struct ndk_ctl_memory *to_memory(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_memory, obj);
}

static inline struct ndk_ctl_lam *to_lam(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_lam, obj);
}

static inline bool ndk_ctl_memory_writable(const struct ndk_ctl_memory *memory)
{
	return memory->mdl->MdlFlags & NDK_MDL_WRITABLE;
}

int ndk_ctl_memory_part(struct ndk_ctl_call *call,
			struct ndk_ctl_memory *memory, u64 offset, MDL *part);

#endif /* _NDK_CTL_MEMORY_H */
