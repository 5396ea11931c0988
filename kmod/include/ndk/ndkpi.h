/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NDKPI, the published kernel RDMA interface, under its own names.
 *
 * Objects are a header and a dispatch table; the provider keeps more behind
 * them. Every provider function may be called with bottom halves disabled, a
 * spinlock held or interrupts off, except NdkQueryAdapterInfo and opening and
 * closing an adapter, which may sleep. With PREEMPT_RT the lock must be a
 * spinlock_t, and neither interrupts nor preemption may really be off. What may
 * wait answers STATUS_PENDING and calls back exactly once, perhaps before the
 * call returns; any other answer is final and there is no callback. Callbacks
 * are made from process or softirq context and may themselves call the
 * interface.
 *
 * What the comments on the functions do not repeat:
 *
 * - A pointer must not be NULL unless the comment allows it. Callbacks that may be
 *   NULL are that of a close, the disconnect event of NdkAccept and
 *   NdkCompleteConnect, and NdkBuildLAM's, which is never called. Of the others
 *   only CqNotification and ConnectEvent are looked at; NULL is
 *   STATUS_INVALID_PARAMETER there.
 * - Statuses that end a call inline are under "Return"; what only the callback can
 *   bring is named so.
 * - Once the device is gone, and through callbacks of what was pending then, the
 *   status is STATUS_DEVICE_REMOVED, except from closing, releasing, polling and
 *   asking.
 * - STATUS_INTERNAL_ERROR is a failure of the device that has no other name; any
 *   request may bring it.
 * - STATUS_INVALID_PARAMETER comes with an argument's name, and every refusal with a
 *   reason, for who asks NDK_EXT_DIAGNOSTICS (provider.h).
 *
 * The order of the members of a table is ABI.
 */
#ifndef _NDK_NDKPI_H
#define _NDK_NDKPI_H

#include <linux/stddef.h>
#include <ndk/mdl.h>
#include <ndk/ndkinfo.h>
#include <ndk/ntdef.h>

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

/**
 * typedef NDK_FN_CREATE_COMPLETION - an object has been created, or not
 * @Context: RequestContext of the call
 * @Status: STATUS_SUCCESS, or why not
 * @pNdkObject: header of the object; NULL on failure
 *
 * Context: process; must not wait for another callback, may call the interface.
 */
typedef VOID (*NDK_FN_CREATE_COMPLETION)(PVOID Context, NTSTATUS Status,
					 NDK_OBJECT_HEADER *pNdkObject);

/**
 * typedef NDK_FN_REQUEST_COMPLETION - a request has ended
 * @Context: RequestContext of the call
 * @Status: how; what can come is with the request
 *
 * Context: process; must not wait for another callback, may call the interface.
 */
typedef VOID (*NDK_FN_REQUEST_COMPLETION)(PVOID Context, NTSTATUS Status);

/**
 * typedef NDK_FN_CLOSE_COMPLETION - an object is gone
 * @Context: RequestContext of the close
 *
 * The last callback for the object, ever. What the object needed is still there
 * until this has returned.
 *
 * Context: process; must not wait for another callback, may call the interface.
 */
typedef VOID (*NDK_FN_CLOSE_COMPLETION)(PVOID Context);

/**
 * typedef NDK_FN_CQ_NOTIFICATION_CALLBACK - an armed completion queue has
 *	something, or has died
 * @CqNotificationContext: given when it was created, or NULL
 * @CqStatus: STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW: more completions than
 *	entries; STATUS_INTERNAL_ERROR: the device gave it up. After either the
 *	queue and its QPs are dead
 *
 * Once for each arm, never twice at a time for one queue. Poll until it is
 * empty, then arm again.
 *
 * Context: softirq, in a tasklet; with PREEMPT_RT that is a thread and can be
 * preempted. May sleep in neither, may call the interface.
 */
typedef VOID (*NDK_FN_CQ_NOTIFICATION_CALLBACK)(PVOID CqNotificationContext,
						NTSTATUS CqStatus);

/**
 * typedef NDK_FN_SRQ_NOTIFICATION_CALLBACK - a shared receive queue runs low,
 *	or has died
 * @SrqNotificationContext: given when it was created, or NULL
 * @SrqStatus: STATUS_SUCCESS or STATUS_INTERNAL_ERROR
 *
 * Not called: there are no shared receive queues yet.
 *
 * Context: process or softirq; may sleep in neither, may call the interface.
 */
typedef VOID (*NDK_FN_SRQ_NOTIFICATION_CALLBACK)(PVOID SrqNotificationContext,
						 NTSTATUS SrqStatus);

/**
 * typedef NDK_FN_CONNECT_EVENT_CALLBACK - a peer asks for a connection
 * @ConnectEventContext: given when the listener was created, or NULL
 * @pNdkConnector: the consumer's from now on, who accepts or rejects, here or
 *	later, and closes it in any case; closing alone rejects
 *
 * Context: process; must not wait for another callback, may call the interface.
 */
typedef VOID (*NDK_FN_CONNECT_EVENT_CALLBACK)(PVOID ConnectEventContext,
					      NDK_CONNECTOR *pNdkConnector);

/**
 * typedef NDK_FN_DISCONNECT_EVENT_CALLBACK - the connection has ended
 * @DisconnectEventContext: given with NdkAccept or NdkCompleteConnect, or NULL
 *
 * Once, when the peer or a failure has ended it; not after an NdkDisconnect of
 * our own, unless the two cross.
 *
 * Context: process; must not wait for another callback, may call the interface.
 */
typedef VOID (*NDK_FN_DISCONNECT_EVENT_CALLBACK)(PVOID DisconnectEventContext);

/**
 * typedef NDK_FN_DISCONNECT_EVENT_CALLBACK_EX - the connection has ended, and
 *	why
 * @DisconnectEventContext: given with NdkAcceptEx or NdkCompleteConnectEx, or
 *	NULL
 * @ProviderDisconnectReason: the device's number, or 0
 *
 * Not called: the Ex forms are not served yet.
 *
 * Context: process; must not wait for another callback, may call the interface.
 */
typedef VOID (*NDK_FN_DISCONNECT_EVENT_CALLBACK_EX)(PVOID DisconnectEventContext,
						    ULONG ProviderDisconnectReason);

/* Functions of the provider */

