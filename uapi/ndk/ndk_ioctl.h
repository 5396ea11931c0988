/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * /dev/ndk: NDKPI objects driven from user space.
 */
#ifndef _UAPI_NDK_NDK_IOCTL_H
#define _UAPI_NDK_NDK_IOCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>
#include <ndk/ntstatus.h>

/**
 * DOC: General ioctl format
 *
 * A door for tests, tools and administration; by default only root opens it.
 *
 * Every command is ioctl(fd, NDK_IOCTL_x, &struct ndk_x), and every struct
 * begins with struct ndk_header, whose first member is the size of the whole
 * struct. A newer struct is longer at its end; zero there means what the
 * shorter struct meant. Members named out_* are written by the kernel and not
 * read. Members named __reserved must be zero.
 *
 * Two answers come back. The return value of ioctl() says whether the door did
 * its work; @ndk_header.out_status says what NDKPI answered. When ioctl()
 * returns 0, look at the status. When it returns -1, NDKPI was not asked and
 * nothing has been changed, except with EINTR (below), and with EFAULT when an
 * answer could not be written any more: what it told of is lost, and an object
 * lives until the file is closed. errno is:
 *
 *  - ENOTTY: the command does not exist.
 *  - EFAULT: the struct, or memory that it points to, cannot be read or
 *    written.
 *  - EINVAL: the struct is shorter than the command needs; a reserved or
 *    unused member is not zero; an id names an object of another type; a value
 *    makes no sense to the door.
 *  - E2BIG: the struct is longer than the kernel knows, and not zero there.
 *  - EOPNOTSUPP: a flag that the door does not know, or that the command does
 *    not take.
 *  - ENOENT: no object has this id: it never existed, is still being created,
 *    or was closed.
 *  - EBUSY: the memory or mapping is still in use.
 *  - EACCES: memory pinned for reading would be written, the token is one that
 *    user space may not use, or the port is one that the caller may not bind.
 *  - EPERM: the caller is not in the initial network namespace.
 *  - EMFILE: the file has NDK_OBJECTS_MAX objects, or as many of one type as it
 *    may have.
 *  - EAGAIN: too many requests are pending or completed but unread.
 *  - ENOMEM: no memory, or over RLIMIT_MEMLOCK.
 *  - EINTR: a signal arrived while waiting. The request goes on.
 *
 * If the struct was long enough to be accepted, @ndk_header.out_refusal names
 * the member at fault, also with an errno.
 *
 * Objects are named by ids, which belong to the open file. 0 is never an id.
 * An id is not used again soon after it was closed. Closing the file closes
 * everything in it, in whatever state it is, and waits until that is done.
 *
 * A file holds at most NDK_OBJECTS_MAX objects, with those that are being
 * created or closed, and those with unread events; EMFILE for one more. Of those
 * with rings or tables behind them it holds fewer: NDK_ADAPTERS_MAX, NDK_PDS_MAX,
 * NDK_CQS_MAX, NDK_QPS_MAX, NDK_SRQS_MAX, NDK_MRS_MAX each of MRs and of MWs,
 * NDK_CONNECTORS_MAX, and NDK_LISTENERS_MAX each of listeners and of shared
 * endpoints. A peer that connects when there is no room is refused.
 *
 * Memory that is pinned or allocated counts against RLIMIT_MEMLOCK, and what the
 * door itself allocates is charged to the caller's memory cgroup. What the
 * adapter's driver and the provider allocate behind an object is charged to
 * nobody: with queues of the greatest depth some MiB for each CQ, QP and SRQ, so
 * up to a few GiB for a file; and only RLIMIT_NOFILE limits how many files a
 * process has. So whoever may open the door is trusted with the machine's memory.
 *
 * Adapters, interfaces and addresses are those of the initial network namespace.
 * In any other one open() and every command answer EPERM, also on a file that was
 * opened before or elsewhere; closing the file always works. A local port other
 * than 0 below net.ipv4.ip_unprivileged_port_start (1024) needs
 * CAP_NET_BIND_SERVICE of the caller, as it does for a socket; EACCES without.
 *
 * Requests that may take time (marked "may pend") wait until they are done. A
 * signal ends the wait with EINTR and out_status STATUS_PENDING; the request
 * goes on, and its completion is then an event. With NDK_FLAG_ASYNC they do not
 * wait: the answer is either final, or STATUS_PENDING and an event follows.
 * A final answer is never repeated as an event. Events come from read() in the
 * order in which they happened and are never lost; poll() reports POLLIN while
 * there are any.
 *
 * /dev/ndk gives kernel addresses, addresses of the adapter and privileged tokens
 * to nobody.
 */

/* The device file, with dynamic minor. */
#define NDK_DEVICE_NAME		"ndk"

#define NDK_IOCTL_TYPE		0xE7

/* Most objects of an open file. */
#define NDK_OBJECTS_MAX		16384

/* Most of one type of object of an open file, if fewer. */
#define NDK_ADAPTERS_MAX	64
#define NDK_PDS_MAX		64
#define NDK_CQS_MAX		256
#define NDK_QPS_MAX		256
#define NDK_SRQS_MAX		64
#define NDK_MRS_MAX		2048
#define NDK_CONNECTORS_MAX	8192
#define NDK_LISTENERS_MAX	256

/* Names in structs, including the terminating zero. */
#define NDK_NAME_MAX		64
#define NDK_ARGUMENT_MAX	32

/**
 * enum ndk_command - command numbers; new ones are added at the end
 * @NDK_CMD_BASE: the first
 * @NDK_CMD_ENUM_ADAPTERS: struct ndk_enum_adapters
 * @NDK_CMD_OPEN_ADAPTER: struct ndk_open
 * @NDK_CMD_QUERY_ADAPTER_INFO: struct ndk_query_adapter_info
 * @NDK_CMD_QUERY_OBJECT: struct ndk_query_object
 * @NDK_CMD_QUERY_EXTENSION: struct ndk_query_extension
 * @NDK_CMD_GET_REFUSAL: struct ndk_object
 * @NDK_CMD_CLOSE: struct ndk_object
 * @NDK_CMD_CREATE_PD: struct ndk_create
 * @NDK_CMD_CREATE_CQ: struct ndk_create_cq
 * @NDK_CMD_CREATE_QP: struct ndk_create_qp
 * @NDK_CMD_CREATE_MR: struct ndk_create
 * @NDK_CMD_CREATE_MW: struct ndk_create
 * @NDK_CMD_CREATE_SRQ: struct ndk_create_srq
 * @NDK_CMD_CREATE_CONNECTOR: struct ndk_create
 * @NDK_CMD_CREATE_LISTENER: struct ndk_create
 * @NDK_CMD_CREATE_SHARED_ENDPOINT: struct ndk_create_shared_endpoint
 * @NDK_CMD_PIN_MEMORY: struct ndk_pin_memory
 * @NDK_CMD_UNPIN_MEMORY: struct ndk_object
 * @NDK_CMD_COPY_MEMORY: struct ndk_copy_memory
 * @NDK_CMD_BUILD_LAM: struct ndk_build_lam
 * @NDK_CMD_RELEASE_LAM: struct ndk_object
 * @NDK_CMD_REGISTER_MR: struct ndk_register_mr
 * @NDK_CMD_DEREGISTER_MR: struct ndk_object
 * @NDK_CMD_INITIALIZE_FAST_REGISTER_MR: struct ndk_initialize_mr
 * @NDK_CMD_GET_TOKENS: struct ndk_get_tokens
 * @NDK_CMD_FAST_REGISTER: struct ndk_fast_register
 * @NDK_CMD_INVALIDATE: struct ndk_invalidate
 * @NDK_CMD_SEND: struct ndk_post
 * @NDK_CMD_SEND_AND_INVALIDATE: struct ndk_post
 * @NDK_CMD_RECEIVE: struct ndk_post
 * @NDK_CMD_READ: struct ndk_post
 * @NDK_CMD_WRITE: struct ndk_post
 * @NDK_CMD_FLUSH: struct ndk_object
 * @NDK_CMD_ARM_CQ: struct ndk_arm_cq
 * @NDK_CMD_GET_CQ_RESULTS: struct ndk_get_cq_results
 * @NDK_CMD_RESIZE_CQ: struct ndk_resize_cq
 * @NDK_CMD_MODERATE_CQ: struct ndk_moderate_cq
 * @NDK_CMD_LISTEN: struct ndk_listen
 * @NDK_CMD_CONTROL_CONNECT_EVENTS: struct ndk_control_connect_events
 * @NDK_CMD_GET_LOCAL_ADDRESS: struct ndk_get_address
 * @NDK_CMD_GET_PEER_ADDRESS: struct ndk_get_address
 * @NDK_CMD_CONNECT: struct ndk_connect
 * @NDK_CMD_COMPLETE_CONNECT: struct ndk_complete_connect
 * @NDK_CMD_ACCEPT: struct ndk_accept
 * @NDK_CMD_REJECT: struct ndk_reject
 * @NDK_CMD_GET_CONNECTION_DATA: struct ndk_get_connection_data
 * @NDK_CMD_DISCONNECT: struct ndk_object
 * @NDK_CMD_END: one more than the last
 */
