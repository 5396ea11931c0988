// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two consumers of NDKPI that talk to each other: one lends the other a buffer
 * to read, twice, and takes it back. Both ends are in this module, which does all
 * of it when it is inserted, and fails if a step does.
 */
#include <linux/completion.h>
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <ndk/provider.h>

static char *device = "rxe0";
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "RDMA device to use");

static char *address = "10.10.0.1";
module_param(address, charp, 0444);
MODULE_PARM_DESC(address, "IPv4 address of it");

static unsigned int cqs = 2;
module_param(cqs, uint, 0444);
MODULE_PARM_DESC(cqs, "Completion queues of each end, 1 or 2");

#define PAIR_DEPTH	8
#define PAIR_PAGES	4
#define PAIR_BYTES	(3 * PAGE_SIZE + 100)
/* Where peers think that the buffer is; its offset in a page is the buffer's. */
#define PAIR_BASE	0x10000000

/* What one end tells the other about what it lends. */
struct pair_offer {
	u64 address;
	u32 token;
	u32 length;
};

/* What is waited for: a call that pends, or a work request. */
struct pair_wait {
	struct completion done;
	NTSTATUS status;
	NDK_OBJECT_HEADER *object;
	NDK_RESULT_EX result;
};

/* Memory that the adapter can reach by the privileged token. */
struct pair_buffer {
	void *memory;
	MDL *mdl;
	NDK_LOGICAL_ADDRESS_MAPPING *lam;
	ULONG fbo;
	NDK_SGE sgl[PAIR_PAGES];
	ULONG nsge;
};

struct pair_end {
	NDK_ADAPTER *adapter;
	NDK_PD *pd;
	NDK_CQ *rcq, *icq;		/* one and the same with cqs=1 */
	NDK_QP *qp;
	NDK_CONNECTOR *connector;
	NDK_MR *mr;
	UINT32 privileged;
	struct pair_buffer in, out, data;
	struct pair_wait received, silent, gone;
};

static struct pair_end lender, reader;
static struct pair_wait accepted;

/* What ends a wait: one callback of each kind */

static VOID pair_created(PVOID context, NTSTATUS status,
			 NDK_OBJECT_HEADER *object)
{
	struct pair_wait *wait = context;

	wait->status = status;
	wait->object = object;
	complete(&wait->done);
}

static VOID pair_requested(PVOID context, NTSTATUS status)
{
	pair_created(context, status, NULL);
}

static VOID pair_gone(PVOID context)
{
	pair_created(context, STATUS_SUCCESS, NULL);
}

/* A close that nobody waits for: that of the parent waits for it. */
static VOID pair_closed(PVOID context)
{
}

/*
 * In softirq. Each completion is handed to who waits for it, by its context. The
 * queue is armed again when it is empty; what comes in between is not lost.
 */
static VOID pair_notified(PVOID context, NTSTATUS status)
{
	NDK_CQ *cq = *(NDK_CQ **)context;
	struct pair_wait *wait;
	NDK_RESULT_EX result;

	while (cq->Dispatch->NdkGetCqResultsEx(cq, &result, 1)) {
		wait = result.RequestContext;
		wait->result = result;
		pair_created(wait, result.Status, NULL);
	}
	/* With another status the queue has ended, and its QPs with it. */
	if (status == STATUS_SUCCESS)
		cq->Dispatch->NdkArmCq(cq, NDK_CQ_NOTIFY_ANY);
}

static struct pair_wait *pair_expect(struct pair_wait *wait)
{
	init_completion(&wait->done);
	return wait;
}

/* The answer of a call that may pend. */
static NTSTATUS pair_finish(struct pair_wait *wait, NTSTATUS answer)
{
	if (answer != STATUS_PENDING)
		return answer;
	wait_for_completion(&wait->done);
	return wait->status;
}

