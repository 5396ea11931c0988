/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NDKPI, the published kernel RDMA interface, under its own names.
 *
 * Objects are a header and a dispatch table; the provider keeps more behind
 * them. Every provider function may be called with bottom halves disabled, a
 * spinlock held or interrupts off, except NdkQueryAdapterInfo and opening and
 * closing an adapter, which may sleep. What may wait answers STATUS_PENDING
 * and calls back exactly once, perhaps before the call returns; any other
 * answer is final and there is no callback. Callbacks are made from process or
 * softirq context and may themselves call the interface.
 *
 * The order of the members of a table is ABI.
 */
#ifndef _NDK_NDKPI_H
#define _NDK_NDKPI_H

#include <linux/stddef.h>
#include <ndk/mdl.h>
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

/**
 * enum _NDK_OBJECT_TYPE - what an NDK_OBJECT_HEADER is the header of
 * @NdkObjectTypeUndefined: never used by an object
 * @NdkObjectTypeAdapter: NDK_ADAPTER
 * @NdkObjectTypeQp: NDK_QP
 * @NdkObjectTypeCq: NDK_CQ
 * @NdkObjectTypeMr: NDK_MR
 * @NdkObjectTypeMw: NDK_MW
 * @NdkObjectTypePd: NDK_PD
 * @NdkObjectTypeSharedEndpoint: NDK_SHARED_ENDPOINT
 * @NdkObjectTypeConnector: NDK_CONNECTOR
 * @NdkObjectTypeListener: NDK_LISTENER
 * @NdkObjectTypeSrq: NDK_SRQ
 * @NdkObjectTypeMax: one more than the last type; may grow
 */
typedef enum _NDK_OBJECT_TYPE {
	NdkObjectTypeUndefined = 0,
	NdkObjectTypeAdapter = 1,
	NdkObjectTypeQp = 2,
	NdkObjectTypeCq = 3,
	NdkObjectTypeMr = 4,
	NdkObjectTypeMw = 5,
	NdkObjectTypePd = 6,
	NdkObjectTypeSharedEndpoint = 7,
	NdkObjectTypeConnector = 8,
	NdkObjectTypeListener = 9,
	NdkObjectTypeSrq = 10,
	NdkObjectTypeMax = 11,
} NDK_OBJECT_TYPE;

/**
 * struct _NDK_OBJECT_HEADER_RESERVED_BLOCK - room for the platform
 * @rf: zero at creation, then left alone by the provider
 */
typedef struct _NDK_OBJECT_HEADER_RESERVED_BLOCK {
	PVOID rf[4];
} NDK_OBJECT_HEADER_RESERVED_BLOCK;

/**
 * struct _NDK_OBJECT_HEADER - first member of every object
 * @Version: version of the interface that the provider implements
 * @ObjectType: which object this is
 * @NdkReserved: not the provider's after creation
 */
typedef struct _NDK_OBJECT_HEADER {
	NDK_VERSION Version;
	NDK_OBJECT_TYPE ObjectType;
	NDK_OBJECT_HEADER_RESERVED_BLOCK NdkReserved;
} NDK_OBJECT_HEADER;

typedef struct _NDK_ADAPTER NDK_ADAPTER;
typedef struct _NDK_PD NDK_PD;
typedef struct _NDK_CQ NDK_CQ;
typedef struct _NDK_QP NDK_QP;
typedef struct _NDK_SRQ NDK_SRQ;
typedef struct _NDK_MR NDK_MR;
typedef struct _NDK_MW NDK_MW;
typedef struct _NDK_LISTENER NDK_LISTENER;
typedef struct _NDK_CONNECTOR NDK_CONNECTOR;
typedef struct _NDK_SHARED_ENDPOINT NDK_SHARED_ENDPOINT;

/* Access flags of NdkRegisterMr; remote write carries local write with it. */
#define NDK_MR_FLAG_ALLOW_LOCAL_READ		0x00000000
#define NDK_MR_FLAG_ALLOW_LOCAL_WRITE		0x00000001
#define NDK_MR_FLAG_ALLOW_REMOTE_READ		0x00000002
#define NDK_MR_FLAG_ALLOW_REMOTE_WRITE		0x00000005
#define NDK_MR_FLAG_RDMA_READ_SINK		0x00000008

