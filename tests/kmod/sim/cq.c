// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completion queues.
 */
#include <linux/mm.h>

#include "sim.h"

/* How late a handler is called that is called late. */
#define SIM_LATE	(HZ / 20)

static void sim_cq_work(struct work_struct *work)
{
	struct sim_cq *cq = container_of(to_delayed_work(work), struct sim_cq,
					 work);

	cq->ib.comp_handler(&cq->ib, cq->ib.cq_context);
}

int sim_create_cq(struct ib_cq *ib, const struct ib_cq_init_attr *attr)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_cq *cq = to_sim_cq(ib);
	int ret;

	ret = sim_verb(sim, NDK_SIM_CREATE_CQ);
	if (ret)
		return ret;
	if (!attr->cqe || attr->cqe > ib->device->attrs.max_cqe)
		return -EINVAL;
	cq->ring = kvcalloc(attr->cqe, sizeof(*cq->ring), GFP_KERNEL);
	if (!cq->ring)
		return -ENOMEM;
	cq->depth = attr->cqe;
	ib->cqe = attr->cqe;
	INIT_DELAYED_WORK(&cq->work, sim_cq_work);
	sim_born(ib->device, NDK_SIM_CQ);
	return 0;
}

int sim_destroy_cq(struct ib_cq *ib, struct ib_udata *udata)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_cq *cq = to_sim_cq(ib);

	sim_verb(sim, NDK_SIM_DESTROY_CQ);
	/* Its queue pairs are gone, so that nothing is pushed any more. */
	cancel_delayed_work_sync(&cq->work);
	sim_forget_kept(cq);
	kvfree(cq->ring);
	sim_died(ib->device, NDK_SIM_CQ);
	return 0;
}

int sim_poll_cq(struct ib_cq *ib, int entries, struct ib_wc *wc)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_cq *cq = to_sim_cq(ib);
	unsigned long flags;
	int i, j;

	spin_lock_irqsave(&sim->lock, flags);
	for (i = 0; i < entries && cq->count; i++) {
		wc[i] = cq->ring[cq->first];
		cq->first = (cq->first + 1) % cq->depth;
		cq->count--;
	}
	spin_unlock_irqrestore(&sim->lock, flags);
	/* Nobody else has them, and they are not handled yet. */
	for (j = 0; j < i && !cq->gsi; j++)
		sim_call(sim, NDK_SIM_POLL_CQ);
	return i;
}

int sim_req_notify_cq(struct ib_cq *ib, enum ib_cq_notify_flags flags)
{
	struct ndk_sim *sim = to_sim(ib->device);
	struct sim_cq *cq = to_sim_cq(ib);
	bool solicited = (flags & IB_CQ_SOLICITED_MASK) == IB_CQ_SOLICITED;
	unsigned long irq;
	int missed;

	spin_lock_irqsave(&sim->lock, irq);
	/* Armed for all is more than armed for some. */
	cq->solicited = solicited && (!cq->armed || cq->solicited);
	cq->armed = true;
	missed = cq->count && (flags & IB_CQ_REPORT_MISSED_EVENTS);
	spin_unlock_irqrestore(&sim->lock, irq);
	return missed;
}

/**
 * sim_cq_purge() - forget the completions of a queue pair that is destroyed
 * @cq: the queue
 * @qp: the queue pair
 *
 * Context: any; under the device's lock.
 */
void sim_cq_purge(struct sim_cq *cq, struct ib_qp *qp)
{
	u32 i, kept = 0;

	for (i = 0; i < cq->count; i++) {
		struct ib_wc *wc = &cq->ring[(cq->first + i) % cq->depth];

		if (wc->qp != qp)
			cq->ring[(cq->first + kept++) % cq->depth] = *wc;
	}
	cq->count = kept;
}

/**
 * sim_cq_die() - a completion queue goes into error, and says so
 * @cq: the queue
 *
 * As on hardware, what is in it cannot be had any more, either.
 *
 * Context: any; under the device's lock.
 */
void sim_cq_die(struct sim_cq *cq)
{
	struct ib_event event = {
		.device = cq->ib.device,
		.event = IB_EVENT_CQ_ERR,
		.element.cq = &cq->ib,
	};

	if (cq->dead)
		return;
	cq->dead = true;
	cq->count = 0;
	if (cq->ib.event_handler)
		cq->ib.event_handler(&event, cq->ib.cq_context);
}

/**
 * sim_cq_push() - a completion
 * @cq: the queue
 * @wc: copied
 * @solicited: it satisfies a queue that is armed for solicited ones
 *
 * Context: any; under the device's lock.
 */
void sim_cq_push(struct sim_cq *cq, const struct ib_wc *wc, bool solicited)
{
	struct ndk_sim *sim = to_sim(cq->ib.device);

	lockdep_assert_held(&sim->lock);
	if (cq->count == cq->depth)
		sim_cq_die(cq);
	if (cq->dead)
		return;
	cq->ring[(cq->first + cq->count++) % cq->depth] = *wc;

	if (!cq->armed || (cq->solicited && !solicited))
		return;
	cq->armed = false;
	if (sim->flags & NDK_SIM_IRQ)
		cq->ib.comp_handler(&cq->ib, cq->ib.cq_context);
	else
		queue_delayed_work(sim->wq, &cq->work,
				   sim->flags & NDK_SIM_SLOW ? SIM_LATE : 0);
}
