// SPDX-License-Identifier: GPL-2.0-only
/*
 * What fails in the worker says why: on the parent of what was to be created, on
 * the object that a request was made on.
 */
#include <linux/mm.h>

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

static const struct ndk_sim_attr st_sim_large = {
	.max_pages = 1024,
	.page_size_cap = PAGE_SIZE,
};

static const struct st_case st_cases[] = {
	{ .name = "said", .run = st_said, .sim = &st_sim_large },
};

const struct st_suite st_suite_sim_reasons = {
	"sim_reasons", st_cases, ARRAY_SIZE(st_cases),
};
