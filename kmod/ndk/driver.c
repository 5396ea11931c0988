// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drivers that are known by name. What can be found out in another way is not
 * here, and what is safe for all of them is done for all of them.
 */
#include "driver.h"

static const struct {
	enum rdma_driver_id id;
	u32 habits;
} ndk_drivers[] = {
	/*
	 * It allocates when it maps pages, knows no local invalidation, and
	 * without a caller in user space registers memory of its own.
	 */
	{ RDMA_DRIVER_HNS, NDK_DRIVER_NO_FAST_MR | NDK_DRIVER_NO_USER_MR },
	/* These dereference what only a caller in user space passes. */
	{ RDMA_DRIVER_IRDMA, NDK_DRIVER_NO_USER_MR },
	{ RDMA_DRIVER_MTHCA, NDK_DRIVER_NO_USER_MR },
	/* Nothing in them is about packets to their own address. */
	{ RDMA_DRIVER_ERDMA, NDK_DRIVER_NO_LOOPBACK },
	{ RDMA_DRIVER_OCRDMA, NDK_DRIVER_NO_LOOPBACK },
	{ RDMA_DRIVER_QEDR, NDK_DRIVER_NO_LOOPBACK },
	{ RDMA_DRIVER_VMW_PVRDMA, NDK_DRIVER_NO_LOOPBACK },
	/* They do not ask whether a region is registered. */
	{ RDMA_DRIVER_HFI1, NDK_DRIVER_INVALIDATES_ALL },
	{ RDMA_DRIVER_RXE, NDK_DRIVER_INVALIDATES_ALL },
	/* Its reads are done in order, which is all that a fence asks for. */
	{ RDMA_DRIVER_SIW,
	  NDK_DRIVER_NO_FENCED_READ | NDK_DRIVER_INVALIDATES_ALL },
};

/**
 * ndk_driver_habits() - what is special about a device's driver
 * @ib: the device
 *
 * Context: any.
 * Return: NDK_DRIVER_*; 0 for one that nothing is known of.
 */
u32 ndk_driver_habits(const struct ib_device *ib)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ndk_drivers); i++)
		if (ndk_drivers[i].id == ib->ops.driver_id)
			return ndk_drivers[i].habits;
	return 0;
}
