// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/ndk: every command in one table.
 */
#include <linux/build_bug.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ctl.h"
#include "file.h"

struct workqueue_struct *ndk_ctl_wq;

/**
 * struct ndk_ctl_op - a command
 * @cmd: its ioctl number
 * @size: of its struct as this kernel knows it
 * @min_size: of its struct when it was first published
 * @reserved: offset of its member __reserved, or 0
 * @flags: what its header may ask for
 * @fn: does it
 */
struct ndk_ctl_op {
	unsigned int cmd;
	u16 size;
	u16 min_size;
	u16 reserved;
	u16 flags;
	int (*fn)(struct ndk_ctl_call *call);
};

/* On the stack of every ioctl; NDK_CTL_OP() sees to it that each struct fits. */
union ndk_ctl_any {
	struct ndk_header hdr;
	u8 size[256];
};

static_assert(sizeof(union ndk_ctl_any) == 256);

#define NDK_CTL_OP(_cmd, _fn, _struct, _last, _reserved, _flags)	       \
	[_IOC_NR(_cmd) - NDK_CMD_BASE] = {				       \
		.cmd = _cmd,						       \
		.size = sizeof(struct _struct) +			       \
			BUILD_BUG_ON_ZERO(sizeof(struct _struct) >	       \
					  sizeof(union ndk_ctl_any)),	       \
		.min_size = offsetofend(struct _struct, _last),		       \
		.reserved = _reserved,					       \
		.flags = _flags,					       \
		.fn = _fn,						       \
	}

/* OP: no reserved member; OPR: with one. P: may pend; N: without an event. */
#define OP(_cmd, _fn, _struct, _last) \
	NDK_CTL_OP(_cmd, _fn, _struct, _last, 0, 0)
#define OPR(_cmd, _fn, _struct, _last) \
	NDK_CTL_OP(_cmd, _fn, _struct, _last, \
		   offsetof(struct _struct, __reserved), 0)
#define OP_P(_cmd, _fn, _struct, _last) \
	NDK_CTL_OP(_cmd, _fn, _struct, _last, 0, NDK_FLAG_ASYNC)
#define OPR_P(_cmd, _fn, _struct, _last) \
	NDK_CTL_OP(_cmd, _fn, _struct, _last, \
		   offsetof(struct _struct, __reserved), NDK_FLAG_ASYNC)
#define OPR_PN(_cmd, _fn, _struct, _last) \
	NDK_CTL_OP(_cmd, _fn, _struct, _last, \
		   offsetof(struct _struct, __reserved), \
		   NDK_FLAG_ASYNC | NDK_FLAG_NO_EVENT)

