// SPDX-License-Identifier: GPL-2.0-only
/*
 * Datagrams of ib_mad, which carry rdma_cm's messages. They only go from a
 * device to itself, and are lost on every other way.
 */
#include <linux/in.h>
#include <linux/ip.h>
#include <rdma/ib_cache.h>

#include "sim.h"

int sim_create_ah(struct ib_ah *ib, struct rdma_ah_init_attr *init,
		  struct ib_udata *udata)
{
	const struct ib_global_route *grh = rdma_ah_read_grh(init->ah_attr);
	struct ndk_sim *sim = to_sim(ib->device);
	const struct ib_gid_attr *sgid = grh->sgid_attr, *dgid;
	struct sim_ah *ah = to_sim_ah(ib);
	int ret;

	/* Without RDMA_CREATE_AH_SLEEPABLE it may not sleep. */
	ret = sim_call(sim, NDK_SIM_CREATE_AH);
	if (ret)
		return ret;
	if (!sgid)
		return -EINVAL;
	ah->sgid = sgid->gid;
	ah->dgid = grh->dgid;
	ah->network = rdma_gid_attr_network_type(sgid);
	dgid = rdma_find_gid_by_port(ib->device, &grh->dgid, sgid->gid_type,
				     sim->eth_port, NULL);
	if (!IS_ERR(dgid))
		rdma_put_gid_attr(dgid);
	ah->local = !IS_ERR(dgid) &&
		    !sim_has(ib->device, NDK_SIM_NO_LOOPBACK);
	sim_born(ib->device, NDK_SIM_AH);
	return 0;
}

int sim_destroy_ah(struct ib_ah *ib, u32 flags)
{
	sim_call(to_sim(ib->device), NDK_SIM_DESTROY_AH);
	sim_died(ib->device, NDK_SIM_AH);
	return 0;
}

static void sim_ud_header(const struct sim_wqe *wqe,
			  union rdma_network_hdr *header)
{
	struct iphdr *ip = &header->roce4grh;

	memset(header, 0, sizeof(*header));
	if (wqe->ah.network != RDMA_NETWORK_IPV4) {
		header->ibgrh.version_tclass_flow = cpu_to_be32(6 << 28);
		header->ibgrh.next_hdr = IPPROTO_UDP;
		header->ibgrh.sgid = wqe->ah.sgid;
		header->ibgrh.dgid = wqe->ah.dgid;
		return;
	}
	ip->version = 4;
	ip->ihl = 5;
	ip->protocol = IPPROTO_UDP;
	/* of an address that is mapped into IPv6 */
	memcpy(&ip->saddr, wqe->ah.sgid.raw + 12, 4);
	memcpy(&ip->daddr, wqe->ah.dgid.raw + 12, 4);
}

static bool sim_ud_put(struct sim_qp *qp, struct sim_wqe *recv, const void *data,
		       u32 length)
{
	void *to;
	u32 n;

	for (; length; length -= n, data += n) {
		if (recv->done == recv->length)
			return false;
		n = sim_local(qp, recv, recv->done, IB_ACCESS_LOCAL_WRITE, &to);
		if (!n)
			return false;
		n = min(n, length);
		memcpy(to, data, n);
		recv->done += n;
	}
	return true;
}

static bool sim_ud_deliver(struct sim_qp *qp, struct sim_wqe *wqe,
			   struct sim_qp *peer)
{
	struct sim_wqe *recv = sim_wqe(&peer->rq, peer->rq.exec);
	union rdma_network_hdr header;
	void *from;
	u32 n;

	recv->done = 0;
	sim_ud_header(wqe, &header);
	if (!sim_ud_put(peer, recv, &header, sizeof(header)))
		return false;
	for (; wqe->done < wqe->length; wqe->done += n) {
		n = sim_local(qp, wqe, wqe->done, 0, &from);
		if (!n || !sim_ud_put(peer, recv, from, n))
			return false;
	}
	recv->wc_flags = IB_WC_GRH | IB_WC_WITH_NETWORK_HDR_TYPE;
	recv->network = wqe->ah.network;
	recv->src_qp = qp->ib.qp_num;
	return true;
}

/**
 * sim_ud_send() - send a datagram, which may be lost
 * @qp: ib_mad's
 * @wqe: the request that is next
 *
 * Context: any; under the device's lock.
 */
void sim_ud_send(struct sim_qp *qp, struct sim_wqe *wqe)
{
	struct sim_qp *peer = NULL;

	if (wqe->ah.local && wqe->ah.qpn == SIM_GSI_QPN)
		peer = qp;
	if (peer && peer->rq.exec != peer->rq.head &&
	    sim_ud_deliver(qp, wqe, peer))
		sim_finish(&peer->rq, sim_wqe(&peer->rq, peer->rq.exec),
			   IB_WC_SUCCESS);
	sim_finish(&qp->sq, wqe, IB_WC_SUCCESS);
	sim_report(qp);
}
