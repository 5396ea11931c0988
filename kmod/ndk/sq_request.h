/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _NDK_SQ_REQUEST_H
#define _NDK_SQ_REQUEST_H

#include <ndk/ndkpi.h>
#include <rdma/ib_verbs.h>

struct ndk_mr;
struct ndk_mr_registration;
struct ndk_qp;
struct ndk_send_slot;

/**
 * struct ndk_sq_request - an initiator request being made
 * @qp: on which
 * @slot: its slot, once it is admitted
 * @ctx: RequestContext
 * @type: what it is
 * @opcode: Send, Read, Write: what the device is told
 * @flags: NDK_OP_FLAG_*
 * @allowed: those that it takes
 * @sgl: Send, Read, Write: local memory
 * @count: entries of @sgl
 * @max_sge: entries allowed, apart from what the QP allows
 * @address: Read, Write: in the peer's region
 * @token: Read, Write, SendAndInvalidate: the peer's
 * @mr: FastRegister, Invalidate: the region
 * @reg: FastRegister: what to register
 */
struct ndk_sq_request {
	struct ndk_qp *qp;
	struct ndk_send_slot *slot;
	void *ctx;
	NDK_OPERATION_TYPE type;
	enum ib_wr_opcode opcode;
	ULONG flags;
	ULONG allowed;
	const NDK_SGE *sgl;
	u32 count;
	u32 max_sge;
	u64 address;
	u32 token;
	struct ndk_mr *mr;
	const struct ndk_mr_registration *reg;
};

NTSTATUS ndk_sq_request(struct ndk_sq_request *rq);
void ndk_sq_push(struct ndk_qp *qp);
void ndk_sq_push_work(struct ndk_work *work);

#endif /* _NDK_SQ_REQUEST_H */
