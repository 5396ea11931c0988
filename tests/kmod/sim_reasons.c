// SPDX-License-Identifier: GPL-2.0-only
/*
 * What fails in the worker says why: on the parent of what was to be created, on
 * the object that a request was made on.
 */
#include <linux/mm.h>
#include <rdma/ib_verbs.h>

#include "harness.h"
#include "sim_device.h"

enum st_asked { ST_PD, ST_CQ, ST_QP, ST_MR, ST_INIT, ST_REGISTER, ST_LIMIT };

/**
 * struct st_reason - a request that fails, and why
 * @asked: what is asked for
 * @verb: what of the device fails
 * @error: how
 * @text: what the refusal says
 */
struct st_reason {
	enum st_asked asked;
	enum ndk_sim_verb verb;
	u32 error;
	const char *text;
};

#define ST_NO_MEMORY(what)	"STATUS_INSUFFICIENT_RESOURCES: " what " (12)"

static const struct st_reason st_reasons[] = {
	{ ST_PD, NDK_SIM_ALLOC_PD, ENOMEM, ST_NO_MEMORY("ib_alloc_pd") },
	{ ST_CQ, NDK_SIM_CREATE_CQ, ENOMEM, ST_NO_MEMORY("ib_alloc_cq") },
	{ ST_QP, NDK_SIM_CREATE_QP, ENOMEM, ST_NO_MEMORY("ib_create_qp") },
	{ ST_QP, NDK_SIM_MODIFY_QP, ENOMEM, ST_NO_MEMORY("ib_modify_qp") },
	{ ST_MR, NDK_SIM_ALLOC_MR, ENOMEM, ST_NO_MEMORY("ib_alloc_mr") },
	{ ST_INIT, NDK_SIM_ALLOC_MR, ENOMEM, ST_NO_MEMORY("ib_alloc_mr") },
	{ ST_REGISTER, NDK_SIM_ALLOC_MR, ENOMEM, ST_NO_MEMORY("ib_alloc_mr") },
	/* a failure of the device's, which is still there */
	{ ST_PD, NDK_SIM_ALLOC_PD, EIO,
	  "STATUS_INTERNAL_ERROR: ib_alloc_pd (5)" },
	{ ST_REGISTER, NDK_SIM_DO_REG_MR, IB_WC_GENERAL_ERR,
	  "STATUS_INTERNAL_ERROR: private queue pair" },
	/* and what is refused inline */
	{ ST_LIMIT, NDK_SIM_VERBS, 0,
	  "STATUS_IMPLEMENTATION_LIMIT: AdapterPageCount is 5000, limit 1024" },
};

static void st_says(struct st_test *t, NDK_OBJECT_HEADER *object,
		    const char *want)
{
	/* The extension is the same for every object. */
	GUID guid = NDK_EXT_DIAGNOSTICS_GUID;
	const struct ndk_ext_diagnostics *diag;
	NDK_EXTENSION_INTERFACE ext = {};
	NDK_VERSION v1 = { 1, 0 };
	struct ndk_refusal refusal;
	char text[NDK_REFUSAL_TEXT_MAX];

	if (!ST_OK(t, t->adapter->Dispatch->NdkQueryExtension(&t->adapter->Header,
							      &guid, v1, &ext)))
		return;
	diag = ext.Dispatch;
	if (!ST_EXPECT(t, diag->GetLastRefusal(object, &refusal),
		       "no reason, not %s", want))
		return;
	ndk_refusal_format(text, sizeof(text), &refusal);
	ST_EXPECT(t, !strcmp(text, want), "says %s, not %s", text, want);
}

static void st_one_reason(struct st_test *t, const struct st_reason *r)
{
	struct st_caps caps = st_default_caps(t);
	struct st_buf *buf = st_buf_new(t, ST_CONTIG, 0, 100);
	NDK_OBJECT_HEADER *on = &t->adapter->Header;
	NTSTATUS status = STATUS_SUCCESS;
	struct st_cq cq;
	NDK_PD *pd;
	NDK_MR *mr;
	NDK_QP *qp;

	if (!buf || !ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_cq(t, &cq, 64)))
		return;
	if (r->asked >= ST_INIT) {
		if (!ST_OK(t, st_create_mr(t, pd, r->asked != ST_REGISTER,
					   &mr)))
			return;
		on = &mr->Header;
	} else if (r->asked >= ST_QP) {
		on = &pd->Header;
	}
	if (r->error)
		st_sim_fail(t, r->verb, 1, r->error);
	switch (r->asked) {
	case ST_PD:
		status = st_create_pd(t, &pd);
		break;
	case ST_CQ:
		status = st_create_cq(t, &cq, 64);
		break;
	case ST_QP:
		status = st_create_qp(t, pd, &cq, &cq, NULL, &caps, &qp);
		break;
	case ST_MR:
		status = st_create_mr(t, pd, true, &mr);
		break;
	case ST_INIT:
		status = st_init(t, mr, t->info.FRMRPageCount + 1, true);
		break;
	case ST_REGISTER:
		status = st_register(t, mr, buf->mdl, buf->len, 0);
		break;
	case ST_LIMIT:
		status = st_init(t, mr, 5000, true);
		break;
	}
	if (ST_EXPECT(t, !NT_SUCCESS(status), "%s: has not failed", r->text))
		st_says(t, on, r->text);
	st_sim_calm(t);
}

