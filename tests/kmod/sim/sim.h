/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated device, inside.
 *
 * One lock guards all that the simulated hardware knows: queue pairs, completion
 * queues, regions. Work is done packet by packet under that lock, and each
 * packet looks its keys up again, as hardware does. So a verb that has had the
 * lock once can be sure that nothing older is going on.
 */
#ifndef _SIM_SIM_H
#define _SIM_SIM_H

#include <linux/completion.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <rdma/ib_verbs.h>

#include "ndk_sim.h"

/* Bytes that one step of the engine moves. */
#define SIM_MTU			4096U

#define SIM_MAX_SGE		32U
#define SIM_MAX_WR		16384U
#define SIM_MAX_CQE		65535U
#define SIM_GENEROUS_CQE	1048575U
#define SIM_GSI_QPN		1U

/* Keys have an index above their low byte; the highest one is nobody's. */
#define SIM_MAX_MR		0x7ffffeU
#define SIM_LOCAL_DMA_LKEY	0xffffff00U
/* but for a device that counts it among those of regions */
#define SIM_NEAR_DMA_LKEY	0x0000015aU

/* Set in remote keys that differ from the local ones. */
#define SIM_SPLIT_KEY		0x80000000U

/* Of an InfiniBand port that has one, and its number added. */
#define SIM_LID			0x40U
#define SIM_OPA_LID		0x12340U

/**
 * struct ndk_sim - a device
 * @ib: for ib_core; first, as ib_alloc_device() wants it
 * @node: in the list of devices, under its lock
 * @attr: what it can do
 * @netdev: network interface
 * @eth_port: the port that is its
 * @tracker: of the reference on it
 * @unplugged: bit 0: it has begun to go away
 * @listed: it is in the list; under the list's lock
 * @gone: completed when ib_core has let go of it
 * @wq: the engine and completion handlers run here
 * @debugfs: directory
 * @fault_lock: guards @faults; irqsave, taken inside @lock
 * @faults: what is to fail
 * @paused: calls that are paused
 * @resumed: how often they were told to go on
 * @live: objects of each kind
 * @lock: guards all below and all objects; irqsave
 * @qps: struct sim_qp by number
 * @mrs: struct sim_mr by key without its low byte
 * @next_qp: where the next number is looked for; under the lock of @qps
 * @next_mr: likewise
 * @flags: enum ndk_sim_flags
 * @hold: kinds of work whose completions are held
 * @hold_qpn: on this queue pair only, if not 0
 * @budget: held completions that may go
 * @held: completions that are held back
 * @stall: kinds of work that is not begun
 * @kept: held completions of queue pairs that are gone, struct sim_kept
 * @violations: rules that users have broken
 * @wait: woken when @held, @paused or @resumed grows
 */
struct ndk_sim {
	struct ib_device ib;
	struct list_head node;
	struct ndk_sim_attr attr;
	struct net_device *netdev;
	u32 eth_port;
	netdevice_tracker tracker;
	unsigned long unplugged;
	bool listed;
	struct completion gone;
	struct workqueue_struct *wq;
	struct dentry *debugfs;
	spinlock_t fault_lock;
	struct ndk_sim_fault faults[NDK_SIM_VERBS];
	atomic_t paused;
	atomic_t resumed;
	atomic_t live[NDK_SIM_OBJECTS];
	spinlock_t lock;
	struct xarray qps;
	struct xarray mrs;
	u32 next_qp;
	u32 next_mr;
	u32 flags;
	u32 hold;
	u32 hold_qpn;
	u32 budget;
	u32 held;
	u32 stall;
	struct list_head kept;
	atomic_t violations;
	wait_queue_head_t wait;
};

/**
 * struct sim_pd - a protection domain
 * @ib: for ib_core
 * @objects: regions and queue pairs in it
 */
struct sim_pd {
	struct ib_pd ib;
	atomic_t objects;
};

/**
 * struct sim_ah - an address handle
 * @ib: for ib_core
 * @sgid: own address
 * @dgid: the other's
 * @network: IPv4 or IPv6
 * @local: the other address is this device's too
 */
