// SPDX-License-Identifier: GPL-2.0-only
/*
 * NdkQueryExtension: what this provider offers beyond the interface.
 */
#include <ndk/provider.h>

#include "extension.h"
#include "mr.h"
#include "object.h"
#include "qp.h"

static BOOLEAN ndk_get_last_refusal(NDK_OBJECT_HEADER *object,
				    struct ndk_refusal *refusal)
{
	struct ndk_object *obj = to_ndk_object(object);
	unsigned long flags;

	spin_lock_irqsave(&obj->lock, flags);
	*refusal = obj->refusal;
	spin_unlock_irqrestore(&obj->lock, flags);
	return refusal->status != STATUS_SUCCESS;
}

static const struct ndk_ext_diagnostics ndk_diagnostics = {
	.GetLastRefusal = ndk_get_last_refusal,
	.IsMrIdle = ndk_mr_is_idle,
};

static const struct ndk_ext_ib_verbs ndk_ib_verbs = {
	.GetIbMr = ndk_mr_get_ib_mr,
	.GetIbQp = ndk_qp_get_ib_qp,
};

/**
 * ndk_query_extension() - NDK_FN_QUERY_EXTENSION_INTERFACE of every type
 * @pNdkObject: header of the object
 * @ExtensionInterfaceID: which extension
 * @ExtensionInterfaceVersion: {1,0} is what there is
 * @pExtensionInterface: filled on success
 *
 * Context: any.
 * Return: STATUS_SUCCESS, or STATUS_NOT_SUPPORTED for an extension, a version
 * or an object type that the extension does not exist for.
 */
NTSTATUS ndk_query_extension(NDK_OBJECT_HEADER *pNdkObject,
			     GUID *ExtensionInterfaceID,
			     NDK_VERSION ExtensionInterfaceVersion,
			     NDK_EXTENSION_INTERFACE *pExtensionInterface)
{
	static const GUID diagnostics = NDK_EXT_DIAGNOSTICS_GUID;
	static const GUID ib_verbs = NDK_EXT_IB_VERBS_GUID;
	struct ndk_object *obj = to_ndk_object(pNdkObject);
	NDK_OBJECT_TYPE type = obj->ops->type;

	if (ExtensionInterfaceVersion.Major != 1 ||
	    ExtensionInterfaceVersion.Minor != 0)
		return STATUS_NOT_SUPPORTED;

	if (!memcmp(ExtensionInterfaceID, &diagnostics, sizeof(GUID))) {
		pExtensionInterface->Dispatch = &ndk_diagnostics;
		return STATUS_SUCCESS;
	}
	if (!memcmp(ExtensionInterfaceID, &ib_verbs, sizeof(GUID)) &&
	    (type == NdkObjectTypeMr || type == NdkObjectTypeQp)) {
		pExtensionInterface->Dispatch = &ndk_ib_verbs;
		return STATUS_SUCCESS;
	}
	return STATUS_NOT_SUPPORTED;
}