/* Flags of initiator requests. */
#define NDK_OP_FLAG_SILENT_SUCCESS		0x00000001
#define NDK_OP_FLAG_READ_FENCE			0x00000002
#define NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT	0x00000004
#define NDK_OP_FLAG_ALLOW_REMOTE_READ		0x00000008
#define NDK_OP_FLAG_ALLOW_LOCAL_WRITE		0x00000010
#define NDK_OP_FLAG_ALLOW_REMOTE_WRITE		0x00000030
#define NDK_OP_FLAG_INLINE			0x00000040
#define NDK_OP_FLAG_RDMA_READ_SINK		0x00000080
#define NDK_OP_FLAG_RDMA_READ_LOCAL_INVALIDATE	0x00000100
#define NDK_OP_FLAG_DEFER			0x00000200

/* Types of NdkArmCq. */
#define NDK_CQ_NOTIFY_ERRORS			0
#define NDK_CQ_NOTIFY_ANY			1
#define NDK_CQ_NOTIFY_SOLICITED			2

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

/* An adapter's own address of a page; on some devices a kernel pointer. */
typedef PHYSICAL_ADDRESS NDK_LOGICAL_ADDRESS;

/**
 * struct _NDK_LOGICAL_ADDRESS_MAPPING - result of NdkBuildLAM
 * @AdapterContext: the provider's; not to be touched
 * @AdapterPageCount: entries of @AdapterPageArray
 * @AdapterFirstPage: its first entry, which makes the structure as large as the
 *	published one, where the array has one entry
 * @AdapterPageArray: page-aligned logical addresses, PAGE_SIZE each; to the
 *	compiler it has no end, or it would take the second entry for a mistake
 */
typedef struct _NDK_LOGICAL_ADDRESS_MAPPING {
	PVOID AdapterContext;
	ULONG AdapterPageCount;
	union {
		NDK_LOGICAL_ADDRESS AdapterFirstPage;
		DECLARE_FLEX_ARRAY(NDK_LOGICAL_ADDRESS, AdapterPageArray);
	};
} NDK_LOGICAL_ADDRESS_MAPPING;

/**
 * struct _NDK_SGE - a piece of local memory
 * @VirtualAddress: address inside a registered region
 * @LogicalAddress: with the privileged token: from NdkBuildLAM
 * @Length: bytes
 * @MemoryRegionToken: local token; ignored with NDK_OP_FLAG_INLINE
 */
typedef struct _NDK_SGE {
	union {
		PVOID VirtualAddress;
		NDK_LOGICAL_ADDRESS LogicalAddress;
	};
	ULONG Length;
	UINT32 MemoryRegionToken;
} NDK_SGE;

/**
 * enum _NDK_OPERATION_TYPE - what a completion completes
 * @NdkOperationTypeReceive: NdkReceive
 * @NdkOperationTypeReceiveAndInvalidate: NdkReceive, and the peer invalidated
 * @NdkOperationTypeSend: NdkSend, NdkSendAndInvalidate
 * @NdkOperationTypeFastRegister: NdkFastRegister
 * @NdkOperationTypeBind: NdkBind
 * @NdkOperationTypeInvalidate: NdkInvalidate
 * @NdkOperationTypeRead: NdkRead
 * @NdkOperationTypeWrite: NdkWrite
 */
typedef enum _NDK_OPERATION_TYPE {
	NdkOperationTypeReceive = 1,
	NdkOperationTypeReceiveAndInvalidate = 0x8001,
	NdkOperationTypeSend = 2,
	NdkOperationTypeFastRegister = 4,
	NdkOperationTypeBind = 8,
	NdkOperationTypeInvalidate = 16,
	NdkOperationTypeRead = 32,
	NdkOperationTypeWrite = 64,
} NDK_OPERATION_TYPE;

/**
 * struct _NDK_RESULT - a completion
 * @Status: STATUS_SUCCESS, STATUS_CANCELLED when flushed, or why it failed
 * @BytesTransferred: defined for receives; 0 otherwise
 * @QPContext: given when the QP was created
 * @RequestContext: given when the request was posted
 */
typedef struct _NDK_RESULT {
	NTSTATUS Status;
	ULONG BytesTransferred;
	PVOID QPContext;
	PVOID RequestContext;
} NDK_RESULT;

/**
 * struct _NDK_RESULT_EX - a completion with its type
 * @Status: as in NDK_RESULT
 * @BytesTransferred: as in NDK_RESULT
 * @QPContext: as in NDK_RESULT
 * @RequestContext: as in NDK_RESULT
 * @Type: what has completed
 * @ProviderErrorCode: 0 with success; otherwise the device's vendor error, or 0
 * @TypeSpecificCompletionOutput: with ReceiveAndInvalidate, the token that the
 *	peer invalidated
 */
