// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a request was refused, or failed: recorded on its object, and said.
 */
#include <linux/kernel.h>
#include <ndk/provider.h>

#include "export.h"
#include "object.h"
#include "status.h"
#include "trace.h"

/**
 * ndk_refuse_for() - ndk_refuse(), for a reason that is known to fit
 * @obj: the object that the request was made on
 * @status: what to answer
 * @argument: a literal, or NULL
 * @value: what was given or found
 * @limit: what is allowed, or 0
 *
 * Context: any.
 * Return: @status.
 */
NTSTATUS ndk_refuse_for(struct ndk_object *obj, NTSTATUS status,
			const char *argument, u64 value, u64 limit)
{
	unsigned long flags;

	trace_ndk_refuse(obj, status, argument);
	spin_lock_irqsave(&obj->lock, flags);
	obj->refusal.status = status;
	obj->refusal.argument = argument;
	obj->refusal.value = value;
	obj->refusal.limit = limit;
	spin_unlock_irqrestore(&obj->lock, flags);
	return status;
}

/**
 * ndk_refuse_errno_for() - ndk_refuse_errno(), for a name that fits
 * @obj: the object that the request was made on
 * @err: the errno, negative, or 0 for success, which is not recorded
 * @what: the function that failed; a literal
 *
 * Context: any.
 * Return: the status that @err is in NDKPI.
 */
NTSTATUS ndk_refuse_errno_for(struct ndk_object *obj, int err, const char *what)
{
	if (!err)
		return STATUS_SUCCESS;
	return ndk_refuse_for(obj, ndk_status_from_errno(err), what, -err, 0);
}

int ndk_refusal_format(char *text, size_t size,
		       const struct ndk_refusal *refusal)
{
	const char *name = ndk_status_name(refusal->status);

	if (!refusal->argument)
		return scnprintf(text, size, "%s", name);
	if (refusal->limit)
		return scnprintf(text, size, "%s: %s is %llu, limit %llu", name,
				 refusal->argument, refusal->value,
				 refusal->limit);
	if (refusal->value)
		return scnprintf(text, size, "%s: %s (%llu)", name,
				 refusal->argument, refusal->value);
	return scnprintf(text, size, "%s: %s", name, refusal->argument);
}
EXPORT_SYMBOL_NDK(ndk_refusal_format);