enum ndk_command {
	NDK_CMD_BASE = 0x40,
	NDK_CMD_ENUM_ADAPTERS = NDK_CMD_BASE,
	NDK_CMD_OPEN_ADAPTER = 0x41,
	NDK_CMD_QUERY_ADAPTER_INFO = 0x42,
	NDK_CMD_QUERY_OBJECT = 0x43,
	NDK_CMD_QUERY_EXTENSION = 0x44,
	NDK_CMD_GET_REFUSAL = 0x45,
	NDK_CMD_CLOSE = 0x46,
	NDK_CMD_CREATE_PD = 0x47,
	NDK_CMD_CREATE_CQ = 0x48,
	NDK_CMD_CREATE_QP = 0x49,
	NDK_CMD_CREATE_MR = 0x4a,
	NDK_CMD_CREATE_MW = 0x4b,
	NDK_CMD_CREATE_SRQ = 0x4c,
	NDK_CMD_CREATE_CONNECTOR = 0x4d,
	NDK_CMD_CREATE_LISTENER = 0x4e,
	NDK_CMD_CREATE_SHARED_ENDPOINT = 0x4f,
	NDK_CMD_PIN_MEMORY = 0x50,
	NDK_CMD_UNPIN_MEMORY = 0x51,
	NDK_CMD_COPY_MEMORY = 0x52,
	NDK_CMD_BUILD_LAM = 0x53,
	NDK_CMD_RELEASE_LAM = 0x54,
	NDK_CMD_REGISTER_MR = 0x55,
	NDK_CMD_DEREGISTER_MR = 0x56,
	NDK_CMD_INITIALIZE_FAST_REGISTER_MR = 0x57,
	NDK_CMD_GET_TOKENS = 0x58,
	NDK_CMD_FAST_REGISTER = 0x59,
	NDK_CMD_INVALIDATE = 0x5a,
	NDK_CMD_SEND = 0x5b,
	NDK_CMD_SEND_AND_INVALIDATE = 0x5c,
	NDK_CMD_RECEIVE = 0x5d,
	NDK_CMD_READ = 0x5e,
	NDK_CMD_WRITE = 0x5f,
	NDK_CMD_FLUSH = 0x60,
	NDK_CMD_ARM_CQ = 0x61,
	NDK_CMD_GET_CQ_RESULTS = 0x62,
	NDK_CMD_RESIZE_CQ = 0x63,
	NDK_CMD_MODERATE_CQ = 0x64,
	NDK_CMD_LISTEN = 0x65,
	NDK_CMD_CONTROL_CONNECT_EVENTS = 0x66,
	NDK_CMD_GET_LOCAL_ADDRESS = 0x67,
	NDK_CMD_GET_PEER_ADDRESS = 0x68,
	NDK_CMD_CONNECT = 0x69,
	NDK_CMD_COMPLETE_CONNECT = 0x6a,
	NDK_CMD_ACCEPT = 0x6b,
	NDK_CMD_REJECT = 0x6c,
	NDK_CMD_GET_CONNECTION_DATA = 0x6d,
	NDK_CMD_DISCONNECT = 0x6e,
	NDK_CMD_END,
};

/**
 * enum ndk_object_kind - what an id names
 * @NDK_KIND_ADAPTER: an adapter
 * @NDK_KIND_QP: a queue pair
 * @NDK_KIND_CQ: a completion queue
 * @NDK_KIND_MR: a memory region
 * @NDK_KIND_MW: a memory window
 * @NDK_KIND_PD: a protection domain
 * @NDK_KIND_SHARED_ENDPOINT: a shared endpoint
 * @NDK_KIND_CONNECTOR: a connector
 * @NDK_KIND_LISTENER: a listener
 * @NDK_KIND_SRQ: a shared receive queue
 * @NDK_KIND_MEMORY: pinned memory, from NDK_CMD_PIN_MEMORY
 * @NDK_KIND_LAM: a logical address mapping, from NDK_CMD_BUILD_LAM
 *
 * The first ten equal NDK_OBJECT_TYPE.
 */
enum ndk_object_kind {
	NDK_KIND_ADAPTER = 1,
	NDK_KIND_QP = 2,
	NDK_KIND_CQ = 3,
	NDK_KIND_MR = 4,
	NDK_KIND_MW = 5,
	NDK_KIND_PD = 6,
	NDK_KIND_SHARED_ENDPOINT = 7,
	NDK_KIND_CONNECTOR = 8,
	NDK_KIND_LISTENER = 9,
	NDK_KIND_SRQ = 10,
	NDK_KIND_MEMORY = 32,
	NDK_KIND_LAM = 33,
};

/* Access flags of NDK_CMD_REGISTER_MR; remote write carries local write. */
#define NDK_MR_FLAG_ALLOW_LOCAL_READ		0x00000000
#define NDK_MR_FLAG_ALLOW_LOCAL_WRITE		0x00000001
#define NDK_MR_FLAG_ALLOW_REMOTE_READ		0x00000002
#define NDK_MR_FLAG_ALLOW_REMOTE_WRITE		0x00000005
#define NDK_MR_FLAG_RDMA_READ_SINK		0x00000008

/* op_flags of the commands that post on the initiator queue. */
#define NDK_OP_FLAG_SILENT_SUCCESS		0x00000001
#define NDK_OP_FLAG_READ_FENCE			0x00000002
#define NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT	0x00000004
#define NDK_OP_FLAG_ALLOW_REMOTE_READ		0x00000008
#define NDK_OP_FLAG_ALLOW_LOCAL_WRITE		0x00000010
#define NDK_OP_FLAG_ALLOW_REMOTE_WRITE		0x00000030
#define NDK_OP_FLAG_INLINE			0x00000040
#define NDK_OP_FLAG_RDMA_READ_SINK		0x00000080
#define NDK_OP_FLAG_RDMA_READ_LOCAL_INVALIDATE	0x00000100
#define NDK_OP_FLAG_DEFER			0x00000200