typedef struct _NDK_RESULT_EX {
	NTSTATUS Status;
	ULONG BytesTransferred;
	PVOID QPContext;
	PVOID RequestContext;
	NDK_OPERATION_TYPE Type;
	ULONG ProviderErrorCode;
	ULONG_PTR TypeSpecificCompletionOutput;
} NDK_RESULT_EX;

/**
 * struct _NDK_EXTENSION_INTERFACE - an extension's table
 * @Dispatch: its layout is known by the GUID and version asked for
 */
typedef struct _NDK_EXTENSION_INTERFACE {
	const VOID *Dispatch;
} NDK_EXTENSION_INTERFACE;

/* Callbacks of the consumer */

typedef VOID (*NDK_FN_CREATE_COMPLETION)(PVOID Context, NTSTATUS Status,
					 NDK_OBJECT_HEADER *pNdkObject);
typedef VOID (*NDK_FN_REQUEST_COMPLETION)(PVOID Context, NTSTATUS Status);
typedef VOID (*NDK_FN_CLOSE_COMPLETION)(PVOID Context);
typedef VOID (*NDK_FN_CQ_NOTIFICATION_CALLBACK)(PVOID CqNotificationContext,
						NTSTATUS CqStatus);
typedef VOID (*NDK_FN_SRQ_NOTIFICATION_CALLBACK)(PVOID SrqNotificationContext,
						 NTSTATUS SrqStatus);
typedef VOID (*NDK_FN_CONNECT_EVENT_CALLBACK)(PVOID ConnectEventContext,
					      NDK_CONNECTOR *pNdkConnector);
typedef VOID (*NDK_FN_DISCONNECT_EVENT_CALLBACK)(PVOID DisconnectEventContext);
typedef VOID (*NDK_FN_DISCONNECT_EVENT_CALLBACK_EX)(PVOID DisconnectEventContext,
						    ULONG ProviderDisconnectReason);

/* Functions of the provider */

typedef NTSTATUS (*NDK_FN_CLOSE_OBJECT)(NDK_OBJECT_HEADER *pNdkObject,
					NDK_FN_CLOSE_COMPLETION CloseCompletion,
					PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_QUERY_EXTENSION_INTERFACE)(NDK_OBJECT_HEADER *pNdkObject,
						     GUID *ExtensionInterfaceID,
						     NDK_VERSION ExtensionInterfaceVersion,
						     NDK_EXTENSION_INTERFACE *pExtensionInterface);
typedef NTSTATUS (*NDK_FN_QUERY_ADAPTER_INFO)(NDK_ADAPTER *pNdkAdapter,
					      NDK_ADAPTER_INFO *pInfo,
					      ULONG *pBufferSize);
typedef NTSTATUS (*NDK_FN_CREATE_CQ)(NDK_ADAPTER *pNdkAdapter, ULONG CqDepth,
				     NDK_FN_CQ_NOTIFICATION_CALLBACK CqNotification,
				     PVOID CqNotificationContext,
				     GROUP_AFFINITY *Affinity,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_CQ **ppNdkCq);
typedef NTSTATUS (*NDK_FN_CREATE_PD)(NDK_ADAPTER *pNdkAdapter,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_PD **ppNdkPd);
typedef NTSTATUS (*NDK_FN_CREATE_SHARED_ENDPOINT)(NDK_ADAPTER *pNdkAdapter,
						  CONST PSOCKADDR pAddress,
						  ULONG AddressLength,
						  NDK_FN_CREATE_COMPLETION CreateCompletion,
						  PVOID RequestContext,
						  NDK_SHARED_ENDPOINT **ppNdkSharedEndpoint);
typedef NTSTATUS (*NDK_FN_CREATE_CONNECTOR)(NDK_ADAPTER *pNdkAdapter,
					    NDK_FN_CREATE_COMPLETION CreateCompletion,
					    PVOID RequestContext,
					    NDK_CONNECTOR **ppNdkConnector);
typedef NTSTATUS (*NDK_FN_CREATE_LISTENER)(NDK_ADAPTER *pNdkAdapter,
					   NDK_FN_CONNECT_EVENT_CALLBACK ConnectEvent,
					   PVOID ConnectEventContext,
					   NDK_FN_CREATE_COMPLETION CreateCompletion,
					   PVOID RequestContext,
					   NDK_LISTENER **ppNdkListener);
