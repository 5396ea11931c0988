// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connector's dispatch table: checks, copies, and a note for the work.
 */
#include <linux/slab.h>

#include "adapter.h"
#include "cm_address.h"
#include "connector.h"
#include "device.h"
#include "dispatch.h"
#include "qp.h"
#include "trace.h"

static void ndk_connector_cancel_op(struct ndk_object *obj)
{
	ndk_connector_note(container_of(obj, struct ndk_connector, obj),
			   NDK_NOTE_CLOSE, NULL);
}

static void ndk_connector_free(struct ndk_object *obj)
{
	struct ndk_connector *c = container_of(obj, struct ndk_connector, obj);

	/* Nobody starts it any more; it may still be running out. */
	timer_delete_sync(&c->timer);
	kfree(c);
}

static const struct ndk_object_ops ndk_connector_ops = {
	.type = NdkObjectTypeConnector,
	.teardown_order = NDK_TEARDOWN_CONNECTION,
	.cancel = ndk_connector_cancel_op,
	.release_hw = ndk_connector_release_hw,
	.free = ndk_connector_free,
};

static void ndk_connector_init(struct ndk_connector *c,
			       struct ndk_adapter *adapter,
			       enum ndk_connector_state state)
{
	const NDK_ADAPTER_INFO *info = &adapter->dev->info;

	ndk_object_init(&c->obj, &ndk_connector_ops, adapter,
			&ndk_connector_dispatch);
	ndk_object_add_antecedent(&c->obj, &adapter->obj);
	ndk_work_init(&c->work, ndk_connector_work);
	timer_setup(&c->timer, ndk_connector_timeout, 0);
	c->state = state;
	/* Limits travel in eight bits. */
	c->inbound = min_t(u32, info->MaxInboundReadLimit, U8_MAX);
	c->outbound = min_t(u32, info->MaxOutboundReadLimit, U8_MAX);
}

/**
 * ndk_create_connector() - NDK_FN_CREATE_CONNECTOR
 * @pNdkAdapter: the adapter
 * @CreateCompletion: not called: the creation finishes inline
 * @RequestContext: unused
 * @ppNdkConnector: the connector, on success
 *
 * One connector serves one attempt to connect: after it has failed, been
 * rejected or been disconnected, all that is left to do with it is to close it.
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES or
 * STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_create_connector(NDK_ADAPTER *pNdkAdapter,
			      NDK_FN_CREATE_COMPLETION CreateCompletion,
			      PVOID RequestContext,
			      NDK_CONNECTOR **ppNdkConnector)
{
	struct ndk_adapter *adapter = to_ndk_adapter(pNdkAdapter);
	struct ndk_connector *c;
	NTSTATUS status;

	c = kzalloc(sizeof(*c), GFP_NOWAIT | __GFP_NOWARN);
	if (!c)
		return ndk_refuse(&adapter->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*c), 0);
	ndk_connector_init(c, adapter, NDK_CONNECTOR_IDLE);
	status = ndk_object_publish(&c->obj);
	if (status)
		return ndk_refuse(&adapter->obj, status, NULL, 0, 0);

	*ppNdkConnector = &c->obj.pub.connector;
	return STATUS_SUCCESS;
}

/**
 * ndk_connector_incoming() - make a connector of an incoming request
 * @listener: where it came in; the caller holds a reference and a section
 * @id: the new connection's id, ours when this succeeds
 * @event: RDMA_CM_EVENT_CONNECT_REQUEST
 * @origin: what to ask of @listener later
 *
 * Context: process, under the handler mutex of @id.
 * Return: 0 or a negative errno; then @id is the caller's, and @origin is not
 * asked for anything.
 */
int ndk_connector_incoming(struct ndk_object *listener, struct rdma_cm_id *id,
			   const struct rdma_cm_event *event,
			   const struct ndk_connector_origin *origin)
{
	const struct rdma_conn_param *param = &event->param.conn;
	struct ndk_connector *c;
	unsigned long flags;

	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	ndk_connector_init(c, listener->adapter, NDK_CONNECTOR_REQUESTED);
	ndk_object_add_antecedent(&c->obj, listener);
	c->listener = listener;
	c->origin = origin;
	ndk_connector_set_addresses(c, &id->route.addr);
	c->inbound = min(c->inbound, param->responder_resources);
	c->outbound = min(c->outbound, param->initiator_depth);

	/* Removal finds the connector from here on, but waits for the section. */
	if (ndk_object_publish(&c->obj))
		return -ENODEV;

	spin_lock_irqsave(&c->obj.lock, flags);
	ndk_connector_receive_data(c, param, NDK_CALLER_DATA);
	c->id = id;
	id->context = c;
	id->event_handler = ndk_connector_event;
	ndk_connector_note_locked(c, NDK_NOTE_ANNOUNCE, NULL);
	spin_unlock_irqrestore(&c->obj.lock, flags);
	return 0;
}

