// SPDX-License-Identifier: GPL-2.0-only
/*
 * The provider of the NDKPI kernel RDMA interface, on ib_core.
 */
#include <linux/module.h>

#include "client.h"
#include "mr.h"
#include "work.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static int __init ndk_init(void)
{
	int ret;

	ret = ndk_work_module_init();
	if (ret)
		return ret;
	ret = ndk_mr_user_module_init();
	if (ret)
		goto exit_work;
	ret = ndk_client_module_init();
	if (ret)
		goto exit_mr_user;
	return 0;

exit_mr_user:
	ndk_mr_user_module_exit();
exit_work:
	ndk_work_module_exit();
	return ret;
}

static void __exit ndk_exit(void)
{
	ndk_client_module_exit();
	ndk_mr_user_module_exit();
	ndk_work_module_exit();
}

module_init(ndk_init);
module_exit(ndk_exit);

MODULE_DESCRIPTION("NDKPI kernel RDMA interface provider on ib_core");
MODULE_LICENSE("GPL");
