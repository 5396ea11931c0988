// SPDX-License-Identifier: GPL-2.0-only
/*
 * The side of a port that is Linux: the module, its parameters, and the table
 * that a client of kernel sockets would have asked for.
 */
#include <linux/inet.h>
#include <linux/module.h>

#include "port.h"

static int ifindex;
module_param(ifindex, int, 0444);
MODULE_PARM_DESC(ifindex, "Network interface of the RDMA device to use");

static char *address = "10.10.0.1";
module_param(address, charp, 0444);
MODULE_PARM_DESC(address, "IPv4 address of it");

static int __init port_init(void)
{
	SOCKADDR_IN to = { .sin_family = AF_INET };
	WSK_PROVIDER_NDK_DISPATCH ndk;
	NTSTATUS status;

	if (!in4_pton(address, -1, (u8 *)&to.sin_addr, -1, NULL))
		return -EINVAL;
	ndk_wsk_dispatch(&ndk);
	status = PortRun(&ndk, ifindex, &to);
	if (NT_SUCCESS(status))
		return 0;
	pr_err("ndk_port: %s\n", ndk_status_name(status));
	return -EIO;
}
module_init(port_init);

static void __exit port_exit(void)
{
}
module_exit(port_exit);

MODULE_DESCRIPTION("A consumer written for another kernel");
MODULE_LICENSE("GPL");
NDK_IMPORT_NS();
