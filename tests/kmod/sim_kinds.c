// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kinds of device that there are somewhere, and the main job on each.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <rdma/ib_verbs.h>

#include "harness.h"
#include "sim_device.h"

/* More than the pool's regions have, and contiguous memory is still found. */
#define ST_MANY_PAGES		1000U

static bool st_fast_job(struct st_test *t, struct st_pair *p, ULONG pages)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, pages * PAGE_SIZE);
	NDK_MR *mr;

	return buf && ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) &&
	       ST_OK(t, st_init(t, mr, pages, true)) &&
	       ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
					 ST_RIGHTS_ALL)) &&
	       st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr)) &&
	       ST_OK(t, st_invalidate(t, &p->a, mr));
}

/**
 * st_normal_job() - register memory, have the peer use it, deregister it
 * @t: the test
 * @p: a connection
 * @len: bytes
 *
 * Return: whether all succeeded.
 */
bool st_normal_job(struct st_test *t, struct st_pair *p, size_t len)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, len);
	NDK_MR *mr;

	return buf && ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)) &&
	       ST_OK(t, st_register(t, mr, buf->mdl, len, ST_MR_ALL)) &&
	       st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr)) &&
	       ST_OK(t, st_deregister(t, mr));
}

/* A peer that ends the registration. */
static bool st_remote_job(struct st_test *t, struct st_pair *p)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 5, 100);
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .ctx = &recv,
	};
	struct st_wr send = {
		.op = NdkOperationTypeSend, .invalidate = true,
	};
	NDK_MR *mr;

	if (!buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 1, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				       ST_RIGHTS_ALL)))
		return false;
	send.rkey = st_remote_token(t, mr);
	return ST_OK(t, st_post(t, p->a.qp, &recv)) &&
	       ST_OK(t, st_do(t, &p->b, &send)) &&
	       st_expect_next(t, &p->a, &p->a.rcq,
			      NdkOperationTypeReceiveAndInvalidate, &recv,
			      STATUS_SUCCESS) &&
	       ST_STATUS(t, st_invalidate(t, &p->a, mr),
			 STATUS_INVALID_DEVICE_STATE);
}

/**
 * st_job() - regions of both kinds on a connection of their own
 * @t: the test
 * @pages: of a region, at most
 *
 * Return: whether all succeeded.
 */
bool st_job(struct st_test *t, ULONG pages)
{
	struct st_pair *p = st_pair_new(t);

	if (!p || !st_fast_job(t, p, pages) ||
	    !st_normal_job(t, p, min_t(size_t, t->info.MaxRegistrationSize,
				       pages * PAGE_SIZE)) ||
	    !st_remote_job(t, p) || !st_pair_works(t, p))
		return false;
	st_pair_disconnect(t, p);
	return true;
}

/* What the device takes at most, and not one page more. */
static void st_limit(struct st_test *t)
{
	ULONG limit = t->arg;
	NDK_PD *pd;
	NDK_MR *mr;

	ST_EXPECT(t, t->info.FRMRPageCount && t->info.FRMRPageCount <= limit,
		  "FRMRPageCount is %u", t->info.FRMRPageCount);
	ST_EXPECT(t, t->info.MaxRegistrationSize &&
		  t->info.MaxRegistrationSize <= limit * PAGE_SIZE,
		  "MaxRegistrationSize is %zu",
		  (size_t)t->info.MaxRegistrationSize);
	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, limit, true)))
		return;
	ST_STATUS(t, st_init(t, mr, limit + 1, true),
		  STATUS_IMPLEMENTATION_LIMIT);
	st_job(t, min(limit, ST_MANY_PAGES));
}

