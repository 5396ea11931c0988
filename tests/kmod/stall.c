// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes races come true: whoever calls one of the functions waits a while at its
 * beginning, as a processor of a busy machine may.
 *
 *	insmod ndk_stall.ko functions=first,second ms=50,100
 *	echo 1 > /sys/module/ndk_stall/parameters/on
 *	cat /sys/module/ndk_stall/parameters/hits	calls that waited
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#define STALLS_MAX	4

static char *functions[STALLS_MAX];
static unsigned int nfunctions;
module_param_array(functions, charp, &nfunctions, 0444);
MODULE_PARM_DESC(functions, "functions to stall");

static unsigned int ms[STALLS_MAX];
module_param_array(ms, uint, NULL, 0444);
MODULE_PARM_DESC(ms, "milliseconds for each");

static bool on;
module_param(on, bool, 0644);
MODULE_PARM_DESC(on, "stall them now");

static unsigned int hits;
module_param(hits, uint, 0644);
MODULE_PARM_DESC(hits, "calls that were stalled");

static struct kprobe probes[STALLS_MAX];

static int stall(struct kprobe *probe, struct pt_regs *regs)
{
	if (!READ_ONCE(on))
		return 0;
	WRITE_ONCE(hits, READ_ONCE(hits) + 1);
	mdelay(ms[probe - probes]);
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
