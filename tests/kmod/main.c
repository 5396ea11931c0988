// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test module and its files in debugfs:
 *
 *	cat /sys/kernel/debug/ndk_selftest/run		runs the tests, as KTAP
 *	cat /sys/kernel/debug/ndk_selftest/run_sim	runs those that need a
 *							device that fails
 *	cat /sys/kernel/debug/ndk_selftest/demo		shows one registration
 *	cat /sys/kernel/debug/ndk_selftest/run_removal	needs the device deleted
 *	cat /sys/kernel/debug/ndk_selftest/run_down	needs its network
 *							interface down
 *	cat /sys/kernel/debug/ndk_selftest/run_slow	needs somebody to read
 *							the log and to write to
 *							"ready"
 *	cat /sys/kernel/debug/ndk_selftest/run_cross	every two actions, in
 *							both orders and at once
 *	cat /sys/kernel/debug/ndk_selftest/run_cross_removal	needs the
 *							device added again
 *	cat /sys/kernel/debug/ndk_selftest/run_alloc	each request with each
 *							allocation failing
 *	cat /sys/kernel/debug/ndk_selftest/run_sim_alloc	the same on
 *							simulated devices
 *	cat /sys/kernel/debug/ndk_selftest/run_dma	need a device with DMA
 *							operations (ndk_dma)
 *	cat /sys/kernel/debug/ndk_selftest/run_half	needs an iWARP device, and
 *							lockdep to prove nothing
 *	cat /sys/kernel/debug/ndk_selftest/ready	returns when one of these
 *							is ready for that
 *	cat /sys/kernel/debug/ndk_selftest/leave	names of actions
 *	echo NAME ORDER SCENE > .../leave		the module's end does that
 *
 * Tests run in the reader's process, one read at a time, so the output comes
 * as they finish.
 */
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "alloc.h"
#include "harness.h"
#include "sim_device.h"

static char *device = "rxe0";
module_param(device, charp, 0644);
MODULE_PARM_DESC(device, "RDMA device to test");

static char *addr4 = "10.77.0.1";
module_param(addr4, charp, 0644);
MODULE_PARM_DESC(addr4, "IPv4 address of the device's network interface");

static char *addr6 = "fd77::1";
module_param(addr6, charp, 0644);
MODULE_PARM_DESC(addr6, "IPv6 address of the device's network interface");

static char *sim_netdev = "dummy1";
module_param(sim_netdev, charp, 0644);
MODULE_PARM_DESC(sim_netdev, "network interface for simulated devices");

static char *filter = "";
module_param(filter, charp, 0644);
MODULE_PARM_DESC(filter, "run only tests whose name contains this, or one of these, with commas between");

static unsigned int cycles = 10000;
module_param(cycles, uint, 0644);
MODULE_PARM_DESC(cycles, "invalidations and registrations back to back");

static unsigned int patience = 60;
module_param(patience, uint, 0644);
MODULE_PARM_DESC(patience, "seconds that are waited for what must come");

/**
 * st_patience() - how long what must come is waited for
 *
 * Return: seconds.
 */
unsigned int st_patience(void)
{
	return patience;
}

static unsigned int enough;
module_param(enough, uint, 0644);
MODULE_PARM_DESC(enough, "failed tests after which no other is run, 0: all are");

static unsigned int rounds = 4;
module_param(rounds, uint, 0644);
MODULE_PARM_DESC(rounds, "how often each order of two actions is tried");

/**
 * st_device() - the RDMA device under test
 *
 * Return: its name.
 */
const char *st_device(void)
{
	return device;
}

/**
 * st_address() - the address under test
 * @v6: the IPv6 one
 *
 * Return: it, as text.
 */
const char *st_address(bool v6)
{
	return v6 ? addr6 : addr4;
}

/**
 * st_sim_netdev() - where simulated devices are made
 *
 * Return: the network interface's name.
 */
const char *st_sim_netdev(void)
{
	return sim_netdev;
}

/**
 * st_cycles() - how long the ordering tests are
 *
 * Return: cycles.
 */
unsigned int st_cycles(void)
{
	return cycles;
}

