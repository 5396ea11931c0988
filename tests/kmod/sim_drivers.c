// SPDX-License-Identifier: GPL-2.0-only
/*
 * Habits of drivers, one at a time: see Documentation/drivers.rst.
 */
#include <linux/in.h>
#include <linux/inetdevice.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/sizes.h>
#include <net/net_namespace.h>
#include <rdma/ib_verbs.h>

#include "harness.h"
#include "sim_device.h"

/* A region of one end that is registered, and its only SGE. */
static bool st_local_region(struct st_test *t, struct st_side *side,
			    struct st_buf *buf, NDK_MR **mr, NDK_SGE *sge)
{
	if (!buf || !ST_OK(t, st_create_mr(t, side->pd, true, mr)) ||
	    !ST_OK(t, st_init(t, *mr, 8, true)) ||
	    !ST_OK(t, st_fast_register(t, side, *mr, buf, buf->label,
				       ST_RIGHTS_ALL)))
		return false;
	sge->VirtualAddress = (PVOID)(ULONG_PTR)buf->label;
	sge->Length = buf->len;
	sge->MemoryRegionToken = st_local_token(t, *mr);
	return true;
}

/*
 * The memory that a read goes to is invalidated behind it, without waiting for
 * the read.
 */
static void st_inv_behind_read(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *far = st_buf_new(t, ST_SCATTER, 0, 8 * PAGE_SIZE);
	struct st_buf *near = st_buf_new(t, ST_SCATTER, 0, 8 * PAGE_SIZE);
	NDK_MR *far_mr, *near_mr;
	NDK_SGE far_sge, near_sge;
	struct st_wr read = {
		.op = NdkOperationTypeRead, .sgl = &near_sge, .nsge = 1,
		.flags = NDK_OP_FLAG_DEFER, .ctx = &read,
	};
	struct st_wr inv = { .op = NdkOperationTypeInvalidate, .ctx = &inv };

	if (!p || !st_local_region(t, &p->b, far, &far_mr, &far_sge) ||
	    !st_local_region(t, &p->a, near, &near_mr, &near_sge))
		return;
	read.raddr = far->label;
	read.rkey = st_remote_token(t, far_mr);
	inv.mr = near_mr;
	st_buf_expect(near, 0, st_data(far), far->len);
	/* The device knows of the invalidation when it is at the read. */
	st_sim->stall(t->sim, NDK_SIM_DO(READ));
	if (ST_OK(t, st_post(t, p->a.qp, &read)))
		ST_OK(t, st_post(t, p->a.qp, &inv));
	st_sim->stall(t->sim, 0);
	if (st_expect_next(t, &p->a, &p->a.icq, read.op, &read,
			   STATUS_SUCCESS) &&
	    st_expect_next(t, &p->a, &p->a.icq, inv.op, &inv, STATUS_SUCCESS))
		ST_BUF(t, near);
}

/*
 * What is behind a read is done, and says so, before the read's data come. How it
 * ends is told behind the read all the same, and the read's own end is its own.
 */
static void st_read_late(struct st_test *t, bool fails)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *far = st_buf_new(t, ST_SCATTER, 0, 8 * PAGE_SIZE);
	struct st_buf *near = st_buf_new(t, ST_SCATTER, 0, 8 * PAGE_SIZE);
	NDK_MR *far_mr, *near_mr;
	NDK_SGE far_sge, near_sge;
	struct st_wr read = {
		.op = NdkOperationTypeRead, .sgl = &near_sge, .nsge = 1,
		.ctx = &read,
	};
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	NTSTATUS status = fails ? STATUS_ACCESS_VIOLATION : STATUS_SUCCESS;
	NDK_RESULT_EX res;
	int i;

	if (!p || !st_local_region(t, &p->b, far, &far_mr, &far_sge) ||
	    !st_local_region(t, &p->a, near, &near_mr, &near_sge))
		return;
	read.raddr = far->label + (fails ? far->len : 0);
	read.rkey = st_remote_token(t, far_mr);
	st_sim->stall(t->sim, NDK_SIM_DO(READ));
	if (!ST_OK(t, st_post(t, p->a.qp, &read)))
		return;
	/* the first and the last are reported */
	for (i = 0; i < 3; i++) {
		send.ctx = (void *)(ULONG_PTR)(i + 1);
		send.flags = i == 1 ? NDK_OP_FLAG_SILENT_SUCCESS : 0;
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &send)) ||
		    !st_expect_next(t, &p->b, &p->b.rcq, recv.op, &recv,
				    STATUS_SUCCESS))
			return;
	}
	if (!st_sim_handled(t, &p->a))
		return;
	ST_EXPECT(t, !st_poll(t, &p->a.icq, &res, 1),
		  "something has ended before the read's data came");
	st_sim->stall(t->sim, 0);
	if (!fails)
		st_buf_expect(near, 0, st_data(far), far->len);
	if (st_expect_next(t, &p->a, &p->a.icq, read.op, &read, status) &&
	    st_expect_next(t, &p->a, &p->a.icq, send.op, (void *)1,
			   STATUS_SUCCESS) &&
	    st_expect_next(t, &p->a, &p->a.icq, send.op, (void *)3,
			   STATUS_SUCCESS))
		ST_BUF(t, near);
}

