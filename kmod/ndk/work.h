/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where everything runs that may sleep or calls back.
 */
#ifndef _NDK_WORK_H
#define _NDK_WORK_H

#include <linux/workqueue.h>

/**
 * struct ndk_work - a work item of the provider
 * @work: for the work queue
 * @fn: what it does; @work may be gone when it returns
 */
struct ndk_work {
	struct work_struct work;
	void (*fn)(struct ndk_work *work);
};

void ndk_work_run(struct work_struct *work);

/* A macro, as each place that prepares one is a kind of work to lockdep. */
#define ndk_work_init(_work, _fn)					\
	do {								\
		INIT_WORK(&(_work)->work, ndk_work_run);		\
		(_work)->fn = (_fn);					\
	} while (0)

bool ndk_work_queue(struct ndk_work *work);

int ndk_work_module_init(void);
void ndk_work_module_exit(void);

#endif /* _NDK_WORK_H */