/* The outcome of a work request, which never pends. */
static NTSTATUS pair_complete(struct pair_wait *wait, NTSTATUS answer)
{
	if (answer != STATUS_SUCCESS)
		return answer;
	wait_for_completion(&wait->done);
	return wait->status;
}

/* As pair_finish(), for what makes an object of @type. */
#define pair_object(wait, answer, where, type)				       \
({									       \
	NTSTATUS __answer = (answer);					       \
	NTSTATUS __status = pair_finish(wait, __answer);		       \
									       \
	if (__answer == STATUS_PENDING && NT_SUCCESS(__status))		       \
		*(where) = container_of((wait)->object, type, Header);	       \
	__status;							       \
})

/*
 * Describe @length bytes of a mapping by as few SGEs as there are runs of pages
 * that lie side by side for the adapter; 0 if there are more than @max.
 */
static ULONG pair_lam_to_sgl(const NDK_LOGICAL_ADDRESS_MAPPING *lam, ULONG fbo,
			     ULONG length, UINT32 token, NDK_SGE *sgl,
			     ULONG max)
{
	ULONG page, here, nsge = 0;
	NDK_SGE *last;
	LONGLONG from;

	for (page = 0; length; page++, length -= here, fbo = 0) {
		here = min_t(ULONG, length, PAGE_SIZE - fbo);
		from = lam->AdapterPageArray[page].QuadPart + fbo;
		last = nsge ? &sgl[nsge - 1] : NULL;
		if (last && last->LogicalAddress.QuadPart + last->Length == from) {
			last->Length += here;
			continue;
		}
		if (nsge == max)
			return 0;
		sgl[nsge].LogicalAddress.QuadPart = from;
		sgl[nsge].Length = here;
		sgl[nsge++].MemoryRegionToken = token;
	}
	return nsge;
}

static void pair_free_buffer(struct pair_end *end, struct pair_buffer *buf)
{
	if (buf->nsge)
		end->adapter->Dispatch->NdkReleaseLAM(end->adapter, buf->lam);
	kfree(buf->lam);
	IoFreeMdl(buf->mdl);
	kfree(buf->memory);
}

static NTSTATUS pair_make_buffer(struct pair_end *end, struct pair_buffer *buf,
				 ULONG length)
{
	ULONG pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(0, length);
	ULONG size = struct_size(buf->lam, AdapterPageArray, pages);
	NTSTATUS status;

	buf->memory = kzalloc(pages * PAGE_SIZE, GFP_KERNEL);
	buf->mdl = IoAllocateMdl(buf->memory, length, FALSE, FALSE, NULL);
	buf->lam = kzalloc(size, GFP_KERNEL);
	if (!buf->memory || !buf->mdl || !buf->lam)
		return STATUS_INSUFFICIENT_RESOURCES;
	MmBuildMdlForNonPagedPool(buf->mdl);
	status = end->adapter->Dispatch->NdkBuildLAM(end->adapter, buf->mdl,
						     length, NULL, NULL,
						     buf->lam, &size,
						     &buf->fbo);
	if (status)
		return status;
	buf->nsge = pair_lam_to_sgl(buf->lam, buf->fbo, length, end->privileged,
				    buf->sgl, ARRAY_SIZE(buf->sgl));
	if (buf->nsge)
		return STATUS_SUCCESS;
	end->adapter->Dispatch->NdkReleaseLAM(end->adapter, buf->lam);
	return STATUS_DATA_OVERRUN;
}

static NTSTATUS pair_make_cq(struct pair_end *end, NDK_CQ **cq)
{
	const NDK_ADAPTER_DISPATCH *d = end->adapter->Dispatch;
	struct pair_wait wait;
	NTSTATUS status;

	status = d->NdkCreateCq(end->adapter, 2 * PAIR_DEPTH, pair_notified, cq,
				NULL, pair_created, pair_expect(&wait), cq);
	status = pair_object(&wait, status, cq, NDK_CQ);
	if (NT_SUCCESS(status))
		(*cq)->Dispatch->NdkArmCq(*cq, NDK_CQ_NOTIFY_ANY);
	return status;
}

