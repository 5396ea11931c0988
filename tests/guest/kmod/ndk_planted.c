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
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/panic.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>

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

static void ndk_planted_panic(void)
{
	panic("planted");
}

static void ndk_planted_pin(void)
{
	__module_get(THIS_MODULE);
}

static const struct {
	const char *name;
	void (*make)(void);
} ndk_planted_mistakes[] = {
	{ "warn", ndk_planted_warn },
	{ "alloc", ndk_planted_alloc },
	{ "mutex", ndk_planted_mutex_irq },
	{ "clean", ndk_planted_clean },
	{ "panic", ndk_planted_panic },
	{ "pin", ndk_planted_pin },
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