/**
 * typedef NDK_FN_CLOSE_OBJECT - let go of an object, in any state and order
 * @pNdkObject: its header; not to be used any more
 * @CloseCompletion: called once, when it is gone; NULL if nobody is to be told
 * @RequestContext: its context, or NULL
 *
 * Requests pending on the object are cancelled and call back first. An object
 * that others need (a PD with regions, a CQ with QPs) goes when the last of
 * them has gone. A registered region is withdrawn.
 *
 * Context: any, also from inside the object's own callbacks.
 * Return: STATUS_PENDING, which is a promise: closing never fails.
 * STATUS_SUCCESS, allowed by the interface, would mean that it is gone and no
 * callback comes.
 */
typedef NTSTATUS (*NDK_FN_CLOSE_OBJECT)(NDK_OBJECT_HEADER *pNdkObject,
					NDK_FN_CLOSE_COMPLETION CloseCompletion,
					PVOID RequestContext);

/**
 * typedef NDK_FN_QUERY_EXTENSION_INTERFACE - have a table that the interface
 *	does not know
 * @pNdkObject: header of an object
 * @ExtensionInterfaceID: which; the extensions there are, are in provider.h
 * @ExtensionInterfaceVersion: {1,0}
 * @pExtensionInterface: filled on success
 *
 * Context: any.
 * Return: STATUS_SUCCESS or STATUS_NOT_SUPPORTED.
 */
typedef NTSTATUS (*NDK_FN_QUERY_EXTENSION_INTERFACE)(NDK_OBJECT_HEADER *pNdkObject,
						     GUID *ExtensionInterfaceID,
						     NDK_VERSION ExtensionInterfaceVersion,
						     NDK_EXTENSION_INTERFACE *pExtensionInterface);

/**
 * typedef NDK_FN_QUERY_ADAPTER_INFO - limits and abilities
 * @pNdkAdapter: the adapter
 * @pInfo: filled; NULL asks for the size
 * @pBufferSize: bytes at @pInfo; then bytes written, or bytes needed
 *
 * Context: process; may sleep.
 * Return: STATUS_SUCCESS or STATUS_BUFFER_TOO_SMALL.
 */
typedef NTSTATUS (*NDK_FN_QUERY_ADAPTER_INFO)(NDK_ADAPTER *pNdkAdapter,
					      NDK_ADAPTER_INFO *pInfo,
					      ULONG *pBufferSize);

/**
 * typedef NDK_FN_QUERY_ADAPTER_INFO_EX - declared, and in no table
 * @pNdkAdapter: the adapter
 * @Version: not used
 * @pInfo: not used
 * @pBufferSize: not used
 */
typedef NTSTATUS (*NDK_FN_QUERY_ADAPTER_INFO_EX)(NDK_ADAPTER *pNdkAdapter,
						 NDK_VERSION Version,
						 NDK_ADAPTER_INFO *pInfo,
						 ULONG *pBufferSize);

/**
 * typedef NDK_FN_CREATE_CQ - create a completion queue
 * @pNdkAdapter: the adapter
 * @CqDepth: entries, 1 to MaxCqDepth
 * @CqNotification: called once for each arm
 * @CqNotificationContext: its context, or NULL
 * @Affinity: preferred processors, a hint, or NULL
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkCq: the CQ, with STATUS_SUCCESS
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_INVALID_PARAMETER;
 * STATUS_INSUFFICIENT_RESOURCES, also through the callback.
 */
typedef NTSTATUS (*NDK_FN_CREATE_CQ)(NDK_ADAPTER *pNdkAdapter, ULONG CqDepth,
				     NDK_FN_CQ_NOTIFICATION_CALLBACK CqNotification,
				     PVOID CqNotificationContext,
				     GROUP_AFFINITY *Affinity,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_CQ **ppNdkCq);

/**
 * typedef NDK_FN_CREATE_PD - create a protection domain
 * @pNdkAdapter: the adapter
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkPd: the PD, with STATUS_SUCCESS
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_INSUFFICIENT_RESOURCES, also through the
 * callback.
 */
typedef NTSTATUS (*NDK_FN_CREATE_PD)(NDK_ADAPTER *pNdkAdapter,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_PD **ppNdkPd);

/**
 * typedef NDK_FN_CREATE_SHARED_ENDPOINT - create a local address for many
 *	connections
 * @pNdkAdapter: the adapter
 * @pAddress: not used
 * @AddressLength: not used
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkSharedEndpoint: not written
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
typedef NTSTATUS (*NDK_FN_CREATE_SHARED_ENDPOINT)(NDK_ADAPTER *pNdkAdapter,
						  CONST PSOCKADDR pAddress,
						  ULONG AddressLength,
						  NDK_FN_CREATE_COMPLETION CreateCompletion,
						  PVOID RequestContext,
						  NDK_SHARED_ENDPOINT **ppNdkSharedEndpoint);

/**
 * typedef NDK_FN_CREATE_CONNECTOR - create the end of a connection that is
 *	asked for
 * @pNdkAdapter: the adapter
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkConnector: the connector, with STATUS_SUCCESS
 *
 * A connector serves one attempt; then all that can be done with it is to close
 * it.
 *
 * Context: any.
 * Return: STATUS_SUCCESS or STATUS_INSUFFICIENT_RESOURCES.
 */
typedef NTSTATUS (*NDK_FN_CREATE_CONNECTOR)(NDK_ADAPTER *pNdkAdapter,
					    NDK_FN_CREATE_COMPLETION CreateCompletion,
					    PVOID RequestContext,
					    NDK_CONNECTOR **ppNdkConnector);

/**
 * typedef NDK_FN_CREATE_LISTENER - create what takes connections in
 * @pNdkAdapter: the adapter
 * @ConnectEvent: called for each that comes in
 * @ConnectEventContext: its context, or NULL
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkListener: the listener, with STATUS_SUCCESS
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_INVALID_PARAMETER or
 * STATUS_INSUFFICIENT_RESOURCES.
 */
typedef NTSTATUS (*NDK_FN_CREATE_LISTENER)(NDK_ADAPTER *pNdkAdapter,
					   NDK_FN_CONNECT_EVENT_CALLBACK ConnectEvent,
					   PVOID ConnectEventContext,
					   NDK_FN_CREATE_COMPLETION CreateCompletion,
					   PVOID RequestContext,
					   NDK_LISTENER **ppNdkListener);

