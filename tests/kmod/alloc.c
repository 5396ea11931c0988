// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocations that fail when they are told to, on any kernel that has kprobes.
 *
 * The kernel's own failslab is in no distribution's kernel, and counts the
 * allocations of one task, where a request is served by several. So what modules
 * allocate with is probed at its entry, and returns from there when it is the
 * allocation's turn. Counted are allocations
 *
 * - of code in a module other than this one: what the kernel proper allocates
 *   inside its own functions, with its checks among them, is left alone,
 * - made by the task that runs the test, by a work item of the provider, or by
 *   the provider itself wherever it is called,
 * - that may fail.
 *
 * And whatever a work item of the provider allocates, itself or through others,
 * is looked at: it must not wait for pages to be written, as the kernel may be
 * waiting for that work when it writes some.
 */
#include <linux/atomic.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "alloc.h"

/* Arguments of a function; no gfp flags are those of vmalloc() and the like. */
#define ST_NO_GFP	-1

/* Up to here on the stack: the probe, the allocator and a few that want it. */
#define ST_DEPTH	24

/* A probe at a function's entry is so many bytes away from where it was hit. */
#define ST_ENTRY	16

/* With it, a function that takes buckets has one argument more. */
#define ST_BUCKET	IS_ENABLED(CONFIG_SLAB_BUCKETS)

static void *st_no_memory(void)
{
	return NULL;
}

static long st_no_room(void)
{
	return -ENOMEM;
}

/**
 * struct st_allocator - a function that modules allocate with
 * @probe: at its entry
 * @gfp: which argument is the gfp flags
 * @number: it returns an errno, not a pointer
 */
struct st_allocator {
	struct kprobe probe;
	int gfp;
	bool number;
};

