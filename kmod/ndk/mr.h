/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory regions.
 *
 * A fast region's state is that after the last request that was accepted for
 * it, because requests may be posted back to back without waiting. @pending
 * says how many of them have not completed, so VALID with nothing pending is
 * what the device has too. See Documentation/overview.rst for the drawing.
 *
 * A peer can end a registration before its own completion has been handled:
 * the two come from different queues. Then the state is INVALID with one
 * pending, and what needs the ib_mr waits for that completion.
 */
#ifndef _NDK_MR_H
#define _NDK_MR_H

#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

#include "object.h"
#include "request.h"

struct ndk_mdl_range;
struct ndk_pd;
struct ndk_qp;
struct ndk_send_slot;

/* Pages of a region in the pool, at most; what FRMRPageCount reports. */
#define NDK_POOL_MR_PAGES	512U

enum ndk_mr_state {
	NDK_MR_CREATED,		/* holds nothing */
	NDK_MR_INITIALISING,	/* fast: in the worker */
	NDK_MR_INVALID,		/* fast: initialised, token readable */
	NDK_MR_REGISTERING,	/* accepted; not yet known to be done */
	NDK_MR_VALID,		/* peers may reach it */
	NDK_MR_INVALIDATING,	/* fast: accepted; not yet known to be done */
	NDK_MR_DEREGISTERING,	/* normal: in the worker */
	NDK_MR_STALE,		/* fast: nobody knows what the device has */
};

/**
 * struct ndk_frmr - an ib_mr and what registering with it takes
 * @node: in a pool
 * @mr: the ib_mr, of type IB_MR_TYPE_MEM_REG
 * @lkey: its present local key
 * @rkey: its present remote key, which some devices have as another number; a
 *	registration and an invalidation name this one
 * @capacity: pages
 * @dirty: it was registered, and no invalidation of ours has completed since:
 *	it cannot be used for another region
 * @sg: list of @capacity entries
 */
struct ndk_frmr {
	struct list_head node;
	struct ib_mr *mr;
	u32 lkey;
	u32 rkey;
	u32 capacity;
	bool dirty;
	struct scatterlist *sg;
};

/**
 * struct ndk_mr_request - record of an asynchronous request on a region
 * @rq: common part
 * @pages: InitializeFastRegister: capacity asked for
 * @remote: InitializeFastRegister: RemoteAccess
 * @mdl: Register: first MDL
 * @length: Register: bytes
 * @access: Register: IB_ACCESS_*
 * @work: Register through the driver's user path
 */
struct ndk_mr_request {
	struct ndk_request rq;
	u32 pages;
	bool remote;
	MDL *mdl;
	SIZE_T length;
	int access;
	struct ndk_work work;
};

/**
 * struct ndk_mr - a memory region
 * @obj: common part; its lock guards all that is not said to be fixed
 * @pd: its domain; fixed
 * @fast: kind; fixed
 * @state: NDK_MR_*
 * @frmr: what it registers with, or NULL
 * @user_mr: normal region of user memory, made by the driver, or NULL
 * @pages: fast: capacity promised
 * @remote: fast: remote access may be asked for
 * @initialising: fast: initialisations accepted and not completed
 * @pending: fast: work requests accepted and not completed
 * @inv_pending: fast: of which invalidations
 * @inv_posted: fast: of which given to the device
 * @reg_posted: fast: registrations given to the device and not completed
 * @reg_qp: fast: on which; compared, never followed
 * @live: fast: the registration that was given to the device last has been
 *	ended neither by an invalidation of ours nor, as far as is known, by a
 *	peer's
 * @open: fast: that one lets peers in
 * @unheard: fast: an invalidation of ours has ended one that let peers in; that
 *	a peer had ended it before may be still to be heard
 * @doubted: fast: what was heard last may have been that
 * @crossed: fast: a peer invalidated while an invalidation was pending
 * @waiter: fast: another QP than @reg_qp, whose registration is held back
 *	until that on @reg_qp has completed; referenced, or NULL
 * @waiting: fast: the initialisation that waits until nothing is @pending
 * @sg_used: fast: @frmr's sg list holds the pages of a registration held back
 * @qp: fast: whose work requests are @pending; compared, never followed
 * @access: IB_ACCESS_* of the registration accepted last
 * @local_token: 0 when there is none
 * @remote_token: 0 when there is none
 * @local_node: in the domain's table of local tokens
 * @remote_node: in the domain's table of remote tokens
 * @nents: normal: sg entries that are DMA-mapped
 * @rq: the record that is used first
 * @rq_busy: bit 0: @rq is taken
 */