/* Types of NDK_CMD_ARM_CQ. */
#define NDK_CQ_NOTIFY_ERRORS			0
#define NDK_CQ_NOTIFY_ANY			1
#define NDK_CQ_NOTIFY_SOLICITED			2

/* struct ndk_adapter_limits.adapter_flags */
#define NDK_ADAPTER_FLAG_IN_ORDER_DMA_SUPPORTED			0x00000001
#define NDK_ADAPTER_FLAG_RDMA_READ_SINK_NOT_REQUIRED		0x00000002
#define NDK_ADAPTER_FLAG_CQ_INTERRUPT_MODERATION_SUPPORTED	0x00000004
#define NDK_ADAPTER_FLAG_MULTI_ENGINE_SUPPORTED			0x00000008
#define NDK_ADAPTER_FLAG_RDMA_READ_LOCAL_INVALIDATE_SUPPORTED	0x00000010
#define NDK_ADAPTER_FLAG_CQ_RESIZE_SUPPORTED			0x00000100
#define NDK_ADAPTER_FLAG_LOOPBACK_CONNECTIONS_SUPPORTED		0x00010000

/* struct ndk_adapter_limits.rdma_technology */
#define NDK_TECHNOLOGY_UNDEFINED		0
#define NDK_TECHNOLOGY_IWARP			1
#define NDK_TECHNOLOGY_INFINIBAND		2
#define NDK_TECHNOLOGY_ROCE			3
#define NDK_TECHNOLOGY_ROCE_V2			4

/* struct ndk_cq_result.type */
#define NDK_OPERATION_RECEIVE			0x0001
#define NDK_OPERATION_RECEIVE_AND_INVALIDATE	0x8001
#define NDK_OPERATION_SEND			0x0002
#define NDK_OPERATION_FAST_REGISTER		0x0004
#define NDK_OPERATION_BIND			0x0008
#define NDK_OPERATION_INVALIDATE		0x0010
#define NDK_OPERATION_READ			0x0020
#define NDK_OPERATION_WRITE			0x0040

/**
 * struct ndk_refusal_info - why a request was refused
 * @status: the status that this explains, 0 if it explains an errno or nothing
 * @__reserved: 0
 * @value: what was given or found
 * @limit: what is allowed; 0 when @argument has no limit
 * @argument: the argument, limit or state at fault, as NDKPI or this header
 *	names it; empty if there is nothing to name
 */
struct ndk_refusal_info {
	__s32 status;
	__u32 __reserved;
	__aligned_u64 value;
	__aligned_u64 limit;
	char argument[NDK_ARGUMENT_MAX];
};

/* struct ndk_header.flags */
#define NDK_FLAG_ASYNC		0x1
#define NDK_FLAG_NO_EVENT	0x2

/**
 * struct ndk_header - first member of every command
 * @size: bytes of the whole struct
 * @flags: 0, or NDK_FLAG_ASYNC with the commands that may pend. With
 *	NDK_CMD_CLOSE also both NDK_FLAG_ASYNC and NDK_FLAG_NO_EVENT: nobody
 *	wants to know when a close that pends has completed
 * @user_data: given back in the event that completes this request; for the
 *	commands that post on a queue, the request context given back by
 *	NDK_CMD_GET_CQ_RESULTS, whose top bit must be 0
 * @out_status: what NDKPI answered; STATUS_PENDING: an event follows, unless
 *	NDK_FLAG_NO_EVENT was given
 * @__reserved: 0
 * @out_refusal: why, if the request was refused
 */
struct ndk_header {
	__u32 size;
	__u32 flags;
	__aligned_u64 user_data;
	__s32 out_status;
	__u32 __reserved;
	struct ndk_refusal_info out_refusal;
};

/**
 * enum ndk_event_type - what has happened
 * @NDK_EVENT_COMPLETION: a pending request is done
 * @NDK_EVENT_CQ_NOTIFICATION: an armed CQ has results, or has failed
 * @NDK_EVENT_CONNECT: a peer wants to connect
 * @NDK_EVENT_DISCONNECT: the peer has disconnected, or the connection is lost
 * @NDK_EVENT_SRQ_NOTIFICATION: an SRQ runs dry, or has failed
 */
enum ndk_event_type {
	NDK_EVENT_COMPLETION = 1,
	NDK_EVENT_CQ_NOTIFICATION = 2,
	NDK_EVENT_CONNECT = 3,
	NDK_EVENT_DISCONNECT = 4,
	NDK_EVENT_SRQ_NOTIFICATION = 5,
};

/**
 * struct ndk_event - what read() returns
 * @size: bytes of this event, sizeof(struct ndk_event)
 * @type: enum ndk_event_type
 * @user_data: completion: that of the request; otherwise the event_data that
 *	was given for this kind of event
 * @object_id: completion: the object the request was made on, or for a create
 *	that succeeded, the new object; connect: the new connector; otherwise
 *	the object it happened to
 * @object_kind: enum ndk_object_kind of @object_id
 * @status: completion: how it ended; notification: state of the queue
 * @command: completion: enum ndk_command of the request; otherwise 0
 * @value: NDK_CMD_BUILD_LAM completed: @ndk_build_lam.out_page_count and
 *	@ndk_build_lam.out_fbo; CQ and SRQ notification: [0] is how many
 *	notifications this one stands for; connect: [0] is the id of the
 *	listener; disconnect: [0] is the provider's reason, if it was asked for
 * @refusal: completion that failed: why
 *
 * read() returns as many whole events as fit. It waits for the first one unless
 * the file is O_NONBLOCK (EAGAIN); EINTR: a signal arrived before there was one,
 * whose handler was not set with SA_RESTART; EINVAL: not even one fits; EFAULT:
 * nothing could be written, and nothing is lost.
 *
 * Notifications of one queue that were not read yet are merged into one event
 * with the worst status.
 */
struct ndk_event {
	__u32 size;
	__u32 type;
	__aligned_u64 user_data;
	__u32 object_id;
	__u32 object_kind;
	__s32 status;
	__u32 command;
	__aligned_u64 value[2];
	struct ndk_refusal_info refusal;
};

/**
 * struct ndk_enum_adapters - ioctl(NDK_IOCTL_ENUM_ADAPTERS)
 * @hdr: common header
 * @index: 0, 1, ... until ENOENT
 * @out_ifindex: network interface of the first port, 0 if it has none
 * @out_ports: number of ports
 * @__reserved: 0
 * @out_name: name of the RDMA device
 */
struct ndk_enum_adapters {
	struct ndk_header hdr;
	__u32 index;
	__u32 out_ifindex;
	__u32 out_ports;
	__u32 __reserved;
	char out_name[NDK_NAME_MAX];
};

/**
 * struct ndk_open - ioctl(NDK_IOCTL_OPEN_ADAPTER)
 * @hdr: common header
 * @name: name of the RDMA device, or empty to go by @ifindex; EINVAL if both or
 *	neither are given or it does not end
 * @ifindex: network interface, or 0
 * @version_major: major version of NDKPI wanted
 * @version_minor: lowest minor version that will do
 * @out_id: id of the adapter
 * @out_version_major: version got
 * @out_version_minor: version got
 *
 * Status: NDIS_STATUS_BAD_VERSION, NDIS_STATUS_ADAPTER_NOT_READY,
 * NDIS_STATUS_RESOURCES.
 */
struct ndk_open {
	struct ndk_header hdr;
	char name[NDK_NAME_MAX];
	__u32 ifindex;
	__u16 version_major;
	__u16 version_minor;
	__u32 out_id;
	__u16 out_version_major;
	__u16 out_version_minor;
};

