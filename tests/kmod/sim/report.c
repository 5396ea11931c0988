// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completions: in the order of each queue, and not while they are held.
 */
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

static void sim_push(struct sim_qp *qp, struct sim_wqe *wqe, struct ib_cq *cq)
{
	struct ib_wc wc = {
		.wr_id = wqe->wr_id,
		.status = wqe->status,
		.opcode = sim_wc_opcode(wqe->kind),
		.qp = &qp->ib,
		.port_num = to_sim(qp->ib.device)->eth_port,
	};

	if (wqe->status) {
		wc.vendor_err = wqe->status;
	} else if (wqe->kind == NDK_SIM_DO_RECV) {
		wc.byte_len = wqe->done;
		wc.wc_flags = wqe->wc_flags;
		wc.src_qp = wqe->src_qp;
		wc.network_hdr_type = wqe->network;
		if (wqe->wc_flags & IB_WC_WITH_INVALIDATE)
			wc.ex.invalidate_rkey = wqe->key;
	} else {
		wc.byte_len = wqe->done;
	}
	if (!qp->gsi && !wqe->status && wqe->kind == NDK_SIM_DO_RECV)
		sim_misreport(to_sim(qp->ib.device), wqe, &wc);
	sim_cq_push(to_sim_cq(cq), &wc, wqe->solicited || wqe->status);
}

static void sim_report_queue(struct sim_qp *qp, struct sim_queue *queue,
			     struct ib_cq *cq)
{
	struct ndk_sim *sim = to_sim(qp->ib.device);
	struct sim_wqe *wqe;
	bool tell;

	while (queue->tail != queue->exec) {
		wqe = sim_wqe(queue, queue->tail);
		tell = wqe->signaled || wqe->status;
		if (tell && sim_is_held(qp, wqe))
			return;
		/* Before its completion can be seen. */
		sim_retire(sim, wqe);
		queue->tail++;
		if (tell)
			sim_push(qp, wqe, cq);
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

	xa_for_each(&sim->qps, index, qp) {
		sim_report(qp);
		sim_qp_kick(qp);
	}
}
