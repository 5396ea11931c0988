// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of what was accepted on a queue pair.
 *
 * The device is asked to flush both queues, and a marker behind each tells when
 * it has. ib_drain_qp() does the same, but waits without a bound, or not at all
 * when the device refuses; both happen. A queue pair that cannot be drained is
 * destroyed at once: then the device lets go of its memory, and what it has not
 * reported is ended here.
 *
 * That does not end its completions: not all devices take those that are in a CQ
 * already out of it, and when somebody comes to poll them is not known. So a queue
 * pair that has ended says so to them (@ended), and when it was not drained its
 * memory, slots and markers, is left to the CQs, which free it when they have been
 * freed themselves.
 */
#include "cq.h"
#include "device.h"
#include "qp.h"

static void ndk_drain_done(struct ib_cq *cq, struct ib_wc *wc)
{
	complete(&container_of(wc->wr_cqe, struct ndk_drain, cqe)->passed);
}

static void ndk_drain_init(struct ndk_drain *drain)
{
	drain->cqe.done = ndk_drain_done;
	init_completion(&drain->passed);
}

/**
 * ndk_qp_drain_init() - prepare for the end
 * @qp: the QP, new
 *
 * Context: any.
 */
void ndk_qp_drain_init(struct ndk_qp *qp)
{
	ndk_drain_init(&qp->sq_drain);
	ndk_drain_init(&qp->rq_drain);
}

/**
 * ndk_qp_drain_give_up() - a marker will not come, do not wait for it
 * @qp: the QP
 *
 * Context: any.
 */
void ndk_qp_drain_give_up(struct ndk_qp *qp)
{
	/* before whoever waits is woken */
	WRITE_ONCE(qp->cq_lost, true);
	complete_all(&qp->sq_drain.passed);
	complete_all(&qp->rq_drain.passed);
}

static bool ndk_drain_wait(struct ndk_qp *qp, struct ndk_drain *drain,
			   unsigned long deadline)
{
	unsigned long now = jiffies, left = 1;

	if (time_before(now, deadline))
		left = deadline - now;
	return wait_for_completion_timeout(&drain->passed, left) &&
	       !READ_ONCE(qp->cq_lost);
}

/* Returns whether the device has taken both markers. */
static bool ndk_qp_mark(struct ndk_qp *qp)
{
	struct ib_qp_attr attr = { .qp_state = IB_QPS_ERR };
	struct ib_rdma_wr send = {
		.wr.wr_cqe = &qp->sq_drain.cqe,
		.wr.opcode = IB_WR_RDMA_WRITE,
		.wr.send_flags = IB_SEND_SIGNALED,
	};
	struct ib_recv_wr recv = { .wr_cqe = &qp->rq_drain.cqe };

	return !ib_modify_qp(qp->qp, &attr, IB_QP_STATE) &&
	       !READ_ONCE(qp->cq_lost) &&
	       !ib_post_send(qp->qp, &send.wr, NULL) &&
	       !ib_post_recv(qp->qp, &recv, NULL);
}

/* Once; nothing is posted any more. */
static void ndk_qp_start_drain(struct ndk_qp *qp)
{
	lockdep_assert_held(&qp->modify_lock);
	/* It may have failed before it was made, and then was not. */
	if (!qp->qp || qp->draining)
		return;
	/* After these locks were free once, no post has seen another state. */
	spin_lock_irq(&qp->sq.lock);
	spin_unlock_irq(&qp->sq.lock);
	spin_lock_irq(&qp->rq.lock);
	spin_unlock_irq(&qp->rq.lock);
	qp->draining = true;
	qp->marked = ndk_qp_mark(qp);
}

/**
 * ndk_qp_drain_begin() - ask the device to flush both queues
 * @qp: the QP; for good
 *
 * ndk_qp_quiesce() waits for it, and begins with it when nobody has. Who has to
 * end several does this for all of them first.
 *
 * Context: process, inside a device section or in removal; sleeps.
 */
void ndk_qp_drain_begin(struct ndk_qp *qp)
{
	might_sleep();
	xchg(&qp->state, NDK_QP_ERROR);
	mutex_lock(&qp->modify_lock);
	ndk_qp_start_drain(qp);
	mutex_unlock(&qp->modify_lock);
}

/* Returns whether the device has reported on everything. */
static bool ndk_qp_drain(struct ndk_qp *qp)
{
	unsigned long deadline = ndk_device_deadline(qp->obj.dev);

	return qp->marked && ndk_drain_wait(qp, &qp->sq_drain, deadline) &&
	       ndk_drain_wait(qp, &qp->rq_drain, deadline);
}

/*
 * Completions come meanwhile, and afterwards. Those that begin to be handled now
 * find that the QP has ended, and touch no more than its memory; those that began
 * before are over when this returns. So only the caller ends requests from then on.
 */
static void ndk_qp_destroy_undrained(struct ndk_qp *qp)
{
	qp->undrained = true;
	ib_destroy_qp(qp->qp);
	WRITE_ONCE(qp->qp, NULL);
	ndk_cq_wait_polling(qp->recv_cq);
	ndk_cq_wait_polling(qp->send_cq);
}

/**
 * ndk_qp_quiesce() - end all requests, and wait until the device is done
 * @qp: the QP; for good
 *
 * When this returns every accepted request has completed and the device does
 * no more DMA on the QP's account. It takes no longer than NDK_DEVICE_PATIENCE
 * and what the device's verbs take.
 *
 * Context: process, inside a device section or in removal; sleeps.
 */
void ndk_qp_quiesce(struct ndk_qp *qp)
{
	bool drained;

	might_sleep();
	xchg(&qp->state, NDK_QP_ERROR);
	mutex_lock(&qp->modify_lock);
	ndk_qp_start_drain(qp);
	if (!qp->draining || qp->ended)
		goto unlock;
	drained = ndk_qp_drain(qp);
	/*
	 * Drained, nothing is left that could come. Else this is before the
	 * wait for the handlers that have not seen it, and that before the end.
	 */
	WRITE_ONCE(qp->ended, true);
	if (!drained)
		ndk_qp_destroy_undrained(qp);
	ndk_sq_end(qp, drained);
	ndk_rq_end(qp);
unlock:
	mutex_unlock(&qp->modify_lock);
}
