// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens on a connection, in process context and in one place.
 *
 * Active side, InfiniBand and RoCE:
 *
 *     NdkConnect          resolve address, resolve route, QP to INIT, REQ ->
 *     completes                                                     <- REP
 *     NdkCompleteConnect  QP to RTR and RTS, RTU ->
 *
 * Passive side:
 *
 *     connect event                                                 <- REQ
 *     NdkAccept           QP to RTR and RTS, REP ->
 *     completes                                                     <- RTU
 *
 * On iWARP there is no third message and the driver moves the QP on: the
 * ESTABLISHED event completes NdkConnect, and NdkCompleteConnect is local.
 *
 * The id has no QP, so that nothing but this file changes the QP's state on
 * account of the connection.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>

#include "cm_address.h"
#include "connector.h"
#include "device.h"
#include "qp.h"
#include "status.h"

/* For resolving; rdma_cm has its own retries for the rest. */
#define NDK_RESOLVE_TIMEOUT_MS	5000

/* For the peer to answer a disconnect. */
#define NDK_DISCONNECT_TIMEOUT	(10 * HZ)

/*
 * For the peer to answer a request to connect, and to confirm that it is
 * connected. rdma_cm waits for 16 times 4.3 s and more, if the peer does not ask
 * it to wait for hours; a connection that is going to be made needs less.
 */
static unsigned int peer_patience = 90;
module_param(peer_patience, uint, 0644);
MODULE_PARM_DESC(peer_patience, "seconds that a peer has to answer while a connection is made, 0: as many as it likes");

/*
 * Retries are counted in three bits. After no answer, 7 is for ever on some
 * devices, and a request to a peer that has vanished should end. After "receiver
 * not ready", 7 is for ever, and is meant: a receive that comes late is no
 * failure, and the connection's end ends the wait.
 */
#define NDK_RETRY_COUNT		6
#define NDK_RNR_RETRY_COUNT	7

/*
 * How long a peer waits before it tries again when our receive is not ready.
 * rdma_cm leaves this at 0, which is code for 655 ms, the longest there is. This
 * is long against a round trip, so that waiting costs the network nothing, and
 * short against what a consumer needs to post a receive.
 */
#define NDK_RNR_TIMER		IB_RNR_TIMER_000_64

/*
 * Longest time to wait for an answer before a retry: 4.096 us * 2^20 = 4.3 s,
 * more than networks need. What rdma_cm computes has parts that the peer chooses,
 * and 0 would be for ever.
 */
#define NDK_MAX_ACK_TIMEOUT	20

static void ndk_connector_destroy_id(struct ndk_connector *c)
{
	struct rdma_cm_id *id = c->id;

	/*
	 * Waits for handlers that are running. Tells the peer whatever fits the
	 * state the connection is in: a reject or a disconnect.
	 */
	c->id = NULL;
	if (id)
		rdma_destroy_id(id);
}

/* The QP is of no more use: if it has a peer, that peer must be cut off. */
static void ndk_connector_drop_qp(struct ndk_connector *c)
{
	unsigned long flags;
	bool claimed;

	spin_lock_irqsave(&c->obj.lock, flags);
	claimed = c->qp_claimed;
	c->qp_claimed = false;
	spin_unlock_irqrestore(&c->obj.lock, flags);

	if (!claimed)
		return;
	/* In this order: between the two, another connector could claim it. */
	if (c->qp_used)
		ndk_qp_error(c->qp);
	/* The id has gone: nobody makes a connection any more. */
	ndk_qp_end_making(c->qp);
	ndk_qp_unclaim(c->qp, &c->obj);
}

static void ndk_connector_settle(struct ndk_connector *c,
				 struct ndk_connector_request *r,
				 enum ndk_connector_state state,
				 NTSTATUS outcome)
{
	unsigned long flags;

	spin_lock_irqsave(&c->obj.lock, flags);
	c->state = state;
	r->outcome = outcome;
	spin_unlock_irqrestore(&c->obj.lock, flags);
}

/*
 * The connection, or the attempt at one, has ended. What has failed once has
 * failed, whatever follows: our own disconnect is answered in an orderly way.
 * The consumer can ask for the reason from now on.
 */