typedef NTSTATUS (*NDK_FN_BUILD_LAM)(NDK_ADAPTER *pNdkAdapter, MDL *Mdl,
				     SIZE_T Length,
				     NDK_FN_REQUEST_COMPLETION RequestCompletion,
				     PVOID RequestContext,
				     NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM,
				     ULONG *pLAMSize, ULONG *pFBO);
typedef VOID (*NDK_FN_RELEASE_LAM)(NDK_ADAPTER *pNdkAdapter,
				   NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM);
typedef NTSTATUS (*NDK_FN_CREATE_MR)(NDK_PD *pNdkPd, BOOLEAN FastRegister,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_MR **ppNdkMr);
typedef NTSTATUS (*NDK_FN_CREATE_MW)(NDK_PD *pNdkPd,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_MW **ppNdkMw);
typedef NTSTATUS (*NDK_FN_CREATE_SRQ)(NDK_PD *pNdkPd, ULONG SrqDepth,
				      ULONG MaxReceiveRequestSge,
				      ULONG NotifyThreshold,
				      NDK_FN_SRQ_NOTIFICATION_CALLBACK SrqNotification,
				      PVOID SrqNotificationContext,
				      GROUP_AFFINITY *Affinity,
				      NDK_FN_CREATE_COMPLETION CreateCompletion,
				      PVOID RequestContext, NDK_SRQ **ppNdkSrq);
typedef NTSTATUS (*NDK_FN_CREATE_QP)(NDK_PD *pNdkPd, NDK_CQ *pReceiveCq,
				     NDK_CQ *pInitiatorCq, PVOID QPContext,
				     ULONG ReceiveQueueDepth,
				     ULONG InitiatorQueueDepth,
				     ULONG MaxReceiveRequestSge,
				     ULONG MaxInitiatorRequestSge,
				     ULONG InlineDataSize,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_QP **ppNdkQp);
typedef NTSTATUS (*NDK_FN_CREATE_QP_WITH_SRQ)(NDK_PD *pNdkPd,
					      NDK_CQ *pReceiveCq,
					      NDK_CQ *pInitiatorCq,
					      NDK_SRQ *pSrq, PVOID QPContext,
					      ULONG InitiatorQueueDepth,
					      ULONG MaxInitiatorRequestSge,
					      ULONG InlineDataSize,
					      NDK_FN_CREATE_COMPLETION CreateCompletion,
					      PVOID RequestContext,
					      NDK_QP **ppNdkQp);
typedef VOID (*NDK_FN_GET_PRIVILEGED_MEMORY_REGION_TOKEN)(NDK_PD *pNdkPd,
							  UINT32 *pToken);
typedef NTSTATUS (*NDK_FN_RESIZE_CQ)(NDK_CQ *pNdkCq, ULONG CqDepth,
				     NDK_FN_REQUEST_COMPLETION RequestCompletion,
				     PVOID RequestContext);
typedef VOID (*NDK_FN_ARM_CQ)(NDK_CQ *pNdkCq, ULONG Type);
typedef ULONG (*NDK_FN_GET_CQ_RESULTS)(NDK_CQ *pNdkCq, NDK_RESULT *Results,
				       ULONG nResults);
typedef NTSTATUS (*NDK_FN_CONTROL_CQ_INTERRUPT_MODERATION)(NDK_CQ *pNdkCq,
							   ULONG ModerationInterval,
							   ULONG ModerationCount);
typedef ULONG (*NDK_FN_GET_CQ_RESULTS_EX)(NDK_CQ *pNdkCq,
					  NDK_RESULT_EX *Results,
					  ULONG nResults);
typedef VOID (*NDK_FN_FLUSH)(NDK_QP *pNdkQp);
typedef NTSTATUS (*NDK_FN_SEND)(NDK_QP *pNdkQp, PVOID RequestContext,
				CONST NDK_SGE *pSgl, ULONG nSge, ULONG Flags);
typedef NTSTATUS (*NDK_FN_RECEIVE)(NDK_QP *pNdkQp, PVOID RequestContext,
				   CONST NDK_SGE *pSgl, ULONG nSge);
typedef NTSTATUS (*NDK_FN_BIND)(NDK_QP *pNdkQp, PVOID RequestContext,
				NDK_MR *pMr, NDK_MW *pMw, PVOID VirtualAddress,
				SIZE_T Length, ULONG Flags);
typedef NTSTATUS (*NDK_FN_FAST_REGISTER)(NDK_QP *pNdkQp, PVOID RequestContext,
					 NDK_MR *pMr, ULONG AdapterPageCount,
					 CONST NDK_LOGICAL_ADDRESS *AdapterPageArray,
					 ULONG FBO, SIZE_T Length,
					 PVOID BaseVirtualAddress, ULONG Flags);
