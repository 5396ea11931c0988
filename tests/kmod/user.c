// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the process that reads the test's file.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "user.h"

/**
 * st_user_map() - map new memory into the current process
 * @t: the test
 * @u: out
 * @size: bytes, whole pages
 * @prot: PROT_*
 *
 * Return: false, and the test has failed, if that is not possible.
 */
bool st_user_map(struct st_test *t, struct st_user *u, size_t size,
		 unsigned long prot)
{
	u->mdl = NULL;
	u->size = size;
	u->addr = vm_mmap(NULL, 0, size, prot, MAP_PRIVATE | MAP_ANONYMOUS, 0);
	return ST_EXPECT(t, !IS_ERR_VALUE(u->addr), "no mapping of %zu bytes",
			 size);
}

/**
 * st_user_lock() - describe part of it, and lock its pages
 * @t: the test
 * @u: the memory, not described
 * @offset: of the first byte
 * @len: bytes
 * @op: what they are locked for
 *
 * Return: the status of MmProbeAndLockPages().
 */
NTSTATUS st_user_lock(struct st_test *t, struct st_user *u, size_t offset,
		      size_t len, LOCK_OPERATION op)
{
	NTSTATUS status;

	u->mdl = IoAllocateMdl((PVOID)(u->addr + offset), len, FALSE, FALSE,
			       NULL);
	if (!ST_EXPECT(t, u->mdl, "no MDL"))
		return STATUS_INSUFFICIENT_RESOURCES;
	status = MmProbeAndLockPages(u->mdl, UserMode, op);
	if (status == STATUS_SUCCESS)
		return status;
	IoFreeMdl(u->mdl);
	u->mdl = NULL;
	return status;
}

/**
 * st_user_unlock() - unlock its pages, and free the MDL
 * @u: the memory; no region refers to it
 */
void st_user_unlock(struct st_user *u)
{
	if (!u->mdl)
		return;
	MmUnlockPages(u->mdl);
	IoFreeMdl(u->mdl);
	u->mdl = NULL;
}

/**
 * st_user_replace() - other pages, with another content, in the same place
 * @t: the test
 * @u: the memory
 *
 * Return: false, and the test has failed, if that is not possible.
 */
bool st_user_replace(struct st_test *t, struct st_user *u)
{
	unsigned long addr;

	vm_munmap(u->addr, u->size);
	addr = vm_mmap(NULL, u->addr, u->size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0);
	return ST_EXPECT(t, addr == u->addr, "cannot map it again") &&
	       ST_EXPECT(t, !clear_user((void __user *)addr, u->size),
			 "the process's memory is not writable");
}

/**
 * st_user_unmap() - give it back
 * @t: the test; no region refers to the memory, unless it is stuck
 * @u: the memory
 */
void st_user_unmap(struct st_test *t, struct st_user *u)
{
	if (t->stuck)
		return;
	st_user_unlock(u);
	if (!IS_ERR_VALUE(u->addr))
		vm_munmap(u->addr, u->size);
}

/* The peer reads a piece of the process's memory, and writes another there. */
static bool st_user_piece(struct st_test *t, struct st_side *peer,
			  u64 base, UINT32 token, struct st_buf *local,
			  struct st_buf *seen)
{
	void __user *user = (void __user *)(unsigned long)base;

	/* other bytes than those of the last piece */
	st_buf_refill(seen);
	if (!ST_EXPECT(t, !copy_to_user(user, st_data(seen), ST_USER_PIECE),
		       "the process's memory is not writable"))
		return false;
	st_buf_expect(local, 0, st_data(seen), ST_USER_PIECE);
	if (!ST_OK(t, st_rdma(t, peer, NdkOperationTypeRead, local, 0,
			      ST_USER_PIECE, base, token)) ||
	    !ST_BUF(t, local))
		return false;
	st_buf_refill(local);
	if (!ST_OK(t, st_rdma(t, peer, NdkOperationTypeWrite, local, 0,
			      ST_USER_PIECE, base, token)))
		return false;
	st_buf_expect(seen, 0, st_data(local), ST_USER_PIECE);
	return ST_EXPECT(t, !copy_from_user(st_data(seen), user, ST_USER_PIECE),
			 "the process's memory is not readable") &&
	       ST_BUF(t, seen);
}

/**
 * st_user_access() - a peer reads and writes the process's memory
 * @t: the test
 * @peer: the end that does
 * @u: the memory, locked
 * @token: of the region, which is of all that is locked
 * @len: bytes of it, more than ST_USER_PIECE
 *
 * A piece each at the beginning, at an odd place in the middle and at the end;
 * the process reads what was written.
 *
 * Return: false, and the test has failed, if anything was otherwise.
 */
bool st_user_access(struct st_test *t, struct st_side *peer,
		    struct st_user *u, UINT32 token, size_t len)
{
	u64 base = (u64)(ULONG_PTR)MmGetMdlVirtualAddress(u->mdl);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, ST_USER_PIECE);
	struct st_buf *seen = st_buf_new(t, ST_CONTIG, 0, ST_USER_PIECE);

	return local && seen &&
	       st_user_piece(t, peer, base, token, local, seen) &&
	       st_user_piece(t, peer, base + (len - ST_USER_PIECE) / 2 + 1,
			     token, local, seen) &&
	       st_user_piece(t, peer, base + len - ST_USER_PIECE, token, local,
			     seen);
}
