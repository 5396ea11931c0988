/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory descriptor lists over struct page.
 *
 * What the provider exports has names of Linux; the published names are inline
 * functions over it.
 */
#ifndef _NDK_MDL_H
#define _NDK_MDL_H

#include <linux/gfp.h>
#include <linux/mm_types.h>
#include <ndk/ntdef.h>

/**
 * struct _MDL - a virtually contiguous range and the pages behind it
 * @Next: the next MDL of a chain, or NULL
 * @MdlFlags: NDK_MDL_* below; the MDL functions own this field
 * @ByteCount: bytes described
 * @ByteOffset: offset of the first byte in the first page
 * @StartVa: the range's virtual address, rounded down to a page
 * @MappedSystemVa: mapping made by MmGetSystemAddressForMdlSafe(), or NULL
 * @Mm: address space that @StartVa belongs to, for pinned user memory, or NULL
 * @Pages: one entry for each page that the range touches
 * @Rcu: frees it where nothing may sleep
 *
 * The virtual address is a label: nothing dereferences it but
 * MmBuildMdlForNonPagedPool() and MmProbeAndLockPages(). What is used is
 * @Pages. An MDL does not own the described memory; it owns the pins that
 * MmProbeAndLockPages() took, until MmUnlockPages().
 */
typedef struct _MDL {
	struct _MDL *Next;
	ULONG MdlFlags;
	ULONG ByteCount;
	ULONG ByteOffset;
	PVOID StartVa;
	PVOID MappedSystemVa;
	struct mm_struct *Mm;
	struct page **Pages;
	struct rcu_head Rcu;
} MDL, *PMDL;

#define NDK_MDL_PAGES_VALID	0x1	/* Pages is filled */
#define NDK_MDL_PAGES_PINNED	0x2	/* by MmProbeAndLockPages(), user pages */
#define NDK_MDL_WRITABLE	0x4	/* locked for writing, or kernel memory */
#define NDK_MDL_NO_MEMORY	0x8	/* said to be kernel memory, and is not */
#define NDK_MDL_KERNEL_VA	0x10	/* StartVa is an address of this kernel */

typedef enum _MODE {
	KernelMode = 0,
	UserMode = 1,
} KPROCESSOR_MODE;

typedef enum _LOCK_OPERATION {
	IoReadAccess = 0,	/* the device only reads the memory */
	IoWriteAccess = 1,
	IoModifyAccess = 2,
} LOCK_OPERATION;

/* Of MmGetSystemAddressForMdlSafe(); how much a mapping is wanted changes nothing. */
typedef enum _MM_PAGE_PRIORITY {
	LowPagePriority = 0,
	NormalPagePriority = 16,
	HighPagePriority = 32,
} MM_PAGE_PRIORITY;

#define MdlMappingNoWrite	0x80000000
#define MdlMappingNoExecute	0x40000000

/* Pages that @Size bytes from @Va on touch. */
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, Size)			       \
	((ULONG)((((ULONG_PTR)(Va) & (PAGE_SIZE - 1)) + (SIZE_T)(Size) +       \
		  (PAGE_SIZE - 1)) >> PAGE_SHIFT))

/**
 * ndk_mdl_alloc() - allocate a descriptor for a range
 * @va: address of the first byte; a label
 * @length: bytes
 * @gfp: how; with GFP_NOWAIT there may be none for a long range
 *
 * The pages are filled in by one of ndk_mdl_build(), ndk_mdl_lock() and
 * ndk_mdl_set_pages(). Chains are made by linking Next. A @length of 0 makes a
 * descriptor that no request accepts.
 *
 * Context: that of @gfp.
 * Return: the MDL, or NULL when out of memory.
 */
MDL *ndk_mdl_alloc(void *va, u32 length, gfp_t gfp);

/**
 * ndk_mdl_free() - free a descriptor, not what it describes
 * @mdl: the MDL, not a chain; its pages must have been unlocked; or NULL
 *
 * Context: any; process if it is mapped still.
 */
void ndk_mdl_free(MDL *mdl);

/**
 * ndk_mdl_build() - fill in the pages of kernel memory
 * @mdl: whose virtual address is that of memory from kmalloc(), vmalloc() or
 *	the page allocator, or of a variable
 *
 * Anything else, such as an address of a process or of a device, has no pages
 * to fill in; a request that is given the MDL refuses it.
 *
 * Context: any.
 * Return: false, and no pages, for another kind of address.
 */
bool ndk_mdl_build(MDL *mdl);

/**
 * ndk_mdl_lock() - have the pages of a range stay where they are
 * @mdl: describes a range of the calling process, or of the kernel
 * @mode: UserMode pins the process's pages; KernelMode looks up the kernel's,
 *	which stay by themselves
 * @operation: what the device may do; anything but IoReadAccess needs pages
 *	that the process may write
 *
 * All or nothing. The pins are long-term ones; charging them is the caller's
 * business.
 *
 * Context: UserMode: process that owns the range, may sleep; KernelMode: any.
 * Return: STATUS_SUCCESS, STATUS_ACCESS_VIOLATION when a page is not there
 * with the access needed, or is no kernel memory, STATUS_INVALID_PARAMETER for
 * an empty range or pages that were filled in before, or
 * STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS ndk_mdl_lock(MDL *mdl, KPROCESSOR_MODE mode, LOCK_OPERATION operation);

/**
 * ndk_mdl_unlock() - undo ndk_mdl_lock()
 * @mdl: the MDL; no device may use its pages any more
 *
 * Context: process, may sleep; any if the pages are the kernel's.
 */