static void ndk_connector_free_request(struct ndk_request *rq)
{
	struct ndk_connector_request *r =
		container_of(rq, struct ndk_connector_request, rq);
	unsigned long flags;

	spin_lock_irqsave(&rq->obj->lock, flags);
	r->busy = false;
	spin_unlock_irqrestore(&rq->obj->lock, flags);
}

/* @r is not busy. */
static void ndk_connector_begin(struct ndk_connector *c,
				struct ndk_connector_request *r,
				enum ndk_connector_state state,
				NDK_FN_REQUEST_COMPLETION fn, void *ctx,
				enum ndk_connector_note note)
	__must_hold(&c->obj.lock)
{
	lockdep_assert_held(&c->obj.lock);
	c->state = state;
	r->busy = true;
	r->outcome = STATUS_PENDING;
	r->rq.obj = &c->obj;
	r->rq.free = ndk_connector_free_request;
	r->rq.fn = fn;
	r->rq.ctx = ctx;
	ndk_object_get(&c->obj);
	trace_ndk_request(&c->obj);
	ndk_connector_note_locked(c, note, NULL);
}

static void ndk_connector_set_sent(struct ndk_connector *c, const void *data,
				   u32 length)
	__must_hold(&c->obj.lock)
{
	lockdep_assert_held(&c->obj.lock);
	if (length)
		memcpy(c->sent, data, length);
	c->sent_length = length;
}

/* The QP is claimed. */
static void ndk_connector_set_qp(struct ndk_connector *c, struct ndk_qp *qp)
	__must_hold(&c->obj.lock)
{
	lockdep_assert_held(&c->obj.lock);
	ndk_object_add_antecedent(&c->obj, &qp->obj);
	c->qp = qp;
	c->qp_claimed = true;
}

static NTSTATUS ndk_connector_check_data(struct ndk_connector *c,
					 const void *data, u32 length,
					 u32 limit)
{
	if (length > limit)
		return ndk_refuse(&c->obj, STATUS_INVALID_PARAMETER,
				  "PrivateDataLength", length, limit);
	if (length && !data)
		return ndk_refuse(&c->obj, STATUS_INVALID_PARAMETER,
				  "pPrivateData", 0, 0);
	return STATUS_SUCCESS;
}

static NTSTATUS ndk_connector_check_qp(struct ndk_connector *c,
				       struct ndk_qp *qp)
{
	if (ndk_device_gone(c->obj.dev))
		return ndk_refuse(&c->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	if (qp->obj.dev != c->obj.dev)
		return ndk_refuse(&c->obj, STATUS_INVALID_PARAMETER,
				  "pNdkQp (another device)", 0, 0);
	return STATUS_SUCCESS;
}

/* @source has family 0 if there is none. A zone that only one has is both's. */
static NTSTATUS ndk_connector_check_addresses(struct ndk_connector *c,
					      struct sockaddr_storage *source,
					      struct sockaddr_storage *dest)
{
	if (source->ss_family && source->ss_family != dest->ss_family)
		return ndk_refuse(&c->obj, STATUS_INVALID_ADDRESS,
				  "pSrcAddress", source->ss_family,
				  dest->ss_family);
	if (!ndk_addr_is_unicast(dest))
		return ndk_refuse(&c->obj, STATUS_INVALID_ADDRESS,
				  "pDestAddress", 0, 0);
	if (!ndk_addr_port(dest))
		return ndk_refuse(&c->obj, STATUS_INVALID_ADDRESS,
				  "pDestAddress (no port)", 0, 0);