typedef NTSTATUS (*NDK_FN_INVALIDATE)(NDK_QP *pNdkQp, PVOID RequestContext,
				      NDK_OBJECT_HEADER *pNdkMrOrMw,
				      ULONG Flags);
typedef NTSTATUS (*NDK_FN_READ)(NDK_QP *pNdkQp, PVOID RequestContext,
				CONST NDK_SGE *pSgl, ULONG nSge,
				UINT64 RemoteAddress, UINT32 RemoteToken,
				ULONG Flags);
typedef NTSTATUS (*NDK_FN_WRITE)(NDK_QP *pNdkQp, PVOID RequestContext,
				 CONST NDK_SGE *pSgl, ULONG nSge,
				 UINT64 RemoteAddress, UINT32 RemoteToken,
				 ULONG Flags);
typedef NTSTATUS (*NDK_FN_SEND_AND_INVALIDATE)(NDK_QP *pNdkQp,
					       PVOID RequestContext,
					       CONST NDK_SGE *pSgl, ULONG nSge,
					       ULONG Flags, UINT32 RemoteToken);
typedef NTSTATUS (*NDK_FN_MODIFY_SRQ)(NDK_SRQ *pNdkSrq, ULONG SrqDepth,
				      ULONG NotifyThreshold,
				      NDK_FN_REQUEST_COMPLETION RequestCompletion,
				      PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_SRQ_RECEIVE)(NDK_SRQ *pNdkSrq, PVOID RequestContext,
				       CONST NDK_SGE *pSgl, ULONG nSge);
typedef NTSTATUS (*NDK_FN_REGISTER_MR)(NDK_MR *pNdkMr, MDL *Mdl, SIZE_T Length,
				       ULONG Flags,
				       NDK_FN_REQUEST_COMPLETION RequestCompletion,
				       PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_DEREGISTER_MR)(NDK_MR *pNdkMr,
					 NDK_FN_REQUEST_COMPLETION RequestCompletion,
					 PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_INITIALIZE_FAST_REGISTER_MR)(NDK_MR *pNdkMr,
						       ULONG AdapterPageCount,
						       BOOLEAN RemoteAccess,
						       NDK_FN_REQUEST_COMPLETION RequestCompletion,
						       PVOID RequestContext);
typedef UINT32 (*NDK_FN_GET_REMOTE_TOKEN_FROM_MR)(NDK_MR *pNdkMr);
typedef UINT32 (*NDK_FN_GET_LOCAL_TOKEN_FROM_MR)(NDK_MR *pNdkMr);
typedef UINT32 (*NDK_FN_GET_REMOTE_TOKEN_FROM_MW)(NDK_MW *pNdkMw);
typedef NTSTATUS (*NDK_FN_LISTEN)(NDK_LISTENER *pNdkListener,
				  CONST PSOCKADDR pAddress, ULONG AddressLength,
				  NDK_FN_REQUEST_COMPLETION RequestCompletion,
				  PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_GET_LISTENER_LOCAL_ADDRESS)(NDK_LISTENER *pNdkListener,
						      PSOCKADDR pAddress,
						      ULONG *pAddressLength);
typedef VOID (*NDK_FN_CONTROL_CONNECT_EVENTS)(NDK_LISTENER *pNdkListener,
					      BOOLEAN Pause);
typedef NTSTATUS (*NDK_FN_CONNECT)(NDK_CONNECTOR *pNdkConnector, NDK_QP *pNdkQp,
				   CONST PSOCKADDR pSrcAddress,
				   ULONG SrcAddressLength,
				   CONST PSOCKADDR pDestAddress,
				   ULONG DestAddressLength,
				   ULONG InboundReadLimit,
				   ULONG OutboundReadLimit,
				   CONST PVOID pPrivateData,
				   ULONG PrivateDataLength,
				   NDK_FN_REQUEST_COMPLETION RequestCompletion,
				   PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_CONNECT_WITH_SHARED_ENDPOINT)(NDK_CONNECTOR *pNdkConnector,
							NDK_QP *pNdkQp,
							NDK_SHARED_ENDPOINT *pNdkSharedEndpoint,
							CONST PSOCKADDR pDestAddress,
							ULONG DestAddressLength,
							ULONG InboundReadLimit,
							ULONG OutboundReadLimit,
							CONST PVOID pPrivateData,
							ULONG PrivateDataLength,
							NDK_FN_REQUEST_COMPLETION RequestCompletion,
							PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_COMPLETE_CONNECT)(NDK_CONNECTOR *pNdkConnector,
					    NDK_FN_DISCONNECT_EVENT_CALLBACK DisconnectEvent,
					    PVOID DisconnectEventContext,
					    NDK_FN_REQUEST_COMPLETION RequestCompletion,
					    PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_ACCEPT)(NDK_CONNECTOR *pNdkConnector, NDK_QP *pNdkQp,
				  ULONG InboundReadLimit,
				  ULONG OutboundReadLimit,
				  CONST PVOID pPrivateData,
				  ULONG PrivateDataLength,
				  NDK_FN_DISCONNECT_EVENT_CALLBACK DisconnectEvent,
				  PVOID DisconnectEventContext,
				  NDK_FN_REQUEST_COMPLETION RequestCompletion,
				  PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_REJECT)(NDK_CONNECTOR *pNdkConnector,
				  CONST PVOID pPrivateData,
				  ULONG PrivateDataLength);