static void st_late_read(struct st_test *t)
{
	st_read_late(t, false);
}

static void st_late_read_fails(struct st_test *t)
{
	st_read_late(t, true);
}

/* A region that has no token is not registered: its memory is not used. */
static void st_no_token(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 64);
	NDK_SGE sge = { .Length = 64 };
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = &sge, .nsge = 1,
	};
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .sgl = &sge, .nsge = 1,
	};
	NDK_MR *mr;

	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)))
		return;
	ST_EXPECT(t, p->a.priv, "the privileged token is none");
	sge.VirtualAddress = st_data(buf);
	sge.MemoryRegionToken = st_local_token(t, mr);
	ST_STATUS(t, st_post(t, p->a.qp, &send), STATUS_INVALID_PARAMETER);
	st_refused_for(t, &p->a.qp->Header, "MemoryRegionToken");
	ST_STATUS(t, st_post(t, p->a.qp, &recv), STATUS_INVALID_PARAMETER);
	sge.Length = 0;
	ST_OK(t, st_post(t, p->b.qp, &recv));
	ST_OK(t, st_do(t, &p->a, &send));
	st_job(t, 16);
}

/* Each of the two is used where it belongs. */
static void st_two_keys(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 8 * PAGE_SIZE);
	struct st_buf *to = st_buf_new(t, ST_SCATTER, 0, 8 * PAGE_SIZE);
	NDK_MR *mr, *to_mr;
	NDK_SGE sge, to_sge;
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = &sge, .nsge = 1,
	};
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .sgl = &to_sge, .nsge = 1,
		.ctx = &recv,
	};

	if (!p || !st_local_region(t, &p->a, buf, &mr, &sge) ||
	    !st_local_region(t, &p->b, to, &to_mr, &to_sge))
		return;
	ST_EXPECT(t, st_local_token(t, mr) != st_remote_token(t, mr),
		  "both tokens are the same");
	st_buf_expect(to, 0, st_data(buf), buf->len);
	if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
	    !ST_OK(t, st_do(t, &p->a, &send)) ||
	    !st_expect_next(t, &p->b, &p->b.rcq, NdkOperationTypeReceive,
			    &recv, STATUS_SUCCESS) || !ST_BUF(t, to))
		return;
	if (st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr)))
		st_job(t, 16);
}

/* What cannot be done is refused, with the reason; the rest works. */
static void st_no_fast(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	NDK_MR *mr;

	ST_EXPECT(t, !t->info.FRMRPageCount, "FRMRPageCount is %u",
		  t->info.FRMRPageCount);
	if (!p)
		return;
	ST_STATUS(t, st_create_mr(t, p->a.pd, true, &mr),
		  STATUS_NOT_SUPPORTED);
	st_refused_for(t, &p->a.pd->Header, "FastRegister");
	if (st_normal_job(t, p, 16 * PAGE_SIZE))
		st_pair_works(t, p);
}

/* Registering needs no peer, but an address that the port takes. */
static void st_registers(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 9, 3 * PAGE_SIZE);
	NDK_PD *pd;
	NDK_MR *mr;

	if (buf && ST_OK(t, st_create_pd(t, &pd)) &&
	    ST_OK(t, st_create_mr(t, pd, false, &mr)) &&
	    ST_OK(t, st_register(t, mr, buf->mdl, buf->len, ST_MR_ALL)))
		ST_OK(t, st_deregister(t, mr));
}

/* A port that cannot be used is none; another one may do. */
static void st_second_port(struct st_test *t)
{
	st_sim_fail(t, NDK_SIM_MODIFY_QP, t->arg, EINVAL);
	st_registers(t);
	ST_EXPECT(t, st_sim->calls(t->sim, NDK_SIM_MODIFY_QP) >= t->arg + 3,
		  "the first port was good enough");
}