static unsigned int sparse = 1;
module_param(sparse, uint, 0644);
MODULE_PARM_DESC(sparse, "of many cases of one kind, try one in so many");

/**
 * st_sparse() - which of many cases of one kind are tried
 *
 * Return: one in so many is.
 */
unsigned int st_sparse(void)
{
	return max(sparse, 1U);
}

static unsigned int chain = 20000;
module_param(chain, uint, 0644);
MODULE_PARM_DESC(chain, "registrations that a peer ends, for each arrangement");

/**
 * st_chain_length() - how many registrations a peer ends
 *
 * Return: registrations.
 */
unsigned int st_chain_length(void)
{
	return chain;
}

/**
 * st_rounds() - how often an interleaving is tried
 *
 * Return: rounds.
 */
unsigned int st_rounds(void)
{
	return rounds;
}

static const struct st_suite * const st_suites[] = {
	&st_suite_adapter,
	&st_suite_mdl,
	&st_suite_lam,
	&st_suite_conn,
	&st_suite_conn_events,
	&st_suite_conn_end,
	&st_suite_conn_link,
	&st_suite_conn_patience,
	&st_suite_conn_qp,
	&st_suite_conn_state,
	&st_suite_mr_fast,
	&st_suite_mr_limits,
	&st_suite_mr_normal,
	&st_suite_mr_user,
	&st_suite_mr_access,
	&st_suite_mr_state,
	&st_suite_mr_parallel,
	&st_suite_mr_order,
	&st_suite_mr_remote_inv,
	&st_suite_mr_chain,
	&st_suite_mr_revoke,
	&st_suite_mr_idle,
	&st_suite_cq,
	&st_suite_cq_arm,
	&st_suite_cq_close,
	&st_suite_cq_room,
	&st_suite_qp,
	&st_suite_qp_flags,
	&st_suite_qp_given,
	&st_suite_qp_limits,
	&st_suite_qp_defer,
	&st_suite_qp_race,
	&st_suite_qp_peer,
	&st_suite_objects,
	&st_suite_instances,
	&st_suite_close,
	&st_suite_close_callback,
	&st_suite_extension,
	&st_suite_later,
	&st_suite_iwarp,
};

static const struct st_suite * const st_half_suites[] = {
	&st_suite_iwarp_half,
};

static const struct st_suite * const st_removal_suites[] = {
	&st_suite_removal,
};

static const struct st_suite * const st_down_suites[] = {
	&st_suite_down,
};

static const struct st_suite * const st_cross_suites[] = {
	&st_suite_cross,
};

static const struct st_suite * const st_slow_suites[] = {
	&st_suite_slow,
};

static const struct st_suite * const st_cross_removal_suites[] = {
	&st_suite_cross_removal,
};

static const struct st_suite * const st_alloc_suites[] = {
	&st_suite_alloc,
};

static const struct st_suite * const st_dma_suites[] = {
	&st_suite_bounced,
	&st_suite_shifted,
};

static const struct st_suite * const st_sim_suites[] = {
	&st_suite_sim_rules,
	&st_suite_sim_post,
	&st_suite_sim_each,
	&st_suite_sim_mr,
	&st_suite_sim_regions,
	&st_suite_sim_register,
	&st_suite_sim_kinds,
	&st_suite_sim_drivers,
	&st_suite_sim_unplug,
	&st_suite_sim_windows,
	&st_suite_sim_polled,
	&st_suite_sim_posted,
	&st_suite_sim_dereg,
	&st_suite_sim_user,
	&st_suite_sim_held,
	&st_suite_sim_early,
	&st_suite_sim_verbs,
	&st_suite_sim_instances,
	&st_suite_sim_reasons,
	&st_suite_sim_ends,
};

static const struct st_suite * const st_sim_alloc_suites[] = {
	&st_suite_sim_alloc,
};

/**
 * struct st_set - what one file runs
 * @suites: the suites
 * @count: how many
 * @sim: they need the simulator
 */
struct st_set {
	const struct st_suite * const *suites;
	size_t count;
	bool sim;
};

static struct st_set st_set_all = { st_suites, ARRAY_SIZE(st_suites) };
static struct st_set st_set_removal = {
	st_removal_suites, ARRAY_SIZE(st_removal_suites)
};

