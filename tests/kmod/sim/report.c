// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completions: in the order of each queue, and not while they are held.
 */
#include <linux/slab.h>

#include "sim.h"

/**
 * sim_retire() - the user knows, or will never know, of a request's end
 * @sim: the device
 * @wqe: the request
 *
 * Context: any; under the device's lock.
 */
void sim_retire(struct ndk_sim *sim, struct sim_wqe *wqe)
{
	if (wqe->mr)
		wqe->mr->queued--;
	wqe->mr = NULL;
	if (wqe->held)
		sim->held--;
	wqe->held = false;
}

static enum ib_wc_opcode sim_wc_opcode(enum ndk_sim_verb kind)
{
	switch (kind) {
	case NDK_SIM_DO_WRITE:
		return IB_WC_RDMA_WRITE;
	case NDK_SIM_DO_READ:
		return IB_WC_RDMA_READ;
	case NDK_SIM_DO_REG_MR:
		return IB_WC_REG_MR;
	case NDK_SIM_DO_LOCAL_INV:
		return IB_WC_LOCAL_INV;
	case NDK_SIM_DO_RECV:
		return IB_WC_RECV;
	default:
		return IB_WC_SEND;
	}
}

/* Must it wait? Counts it when it begins to. */
static bool sim_is_held(struct sim_qp *qp, struct sim_wqe *wqe)
{
	struct ndk_sim *sim = to_sim(qp->ib.device);

	if (!qp->gsi && sim->hold & 1U << wqe->kind &&
	    (!sim->hold_qpn || sim->hold_qpn == qp->ib.qp_num)) {
		if (!sim->budget) {
			if (!wqe->held) {
				wqe->held = true;
				sim->held++;
				wake_up_all(&sim->wait);
			}
			return true;
		}
		sim->budget--;
	}
	return false;
}

/* What a peer or a driver has made of a receive. */
static void sim_misreport(struct ndk_sim *sim, const struct sim_wqe *wqe,
			  struct ib_wc *wc)
{
	if (sim->flags & NDK_SIM_RECV_LONG)
		wc->byte_len = wqe->length + 1;
	if (sim->flags & NDK_SIM_RECV_ODD)
		wc->opcode = IB_WC_LSO;
}

static void sim_fill_wc(struct sim_qp *qp, struct sim_wqe *wqe,
			struct ib_wc *wc)
{
	*wc = (struct ib_wc){
		.wr_id = wqe->wr_id,
		.status = wqe->status,
		.opcode = sim_wc_opcode(wqe->kind),
		.qp = &qp->ib,
		.port_num = to_sim(qp->ib.device)->eth_port,
	};

	if (wqe->status) {
		wc->vendor_err = wqe->status;
	} else if (wqe->kind == NDK_SIM_DO_RECV) {
		wc->byte_len = wqe->done;
		wc->wc_flags = wqe->wc_flags;
		wc->src_qp = wqe->src_qp;
		wc->network_hdr_type = wqe->network;
		if (wqe->wc_flags & IB_WC_WITH_INVALIDATE)
			wc->ex.invalidate_rkey = wqe->key;
	} else {
		wc->byte_len = wqe->done;
	}
	if (!qp->gsi && !wqe->status && wqe->kind == NDK_SIM_DO_RECV)
		sim_misreport(to_sim(qp->ib.device), wqe, wc);
}

static void sim_push(struct sim_qp *qp, struct sim_wqe *wqe, struct ib_cq *cq)
{
	bool solicited = wqe->solicited || wqe->status;
	struct ib_wc wc;

	sim_fill_wc(qp, wqe, &wc);
	sim_cq_push(to_sim_cq(cq), &wc, solicited);
	if (!qp->gsi && to_sim(qp->ib.device)->flags & NDK_SIM_TWICE)
		sim_cq_push(to_sim_cq(cq), &wc, solicited);
}

/* With success only if that was asked for. */
static bool sim_is_reported(const struct sim_wqe *wqe)
{
	return wqe->signaled || wqe->status;
}