static int st_sim_ifindex(void)
{
	struct net_device *netdev = dev_get_by_name(&init_net, st_sim_netdev());
	int ifindex = netdev ? netdev->ifindex : -1;

	dev_put(netdev);
	return ifindex;
}

/* Opened by its network interface, and nothing is kept of the search. */
static void st_by_interface(struct st_test *t)
{
	NDK_VERSION version = { 2, 0 };
	NDK_ADAPTER *adapter;
	int i;

	for (i = 0; i < 2; i++) {
		if (!ST_OK(t, ndk_open_adapter_by_ifindex(&init_net,
							  st_sim_ifindex(),
							  version, &adapter)))
			return;
		ST_EXPECT(t, ndk_same_device(&adapter->Header,
					     &t->adapter->Header),
			  "it is another device");
		ndk_close_adapter(adapter);
	}
	ST_STATUS(t, ndk_open_adapter_by_ifindex(&init_net, INT_MAX, version,
						 &adapter),
		  NDIS_STATUS_ADAPTER_NOT_READY);
}

/* What an adapter is said to be is what its network interface is. */
static void st_mixed(struct st_test *t)
{
	struct ndk_adapter_ident ident;
	u32 i = 0;

	ST_EXPECT(t, t->info.RdmaTechnology == NdkRoCEv2, "technology %d",
		  t->info.RdmaTechnology);
	while (!ndk_enumerate_adapters(i++, &ident))
		if (!strcmp(ident.name, st_device()))
			break;
	ST_EXPECT(t, !strcmp(ident.name, st_device()) &&
		  ident.ifindex == st_sim_ifindex() && ident.ports == 2,
		  "%s is on interface %d, with %u ports", ident.name,
		  ident.ifindex, ident.ports);
	st_registers(t);
}

static void st_no_loopback(struct st_test *t)
{
	ST_EXPECT(t, !(t->info.AdapterFlags &
		       NDK_ADAPTER_FLAG_LOOPBACK_CONNECTIONS_SUPPORTED),
		  "it is said to hear itself");
	st_registers(t);
}

/* A read that is fenced behind another. */
static void st_fenced_read(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *far = st_buf_new(t, ST_SCATTER, 0, 8 * PAGE_SIZE);
	struct st_buf *near = st_buf_new(t, ST_SCATTER, 0, 8 * PAGE_SIZE);
	NDK_MR *far_mr, *near_mr;
	NDK_SGE far_sge, near_sge;
	struct st_wr read = {
		.op = NdkOperationTypeRead, .sgl = &near_sge, .nsge = 1,
		.flags = NDK_OP_FLAG_READ_FENCE,
	};

	if (!p || !st_local_region(t, &p->b, far, &far_mr, &far_sge) ||
	    !st_local_region(t, &p->a, near, &near_mr, &near_sge))
		return;
	read.raddr = far->label;
	read.rkey = st_remote_token(t, far_mr);
	st_buf_expect(near, 0, st_data(far), far->len);
	if (ST_OK(t, st_do(t, &p->a, &read)))
		ST_BUF(t, near);
}

/*
 * Memory that a receive may not write to refuses it. The device says that the
 * peer was refused, before the receive has completed or after it.
 */
static void st_receive_refused(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *near = st_buf_new(t, ST_CONTIG, 0, 8);
	struct st_buf *far = st_buf_new(t, ST_CONTIG, 0, 8);
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .nsge = 1, .ctx = &recv,
	};
	struct st_wr send = {
		.op = NdkOperationTypeSend, .nsge = 1, .ctx = &send,
	};
	NDK_SGE near_sge, far_sge;
	NDK_MR *mr;

	if (!p || !near || !far || !st_sge(t, &p->a, near, 0, 8, &near_sge) ||
	    !ST_OK(t, st_create_mr(t, p->b.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 1, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->b, mr, far, far->label,
				       NDK_OP_FLAG_ALLOW_REMOTE_READ)))
		return;
	far_sge.VirtualAddress = (PVOID)(ULONG_PTR)far->label;
	far_sge.Length = far->len;
	far_sge.MemoryRegionToken = st_local_token(t, mr);
	recv.sgl = &far_sge;
	send.sgl = &near_sge;
	if (t->arg)
		st_sim_hold(t, NDK_SIM_DO(RECV));
	if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
	    !ST_OK(t, st_post(t, p->a.qp, &send)) ||
	    !st_expect_next(t, &p->a, &p->a.icq, send.op, &send,
			    STATUS_REMOTE_RESOURCES))
		return;
	if (t->arg && st_sim_held(t, 1))
		st_sim_hold(t, 0);
	if (!st_expect_next(t, &p->b, &p->b.rcq, recv.op, &recv,
			    STATUS_INTERNAL_ERROR) ||
	    !st_wait_gone(t, &p->b))
		return;
	/* By now the device has said all that it has to say. */
	ST_STATUS(t, st_req_wait(t, st_disconnect_start(t, &p->b)),
		  STATUS_CONNECTION_ABORTED);
	st_refused_for(t, &p->b.conn->Header, "pNdkQp (failed)");
}