struct sim_ah {
	struct ib_ah ib;
	union ib_gid sgid;
	union ib_gid dgid;
	enum rdma_network_type network;
	bool local;
};

/**
 * struct sim_cq - a completion queue
 * @ib: for ib_core
 * @ring: completions, @count of them from @first on
 * @depth: entries of @ring
 * @first: index of the oldest
 * @count: completions in it
 * @armed: the next completion calls the handler
 * @solicited: only if it is solicited or an error
 * @dead: it had no room, or was lost: nothing comes from it any more
 * @gsi: it is ib_mad's
 * @work: calls the handler
 */
struct sim_cq {
	struct ib_cq ib;
	struct ib_wc *ring;
	u32 depth;
	u32 first;
	u32 count;
	bool armed;
	bool solicited;
	bool dead;
	bool gsi;
	struct delayed_work work;
};

/**
 * struct sim_kept - a held completion of a queue pair that is gone
 * @node: in the device's list
 * @cq: where it will come
 * @wc: it; its queue pair is only a number
 */
struct sim_kept {
	struct list_head node;
	struct sim_cq *cq;
	struct ib_wc wc;
};

/**
 * struct sim_mr - a region
 * @ib: for ib_core
 * @max_pages: entries of @pages
 * @npages: mapped
 * @pages: addresses
 * @valid: it can be reached
 * @key: its remote key then
 * @iova: its address then
 * @length: its bytes then
 * @access: IB_ACCESS_* then
 * @page_size: bytes of a page then
 * @queued: work requests that name it and have not been reported
 * @umem: memory of a process that it keeps pinned, or NULL
 */
struct sim_mr {
	struct ib_mr ib;
	u32 max_pages;
	u32 npages;
	u64 *pages;
	bool valid;
	u32 key;
	u64 iova;
	u64 length;
	int access;
	u32 page_size;
	u32 queued;
	struct ib_umem *umem;
};

/**
 * struct sim_wqe - a work request, of either queue
 * @wr_id: the user's
 * @kind: NDK_SIM_DO_*
 * @invalidate: a send invalidates @key
 * @signaled: to be reported even with success
 * @solicited: the receiver's completion is solicited
 * @begun: counted, and its faults decided
 * @fenced: it waits for what was posted before
 * @early: it has been done before its turn
 * @held: its completion is held
 * @finished: done, with @status
 * @told: reported, or never to be, before its turn
 * @status: of the completion
 * @nsge: entries of @sge
 * @sge: local memory
 * @length: bytes of all
 * @done: bytes moved
 * @addr: remote address
 * @key: remote key; REG_MR: its new one; invalidation: of the region
 * @mr: REG_MR and LOCAL_INV: the region, if it is one of ours
 * @iova: REG_MR: address
 * @size: REG_MR: bytes
 * @access: REG_MR: IB_ACCESS_*
 * @page_size: REG_MR: bytes of a page
 * @ah: GSI: where to; copied
 * @wc_flags: receive: IB_WC_*
 * @src_qp: receive: GSI: from
 * @network: receive: GSI: IPv4 or IPv6
 */
struct sim_wqe {
	u64 wr_id;
	enum ndk_sim_verb kind;
	bool invalidate;
	bool signaled;
	bool solicited;
	bool begun;
	bool fenced;
	bool early;
	bool held;
	bool finished;
	bool told;
	enum ib_wc_status status;
	u32 nsge;
	struct ib_sge *sge;
	u32 length;
	u32 done;
	u64 addr;
	u32 key;
	struct sim_mr *mr;
	u64 iova;
	u64 size;
	int access;
	u32 page_size;
	struct {
		union ib_gid sgid;
		union ib_gid dgid;
		enum rdma_network_type network;
		bool local;
		u32 qpn;
	} ah;
	int wc_flags;
	u32 src_qp;
	enum rdma_network_type network;
};

/**
 * struct sim_queue - a send queue or a receive queue
 * @wqe: ring of @depth
 * @sges: memory for all of them, @max_sge each
 * @depth: requests outstanding
 * @max_sge: SGEs of one
 * @head: next one posted; counts up
 * @exec: next one to be done
 * @tail: oldest one not reported
 */
