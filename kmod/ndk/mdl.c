// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory descriptor lists over struct page.
 */
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <ndk/mdl.h>

#include "mdl.h"

/**
 * IoAllocateMdl() - allocate a descriptor for a range
 * @VirtualAddress: address of the first byte; a label
 * @Length: bytes
 * @SecondaryBuffer: not used, FALSE
 * @ChargeQuota: not used, FALSE
 * @Irp: not used, NULL
 *
 * The pages are filled in by one of MmBuildMdlForNonPagedPool(),
 * MmProbeAndLockPages() and ndk_mdl_set_pages(). Chains are made by linking
 * Next. A @Length of 0 makes a descriptor that no request accepts.
 *
 * Context: process; may sleep.
 * Return: the MDL, or NULL when out of memory or the range wraps.
 */
PMDL IoAllocateMdl(PVOID VirtualAddress, SIZE_T Length, BOOLEAN SecondaryBuffer,
		   BOOLEAN ChargeQuota, PVOID Irp)
{
	ULONG_PTR va = (ULONG_PTR)VirtualAddress;
	SIZE_T last;
	PMDL mdl;

	might_sleep();
	if (check_add_overflow((SIZE_T)offset_in_page(va), Length, &last) ||
	    check_add_overflow(last, PAGE_SIZE - 1, &last))
		return NULL;

	mdl = kzalloc(sizeof(*mdl), GFP_KERNEL_ACCOUNT);
	if (!mdl)
		return NULL;
	mdl->StartVa = (PVOID)(va & PAGE_MASK);
	mdl->ByteOffset = offset_in_page(va);
	mdl->ByteCount = Length;
	/* @Length may be anybody's: too much is an answer, not a warning. */
	mdl->Pages = kvcalloc(max_t(SIZE_T, ndk_mdl_page_count(mdl), 1),
			      sizeof(*mdl->Pages),
			      GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!mdl->Pages) {
		kfree(mdl);
		return NULL;
	}
	return mdl;
}
EXPORT_SYMBOL_GPL(IoAllocateMdl);

/**
 * IoFreeMdl() - free a descriptor, not what it describes
 * @Mdl: the MDL, not a chain; its pages must have been unlocked
 *
 * Context: process; may sleep.
 */
VOID IoFreeMdl(PMDL Mdl)
{
	might_sleep();
	if (!Mdl)
		return;
	WARN_ON_ONCE(Mdl->MdlFlags & NDK_MDL_PAGES_PINNED);
	kvfree(Mdl->Pages);
	kfree(Mdl);
}
EXPORT_SYMBOL_GPL(IoFreeMdl);

/* Is it mapped page by page? Variables of modules have a range of their own. */
static bool ndk_mdl_is_mapped(const void *va)
{
#ifdef MODULES_VADDR
	if ((unsigned long)va >= MODULES_VADDR &&
	    (unsigned long)va < MODULES_END)
		return true;
#endif
	return is_vmalloc_addr(va);
}

/* The page behind an address of the kernel's, or NULL if there is none. */
static struct page *ndk_mdl_kernel_page(const void *va)
{
	struct page *page;

	if (!ndk_mdl_is_mapped(va))
		return virt_addr_valid(va) ? virt_to_page(va) : NULL;
	/* What ioremap() has mapped there is no memory. */
	page = vmalloc_to_page(va);
	return page && pfn_valid(page_to_pfn(page)) ? page : NULL;
}

/**
 * MmBuildMdlForNonPagedPool() - fill in the pages of kernel memory
 * @Mdl: whose virtual address is that of memory from kmalloc(), vmalloc() or
 *	the page allocator, or of a variable
 *
 * Anything else, such as an address of a process or of a device, has no pages
 * to fill in; a request that is given the MDL refuses it.
 *
 * Context: any.
 */