/**
 * struct ndk_adapter_limits - NDK_ADAPTER_INFO in fixed widths
 * @version_major: version of the interface implemented
 * @version_minor: version of the interface implemented
 * @vendor_id: the vendor's OUI
 * @device_id: the vendor's device id
 * @rdma_technology: NDK_TECHNOLOGY_*
 * @max_registration_size: bytes in one registration of kernel memory
 * @max_window_size: bytes in one memory window; 0 without windows
 * @frmr_page_count: size, in pages, of which most fast-register MRs are ready
 * @max_initiator_request_sge: SGEs of one initiator request
 * @max_receive_request_sge: SGEs of one receive
 * @max_read_request_sge: SGEs of one read
 * @max_transfer_length: bytes of one request
 * @max_inline_data_size: bytes of one inline request
 * @max_inbound_read_limit: incoming reads in progress, per QP
 * @max_outbound_read_limit: outgoing reads in progress, per QP
 * @max_receive_queue_depth: receives outstanding, per QP
 * @max_initiator_queue_depth: initiator requests outstanding, per QP
 * @max_srq_depth: 0 without shared receive queues
 * @max_cq_depth: entries of one CQ
 * @large_request_threshold: bytes above which read and write beat send
 * @max_caller_data: bytes of private data with connect
 * @max_callee_data: bytes of private data with accept and reject
 * @adapter_flags: NDK_ADAPTER_FLAG_*
 */
struct ndk_adapter_limits {
	__u16 version_major;
	__u16 version_minor;
	__u32 vendor_id;
	__u32 device_id;
	__u32 rdma_technology;
	__aligned_u64 max_registration_size;
	__aligned_u64 max_window_size;
	__u32 frmr_page_count;
	__u32 max_initiator_request_sge;
	__u32 max_receive_request_sge;
	__u32 max_read_request_sge;
	__u32 max_transfer_length;
	__u32 max_inline_data_size;
	__u32 max_inbound_read_limit;
	__u32 max_outbound_read_limit;
	__u32 max_receive_queue_depth;
	__u32 max_initiator_queue_depth;
	__u32 max_srq_depth;
	__u32 max_cq_depth;
	__u32 large_request_threshold;
	__u32 max_caller_data;
	__u32 max_callee_data;
	__u32 adapter_flags;
};

/**
 * struct ndk_query_adapter_info - ioctl(NDK_IOCTL_QUERY_ADAPTER_INFO)
 * @hdr: common header
 * @adapter_id: the adapter
 * @buffer_size: size to tell NDKPI, to see STATUS_BUFFER_TOO_SMALL; 0 means
 *	enough
 * @out_buffer_size: size that NDKPI wrote or asks for
 * @__reserved: 0
 * @out_limits: the adapter's limits
 */
struct ndk_query_adapter_info {
	struct ndk_header hdr;
	__u32 adapter_id;
	__u32 buffer_size;
	__u32 out_buffer_size;
	__u32 __reserved;
	struct ndk_adapter_limits out_limits;
};

/**
 * struct ndk_query_object - ioctl(NDK_IOCTL_QUERY_OBJECT)
 * @hdr: common header
 * @id: any object
 * @out_kind: enum ndk_object_kind
 * @out_version_major: version in its header; 0 for memory and LAM
 * @out_version_minor: version in its header; 0 for memory and LAM
 * @__reserved: 0
 */
struct ndk_query_object {
	struct ndk_header hdr;
	__u32 id;
	__u32 out_kind;
	__u16 out_version_major;
	__u16 out_version_minor;
	__u32 __reserved;
};

/**
 * struct ndk_query_extension - ioctl(NDK_IOCTL_QUERY_EXTENSION)
 * @hdr: common header
 * @id: any object but memory and LAM
 * @version_major: version of the extension
 * @version_minor: version of the extension
 * @guid: Data1, Data2 and Data3 in the byte order of the machine, then Data4
 *
 * Asks whether there is such an extension; its table stays in the kernel.
 *
 * Status: STATUS_NOT_SUPPORTED if not.
 */
struct ndk_query_extension {
	struct ndk_header hdr;
	__u32 id;
	__u16 version_major;
	__u16 version_minor;
	__u8 guid[16];
};

/**
 * struct ndk_object - commands that take an object and nothing else
 * @hdr: common header
 * @id: the object
 * @__reserved: 0
 *
 * NDK_IOCTL_CLOSE (may pend): any object but memory and LAM; EINVAL for those.
 * The id is gone at once. Objects may be closed in any order; one that others
 * depend on stays pending until those are closed, so close it with
 * NDK_FLAG_ASYNC or last. Calls that other threads are making on the object
 * finish first. A close does not fail.
 *
 * NDK_IOCTL_GET_REFUSAL: the last refusal recorded on the object, in
 * @ndk_header.out_refusal; @ndk_header.out_status is that of the refusal, or
 * STATUS_SUCCESS if there was none.
 *
 * NDK_IOCTL_UNPIN_MEMORY: memory. EBUSY while a LAM or a registration uses it.
 *
 * NDK_IOCTL_RELEASE_LAM: a LAM. EBUSY while its pages may be reached. A fast
 * registration uses it until it was invalidated by the caller, or its MR was
 * initialised again or closed; that it takes after an invalidation by the peer,
 * too, for the peer does not say which registration that was about. A request
 * posted with its pages under the privileged token uses it until that or a later
 * request on that queue was seen completed by NDK_CMD_GET_CQ_RESULTS, or the QP
 * was closed. A request with
 * NDK_OP_FLAG_SILENT_SUCCESS is not seen completed even when it has failed, so it
 * keeps the LAM until a later request without that flag was, or the QP was
 * closed; one with NDK_OP_FLAG_DEFER completes, and so lets go, only after a later
 * request without that flag. With EBUSY, @ndk_refusal_info.value tells how many
 * uses there are.
 *
 * NDK_IOCTL_DEREGISTER_MR (may pend): an MR.
 *
 * NDK_IOCTL_FLUSH: a QP.
 *
 * NDK_IOCTL_DISCONNECT (may pend): a connector.
 */
struct ndk_object {
	struct ndk_header hdr;
	__u32 id;
	__u32 __reserved;
};

/* struct ndk_create.create_flags */
#define NDK_CREATE_MR_FAST_REGISTER	0x1

/**
 * struct ndk_create - ioctl(NDK_IOCTL_CREATE_PD, _MR, _MW, _CONNECTOR,
 *	_LISTENER)
 * @hdr: common header
 * @parent_id: PD, connector, listener: the adapter; MR, MW: the PD
 * @create_flags: MR: NDK_CREATE_MR_FAST_REGISTER or 0; otherwise 0
 * @event_data: listener: @ndk_event.user_data of connect events; otherwise 0
 * @backlog: listener: connect events that may be unread before further peers
 *	are refused, at most NDK_BACKLOG_MAX; 0 means 64; otherwise 0
 * @out_id: the new object; with STATUS_PENDING it comes with the event
 *
 * May pend. Status: STATUS_INSUFFICIENT_RESOURCES, STATUS_NOT_SUPPORTED.
 */
struct ndk_create {
	struct ndk_header hdr;
	__u32 parent_id;
	__u32 create_flags;
	__aligned_u64 event_data;
	__u32 backlog;
	__u32 out_id;
};

#define NDK_BACKLOG_MAX		4096

/**
 * struct ndk_create_cq - ioctl(NDK_IOCTL_CREATE_CQ)
 * @hdr: common header
 * @adapter_id: the adapter
 * @depth: entries
 * @event_data: @ndk_event.user_data of its notifications
 * @affinity_mask: preferred CPUs, 0 for none
 * @affinity_group: which 64 CPUs @affinity_mask is about
 * @out_id: the new CQ; with STATUS_PENDING it comes with the event
 *
 * May pend. Status: STATUS_INVALID_PARAMETER, STATUS_INSUFFICIENT_RESOURCES.
 */