/* What the device says of itself is told, each where it belongs. */
static void st_told(struct st_test *t)
{
	const NDK_ADAPTER_INFO *info = &t->info;
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *ib_qp = p ? st_ib_qp(t, p->a.qp) : NULL;
	const struct ib_device_attr *attrs;

	if (!ib_qp)
		return;
	attrs = &ib_qp->device->attrs;
	ST_EXPECT(t, info->MaxInboundReadLimit == attrs->max_qp_rd_atom &&
		  info->MaxOutboundReadLimit == attrs->max_qp_init_rd_atom,
		  "reads: %u inbound, %u outbound", info->MaxInboundReadLimit,
		  info->MaxOutboundReadLimit);
	ST_EXPECT(t, info->MaxInitiatorRequestSge == attrs->max_send_sge &&
		  info->MaxReceiveRequestSge == attrs->max_recv_sge &&
		  info->MaxReadRequestSge == attrs->max_sge_rd,
		  "SGEs: %u, %u and %u", info->MaxInitiatorRequestSge,
		  info->MaxReceiveRequestSge, info->MaxReadRequestSge);
	ST_EXPECT(t, info->MaxTransferLength == 1 << 30, "%u bytes",
		  info->MaxTransferLength);
}

/* As many bytes as a message may have, and one more, where nothing moves them. */
static void st_most_bytes(struct st_test *t)
{
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .nsge = 1, .ctx = &recv,
	};
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 64);
	struct st_pair *p = st_pair_alloc(t);
	NDK_SGE sge;

	if (!buf || !st_side_create(t, &p->a, &p->caps, 0) ||
	    !st_sge(t, &p->a, buf, 0, 64, &sge))
		return;
	recv.sgl = &sge;
	sge.Length = t->info.MaxTransferLength + 1;
	ST_STATUS(t, st_post(t, p->a.qp, &recv), STATUS_DATA_OVERRUN);
	st_refused_for(t, &p->a.qp->Header, "Length");
	sge.Length = t->info.MaxTransferLength;
	if (!ST_OK(t, st_post(t, p->a.qp, &recv)))
		return;
	p->a.qp->Dispatch->NdkFlush(p->a.qp);
	st_expect_next(t, &p->a, &p->a.rcq, recv.op, &recv, STATUS_CANCELLED);
}

/* What a read may have is less than what other requests may, here. */
static void st_read_sges(struct st_test *t)
{
	struct st_buf *near = st_buf_new(t, ST_CONTIG, 0, 64);
	struct st_buf *far = st_buf_new(t, ST_SCATTER, 0, 64);
	ULONG i, most = t->info.MaxReadRequestSge;
	struct st_pair *p = st_pair_alloc(t);
	NDK_SGE sgl[24];
	struct st_wr wr = { .sgl = sgl };
	NDK_MR *mr;

	p->caps = st_default_caps(t);
	p->caps.send_sge = t->info.MaxInitiatorRequestSge;
	if (!ST_EXPECT(t, most < ARRAY_SIZE(sgl) && most < p->caps.send_sge,
		       "%u SGEs of a read", most) ||
	    !near || !far || !st_pair_up(t, p, false) ||
	    !ST_OK(t, st_create_mr(t, p->b.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 1, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->b, mr, far, far->label,
				       ST_RIGHTS_ALL)))
		return;
	for (i = 0; i <= most; i++)
		if (!st_sge(t, &p->a, near, i, 1, &sgl[i]))
			return;
	wr.op = NdkOperationTypeRead;
	wr.nsge = most + 1;
	wr.raddr = far->label;
	wr.rkey = st_remote_token(t, mr);
	ST_STATUS(t, st_post(t, p->a.qp, &wr), STATUS_DATA_OVERRUN);
	st_refused_for(t, &p->a.qp->Header, "nSge");
	wr.nsge = most;
	st_buf_expect(near, 0, st_data(far), most);
	ST_OK(t, st_do(t, &p->a, &wr));
	ST_BUF(t, near);
	wr.op = NdkOperationTypeWrite;
	wr.nsge = most + 1;
	ST_OK(t, st_do(t, &p->a, &wr));
}

