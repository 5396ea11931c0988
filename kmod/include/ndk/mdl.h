/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory descriptor lists over struct page, under their published names.
 */
#ifndef _NDK_MDL_H
#define _NDK_MDL_H

#include <linux/mm_types.h>
#include <ndk/ntdef.h>

/**
 * struct _MDL - a virtually contiguous range and the pages behind it
 * @Next: the next MDL of a chain, or NULL
 * @StartVa: the range's virtual address, rounded down to a page
 * @ByteOffset: offset of the first byte in the first page
 * @ByteCount: bytes described
 * @MdlFlags: NDK_MDL_* below; the MDL functions own this field
 * @Mm: address space that @StartVa belongs to, for pinned user memory, or NULL
 * @Pages: one entry for each page that the range touches
 *
 * The virtual address is a label: nothing dereferences it. What is used is
 * @Pages. An MDL does not own the described memory; it owns the pins that
 * MmProbeAndLockPages() took, until MmUnlockPages().
 */
typedef struct _MDL {
	struct _MDL *Next;
	PVOID StartVa;
	ULONG ByteOffset;
	SIZE_T ByteCount;
	ULONG MdlFlags;
	struct mm_struct *Mm;
	struct page **Pages;
} MDL, *PMDL;

#define NDK_MDL_PAGES_VALID	0x1	/* Pages is filled */
#define NDK_MDL_PAGES_PINNED	0x2	/* by MmProbeAndLockPages() */
#define NDK_MDL_WRITABLE	0x4	/* pinned for writing, or kernel memory */
#define NDK_MDL_NO_MEMORY	0x8	/* said to be kernel memory, and is not */

typedef enum _MODE {
	KernelMode = 0,
	UserMode = 1,
} KPROCESSOR_MODE;

typedef enum _LOCK_OPERATION {
	IoReadAccess = 0,	/* the device only reads the memory */
	IoWriteAccess = 1,
	IoModifyAccess = 2,
} LOCK_OPERATION;

PMDL IoAllocateMdl(PVOID VirtualAddress, SIZE_T Length, BOOLEAN SecondaryBuffer,
		   BOOLEAN ChargeQuota, PVOID Irp);
VOID IoFreeMdl(PMDL Mdl);
VOID MmBuildMdlForNonPagedPool(PMDL Mdl);
NTSTATUS MmProbeAndLockPages(PMDL Mdl, KPROCESSOR_MODE AccessMode,
			     LOCK_OPERATION Operation);
VOID MmUnlockPages(PMDL Mdl);

/* Linux: describe an array of pages that need not have an address at all. */
NTSTATUS ndk_mdl_set_pages(PMDL Mdl, struct page *const *pages, u32 npages);

/**
 * MmGetMdlVirtualAddress() - virtual address of the first byte
 * @Mdl: the MDL
 *
 * Context: any.
 * Return: the address given to IoAllocateMdl(); a label, not to be
 * dereferenced.
 */
static inline PVOID MmGetMdlVirtualAddress(const MDL *Mdl)
{
	return (PVOID)((ULONG_PTR)Mdl->StartVa + Mdl->ByteOffset);
}

/**
 * MmGetMdlByteCount() - bytes described by one MDL
 * @Mdl: the MDL
 *
 * Context: any.
 * Return: the length in bytes, of this MDL and not of a chain.
 */
static inline SIZE_T MmGetMdlByteCount(const MDL *Mdl)
{
	return Mdl->ByteCount;
}

/**
 * MmGetMdlByteOffset() - offset of the first byte in its page
 * @Mdl: the MDL
 *
 * Context: any.
 * Return: bytes, less than PAGE_SIZE.
 */
static inline ULONG MmGetMdlByteOffset(const MDL *Mdl)
{
	return Mdl->ByteOffset;
}

/**
 * ndk_mdl_page_count() - pages that one MDL's range touches
 * @Mdl: the MDL
 *
 * Context: any.
 * Return: entries in @Mdl->Pages.
 */
static inline SIZE_T ndk_mdl_page_count(const MDL *Mdl)
{
	return (Mdl->ByteOffset + Mdl->ByteCount + PAGE_SIZE - 1) / PAGE_SIZE;
}

#endif /* _NDK_MDL_H */
