/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_MDL_PRIVATE_H
#define _NDK_MDL_PRIVATE_H

#include <ndk/mdl.h>

/**
 * struct ndk_mdl_range - a checked part of an MDL chain
 * @mdl: first MDL
 * @va: virtual address of the first byte; a label
 * @fbo: offset of the first byte in its page
 * @length: bytes
 * @npages: pages touched
 * @writable: all of it may be written to
 */
struct ndk_mdl_range {
	const MDL *mdl;
	ULONG_PTR va;
	ULONG fbo;
	SIZE_T length;
	SIZE_T npages;
	bool writable;
};

/* Visits a page; false ends the walk. */
typedef bool (*ndk_mdl_page_fn)(u32 index, struct page *page, void *ctx);

const char *ndk_mdl_check(const MDL *mdl, SIZE_T length,
			  struct ndk_mdl_range *range);
bool ndk_mdl_walk(const struct ndk_mdl_range *range,
		  ndk_mdl_page_fn fn, void *ctx);

#endif /* _NDK_MDL_PRIVATE_H */
