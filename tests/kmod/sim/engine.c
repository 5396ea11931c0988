// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine: does the work of send queues, both ends of it at once.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "sim.h"

/* How long a receiver that is not ready is waited for, each time. */
#define SIM_RNR_TIME		(HZ / 20)

/* What an answer is waited for is 4096 ns, doubled so many times at most. */
#define SIM_MAX_TIMEOUT		31

/**
 * sim_qp_kick() - there may be something to do
 * @qp: the queue pair
 *
 * Context: any; under the device's lock.
 */
void sim_qp_kick(struct sim_qp *qp)
{
	mod_delayed_work(to_sim(qp->ib.device)->wq, &qp->work, 0);
}

/**
 * sim_finish() - a work request is done
 * @queue: its queue
 * @wqe: the request
 * @status: how it ended
 *
 * Context: any; under the device's lock.
 */
void sim_finish(struct sim_queue *queue, struct sim_wqe *wqe,
		enum ib_wc_status status)
{
	wqe->status = status;
	wqe->finished = true;
	/* Those behind it may have been done before their turn. */
	while (queue->exec != queue->head &&
	       sim_wqe(queue, queue->exec)->finished)
		queue->exec++;
}

/* The requester fails; what comes behind is flushed. */
static void sim_fail(struct sim_qp *qp, struct sim_wqe *wqe,
		     enum ib_wc_status status)
{
	if (sim_has(qp->ib.device, NDK_SIM_VAGUE) &&
	    (status == IB_WC_LOC_PROT_ERR || status == IB_WC_LOC_QP_OP_ERR))
		status = IB_WC_WR_FLUSH_ERR;
	sim_finish(&qp->sq, wqe, status);
	sim_qp_error(qp);
	sim_report(qp);
}

/* Both fail, and the responder is told why. */
static void sim_fail_both(struct sim_qp *qp, struct sim_wqe *wqe,
			  enum ib_wc_status status, struct sim_qp *peer,
			  enum ib_event_type event)
{
	sim_qp_error(peer);
	sim_qp_event(peer, event);
	sim_fail(qp, wqe, status);
}

/* Both fail, the responder with a receive. */
static void sim_fail_recv(struct sim_qp *qp, struct sim_wqe *wqe,
			  enum ib_wc_status status, struct sim_qp *peer,
			  enum ib_wc_status recv_status)
{
	if (sim_has(qp->ib.device, NDK_SIM_BLAMES_PEER) &&
	    recv_status == IB_WC_LOC_PROT_ERR) {
		recv_status = IB_WC_GENERAL_ERR;
		sim_qp_event(peer, IB_EVENT_QP_ACCESS_ERR);
	}
	sim_finish(&peer->rq, sim_wqe(&peer->rq, peer->rq.exec), recv_status);
	sim_qp_error(peer);
	sim_report(peer);
	sim_fail(qp, wqe, status);
}

static void sim_succeed(struct sim_qp *qp, struct sim_wqe *wqe)
{
	sim_finish(&qp->sq, wqe, IB_WC_SUCCESS);
	sim_report(qp);
}

/**
 * sim_local() - where a request's local memory is
 * @qp: its queue pair
 * @wqe: the request
 * @from: offset in its memory, less than its length
 * @access: IB_ACCESS_LOCAL_WRITE or 0
 * @at: set to where that is
 *
 * Context: any; under the device's lock.
 * Return: how many bytes are there; 0 if they may not be used.
 */
u32 sim_local(struct sim_qp *qp, struct sim_wqe *wqe, u32 from, int access,
	      void **at)
{
	const struct ib_sge *sge = wqe->sge;
	u32 bytes;

	while (from >= sge->length) {
		from -= sge->length;
		sge++;
	}
	if (!sim_mr_reach(to_sim(qp->ib.device), qp->ib.pd, sge->lkey,
			  sge->addr + from, sge->length - from, access, at,
			  &bytes))
		return 0;
	return bytes;
}

static void sim_do_reg_mr(struct sim_qp *qp, struct sim_wqe *wqe)
{
	struct ndk_sim *sim = to_sim(qp->ib.device);
	struct sim_mr *mr = wqe->mr;

	SIM_RULE(sim, mr->ib.rkey == wqe->key,
		 "the key of a region changed with a registration in flight");
	if (mr->valid || mr->ib.pd != qp->ib.pd ||
	    (wqe->key ^ mr->ib.rkey) & ~0xffU) {
		sim_fail(qp, wqe, IB_WC_LOC_QP_OP_ERR);
		return;
	}
	mr->key = wqe->key;
	mr->iova = wqe->iova;
	mr->length = wqe->size;
	mr->access = wqe->access;
	mr->page_size = wqe->page_size;
	mr->valid = true;
	sim_succeed(qp, wqe);
}

