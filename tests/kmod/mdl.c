// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory descriptor lists by themselves.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "harness.h"

static void st_describes(struct st_test *t)
{
	static const struct { u64 va; size_t len, pages; } cases[] = {
		{ 0x10000, 1, 1 }, { 0x10fff, 1, 1 }, { 0x10fff, 2, 2 },
		{ 0x10001, PAGE_SIZE, 2 }, { 0x10000, 512 * PAGE_SIZE, 512 },
		{ 0xfedc000000000fffULL, 3 * PAGE_SIZE, 4 },
	};
	size_t i;
	MDL *mdl;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		mdl = IoAllocateMdl((PVOID)(ULONG_PTR)cases[i].va, cases[i].len,
				    FALSE, FALSE, NULL);
		if (!ST_EXPECT(t, mdl, "no MDL %zu", i))
			return;
		ST_EXPECT(t, (ULONG_PTR)MmGetMdlVirtualAddress(mdl) ==
			  cases[i].va &&
			  MmGetMdlByteCount(mdl) == cases[i].len &&
			  MmGetMdlByteOffset(mdl) ==
			  offset_in_page(cases[i].va) &&
			  ndk_mdl_page_count(mdl) == cases[i].pages &&
			  !mdl->Next, "MDL %zu describes something else", i);
		IoFreeMdl(mdl);
	}
}

/* The longest there is: its array of pages is not to be had without waiting. */
static void st_longest(struct st_test *t)
{
	MDL *mdl;

	mdl = IoAllocateMdl((PVOID)0xfff, MAXULONG, FALSE, FALSE, NULL);
	ST_EXPECT(t, !mdl || ndk_mdl_page_count(mdl) * sizeof(*mdl->Pages) <
		  KMALLOC_MAX_SIZE, "more than there is in one piece");
	IoFreeMdl(mdl);
	mdl = ndk_mdl_alloc((void *)0xfff, MAXULONG, GFP_KERNEL);
	if (!ST_EXPECT(t, mdl, "no MDL"))
		return;
	ST_EXPECT(t, MmGetMdlByteCount(mdl) == MAXULONG &&
		  ndk_mdl_page_count(mdl) ==
		  ((u64)0xfff + MAXULONG + PAGE_SIZE - 1) / PAGE_SIZE,
		  "%u bytes in %u pages", MmGetMdlByteCount(mdl),
		  ndk_mdl_page_count(mdl));
	IoFreeMdl(mdl);
}

/* A descriptor comes and goes where nothing may sleep, a large one goes, too. */
static void st_atomic(struct st_test *t)
{
	MDL *large = ndk_mdl_alloc((void *)0x10000, MAXULONG, GFP_KERNEL);
	u8 *memory = kmalloc(PAGE_SIZE, GFP_KERNEL);
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;
	void *va = NULL;
	NTSTATUS status = STATUS_UNSUCCESSFUL;
	MDL *mdl;

	if (!ST_EXPECT(t, large && memory, "no memory"))
		goto out;
	spin_lock_irqsave(&lock, flags);
	mdl = IoAllocateMdl(memory + 7, 64, FALSE, FALSE, NULL);
	if (mdl) {
		status = MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
		va = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
		MmUnlockPages(mdl);
		IoFreeMdl(mdl);
	}
	IoFreeMdl(large);
	large = NULL;
	spin_unlock_irqrestore(&lock, flags);
	ST_OK(t, status);
	ST_EXPECT(t, va == memory + 7, "the memory is at another address");
out:
	IoFreeMdl(large);
	kfree(memory);
}

/* Addresses that no page of memory is behind cannot be locked or mapped either. */
static void st_no_memory_there(struct st_test *t)
{
	const ULONG_PTR where[] = { 0x10000, (ULONG_PTR)PAGE_OFFSET - 1 };
	size_t i;
	MDL *mdl;

	for (i = 0; i < ARRAY_SIZE(where); i++) {
		mdl = IoAllocateMdl((PVOID)where[i], 16, FALSE, FALSE, NULL);
		if (!ST_EXPECT(t, mdl, "no MDL"))
			return;
		MmBuildMdlForNonPagedPool(mdl);
		ST_EXPECT(t, !(mdl->MdlFlags & NDK_MDL_PAGES_VALID),
			  "address %zu is taken for memory", i);
		ST_STATUS(t, MmProbeAndLockPages(mdl, KernelMode, IoReadAccess),
			  STATUS_ACCESS_VIOLATION);
		ST_EXPECT(t, !MmGetSystemAddressForMdlSafe(mdl, LowPagePriority),
			  "address %zu is mapped", i);
		IoFreeMdl(mdl);
	}
}

