// SPDX-License-Identifier: GPL-2.0-only
/*
 * Posting: from here on the device owns a work request.
 */
#include "sim.h"

static int sim_wqe_sges(struct sim_queue *queue, struct sim_wqe *wqe,
			const struct ib_sge *sge, int count)
{
	int i;

	if (count < 0 || count > queue->max_sge)
		return -EINVAL;
	wqe->nsge = count;
	for (i = 0; i < count; i++) {
		if (sge[i].length > U32_MAX - wqe->length)
			return -EINVAL;
		wqe->sge[i] = sge[i];
		wqe->length += sge[i].length;
	}
	return 0;
}

/* The next free one, blank but for its place. */
static struct sim_wqe *sim_wqe_new(struct sim_queue *queue)
{
	struct sim_wqe *wqe = sim_wqe(queue, queue->head);
	struct ib_sge *sge = wqe->sge;

	if (queue->head - queue->tail == queue->depth)
		return NULL;
	memset(wqe, 0, sizeof(*wqe));
	wqe->sge = sge;
	return wqe;
}

static int sim_fill_gsi(struct sim_wqe *wqe, const struct ib_send_wr *wr)
{
	const struct ib_ud_wr *ud = ud_wr(wr);
	const struct sim_ah *ah;

	if (wr->opcode != IB_WR_SEND)
		return -EINVAL;
	ah = to_sim_ah(ud->ah);
	wqe->kind = NDK_SIM_DO_SEND;
	wqe->ah.sgid = ah->sgid;
	wqe->ah.dgid = ah->dgid;
	wqe->ah.network = ah->network;
	wqe->ah.local = ah->local;
	wqe->ah.qpn = ud->remote_qpn;
	return 0;
}

static void sim_fill_reg(struct sim_wqe *wqe, const struct ib_send_wr *wr)
{
	const struct ib_reg_wr *reg = reg_wr(wr);
	struct sim_mr *mr = to_sim_mr(reg->mr);

	wqe->kind = NDK_SIM_DO_REG_MR;
	wqe->mr = mr;
	wqe->key = reg->key;
	wqe->access = reg->access;
	/* As hardware that reads the list later, but these now. */
	wqe->iova = mr->ib.iova;
	wqe->size = mr->ib.length;
	wqe->page_size = mr->ib.page_size;
	mr->queued++;
}

static void sim_fill_inv(struct ndk_sim *sim, struct sim_wqe *wqe,
			 const struct ib_send_wr *wr)
{
	wqe->kind = NDK_SIM_DO_LOCAL_INV;
	wqe->key = wr->ex.invalidate_rkey;
	wqe->mr = sim_mr_find(sim, wqe->key);
	if (wqe->mr)
		wqe->mr->queued++;
}

static int sim_fill_rc(struct ndk_sim *sim, struct sim_wqe *wqe,
		       const struct ib_send_wr *wr)
{
	switch (wr->opcode) {
	case IB_WR_SEND_WITH_INV:
		if (sim->attr.no_remote_inv)
			return -EINVAL;
		wqe->invalidate = true;
		wqe->key = wr->ex.invalidate_rkey;
		fallthrough;
	case IB_WR_SEND:
		wqe->kind = NDK_SIM_DO_SEND;
		return 0;
	case IB_WR_RDMA_WRITE:
	case IB_WR_RDMA_READ:
		wqe->kind = wr->opcode == IB_WR_RDMA_READ ? NDK_SIM_DO_READ :
							     NDK_SIM_DO_WRITE;
		wqe->addr = rdma_wr(wr)->remote_addr;
		wqe->key = rdma_wr(wr)->rkey;
		return 0;
	case IB_WR_REG_MR:
		if (sim->attr.no_mem_mgt)
			return -EINVAL;
		sim_fill_reg(wqe, wr);
		return 0;
	case IB_WR_LOCAL_INV:
		if (sim->attr.no_mem_mgt ||
		    sim_has(&sim->ib, NDK_SIM_NO_LOCAL_INV))
			return -EINVAL;
		sim_fill_inv(sim, wqe, wr);
		return 0;
	default:
		return -EINVAL;
	}
}

