// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extension interfaces of this provider.
 */
#include <linux/mm.h>

#include "harness.h"

static const NDK_VERSION st_v1 = { 1, 0 };
/* What there is not. */
static const NDK_VERSION st_others[] = { { 2, 0 }, { 1, 1 }, { 0, 0 } };

/* Every table but the adapter's has this slot second. */
static NTSTATUS st_query(NDK_OBJECT_HEADER *object, GUID *guid,
			 NDK_EXTENSION_INTERFACE *ext)
{
	NDK_PD *any = container_of(object, NDK_PD, Header);

	return any->Dispatch->NdkQueryExtension(object, guid, st_v1, ext);
}

static NTSTATUS st_query_adapter(NDK_ADAPTER *adapter, GUID *guid,
				 NDK_EXTENSION_INTERFACE *ext)
{
	return adapter->Dispatch->NdkQueryExtension(&adapter->Header, guid,
						    st_v1, ext);
}

static void st_unknown(struct st_test *t)
{
	GUID unknown = { 0x12345678, 1, 2, { 3, 4, 5, 6, 7, 8, 9, 10 } };
	NDK_EXTENSION_INTERFACE ext = {};
	struct st_pair *p = st_pair_new(t);
	NDK_MR *mr;

	if (!p || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)))
		return;
	ST_STATUS(t, st_query_adapter(t->adapter, &unknown, &ext),
		  STATUS_NOT_SUPPORTED);
	ST_STATUS(t, st_query(&p->a.pd->Header, &unknown, &ext),
		  STATUS_NOT_SUPPORTED);
	ST_STATUS(t, st_query(&p->a.qp->Header, &unknown, &ext),
		  STATUS_NOT_SUPPORTED);
	ST_STATUS(t, st_query(&p->a.icq.cq->Header, &unknown, &ext),
		  STATUS_NOT_SUPPORTED);
	ST_STATUS(t, st_query(&p->a.conn->Header, &unknown, &ext),
		  STATUS_NOT_SUPPORTED);
	ST_STATUS(t, st_query(&p->listener->Header, &unknown, &ext),
		  STATUS_NOT_SUPPORTED);
	ST_STATUS(t, st_query(&mr->Header, &unknown, &ext),
		  STATUS_NOT_SUPPORTED);
	ST_EXPECT(t, !ext.Dispatch, "a table came out");
}

static void st_unknown_version(struct st_test *t)
{
	GUID verbs = NDK_EXT_IB_VERBS_GUID, diag = NDK_EXT_DIAGNOSTICS_GUID;
	NDK_EXTENSION_INTERFACE ext = {};
	NDK_PD *pd;
	NDK_MR *mr;
	size_t i;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)))
		return;
	for (i = 0; i < ARRAY_SIZE(st_others); i++) {
		ST_STATUS(t, mr->Dispatch->NdkQueryExtension(&mr->Header, &verbs,
							     st_others[i], &ext),
			  STATUS_NOT_SUPPORTED);
		ST_STATUS(t, mr->Dispatch->NdkQueryExtension(&mr->Header, &diag,
							     st_others[i], &ext),
			  STATUS_NOT_SUPPORTED);
	}
	/* a protection domain has no verbs of this kind */
	ST_STATUS(t, st_query(&pd->Header, &verbs, &ext), STATUS_NOT_SUPPORTED);
}

