// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others have to say to a connector: notes for its work.
 *
 * Nothing here changes what the connector's state is or what the connection has
 * ended with: a note that tells of an end carries the reason, and the work does
 * the rest.
 */
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>

#include "cm_address.h"
#include "connector.h"

/**
 * ndk_connector_note_locked() - tell the work that there is something to do
 * @c: the connector; its lock is held
 * @note: what
 * @why: the reason, with a note that tells of an end, else NULL
 *
 * Of two notes of a kind that the work finds together the first one's reason
 * counts.
 *
 * The connector may be on its way out, with its last reference gone: then
 * nobody is left for whom the work could do anything.
 *
 * Context: any.
 */
void ndk_connector_note_locked(struct ndk_connector *c,
			       enum ndk_connector_note note,
			       const struct ndk_refusal *why)
	__must_hold(&c->obj.lock)
{
	lockdep_assert_held(&c->obj.lock);

	if (why && !(c->notes.set & BIT(note)))
		c->notes.why[note] = *why;
	c->notes.set |= BIT(note);
	if (c->working || !ndk_object_tryget(&c->obj))
		return;
	c->working = true;
	ndk_work_queue(&c->work);
}

/**
 * ndk_connector_note() - tell the work that there is something to do
 * @c: the connector
 * @note: what
 * @why: the reason, with a note that tells of an end, else NULL
 *
 * Context: any.
 */
void ndk_connector_note(struct ndk_connector *c, enum ndk_connector_note note,
			const struct ndk_refusal *why)
{
	unsigned long flags;

	spin_lock_irqsave(&c->obj.lock, flags);
	ndk_connector_note_locked(c, note, why);
	spin_unlock_irqrestore(&c->obj.lock, flags);
}

/**
 * ndk_connector_timeout() - the peer has not answered in time
 * @timer: the connector's
 *
 * Context: softirq.
 */
void ndk_connector_timeout(struct timer_list *timer)
{
	struct ndk_connector *c = container_of(timer, struct ndk_connector,
					       timer);

	ndk_connector_note(c, NDK_NOTE_TIMEOUT, NULL);
}

/* What a connection has ended with whose QP has failed. */
const struct ndk_refusal ndk_connector_qp_failed = {
	.status = STATUS_CONNECTION_ABORTED,
	.argument = NDK_REASON("pNdkQp (failed)"),
};

/* What one has ended with in which memory of ours has refused the peer. */
const struct ndk_refusal ndk_connector_denied = {
	.status = STATUS_CONNECTION_ABORTED,
	.argument = NDK_REASON("peer (access refused to it)"),
};

/**
 * ndk_connector_qp_news() - something has happened on a connection's QP
 * @obj: the connector
 * @news: what
 *
 * Context: any.
 */
void ndk_connector_qp_news(struct ndk_object *obj, enum ndk_qp_news news)
{
	struct ndk_connector *c = container_of(obj, struct ndk_connector, obj);
	static const struct ndk_refusal malformed = {
		.status = STATUS_CONNECTION_ABORTED,
		.argument = NDK_REASON("peer (invalid request)"),
	};
	static const struct ndk_refusal cut_off = {
		.argument = NDK_REASON("peer (disconnected)"),
	};

	switch (news) {
	case NDK_QP_FAILED:
		ndk_connector_note(c, NDK_NOTE_QP_ERROR,
				   &ndk_connector_qp_failed);
		break;
	case NDK_QP_CUT_OFF:
		ndk_connector_note(c, NDK_NOTE_QP_ERROR, &cut_off);
		break;
	case NDK_QP_DENIED:
		ndk_connector_note(c, NDK_NOTE_REASON, &ndk_connector_denied);
		break;
	case NDK_QP_MALFORMED:
		ndk_connector_note(c, NDK_NOTE_REASON, &malformed);
		break;
	case NDK_QP_RECEIVED:
		ndk_connector_note(c, NDK_NOTE_RECEIVED, NULL);
		break;
	}
}

/**
 * ndk_connector_receive_data() - keep what came with a message of the peer
 * @c: the connector; its lock is held
 * @param: limits and private data from the event
 * @size: room for private data that such a message has on every transport
 *
 * InfiniBand does not transmit the length of private data, so what is kept is
 * @size bytes with zeros at the end.
 *
 * Context: any.
 */
void ndk_connector_receive_data(struct ndk_connector *c,
				const struct rdma_conn_param *param, u8 size)
	__must_hold(&c->obj.lock)
{
	u8 length = min(param->private_data_len, size);

	lockdep_assert_held(&c->obj.lock);
	memset(c->received, 0, sizeof(c->received));
	if (param->private_data)
		memcpy(c->received, param->private_data, length);
	c->received_size = size;
}

