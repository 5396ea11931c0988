// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling the device to fail: the functions, and the files in debugfs.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "sim.h"

static struct dentry *sim_debugfs;

static void sim_remove(struct ndk_sim *sim)
{
	sim_unplug(sim);
	wait_for_completion(&sim->gone);
	ib_unregister_device(&sim->ib);
	sim_put(sim);
}

static bool sim_wait_gone(struct ndk_sim *sim, unsigned long timeout)
{
	if (!wait_for_completion_timeout(&sim->gone, timeout))
		return false;
	/* Somebody else is about to end it: then its name is free, too. */
	ib_unregister_device(&sim->ib);
	return true;
}

static void sim_set_flags(struct ndk_sim *sim, u32 flags)
{
	unsigned long irq;

	spin_lock_irqsave(&sim->lock, irq);
	sim->flags = flags;
	spin_unlock_irqrestore(&sim->lock, irq);
}

static void sim_set_fault(struct ndk_sim *sim, enum ndk_sim_verb verb,
			  const struct ndk_sim_fault *fault)
{
	unsigned long flags;

	spin_lock_irqsave(&sim->fault_lock, flags);
	sim->faults[verb] = *fault;
	sim->faults[verb].calls = 0;
	spin_unlock_irqrestore(&sim->fault_lock, flags);
}

static u32 sim_calls(struct ndk_sim *sim, enum ndk_sim_verb verb)
{
	return READ_ONCE(sim->faults[verb].calls);
}

/**
 * sim_hold() - hold completions back
 * @sim: the device
 * @mask: NDK_SIM_DO() of the kinds; what is held and not in it any more goes
 * @qp_num: on this queue pair, or 0 for all
 *
 * Context: any.
 */
void sim_hold(struct ndk_sim *sim, u32 mask, u32 qp_num)
{
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	sim->hold = mask;
	sim->hold_qpn = qp_num;
	sim->budget = 0;
	sim_report_all(sim);
	spin_unlock_irqrestore(&sim->lock, flags);
}

/**
 * sim_release() - let held completions go
 * @sim: the device
 * @count: how many; those that are not there yet will not be held
 *
 * Context: any.
 */
void sim_release(struct ndk_sim *sim, u32 count)
{
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	sim->budget += count;
	sim_report_all(sim);
	spin_unlock_irqrestore(&sim->lock, flags);
}

static u32 sim_held(struct ndk_sim *sim)
{
	unsigned long flags;
	u32 held;

	spin_lock_irqsave(&sim->lock, flags);
	held = sim->held;
	spin_unlock_irqrestore(&sim->lock, flags);
	return held;
}

static bool sim_wait_held(struct ndk_sim *sim, u32 count, unsigned long timeout)
{
	return wait_event_timeout(sim->wait, sim_held(sim) >= count, timeout);
}

/**
 * sim_stall() - do not begin work
 * @sim: the device
 * @mask: NDK_SIM_DO() of the kinds; 0 lets everything go on
 *
 * Context: any.
 */
void sim_stall(struct ndk_sim *sim, u32 mask)
{
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	sim->stall = mask;
	sim_report_all(sim);
	spin_unlock_irqrestore(&sim->lock, flags);
}

static void sim_lose_cq(struct ib_cq *ib)
{
	struct ndk_sim *sim = to_sim(ib->device);
	unsigned long flags;

	spin_lock_irqsave(&sim->lock, flags);
	sim_cq_die(to_sim_cq(ib));
	spin_unlock_irqrestore(&sim->lock, flags);
}

static bool sim_wait_paused(struct ndk_sim *sim, unsigned long timeout)
{
	return wait_event_timeout(sim->wait, atomic_read(&sim->paused),
				  timeout);
}

static u32 sim_paused(struct ndk_sim *sim)
{
	return atomic_read(&sim->paused);
}

static void sim_resume(struct ndk_sim *sim)
{
	atomic_inc(&sim->resumed);
	wake_up_all(&sim->wait);
}

static u32 sim_live(struct ndk_sim *sim, enum ndk_sim_object object)
{
	return atomic_read(&sim->live[object]);
}

static u32 sim_violations(struct ndk_sim *sim)
{
	return atomic_xchg(&sim->violations, 0);
}

const struct ndk_sim_control ndk_sim_control = {
	.verb_names = sim_verb_names,
	.add = sim_add_by_name,
	.remove = sim_remove,
	.unplug = sim_unplug,
	.wait_gone = sim_wait_gone,
	.set_flags = sim_set_flags,
	.set_fault = sim_set_fault,
	.calls = sim_calls,
	.hold = sim_hold,
	.release = sim_release,
	.wait_held = sim_wait_held,
	.stall = sim_stall,
	.lose_cq = sim_lose_cq,
	.wait_paused = sim_wait_paused,
	.paused = sim_paused,
	.resume = sim_resume,
	.live = sim_live,
	.violations = sim_violations,
};
EXPORT_SYMBOL_GPL(ndk_sim_control);