void ndk_mdl_unlock(MDL *mdl);

/**
 * ndk_mdl_map() - have an MDL's memory in the kernel's address space
 * @mdl: an MDL with pages; one caller at a time
 *
 * Context: any for memory of the kernel, for pages that lie side by side and
 * for what is mapped already; process, may sleep, otherwise.
 * Return: address of the first byte, or NULL without pages or memory.
 */
void *ndk_mdl_map(MDL *mdl);

/**
 * ndk_mdl_unmap() - undo ndk_mdl_map()
 * @mdl: the MDL
 *
 * Context: process, may sleep; any if nothing had to be mapped.
 */
void ndk_mdl_unmap(MDL *mdl);

/**
 * ndk_mdl_set_pages() - fill in pages that need not have an address
 * @mdl: the MDL; its virtual address stays a label
 * @pages: the pages, copied
 * @npages: must be what the range spans
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER for another @npages or
 * pages that were filled in before.
 */
NTSTATUS ndk_mdl_set_pages(MDL *mdl, struct page *const *pages, u32 npages);

/**
 * IoAllocateMdl() - allocate a descriptor for a range
 * @VirtualAddress: address of the first byte; a label
 * @Length: bytes
 * @SecondaryBuffer: not used, FALSE
 * @ChargeQuota: not used, FALSE
 * @Irp: not used, NULL
 *
 * Context: any; does not wait for memory. Who may wait has ndk_mdl_alloc().
 * Return: the MDL, or NULL when there is no memory for it.
 */
static inline PMDL IoAllocateMdl(PVOID VirtualAddress, ULONG Length,
				 BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota,
				 PVOID Irp)
{
	return ndk_mdl_alloc(VirtualAddress, Length, GFP_NOWAIT);
}

/**
 * IoFreeMdl() - free a descriptor, not what it describes
 * @Mdl: the MDL, not a chain; its pages must have been unlocked
 *
 * Context: any; process if MmGetSystemAddressForMdlSafe() had to make a mapping
 * that is still there.
 */
static inline VOID IoFreeMdl(PMDL Mdl)
{
	ndk_mdl_free(Mdl);
}

/**
 * MmBuildMdlForNonPagedPool() - fill in the pages of kernel memory
 * @Mdl: whose virtual address is that of kmalloc, page or vmalloc memory
 *
 * With another address the MDL stays without pages, and no request accepts it.
 *
 * Context: any.
 */
static inline VOID MmBuildMdlForNonPagedPool(PMDL Mdl)
{
	ndk_mdl_build(Mdl);
}

/**
 * MmProbeAndLockPages() - have the pages of a range stay where they are
 * @Mdl: describes a range of the calling process, or of the kernel
 * @AccessMode: UserMode, or KernelMode for an address of the kernel
 * @Operation: what the device may do; anything but IoReadAccess needs pages
 *	that the process may write
 *
 * Where the published function raises an exception, this returns a status.
 *
 * Context: UserMode: process that owns the range, may sleep; KernelMode: any.
 * Return: STATUS_SUCCESS, STATUS_ACCESS_VIOLATION when a page is not there
 * with the access needed, STATUS_INVALID_PARAMETER, or
 * STATUS_INSUFFICIENT_RESOURCES.
 */
static inline NTSTATUS MmProbeAndLockPages(PMDL Mdl, KPROCESSOR_MODE AccessMode,
					   LOCK_OPERATION Operation)
{
	return ndk_mdl_lock(Mdl, AccessMode, Operation);
}

/**
 * MmUnlockPages() - undo MmProbeAndLockPages()
 * @Mdl: the MDL; no device may use its pages any more
 *
 * Context: process, may sleep; any if the pages are the kernel's.
 */
static inline VOID MmUnlockPages(PMDL Mdl)
{
	ndk_mdl_unlock(Mdl);
}

/**
 * MmGetSystemAddressForMdlSafe() - have an MDL's memory in the kernel's address space
 * @Mdl: an MDL with pages
 * @Priority: not used
 *
 * The mapping, if one is needed, stays until MmUnmapLockedPages(),
 * MmUnlockPages() or IoFreeMdl(). One caller at a time.
 *
 * Context: any for memory of the kernel, for pages that lie side by side and
 * for what is mapped already; process, may sleep, otherwise.
 * Return: address of the first byte, or NULL.
 */
static inline PVOID MmGetSystemAddressForMdlSafe(PMDL Mdl, ULONG Priority)
{
	return ndk_mdl_map(Mdl);
}

/**
 * MmUnmapLockedPages() - undo MmGetSystemAddressForMdlSafe()
 * @BaseAddress: what it returned
 * @Mdl: the MDL
 *
 * Context: process, may sleep; any if nothing had to be mapped.
 */
static inline VOID MmUnmapLockedPages(PVOID BaseAddress, PMDL Mdl)
{
	ndk_mdl_unmap(Mdl);
}

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
static inline ULONG MmGetMdlByteCount(const MDL *Mdl)
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
 * @mdl: the MDL
 *
 * Context: any.
 * Return: entries in @mdl->Pages.
 */
static inline u32 ndk_mdl_page_count(const MDL *mdl)
{
	return ADDRESS_AND_SIZE_TO_SPAN_PAGES(mdl->ByteOffset, mdl->ByteCount);
}

#endif /* _NDK_MDL_H */