/* Returns false if it must wait. */
static bool sim_report_one(struct sim_qp *qp, struct sim_wqe *wqe,
			   struct ib_cq *cq)
{
	if (wqe->told)
		return true;
	if (sim_is_reported(wqe) && sim_is_held(qp, wqe))
		return false;
	/* Before its completion can be seen. */
	sim_retire(to_sim(qp->ib.device), wqe);
	wqe->told = true;
	if (sim_is_reported(wqe))
		sim_push(qp, wqe, cq);
	return true;
}

static void sim_report_queue(struct sim_qp *qp, struct sim_queue *queue,
			     struct ib_cq *cq)
{
	struct sim_wqe *wqe;
	u32 i;

	for (; queue->tail != queue->exec; queue->tail++) {
		wqe = sim_wqe(queue, queue->tail);
		if (!sim_report_one(qp, wqe, cq))
			return;
	}
	/* Done before their turn, and not to wait for it. */
	for (i = queue->exec; i != queue->head; i++) {
		wqe = sim_wqe(queue, i);
		if (wqe->finished && !sim_report_one(qp, wqe, cq))
			return;
	}
}

/**
 * sim_report() - complete what is done
 * @qp: the queue pair
 *
 * Context: any; under the device's lock.
 */
void sim_report(struct sim_qp *qp)
{
	lockdep_assert_held(&to_sim(qp->ib.device)->lock);
	sim_report_queue(qp, &qp->sq, qp->ib.send_cq);
	sim_report_queue(qp, &qp->rq, qp->ib.recv_cq);
}

static void sim_keep_queue(struct sim_qp *qp, struct sim_queue *queue,
			   struct ib_cq *cq)
{
	struct ndk_sim *sim = to_sim(qp->ib.device);
	struct sim_kept *kept;
	struct sim_wqe *wqe;
	u32 i;

	for (i = queue->tail; i != queue->exec; i++) {
		wqe = sim_wqe(queue, i);
		if (wqe->told || !sim_is_reported(wqe))
			continue;
		kept = kmalloc(sizeof(*kept), GFP_KERNEL | __GFP_NOFAIL);
		kept->cq = to_sim_cq(cq);
		sim_fill_wc(qp, wqe, &kept->wc);
		spin_lock_irq(&sim->lock);
		list_add_tail(&kept->node, &sim->kept);
		spin_unlock_irq(&sim->lock);
	}
}

/**
 * sim_keep() - what is held comes later, though its queue pair is destroyed
 * @qp: the queue pair, which nobody finds any more
 *
 * Context: process; may sleep.
 */
void sim_keep(struct sim_qp *qp)
{
	sim_keep_queue(qp, &qp->sq, qp->ib.send_cq);
	sim_keep_queue(qp, &qp->rq, qp->ib.recv_cq);
}

/**
 * sim_forget_kept() - a completion queue is destroyed
 * @cq: the queue
 *
 * Context: process.
 */
void sim_forget_kept(struct sim_cq *cq)
{
	struct ndk_sim *sim = to_sim(cq->ib.device);
	struct sim_kept *kept, *next;

	spin_lock_irq(&sim->lock);
	list_for_each_entry_safe(kept, next, &sim->kept, node) {
		if (kept->cq != cq)
			continue;
		list_del(&kept->node);
		kfree(kept);
	}
	spin_unlock_irq(&sim->lock);
}

static void sim_report_kept(struct ndk_sim *sim)
{
	struct sim_kept *kept, *next;

	list_for_each_entry_safe(kept, next, &sim->kept, node) {
		sim_cq_push(kept->cq, &kept->wc, true);
		list_del(&kept->node);
		kfree(kept);
	}
}

/**
 * sim_report_all() - what was held or stalled may go on
 * @sim: the device
 *
 * Context: any; under the device's lock.
 */
void sim_report_all(struct ndk_sim *sim)
{
	unsigned long index;
	struct sim_qp *qp;

	if (!sim->hold)
		sim_report_kept(sim);
	xa_for_each(&sim->qps, index, qp) {
		sim_report(qp);
		sim_qp_kick(qp);
	}
}