static void st_kernel_mode(struct st_test *t)
{
	u8 *memory = vmalloc(3 * PAGE_SIZE);
	MDL *mdl;
	size_t i;

	mdl = IoAllocateMdl(memory + 5, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	if (!ST_EXPECT(t, memory && mdl, "no memory"))
		goto out;
	ST_OK(t, MmProbeAndLockPages(mdl, KernelMode, IoReadAccess));
	for (i = 0; i < 3; i++)
		ST_EXPECT(t, mdl->Pages[i] ==
			  vmalloc_to_page(memory + i * PAGE_SIZE),
			  "page %zu is another one", i);
	ST_EXPECT(t, !(mdl->MdlFlags & NDK_MDL_WRITABLE),
		  "may be written to, though locked for reading");
	/* once is enough, and then again */
	ST_STATUS(t, MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess),
		  STATUS_INVALID_PARAMETER);
	MmUnlockPages(mdl);
	ST_OK(t, MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess));
	ST_EXPECT(t, mdl->MdlFlags & NDK_MDL_WRITABLE, "may not be written to");
	ST_EXPECT(t, MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority) ==
		  memory + 5, "the memory is at another address");
out:
	IoFreeMdl(mdl);
	vfree(memory);
}

/* Pages without an address get one, the same until it is taken back. */
static void st_mapped(struct st_test *t)
{
	struct page *pages[3] = {};
	u8 *va, *again;
	size_t i;
	MDL *mdl;

	mdl = IoAllocateMdl((PVOID)0x123, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	for (i = 0; i < 3; i++)
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!ST_EXPECT(t, mdl && pages[0] && pages[1] && pages[2], "no memory"))
		goto out;
	/* never side by side */
	swap(pages[0], pages[1]);
	if (page_to_pfn(pages[0]) + 1 == page_to_pfn(pages[1]))
		swap(pages[1], pages[2]);
	ST_EXPECT(t, !MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority),
		  "mapped without pages");
	ST_OK(t, ndk_mdl_set_pages(mdl, pages, 3));
	va = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
	if (!ST_EXPECT(t, va && offset_in_page(va) == 0x123, "no address"))
		goto out;
	for (i = 0; i < 3; i++)
		va[i * PAGE_SIZE - (i ? 0x123 : 0)] = 'a' + i;
	for (i = 0; i < 3; i++)
		ST_EXPECT(t, *((u8 *)page_address(pages[i]) + (i ? 0 : 0x123)) ==
			  'a' + i, "page %zu is somewhere else", i);
	again = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
	ST_EXPECT(t, again == va, "mapped twice");
	MmUnmapLockedPages(va, mdl);
	ST_EXPECT(t, !mdl->MappedSystemVa, "still mapped");
out:
	IoFreeMdl(mdl);
	for (i = 0; i < 3; i++)
		if (pages[i])
			__free_page(pages[i]);
}