	if (ndk_addr_is_local(source))
		ndk_addr_add_zone(dest, ndk_addr_zone(source));
	if (ndk_addr_is_local(dest) && !ndk_addr_zone(dest))
		return ndk_refuse(&c->obj, STATUS_INVALID_ADDRESS,
				  "pDestAddress (no zone)", 0, 0);
	ndk_addr_add_zone(source, ndk_addr_zone(dest));
	if (ndk_addr_is_local(source) && !ndk_addr_zone(source))
		return ndk_refuse(&c->obj, STATUS_INVALID_ADDRESS,
				  "pSrcAddress (no zone)", 0, 0);
	if (ndk_addr_is_local(source) && ndk_addr_is_local(dest) &&
	    ndk_addr_zone(source) != ndk_addr_zone(dest))
		return ndk_refuse(&c->obj, STATUS_INVALID_ADDRESS,
				  "pSrcAddress (another zone)",
				  ndk_addr_zone(source), ndk_addr_zone(dest));
	return STATUS_SUCCESS;
}

/* What to say of a request for which the connector is in the wrong state. */
static NTSTATUS ndk_connector_refuse_state(struct ndk_connector *c,
					   enum ndk_connector_state state,
					   NTSTATUS otherwise)
{
	struct ndk_refusal end;
	unsigned long flags;

	if (state != NDK_CONNECTOR_FAILED)
		return ndk_refuse(&c->obj, otherwise, "state", state, 0);

	spin_lock_irqsave(&c->obj.lock, flags);
	end = c->end;
	spin_unlock_irqrestore(&c->obj.lock, flags);
	/* The only way to fail before being asked is that the peer gave up. */
	if (end.status != STATUS_DEVICE_REMOVED)
		end.status = STATUS_CONNECTION_ABORTED;
	return ndk_refuse_for(&c->obj, end.status, end.argument, end.value,
			      end.limit);
}

/**
 * ndk_connect() - NDK_FN_CONNECT
 * @pNdkConnector: a connector that was created by the consumer
 * @pNdkQp: QP that has not been connected yet; kept until the connector closes.
 *	If the attempt fails before the peer has accepted, another connector may
 *	use it
 * @pSrcAddress: local address, of the adapter; NULL or a wildcard for any
 * @SrcAddressLength: bytes at @pSrcAddress
 * @pDestAddress: address and port of the peer's listener
 * @DestAddressLength: bytes at @pDestAddress
 * @InboundReadLimit: reads that the peer may have in progress; capped
 * @OutboundReadLimit: reads that we may have in progress; capped
 * @pPrivateData: goes to the peer's consumer
 * @PrivateDataLength: up to MaxCallerData
 * @RequestCompletion: called when the peer has accepted, or why it has not:
 *	STATUS_INVALID_ADDRESS (the local address is not of this adapter),
 *	STATUS_SHARING_VIOLATION (it is in use), STATUS_TOO_MANY_ADDRESSES,
 *	STATUS_NETWORK_UNREACHABLE, STATUS_HOST_UNREACHABLE (nobody answers for
 *	the peer's address), STATUS_IO_TIMEOUT (the peer does not answer),
 *	STATUS_CONNECTION_REFUSED (nobody listens, or the peer rejected; its
 *	private data can be had from NdkGetConnectionData),
 *	STATUS_CONNECTION_ABORTED (the QP was flushed meanwhile),
 *	STATUS_INSUFFICIENT_RESOURCES, STATUS_CANCELLED, STATUS_DEVICE_REMOVED
 * @RequestContext: its context
 *
 * Port 0 in @pSrcAddress, or no local address, takes one of the system's
 * ephemeral ports.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_INVALID_PARAMETER, STATUS_DEVICE_REMOVED,
 * STATUS_INVALID_ADDRESS (of another family than IPv4 and IPv6, unlike families,
 * a peer's that is a wildcard, a group or without a port, link-local without a
 * zone), STATUS_INVALID_DEVICE_STATE if the connector or the QP has been used
 * before.
 */
NTSTATUS ndk_connect(NDK_CONNECTOR *pNdkConnector, NDK_QP *pNdkQp,
		     CONST PSOCKADDR pSrcAddress, ULONG SrcAddressLength,
		     CONST PSOCKADDR pDestAddress, ULONG DestAddressLength,
		     ULONG InboundReadLimit, ULONG OutboundReadLimit,
		     CONST PVOID pPrivateData, ULONG PrivateDataLength,
		     NDK_FN_REQUEST_COMPLETION RequestCompletion,
		     PVOID RequestContext)
{
	struct ndk_connector *c = to_ndk_connector(pNdkConnector);
	struct sockaddr_storage source = {}, dest;
	struct ndk_qp *qp = to_ndk_qp(pNdkQp);
	enum ndk_connector_state state;
	unsigned long flags;
	NTSTATUS status;

	status = ndk_connector_check_qp(c, qp);
	if (status)
		return status;
	status = ndk_addr_take(&c->obj, &dest, pDestAddress, DestAddressLength,
			       NDK_REASON("pDestAddress"));
	if (status)
		return status;
	if (pSrcAddress) {
		status = ndk_addr_take(&c->obj, &source, pSrcAddress,
				       SrcAddressLength, NDK_REASON("pSrcAddress"));
		if (status)
			return status;
	}
	status = ndk_connector_check_addresses(c, &source, &dest);
	if (status)
		return status;
	status = ndk_connector_check_data(c, pPrivateData, PrivateDataLength,
					  NDK_CALLER_DATA);
	if (status)
		return status;

	/* Before the QP is looked at, so that the right mistake is named. */
	state = ndk_connector_state(c);
	if (state != NDK_CONNECTOR_IDLE)
		return ndk_refuse(&c->obj, STATUS_INVALID_DEVICE_STATE,
				  "state", state, 0);
	status = ndk_qp_claim(qp, &c->obj, ndk_connector_qp_news);
	if (status)
		return ndk_refuse(&c->obj, status, "pNdkQp (in use)", 0, 0);

	spin_lock_irqsave(&c->obj.lock, flags);
	state = c->state;
	if (state == NDK_CONNECTOR_IDLE) {
		ndk_connector_set_qp(c, qp);
		c->source = source;
		c->peer = dest;
		c->inbound = min_t(u32, c->inbound, InboundReadLimit);
		c->outbound = min_t(u32, c->outbound, OutboundReadLimit);
		ndk_connector_set_sent(c, pPrivateData, PrivateDataLength);
		ndk_connector_begin(c, &c->establish, NDK_CONNECTOR_CONNECTING,
				    RequestCompletion, RequestContext,
				    NDK_NOTE_CONNECT);
	}
	spin_unlock_irqrestore(&c->obj.lock, flags);

	if (state == NDK_CONNECTOR_IDLE)
		return STATUS_PENDING;
	ndk_qp_unclaim(qp, &c->obj);
	return ndk_refuse(&c->obj, STATUS_INVALID_DEVICE_STATE, "state", state,
			  0);
}

/**
 * ndk_complete_connect() - NDK_FN_COMPLETE_CONNECT
 * @pNdkConnector: a connector whose NdkConnect has succeeded
 * @DisconnectEvent: called once, if the peer or a failure ends the connection
 * @DisconnectEventContext: its context
 * @RequestCompletion: called when the QP is connected, or with
 *	STATUS_CONNECTION_ABORTED (the peer gave up, or the QP was flushed),
 *	STATUS_INSUFFICIENT_RESOURCES, STATUS_CANCELLED or STATUS_DEVICE_REMOVED
 * @RequestContext: its context
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_CONNECTION_ABORTED if the peer gave up
 * meanwhile; STATUS_CONNECTION_INVALID if there is nothing to complete;
 * STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_complete_connect(NDK_CONNECTOR *pNdkConnector,
			      NDK_FN_DISCONNECT_EVENT_CALLBACK DisconnectEvent,
			      PVOID DisconnectEventContext,
			      NDK_FN_REQUEST_COMPLETION RequestCompletion,
			      PVOID RequestContext)
{
	struct ndk_connector *c = to_ndk_connector(pNdkConnector);
	enum ndk_connector_state state;
	unsigned long flags;
	bool ready;

	if (ndk_device_gone(c->obj.dev))
		return ndk_refuse(&c->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);

	spin_lock_irqsave(&c->obj.lock, flags);
	state = c->state;
	/* Busy: the callback of the connect is still to come. */
	ready = state == NDK_CONNECTOR_RESPONDED && !c->establish.busy;
	if (ready) {
		c->disconnect_event = DisconnectEvent;
		c->disconnect_ctx = DisconnectEventContext;
		ndk_connector_begin(c, &c->establish, NDK_CONNECTOR_COMPLETING,
				    RequestCompletion, RequestContext,
				    NDK_NOTE_COMPLETE);
	}
	spin_unlock_irqrestore(&c->obj.lock, flags);

