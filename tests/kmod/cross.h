/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interleavings: every two actions that may meet on the objects of one
 * protection domain, in both orders and at the same time.
 *
 *	cross_table.c	the actions, and what may come of them
 *	cross_scene.c	the objects that they are done to
 *	cross.c		the pairs, the rounds, the races
 *	cross_leave.c	the end of the consumer's module
 */
#ifndef _NDK_SELFTEST_CROSS_H
#define _NDK_SELFTEST_CROSS_H

#include <linux/atomic.h>
#include <linux/bits.h>

#include "harness.h"

/* Connections of one scene, at most. */
#define CROSS_LINKS	50U

enum cross_id {
	CROSS_INITIALISE,
	CROSS_REGISTER,
	CROSS_DEREGISTER,
	CROSS_FAST_REGISTER,
	CROSS_INVALIDATE,
	CROSS_REMOTE_INVALIDATE,
	CROSS_CLOSE_MR,
	CROSS_CLOSE_QP,
	CROSS_CLOSE_PD,
	CROSS_FLUSH,
	CROSS_DISCONNECT,
	CROSS_REMOVAL,
	CROSS_ACTIONS,
};

enum cross_order {
	CROSS_IN_ORDER,
	CROSS_SWAPPED,
	CROSS_TOGETHER,
	CROSS_ORDERS,
};

/* What a region may be, as its consumer knows it: bits of a set. */
enum cross_state {
	CROSS_CREATED,
	CROSS_INITIALISING,	/* the request is pending */
	CROSS_INVALID,
	CROSS_REGISTERING,	/* accepted, not known to be done */
	CROSS_VALID,
	CROSS_INVALIDATING,	/* accepted, not known to be done */
	CROSS_DEREGISTERING,	/* the request is pending */
	CROSS_STALE,
	CROSS_STATES,
};

/* Statuses that an action may end with: bits of a set. */
enum cross_status {
	CROSS_SUCCESS,
	CROSS_PENDING,
	CROSS_BAD_STATE,	/* STATUS_INVALID_DEVICE_STATE */
	CROSS_CANCELLED,
	CROSS_NO_CONNECTION,	/* STATUS_CONNECTION_INVALID */
	CROSS_ABORTED,		/* STATUS_CONNECTION_ABORTED */
	CROSS_NO_ACCESS,	/* STATUS_ACCESS_VIOLATION */
	CROSS_REFUSED,		/* STATUS_INVALID_DEVICE_REQUEST */
	CROSS_REMOVED,		/* STATUS_DEVICE_REMOVED */
	CROSS_STATUSES,
};

/* What an action is called on, and what it closes. */
enum cross_object {
	CROSS_MR = BIT(0),
	CROSS_QP = BIT(1),
	CROSS_PD = BIT(2),
	CROSS_CONNECTOR = BIT(3),
};

/* Which of a unit's regions an action is about. */
enum cross_kind {
	CROSS_FAST,
	CROSS_NORMAL,
	CROSS_EITHER,	/* the one that the other action of the pair is about */
	CROSS_NONE,
};

/**
 * struct cross_region - a region, and what is known of it
 * @mr: the region
 * @start: its state before the two actions
 * @token: its remote token then
 * @close: of @mr
 * @closed: when @close called back, counting callbacks
 * @looked: @idle is known
 * @idle: what the provider said when all was over
 */
struct cross_region {
	NDK_MR *mr;
	enum cross_state start;
	UINT32 token;
	struct st_req *close;
	int closed;
	bool looked;
	bool idle;
};

struct cross_unit;

/**
 * struct cross_call - one action, done once
 * @action: which one
 * @unit: to what; a shared one, to the unit that leads its link
 * @region: the region that it is about, or NULL
 * @sibling: done to another object of the same kind, because the other action
 *	has closed the one that both are about
 * @req: asynchronous actions: the request
 * @made: it was called
 * @returned: the call has returned
 * @answer: what it answered
 * @ends: work requests: completions
 * @final: work requests: status of the completion
 */
struct cross_call {
	const struct cross_action *action;
	struct cross_unit *unit;
	struct cross_region *region;
	bool sibling;
	struct st_req *req;
	bool made;
	bool returned;
	NTSTATUS answer;
	unsigned int ends;
	NTSTATUS final;
};

/**
 * struct cross_link - a connection within one domain
 * @p: both ends
 * @pd: the domain
 * @other_pd: another one, to be closed instead
 * @buf: memory of the regions
 * @ib: the device, with a reference for its removal
 * @close: of pd, other_pd, a.qp, b.qp, a.conn, b.conn
 * @closed: when they called back, counting callbacks
 * @borrows: @pd is the first link's, too, and closed with that one
 * @failed: a receive has failed, so that the connection has ended
 * @receives: of the active side, completed
 * @begun: registrations to begin with, not completed
 */
struct cross_link {
	struct st_pair *p;
	NDK_PD *pd;
	NDK_PD *other_pd;
	struct st_buf *buf;
	struct ib_device *ib;
	struct st_req *close[6];
	int closed[6];
	bool borrows;
	bool failed;
	unsigned int receives;
	unsigned int begun;
};