/* A region that is invalid already may be invalidated with the right key. */
static bool sim_invalidate(struct sim_qp *qp, u32 key)
{
	struct sim_mr *mr = sim_mr_find(to_sim(qp->ib.device), key);

	if (!mr || mr->key != key || mr->ib.pd != qp->ib.pd || mr->umem)
		return false;
	mr->valid = false;
	return true;
}

static void sim_do_local_inv(struct sim_qp *qp, struct sim_wqe *wqe)
{
	if (wqe->early || sim_invalidate(qp, wqe->key))
		sim_succeed(qp, wqe);
	else
		sim_fail(qp, wqe, IB_WC_LOC_QP_OP_ERR);
}

/*
 * A read is asked for and its data are still to come: devices that wait for
 * them only when they are told to have gone on to what is behind it.
 */
static void sim_overtake(struct sim_qp *qp)
{
	struct sim_queue *sq = &qp->sq;
	struct sim_wqe *next;

	if (sq->exec + 1 == sq->head)
		return;
	next = sim_wqe(sq, sq->exec + 1);
	if (next->kind == NDK_SIM_DO_LOCAL_INV && !next->fenced && !next->early)
		next->early = sim_invalidate(qp, next->key);
}

/*
 * The peer does not hear or is not ready: wait for a kick, but not for ever.
 * Returns false, as nothing can be done now.
 */
static bool sim_await(struct sim_qp *qp, struct sim_wqe *wqe,
		      unsigned long patience, enum ib_wc_status status,
		      unsigned long *delay)
{
	if (!patience)
		return false;
	if (qp->waits != status) {
		qp->waits = status;
		qp->give_up = jiffies + patience;
	}
	if (time_after_eq(jiffies, qp->give_up)) {
		sim_fail(qp, wqe, status);
		return true;
	}
	*delay = qp->give_up - jiffies;
	return false;
}

static unsigned long sim_ack_time(const struct sim_qp *qp)
{
	u64 ns = 4096ULL << min_t(u32, qp->attr.timeout, SIM_MAX_TIMEOUT);

	if (!qp->attr.timeout)
		return 0;
	return max(nsecs_to_jiffies(ns * (qp->attr.retry_cnt + 1)), 1UL);
}

static unsigned long sim_rnr_time(const struct sim_qp *qp)
{
	/* 7 is for ever */
	if (qp->attr.rnr_retry >= 7)
		return 0;
	return SIM_RNR_TIME * (qp->attr.rnr_retry + 1);
}

static bool sim_do_send(struct sim_qp *qp, struct sim_wqe *wqe,
			struct sim_qp *peer, unsigned long *delay)
{
	struct ndk_sim *sim = to_sim(qp->ib.device);
	struct sim_wqe *recv = sim_wqe(&peer->rq, peer->rq.exec);
	void *from, *to;
	u32 n, left, moved = 0;
	bool failed;

	/* Its own memory is looked at before anything is sent. */
	if (wqe->length && !sim_local(qp, wqe, 0, 0, &from)) {
		sim_fail(qp, wqe, IB_WC_LOC_PROT_ERR);
		return true;
	}
	if (peer->rq.exec == peer->rq.head)
		return sim_await(qp, wqe, sim_rnr_time(qp),
				 IB_WC_RNR_RETRY_EXC_ERR, delay);
	qp->waits = IB_WC_SUCCESS;
	if (!recv->begun) {
		u32 error = sim_fault(sim, NDK_SIM_DO_RECV, &failed);

		recv->begun = true;
		if (failed) {
			sim_fail_recv(qp, wqe, IB_WC_REM_OP_ERR, peer, error);
			return true;
		}
	}
	if (wqe->length > recv->length) {
		sim_fail_recv(qp, wqe, IB_WC_REM_INV_REQ_ERR, peer,
			      IB_WC_LOC_LEN_ERR);
		return true;
	}

