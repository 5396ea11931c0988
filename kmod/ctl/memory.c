// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory: pinned, charged and described by an MDL.
 */
#include <linux/capability.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "memory.h"
#include "mr.h"

static void ndk_ctl_memory_uncharge(struct ndk_ctl_memory *memory)
{
	if (!memory->mm)
		return;
	atomic64_sub(memory->charged, &memory->mm->pinned_vm);
	mmdrop(memory->mm);
	memory->mm = NULL;
}

/* As RDMA does: against what is pinned, not what is locked by mlock(). */
static int ndk_ctl_memory_charge(struct ndk_ctl_call *call,
				 struct ndk_ctl_memory *memory)
{
	struct ndk_pin_memory *cmd = (struct ndk_pin_memory *)call->hdr;
	u64 npages = DIV_ROUND_UP_ULL(offset_in_page(cmd->addr) + cmd->length,
				      PAGE_SIZE);
	unsigned long limit = rlimit(RLIMIT_MEMLOCK);
	struct mm_struct *mm = current->mm;
	u64 pinned;

	pinned = atomic64_add_return(npages, &mm->pinned_vm);
	cmd->out_wanted = pinned << PAGE_SHIFT;
	cmd->out_allowed = limit == RLIM_INFINITY ? U64_MAX : limit;
	if (cmd->out_wanted > cmd->out_allowed && !capable(CAP_IPC_LOCK)) {
		atomic64_sub(npages, &mm->pinned_vm);
		return ndk_ctl_refuse(call, -ENOMEM, "RLIMIT_MEMLOCK",
				      cmd->out_wanted, cmd->out_allowed);
	}
	mmgrab(mm);
	memory->mm = mm;
	memory->charged = npages;

	/* What describes it grows with it, so do not even try. */
	if (npages > totalram_pages())
		return ndk_ctl_refuse(call, -ENOMEM, "length", cmd->length,
				      (u64)totalram_pages() << PAGE_SHIFT);
	return 0;
}

static void ndk_ctl_memory_free_pages(struct page **pages, u64 npages)
{
	while (npages)
		__free_page(pages[--npages]);
}

static NTSTATUS ndk_ctl_memory_alloc_pages(MDL *mdl)
{
	u32 i, npages = ndk_mdl_page_count(mdl);
	struct page **pages;
	NTSTATUS status;

	pages = kvcalloc(npages, sizeof(*pages),
			 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!pages)
		return STATUS_INSUFFICIENT_RESOURCES;

	status = STATUS_INSUFFICIENT_RESOURCES;
	for (i = 0; i < npages; i++) {
		if (fatal_signal_pending(current))
			goto free;
		pages[i] = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO |
				      __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
		if (!pages[i])
			goto free;
		cond_resched();
	}
	status = ndk_mdl_set_pages(mdl, pages, npages);
free:
	if (status)
		ndk_ctl_memory_free_pages(pages, i);
	kvfree(pages);
	return status;
}

static void ndk_ctl_memory_close(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_memory *memory = to_memory(obj);
	MDL *mdl = memory->mdl;

	if (memory->kernel)
		ndk_ctl_memory_free_pages(mdl->Pages, ndk_mdl_page_count(mdl));
	else
		MmUnlockPages(mdl);
	ndk_ctl_memory_uncharge(memory);
	ndk_ctl_object_closed(obj);
}

static void ndk_ctl_memory_free(struct ndk_ctl_object *obj)
{
	struct ndk_ctl_memory *memory = to_memory(obj);

	if (memory->mdl)
		IoFreeMdl(memory->mdl);
}

static const struct ndk_ctl_type ndk_ctl_memory_type = {
	.kind = NDK_KIND_MEMORY,
	.max = NDK_OBJECTS_MAX,
	.size = sizeof(struct ndk_ctl_memory),
	.close = ndk_ctl_memory_close,
	.close_sleeps = true,
	.free = ndk_ctl_memory_free,
};

/* An MDL counts its bytes in a ULONG. */
#define NDK_CTL_MEMORY_MAX	((u64)U32_MAX & PAGE_MASK)

static int ndk_ctl_pin_check(struct ndk_ctl_call *call)
{
	struct ndk_pin_memory *cmd = (struct ndk_pin_memory *)call->hdr;
	const u32 known = NDK_MEM_FLAG_WRITE | NDK_MEM_FLAG_KERNEL;
	u64 last;

	cmd->out_id = 0;
	cmd->out_wanted = 0;
	cmd->out_allowed = 0;
	if (cmd->mem_flags & ~known)
		return ndk_ctl_refuse(call, -EOPNOTSUPP, "mem_flags",
				      cmd->mem_flags, known);
	if (!cmd->length || cmd->length > NDK_CTL_MEMORY_MAX)
		return ndk_ctl_refuse(call, -EINVAL, "length", cmd->length,
				      NDK_CTL_MEMORY_MAX);
	if (check_add_overflow(cmd->addr, cmd->length - 1, &last) ||
	    last > ULONG_MAX - PAGE_SIZE)
		return ndk_ctl_refuse(call, -EINVAL, "addr", cmd->addr, 0);
	return 0;
}

