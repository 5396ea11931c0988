// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue pairs: creation, error, teardown.
 */
#include <linux/slab.h>

#include "adapter.h"
#include "cq.h"
#include "device.h"
#include "dispatch.h"
#include "pd.h"
#include "qp.h"
#include "sq_request.h"
#include "status.h"

/**
 * ndk_qp_modify() - change the state of the ib_qp
 * @qp: the QP
 * @attr: as for ib_modify_qp()
 * @mask: as for ib_modify_qp()
 *
 * Context: process, inside a device section; may sleep.
 * Return: 0 or a negative errno; -ENOTCONN when the QP is in error already.
 */
int ndk_qp_modify(struct ndk_qp *qp, struct ib_qp_attr *attr, int mask)
{
	int ret = -ENOTCONN;

	might_sleep();
	mutex_lock(&qp->modify_lock);
	if (mask & IB_QP_AV) {
		/* before it can send, so that a completion finds it */
		if (rdma_ah_get_ah_flags(&attr->ah_attr) & IB_AH_GRH)
			qp->sgid_index =
				rdma_ah_read_grh(&attr->ah_attr)->sgid_index;
		WRITE_ONCE(qp->port, rdma_ah_get_port_num(&attr->ah_attr));
	}
	if (READ_ONCE(qp->state) != NDK_QP_ERROR)
		ret = ib_modify_qp(qp->qp, attr, mask);
	mutex_unlock(&qp->modify_lock);
	return ret;
}

/**
 * ndk_qp_set_connected() - let requests be posted
 * @qp: in RTS
 * @read_limit: reads that may be in progress on it, as agreed with the peer
 *
 * Context: any.
 * Return: false if it has failed meanwhile; then it stays in error.
 */
bool ndk_qp_set_connected(struct ndk_qp *qp, u32 read_limit)
{
	enum ndk_qp_state was;

	/*
	 * The cmpxchg() orders this before the state: who sees that it is
	 * connected, by the acquire in ndk_sq_admit(), sees this.
	 */
	qp->read_limit = read_limit;
	was = cmpxchg(&qp->state, NDK_QP_IDLE, NDK_QP_CONNECTED);
	return was == NDK_QP_IDLE;
}

/**
 * ndk_qp_peer_left() - the peer has ended the connection: take nothing new
 * @qp: the QP
 *
 * Initiator requests are refused from now on. What was accepted before stays
 * with the device, or goes there as before, until the consumer ends it.
 *
 * Context: any.
 */
void ndk_qp_peer_left(struct ndk_qp *qp)
{
	cmpxchg(&qp->state, NDK_QP_CONNECTED, NDK_QP_LEFT);
}

/**
 * ndk_qp_has_failed() - whether it was a failure that ended a QP's connection
 * @qp: a QP that has been connected
 *
 * Devices need not tell of a failure that no request of ours has had a part in,
 * such as a region that refused the peer: they are asked for the state.
 *
 * Context: process, inside a device section; may sleep.
 * Return: true if the QP has failed, not if its consumer has stopped it.
 */
bool ndk_qp_has_failed(struct ndk_qp *qp)
{
	enum ndk_qp_end end = READ_ONCE(qp->end);
	struct ib_qp_init_attr init;
	struct ib_qp_attr attr;
	bool failed = false;

	might_sleep();
	if (end != NDK_QP_NOT_ENDED)
		return end == NDK_QP_BROKEN;
	/* On iWARP this is also what an orderly end looks like. */
	if (qp->obj.dev->info.RdmaTechnology == NdkiWarp)
		return false;
	mutex_lock(&qp->modify_lock);
	if (READ_ONCE(qp->state) != NDK_QP_ERROR &&
	    !ib_query_qp(qp->qp, &attr, IB_QP_STATE, &init))
		failed = attr.qp_state == IB_QPS_ERR ||
			 attr.qp_state == IB_QPS_SQE;
	mutex_unlock(&qp->modify_lock);
	return failed;
}

/* Any context. */
static void ndk_qp_tell_owner(struct ndk_qp *qp, enum ndk_qp_news news)
{
	void (*on_news)(struct ndk_object *owner, enum ndk_qp_news news) = NULL;
	struct ndk_object *owner = NULL;
	unsigned long flags;

	spin_lock_irqsave(&qp->obj.lock, flags);
	if (qp->owner && ndk_object_tryget(qp->owner)) {
		owner = qp->owner;
		on_news = qp->on_news;
	}
	spin_unlock_irqrestore(&qp->obj.lock, flags);
	if (owner) {
		on_news(owner, news);
		ndk_object_put(owner);
	}
}

