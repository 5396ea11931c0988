/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A simulated RDMA device that fails when it is told to: control by other
 * kernel code.
 *
 * The functions are reached through symbol_get(ndk_sim_control), so that a
 * module can use the simulator when it is there and do without when it is not.
 * What each of them does, debugfs offers too: see Documentation/sim.rst.
 */
#ifndef _NDK_SIM_H
#define _NDK_SIM_H

#include <linux/types.h>

struct ib_cq;
struct ndk_sim;

/* What can be made to fail: verbs first, then the work that is done. */
enum ndk_sim_verb {
	NDK_SIM_ALLOC_PD,
	NDK_SIM_DEALLOC_PD,
	NDK_SIM_CREATE_CQ,
	NDK_SIM_DESTROY_CQ,
	NDK_SIM_CREATE_QP,
	NDK_SIM_MODIFY_QP,
	NDK_SIM_DESTROY_QP,
	NDK_SIM_ALLOC_MR,
	NDK_SIM_REG_USER_MR,
	NDK_SIM_DEREG_MR,
	/* from here on they may be called where nothing may sleep */
	NDK_SIM_QUERY_PORT,
	NDK_SIM_CREATE_AH,
	NDK_SIM_DESTROY_AH,
	NDK_SIM_MAP_MR_SG,
	NDK_SIM_POST_SEND,
	NDK_SIM_POST_RECV,
	/* not a call, but each completion that one has taken; does not fail */
	NDK_SIM_POLL_CQ,
	/* from here on @error is an enum ib_wc_status */
	NDK_SIM_DO_SEND,
	NDK_SIM_DO_WRITE,
	NDK_SIM_DO_READ,
	NDK_SIM_DO_REG_MR,
	NDK_SIM_DO_LOCAL_INV,
	NDK_SIM_DO_RECV,
	NDK_SIM_VERBS,
};

/**
 * struct ndk_sim_fault - what is to happen to a verb
 * @calls: calls so far; setting a fault restarts the count
 * @fail_at: the first call that fails; 1 is the next one, 0 none
 * @fail_times: how many calls in a row fail
 * @error: positive errno, or enum ib_wc_status. 0 with map_mr_sg: it maps one
 *	entry less than it is given
 * @delay_ms: time that each call takes; only for verbs that may sleep
 * @unplug_at: at the beginning of this call the device begins to go away
 * @pause_at: at the beginning of this call its caller stops until @resume: it
 *	sleeps where it may, else its processor stops; not for work
 * @pause_ms: and for no longer than that, 0: ten seconds
 *
 * Posts count work requests, so that any request of a chain can be chosen. A poll
 * counts completions: whoever polls has taken one from the queue, and stops before
 * it has seen it. What ib_mad does on its own queue pair is not counted.
 */
struct ndk_sim_fault {
	u32 calls;
	u32 fail_at;
	u32 fail_times;
	u32 error;
	u32 delay_ms;
	u32 unplug_at;
	u32 pause_at;
	u32 pause_ms;
};

/* What a device keeps count of. */
enum ndk_sim_object {
	NDK_SIM_PD,
	NDK_SIM_AH,
	NDK_SIM_CQ,
	NDK_SIM_QP,
	NDK_SIM_MR,
	NDK_SIM_OBJECTS,
};

/* Habits of drivers that there are; Documentation/drivers.rst says whose. */
enum ndk_sim_habits {
	/* the local DMA key is 0 */
	NDK_SIM_ZERO_LKEY = 1 << 0,
	/* a region's remote key is another number than its local one */
	NDK_SIM_SPLIT_KEYS = 1 << 1,
	/* a local invalidation without a fence overtakes reads before it */
	NDK_SIM_EAGER_INV = 1 << 2,
	/* there is no local invalidation */
	NDK_SIM_NO_LOCAL_INV = 1 << 3,
	/* map_mr_sg may sleep */
	NDK_SIM_MAP_SLEEPS = 1 << 4,
	/* it does not hear what it sends to itself */
	NDK_SIM_NO_LOOPBACK = 1 << 5,
	/* what fails on the requester's side is reported as flushed */
	NDK_SIM_VAGUE = 1 << 6,
	/* a read with a fence fails */
	NDK_SIM_NO_FENCED_READ = 1 << 7,
	/* what memory refuses to a receive is told as if it were the peer's */
	NDK_SIM_BLAMES_PEER = 1 << 8,
	/* completions of a queue pair that has been destroyed still come */
	NDK_SIM_KEEPS = 1 << 9,
	/* what is behind a read without a fence does not wait for its data */
	NDK_SIM_LATE_READS = 1 << 10,
	/* the local DMA key has the number of the first region that is made */
	NDK_SIM_NEAR_KEY = 1 << 11,
	/* it says that it can do more than anybody asks for */
	NDK_SIM_GENEROUS = 1 << 12,
	/* it does not say what pages it takes, nor how many SGEs a read has */
	NDK_SIM_RETICENT = 1 << 13,
	/* no port is active */
	NDK_SIM_PORTS_DOWN = 1 << 14,
};