struct ndk_create_cq {
	struct ndk_header hdr;
	__u32 adapter_id;
	__u32 depth;
	__aligned_u64 event_data;
	__aligned_u64 affinity_mask;
	__u32 affinity_group;
	__u32 out_id;
};

/**
 * struct ndk_create_qp - ioctl(NDK_IOCTL_CREATE_QP)
 * @hdr: common header
 * @pd_id: the PD
 * @receive_cq_id: CQ of receives
 * @initiator_cq_id: CQ of all else; may be the same
 * @srq_id: shared receive queue, or 0; with it the two receive members must
 *	be 0
 * @qp_context: given back with each result
 * @receive_queue_depth: receives outstanding
 * @initiator_queue_depth: initiator requests outstanding
 * @max_receive_request_sge: SGEs of one receive
 * @max_initiator_request_sge: SGEs of one initiator request
 * @inline_data_size: bytes of one inline request
 * @out_id: the new QP; with STATUS_PENDING it comes with the event
 *
 * May pend. Status: STATUS_INVALID_PARAMETER, STATUS_INSUFFICIENT_RESOURCES.
 */
struct ndk_create_qp {
	struct ndk_header hdr;
	__u32 pd_id;
	__u32 receive_cq_id;
	__u32 initiator_cq_id;
	__u32 srq_id;
	__aligned_u64 qp_context;
	__u32 receive_queue_depth;
	__u32 initiator_queue_depth;
	__u32 max_receive_request_sge;
	__u32 max_initiator_request_sge;
	__u32 inline_data_size;
	__u32 out_id;
};

/**
 * struct ndk_create_srq - ioctl(NDK_IOCTL_CREATE_SRQ)
 * @hdr: common header
 * @pd_id: the PD
 * @depth: receives outstanding
 * @max_receive_request_sge: SGEs of one receive
 * @notify_threshold: notify when fewer receives are left
 * @event_data: @ndk_event.user_data of its notifications
 * @affinity_mask: preferred CPUs, 0 for none
 * @affinity_group: which 64 CPUs @affinity_mask is about
 * @out_id: the new SRQ; with STATUS_PENDING it comes with the event
 *
 * May pend. Status: STATUS_NOT_SUPPORTED, STATUS_INVALID_PARAMETER,
 * STATUS_INSUFFICIENT_RESOURCES.
 */
struct ndk_create_srq {
	struct ndk_header hdr;
	__u32 pd_id;
	__u32 depth;
	__u32 max_receive_request_sge;
	__u32 notify_threshold;
	__aligned_u64 event_data;
	__aligned_u64 affinity_mask;
	__u32 affinity_group;
	__u32 out_id;
};

/**
 * struct ndk_address - a socket address
 * @length: bytes of @data that count; EINVAL if more than it has
 * @__reserved: 0
 * @data: struct sockaddr_in or sockaddr_in6
 */
struct ndk_address {
	__u32 length;
	__u32 __reserved;
	__u8 data[56];
};

/**
 * struct ndk_create_shared_endpoint - ioctl(NDK_IOCTL_CREATE_SHARED_ENDPOINT)
 * @hdr: common header
 * @adapter_id: the adapter
 * @out_id: the new endpoint; with STATUS_PENDING it comes with the event
 * @address: local address
 *
 * May pend. Status: STATUS_NOT_SUPPORTED, STATUS_INSUFFICIENT_RESOURCES,
 * STATUS_SHARING_VIOLATION, STATUS_TOO_MANY_ADDRESSES, STATUS_INVALID_ADDRESS.
 */
struct ndk_create_shared_endpoint {
	struct ndk_header hdr;
	__u32 adapter_id;
	__u32 out_id;
	struct ndk_address address;
};

/* struct ndk_pin_memory.mem_flags */
#define NDK_MEM_FLAG_WRITE	0x1
#define NDK_MEM_FLAG_KERNEL	0x2

/**
 * struct ndk_pin_memory - ioctl(NDK_IOCTL_PIN_MEMORY)
 * @hdr: common header
 * @addr: first byte, at any alignment. With NDK_MEM_FLAG_KERNEL only a label,
 *	by which SGEs and peers address the memory once it is registered; its
 *	offset in a page is that of the first byte, and it should not be 0
 * @length: bytes, more than 0, less than 4 GiB; EINVAL if more, or if the range
 *	wraps around
 * @mem_flags: NDK_MEM_FLAG_WRITE: the adapter may write to it; without it the
 *	memory may be read-only. NDK_MEM_FLAG_KERNEL: do not use the caller's
 *	memory, allocate zeroed kernel memory, always writable, to be filled
 *	and read with NDK_CMD_COPY_MEMORY
 * @out_id: id of the memory
 * @out_wanted: bytes that would be locked, in whole pages, with what is locked
 *	already; set also with ENOMEM
 * @out_allowed: bytes that RLIMIT_MEMLOCK allows; set also with ENOMEM
 *
 * Pins memory and describes it by an MDL. It is charged to RLIMIT_MEMLOCK of the
 * caller, from which CAP_IPC_LOCK exempts. ENOMEM over the limit: then
 * @ndk_header.out_refusal names "RLIMIT_MEMLOCK" with both numbers; also when
 * @length is more than the machine has: then it names that.
 *
 * Status: STATUS_ACCESS_VIOLATION: a page is not mapped, or not writable and
 * NDK_MEM_FLAG_WRITE was given. STATUS_INSUFFICIENT_RESOURCES.
 */
struct ndk_pin_memory {
	struct ndk_header hdr;
	__aligned_u64 addr;
	__aligned_u64 length;
	__u32 mem_flags;
	__u32 out_id;
	__aligned_u64 out_wanted;
	__aligned_u64 out_allowed;
};

/* struct ndk_copy_memory.copy_flags */
#define NDK_COPY_TO_KERNEL	0x1

/**
 * struct ndk_copy_memory - ioctl(NDK_IOCTL_COPY_MEMORY)
 * @hdr: common header
 * @memory_id: memory with NDK_MEM_FLAG_KERNEL; EINVAL for other memory
 * @copy_flags: NDK_COPY_TO_KERNEL: from @addr to the memory; 0: the reverse
 * @offset: first byte in the memory
 * @length: bytes; EINVAL if it goes beyond the memory
 * @addr: the caller's buffer; with EFAULT part may have been copied, and with
 *	EINTR, which only the end of the caller causes
 */
struct ndk_copy_memory {
	struct ndk_header hdr;
	__u32 memory_id;
	__u32 copy_flags;
	__aligned_u64 offset;
	__aligned_u64 length;
	__aligned_u64 addr;
};

/* Most bytes of one LAM. */
#define NDK_LAM_MAX		0x100000000ULL

/**
 * struct ndk_build_lam - ioctl(NDK_IOCTL_BUILD_LAM)
 * @hdr: common header
 * @adapter_id: the adapter
 * @memory_id: the memory
 * @offset: first byte in the memory; EINVAL if beyond it
 * @length: bytes, at most NDK_LAM_MAX, EINVAL if more, for they are mapped without
 *	a pause; otherwise passed to NDKPI as it is
 * @out_id: id of the LAM; with STATUS_PENDING these come with the event
 * @out_page_count: pages in it
 * @out_fbo: offset of the first byte in the first page
 * @__reserved: 0
 *
 * May pend. Status: STATUS_INVALID_PARAMETER, STATUS_INSUFFICIENT_RESOURCES.
 */
