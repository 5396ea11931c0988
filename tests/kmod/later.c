// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slots that are not served yet say so, and nothing else happens.
 */
#include "harness.h"

static void st_pd_slots(struct st_test *t)
{
	struct st_caps caps = st_default_caps(t);
	struct st_pair *p = st_pair_alloc(t);
	struct st_req *mw, *srq, *qp;
	const NDK_PD_DISPATCH *d;
	NDK_MW *mw_out = NULL;
	NDK_SRQ *srq_out = NULL;
	NDK_QP *qp_out = NULL;
	NDK_PD *pd;

	if (!st_side_create(t, &p->a, &p->caps, 0))
		return;
	pd = p->a.pd;
	d = pd->Dispatch;
	mw = st_req_new(t, "NdkCreateMw");
	mw->answer = d->NdkCreateMw(pd, st_on_create, mw, &mw_out);
	ST_STATUS(t, mw->answer, STATUS_NOT_SUPPORTED);
	srq = st_req_new(t, "NdkCreateSrq");
	srq->answer = d->NdkCreateSrq(pd, 16, 1, 0, NULL, NULL, NULL,
				      st_on_create, srq, &srq_out);
	ST_STATUS(t, srq->answer, STATUS_NOT_SUPPORTED);
	qp = st_req_new(t, "NdkCreateQpWithSrq");
	qp->answer = d->NdkCreateQpWithSrq(pd, p->a.rcq.cq, p->a.icq.cq, NULL,
					   NULL, caps.send_depth, caps.send_sge,
					   0, st_on_create, qp, &qp_out);
	ST_STATUS(t, qp->answer, STATUS_NOT_SUPPORTED);
	ST_EXPECT(t, !mw_out && !srq_out && !qp_out, "an object came out");
}

static void st_endpoint(struct st_test *t)
{
	struct sockaddr_storage addr;
	NDK_SHARED_ENDPOINT *out = NULL;
	struct st_req *req = st_req_new(t, "NdkCreateSharedEndpoint");
	ULONG len = st_sockaddr(false, 0, &addr);

	req->answer =
		t->adapter->Dispatch->NdkCreateSharedEndpoint(t->adapter,
							      (PSOCKADDR)&addr,
							      len, st_on_create,
							      req, &out);
	ST_STATUS(t, req->answer, STATUS_NOT_SUPPORTED);
	ST_EXPECT(t, !out, "an object came out");
}

static void st_cq_slots(struct st_test *t)
{
	struct st_req *req;
	struct st_cq cq;

	if (!ST_OK(t, st_create_cq(t, &cq, 16)))
		return;
	req = st_req_new(t, "NdkResizeCq");
	req->answer = cq.cq->Dispatch->NdkResizeCq(cq.cq, 32, st_on_request,
						   req);
	ST_STATUS(t, req->answer, STATUS_NOT_SUPPORTED);
	ST_STATUS(t, cq.cq->Dispatch->NdkControlCqInterruptModeration(cq.cq,
								      10, 10),
		  STATUS_NOT_SUPPORTED);
}

/* As any request that fails it gives the device what was deferred before. */
static void st_bind(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive, .ctx = &recv };
	struct st_wr send = {
		.op = NdkOperationTypeSend, .flags = NDK_OP_FLAG_DEFER,
		.ctx = &send,
	};
	NDK_MR *mr;

	if (!p || !ST_OK(t, st_create_mr(t, p->a.pd, false, &mr)) ||
	    !ST_OK(t, st_post(t, p->b.qp, &recv)) ||
	    !ST_OK(t, st_post(t, p->a.qp, &send)))
		return;
	ST_STATUS(t, p->a.qp->Dispatch->NdkBind(p->a.qp, NULL, mr, NULL, NULL,
						1, 0), STATUS_NOT_SUPPORTED);
	if (st_expect_next(t, &p->a, &p->a.icq, send.op, &send,
			   STATUS_SUCCESS) &&
	    st_expect_next(t, &p->b, &p->b.rcq, recv.op, &recv, STATUS_SUCCESS))
		st_pair_works(t, p);
}

static VOID st_on_gone_ex(PVOID context, ULONG reason)
{
}

static void st_connector_slots(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	const NDK_CONNECTOR_DISPATCH *d;
	struct sockaddr_storage addr;
	NDK_CONNECTOR *conn;
	struct st_req *req;
	ULONG len = st_sockaddr(false, 50000, &addr);

	if (!st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &conn)))
		return;
	d = conn->Dispatch;
	req = st_req_new(t, "NdkConnectWithSharedEndpoint");
	req->answer = d->NdkConnectWithSharedEndpoint(conn, p->a.qp, NULL,
						      (PSOCKADDR)&addr, len, 1,
						      1, NULL, 0, st_on_request,
						      req);
	ST_STATUS(t, req->answer, STATUS_NOT_SUPPORTED);
	req = st_req_new(t, "NdkCompleteConnectEx");
	req->answer = d->NdkCompleteConnectEx(conn, st_on_gone_ex, NULL,
					      st_on_request, req);
	ST_STATUS(t, req->answer, STATUS_NOT_SUPPORTED);
	req = st_req_new(t, "NdkAcceptEx");
	req->answer = d->NdkAcceptEx(conn, p->a.qp, 1, 1, NULL, 0,
				     st_on_gone_ex, NULL, st_on_request, req);
	ST_STATUS(t, req->answer, STATUS_NOT_SUPPORTED);
}

static const struct st_case st_cases[] = {
	{ .name = "pd", .run = st_pd_slots },
	{ .name = "shared_endpoint", .run = st_endpoint },
	{ .name = "cq", .run = st_cq_slots },
	{ .name = "bind", .run = st_bind },
	{ .name = "connector", .run = st_connector_slots },
};

const struct st_suite st_suite_later = {
	"later", st_cases, ARRAY_SIZE(st_cases),
};