/*
 * A device that says no more of what failed on its own side than that it was
 * flushed. Memory that is nobody's, or may not be written to, is to be named all
 * the same, also when receives that were flushed for it are heard of before it.
 */
static void st_vague(struct st_test *t, bool receives, bool sink)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *near = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	struct st_buf *far = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	NDK_MR *near_mr, *far_mr;
	NDK_SGE near_sge, far_sge;
	struct st_wr wr = {
		.op = sink ? NdkOperationTypeRead : NdkOperationTypeSend,
		.sgl = &near_sge, .nsge = 1, .ctx = &wr,
	};
	struct ib_qp *qp;

	if (!p || !near || !st_local_region(t, &p->b, far, &far_mr, &far_sge) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &near_mr)) ||
	    !ST_OK(t, st_init(t, near_mr, 1, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, near_mr, near, near->label,
				       NDK_OP_FLAG_ALLOW_REMOTE_READ)))
		return;
	near_sge.VirtualAddress = (PVOID)(ULONG_PTR)near->label;
	near_sge.Length = near->len;
	near_sge.MemoryRegionToken = st_local_token(t, near_mr);
	if (!sink)
		near_sge.MemoryRegionToken ^= 0x00550000;
	wr.raddr = far->label;
	wr.rkey = st_remote_token(t, far_mr);
	qp = st_ib_qp(t, p->a.qp);
	if (!qp || (receives && !ST_OK(t, st_post(t, p->a.qp, &recv))))
		return;
	if (receives)
		st_sim->hold(t->sim, NDK_SIM_DO(SEND) | NDK_SIM_DO(READ),
			     qp->qp_num);
	if (!ST_OK(t, st_post(t, p->a.qp, &wr)))
		return;
	if (receives &&
	    (!st_expect_next(t, &p->a, &p->a.rcq, recv.op, &recv,
			     STATUS_CANCELLED) || !st_sim_held(t, 1)))
		return;
	st_sim_hold(t, 0);
	st_expect_next(t, &p->a, &p->a.icq, wr.op, &wr,
		       STATUS_ACCESS_VIOLATION);
}

static void st_vague_request(struct st_test *t)
{
	st_vague(t, t->arg, false);
}

static void st_vague_sink(struct st_test *t)
{
	st_vague(t, t->arg, true);
}

/* An IPv4 address of another RDMA device than the one under test. */
static bool st_other_address(struct st_test *t, struct sockaddr_storage *addr)
{
	struct sockaddr_in *in = (struct sockaddr_in *)addr;
	struct ndk_adapter_ident ident;
	struct net_device *dev;
	__be32 found = 0;
	u32 i;

	for (i = 0; !found && !ndk_enumerate_adapters(i, &ident); i++) {
		if (!strcmp(ident.name, st_device()))
			continue;
		dev = dev_get_by_index(&init_net, ident.ifindex);
		if (!dev)
			continue;
		found = inet_select_addr(dev, 0, RT_SCOPE_UNIVERSE);
		dev_put(dev);
	}
	memset(addr, 0, sizeof(*addr));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = found;
	return ST_EXPECT(t, found, "no other device has an address");
}

static VOID st_on_nothing(PVOID context, NDK_CONNECTOR *connector)
{
}

/* Connections of one adapter do not go over the device of another. */
static void st_other_device(struct st_test *t)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_pair *p = st_pair_alloc(t);
	struct sockaddr_storage src, dest;
	NDK_LISTENER *listener;

	if (!st_other_address(t, &src) ||
	    !ST_OK(t, st_create_listener(t, st_on_nothing, NULL, &listener)) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &args.conn)))
		return;
	ST_STATUS(t, st_listen_on(t, listener, &src,
				  sizeof(struct sockaddr_in)),
		  STATUS_INVALID_ADDRESS);
	st_refused_for(t, &listener->Header, "pAddress");
	dest = src;
	((struct sockaddr_in *)&dest)->sin_port = htons(50000);
	args.qp = p->a.qp;
	args.src = &src;
	args.src_len = sizeof(struct sockaddr_in);
	args.dest = &dest;
	args.dest_len = sizeof(struct sockaddr_in);
	ST_STATUS(t, st_req_wait(t, st_connect_start(t, &args)),
		  STATUS_INVALID_ADDRESS);
	st_refused_for(t, &args.conn->Header, "pSrcAddress");
}

