// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that create queue pairs and shared receive queues, and those that
 * post requests which name an MR.
 */
#include <linux/slab.h>

#include "affinity.h"
#include "mr.h"
#include "pd.h"
#include "queue.h"
#include "srq.h"

static void ndk_ctl_qp_close(struct ndk_ctl_object *obj)
{
	ndk_ctl_object_close_ndk(obj, to_ndk_qp(obj)->Dispatch->NdkCloseQp);
}

static void ndk_ctl_qp_closed(struct ndk_ctl_object *obj)
{
	ndk_ctl_queue_closed(&to_qp(obj)->initiator);
	ndk_ctl_queue_closed(&to_qp(obj)->receive);
}

static void ndk_ctl_qp_free(struct ndk_ctl_object *obj)
{
	ndk_ctl_queue_free(&to_qp(obj)->initiator);
	ndk_ctl_queue_free(&to_qp(obj)->receive);
}

static const struct ndk_ctl_type ndk_ctl_qp_type = {
	.kind = NDK_KIND_QP,
	.max = NDK_QPS_MAX,
	.limit = "QPs of the file",
	.size = sizeof(struct ndk_ctl_qp),
	.close = ndk_ctl_qp_close,
	.closed = ndk_ctl_qp_closed,
	.free = ndk_ctl_qp_free,
};

static void ndk_ctl_srq_close(struct ndk_ctl_object *obj)
{
	ndk_ctl_object_close_ndk(obj, to_ndk_srq(obj)->Dispatch->NdkCloseSrq);
}

static const struct ndk_ctl_type ndk_ctl_srq_type = {
	.kind = NDK_KIND_SRQ,
	.max = NDK_SRQS_MAX,
	.limit = "SRQs of the file",
	.size = sizeof(struct ndk_ctl_srq),
	.close = ndk_ctl_srq_close,
};

static VOID ndk_ctl_srq_notification(PVOID context, NTSTATUS status)
{
	struct ndk_ctl_srq *srq = context;

	ndk_ctl_event_notify(&srq->obj, &srq->event, status, 1);
}