static NTSTATUS pair_receive(struct pair_end *end)
{
	return end->qp->Dispatch->NdkReceive(end->qp,
					     pair_expect(&end->received),
					     end->in.sgl, end->in.nsge);
}

/* All that an end needs before it is connected. */
static NTSTATUS pair_make_end(struct pair_end *end)
{
	struct pair_wait wait;
	NTSTATUS status;

	status = ndk_open_adapter(device, (NDK_VERSION){ 2, 0 }, &end->adapter);
	if (status) {
		end->adapter = NULL;
		return status;
	}
	status = end->adapter->Dispatch->NdkCreatePd(end->adapter, pair_created,
						     pair_expect(&wait),
						     &end->pd);
	status = pair_object(&wait, status, &end->pd, NDK_PD);
	if (NT_SUCCESS(status))
		status = pair_make_cq(end, &end->rcq);
	if (NT_SUCCESS(status) && cqs == 2)
		status = pair_make_cq(end, &end->icq);
	if (!NT_SUCCESS(status))
		return status;

	status = end->pd->Dispatch->NdkCreateQp(end->pd, end->rcq,
						end->icq ?: end->rcq, end,
						PAIR_DEPTH, PAIR_DEPTH,
						PAIR_PAGES, PAIR_PAGES, 0,
						pair_created,
						pair_expect(&wait), &end->qp);
	status = pair_object(&wait, status, &end->qp, NDK_QP);
	if (!NT_SUCCESS(status))
		return status;
	end->pd->Dispatch->NdkGetPrivilegedMemoryRegionToken(end->pd,
							     &end->privileged);
	status = pair_make_buffer(end, &end->in, sizeof(struct pair_offer));
	if (NT_SUCCESS(status))
		status = pair_make_buffer(end, &end->out,
					  sizeof(struct pair_offer));
	if (NT_SUCCESS(status))
		status = pair_make_buffer(end, &end->data, PAIR_BYTES);
	/* what the peer sends first can come before our own call has ended */
	return NT_SUCCESS(status) ? pair_receive(end) : status;
}

/*
 * Close what an end has, in no particular order. The PD's close has completed
 * when its queue pair and its region are gone, so that nothing reaches the
 * buffers any more; they must be released before the adapter can be closed.
 */
static void pair_close_end(struct pair_end *end)
{
	struct pair_wait wait;
	NTSTATUS status;

	if (!end->adapter)
		return;
	if (end->connector)
		end->connector->Dispatch->NdkCloseConnector(&end->connector->Header,
							    pair_closed, NULL);
	if (end->mr)
		end->mr->Dispatch->NdkCloseMr(&end->mr->Header, pair_closed,
					      NULL);
	if (end->qp)
		end->qp->Dispatch->NdkCloseQp(&end->qp->Header, pair_closed,
					      NULL);
	if (end->rcq)
		end->rcq->Dispatch->NdkCloseCq(&end->rcq->Header, pair_closed,
					       NULL);
	if (end->icq)
		end->icq->Dispatch->NdkCloseCq(&end->icq->Header, pair_closed,
					       NULL);
	if (end->pd) {
		status = end->pd->Dispatch->NdkClosePd(&end->pd->Header,
						       pair_gone,
						       pair_expect(&wait));
		pair_finish(&wait, status);
	}
	pair_free_buffer(end, &end->in);
	pair_free_buffer(end, &end->out);
	pair_free_buffer(end, &end->data);
	ndk_close_adapter(end->adapter);	/* waits for every callback */
}