static void ndk_connector_set_end(struct ndk_connector *c,
				  const struct ndk_refusal *why)
{
	unsigned long flags;
	bool first;

	spin_lock_irqsave(&c->obj.lock, flags);
	first = NT_SUCCESS(c->end.status);
	if (first)
		c->end = *why;
	spin_unlock_irqrestore(&c->obj.lock, flags);
	if (first && !NT_SUCCESS(why->status))
		ndk_refuse_for(&c->obj, why->status, why->argument, why->value,
			       why->limit);
}

static void ndk_connector_replace_end(struct ndk_connector *c,
				      const struct ndk_refusal *why)
{
	unsigned long flags;

	spin_lock_irqsave(&c->obj.lock, flags);
	c->end = *why;
	spin_unlock_irqrestore(&c->obj.lock, flags);
	ndk_refuse_for(&c->obj, why->status, why->argument, why->value,
		       why->limit);
}

/*
 * Some devices say that memory has refused the peer also when it has refused a
 * request of ours, before that request has ended or after it.
 */
static void ndk_connector_correct_end(struct ndk_connector *c)
{
	if (c->end.argument == ndk_connector_denied.argument &&
	    ndk_qp_denied_itself(c->qp))
		ndk_connector_replace_end(c, &ndk_connector_qp_failed);
}

static NTSTATUS ndk_connector_end_status(struct ndk_connector *c)
{
	unsigned long flags;
	NTSTATUS status;

	spin_lock_irqsave(&c->obj.lock, flags);
	status = c->end.status;
	spin_unlock_irqrestore(&c->obj.lock, flags);
	return status;
}

/*
 * The attempt is over; the status goes to the request that is pending. Until the
 * state says so, NdkAccept may begin and claim a QP.
 */
static void ndk_connector_give_up(struct ndk_connector *c,
				  const struct ndk_refusal *why)
{
	ndk_connector_destroy_id(c);
	ndk_connector_set_end(c, why);
	ndk_connector_settle(c, &c->establish, NDK_CONNECTOR_FAILED,
			     why->status);
	ndk_connector_drop_qp(c);
}

static void ndk_connector_fail(struct ndk_connector *c, NTSTATUS status,
			       const char *argument, u64 value)
{
	const struct ndk_refusal why = {
		.status = status,
		.argument = status == STATUS_INSUFFICIENT_RESOURCES ?
			    NDK_REASON("memory") : argument,
		.value = value,
	};

	ndk_connector_give_up(c, &why);
}

/* As far as it matters now, it is the peer that has given up. */
static void ndk_connector_abort(struct ndk_connector *c,
				const struct ndk_refusal *why)
{
	ndk_connector_fail(c, STATUS_CONNECTION_ABORTED, why->argument,
			   why->value);
}

/*
 * After the peer gave up, rdma_cm and the QP answer EINVAL to everything. With
 * ENOTCONN it was our own QP that ended: flushed, or its CQ has overflowed. With
 * EPROTO the peer has asked for what there is not.
 */
static NTSTATUS ndk_connector_step_status(int err)
{
	switch (err) {
	case -EINVAL:
	case -ENOTCONN:
	case -EPROTO:
		return STATUS_CONNECTION_ABORTED;
	default:
		return ndk_status_from_errno(err);
	}
}

/* A step towards the connection has failed with an errno. */
static void ndk_connector_fail_step(struct ndk_connector *c, int err)
{
	ndk_connector_fail(c, ndk_connector_step_status(err),
			   err == -EPROTO ?
			   NDK_REASON("peer (invalid request)") :
			   NDK_REASON("rdma_accept or ib_modify_qp"), -err);
}

/* No fault of the peer's: our QP was flushed, or its CQ has died. */
static void ndk_connector_fail_ended(struct ndk_connector *c)
{
	ndk_connector_fail(c, STATUS_CONNECTION_ABORTED,
			   NDK_REASON("pNdkQp (has ended)"), 0);
}

static bool ndk_connector_is_iwarp(const struct ndk_connector *c)
{
	return rdma_protocol_iwarp(c->id->device, c->id->port_num);
}

/* What is asked for now must be answered some time. */
static void ndk_connector_await(struct ndk_connector *c, unsigned long patience)
{
	mod_timer(&c->timer, jiffies + patience);
}

/*
 * It is the peer's turn while a connection is made. Not on iWARP: there giving up
 * would wait for the peer, too, as rdma_cm does not let go of the id.
 */
