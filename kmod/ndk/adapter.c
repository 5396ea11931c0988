// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open and close of an adapter instance, and NdkQueryAdapterInfo.
 */
#include <linux/slab.h>

#include "adapter.h"
#include "device.h"
#include "dispatch.h"
#include "driver.h"
#include "export.h"
#include "slow_close.h"

/* Highest minor of each major that is served. */
static const NDK_VERSION ndk_versions[] = {
	{ 1, 2 },
	{ 2, 1 },
};

static void ndk_adapter_idle(struct ndk_object *obj)
{
	/* The closer frees the adapter as soon as it wakes up. */
	complete(&container_of(obj, struct ndk_adapter, obj)->idle);
}

static const struct ndk_object_ops ndk_adapter_ops = {
	.type = NdkObjectTypeAdapter,
	.free = ndk_adapter_idle,
};

static bool ndk_version_serve(NDK_VERSION asked, NDK_VERSION *served)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ndk_versions); i++) {
		if (asked.Major != ndk_versions[i].Major)
			continue;
		*served = ndk_versions[i];
		return asked.Minor <= served->Minor;
	}
	return false;
}

/* Opening has status codes of its own, and fewer. */
static NTSTATUS ndk_open_status(NTSTATUS status)
{
	switch (status) {
	case STATUS_SUCCESS:
		return NDIS_STATUS_SUCCESS;
	case STATUS_INSUFFICIENT_RESOURCES:
		return NDIS_STATUS_RESOURCES;
	default:
		return NDIS_STATUS_ADAPTER_NOT_READY;
	}
}

/* Consumes the reference on @dev. */
static NTSTATUS ndk_open_device(struct ndk_device *dev, NDK_VERSION version,
				NDK_ADAPTER **adapter)
{
	struct ndk_adapter *a;
	NTSTATUS status;
	int idx;

	if (!dev)
		return NDIS_STATUS_ADAPTER_NOT_READY;

	status = NDIS_STATUS_BAD_VERSION;
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a) {
		status = NDIS_STATUS_RESOURCES;
		goto put;
	}
	if (!ndk_version_serve(version, &a->version))
		goto free;

	status = NDIS_STATUS_ADAPTER_NOT_READY;
	if (!ndk_device_enter(dev, &idx))
		goto free;
	status = ndk_open_status(ndk_device_limits(dev));
	ndk_device_leave(dev, idx);
	if (status)
		goto free;

	a->dev = dev;
	init_completion(&a->idle);
	ndk_object_init(&a->obj, &ndk_adapter_ops, a, &ndk_adapter_dispatch);
	*adapter = &a->obj.pub.adapter;
	return NDIS_STATUS_SUCCESS;

free:
	kfree(a);
put:
	ndk_device_put(dev);
	return status;
}

NTSTATUS ndk_open_adapter(const char *device_name, NDK_VERSION version,
			  NDK_ADAPTER **adapter)
{
	might_sleep();
	return ndk_open_device(ndk_device_find(device_name), version, adapter);
}
EXPORT_SYMBOL_NDK(ndk_open_adapter);

NTSTATUS ndk_open_adapter_by_ifindex(struct net *net, int ifindex,
				     NDK_VERSION version,
				     NDK_ADAPTER **adapter)
{
	might_sleep();
	return ndk_open_device(ndk_device_find_netdev(net, ifindex), version,
			       adapter);
}
EXPORT_SYMBOL_NDK(ndk_open_adapter_by_ifindex);

void ndk_close_adapter(NDK_ADAPTER *adapter)
{
	struct ndk_adapter *a = to_ndk_adapter(adapter);

	might_sleep();
	ndk_object_put(&a->obj);
	ndk_slow_close_adapter(a);
	ndk_device_put(a->dev);
	kfree(a);
}
EXPORT_SYMBOL_NDK(ndk_close_adapter);

BOOLEAN ndk_same_device(NDK_OBJECT_HEADER *a, NDK_OBJECT_HEADER *b)
{
	return to_ndk_object(a)->dev == to_ndk_object(b)->dev;
}
EXPORT_SYMBOL_NDK(ndk_same_device);

/**
 * ndk_query_adapter_info() - NDK_FN_QUERY_ADAPTER_INFO
 * @pNdkAdapter: the adapter
 * @pInfo: filled; NULL asks for the size
 * @pBufferSize: bytes at @pInfo; then bytes written, or bytes needed
 *
 * Context: process.
 * Return: STATUS_SUCCESS or STATUS_BUFFER_TOO_SMALL. The limits are known from
 * the opening on, so this also answers after the device is gone.
 */
NTSTATUS ndk_query_adapter_info(NDK_ADAPTER *pNdkAdapter,
				NDK_ADAPTER_INFO *pInfo, ULONG *pBufferSize)
{
	struct ndk_adapter *a = to_ndk_adapter(pNdkAdapter);
	ULONG size = *pBufferSize;

	*pBufferSize = sizeof(*pInfo);
	if (!pInfo || size < sizeof(*pInfo))
		return ndk_refuse(&a->obj, STATUS_BUFFER_TOO_SMALL,
				  "pBufferSize", size, sizeof(*pInfo));
	*pInfo = a->dev->info;
	pInfo->Version = a->version;
	/* Only NdkCreateMr refuses: what there is room for, normal ones need. */
	if (a->dev->habits & NDK_DRIVER_NO_FAST_MR)
		pInfo->FRMRPageCount = 0;
	return STATUS_SUCCESS;
}