static void ndk_qp_error_work(struct ndk_work *work)
{
	struct ndk_qp *qp = container_of(work, struct ndk_qp, error_work);
	int idx;

	if (ndk_device_enter(qp->obj.dev, &idx)) {
		ndk_qp_quiesce(qp);
		ndk_device_leave(qp->obj.dev, idx);
	}
	if (qp->end == NDK_QP_BROKEN)
		ndk_qp_tell_owner(qp, NDK_QP_FAILED);
	else if (qp->end == NDK_QP_STREAM_ENDED)
		ndk_qp_tell_owner(qp, NDK_QP_CUT_OFF);
	ndk_object_put(&qp->obj);
}

/**
 * ndk_flush() - NDK_FN_FLUSH
 * @pNdkQp: the QP
 *
 * Starts the cancellation of all that is outstanding on both queues; it
 * completes with STATUS_CANCELLED. The QP cannot be used afterwards. On iWARP it
 * starts once the connection that is being made is there, or has failed.
 *
 * Context: any.
 */
VOID ndk_flush(NDK_QP *pNdkQp)
{
	ndk_qp_stop(to_ndk_qp(pNdkQp), NDK_QP_STOPPED);
}

/**
 * ndk_qp_claim() - a connector takes a QP
 * @qp: the QP
 * @owner: common part of the connector
 * @on_news: told, in any context, what happens on the QP; of a failure at most
 *	once
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_DEVICE_STATE when the QP is another
 * connector's, or was and has been connected: it is good for one connection,
 * but for as many attempts as fail before the peer accepts.
 */
NTSTATUS ndk_qp_claim(struct ndk_qp *qp, struct ndk_object *owner,
		      void (*on_news)(struct ndk_object *owner,
				      enum ndk_qp_news news))
{
	NTSTATUS status = STATUS_SUCCESS;
	unsigned long flags;

	spin_lock_irqsave(&qp->obj.lock, flags);
	if (qp->owner || READ_ONCE(qp->state) != NDK_QP_IDLE) {
		status = STATUS_INVALID_DEVICE_STATE;
	} else {
		qp->owner = owner;
		qp->on_news = on_news;
	}
	spin_unlock_irqrestore(&qp->obj.lock, flags);
	return status;
}

/**
 * ndk_qp_unclaim() - a connector lets go of a QP
 * @qp: the QP
 * @owner: the connector; others are ignored
 *
 * Context: any. @on_news is not called afterwards, but may still be running;
 * it then holds a reference on @owner.
 */
void ndk_qp_unclaim(struct ndk_qp *qp, struct ndk_object *owner)
{
	unsigned long flags;

	spin_lock_irqsave(&qp->obj.lock, flags);
	if (qp->owner == owner)
		qp->owner = NULL;
	spin_unlock_irqrestore(&qp->obj.lock, flags);
}

/**
 * ndk_qp_get_ib_qp() - for struct ndk_ext_ib_verbs
 * @qp: the QP
 *
 * Context: any.
 * Return: the ib_qp behind it, or NULL.
 */
struct ib_qp *ndk_qp_get_ib_qp(NDK_QP *qp)
{
	return READ_ONCE(to_ndk_qp(qp)->qp);
}

static void ndk_qp_event(struct ib_event *event, void *context)
{
	struct ndk_qp *qp = context;

	switch (event->event) {
	/* The owner hears of the reason before it hears of the failure. */
	case IB_EVENT_QP_ACCESS_ERR:
		ndk_qp_tell_owner(qp, NDK_QP_DENIED);
		ndk_qp_error(qp);
		break;
	case IB_EVENT_QP_REQ_ERR:
		ndk_qp_tell_owner(qp, NDK_QP_MALFORMED);
		ndk_qp_error(qp);
		break;
	case IB_EVENT_QP_FATAL:
	case IB_EVENT_DEVICE_FATAL:
		ndk_qp_error(qp);
		break;
	case IB_EVENT_COMM_EST:
		ndk_qp_tell_owner(qp, NDK_QP_RECEIVED);
		break;
	default:
		break;
	}
}

static void ndk_qp_cq_failed(struct ndk_qp *qp, bool lost)
{
	ndk_qp_error(qp);
	if (lost)
		ndk_qp_drain_give_up(qp);
}

static void ndk_qp_recv_cq_failed(struct ndk_cq_user *user, bool lost)
{
	ndk_qp_cq_failed(container_of(user, struct ndk_qp, recv_user), lost);
}

static void ndk_qp_send_cq_failed(struct ndk_cq_user *user, bool lost)
{
	ndk_qp_cq_failed(container_of(user, struct ndk_qp, send_user), lost);
}