#define ST_CASE(name_, run_, ...)					       \
	{ .name = name_, .run = run_, .sim = &(const struct ndk_sim_attr){     \
		.max_pages = 512, .page_size_cap = SZ_4K | SZ_64K | PAGE_SIZE, \
		__VA_ARGS__ } }

#define ST_TWO_PORTS(name_, arg_)					       \
	{ .name = name_, .run = st_second_port, .arg = arg_,		       \
	  .sim = &(const struct ndk_sim_attr){				       \
		.max_pages = 512, .page_size_cap = SZ_4K | SZ_64K | PAGE_SIZE, \
		.ports = 2, .port = { NDK_SIM_PORT_IB, NDK_SIM_PORT_IB } } }

#define ST_VAGUE_LATE(name_, run_)					       \
	{ .name = name_, .run = run_, .arg = true,			       \
	  .sim = &(const struct ndk_sim_attr){				       \
		.max_pages = 512, .page_size_cap = SZ_4K | SZ_64K | PAGE_SIZE, \
		.habits = NDK_SIM_VAGUE } }

static const struct st_case st_cases[] = {
	ST_CASE("invalidation_behind_read", st_inv_behind_read,
		.habits = NDK_SIM_EAGER_INV),
	ST_CASE("late_read", st_late_read, .habits = NDK_SIM_LATE_READS),
	ST_CASE("late_read_fails", st_late_read_fails,
		.habits = NDK_SIM_LATE_READS),
	ST_CASE("vague_request", st_vague_request, .habits = NDK_SIM_VAGUE),
	ST_CASE("vague_sink", st_vague_sink, .habits = NDK_SIM_VAGUE),
	ST_VAGUE_LATE("vague_request_late", st_vague_request),
	ST_VAGUE_LATE("vague_sink_late", st_vague_sink),
	ST_CASE("other_device", st_other_device, .habits = 0),
	ST_CASE("no_token", st_no_token, .habits = 0),
	ST_CASE("no_token_key_0", st_no_token, .habits = NDK_SIM_ZERO_LKEY),
	ST_CASE("two_keys", st_two_keys, .habits = NDK_SIM_SPLIT_KEYS),
	ST_CASE("map_sleeps", st_no_fast, .driver_id = RDMA_DRIVER_HNS,
		.habits = NDK_SIM_MAP_SLEEPS | NDK_SIM_NO_LOCAL_INV),
	ST_CASE("port_ib", st_registers, .ports = 1,
		.port = { NDK_SIM_PORT_IB }),
	ST_CASE("port_ib_grh", st_registers, .ports = 1,
		.port = { NDK_SIM_PORT_IB_GRH }),
	ST_CASE("port_opa", st_registers, .ports = 1,
		.port = { NDK_SIM_PORT_OPA }),
	ST_CASE("ports_down", st_registers, .ports = 1,
		.port = { NDK_SIM_PORT_IB }, .habits = NDK_SIM_PORTS_DOWN),
	ST_CASE("ports_ib_roce", st_mixed, .ports = 2,
		.port = { NDK_SIM_PORT_IB, NDK_SIM_PORT_ROCE }),
	ST_TWO_PORTS("second_port", 1),
	ST_TWO_PORTS("second_port_late", 2),
	ST_CASE("by_interface", st_by_interface, .habits = 0),
	ST_CASE("no_loopback", st_no_loopback,
		.driver_id = RDMA_DRIVER_ERDMA,
		.habits = NDK_SIM_NO_LOOPBACK),
	ST_CASE("fenced_read", st_fenced_read, .driver_id = RDMA_DRIVER_SIW,
		.habits = NDK_SIM_NO_FENCED_READ),
	ST_CASE("receive_refused", st_receive_refused,
		.habits = NDK_SIM_BLAMES_PEER),
	{ .name = "receive_refused_late", .run = st_receive_refused,
	  .arg = true, .sim = &(const struct ndk_sim_attr){
		.max_pages = 512, .page_size_cap = SZ_4K | SZ_64K | PAGE_SIZE,
		.habits = NDK_SIM_BLAMES_PEER } },
};

const struct st_suite st_suite_sim_drivers = {
	"sim_drivers", st_cases, ARRAY_SIZE(st_cases),
};