	for (; moved < SIM_MTU && wqe->done < wqe->length; moved += n) {
		left = min(SIM_MTU - moved, wqe->length - wqe->done);
		n = sim_local(qp, wqe, wqe->done, 0, &from);
		if (!n) {
			sim_fail(qp, wqe, IB_WC_LOC_PROT_ERR);
			return true;
		}
		left = min(left, n);
		n = sim_local(peer, recv, wqe->done, IB_ACCESS_LOCAL_WRITE,
			      &to);
		if (!n) {
			sim_fail_recv(qp, wqe, IB_WC_REM_OP_ERR, peer,
				      IB_WC_LOC_PROT_ERR);
			return true;
		}
		n = min(n, left);
		memmove(to, from, n);
		wqe->done += n;
	}
	if (wqe->done < wqe->length)
		return true;

	if (wqe->invalidate) {
		if (!sim_invalidate(peer, wqe->key)) {
			sim_fail_both(qp, wqe, IB_WC_REM_ACCESS_ERR, peer,
				      IB_EVENT_QP_ACCESS_ERR);
			return true;
		}
		recv->wc_flags |= IB_WC_WITH_INVALIDATE;
		recv->key = wqe->key;
	}
	recv->done = wqe->length;
	recv->solicited = wqe->solicited;
	sim_finish(&peer->rq, recv, IB_WC_SUCCESS);
	sim_report(peer);
	sim_succeed(qp, wqe);
	return true;
}

/* Does the responder take such a request at all? */
static bool sim_admits(const struct sim_qp *peer, const struct sim_wqe *wqe)
{
	if (wqe->kind == NDK_SIM_DO_READ)
		return peer->attr.qp_access_flags & IB_ACCESS_REMOTE_READ &&
		       peer->attr.max_dest_rd_atomic;
	return peer->attr.qp_access_flags & IB_ACCESS_REMOTE_WRITE;
}

static bool sim_do_rdma(struct sim_qp *qp, struct sim_wqe *wqe,
			struct sim_qp *peer)
{
	bool read = wqe->kind == NDK_SIM_DO_READ;
	void *near, *far;
	u32 n, left, moved = 0;

	qp->waits = IB_WC_SUCCESS;
	if (wqe->length && !sim_admits(peer, wqe)) {
		sim_fail_both(qp, wqe, IB_WC_REM_INV_REQ_ERR, peer,
			      IB_EVENT_QP_REQ_ERR);
		return true;
	}
	for (; moved < SIM_MTU && wqe->done < wqe->length; moved += n) {
		/* The whole rest must be allowed, so that not a part is done. */
		if (!sim_mr_reach(to_sim(qp->ib.device), peer->ib.pd, wqe->key,
				  wqe->addr + wqe->done,
				  wqe->length - wqe->done,
				  read ? IB_ACCESS_REMOTE_READ :
					 IB_ACCESS_REMOTE_WRITE, &far, &n)) {
			sim_fail_both(qp, wqe, IB_WC_REM_ACCESS_ERR, peer,
				      IB_EVENT_QP_ACCESS_ERR);
			return true;
		}
		left = min(SIM_MTU - moved, n);
		n = sim_local(qp, wqe, wqe->done,
			      read ? IB_ACCESS_LOCAL_WRITE : 0, &near);
		if (!n) {
			sim_fail(qp, wqe, IB_WC_LOC_PROT_ERR);
			return true;
		}
		n = min(n, left);
		if (read)
			memmove(near, far, n);
		else
			memmove(far, near, n);
		wqe->done += n;
	}
	if (wqe->done == wqe->length)
		sim_succeed(qp, wqe);
	return true;
}

static bool sim_do_remote(struct sim_qp *qp, struct sim_wqe *wqe,
			  unsigned long *delay)
{
	struct sim_qp *peer = sim_qp_peer(qp);

	if (!peer)
		return sim_await(qp, wqe, sim_ack_time(qp),
				 IB_WC_RETRY_EXC_ERR, delay);
	if (peer->state == IB_QPS_RTR && !peer->est) {
		peer->est = true;
		sim_qp_event(peer, IB_EVENT_COMM_EST);
	}
	if (wqe->kind == NDK_SIM_DO_SEND)
		return sim_do_send(qp, wqe, peer, delay);
	return sim_do_rdma(qp, wqe, peer);
}

/**
 * sim_flush() - end what is left in the queues of a queue pair in error
 * @qp: the queue pair
 *
 * Context: any; under the device's lock.
 */