enum {
	CROSS_LINK_PD,
	CROSS_LINK_OTHER_PD,
	CROSS_LINK_QP_A,
	CROSS_LINK_QP_B,
	CROSS_LINK_CONN_A,
	CROSS_LINK_CONN_B,
};

/**
 * struct cross_unit - what two actions meet on
 * @link: a connection, which units may share
 * @region: a fast region and a normal one
 * @spare: regions that are closed instead, when another action needs the first
 * @call: the two actions; units of one link share those on it
 */
struct cross_unit {
	struct cross_link *link;
	struct cross_region region[2];
	struct cross_region spare[2];
	struct cross_call *call[2];
	struct cross_call own[2];
};

/**
 * struct cross_action - something that a consumer, or fate, does
 * @name: for humans
 * @about: which regions' state it is about
 * @on: what it is called on
 * @closes: what it closes
 * @shared: done once for all units of a link
 * @posts: it is a work request
 * @ends_link: requests of the link may fail from now on
 * @call: does it
 * @answers: the inline answers that are documented, for each state
 * @next: what the region may be afterwards if that was accepted; nothing for
 *	the state that it was in
 * @finals: how it may end if it was accepted
 * @when_closing: and also, when its region is closed meanwhile
 * @when_ended: and also, when the connection ends meanwhile
 * @when_removed: and also, when the device is removed meanwhile
 * @ended: inline, also, when the connection has ended
 * @removed: inline, instead, when the device is gone; nothing for what is
 *	answered all the same
 * @again: inline, instead, when it was done to the same object before; or 0
 */
struct cross_action {
	const char *name;
	enum cross_kind about;
	unsigned int on;
	unsigned int closes;
	bool shared;
	bool posts;
	bool ends_link;
	NTSTATUS (*call)(struct cross_call *c);
	u16 answers[CROSS_STATES];
	u16 next[CROSS_STATES];
	u16 finals;
	u16 when_closing;
	u16 when_ended;
	u16 when_removed;
	u16 ended;
	u16 removed;
	u16 again;
};

/**
 * struct cross - a pair of actions being tried
 * @t: the test
 * @pair: the actions
 * @queues: a scene has queue pairs
 * @connected: they are connected
 * @links: connections of a scene
 * @units: units of a scene
 * @pairs: their ends, kept with their listeners
 * @link: the scene's connections
 * @unit: the scene's units
 * @buf: memory of the regions
 * @pd: the domain of all links, if it is not closed by one of the pair
 * @scene: scenes so far
 * @order: of the pair
 * @last: of this order
 * @up: the links are connected
 * @spares: some action needs a region of its own
 * @leader: unit at which a shared action is done in a race
 * @at: units that the two CPUs have come to
 */
struct cross {
	struct st_test *t;
	const struct cross_action *pair[2];
	bool queues;
	bool connected;
	unsigned int links;
	unsigned int units;
	struct st_pair *pairs[CROSS_LINKS];
	struct cross_link *link;
	struct cross_unit *unit;
	struct st_buf *buf;
	NDK_PD *pd;
	unsigned int scene;
	enum cross_order order;
	bool last;
	bool up;
	bool spares;
	unsigned int leader;
	atomic_t at[2];
};

/* cross_table.c */

extern const struct cross_action cross_actions[CROSS_ACTIONS];

void cross_slots_check(struct st_test *t);
bool cross_explained(const struct cross *x, const struct cross_unit *u,
		     bool swapped);
bool cross_may_end_link(const struct cross *x, const struct cross_unit *u);
const char *cross_state_name(enum cross_state state);

/* cross.c */

void cross_plan(struct cross *x);
void cross_prepare(struct cross *x);
void cross_calls(struct cross *x, struct workqueue_struct *wq);
void cross_wait_for(struct cross_call *c);

/* cross_scene.c */

bool cross_scene_up(struct cross *x);
bool cross_scene_down(struct cross *x);
void cross_end(struct cross *x);
struct st_req *cross_close_req(struct cross *x, NDK_OBJECT_HEADER *object,
			       int *closed);

/* Some action is about regions of this kind. */
static inline bool cross_about(const struct cross *x, enum cross_kind kind)
{
	return x->pair[0]->about == kind || x->pair[1]->about == kind;
}

/* Regions of this kind are part of the scene. */
static inline bool cross_needs(const struct cross *x, enum cross_kind kind)
{
	if (kind == CROSS_FAST)
		return cross_about(x, CROSS_FAST) ||
		       !cross_about(x, CROSS_NORMAL);
	return cross_about(x, CROSS_NORMAL) ||
	       (cross_about(x, CROSS_EITHER) && !cross_about(x, CROSS_FAST));
}

static inline bool cross_has(const struct cross *x, enum cross_id id)
{
	return x->pair[0] == &cross_actions[id] ||
	       x->pair[1] == &cross_actions[id];
}

static inline bool cross_is_removal(const struct cross_action *a)
{
	return a == &cross_actions[CROSS_REMOVAL];
}

#endif