	if (ready)
		return STATUS_PENDING;
	return ndk_connector_refuse_state(c, state, STATUS_CONNECTION_INVALID);
}

/**
 * ndk_accept() - NDK_FN_ACCEPT
 * @pNdkConnector: a connector from a connect event
 * @pNdkQp: QP that has not been connected yet; kept until the connector closes
 * @InboundReadLimit: reads that the peer may have in progress; capped
 * @OutboundReadLimit: reads that we may have in progress; capped
 * @pPrivateData: goes to the peer's consumer
 * @PrivateDataLength: up to MaxCalleeData
 * @DisconnectEvent: called once, if the peer or a failure ends the connection
 * @DisconnectEventContext: its context
 * @RequestCompletion: called when the peer has confirmed, or with
 *	STATUS_CONNECTION_ABORTED (it gave up or has asked for what there is
 *	not, or the QP was flushed), STATUS_IO_TIMEOUT (it does not confirm),
 *	STATUS_INSUFFICIENT_RESOURCES, STATUS_CANCELLED, STATUS_DEVICE_REMOVED
 * @RequestContext: its context
 *
 * A receive may complete before this does: the peer's first message can
 * overtake its confirmation. Requests may be posted from then on.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_CONNECTION_ABORTED if the peer gave up
 * meanwhile; STATUS_INVALID_PARAMETER, STATUS_DEVICE_REMOVED,
 * STATUS_INVALID_DEVICE_STATE if the connector or the QP has been used before.
 */
