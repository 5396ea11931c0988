// SPDX-License-Identifier: GPL-2.0-only
/*
 * The work queue of the provider.
 *
 * Consumers are storage, so that the kernel may be waiting for one of these
 * works when it is short of memory: it may be a registration that writing a page
 * out needs. The queue has a thread that is there in any case, and what runs on
 * it must not wait for pages to be written either. That goes for what the RDMA
 * core, the connection manager and drivers allocate there, too, so it is said
 * to the allocator once, for the time of the work, and not with each
 * allocation. Callbacks of the consumer that come from here are under the same
 * rule.
 */
#include <linux/sched/mm.h>

#include "work.h"

static struct workqueue_struct *ndk_wq;

/**
 * ndk_work_run() - the function of every work item of the provider
 * @work: in a struct ndk_work
 *
 * Context: process.
 */
void ndk_work_run(struct work_struct *work)
{
	struct ndk_work *item = container_of(work, struct ndk_work, work);
	unsigned int flags = memalloc_noio_save();

	item->fn(item);
	memalloc_noio_restore(flags);
}

/**
 * ndk_work_queue() - have a work item run
 * @work: prepared with ndk_work_init()
 *
 * Context: any.
 * Return: false when it was queued already and had not begun.
 */
bool ndk_work_queue(struct ndk_work *work)
{
	return queue_work(ndk_wq, &work->work);
}

int ndk_work_module_init(void)
{
	ndk_wq = alloc_workqueue("ndk", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return ndk_wq ? 0 : -ENOMEM;
}

void ndk_work_module_exit(void)
{
	destroy_workqueue(ndk_wq);
}
