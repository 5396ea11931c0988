// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ib_device: what ib_core sees, how it comes and how it goes.
 */
#include <linux/debugfs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/net_namespace.h>
#include <rdma/ib_mad.h>

#include "sim.h"

struct ib_dmah;

/* Guards the list; a listed device is not freed. */
static DEFINE_MUTEX(sim_list_lock);
static LIST_HEAD(sim_list);

static int sim_query_device(struct ib_device *ib, struct ib_device_attr *attr,
			    struct ib_udata *udata)
{
	const struct ndk_sim *sim = to_sim(ib);

	memset(attr, 0, sizeof(*attr));
	attr->sys_image_guid = ib->node_guid;
	attr->max_mr_size = U64_MAX;
	attr->page_size_cap = sim->attr.page_size_cap;
	attr->max_qp = 65536;
	attr->max_qp_wr = SIM_MAX_WR;
	attr->device_cap_flags = IB_DEVICE_SYS_IMAGE_GUID |
				 IB_DEVICE_RC_RNR_NAK_GEN |
				 IB_DEVICE_PORT_ACTIVE_EVENT;
	if (!sim->attr.no_mem_mgt) {
		attr->device_cap_flags |= IB_DEVICE_MEM_MGT_EXTENSIONS;
		attr->max_fast_reg_page_list_len = sim->attr.max_pages;
	}
	attr->kernel_cap_flags = IBK_LOCAL_DMA_LKEY | IBK_ALLOW_USER_UNREG;
	attr->max_send_sge = SIM_MAX_SGE;
	attr->max_recv_sge = SIM_MAX_SGE;
	/* so that each can be told from the others */
	attr->max_sge_rd = SIM_MAX_SGE / 2;
	attr->max_cq = 65536;
	attr->max_cqe = SIM_MAX_CQE;
	attr->max_mr = SIM_MAX_MR;
	attr->max_pd = 65536;
	attr->max_ah = 65536;
	attr->max_qp_rd_atom = 128;
	attr->max_qp_init_rd_atom = 64;
	attr->max_pkeys = 1;
	if (sim_has(ib, NDK_SIM_RETICENT)) {
		attr->page_size_cap = 0;
		attr->max_sge_rd = 0;
	}
	if (sim_has(ib, NDK_SIM_GENEROUS)) {
		attr->max_send_sge = 2 * SIM_MAX_SGE;
		attr->max_recv_sge = 2 * SIM_MAX_SGE;
		attr->max_sge_rd = 4 * SIM_MAX_SGE;
		attr->max_cqe = SIM_GENEROUS_CQE;
		attr->max_qp_rd_atom = 1000;
		attr->max_qp_init_rd_atom = 500;
	}
	return 0;
}

static enum ndk_sim_port sim_port_kind(const struct ndk_sim *sim, u32 port)
{
	return sim->attr.port[port - 1];
}

/**
 * sim_port_address() - where a port can be reached, but for its global address
 * @sim: the device
 * @port: its number
 * @attr: @lid is set
 *
 * Context: any.
 */
void sim_port_address(struct ndk_sim *sim, u32 port, struct ib_port_attr *attr)
{
	switch (sim_port_kind(sim, port)) {
	case NDK_SIM_PORT_IB:
		attr->lid = SIM_LID + port;
		break;
	case NDK_SIM_PORT_OPA:
		attr->lid = SIM_OPA_LID + port;
		break;
	default:
		attr->lid = 0;
		break;
	}
}

static int sim_query_port(struct ib_device *ib, u32 port,
			  struct ib_port_attr *attr)
{
	struct ndk_sim *sim = to_sim(ib);
	bool up;
	int ret;

	ret = sim_call(sim, NDK_SIM_QUERY_PORT);
	if (ret)
		return ret;
	sim_port_address(sim, port, attr);
	up = !sim_has(ib, NDK_SIM_PORTS_DOWN) && netif_running(sim->netdev) &&
	     netif_carrier_ok(sim->netdev);
	attr->state = up ? IB_PORT_ACTIVE : IB_PORT_DOWN;
	attr->phys_state = up ? IB_PORT_PHYS_STATE_LINK_UP :
				IB_PORT_PHYS_STATE_DISABLED;
	attr->max_mtu = IB_MTU_4096;
	attr->active_mtu = IB_MTU_4096;
	attr->gid_tbl_len = port == sim->eth_port ? 16 : 1;
	attr->pkey_tbl_len = 1;
	attr->port_cap_flags = IB_PORT_CM_SUP;
	attr->max_msg_sz = 1 << 30;
	attr->max_vl_num = 1;
	attr->active_width = IB_WIDTH_4X;
	attr->active_speed = IB_SPEED_QDR;
	return 0;
}