struct ndk_mr {
	struct ndk_object obj;
	struct ndk_pd *pd;
	bool fast;
	enum ndk_mr_state state;
	struct ndk_frmr *frmr;
	struct ib_mr *user_mr;
	u32 pages;
	bool remote;
	u32 initialising;
	u32 pending;
	u32 inv_pending;
	u32 inv_posted;
	u32 reg_posted;
	const struct ndk_qp *reg_qp;
	bool live;
	bool open;
	bool unheard;
	bool doubted;
	bool crossed;
	struct ndk_qp *waiter;
	struct ndk_mr_request *waiting;
	bool sg_used;
	const struct ndk_qp *qp;
	int access;
	u32 local_token;
	u32 remote_token;
	struct hlist_node local_node;
	struct hlist_node remote_node;
	int nents;
	struct ndk_mr_request rq;
	unsigned long rq_busy;
};

static inline struct ndk_mr *to_ndk_mr(NDK_MR *mr)
{
	return container_of(mr, struct ndk_mr, obj.pub.mr);
}

/* For the PD's table */
NTSTATUS ndk_create_mr(NDK_PD *pNdkPd, BOOLEAN FastRegister,
		       NDK_FN_CREATE_COMPLETION CreateCompletion,
		       PVOID RequestContext, NDK_MR **ppNdkMr);

/* The MR's table */
NTSTATUS ndk_register_mr(NDK_MR *pNdkMr, MDL *Mdl, SIZE_T Length, ULONG Flags,
			 NDK_FN_REQUEST_COMPLETION RequestCompletion,
			 PVOID RequestContext);
NTSTATUS ndk_deregister_mr(NDK_MR *pNdkMr,
			   NDK_FN_REQUEST_COMPLETION RequestCompletion,
			   PVOID RequestContext);
NTSTATUS ndk_initialize_fast_register_mr(NDK_MR *pNdkMr, ULONG AdapterPageCount,
					 BOOLEAN RemoteAccess,
					 NDK_FN_REQUEST_COMPLETION RequestCompletion,
					 PVOID RequestContext);
UINT32 ndk_get_remote_token_from_mr(NDK_MR *pNdkMr);
UINT32 ndk_get_local_token_from_mr(NDK_MR *pNdkMr);

/* For the extensions */
BOOLEAN ndk_mr_is_idle(NDK_MR *mr);
struct ib_mr *ndk_mr_get_ib_mr(NDK_MR *mr);

/**
 * struct ndk_mr_registration - arguments of NdkFastRegister
 * @npages: entries of @pages
 * @pages: logical addresses; copied
 * @fbo: first byte offset
 * @length: bytes
 * @base: label of the first byte
 * @flags: NDK_OP_FLAG_*
 */
struct ndk_mr_registration {
	u32 npages;
	const NDK_LOGICAL_ADDRESS *pages;
	u32 fbo;
	u64 length;
	u64 base;
	u32 flags;
};

/* mr_fast.c: what a QP needs to post on a region */
NTSTATUS ndk_mr_accept_register(struct ndk_mr *mr, struct ndk_qp *qp,
				struct ndk_send_slot *slot,
				const struct ndk_mr_registration *reg);
NTSTATUS ndk_mr_accept_invalidate(struct ndk_mr *mr, struct ndk_qp *qp,
				  struct ndk_send_slot *slot);
int ndk_mr_give(struct ndk_send_slot *slot);
void ndk_mr_swept(struct ndk_send_slot *slot, bool ok);
void ndk_mr_retract(struct ndk_send_slot *slot);
struct ndk_qp *ndk_mr_completed(struct ndk_send_slot *slot, bool ok);
bool ndk_mr_remote_invalidate(struct ndk_pd *pd, u32 key);

/* mr_state.c: shared by both kinds */
extern const char * const ndk_mr_state_fault[];
void ndk_mr_enter(struct ndk_mr *mr, enum ndk_mr_state state);
struct ndk_mr_request *ndk_mr_request_get(struct ndk_mr *mr);
void ndk_mr_set_tokens(struct ndk_mr *mr, u32 local, u32 remote);
struct ndk_mr *ndk_mr_find(struct ndk_pd *pd, u32 token);
bool ndk_mr_covers(struct ndk_pd *pd, u32 token, u64 addr, u32 length,
		   bool write);
struct ndk_frmr *ndk_mr_take_frmr(struct ndk_mr *mr);
void ndk_mr_set_frmr(struct ndk_mr *mr, struct ndk_frmr *frmr);
int ndk_mr_access(struct ndk_mr *mr, bool write, bool remote_read,
		  bool remote_write, bool sink);

/* mr_pages.c: the memory of normal regions */
NTSTATUS ndk_mr_register_pages(struct ndk_mr *mr,
			       const struct ndk_mr_request *rq,
			       const struct ndk_mdl_range *range);
void ndk_mr_release_normal(struct ndk_mr *mr);
void ndk_mr_withdraw(struct ndk_mr *mr);

/* mr_user.c: the driver's user path */
NTSTATUS ndk_mr_user_check(struct ndk_mr *mr, SIZE_T npages, SIZE_T limit);
void ndk_mr_user_submit(struct ndk_mr_request *rq);
int ndk_mr_user_module_init(void);
void ndk_mr_user_module_exit(void);

#endif /* _NDK_MR_H */
