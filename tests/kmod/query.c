// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the extensions of this provider tell a test.
 */
#include <ndk/provider.h>

#include "harness.h"

/* The adapter's table has this slot first, every other second. */
static const void *st_extension(struct st_test *t, NDK_OBJECT_HEADER *object,
				GUID guid)
{
	NDK_ADAPTER *adapter = container_of(object, NDK_ADAPTER, Header);
	NDK_PD *other = container_of(object, NDK_PD, Header);
	NDK_FN_QUERY_EXTENSION_INTERFACE query;
	NDK_EXTENSION_INTERFACE ext = {};
	NDK_VERSION v1 = { 1, 0 };
	NTSTATUS status;

	query = object->ObjectType == NdkObjectTypeAdapter ?
		adapter->Dispatch->NdkQueryExtension :
		other->Dispatch->NdkQueryExtension;
	status = query(object, &guid, v1, &ext);
	return ST_OK(t, status) ? ext.Dispatch : NULL;
}

/**
 * st_ib_qp() - the ib_qp behind a queue pair
 * @t: the test
 * @qp: the queue pair
 *
 * Return: it, or NULL.
 */
struct ib_qp *st_ib_qp(struct st_test *t, NDK_QP *qp)
{
	GUID guid = NDK_EXT_IB_VERBS_GUID;
	const struct ndk_ext_ib_verbs *verbs;
	struct ib_qp *ib_qp;

	verbs = st_extension(t, &qp->Header, guid);
	ib_qp = verbs ? verbs->GetIbQp(qp) : NULL;
	return ST_EXPECT(t, ib_qp, "no ib_qp") ? ib_qp : NULL;
}

/**
 * st_ib_mr() - the ib_mr behind a region
 * @t: the test
 * @mr: the region, initialised or registered
 *
 * Return: it, or NULL.
 */
struct ib_mr *st_ib_mr(struct st_test *t, NDK_MR *mr)
{
	GUID guid = NDK_EXT_IB_VERBS_GUID;
	const struct ndk_ext_ib_verbs *verbs;
	struct ib_mr *ib_mr;

	verbs = st_extension(t, &mr->Header, guid);
	ib_mr = verbs ? verbs->GetIbMr(mr) : NULL;
	return ST_EXPECT(t, ib_mr, "no ib_mr") ? ib_mr : NULL;
}

/**
 * st_is_idle() - can nobody reach memory through a region?
 * @mr: the region
 *
 * Context: any, also inside the provider.
 * Return: what the provider says.
 */
bool st_is_idle(NDK_MR *mr)
{
	const struct ndk_ext_diagnostics *diag;
	GUID guid = NDK_EXT_DIAGNOSTICS_GUID;
	NDK_EXTENSION_INTERFACE ext = {};
	NDK_VERSION v1 = { 1, 0 };

	mr->Dispatch->NdkQueryExtension(&mr->Header, &guid, v1, &ext);
	diag = ext.Dispatch;
	return diag && diag->IsMrIdle(mr);
}

/**
 * st_refused_for() - is this the reason of the last refusal?
 * @t: the test
 * @object: that it was made on
 * @argument: beginning of the reason that is expected
 *
 * Return: whether it is.
 */
bool st_refused_for(struct st_test *t, NDK_OBJECT_HEADER *object,
		    const char *argument)
{
	GUID guid = NDK_EXT_DIAGNOSTICS_GUID;
	const struct ndk_ext_diagnostics *diag;
	struct ndk_refusal refusal;

	diag = st_extension(t, object, guid);
	if (!diag || !ST_EXPECT(t, diag->GetLastRefusal(object, &refusal),
				"no refusal is recorded"))
		return false;
	return ST_EXPECT(t, refusal.argument && strstarts(refusal.argument,
							  argument),
			 "refused for %s", refusal.argument ?: "no reason");
}

/**
 * st_refused_in_time() - does it become the reason of the last refusal?
 * @t: the test
 * @object: that it was made on
 * @argument: the reason that is expected
 *
 * A device tells why a connection has ended when it likes, also after it was
 * found to have ended. Nobody is told that more is known then.
 *
 * Return: whether it does.
 */
bool st_refused_in_time(struct st_test *t, NDK_OBJECT_HEADER *object,
			const char *argument)
{
	GUID guid = NDK_EXT_DIAGNOSTICS_GUID;
	const struct ndk_ext_diagnostics *diag = st_extension(t, object, guid);
	unsigned long end = jiffies + ST_TIMEOUT;
	struct ndk_refusal refusal;

	while (diag && time_before(jiffies, end) &&
	       (!diag->GetLastRefusal(object, &refusal) ||
		strcmp(refusal.argument ?: "", argument)))
		schedule_timeout_uninterruptible(1);
	return st_refused_for(t, object, argument);
}