/* A CQ that is dead has told all its QPs already. */
static NTSTATUS ndk_qp_link(struct ndk_qp *qp)
{
	const char *dead = NULL;

	if (!ndk_cq_link(qp->recv_cq, &qp->recv_user))
		dead = NDK_REASON("pReceiveCq (dead)");
	else if (!ndk_cq_link(qp->send_cq, &qp->send_user))
		dead = NDK_REASON("pInitiatorCq (dead)");
	if (!dead)
		return STATUS_SUCCESS;
	return ndk_refuse_for(&qp->pd->obj, STATUS_INVALID_DEVICE_STATE, dead,
			      0, 0);
}

/* Receives may be posted before a connection is made: they need INIT. */
static int ndk_qp_init_state(struct ib_qp *ibqp)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.port_num = rdma_start_port(ibqp->device),
		.qp_access_flags = IB_ACCESS_REMOTE_READ |
				   IB_ACCESS_REMOTE_WRITE,
	};

	/* On iWARP a queue pair takes receives from the beginning on. */
	if (rdma_protocol_iwarp(ibqp->device, attr.port_num))
		return 0;
	return ib_modify_qp(ibqp, &attr, IB_QP_STATE | IB_QP_PKEY_INDEX |
			    IB_QP_PORT | IB_QP_ACCESS_FLAGS);
}

static NTSTATUS ndk_qp_reserve(struct ndk_qp *qp)
{
	u32 recv = ndk_rq_device_depth(qp->rq.depth);
	u32 send = ndk_sq_device_depth(qp->sq.depth);

	if (!ndk_cq_reserve(qp->recv_cq, recv))
		goto refuse;
	if (!ndk_cq_reserve(qp->send_cq, send)) {
		ndk_cq_unreserve(qp->recv_cq, recv);
		goto refuse;
	}
	qp->reserved = true;
	return STATUS_SUCCESS;

refuse:
	return ndk_refuse(&qp->pd->obj, STATUS_INSUFFICIENT_RESOURCES,
			  "CqDepth (too small for its QPs)",
			  (u64)recv + send, 0);
}

static void ndk_qp_unreserve(struct ndk_qp *qp)
{
	if (!qp->reserved)
		return;
	ndk_cq_unreserve(qp->recv_cq, ndk_rq_device_depth(qp->rq.depth));
	ndk_cq_unreserve(qp->send_cq, ndk_sq_device_depth(qp->sq.depth));
	qp->reserved = false;
}

static NTSTATUS ndk_qp_make(struct ndk_qp *qp)
{
	struct ib_qp_init_attr init = {
		.send_cq = qp->send_cq->cq,
		.recv_cq = qp->recv_cq->cq,
		.event_handler = ndk_qp_event,
		.qp_context = qp,
		.qp_type = IB_QPT_RC,
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.cap = {
			.max_send_wr = ndk_sq_device_depth(qp->sq.depth),
			.max_recv_wr = ndk_rq_device_depth(qp->rq.depth),
			.max_send_sge = qp->sq.max_sge,
			.max_recv_sge = qp->rq.max_sge,
		},
	};
	struct ib_qp *ibqp;
	NTSTATUS status;
	int ret;

	/*
	 * Its events may come from now on. Whoever attends to them waits until
	 * there is a QP that can be drained, which one without a state cannot.
	 */
	mutex_lock(&qp->modify_lock);
	ibqp = ib_create_qp(qp->pd->pd, &init);
	ret = PTR_ERR_OR_ZERO(ibqp);
	status = ndk_refuse_errno(&qp->pd->obj, ret, "ib_create_qp");
	if (status)
		goto unlock;
	ret = ndk_qp_init_state(ibqp);
	status = ndk_refuse_errno(&qp->pd->obj, ret, "ib_modify_qp");
	if (status) {
		ib_destroy_qp(ibqp);
		goto unlock;
	}
	qp->num = ibqp->qp_num;
	WRITE_ONCE(qp->qp, ibqp);
unlock:
	mutex_unlock(&qp->modify_lock);
	return status;
}

static NTSTATUS ndk_qp_create_hw(struct ndk_object *obj)
{
	struct ndk_qp *qp = container_of(obj, struct ndk_qp, obj);
	NTSTATUS status;

	status = ndk_qp_reserve(qp);
	if (status)
		return status;
	status = ndk_sq_alloc(qp);
	if (!status)
		status = ndk_rq_alloc(qp);
	if (status)
		return ndk_refuse(&qp->pd->obj, status, "memory", 0, 0);
	status = ndk_qp_make(qp);
	if (!status)
		status = ndk_qp_link(qp);
	return status;
}

