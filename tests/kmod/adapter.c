// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening an adapter, its versions, and limits that are true.
 */
#include <ndk/wskndk.h>

#include "harness.h"

struct st_version_case {
	NDK_VERSION ask;
	NDK_VERSION get;
	NTSTATUS status;
};

static void st_versions(struct st_test *t)
{
	static const struct st_version_case cases[] = {
		{ { 1, 0 }, { 1, 2 }, STATUS_SUCCESS },
		{ { 1, 2 }, { 1, 2 }, STATUS_SUCCESS },
		{ { 2, 0 }, { 2, 1 }, STATUS_SUCCESS },
		{ { 2, 1 }, { 2, 1 }, STATUS_SUCCESS },
		{ { 1, 3 }, { 0, 0 }, NDIS_STATUS_BAD_VERSION },
		{ { 2, 2 }, { 0, 0 }, NDIS_STATUS_BAD_VERSION },
		{ { 3, 0 }, { 0, 0 }, NDIS_STATUS_BAD_VERSION },
		{ { 0, 0 }, { 0, 0 }, NDIS_STATUS_BAD_VERSION },
	};
	const struct st_version_case *c;
	NDK_PD *pd;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		c = &cases[i];
		if (!ST_STATUS(t, st_open(t, c->ask), c->status)) {
			st_note(t, "asked for %u.%u", c->ask.Major,
				c->ask.Minor);
			st_close_adapter(t);
			continue;
		}
		if (!t->adapter)
			continue;
		ST_EXPECT(t, t->info.Version.Major == c->get.Major &&
			  t->info.Version.Minor == c->get.Minor,
			  "{%u,%u} gives version %u.%u", c->ask.Major,
			  c->ask.Minor, t->info.Version.Major,
			  t->info.Version.Minor);
		ST_EXPECT(t, !memcmp(&t->adapter->Header.Version,
				     &t->info.Version, sizeof(NDK_VERSION)),
			  "the adapter's header has another version");
		ST_EXPECT(t, t->adapter->Header.ObjectType ==
			  NdkObjectTypeAdapter, "the adapter has type %d",
			  t->adapter->Header.ObjectType);
		/* checks that the object says the same version */
		ST_OK(t, st_create_pd(t, &pd));
		st_objects_close(t);
		st_close_adapter(t);
	}
}

static void st_unknown_device(struct st_test *t)
{
	NDK_ADAPTER *adapter = NULL;
	NTSTATUS status;

	status = ndk_open_adapter("no such device", (NDK_VERSION){ 2, 0 },
				  &adapter);
	ST_STATUS(t, status, NDIS_STATUS_ADAPTER_NOT_READY);
	ST_EXPECT(t, !adapter, "an adapter came out");
}

static void st_opened_twice(struct st_test *t)
{
	NDK_ADAPTER *second;

	if (!ST_OK(t, ndk_open_adapter(st_device(), (NDK_VERSION){ 1, 1 },
				       &second)))
		return;
	ST_EXPECT(t, second != t->adapter, "the same object twice");
	ndk_close_adapter(second);
}

/* The same by the index of the network interface, under the published names. */
static void st_wsk(struct st_test *t)
{
	struct ndk_adapter_ident ident = {};
	WSK_PROVIDER_NDK_DISPATCH wsk;
	NDK_ADAPTER *adapter = NULL;
	u32 i;

	for (i = 0; !ndk_enumerate_adapters(i, &ident); i++)
		if (!strcmp(ident.name, st_device()))
			break;
	if (!ident.ifindex) {
		st_skip(t, "the device has no network interface");
		return;
	}
	ndk_wsk_dispatch(&wsk);
	if (!ST_OK(t, wsk.WskOpenNdkAdapter(NULL, (NDK_VERSION){ 1, 0 },
					    ident.ifindex, &adapter)))
		return;
	ST_EXPECT(t, adapter->Header.ObjectType == NdkObjectTypeAdapter,
		  "an object of type %d", adapter->Header.ObjectType);
	wsk.WskCloseNdkAdapter(NULL, adapter);
	ST_STATUS(t, WskOpenNdkAdapter(NULL, (NDK_VERSION){ 1, 0 }, INT_MAX,
				       &adapter),
		  NDIS_STATUS_ADAPTER_NOT_READY);
}

static void st_info_size(struct st_test *t)
{
	const NDK_ADAPTER_DISPATCH *d = t->adapter->Dispatch;
	NDK_ADAPTER_INFO info;
	ULONG size = 0;

	ST_STATUS(t, d->NdkQueryAdapterInfo(t->adapter, NULL, &size),
		  STATUS_BUFFER_TOO_SMALL);
	ST_EXPECT(t, size == sizeof(info), "needs %u bytes", size);
	size = sizeof(info) - 1;
	memset(&info, 0xa5, sizeof(info));
	ST_STATUS(t, d->NdkQueryAdapterInfo(t->adapter, &info, &size),
		  STATUS_BUFFER_TOO_SMALL);
	ST_EXPECT(t, size == sizeof(info), "needs %u bytes", size);
	ST_EXPECT(t, !memchr_inv(&info, 0xa5, sizeof(info)),
		  "wrote although the buffer is too small");
	size = sizeof(info) + 100;
	ST_OK(t, d->NdkQueryAdapterInfo(t->adapter, &info, &size));
	ST_EXPECT(t, size == sizeof(info), "wrote %u bytes", size);
}

