/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Queue pairs: two rings of preallocated slots over an ib_qp.
 *
 * The initiator ring is described in sq.h.
 *
 * The receive ring (qp_recv.c) has one producer, the consumer's posts, and one
 * consumer, the completions, and after the last of them the QP's end. When that
 * is nobody can tell of a QP that the device has been made to forget: then
 * completions that come after its end find it in memory, and that it has ended.
 */
#ifndef _NDK_QP_H
#define _NDK_QP_H

#include <linux/completion.h>
#include <rdma/ib_verbs.h>

#include "cq.h"
#include "object.h"
#include "sq.h"

struct ndk_mr;
struct ndk_pd;

static inline u32 ndk_rq_device_depth(u32 depth)
{
	return depth + 1;
}

enum ndk_qp_state {
	NDK_QP_IDLE,		/* receives may be posted */
	NDK_QP_CONNECTED,	/* requests may be posted */
	NDK_QP_LEFT,		/* by the peer: nothing new, the rest goes on */
	NDK_QP_ERROR,		/* everything is flushed, for good */
};

/* Why a QP is in error: whatever came first. */
enum ndk_qp_end {
	NDK_QP_NOT_ENDED,
	NDK_QP_STOPPED,		/* by its consumer: flushed or closed */
	NDK_QP_STREAM_ENDED,	/* iWARP: flushed, and nothing has failed */
	NDK_QP_BROKEN,		/* something has failed */
};

/* What a QP tells its owner. */
enum ndk_qp_news {
	NDK_QP_FAILED,		/* in process context, when all is flushed */
	NDK_QP_CUT_OFF,		/* likewise, when it is the stream that ended */
	NDK_QP_RECEIVED,	/* the peer's first message has come */
	NDK_QP_DENIED,		/* memory of ours has refused the peer */
	NDK_QP_MALFORMED,	/* the peer has asked for what there is not */
};

/**
 * struct ndk_recv_slot - an accepted receive
 * @cqe: how its completion finds it
 * @qp: the QP
 * @ctx: the consumer's RequestContext
 * @length: bytes that it has room for
 */
struct ndk_recv_slot {
	struct ib_cqe cqe;
	struct ndk_qp *qp;
	void *ctx;
	u32 length;
};

/**
 * struct ndk_rq - receive queue
 * @lock: irqsave; posts, so that none is made once the QP has ended
 * @slots: ring of @mask + 1
 * @mask: for indices, which count up and wrap with 32 bits
 * @depth: receives that may be outstanding
 * @max_sge: SGEs of a receive
 * @head: next free slot; written by posts
 * @tail: oldest slot outstanding; written by completions
 */
struct ndk_rq {
	spinlock_t lock; /* posts, and the QP's end */
	struct ndk_recv_slot *slots;
	u32 mask;
	u32 depth;
	u32 max_sge;
	u32 head;
	u32 tail;
};

/**
 * struct ndk_drain - a marker behind all that was posted on a queue
 * @cqe: how its completion finds it
 * @passed: the device has come to it, or has lost a CQ and never will
 */
struct ndk_drain {
	struct ib_cqe cqe;
	struct completion passed;
};

/**
 * struct ndk_qp - a queue pair
 * @obj: common part; its lock guards @owner and @on_news, @making and @put_off
 * @pd: its domain
 * @recv_cq: where receives complete
 * @send_cq: where initiator requests complete
 * @recv_user: what @recv_cq knows of us
 * @send_user: what @send_cq knows of us
 * @qp: what is behind it; NULL before creation, after teardown, and once it has
 *	been destroyed because it could not be drained
 * @num: its number
 * @context: the consumer's QPContext
 * @inline_size: InlineDataSize asked for
 * @reserved: room in the CQs is reserved; creation and teardown only
 * @state: NDK_QP_*; to CONNECTED and to LEFT by cmpxchg, anything to ERROR by
 *	xchg
 * @error_work: moves the ib_qp to the error state; queued with a reference
 * @end: why it is in error; set once, by cmpxchg, and @error_work is queued by
 *	whoever did
 * @making: iw_cm is making its connection: the driver must not hear of its end, nor
 *	of requests; under @obj's lock, read without it by posts
 * @put_off: @error_work is due when @making is over, and has its reference; under
 *	@obj's lock
 * @unexplained: a receive was flushed though nothing had failed: a request must
 *	have; set before @state becomes ERROR for it
 * @denied_itself: memory of ours or of the peer's has refused a request of its
 *	own; set before @end is for it
 * @read_limit: reads that may be in progress; set before @state is CONNECTED
 * @sq_drain: marker behind the initiator requests
 * @rq_drain: marker behind the receives
 * @cq_lost: the device has lost one of the CQs
 * @draining: it was asked to flush the queues; under @modify_lock
 * @marked: it has taken both markers; with @draining
 * @ended: all requests have ended, or are about to: a completion that comes now
 *	is too late; written under @modify_lock
 * @undrained: @ended without the device's word for it: the memory that
 *	completions come to stays until the CQs are freed; with @ended
 * @recv_guest: keeps the memory with @recv_cq
 * @send_guest: keeps the memory with @send_cq
 * @keepers: those two, and whoever frees the QP
 * @modify_lock: serialises state changes of the ib_qp; mutex
 * @port: the device's port that it sends through; 0 before it is known
 * @sgid_index: RoCE: the GID it sends from; with @port
 * @owner: connector using the QP, or NULL; not referenced
 * @on_news: called when there is something that @owner should know
 * @sq: initiator queue
 * @rq: receive queue
 */
