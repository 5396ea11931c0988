// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mistakes a guest run must notice, made on request:
 *
 *	echo NAME > /sys/kernel/debug/ndk_planted/make
 *
 * tests/guest/selfcheck loads this module to prove that each of them fails a
 * run. It is never part of a real one.
 */
#include <linux/bottom_half.h>
#include <linux/compiler.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/panic.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

static struct dentry *ndk_planted_dir;
static DEFINE_SPINLOCK(ndk_planted_lock);
static DEFINE_MUTEX(ndk_planted_mutex);

static void ndk_planted_warn(void)
{
	WARN(1, "planted\n");
}

/* GFP_KERNEL with bottom halves off: sleeps only when memory is short. */
static void ndk_planted_alloc(void)
{
	void *p;

	spin_lock_bh(&ndk_planted_lock);
	p = kmalloc(64, GFP_KERNEL);
	spin_unlock_bh(&ndk_planted_lock);
	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
}

/* A mutex nobody else holds, taken with interrupts off. */
static void ndk_planted_mutex_irq(void)
{
	unsigned long flags;

	spin_lock_irqsave(&ndk_planted_lock, flags);
	mutex_lock(&ndk_planted_mutex);
	mutex_unlock(&ndk_planted_mutex);
	spin_unlock_irqrestore(&ndk_planted_lock, flags);
}

/* The same two where they are allowed. */
static void ndk_planted_clean(void)
{
	void *p;

	p = kmalloc(64, GFP_KERNEL);
	OPTIMIZER_HIDE_VAR(p);
	mutex_lock(&ndk_planted_mutex);
	mutex_unlock(&ndk_planted_mutex);
	kfree(p);
	spin_lock_bh(&ndk_planted_lock);
	p = kmalloc(64, GFP_NOWAIT);
	spin_unlock_bh(&ndk_planted_lock);
	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
}

/* The rest is noticed by the debug kernel only. */
static DEFINE_SPINLOCK(ndk_planted_other_lock);

/* Two locks in both orders, one after the other: nobody waits, this time. */
static void ndk_planted_inversion(void)
{
	spin_lock(&ndk_planted_lock);
	spin_lock(&ndk_planted_other_lock);
	spin_unlock(&ndk_planted_other_lock);
	spin_unlock(&ndk_planted_lock);

	spin_lock(&ndk_planted_other_lock);
	spin_lock(&ndk_planted_lock);
	spin_unlock(&ndk_planted_lock);
	spin_unlock(&ndk_planted_other_lock);
}

static noinline u8 ndk_planted_read(const u8 *p)
{
	return READ_ONCE(*p);
}

static void ndk_planted_freed(void)
{
	u8 *p = kzalloc(64, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(p);
	kfree(p);
	OPTIMIZER_HIDE_VAR(p);
	ndk_planted_read(p);
}

static void ndk_planted_leak(void)
{
	u8 *p = kzalloc(200, GFP_KERNEL);

	/* not as its last call, or it would not be on the stack */
	OPTIMIZER_HIDE_VAR(p);
	barrier();
}

static void ndk_planted_shift(void)
{
	unsigned int by = 40;
	int one = 1;

	OPTIMIZER_HIDE_VAR(by);
	OPTIMIZER_HIDE_VAR(one);
	one <<= by;
	OPTIMIZER_HIDE_VAR(one);
}

static void ndk_planted_nothing(struct work_struct *work)
{
}

/* Freed with its timer running. */
static void ndk_planted_active(void)
{
	struct delayed_work *later = kzalloc(sizeof(*later), GFP_KERNEL);

	if (!later)
		return;
	INIT_DELAYED_WORK(later, ndk_planted_nothing);
	schedule_delayed_work(later, 3600 * HZ);
	kfree(later);
}

static void ndk_planted_panic(void)
{
	panic("planted");
}

static void ndk_planted_pin(void)
{
	__module_get(THIS_MODULE);
}

/* Kept by nobody, and nothing is said until somebody counts. */
static void ndk_planted_keep(void)
{
	void *p;
	int i;

	for (i = 0; i < 10000; i++) {
		p = kmalloc(64, GFP_KERNEL);
		OPTIMIZER_HIDE_VAR(p);
	}
}

/* The memory of the process that asks is never forgotten. */
static void ndk_planted_mm(void)
{
	mmgrab(current->mm);
}

/* A module of the kernel's stays in use. */
static void ndk_planted_module(void)
{
	struct file *file = filp_open("/dev/infiniband/rdma_cm", O_RDWR, 0);

	if (IS_ERR(file))
		return;
	__module_get(file->f_op->owner);
	filp_close(file, NULL);
}

static const struct {
	const char *name;
	void (*make)(void);
} ndk_planted_mistakes[] = {
	{ "warn", ndk_planted_warn },
	{ "alloc", ndk_planted_alloc },
	{ "mutex", ndk_planted_mutex_irq },
	{ "clean", ndk_planted_clean },
	{ "inversion", ndk_planted_inversion },
	{ "freed", ndk_planted_freed },
	{ "leak", ndk_planted_leak },
	{ "shift", ndk_planted_shift },
	{ "active", ndk_planted_active },
	{ "panic", ndk_planted_panic },
	{ "pin", ndk_planted_pin },
	{ "keep", ndk_planted_keep },
	{ "mm", ndk_planted_mm },
	{ "module", ndk_planted_module },
};

static ssize_t ndk_planted_write(struct file *file, const char __user *ubuf,
				 size_t len, loff_t *ppos)
{
	char buf[16] = {};
	size_t i;

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	for (i = 0; i < ARRAY_SIZE(ndk_planted_mistakes); i++) {
		if (sysfs_streq(buf, ndk_planted_mistakes[i].name)) {
			ndk_planted_mistakes[i].make();
			return len;
		}
	}
	return -EINVAL;
}

static const struct file_operations ndk_planted_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = ndk_planted_write,
};

static int __init ndk_planted_init(void)
{
	ndk_planted_dir = debugfs_create_dir("ndk_planted", NULL);
	debugfs_create_file("make", 0200, ndk_planted_dir, NULL,
			    &ndk_planted_fops);
	return 0;
}
module_init(ndk_planted_init);

static void __exit ndk_planted_exit(void)
{
	debugfs_remove(ndk_planted_dir);
}
module_exit(ndk_planted_exit);

MODULE_DESCRIPTION("Mistakes planted for the self check of the guest bench");
MODULE_LICENSE("GPL");