typedef NTSTATUS (*NDK_FN_GET_CONNECTION_DATA)(NDK_CONNECTOR *pNdkConnector,
					       ULONG *pInboundReadLimit,
					       ULONG *pOutboundReadLimit,
					       PVOID pPrivateData,
					       ULONG *pPrivateDataLength);
typedef NTSTATUS (*NDK_FN_GET_LOCAL_ADDRESS)(NDK_CONNECTOR *pNdkConnector,
					     PSOCKADDR pAddress,
					     ULONG *pAddressLength);
typedef NTSTATUS (*NDK_FN_GET_PEER_ADDRESS)(NDK_CONNECTOR *pNdkConnector,
					    PSOCKADDR pAddress,
					    ULONG *pAddressLength);
typedef NTSTATUS (*NDK_FN_DISCONNECT)(NDK_CONNECTOR *pNdkConnector,
				      NDK_FN_REQUEST_COMPLETION RequestCompletion,
				      PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_COMPLETE_CONNECT_EX)(NDK_CONNECTOR *pNdkConnector,
					       NDK_FN_DISCONNECT_EVENT_CALLBACK_EX DisconnectEvent,
					       PVOID DisconnectEventContext,
					       NDK_FN_REQUEST_COMPLETION RequestCompletion,
					       PVOID RequestContext);
typedef NTSTATUS (*NDK_FN_ACCEPT_EX)(NDK_CONNECTOR *pNdkConnector,
				     NDK_QP *pNdkQp, ULONG InboundReadLimit,
				     ULONG OutboundReadLimit,
				     CONST PVOID pPrivateData,
				     ULONG PrivateDataLength,
				     NDK_FN_DISCONNECT_EVENT_CALLBACK_EX DisconnectEvent,
				     PVOID DisconnectEventContext,
				     NDK_FN_REQUEST_COMPLETION RequestCompletion,
				     PVOID RequestContext);
typedef NTSTATUS
(*NDK_FN_GET_SHARED_ENDPOINT_LOCAL_ADDRESS)(NDK_SHARED_ENDPOINT *pEndpoint,
					    PSOCKADDR pAddress,
					    ULONG *pAddressLength);

/* Dispatch tables and objects */

typedef struct _NDK_ADAPTER_DISPATCH {
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_QUERY_ADAPTER_INFO NdkQueryAdapterInfo;
	NDK_FN_CREATE_CQ NdkCreateCq;
	NDK_FN_CREATE_PD NdkCreatePd;
	NDK_FN_CREATE_SHARED_ENDPOINT NdkCreateSharedEndpoint;
	NDK_FN_CREATE_CONNECTOR NdkCreateConnector;
	NDK_FN_CREATE_LISTENER NdkCreateListener;
	NDK_FN_BUILD_LAM NdkBuildLAM;
	NDK_FN_RELEASE_LAM NdkReleaseLAM;
} NDK_ADAPTER_DISPATCH;