/* Before the first one is waited for, so that the device flushes all at once. */
static void ndk_qp_stop_hw(struct ndk_object *obj)
{
	ndk_qp_drain_begin(container_of(obj, struct ndk_qp, obj));
}

static void ndk_qp_release_hw(struct ndk_object *obj)
{
	struct ndk_qp *qp = container_of(obj, struct ndk_qp, obj);

	/* While it is drained, it has to hear of the end of its CQs. */
	ndk_qp_quiesce(qp);
	ndk_cq_unlink(qp->recv_cq, &qp->recv_user);
	ndk_cq_unlink(qp->send_cq, &qp->send_user);
	if (qp->qp)
		ib_destroy_qp(qp->qp);
	WRITE_ONCE(qp->qp, NULL);
	ndk_sq_unmap(qp);
	/* What it has completed may fill the CQs for as long as they live. */
	if (!qp->undrained)
		ndk_qp_unreserve(qp);
}

static void ndk_qp_put_memory(struct ndk_qp *qp)
{
	if (!refcount_dec_and_test(&qp->keepers))
		return;
	ndk_sq_free(qp);
	ndk_rq_free(qp);
	kfree(qp);
}

static void ndk_qp_recv_leave(struct ndk_cq_guest *guest)
{
	ndk_qp_put_memory(container_of(guest, struct ndk_qp, recv_guest));
}

static void ndk_qp_send_leave(struct ndk_cq_guest *guest)
{
	ndk_qp_put_memory(container_of(guest, struct ndk_qp, send_guest));
}

static void ndk_qp_keep(struct ndk_qp *qp, struct ndk_cq *cq,
			struct ndk_cq_guest *guest)
{
	refcount_inc(&qp->keepers);
	if (!ndk_cq_host(cq, guest))
		ndk_qp_put_memory(qp);
}

/* Its antecedents, the CQs among them, are there until this has returned. */
static void ndk_qp_free(struct ndk_object *obj)
{
	struct ndk_qp *qp = container_of(obj, struct ndk_qp, obj);

	if (qp->undrained) {
		ndk_qp_keep(qp, qp->recv_cq, &qp->recv_guest);
		if (qp->send_cq != qp->recv_cq)
			ndk_qp_keep(qp, qp->send_cq, &qp->send_guest);
	}
	ndk_qp_put_memory(qp);
}

/* Closing ends what is outstanding, so that regions are let go of. */
static void ndk_qp_cancel(struct ndk_object *obj)
{
	ndk_qp_stop(container_of(obj, struct ndk_qp, obj), NDK_QP_STOPPED);
}

static const struct ndk_object_ops ndk_qp_ops = {
	.type = NdkObjectTypeQp,
	.teardown_order = NDK_TEARDOWN_QP,
	.cancel = ndk_qp_cancel,
	.create_hw = ndk_qp_create_hw,
	.stop_hw = ndk_qp_stop_hw,
	.release_hw = ndk_qp_release_hw,
	.free = ndk_qp_free,
};

/**
 * ndk_create_qp() - NDK_FN_CREATE_QP
 * @pNdkPd: the PD
 * @pReceiveCq: where receives complete
 * @pInitiatorCq: where initiator requests complete; may be the same
 * @QPContext: reported with each completion
 * @ReceiveQueueDepth: receives outstanding, 1 to the adapter's limit
 * @InitiatorQueueDepth: initiator requests outstanding, 1 to the limit
 * @MaxReceiveRequestSge: up to the limit
 * @MaxInitiatorRequestSge: up to the limit
 * @InlineDataSize: bytes, up to the limit
 * @CreateCompletion: called with the QP
 * @RequestContext: its context
 * @ppNdkQp: not written, as creation never ends inline
 *
 * All limits can be had together.
 *
 * Context: any.
 * Return: STATUS_PENDING, STATUS_INVALID_PARAMETER (over a limit, a depth of
 * 0, a CQ of another device), STATUS_INSUFFICIENT_RESOURCES (also through the
 * callback, and when the CQs are far too small for the depths of the QPs on
 * them), STATUS_DEVICE_REMOVED; STATUS_INVALID_DEVICE_STATE through the
 * callback when one of the CQs is dead.
 */
