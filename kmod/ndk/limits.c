// SPDX-License-Identifier: GPL-2.0-only
/*
 * The limits of a device, tried out and not only read.
 *
 * The attributes of an ib_device are single maxima: many devices have queues of
 * the greatest depth, or requests with the most SGEs, but not both. NDKPI
 * promises limits that can be had together, so what is reported here is what a
 * queue pair could really be created with.
 */
#include "cq.h"
#include "device.h"
#include "driver.h"
#include "mr.h"
#include "qp.h"
#include "sge.h"
#include "status.h"

/* Own ceilings, so that one object cannot take unbounded kernel memory. */
#define NDK_MAX_QUEUE_DEPTH	4096
#define NDK_MAX_SGE		NDK_SGE_LIMIT
#define NDK_MIN_QUEUE_DEPTH	16
#define NDK_MAX_CQ_DEPTH	65536U
#define NDK_MAX_FAST_PAGES	65536U

/* Private data that every transport of rdma_cm leaves to its user. */
#define NDK_MAX_CALLER_DATA	56
#define NDK_MAX_CALLEE_DATA	148

/* From here on one read or write costs less than sending through a bounce. */
#define NDK_LARGE_REQUEST	8192

static NDK_RDMA_TECHNOLOGY ndk_technology(struct ib_device *ib, u32 port)
{
	if (rdma_protocol_iwarp(ib, port))
		return NdkiWarp;
	if (rdma_protocol_roce_udp_encap(ib, port))
		return NdkRoCEv2;
	if (rdma_protocol_roce(ib, port))
		return NdkRoCE;
	if (rdma_protocol_ib(ib, port))
		return NdkInfiniBand;
	return NdkUndefined;
}

static void ndk_limits_read(struct ndk_device *dev, NDK_ADAPTER_INFO *info,
			    u32 max_msg)
{
	const struct ib_device_attr *attrs = &dev->ib->attrs;
	u32 port = ndk_device_port(dev->ib);

	info->VendorId = attrs->vendor_id;
	info->DeviceId = attrs->vendor_part_id;

	/* A range may begin and end inside a page. */
	info->MaxRegistrationSize = (SIZE_T)(dev->max_frmr_pages - 1) *
				    PAGE_SIZE;
	if (!info->MaxRegistrationSize)
		info->MaxRegistrationSize = PAGE_SIZE;
	info->FRMRPageCount = min_t(u32, dev->max_frmr_pages,
				    NDK_POOL_MR_PAGES);

	info->MaxInitiatorRequestSge = min_t(u32, attrs->max_send_sge,
					     NDK_MAX_SGE);
	info->MaxReceiveRequestSge = min_t(u32, attrs->max_recv_sge,
					   NDK_MAX_SGE);
	info->MaxReadRequestSge = min_t(u32, info->MaxInitiatorRequestSge,
					attrs->max_sge_rd);
	if (!info->MaxReadRequestSge)
		info->MaxReadRequestSge = info->MaxInitiatorRequestSge;
	info->MaxTransferLength = max_msg;
	info->MaxInlineDataSize = NDK_MAX_INLINE;
	/* rdma_cm carries them in eight bits. */
	info->MaxInboundReadLimit = min_t(u32, attrs->max_qp_rd_atom, U8_MAX);
	info->MaxOutboundReadLimit = min_t(u32, attrs->max_qp_init_rd_atom,
					   U8_MAX);

	info->MaxInitiatorQueueDepth = NDK_MAX_QUEUE_DEPTH;
	info->MaxReceiveQueueDepth = NDK_MAX_QUEUE_DEPTH;
	info->MaxCqDepth = min(ndk_cq_max_depth(attrs->max_cqe),
			       NDK_MAX_CQ_DEPTH);
	info->LargeRequestThreshold = NDK_LARGE_REQUEST;
	info->MaxCallerData = NDK_MAX_CALLER_DATA;
	info->MaxCalleeData = NDK_MAX_CALLEE_DATA;

	info->RdmaTechnology = ndk_technology(dev->ib, port);
	if (!(dev->habits & NDK_DRIVER_NO_LOOPBACK))
		info->AdapterFlags |=
			NDK_ADAPTER_FLAG_LOOPBACK_CONNECTIONS_SUPPORTED;
	if (info->RdmaTechnology != NdkiWarp)
		info->AdapterFlags |=
			NDK_ADAPTER_FLAG_RDMA_READ_SINK_NOT_REQUIRED;
}

/*
 * Some devices say that they have no memory when they mean that it is too much
 * for them. If memory was short just now, another attempt tells: limits are
 * found out once, so a moment must not be taken for one.
 */
