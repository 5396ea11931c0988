// SPDX-License-Identifier: GPL-2.0-only
/*
 * ib_core has no way to register kernel memory but a work request on a
 * connected queue pair, and NDKPI has one without a queue pair. So each
 * protection domain that needs it keeps a private queue pair, connected to
 * itself: no peer, no packets, only registrations, each waited for, since the
 * token may then be used on any queue pair.
 */
#include <linux/jiffies.h>
#include <rdma/ib_cache.h>

#include "device.h"
#include "pd.h"
#include "regqp.h"
#include "status.h"

/* A local operation that takes this long will never end by itself. */
#define NDK_REGQP_TIMEOUT	(10 * HZ)

/* Of packets that are never sent; 7 would be for ever to some devices. */
#define NDK_REGQP_RETRIES	6

static void ndk_regqp_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct ndk_regqp_wait *wait = container_of(wc->wr_cqe,
						   struct ndk_regqp_wait, cqe);

	wait->status = wc->status;
	complete(&wait->done);
}

void ndk_regqp_init(struct ndk_regqp *rqp)
{
	u32 i;

	mutex_init(&rqp->lock);
	for (i = 0; i < ARRAY_SIZE(rqp->waits); i++) {
		rqp->waits[i].cqe.done = ndk_regqp_done;
		init_completion(&rqp->waits[i].done);
	}
}

/* By LID; where that is not enough, with a global route. */
static int ndk_regqp_ib_address(struct ib_device *ib, u32 port, u32 lid,
				struct rdma_ah_attr *ah)
{
	const struct ib_gid_attr *sgid;

	/* Of 16 bits or 32: @ah knows of which kind it is. */
	rdma_ah_set_dlid(ah, lid);
	if (!rdma_is_grh_required(ib, port))
		return 0;
	sgid = rdma_get_gid_attr(ib, port, 0);
	if (IS_ERR(sgid))
		return PTR_ERR(sgid);
	/* The address handle takes the reference over. */
	rdma_move_grh_sgid_attr(ah, (union ib_gid *)&sgid->gid, 0, 1, 0, sgid);
	return 0;
}

/* The address of the port itself. */
static int ndk_regqp_address(struct ib_device *ib, u32 port,
			     struct rdma_ah_attr *ah, enum ib_mtu *mtu)
{
	const struct ib_gid_attr *sgid;
	struct ib_port_attr attr;
	int ret, i;

	ret = ib_query_port(ib, port, &attr);
	if (ret)
		return ret;
	*mtu = attr.active_mtu;
	ah->type = rdma_ah_find_type(ib, port);
	rdma_ah_set_port_num(ah, port);

	if (ah->type != RDMA_AH_ATTR_TYPE_ROCE)
		return ndk_regqp_ib_address(ib, port, attr.lid, ah);

	for (i = 0; i < attr.gid_tbl_len; i++) {
		sgid = rdma_get_gid_attr(ib, port, i);
		if (IS_ERR(sgid))
			continue;
		ret = rdma_read_gid_l2_fields(sgid, NULL, ah->roce.dmac);
		if (ret) {
			rdma_put_gid_attr(sgid);
			continue;
		}
		/* The address handle takes the reference over. */
		rdma_move_grh_sgid_attr(ah, (union ib_gid *)&sgid->gid, 0, 64,
					0, sgid);
		return 0;
	}
	return -ENETDOWN;
}

static int ndk_regqp_connect_port(struct ib_qp *qp, u32 port)
{
	struct ib_qp_attr attr = {
		.qp_state = IB_QPS_INIT,
		.port_num = port,
	};
	int ret;

	ret = ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_PKEY_INDEX |
			   IB_QP_PORT | IB_QP_ACCESS_FLAGS);
	if (ret)
		return ret;

	memset(&attr, 0, sizeof(attr));
	attr.qp_state = IB_QPS_RTR;
	attr.dest_qp_num = qp->qp_num;
	attr.min_rnr_timer = 12;
	ret = ndk_regqp_address(qp->device, port, &attr.ah_attr,
				&attr.path_mtu);
	if (ret)
		return ret;
	ret = ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_AV | IB_QP_PATH_MTU |
			   IB_QP_DEST_QPN | IB_QP_RQ_PSN |
			   IB_QP_MAX_DEST_RD_ATOMIC | IB_QP_MIN_RNR_TIMER);
	rdma_destroy_ah_attr(&attr.ah_attr);
	if (ret)
		return ret;

	memset(&attr, 0, sizeof(attr));
	attr.qp_state = IB_QPS_RTS;
	attr.timeout = 14;
	attr.retry_cnt = NDK_REGQP_RETRIES;
	attr.rnr_retry = NDK_REGQP_RETRIES;
	return ib_modify_qp(qp, &attr, IB_QP_STATE | IB_QP_TIMEOUT |
			    IB_QP_RETRY_CNT | IB_QP_RNR_RETRY | IB_QP_SQ_PSN |
			    IB_QP_MAX_QP_RD_ATOMIC);
}

static bool ndk_regqp_is_active(struct ib_device *ib, u32 port)
{
	struct ib_port_attr attr;

	return !ib_query_port(ib, port, &attr) &&
	       attr.state == IB_PORT_ACTIVE;
}