struct ndk_build_lam {
	struct ndk_header hdr;
	__u32 adapter_id;
	__u32 memory_id;
	__aligned_u64 offset;
	__aligned_u64 length;
	__u32 out_id;
	__u32 out_page_count;
	__u32 out_fbo;
	__u32 __reserved;
};

/**
 * struct ndk_register_mr - ioctl(NDK_IOCTL_REGISTER_MR)
 * @hdr: common header
 * @mr_id: MR created without NDK_CREATE_MR_FAST_REGISTER
 * @memory_id: the memory
 * @offset: first byte in the memory; EINVAL if beyond it
 * @length: bytes, passed to NDKPI as it is
 * @access: NDK_MR_FLAG_*, passed to NDKPI as it is
 * @__reserved: 0
 *
 * The region's base address is @ndk_pin_memory.addr + @offset. May pend.
 *
 * Status: STATUS_INVALID_PARAMETER, STATUS_INSUFFICIENT_RESOURCES,
 * STATUS_ACCESS_VIOLATION: memory pinned for reading only, or, with more pages
 * than the device can register at once, other pages mapped there now than those
 * that were pinned. STATUS_NOT_SUPPORTED: as many with some drivers.
 * STATUS_INVALID_DEVICE_REQUEST: a fast-register MR.
 * STATUS_INVALID_DEVICE_STATE: registered already.
 */
struct ndk_register_mr {
	struct ndk_header hdr;
	__u32 mr_id;
	__u32 memory_id;
	__aligned_u64 offset;
	__aligned_u64 length;
	__u32 access;
	__u32 __reserved;
};

/**
 * struct ndk_initialize_mr - ioctl(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR)
 * @hdr: common header
 * @mr_id: MR created with NDK_CREATE_MR_FAST_REGISTER
 * @page_count: most pages of later fast registrations
 * @remote_access: 1 if one of those may allow remote access, else 0
 * @__reserved: 0
 *
 * May pend. Status: STATUS_IMPLEMENTATION_LIMIT, STATUS_INVALID_PARAMETER,
 * STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_DEVICE_REQUEST,
 * STATUS_INVALID_DEVICE_STATE.
 */
struct ndk_initialize_mr {
	struct ndk_header hdr;
	__u32 mr_id;
	__u32 page_count;
	__u32 remote_access;
	__u32 __reserved;
};

/**
 * struct ndk_get_tokens - ioctl(NDK_IOCTL_GET_TOKENS)
 * @hdr: common header
 * @id: an MR or MW
 * @out_local_token: for SGEs; 0 if there is none
 * @out_remote_token: for the peer; 0 if there is none
 * @__reserved: 0
 */
struct ndk_get_tokens {
	struct ndk_header hdr;
	__u32 id;
	__u32 out_local_token;
	__u32 out_remote_token;
	__u32 __reserved;
};

/**
 * struct ndk_fast_register - ioctl(NDK_IOCTL_FAST_REGISTER)
 * @hdr: common header; @ndk_header.user_data is the request context
 * @qp_id: the QP
 * @mr_id: initialised MR
 * @lam_id: LAM whose pages to register
 * @first_page: first page of the LAM; EINVAL if @first_page + @page_count is
 *	beyond it
 * @page_count: pages
 * @fbo: offset of the first byte in the first page
 * @op_flags: NDK_OP_FLAG_*
 * @__reserved: 0
 * @length: bytes
 * @base_address: label of the first byte
 *
 * EACCES: @op_flags allow writing to memory pinned without NDK_MEM_FLAG_WRITE.
 *
 * Status: STATUS_CONNECTION_INVALID, STATUS_ACCESS_VIOLATION,
 * STATUS_INVALID_PARAMETER, STATUS_INVALID_DEVICE_REQUEST,
 * STATUS_INVALID_DEVICE_STATE, STATUS_NO_MORE_ENTRIES.
 */
struct ndk_fast_register {
	struct ndk_header hdr;
	__u32 qp_id;
	__u32 mr_id;
	__u32 lam_id;
	__u32 first_page;
	__u32 page_count;
	__u32 fbo;
	__u32 op_flags;
	__u32 __reserved;
	__aligned_u64 length;
	__aligned_u64 base_address;
};

/**
 * struct ndk_invalidate - ioctl(NDK_IOCTL_INVALIDATE)
 * @hdr: common header; @ndk_header.user_data is the request context
 * @qp_id: the QP
 * @id: an MR or MW
 * @op_flags: NDK_OP_FLAG_*
 * @__reserved: 0
 *
 * Status: STATUS_CONNECTION_INVALID, STATUS_INVALID_DEVICE_REQUEST,
 * STATUS_INVALID_DEVICE_STATE, STATUS_NO_MORE_ENTRIES.
 */
struct ndk_invalidate {
	struct ndk_header hdr;
	__u32 qp_id;
	__u32 id;
	__u32 op_flags;
	__u32 __reserved;
};

/* struct ndk_sge.sge_flags */
#define NDK_SGE_PRIVILEGED	0x1

/**
 * struct ndk_sge - a piece of local memory
 * @addr: address in a registered region; with NDK_SGE_PRIVILEGED the offset
 *	from the first byte of the LAM; with NDK_OP_FLAG_INLINE the caller's
 *	data, which is taken before the call returns
 * @length: bytes
 * @token: local token; with NDK_SGE_PRIVILEGED the id of a LAM of the QP's
 *	device; ignored with NDK_OP_FLAG_INLINE
 * @sge_flags: NDK_SGE_PRIVILEGED: use the privileged token. NDKPI is then given
 *	one SGE for each run of consecutive pages, and none for no bytes
 * @__reserved: 0
 */
struct ndk_sge {
	__aligned_u64 addr;
	__u32 length;
	__u32 token;
	__u32 sge_flags;
	__u32 __reserved;
};

/* Most SGEs, and most bytes with NDK_OP_FLAG_INLINE, that the door takes. */
#define NDK_SGE_MAX		1024
#define NDK_INLINE_MAX		65536

/**
 * struct ndk_post - ioctl(NDK_IOCTL_SEND, _SEND_AND_INVALIDATE, _RECEIVE,
 *	_READ, _WRITE)
 * @hdr: common header; @ndk_header.user_data is the request context
 * @qp_id: the QP; receive: or an SRQ
 * @op_flags: NDK_OP_FLAG_*; receive: 0
 * @sgl: array of struct ndk_sge
 * @sge_count: entries of @sgl, at most NDK_SGE_MAX; EINVAL if more
 * @remote_token: read, write: token of the peer's region; send and invalidate:
 *	token to invalidate; otherwise 0
 * @remote_address: read, write: address in the peer's region; otherwise 0
 *
 * EACCES: an SGE carries the privileged token, or would let the adapter write
 * to a LAM of memory pinned without NDK_MEM_FLAG_WRITE. EINVAL: an SGE goes
 * beyond its LAM, or more than NDK_INLINE_MAX bytes are inline.
 *
 * Status: STATUS_CONNECTION_INVALID, STATUS_INVALID_PARAMETER,
 * STATUS_NO_MORE_ENTRIES.
 */
struct ndk_post {
	struct ndk_header hdr;
	__u32 qp_id;
	__u32 op_flags;
	__aligned_u64 sgl;
	__u32 sge_count;
	__u32 remote_token;
	__aligned_u64 remote_address;
};

/**
 * struct ndk_arm_cq - ioctl(NDK_IOCTL_ARM_CQ)
 * @hdr: common header
 * @cq_id: the CQ
 * @notify: NDK_CQ_NOTIFY_*; EINVAL for another value
 */