static int sim_port_immutable(struct ib_device *ib, u32 port,
			      struct ib_port_immutable *immutable)
{
	static const u32 caps[NDK_SIM_PORT_KINDS] = {
		[NDK_SIM_PORT_ROCE] = RDMA_CORE_PORT_IBA_ROCE_UDP_ENCAP,
		/*
		 * Nobody answers what would be asked of a subnet's manager.
		 * rdma_cm takes all ports to be as the first one.
		 */
		[NDK_SIM_PORT_IB] = RDMA_CORE_CAP_PROT_IB |
				    RDMA_CORE_CAP_IB_MAD | RDMA_CORE_CAP_IB_CM,
		[NDK_SIM_PORT_IB_GRH] = RDMA_CORE_CAP_PROT_IB |
					RDMA_CORE_CAP_IB_GRH_REQUIRED,
		[NDK_SIM_PORT_OPA] = RDMA_CORE_CAP_PROT_IB |
				     RDMA_CORE_CAP_OPA_AH,
	};
	struct ib_port_attr attr = {};
	int ret;

	ret = ib_query_port(ib, port, &attr);
	if (ret)
		return ret;
	immutable->core_cap_flags = caps[sim_port_kind(to_sim(ib), port)];
	immutable->pkey_tbl_len = attr.pkey_tbl_len;
	immutable->gid_tbl_len = attr.gid_tbl_len;
	if (immutable->core_cap_flags & RDMA_CORE_CAP_IB_MAD)
		immutable->max_mad_size = IB_MGMT_MAD_SIZE;
	return 0;
}

static int sim_query_pkey(struct ib_device *ib, u32 port, u16 index, u16 *pkey)
{
	if (index)
		return -EINVAL;
	*pkey = IB_DEFAULT_PKEY_FULL;
	return 0;
}

/* Of a port that has no network interface. */
static int sim_query_gid(struct ib_device *ib, u32 port, int index,
			 union ib_gid *gid)
{
	if (index)
		return -EINVAL;
	gid->global.subnet_prefix = cpu_to_be64(0xfe80ULL << 48);
	gid->global.interface_id =
		cpu_to_be64(be64_to_cpu(ib->node_guid) + port);
	return 0;
}

static enum rdma_link_layer sim_link_layer(struct ib_device *ib, u32 port)
{
	return sim_port_kind(to_sim(ib), port) == NDK_SIM_PORT_ROCE ?
	       IB_LINK_LAYER_ETHERNET : IB_LINK_LAYER_INFINIBAND;
}

static int sim_alloc_pd(struct ib_pd *ib, struct ib_udata *udata)
{
	int ret = sim_verb(to_sim(ib->device), NDK_SIM_ALLOC_PD);

	if (!ret)
		sim_born(ib->device, NDK_SIM_PD);
	return ret;
}

static int sim_dealloc_pd(struct ib_pd *ib, struct ib_udata *udata)
{
	struct ndk_sim *sim = to_sim(ib->device);

	sim_verb(sim, NDK_SIM_DEALLOC_PD);
	SIM_RULE(sim, !atomic_read(&to_sim_pd(ib)->objects),
		 "dealloc_pd with regions or queue pairs in the domain");
	if (atomic_read(&to_sim_pd(ib)->objects))
		return -EBUSY;
	sim_died(ib->device, NDK_SIM_PD);
	return 0;
}

/*
 * Two verbs are declared differently by different kernels. Each has a function
 * for every declaration, and the compiler, not a version number, says which
 * one fits.
 */
#define SIM_FITS(op, fn)						\
	__builtin_types_compatible_p(typeof_member(const struct ib_device_ops, \
						   op), typeof(fn) *)

static int __maybe_unused sim_create_cq_udata(struct ib_cq *ib,
					      const struct ib_cq_init_attr *attr,
					      struct ib_udata *udata)
{
	return sim_create_cq(ib, attr);
}

static int __maybe_unused sim_create_cq_attrs(struct ib_cq *ib,
					      const struct ib_cq_init_attr *attr,
					      struct uverbs_attr_bundle *attrs)
{
	return sim_create_cq(ib, attr);
}

/* Without it ib_core shows the device to no kernel user. */
static struct ib_mr *__maybe_unused
sim_reg_user_mr(struct ib_pd *pd, u64 start, u64 length, u64 virt_addr,
		int access, struct ib_udata *udata)
{
	return sim_reg_user(pd, start, length, virt_addr, access);
}

static struct ib_mr *__maybe_unused
sim_reg_user_mr_dmah(struct ib_pd *pd, u64 start, u64 length, u64 virt_addr,
		     int access, struct ib_dmah *dmah, struct ib_udata *udata)
{
	if (dmah)
		return ERR_PTR(-EOPNOTSUPP);
	return sim_reg_user(pd, start, length, virt_addr, access);
}