struct sim_queue {
	struct sim_wqe *wqe;
	struct ib_sge *sges;
	u32 depth;
	u32 max_sge;
	u32 head;
	u32 exec;
	u32 tail;
};

/**
 * struct sim_qp - a queue pair
 * @ib: for ib_core
 * @state: IB_QPS_*
 * @gsi: it is that of ib_mad
 * @all_signaled: every request is reported
 * @attr: as modified
 * @cap: as created
 * @sq: send queue
 * @rq: receive queue
 * @waits: what the request that is next ends with if its peer does not come
 *	or is never ready; IB_WC_SUCCESS if it does not wait
 * @give_up: jiffies when it ends so
 * @est: the peer's first message has been announced
 * @events: bit mask of IB_EVENT_* to be told
 * @work: does the work, and tells @events
 */
struct sim_qp {
	struct ib_qp ib;
	enum ib_qp_state state;
	bool gsi;
	bool all_signaled;
	struct ib_qp_attr attr;
	struct ib_qp_cap cap;
	struct sim_queue sq;
	struct sim_queue rq;
	enum ib_wc_status waits;
	unsigned long give_up;
	bool est;
	unsigned long events;
	struct delayed_work work;
};

static inline struct ndk_sim *to_sim(struct ib_device *ib)
{
	return container_of(ib, struct ndk_sim, ib);
}

static inline struct sim_pd *to_sim_pd(struct ib_pd *ib)
{
	return container_of(ib, struct sim_pd, ib);
}

static inline struct sim_ah *to_sim_ah(struct ib_ah *ib)
{
	return container_of(ib, struct sim_ah, ib);
}

static inline struct sim_cq *to_sim_cq(struct ib_cq *ib)
{
	return container_of(ib, struct sim_cq, ib);
}

static inline struct sim_mr *to_sim_mr(struct ib_mr *ib)
{
	return container_of(ib, struct sim_mr, ib);
}

static inline struct sim_qp *to_sim_qp(struct ib_qp *ib)
{
	return container_of(ib, struct sim_qp, ib);
}

static inline bool sim_has(struct ib_device *ib, enum ndk_sim_habits habit)
{
	return to_sim(ib)->attr.habits & habit;
}

static inline void sim_born(struct ib_device *ib, enum ndk_sim_object object)
{
	atomic_inc(&to_sim(ib)->live[object]);
}

static inline void sim_died(struct ib_device *ib, enum ndk_sim_object object)
{
	atomic_dec(&to_sim(ib)->live[object]);
}

static inline struct sim_wqe *sim_wqe(struct sim_queue *queue, u32 index)
{
	return &queue->wqe[index % queue->depth];
}

/* device.c */
struct ndk_sim *sim_add(const char *name, struct net_device *netdev,
			const struct ndk_sim_attr *attr);
struct ndk_sim *sim_add_by_name(const char *name, const char *netdev,
				const struct ndk_sim_attr *attr);
void sim_put(struct ndk_sim *sim);
void sim_unplug(struct ndk_sim *sim);
void sim_remove_all(void);
void sim_netdev_event(struct net_device *netdev, unsigned long event);

void sim_port_address(struct ndk_sim *sim, u32 port, struct ib_port_attr *attr);

/* control.c */
void sim_debugfs_init(void);
void sim_debugfs_exit(void);
void sim_debugfs_add(struct ndk_sim *sim, const char *name);

void sim_hold(struct ndk_sim *sim, u32 mask, u32 qp_num);
void sim_stall(struct ndk_sim *sim, u32 mask);
void sim_release(struct ndk_sim *sim, u32 count);

/* fault.c */
extern const char * const sim_verb_names[NDK_SIM_VERBS];
void sim_faults_init(struct ndk_sim *sim);
u32 sim_fault(struct ndk_sim *sim, enum ndk_sim_verb verb, bool *failed);
int sim_call(struct ndk_sim *sim, enum ndk_sim_verb verb);
void sim_sleeps(struct ndk_sim *sim);
int sim_verb(struct ndk_sim *sim, enum ndk_sim_verb verb);
void sim_violation(struct ndk_sim *sim, const char *rule);