static const struct ndk_ctl_op ndk_ctl_ops[] = {
	OPR(NDK_IOCTL_ENUM_ADAPTERS, ndk_ctl_enum_adapters, ndk_enum_adapters,
	    out_name),
	OP(NDK_IOCTL_OPEN_ADAPTER, ndk_ctl_open_adapter, ndk_open,
	   out_version_minor),
	OPR(NDK_IOCTL_QUERY_ADAPTER_INFO, ndk_ctl_query_adapter_info,
	    ndk_query_adapter_info, out_limits),
	OPR(NDK_IOCTL_QUERY_OBJECT, ndk_ctl_query_object, ndk_query_object,
	    __reserved),
	OP(NDK_IOCTL_QUERY_EXTENSION, ndk_ctl_query_extension,
	   ndk_query_extension, guid),
	OPR(NDK_IOCTL_GET_REFUSAL, ndk_ctl_get_refusal, ndk_object, __reserved),
	OPR_PN(NDK_IOCTL_CLOSE, ndk_ctl_close, ndk_object, __reserved),
	OP_P(NDK_IOCTL_CREATE_PD, ndk_ctl_create_pd, ndk_create, out_id),
	OP_P(NDK_IOCTL_CREATE_CQ, ndk_ctl_create_cq, ndk_create_cq, out_id),
	OP_P(NDK_IOCTL_CREATE_QP, ndk_ctl_create_qp, ndk_create_qp, out_id),
	OP_P(NDK_IOCTL_CREATE_MR, ndk_ctl_create_mr, ndk_create, out_id),
	OP_P(NDK_IOCTL_CREATE_MW, ndk_ctl_create_mw, ndk_create, out_id),
	OP_P(NDK_IOCTL_CREATE_SRQ, ndk_ctl_create_srq, ndk_create_srq, out_id),
	OP_P(NDK_IOCTL_CREATE_CONNECTOR, ndk_ctl_create_connector, ndk_create,
	     out_id),
	OP_P(NDK_IOCTL_CREATE_LISTENER, ndk_ctl_create_listener, ndk_create,
	     out_id),
	OP_P(NDK_IOCTL_CREATE_SHARED_ENDPOINT, ndk_ctl_create_shared_endpoint,
	     ndk_create_shared_endpoint, address),
	OP(NDK_IOCTL_PIN_MEMORY, ndk_ctl_pin_memory, ndk_pin_memory,
	   out_allowed),
	OPR(NDK_IOCTL_UNPIN_MEMORY, ndk_ctl_unpin_memory, ndk_object,
	    __reserved),
	OP(NDK_IOCTL_COPY_MEMORY, ndk_ctl_copy_memory, ndk_copy_memory, addr),
	OPR_P(NDK_IOCTL_BUILD_LAM, ndk_ctl_build_lam, ndk_build_lam,
	      __reserved),
	OPR(NDK_IOCTL_RELEASE_LAM, ndk_ctl_release_lam, ndk_object, __reserved),
	OPR_P(NDK_IOCTL_REGISTER_MR, ndk_ctl_register_mr, ndk_register_mr,
	      __reserved),
	OPR_P(NDK_IOCTL_DEREGISTER_MR, ndk_ctl_deregister_mr, ndk_object,
	      __reserved),
	OPR_P(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, ndk_ctl_initialize_mr,
	      ndk_initialize_mr, __reserved),
	OPR(NDK_IOCTL_GET_TOKENS, ndk_ctl_get_tokens, ndk_get_tokens,
	    __reserved),
	OPR(NDK_IOCTL_FAST_REGISTER, ndk_ctl_fast_register, ndk_fast_register,
	    base_address),
	OPR(NDK_IOCTL_INVALIDATE, ndk_ctl_invalidate, ndk_invalidate,
	    __reserved),
	OP(NDK_IOCTL_SEND, ndk_ctl_post, ndk_post, remote_address),
	OP(NDK_IOCTL_SEND_AND_INVALIDATE, ndk_ctl_post, ndk_post,
	   remote_address),
	OP(NDK_IOCTL_RECEIVE, ndk_ctl_post, ndk_post, remote_address),
	OP(NDK_IOCTL_READ, ndk_ctl_post, ndk_post, remote_address),
	OP(NDK_IOCTL_WRITE, ndk_ctl_post, ndk_post, remote_address),
	OPR(NDK_IOCTL_FLUSH, ndk_ctl_flush, ndk_object, __reserved),
	OP(NDK_IOCTL_ARM_CQ, ndk_ctl_arm_cq, ndk_arm_cq, notify),
	OP(NDK_IOCTL_GET_CQ_RESULTS, ndk_ctl_get_cq_results, ndk_get_cq_results,
	   out_count),
	OP_P(NDK_IOCTL_RESIZE_CQ, ndk_ctl_resize_cq, ndk_resize_cq, depth),
	OPR(NDK_IOCTL_MODERATE_CQ, ndk_ctl_moderate_cq, ndk_moderate_cq,
	    __reserved),
	OPR_P(NDK_IOCTL_LISTEN, ndk_ctl_listen, ndk_listen, address),
	OP(NDK_IOCTL_CONTROL_CONNECT_EVENTS, ndk_ctl_control_connect_events,
	   ndk_control_connect_events, pause),
	OPR(NDK_IOCTL_GET_LOCAL_ADDRESS, ndk_ctl_get_local_address,
	    ndk_get_address, address),
	OPR(NDK_IOCTL_GET_PEER_ADDRESS, ndk_ctl_get_peer_address,
	    ndk_get_address, address),
	OP_P(NDK_IOCTL_CONNECT, ndk_ctl_connect, ndk_connect, destination),
	OP_P(NDK_IOCTL_COMPLETE_CONNECT, ndk_ctl_complete_connect,
	     ndk_complete_connect, event_data),
	OP_P(NDK_IOCTL_ACCEPT, ndk_ctl_accept, ndk_accept, event_data),
	OP(NDK_IOCTL_REJECT, ndk_ctl_reject, ndk_reject, private_data),
	OPR(NDK_IOCTL_GET_CONNECTION_DATA, ndk_ctl_get_connection_data,
	    ndk_get_connection_data, __reserved),
	OPR_P(NDK_IOCTL_DISCONNECT, ndk_ctl_disconnect, ndk_object, __reserved),
};

static_assert(ARRAY_SIZE(ndk_ctl_ops) == NDK_CMD_END - NDK_CMD_BASE);

/**
 * ndk_ctl_refuse_for() - refuse a command at the door
 * @call: the command
 * @err: the errno, negative
 * @argument: the member at fault
 * @value: what it was
 * @limit: what is allowed, or 0
 *
 * Return: @err.
 */