static void st_said(struct st_test *t)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(st_reasons); i++)
		st_one_reason(t, &st_reasons[i]);
}

/**
 * struct st_meaning - what an error means in NDKPI
 * @error: errno, or enum ib_wc_status
 * @status: what the consumer is told
 */
struct st_meaning {
	u32 error;
	NTSTATUS status;
};

/* Every errno that a verb or the connection manager may answer. */
static void st_errnos(struct st_test *t)
{
	static const struct st_meaning errnos[] = {
		{ ENOMEM, STATUS_INSUFFICIENT_RESOURCES },
		{ EAGAIN, STATUS_INSUFFICIENT_RESOURCES },
		{ ENOSPC, STATUS_INSUFFICIENT_RESOURCES },
		{ EINVAL, STATUS_INVALID_PARAMETER },
		{ EFAULT, STATUS_INVALID_PARAMETER },
		{ EACCES, STATUS_ACCESS_VIOLATION },
		{ EPERM, STATUS_ACCESS_VIOLATION },
		{ EOPNOTSUPP, STATUS_NOT_SUPPORTED },
		{ ENOSYS, STATUS_NOT_SUPPORTED },
		{ ENODEV, STATUS_DEVICE_REMOVED },
		{ ENXIO, STATUS_DEVICE_REMOVED },
		{ EADDRINUSE, STATUS_SHARING_VIOLATION },
		{ EADDRNOTAVAIL, STATUS_INVALID_ADDRESS },
		{ EAFNOSUPPORT, STATUS_INVALID_ADDRESS },
		{ ENETUNREACH, STATUS_NETWORK_UNREACHABLE },
		{ ENETDOWN, STATUS_NETWORK_UNREACHABLE },
		{ EHOSTUNREACH, STATUS_HOST_UNREACHABLE },
		{ EHOSTDOWN, STATUS_HOST_UNREACHABLE },
		{ ECONNREFUSED, STATUS_CONNECTION_REFUSED },
		{ ECONNRESET, STATUS_CONNECTION_ABORTED },
		{ ECONNABORTED, STATUS_CONNECTION_ABORTED },
		{ EPIPE, STATUS_CONNECTION_ABORTED },
		{ ENOTCONN, STATUS_CONNECTION_INVALID },
		{ ETIMEDOUT, STATUS_IO_TIMEOUT },
		{ EIO, STATUS_INTERNAL_ERROR },
	};
	NDK_PD *pd;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errnos); i++) {
		st_sim_fail(t, NDK_SIM_ALLOC_PD, 1, errnos[i].error);
		if (!ST_STATUS(t, st_create_pd(t, &pd), errnos[i].status))
			st_note(t, "errno %u", errnos[i].error);
	}
}

/* Every way in which a request can end that is not flushed. */
static void st_completions(struct st_test *t)
{
	static const struct st_meaning ends[] = {
		{ IB_WC_LOC_LEN_ERR, STATUS_BUFFER_OVERFLOW },
		{ IB_WC_LOC_QP_OP_ERR, STATUS_INTERNAL_ERROR },
		{ IB_WC_LOC_PROT_ERR, STATUS_ACCESS_VIOLATION },
		{ IB_WC_MW_BIND_ERR, STATUS_INVALID_DEVICE_REQUEST },
		{ IB_WC_BAD_RESP_ERR, STATUS_INTERNAL_ERROR },
		{ IB_WC_LOC_ACCESS_ERR, STATUS_ACCESS_VIOLATION },
		{ IB_WC_REM_INV_REQ_ERR, STATUS_INVALID_DEVICE_REQUEST },
		{ IB_WC_REM_ACCESS_ERR, STATUS_ACCESS_VIOLATION },
		{ IB_WC_REM_OP_ERR, STATUS_REMOTE_RESOURCES },
		{ IB_WC_RETRY_EXC_ERR, STATUS_IO_TIMEOUT },
		{ IB_WC_RNR_RETRY_EXC_ERR, STATUS_IO_TIMEOUT },
		{ IB_WC_REM_ABORT_ERR, STATUS_REMOTE_RESOURCES },
		{ IB_WC_RESP_TIMEOUT_ERR, STATUS_IO_TIMEOUT },
		{ IB_WC_GENERAL_ERR, STATUS_INTERNAL_ERROR },
	};
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_pair *p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		p = st_pair_new(t);
		if (!p)
			return;
		st_sim_fail(t, NDK_SIM_DO_SEND, 1, ends[i].error);
		if (!ST_STATUS(t, st_do(t, &p->a, &send), ends[i].status))
			st_note(t, "completion status %u", ends[i].error);
		st_objects_close(t);
	}
}

static const struct ndk_sim_attr st_sim_large = {
	.max_pages = 1024,
	.page_size_cap = PAGE_SIZE,
};

static const struct st_case st_cases[] = {
	{ .name = "said", .run = st_said, .sim = &st_sim_large },
	{ .name = "errnos", .run = st_errnos, .sim = &st_sim_usual },
	{ .name = "completions", .run = st_completions, .sim = &st_sim_usual },
};

const struct st_suite st_suite_sim_reasons = {
	"sim_reasons", st_cases, ARRAY_SIZE(st_cases),
};
