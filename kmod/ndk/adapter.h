/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_ADAPTER_H
#define _NDK_ADAPTER_H

#include "object.h"

/**
 * struct ndk_adapter - an open instance of an adapter
 * @obj: common part; no worker of its own, its closer waits for @idle
 * @dev: the device; a reference is held
 * @version: of the interface, as every descendant reports it
 * @idle: completed when the last descendant is gone
 */
struct ndk_adapter {
	struct ndk_object obj;
	struct ndk_device *dev;
	NDK_VERSION version;
	struct completion idle;
};

static inline struct ndk_adapter *to_ndk_adapter(NDK_ADAPTER *adapter)
{
	return container_of(adapter, struct ndk_adapter, obj.pub.adapter);
}

NTSTATUS ndk_query_adapter_info(NDK_ADAPTER *pNdkAdapter,
				NDK_ADAPTER_INFO *pInfo, ULONG *pBufferSize);

#endif /* _NDK_ADAPTER_H */