static void st_verbs(struct st_test *t)
{
	GUID guid = NDK_EXT_IB_VERBS_GUID;
	const struct ndk_ext_ib_verbs *verbs;
	struct st_pair *p = st_pair_new(t);
	NDK_EXTENSION_INTERFACE ext = {};
	struct ib_mr *ib_mr;
	struct ib_qp *ib_qp;
	NDK_MR *mr;

	if (!p || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_query(&mr->Header, &guid, &ext)))
		return;
	verbs = ext.Dispatch;
	ST_EXPECT(t, !verbs->GetIbMr(mr), "an ib_mr before initialisation");
	if (!ST_OK(t, st_init(t, mr, 16, true)))
		return;
	ib_mr = verbs->GetIbMr(mr);
	if (ST_EXPECT(t, ib_mr, "no ib_mr"))
		ST_EXPECT(t, ib_mr->lkey == st_local_token(t, mr),
			  "the ib_mr has another key");
	ext.Dispatch = NULL;
	if (!ST_OK(t, st_query(&p->a.qp->Header, &guid, &ext)))
		return;
	verbs = ext.Dispatch;
	ib_qp = verbs->GetIbQp(p->a.qp);
	if (ST_EXPECT(t, ib_qp, "no ib_qp") && ib_mr)
		ST_EXPECT(t, ib_qp->device == ib_mr->device &&
			  ib_qp->pd == ib_mr->pd && ib_qp->qp_type == IB_QPT_RC,
			  "the ib_qp is of another kind");
}

static void st_diagnostics(struct st_test *t)
{
	GUID guid = NDK_EXT_DIAGNOSTICS_GUID;
	const struct ndk_ext_diagnostics *diag;
	struct ndk_refusal refusal = {};
	NDK_EXTENSION_INTERFACE ext = {};
	struct st_cq cq;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)) ||
	    !ST_OK(t, st_query(&mr->Header, &guid, &ext)))
		return;
	diag = ext.Dispatch;
	ST_EXPECT(t, !diag->GetLastRefusal(&mr->Header, &refusal),
		  "a refusal before any");
	ST_STATUS(t, st_init(t, mr, 1 << 24, true),
		  STATUS_IMPLEMENTATION_LIMIT);
	if (!ST_EXPECT(t, diag->GetLastRefusal(&mr->Header, &refusal),
		       "no refusal recorded"))
		return;
	ST_STATUS(t, refusal.status, STATUS_IMPLEMENTATION_LIMIT);
	ST_EXPECT(t, refusal.argument && *refusal.argument,
		  "the argument is not named");
	ST_EXPECT(t, refusal.value == 1 << 24 && refusal.limit &&
		  refusal.limit < 1 << 24, "value %llu, limit %llu",
		  refusal.value, refusal.limit);
	st_note(t, "%s is %llu, limit %llu", refusal.argument ?: "?",
		refusal.value, refusal.limit);

	/* a create is recorded on the parent */
	ext.Dispatch = NULL;
	if (!ST_OK(t, st_query_adapter(t->adapter, &guid, &ext)))
		return;
	diag = ext.Dispatch;
	ST_STATUS(t, st_create_cq(t, &cq, t->info.MaxCqDepth + 1),
		  STATUS_INVALID_PARAMETER);
	if (!ST_EXPECT(t, diag->GetLastRefusal(&t->adapter->Header, &refusal),
		       "no refusal recorded"))
		return;
	ST_STATUS(t, refusal.status, STATUS_INVALID_PARAMETER);
	ST_EXPECT(t, refusal.value == (u64)t->info.MaxCqDepth + 1 &&
		  refusal.limit == t->info.MaxCqDepth, "value %llu, limit %llu",
		  refusal.value, refusal.limit);
}

static void st_status_names(struct st_test *t)
{
	const char *name = ndk_status_name(STATUS_IMPLEMENTATION_LIMIT);

	ST_EXPECT(t, name && !strcmp(name, "STATUS_IMPLEMENTATION_LIMIT"),
		  "it is called %s", name ?: "nothing");
}

static const struct st_case st_cases[] = {
	{ .name = "unknown", .run = st_unknown },
	{ .name = "unknown_version", .run = st_unknown_version },
	{ .name = "ib_verbs", .run = st_verbs },
	{ .name = "diagnostics", .run = st_diagnostics },
	{ .name = "status_names", .run = st_status_names },
};

const struct st_suite st_suite_extension = {
	"extension", st_cases, ARRAY_SIZE(st_cases),
};