/**
 * typedef NDK_FN_BUILD_LAM - have the adapter's own addresses of memory
 * @pNdkAdapter: the adapter
 * @Mdl: first MDL of a virtually contiguous, locked chain; not needed
 *	afterwards
 * @Length: bytes from its beginning
 * @RequestCompletion: never called; may be NULL
 * @RequestContext: not used
 * @pNdkLAM: the consumer's, valid until NdkReleaseLAM has returned; NULL asks
 *	for the size
 * @pLAMSize: bytes at @pNdkLAM; then bytes written, or bytes needed
 * @pFBO: offset of the first byte in the first page
 *
 * The pages must stay until NdkReleaseLAM. An adapter that must copy, or be
 * told by the processor of each change, cannot be given a mapping that lives
 * long: it is refused.
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_TOO_SMALL; STATUS_INVALID_PARAMETER:
 * not contiguous, not locked, no bytes or too many; STATUS_NOT_SUPPORTED: would
 * have to be synced, or is elsewhere in its page for the adapter;
 * STATUS_INSUFFICIENT_RESOURCES.
 */
typedef NTSTATUS (*NDK_FN_BUILD_LAM)(NDK_ADAPTER *pNdkAdapter, MDL *Mdl,
				     SIZE_T Length,
				     NDK_FN_REQUEST_COMPLETION RequestCompletion,
				     PVOID RequestContext,
				     NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM,
				     ULONG *pLAMSize, ULONG *pFBO);

/**
 * typedef NDK_FN_RELEASE_LAM - give a mapping back
 * @pNdkAdapter: the adapter
 * @pNdkLAM: from NdkBuildLAM
 *
 * Not before the completions of all requests that used it, and of the
 * invalidation of what was registered over it.
 *
 * Context: any.
 */
typedef VOID (*NDK_FN_RELEASE_LAM)(NDK_ADAPTER *pNdkAdapter,
				   NDK_LOGICAL_ADDRESS_MAPPING *pNdkLAM);

/**
 * typedef NDK_FN_CREATE_MR - create a memory region
 * @pNdkPd: the PD
 * @FastRegister: TRUE: for NdkInitializeFastRegisterMr and NdkFastRegister;
 *	FALSE: for NdkRegisterMr. For life
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkMr: the region, with STATUS_SUCCESS; without memory and tokens
 *
 * Pends for a PD's first fast region, for which some are made ready.
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_PENDING; STATUS_NOT_SUPPORTED: a fast region,
 * and not by this driver; STATUS_INSUFFICIENT_RESOURCES, also through the
 * callback.
 */
typedef NTSTATUS (*NDK_FN_CREATE_MR)(NDK_PD *pNdkPd, BOOLEAN FastRegister,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_MR **ppNdkMr);

/**
 * typedef NDK_FN_CREATE_MW - create a memory window
 * @pNdkPd: the PD
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkMw: not written
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
typedef NTSTATUS (*NDK_FN_CREATE_MW)(NDK_PD *pNdkPd,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_MW **ppNdkMw);

/**
 * typedef NDK_FN_CREATE_SRQ - create a shared receive queue
 * @pNdkPd: the PD
 * @SrqDepth: not used
 * @MaxReceiveRequestSge: not used
 * @NotifyThreshold: not used
 * @SrqNotification: not used
 * @SrqNotificationContext: not used
 * @Affinity: not used
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkSrq: not written
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
typedef NTSTATUS (*NDK_FN_CREATE_SRQ)(NDK_PD *pNdkPd, ULONG SrqDepth,
				      ULONG MaxReceiveRequestSge,
				      ULONG NotifyThreshold,
				      NDK_FN_SRQ_NOTIFICATION_CALLBACK SrqNotification,
				      PVOID SrqNotificationContext,
				      GROUP_AFFINITY *Affinity,
				      NDK_FN_CREATE_COMPLETION CreateCompletion,
				      PVOID RequestContext, NDK_SRQ **ppNdkSrq);

/**
 * typedef NDK_FN_CREATE_QP - create a queue pair
 * @pNdkPd: the PD
 * @pReceiveCq: where receives complete
 * @pInitiatorCq: where all else completes; may be @pReceiveCq
 * @QPContext: reported with each completion, or NULL
 * @ReceiveQueueDepth: receives outstanding, 1 to MaxReceiveQueueDepth
 * @InitiatorQueueDepth: initiator requests outstanding, 1 to
 *	MaxInitiatorQueueDepth
 * @MaxReceiveRequestSge: up to the limit of that name
 * @MaxInitiatorRequestSge: up to the limit of that name
 * @InlineDataSize: bytes of an inline request, up to MaxInlineDataSize
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkQp: the QP, with STATUS_SUCCESS
 *
 * All limits can be had together. Give a CQ as many entries as the depths of
 * its QPs.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_INVALID_PARAMETER: over a limit, no depth, a
 * CQ of another device; STATUS_INSUFFICIENT_RESOURCES, also through the
 * callback, and where the CQs are far too small for their QPs;
 * STATUS_INVALID_DEVICE_STATE through the callback: a CQ is dead.
 */
typedef NTSTATUS (*NDK_FN_CREATE_QP)(NDK_PD *pNdkPd, NDK_CQ *pReceiveCq,
				     NDK_CQ *pInitiatorCq, PVOID QPContext,
				     ULONG ReceiveQueueDepth,
				     ULONG InitiatorQueueDepth,
				     ULONG MaxReceiveRequestSge,
				     ULONG MaxInitiatorRequestSge,
				     ULONG InlineDataSize,
				     NDK_FN_CREATE_COMPLETION CreateCompletion,
				     PVOID RequestContext, NDK_QP **ppNdkQp);

/**
 * typedef NDK_FN_CREATE_QP_WITH_SRQ - create a queue pair that receives from a
 *	shared queue
 * @pNdkPd: the PD
 * @pReceiveCq: where receives complete
 * @pInitiatorCq: where all else completes; may be @pReceiveCq
 * @pSrq: not used
 * @QPContext: reported with each completion, or NULL
 * @InitiatorQueueDepth: initiator requests outstanding, 1 to
 *	MaxInitiatorQueueDepth
 * @MaxInitiatorRequestSge: up to the limit of that name
 * @InlineDataSize: bytes of an inline request, up to MaxInlineDataSize
 * @CreateCompletion: called once after STATUS_PENDING, with the object
 * @RequestContext: its context, or NULL
 * @ppNdkQp: not written
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
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

/**
 * typedef NDK_FN_GET_PRIVILEGED_MEMORY_REGION_TOKEN - the token for logical
 *	addresses
 * @pNdkPd: the PD
 * @pToken: written
 *
 * For SGEs with addresses from NdkBuildLAM: local reading and writing without a
 * region, nothing for peers. One for each PD; keep it to yourself.
 *
 * Context: any.
 */
