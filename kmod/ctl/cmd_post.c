// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that post requests which carry data.
 */
#include <linux/slab.h>

#include "queue.h"
#include "sgl.h"
#include "srq.h"

static int ndk_ctl_post_check(struct ndk_ctl_call *call)
{
	struct ndk_post *cmd = (struct ndk_post *)call->hdr;
	bool token = call->command != NDK_CMD_SEND &&
		     call->command != NDK_CMD_RECEIVE;
	bool address = call->command == NDK_CMD_READ ||
		       call->command == NDK_CMD_WRITE;

	if (cmd->hdr.user_data & NDK_CTL_RECORD)
		return ndk_ctl_refuse(call, -EINVAL, "user_data",
				      cmd->hdr.user_data, S64_MAX);
	if (cmd->remote_token && !token)
		return ndk_ctl_refuse(call, -EINVAL, "remote_token",
				      cmd->remote_token, 0);
	if (cmd->remote_address && !address)
		return ndk_ctl_refuse(call, -EINVAL, "remote_address",
				      cmd->remote_address, 0);
	if (cmd->op_flags && call->command == NDK_CMD_RECEIVE)
		return ndk_ctl_refuse(call, -EINVAL, "op_flags", cmd->op_flags,
				      0);
	return 0;
}

static NTSTATUS ndk_ctl_post_ask(struct ndk_ctl_call *call, NDK_QP *qp,
				 PVOID context, const struct ndk_ctl_sgl *sgl)
{
	struct ndk_post *cmd = (struct ndk_post *)call->hdr;
	const NDK_QP_DISPATCH *dispatch = qp->Dispatch;

	switch (call->command) {
	case NDK_CMD_SEND:
		return dispatch->NdkSend(qp, context, sgl->sge, sgl->count,
					 cmd->op_flags);
	case NDK_CMD_SEND_AND_INVALIDATE:
		return dispatch->NdkSendAndInvalidate(qp, context, sgl->sge,
						      sgl->count, cmd->op_flags,
						      cmd->remote_token);
	case NDK_CMD_READ:
		return dispatch->NdkRead(qp, context, sgl->sge, sgl->count,
					 cmd->remote_address, cmd->remote_token,
					 cmd->op_flags);
	case NDK_CMD_WRITE:
		return dispatch->NdkWrite(qp, context, sgl->sge, sgl->count,
					  cmd->remote_address,
					  cmd->remote_token, cmd->op_flags);
	default:
		return dispatch->NdkReceive(qp, context, sgl->sge, sgl->count);
	}
}

static int ndk_ctl_post_qp(struct ndk_ctl_call *call,
			   struct ndk_ctl_object *obj, struct ndk_ctl_sgl *sgl)
{
	struct ndk_post *cmd = (struct ndk_post *)call->hdr;
	bool receive = call->command == NDK_CMD_RECEIVE;
	struct ndk_ctl_qp *qp = to_qp(obj);
	struct ndk_ctl_posting posting = {
		.qp = qp,
		.queue = receive ? &qp->receive : &qp->initiator,
		.uses = LIST_HEAD_INIT(posting.uses),
	};
	bool silent = cmd->op_flags & NDK_OP_FLAG_SILENT_SUCCESS;
	NTSTATUS status;
	int ret;

	sgl->adapter = obj->adapter;
	sgl->privileged = qp->privileged;
	sgl->uses = &posting.uses;
	ret = ndk_ctl_sgl_get(sgl);
	if (!ret)
		ret = ndk_ctl_post_begin(&posting, cmd->hdr.user_data, silent);
	if (ret) {
		ndk_ctl_uses_free(&posting.uses);
		return ret;
	}
	status = ndk_ctl_post_ask(call, to_ndk_qp(obj), posting.context, sgl);
	ndk_ctl_post_end(&posting, status);
	return ndk_ctl_answer(call, obj, status);
}

static int ndk_ctl_post_srq(struct ndk_ctl_call *call,
			    struct ndk_ctl_object *obj, struct ndk_ctl_sgl *sgl)
{
	struct ndk_post *cmd = (struct ndk_post *)call->hdr;
	PVOID context = (PVOID)(ULONG_PTR)cmd->hdr.user_data;
	struct ndk_ctl_srq *srq = to_srq(obj);
	NDK_SRQ *ndk = to_ndk_srq(obj);
	NTSTATUS status;
	LIST_HEAD(none);
	int ret;

	sgl->privileged = srq->privileged;
	sgl->uses = &none;
	ret = ndk_ctl_sgl_get(sgl);
	if (ret)
		return ret;
	mutex_lock(&srq->lock);
	status = ndk->Dispatch->NdkSrqReceive(ndk, context, sgl->sge,
					      sgl->count);
	mutex_unlock(&srq->lock);
	return ndk_ctl_answer(call, obj, status);
}

int ndk_ctl_post(struct ndk_ctl_call *call)
{
	struct ndk_post *cmd = (struct ndk_post *)call->hdr;
	struct ndk_ctl_sgl sgl = {
		.call = call,
		.writes = call->command == NDK_CMD_RECEIVE ||
			  call->command == NDK_CMD_READ,
	};
	struct ndk_ctl_object *obj;
	int ret;

	ret = ndk_ctl_post_check(call);
	if (ret)
		return ret;
	obj = ndk_ctl_object_get(call, "qp_id", cmd->qp_id, 0);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	if (obj->type->kind == NDK_KIND_QP)
		ret = ndk_ctl_post_qp(call, obj, &sgl);
	else if (obj->type->kind == NDK_KIND_SRQ &&
		 call->command == NDK_CMD_RECEIVE)
		ret = ndk_ctl_post_srq(call, obj, &sgl);
	else
		ret = ndk_ctl_refuse(call, -EINVAL, "qp_id", cmd->qp_id, 0);
	ndk_ctl_sgl_put(&sgl);
	return ret;
}