static struct ib_cq *ndk_limits_cq(struct ndk_device *dev, u32 depth)
{
	struct ib_cq *cq;

	cq = ib_alloc_cq(dev->ib, NULL, ndk_cq_device_depth(depth), 0,
			 NDK_CQ_POLL);
	if (cq == ERR_PTR(-ENOMEM))
		cq = ib_alloc_cq(dev->ib, NULL, ndk_cq_device_depth(depth), 0,
				 NDK_CQ_POLL);
	return cq;
}

static struct ib_qp *ndk_limits_qp(struct ib_pd *pd,
				   const struct ib_qp_init_attr *wanted)
{
	struct ib_qp_init_attr attr = *wanted;
	struct ib_qp *qp;

	qp = ib_create_qp(pd, &attr);
	if (qp != ERR_PTR(-ENOMEM))
		return qp;
	/* The device may have written to it. */
	attr = *wanted;
	return ib_create_qp(pd, &attr);
}

/* Halve the depth until a CQ can be made. */
static struct ib_cq *ndk_limits_try_cq(struct ndk_device *dev,
				       NDK_ADAPTER_INFO *info)
{
	struct ib_cq *cq;

	for (;;) {
		cq = ndk_limits_cq(dev, info->MaxCqDepth);
		if (!IS_ERR(cq) || info->MaxCqDepth < 2 * NDK_MIN_QUEUE_DEPTH)
			return cq;
		info->MaxCqDepth /= 2;
	}
}

/* Halve the depths until a QP with all the maxima at once can be made. */
static int ndk_limits_try(struct ndk_device *dev, NDK_ADAPTER_INFO *info)
{
	struct ib_pd *pd;
	struct ib_cq *cq;
	struct ib_qp *qp;
	u32 depth;
	int ret;

	pd = ib_alloc_pd(dev->ib, 0);
	if (IS_ERR(pd))
		return PTR_ERR(pd);
	cq = ndk_limits_try_cq(dev, info);
	if (IS_ERR(cq)) {
		ret = PTR_ERR(cq);
		goto free_pd;
	}

	ret = -ENOMEM;
	for (depth = NDK_MAX_QUEUE_DEPTH; depth >= NDK_MIN_QUEUE_DEPTH;
	     depth /= 2) {
		const struct ib_qp_init_attr attr = {
			.send_cq = cq,
			.recv_cq = cq,
			.qp_type = IB_QPT_RC,
			.sq_sig_type = IB_SIGNAL_REQ_WR,
			.cap = {
				.max_send_wr = ndk_sq_device_depth(depth),
				.max_recv_wr = ndk_rq_device_depth(depth),
				.max_send_sge = info->MaxInitiatorRequestSge,
				.max_recv_sge = info->MaxReceiveRequestSge,
			},
		};

		/* Both queues may report to one CQ. */
		if (attr.cap.max_send_wr + attr.cap.max_recv_wr >
		    ndk_cq_device_depth(info->MaxCqDepth))
			continue;
		qp = ndk_limits_qp(pd, &attr);
		ret = PTR_ERR_OR_ZERO(qp);
		if (ret)
			continue;
		ib_destroy_qp(qp);
		info->MaxInitiatorQueueDepth = depth;
		info->MaxReceiveQueueDepth = depth;
		break;
	}

	ib_free_cq(cq);
free_pd:
	ib_dealloc_pd(pd);
	return ret;
}

/**
 * ndk_device_limits() - find the limits out, the first time
 * @dev: the device
 *
 * Context: process, inside a device section; may sleep.
 * Return: STATUS_SUCCESS, or why the device cannot be used.
 */
NTSTATUS ndk_device_limits(struct ndk_device *dev)
{
	NDK_ADAPTER_INFO info = {};
	struct ib_port_attr port;
	int ret = 0;

	might_sleep();
	mutex_lock(&dev->limits_lock);
	if (dev->limits_known)
		goto unlock;

	ret = ib_query_port(dev->ib, ndk_device_port(dev->ib), &port);
	if (ret)
		goto unlock;
	dev->max_frmr_pages =
		min(dev->ib->attrs.max_fast_reg_page_list_len,
		    NDK_MAX_FAST_PAGES);
	ndk_limits_read(dev, &info, port.max_msg_sz);
	ret = ndk_limits_try(dev, &info);
	if (ret)
		goto unlock;
	dev->info = info;
	dev->limits_known = true;
unlock:
	mutex_unlock(&dev->limits_lock);
	return ndk_status_from_errno(ret);
}