typedef VOID (*NDK_FN_GET_PRIVILEGED_MEMORY_REGION_TOKEN)(NDK_PD *pNdkPd,
							  UINT32 *pToken);

/**
 * typedef NDK_FN_RESIZE_CQ - change the depth of a completion queue
 * @pNdkCq: the CQ
 * @CqDepth: not used
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED, as the adapter's flags say.
 */
typedef NTSTATUS (*NDK_FN_RESIZE_CQ)(NDK_CQ *pNdkCq, ULONG CqDepth,
				     NDK_FN_REQUEST_COMPLETION RequestCompletion,
				     PVOID RequestContext);

/**
 * typedef NDK_FN_ARM_CQ - ask for one notification
 * @pNdkCq: the CQ
 * @Type: NDK_CQ_NOTIFY_ERRORS, _ANY or _SOLICITED
 *
 * The callback comes once, for an entry that arrived since the last
 * notification even if that was before this call, and never from inside this
 * call. A failed request satisfies SOLICITED. Arming an armed queue: ANY wins
 * over SOLICITED over ERRORS.
 *
 * Context: any; polling and arming one CQ are serialised by the consumer.
 */
typedef VOID (*NDK_FN_ARM_CQ)(NDK_CQ *pNdkCq, ULONG Type);

/**
 * typedef NDK_FN_GET_CQ_RESULTS - take completions out
 * @pNdkCq: the CQ
 * @Results: room for @nResults
 * @nResults: how many at most
 *
 * A receive whose sender invalidated a region looks like any other here; the
 * region is invalid all the same.
 *
 * Context: any; polling and arming one CQ are serialised by the consumer.
 * Return: entries written; 0: the queue is empty.
 */
typedef ULONG (*NDK_FN_GET_CQ_RESULTS)(NDK_CQ *pNdkCq, NDK_RESULT *Results,
				       ULONG nResults);

/**
 * typedef NDK_FN_CONTROL_CQ_INTERRUPT_MODERATION - have fewer notifications
 * @pNdkCq: the CQ
 * @ModerationInterval: microseconds
 * @ModerationCount: completions
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED, as the adapter's flags say.
 */
typedef NTSTATUS (*NDK_FN_CONTROL_CQ_INTERRUPT_MODERATION)(NDK_CQ *pNdkCq,
							   ULONG ModerationInterval,
							   ULONG ModerationCount);

/**
 * typedef NDK_FN_GET_CQ_RESULTS_EX - take completions out, with their types
 * @pNdkCq: the CQ
 * @Results: room for @nResults
 * @nResults: how many at most
 *
 * Context: any; polling and arming one CQ are serialised by the consumer.
 * Return: entries written; 0: the queue is empty.
 */
typedef ULONG (*NDK_FN_GET_CQ_RESULTS_EX)(NDK_CQ *pNdkCq,
					  NDK_RESULT_EX *Results,
					  ULONG nResults);

/**
 * typedef NDK_FN_FLUSH - cancel all that is outstanding on a queue pair
 * @pNdkQp: the QP
 *
 * Completes with STATUS_CANCELLED. The QP cannot be used afterwards.
 *
 * Context: any.
 */
typedef VOID (*NDK_FN_FLUSH)(NDK_QP *pNdkQp);

/**
 * typedef NDK_FN_SEND - send a message into a receive of the peer
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, or NULL
 * @pSgl: the data; read before the call returns
 * @nSge: up to MaxInitiatorRequestSge; with INLINE bytes count, not SGEs
 * @Flags: SILENT_SUCCESS, READ_FENCE, SEND_AND_SOLICIT_EVENT, INLINE (the data
 *	are copied now, tokens do not matter), DEFER
 *
 * Context: any; initiator requests on one QP are serialised by the consumer.
 * Return: STATUS_SUCCESS: a completion will come, if @Flags do not silence it;
 * STATUS_CONNECTION_INVALID: not connected; STATUS_NO_MORE_ENTRIES:
 * InitiatorQueueDepth are outstanding; STATUS_DATA_OVERRUN: too many SGEs or
 * bytes; STATUS_INVALID_PARAMETER. A failure means that no completion will
 * come. Never STATUS_PENDING.
 */
typedef NTSTATUS (*NDK_FN_SEND)(NDK_QP *pNdkQp, PVOID RequestContext,
				CONST NDK_SGE *pSgl, ULONG nSge, ULONG Flags);

/**
 * typedef NDK_FN_RECEIVE - have room for a message
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, or NULL
 * @pSgl: where the data go; read before the call returns
 * @nSge: up to MaxReceiveRequestSge
 *
 * Before connecting, too: what comes in without a receive has to be sent again.
 *
 * Context: any; receives on one QP are serialised by the consumer.
 * Return: STATUS_SUCCESS: a completion will come; STATUS_NO_MORE_ENTRIES:
 * ReceiveQueueDepth are outstanding; STATUS_DATA_OVERRUN: too many SGEs or
 * bytes; STATUS_INVALID_PARAMETER; STATUS_INSUFFICIENT_RESOURCES;
 * STATUS_CONNECTION_INVALID.
 */
typedef NTSTATUS (*NDK_FN_RECEIVE)(NDK_QP *pNdkQp, PVOID RequestContext,
				   CONST NDK_SGE *pSgl, ULONG nSge);

/**
 * typedef NDK_FN_BIND - bind a memory window
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, or NULL
 * @pMr: not used
 * @pMw: not used
 * @VirtualAddress: not used
 * @Length: not used
 * @Flags: not used
 *
 * Context: any; initiator requests on one QP are serialised by the consumer.
 * Return: STATUS_NOT_SUPPORTED.
 */
typedef NTSTATUS (*NDK_FN_BIND)(NDK_QP *pNdkQp, PVOID RequestContext,
				NDK_MR *pMr, NDK_MW *pMw, PVOID VirtualAddress,
				SIZE_T Length, ULONG Flags);