/**
 * struct _NDK_ADAPTER - an adapter
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_ADAPTER {
	NDK_OBJECT_HEADER Header;
	const NDK_ADAPTER_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_ADAPTER_DISPATCH) == 9 * sizeof(void (*)(void)));

typedef struct _NDK_PD_DISPATCH {
	NDK_FN_CLOSE_OBJECT NdkClosePd;
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_CREATE_MR NdkCreateMr;
	NDK_FN_CREATE_MW NdkCreateMw;
	NDK_FN_CREATE_SRQ NdkCreateSrq;
	NDK_FN_CREATE_QP NdkCreateQp;
	NDK_FN_CREATE_QP_WITH_SRQ NdkCreateQpWithSrq;
	NDK_FN_GET_PRIVILEGED_MEMORY_REGION_TOKEN NdkGetPrivilegedMemoryRegionToken;
} NDK_PD_DISPATCH;

/**
 * struct _NDK_PD - a protection domain
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_PD {
	NDK_OBJECT_HEADER Header;
	const NDK_PD_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_PD_DISPATCH) == 8 * sizeof(void (*)(void)));

typedef struct _NDK_CQ_DISPATCH {
	NDK_FN_CLOSE_OBJECT NdkCloseCq;
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_RESIZE_CQ NdkResizeCq;
	NDK_FN_ARM_CQ NdkArmCq;
	NDK_FN_GET_CQ_RESULTS NdkGetCqResults;
	NDK_FN_CONTROL_CQ_INTERRUPT_MODERATION NdkControlCqInterruptModeration;
	NDK_FN_GET_CQ_RESULTS_EX NdkGetCqResultsEx;
} NDK_CQ_DISPATCH;

/**
 * struct _NDK_CQ - a completion queue
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_CQ {
	NDK_OBJECT_HEADER Header;
	const NDK_CQ_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_CQ_DISPATCH) == 7 * sizeof(void (*)(void)));

typedef struct _NDK_QP_DISPATCH {
	NDK_FN_CLOSE_OBJECT NdkCloseQp;
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_FLUSH NdkFlush;
	NDK_FN_SEND NdkSend;
	NDK_FN_RECEIVE NdkReceive;
	NDK_FN_BIND NdkBind;
	NDK_FN_FAST_REGISTER NdkFastRegister;
	NDK_FN_INVALIDATE NdkInvalidate;
	NDK_FN_READ NdkRead;
	NDK_FN_WRITE NdkWrite;
	NDK_FN_SEND_AND_INVALIDATE NdkSendAndInvalidate;
} NDK_QP_DISPATCH;

/**
 * struct _NDK_QP - a queue pair
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_QP {
	NDK_OBJECT_HEADER Header;
	const NDK_QP_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_QP_DISPATCH) == 11 * sizeof(void (*)(void)));

typedef struct _NDK_SRQ_DISPATCH {
	NDK_FN_CLOSE_OBJECT NdkCloseSrq;
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_MODIFY_SRQ NdkModifySrq;
	NDK_FN_SRQ_RECEIVE NdkSrqReceive;
} NDK_SRQ_DISPATCH;

/**
 * struct _NDK_SRQ - a shared receive queue
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_SRQ {
	NDK_OBJECT_HEADER Header;
	const NDK_SRQ_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_SRQ_DISPATCH) == 4 * sizeof(void (*)(void)));

typedef struct _NDK_MR_DISPATCH {
	NDK_FN_CLOSE_OBJECT NdkCloseMr;
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_REGISTER_MR NdkRegisterMr;
	NDK_FN_DEREGISTER_MR NdkDeregisterMr;
	NDK_FN_INITIALIZE_FAST_REGISTER_MR NdkInitializeFastRegisterMr;
	NDK_FN_GET_REMOTE_TOKEN_FROM_MR NdkGetRemoteTokenFromMr;
	NDK_FN_GET_LOCAL_TOKEN_FROM_MR NdkGetLocalTokenFromMr;
} NDK_MR_DISPATCH;

/**
 * struct _NDK_MR - a memory region
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_MR {
	NDK_OBJECT_HEADER Header;
	const NDK_MR_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_MR_DISPATCH) == 7 * sizeof(void (*)(void)));

typedef struct _NDK_MW_DISPATCH {
	NDK_FN_CLOSE_OBJECT NdkCloseMw;
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_GET_REMOTE_TOKEN_FROM_MW NdkGetRemoteTokenFromMw;
} NDK_MW_DISPATCH;

/**
 * struct _NDK_MW - a memory window
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_MW {
	NDK_OBJECT_HEADER Header;
	const NDK_MW_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_MW_DISPATCH) == 3 * sizeof(void (*)(void)));

typedef struct _NDK_LISTENER_DISPATCH {
	NDK_FN_CLOSE_OBJECT NdkCloseListener;
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_LISTEN NdkListen;
	NDK_FN_GET_LISTENER_LOCAL_ADDRESS NdkGetLocalAddress;
	NDK_FN_CONTROL_CONNECT_EVENTS NdkControlConnectEvents;
} NDK_LISTENER_DISPATCH;

/**
 * struct _NDK_LISTENER - a listener
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_LISTENER {
	NDK_OBJECT_HEADER Header;
	const NDK_LISTENER_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_LISTENER_DISPATCH) == 5 * sizeof(void (*)(void)));

typedef struct _NDK_CONNECTOR_DISPATCH {
	NDK_FN_CLOSE_OBJECT NdkCloseConnector;
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_CONNECT NdkConnect;
	NDK_FN_CONNECT_WITH_SHARED_ENDPOINT NdkConnectWithSharedEndpoint;
	NDK_FN_COMPLETE_CONNECT NdkCompleteConnect;
	NDK_FN_ACCEPT NdkAccept;
	NDK_FN_REJECT NdkReject;
	NDK_FN_GET_CONNECTION_DATA NdkGetConnectionData;
	NDK_FN_GET_LOCAL_ADDRESS NdkGetLocalAddress;
	NDK_FN_GET_PEER_ADDRESS NdkGetPeerAddress;
	NDK_FN_DISCONNECT NdkDisconnect;
	NDK_FN_COMPLETE_CONNECT_EX NdkCompleteConnectEx;
	NDK_FN_ACCEPT_EX NdkAcceptEx;
} NDK_CONNECTOR_DISPATCH;

/**
 * struct _NDK_CONNECTOR - a connector
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_CONNECTOR {
	NDK_OBJECT_HEADER Header;
	const NDK_CONNECTOR_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_CONNECTOR_DISPATCH) == 13 * sizeof(void (*)(void)));

typedef struct _NDK_SHARED_ENDPOINT_DISPATCH {
	NDK_FN_CLOSE_OBJECT NdkCloseSharedEndpoint;
	NDK_FN_QUERY_EXTENSION_INTERFACE NdkQueryExtension;
	NDK_FN_GET_SHARED_ENDPOINT_LOCAL_ADDRESS NdkGetLocalAddress;
} NDK_SHARED_ENDPOINT_DISPATCH;

/**
 * struct _NDK_SHARED_ENDPOINT - a shared endpoint
 * @Header: type and version
 * @Dispatch: its functions; the consumer may replace it
 */
