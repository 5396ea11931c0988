// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory descriptor lists by themselves.
 */
#include <linux/mm.h>
#include <linux/slab.h>

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

static void st_wraps(struct st_test *t)
{
	MDL *mdl;

	mdl = IoAllocateMdl((PVOID)0xfff, ~(SIZE_T)0, FALSE, FALSE, NULL);
	ST_EXPECT(t, !mdl, "a range longer than memory");
	if (mdl)
		IoFreeMdl(mdl);
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
	{ .name = "wraps", .run = st_wraps, .bare = true },
	{ .name = "kernel_pages", .run = st_kernel_pages, .bare = true },
	{ .name = "module_pages", .run = st_module_pages, .bare = true },
	{ .name = "no_memory", .run = st_no_memory },
	{ .name = "set_pages", .run = st_set_pages, .bare = true },
};

const struct st_suite st_suite_mdl = {
	"mdl", st_cases, ARRAY_SIZE(st_cases),
};