NTSTATUS ndk_accept(NDK_CONNECTOR *pNdkConnector, NDK_QP *pNdkQp,
		    ULONG InboundReadLimit, ULONG OutboundReadLimit,
		    CONST PVOID pPrivateData, ULONG PrivateDataLength,
		    NDK_FN_DISCONNECT_EVENT_CALLBACK DisconnectEvent,
		    PVOID DisconnectEventContext,
		    NDK_FN_REQUEST_COMPLETION RequestCompletion,
		    PVOID RequestContext)
{
	struct ndk_connector *c = to_ndk_connector(pNdkConnector);
	struct ndk_qp *qp = to_ndk_qp(pNdkQp);
	enum ndk_connector_state state;
	unsigned long flags;
	NTSTATUS status;

	status = ndk_connector_check_qp(c, qp);
	if (status)
		return status;
	status = ndk_connector_check_data(c, pPrivateData, PrivateDataLength,
					  NDK_CALLEE_DATA);
	if (status)
		return status;
	/* Before the QP is looked at, so that the right mistake is named. */
	state = ndk_connector_state(c);
	if (state != NDK_CONNECTOR_REQUESTED)
		return ndk_connector_refuse_state(c, state,
						  STATUS_INVALID_DEVICE_STATE);
	status = ndk_qp_claim(qp, &c->obj, ndk_connector_qp_news);
	if (status)
		return ndk_refuse(&c->obj, status, "pNdkQp (in use)", 0, 0);

	spin_lock_irqsave(&c->obj.lock, flags);
	state = c->state;
	if (state == NDK_CONNECTOR_REQUESTED) {
		ndk_connector_set_qp(c, qp);
		c->inbound = min_t(u32, c->inbound, InboundReadLimit);
		c->outbound = min_t(u32, c->outbound, OutboundReadLimit);
		ndk_connector_set_sent(c, pPrivateData, PrivateDataLength);
		c->disconnect_event = DisconnectEvent;
		c->disconnect_ctx = DisconnectEventContext;
		ndk_connector_begin(c, &c->establish, NDK_CONNECTOR_ACCEPTING,
				    RequestCompletion, RequestContext,
				    NDK_NOTE_ACCEPT);
	}
	spin_unlock_irqrestore(&c->obj.lock, flags);

	if (state == NDK_CONNECTOR_REQUESTED)
		return STATUS_PENDING;
	ndk_qp_unclaim(qp, &c->obj);
	return ndk_connector_refuse_state(c, state,
					  STATUS_INVALID_DEVICE_STATE);
}

