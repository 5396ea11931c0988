// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands on completion queues.
 */
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "affinity.h"
#include "pd.h"
#include "queue.h"

/* Results got at once. */
#define NDK_CTL_RESULTS_MAX	256U

static void ndk_ctl_cq_close(struct ndk_ctl_object *obj)
{
	ndk_ctl_object_close_ndk(obj, to_ndk_cq(obj)->Dispatch->NdkCloseCq);
}

static void ndk_ctl_cq_closed(struct ndk_ctl_object *obj)
{
	ndk_ctl_records_purge(to_cq(obj));
}

static const struct ndk_ctl_type ndk_ctl_cq_type = {
	.kind = NDK_KIND_CQ,
	.max = NDK_CQS_MAX,
	.limit = "CQs of the file",
	.size = sizeof(struct ndk_ctl_cq),
	.close = ndk_ctl_cq_close,
	.closed = ndk_ctl_cq_closed,
};

static VOID ndk_ctl_cq_notification(PVOID context, NTSTATUS status)
{
	struct ndk_ctl_cq *cq = context;

	ndk_ctl_event_notify(&cq->obj, &cq->event, status, 1);
}

int ndk_ctl_create_cq(struct ndk_ctl_call *call)
{
	struct ndk_create_cq *cmd = (struct ndk_create_cq *)call->hdr;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	GROUP_AFFINITY affinity;
	struct ndk_ctl_cq *cq;
	NDK_ADAPTER *adapter;
	NDK_CQ *ndk = NULL;
	NTSTATUS status;
	int ret;

	cmd->out_id = 0;
	ret = ndk_ctl_affinity(call, cmd->affinity_mask, cmd->affinity_group,
			       &affinity);
	if (ret)
		return ret;
	obj = ndk_ctl_object_get(call, "adapter_id", cmd->adapter_id,
				 NDK_KIND_ADAPTER);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	req = ndk_ctl_create_begin(call, &ndk_ctl_cq_type, obj);
	if (IS_ERR(req))
		return PTR_ERR(req);
	cq = to_cq(req->created);
	mutex_init(&cq->lock);
	xa_init_flags(&cq->records, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ |
				    XA_FLAGS_ACCOUNT);
	ndk_ctl_event_init(&cq->event, NDK_EVENT_CQ_NOTIFICATION,
			   ndk_ctl_event_put);
	cq->event.data.user_data = cmd->event_data;

	adapter = to_ndk_adapter(obj);
	status = adapter->Dispatch->NdkCreateCq(adapter, cmd->depth,
						ndk_ctl_cq_notification, cq,
						affinity.Mask ? &affinity :
								NULL,
						ndk_ctl_create_completion, req,
						&ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
}

int ndk_ctl_arm_cq(struct ndk_ctl_call *call)
{
	struct ndk_arm_cq *cmd = (struct ndk_arm_cq *)call->hdr;
	struct ndk_ctl_object *obj;
	NDK_CQ *cq;

	if (cmd->notify > NDK_CQ_NOTIFY_SOLICITED)
		return ndk_ctl_refuse(call, -EINVAL, "notify", cmd->notify,
				      NDK_CQ_NOTIFY_SOLICITED);
	obj = ndk_ctl_object_get(call, "cq_id", cmd->cq_id, NDK_KIND_CQ);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	cq = to_ndk_cq(obj);
	mutex_lock(&to_cq(obj)->lock);
	cq->Dispatch->NdkArmCq(cq, cmd->notify);
	mutex_unlock(&to_cq(obj)->lock);
	return 0;
}

/**
 * struct ndk_ctl_results - results of a CQ
 * @out: what user space gets
 * @plain: what NDKPI gives, of one kind
 * @ex: or the other
 */
struct ndk_ctl_results {
	struct ndk_cq_result *out;
	NDK_RESULT *plain;
	NDK_RESULT_EX *ex;
};

static void ndk_ctl_result(struct ndk_ctl_cq *cq, struct ndk_cq_result *out,
			   const NDK_RESULT *result)
{
	memset(out, 0, sizeof(*out));
	out->status = result->Status;
	out->bytes_transferred = result->BytesTransferred;
	out->qp_context = (ULONG_PTR)result->QPContext;
	out->request_context =
		ndk_ctl_completed(cq, (ULONG_PTR)result->RequestContext);
}

static void ndk_ctl_result_ex(struct ndk_ctl_cq *cq, struct ndk_cq_result *out,
			      const NDK_RESULT_EX *result)
{
	NDK_RESULT plain = {
		.Status = result->Status,
		.BytesTransferred = result->BytesTransferred,
		.QPContext = result->QPContext,
		.RequestContext = result->RequestContext,
	};

	ndk_ctl_result(cq, out, &plain);
	out->type = result->Type;
	out->provider_error = result->ProviderErrorCode;
	if (result->Type == NdkOperationTypeReceiveAndInvalidate)
		out->output = result->TypeSpecificCompletionOutput;
}

static int ndk_ctl_results_alloc(struct ndk_ctl_results *results, u32 count,
				 bool ex)
{
	size_t each = ex ? sizeof(*results->ex) : sizeof(*results->plain);
	void *p;

	p = kvmalloc_array(count, each + sizeof(*results->out),
			   GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	results->out = p;
	results->ex = p + count * sizeof(*results->out);
	results->plain = p + count * sizeof(*results->out);
	return 0;
}

static u32 ndk_ctl_poll(struct ndk_ctl_object *obj, u32 count, bool ex,
			const struct ndk_ctl_results *results)
{
	struct ndk_ctl_cq *cq = to_cq(obj);
	NDK_CQ *ndk = to_ndk_cq(obj);
	u32 i, n;

	mutex_lock(&cq->lock);
	if (ex) {
		n = ndk->Dispatch->NdkGetCqResultsEx(ndk, results->ex, count);
		for (i = 0; i < n; i++)
			ndk_ctl_result_ex(cq, &results->out[i],
					  &results->ex[i]);
	} else {
		n = ndk->Dispatch->NdkGetCqResults(ndk, results->plain, count);
		for (i = 0; i < n; i++)
			ndk_ctl_result(cq, &results->out[i],
				       &results->plain[i]);
	}
	mutex_unlock(&cq->lock);
	return n;
}

int ndk_ctl_get_cq_results(struct ndk_ctl_call *call)
{
	struct ndk_get_cq_results *cmd = (struct ndk_get_cq_results *)call->hdr;
	u32 count = min(cmd->count, NDK_CTL_RESULTS_MAX);
	struct ndk_cq_result __user *user = u64_to_user_ptr(cmd->results);
	bool ex = cmd->get_flags & NDK_RESULTS_EX;
	struct ndk_ctl_results results;
	struct ndk_ctl_object *obj;
	int ret;

	cmd->out_count = 0;
	if (cmd->get_flags & ~NDK_RESULTS_EX)
		return ndk_ctl_refuse(call, -EOPNOTSUPP, "get_flags",
				      cmd->get_flags, NDK_RESULTS_EX);
	obj = ndk_ctl_object_get(call, "cq_id", cmd->cq_id, NDK_KIND_CQ);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	if (!count)
		return 0;
	/* Results are gone once they are got, so look before. */
	if (!access_ok(user, count * sizeof(*user)) ||
	    fault_in_writeable((char __user *)user, count * sizeof(*user)))
		return ndk_ctl_refuse(call, -EFAULT, "results", cmd->results,
				      0);
	ret = ndk_ctl_results_alloc(&results, count, ex);
	if (ret)
		return ret;
	cmd->out_count = ndk_ctl_poll(obj, count, ex, &results);
	if (copy_to_user(user, results.out, cmd->out_count * sizeof(*user)))
		ret = -EFAULT;
	kvfree(results.out);
	return ret;
}

int ndk_ctl_resize_cq(struct ndk_ctl_call *call)
{
	struct ndk_resize_cq *cmd = (struct ndk_resize_cq *)call->hdr;
	struct ndk_ctl_request *req;
	NTSTATUS status;
	NDK_CQ *cq;

	req = ndk_ctl_request_on(call, "cq_id", cmd->cq_id, NDK_KIND_CQ);
	if (IS_ERR(req))
		return PTR_ERR(req);
	cq = to_ndk_cq(req->target);
	status = cq->Dispatch->NdkResizeCq(cq, cmd->depth,
					   ndk_ctl_request_completion, req);
	return ndk_ctl_request_settle(call, req, status);
}

int ndk_ctl_moderate_cq(struct ndk_ctl_call *call)
{
	struct ndk_moderate_cq *cmd = (struct ndk_moderate_cq *)call->hdr;
	struct ndk_ctl_object *obj;
	NTSTATUS status;
	NDK_CQ *cq;

	obj = ndk_ctl_object_get(call, "cq_id", cmd->cq_id, NDK_KIND_CQ);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	cq = to_ndk_cq(obj);
	mutex_lock(&to_cq(obj)->lock);
	status = cq->Dispatch->NdkControlCqInterruptModeration(cq,
							       cmd->interval,
							       cmd->count);
	mutex_unlock(&to_cq(obj)->lock);
	return ndk_ctl_answer(call, obj, status);
}
