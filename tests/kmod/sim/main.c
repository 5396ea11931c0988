// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: devices are made with
 *
 *	rdma link add NAME type ndk_sim netdev INTERFACE
 *
 * and one at once when the module has a parameter netdev. The other parameters
 * say what those made from then on can do.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <rdma/rdma_netlink.h>

#include "sim.h"

static char *netdev;
module_param(netdev, charp, 0444);
MODULE_PARM_DESC(netdev, "network interface of a first device, ndk_sim0");

static unsigned int max_pages = 512;
module_param(max_pages, uint, 0644);
MODULE_PARM_DESC(max_pages, "pages of a fast registration (512)");

static unsigned int max_page_size = SZ_64K;
module_param(max_page_size, uint, 0644);
MODULE_PARM_DESC(max_page_size, "largest page size, from 4 KiB on (65536)");

static bool no_mem_mgt;
module_param(no_mem_mgt, bool, 0644);
MODULE_PARM_DESC(no_mem_mgt, "no memory management extensions");

static bool no_remote_inv;
module_param(no_remote_inv, bool, 0644);
MODULE_PARM_DESC(no_remote_inv, "no send with invalidate");

static char *habits = "";
module_param(habits, charp, 0644);
MODULE_PARM_DESC(habits, "habits of other drivers, words and commas (none)");

static unsigned int driver_id;
module_param(driver_id, uint, 0644);
MODULE_PARM_DESC(driver_id, "enum rdma_driver_id that devices go by (0)");

static char *ports = "roce";
module_param(ports, charp, 0644);
MODULE_PARM_DESC(ports, "what each port speaks: roce, ib, ib_grh, opa (roce)");

static const char * const sim_habit_names[] = {
	"zero_lkey", "split_keys", "eager_inv", "no_local_inv", "map_sleeps",
	"no_loopback", "vague", "no_fenced_read", "blames_peer", "keeps",
	"late_reads", "near_key", "generous", "reticent", "ports_down",
};

static const char * const sim_port_names[NDK_SIM_PORT_KINDS] = {
	[NDK_SIM_PORT_ROCE] = "roce",
	[NDK_SIM_PORT_IB] = "ib",
	[NDK_SIM_PORT_IB_GRH] = "ib_grh",
	[NDK_SIM_PORT_OPA] = "opa",
};

/* Words with commas between them, and perhaps the end of a line. */
#define SIM_MAX_WORDS	16

static int sim_words(const char *text, const char * const *names, size_t count,
		     int *found)
{
	char copy[128], *rest = copy, *word;
	int n = 0, i;

	if (strscpy(copy, text, sizeof(copy)) < 0)
		return -EINVAL;
	while ((word = strsep(&rest, ",\n"))) {
		if (!*word)
			continue;
		i = match_string(names, count, word);
		if (i < 0 || n == SIM_MAX_WORDS)
			return -EINVAL;
		found[n++] = i;
	}
	return n;
}

static int sim_param_habits(struct ndk_sim_attr *attr)
{
	int found[SIM_MAX_WORDS], n, i;

	n = sim_words(habits, sim_habit_names, ARRAY_SIZE(sim_habit_names),
		      found);
	attr->habits = 0;
	for (i = 0; i < n; i++)
		attr->habits |= 1U << found[i];
	return min(n, 0);
}

static int sim_param_ports(struct ndk_sim_attr *attr)
{
	int found[SIM_MAX_WORDS], n, i;

	n = sim_words(ports, sim_port_names, ARRAY_SIZE(sim_port_names), found);
	if (n < 1 || n > NDK_SIM_MAX_PORTS)
		return -EINVAL;
	attr->ports = n;
	for (i = 0; i < n; i++)
		attr->port[i] = found[i];
	return 0;
}

static int sim_param_attr(struct ndk_sim_attr *attr)
{
	int ret;

	attr->max_pages = max(max_pages, 1U);
	attr->page_size_cap = (2ULL * max_page_size - 1) & ~(SZ_4K - 1ULL);
	attr->no_mem_mgt = no_mem_mgt;
	attr->no_remote_inv = no_remote_inv;
	attr->driver_id = driver_id;
	ret = sim_param_habits(attr);
	return ret ?: sim_param_ports(attr);
}

static int sim_newlink(const char *name, struct net_device *ndev)
{
	struct ndk_sim_attr attr;
	struct ndk_sim *sim;
	int ret;

	ret = sim_param_attr(&attr);
	if (ret)
		return ret;
	sim = sim_add(name, ndev, &attr);
	if (IS_ERR(sim))
		return PTR_ERR(sim);
	sim_put(sim);
	return 0;
}

static struct rdma_link_ops sim_link_ops = {
	.type = "ndk_sim",
	.newlink = sim_newlink,
};

static int sim_notify(struct notifier_block *nb, unsigned long event, void *arg)
{
	sim_netdev_event(netdev_notifier_info_to_dev(arg), event);
	return NOTIFY_OK;
}

static struct notifier_block sim_notifier = {
	.notifier_call = sim_notify,
};

static int sim_add_first(void)
{
	struct ndk_sim_attr attr;
	struct ndk_sim *sim;
	int ret;

	ret = sim_param_attr(&attr);
	if (ret)
		return ret;
	sim = sim_add_by_name("ndk_sim0", netdev, &attr);
	if (IS_ERR(sim))
		return PTR_ERR(sim);
	sim_put(sim);
	return 0;
}

static int __init sim_init_module(void)
{
	int ret;

	sim_debugfs_init();
	ret = register_netdevice_notifier(&sim_notifier);
	if (ret)
		goto debugfs;
	if (netdev) {
		ret = sim_add_first();
		if (ret)
			goto notifier;
	}
	rdma_link_register(&sim_link_ops);
	return 0;

notifier:
	unregister_netdevice_notifier(&sim_notifier);
debugfs:
	sim_debugfs_exit();
	return ret;
}
module_init(sim_init_module);

static void __exit sim_exit_module(void)
{
	rdma_link_unregister(&sim_link_ops);
	unregister_netdevice_notifier(&sim_notifier);
	sim_remove_all();
	sim_debugfs_exit();
}
module_exit(sim_exit_module);

MODULE_ALIAS_RDMA_LINK("ndk_sim");
MODULE_DESCRIPTION("A simulated RDMA device that fails when it is told to");
MODULE_LICENSE("GPL");
