/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connectors: one connection each, over an rdma_cm id that has no QP.
 *
 * The functions of the table (connector.c) may be called in any context and
 * rdma_cm's event handler runs under a lock of rdma_cm, so neither does
 * anything: they leave a note, and with one that tells of an end the reason
 * (connector_note.c). One work item (connector_work.c) reads the notes, and it
 * alone touches the id, the QP's state, what the connection has ended with and
 * the consumer's callbacks, one thing after another. Device removal is the
 * exception: it destroys the id itself, when no section is open and so no work
 * is under way.
 */
#ifndef _NDK_CONNECTOR_H
#define _NDK_CONNECTOR_H

#include <linux/timer.h>
#include <rdma/rdma_cm.h>

#include "object.h"
#include "qp.h"
#include "request.h"

/* Private data that fits every transport: with connect; with accept, reject. */
#define NDK_CALLER_DATA		56U
#define NDK_CALLEE_DATA		148U

enum ndk_connector_state {
	NDK_CONNECTOR_IDLE,		/* active side, nothing done yet */
	NDK_CONNECTOR_CONNECTING,	/* NdkConnect pending */
	NDK_CONNECTOR_RESPONDED,	/* the peer accepted, we confirm next */
	NDK_CONNECTOR_COMPLETING,	/* NdkCompleteConnect pending */
	NDK_CONNECTOR_REQUESTED,	/* passive side, not answered yet */
	NDK_CONNECTOR_ACCEPTING,	/* NdkAccept pending */
	NDK_CONNECTOR_CONNECTED,
	NDK_CONNECTOR_ENDED,		/* by the peer or a failure */
	NDK_CONNECTOR_DISCONNECTING,	/* NdkDisconnect pending */
	NDK_CONNECTOR_DISCONNECTED,	/* NdkDisconnect has completed */
	NDK_CONNECTOR_REJECTED,		/* by the consumer */
	NDK_CONNECTOR_FAILED,		/* never came about; see @end */
};

/* What the work has to attend to, in the order in which it does. */
enum ndk_connector_note {
	NDK_NOTE_ANNOUNCE,	/* hand over to the listener's consumer */
	NDK_NOTE_REJECT,
	NDK_NOTE_CLOSE,		/* end what is pending */
	NDK_NOTE_CONNECT,
	NDK_NOTE_ADDRESS,	/* resolved */
	NDK_NOTE_ROUTE,		/* resolved */
	NDK_NOTE_RESPONSE,	/* the peer accepted */
	NDK_NOTE_COMPLETE,
	NDK_NOTE_ACCEPT,
	NDK_NOTE_RECEIVED,	/* data came before the confirmation */
	NDK_NOTE_ESTABLISHED,
	NDK_NOTE_FAILED,	/* refused, unreachable, ...; and why */
	NDK_NOTE_DISCONNECT,
	NDK_NOTE_PEER_GONE,	/* disconnected, by either side; and how */
	NDK_NOTE_REASON,	/* for which the QP is about to fail */
	NDK_NOTE_QP_ERROR,	/* and why */
	NDK_NOTE_TIMEOUT,
	NDK_NOTE_DEVICE_GONE,
	NDK_NOTES,
};

/**
 * struct ndk_connector_notes - what the work has been told
 * @set: which notes, a bit each
 * @why: those of them that tell of an end: the reason, which comes and goes
 *	with its note
 */
struct ndk_connector_notes {
	unsigned int set;
	struct ndk_refusal why[NDK_NOTES];
};

/**
 * struct ndk_connector_request - room for one asynchronous request
 * @rq: callback and context
 * @busy: in use, until just before its callback
 * @outcome: final status once the work knows it, STATUS_PENDING before
 */
struct ndk_connector_request {
	struct ndk_request rq;
	bool busy;
	NTSTATUS outcome;
};

/**
 * struct ndk_connector_origin - what a connector asks of its listener
 * @announce: hand an incoming connection over; false if no more are taken
 * @leave: the connection does not need the listener's address any more; called
 *	once, in process context, before the connector's close callback
 */
struct ndk_connector_origin {
	bool (*announce)(struct ndk_object *listener, NDK_CONNECTOR *connector);
	void (*leave)(struct ndk_object *listener);
};

/**
 * struct ndk_connector - a connection, or the attempt at one
 * @obj: common part; its lock guards all that has no other rule below
 * @work: attends to @notes; holds a reference while @working
 * @notes: what @work has not attended to yet
 * @working: @work is queued or running
 * @state: changed by the table's functions where a request begins, else by
 *	@work
 * @end: why the connection never came about, or what it has ended with: the
 *	first failure, or STATUS_SUCCESS. Written by @work only
 * @establish: NdkConnect, NdkCompleteConnect or NdkAccept
 * @disconnect: NdkDisconnect
 * @timer: ends what the peer does not answer; started by @work only
 * @id: rdma_cm's side, or NULL; @work and teardown only
 * @qp: the queue pair, an antecedent; set once
 * @qp_claimed: @qp knows of us
 * @qp_used: @qp has left the INIT state; @work and teardown only
 * @peer_gone: there is nobody to disconnect from any more; @work only
 * @hang_up: the disconnect event is to be delivered; @work only
 * @disconnect_event: callback, given with NdkCompleteConnect or NdkAccept
 * @disconnect_ctx: its context
 * @listener: where the connection came in, or NULL; an antecedent
 * @origin: what to ask of @listener
 * @local: local address, family 0 if not known
 * @peer: address of the peer, family 0 if not known
 * @source: address that NdkConnect was given; family 0 for any
 * @inbound: reads that the peer may have in progress
 * @outbound: reads that we may have in progress
 * @received: private data that came from the peer, padded with zeros
 * @received_size: room that the transport has for it; 0 if none came
 * @sent: private data for connect, accept or reject
 * @sent_length: its length
 */
