// SPDX-License-Identifier: GPL-2.0-only
/*
 * The seven initiator requests of a queue pair.
 */
#include "device.h"
#include "mr.h"
#include "qp.h"
#include "sge.h"
#include "sq_request.h"

/* Flags that every initiator request takes. */
#define NDK_OP_COMMON							\
	(NDK_OP_FLAG_SILENT_SUCCESS | NDK_OP_FLAG_READ_FENCE |		\
	 NDK_OP_FLAG_DEFER)

#define NDK_SEND_FLAGS							\
	(NDK_OP_COMMON | NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT |		\
	 NDK_OP_FLAG_INLINE)

#define NDK_FAST_REGISTER_FLAGS						\
	(NDK_OP_FLAG_SILENT_SUCCESS | NDK_OP_FLAG_READ_FENCE |		\
	 NDK_OP_FLAG_ALLOW_REMOTE_READ | NDK_OP_FLAG_ALLOW_LOCAL_WRITE |	\
	 NDK_OP_FLAG_ALLOW_REMOTE_WRITE | NDK_OP_FLAG_RDMA_READ_SINK |	\
	 NDK_OP_FLAG_DEFER)

/**
 * ndk_send() - NDK_FN_SEND
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pSgl: the data; copied, and with INLINE the data too
 * @nSge: up to MaxInitiatorRequestSge; INLINE: any number, bytes count
 * @Flags: SILENT_SUCCESS, READ_FENCE, SEND_AND_SOLICIT_EVENT, INLINE, DEFER
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: STATUS_SUCCESS, STATUS_CONNECTION_INVALID, STATUS_NO_MORE_ENTRIES
 * (InitiatorQueueDepth are outstanding), STATUS_DATA_OVERRUN (too many SGEs or
 * bytes), STATUS_INVALID_PARAMETER, STATUS_DEVICE_REMOVED. A failure means
 * that there will be no completion.
 */