struct ndk_arm_cq {
	struct ndk_header hdr;
	__u32 cq_id;
	__u32 notify;
};

/**
 * struct ndk_cq_result - a completion
 * @status: how the request ended
 * @bytes_transferred: receive: bytes received
 * @qp_context: @ndk_create_qp.qp_context
 * @request_context: @ndk_header.user_data of the request
 * @type: NDK_OPERATION_*; 0 without NDK_RESULTS_EX
 * @provider_error: the device's own error code, or 0
 * @output: receive and invalidate: the token that was invalidated
 */
struct ndk_cq_result {
	__s32 status;
	__u32 bytes_transferred;
	__aligned_u64 qp_context;
	__aligned_u64 request_context;
	__u32 type;
	__u32 provider_error;
	__aligned_u64 output;
};

/* struct ndk_get_cq_results.get_flags */
#define NDK_RESULTS_EX		0x1

/**
 * struct ndk_get_cq_results - ioctl(NDK_IOCTL_GET_CQ_RESULTS)
 * @hdr: common header
 * @cq_id: the CQ
 * @get_flags: NDK_RESULTS_EX: use NdkGetCqResultsEx; 0: NdkGetCqResults
 * @results: array of struct ndk_cq_result
 * @count: entries of @results; at most 256 are got at once
 * @out_count: entries written; 0 if the CQ is empty
 */
struct ndk_get_cq_results {
	struct ndk_header hdr;
	__u32 cq_id;
	__u32 get_flags;
	__aligned_u64 results;
	__u32 count;
	__u32 out_count;
};

/**
 * struct ndk_resize_cq - ioctl(NDK_IOCTL_RESIZE_CQ)
 * @hdr: common header
 * @cq_id: the CQ
 * @depth: entries
 *
 * May pend. Status: STATUS_NOT_SUPPORTED, STATUS_INVALID_PARAMETER,
 * STATUS_INSUFFICIENT_RESOURCES.
 */
struct ndk_resize_cq {
	struct ndk_header hdr;
	__u32 cq_id;
	__u32 depth;
};

/**
 * struct ndk_moderate_cq - ioctl(NDK_IOCTL_MODERATE_CQ)
 * @hdr: common header
 * @cq_id: the CQ
 * @interval: microseconds
 * @count: completions
 * @__reserved: 0
 *
 * Status: STATUS_NOT_SUPPORTED, STATUS_INVALID_PARAMETER_MIX.
 */
struct ndk_moderate_cq {
	struct ndk_header hdr;
	__u32 cq_id;
	__u32 interval;
	__u32 count;
	__u32 __reserved;
};

/**
 * struct ndk_listen - ioctl(NDK_IOCTL_LISTEN)
 * @hdr: common header
 * @listener_id: the listener
 * @__reserved: 0
 * @address: local address; port 0 lets the provider choose
 *
 * May pend. Status: STATUS_INSUFFICIENT_RESOURCES, STATUS_SHARING_VIOLATION,
 * STATUS_INVALID_ADDRESS, STATUS_TOO_MANY_ADDRESSES.
 */
struct ndk_listen {
	struct ndk_header hdr;
	__u32 listener_id;
	__u32 __reserved;
	struct ndk_address address;
};

/**
 * struct ndk_control_connect_events -
 *	ioctl(NDK_IOCTL_CONTROL_CONNECT_EVENTS)
 * @hdr: common header
 * @listener_id: the listener
 * @pause: 1: refuse peers as if nothing listened; 0: go on
 */
struct ndk_control_connect_events {
	struct ndk_header hdr;
	__u32 listener_id;
	__u32 pause;
};

/**
 * struct ndk_get_address - ioctl(NDK_IOCTL_GET_LOCAL_ADDRESS,
 *	_GET_PEER_ADDRESS)
 * @hdr: common header
 * @id: a connector; local address: also a listener or a shared endpoint
 * @__reserved: 0
 * @address: in: @ndk_address.length is the room, at most what there is;
 *	out: the address, or with STATUS_BUFFER_TOO_SMALL the length it needs
 */
struct ndk_get_address {
	struct ndk_header hdr;
	__u32 id;
	__u32 __reserved;
	struct ndk_address address;
};

/* Most bytes of private data that the door takes. */
#define NDK_PRIVATE_DATA_MAX	1024

/**
 * struct ndk_connect - ioctl(NDK_IOCTL_CONNECT)
 * @hdr: common header
 * @connector_id: the connector
 * @qp_id: the QP to connect
 * @shared_endpoint_id: local end, or 0 to go by @source, which must be empty
 *	otherwise
 * @inbound_read_limit: incoming reads in progress
 * @outbound_read_limit: outgoing reads in progress
 * @private_data_length: bytes of @private_data, at most NDK_PRIVATE_DATA_MAX;
 *	EINVAL if more
 * @private_data: the caller's buffer, for the peer's
 *	NDK_CMD_GET_CONNECTION_DATA
 * @source: local address; port 0 lets the provider choose, length 0 the address
 *	as well
 * @destination: peer's address
 *
 * May pend. Status: STATUS_INSUFFICIENT_RESOURCES, STATUS_NETWORK_UNREACHABLE,
 * STATUS_HOST_UNREACHABLE, STATUS_CONNECTION_REFUSED, STATUS_IO_TIMEOUT,
 * STATUS_SHARING_VIOLATION, STATUS_INVALID_ADDRESS, STATUS_TOO_MANY_ADDRESSES,
 * STATUS_ADDRESS_ALREADY_EXISTS.
 */
struct ndk_connect {
	struct ndk_header hdr;
	__u32 connector_id;
	__u32 qp_id;
	__u32 shared_endpoint_id;
	__u32 inbound_read_limit;
	__u32 outbound_read_limit;
	__u32 private_data_length;
	__aligned_u64 private_data;
	struct ndk_address source;
	struct ndk_address destination;
};

/* connect_flags of NDK_CMD_COMPLETE_CONNECT and NDK_CMD_ACCEPT */
#define NDK_CONNECT_EX		0x1

/**
 * struct ndk_complete_connect - ioctl(NDK_IOCTL_COMPLETE_CONNECT)
 * @hdr: common header
 * @connector_id: the connector, whose connect has completed
 * @connect_flags: NDK_CONNECT_EX: use NdkCompleteConnectEx, which tells a
 *	reason with the disconnect event
 * @event_data: @ndk_event.user_data of the disconnect event
 *
 * May pend. Status: STATUS_CONNECTION_INVALID, STATUS_CONNECTION_ABORTED,
 * STATUS_IO_TIMEOUT, STATUS_NOT_SUPPORTED.
 */
struct ndk_complete_connect {
	struct ndk_header hdr;
	__u32 connector_id;
	__u32 connect_flags;
	__aligned_u64 event_data;
};

/**
 * struct ndk_accept - ioctl(NDK_IOCTL_ACCEPT)
 * @hdr: common header
 * @connector_id: connector from a connect event
 * @qp_id: the QP to connect
 * @connect_flags: NDK_CONNECT_EX: use NdkAcceptEx, which tells a reason with
 *	the disconnect event
 * @inbound_read_limit: incoming reads in progress
 * @outbound_read_limit: outgoing reads in progress
 * @private_data_length: bytes of @private_data, at most NDK_PRIVATE_DATA_MAX;
 *	EINVAL if more
 * @private_data: the caller's buffer
 * @event_data: @ndk_event.user_data of the disconnect event
 *
 * May pend. Status: STATUS_CONNECTION_ABORTED, STATUS_IO_TIMEOUT,
 * STATUS_NOT_SUPPORTED.
 */