/**
 * ndk_reject() - NDK_FN_REJECT
 * @pNdkConnector: a connector from a connect event, or one whose NdkConnect
 *	has succeeded
 * @pPrivateData: goes to the peer's consumer
 * @PrivateDataLength: up to MaxCalleeData
 *
 * The message leaves soon after this returned; closing the connector does not
 * keep it back.
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_CONNECTION_ABORTED if the peer gave up
 * meanwhile; STATUS_INVALID_PARAMETER; STATUS_INVALID_DEVICE_STATE if there is
 * nothing to reject; STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_reject(NDK_CONNECTOR *pNdkConnector, CONST PVOID pPrivateData,
		    ULONG PrivateDataLength)
{
	struct ndk_connector *c = to_ndk_connector(pNdkConnector);
	enum ndk_connector_state state;
	unsigned long flags;
	NTSTATUS status;
	bool ready;

	if (ndk_device_gone(c->obj.dev))
		return ndk_refuse(&c->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	status = ndk_connector_check_data(c, pPrivateData, PrivateDataLength,
					  NDK_CALLEE_DATA);
	if (status)
		return status;

	spin_lock_irqsave(&c->obj.lock, flags);
	state = c->state;
	ready = state == NDK_CONNECTOR_REQUESTED ||
		(state == NDK_CONNECTOR_RESPONDED && !c->establish.busy);
	if (ready) {
		c->state = NDK_CONNECTOR_REJECTED;
		ndk_connector_set_sent(c, pPrivateData, PrivateDataLength);
		ndk_connector_note_locked(c, NDK_NOTE_REJECT, NULL);
	}
	spin_unlock_irqrestore(&c->obj.lock, flags);

	if (ready)
		return STATUS_SUCCESS;
	return ndk_connector_refuse_state(c, state,
					  STATUS_INVALID_DEVICE_STATE);
}

/**
 * ndk_get_connection_data() - NDK_FN_GET_CONNECTION_DATA
 * @pNdkConnector: a connector from a connect event, or one whose NdkConnect
 *	has succeeded or was refused
 * @pInboundReadLimit: effective limit of the peer's reads, or NULL
 * @pOutboundReadLimit: effective limit of our reads, or NULL
 * @pPrivateData: buffer for the peer's private data, or NULL
 * @pPrivateDataLength: bytes at @pPrivateData; then the size of the data. NULL
 *	if only the limits are wanted
 *
 * The size is always what every transport can carry in that direction:
 * MaxCallerData for an incoming request, MaxCalleeData for the peer's answer.
 * Not all transports transmit a length, so what the peer sent is followed by
 * zeros up to that size. As much of it as fits is copied.
 *
 * Before NdkAccept the limits are those that the peer offered, capped.
 *
 * Context: any.
 * Return: STATUS_SUCCESS, also for a @pPrivateData of NULL with length 0;
 * STATUS_BUFFER_TOO_SMALL; STATUS_INVALID_PARAMETER for NULL with a length;
 * STATUS_CONNECTION_INVALID if nothing has come from a peer.
 */
NTSTATUS ndk_get_connection_data(NDK_CONNECTOR *pNdkConnector,
				 ULONG *pInboundReadLimit,
				 ULONG *pOutboundReadLimit, PVOID pPrivateData,
				 ULONG *pPrivateDataLength)
{
	struct ndk_connector *c = to_ndk_connector(pNdkConnector);
	u32 room = pPrivateDataLength ? *pPrivateDataLength : 0;
	u8 inbound, outbound;
	unsigned long flags;
	u32 size;

	if (room && !pPrivateData)
		return ndk_refuse(&c->obj, STATUS_INVALID_PARAMETER,
				  "pPrivateData", 0, 0);

	spin_lock_irqsave(&c->obj.lock, flags);
	size = c->received_size;
	inbound = c->inbound;
	outbound = c->outbound;
	if (size && pPrivateData)
		memcpy(pPrivateData, c->received, min(room, size));
	spin_unlock_irqrestore(&c->obj.lock, flags);

	if (!size)
		return ndk_refuse(&c->obj, STATUS_CONNECTION_INVALID, "state",
				  ndk_connector_state(c), 0);
	if (pInboundReadLimit)
		*pInboundReadLimit = inbound;
	if (pOutboundReadLimit)
		*pOutboundReadLimit = outbound;
	if (!pPrivateDataLength)
		return STATUS_SUCCESS;
	*pPrivateDataLength = size;
	if (pPrivateData && room < size)
		return ndk_refuse(&c->obj, STATUS_BUFFER_TOO_SMALL,
				  "pPrivateDataLength", room, size);
	return STATUS_SUCCESS;
}

