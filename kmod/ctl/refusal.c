// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why NDKPI refused a request: asked of the provider, given to user space.
 */
#include "ctl.h"

/* What NDKPI names is never cut. */
static_assert(NDK_ARGUMENT_MAX >= NDK_REFUSAL_ARGUMENT_MAX);

/* A sentence in the kernel log, for whoever asks dynamic debug for it. */
static void ndk_ctl_refusal_log(const struct ndk_ctl_object *obj,
				const struct ndk_refusal *refusal)
{
	char text[NDK_REFUSAL_TEXT_MAX];

	ndk_refusal_format(text, sizeof(text), refusal);
	pr_debug("ndk_ctl: object %u: %s\n", obj->id, text);
}

/**
 * ndk_ctl_refusal_get() - fill in why a request was refused
 * @obj: the object it was made on
 * @status: how it was refused
 * @info: filled in
 *
 * Another thread's refusal may have come in between; it is not passed off as
 * this one's unless the status is the same.
 *
 * Context: any.
 */
void ndk_ctl_refusal_get(struct ndk_ctl_object *obj, NTSTATUS status,
			 struct ndk_refusal_info *info)
{
	struct ndk_refusal refusal;

	memset(info, 0, sizeof(*info));
	info->status = status;
	if (!obj->diag || !obj->ndk ||
	    !obj->diag->GetLastRefusal(obj->ndk, &refusal) ||
	    refusal.status != status)
		return;
	ndk_ctl_refusal_log(obj, &refusal);
	info->value = refusal.value;
	info->limit = refusal.limit;
	if (refusal.argument)
		strscpy(info->argument, refusal.argument,
			sizeof(info->argument));
}

/**
 * ndk_ctl_answer() - give a final answer of NDKPI to the caller
 * @call: the command
 * @obj: the object that was asked
 * @status: what it answered
 *
 * Return: 0, for the door did its work.
 */
int ndk_ctl_answer(struct ndk_ctl_call *call, struct ndk_ctl_object *obj,
		   NTSTATUS status)
{
	call->hdr->out_status = status;
	if (!NT_SUCCESS(status))
		ndk_ctl_refusal_get(obj, status, &call->hdr->out_refusal);
	return 0;
}
