// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory descriptor lists over struct page.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <ndk/mdl.h>

#include "export.h"
#include "mdl.h"
#include "refusal.h"

MDL *ndk_mdl_alloc(void *va, u32 length, gfp_t gfp)
{
	u32 npages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(va, length);
	MDL *mdl;

	/* @length may be anybody's: too much is an answer, not a warning. */
	mdl = kvzalloc(sizeof(*mdl) + npages * sizeof(*mdl->Pages),
		       gfp | __GFP_NOWARN);
	if (!mdl)
		return NULL;
	mdl->StartVa = (void *)((unsigned long)va & PAGE_MASK);
	mdl->ByteOffset = offset_in_page(va);
	mdl->ByteCount = length;
	mdl->Pages = (struct page **)(mdl + 1);
	return mdl;
}
EXPORT_SYMBOL_NDK(ndk_mdl_alloc);

void ndk_mdl_free(MDL *mdl)
{
	if (!mdl)
		return;
	WARN_ON_ONCE(mdl->MdlFlags & NDK_MDL_PAGES_PINNED);
	ndk_mdl_unmap(mdl);
	/* vfree() wants to sleep, whatever it says about interrupts. */
	if (is_vmalloc_addr(mdl))
		kvfree_rcu(mdl, Rcu);
	else
		kfree(mdl);
}
EXPORT_SYMBOL_NDK(ndk_mdl_free);

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

bool ndk_mdl_build(MDL *mdl)
{
	u32 i, npages = ndk_mdl_page_count(mdl);
	u8 *va = mdl->StartVa;

	mdl->MdlFlags &= ~NDK_MDL_NO_MEMORY;
	for (i = 0; i < npages; i++, va += PAGE_SIZE) {
		mdl->Pages[i] = ndk_mdl_kernel_page(va);
		if (!mdl->Pages[i]) {
			mdl->MdlFlags |= NDK_MDL_NO_MEMORY;
			return false;
		}
	}
	mdl->MdlFlags |= NDK_MDL_PAGES_VALID | NDK_MDL_WRITABLE |
			 NDK_MDL_KERNEL_VA;
	return true;
}
EXPORT_SYMBOL_NDK(ndk_mdl_build);

/*
 * Pin some pages from @addr on. What the device only reads is pinned for
 * writing, too, where that can be: otherwise a page that is still shared, such
 * as that of zeros, would be replaced when the process writes to it, and the
 * device would go on reading the old one. Not every kernel sees to that by
 * itself. Shared mappings have but one page and need not be writable.
 */