int ndk_ctl_refuse_for(struct ndk_ctl_call *call, int err, const char *argument,
		       u64 value, u64 limit)
{
	struct ndk_refusal_info *info = &call->hdr->out_refusal;

	memset(info, 0, sizeof(*info));
	strscpy(info->argument, argument, sizeof(info->argument));
	info->value = value;
	info->limit = limit;
	return err;
}

/**
 * ndk_ctl_call_release() - let the objects of a call be closed
 * @call: the call
 */
void ndk_ctl_call_release(struct ndk_ctl_call *call)
{
	while (call->nheld)
		ndk_ctl_object_put(call->held[--call->nheld]);
}

static int ndk_ctl_check(struct ndk_ctl_call *call, const struct ndk_ctl_op *op)
{
	struct ndk_header *hdr = call->hdr;
	u32 reserved = 0;

	/* The file may have been handed to somebody who could not open it. */
	if (!ndk_ctl_net_is_ours())
		return ndk_ctl_refuse(call, -EPERM, "network namespace", 0, 0);
	if (hdr->flags & ~op->flags)
		return ndk_ctl_refuse(call, -EOPNOTSUPP, "flags", hdr->flags,
				      op->flags);
	if ((hdr->flags & NDK_FLAG_NO_EVENT) && !(hdr->flags & NDK_FLAG_ASYNC))
		return ndk_ctl_refuse(call, -EINVAL, "flags", hdr->flags, 0);
	if (op->reserved)
		memcpy(&reserved, (u8 *)hdr + op->reserved, sizeof(reserved));
	if (hdr->__reserved || reserved)
		return ndk_ctl_refuse(call, -EINVAL, "__reserved",
				      hdr->__reserved ?: reserved, 0);
	return 0;
}

static long ndk_ctl_ioctl(struct file *filp, unsigned int cmd,
			  unsigned long arg)
{
	unsigned int nr = _IOC_NR(cmd) - NDK_CMD_BASE;
	void __user *uarg = (void __user *)arg;
	const struct ndk_ctl_op *op;
	union ndk_ctl_any any;
	struct ndk_ctl_call call = {
		.file = filp->private_data,
		.hdr = &any.hdr,
	};
	u32 size;
	int ret;

	if (nr >= ARRAY_SIZE(ndk_ctl_ops))
		return -ENOTTY;
	op = &ndk_ctl_ops[array_index_nospec(nr, ARRAY_SIZE(ndk_ctl_ops))];
	if (op->cmd != cmd)
		return -ENOTTY;
	call.command = _IOC_NR(cmd);

	if (get_user(size, (u32 __user *)uarg))
		return -EFAULT;
	if (size < op->min_size)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(&any, op->size, uarg, size);
	if (ret)
		return ret;
	any.hdr.size = size;
	any.hdr.out_status = STATUS_SUCCESS;
	memset(&any.hdr.out_refusal, 0, sizeof(any.hdr.out_refusal));

	call.may_pend = op->flags & NDK_FLAG_ASYNC;
	ret = ndk_ctl_check(&call, op);
	if (!ret)
		ret = op->fn(&call);
	ndk_ctl_call_release(&call);

	if (copy_to_user(uarg, &any, min_t(size_t, size, op->size)) && !ret)
		ret = -EFAULT;
	return ret;
}

static const struct file_operations ndk_ctl_fops = {
	.owner = THIS_MODULE,
	.open = ndk_ctl_file_open,
	.release = ndk_ctl_file_release,
	.read = ndk_ctl_file_read,
	.poll = ndk_ctl_file_poll,
	.unlocked_ioctl = ndk_ctl_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice ndk_ctl_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = NDK_DEVICE_NAME,
	.fops = &ndk_ctl_fops,
	.mode = 0600,
};

static int __init ndk_ctl_init(void)
{
	int ret;

	ndk_ctl_wq = alloc_workqueue("ndk_ctl", WQ_UNBOUND, 0);
	if (!ndk_ctl_wq)
		return -ENOMEM;
	ret = misc_register(&ndk_ctl_misc);
	if (ret)
		destroy_workqueue(ndk_ctl_wq);
	return ret;
}

static void __exit ndk_ctl_exit(void)
{
	misc_deregister(&ndk_ctl_misc);
	destroy_workqueue(ndk_ctl_wq);
}

module_init(ndk_ctl_init);
module_exit(ndk_ctl_exit);

MODULE_DESCRIPTION("NDKPI objects through /dev/ndk");
MODULE_LICENSE("GPL");
NDK_IMPORT_NS();