/**
 * typedef NDK_FN_FAST_REGISTER - give a region memory
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, or NULL
 * @pMr: initialised, and not registered once all that was posted for it is done
 * @AdapterPageCount: up to what it was initialised for
 * @AdapterPageArray: from NdkBuildLAM, page-aligned; read before the call
 *	returns
 * @FBO: offset of the first byte in the first page; 0 takes it from
 *	@BaseVirtualAddress
 * @Length: bytes, at most what the pages hold from the first byte on
 * @BaseVirtualAddress: what the first byte is called by SGEs and peers: any
 *	number with the offset in its page
 * @Flags: SILENT_SUCCESS, READ_FENCE, ALLOW_REMOTE_READ, ALLOW_LOCAL_WRITE,
 *	ALLOW_REMOTE_WRITE, RDMA_READ_SINK, DEFER
 *
 * The rights are those of this request. The token does not change. A
 * registration behind an invalidation on the same QP waits for it, and what is
 * posted behind waits, too.
 *
 * Context: any; initiator requests on one QP are serialised by the consumer.
 * Return: STATUS_SUCCESS: a completion will come, if @Flags do not silence it;
 * STATUS_CONNECTION_INVALID: not connected; STATUS_NO_MORE_ENTRIES:
 * InitiatorQueueDepth are outstanding; STATUS_INVALID_PARAMETER: pages, offset,
 * length, base, flags or PD; STATUS_ACCESS_VIOLATION: a remote right, but
 * initialised without; STATUS_INVALID_DEVICE_REQUEST: a region of the other
 * kind; STATUS_INVALID_DEVICE_STATE: registered, not initialised, stale, or
 * requests pending on another QP; STATUS_INSUFFICIENT_RESOURCES. A failure
 * means that no completion will come. Never STATUS_PENDING.
 */
typedef NTSTATUS (*NDK_FN_FAST_REGISTER)(NDK_QP *pNdkQp, PVOID RequestContext,
					 NDK_MR *pMr, ULONG AdapterPageCount,
					 CONST NDK_LOGICAL_ADDRESS *AdapterPageArray,
					 ULONG FBO, SIZE_T Length,
					 PVOID BaseVirtualAddress, ULONG Flags);

/**
 * typedef NDK_FN_INVALIDATE - take the memory of a region back
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, or NULL
 * @pNdkMrOrMw: header of a region that NdkFastRegister was posted for
 * @Flags: SILENT_SUCCESS, READ_FENCE, DEFER
 *
 * With its completion nobody reaches the memory through the region any more.
 *
 * Context: any; initiator requests on one QP are serialised by the consumer.
 * Return: STATUS_SUCCESS: a completion will come, if @Flags do not silence it;
 * STATUS_CONNECTION_INVALID: not connected; STATUS_NO_MORE_ENTRIES:
 * InitiatorQueueDepth are outstanding; STATUS_INVALID_PARAMETER: flags or PD;
 * STATUS_INVALID_DEVICE_REQUEST: a region of the other kind, or none;
 * STATUS_INVALID_DEVICE_STATE: not registered, for example because the peer has
 * invalidated it, or requests pending on another QP. None of these harms the
 * connection. A failure means that no completion will come. Never
 * STATUS_PENDING.
 */
typedef NTSTATUS (*NDK_FN_INVALIDATE)(NDK_QP *pNdkQp, PVOID RequestContext,
				      NDK_OBJECT_HEADER *pNdkMrOrMw,
				      ULONG Flags);

/**
 * typedef NDK_FN_READ - read the peer's memory
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, or NULL
 * @pSgl: where the data go; read before the call returns
 * @nSge: up to MaxReadRequestSge
 * @RemoteAddress: in the peer's region, in this host's byte order
 * @RemoteToken: the peer's token, as it was given
 * @Flags: SILENT_SUCCESS, READ_FENCE, RDMA_READ_LOCAL_INVALIDATE (ignored where
 *	the adapter does not report it), DEFER
 *
 * What the peer has not lent completes with STATUS_ACCESS_VIOLATION and ends
 * the connection. How many reads are in progress at once was agreed when
 * connecting; more wait.
 *
 * Context: any; initiator requests on one QP are serialised by the consumer.
 * Return: STATUS_SUCCESS: a completion will come, if @Flags do not silence it;
 * STATUS_CONNECTION_INVALID: not connected; STATUS_NO_MORE_ENTRIES:
 * InitiatorQueueDepth are outstanding; STATUS_DATA_OVERRUN: too many SGEs or
 * bytes; STATUS_INVALID_PARAMETER. A failure means that no completion will
 * come. Never STATUS_PENDING. Also STATUS_INVALID_DEVICE_REQUEST: no read may be
 * in progress, the agreed OutboundReadLimit is 0.
 */
typedef NTSTATUS (*NDK_FN_READ)(NDK_QP *pNdkQp, PVOID RequestContext,
				CONST NDK_SGE *pSgl, ULONG nSge,
				UINT64 RemoteAddress, UINT32 RemoteToken,
				ULONG Flags);

/**
 * typedef NDK_FN_WRITE - write the peer's memory
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, or NULL
 * @pSgl: the data; read before the call returns
 * @nSge: as in NdkSend
 * @RemoteAddress: in the peer's region, in this host's byte order
 * @RemoteToken: the peer's token, as it was given
 * @Flags: SILENT_SUCCESS, READ_FENCE, INLINE, DEFER
 *
 * What the peer has not lent completes with STATUS_ACCESS_VIOLATION and ends
 * the connection.
 *
 * Context: any; initiator requests on one QP are serialised by the consumer.
 * Return: STATUS_SUCCESS: a completion will come, if @Flags do not silence it;
 * STATUS_CONNECTION_INVALID: not connected; STATUS_NO_MORE_ENTRIES:
 * InitiatorQueueDepth are outstanding; STATUS_DATA_OVERRUN: too many SGEs or
 * bytes; STATUS_INVALID_PARAMETER. A failure means that no completion will
 * come. Never STATUS_PENDING.
 */
typedef NTSTATUS (*NDK_FN_WRITE)(NDK_QP *pNdkQp, PVOID RequestContext,
				 CONST NDK_SGE *pSgl, ULONG nSge,
				 UINT64 RemoteAddress, UINT32 RemoteToken,
				 ULONG Flags);

/**
 * typedef NDK_FN_SEND_AND_INVALIDATE - send, and take a region of the peer from
 *	it
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, or NULL
 * @pSgl: the data; read before the call returns
 * @nSge: as in NdkSend
 * @Flags: as in NdkSend
 * @RemoteToken: the peer's token; if it is not valid there, the peer ends the
 *	connection
 *
 * The peer sees it with its receive (NdkOperationTypeReceiveAndInvalidate).
 *
 * Context: any; initiator requests on one QP are serialised by the consumer.
 * Return: STATUS_SUCCESS: a completion will come, if @Flags do not silence it;
 * STATUS_CONNECTION_INVALID: not connected; STATUS_NO_MORE_ENTRIES:
 * InitiatorQueueDepth are outstanding; STATUS_DATA_OVERRUN: too many SGEs or
 * bytes; STATUS_INVALID_PARAMETER. A failure means that no completion will
 * come. Never STATUS_PENDING.
 */