static int ndk_mdl_pin(unsigned long addr, int n, bool write,
		       struct page **pages)
{
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

static NTSTATUS ndk_mdl_lock_user(MDL *mdl, bool write)
{
	u32 done = 0, npages = ndk_mdl_page_count(mdl);
	unsigned long va = (unsigned long)mdl->StartVa;
	int n = -EFAULT;

	might_sleep();
	if (!write && fault_in_readable((const char __user *)va,
					(size_t)npages * PAGE_SIZE))
		return STATUS_ACCESS_VIOLATION;

	while (done < npages) {
		n = ndk_mdl_pin(va + (unsigned long)done * PAGE_SIZE,
				npages - done, write, mdl->Pages + done);
		if (n <= 0)
			break;
		done += n;
	}
	if (done < npages) {
		unpin_user_pages(mdl->Pages, done);
		return n == -ENOMEM ? STATUS_INSUFFICIENT_RESOURCES :
				      STATUS_ACCESS_VIOLATION;
	}

	mmgrab(current->mm);
	mdl->Mm = current->mm;
	mdl->MdlFlags |= NDK_MDL_PAGES_VALID | NDK_MDL_PAGES_PINNED;
	if (write)
		mdl->MdlFlags |= NDK_MDL_WRITABLE;
	return STATUS_SUCCESS;
}

NTSTATUS ndk_mdl_lock(MDL *mdl, KPROCESSOR_MODE mode, LOCK_OPERATION operation)
{
	bool write = operation != IoReadAccess;

	if (!mdl->ByteCount || (mdl->MdlFlags & NDK_MDL_PAGES_VALID))
		return STATUS_INVALID_PARAMETER;
	if (mode == UserMode)
		return ndk_mdl_lock_user(mdl, write);
	if (!ndk_mdl_build(mdl))
		return STATUS_ACCESS_VIOLATION;
	if (!write)
		mdl->MdlFlags &= ~NDK_MDL_WRITABLE;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NDK(ndk_mdl_lock);

void ndk_mdl_unlock(MDL *mdl)
{
	if (!(mdl->MdlFlags & (NDK_MDL_PAGES_PINNED | NDK_MDL_KERNEL_VA)))
		return;
	ndk_mdl_unmap(mdl);
	if (mdl->MdlFlags & NDK_MDL_PAGES_PINNED) {
		might_sleep();
		unpin_user_pages_dirty_lock(mdl->Pages, ndk_mdl_page_count(mdl),
					    mdl->MdlFlags & NDK_MDL_WRITABLE);
		mmdrop(mdl->Mm);
		mdl->Mm = NULL;
	}
	mdl->MdlFlags = 0;
}
EXPORT_SYMBOL_NDK(ndk_mdl_unlock);

NTSTATUS ndk_mdl_set_pages(MDL *mdl, struct page *const *pages, u32 npages)
{
	if (npages != ndk_mdl_page_count(mdl) ||
	    (mdl->MdlFlags & NDK_MDL_PAGES_VALID))
		return STATUS_INVALID_PARAMETER;
	memcpy(mdl->Pages, pages, npages * sizeof(*pages));
	mdl->MdlFlags |= NDK_MDL_PAGES_VALID | NDK_MDL_WRITABLE;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NDK(ndk_mdl_set_pages);

/* Where the kernel has all of the range already, or NULL. */
static void *ndk_mdl_address(const MDL *mdl)
{
	u32 i, npages = ndk_mdl_page_count(mdl);

	if (mdl->MdlFlags & NDK_MDL_KERNEL_VA)
		return mdl->StartVa;
	for (i = 0; i < npages; i++)
		if (PageHighMem(mdl->Pages[i]) ||
		    page_to_pfn(mdl->Pages[i]) != page_to_pfn(mdl->Pages[0]) + i)
			return NULL;
	return npages ? page_address(mdl->Pages[0]) : NULL;
}

void *ndk_mdl_map(MDL *mdl)
{
	u8 *va = mdl->MappedSystemVa;

	if (!(mdl->MdlFlags & NDK_MDL_PAGES_VALID))
		return NULL;
	if (!va)
		va = ndk_mdl_address(mdl);
	if (!va) {
		might_sleep();
		va = vmap(mdl->Pages, ndk_mdl_page_count(mdl), VM_MAP,
			  PAGE_KERNEL);
		mdl->MappedSystemVa = va;
	}
	return va ? va + mdl->ByteOffset : NULL;
}
EXPORT_SYMBOL_NDK(ndk_mdl_map);

void ndk_mdl_unmap(MDL *mdl)
{
	if (!mdl->MappedSystemVa)
		return;
	might_sleep();
	vunmap(mdl->MappedSystemVa);
	mdl->MappedSystemVa = NULL;
}
EXPORT_SYMBOL_NDK(ndk_mdl_unmap);

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
		return NDK_REASON("Mdl (NULL)");
	if (!length)
		return NDK_REASON("Length (zero)");

	range->mdl = mdl;
	range->va = (ULONG_PTR)MmGetMdlVirtualAddress(mdl);
	range->fbo = mdl->ByteOffset;
	range->length = length;
	range->writable = true;
	if (check_add_overflow(range->va, length - 1, &next))
		return NDK_REASON("Length (wraps around)");

	for (next = range->va; left; mdl = mdl->Next) {
		if (!mdl)
			return NDK_REASON("Length (beyond the MDL)");
		if (mdl->MdlFlags & NDK_MDL_NO_MEMORY)
			return NDK_REASON("Mdl (not kernel memory)");
		if (!(mdl->MdlFlags & NDK_MDL_PAGES_VALID))
			return NDK_REASON("Mdl (pages not locked)");
		if (mdl->Mm != range->mdl->Mm)
			return NDK_REASON("Mdl (mixes address spaces)");
		if ((ULONG_PTR)MmGetMdlVirtualAddress(mdl) != next)
			return NDK_REASON("Mdl (not virtually contiguous)");
		if (!(mdl->MdlFlags & NDK_MDL_WRITABLE))
			range->writable = false;
		next += mdl->ByteCount;
		left -= min_t(SIZE_T, left, mdl->ByteCount);
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
		u32 i = 0, n = ndk_mdl_page_count(mdl);

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
