// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small consumer of NDKPI: it registers a buffer, says which token a peer
 * would reach it by, and gives everything back. Inserting the module does all
 * of that, and fails if a step does.
 */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <ndk/provider.h>

static char *device = "rxe0";
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "RDMA device to use");

/* A request is answered inline, or STATUS_PENDING and by one callback. */
struct example_request {
	struct completion done;
	NTSTATUS status;
	NDK_OBJECT_HEADER *object;
};

static VOID example_created(PVOID context, NTSTATUS status,
			    NDK_OBJECT_HEADER *object)
{
	struct example_request *req = context;

	req->status = status;
	req->object = object;
	complete(&req->done);
}

static VOID example_requested(PVOID context, NTSTATUS status)
{
	example_created(context, status, NULL);
}

/* Nobody waits for a close: closing the adapter waits for all of them. */
static VOID example_closed(PVOID context)
{
}

static NTSTATUS example_wait(struct example_request *req, NTSTATUS answer)
{
	if (answer != STATUS_PENDING)
		return answer;
	wait_for_completion(&req->done);
	return req->status;
}

/* NDKPI has no more to say than a status; this provider knows why. */
static void example_say_why(NDK_MR *mr)
{
	GUID id = NDK_EXT_DIAGNOSTICS_GUID;
	const struct ndk_ext_diagnostics *diag;
	char text[NDK_REFUSAL_TEXT_MAX];
	NDK_EXTENSION_INTERFACE ext;
	NDK_VERSION v1 = { 1, 0 };
	struct ndk_refusal why;

	if (mr->Dispatch->NdkQueryExtension(&mr->Header, &id, v1, &ext))
		return;
	diag = ext.Dispatch;
	if (!diag->GetLastRefusal(&mr->Header, &why))
		return;
	ndk_refusal_format(text, sizeof(text), &why);
	pr_err("ndk_example: %s\n", text);
}

/* Register @mdl, of which nothing but the token ever leaves this machine. */
static NTSTATUS example_register(NDK_PD *pd, MDL *mdl)
{
	struct example_request create, reg;
	NTSTATUS status;
	NDK_MR *mr;

	init_completion(&create.done);
	status = pd->Dispatch->NdkCreateMr(pd, FALSE, example_created, &create,
					   &mr);
	if (status == STATUS_PENDING) {
		status = example_wait(&create, status);
		mr = container_of(create.object, NDK_MR, Header);
	}
	if (!NT_SUCCESS(status))
		return status;

	init_completion(&reg.done);
	status = mr->Dispatch->NdkRegisterMr(mr, mdl, MmGetMdlByteCount(mdl),
					     NDK_MR_FLAG_ALLOW_REMOTE_READ,
					     example_requested, &reg);
	status = example_wait(&reg, status);
	if (NT_SUCCESS(status))
		pr_info("ndk_example: a peer reads %u bytes by token 0x%08x\n",
			MmGetMdlByteCount(mdl),
			mr->Dispatch->NdkGetRemoteTokenFromMr(mr));
	else
		example_say_why(mr);
	/* closing takes the access away, too */
	mr->Dispatch->NdkCloseMr(&mr->Header, example_closed, NULL);
	return status;
}

static NTSTATUS example_run(NDK_ADAPTER *adapter, MDL *mdl)
{
	struct example_request create;
	NTSTATUS status;
	NDK_PD *pd;

	init_completion(&create.done);
	status = adapter->Dispatch->NdkCreatePd(adapter, example_created,
						&create, &pd);
	if (status == STATUS_PENDING) {
		status = example_wait(&create, status);
		pd = container_of(create.object, NDK_PD, Header);
	}
	if (!NT_SUCCESS(status))
		return status;
	status = example_register(pd, mdl);
	pd->Dispatch->NdkClosePd(&pd->Header, example_closed, NULL);
	return status;
}

static int __init example_init(void)
{
	NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
	void *memory = kzalloc(3 * PAGE_SIZE, GFP_KERNEL);
	NDK_ADAPTER *adapter;
	MDL *mdl;

	mdl = IoAllocateMdl(memory, 3 * PAGE_SIZE, FALSE, FALSE, NULL);
	if (memory && mdl) {
		MmBuildMdlForNonPagedPool(mdl);
		status = ndk_open_adapter(device, (NDK_VERSION){ 1, 0 },
					  &adapter);
	}
	if (NT_SUCCESS(status)) {
		status = example_run(adapter, mdl);
		ndk_close_adapter(adapter);	/* waits for every callback */
	}
	if (!NT_SUCCESS(status))
		pr_err("ndk_example: %s\n", ndk_status_name(status));
	if (mdl)
		IoFreeMdl(mdl);
	kfree(memory);
	return NT_SUCCESS(status) ? 0 : -EIO;
}
module_init(example_init);

static void __exit example_exit(void)
{
}
module_exit(example_exit);

MODULE_DESCRIPTION("A small consumer of NDKPI");
MODULE_LICENSE("GPL");
NDK_IMPORT_NS();
