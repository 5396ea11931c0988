/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events: objects, refusals, requests, a region's states.
 *
 * Objects are named by type and a number that is never used twice. Keys,
 * addresses and pointers are not in any event.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ndk

#if !defined(_NDK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _NDK_TRACE_H

#include <linux/tracepoint.h>
#include <ndk/ndkpi.h>

#include "mr.h"
#include "object.h"

/* So that those who read the raw events have the numbers. */
TRACE_DEFINE_ENUM(NdkObjectTypeAdapter);
TRACE_DEFINE_ENUM(NdkObjectTypeQp);
TRACE_DEFINE_ENUM(NdkObjectTypeCq);
TRACE_DEFINE_ENUM(NdkObjectTypeMr);
TRACE_DEFINE_ENUM(NdkObjectTypePd);
TRACE_DEFINE_ENUM(NdkObjectTypeConnector);
TRACE_DEFINE_ENUM(NdkObjectTypeListener);
TRACE_DEFINE_ENUM(NdkOperationTypeReceive);
TRACE_DEFINE_ENUM(NdkOperationTypeReceiveAndInvalidate);
TRACE_DEFINE_ENUM(NdkOperationTypeSend);
TRACE_DEFINE_ENUM(NdkOperationTypeFastRegister);
TRACE_DEFINE_ENUM(NdkOperationTypeInvalidate);
TRACE_DEFINE_ENUM(NdkOperationTypeRead);
TRACE_DEFINE_ENUM(NdkOperationTypeWrite);
TRACE_DEFINE_ENUM(NDK_MR_CREATED);
TRACE_DEFINE_ENUM(NDK_MR_INITIALISING);
TRACE_DEFINE_ENUM(NDK_MR_INVALID);
TRACE_DEFINE_ENUM(NDK_MR_REGISTERING);
TRACE_DEFINE_ENUM(NDK_MR_VALID);
TRACE_DEFINE_ENUM(NDK_MR_INVALIDATING);
TRACE_DEFINE_ENUM(NDK_MR_DEREGISTERING);
TRACE_DEFINE_ENUM(NDK_MR_STALE);

#define ndk_trace_type(type)						\
	__print_symbolic(type,						\
			 { NdkObjectTypeAdapter, "adapter" },		\
			 { NdkObjectTypeQp, "qp" },			\
			 { NdkObjectTypeCq, "cq" },			\
			 { NdkObjectTypeMr, "mr" },			\
			 { NdkObjectTypePd, "pd" },			\
			 { NdkObjectTypeConnector, "connector" },	\
			 { NdkObjectTypeListener, "listener" })

#define ndk_trace_operation(type)					\
	__print_symbolic(type,						\
			 { NdkOperationTypeReceive, "Receive" },	\
			 { NdkOperationTypeReceiveAndInvalidate,	\
			   "ReceiveAndInvalidate" },			\
			 { NdkOperationTypeSend, "Send" },		\
			 { NdkOperationTypeFastRegister, "FastRegister" }, \
			 { NdkOperationTypeInvalidate, "Invalidate" },	\
			 { NdkOperationTypeRead, "Read" },		\
			 { NdkOperationTypeWrite, "Write" })

#define ndk_trace_mr_state(state)					\
	__print_symbolic(state,						\
			 { NDK_MR_CREATED, "created" },			\
			 { NDK_MR_INITIALISING, "initialising" },	\
			 { NDK_MR_INVALID, "invalid" },			\
			 { NDK_MR_REGISTERING, "registering" },		\
			 { NDK_MR_VALID, "valid" },			\
			 { NDK_MR_INVALIDATING, "invalidating" },	\
			 { NDK_MR_DEREGISTERING, "deregistering" },	\
			 { NDK_MR_STALE, "stale" })

#define NDK_TRACE_STATUS(name, meaning)	{ (u32)(name), #name },
#define ndk_trace_status(status)					\
	__print_symbolic((u32)(status),					\
			 NDK_STATUS_LIST(NDK_TRACE_STATUS)		\
			 { 0xffffffff, "?" })

/* What happens to an object, with a status. */
DECLARE_EVENT_CLASS(ndk_object_status,
	TP_PROTO(const struct ndk_object *obj, NTSTATUS status),
	TP_ARGS(obj, status),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u64, id)
		__field(u32, status)
	),
	TP_fast_assign(
		__entry->type = obj->ops->type;
		__entry->id = obj->id;
		__entry->status = status;
	),
	TP_printk("%s %llu %s", ndk_trace_type(__entry->type), __entry->id,
		  ndk_trace_status(__entry->status))
);

/* Creation has ended; the consumer is told next. */
DEFINE_EVENT(ndk_object_status, ndk_create,
	TP_PROTO(const struct ndk_object *obj, NTSTATUS status),
	TP_ARGS(obj, status));