struct ndk_qp {
	struct ndk_object obj;
	struct ndk_pd *pd;
	struct ndk_cq *recv_cq;
	struct ndk_cq *send_cq;
	struct ndk_cq_user recv_user;
	struct ndk_cq_user send_user;
	struct ib_qp *qp;
	u32 num;
	void *context;
	u32 inline_size;
	bool reserved;
	enum ndk_qp_state state;
	struct ndk_work error_work;
	enum ndk_qp_end end;
	bool making;
	bool put_off;
	bool unexplained;
	bool denied_itself;
	u32 read_limit;
	struct ndk_drain sq_drain;
	struct ndk_drain rq_drain;
	bool cq_lost;
	bool draining;
	bool marked;
	bool ended;
	bool undrained;
	struct ndk_cq_guest recv_guest;
	struct ndk_cq_guest send_guest;
	refcount_t keepers;
	struct mutex modify_lock;
	u32 port;
	u32 sgid_index;
	struct ndk_object *owner;
	void (*on_news)(struct ndk_object *owner, enum ndk_qp_news news);
	struct ndk_sq sq;
	struct ndk_rq rq;
};

static inline struct ndk_qp *to_ndk_qp(NDK_QP *qp)
{
	return container_of(qp, struct ndk_qp, obj.pub.qp);
}

/* Creation, for the PD's table */
NTSTATUS ndk_create_qp(NDK_PD *pNdkPd, NDK_CQ *pReceiveCq, NDK_CQ *pInitiatorCq,
		       PVOID QPContext, ULONG ReceiveQueueDepth,
		       ULONG InitiatorQueueDepth, ULONG MaxReceiveRequestSge,
		       ULONG MaxInitiatorRequestSge, ULONG InlineDataSize,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_QP **ppNdkQp);

/* The QP's table */
VOID ndk_flush(NDK_QP *pNdkQp);
NTSTATUS ndk_send(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		  ULONG nSge, ULONG Flags);
NTSTATUS ndk_receive(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		     ULONG nSge);
NTSTATUS ndk_fast_register(NDK_QP *pNdkQp, PVOID RequestContext, NDK_MR *pMr,
			   ULONG AdapterPageCount,
			   CONST NDK_LOGICAL_ADDRESS *AdapterPageArray,
			   ULONG FBO, SIZE_T Length, PVOID BaseVirtualAddress,
			   ULONG Flags);
NTSTATUS ndk_invalidate(NDK_QP *pNdkQp, PVOID RequestContext,
			NDK_OBJECT_HEADER *pNdkMrOrMw, ULONG Flags);
NTSTATUS ndk_read(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		  ULONG nSge, UINT64 RemoteAddress, UINT32 RemoteToken,
		  ULONG Flags);
NTSTATUS ndk_write(NDK_QP *pNdkQp, PVOID RequestContext, CONST NDK_SGE *pSgl,
		   ULONG nSge, UINT64 RemoteAddress, UINT32 RemoteToken,
		   ULONG Flags);
NTSTATUS ndk_send_and_invalidate(NDK_QP *pNdkQp, PVOID RequestContext,
				 CONST NDK_SGE *pSgl, ULONG nSge, ULONG Flags,
				 UINT32 RemoteToken);

/* For the connector */
NTSTATUS ndk_qp_claim(struct ndk_qp *qp, struct ndk_object *owner,
		      void (*on_news)(struct ndk_object *owner,
				      enum ndk_qp_news news));
void ndk_qp_unclaim(struct ndk_qp *qp, struct ndk_object *owner);
int ndk_qp_modify(struct ndk_qp *qp, struct ib_qp_attr *attr, int mask);
bool ndk_qp_set_connected(struct ndk_qp *qp, u32 read_limit);
void ndk_qp_peer_left(struct ndk_qp *qp);
bool ndk_qp_has_failed(struct ndk_qp *qp);

/* For the extension */
struct ib_qp *ndk_qp_get_ib_qp(NDK_QP *qp);

/* qp_end.c */
bool ndk_qp_begin_making(struct ndk_qp *qp);
bool ndk_qp_end_making(struct ndk_qp *qp);
bool ndk_qp_link_up(const struct ndk_qp *qp);
NTSTATUS ndk_qp_wc_status(struct ndk_qp *qp, const struct ib_wc *wc);
void ndk_qp_stop(struct ndk_qp *qp, enum ndk_qp_end end);
void ndk_qp_error(struct ndk_qp *qp);
void ndk_qp_request_failed(struct ndk_qp *qp, NTSTATUS status);
bool ndk_qp_denied_itself(const struct ndk_qp *qp);

/* qp_recv.c */
NTSTATUS ndk_rq_alloc(struct ndk_qp *qp);
void ndk_rq_free(struct ndk_qp *qp);
void ndk_rq_end(struct ndk_qp *qp);

/* qp_drain.c */
void ndk_qp_drain_init(struct ndk_qp *qp);
void ndk_qp_drain_give_up(struct ndk_qp *qp);
void ndk_qp_drain_begin(struct ndk_qp *qp);
void ndk_qp_quiesce(struct ndk_qp *qp);

#endif /* _NDK_QP_H */