static NTSTATUS ndk_connector_address(struct ndk_connector *c,
				      const struct sockaddr_storage *from,
				      struct sockaddr *to, ULONG *length)
{
	struct sockaddr_storage addr;
	unsigned long flags;

	spin_lock_irqsave(&c->obj.lock, flags);
	addr = *from;
	spin_unlock_irqrestore(&c->obj.lock, flags);

	if (!addr.ss_family)
		return ndk_refuse(&c->obj, STATUS_CONNECTION_INVALID, "state",
				  ndk_connector_state(c), 0);
	return ndk_addr_give(&c->obj, &addr, to, length);
}

/**
 * ndk_get_local_address() - NDK_FN_GET_LOCAL_ADDRESS
 * @pNdkConnector: the connector
 * @pAddress: filled with the local address
 * @pAddressLength: bytes at @pAddress; then the address's size
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_BUFFER_TOO_SMALL, or STATUS_CONNECTION_INVALID
 * while there is no local address.
 */
NTSTATUS ndk_get_local_address(NDK_CONNECTOR *pNdkConnector,
			       PSOCKADDR pAddress, ULONG *pAddressLength)
{
	struct ndk_connector *c = to_ndk_connector(pNdkConnector);

	return ndk_connector_address(c, &c->local, pAddress, pAddressLength);
}

/**
 * ndk_get_peer_address() - NDK_FN_GET_PEER_ADDRESS
 * @pNdkConnector: the connector
 * @pAddress: filled with the peer's address
 * @pAddressLength: bytes at @pAddress; then the address's size
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_BUFFER_TOO_SMALL, or STATUS_CONNECTION_INVALID
 * while there is no peer.
 */
NTSTATUS ndk_get_peer_address(NDK_CONNECTOR *pNdkConnector, PSOCKADDR pAddress,
			      ULONG *pAddressLength)
{
	struct ndk_connector *c = to_ndk_connector(pNdkConnector);

	return ndk_connector_address(c, &c->peer, pAddress, pAddressLength);
}

/**
 * ndk_disconnect() - NDK_FN_DISCONNECT
 * @pNdkConnector: a connector that is or was connected
 * @RequestCompletion: called when the peer has agreed, or time is up, and
 *	nothing is in progress on the QP any more: STATUS_SUCCESS,
 *	STATUS_IO_TIMEOUT, STATUS_CONNECTION_ABORTED if a failure ended the
 *	connection, STATUS_CANCELLED, STATUS_DEVICE_REMOVED
 * @RequestContext: its context
 *
 * Also to be called, if at all, after the disconnect event: it flushes the QP.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_CONNECTION_INVALID if there is no connection;
 * STATUS_INVALID_DEVICE_STATE when called again; STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_disconnect(NDK_CONNECTOR *pNdkConnector,
			NDK_FN_REQUEST_COMPLETION RequestCompletion,
			PVOID RequestContext)
{
	struct ndk_connector *c = to_ndk_connector(pNdkConnector);
	enum ndk_connector_state state;
	unsigned long flags;

	if (ndk_device_gone(c->obj.dev))
		return ndk_refuse(&c->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);

	spin_lock_irqsave(&c->obj.lock, flags);
	state = c->state;
	if (state == NDK_CONNECTOR_CONNECTED || state == NDK_CONNECTOR_ENDED)
		ndk_connector_begin(c, &c->disconnect,
				    NDK_CONNECTOR_DISCONNECTING,
				    RequestCompletion, RequestContext,
				    NDK_NOTE_DISCONNECT);
	spin_unlock_irqrestore(&c->obj.lock, flags);

	switch (state) {
	case NDK_CONNECTOR_CONNECTED:
	case NDK_CONNECTOR_ENDED:
		return STATUS_PENDING;
	case NDK_CONNECTOR_DISCONNECTING:
	case NDK_CONNECTOR_DISCONNECTED:
		return ndk_refuse(&c->obj, STATUS_INVALID_DEVICE_STATE,
				  "state", state, 0);
	default:
		return ndk_refuse(&c->obj, STATUS_CONNECTION_INVALID, "state",
				  state, 0);
	}
}
