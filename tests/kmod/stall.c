// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes races come true: whoever calls one of the functions waits at its beginning
 * until somebody else has called the next one, as if its processor had stopped
 * there. Nobody waits in the last.
 *
 *	insmod ndk_stall.ko functions=first,second,last
 *	echo 1 > /sys/module/ndk_stall/parameters/on
 *	cat /sys/module/ndk_stall/parameters/hits	calls of the first
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#define STALLS_MAX	4

/* How long a call waits at most: then the test has failed. */
#define STALL_MS	2000

static char *functions[STALLS_MAX];
static unsigned int nfunctions;
module_param_array(functions, charp, &nfunctions, 0444);
MODULE_PARM_DESC(functions, "functions to stall, each until the next is called");

static bool on;
module_param(on, bool, 0644);
MODULE_PARM_DESC(on, "stall them now");

static unsigned int hits[STALLS_MAX];
module_param_named(hits, hits[0], uint, 0644);
MODULE_PARM_DESC(hits, "calls of the first");

static struct kprobe probes[STALLS_MAX];

/* Probes do not sleep, so the processor is busy meanwhile. */
static int stall(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned int n = probe - probes, left = STALL_MS, before;

	if (!READ_ONCE(on))
		return 0;
	before = n + 1 < nfunctions ? READ_ONCE(hits[n + 1]) : 0;
	WRITE_ONCE(hits[n], READ_ONCE(hits[n]) + 1);
	if (n + 1 == nfunctions)
		return 0;
	while (READ_ONCE(hits[n + 1]) == before && --left)
		mdelay(1);
	return 0;
}

static void stall_remove(unsigned int count)
{
	while (count)
		unregister_kprobe(&probes[--count]);
}

static int __init stall_init(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nfunctions; i++) {
		probes[i].symbol_name = functions[i];
		probes[i].pre_handler = stall;
		ret = register_kprobe(&probes[i]);
		if (ret) {
			pr_err("ndk_stall: %s: %d\n", functions[i], ret);
			stall_remove(i);
			return ret;
		}
	}
	return 0;
}

static void __exit stall_exit(void)
{
	stall_remove(nfunctions);
}

module_init(stall_init);
module_exit(stall_exit);

MODULE_DESCRIPTION("Stalls functions, for tests of races");
MODULE_LICENSE("GPL");