static void ndk_connector_await_peer(struct ndk_connector *c)
{
	unsigned int seconds = READ_ONCE(peer_patience);

	if (seconds && !ndk_connector_is_iwarp(c))
		ndk_connector_await(c, (unsigned long)seconds * HZ);
}

/* Whatever the peer may have asked for, a request ends some time. */
static void ndk_connector_bound_times(struct ib_qp_attr *attr, int mask)
{
	if (mask & IB_QP_MIN_RNR_TIMER)
		attr->min_rnr_timer = NDK_RNR_TIMER;
	if (mask & IB_QP_RETRY_CNT)
		attr->retry_cnt = NDK_RETRY_COUNT;
	if (mask & IB_QP_RNR_RETRY)
		attr->rnr_retry = NDK_RNR_RETRY_COUNT;
	if (mask & IB_QP_TIMEOUT &&
	    (!attr->timeout || attr->timeout > NDK_MAX_ACK_TIMEOUT))
		attr->timeout = NDK_MAX_ACK_TIMEOUT;
}

/*
 * How much a packet holds is the peer's to say on the passive side, and nobody
 * below looks at it: a driver computes with a number that does not exist.
 */
static int ndk_connector_check_mtu(const struct ndk_connector *c,
				   const struct ib_qp_attr *attr, int mask)
{
	struct ib_device *ib = c->id->device;
	u32 num = c->id->port_num;
	struct ib_port_attr port;
	int bytes, most, ret;

	if (!(mask & IB_QP_PATH_MTU))
		return 0;
	ret = ib_query_port(ib, num, &port);
	if (ret)
		return ret;
	/* Omni-Path has larger packets, with numbers of their own. */
	bytes = rdma_mtu_enum_to_int(ib, num, attr->path_mtu);
	most = rdma_core_cap_opa_port(ib, num) ? port.phys_mtu :
	       ib_mtu_enum_to_int(port.active_mtu);
	return bytes > 0 && bytes <= most ? 0 : -EPROTO;
}

static int ndk_connector_modify_qp(struct ndk_connector *c,
				   enum ib_qp_state state)
{
	struct ib_qp_attr attr = { .qp_state = state };
	int mask = 0;
	int ret;

	ret = rdma_init_qp_attr(c->id, &attr, &mask);
	if (ret)
		return ret;
	ret = ndk_connector_check_mtu(c, &attr, mask);
	if (ret)
		return ret;

	/*
	 * The interface has no second path. An InfiniBand peer may bring one
	 * along, with a port, a partition and a time-out of its choice.
	 */
	mask &= ~(IB_QP_ALT_PATH | IB_QP_PATH_MIG_STATE);
	/* Nor has it atomics or flushes. */
	if (mask & IB_QP_ACCESS_FLAGS) {
		attr.qp_access_flags = IB_ACCESS_REMOTE_WRITE;
		if (c->inbound)
			attr.qp_access_flags |= IB_ACCESS_REMOTE_READ;
	}
	if (mask & IB_QP_MAX_DEST_RD_ATOMIC)
		attr.max_dest_rd_atomic = c->inbound;
	if (mask & IB_QP_MAX_QP_RD_ATOMIC)
		attr.max_rd_atomic = c->outbound;
	ndk_connector_bound_times(&attr, mask);
	return ndk_qp_modify(c->qp, &attr, mask);
}

static int ndk_connector_ready_qp(struct ndk_connector *c)
{
	int ret;

	/* Once more: only now does rdma_cm know which access to allow. */
	ret = ndk_connector_modify_qp(c, IB_QPS_INIT);
	if (ret)
		return ret;
	c->qp_used = true;
	ret = ndk_connector_modify_qp(c, IB_QPS_RTR);
	if (ret || ndk_connector_is_iwarp(c))
		return ret;
	return ndk_connector_modify_qp(c, IB_QPS_RTS);
}

/* A stream that the peer ends before it answers is its way to refuse it. */
static NTSTATUS ndk_connector_connect_status(const struct ndk_connector *c,
					     int err)
{
	return ndk_connector_is_iwarp(c) ? ndk_cm_stream_status(err) :
					   ndk_connector_step_status(err);
}

/**
 * ndk_connector_set_addresses() - keep the addresses of both ends
 * @c: the connector; its lock is held, or nobody else knows it yet
 * @addr: as rdma_cm has them: what comes with a request has no zone
 *
 * Context: any.
 */
