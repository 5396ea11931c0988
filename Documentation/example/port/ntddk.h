/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What port.c takes from the kernel it was written for, and not from NDKPI:
 * events, pool, annotations, a few macros. A port brings as much of this as its
 * code needs; this is the smallest that serves a consumer.
 */
#ifndef _NTDDK_H
#define _NTDDK_H

#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <ndk/mdl.h>

/* annotations for a static checker that is not here */
#define _In_
#define _In_opt_
#define _Inout_
#define _Out_
#define _Outptr_
#define _IRQL_requires_max_(irql)
#define _Must_inspect_result_

#define UNREFERENCED_PARAMETER(p)	((void)(p))
#define NT_ASSERT(condition)		WARN_ON_ONCE(!(condition))
#define PAGED_CODE()			might_sleep()

#define RtlZeroMemory(to, length)	memset(to, 0, length)
#define RtlFillMemory(to, length, fill)	memset(to, fill, length)
#define RtlEqualMemory(a, b, length)	(!memcmp(a, b, length))

/* What is allocated may be at any level: without waiting. */
typedef enum _POOL_TYPE {
	NonPagedPoolNx = 512,
} POOL_TYPE;

#define ExAllocatePoolWithTag(type, bytes, tag)	kmalloc(bytes, GFP_NOWAIT)
#define ExFreePoolWithTag(p, tag)		kfree(p)

/* Events that stay set, and waiting for them without a time limit. */
typedef struct completion KEVENT;

typedef enum _EVENT_TYPE {
	NotificationEvent = 0,
} EVENT_TYPE;

typedef enum _KWAIT_REASON {
	Executive = 0,
} KWAIT_REASON;

#define KeInitializeEvent(event, type, state)	init_completion(event)
#define KeClearEvent(event)			reinit_completion(event)
#define KeSetEvent(event, increment, wait)	complete_all(event)

static inline NTSTATUS KeWaitForSingleObject(KEVENT *event, KWAIT_REASON reason,
					     KPROCESSOR_MODE mode,
					     BOOLEAN alertable,
					     LARGE_INTEGER *timeout)
{
	wait_for_completion(event);
	return STATUS_SUCCESS;
}

#endif /* _NTDDK_H */
