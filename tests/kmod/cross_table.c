// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of actions: what each one is, and what is documented to come of
 * it in each state of a region. What two of them did to a region is explained
 * when the table allows it in one of the two orders.
 */
#include <rdma/ib_verbs.h>

#include "cross.h"

#define S(name)		BIT(CROSS_##name)

#define CROSS_ALWAYS(answer)						\
	{ [0 ... CROSS_STATES - 1] = (answer) }

#define CROSS_PAGES	4

static NTSTATUS cross_initialise(struct cross_call *c)
{
	NDK_MR *mr = c->region->mr;

	return mr->Dispatch->NdkInitializeFastRegisterMr(mr, CROSS_PAGES, TRUE,
							 st_on_request, c->req);
}

static NTSTATUS cross_register(struct cross_call *c)
{
	const struct st_buf *buf = c->unit->link->buf;
	NDK_MR *mr = c->region->mr;

	return mr->Dispatch->NdkRegisterMr(mr, buf->mdl, buf->len,
					   NDK_MR_FLAG_ALLOW_REMOTE_READ,
					   st_on_request, c->req);
}

static NTSTATUS cross_deregister(struct cross_call *c)
{
	NDK_MR *mr = c->region->mr;

	return mr->Dispatch->NdkDeregisterMr(mr, st_on_request, c->req);
}

static NDK_QP *cross_qp(struct cross_call *c)
{
	const struct st_pair *p = c->unit->link->p;

	return c->sibling ? p->b.qp : p->a.qp;
}

static NTSTATUS cross_fast_register(struct cross_call *c)
{
	const struct st_buf *buf = c->unit->link->buf;
	NDK_QP *qp = cross_qp(c);

	return qp->Dispatch->NdkFastRegister(qp, c, c->region->mr,
					     buf->lam->AdapterPageCount,
					     buf->lam->AdapterPageArray,
					     buf->fbo, buf->len,
					     (PVOID)(ULONG_PTR)buf->label,
					     ST_RIGHTS_ALL);
}

static NTSTATUS cross_invalidate(struct cross_call *c)
{
	NDK_QP *qp = cross_qp(c);

	return qp->Dispatch->NdkInvalidate(qp, c, &c->region->mr->Header, 0);
}

/* The peer has its token and knows nothing of what became of the region. */
static NTSTATUS cross_remote_invalidate(struct cross_call *c)
{
	NDK_QP *qp = c->unit->link->p->b.qp;

	return qp->Dispatch->NdkSendAndInvalidate(qp, c, NULL, 0, 0,
						  c->region->token);
}

static NTSTATUS cross_close(NDK_OBJECT_HEADER *object, struct cross_call *c)
{
	return st_close_fn(object)(object, st_on_close, c->req);
}

static NTSTATUS cross_close_mr(struct cross_call *c)
{
	return cross_close(&c->region->mr->Header, c);
}

static NTSTATUS cross_close_qp(struct cross_call *c)
{
	return cross_close(&cross_qp(c)->Header, c);
}

static NTSTATUS cross_close_pd(struct cross_call *c)
{
	const struct cross_link *l = c->unit->link;

	return cross_close(c->sibling ? &l->other_pd->Header : &l->pd->Header,
			   c);
}

static NTSTATUS cross_flush(struct cross_call *c)
{
	NDK_QP *qp = cross_qp(c);

	qp->Dispatch->NdkFlush(qp);
	return STATUS_SUCCESS;
}

static NTSTATUS cross_disconnect(struct cross_call *c)
{
	const struct st_pair *p = c->unit->link->p;
	NDK_CONNECTOR *conn = c->sibling ? p->b.conn : p->a.conn;

	return conn->Dispatch->NdkDisconnect(conn, st_on_request, c->req);
}

/* As when somebody deletes the link; the caller had a reference for this. */
static NTSTATUS cross_removal(struct cross_call *c)
{
	ib_unregister_device_and_put(c->unit->link->ib);
	return STATUS_SUCCESS;
}