NTSTATUS ndk_send(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		  ULONG nSge, ULONG Flags)
{
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeSend,
		.opcode = IB_WR_SEND,
		.flags = Flags,
		.allowed = NDK_SEND_FLAGS,
		.sgl = pSgl,
		.count = nSge,
		.max_sge = NDK_SGE_LIMIT,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_send_and_invalidate() - NDK_FN_SEND_AND_INVALIDATE
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion, of type Send
 * @pSgl: as in NdkSend
 * @nSge: as in NdkSend
 * @Flags: as in NdkSend
 * @RemoteToken: the peer's region to invalidate; if it is not valid there, the
 *	peer ends the connection
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend.
 */
NTSTATUS ndk_send_and_invalidate(NDK_QP *pNdkQp, PVOID RequestContext,
				 CONST NDK_SGE *pSgl, ULONG nSge, ULONG Flags,
				 UINT32 RemoteToken)
{
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeSend,
		.opcode = IB_WR_SEND_WITH_INV,
		.flags = Flags,
		.allowed = NDK_SEND_FLAGS,
		.sgl = pSgl,
		.count = nSge,
		.max_sge = NDK_SGE_LIMIT,
		.token = RemoteToken,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_read() - NDK_FN_READ
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pSgl: where the data go; copied
 * @nSge: up to MaxReadRequestSge
 * @RemoteAddress: in the peer's region, in this host's byte order
 * @RemoteToken: the peer's token
 * @Flags: SILENT_SUCCESS, READ_FENCE, DEFER; RDMA_READ_LOCAL_INVALIDATE is
 *	ignored, as the adapter does not report it
 *
 * What is outside the peer's region, or without the right, completes with
 * STATUS_ACCESS_VIOLATION, on iWARP with STATUS_CANCELLED, and ends the
 * connection.
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend, and STATUS_INVALID_DEVICE_REQUEST (the connection's
 * effective OutboundReadLimit is 0).
 */
NTSTATUS ndk_read(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		  ULONG nSge, UINT64 RemoteAddress, UINT32 RemoteToken,
		  ULONG Flags)
{
	struct ndk_qp *qp = to_ndk_qp(pNdkQp);
	struct ndk_sq_request rq = {
		.qp = qp,
		.ctx = RequestContext,
		.type = NdkOperationTypeRead,
		.opcode = IB_WR_RDMA_READ,
		.flags = Flags,
		.allowed = NDK_OP_COMMON |
			   NDK_OP_FLAG_RDMA_READ_LOCAL_INVALIDATE,
		.sgl = pSgl,
		.count = nSge,
		.max_sge = qp->obj.dev->info.MaxReadRequestSge,
		.address = RemoteAddress,
		.token = RemoteToken,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_write() - NDK_FN_WRITE
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pSgl: the data; copied, and with INLINE the data too
 * @nSge: as in NdkSend
 * @RemoteAddress: in the peer's region, in this host's byte order
 * @RemoteToken: the peer's token
 * @Flags: SILENT_SUCCESS, READ_FENCE, INLINE, DEFER
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend.
 */
NTSTATUS ndk_write(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		   ULONG nSge, UINT64 RemoteAddress, UINT32 RemoteToken,
		   ULONG Flags)
{
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeWrite,
		.opcode = IB_WR_RDMA_WRITE,
		.flags = Flags,
		.allowed = NDK_OP_COMMON | NDK_OP_FLAG_INLINE,
		.sgl = pSgl,
		.count = nSge,
		.max_sge = NDK_SGE_LIMIT,
		.address = RemoteAddress,
		.token = RemoteToken,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_fast_register() - NDK_FN_FAST_REGISTER
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pMr: an initialised region, not registered once all that was posted for it
 *	is done
 * @AdapterPageCount: up to the capacity it was initialised with
 * @AdapterPageArray: page-aligned logical addresses; copied
 * @FBO: offset of the first byte in the first page; 0 takes it from
 *	@BaseVirtualAddress
 * @Length: bytes
 * @BaseVirtualAddress: label of the first byte, any number with the offset
 *	@FBO in its page
 * @Flags: SILENT_SUCCESS, READ_FENCE, ALLOW_*, RDMA_READ_SINK, DEFER
 *
 * The token is the one that NdkGetRemoteTokenFromMr has told since the
 * region was initialised. While an invalidation of the region that was posted
 * on this QP has not completed, the registration and what is posted behind it
 * are held back, in order.
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend but for STATUS_DATA_OVERRUN, and STATUS_ACCESS_VIOLATION
 * (remote access, but initialised without), STATUS_INVALID_DEVICE_REQUEST (a
 * normal region), STATUS_INVALID_DEVICE_STATE (registered, not initialised,
 * stale, or requests pending on another QP), STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS ndk_fast_register(NDK_QP *pNdkQp, PVOID RequestContext, NDK_MR *pMr,
			   ULONG AdapterPageCount,
			   CONST NDK_LOGICAL_ADDRESS *AdapterPageArray,
			   ULONG FBO, SIZE_T Length, PVOID BaseVirtualAddress,
			   ULONG Flags)
{
	const struct ndk_mr_registration reg = {
		.npages = AdapterPageCount,
		.pages = AdapterPageArray,
		.fbo = FBO,
		.length = Length,
		.base = (ULONG_PTR)BaseVirtualAddress,
		.flags = Flags,
	};
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeFastRegister,
		.opcode = IB_WR_REG_MR,
		.flags = Flags,
		.allowed = NDK_FAST_REGISTER_FLAGS,
		.mr = to_ndk_mr(pMr),
		.reg = &reg,
	};

	return ndk_sq_request(&rq);
}

/**
 * ndk_invalidate() - NDK_FN_INVALIDATE
 * @pNdkQp: the QP
 * @RequestContext: reported with the completion
 * @pNdkMrOrMw: header of a region that is registered, once all that was posted
 *	for it is done
 * @Flags: SILENT_SUCCESS, READ_FENCE, DEFER
 *
 * Context: any; the consumer serialises initiator requests on one QP.
 * Return: as NdkSend but for STATUS_DATA_OVERRUN, and
 * STATUS_INVALID_DEVICE_REQUEST (a normal region, or no region),
 * STATUS_INVALID_DEVICE_STATE (not registered, or requests pending on another
 * QP); the connection is not harmed.
 */
NTSTATUS ndk_invalidate(NDK_QP *pNdkQp, PVOID RequestContext,
			NDK_OBJECT_HEADER *pNdkMrOrMw, ULONG Flags)
{
	struct ndk_object *obj = to_ndk_object(pNdkMrOrMw);
	struct ndk_sq_request rq = {
		.qp = to_ndk_qp(pNdkQp),
		.ctx = RequestContext,
		.type = NdkOperationTypeInvalidate,
		.opcode = IB_WR_LOCAL_INV,
		.flags = Flags,
		.allowed = NDK_OP_COMMON,
		.mr = container_of(obj, struct ndk_mr, obj),
	};

	if (obj->ops->type != NdkObjectTypeMr) {
		ndk_sq_push(rq.qp);
		return ndk_refuse(&rq.qp->obj, STATUS_INVALID_DEVICE_REQUEST,
				  "pNdkMrOrMw (not a region)", 0, 0);
	}
	return ndk_sq_request(&rq);
}