/* Side by side, but for the last: that has to be mapped, too. */
static void st_mapped_last(struct st_test *t)
{
	struct page *all = alloc_pages(GFP_KERNEL, 2), *pages[3];
	size_t i;
	MDL *mdl;
	u8 *va;

	mdl = IoAllocateMdl((PVOID)0x123, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	if (!ST_EXPECT(t, mdl && all, "no memory"))
		goto out;
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = all + i + i / 2;
	for (i = 0; i < 4; i++)
		memset(page_address(all + i), 'a' + i, PAGE_SIZE);
	ST_OK(t, ndk_mdl_set_pages(mdl, pages, ARRAY_SIZE(pages)));
	va = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
	if (ST_EXPECT(t, va, "no address"))
		ST_EXPECT(t, va[0] == 'a' && va[PAGE_SIZE] == 'b' &&
			  va[2 * PAGE_SIZE - 1] == 'd', "it brings %c, %c, %c",
			  va[0], va[PAGE_SIZE], va[2 * PAGE_SIZE - 1]);
out:
	IoFreeMdl(mdl);
	if (all)
		__free_pages(all, 2);
}

/* Of nothing no pages can be locked, and what nobody has locked is not unlocked. */
static void st_not_to_lock(struct st_test *t)
{
	MDL *nothing = IoAllocateMdl(NULL, 0, FALSE, FALSE, NULL);
	MDL *given = IoAllocateMdl(NULL, PAGE_SIZE, FALSE, FALSE, NULL);
	struct page *page = alloc_page(GFP_KERNEL);

	if (!ST_EXPECT(t, nothing && given && page, "no memory"))
		goto out;
	ST_STATUS(t, MmProbeAndLockPages(nothing, KernelMode, IoReadAccess),
		  STATUS_INVALID_PARAMETER);
	ST_STATUS(t, MmProbeAndLockPages(nothing, UserMode, IoReadAccess),
		  STATUS_INVALID_PARAMETER);
	ST_OK(t, ndk_mdl_set_pages(given, &page, 1));
	MmUnlockPages(given);
	ST_EXPECT(t, MmGetSystemAddressForMdlSafe(given, NormalPagePriority) ==
		  page_address(page), "its page is gone");
out:
	IoFreeMdl(nothing);
	IoFreeMdl(given);
	if (page)
		__free_page(page);
}

/* Where a device has its registers, or 0. */
static resource_size_t st_registers_at(void)
{
	resource_size_t at, found = 0;
	struct pci_dev *pci = NULL;
	int i;

	for_each_pci_dev(pci)
		for (i = 0; i < PCI_STD_NUM_BARS; i++) {
			at = pci_resource_start(pci, i);
			if (at && pci_resource_flags(pci, i) & IORESOURCE_MEM &&
			    !pfn_valid(PHYS_PFN(at)))
				found = at;
		}
	return found;
}

/* What a device has in the kernel's address space is no memory. */
static void st_device_memory(struct st_test *t)
{
	resource_size_t at = st_registers_at();
	void __iomem *registers = at ? ioremap(at, PAGE_SIZE) : NULL;
	MDL *mdl;

	if (!registers) {
		st_skip(t, "no device has any");
		return;
	}
	mdl = IoAllocateMdl((__force PVOID)registers, 16, FALSE, FALSE, NULL);
	if (ST_EXPECT(t, mdl, "no MDL")) {
		MmBuildMdlForNonPagedPool(mdl);
		ST_EXPECT(t, !(mdl->MdlFlags & NDK_MDL_PAGES_VALID),
			  "registers are taken for memory");
	}
	IoFreeMdl(mdl);
	iounmap(registers);
}

static void st_spans(struct st_test *t)
{
	static const struct { u64 va; size_t len, pages; } cases[] = {
		{ 0, 0, 0 }, { 0, 1, 1 }, { PAGE_SIZE - 1, 1, 1 },
		{ PAGE_SIZE - 1, 2, 2 }, { 0x123, PAGE_SIZE, 2 },
		{ PAGE_SIZE, 8 * PAGE_SIZE, 8 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		ST_EXPECT(t, ADDRESS_AND_SIZE_TO_SPAN_PAGES((PVOID)(ULONG_PTR)
							    cases[i].va,
							    cases[i].len) ==
			  cases[i].pages, "case %zu spans something else", i);
}

static void st_kernel_pages(struct st_test *t)
{
	u8 *memory = kmalloc(3 * PAGE_SIZE, GFP_KERNEL);
	size_t i;
	MDL *mdl;

	mdl = IoAllocateMdl(memory + 5, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	if (!ST_EXPECT(t, memory && mdl, "no memory"))
		goto out;
	MmBuildMdlForNonPagedPool(mdl);
	for (i = 0; i < 3; i++)
		ST_EXPECT(t, mdl->Pages[i] ==
			  virt_to_page(memory + i * PAGE_SIZE),
			  "page %zu is another one", i);
out:
	if (mdl)
		IoFreeMdl(mdl);
	kfree(memory);
}

/* Not from any allocator: the kernel has modules elsewhere than its own image. */
static u8 st_variable[2 * PAGE_SIZE];

static void st_module_pages(struct st_test *t)
{
	u8 *end = st_variable + sizeof(st_variable);
	size_t i;
	MDL *mdl;

	mdl = IoAllocateMdl(st_variable, sizeof(st_variable), FALSE, FALSE,
			    NULL);
	if (!ST_EXPECT(t, mdl, "no memory"))
		return;
	MmBuildMdlForNonPagedPool(mdl);
	for (i = 0; i < ndk_mdl_page_count(mdl); i++)
		ST_EXPECT(t, mdl->Pages[i] ==
			  vmalloc_to_page(min(st_variable + i * PAGE_SIZE,
					      end - 1)),
			  "page %zu is another one", i);
	IoFreeMdl(mdl);
}

/* What has no pages is refused when it is to be used. */
static void st_no_memory(struct st_test *t)
{
	const u64 addresses[] = {
		0, 0x10000, TASK_SIZE_MAX - PAGE_SIZE, (u64)PAGE_OFFSET - 1,
		~0ULL - 2 * PAGE_SIZE,
	};
	NDK_PD *pd;
	NDK_MR *mr;
	size_t i;
	MDL *mdl;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)))
		return;
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		mdl = IoAllocateMdl((PVOID)(ULONG_PTR)addresses[i], 1, FALSE,
				    FALSE, NULL);
		if (!ST_EXPECT(t, mdl, "no memory"))
			return;
		MmBuildMdlForNonPagedPool(mdl);
		ST_STATUS(t, st_register(t, mr, mdl, 1, 0),
			  STATUS_INVALID_PARAMETER);
		st_refused_for(t, &mr->Header, "Mdl (not kernel memory)");
		IoFreeMdl(mdl);
	}
}