void ndk_connector_set_addresses(struct ndk_connector *c,
				 const struct rdma_addr *addr)
{
	c->local = addr->src_addr;
	c->peer = addr->dst_addr;
	ndk_addr_add_zone(&c->local, addr->dev_addr.bound_dev_if);
	ndk_addr_add_zone(&c->peer, addr->dev_addr.bound_dev_if);
}

static void ndk_connector_save_addresses(struct ndk_connector *c)
{
	unsigned long flags;

	spin_lock_irqsave(&c->obj.lock, flags);
	ndk_connector_set_addresses(c, &c->id->route.addr);
	spin_unlock_irqrestore(&c->obj.lock, flags);
}

/* The addresses do not do: which of the two is it? */
static void ndk_connector_fail_address(struct ndk_connector *c, int err)
{
	NTSTATUS status = ndk_cm_bind_status(&c->source, err);
	bool far = status == STATUS_NETWORK_UNREACHABLE ||
		   status == STATUS_HOST_UNREACHABLE ||
		   !c->source.ss_family;

	ndk_connector_fail(c, status, far ? NDK_REASON("pDestAddress") :
					    NDK_REASON("pSrcAddress"), -err);
}

static void ndk_connector_start(struct ndk_connector *c)
{
	struct sockaddr *source = NULL;
	struct rdma_cm_id *id;
	int ret;

	id = rdma_create_id(&init_net, ndk_connector_event, c, RDMA_PS_TCP,
			    IB_QPT_RC);
	if (IS_ERR(id)) {
		ndk_connector_fail(c, ndk_status_from_errno(PTR_ERR(id)),
				   NDK_REASON("memory"), 0);
		return;
	}
	c->id = id;

	if (c->source.ss_family)
		source = (struct sockaddr *)&c->source;
	ret = rdma_resolve_addr(id, source, (struct sockaddr *)&c->peer,
				NDK_RESOLVE_TIMEOUT_MS);
	if (ret)
		ndk_connector_fail_address(c, ret);
}

static void ndk_connector_on_address(struct ndk_connector *c)
{
	int ret;

	if (ndk_connector_state(c) != NDK_CONNECTOR_CONNECTING)
		return;

	/* Routing may prefer another device than the adapter's. */
	if (c->id->device != c->obj.dev->ib) {
		ndk_connector_fail(c, STATUS_INVALID_ADDRESS,
				   c->source.ss_family ?
				   NDK_REASON("pSrcAddress") :
				   NDK_REASON("pDestAddress (other device)"),
				   0);
		return;
	}
	ndk_connector_save_addresses(c);
	ret = rdma_resolve_route(c->id, NDK_RESOLVE_TIMEOUT_MS);
	if (ret)
		ndk_connector_fail(c, ndk_status_from_errno(ret),
				   NDK_REASON("pDestAddress"), -ret);
}

static void ndk_connector_fill_param(struct ndk_connector *c,
				     struct rdma_conn_param *param)
{
	param->private_data = c->sent_length ? c->sent : NULL;
	param->private_data_len = c->sent_length;
	param->responder_resources = c->inbound;
	param->initiator_depth = c->outbound;
	param->flow_control = 1;
	param->retry_count = NDK_RETRY_COUNT;
	param->rnr_retry_count = NDK_RNR_RETRY_COUNT;
	param->qp_num = c->qp->num;
}

/* From here on an iWARP driver moves the QP itself. */
static int ndk_connector_ask_peer(struct ndk_connector *c,
				  struct rdma_conn_param *param)
{
	int ret;

	if (!ndk_connector_is_iwarp(c))
		return rdma_connect(c->id, param);
	c->qp_used = true;
	if (!ndk_qp_begin_making(c->qp))
		return -ENOTCONN;
	ret = rdma_connect(c->id, param);
	/* It can take the QP's end while it waits for the peer's answer. */
	return ndk_qp_end_making(c->qp) ? ret : -ENOTCONN;
}