/*
 * The peer's side is already turned round: what it calls inbound is our
 * outbound, and the event says so. The drivers of iWARP answer in our terms, and
 * rdma_cm turns that round.
 */
static void ndk_connector_cross_limits(struct ndk_connector *c,
				       const struct rdma_cm_id *id,
				       const struct rdma_conn_param *param)
	__must_hold(&c->obj.lock)
{
	bool turned = rdma_protocol_iwarp(id->device, id->port_num);

	lockdep_assert_held(&c->obj.lock);
	c->inbound = min(c->inbound, turned ? param->initiator_depth :
					      param->responder_resources);
	c->outbound = min(c->outbound, turned ? param->responder_resources :
						param->initiator_depth);
}

static void ndk_connector_on_rejected(struct ndk_connector *c,
				      struct rdma_cm_id *id,
				      struct rdma_cm_event *event)
	__must_hold(&c->obj.lock)
{
	struct rdma_conn_param param = {};

	lockdep_assert_held(&c->obj.lock);
	/* On iWARP only a consumer's message has data, whatever the status. */
	if (rdma_protocol_iwarp(id->device, id->port_num))
		param = event->param.conn;
	else
		param.private_data =
			rdma_consumer_reject_data(id, event,
						  &param.private_data_len);
	if (param.private_data)
		ndk_connector_receive_data(c, &param, NDK_CALLEE_DATA);
}

/* The failures among the events; @asked: somebody waits for the peer's answer. */
static void ndk_connector_event_why(struct rdma_cm_id *id,
				    const struct rdma_cm_event *event,
				    bool asked, struct ndk_refusal *why)
{
	why->status = ndk_cm_event_status(id, event);
	why->value = abs(event->status);
	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_ERROR:
		why->argument = why->status == STATUS_INVALID_ADDRESS ?
				NDK_REASON("pSrcAddress") :
				NDK_REASON("pDestAddress");
		break;
	case RDMA_CM_EVENT_ROUTE_ERROR:
		why->argument = NDK_REASON("pDestAddress");
		break;
	case RDMA_CM_EVENT_REJECTED:
		why->argument = why->status == STATUS_IO_TIMEOUT ?
				NDK_REASON("peer (no answer)") :
				NDK_REASON("peer (rejected)");
		/* Only who asked can be refused; others are left alone. */
		if (!asked)
			why->status = STATUS_CONNECTION_ABORTED;
		break;
	case RDMA_CM_EVENT_UNREACHABLE:
		why->argument = NDK_REASON("peer (no answer)");
		break;
	case RDMA_CM_EVENT_CONNECT_ERROR:
		why->argument = NDK_REASON("peer (gave up)");
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
		why->argument = NDK_REASON("peer (disconnected)");
		break;
	default:
		break;
	}
}

/**
 * ndk_connector_event() - what rdma_cm has to say about a connection
 * @id: the id
 * @event: the event
 *
 * Context: process, under the id's handler mutex: must not destroy the id nor
 * call a consumer, who might.
 * Return: 0, that is, the id stays.
 */
int ndk_connector_event(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct ndk_connector *c = id->context;
	struct ndk_refusal why = {};
	unsigned long flags;
	bool asked;

	spin_lock_irqsave(&c->obj.lock, flags);
	asked = c->state == NDK_CONNECTOR_CONNECTING;
	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_RESOLVED:
		ndk_connector_note_locked(c, NDK_NOTE_ADDRESS, NULL);
		break;
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		ndk_connector_note_locked(c, NDK_NOTE_ROUTE, NULL);
		break;
	case RDMA_CM_EVENT_ESTABLISHED:
		ndk_connector_note_locked(c, NDK_NOTE_ESTABLISHED, NULL);
		if (!asked)
			break;
		fallthrough;
	case RDMA_CM_EVENT_CONNECT_RESPONSE:
		ndk_connector_receive_data(c, &event->param.conn,
					   NDK_CALLEE_DATA);
		ndk_connector_cross_limits(c, id, &event->param.conn);
		ndk_connector_note_locked(c, NDK_NOTE_RESPONSE, NULL);
		break;
	case RDMA_CM_EVENT_REJECTED:
		if (asked)
			ndk_connector_on_rejected(c, id, event);
		fallthrough;
	case RDMA_CM_EVENT_ADDR_ERROR:
	case RDMA_CM_EVENT_ROUTE_ERROR:
	case RDMA_CM_EVENT_CONNECT_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		ndk_connector_event_why(id, event, asked, &why);
		ndk_connector_note_locked(c, NDK_NOTE_FAILED, &why);
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
		ndk_connector_event_why(id, event, asked, &why);
		ndk_connector_note_locked(c, NDK_NOTE_PEER_GONE, &why);
		break;
	default:
		break;
	}
	spin_unlock_irqrestore(&c->obj.lock, flags);
	return 0;
}