/**
 * struct st_scarce - queues that the device does not make
 * @verb: which
 * @times: how often it refuses
 * @error: why
 * @half: the largest is half as large as it would be otherwise
 */
struct st_scarce {
	enum ndk_sim_verb verb;
	u32 times;
	u32 error;
	bool half;
};

/* Opens another device like the test's, which makes that difficulty. */
static bool st_scarce_info(struct st_test *t, const struct st_scarce *scarce,
			   NDK_ADAPTER_INFO *info)
{
	const struct ndk_sim_fault fault = {
		.fail_at = 1, .fail_times = scarce->times,
		.error = scarce->error,
	};
	ULONG size = sizeof(*info);
	NDK_ADAPTER *adapter;
	struct ndk_sim *sim;
	NTSTATUS status;

	sim = st_sim->add("ndk_sim_2nd", st_sim_netdev(), &st_sim_usual);
	if (!ST_EXPECT(t, !IS_ERR(sim), "no second device: %ld", PTR_ERR(sim)))
		return false;
	st_sim->set_fault(sim, scarce->verb, &fault);
	status = ndk_open_adapter("ndk_sim_2nd", (NDK_VERSION){ 2, 0 },
				  &adapter);
	if (ST_OK(t, status)) {
		ST_OK(t, adapter->Dispatch->NdkQueryAdapterInfo(adapter, info,
								&size));
		ndk_close_adapter(adapter);
	}
	st_sim->remove(sim);
	return status == STATUS_SUCCESS;
}

/*
 * The limits are those of what can be made. That there was no memory for it does
 * not mean that it is too large, if there is the next time.
 */
static void st_scarce(struct st_test *t)
{
	static const struct st_scarce cases[] = {
		{ NDK_SIM_CREATE_QP, 1, ENOMEM, false },
		{ NDK_SIM_CREATE_QP, 2, ENOMEM, true },
		{ NDK_SIM_CREATE_QP, 1, EINVAL, true },
		{ NDK_SIM_CREATE_CQ, 1, ENOMEM, false },
		{ NDK_SIM_CREATE_CQ, 2, ENOMEM, true },
		{ NDK_SIM_CREATE_CQ, 1, EINVAL, true },
	};
	NDK_ADAPTER_INFO info, want;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!st_scarce_info(t, &cases[i], &info))
			return;
		want = t->info;
		if (cases[i].half && cases[i].verb == NDK_SIM_CREATE_CQ)
			want.MaxCqDepth /= 2;
		if (cases[i].half && cases[i].verb == NDK_SIM_CREATE_QP) {
			want.MaxInitiatorQueueDepth /= 2;
			want.MaxReceiveQueueDepth /= 2;
		}
		ST_EXPECT(t, info.MaxCqDepth == want.MaxCqDepth &&
			  info.MaxInitiatorQueueDepth ==
			  want.MaxInitiatorQueueDepth &&
			  info.MaxReceiveQueueDepth == want.MaxReceiveQueueDepth,
			  "case %zu: queues of %u, %u and %u entries", i,
			  info.MaxCqDepth, info.MaxInitiatorQueueDepth,
			  info.MaxReceiveQueueDepth);
	}
}

/* Queue pairs whose completions one queue has room for, both queues' at once. */
static void st_scarce_fits(struct st_test *t)
{
	static const struct st_scarce scarce = { NDK_SIM_CREATE_CQ, 6, EINVAL };
	NDK_ADAPTER_INFO info;

	if (!st_scarce_info(t, &scarce, &info))
		return;
	ST_EXPECT(t, info.MaxCqDepth == t->info.MaxCqDepth >> scarce.times,
		  "a queue of %u entries", info.MaxCqDepth);
	/* the device's queue has thrice the entries, and a few */
	ST_EXPECT(t, info.MaxInitiatorQueueDepth + info.MaxReceiveQueueDepth <
		  4 * info.MaxCqDepth, "%u and %u requests, %u entries",
		  info.MaxInitiatorQueueDepth, info.MaxReceiveQueueDepth,
		  info.MaxCqDepth);
}