/* A rule of ib_core that its users have to keep. */
#define SIM_RULE(sim, cond, rule)					\
	do {								\
		if (!(cond))						\
			sim_violation(sim, rule);			\
	} while (0)

/* cq.c */
int sim_create_cq(struct ib_cq *ib, const struct ib_cq_init_attr *attr);
int sim_destroy_cq(struct ib_cq *ib, struct ib_udata *udata);
int sim_poll_cq(struct ib_cq *ib, int entries, struct ib_wc *wc);
int sim_req_notify_cq(struct ib_cq *ib, enum ib_cq_notify_flags flags);
void sim_cq_purge(struct sim_cq *cq, struct ib_qp *qp);
void sim_cq_push(struct sim_cq *cq, const struct ib_wc *wc, bool solicited);
void sim_cq_die(struct sim_cq *cq);

/* mr.c */
struct sim_mr *sim_mr_new(struct ib_pd *pd);
struct ib_mr *sim_get_dma_mr(struct ib_pd *pd, int access);
struct ib_mr *sim_alloc_mr(struct ib_pd *pd, enum ib_mr_type type, u32 pages);
int sim_dereg_mr(struct ib_mr *ib, struct ib_udata *udata);
int sim_map_mr_sg(struct ib_mr *ib, struct scatterlist *sg, int nents,
		  unsigned int *sg_offset);
struct sim_mr *sim_mr_find(struct ndk_sim *sim, u32 key);
bool sim_mr_reach(struct ndk_sim *sim, struct ib_pd *pd, u32 key, u64 addr,
		  u32 length, int access, void **at, u32 *bytes);

/* mr_user.c */
struct ib_mr *sim_reg_user(struct ib_pd *pd, u64 start, u64 length, u64 iova,
			   int access);

/* qp.c */
int sim_create_qp(struct ib_qp *ib, struct ib_qp_init_attr *init,
		  struct ib_udata *udata);
int sim_modify_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
		  struct ib_udata *udata);
int sim_query_qp(struct ib_qp *ib, struct ib_qp_attr *attr, int mask,
		 struct ib_qp_init_attr *init);
int sim_destroy_qp(struct ib_qp *ib, struct ib_udata *udata);
struct sim_qp *sim_qp_peer(struct sim_qp *qp);
void sim_qp_kick_peer(struct sim_qp *qp);
void sim_qp_error(struct sim_qp *qp);
void sim_qp_event(struct sim_qp *qp, enum ib_event_type event);

/* post.c */
int sim_post_send(struct ib_qp *ib, const struct ib_send_wr *wr,
		  const struct ib_send_wr **bad);
int sim_post_recv(struct ib_qp *ib, const struct ib_recv_wr *wr,
		  const struct ib_recv_wr **bad);

/* engine.c */
void sim_qp_kick(struct sim_qp *qp);
bool sim_step(struct sim_qp *qp, unsigned long *delay);
void sim_qp_work(struct work_struct *work);
void sim_finish(struct sim_queue *queue, struct sim_wqe *wqe,
		enum ib_wc_status status);
u32 sim_local(struct sim_qp *qp, struct sim_wqe *wqe, u32 from, int access,
	      void **at);
void sim_flush(struct sim_qp *qp);

/* report.c */
void sim_report(struct sim_qp *qp);
void sim_report_all(struct ndk_sim *sim);
void sim_retire(struct ndk_sim *sim, struct sim_wqe *wqe);
void sim_keep(struct sim_qp *qp);
void sim_forget_kept(struct sim_cq *cq);

/* ud.c */
int sim_create_ah(struct ib_ah *ib, struct rdma_ah_init_attr *init,
		  struct ib_udata *udata);
int sim_destroy_ah(struct ib_ah *ib, u32 flags);
void sim_ud_send(struct sim_qp *qp, struct sim_wqe *wqe);

#endif /* _SIM_SIM_H */
