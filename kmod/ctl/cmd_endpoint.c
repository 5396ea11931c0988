// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared endpoints.
 */
#include <linux/slab.h>

#include "conn.h"
#include "pd.h"

static void ndk_ctl_endpoint_close(struct ndk_ctl_object *obj)
{
	ndk_ctl_object_close_ndk(obj,
				 to_ndk_endpoint(obj)->Dispatch->NdkCloseSharedEndpoint);
}

static const struct ndk_ctl_type ndk_ctl_endpoint_type = {
	.kind = NDK_KIND_SHARED_ENDPOINT,
	.max = NDK_LISTENERS_MAX,
	.limit = "shared endpoints of the file",
	.size = sizeof(struct ndk_ctl_object),
	.close = ndk_ctl_endpoint_close,
};

int ndk_ctl_create_shared_endpoint(struct ndk_ctl_call *call)
{
	struct ndk_create_shared_endpoint *cmd =
		(struct ndk_create_shared_endpoint *)call->hdr;
	struct sockaddr_storage *address;
	NDK_SHARED_ENDPOINT *ndk = NULL;
	struct ndk_ctl_request *req;
	struct ndk_ctl_object *obj;
	NDK_ADAPTER *adapter;
	NTSTATUS status;
	int ret;

	cmd->out_id = 0;
	obj = ndk_ctl_object_get(call, "adapter_id", cmd->adapter_id,
				 NDK_KIND_ADAPTER);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	address = kzalloc(sizeof(*address), GFP_KERNEL_ACCOUNT);
	if (!address)
		return -ENOMEM;
	ret = ndk_ctl_address_get_local(call, "address", &cmd->address,
					address);
	if (ret)
		goto free;
	req = ndk_ctl_create_begin(call, &ndk_ctl_endpoint_type, obj);
	if (IS_ERR(req)) {
		ret = PTR_ERR(req);
		goto free;
	}
	req->payload = address;

	adapter = to_ndk_adapter(obj);
	status = adapter->Dispatch->NdkCreateSharedEndpoint(adapter,
							    (PSOCKADDR)address,
							    cmd->address.length,
							    ndk_ctl_create_completion,
							    req, &ndk);
	return ndk_ctl_create_end(call, req, status, ndk ? &ndk->Header : NULL,
				  &cmd->out_id);
free:
	kfree(address);
	return ret;
}