/*
 * Whose devices are to go when the module does: ib_core asks by driver, and must
 * find ours and no others. Before that nobody asks any more.
 */
static void sim_be_nobodys(struct ndk_sim *sim)
{
	sim->ib.ops.driver_id = RDMA_DRIVER_UNKNOWN;
}

/* The last thing ib_core does with a device but for freeing it. */
static void sim_dealloc_driver(struct ib_device *ib)
{
	struct ndk_sim *sim = to_sim(ib);
	int i;

	mutex_lock(&sim_list_lock);
	if (sim->listed)
		list_del(&sim->node);
	sim->listed = false;
	sim_be_nobodys(sim);
	mutex_unlock(&sim_list_lock);
	debugfs_remove(sim->debugfs);
	destroy_workqueue(sim->wq);
	for (i = 0; i < NDK_SIM_OBJECTS; i++)
		WARN_ON(atomic_read(&sim->live[i]));
	WARN_ON(!xa_empty(&sim->qps));
	WARN_ON(!xa_empty(&sim->mrs));
	xa_destroy(&sim->qps);
	xa_destroy(&sim->mrs);
	netdev_put(sim->netdev, &sim->tracker);
	complete_all(&sim->gone);
}

static const struct ib_device_ops sim_ops = {
	.owner = THIS_MODULE,
	.driver_id = RDMA_DRIVER_UNKNOWN,
	.alloc_mr = sim_alloc_mr,
	.alloc_pd = sim_alloc_pd,
	.create_ah = sim_create_ah,
	.create_cq =
		__builtin_choose_expr(SIM_FITS(create_cq, sim_create_cq_attrs),
				      sim_create_cq_attrs, sim_create_cq_udata),
	.create_qp = sim_create_qp,
	.dealloc_driver = sim_dealloc_driver,
	.dealloc_pd = sim_dealloc_pd,
	.dereg_mr = sim_dereg_mr,
	.destroy_ah = sim_destroy_ah,
	.destroy_cq = sim_destroy_cq,
	.destroy_qp = sim_destroy_qp,
	.get_dma_mr = sim_get_dma_mr,
	.get_link_layer = sim_link_layer,
	.get_port_immutable = sim_port_immutable,
	.map_mr_sg = sim_map_mr_sg,
	.modify_qp = sim_modify_qp,
	.poll_cq = sim_poll_cq,
	.post_recv = sim_post_recv,
	.post_send = sim_post_send,
	.query_device = sim_query_device,
	.query_gid = sim_query_gid,
	.query_pkey = sim_query_pkey,
	.query_port = sim_query_port,
	.query_qp = sim_query_qp,
	.reg_user_mr =
		__builtin_choose_expr(SIM_FITS(reg_user_mr, sim_reg_user_mr),
				      sim_reg_user_mr, sim_reg_user_mr_dmah),
	.req_notify_cq = sim_req_notify_cq,

	INIT_RDMA_OBJ_SIZE(ib_ah, sim_ah, ib),
	INIT_RDMA_OBJ_SIZE(ib_cq, sim_cq, ib),
	INIT_RDMA_OBJ_SIZE(ib_pd, sim_pd, ib),
	INIT_RDMA_OBJ_SIZE(ib_qp, sim_qp, ib),
};

static u32 sim_local_dma_lkey(const struct ndk_sim_attr *attr)
{
	if (attr->habits & NDK_SIM_ZERO_LKEY)
		return 0;
	return attr->habits & NDK_SIM_NEAR_KEY ? SIM_NEAR_DMA_LKEY :
						 SIM_LOCAL_DMA_LKEY;
}

/* All but what ib_alloc_device() does; it can be deallocated afterwards. */
static int sim_init(struct ndk_sim *sim, struct net_device *netdev,
		    const struct ndk_sim_attr *attr)
{
	struct ib_device *ib = &sim->ib;
	u32 i;

	sim->wq = alloc_workqueue("ndk_sim", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!sim->wq)
		return -ENOMEM;
	sim->attr = *attr;
	sim->attr.ports = clamp(attr->ports, 1U, (u32)NDK_SIM_MAX_PORTS);
	for (i = 1; i <= sim->attr.ports && !sim->eth_port; i++)
		if (sim_port_kind(sim, i) == NDK_SIM_PORT_ROCE)
			sim->eth_port = i;
	/* ib_core lets go of its own before the last query_port. */
	netdev_hold(netdev, &sim->tracker, GFP_KERNEL);
	sim->netdev = netdev;
	sim_faults_init(sim);
	spin_lock_init(&sim->lock);
	xa_init_flags(&sim->qps, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);
	xa_init_flags(&sim->mrs, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);
	init_waitqueue_head(&sim->wait);
	INIT_LIST_HEAD(&sim->kept);
	init_completion(&sim->gone);

	strscpy(ib->node_desc, "ndk_sim", sizeof(ib->node_desc));
	ib->node_type = RDMA_NODE_IB_CA;
	ib->phys_port_cnt = sim->attr.ports;
	ib->num_comp_vectors = num_possible_cpus();
	ib->local_dma_lkey = sim_local_dma_lkey(attr);
	addrconf_addr_eui48((u8 *)&ib->node_guid, netdev->dev_addr);
	ib_set_device_ops(ib, &sim_ops);
	ib->ops.driver_id = attr->driver_id;
	return 0;
}