typedef NTSTATUS (*NDK_FN_SEND_AND_INVALIDATE)(NDK_QP *pNdkQp,
					       PVOID RequestContext,
					       CONST NDK_SGE *pSgl, ULONG nSge,
					       ULONG Flags, UINT32 RemoteToken);

/**
 * typedef NDK_FN_MODIFY_SRQ - change a shared receive queue
 * @pNdkSrq: the SRQ
 * @SrqDepth: not used
 * @NotifyThreshold: not used
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
typedef NTSTATUS (*NDK_FN_MODIFY_SRQ)(NDK_SRQ *pNdkSrq, ULONG SrqDepth,
				      ULONG NotifyThreshold,
				      NDK_FN_REQUEST_COMPLETION RequestCompletion,
				      PVOID RequestContext);

/**
 * typedef NDK_FN_SRQ_RECEIVE - have room for a message, on a shared receive
 *	queue
 * @pNdkSrq: the SRQ
 * @RequestContext: not used
 * @pSgl: not used
 * @nSge: not used
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
typedef NTSTATUS (*NDK_FN_SRQ_RECEIVE)(NDK_SRQ *pNdkSrq, PVOID RequestContext,
				       CONST NDK_SGE *pSgl, ULONG nSge);

/**
 * typedef NDK_FN_REGISTER_MR - give a region memory, without a connection
 * @pNdkMr: the region
 * @Mdl: first MDL of a virtually contiguous, locked chain; left alone until
 *	completion
 * @Length: bytes from its beginning; kernel memory: up to MaxRegistrationSize
 * @Flags: NDK_MR_FLAG_*
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * Peers and SGEs address it by the MDL's virtual addresses, which nobody
 * dereferences.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_INVALID_PARAMETER: not contiguous, not locked,
 * bad length, unknown flag; STATUS_ACCESS_VIOLATION: writing to memory that was
 * locked for reading; STATUS_INVALID_DEVICE_REQUEST: a region of the other
 * kind; STATUS_INVALID_DEVICE_STATE: registered already; STATUS_NOT_SUPPORTED:
 * user memory, and not by this driver; STATUS_INSUFFICIENT_RESOURCES, also through
 * the callback. Through the callback also STATUS_NOT_SUPPORTED: kernel memory on
 * iWARP, or as with NdkBuildLAM; STATUS_ACCESS_VIOLATION: the process has other
 * pages there by now; STATUS_PROCESS_IS_TERMINATING; STATUS_NETWORK_UNREACHABLE:
 * no port has an address; STATUS_CANCELLED: closed meanwhile.
 */
typedef NTSTATUS (*NDK_FN_REGISTER_MR)(NDK_MR *pNdkMr, MDL *Mdl, SIZE_T Length,
				       ULONG Flags,
				       NDK_FN_REQUEST_COMPLETION RequestCompletion,
				       PVOID RequestContext);

/**
 * typedef NDK_FN_DEREGISTER_MR - take the memory of a region back
 * @pNdkMr: the region
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * With its completion nobody reaches the memory through the region any more.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_INVALID_DEVICE_REQUEST: a region of the other
 * kind; STATUS_INVALID_DEVICE_STATE: not registered. STATUS_CANCELLED through
 * the callback: closed meanwhile.
 */
typedef NTSTATUS (*NDK_FN_DEREGISTER_MR)(NDK_MR *pNdkMr,
					 NDK_FN_REQUEST_COMPLETION RequestCompletion,
					 PVOID RequestContext);

/**
 * typedef NDK_FN_INITIALIZE_FAST_REGISTER_MR - make a region ready for
 *	NdkFastRegister
 * @pNdkMr: the region
 * @AdapterPageCount: pages of PAGE_SIZE that a registration may have, 1 or more
 * @RemoteAccess: TRUE if a registration may be for peers
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * Fresh tokens, which stay until the next initialisation or close. Ends inline
 * when a region of FRMRPageCount pages or fewer is ready, which is the common
 * case.
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_PENDING; STATUS_IMPLEMENTATION_LIMIT: more
 * pages than the device can do; STATUS_INVALID_PARAMETER: none;
 * STATUS_INVALID_DEVICE_REQUEST: a region of the other kind;
 * STATUS_INVALID_DEVICE_STATE: registered, or requests pending;
 * STATUS_INSUFFICIENT_RESOURCES, also through the callback; STATUS_CANCELLED
 * through the callback: closed meanwhile.
 */
typedef NTSTATUS (*NDK_FN_INITIALIZE_FAST_REGISTER_MR)(NDK_MR *pNdkMr,
						       ULONG AdapterPageCount,
						       BOOLEAN RemoteAccess,
						       NDK_FN_REQUEST_COMPLETION RequestCompletion,
						       PVOID RequestContext);

/**
 * typedef NDK_FN_GET_REMOTE_TOKEN_FROM_MR - the token for peers
 * @pNdkMr: initialised or registered
 *
 * The same for all registrations until the region is initialised anew,
 * deregistered or closed.
 *
 * Context: any.
 * Return: the token; 0 too early.
 */
typedef UINT32 (*NDK_FN_GET_REMOTE_TOKEN_FROM_MR)(NDK_MR *pNdkMr);

/**
 * typedef NDK_FN_GET_LOCAL_TOKEN_FROM_MR - the token for SGEs
 * @pNdkMr: initialised or registered
 *
 * Context: any.
 * Return: the token; 0 too early.
 */
typedef UINT32 (*NDK_FN_GET_LOCAL_TOKEN_FROM_MR)(NDK_MR *pNdkMr);

/**
 * typedef NDK_FN_GET_REMOTE_TOKEN_FROM_MW - the token for peers
 * @pNdkMw: the window
 *
 * Context: any.
 * Return: 0.
 */
typedef UINT32 (*NDK_FN_GET_REMOTE_TOKEN_FROM_MW)(NDK_MW *pNdkMw);