struct ndk_accept {
	struct ndk_header hdr;
	__u32 connector_id;
	__u32 qp_id;
	__u32 connect_flags;
	__u32 inbound_read_limit;
	__u32 outbound_read_limit;
	__u32 private_data_length;
	__aligned_u64 private_data;
	__aligned_u64 event_data;
};

/**
 * struct ndk_reject - ioctl(NDK_IOCTL_REJECT)
 * @hdr: common header
 * @connector_id: connector from a connect event, or one whose connect has
 *	completed
 * @private_data_length: bytes of @private_data, at most NDK_PRIVATE_DATA_MAX;
 *	EINVAL if more
 * @private_data: the caller's buffer
 *
 * Status: STATUS_CONNECTION_ABORTED.
 */
struct ndk_reject {
	struct ndk_header hdr;
	__u32 connector_id;
	__u32 private_data_length;
	__aligned_u64 private_data;
};

/**
 * struct ndk_get_connection_data - ioctl(NDK_IOCTL_GET_CONNECTION_DATA)
 * @hdr: common header
 * @connector_id: the connector
 * @private_data_length: bytes of @private_data, at most NDK_PRIVATE_DATA_MAX
 * @private_data: the caller's buffer; 0 with length 0 only asks for the size
 * @out_private_data_length: size of a buffer that is always enough. It is not
 *	the number of bytes the peer gave: those are followed by zeroes
 * @out_inbound_read_limit: effective limit
 * @out_outbound_read_limit: effective limit
 * @__reserved: 0
 *
 * Status: STATUS_BUFFER_TOO_SMALL: as much as fits was written.
 */
struct ndk_get_connection_data {
	struct ndk_header hdr;
	__u32 connector_id;
	__u32 private_data_length;
	__aligned_u64 private_data;
	__u32 out_private_data_length;
	__u32 out_inbound_read_limit;
	__u32 out_outbound_read_limit;
	__u32 __reserved;
};

#define NDK_IO(command)			_IO(NDK_IOCTL_TYPE, command)

#define NDK_IOCTL_ENUM_ADAPTERS		NDK_IO(NDK_CMD_ENUM_ADAPTERS)
#define NDK_IOCTL_OPEN_ADAPTER		NDK_IO(NDK_CMD_OPEN_ADAPTER)
#define NDK_IOCTL_QUERY_ADAPTER_INFO	NDK_IO(NDK_CMD_QUERY_ADAPTER_INFO)
#define NDK_IOCTL_QUERY_OBJECT		NDK_IO(NDK_CMD_QUERY_OBJECT)
#define NDK_IOCTL_QUERY_EXTENSION	NDK_IO(NDK_CMD_QUERY_EXTENSION)
#define NDK_IOCTL_GET_REFUSAL		NDK_IO(NDK_CMD_GET_REFUSAL)
#define NDK_IOCTL_CLOSE			NDK_IO(NDK_CMD_CLOSE)
#define NDK_IOCTL_CREATE_PD		NDK_IO(NDK_CMD_CREATE_PD)
#define NDK_IOCTL_CREATE_CQ		NDK_IO(NDK_CMD_CREATE_CQ)
#define NDK_IOCTL_CREATE_QP		NDK_IO(NDK_CMD_CREATE_QP)
#define NDK_IOCTL_CREATE_MR		NDK_IO(NDK_CMD_CREATE_MR)
#define NDK_IOCTL_CREATE_MW		NDK_IO(NDK_CMD_CREATE_MW)
#define NDK_IOCTL_CREATE_SRQ		NDK_IO(NDK_CMD_CREATE_SRQ)
#define NDK_IOCTL_CREATE_CONNECTOR	NDK_IO(NDK_CMD_CREATE_CONNECTOR)
#define NDK_IOCTL_CREATE_LISTENER	NDK_IO(NDK_CMD_CREATE_LISTENER)
#define NDK_IOCTL_CREATE_SHARED_ENDPOINT NDK_IO(NDK_CMD_CREATE_SHARED_ENDPOINT)
#define NDK_IOCTL_PIN_MEMORY		NDK_IO(NDK_CMD_PIN_MEMORY)
#define NDK_IOCTL_UNPIN_MEMORY		NDK_IO(NDK_CMD_UNPIN_MEMORY)
#define NDK_IOCTL_COPY_MEMORY		NDK_IO(NDK_CMD_COPY_MEMORY)
#define NDK_IOCTL_BUILD_LAM		NDK_IO(NDK_CMD_BUILD_LAM)
#define NDK_IOCTL_RELEASE_LAM		NDK_IO(NDK_CMD_RELEASE_LAM)
#define NDK_IOCTL_REGISTER_MR		NDK_IO(NDK_CMD_REGISTER_MR)
#define NDK_IOCTL_DEREGISTER_MR		NDK_IO(NDK_CMD_DEREGISTER_MR)
#define NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR \
	NDK_IO(NDK_CMD_INITIALIZE_FAST_REGISTER_MR)
#define NDK_IOCTL_GET_TOKENS		NDK_IO(NDK_CMD_GET_TOKENS)
#define NDK_IOCTL_FAST_REGISTER		NDK_IO(NDK_CMD_FAST_REGISTER)
#define NDK_IOCTL_INVALIDATE		NDK_IO(NDK_CMD_INVALIDATE)
#define NDK_IOCTL_SEND			NDK_IO(NDK_CMD_SEND)
#define NDK_IOCTL_SEND_AND_INVALIDATE	NDK_IO(NDK_CMD_SEND_AND_INVALIDATE)
#define NDK_IOCTL_RECEIVE		NDK_IO(NDK_CMD_RECEIVE)
#define NDK_IOCTL_READ			NDK_IO(NDK_CMD_READ)
#define NDK_IOCTL_WRITE			NDK_IO(NDK_CMD_WRITE)
#define NDK_IOCTL_FLUSH			NDK_IO(NDK_CMD_FLUSH)
#define NDK_IOCTL_ARM_CQ		NDK_IO(NDK_CMD_ARM_CQ)
#define NDK_IOCTL_GET_CQ_RESULTS	NDK_IO(NDK_CMD_GET_CQ_RESULTS)
#define NDK_IOCTL_RESIZE_CQ		NDK_IO(NDK_CMD_RESIZE_CQ)
#define NDK_IOCTL_MODERATE_CQ		NDK_IO(NDK_CMD_MODERATE_CQ)
#define NDK_IOCTL_LISTEN		NDK_IO(NDK_CMD_LISTEN)
#define NDK_IOCTL_CONTROL_CONNECT_EVENTS NDK_IO(NDK_CMD_CONTROL_CONNECT_EVENTS)
#define NDK_IOCTL_GET_LOCAL_ADDRESS	NDK_IO(NDK_CMD_GET_LOCAL_ADDRESS)
#define NDK_IOCTL_GET_PEER_ADDRESS	NDK_IO(NDK_CMD_GET_PEER_ADDRESS)
#define NDK_IOCTL_CONNECT		NDK_IO(NDK_CMD_CONNECT)
#define NDK_IOCTL_COMPLETE_CONNECT	NDK_IO(NDK_CMD_COMPLETE_CONNECT)
#define NDK_IOCTL_ACCEPT		NDK_IO(NDK_CMD_ACCEPT)
#define NDK_IOCTL_REJECT		NDK_IO(NDK_CMD_REJECT)
#define NDK_IOCTL_GET_CONNECTION_DATA	NDK_IO(NDK_CMD_GET_CONNECTION_DATA)
#define NDK_IOCTL_DISCONNECT		NDK_IO(NDK_CMD_DISCONNECT)

#endif /* _UAPI_NDK_NDK_IOCTL_H */