/* Active ports first; where there is none, one that is down may do as well. */
static int ndk_regqp_connect(struct ib_qp *qp)
{
	bool active = true;
	int ret = -ENETDOWN;
	u32 port;

	do {
		rdma_for_each_port(qp->device, port) {
			if (ndk_regqp_is_active(qp->device, port) != active)
				continue;
			ret = ndk_regqp_connect_port(qp, port);
			if (!ret)
				return 0;
		}
		active = !active;
	} while (!active);
	return ret;
}

/* Under rqp->lock, or with the domain without references. */
static void ndk_regqp_destroy(struct ndk_regqp *rqp)
{
	if (rqp->qp)
		ib_destroy_qp(rqp->qp);
	rqp->qp = NULL;
	if (rqp->cq)
		ib_free_cq(rqp->cq);
	rqp->cq = NULL;
}

static int ndk_regqp_create(struct ndk_pd *pd, struct ndk_regqp *rqp)
{
	struct ib_device *ib = pd->pd->device;
	struct ib_qp_init_attr init = {
		.qp_type = IB_QPT_RC,
		.sq_sig_type = IB_SIGNAL_REQ_WR,
		.cap = {
			.max_send_wr = NDK_REGQP_DEPTH,
			.max_recv_wr = 1,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
	};
	struct ib_cq *cq;
	struct ib_qp *qp;
	int ret;

	/* An iWARP queue pair cannot be connected without a stream. */
	if (rdma_protocol_iwarp(ib, ndk_device_port(ib)))
		return -EOPNOTSUPP;

	cq = ib_alloc_cq(ib, NULL, 2 * NDK_REGQP_DEPTH, 0,
			 IB_POLL_UNBOUND_WORKQUEUE);
	if (IS_ERR(cq))
		return PTR_ERR(cq);
	rqp->cq = cq;
	init.send_cq = cq;
	init.recv_cq = cq;

	qp = ib_create_qp(pd->pd, &init);
	if (IS_ERR(qp)) {
		ret = PTR_ERR(qp);
		goto destroy;
	}
	rqp->qp = qp;
	ret = ndk_regqp_connect(qp);
	if (ret)
		goto destroy;
	return 0;

destroy:
	ndk_regqp_destroy(rqp);
	return ret;
}

/*
 * @rqp has a queue pair. With failure that is destroyed;
 * *@begun says whether the device may have done something of the request.
 */
static NTSTATUS ndk_regqp_post(struct ndk_regqp *rqp, struct ib_send_wr *wr,
			       bool *begun)
	__must_hold(&rqp->lock)
{
	struct ndk_regqp_wait *wait = &rqp->waits[rqp->turn];
	bool late = false; /* it has never answered */
	NTSTATUS status;
	int ret;

	lockdep_assert_held(&rqp->lock);
	rqp->turn = (rqp->turn + 1) % ARRAY_SIZE(rqp->waits);
	reinit_completion(&wait->done);
	wait->status = IB_WC_GENERAL_ERR;
	wr->wr_cqe = &wait->cqe;
	wr->send_flags = IB_SEND_SIGNALED;
	wr->next = NULL;

	ret = ib_post_send(rqp->qp, wr, NULL);
	if (!ret &&
	    !wait_for_completion_timeout(&wait->done, NDK_REGQP_TIMEOUT)) {
		/*
		 * A device that does not answer does not end a drain, either.
		 * Without queue and queue pair it cannot do the request any more.
		 */
		ndk_regqp_destroy(rqp);
		late = true;
	}
	*begun = !ret && (late || wait->status != IB_WC_WR_FLUSH_ERR);
	status = ret ? ndk_status_from_errno(ret) :
		       ndk_status_from_wc(wait->status);
	if (status)
		ndk_regqp_destroy(rqp);
	return status;
}

/**
 * ndk_regqp_execute() - do one work request on the private queue pair
 * @pd: the domain
 * @wr: a REG_MR; its completion is set here
 *
 * A queue pair that fails is destroyed and made anew for the next request;
 * what the failed request named is in an unknown state then. One that had died
 * since it was used last does not even begin the request, which then gets
 * another queue pair.
 *
 * Context: process, inside a device section; sleeps until the device is done.
 * Return: STATUS_SUCCESS, STATUS_NOT_SUPPORTED on a transport that cannot do
 * it, or why it failed.
 */
NTSTATUS ndk_regqp_execute(struct ndk_pd *pd, struct ib_send_wr *wr)
{
	struct ndk_regqp *rqp = &pd->regqp;
	bool used, begun = false;
	NTSTATUS status;
	int ret = 0;

	might_sleep();
	mutex_lock(&rqp->lock);
	/* Who was here before may have waited long for a device that is mute. */
	if (ndk_device_gone(pd->obj.dev)) {
		mutex_unlock(&rqp->lock);
		return STATUS_DEVICE_REMOVED;
	}
	do {
		used = rqp->qp;
		if (!used)
			ret = ndk_regqp_create(pd, rqp);
		if (ret)
			status = ndk_status_from_errno(ret);
		else
			status = ndk_regqp_post(rqp, wr, &begun);
	} while (status && used && !begun);
	mutex_unlock(&rqp->lock);
	return status;
}

/**
 * ndk_regqp_release() - destroy it
 * @rqp: without requests
 *
 * Context: process, inside a device section or in removal; may sleep.
 */
void ndk_regqp_release(struct ndk_regqp *rqp)
{
	might_sleep();
	mutex_lock(&rqp->lock);
	ndk_regqp_destroy(rqp);
	mutex_unlock(&rqp->lock);
}