/* Of a device that can do more than that, some is left. */
static void st_generous(struct st_test *t)
{
	const NDK_ADAPTER_INFO *info = &t->info;

	ST_EXPECT(t, info->FRMRPageCount == 512, "FRMRPageCount is %u",
		  info->FRMRPageCount);
	ST_EXPECT(t, info->MaxInboundReadLimit == U8_MAX &&
		  info->MaxOutboundReadLimit == U8_MAX,
		  "reads: %u inbound, %u outbound", info->MaxInboundReadLimit,
		  info->MaxOutboundReadLimit);
	ST_EXPECT(t, info->MaxInitiatorRequestSge == 32 &&
		  info->MaxReceiveRequestSge == 32 &&
		  info->MaxReadRequestSge == 32, "SGEs: %u, %u and %u",
		  info->MaxInitiatorRequestSge, info->MaxReceiveRequestSge,
		  info->MaxReadRequestSge);
	ST_EXPECT(t, info->MaxCqDepth == 65536, "MaxCqDepth is %u",
		  info->MaxCqDepth);
	st_job(t, 16);
}

/* What a device does not say is as with others. */
static void st_reticent(struct st_test *t)
{
	ST_EXPECT(t, t->info.MaxReadRequestSge ==
		  t->info.MaxInitiatorRequestSge, "%u SGEs of reads",
		  t->info.MaxReadRequestSge);
	st_job(t, 16);
}

/*
 * Without registration by work requests, and of pages of ours, the provider has
 * nothing to offer.
 */
static void st_not_ready(struct st_test *t)
{
	ST_STATUS(t, st_open(t, (NDK_VERSION){ 2, 0 }),
		  NDIS_STATUS_ADAPTER_NOT_READY);
}

/* The request is refused, and the connection does not suffer. */
static void st_no_remote_inv(struct st_test *t)
{
	struct st_wr send = {
		.op = NdkOperationTypeSend, .invalidate = true, .rkey = 1,
	};
	struct st_pair *p = st_pair_new(t);

	if (!p)
		return;
	ST_STATUS(t, st_post(t, p->a.qp, &send), STATUS_INVALID_PARAMETER);
	st_pair_works(t, p);
}

/* Completions come from where some drivers let them come from. */
static void st_context(struct st_test *t)
{
	st_sim->set_flags(t->sim, t->arg);
	st_job(t, 16);
}

#define ST_LIMIT(pages_)						       \
	{ .name = "pages_" #pages_, .run = st_limit, .arg = pages_,	       \
	  .sim = &(const struct ndk_sim_attr){				       \
		.max_pages = pages_, .page_size_cap = PAGE_SIZE } }

#define ST_CONTEXT(name_, arg_, ctx_)					       \
	{ .name = name_, .run = st_context, .arg = arg_, .ctx = ctx_,	       \
	  .sim = &st_sim_usual }

/*
 * A device that tells when memory of ours has refused the peer: the connector
 * says so, also where receives are flushed on that account.
 */
static void st_tells_of_refusal(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 8);
	struct st_pair *p = st_pair_new(t);

	if (!p || !local ||
	    (t->arg && !ST_OK(t, st_post(t, p->b.qp, &recv))))
		return;
	ST_STATUS(t, st_rdma(t, &p->a, NdkOperationTypeRead, local, 0, 8,
			     0x1000, 0x12345600), STATUS_ACCESS_VIOLATION);
	if (!st_wait_gone(t, &p->b))
		return;
	st_refused_in_time(t, &p->b.conn->Header,
			   "peer (access refused to it)");
	ST_STATUS(t, st_req_wait(t, st_disconnect_start(t, &p->b)),
		  STATUS_CONNECTION_ABORTED);
	ST_STATUS(t, st_req_wait(t, st_disconnect_start(t, &p->a)),
		  STATUS_CONNECTION_ABORTED);
}