/* Kinds of work as words. */
static int sim_parse_kinds(char *text, u32 *mask)
{
	char *word;
	int i;

	*mask = 0;
	while ((word = strsep(&text, " \t\n"))) {
		if (!*word || !strcmp(word, "none"))
			continue;
		for (i = NDK_SIM_DO_SEND; i < NDK_SIM_VERBS; i++)
			if (!strcmp(word, sim_verb_names[i]))
				break;
		if (i == NDK_SIM_VERBS)
			return -EINVAL;
		*mask |= 1U << i;
	}
	return 0;
}

static ssize_t sim_read_kinds(char __user *buf, size_t size, loff_t *ppos,
			      u32 mask)
{
	char text[128];
	int i, n = 0;

	for (i = NDK_SIM_DO_SEND; i < NDK_SIM_VERBS; i++)
		if (mask & 1U << i)
			n += scnprintf(text + n, sizeof(text) - n, "%s ",
				       sim_verb_names[i]);
	n += scnprintf(text + n, sizeof(text) - n, "%s\n", n ? "" : "none");
	return simple_read_from_buffer(buf, size, ppos, text, n);
}

static ssize_t sim_write_kinds(const char __user *buf, size_t size, u32 *mask)
{
	char text[128];
	int ret;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, size))
		return -EFAULT;
	text[size] = 0;
	ret = sim_parse_kinds(text, mask);
	return ret ? ret : size;
}

static ssize_t sim_hold_read(struct file *file, char __user *buf, size_t size,
			     loff_t *ppos)
{
	struct ndk_sim *sim = file->private_data;

	return sim_read_kinds(buf, size, ppos, READ_ONCE(sim->hold));
}

static ssize_t sim_hold_write(struct file *file, const char __user *buf,
			      size_t size, loff_t *ppos)
{
	struct ndk_sim *sim = file->private_data;
	ssize_t ret;
	u32 mask;

	ret = sim_write_kinds(buf, size, &mask);
	if (ret >= 0)
		sim_hold(sim, mask, READ_ONCE(sim->hold_qpn));
	return ret;
}

static const struct file_operations sim_hold_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = sim_hold_read,
	.write = sim_hold_write,
};

static ssize_t sim_stall_read(struct file *file, char __user *buf, size_t size,
			      loff_t *ppos)
{
	struct ndk_sim *sim = file->private_data;

	return sim_read_kinds(buf, size, ppos, READ_ONCE(sim->stall));
}

static ssize_t sim_stall_write(struct file *file, const char __user *buf,
			       size_t size, loff_t *ppos)
{
	struct ndk_sim *sim = file->private_data;
	ssize_t ret;
	u32 mask;

	ret = sim_write_kinds(buf, size, &mask);
	if (ret >= 0)
		sim_stall(sim, mask);
	return ret;
}

static const struct file_operations sim_stall_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = sim_stall_read,
	.write = sim_stall_write,
};

