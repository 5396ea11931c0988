// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue pairs: reliable connections, and the one of ib_mad.
 */
#include <linux/mm.h>

#include "sim.h"

/**
 * sim_qp_kick_peer() - who waits for this one should look again
 * @qp: the queue pair
 *
 * Context: any; under the device's lock.
 */
void sim_qp_kick_peer(struct sim_qp *qp)
{
	struct sim_qp *peer = sim_qp_peer(qp);

	if (peer && peer != qp)
		sim_qp_kick(peer);
}

static int sim_queue_alloc(struct sim_queue *queue, u32 depth, u32 sges)
{
	u32 i;

	queue->depth = max(depth, 1U);
	queue->max_sge = max(sges, 1U);
	queue->wqe = kvcalloc(queue->depth, sizeof(*queue->wqe), GFP_KERNEL);
	queue->sges = kvcalloc(queue->depth,
			       queue->max_sge * sizeof(*queue->sges),
			       GFP_KERNEL);
	if (!queue->wqe || !queue->sges)
		return -ENOMEM;
	for (i = 0; i < queue->depth; i++)
		queue->wqe[i].sge = queue->sges + i * queue->max_sge;
	return 0;
}

static void sim_queue_free(struct sim_queue *queue)
{
	kvfree(queue->sges);
	kvfree(queue->wqe);
}

static void sim_qp_free(struct sim_qp *qp)
{
	sim_queue_free(&qp->sq);
	sim_queue_free(&qp->rq);
}

static int sim_qp_number(struct ndk_sim *sim, struct sim_qp *qp, u32 port)
{
	int ret;

	if (qp->gsi) {
		qp->ib.qp_num = SIM_GSI_QPN;
		/* That of another port: nobody sends to it. */
		if (port != sim->eth_port)
			return 0;
		return xa_insert_irq(&sim->qps, SIM_GSI_QPN, qp, GFP_KERNEL);
	}
	ret = xa_alloc_cyclic_irq(&sim->qps, &qp->ib.qp_num, qp,
				  XA_LIMIT(SIM_GSI_QPN + 1, 0xffffff),
				  &sim->next_qp, GFP_KERNEL);
	return min(ret, 0);
}

int sim_create_qp(struct ib_qp *ib, struct ib_qp_init_attr *init,
		  struct ib_udata *udata)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct ib_qp_cap *cap = &init->cap;
	struct sim_qp *qp = to_sim_qp(ib);
	int ret;

	ret = sim_verb(sim, NDK_SIM_CREATE_QP);
	if (ret)
		return ret;
	if (init->srq || init->create_flags ||
	    (init->qp_type != IB_QPT_RC && init->qp_type != IB_QPT_GSI))
		return -EOPNOTSUPP;
	if (cap->max_send_wr > SIM_MAX_WR || cap->max_recv_wr > SIM_MAX_WR ||
	    cap->max_send_sge > SIM_MAX_SGE ||
	    cap->max_recv_sge > SIM_MAX_SGE || cap->max_inline_data)
		return -EINVAL;

	qp->gsi = init->qp_type == IB_QPT_GSI;
	qp->state = IB_QPS_RESET;
	qp->all_signaled = init->sq_sig_type == IB_SIGNAL_ALL_WR;
	qp->cap = *cap;
	INIT_DELAYED_WORK(&qp->work, sim_qp_work);
	ret = sim_queue_alloc(&qp->sq, cap->max_send_wr, cap->max_send_sge);
	if (!ret)
		ret = sim_queue_alloc(&qp->rq, cap->max_recv_wr,
				      cap->max_recv_sge);
	if (!ret)
		ret = sim_qp_number(sim, qp, init->port_num);
	if (ret) {
		sim_qp_free(qp);
		return ret;
	}
	if (qp->gsi) {
		to_sim_cq(init->send_cq)->gsi = true;
		to_sim_cq(init->recv_cq)->gsi = true;
	}
	atomic_inc(&to_sim_pd(ib->pd)->objects);
	sim_born(ib->device, NDK_SIM_QP);
	return 0;
}

/* Under the device's lock: what is in a queue is gone without a trace. */
static void sim_queue_reset(struct ndk_sim *sim, struct sim_queue *queue)
{
	for (; queue->tail != queue->head; queue->tail++)
		sim_retire(sim, sim_wqe(queue, queue->tail));
	queue->exec = queue->head;
}

int sim_destroy_qp(struct ib_qp *ib, struct ib_udata *udata)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_qp *qp = to_sim_qp(ib);

	sim_verb(sim, NDK_SIM_DESTROY_QP);
	spin_lock_irq(&sim->lock);
	sim_qp_kick_peer(qp);
	/* From here on nobody finds it, so nothing happens to it any more. */
	if (xa_load(&sim->qps, ib->qp_num) == qp)
		xa_erase(&sim->qps, ib->qp_num);
	qp->state = IB_QPS_RESET;
	spin_unlock_irq(&sim->lock);
	cancel_delayed_work_sync(&qp->work);

	if (sim_has(ib->device, NDK_SIM_KEEPS))
		sim_keep(qp);
	spin_lock_irq(&sim->lock);
	sim_queue_reset(sim, &qp->sq);
	sim_queue_reset(sim, &qp->rq);
	if (!sim_has(ib->device, NDK_SIM_KEEPS)) {
		sim_cq_purge(to_sim_cq(ib->send_cq), ib);
		sim_cq_purge(to_sim_cq(ib->recv_cq), ib);
	}
	spin_unlock_irq(&sim->lock);
	atomic_dec(&to_sim_pd(ib->pd)->objects);
	sim_died(ib->device, NDK_SIM_QP);
	sim_qp_free(qp);
	return 0;
}