/**
 * typedef NDK_FN_LISTEN - take connections in
 * @pNdkListener: the listener
 * @pAddress: of the adapter, no wildcard; port 0 takes a free one from 49152 on
 * @AddressLength: bytes at @pAddress
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * Connect events may come before @RequestCompletion.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_INVALID_ADDRESS, STATUS_INVALID_PARAMETER;
 * STATUS_INVALID_DEVICE_STATE: it listens already. Through the callback
 * STATUS_INVALID_ADDRESS: not of this adapter; STATUS_SHARING_VIOLATION: in
 * use; STATUS_TOO_MANY_ADDRESSES: no port is free;
 * STATUS_INSUFFICIENT_RESOURCES; STATUS_CANCELLED.
 */
typedef NTSTATUS (*NDK_FN_LISTEN)(NDK_LISTENER *pNdkListener,
				  CONST PSOCKADDR pAddress, ULONG AddressLength,
				  NDK_FN_REQUEST_COMPLETION RequestCompletion,
				  PVOID RequestContext);

/**
 * typedef NDK_FN_GET_LISTENER_LOCAL_ADDRESS - where a listener listens
 * @pNdkListener: the listener
 * @pAddress: filled with address and port
 * @pAddressLength: bytes at @pAddress; then the address's size
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_TOO_SMALL; STATUS_INVALID_DEVICE_STATE:
 * it does not listen.
 */
typedef NTSTATUS (*NDK_FN_GET_LISTENER_LOCAL_ADDRESS)(NDK_LISTENER *pNdkListener,
						      PSOCKADDR pAddress,
						      ULONG *pAddressLength);

/**
 * typedef NDK_FN_CONTROL_CONNECT_EVENTS - refuse connections for a while
 * @pNdkListener: the listener
 * @Pause: TRUE: as if nobody listened; FALSE: go on
 *
 * Context: any.
 */
typedef VOID (*NDK_FN_CONTROL_CONNECT_EVENTS)(NDK_LISTENER *pNdkListener,
					      BOOLEAN Pause);

/**
 * typedef NDK_FN_CONNECT - ask a peer for a connection
 * @pNdkConnector: the connector
 * @pNdkQp: not connected before; kept until the connector closes
 * @pSrcAddress: of the adapter; NULL or a wildcard for any; port 0 for any
 * @SrcAddressLength: bytes at @pSrcAddress
 * @pDestAddress: address and port of the peer's listener
 * @DestAddressLength: bytes at @pDestAddress
 * @InboundReadLimit: reads that the peer may have in progress; capped
 * @OutboundReadLimit: reads that we may have in progress; capped
 * @pPrivateData: for the peer's consumer, or NULL
 * @PrivateDataLength: up to MaxCallerData
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * NdkCompleteConnect or NdkReject follows.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_INVALID_PARAMETER, STATUS_INVALID_ADDRESS;
 * STATUS_INVALID_DEVICE_STATE: connector or QP were used before. Through the
 * callback STATUS_SUCCESS: accepted; STATUS_INVALID_ADDRESS,
 * STATUS_SHARING_VIOLATION, STATUS_TOO_MANY_ADDRESSES: the local address;
 * STATUS_NETWORK_UNREACHABLE, STATUS_HOST_UNREACHABLE: the way;
 * STATUS_IO_TIMEOUT: the peer does not answer; STATUS_CONNECTION_REFUSED: nobody
 * listens, or the peer rejected; STATUS_CONNECTION_ABORTED: flushed meanwhile;
 * STATUS_INSUFFICIENT_RESOURCES; STATUS_CANCELLED.
 */
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

/**
 * typedef NDK_FN_CONNECT_WITH_SHARED_ENDPOINT - ask a peer for a connection
 *	from a shared address
 * @pNdkConnector: the connector
 * @pNdkQp: not connected before; kept until the connector closes
 * @pNdkSharedEndpoint: not used
 * @pDestAddress: address and port of the peer's listener
 * @DestAddressLength: bytes at @pDestAddress
 * @InboundReadLimit: reads that the peer may have in progress; capped
 * @OutboundReadLimit: reads that we may have in progress; capped
 * @pPrivateData: for the peer's consumer, or NULL
 * @PrivateDataLength: up to MaxCallerData
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
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

/**
 * typedef NDK_FN_COMPLETE_CONNECT - have the connection that the peer accepted
 * @pNdkConnector: the connector
 * @DisconnectEvent: called once when peer or failure end it, or NULL
 * @DisconnectEventContext: its context, or NULL
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * The QP may be used when @RequestCompletion says success.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_CONNECTION_ABORTED: the peer gave up;
 * STATUS_CONNECTION_INVALID: nothing to complete. Through the callback
 * STATUS_SUCCESS; STATUS_CONNECTION_ABORTED: the peer gave up, or the QP was
 * flushed; STATUS_INSUFFICIENT_RESOURCES; STATUS_CANCELLED.
 */
typedef NTSTATUS (*NDK_FN_COMPLETE_CONNECT)(NDK_CONNECTOR *pNdkConnector,
					    NDK_FN_DISCONNECT_EVENT_CALLBACK DisconnectEvent,
					    PVOID DisconnectEventContext,
					    NDK_FN_REQUEST_COMPLETION RequestCompletion,
					    PVOID RequestContext);

/**
 * typedef NDK_FN_ACCEPT - take a connection
 * @pNdkConnector: from a connect event
 * @pNdkQp: not connected before; kept until the connector closes
 * @InboundReadLimit: reads that the peer may have in progress; capped
 * @OutboundReadLimit: reads that we may have in progress; capped
 * @pPrivateData: for the peer's consumer, or NULL
 * @PrivateDataLength: up to MaxCalleeData
 * @DisconnectEvent: called once when peer or failure end it, or NULL
 * @DisconnectEventContext: its context, or NULL
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * A receive may complete before @RequestCompletion is called: the peer's first
 * message can overtake its confirmation.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_CONNECTION_ABORTED: the peer gave up;
 * STATUS_INVALID_PARAMETER; STATUS_INVALID_DEVICE_STATE: connector or QP were
 * used before. Through the callback STATUS_SUCCESS; STATUS_CONNECTION_ABORTED:
 * the peer gave up or asked for what there is not, or the QP was flushed;
 * STATUS_IO_TIMEOUT: it does not confirm; STATUS_INSUFFICIENT_RESOURCES;
 * STATUS_CANCELLED.
 */
typedef NTSTATUS (*NDK_FN_ACCEPT)(NDK_CONNECTOR *pNdkConnector, NDK_QP *pNdkQp,
				  ULONG InboundReadLimit,
				  ULONG OutboundReadLimit,
				  CONST PVOID pPrivateData,
				  ULONG PrivateDataLength,
				  NDK_FN_DISCONNECT_EVENT_CALLBACK DisconnectEvent,
				  PVOID DisconnectEventContext,
				  NDK_FN_REQUEST_COMPLETION RequestCompletion,
				  PVOID RequestContext);