static struct st_set st_set_half = {
	st_half_suites, ARRAY_SIZE(st_half_suites)
};

static struct st_set st_set_down = {
	st_down_suites, ARRAY_SIZE(st_down_suites)
};

static struct st_set st_set_slow = {
	st_slow_suites, ARRAY_SIZE(st_slow_suites)
};

static struct st_set st_set_cross = {
	st_cross_suites, ARRAY_SIZE(st_cross_suites)
};

static struct st_set st_set_cross_removal = {
	st_cross_removal_suites, ARRAY_SIZE(st_cross_removal_suites)
};

static struct st_set st_set_alloc = {
	st_alloc_suites, ARRAY_SIZE(st_alloc_suites)
};

static struct st_set st_set_dma = {
	st_dma_suites, ARRAY_SIZE(st_dma_suites)
};

static struct st_set st_set_sim = {
	st_sim_suites, ARRAY_SIZE(st_sim_suites), true
};

static struct st_set st_set_sim_alloc = {
	st_sim_alloc_suites, ARRAY_SIZE(st_sim_alloc_suites), true
};

/* One at a time: the tests count on having the device for themselves. */
static unsigned long st_running;

/**
 * struct st_session - an open file that runs tests
 * @test: the test being run
 * @suites: what to run
 * @nr_suites: how many
 * @sim: the simulator is in use
 * @suite: next test's suite
 * @next: next test in it
 * @number: tests run
 * @failed: of them
 * @skipped: of them
 * @stage: what the next read produces
 * @text: output not read yet
 * @len: bytes of it
 * @off: bytes read of it
 */
struct st_session {
	struct st_test test;
	const struct st_suite * const *suites;
	size_t nr_suites;
	bool sim;
	size_t suite;
	size_t next;
	unsigned int number;
	unsigned int failed;
	unsigned int skipped;
	enum {
		ST_PLAN, ST_NONE, ST_TESTS, ST_RECHECK, ST_TOTALS, ST_DONE
	} stage;
	char text[2048];
	size_t len;
	size_t off;
};

static void st_name(const struct st_suite *suite, size_t i, char *name,
		    size_t size)
{
	snprintf(name, size, "%s.%s", suite->name, suite->cases[i].name);
}

/* Does the name contain one of the filter's words? They are between commas. */
static bool st_selected(const char *name)
{
	const char *word = filter, *at;
	size_t len;

	/* Without a filter all are; an empty word of one says nothing. */
	if (!*word)
		return true;
	do {
		len = strcspn(word, ",");
		for (at = name; len && *at; at++)
			if (!strncmp(at, word, len))
				return true;
		word += len;
	} while (*word++);
	return false;
}

static unsigned int st_count(struct st_session *s)
{
	unsigned int n = 0;
	char name[64];
	size_t i, j;

	for (i = 0; i < s->nr_suites; i++) {
		for (j = 0; j < s->suites[i]->count; j++) {
			st_name(s->suites[i], j, name, sizeof(name));
			n += st_selected(name);
		}
	}
	return n;
}

static void st_say(struct st_session *s, const char *fmt, ...) __printf(2, 3);

static void st_say(struct st_session *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	s->len += vscnprintf(s->text + s->len, sizeof(s->text) - s->len, fmt,
			     args);
	va_end(args);
}

static void st_result(struct st_session *s, const char *name, bool ok,
		      const char *why)
{
	s->number++;
	s->failed += !ok;
	st_say(s, "%sok %u %s%s%s\n", ok ? "" : "not ", s->number, name,
	       why ? " # " : "", why ?: "");
}

static void st_run_one(struct st_session *s, const struct st_case *c,
		       const char *name)
{
	struct st_test *t = &s->test;
	char why[sizeof(t->why) + 8];

	pr_info("ndk_selftest: %s\n", name);
	st_begin(t, name, c);
	if (!st_ctx_exists(c->ctx))
		st_skip(t, "PREEMPT_RT has no such context");
	else if (!t->failures)
		c->run(t);
	st_end(t);
	st_say(s, "%s", t->log);
	if (t->failures) {
		pr_info("ndk_selftest: %s: %s\n", name, t->why);
		st_result(s, name, false, t->why);
	} else if (t->skipped) {
		s->skipped++;
		snprintf(why, sizeof(why), "SKIP %s", t->why);
		st_result(s, name, true, why);
	} else {
		st_result(s, name, true, NULL);
	}
	if (t->stuck) {
		st_say(s, "Bail out! %s: something never ended\n", name);
		s->stage = ST_DONE;
	}
}