static int sim_post_one(struct sim_qp *qp, const struct ib_send_wr *wr)
{
	struct ndk_sim *sim = to_sim(qp->ib.device);
	struct sim_wqe *wqe;
	int ret;

	if (qp->state != IB_QPS_RTS && qp->state != IB_QPS_ERR)
		return -EINVAL;
	if (wr->send_flags & IB_SEND_INLINE)
		return -EINVAL;
	wqe = sim_wqe_new(&qp->sq);
	if (!wqe)
		return -ENOMEM;

	wqe->wr_id = wr->wr_id;
	wqe->signaled = qp->all_signaled || wr->send_flags & IB_SEND_SIGNALED;
	wqe->solicited = wr->send_flags & IB_SEND_SOLICITED;
	wqe->fenced = wr->send_flags & IB_SEND_FENCE;
	if (wr->opcode != IB_WR_REG_MR && wr->opcode != IB_WR_LOCAL_INV) {
		ret = sim_wqe_sges(&qp->sq, wqe, wr->sg_list, wr->num_sge);
		if (ret)
			return ret;
	}
	/* What can fail comes before: a region is named from here on. */
	ret = qp->gsi ? sim_fill_gsi(wqe, wr) : sim_fill_rc(sim, wqe, wr);
	if (!ret)
		qp->sq.head++;
	return ret;
}

int sim_post_send(struct ib_qp *ib, const struct ib_send_wr *wr,
		  const struct ib_send_wr **bad)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_qp *qp = to_sim_qp(ib);
	unsigned long flags, delay = 0;
	int ret = 0;

	for (; wr; wr = wr->next) {
		ret = qp->gsi ? 0 : sim_call(sim, NDK_SIM_POST_SEND);
		if (!ret) {
			spin_lock_irqsave(&sim->lock, flags);
			ret = sim_post_one(qp, wr);
			spin_unlock_irqrestore(&sim->lock, flags);
		}
		if (ret) {
			*bad = wr;
			break;
		}
	}
	spin_lock_irqsave(&sim->lock, flags);
	if (sim->flags & NDK_SIM_INLINE && !qp->gsi)
		while (sim_step(qp, &delay))
			;
	/* Also for what could not be done here. */
	sim_qp_kick(qp);
	spin_unlock_irqrestore(&sim->lock, flags);
	return ret;
}

static int sim_post_one_recv(struct sim_qp *qp, const struct ib_recv_wr *wr)
{
	struct sim_wqe *wqe;
	int ret;

	if (qp->state == IB_QPS_RESET)
		return -EINVAL;
	wqe = sim_wqe_new(&qp->rq);
	if (!wqe)
		return -ENOMEM;
	wqe->wr_id = wr->wr_id;
	wqe->kind = NDK_SIM_DO_RECV;
	wqe->signaled = true;
	ret = sim_wqe_sges(&qp->rq, wqe, wr->sg_list, wr->num_sge);
	if (!ret)
		qp->rq.head++;
	return ret;
}

int sim_post_recv(struct ib_qp *ib, const struct ib_recv_wr *wr,
		  const struct ib_recv_wr **bad)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_qp *qp = to_sim_qp(ib);
	unsigned long flags;
	int ret = 0;

	for (; wr; wr = wr->next) {
		ret = qp->gsi ? 0 : sim_call(sim, NDK_SIM_POST_RECV);
		if (!ret) {
			spin_lock_irqsave(&sim->lock, flags);
			ret = sim_post_one_recv(qp, wr);
			spin_unlock_irqrestore(&sim->lock, flags);
		}
		if (ret) {
			*bad = wr;
			break;
		}
	}
	spin_lock_irqsave(&sim->lock, flags);
	/* A peer may wait for this, and in error it is flushed. */
	if (!qp->gsi)
		sim_qp_kick_peer(qp);
	sim_qp_kick(qp);
	spin_unlock_irqrestore(&sim->lock, flags);
	return ret;
}