/* A request that answered STATUS_PENDING has ended; the consumer is told next. */
DEFINE_EVENT(ndk_object_status, ndk_request_done,
	TP_PROTO(const struct ndk_object *obj, NTSTATUS status),
	TP_ARGS(obj, status));

/* What happens to an object. */
DECLARE_EVENT_CLASS(ndk_object,
	TP_PROTO(const struct ndk_object *obj),
	TP_ARGS(obj),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u64, id)
	),
	TP_fast_assign(
		__entry->type = obj->ops->type;
		__entry->id = obj->id;
	),
	TP_printk("%s %llu", ndk_trace_type(__entry->type), __entry->id)
);

/* The consumer closes it. */
DEFINE_EVENT(ndk_object, ndk_close,
	TP_PROTO(const struct ndk_object *obj),
	TP_ARGS(obj));

/* Nothing of it is left; the consumer is told next. */
DEFINE_EVENT(ndk_object, ndk_closed,
	TP_PROTO(const struct ndk_object *obj),
	TP_ARGS(obj));

/* A request that answered STATUS_PENDING was accepted. */
DEFINE_EVENT(ndk_object, ndk_request,
	TP_PROTO(const struct ndk_object *obj),
	TP_ARGS(obj));

/* Longer names of arguments are cut. */
#define NDK_TRACE_ARGUMENT	48

/* A call was refused. */
TRACE_EVENT(ndk_refuse,
	TP_PROTO(const struct ndk_object *obj, NTSTATUS status,
		 const char *argument),
	TP_ARGS(obj, status, argument),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u64, id)
		__field(u32, status)
		__array(char, argument, NDK_TRACE_ARGUMENT)
	),
	TP_fast_assign(
		__entry->type = obj->ops->type;
		__entry->id = obj->id;
		__entry->status = status;
		/* All of it is read from user space. */
		strscpy_pad(__entry->argument, argument ?: "",
			    sizeof(__entry->argument));
	),
	TP_printk("%s %llu %s %s", ndk_trace_type(__entry->type), __entry->id,
		  ndk_trace_status(__entry->status), __entry->argument)
);

/*
 * A receive of a queue pair, the last one that ndk_post told of, was refused by
 * the device after all: nothing completes for it.
 */
DEFINE_EVENT(ndk_object, ndk_retract,
	TP_PROTO(const struct ndk_object *obj),
	TP_ARGS(obj));

/*
 * A queue pair accepted a request. A receive may complete while it is being
 * posted, so that it is told of before the device has it: see ndk_retract. What
 * else there is has been taken by the device, or is held back. Completions come
 * behind. How many are outstanding, this one included, is exact for initiator
 * requests; of receives, those that complete meanwhile may still be among them.
 */
TRACE_EVENT(ndk_post,
	TP_PROTO(const struct ndk_object *qp, u32 operation, u32 outstanding),
	TP_ARGS(qp, operation, outstanding),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(u32, operation)
		__field(u32, outstanding)
	),
	TP_fast_assign(
		__entry->id = qp->id;
		__entry->operation = operation;
		__entry->outstanding = outstanding;
	),
	TP_printk("qp %llu %s, %u outstanding", __entry->id,
		  ndk_trace_operation(__entry->operation),
		  __entry->outstanding)
);

/* A queue pair's request has completed. */
TRACE_EVENT(ndk_complete,
	TP_PROTO(const struct ndk_object *qp, u32 operation, NTSTATUS status,
		 u32 bytes),
	TP_ARGS(qp, operation, status, bytes),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(u32, operation)
		__field(u32, status)
		__field(u32, bytes)
	),
	TP_fast_assign(
		__entry->id = qp->id;
		__entry->operation = operation;
		__entry->status = status;
		__entry->bytes = bytes;
	),
	TP_printk("qp %llu %s %s, %u bytes", __entry->id,
		  ndk_trace_operation(__entry->operation),
		  ndk_trace_status(__entry->status), __entry->bytes)
);

/* A region goes from one state to another. */
TRACE_EVENT(ndk_mr_state,
	TP_PROTO(const struct ndk_object *mr, u32 from, u32 to),
	TP_ARGS(mr, from, to),
	TP_STRUCT__entry(
		__field(u64, id)
		__field(u32, from)
		__field(u32, to)
	),
	TP_fast_assign(
		__entry->id = mr->id;
		__entry->from = from;
		__entry->to = to;
	),
	TP_printk("mr %llu %s -> %s", __entry->id,
		  ndk_trace_mr_state(__entry->from),
		  ndk_trace_mr_state(__entry->to))
);

#endif /* _NDK_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
