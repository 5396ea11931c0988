/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations that fail when they are told to.
 */
#ifndef _NDK_SELFTEST_ALLOC_H
#define _NDK_SELFTEST_ALLOC_H

#include <linux/types.h>

bool st_alloc_watch(void);
void st_alloc_unwatch(void);
void st_alloc_fail(u32 nth, const char *not_in);
u32 st_alloc_count(void);
const char *st_alloc_failed(void);
const char *st_alloc_waits(void);

#endif /* _NDK_SELFTEST_ALLOC_H */
