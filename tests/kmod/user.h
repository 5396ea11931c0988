/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of the process that reads the test's file: mapped, locked, described
 * by an MDL, used by a peer.
 */
#ifndef _NDK_SELFTEST_USER_H
#define _NDK_SELFTEST_USER_H

#include "harness.h"

/* What a peer reads or writes at once. */
#define ST_USER_PIECE	SZ_64K

/**
 * struct st_user - a mapping of the current process
 * @addr: where, or an error
 * @size: bytes mapped
 * @mdl: describes part of it, or NULL
 */
struct st_user {
	unsigned long addr;
	size_t size;
	MDL *mdl;
};

bool st_user_map(struct st_test *t, struct st_user *u, size_t size,
		 unsigned long prot);
NTSTATUS st_user_lock(struct st_test *t, struct st_user *u, size_t offset,
		      size_t len, LOCK_OPERATION op);
void st_user_unlock(struct st_user *u);
bool st_user_replace(struct st_test *t, struct st_user *u);
void st_user_unmap(struct st_test *t, struct st_user *u);
bool st_user_access(struct st_test *t, struct st_side *peer,
		    struct st_user *u, UINT32 token, size_t len);

#endif /* _NDK_SELFTEST_USER_H */