void sim_flush(struct sim_qp *qp)
{
	while (qp->sq.exec != qp->sq.head)
		sim_finish(&qp->sq, sim_wqe(&qp->sq, qp->sq.exec),
			   IB_WC_WR_FLUSH_ERR);
	while (qp->rq.exec != qp->rq.head)
		sim_finish(&qp->rq, sim_wqe(&qp->rq, qp->rq.exec),
			   IB_WC_WR_FLUSH_ERR);
	sim_report(qp);
}

/*
 * What is next. While the data of reads are still to come, that can be something
 * behind them, up to the first one that has a fence.
 */
static struct sim_wqe *sim_next(struct sim_qp *qp)
{
	struct ndk_sim *sim = to_sim(qp->ib.device);
	struct sim_queue *sq = &qp->sq;
	struct sim_wqe *wqe;
	u32 i;

	if (sim_has(&sim->ib, NDK_SIM_LATE_READS) &&
	    sim->stall & NDK_SIM_DO(READ)) {
		for (i = sq->exec; i != sq->head; i++) {
			wqe = sim_wqe(sq, i);
			if (wqe->fenced)
				break;
			if (wqe->kind != NDK_SIM_DO_READ && !wqe->finished)
				return wqe;
		}
	}
	return sim_wqe(sq, sq->exec);
}

/**
 * sim_step() - one packet, or one local operation
 * @qp: the queue pair whose send queue is looked at
 * @delay: set when it is worth another look, without a kick, after so long
 *
 * Context: any; under the device's lock.
 * Return: whether anything was done, so that the next step may be tried.
 */
bool sim_step(struct sim_qp *qp, unsigned long *delay)
{
	struct ndk_sim *sim = to_sim(qp->ib.device);
	struct sim_wqe *wqe;
	bool failed;
	u32 error;

	lockdep_assert_held(&sim->lock);
	if (qp->state == IB_QPS_ERR) {
		sim_flush(qp);
		return false;
	}
	if (qp->state != IB_QPS_RTS || qp->sq.exec == qp->sq.head)
		return false;
	wqe = sim_next(qp);
	if (qp->gsi) {
		sim_ud_send(qp, wqe);
		return true;
	}
	if (wqe->kind == NDK_SIM_DO_READ && wqe->fenced &&
	    sim_has(&sim->ib, NDK_SIM_NO_FENCED_READ)) {
		sim_fail(qp, wqe, IB_WC_LOC_QP_OP_ERR);
		return true;
	}
	if (wqe->kind == NDK_SIM_DO_READ &&
	    sim_has(&sim->ib, NDK_SIM_EAGER_INV))
		sim_overtake(qp);
	if (sim->stall & 1U << wqe->kind)
		return false;
	/* One in progress is one too many: it waits until there is room. */
	if (wqe->kind == NDK_SIM_DO_READ && !qp->attr.max_rd_atomic)
		return false;
	if (!wqe->begun) {
		wqe->begun = true;
		error = sim_fault(sim, wqe->kind, &failed);
		if (failed) {
			sim_fail(qp, wqe, error);
			return true;
		}
	}

	switch (wqe->kind) {
	case NDK_SIM_DO_REG_MR:
		sim_do_reg_mr(qp, wqe);
		return true;
	case NDK_SIM_DO_LOCAL_INV:
		sim_do_local_inv(qp, wqe);
		return true;
	default:
		return sim_do_remote(qp, wqe, delay);
	}
}

static void sim_tell(struct sim_qp *qp, unsigned long events)
{
	struct ib_event event = {
		.device = qp->ib.device,
		.element.qp = &qp->ib,
	};
	int bit;

	for_each_set_bit(bit, &events, BITS_PER_LONG) {
		event.event = bit;
		if (qp->ib.event_handler)
			qp->ib.event_handler(&event, qp->ib.qp_context);
	}
}

/**
 * sim_qp_work() - the engine
 * @work: of a queue pair
 *
 * Context: process.
 */
void sim_qp_work(struct work_struct *work)
{
	struct sim_qp *qp = container_of(to_delayed_work(work), struct sim_qp,
					 work);
	struct ndk_sim *sim = to_sim(qp->ib.device);
	unsigned long events, delay = 0;
	bool more;

	do {
		spin_lock_irq(&sim->lock);
		events = qp->events;
		qp->events = 0;
		more = sim_step(qp, &delay);
		spin_unlock_irq(&sim->lock);
		sim_tell(qp, events);
		cond_resched();
	} while (more);
	/* A kick that came meanwhile has queued it already. */
	if (delay)
		queue_delayed_work(sim->wq, &qp->work, delay);
}