const struct cross_action cross_actions[CROSS_ACTIONS] = {
	[CROSS_INITIALISE] = {
		.name = "initialise", .call = cross_initialise,
		.about = CROSS_FAST, .on = CROSS_MR,
		.answers = {
			[CROSS_CREATED] = S(SUCCESS) | S(PENDING),
			[CROSS_INITIALISING] = S(PENDING),
			[CROSS_INVALID] = S(SUCCESS) | S(PENDING),
			[CROSS_REGISTERING] = S(BAD_STATE),
			[CROSS_VALID] = S(BAD_STATE),
			[CROSS_INVALIDATING] = S(BAD_STATE),
			/* or requests are still being flushed */
			[CROSS_STALE] = S(SUCCESS) | S(PENDING) | S(BAD_STATE),
		},
		.next = {
			[CROSS_CREATED] = S(INITIALISING) | S(INVALID),
			[CROSS_INITIALISING] = S(INITIALISING) | S(INVALID),
			[CROSS_INVALID] = S(INITIALISING) | S(INVALID),
			[CROSS_STALE] = S(INITIALISING) | S(INVALID),
		},
		.finals = S(SUCCESS), .when_closing = S(CANCELLED),
		.when_removed = S(REMOVED), .removed = S(REMOVED),
	},
	[CROSS_REGISTER] = {
		.name = "register", .call = cross_register,
		.about = CROSS_NORMAL, .on = CROSS_MR,
		.answers = {
			[CROSS_CREATED] = S(PENDING),
			[CROSS_REGISTERING] = S(BAD_STATE),
			[CROSS_VALID] = S(BAD_STATE),
			[CROSS_DEREGISTERING] = S(BAD_STATE),
		},
		.next = {
			[CROSS_CREATED] = S(REGISTERING) | S(VALID),
		},
		.finals = S(SUCCESS), .when_closing = S(CANCELLED),
		.when_removed = S(REMOVED), .removed = S(REMOVED),
	},
	[CROSS_DEREGISTER] = {
		.name = "deregister", .call = cross_deregister,
		.about = CROSS_NORMAL, .on = CROSS_MR,
		.answers = {
			[CROSS_CREATED] = S(BAD_STATE),
			[CROSS_REGISTERING] = S(BAD_STATE),
			[CROSS_VALID] = S(PENDING),
			[CROSS_DEREGISTERING] = S(BAD_STATE),
		},
		.next = {
			[CROSS_VALID] = S(DEREGISTERING) | S(CREATED),
		},
		.finals = S(SUCCESS), .when_closing = S(CANCELLED),
		/* removal withdraws the access, too */
		.removed = S(REMOVED),
	},
	[CROSS_FAST_REGISTER] = {
		.name = "fast_register", .call = cross_fast_register,
		.about = CROSS_FAST, .on = CROSS_MR | CROSS_QP, .posts = true,
		.answers = {
			[CROSS_CREATED] = S(BAD_STATE),
			[CROSS_INITIALISING] = S(BAD_STATE),
			[CROSS_INVALID] = S(SUCCESS),
			[CROSS_REGISTERING] = S(BAD_STATE),
			[CROSS_VALID] = S(BAD_STATE),
			[CROSS_INVALIDATING] = S(SUCCESS),
			[CROSS_STALE] = S(BAD_STATE),
		},
		.next = {
			[CROSS_INVALID] = S(REGISTERING) | S(VALID),
			[CROSS_INVALIDATING] = S(REGISTERING) | S(VALID),
		},
		.finals = S(SUCCESS), .when_ended = S(CANCELLED),
		.when_removed = S(CANCELLED) | S(REMOVED),
		.ended = S(NO_CONNECTION), .removed = S(REMOVED),
	},
	[CROSS_INVALIDATE] = {
		.name = "invalidate", .call = cross_invalidate,
		.about = CROSS_FAST, .on = CROSS_MR | CROSS_QP, .posts = true,
		.answers = {
			[CROSS_CREATED] = S(BAD_STATE),
			[CROSS_INITIALISING] = S(BAD_STATE),
			[CROSS_INVALID] = S(BAD_STATE),
			[CROSS_REGISTERING] = S(SUCCESS),
			[CROSS_VALID] = S(SUCCESS),
			[CROSS_INVALIDATING] = S(BAD_STATE),
			[CROSS_STALE] = S(BAD_STATE),
		},
		.next = {
			[CROSS_REGISTERING] = S(INVALIDATING) | S(INVALID),
			[CROSS_VALID] = S(INVALIDATING) | S(INVALID),
		},
		.finals = S(SUCCESS), .when_ended = S(CANCELLED),
		.when_removed = S(CANCELLED) | S(REMOVED),
		.ended = S(NO_CONNECTION), .removed = S(REMOVED),
	},
	[CROSS_REMOTE_INVALIDATE] = {
		.name = "remote_invalidate", .call = cross_remote_invalidate,
		.about = CROSS_FAST, .posts = true,
		.answers = CROSS_ALWAYS(S(SUCCESS)),
		.finals = S(SUCCESS),
		/* by whom the peer was told */
		.when_ended = S(CANCELLED) | S(REFUSED) | S(NO_ACCESS),
		.when_removed = S(CANCELLED) | S(REMOVED),
		.ended = S(NO_CONNECTION), .removed = S(REMOVED),
	},
	[CROSS_CLOSE_MR] = {
		.name = "close_mr", .call = cross_close_mr,
		.about = CROSS_EITHER, .on = CROSS_MR, .closes = CROSS_MR,
		.answers = CROSS_ALWAYS(S(PENDING)),
		.finals = S(SUCCESS),
	},
	[CROSS_CLOSE_QP] = {
		.name = "close_qp", .call = cross_close_qp,
		.about = CROSS_NONE, .on = CROSS_QP, .closes = CROSS_QP,
		.shared = true, .ends_link = true,
		.answers = CROSS_ALWAYS(S(PENDING)),
		.finals = S(SUCCESS),
	},
	[CROSS_CLOSE_PD] = {
		.name = "close_pd", .call = cross_close_pd,
		.about = CROSS_NONE, .on = CROSS_PD, .closes = CROSS_PD,
		.shared = true,
		.answers = CROSS_ALWAYS(S(PENDING)),
		.finals = S(SUCCESS),
	},
	[CROSS_FLUSH] = {
		.name = "flush", .call = cross_flush,
		.about = CROSS_NONE, .on = CROSS_QP,
		.shared = true, .ends_link = true,
		.answers = CROSS_ALWAYS(S(SUCCESS)),
	},
	[CROSS_DISCONNECT] = {
		.name = "disconnect", .call = cross_disconnect,
		.about = CROSS_NONE, .on = CROSS_CONNECTOR,
		.shared = true, .ends_link = true,
		.answers = CROSS_ALWAYS(S(PENDING)),
		/* the connector is closed before the peer has agreed */
		.finals = S(SUCCESS) | S(CANCELLED),
		.when_ended = S(ABORTED),
		.when_removed = S(REMOVED), .removed = S(REMOVED),
		.again = S(BAD_STATE),
	},
	[CROSS_REMOVAL] = {
		.name = "removal", .call = cross_removal,
		.about = CROSS_NONE, .shared = true, .ends_link = true,
		.answers = CROSS_ALWAYS(S(SUCCESS)),
	},
};