NTSTATUS ndk_create_qp(NDK_PD *pNdkPd, NDK_CQ *pReceiveCq, NDK_CQ *pInitiatorCq,
		       PVOID QPContext, ULONG ReceiveQueueDepth,
		       ULONG InitiatorQueueDepth, ULONG MaxReceiveRequestSge,
		       ULONG MaxInitiatorRequestSge, ULONG InlineDataSize,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_QP **ppNdkQp)
{
	struct ndk_pd *pd = to_ndk_pd(pNdkPd);
	const NDK_ADAPTER_INFO *info = &pd->obj.dev->info;
	const struct {
		const char *name;
		u32 value, min, max;
	} checks[] = {
		{ NDK_REASON("ReceiveQueueDepth"), ReceiveQueueDepth, 1,
		  info->MaxReceiveQueueDepth },
		{ NDK_REASON("InitiatorQueueDepth"), InitiatorQueueDepth, 1,
		  info->MaxInitiatorQueueDepth },
		{ NDK_REASON("MaxReceiveRequestSge"), MaxReceiveRequestSge, 0,
		  info->MaxReceiveRequestSge },
		{ NDK_REASON("MaxInitiatorRequestSge"), MaxInitiatorRequestSge, 0,
		  info->MaxInitiatorRequestSge },
		{ NDK_REASON("InlineDataSize"), InlineDataSize, 0,
		  info->MaxInlineDataSize },
	};
	struct ndk_cq *recv_cq, *send_cq;
	struct ndk_qp *qp;
	unsigned int i;

	if (ndk_device_gone(pd->obj.dev))
		return ndk_refuse(&pd->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	for (i = 0; i < ARRAY_SIZE(checks); i++)
		if (checks[i].value < checks[i].min ||
		    checks[i].value > checks[i].max)
			return ndk_refuse_for(&pd->obj, STATUS_INVALID_PARAMETER,
					      checks[i].name, checks[i].value,
					      checks[i].max);
	if (!pReceiveCq)
		return ndk_refuse(&pd->obj, STATUS_INVALID_PARAMETER,
				  "pReceiveCq (NULL)", 0, 0);
	if (!pInitiatorCq)
		return ndk_refuse(&pd->obj, STATUS_INVALID_PARAMETER,
				  "pInitiatorCq (NULL)", 0, 0);
	recv_cq = to_ndk_cq(pReceiveCq);
	send_cq = to_ndk_cq(pInitiatorCq);
	if (recv_cq->obj.dev != pd->obj.dev)
		return ndk_refuse(&pd->obj, STATUS_INVALID_PARAMETER,
				  "pReceiveCq (another device)", 0, 0);
	if (send_cq->obj.dev != pd->obj.dev)
		return ndk_refuse(&pd->obj, STATUS_INVALID_PARAMETER,
				  "pInitiatorCq (another device)", 0, 0);

	qp = kzalloc(sizeof(*qp), GFP_NOWAIT | __GFP_NOWARN);
	if (!qp)
		return ndk_refuse(&pd->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*qp), 0);

	ndk_object_init(&qp->obj, &ndk_qp_ops, pd->obj.adapter,
			&ndk_qp_dispatch);
	ndk_object_add_antecedent(&qp->obj, &pd->obj);
	ndk_object_add_antecedent(&qp->obj, &recv_cq->obj);
	if (send_cq != recv_cq)
		ndk_object_add_antecedent(&qp->obj, &send_cq->obj);
	qp->pd = pd;
	qp->recv_cq = recv_cq;
	qp->send_cq = send_cq;
	INIT_LIST_HEAD(&qp->recv_user.node);
	qp->recv_user.failed = ndk_qp_recv_cq_failed;
	INIT_LIST_HEAD(&qp->send_user.node);
	qp->send_user.failed = ndk_qp_send_cq_failed;
	qp->recv_guest.leave = ndk_qp_recv_leave;
	qp->send_guest.leave = ndk_qp_send_leave;
	refcount_set(&qp->keepers, 1);
	qp->context = QPContext;
	qp->inline_size = InlineDataSize;
	ndk_work_init(&qp->error_work, ndk_qp_error_work);
	ndk_work_init(&qp->sq.push_work, ndk_sq_push_work);
	qp->sq.sweep_cqe.done = ndk_sq_swept;
	mutex_init(&qp->modify_lock);
	ndk_qp_drain_init(qp);
	spin_lock_init(&qp->sq.lock);
	spin_lock_init(&qp->rq.lock);
	qp->sq.depth = InitiatorQueueDepth;
	qp->sq.max_sge = max(MaxInitiatorRequestSge, 1U);
	qp->rq.depth = ReceiveQueueDepth;
	qp->rq.max_sge = max(MaxReceiveRequestSge, 1U);
	return ndk_object_create(&qp->obj, CreateCompletion, RequestContext);
}