/**
 * sim_add() - make a device
 * @name: RDMA device name
 * @netdev: network interface that gives it its addresses
 * @attr: what it can do
 *
 * Context: process; may sleep.
 * Return: the device with a reference, or an ERR_PTR.
 */
struct ndk_sim *sim_add(const char *name, struct net_device *netdev,
			const struct ndk_sim_attr *attr)
{
	struct ndk_sim *sim;
	int ret;

	sim = ib_alloc_device(ndk_sim, ib);
	if (!sim)
		return ERR_PTR(-ENOMEM);
	ret = sim_init(sim, netdev, attr);
	if (ret) {
		ib_dealloc_device(&sim->ib);
		return ERR_PTR(ret);
	}
	get_device(&sim->ib.dev);
	mutex_lock(&sim_list_lock);
	list_add_tail(&sim->node, &sim_list);
	sim->listed = true;
	mutex_unlock(&sim_list_lock);

	sim_debugfs_add(sim, name);
	ret = sim->eth_port ?
	      ib_device_set_netdev(&sim->ib, netdev, sim->eth_port) : 0;
	if (!ret)
		ret = ib_register_device(&sim->ib, name, NULL);
	if (ret) {
		ib_dealloc_device(&sim->ib);
		sim_put(sim);
		return ERR_PTR(ret);
	}
	return sim;
}

/**
 * sim_add_by_name() - make a device on an interface of the first namespace
 * @name: RDMA device name
 * @netdev: name of the network interface
 * @attr: what it can do
 *
 * Context: process; may sleep.
 * Return: the device with a reference, or an ERR_PTR.
 */
struct ndk_sim *sim_add_by_name(const char *name, const char *netdev,
				const struct ndk_sim_attr *attr)
{
	struct net_device *found = dev_get_by_name(&init_net, netdev);
	struct ndk_sim *sim;

	if (!found)
		return ERR_PTR(-ENODEV);
	sim = sim_add(name, found, attr);
	dev_put(found);
	return sim;
}

/**
 * sim_put() - give up a device's handle
 * @sim: the device
 *
 * Context: process.
 */
void sim_put(struct ndk_sim *sim)
{
	put_device(&sim->ib.dev);
}

/**
 * sim_unplug() - the device begins to go away
 * @sim: the device
 *
 * Context: any.
 */
void sim_unplug(struct ndk_sim *sim)
{
	/* It may be going away already, or not quite be there. */
	if (!ib_device_try_get(&sim->ib))
		return;
	if (!test_and_set_bit(0, &sim->unplugged))
		ib_unregister_device_queued(&sim->ib);
	ib_device_put(&sim->ib);
}

/**
 * sim_remove_all() - unregister the devices that there are
 *
 * No more can be made.
 *
 * Context: process; sleeps until they are gone.
 */
void sim_remove_all(void)
{
	struct ndk_sim *sim;

	mutex_lock(&sim_list_lock);
	list_for_each_entry(sim, &sim_list, node)
		sim_be_nobodys(sim);
	mutex_unlock(&sim_list_lock);
	/* No other driver goes by this id. */
	ib_unregister_driver(RDMA_DRIVER_UNKNOWN);
}

static void sim_port_event(struct ndk_sim *sim, enum ib_event_type type)
{
	struct ib_event event = {
		.device = &sim->ib,
		.event = type,
		.element.port_num = sim->eth_port ?: 1,
	};

	ib_dispatch_event(&event);
}

/**
 * sim_netdev_event() - something has happened to a network interface
 * @netdev: the interface
 * @event: NETDEV_*
 *
 * Context: process; may sleep.
 */
void sim_netdev_event(struct net_device *netdev, unsigned long event)
{
	struct ndk_sim *sim;

	mutex_lock(&sim_list_lock);
	list_for_each_entry(sim, &sim_list, node) {
		if (sim->netdev != netdev || !ib_device_try_get(&sim->ib))
			continue;
		if (event == NETDEV_UNREGISTER)
			sim_unplug(sim);
		else if (event == NETDEV_UP)
			sim_port_event(sim, IB_EVENT_PORT_ACTIVE);
		else if (event == NETDEV_DOWN)
			sim_port_event(sim, IB_EVENT_PORT_ERR);
		ib_device_put(&sim->ib);
	}
	mutex_unlock(&sim_list_lock);
}