struct ndk_connector {
	struct ndk_object obj;
	struct ndk_work work;
	struct ndk_connector_notes notes;
	bool working;
	enum ndk_connector_state state;
	struct ndk_refusal end;
	struct ndk_connector_request establish;
	struct ndk_connector_request disconnect;
	struct timer_list timer;
	struct rdma_cm_id *id;
	struct ndk_qp *qp;
	bool qp_claimed;
	bool qp_used;
	bool peer_gone;
	bool hang_up;
	NDK_FN_DISCONNECT_EVENT_CALLBACK disconnect_event;
	void *disconnect_ctx;
	struct ndk_object *listener;
	const struct ndk_connector_origin *origin;
	struct sockaddr_storage local;
	struct sockaddr_storage peer;
	struct sockaddr_storage source;
	u8 inbound;
	u8 outbound;
	u8 received[NDK_CALLEE_DATA];
	u8 received_size;
	u8 sent[NDK_CALLEE_DATA];
	u8 sent_length;
};

static inline struct ndk_connector *to_ndk_connector(NDK_CONNECTOR *connector)
{
	return container_of(connector, struct ndk_connector,
			    obj.pub.connector);
}

static inline enum ndk_connector_state
ndk_connector_state(struct ndk_connector *c)
{
	enum ndk_connector_state state;
	unsigned long flags;

	spin_lock_irqsave(&c->obj.lock, flags);
	state = c->state;
	spin_unlock_irqrestore(&c->obj.lock, flags);
	return state;
}

/* For the adapter's table */
NTSTATUS ndk_create_connector(NDK_ADAPTER *pNdkAdapter,
			      NDK_FN_CREATE_COMPLETION CreateCompletion,
			      PVOID RequestContext,
			      NDK_CONNECTOR **ppNdkConnector);

/* The connector's table */
NTSTATUS ndk_connect(NDK_CONNECTOR *pNdkConnector, NDK_QP *pNdkQp,
		     CONST PSOCKADDR pSrcAddress, ULONG SrcAddressLength,
		     CONST PSOCKADDR pDestAddress, ULONG DestAddressLength,
		     ULONG InboundReadLimit, ULONG OutboundReadLimit,
		     CONST PVOID pPrivateData, ULONG PrivateDataLength,
		     NDK_FN_REQUEST_COMPLETION RequestCompletion,
		     PVOID RequestContext);
NTSTATUS ndk_complete_connect(NDK_CONNECTOR *pNdkConnector,
			      NDK_FN_DISCONNECT_EVENT_CALLBACK DisconnectEvent,
			      PVOID DisconnectEventContext,
			      NDK_FN_REQUEST_COMPLETION RequestCompletion,
			      PVOID RequestContext);
NTSTATUS ndk_accept(NDK_CONNECTOR *pNdkConnector, NDK_QP *pNdkQp,
		    ULONG InboundReadLimit, ULONG OutboundReadLimit,
		    CONST PVOID pPrivateData, ULONG PrivateDataLength,
		    NDK_FN_DISCONNECT_EVENT_CALLBACK DisconnectEvent,
		    PVOID DisconnectEventContext,
		    NDK_FN_REQUEST_COMPLETION RequestCompletion,
		    PVOID RequestContext);
NTSTATUS ndk_reject(NDK_CONNECTOR *pNdkConnector, CONST PVOID pPrivateData,
		    ULONG PrivateDataLength);
NTSTATUS ndk_get_connection_data(NDK_CONNECTOR *pNdkConnector,
				 ULONG *pInboundReadLimit,
				 ULONG *pOutboundReadLimit, PVOID pPrivateData,
				 ULONG *pPrivateDataLength);
NTSTATUS ndk_get_local_address(NDK_CONNECTOR *pNdkConnector,
			       PSOCKADDR pAddress, ULONG *pAddressLength);
NTSTATUS ndk_get_peer_address(NDK_CONNECTOR *pNdkConnector, PSOCKADDR pAddress,
			      ULONG *pAddressLength);
NTSTATUS ndk_disconnect(NDK_CONNECTOR *pNdkConnector,
			NDK_FN_REQUEST_COMPLETION RequestCompletion,
			PVOID RequestContext);

/* For the listener */
int ndk_connector_incoming(struct ndk_object *listener, struct rdma_cm_id *id,
			   const struct rdma_cm_event *event,
			   const struct ndk_connector_origin *origin);

/* connector.c, for the work */
void ndk_connector_set_addresses(struct ndk_connector *c,
				 const struct rdma_addr *addr);

/* connector_note.c */
extern const struct ndk_refusal ndk_connector_qp_failed;
extern const struct ndk_refusal ndk_connector_denied;
void ndk_connector_note(struct ndk_connector *c, enum ndk_connector_note note,
			const struct ndk_refusal *why);
void ndk_connector_note_locked(struct ndk_connector *c,
			       enum ndk_connector_note note,
			       const struct ndk_refusal *why);
void ndk_connector_timeout(struct timer_list *timer);
void ndk_connector_qp_news(struct ndk_object *obj, enum ndk_qp_news news);
void ndk_connector_receive_data(struct ndk_connector *c,
				const struct rdma_conn_param *param,
				u8 size);
int ndk_connector_event(struct rdma_cm_id *id, struct rdma_cm_event *event);

/* connector_work.c */
void ndk_connector_work(struct ndk_work *work);
void ndk_connector_release_hw(struct ndk_object *obj);

#endif /* _NDK_CONNECTOR_H */