static void st_set_pages(struct st_test *t)
{
	struct page *pages[3] = {};
	size_t i;
	MDL *mdl;

	mdl = IoAllocateMdl((PVOID)0x123, 2 * PAGE_SIZE, FALSE, FALSE, NULL);
	for (i = 0; i < 3; i++)
		pages[i] = alloc_page(GFP_KERNEL);
	if (!ST_EXPECT(t, mdl && pages[0] && pages[1] && pages[2], "no memory"))
		goto out;
	/* the range spans three pages, no more and no fewer */
	ST_STATUS(t, ndk_mdl_set_pages(mdl, pages, 2),
		  STATUS_INVALID_PARAMETER);
	ST_STATUS(t, ndk_mdl_set_pages(mdl, pages, 4),
		  STATUS_INVALID_PARAMETER);
	ST_OK(t, ndk_mdl_set_pages(mdl, pages, 3));
	ST_STATUS(t, ndk_mdl_set_pages(mdl, pages, 3),
		  STATUS_INVALID_PARAMETER);
	ST_STATUS(t, MmProbeAndLockPages(mdl, UserMode, IoReadAccess),
		  STATUS_INVALID_PARAMETER);
out:
	for (i = 0; i < 3; i++)
		if (pages[i])
			__free_page(pages[i]);
	if (mdl)
		IoFreeMdl(mdl);
}

static const struct st_case st_cases[] = {
	{ .name = "describes", .run = st_describes, .bare = true },
	{ .name = "longest", .run = st_longest, .bare = true },
	{ .name = "atomic", .run = st_atomic, .bare = true },
	{ .name = "no_memory_there", .run = st_no_memory_there, .bare = true },
	{ .name = "kernel_mode", .run = st_kernel_mode, .bare = true },
	{ .name = "mapped", .run = st_mapped, .bare = true },
	{ .name = "mapped_last", .run = st_mapped_last, .bare = true },
	{ .name = "not_to_lock", .run = st_not_to_lock, .bare = true },
	{ .name = "device_memory", .run = st_device_memory, .bare = true },
	{ .name = "spans", .run = st_spans, .bare = true },
	{ .name = "kernel_pages", .run = st_kernel_pages, .bare = true },
	{ .name = "module_pages", .run = st_module_pages, .bare = true },
	{ .name = "no_memory", .run = st_no_memory },
	{ .name = "set_pages", .run = st_set_pages, .bare = true },
};

const struct st_suite st_suite_mdl = {
	"mdl", st_cases, ARRAY_SIZE(st_cases),
};