static void ndk_connector_on_route(struct ndk_connector *c)
{
	struct rdma_conn_param param = {};
	NTSTATUS status;
	int ret;

	if (ndk_connector_state(c) != NDK_CONNECTOR_CONNECTING)
		return;

	ret = ndk_connector_modify_qp(c, IB_QPS_INIT);
	if (!ret) {
		ndk_connector_fill_param(c, &param);
		ret = ndk_connector_ask_peer(c, &param);
	}
	if (!ret) {
		ndk_connector_await_peer(c);
		return;
	}
	if (ret == -ENOTCONN) {
		ndk_connector_fail_ended(c);
		return;
	}
	status = ndk_connector_connect_status(c, ret);
	/* On iWARP the peer's stream may be refused inside the call. */
	ndk_connector_fail(c, status, status == STATUS_CONNECTION_REFUSED ?
			   NDK_REASON("peer (rejected)") :
			   NDK_REASON("rdma_connect or ib_modify_qp"), -ret);
}

static void ndk_connector_on_response(struct ndk_connector *c)
{
	if (ndk_connector_state(c) != NDK_CONNECTOR_CONNECTING)
		return;
	timer_delete(&c->timer);
	ndk_connector_settle(c, &c->establish, NDK_CONNECTOR_RESPONDED,
			     STATUS_SUCCESS);
}

/* On iWARP there is no third message, and the driver has moved the QP on. */
static int ndk_connector_confirm(struct ndk_connector *c)
{
	bool iwarp = ndk_connector_is_iwarp(c);
	int ret;

	if (!iwarp) {
		ret = ndk_connector_ready_qp(c);
		if (ret)
			return ret;
	}
	if (!ndk_qp_set_connected(c->qp, c->outbound))
		return -ENOTCONN;
	if (iwarp)
		return 0;
	rdma_lock_handler(c->id);
	ret = rdma_accept(c->id, NULL);
	rdma_unlock_handler(c->id);
	return ret;
}

static void ndk_connector_complete(struct ndk_connector *c)
{
	int ret;

	if (ndk_connector_state(c) != NDK_CONNECTOR_COMPLETING)
		return;
	ret = ndk_connector_confirm(c);
	if (ret)
		ndk_connector_fail_step(c, ret);
	else
		ndk_connector_settle(c, &c->establish, NDK_CONNECTOR_CONNECTED,
				     STATUS_SUCCESS);
}

/*
 * Connected before the peer hears of it: its first message may overtake its
 * confirmation, and whoever receives that message may want to answer at once. On
 * iWARP the answer waits until the driver has told that the QP is established.
 */
static int ndk_connector_open_qp(struct ndk_connector *c)
{
	int ret;

	ret = ndk_connector_ready_qp(c);
	if (ret)
		return ret;
	if (ndk_connector_is_iwarp(c) && !ndk_qp_begin_making(c->qp))
		return -ENOTCONN;
	return ndk_qp_set_connected(c->qp, c->outbound) ? 0 : -ENOTCONN;
}

static void ndk_connector_accept(struct ndk_connector *c)
{
	struct rdma_conn_param param = {};
	int ret;

	if (ndk_connector_state(c) != NDK_CONNECTOR_ACCEPTING)
		return;

	ret = ndk_connector_open_qp(c);
	if (!ret) {
		ndk_connector_fill_param(c, &param);
		rdma_lock_handler(c->id);
		ret = rdma_accept(c->id, &param);
		rdma_unlock_handler(c->id);
	}
	if (ret)
		ndk_connector_fail_step(c, ret);
	else
		ndk_connector_await_peer(c);
}

static void ndk_connector_on_established(struct ndk_connector *c)
{
	if (ndk_connector_state(c) != NDK_CONNECTOR_ACCEPTING)
		return;
	timer_delete(&c->timer);
	/* It was connected if it was the peer that ended it: that note follows. */
	if (ndk_qp_end_making(c->qp))
		ndk_connector_settle(c, &c->establish, NDK_CONNECTOR_CONNECTED,
				     STATUS_SUCCESS);
	else
		ndk_connector_fail_ended(c);
}

/*
 * The peer sends, so it has our answer, even if its confirmation is late or
 * lost. rdma_cm takes this for the confirmation, and ESTABLISHED follows.
 */
static void ndk_connector_on_received(struct ndk_connector *c)
{
	if (ndk_connector_state(c) == NDK_CONNECTOR_ACCEPTING && c->id)
		rdma_notify(c->id, IB_EVENT_COMM_EST);
}

static void ndk_connector_reject(struct ndk_connector *c)
{
	if (c->id)
		rdma_reject(c->id, c->sent_length ? c->sent : NULL,
			    c->sent_length, IB_CM_REJ_CONSUMER_DEFINED);
	ndk_connector_drop_qp(c);
}