/* Somebody connects: the first is the reader. */
static VOID pair_connecting(PVOID context, NDK_CONNECTOR *connector)
{
	struct pair_end *end = context;
	NTSTATUS status;

	if (end->connector) {
		connector->Dispatch->NdkCloseConnector(&connector->Header,
						       pair_closed, NULL);
		return;
	}
	end->connector = connector;
	status = connector->Dispatch->NdkAccept(connector, end->qp, 1, 1, NULL,
						0, pair_gone,
						&end->gone, pair_requested,
						&accepted);
	if (status != STATUS_PENDING)
		pair_requested(&accepted, status);
}

/* Returns with @to saying where the listener listens. */
static NTSTATUS pair_listen(NDK_LISTENER **listener, SOCKADDR_IN *to)
{
	const NDK_ADAPTER_DISPATCH *d = lender.adapter->Dispatch;
	ULONG length = sizeof(*to);
	struct pair_wait wait;
	NTSTATUS status;

	memset(to, 0, sizeof(*to));
	to->sin_family = AF_INET;
	if (!in4_pton(address, -1, (u8 *)&to->sin_addr, -1, NULL))
		return STATUS_INVALID_ADDRESS;
	status = d->NdkCreateListener(lender.adapter, pair_connecting, &lender,
				      pair_created, pair_expect(&wait),
				      listener);
	status = pair_object(&wait, status, listener, NDK_LISTENER);
	if (!NT_SUCCESS(status))
		return status;
	/* port 0: one that is free */
	status = (*listener)->Dispatch->NdkListen(*listener, (PSOCKADDR)to,
						  length, pair_requested,
						  pair_expect(&wait));
	status = pair_finish(&wait, status);
	if (!NT_SUCCESS(status))
		return status;
	return (*listener)->Dispatch->NdkGetLocalAddress(*listener,
							 (PSOCKADDR)to,
							 &length);
}

static NTSTATUS pair_connect(SOCKADDR_IN *to)
{
	const NDK_ADAPTER_DISPATCH *d = reader.adapter->Dispatch;
	NDK_CONNECTOR *connector;
	struct pair_wait wait;
	NTSTATUS status;

	status = d->NdkCreateConnector(reader.adapter, pair_created,
				       pair_expect(&wait), &reader.connector);
	status = pair_object(&wait, status, &reader.connector, NDK_CONNECTOR);
	if (!NT_SUCCESS(status))
		return status;
	connector = reader.connector;
	status = connector->Dispatch->NdkConnect(connector, reader.qp, NULL, 0,
						 (PSOCKADDR)to, sizeof(*to),
						 1, 1, NULL, 0, pair_requested,
						 pair_expect(&wait));
	status = pair_finish(&wait, status);
	if (!NT_SUCCESS(status))
		return status;
	status = connector->Dispatch->NdkCompleteConnect(connector,
							 pair_gone,
							 &reader.gone,
							 pair_requested,
							 pair_expect(&wait));
	status = pair_finish(&wait, status);
	/* it was accepted, or there would be nothing to complete */
	return NT_SUCCESS(status) ? pair_finish(&accepted, STATUS_PENDING) :
				    status;
}

static NTSTATUS pair_make_region(struct pair_end *end)
{
	struct pair_wait wait;
	NTSTATUS status;

	status = end->pd->Dispatch->NdkCreateMr(end->pd, TRUE, pair_created,
						pair_expect(&wait), &end->mr);
	status = pair_object(&wait, status, &end->mr, NDK_MR);
	if (!NT_SUCCESS(status))
		return status;
	status = end->mr->Dispatch->NdkInitializeFastRegisterMr(end->mr,
								PAIR_PAGES,
								TRUE,
								pair_requested,
								pair_expect(&wait));
	return pair_finish(&wait, status);
}

static NTSTATUS pair_send(struct pair_end *end)
{
	struct pair_wait wait;

	return pair_complete(&wait,
			     end->qp->Dispatch->NdkSend(end->qp,
							pair_expect(&wait),
							end->out.sgl,
							end->out.nsge, 0));
}

