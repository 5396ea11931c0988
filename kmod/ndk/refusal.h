/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Why a request was refused, or failed: recorded on its object, and said.
 */
#ifndef _NDK_REFUSAL_H
#define _NDK_REFUSAL_H

#include <linux/build_bug.h>
#include <ndk/provider.h>

struct ndk_object;

NTSTATUS ndk_refuse_for(struct ndk_object *obj, NTSTATUS status,
			const char *argument, u64 value, u64 limit);
NTSTATUS ndk_refuse_errno_for(struct ndk_object *obj, int err,
			      const char *what);

/* A pointer does not tell how long the text is that it points to. */
#define NDK_IS_LITERAL(argument)					       \
	(!__builtin_types_compatible_p(typeof(argument), char *) &&	       \
	 !__builtin_types_compatible_p(typeof(argument), const char *))

/* Whoever passes it on has so much room for what is at fault. */
#define NDK_REASON_FITS(argument)					       \
	static_assert(NDK_IS_LITERAL(argument) &&			       \
		      sizeof(argument) <= NDK_REFUSAL_ARGUMENT_MAX,	       \
		      "neither NULL nor a literal that fits: see NDK_REASON()")

/* One that is kept before it is recorded, with ndk_refuse_for(). */
#define NDK_REASON(literal)						       \
	((literal "") +							       \
	 BUILD_BUG_ON_ZERO(sizeof(literal) > NDK_REFUSAL_ARGUMENT_MAX))

/**
 * ndk_refuse() - record why a request is refused, and refuse it
 * @obj: the object that the request was made on
 * @status: what to answer
 * @argument: the argument, limit or state at fault; a literal, or NULL. One
 *	that would be cut where it is passed on does not compile
 * @value: what was given or found
 * @limit: what is allowed, or 0
 *
 * Context: any.
 * Return: @status.
 */
#define ndk_refuse(obj, status, argument, value, limit)			       \
({									       \
	NDK_REASON_FITS(argument);					       \
	ndk_refuse_for(obj, status, argument, value, limit);		       \
})

/**
 * ndk_refuse_errno() - record what has failed below, and with which errno
 * @obj: the object that the request was made on
 * @err: the errno, negative, or 0 for success, which is not recorded
 * @what: the function that failed, or "memory"; a literal that fits
 *
 * Context: any.
 * Return: the status that @err is in NDKPI.
 */
#define ndk_refuse_errno(obj, err, what)				       \
({									       \
	NDK_REASON_FITS(what);						       \
	ndk_refuse_errno_for(obj, err, what);				       \
})

#endif /* _NDK_REFUSAL_H */