static const struct st_case st_cases[] = {
	{ .name = "tells_of_refusal", .run = st_tells_of_refusal,
	  .sim = &st_sim_usual },
	{ .name = "tells_of_refusal_receives", .run = st_tells_of_refusal,
	  .arg = true, .sim = &st_sim_usual },
	{ .name = "told", .run = st_told, .sim = &st_sim_usual },
	{ .name = "most_bytes", .run = st_most_bytes, .sim = &st_sim_usual },
	{ .name = "read_sges", .run = st_read_sges, .sim = &st_sim_usual },
	{ .name = "scarce_queues", .run = st_scarce, .sim = &st_sim_usual },
	{ .name = "scarce_queues_fit", .run = st_scarce_fits,
	  .sim = &st_sim_usual },
	{ .name = "generous", .run = st_generous,
	  .sim = &(const struct ndk_sim_attr){
		.max_pages = 1000, .page_size_cap = PAGE_SIZE,
		.habits = NDK_SIM_GENEROUS } },
	{ .name = "reticent", .run = st_reticent,
	  .sim = &(const struct ndk_sim_attr){
		.max_pages = 512, .page_size_cap = PAGE_SIZE,
		.habits = NDK_SIM_RETICENT } },
	{ .name = "no_pages", .run = st_not_ready, .bare = true,
	  .sim = &(const struct ndk_sim_attr){
		.page_size_cap = PAGE_SIZE } },
	ST_LIMIT(1),
	ST_LIMIT(2),
	ST_LIMIT(16),
	ST_LIMIT(65536),
	/* no device has so many: it has not been asked */
	{ .name = "pages_without_limit", .run = st_limit, .arg = 65536,
	  .sim = &(const struct ndk_sim_attr){
		.max_pages = U32_MAX, .page_size_cap = PAGE_SIZE } },
	{ .name = "page_size_4K_to_64K", .run = st_context,
	  .sim = &st_sim_usual },
	{ .name = "no_mem_mgt", .run = st_not_ready, .bare = true,
	  .sim = &(const struct ndk_sim_attr){ .no_mem_mgt = true } },
	{ .name = "only_larger_pages", .run = st_not_ready, .bare = true,
	  .sim = &(const struct ndk_sim_attr){
		.max_pages = 512, .page_size_cap = 2 * PAGE_SIZE } },
	/* what a device with pages of 4 KiB and 2 MiB is to a kernel of 64 KiB */
	{ .name = "smaller_and_larger_pages", .run = st_not_ready, .bare = true,
	  .sim = &(const struct ndk_sim_attr){
		.max_pages = 512,
		.page_size_cap = PAGE_SIZE / 2 | 512 * PAGE_SIZE } },
	{ .name = "no_remote_invalidation", .run = st_no_remote_inv,
	  .sim = &(const struct ndk_sim_attr){
		.max_pages = 512, .page_size_cap = PAGE_SIZE,
		.no_remote_inv = true } },
	ST_CONTEXT("complete_in_post", NDK_SIM_INLINE, ST_PROCESS),
	ST_CONTEXT("complete_in_post_softirq", NDK_SIM_INLINE, ST_SOFTIRQ),
	ST_CONTEXT("complete_irq_off", NDK_SIM_IRQ, ST_PROCESS),
	ST_CONTEXT("complete_irq_off_in_post", NDK_SIM_IRQ | NDK_SIM_INLINE,
		   ST_PROCESS),
	ST_CONTEXT("complete_irq_off_in_post_irq_off",
		   NDK_SIM_IRQ | NDK_SIM_INLINE, ST_IRQ_OFF),
};

const struct st_suite st_suite_sim_kinds = {
	"sim_kinds", st_cases, ARRAY_SIZE(st_cases),
};