/* What a port speaks. Connections can be made on the first RoCE port only. */
enum ndk_sim_port {
	NDK_SIM_PORT_ROCE,
	/* addressed by LID alone */
	NDK_SIM_PORT_IB,
	/* without a LID of its own: a global route must be given */
	NDK_SIM_PORT_IB_GRH,
	/* Omni-Path: LIDs of 32 bits, in an address of a kind of its own */
	NDK_SIM_PORT_OPA,
	NDK_SIM_PORT_KINDS,
};

#define NDK_SIM_MAX_PORTS	2

/**
 * struct ndk_sim_attr - what a device can do, fixed when it is made
 * @max_pages: pages of a fast registration
 * @page_size_cap: bit mask of page sizes
 * @no_mem_mgt: no fast registration at all
 * @no_remote_inv: a send cannot invalidate
 * @habits: enum ndk_sim_habits
 * @driver_id: the driver it says it is of, enum rdma_driver_id; 0: unknown
 * @ports: how many; 0 is one
 * @port: what each speaks
 */
struct ndk_sim_attr {
	u32 max_pages;
	u64 page_size_cap;
	bool no_mem_mgt;
	bool no_remote_inv;
	u32 habits;
	u32 driver_id;
	u32 ports;
	enum ndk_sim_port port[NDK_SIM_MAX_PORTS];
};

/* Behaviour that can be changed at any time. */
enum ndk_sim_flags {
	/* work is done, and completes, inside the post */
	NDK_SIM_INLINE = 1 << 0,
	/* completion handlers run under the queue's lock, interrupts off */
	NDK_SIM_IRQ = 1 << 1,
	/* rules that are broken are counted, without a warning */
	NDK_SIM_QUIET = 1 << 2,
	/* receives that succeed say that one byte more came than they hold */
	NDK_SIM_RECV_LONG = 1 << 3,
	/* receives that succeed say that they were something else */
	NDK_SIM_RECV_ODD = 1 << 4,
	/* each completion is reported twice */
	NDK_SIM_TWICE = 1 << 5,
	/* completion handlers are called late */
	NDK_SIM_SLOW = 1 << 6,
};

#define NDK_SIM_DO(what)	(1U << (NDK_SIM_DO_##what))

/**
 * struct ndk_sim_control - the functions
 * @verb_names: what each verb is called in debugfs
 * @add: make a device on a network interface; the result is an ERR_PTR, or a
 *	handle that stays valid until @remove
 * @remove: unplug the device if it is still there, wait until it is gone, and
 *	give up the handle
 * @unplug: the device begins to go away; any context
 * @wait_gone: wait until nothing is left of the device but the handle
 * @set_flags: behaviour, enum ndk_sim_flags
 * @set_fault: what is to happen to a verb; the count starts anew
 * @calls: calls of a verb since then
 * @hold: completions of these kinds (NDK_SIM_DO() masks) on the queue pair
 *	(0: all of them) are kept back, and those that come later on the same
 *	work queue behind them
 * @release: let so many that are held go
 * @wait_held: wait until so many are held back
 * @stall: work of these kinds is not begun
 * @lose_cq: the device has lost a completion queue: it says so, and never
 *	delivers a completion there again
 * @wait_paused: wait until a call is paused
 * @paused: calls that are; any context
 * @resume: let it go on
 * @live: objects of a kind that there are, those of ib_core's own included
 * @violations: rules of ib_core that users have broken since this was asked
 */
struct ndk_sim_control {
	const char * const *verb_names;
	struct ndk_sim *(*add)(const char *name, const char *netdev,
			       const struct ndk_sim_attr *attr);
	void (*remove)(struct ndk_sim *sim);
	void (*unplug)(struct ndk_sim *sim);
	bool (*wait_gone)(struct ndk_sim *sim, unsigned long timeout);
	void (*set_flags)(struct ndk_sim *sim, u32 flags);
	void (*set_fault)(struct ndk_sim *sim, enum ndk_sim_verb verb,
			  const struct ndk_sim_fault *fault);
	u32 (*calls)(struct ndk_sim *sim, enum ndk_sim_verb verb);
	void (*hold)(struct ndk_sim *sim, u32 mask, u32 qp_num);
	void (*release)(struct ndk_sim *sim, u32 count);
	bool (*wait_held)(struct ndk_sim *sim, u32 count, unsigned long timeout);
	void (*stall)(struct ndk_sim *sim, u32 mask);
	void (*lose_cq)(struct ib_cq *cq);
	bool (*wait_paused)(struct ndk_sim *sim, unsigned long timeout);
	u32 (*paused)(struct ndk_sim *sim);
	void (*resume)(struct ndk_sim *sim);
	u32 (*live)(struct ndk_sim *sim, enum ndk_sim_object object);
	u32 (*violations)(struct ndk_sim *sim);
};

extern const struct ndk_sim_control ndk_sim_control;

#endif /* _NDK_SIM_H */
