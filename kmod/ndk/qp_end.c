// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a queue pair comes to its end, and what that is called.
 */
#include <linux/netdevice.h>
#include <rdma/ib_cache.h>

#include "device.h"
#include "qp.h"
#include "status.h"

/**
 * ndk_qp_link_up() - whether the interface that the QP sends through is up
 * @qp: the QP; for one of its completions, or inside a device section
 *
 * Context: any.
 * Return: false if a RoCE device has lost the address or the network interface;
 * elsewhere, where a dead link is no local error, and before the QP has a
 * path: true.
 */
bool ndk_qp_link_up(const struct ndk_qp *qp)
{
	struct ib_device *ib = qp->obj.dev->ib;
	const struct ib_gid_attr *gid;
	struct net_device *netdev;
	u32 port = READ_ONCE(qp->port);
	bool up;

	if (!port || !rdma_protocol_roce(ib, port))
		return true;
	gid = rdma_get_gid_attr(ib, port, qp->sgid_index);
	if (IS_ERR(gid))
		return false;
	rcu_read_lock();
	netdev = rdma_read_gid_attr_ndev_rcu(gid);
	up = !IS_ERR(netdev) && READ_ONCE(netdev->flags) & IFF_UP;
	rcu_read_unlock();
	rdma_put_gid_attr(gid);
	return up;
}

/**
 * ndk_qp_wc_status() - status of a completion on a QP
 * @qp: the QP
 * @wc: the completion
 *
 * Context: any.
 * Return: as ndk_status_from_wc(); what was flushed because the device has
 * gone away says so.
 */
NTSTATUS ndk_qp_wc_status(struct ndk_qp *qp, const struct ib_wc *wc)
{
	if (wc->status == IB_WC_WR_FLUSH_ERR && ndk_device_gone(qp->obj.dev))
		return STATUS_DEVICE_REMOVED;
	return ndk_status_from_wc(wc->status);
}

/**
 * ndk_qp_begin_making() - iw_cm and the driver are about to connect the QP
 * @qp: the QP
 *
 * From here to ndk_qp_end_making() they change its state, and cannot take its end:
 * iw_cm has a BUG() for a connection that ends before it is established, and a
 * driver that gives up frees what an end uses. So the end is put off until then,
 * and requests wait in the ring, for one that fails would be the end too.
 *
 * Context: any.
 * Return: false if the QP has ended already; then nothing is to be undone.
 */
bool ndk_qp_begin_making(struct ndk_qp *qp)
{
	unsigned long flags;
	bool alive;

	spin_lock_irqsave(&qp->obj.lock, flags);
	/* Who sets the state later than this finds that it is being made. */
	alive = READ_ONCE(qp->state) != NDK_QP_ERROR;
	WRITE_ONCE(qp->making, alive);
	spin_unlock_irqrestore(&qp->obj.lock, flags);
	return alive;
}

/**
 * ndk_qp_end_making() - the QP is connected, or will not be
 * @qp: the QP; being made or not
 *
 * What has been put off goes on.
 *
 * Context: any.
 * Return: false if its consumer has ended the QP meanwhile.
 */
bool ndk_qp_end_making(struct ndk_qp *qp)
{
	unsigned long flags;
	bool made, end;

	spin_lock_irqsave(&qp->obj.lock, flags);
	made = qp->making;
	end = qp->put_off;
	/* before the ring is looked at for what has waited */
	WRITE_ONCE(qp->making, false);
	qp->put_off = false;
	spin_unlock_irqrestore(&qp->obj.lock, flags);

	if (end)
		ndk_work_queue(&qp->error_work);
	else if (made && ndk_object_tryget(&qp->obj) &&
		 !ndk_work_queue(&qp->sq.push_work))
		ndk_object_put(&qp->obj);
	return READ_ONCE(qp->end) != NDK_QP_STOPPED;
}

/* Whoever ends the making queues @error_work then, with the reference. */
static bool ndk_qp_put_off(struct ndk_qp *qp)
{
	unsigned long flags;
	bool later;

	spin_lock_irqsave(&qp->obj.lock, flags);
	later = qp->making;
	qp->put_off = later;
	spin_unlock_irqrestore(&qp->obj.lock, flags);
	return later;
}

/**
 * ndk_qp_stop() - the QP has come to its end: all that is outstanding ends
 * @qp: the QP
 * @end: of which kind; the first one counts
 *
 * Context: any.
 */
void ndk_qp_stop(struct ndk_qp *qp, enum ndk_qp_end end)
{
	xchg(&qp->state, NDK_QP_ERROR);
	if (cmpxchg(&qp->end, NDK_QP_NOT_ENDED, end) != NDK_QP_NOT_ENDED)
		return;
	/* Being destroyed already: then it is quiesced there. */
	if (!ndk_object_tryget(&qp->obj))
		return;
	if (!ndk_qp_put_off(qp))
		ndk_work_queue(&qp->error_work);
}

/**
 * ndk_qp_error() - the QP has failed: end its requests and tell its owner
 * @qp: the QP
 *
 * Context: any.
 */
void ndk_qp_error(struct ndk_qp *qp)
{
	ndk_qp_stop(qp, NDK_QP_BROKEN);
}

/**
 * ndk_qp_request_failed() - a request on the QP has failed: the QP has, too
 * @qp: the QP
 * @status: what the request ends with
 *
 * To be called before the consumer can see the completion, so that whoever has
 * seen it finds the QP failed.
 *
 * Context: any.
 */
void ndk_qp_request_failed(struct ndk_qp *qp, NTSTATUS status)
{
	/* The end of a stream flushes, and may be an orderly one. */
	bool stream = qp->obj.dev->info.RdmaTechnology == NdkiWarp &&
		      status == STATUS_CANCELLED;

	/* What failed was memory of ours, or our right to the peer's. */
	if (status == STATUS_ACCESS_VIOLATION)
		WRITE_ONCE(qp->denied_itself, true);
	ndk_qp_stop(qp, stream ? NDK_QP_STREAM_ENDED : NDK_QP_BROKEN);
}

/**
 * ndk_qp_denied_itself() - whether memory has refused a request of the QP's own
 * @qp: the QP
 *
 * Devices tell of such a refusal with the event that tells of one to the peer,
 * before the request completes or after it.
 *
 * Context: any.
 * Return: true once such a request has completed.
 */
bool ndk_qp_denied_itself(const struct ndk_qp *qp)
{
	return READ_ONCE(qp->denied_itself);
}