static void st_info_says(struct st_test *t)
{
	const NDK_ADAPTER_INFO *info = &t->info;

	ST_EXPECT(t, info->FRMRPageCount >= 16, "FRMRPageCount is %u",
		  info->FRMRPageCount);
	ST_EXPECT(t, info->MaxRegistrationSize >= PAGE_SIZE,
		  "MaxRegistrationSize is %zu", info->MaxRegistrationSize);
	ST_EXPECT(t, info->MaxInitiatorRequestSge && info->MaxReadRequestSge &&
		  info->MaxReceiveRequestSge, "no SGEs");
	ST_EXPECT(t, info->MaxTransferLength >= PAGE_SIZE,
		  "MaxTransferLength is %u", info->MaxTransferLength);
	ST_EXPECT(t, info->MaxInboundReadLimit && info->MaxOutboundReadLimit,
		  "no reads");
	ST_EXPECT(t, info->MaxReceiveQueueDepth >= 16 &&
		  info->MaxInitiatorQueueDepth >= 16 && info->MaxCqDepth >= 16,
		  "queues of %u, %u and %u entries", info->MaxReceiveQueueDepth,
		  info->MaxInitiatorQueueDepth, info->MaxCqDepth);
	ST_EXPECT(t, info->MaxCqDepth <= 65536, "MaxCqDepth is %u",
		  info->MaxCqDepth);
	ST_EXPECT(t, info->MaxCallerData && info->MaxCalleeData,
		  "no private data");
	ST_EXPECT(t, info->RdmaTechnology > NdkUndefined &&
		  info->RdmaTechnology < NdkMaxTechnology, "technology %d",
		  info->RdmaTechnology);
	ST_EXPECT(t, info->AdapterFlags &
		  NDK_ADAPTER_FLAG_LOOPBACK_CONNECTIONS_SUPPORTED,
		  "these tests connect an address to itself");
	/* what comes later is not claimed */
	ST_EXPECT(t, !(info->AdapterFlags &
		       NDK_ADAPTER_FLAG_CQ_INTERRUPT_MODERATION_SUPPORTED) &&
		  !(info->AdapterFlags & NDK_ADAPTER_FLAG_CQ_RESIZE_SUPPORTED) &&
		  !info->MaxSrqDepth && !info->MaxWindowSize,
		  "claims what it refuses");
}

/* The limits can be had all at once, by two queue pairs that are connected. */
static void st_all_limits(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	const NDK_ADAPTER_INFO *info = &t->info;

	p->cq_depth = info->MaxCqDepth;
	p->caps.recv_depth = info->MaxReceiveQueueDepth;
	p->caps.send_depth = info->MaxInitiatorQueueDepth;
	p->caps.recv_sge = info->MaxReceiveRequestSge;
	p->caps.send_sge = info->MaxInitiatorRequestSge;
	p->caps.inline_size = info->MaxInlineDataSize;
	p->in_limit = info->MaxInboundReadLimit;
	p->out_limit = info->MaxOutboundReadLimit;
	if (st_pair_up(t, p, false))
		st_pair_works(t, p);
}

static void st_over_limits(struct st_test *t)
{
	const NDK_ADAPTER_INFO *info = &t->info;
	struct st_caps caps[5];
	struct st_cq cq, bad;
	NDK_PD *pd;
	NDK_QP *qp;
	size_t i;

	ST_STATUS(t, st_create_cq(t, &bad, info->MaxCqDepth + 1),
		  STATUS_INVALID_PARAMETER);
	ST_STATUS(t, st_create_cq(t, &bad, 0), STATUS_INVALID_PARAMETER);
	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_cq(t, &cq, 64)))
		return;
	for (i = 0; i < ARRAY_SIZE(caps); i++)
		caps[i] = st_default_caps(t);
	caps[0].recv_depth = info->MaxReceiveQueueDepth + 1;
	caps[1].send_depth = info->MaxInitiatorQueueDepth + 1;
	caps[2].recv_sge = info->MaxReceiveRequestSge + 1;
	caps[3].send_sge = info->MaxInitiatorRequestSge + 1;
	caps[4].inline_size = info->MaxInlineDataSize + 1;
	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		if (!ST_STATUS(t, st_create_qp(t, pd, &cq, &cq, NULL, &caps[i],
					       &qp), STATUS_INVALID_PARAMETER))
			st_note(t, "capacity %zu", i);
	}
}

static const struct st_case st_cases[] = {
	{ .name = "versions", .run = st_versions, .bare = true },
	{ .name = "unknown_device", .run = st_unknown_device, .bare = true },
	{ .name = "opened_twice", .run = st_opened_twice },
	{ .name = "wsk", .run = st_wsk },
	{ .name = "info_size", .run = st_info_size },
	{ .name = "info_says", .run = st_info_says },
	{ .name = "all_limits_together", .run = st_all_limits },
	{ .name = "over_limits", .run = st_over_limits },
};

const struct st_suite st_suite_adapter = {
	"adapter", st_cases, ARRAY_SIZE(st_cases),
};