/**
 * typedef NDK_FN_REJECT - do not take a connection
 * @pNdkConnector: from a connect event, or NdkConnect succeeded
 * @pPrivateData: for the peer's consumer, or NULL
 * @PrivateDataLength: up to MaxCalleeData
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_CONNECTION_ABORTED: the peer gave up;
 * STATUS_INVALID_PARAMETER; STATUS_INVALID_DEVICE_STATE: nothing to reject.
 */
typedef NTSTATUS (*NDK_FN_REJECT)(NDK_CONNECTOR *pNdkConnector,
				  CONST PVOID pPrivateData,
				  ULONG PrivateDataLength);

/**
 * typedef NDK_FN_GET_CONNECTION_DATA - what the peer sent when connecting
 * @pNdkConnector: the connector
 * @pInboundReadLimit: agreed limit of the peer's reads, or NULL
 * @pOutboundReadLimit: agreed limit of our reads, or NULL
 * @pPrivateData: room for its private data, or NULL
 * @pPrivateDataLength: bytes at @pPrivateData; then MaxCallerData for a request
 *	that came in, MaxCalleeData for an answer, however little the peer
 *	sent: zeros fill it up. NULL if only the limits are wanted
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_TOO_SMALL: as much as fits was copied;
 * STATUS_INVALID_PARAMETER: NULL with a length; STATUS_CONNECTION_INVALID:
 * nothing has come.
 */
typedef NTSTATUS (*NDK_FN_GET_CONNECTION_DATA)(NDK_CONNECTOR *pNdkConnector,
					       ULONG *pInboundReadLimit,
					       ULONG *pOutboundReadLimit,
					       PVOID pPrivateData,
					       ULONG *pPrivateDataLength);

/**
 * typedef NDK_FN_GET_LOCAL_ADDRESS - our end's address
 * @pNdkConnector: the connector
 * @pAddress: filled
 * @pAddressLength: bytes at @pAddress; then the address's size
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_BUFFER_TOO_SMALL or STATUS_CONNECTION_INVALID.
 */
typedef NTSTATUS (*NDK_FN_GET_LOCAL_ADDRESS)(NDK_CONNECTOR *pNdkConnector,
					     PSOCKADDR pAddress,
					     ULONG *pAddressLength);

/**
 * typedef NDK_FN_GET_PEER_ADDRESS - the peer's address
 * @pNdkConnector: the connector
 * @pAddress: filled
 * @pAddressLength: bytes at @pAddress; then the address's size
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_BUFFER_TOO_SMALL or STATUS_CONNECTION_INVALID.
 */
typedef NTSTATUS (*NDK_FN_GET_PEER_ADDRESS)(NDK_CONNECTOR *pNdkConnector,
					    PSOCKADDR pAddress,
					    ULONG *pAddressLength);

/**
 * typedef NDK_FN_DISCONNECT - end a connection
 * @pNdkConnector: the connector
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * When it has completed, nothing is in progress on the QP: all requests have
 * completed, silent ones are over. Also after the disconnect event, to have
 * that.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_CONNECTION_INVALID: there is none;
 * STATUS_INVALID_DEVICE_STATE: called before. Through the callback
 * STATUS_SUCCESS: the peer agreed, or had ended it; STATUS_IO_TIMEOUT: it did
 * not answer; STATUS_CONNECTION_ABORTED: a failure ended the connection;
 * STATUS_CANCELLED.
 */
typedef NTSTATUS (*NDK_FN_DISCONNECT)(NDK_CONNECTOR *pNdkConnector,
				      NDK_FN_REQUEST_COMPLETION RequestCompletion,
				      PVOID RequestContext);

/**
 * typedef NDK_FN_DISCONNECT_EX - declared, and in no table
 * @pNdkConnector: the connector
 * @Abortive: not used
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 */
typedef NTSTATUS (*NDK_FN_DISCONNECT_EX)(NDK_CONNECTOR *pNdkConnector,
					 BOOLEAN Abortive,
					 NDK_FN_REQUEST_COMPLETION RequestCompletion,
					 PVOID RequestContext);

/**
 * typedef NDK_FN_COMPLETE_CONNECT_EX - as NDK_FN_COMPLETE_CONNECT, told the
 *	reason of the end
 * @pNdkConnector: the connector
 * @DisconnectEvent: never called
 * @DisconnectEventContext: not used
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
typedef NTSTATUS (*NDK_FN_COMPLETE_CONNECT_EX)(NDK_CONNECTOR *pNdkConnector,
					       NDK_FN_DISCONNECT_EVENT_CALLBACK_EX DisconnectEvent,
					       PVOID DisconnectEventContext,
					       NDK_FN_REQUEST_COMPLETION RequestCompletion,
					       PVOID RequestContext);

/**
 * typedef NDK_FN_ACCEPT_EX - as NDK_FN_ACCEPT, told the reason of the end
 * @pNdkConnector: the connector
 * @pNdkQp: not used
 * @InboundReadLimit: not used
 * @OutboundReadLimit: not used
 * @pPrivateData: not used
 * @PrivateDataLength: not used
 * @DisconnectEvent: not used
 * @DisconnectEventContext: not used
 * @RequestCompletion: called once after STATUS_PENDING
 * @RequestContext: its context, or NULL
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
typedef NTSTATUS (*NDK_FN_ACCEPT_EX)(NDK_CONNECTOR *pNdkConnector,
				     NDK_QP *pNdkQp, ULONG InboundReadLimit,
				     ULONG OutboundReadLimit,
				     CONST PVOID pPrivateData,
				     ULONG PrivateDataLength,
				     NDK_FN_DISCONNECT_EVENT_CALLBACK_EX DisconnectEvent,
				     PVOID DisconnectEventContext,
				     NDK_FN_REQUEST_COMPLETION RequestCompletion,
				     PVOID RequestContext);

/**
 * typedef NDK_FN_GET_SHARED_ENDPOINT_LOCAL_ADDRESS - the address of a shared
 *	endpoint
 * @pEndpoint: the endpoint
 * @pAddress: filled
 * @pAddressLength: bytes at @pAddress; then the address's size
 *
 * Context: any.
 * Return: STATUS_NOT_SUPPORTED.
 */
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
#endif

#endif /* _NDK_NDKPI_H */