VOID MmBuildMdlForNonPagedPool(PMDL Mdl)
{
	SIZE_T i, npages = ndk_mdl_page_count(Mdl);
	u8 *va = Mdl->StartVa;

	for (i = 0; i < npages; i++, va += PAGE_SIZE) {
		Mdl->Pages[i] = ndk_mdl_kernel_page(va);
		if (!Mdl->Pages[i]) {
			Mdl->MdlFlags |= NDK_MDL_NO_MEMORY;
			return;
		}
	}
	Mdl->MdlFlags |= NDK_MDL_PAGES_VALID | NDK_MDL_WRITABLE;
}
EXPORT_SYMBOL_GPL(MmBuildMdlForNonPagedPool);

/*
 * Pin some pages from @addr on. What the device only reads is pinned for
 * writing, too, where that can be: otherwise a page that is still shared, such
 * as that of zeros, would be replaced when the process writes to it, and the
 * device would go on reading the old one. Not every kernel sees to that by
 * itself. Shared mappings have but one page and need not be writable.
 */
static int ndk_mdl_pin(unsigned long addr, SIZE_T npages, bool write,
		       struct page **pages)
{
	int n = min_t(SIZE_T, npages, INT_MAX);
	int ret;

	if (write)
		return pin_user_pages_fast(addr, n, FOLL_LONGTERM | FOLL_WRITE,
					   pages);
	ret = pin_user_pages_fast(addr, n, FOLL_LONGTERM | FOLL_WRITE |
				  FOLL_FORCE, pages);
	if (ret > 0)
		return ret;
	return pin_user_pages_fast(addr, 1, FOLL_LONGTERM, pages);
}

/**
 * MmProbeAndLockPages() - pin the pages behind a user range
 * @Mdl: describes a range of the calling process
 * @AccessMode: UserMode; KernelMode is for MmBuildMdlForNonPagedPool()
 * @Operation: what the device may do; anything but IoReadAccess needs pages
 *	that the process may write
 *
 * All or nothing. The pins are long-term ones; charging them is the caller's
 * business. Where the published function raises an exception, this returns a
 * status.
 *
 * Context: process that owns the range; may sleep.
 * Return: STATUS_SUCCESS, STATUS_ACCESS_VIOLATION when a page is not mapped
 * with the access needed, STATUS_INVALID_PARAMETER, or
 * STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS MmProbeAndLockPages(PMDL Mdl, KPROCESSOR_MODE AccessMode,
			     LOCK_OPERATION Operation)
{
	SIZE_T done = 0, npages = ndk_mdl_page_count(Mdl);
	unsigned long va = (ULONG_PTR)Mdl->StartVa;
	bool write = Operation != IoReadAccess;
	int n = -EFAULT;

	might_sleep();
	if (AccessMode != UserMode || !npages ||
	    (Mdl->MdlFlags & NDK_MDL_PAGES_VALID))
		return STATUS_INVALID_PARAMETER;
	if (!write && fault_in_readable((const char __user *)va,
					npages * PAGE_SIZE))
		return STATUS_ACCESS_VIOLATION;

	while (done < npages) {
		n = ndk_mdl_pin(va + done * PAGE_SIZE, npages - done, write,
				Mdl->Pages + done);
		if (n <= 0)
			break;
		done += n;
	}
	if (done < npages) {
		unpin_user_pages(Mdl->Pages, done);
		return n == -ENOMEM ? STATUS_INSUFFICIENT_RESOURCES :
				      STATUS_ACCESS_VIOLATION;
	}

	mmgrab(current->mm);
	Mdl->Mm = current->mm;
	Mdl->MdlFlags |= NDK_MDL_PAGES_VALID | NDK_MDL_PAGES_PINNED;
	if (write)
		Mdl->MdlFlags |= NDK_MDL_WRITABLE;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(MmProbeAndLockPages);

/**
 * MmUnlockPages() - take the pins of MmProbeAndLockPages() back
 * @Mdl: the MDL; no device may use its pages any more
 *
 * Context: process; may sleep.
 */