/*
 * Let the peer read our data and tell it where they are. The registration is
 * silent and goes to the adapter together with the message; should it fail, its
 * completion comes all the same, and that of the message is a failure, too.
 */
static NTSTATUS pair_lend(struct pair_end *end)
{
	const NDK_LOGICAL_ADDRESS_MAPPING *lam = end->data.lam;
	struct pair_offer *offer = end->out.memory;
	ULONG_PTR base = PAIR_BASE + end->data.fbo;
	NTSTATUS status;

	status = end->qp->Dispatch->NdkFastRegister(end->qp,
						    pair_expect(&end->silent),
						    end->mr,
						    lam->AdapterPageCount,
						    lam->AdapterPageArray,
						    end->data.fbo, PAIR_BYTES,
						    (PVOID)base,
						    NDK_OP_FLAG_ALLOW_REMOTE_READ |
						    NDK_OP_FLAG_SILENT_SUCCESS |
						    NDK_OP_FLAG_DEFER);
	if (status)
		return status;
	offer->address = base;
	offer->token = end->mr->Dispatch->NdkGetRemoteTokenFromMr(end->mr);
	offer->length = PAIR_BYTES;
	return pair_send(end);
}

/* Read what is lent, and say so; with @invalidate the peer's region ends with it. */
static NTSTATUS pair_read(struct pair_end *end, bool invalidate)
{
	const NDK_QP_DISPATCH *d = end->qp->Dispatch;
	const struct pair_offer *from = end->in.memory;
	struct pair_offer offer;
	struct pair_wait wait;
	NTSTATUS status;

	status = pair_complete(&end->received, STATUS_SUCCESS);
	if (status)
		return status;
	if (end->received.result.BytesTransferred != sizeof(offer) ||
	    from->length != PAIR_BYTES)
		return STATUS_INVALID_BUFFER_SIZE;
	offer = *from;
	status = pair_receive(end);
	if (status)
		return status;
	status = d->NdkRead(end->qp, pair_expect(&wait), end->data.sgl,
			    end->data.nsge, offer.address, offer.token, 0);
	status = pair_complete(&wait, status);
	if (status)
		return status;
	if (!invalidate)
		return pair_send(end);
	status = d->NdkSendAndInvalidate(end->qp, pair_expect(&wait),
					 end->out.sgl, end->out.nsge, 0,
					 offer.token);
	return pair_complete(&wait, status);
}

/*
 * The reader is done. If it invalidated the region, that is over and the region
 * can be registered again; otherwise we invalidate it ourselves.
 */
static NTSTATUS pair_take_back(struct pair_end *end, bool *by_peer)
{
	const NDK_RESULT_EX *result = &end->received.result;
	struct pair_wait wait;
	NTSTATUS status;

	status = pair_complete(&end->received, STATUS_SUCCESS);
	if (status)
		return status;
	*by_peer = result->Type == NdkOperationTypeReceiveAndInvalidate;
	if (*by_peer && result->TypeSpecificCompletionOutput !=
	    end->mr->Dispatch->NdkGetRemoteTokenFromMr(end->mr))
		return STATUS_INVALID_DEVICE_REQUEST;
	status = pair_receive(end);
	if (status || *by_peer)
		return status;
	status = end->qp->Dispatch->NdkInvalidate(end->qp, pair_expect(&wait),
						  &end->mr->Header, 0);
	return pair_complete(&wait, status);
}

static NTSTATUS pair_round(u8 fill, bool invalidate)
{
	NTSTATUS status;
	bool by_peer;

	memset(lender.data.memory, fill, PAIR_BYTES);
	status = pair_lend(&lender);
	if (!status)
		status = pair_read(&reader, invalidate);
	if (!status)
		status = pair_take_back(&lender, &by_peer);
	if (status)
		return status;
	if (by_peer != invalidate ||
	    memcmp(lender.data.memory, reader.data.memory, PAIR_BYTES))
		return STATUS_UNSUCCESSFUL;
	pr_info("ndk_pair: %lu bytes read, region invalidated by the %s\n",
		(unsigned long)PAIR_BYTES, by_peer ? "reader" : "lender");
	return STATUS_SUCCESS;
}