struct _NDK_SHARED_ENDPOINT {
	NDK_OBJECT_HEADER Header;
	const NDK_SHARED_ENDPOINT_DISPATCH *Dispatch;
};

static_assert(sizeof(NDK_SHARED_ENDPOINT_DISPATCH) == 3 * sizeof(void (*)(void)));

#ifdef CONFIG_X86_64
static_assert(sizeof(NDK_OBJECT_HEADER) == 0x28);
static_assert(offsetof(NDK_OBJECT_HEADER, ObjectType) == 0x04);
static_assert(offsetof(NDK_OBJECT_HEADER, NdkReserved) == 0x08);
static_assert(offsetof(NDK_MR, Dispatch) == 0x28 && sizeof(NDK_MR) == 0x30);
static_assert(sizeof(NDK_SGE) == 0x10);
static_assert(offsetof(NDK_LOGICAL_ADDRESS_MAPPING, AdapterPageArray) == 0x10);
static_assert(sizeof(NDK_LOGICAL_ADDRESS_MAPPING) == 0x18);
static_assert(sizeof(NDK_RESULT) == 0x18);
static_assert(sizeof(NDK_RESULT_EX) == 0x28);
static_assert(offsetof(NDK_RESULT_EX, Type) == 0x18);
static_assert(offsetof(NDK_RESULT_EX, ProviderErrorCode) == 0x1c);
static_assert(offsetof(NDK_RESULT_EX, TypeSpecificCompletionOutput) == 0x20);
static_assert(sizeof(NDK_ADAPTER_INFO) == 0x68);
static_assert(offsetof(NDK_ADAPTER_INFO, MaxRegistrationSize) == 0x10);
static_assert(offsetof(NDK_ADAPTER_INFO, MaxWindowSize) == 0x18);
static_assert(offsetof(NDK_ADAPTER_INFO, FRMRPageCount) == 0x20);
static_assert(offsetof(NDK_ADAPTER_INFO, MaxTransferLength) == 0x30);
static_assert(offsetof(NDK_ADAPTER_INFO, MaxSrqDepth) == 0x48);
static_assert(offsetof(NDK_ADAPTER_INFO, AdapterFlags) == 0x5c);
static_assert(offsetof(NDK_ADAPTER_INFO, RdmaTechnology) == 0x60);
#endif

#endif /* _NDK_NDKPI_H */