/* Connected, and then no more: the event is owed unless we asked for it. */
static void ndk_connector_end(struct ndk_connector *c,
			      const struct ndk_refusal *why)
{
	unsigned long flags;

	ndk_connector_set_end(c, why);
	spin_lock_irqsave(&c->obj.lock, flags);
	if (c->state == NDK_CONNECTOR_CONNECTED) {
		/* Before anybody hears of it: what is posted would be lost. */
		ndk_qp_peer_left(c->qp);
		c->state = NDK_CONNECTOR_ENDED;
		c->hang_up = true;
	}
	spin_unlock_irqrestore(&c->obj.lock, flags);
	c->peer_gone = true;
}

/* Afterwards nothing is in progress on the QP, silent ones included. */
static void ndk_connector_quiet(struct ndk_connector *c, NTSTATUS outcome)
{
	ndk_qp_quiesce(c->qp);
	ndk_connector_correct_end(c);
	ndk_connector_settle(c, &c->disconnect, NDK_CONNECTOR_DISCONNECTED,
			     outcome);
}

static void ndk_connector_disconnect(struct ndk_connector *c)
{
	if (ndk_connector_state(c) != NDK_CONNECTOR_DISCONNECTING)
		return;
	/* The consumer may have seen it before the note could be left. */
	if (ndk_qp_has_failed(c->qp))
		ndk_connector_set_end(c, &ndk_connector_qp_failed);
	if (!c->peer_gone && c->id && !rdma_disconnect(c->id)) {
		ndk_connector_await(c, NDK_DISCONNECT_TIMEOUT);
		return;
	}
	ndk_connector_quiet(c, ndk_connector_end_status(c));
}

static void ndk_connector_on_peer_gone(struct ndk_connector *c,
				       const struct ndk_refusal *why)
{
	/*
	 * If it was the peer that asked, this is the answer that it waits for;
	 * if it is the answer to us, it does no harm.
	 */
	if (c->id)
		rdma_disconnect(c->id);

	switch (ndk_connector_state(c)) {
	case NDK_CONNECTOR_CONNECTED:
		/* The peer may have left because of it. */
		if (ndk_qp_has_failed(c->qp))
			why = &ndk_connector_qp_failed;
		/* What is outstanding on the QP stays: only we may flush it. */
		ndk_connector_end(c, why);
		break;
	case NDK_CONNECTOR_ENDED:
		ndk_connector_set_end(c, why);
		break;
	case NDK_CONNECTOR_DISCONNECTING:
		ndk_connector_end(c, why);
		ndk_connector_quiet(c, ndk_connector_end_status(c));
		break;
	case NDK_CONNECTOR_CONNECTING:
	case NDK_CONNECTOR_RESPONDED:
	case NDK_CONNECTOR_COMPLETING:
	case NDK_CONNECTOR_REQUESTED:
	case NDK_CONNECTOR_ACCEPTING:
		ndk_connector_abort(c, why);
		break;
	default:
		break;
	}
}

static void ndk_connector_on_failed(struct ndk_connector *c,
				    const struct ndk_refusal *why)
{
	struct ndk_refusal aborted = *why;

	switch (ndk_connector_state(c)) {
	case NDK_CONNECTOR_CONNECTING:
	case NDK_CONNECTOR_ACCEPTING:
		ndk_connector_give_up(c, why);
		break;
	case NDK_CONNECTOR_RESPONDED:
	case NDK_CONNECTOR_COMPLETING:
	case NDK_CONNECTOR_REQUESTED:
		ndk_connector_abort(c, why);
		break;
	case NDK_CONNECTOR_CONNECTED:
	case NDK_CONNECTOR_ENDED:
	case NDK_CONNECTOR_DISCONNECTING:
		aborted.status = STATUS_CONNECTION_ABORTED;
		ndk_connector_on_peer_gone(c, &aborted);
		break;
	default:
		break;
	}
}

static void ndk_connector_on_qp_error(struct ndk_connector *c,
				      const struct ndk_refusal *why)
{
	ndk_connector_correct_end(c);
	switch (ndk_connector_state(c)) {
	case NDK_CONNECTOR_CONNECTED:
		/* So that the peer learns of it too. */
		if (c->id)
			rdma_disconnect(c->id);
		ndk_connector_end(c, why);
		break;
	case NDK_CONNECTOR_ENDED:
		ndk_connector_set_end(c, why);
		break;
	case NDK_CONNECTOR_ACCEPTING:
		ndk_connector_abort(c, why);
		break;
	default:
		break;
	}
}