VOID MmUnlockPages(PMDL Mdl)
{
	might_sleep();
	if (!(Mdl->MdlFlags & NDK_MDL_PAGES_PINNED))
		return;
	unpin_user_pages_dirty_lock(Mdl->Pages, ndk_mdl_page_count(Mdl),
				    Mdl->MdlFlags & NDK_MDL_WRITABLE);
	mmdrop(Mdl->Mm);
	Mdl->Mm = NULL;
	Mdl->MdlFlags &= ~(NDK_MDL_PAGES_VALID | NDK_MDL_PAGES_PINNED |
			   NDK_MDL_WRITABLE);
}
EXPORT_SYMBOL_GPL(MmUnlockPages);

/**
 * ndk_mdl_set_pages() - fill in pages that need not have an address
 * @Mdl: the MDL; its virtual address stays a label
 * @pages: the pages, copied
 * @npages: must be what the range spans
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER for another @npages or
 * pages that were filled in before.
 */
NTSTATUS ndk_mdl_set_pages(PMDL Mdl, struct page *const *pages, u32 npages)
{
	if (npages != ndk_mdl_page_count(Mdl) ||
	    (Mdl->MdlFlags & NDK_MDL_PAGES_VALID))
		return STATUS_INVALID_PARAMETER;
	memcpy(Mdl->Pages, pages, npages * sizeof(*pages));
	Mdl->MdlFlags |= NDK_MDL_PAGES_VALID | NDK_MDL_WRITABLE;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(ndk_mdl_set_pages);

/**
 * ndk_mdl_check() - is a chain fit to be registered or mapped?
 * @mdl: first MDL, may be NULL
 * @length: bytes from its beginning
 * @range: filled on success
 *
 * Context: any.
 * Return: NULL, or the literal name of what is wrong.
 */
const char *ndk_mdl_check(const MDL *mdl, SIZE_T length,
			  struct ndk_mdl_range *range)
{
	SIZE_T left = length;
	ULONG_PTR next;

	if (!mdl)
		return "Mdl (NULL)";
	if (!length)
		return "Length (zero)";

	range->mdl = mdl;
	range->va = (ULONG_PTR)MmGetMdlVirtualAddress(mdl);
	range->fbo = mdl->ByteOffset;
	range->length = length;
	if (check_add_overflow(range->va, length - 1, &next))
		return "Length (wraps around)";

	for (next = range->va; left; mdl = mdl->Next) {
		if (!mdl)
			return "Length (beyond the MDL)";
		if (mdl->MdlFlags & NDK_MDL_NO_MEMORY)
			return "Mdl (not kernel memory)";
		if (!(mdl->MdlFlags & NDK_MDL_PAGES_VALID))
			return "Mdl (pages not locked)";
		if (mdl->Mm != range->mdl->Mm)
			return "Mdl (mixes address spaces)";
		if ((ULONG_PTR)MmGetMdlVirtualAddress(mdl) != next)
			return "Mdl (not virtually contiguous)";
		next += mdl->ByteCount;
		left -= min(left, mdl->ByteCount);
	}

	range->npages = (range->fbo + length + PAGE_SIZE - 1) / PAGE_SIZE;
	return NULL;
}

/**
 * ndk_mdl_walk() - visit the pages of a checked range in order
 * @range: from ndk_mdl_check()
 * @fn: called with the page's index; a false return ends the walk
 * @ctx: for @fn
 *
 * Where one MDL of a chain ends inside a page and the next goes on in it, the
 * page is visited once.
 *
 * Context: that of @fn.
 * Return: false when @fn ended the walk, or when two MDLs put different pages
 * behind the same virtual page.
 */
bool ndk_mdl_walk(const struct ndk_mdl_range *range,
		  ndk_mdl_page_fn fn, void *ctx)
{
	const MDL *mdl = range->mdl;
	struct page *last = NULL;
	u32 index = 0;

	for (; mdl && index < range->npages; mdl = mdl->Next) {
		SIZE_T i = 0, n = ndk_mdl_page_count(mdl);

		if (last && mdl->ByteOffset) {
			if (mdl->Pages[0] != last)
				return false;
			i = 1;
		}
		for (; i < n && index < range->npages; i++, index++) {
			if (!fn(index, mdl->Pages[i], ctx))
				return false;
			last = mdl->Pages[i];
		}
	}
	return true;
}