static void st_tests(struct st_session *s)
{
	const struct st_suite *suite;
	char name[64];
	size_t i;

	while (s->suite < s->nr_suites && (!enough || s->failed < enough)) {
		suite = s->suites[s->suite];
		while (s->next < suite->count) {
			i = s->next++;
			st_name(suite, i, name, sizeof(name));
			if (!st_selected(name))
				continue;
			st_run_one(s, &suite->cases[i], name);
			return;
		}
		s->suite++;
		s->next = 0;
	}
	s->stage = ST_RECHECK;
}

static void st_produce(struct st_session *s)
{
	unsigned int late, selected;

	s->off = 0;
	s->len = 0;
	switch (s->stage) {
	case ST_PLAN:
		selected = st_count(s);
		st_say(s, "KTAP version 1\n1..%u\n", selected + 1 + !selected);
		s->stage = selected ? ST_TESTS : ST_NONE;
		break;
	case ST_NONE:
		/* A word that was misspelt must not pass for a test. */
		st_result(s, "filter.selects_something", false,
			  "no test's name contains the filter");
		s->stage = ST_RECHECK;
		break;
	case ST_TESTS:
		st_tests(s);
		break;
	case ST_RECHECK:
		late = st_reqs_recheck();
		st_result(s, "callbacks.once_and_never_late", !late,
			  late ? "callbacks after their test was over" : NULL);
		s->stage = ST_TOTALS;
		break;
	case ST_TOTALS:
		st_say(s, "# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0\n",
		       s->number - s->failed - s->skipped, s->failed,
		       s->skipped);
		s->stage = ST_DONE;
		break;
	case ST_DONE:
		break;
	}
}

static int st_run_open(struct inode *inode, struct file *file)
{
	const struct st_set *set = inode->i_private;
	struct st_session *s;

	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	if (test_and_set_bit_lock(0, &st_running)) {
		kfree(s);
		return -EBUSY;
	}
	if (set->sim && !st_sim_get()) {
		clear_bit_unlock(0, &st_running);
		kfree(s);
		return -ENODEV;
	}
	s->sim = set->sim;
	s->suites = set->suites;
	s->nr_suites = set->count;
	file->private_data = s;
	return nonseekable_open(inode, file);
}

static ssize_t st_run_read(struct file *file, char __user *buf, size_t size,
			   loff_t *ppos)
{
	struct st_session *s = file->private_data;
	size_t n;

	while (s->off == s->len && s->stage != ST_DONE) {
		if (signal_pending(current))
			return -EINTR;
		st_produce(s);
	}
	n = min(size, s->len - s->off);
	if (copy_to_user(buf, s->text + s->off, n))
		return -EFAULT;
	s->off += n;
	return n;
}

static int st_run_release(struct inode *inode, struct file *file)
{
	struct st_session *s = file->private_data;

	st_alloc_unwatch();
	/* What never ended may still use its request: lose the memory. */
	if (!s->test.stuck) {
		st_reqs_free();
		if (s->sim)
			st_sim_put();
		kfree(s);
	}
	clear_bit_unlock(0, &st_running);
	return 0;
}

static const struct file_operations st_run_fops = {
	.owner = THIS_MODULE,
	.open = st_run_open,
	.read = st_run_read,
	.release = st_run_release,
};

/* Returns when the running test wants something done to the device. */
static ssize_t st_ready_read(struct file *file, char __user *buf, size_t size,
			     loff_t *ppos)
{
	int ret = *ppos ? 0 : wait_for_completion_interruptible(&st_ready);

	if (ret)
		return ret;
	return simple_read_from_buffer(buf, size, ppos, "Y\n", 2);
}