/*
 * The device tells the reason when it likes, also after the receives that it has
 * flushed on that account: it says more than what is known by then.
 */
static void ndk_connector_on_reason(struct ndk_connector *c,
				    const struct ndk_refusal *why)
{
	switch (ndk_connector_state(c)) {
	case NDK_CONNECTOR_ACCEPTING:
	case NDK_CONNECTOR_CONNECTED:
	case NDK_CONNECTOR_ENDED:
	case NDK_CONNECTOR_DISCONNECTING:
	case NDK_CONNECTOR_DISCONNECTED:
		ndk_connector_replace_end(c, why);
		ndk_connector_correct_end(c);
		break;
	default:
		break;
	}
}

static void ndk_connector_on_timeout(struct ndk_connector *c)
{
	static const struct ndk_refusal why = {
		.status = STATUS_IO_TIMEOUT,
		.argument = NDK_REASON("peer (no answer)"),
	};

	/* Of a wait that is over, and another has begun. */
	if (timer_pending(&c->timer))
		return;
	switch (ndk_connector_state(c)) {
	case NDK_CONNECTOR_CONNECTING:
	case NDK_CONNECTOR_ACCEPTING:
		ndk_connector_give_up(c, &why);
		break;
	case NDK_CONNECTOR_DISCONNECTING:
		ndk_connector_end(c, &why);
		ndk_connector_quiet(c, ndk_connector_end_status(c));
		break;
	default:
		break;
	}
}

static bool ndk_connector_pending(struct ndk_connector *c,
				  struct ndk_connector_request *r)
{
	unsigned long flags;
	bool pending;

	spin_lock_irqsave(&c->obj.lock, flags);
	pending = r->busy && r->outcome == STATUS_PENDING;
	spin_unlock_irqrestore(&c->obj.lock, flags);
	return pending;
}

/* Closed with a request pending: what the request waits for will not come. */
static void ndk_connector_cancel(struct ndk_connector *c)
{
	if (ndk_connector_pending(c, &c->disconnect)) {
		ndk_connector_destroy_id(c);
		ndk_connector_quiet(c, STATUS_CANCELLED);
	} else if (ndk_connector_pending(c, &c->establish)) {
		ndk_connector_fail(c, STATUS_CANCELLED, NULL, 0);
	}
}

static void ndk_connector_attend(struct ndk_connector *c,
				 enum ndk_connector_note note,
				 const struct ndk_refusal *why)
{
	switch (note) {
	case NDK_NOTE_REJECT:
		ndk_connector_reject(c);
		break;
	case NDK_NOTE_CONNECT:
		ndk_connector_start(c);
		break;
	case NDK_NOTE_ADDRESS:
		ndk_connector_on_address(c);
		break;
	case NDK_NOTE_ROUTE:
		ndk_connector_on_route(c);
		break;
	case NDK_NOTE_RESPONSE:
		ndk_connector_on_response(c);
		break;
	case NDK_NOTE_COMPLETE:
		ndk_connector_complete(c);
		break;
	case NDK_NOTE_ACCEPT:
		ndk_connector_accept(c);
		break;
	case NDK_NOTE_RECEIVED:
		ndk_connector_on_received(c);
		break;
	case NDK_NOTE_ESTABLISHED:
		ndk_connector_on_established(c);
		break;
	case NDK_NOTE_FAILED:
		ndk_connector_on_failed(c, why);
		break;
	case NDK_NOTE_DISCONNECT:
		ndk_connector_disconnect(c);
		break;
	case NDK_NOTE_PEER_GONE:
		ndk_connector_on_peer_gone(c, why);
		break;
	case NDK_NOTE_REASON:
		ndk_connector_on_reason(c, why);
		break;
	case NDK_NOTE_QP_ERROR:
		ndk_connector_on_qp_error(c, why);
		break;
	case NDK_NOTE_TIMEOUT:
		ndk_connector_on_timeout(c);
		break;
	default:
		break;
	}
}

