/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an adapter says of itself.
 */
#ifndef _NDK_NDKINFO_H
#define _NDK_NDKINFO_H

#include <linux/stddef.h>
#include <ndk/ntdef.h>

/**
 * struct NDK_VERSION - version of the interface
 * @Major: layouts differ between majors
 * @Minor: a higher minor is a superset
 */
typedef struct {
	USHORT Major;
	USHORT Minor;
} NDK_VERSION;

/* NDK_ADAPTER_INFO.AdapterFlags */
#define NDK_ADAPTER_FLAG_IN_ORDER_DMA_SUPPORTED			0x00000001
#define NDK_ADAPTER_FLAG_RDMA_READ_SINK_NOT_REQUIRED		0x00000002
#define NDK_ADAPTER_FLAG_CQ_INTERRUPT_MODERATION_SUPPORTED	0x00000004
#define NDK_ADAPTER_FLAG_MULTI_ENGINE_SUPPORTED			0x00000008
#define NDK_ADAPTER_FLAG_RDMA_READ_LOCAL_INVALIDATE_SUPPORTED	0x00000010
#define NDK_ADAPTER_FLAG_CQ_RESIZE_SUPPORTED			0x00000100
#define NDK_ADAPTER_FLAG_LOOPBACK_CONNECTIONS_SUPPORTED		0x00010000

/**
 * enum _NDK_RDMA_TECHNOLOGY - what the adapter speaks
 * @NdkUndefined: not known
 * @NdkiWarp: iWARP
 * @NdkInfiniBand: InfiniBand
 * @NdkRoCE: RoCE version 1
 * @NdkRoCEv2: RoCE version 2
 * @NdkMaxTechnology: one more than the last
 */
typedef enum _NDK_RDMA_TECHNOLOGY {
	NdkUndefined = 0,
	NdkiWarp = 1,
	NdkInfiniBand = 2,
	NdkRoCE = 3,
	NdkRoCEv2 = 4,
	NdkMaxTechnology = 5,
} NDK_RDMA_TECHNOLOGY;

/**
 * struct _NDK_ADAPTER_INFO - limits and abilities; all can be had together
 * @Version: version of the interface implemented
 * @VendorId: the vendor's OUI
 * @DeviceId: the vendor's device id
 * @MaxRegistrationSize: bytes in one registration of kernel memory
 * @MaxWindowSize: bytes in one memory window; 0 without windows
 * @FRMRPageCount: size, in pages, of which most fast-register MRs are ready
 * @MaxInitiatorRequestSge: SGEs of one initiator request
 * @MaxReceiveRequestSge: SGEs of one receive
 * @MaxReadRequestSge: SGEs of one NdkRead
 * @MaxTransferLength: bytes of one request
 * @MaxInlineDataSize: bytes of one inline request
 * @MaxInboundReadLimit: incoming reads in progress, per QP
 * @MaxOutboundReadLimit: outgoing reads in progress, per QP
 * @MaxReceiveQueueDepth: receives outstanding, per QP
 * @MaxInitiatorQueueDepth: initiator requests outstanding, per QP
 * @MaxSrqDepth: 0 without shared receive queues
 * @MaxCqDepth: entries of one CQ
 * @LargeRequestThreshold: bytes above which read and write beat send
 * @MaxCallerData: bytes of private data with NdkConnect
 * @MaxCalleeData: bytes of private data with NdkAccept and NdkReject
 * @AdapterFlags: NDK_ADAPTER_FLAG_*
 * @RdmaTechnology: what the adapter speaks
 */
typedef struct _NDK_ADAPTER_INFO {
	NDK_VERSION Version;
	UINT32 VendorId;
	UINT32 DeviceId;
	SIZE_T MaxRegistrationSize;
	SIZE_T MaxWindowSize;
	ULONG FRMRPageCount;
	ULONG MaxInitiatorRequestSge;
	ULONG MaxReceiveRequestSge;
	ULONG MaxReadRequestSge;
	ULONG MaxTransferLength;
	ULONG MaxInlineDataSize;
	ULONG MaxInboundReadLimit;
	ULONG MaxOutboundReadLimit;
	ULONG MaxReceiveQueueDepth;
	ULONG MaxInitiatorQueueDepth;
	ULONG MaxSrqDepth;
	ULONG MaxCqDepth;
	ULONG LargeRequestThreshold;
	ULONG MaxCallerData;
	ULONG MaxCalleeData;
	ULONG AdapterFlags;
	NDK_RDMA_TECHNOLOGY RdmaTechnology;
} NDK_ADAPTER_INFO;

#ifdef CONFIG_X86_64
static_assert(sizeof(NDK_ADAPTER_INFO) == 0x68);
static_assert(offsetof(NDK_ADAPTER_INFO, MaxRegistrationSize) == 0x10);
static_assert(offsetof(NDK_ADAPTER_INFO, MaxWindowSize) == 0x18);
static_assert(offsetof(NDK_ADAPTER_INFO, FRMRPageCount) == 0x20);
static_assert(offsetof(NDK_ADAPTER_INFO, MaxTransferLength) == 0x30);
static_assert(offsetof(NDK_ADAPTER_INFO, MaxSrqDepth) == 0x48);
static_assert(offsetof(NDK_ADAPTER_INFO, AdapterFlags) == 0x5c);
static_assert(offsetof(NDK_ADAPTER_INFO, RdmaTechnology) == 0x60);
#endif

#endif /* _NDK_NDKINFO_H */