#define ST_POINTER(name, gfp_)						       \
	{ .probe = { .symbol_name = #name }, .gfp = gfp_ }
#define ST_NUMBER(name, gfp_)						       \
	{ .probe = { .symbol_name = #name }, .gfp = gfp_, .number = true }

/* Whatever it is called on this kernel; others are not there. */
static struct st_allocator st_allocators[] = {
	ST_POINTER(__kmalloc, 1),
	ST_POINTER(__kmalloc_noprof, 1),
	ST_POINTER(__kmalloc_node, 1),
	ST_POINTER(__kmalloc_node_noprof, 1 + ST_BUCKET),
	ST_POINTER(kmalloc_trace, 1),
	ST_POINTER(__kmalloc_cache_noprof, 1),
	ST_POINTER(kmalloc_node_trace, 1),
	ST_POINTER(__kmalloc_cache_node_noprof, 1),
	ST_POINTER(kmalloc_large, 1),
	ST_POINTER(__kmalloc_large_noprof, 1),
	ST_POINTER(kmem_cache_alloc, 1),
	ST_POINTER(kmem_cache_alloc_noprof, 1),
	ST_POINTER(kmem_cache_alloc_node, 1),
	ST_POINTER(kmem_cache_alloc_node_noprof, 1),
	ST_POINTER(kmemdup, 2),
	ST_POINTER(kmemdup_noprof, 2),
	ST_POINTER(kvmalloc_node, 1),
	ST_POINTER(__kvmalloc_node_noprof, 1 + ST_BUCKET),
	ST_POINTER(vmalloc, ST_NO_GFP),
	ST_POINTER(vmalloc_noprof, ST_NO_GFP),
	ST_POINTER(vzalloc, ST_NO_GFP),
	ST_POINTER(vzalloc_noprof, ST_NO_GFP),
	ST_POINTER(vmalloc_user, ST_NO_GFP),
	ST_POINTER(vmalloc_user_noprof, ST_NO_GFP),
	ST_POINTER(__alloc_percpu, ST_NO_GFP),
	ST_POINTER(alloc_pages, 0),
	ST_POINTER(alloc_pages_noprof, 0),
	ST_POINTER(__alloc_pages, 0),
	ST_POINTER(__alloc_pages_noprof, 0),
	ST_POINTER(__get_free_pages, 0),
	ST_POINTER(get_free_pages_noprof, 0),
	ST_POINTER(get_zeroed_page, 0),
	ST_POINTER(get_zeroed_page_noprof, 0),
	ST_POINTER(__alloc_skb, 1),
	ST_NUMBER(__xa_alloc, 4),
	ST_NUMBER(__xa_alloc_cyclic, 5),
	ST_NUMBER(__xa_insert, 3),
	ST_NUMBER(ida_alloc_range, 3),
	ST_NUMBER(idr_alloc, 4),
	ST_NUMBER(idr_alloc_cyclic, 4),
	ST_NUMBER(sg_alloc_table, 2),
	ST_NUMBER(sg_alloc_append_table_from_pages, 7),
};

/* The probes that are set. */
static struct kprobe *st_watched[ARRAY_SIZE(st_allocators)];
static unsigned int st_nr_watched;

static struct module *st_provider;
static struct task_struct *st_tester;
static atomic_t st_allocations = ATOMIC_INIT(0);
static u32 st_fail_at;
static const char *st_not_in;
static unsigned long st_failed_in;
static unsigned long st_waited_in;

/* The name of the function that has @address, without its module. */
static const char *st_function(unsigned long address, char *name)
{
	sprint_symbol_no_offset(name, address);
	*strchrnul(name, ' ') = '\0';
	return name;
}

/* What a kernel with many checks has as functions, and others within theirs. */
static bool st_is_wrapper(unsigned long address)
{
	static const char * const names[] = { "kzalloc", "kcalloc", "kmalloc" };
	char name[KSYM_SYMBOL_LEN];
	size_t i;

	st_function(address, name);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (str_has_prefix(name, names[i]))
			return true;
	return false;
}

/*
 * Who wants the memory that @allocator returns to @caller? Found behind the
 * allocator on the stack; where it is followed by frame pointers @caller itself is
 * not there, for the allocator has not set up its own yet.
 */
static unsigned long st_wanted_by(const kprobe_opcode_t *allocator,
				  unsigned long caller)
{
	unsigned long stack[ST_DEPTH];
	unsigned int i = 0, n;

	if (!st_is_wrapper(caller))
		return caller;
	n = stack_trace_save(stack, ARRAY_SIZE(stack), 0);
	while (i < n && stack[i] - (unsigned long)allocator > ST_ENTRY)
		i++;
	i++;
	while (i < n && st_is_wrapper(stack[i]))
		i++;
	return i < n ? stack[i] : caller;
}

/* The function has the allocation that is not to fail. */
static bool st_is_left_out(unsigned long caller)
{
	const char *not_in = READ_ONCE(st_not_in);
	char name[KSYM_SYMBOL_LEN];

	return not_in && !strcmp(st_function(caller, name), not_in);
}

static bool st_in_work_of(const struct module *module)
{
	struct work_struct *work;
	work_func_t func;

	if (!in_task() || !(current->flags & PF_WQ_WORKER))
		return false;
	work = current_work();
	/* A work that runs may have freed itself. */
	return work && !get_kernel_nofault(func, &work->func) &&
	       within_module((unsigned long)func, module);
}

static bool st_is_counted(unsigned long caller)
{
	if (caller < MODULES_VADDR || caller >= MODULES_END ||
	    within_module(caller, THIS_MODULE))
		return false;
	return (in_task() && current == st_tester) ||
	       within_module(caller, st_provider) || st_in_work_of(st_provider);
}

/* May it begin input or output, and wait for that? */
static bool st_may_write(unsigned int gfp)
{
	const unsigned int io = (__force u32)(__GFP_IO | __GFP_FS);

	return gfp & (__force u32)__GFP_DIRECT_RECLAIM && gfp & io &&
	       !(current->flags & PF_MEMALLOC_NOIO);
}

static unsigned long st_argument(struct pt_regs *regs, int n)
{
	/* From the seventh on they are above the return address. */
	return n < 6 ? regs_get_kernel_argument(regs, n) :
		       regs_get_kernel_stack_nth(regs, n - 5);
}

/* At the entry of an allocator: the return address is on top of the stack. */
static int st_on_alloc(struct kprobe *probe, struct pt_regs *regs)
{
	struct st_allocator *allocator = container_of(probe,
						      struct st_allocator,
						      probe);
	unsigned long caller, answer;
	unsigned int gfp;

	if (!READ_ONCE(st_tester))
		return 0;
	caller = regs_get_kernel_stack_nth(regs, 0);
	gfp = allocator->gfp == ST_NO_GFP ? (__force u32)GFP_KERNEL :
					    st_argument(regs, allocator->gfp);
	if (st_in_work_of(st_provider) && st_may_write(gfp))
		WRITE_ONCE(st_waited_in, caller);
	if (!st_is_counted(caller) || gfp & (__force u32)__GFP_NOFAIL)
		return 0;
	if (atomic_inc_return(&st_allocations) != READ_ONCE(st_fail_at))
		return 0;

	caller = st_wanted_by(probe->addr, caller);
	if (st_is_left_out(caller))
		return 0;
	WRITE_ONCE(st_failed_in, caller);
	answer = allocator->number ? (unsigned long)st_no_room :
				     (unsigned long)st_no_memory;
	instruction_pointer_set(regs, answer);
	return 1;
}

/* What has one is not jumped to, and may go on somewhere else. */
static void st_after_entry(struct kprobe *probe, struct pt_regs *regs,
			   unsigned long flags)
{
}

static struct module *st_find_provider(void)
{
	struct module_use *use;

	/* We use its symbols, so that it stays and this list does. */
	list_for_each_entry(use, &THIS_MODULE->target_list, target_list)
		if (!strcmp(use->target->name, "ndk"))
			return use->target;
	return NULL;
}

/**
 * st_alloc_watch() - be ready to let allocations fail
 *
 * Until st_alloc_unwatch(): a probe takes long to set, and longer to remove.
 *
 * Return: whether this kernel can.
 */
bool st_alloc_watch(void)
{
	struct st_allocator *a;

	if (st_nr_watched)
		return true;
	st_provider = st_find_provider();
	if (!st_provider)
		return false;
	for (a = st_allocators;
	     a < st_allocators + ARRAY_SIZE(st_allocators); a++) {
		a->probe.pre_handler = st_on_alloc;
		a->probe.post_handler = st_after_entry;
		if (!register_kprobe(&a->probe))
			st_watched[st_nr_watched++] = &a->probe;
	}
	return st_nr_watched;
}

/**
 * st_alloc_unwatch() - the end of st_alloc_watch(), if there was one
 */
void st_alloc_unwatch(void)
{
	unsigned int i;

	WRITE_ONCE(st_tester, NULL);
	unregister_kprobes(st_watched, st_nr_watched);
	for (i = 0; i < st_nr_watched; i++) {
		/* Registering it has found the address: let it do so again. */
		st_watched[i]->addr = NULL;
		st_watched[i]->flags = 0;
	}
	st_nr_watched = 0;
}

/**
 * st_alloc_fail() - count allocations from now on
 * @nth: the one that fails; 0 to count no more, and keep the count
 * @not_in: unless it is one of this function; may be NULL
 */
void st_alloc_fail(u32 nth, const char *not_in)
{
	if (!nth) {
		WRITE_ONCE(st_tester, NULL);
		/* Whoever is still in st_on_alloc() has its name written. */
		synchronize_rcu_expedited();
		return;
	}
	atomic_set(&st_allocations, 0);
	WRITE_ONCE(st_failed_in, 0);
	WRITE_ONCE(st_not_in, not_in);
	WRITE_ONCE(st_fail_at, nth);
	WRITE_ONCE(st_tester, current);
}

/**
 * st_alloc_count() - how many allocations were counted
 *
 * Return: them.
 */
u32 st_alloc_count(void)
{
	return atomic_read(&st_allocations);
}

/**
 * st_alloc_failed() - who wanted the allocation that failed
 *
 * Return: the function, or "" if none did.
 */
const char *st_alloc_failed(void)
{
	static char name[KSYM_SYMBOL_LEN];

	name[0] = '\0';
	if (READ_ONCE(st_failed_in))
		st_function(st_failed_in, name);
	return name;
}

/**
 * st_alloc_waits() - who could have waited for pages to be written
 *
 * In a work item of the provider, since this was asked last.
 *
 * Return: the function that wanted the memory, or "" if none did.
 */
const char *st_alloc_waits(void)
{
	static char name[KSYM_SYMBOL_LEN];

	name[0] = '\0';
	if (READ_ONCE(st_waited_in))
		st_function(st_waited_in, name);
	WRITE_ONCE(st_waited_in, 0);
	return name;
}