static int sim_release_set(void *data, u64 count)
{
	sim_release(data, min_t(u64, count, U32_MAX));
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(sim_release_fops, NULL, sim_release_set, "%llu\n");

/* The one that the receives of this queue pair complete on. */
static int sim_lose_set(void *data, u64 qp_num)
{
	struct ndk_sim *sim = data;
	struct sim_qp *qp;

	spin_lock_irq(&sim->lock);
	qp = xa_load(&sim->qps, qp_num);
	if (qp)
		sim_cq_die(to_sim_cq(qp->ib.recv_cq));
	spin_unlock_irq(&sim->lock);
	return qp ? 0 : -ENOENT;
}
DEFINE_DEBUGFS_ATTRIBUTE(sim_lose_fops, NULL, sim_lose_set, "%llu\n");

static int sim_resume_set(void *data, u64 value)
{
	sim_resume(data);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(sim_resume_fops, NULL, sim_resume_set, "%llu\n");

static int sim_unplug_set(void *data, u64 value)
{
	sim_unplug(data);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(sim_unplug_fops, NULL, sim_unplug_set, "%llu\n");

static int sim_flag_get(struct ndk_sim *sim, u32 flag, u64 *value)
{
	*value = !!(READ_ONCE(sim->flags) & flag);
	return 0;
}

static int sim_flag_set(struct ndk_sim *sim, u32 flag, u64 value)
{
	u32 flags = READ_ONCE(sim->flags) & ~flag;

	sim_set_flags(sim, value ? flags | flag : flags);
	return 0;
}

/* A file for a flag. */
#define SIM_FLAG(name, flag)						\
static int sim_##name##_get(void *data, u64 *value)			\
{									\
	return sim_flag_get(data, flag, value);				\
}									\
static int sim_##name##_set(void *data, u64 value)			\
{									\
	return sim_flag_set(data, flag, value);				\
}									\
DEFINE_DEBUGFS_ATTRIBUTE(sim_##name##_fops, sim_##name##_get,		\
			 sim_##name##_set, "%llu\n")

SIM_FLAG(inline, NDK_SIM_INLINE);
SIM_FLAG(irq, NDK_SIM_IRQ);
SIM_FLAG(recv_long, NDK_SIM_RECV_LONG);
SIM_FLAG(recv_odd, NDK_SIM_RECV_ODD);
SIM_FLAG(twice, NDK_SIM_TWICE);
SIM_FLAG(slow, NDK_SIM_SLOW);

static void sim_debugfs_verb(struct ndk_sim *sim, struct dentry *verbs, int i)
{
	struct ndk_sim_fault *f = &sim->faults[i];
	struct dentry *dir = debugfs_create_dir(sim_verb_names[i], verbs);

	debugfs_create_u32("calls", 0600, dir, &f->calls);
	debugfs_create_u32("unplug_at", 0600, dir, &f->unplug_at);
	debugfs_create_u32("pause_at", 0600, dir, &f->pause_at);
	debugfs_create_u32("pause_ms", 0600, dir, &f->pause_ms);
	if (i == NDK_SIM_POLL_CQ)
		return;
	debugfs_create_u32("fail_at", 0600, dir, &f->fail_at);
	debugfs_create_u32("fail_times", 0600, dir, &f->fail_times);
	debugfs_create_u32("error", 0600, dir, &f->error);
	debugfs_create_u32("delay_ms", 0600, dir, &f->delay_ms);
}

static void sim_debugfs_live(struct ndk_sim *sim, struct dentry *parent)
{
	static const char * const names[NDK_SIM_OBJECTS] = {
		[NDK_SIM_PD] = "pd",
		[NDK_SIM_AH] = "ah",
		[NDK_SIM_CQ] = "cq",
		[NDK_SIM_QP] = "qp",
		[NDK_SIM_MR] = "mr",
	};
	struct dentry *dir = debugfs_create_dir("live", parent);
	int i;

	for (i = 0; i < NDK_SIM_OBJECTS; i++)
		debugfs_create_atomic_t(names[i], 0400, dir, &sim->live[i]);
}

/**
 * sim_debugfs_add() - the files of a device
 * @sim: the device
 * @name: its name
 *
 * Context: process; may sleep.
 */
void sim_debugfs_add(struct ndk_sim *sim, const char *name)
{
	struct dentry *dir, *verbs;
	int i;

	dir = debugfs_create_dir(name, sim_debugfs);
	debugfs_create_file("hold", 0600, dir, sim, &sim_hold_fops);
	debugfs_create_u32("hold_qpn", 0600, dir, &sim->hold_qpn);
	debugfs_create_u32("held", 0400, dir, &sim->held);
	debugfs_create_file("release", 0200, dir, sim, &sim_release_fops);
	debugfs_create_file("stall", 0600, dir, sim, &sim_stall_fops);
	debugfs_create_file("inline", 0600, dir, sim, &sim_inline_fops);
	debugfs_create_file("irq", 0600, dir, sim, &sim_irq_fops);
	debugfs_create_file("recv_long", 0600, dir, sim, &sim_recv_long_fops);
	debugfs_create_file("recv_odd", 0600, dir, sim, &sim_recv_odd_fops);
	debugfs_create_file("twice", 0600, dir, sim, &sim_twice_fops);
	debugfs_create_file("slow", 0600, dir, sim, &sim_slow_fops);
	debugfs_create_file("lose_cq", 0200, dir, sim, &sim_lose_fops);
	debugfs_create_file("unplug", 0200, dir, sim, &sim_unplug_fops);
	debugfs_create_atomic_t("paused", 0400, dir, &sim->paused);
	debugfs_create_file("resume", 0200, dir, sim, &sim_resume_fops);
	debugfs_create_atomic_t("violations", 0400, dir, &sim->violations);
	sim_debugfs_live(sim, dir);
	verbs = debugfs_create_dir("verbs", dir);
	for (i = 0; i < NDK_SIM_VERBS; i++)
		sim_debugfs_verb(sim, verbs, i);
	sim->debugfs = dir;
}

void sim_debugfs_init(void)
{
	sim_debugfs = debugfs_create_dir("ndk_sim", NULL);
}

void sim_debugfs_exit(void)
{
	debugfs_remove(sim_debugfs);
}