/* One end asks, the other is told; both see the end of it. */
static NTSTATUS pair_disconnect(void)
{
	NDK_CONNECTOR *connector = reader.connector;
	struct pair_wait wait;
	NTSTATUS status;

	status = connector->Dispatch->NdkDisconnect(connector, pair_requested,
						    pair_expect(&wait));
	status = pair_finish(&wait, status);
	return NT_SUCCESS(status) ? pair_finish(&lender.gone, STATUS_PENDING) :
				    status;
}

static NTSTATUS pair_run(NDK_LISTENER **listener)
{
	NTSTATUS status;
	SOCKADDR_IN to;

	pair_expect(&accepted);
	pair_expect(&lender.gone);
	pair_expect(&reader.gone);
	status = pair_make_end(&lender);
	if (!status)
		status = pair_make_end(&reader);
	if (!status)
		status = pair_make_region(&lender);
	if (!status)
		status = pair_listen(listener, &to);
	if (!status)
		status = pair_connect(&to);
	if (!status)
		status = pair_round('a', true);
	if (!status)
		status = pair_round('b', false);
	if (!status)
		status = pair_disconnect();
	return status;
}

/* What an object last refused, if it did. */
static void pair_why(const char *what, NDK_OBJECT_HEADER *object,
		     NDK_FN_QUERY_EXTENSION_INTERFACE query)
{
	const struct ndk_ext_diagnostics *diagnostics;
	GUID id = NDK_EXT_DIAGNOSTICS_GUID;
	NDK_EXTENSION_INTERFACE ext;
	char text[NDK_REFUSAL_TEXT_MAX];
	struct ndk_refusal refusal;

	if (query(object, &id, (NDK_VERSION){ 1, 0 }, &ext))
		return;
	diagnostics = ext.Dispatch;
	if (!diagnostics->GetLastRefusal(object, &refusal))
		return;
	ndk_refusal_format(text, sizeof(text), &refusal);
	pr_err("ndk_pair: %s: %s\n", what, text);
}

static void pair_why_all(const struct pair_end *end)
{
	if (end->adapter)
		pair_why("adapter", &end->adapter->Header,
			 end->adapter->Dispatch->NdkQueryExtension);
	if (end->pd)
		pair_why("PD", &end->pd->Header,
			 end->pd->Dispatch->NdkQueryExtension);
	if (end->mr)
		pair_why("region", &end->mr->Header,
			 end->mr->Dispatch->NdkQueryExtension);
	if (end->qp)
		pair_why("QP", &end->qp->Header,
			 end->qp->Dispatch->NdkQueryExtension);
	if (end->connector)
		pair_why("connector", &end->connector->Header,
			 end->connector->Dispatch->NdkQueryExtension);
}

static int __init pair_init(void)
{
	NDK_LISTENER *listener = NULL;
	NTSTATUS status;

	status = pair_run(&listener);
	if (!NT_SUCCESS(status)) {
		pr_err("ndk_pair: %s\n", ndk_status_name(status));
		pair_why_all(&lender);
		pair_why_all(&reader);
	}
	if (listener)
		listener->Dispatch->NdkCloseListener(&listener->Header,
						     pair_closed, NULL);
	pair_close_end(&reader);
	pair_close_end(&lender);
	return NT_SUCCESS(status) ? 0 : -EIO;
}
module_init(pair_init);

static void __exit pair_exit(void)
{
}
module_exit(pair_exit);

MODULE_DESCRIPTION("Two consumers of NDKPI that talk to each other");
MODULE_LICENSE("GPL");
NDK_IMPORT_NS();