/* It has been done. */
static ssize_t st_ready_write(struct file *file, const char __user *buf,
			      size_t size, loff_t *ppos)
{
	complete(&st_go_on);
	return size;
}

static const struct file_operations st_ready_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = st_ready_read,
	.write = st_ready_write,
};

static ssize_t st_demo_read(struct file *file, char __user *buf, size_t size,
			    loff_t *ppos)
{
	char *text = file->private_data;

	return simple_read_from_buffer(buf, size, ppos, text, strlen(text));
}

static int st_demo_open(struct inode *inode, struct file *file)
{
	char *text = kzalloc(PAGE_SIZE, GFP_KERNEL);

	if (!text)
		return -ENOMEM;
	if (test_and_set_bit_lock(0, &st_running)) {
		kfree(text);
		return -EBUSY;
	}
	st_demo(text, PAGE_SIZE);
	clear_bit_unlock(0, &st_running);
	file->private_data = text;
	return 0;
}

static int st_demo_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

static const struct file_operations st_demo_fops = {
	.owner = THIS_MODULE,
	.open = st_demo_open,
	.read = st_demo_read,
	.release = st_demo_release,
};

static ssize_t st_leave_read(struct file *file, char __user *buf, size_t size,
			     loff_t *ppos)
{
	char text[512];

	return simple_read_from_buffer(buf, size, ppos, text,
				       cross_leave_names(text, sizeof(text)));
}

/* Nothing else is run afterwards. */
static ssize_t st_leave_write(struct file *file, const char __user *buf,
			      size_t size, loff_t *ppos)
{
	unsigned int order, scene;
	char text[64], name[32];
	int ret;

	if (*ppos || size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, size))
		return -EFAULT;
	text[size] = '\0';
	if (sscanf(text, "%31s %u %u", name, &order, &scene) != 3)
		return -EINVAL;
	if (test_and_set_bit_lock(0, &st_running))
		return -EBUSY;
	ret = cross_leave_ready(name, order, scene);
	if (!ret)
		return size;
	clear_bit_unlock(0, &st_running);
	return ret;
}

static const struct file_operations st_leave_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = st_leave_read,
	.write = st_leave_write,
};

static struct dentry *st_dir;

static int __init st_init_module(void)
{
	cross_init();
	st_dir = debugfs_create_dir("ndk_selftest", NULL);
	debugfs_create_file("run", 0400, st_dir, &st_set_all, &st_run_fops);
	debugfs_create_file("run_sim", 0400, st_dir, &st_set_sim,
			    &st_run_fops);
	debugfs_create_file("run_removal", 0400, st_dir, &st_set_removal,
			    &st_run_fops);
	debugfs_create_file("run_half", 0400, st_dir, &st_set_half,
			    &st_run_fops);
	debugfs_create_file("run_down", 0400, st_dir, &st_set_down,
			    &st_run_fops);
	debugfs_create_file("run_slow", 0400, st_dir, &st_set_slow,
			    &st_run_fops);
	debugfs_create_file("run_cross", 0400, st_dir, &st_set_cross,
			    &st_run_fops);
	debugfs_create_file("run_cross_removal", 0400, st_dir,
			    &st_set_cross_removal, &st_run_fops);
	debugfs_create_file("run_alloc", 0400, st_dir, &st_set_alloc,
			    &st_run_fops);
	debugfs_create_file("run_dma", 0400, st_dir, &st_set_dma,
			    &st_run_fops);
	debugfs_create_file("run_sim_alloc", 0400, st_dir, &st_set_sim_alloc,
			    &st_run_fops);
	debugfs_create_file("ready", 0600, st_dir, NULL, &st_ready_fops);
	debugfs_create_file("leave", 0600, st_dir, NULL, &st_leave_fops);
	debugfs_create_file("demo", 0400, st_dir, NULL, &st_demo_fops);
	return 0;
}
module_init(st_init_module);

static void __exit st_exit_module(void)
{
	debugfs_remove(st_dir);
	cross_leave();
}
module_exit(st_exit_module);

MODULE_DESCRIPTION("Tests of the NDK provider, as its consumer");
MODULE_LICENSE("GPL");
NDK_IMPORT_NS();