static void ndk_connector_advance(struct ndk_connector *c,
				  const struct ndk_connector_notes *notes)
{
	enum ndk_connector_note note;

	for (note = 0; note < NDK_NOTES; note++) {
		if (!(notes->set & BIT(note)))
			continue;
		/* Closed: what else there is does not matter any more. */
		if (note == NDK_NOTE_CLOSE) {
			ndk_connector_cancel(c);
			return;
		}
		ndk_connector_attend(c, note, &notes->why[note]);
	}
}

/* Removal has taken everything away; what is left is to tell the consumer. */
static void ndk_connector_device_gone(struct ndk_connector *c)
{
	static const struct ndk_refusal why = {
		.status = STATUS_DEVICE_REMOVED,
	};

	wait_for_completion(&c->obj.dev->released);
	/* Claimed when removal had been here already. */
	ndk_connector_drop_qp(c);

	ndk_connector_end(c, &why);
	if (ndk_connector_pending(c, &c->establish))
		ndk_connector_settle(c, &c->establish, NDK_CONNECTOR_FAILED,
				     STATUS_DEVICE_REMOVED);
	if (ndk_connector_pending(c, &c->disconnect))
		ndk_connector_settle(c, &c->disconnect,
				     NDK_CONNECTOR_DISCONNECTED,
				     STATUS_DEVICE_REMOVED);
}

static void ndk_connector_finish(struct ndk_connector *c,
				 struct ndk_connector_request *r)
{
	unsigned long flags;
	NTSTATUS outcome;

	spin_lock_irqsave(&c->obj.lock, flags);
	outcome = r->busy ? r->outcome : STATUS_PENDING;
	spin_unlock_irqrestore(&c->obj.lock, flags);

	if (outcome != STATUS_PENDING)
		ndk_request_complete(&r->rq, outcome);
}

/* No lock is held and no section open: the consumer may do as it likes. */
static void ndk_connector_report(struct ndk_connector *c,
				 const struct ndk_connector_notes *notes)
{
	bool closing;

	if (notes->set & BIT(NDK_NOTE_ANNOUNCE) &&
	    !c->origin->announce(c->listener, &c->obj.pub.connector)) {
		ndk_object_discard(&c->obj);
		return;
	}

	ndk_connector_finish(c, &c->establish);

	closing = READ_ONCE(c->obj.closing);
	if (c->hang_up) {
		c->hang_up = false;
		if (c->disconnect_event && !closing)
			c->disconnect_event(c->disconnect_ctx);
	}

	ndk_connector_finish(c, &c->disconnect);
}

static bool ndk_connector_next(struct ndk_connector *c,
			       struct ndk_connector_notes *notes)
{
	unsigned long flags;

	spin_lock_irqsave(&c->obj.lock, flags);
	*notes = c->notes;
	c->notes.set = 0;
	if (!notes->set)
		c->working = false;
	spin_unlock_irqrestore(&c->obj.lock, flags);
	return notes->set;
}

/**
 * ndk_connector_work() - attend to the notes until there are none
 * @work: the connector's, which holds a reference
 *
 * Context: process.
 */
void ndk_connector_work(struct ndk_work *work)
{
	struct ndk_connector *c = container_of(work, struct ndk_connector,
					       work);
	struct ndk_connector_notes notes;
	int idx;

	while (ndk_connector_next(c, &notes)) {
		if (ndk_device_enter(c->obj.dev, &idx)) {
			ndk_connector_advance(c, &notes);
			ndk_device_leave(c->obj.dev, idx);
		} else {
			ndk_connector_device_gone(c);
		}
		ndk_connector_report(c, &notes);
	}
	ndk_object_put(&c->obj);
}

/**
 * ndk_connector_release_hw() - give up rdma_cm's side of a connection
 * @obj: the connector, without references or with its device going away
 *
 * No work is inside a section: it holds a reference while it runs, and removal
 * waited for all sections to end. What is owed to the consumer is left to the
 * work, so that removal does not wait for consumers.
 *
 * Context: process.
 */
void ndk_connector_release_hw(struct ndk_object *obj)
{
	struct ndk_connector *c = container_of(obj, struct ndk_connector, obj);

	ndk_connector_destroy_id(c);
	ndk_connector_drop_qp(c);
	if (c->listener)
		c->origin->leave(c->listener);
	ndk_connector_note(c, NDK_NOTE_DEVICE_GONE, NULL);
}