/**
 * sim_qp_peer() - the queue pair at the other end
 * @qp: a connected one
 *
 * Context: any; under the device's lock.
 * Return: the peer if it is ready to hear, or NULL.
 */
struct sim_qp *sim_qp_peer(struct sim_qp *qp)
{
	struct ndk_sim *sim = to_sim(qp->ib.device);
	struct sim_qp *peer;

	lockdep_assert_held(&sim->lock);
	if (sim_has(&sim->ib, NDK_SIM_NO_LOOPBACK))
		return NULL;
	peer = xa_load(&sim->qps, qp->attr.dest_qp_num);
	if (!peer || peer->gsi || peer->attr.dest_qp_num != qp->ib.qp_num ||
	    (peer->state != IB_QPS_RTR && peer->state != IB_QPS_RTS))
		return NULL;
	return peer;
}

/**
 * sim_qp_error() - a queue pair fails
 * @qp: the queue pair
 *
 * Context: any; under the device's lock.
 */
void sim_qp_error(struct sim_qp *qp)
{
	if (qp->state == IB_QPS_RESET || qp->state == IB_QPS_ERR)
		return;
	qp->state = IB_QPS_ERR;
	sim_qp_kick(qp);
	sim_qp_kick_peer(qp);
}

/**
 * sim_qp_event() - something to be told of a queue pair
 * @qp: the queue pair
 * @event: what
 *
 * Context: any; under the device's lock.
 */
void sim_qp_event(struct sim_qp *qp, enum ib_event_type event)
{
	__set_bit(event, &qp->events);
	sim_qp_kick(qp);
}

static void sim_qp_copy_attr(struct ib_qp_attr *to,
			     const struct ib_qp_attr *from, int mask)
{
	if (mask & IB_QP_ACCESS_FLAGS)
		to->qp_access_flags = from->qp_access_flags;
	if (mask & IB_QP_TIMEOUT)
		to->timeout = from->timeout;
	if (mask & IB_QP_RETRY_CNT)
		to->retry_cnt = from->retry_cnt;
	if (mask & IB_QP_RNR_RETRY)
		to->rnr_retry = from->rnr_retry;
	if (mask & IB_QP_MAX_QP_RD_ATOMIC)
		to->max_rd_atomic = from->max_rd_atomic;
	if (mask & IB_QP_MAX_DEST_RD_ATOMIC)
		to->max_dest_rd_atomic = from->max_dest_rd_atomic;
	if (mask & IB_QP_DEST_QPN)
		to->dest_qp_num = from->dest_qp_num;
	if (mask & IB_QP_PORT)
		to->port_num = from->port_num;
}

/* Is there a way to such an address from the port of a queue pair? */
static bool sim_qp_reaches(struct ndk_sim *sim, u32 port,
			   const struct rdma_ah_attr *ah)
{
	const struct ib_global_route *grh = rdma_ah_read_grh(ah);
	struct ib_port_attr attr = {};

	if (rdma_ah_get_port_num(ah) != port ||
	    ah->type != rdma_ah_find_type(&sim->ib, port))
		return false;
	if (ah->type == RDMA_AH_ATTR_TYPE_ROCE)
		return rdma_ah_get_ah_flags(ah) & IB_AH_GRH && grh->sgid_attr;
	/* There is no other port that such a one could reach. */
	sim_port_address(sim, port, &attr);
	if (rdma_ah_get_dlid(ah) != attr.lid)
		return false;
	return !rdma_is_grh_required(&sim->ib, port) ||
	       rdma_ah_get_ah_flags(ah) & IB_AH_GRH;
}

int sim_modify_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
		  struct ib_udata *udata)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_qp *qp = to_sim_qp(ib);
	enum ib_qp_state to;
	int ret;

	ret = sim_verb(sim, NDK_SIM_MODIFY_QP);
	if (ret)
		return ret;
	if (mask & ~IB_QP_ATTR_STANDARD_BITS)
		return -EOPNOTSUPP;

	spin_lock_irq(&sim->lock);
	to = mask & IB_QP_STATE ? attr->qp_state : qp->state;
	if (!ib_modify_qp_is_ok(qp->state, to, ib->qp_type, mask)) {
		ret = -EINVAL;
		goto unlock;
	}
	if (mask & IB_QP_AV &&
	    !sim_qp_reaches(sim, qp->attr.port_num, &attr->ah_attr)) {
		ret = -EINVAL;
		goto unlock;
	}
	sim_qp_copy_attr(&qp->attr, attr, mask);
	if (to == IB_QPS_ERR) {
		sim_qp_error(qp);
		goto unlock;
	}
	qp->state = to;
	if (to == IB_QPS_RESET) {
		sim_queue_reset(sim, &qp->sq);
		sim_queue_reset(sim, &qp->rq);
		qp->waits = IB_WC_SUCCESS;
		qp->est = false;
	}
	sim_qp_kick(qp);
	sim_qp_kick_peer(qp);
unlock:
	spin_unlock_irq(&sim->lock);
	return ret;
}

int sim_query_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
		 struct ib_qp_init_attr *init)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_qp *qp = to_sim_qp(ib);

	spin_lock_irq(&sim->lock);
	*attr = qp->attr;
	attr->qp_state = qp->state;
	attr->cur_qp_state = qp->state;
	attr->cap = qp->cap;
	spin_unlock_irq(&sim->lock);
	init->cap = qp->cap;
	init->qp_type = ib->qp_type;
	init->send_cq = ib->send_cq;
	init->recv_cq = ib->recv_cq;
	init->sq_sig_type = qp->all_signaled ? IB_SIGNAL_ALL_WR :
					       IB_SIGNAL_REQ_WR;
	return 0;
}