int ndk_ctl_create_srq(struct ndk_ctl_call *call)
{
	struct ndk_create_srq *cmd = (struct ndk_create_srq *)call->hdr;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	struct ndk_ctl_srq *srq;
	GROUP_AFFINITY affinity;
	NDK_SRQ *ndk = NULL;
	NTSTATUS status;
	NDK_PD *pd;
	int ret;

	cmd->out_id = 0;
	ret = ndk_ctl_affinity(call, cmd->affinity_mask, cmd->affinity_group,
			       &affinity);
	if (ret)
		return ret;
	obj = ndk_ctl_object_get(call, "pd_id", cmd->pd_id, NDK_KIND_PD);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	req = ndk_ctl_create_begin(call, &ndk_ctl_srq_type, obj);
	if (IS_ERR(req))
		return PTR_ERR(req);
	srq = to_srq(req->created);
	mutex_init(&srq->lock);
	srq->privileged = to_pd(obj)->privileged;
	ndk_ctl_event_init(&srq->event, NDK_EVENT_SRQ_NOTIFICATION,
			   ndk_ctl_event_put);
	srq->event.data.user_data = cmd->event_data;

	pd = to_ndk_pd(obj);
	status = pd->Dispatch->NdkCreateSrq(pd, cmd->depth,
					    cmd->max_receive_request_sge,
					    cmd->notify_threshold,
					    ndk_ctl_srq_notification, srq,
					    affinity.Mask ? &affinity : NULL,
					    ndk_ctl_create_completion, req,
					    &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
}

static NTSTATUS ndk_ctl_qp_ask(const struct ndk_create_qp *cmd, NDK_PD *pd,
			       NDK_CQ *receive, NDK_CQ *initiator, NDK_SRQ *srq,
			       struct ndk_ctl_request *req, NDK_QP **ndk)
{
	PVOID context = (PVOID)(ULONG_PTR)cmd->qp_context;

	if (srq)
		return pd->Dispatch->NdkCreateQpWithSrq(pd, receive, initiator,
							srq, context,
							cmd->initiator_queue_depth,
							cmd->max_initiator_request_sge,
							cmd->inline_data_size,
							ndk_ctl_create_completion,
							req, ndk);
	return pd->Dispatch->NdkCreateQp(pd, receive, initiator, context,
					 cmd->receive_queue_depth,
					 cmd->initiator_queue_depth,
					 cmd->max_receive_request_sge,
					 cmd->max_initiator_request_sge,
					 cmd->inline_data_size,
					 ndk_ctl_create_completion, req, ndk);
}

int ndk_ctl_create_qp(struct ndk_ctl_call *call)
{
	struct ndk_create_qp *cmd = (struct ndk_create_qp *)call->hdr;
	struct ndk_ctl_object *pd, *receive, *initiator, *srq = NULL;
	struct ndk_ctl_request *req;
	NDK_QP *ndk = NULL;
	struct ndk_ctl_qp *qp;
	NTSTATUS status;

	cmd->out_id = 0;
	if (cmd->srq_id && (cmd->receive_queue_depth ||
			    cmd->max_receive_request_sge))
		return ndk_ctl_refuse(call, -EINVAL, "srq_id", cmd->srq_id, 0);
	pd = ndk_ctl_object_get(call, "pd_id", cmd->pd_id, NDK_KIND_PD);
	if (IS_ERR(pd))
		return PTR_ERR(pd);
	receive = ndk_ctl_object_get(call, "receive_cq_id", cmd->receive_cq_id,
				     NDK_KIND_CQ);
	if (IS_ERR(receive))
		return PTR_ERR(receive);
	initiator = ndk_ctl_object_get(call, "initiator_cq_id",
				       cmd->initiator_cq_id, NDK_KIND_CQ);
	if (IS_ERR(initiator))
		return PTR_ERR(initiator);
	if (cmd->srq_id) {
		srq = ndk_ctl_object_get(call, "srq_id", cmd->srq_id,
					 NDK_KIND_SRQ);
		if (IS_ERR(srq))
			return PTR_ERR(srq);
	}

	req = ndk_ctl_create_begin(call, &ndk_ctl_qp_type, pd);
	if (IS_ERR(req))
		return PTR_ERR(req);
	qp = to_qp(req->created);
	qp->privileged = to_pd(pd)->privileged;
	ndk_ctl_queue_init(&qp->receive, to_cq(receive));
	ndk_ctl_queue_init(&qp->initiator, to_cq(initiator));
	status = ndk_ctl_qp_ask(cmd, to_ndk_pd(pd), to_ndk_cq(receive),
				to_ndk_cq(initiator),
				srq ? to_ndk_srq(srq) : NULL, req, &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
}

int ndk_ctl_flush(struct ndk_ctl_call *call)
{
	struct ndk_object *cmd = (struct ndk_object *)call->hdr;
	struct ndk_ctl_object *obj;
	NDK_QP *qp;

	obj = ndk_ctl_object_get(call, "id", cmd->id, NDK_KIND_QP);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	qp = to_ndk_qp(obj);
	qp->Dispatch->NdkFlush(qp);
	return 0;
}

/* Everything that lets memory be written, also as the sink of a read. */
#define NDK_CTL_WRITES (NDK_OP_FLAG_ALLOW_REMOTE_WRITE | \
			NDK_OP_FLAG_RDMA_READ_SINK)

static int ndk_ctl_fast_register_check(struct ndk_ctl_call *call,
				       const struct ndk_ctl_qp *qp,
				       const struct ndk_ctl_lam *lam)
{
	struct ndk_fast_register *cmd = (struct ndk_fast_register *)call->hdr;
	u32 npages = lam->map->AdapterPageCount;

	if (cmd->hdr.user_data & NDK_CTL_RECORD)
		return ndk_ctl_refuse(call, -EINVAL, "user_data",
				      cmd->hdr.user_data, S64_MAX);
	if (cmd->first_page > npages ||
	    cmd->page_count > npages - cmd->first_page)
		return ndk_ctl_refuse(call, -EINVAL, "page_count",
				      cmd->page_count, npages);
	if (!ndk_same_device(lam->obj.adapter->ndk, qp->obj.adapter->ndk))
		return ndk_ctl_refuse(call, -EINVAL, "lam_id", cmd->lam_id, 0);
	if ((cmd->op_flags & NDK_CTL_WRITES) &&
	    !ndk_ctl_memory_writable(lam->memory))
		return ndk_ctl_refuse(call, -EACCES, "op_flags", cmd->op_flags,
				      cmd->op_flags & ~NDK_CTL_WRITES);
	return 0;
}

int ndk_ctl_fast_register(struct ndk_ctl_call *call)
{
	struct ndk_fast_register *cmd = (struct ndk_fast_register *)call->hdr;
	bool silent = cmd->op_flags & NDK_OP_FLAG_SILENT_SUCCESS;
	struct ndk_ctl_object *obj, *mr, *lam;
	struct ndk_ctl_posting posting;
	struct ndk_ctl_hold *hold;
	NTSTATUS status;
	NDK_QP *qp;
	int ret;

	obj = ndk_ctl_object_get(call, "qp_id", cmd->qp_id, NDK_KIND_QP);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	mr = ndk_ctl_object_get(call, "mr_id", cmd->mr_id, NDK_KIND_MR);
	if (IS_ERR(mr))
		return PTR_ERR(mr);
	lam = ndk_ctl_object_get(call, "lam_id", cmd->lam_id, NDK_KIND_LAM);
	if (IS_ERR(lam))
		return PTR_ERR(lam);
	ret = ndk_ctl_fast_register_check(call, to_qp(obj), to_lam(lam));
	if (ret)
		return ret;

	hold = ndk_ctl_mr_hold(to_mr(mr), lam, true);
	if (!hold)
		return -ENOMEM;
	posting.qp = to_qp(obj);
	posting.queue = &posting.qp->initiator;
	INIT_LIST_HEAD(&posting.uses);
	ret = ndk_ctl_post_begin(&posting, cmd->hdr.user_data, silent);
	if (ret) {
		ndk_ctl_mr_held(to_mr(mr), hold, false);
		return ret;
	}
	qp = to_ndk_qp(obj);
	status = qp->Dispatch->NdkFastRegister(qp, posting.context,
					       to_ndk_mr(mr), cmd->page_count,
					       to_lam(lam)->map->AdapterPageArray +
					       cmd->first_page, cmd->fbo,
					       cmd->length,
					       (PVOID)(ULONG_PTR)
					       cmd->base_address,
					       cmd->op_flags);
	ndk_ctl_post_end(&posting, status);
	ndk_ctl_mr_held(to_mr(mr), hold, NT_SUCCESS(status));
	return ndk_ctl_answer(call, obj, status);
}

int ndk_ctl_invalidate(struct ndk_ctl_call *call)
{
	struct ndk_invalidate *cmd = (struct ndk_invalidate *)call->hdr;
	bool silent = cmd->op_flags & NDK_OP_FLAG_SILENT_SUCCESS;
	struct ndk_ctl_posting posting;
	struct ndk_ctl_object *obj, *mr;
	NTSTATUS status;
	NDK_QP *qp;
	int ret;

	if (cmd->hdr.user_data & NDK_CTL_RECORD)
		return ndk_ctl_refuse(call, -EINVAL, "user_data",
				      cmd->hdr.user_data, S64_MAX);
	obj = ndk_ctl_object_get(call, "qp_id", cmd->qp_id, NDK_KIND_QP);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	mr = ndk_ctl_object_get(call, "id", cmd->id, 0);
	if (IS_ERR(mr))
		return PTR_ERR(mr);
	if (mr->type->kind != NDK_KIND_MR && mr->type->kind != NDK_KIND_MW)
		return ndk_ctl_refuse(call, -EINVAL, "id", cmd->id, 0);

	posting.qp = to_qp(obj);
	posting.queue = &posting.qp->initiator;
	INIT_LIST_HEAD(&posting.uses);
	ret = ndk_ctl_post_begin(&posting, cmd->hdr.user_data, silent);
	if (ret)
		return ret;
	qp = to_ndk_qp(obj);
	status = qp->Dispatch->NdkInvalidate(qp, posting.context, mr->ndk,
					     cmd->op_flags);
	ndk_ctl_post_end(&posting, status);
	return ndk_ctl_answer(call, obj, status);
}