/*
 * Every function of these three tables is an action, or it is said why not;
 * NULL for the actions.
 */
static const struct cross_slot {
	const char *table;
	size_t offset;
	const char *why_not;
} cross_slots[] = {
#define SLOT(type, member, why)						\
	{ #type, offsetof(type, member) / sizeof(void *), why }
	SLOT(NDK_MR_DISPATCH, NdkCloseMr, NULL),
	SLOT(NDK_MR_DISPATCH, NdkQueryExtension, "answers from constants"),
	SLOT(NDK_MR_DISPATCH, NdkRegisterMr, NULL),
	SLOT(NDK_MR_DISPATCH, NdkDeregisterMr, NULL),
	SLOT(NDK_MR_DISPATCH, NdkInitializeFastRegisterMr, NULL),
	SLOT(NDK_MR_DISPATCH, NdkGetRemoteTokenFromMr, "reads one word"),
	SLOT(NDK_MR_DISPATCH, NdkGetLocalTokenFromMr, "reads one word"),
	SLOT(NDK_QP_DISPATCH, NdkCloseQp, NULL),
	SLOT(NDK_QP_DISPATCH, NdkQueryExtension, "answers from constants"),
	SLOT(NDK_QP_DISPATCH, NdkFlush, NULL),
	SLOT(NDK_QP_DISPATCH, NdkSend,
	     "NdkSendAndInvalidate without a region, see suite qp_race"),
	SLOT(NDK_QP_DISPATCH, NdkReceive, "has no region, see suite qp_race"),
	SLOT(NDK_QP_DISPATCH, NdkBind, "there are no windows"),
	SLOT(NDK_QP_DISPATCH, NdkFastRegister, NULL),
	SLOT(NDK_QP_DISPATCH, NdkInvalidate, NULL),
	SLOT(NDK_QP_DISPATCH, NdkRead, "the device's affair, see mr_revoke"),
	SLOT(NDK_QP_DISPATCH, NdkWrite, "the device's affair, see mr_revoke"),
	SLOT(NDK_QP_DISPATCH, NdkSendAndInvalidate, NULL),
	SLOT(NDK_PD_DISPATCH, NdkClosePd, NULL),
	SLOT(NDK_PD_DISPATCH, NdkQueryExtension, "answers from constants"),
	SLOT(NDK_PD_DISPATCH, NdkCreateMr, "nobody knows the object before"),
	SLOT(NDK_PD_DISPATCH, NdkCreateMw, "there are no windows"),
	SLOT(NDK_PD_DISPATCH, NdkCreateSrq, "there are none"),
	SLOT(NDK_PD_DISPATCH, NdkCreateQp, "nobody knows the object before"),
	SLOT(NDK_PD_DISPATCH, NdkCreateQpWithSrq, "there are none"),
	SLOT(NDK_PD_DISPATCH, NdkGetPrivilegedMemoryRegionToken,
	     "reads one word"),
#undef SLOT
};

static unsigned int cross_slots_of(struct st_test *t, const char *table,
				   size_t members)
{
	unsigned int actions = 0;
	size_t i, member, found;

	for (member = 0; member < members; member++) {
		for (i = 0, found = 0; i < ARRAY_SIZE(cross_slots); i++) {
			if (strcmp(cross_slots[i].table, table) ||
			    cross_slots[i].offset != member)
				continue;
			found++;
			actions += !cross_slots[i].why_not;
		}
		ST_EXPECT(t, found == 1, "function %zu of %s is there %zu times",
			  member, table, found);
	}
	return actions;
}

/**
 * cross_slots_check() - is every function an action, or is it said why not?
 * @t: the test
 */
void cross_slots_check(struct st_test *t)
{
	unsigned int actions = 0;

#define MEMBERS(type)	#type, sizeof(type) / sizeof(void *)
	actions += cross_slots_of(t, MEMBERS(NDK_MR_DISPATCH));
	actions += cross_slots_of(t, MEMBERS(NDK_QP_DISPATCH));
	actions += cross_slots_of(t, MEMBERS(NDK_PD_DISPATCH));
#undef MEMBERS
	/* and NdkDisconnect, and the removal of the device */
	ST_EXPECT(t, actions + 2 == CROSS_ACTIONS,
		  "%u functions for %u actions", actions + 2, CROSS_ACTIONS);
}

/**
 * cross_state_name() - name of a state
 * @state: the state
 *
 * Return: its name.
 */
const char *cross_state_name(enum cross_state state)
{
	static const char * const names[CROSS_STATES] = {
		[CROSS_CREATED] = "created",
		[CROSS_INITIALISING] = "initialising",
		[CROSS_INVALID] = "invalid",
		[CROSS_REGISTERING] = "registering",
		[CROSS_VALID] = "registered",
		[CROSS_INVALIDATING] = "invalidating",
		[CROSS_DEREGISTERING] = "deregistering",
		[CROSS_STALE] = "stale",
	};

	return names[state];
}

/* As a set of one; empty if it is not in the table at all. */
static unsigned int cross_status(NTSTATUS status)
{
	switch (status) {
	case STATUS_SUCCESS:
		return S(SUCCESS);
	case STATUS_PENDING:
		return S(PENDING);
	case STATUS_INVALID_DEVICE_STATE:
		return S(BAD_STATE);
	case STATUS_CANCELLED:
		return S(CANCELLED);
	case STATUS_CONNECTION_INVALID:
		return S(NO_CONNECTION);
	case STATUS_CONNECTION_ABORTED:
		return S(ABORTED);
	case STATUS_ACCESS_VIOLATION:
		return S(NO_ACCESS);
	case STATUS_INVALID_DEVICE_REQUEST:
		return S(REFUSED);
	case STATUS_DEVICE_REMOVED:
		return S(REMOVED);
	default:
		return 0;
	}
}

/* What has happened in an order that is being tried. */
struct cross_story {
	unsigned int states[2];
	enum cross_order order;
	bool ended;
	bool removed;
	bool message; /* that may invalidate what it finds, when it arrives */
	const struct cross_call *before;
};

/* What is pending may have been done by now, or flushed. */
static unsigned int cross_later(const struct cross_story *s, unsigned int set)
{
	if (s->ended && (set & (S(REGISTERING) | S(INVALIDATING))))
		set |= S(STALE);
	if (set & S(INITIALISING))
		set |= S(INVALID);
	if (set & S(REGISTERING))
		set |= S(VALID);
	if (set & S(INVALIDATING))
		set |= S(INVALID);
	if (set & S(DEREGISTERING))
		set |= S(CREATED);
	if (s->message && (set & (S(REGISTERING) | S(VALID))))
		set |= S(INVALID) | S(STALE);
	return set;
}

static int cross_which(const struct cross_call *c)
{
	if (!c->region || c->sibling)
		return -1;
	return c->region == &c->unit->region[CROSS_NORMAL];
}

/* Does the table allow what this one answered? Then the story goes on. */
static bool cross_tell(struct cross_story *s, const struct cross_call *c)
{
	unsigned int got = cross_status(c->answer), next = 0, set, state;
	const struct cross_action *a = c->action;
	int which = cross_which(c);

	if (s->removed && a->removed) {
		if (got == a->removed)
			return true;
		/* it was waited for until the device was gone */
		if (s->order != CROSS_TOGETHER)
			return false;
	}
	if (s->ended && a->ended && got == a->ended)
		return true;
	if (s->before && a->again && s->before->action == a &&
	    s->before->sibling == c->sibling)
		return got == a->again;

	if (which >= 0)
		set = cross_later(s, s->states[which]);
	else
		set = c->region ? BIT(c->region->start) : S(CREATED);
	for (state = 0; state < CROSS_STATES; state++) {
		if (!(set & BIT(state)) || !(a->answers[state] & got))
			continue;
		if (got & (S(SUCCESS) | S(PENDING)))
			next |= a->next[state] ?: BIT(state);
		else
			next |= BIT(state);
	}
	if (!next)
		return false;
	if (which >= 0)
		s->states[which] = next;
	s->ended |= a->ends_link;
	s->removed |= cross_is_removal(a);
	s->message |= a == &cross_actions[CROSS_REMOTE_INVALIDATE];
	s->before = c;
	return true;
}

static bool cross_ended_well(const struct cross_story *s,
			     const struct cross_call *c,
			     const struct cross_call *other)
{
	const struct cross_action *a = c->action;
	unsigned int allowed = a->finals;
	NTSTATUS final;

	if (c->req) {
		if (c->answer != STATUS_PENDING)
			return true;
		final = c->req->status;
	} else if (a->posts) {
		if (c->answer != STATUS_SUCCESS)
			return !c->ends;
		if (c->ends != 1)
			return false;
		final = c->final;
	} else {
		return true;
	}
	if ((other->action->closes & CROSS_MR) && c->region == other->region)
		allowed |= a->when_closing;
	if (s->ended)
		allowed |= a->when_ended;
	if (s->removed)
		allowed |= a->when_removed;
	return allowed & cross_status(final);
}

/* Is what the provider says in the end one of the states that are left? */
static bool cross_idle_as_told(const struct cross *x,
			       const struct cross_story *s,
			       const struct cross_unit *u)
{
	unsigned int set, busy = S(VALID) | S(STALE);
	int i;

	/* The word of a peer is not enough. */
	for (i = 0; i < 2; i++)
		if (u->call[i]->action->call == cross_remote_invalidate)
			busy |= S(INVALID);
	for (i = 0; i < 2; i++) {
		if (!u->region[i].looked)
			continue;
		set = cross_later(s, s->states[i]);
		/* done by now */
		set &= S(CREATED) | S(INVALID) | S(VALID) | S(STALE);
		if (u->region[i].idle && !(set & (S(CREATED) | S(INVALID))))
			return false;
		if (!u->region[i].idle && !(set & busy))
			return false;
	}
	return true;
}

/**
 * cross_explained() - does the table allow what came of a unit's actions?
 * @x: the pair
 * @u: the unit, with all that was accepted at its end
 * @swapped: if the second action of the pair came first
 *
 * Return: whether it does.
 */
bool cross_explained(const struct cross *x, const struct cross_unit *u,
		     bool swapped)
{
	const struct cross_call *first = u->call[swapped];
	const struct cross_call *second = u->call[!swapped];
	struct cross_story s = {
		.states = {
			BIT(u->region[CROSS_FAST].start),
			BIT(u->region[CROSS_NORMAL].start),
		},
		.order = x->order,
		.ended = u->link->failed,
	};

	return cross_tell(&s, first) && cross_tell(&s, second) &&
	       cross_ended_well(&s, first, second) &&
	       cross_ended_well(&s, second, first) &&
	       cross_idle_as_told(x, &s, u);
}

/**
 * cross_may_end_link() - may this unit be why its connection has ended?
 * @x: the pair
 * @u: the unit
 *
 * Return: false if the region was registered whenever the peer invalidated it.
 */
bool cross_may_end_link(const struct cross *x, const struct cross_unit *u)
{
	const struct cross_call *a = u->call[0], *b = u->call[1];
	const struct cross_call *other;

	if (!cross_has(x, CROSS_REMOTE_INVALIDATE))
		return a->action->ends_link || b->action->ends_link;
	other = a->action == &cross_actions[CROSS_REMOTE_INVALIDATE] ? b : a;
	return u->region[CROSS_FAST].start != CROSS_VALID ||
	       other->action == &cross_actions[CROSS_REMOTE_INVALIDATE] ||
	       other->action == &cross_actions[CROSS_INVALIDATE] ||
	       other->action == &cross_actions[CROSS_CLOSE_MR] ||
	       other->action->ends_link;
}