int ndk_ctl_pin_memory(struct ndk_ctl_call *call)
{
	struct ndk_pin_memory *cmd = (struct ndk_pin_memory *)call->hdr;
	struct ndk_ctl_memory *memory;
	struct ndk_ctl_object *obj;
	NTSTATUS status;
	int ret;

	ret = ndk_ctl_pin_check(call);
	if (ret)
		return ret;
	obj = ndk_ctl_object_make(call, &ndk_ctl_memory_type, NULL);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	memory = to_memory(obj);
	memory->kernel = cmd->mem_flags & NDK_MEM_FLAG_KERNEL;

	/* Before anything is allocated that is as large as the caller likes. */
	ret = ndk_ctl_memory_charge(call, memory);
	if (ret)
		goto abort;
	ret = -ENOMEM;
	memory->mdl = ndk_mdl_alloc((void *)(uintptr_t)cmd->addr, cmd->length,
				    GFP_KERNEL_ACCOUNT);
	if (!memory->mdl)
		goto abort;

	if (memory->kernel)
		status = ndk_ctl_memory_alloc_pages(memory->mdl);
	else
		status = MmProbeAndLockPages(memory->mdl, UserMode,
					     cmd->mem_flags &
					     NDK_MEM_FLAG_WRITE ?
					     IoWriteAccess : IoReadAccess);
	if (status) {
		ndk_ctl_refuse(call, 0, "addr", cmd->addr, 0);
		call->hdr->out_refusal.status = status;
		call->hdr->out_status = status;
		ret = 0;
		goto abort;
	}
	cmd->out_id = obj->id;
	ndk_ctl_object_publish(obj);
	return 0;

abort:
	ndk_ctl_memory_uncharge(memory);
	ndk_ctl_object_abort(obj);
	return ret;
}

int ndk_ctl_unpin_memory(struct ndk_ctl_call *call)
{
	struct ndk_object *cmd = (struct ndk_object *)call->hdr;

	ndk_ctl_mr_reap(call->file, cmd->id);
	return ndk_ctl_object_close(call, cmd->id, NDK_KIND_MEMORY);
}

/**
 * ndk_ctl_memory_part() - describe memory from an offset on
 * @call: the command that wants it
 * @memory: the memory, used by the caller
 * @offset: first byte
 * @part: filled in; good for as long as the memory is used
 *
 * Return: 0 or -EINVAL.
 */
int ndk_ctl_memory_part(struct ndk_ctl_call *call,
			struct ndk_ctl_memory *memory, u64 offset, MDL *part)
{
	const MDL *mdl = memory->mdl;
	ULONG_PTR va;

	if (offset >= mdl->ByteCount)
		return ndk_ctl_refuse(call, -EINVAL, "offset", offset,
				      mdl->ByteCount - 1);
	*part = *mdl;
	va = (ULONG_PTR)MmGetMdlVirtualAddress(mdl) + offset;
	part->Next = NULL;
	part->StartVa = (PVOID)(va & PAGE_MASK);
	part->ByteOffset = offset_in_page(va);
	part->ByteCount = mdl->ByteCount - offset;
	part->Pages = mdl->Pages + ((mdl->ByteOffset + offset) >> PAGE_SHIFT);
	return 0;
}

static int ndk_ctl_copy_page(struct page *page, size_t start, size_t n,
			     u8 __user *user, bool to_kernel)
{
	void *va = kmap_local_page(page);
	size_t left;

	if (to_kernel)
		left = copy_from_user(va + start, user, n);
	else
		left = copy_to_user(user, va + start, n);
	kunmap_local(va);
	return left ? -EFAULT : 0;
}

int ndk_ctl_copy_memory(struct ndk_ctl_call *call)
{
	struct ndk_copy_memory *cmd = (struct ndk_copy_memory *)call->hdr;
	u8 __user *user = u64_to_user_ptr(cmd->addr);
	struct ndk_ctl_object *obj;
	u64 pos, left = cmd->length;
	const MDL *mdl;
	int ret = 0;

	if (cmd->copy_flags & ~NDK_COPY_TO_KERNEL)
		return ndk_ctl_refuse(call, -EOPNOTSUPP, "copy_flags",
				      cmd->copy_flags, NDK_COPY_TO_KERNEL);
	obj = ndk_ctl_object_get(call, "memory_id", cmd->memory_id,
				 NDK_KIND_MEMORY);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	if (!to_memory(obj)->kernel)
		return ndk_ctl_refuse(call, -EINVAL, "memory_id",
				      cmd->memory_id, 0);
	mdl = to_memory(obj)->mdl;
	if (cmd->offset > mdl->ByteCount ||
	    left > mdl->ByteCount - cmd->offset)
		return ndk_ctl_refuse(call, -EINVAL, "length", left,
				      mdl->ByteCount);

	for (pos = mdl->ByteOffset + cmd->offset; left && !ret;) {
		size_t start = offset_in_page(pos);
		size_t n = min_t(u64, left, PAGE_SIZE - start);

		/* It may be most of the machine's memory. */
		if (fatal_signal_pending(current))
			return -EINTR;
		ret = ndk_ctl_copy_page(mdl->Pages[pos >> PAGE_SHIFT], start, n,
					user, cmd->copy_flags &
					NDK_COPY_TO_KERNEL);
		pos += n;
		user += n;
		left -= n;
		cond_resched();
	}
	return ret;
}
