/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fast MR and the initiator queue of a QP: registrations and invalidations
 * that are posted, deferred, held back, refused by the device, failed and
 * flushed; invalidations by the peer; initialising anew; close. See
 * Documentation/model.rst.
 *
 * A name that begins with ndk_ is the function of kmod/ndk that it stands for.
 * What the code does under the lock of the MR is one step here. ndk_sq.lock is
 * a lock here as well, for the lock of the MR is taken several times inside it.
 */

/* pan reports a violation as "assertion violated !(property)". */
#define MUST(condition, property)	property = !(condition); assert(!property)

bool use_after_free, dropped_twice, settled_twice, completed_twice;
bool completed_after_close;
bool called_back_twice, never_called_back, two_owners, pages_mixed_up;
bool new_pages_under_old_registration, registered_over_invalidate;
bool invalid_but_reachable, valid_but_unreachable, recycled_while_valid;
bool destroyed_in_flight, reachable_after_close, fetched_nothing;
bool idle_but_reachable, stale_without_failure;

/* What the code asks, and what a plant makes of it. */
#define QUIET		(pending == 0)
#ifdef PLANT_REGISTER_TWICE
#define MAY_REGISTER	mr_state == NDK_MR_INVALID || mr_state == NDK_MR_INVALIDATING || mr_state == NDK_MR_REGISTERING
#else
#define MAY_REGISTER	mr_state == NDK_MR_INVALID || mr_state == NDK_MR_INVALIDATING
#endif
#ifdef PLANT_REG_OVER_INV
#define MUST_WAIT	(reg_posted > 0)
#elif defined(PLANT_REG_OVER_REG)
#define MUST_WAIT	(inv_posted > 0)
#else
#define MUST_WAIT	(inv_posted > 0 || reg_posted > 0)
#endif
#ifdef PLANT_NEVER_LET_GO
#define LET_GO		false
#else
#define LET_GO		held
#endif
#ifdef PLANT_INIT_EARLY
#define INIT_WAITS	false
#else
#define INIT_WAITS	(pending > 0)
#endif
/* What is wrong only because of a peer that breaks the rules. */
#ifdef LIES
#define BELIEVED(f)	false
#else
#define BELIEVED(f)	fr[f].lied
#endif
#ifdef PLANT_CROSSING_LOST
#define CROSSED		false
#else
#define CROSSED		crossed
#endif
#ifdef PLANT_FAILED_IS_INVALID
#define AFTER_FAILURE	NDK_MR_INVALID
#else
#define AFTER_FAILURE	NDK_MR_STALE
#endif

/* NDK_DRIVER_INVALIDATES_ALL, and what it is for */
#ifdef LENIENT
#define INVALIDATES_ALL	true
#else
#define INVALIDATES_ALL	false
#endif
#ifdef PLANT_NOT_SWEPT
#define MUST_SWEEP	false
#else
#define MUST_SWEEP	(doubted && !swept)
#endif
/*
 * A consumer that posts when all before has completed, and a peer that ends what
 * has been registered, once: fewer ways, and longer ones.
 */
#ifdef ONE_BY_ONE
#define ITS_TURN	(pending == 0 && !sq_locked)
#define MAY_DEFER	false
#define KNOWN(f)	(fr[f].valid || fr[f].ours > 0)
#else
#define ITS_TURN	true
#define MAY_DEFER	true
#define KNOWN(f)	true
#endif

/* How much may happen. */
#ifndef POSTS
#define POSTS		3
#endif
#ifndef INITS
#define INITS		2
#endif
#ifndef PEER
#define PEER		1
#endif
#ifndef FAULTS
#define FAULTS		1
#endif

mtype = {
	NDK_MR_CREATED, NDK_MR_INITIALISING, NDK_MR_INVALID, NDK_MR_REGISTERING,
	NDK_MR_VALID, NDK_MR_INVALIDATING, NDK_MR_STALE,
	REG, INV, OK, EAGAIN, EUCLEAN, FAULT, SENT, SWEPT, RECEIVED
};

/* struct ndk_mr */
mtype mr_state = NDK_MR_CREATED;
#define NONE	2
byte frmr = NONE;
byte pending, inv_pending, inv_posted, reg_posted, initialising;
bool live, crossed, init_waits;
bool unheard, doubted;		/* with INVALIDATES_ALL; else they stay false */
bool sg_used;
byte sg_holds;			/* whose pages are in the region's own list */
byte refs = 1;
bool closing, destroy_queued;

/* struct ndk_frmr: two are enough, for an old one and a new one */
mtype = { ABSENT, READY, TAKEN };
typedef frmr_s {
	mtype where;		/* READY: in the pool */
	bool dirty;
	byte key;
	/* the device's side */
	bool valid;
	byte pages;		/* what ib_map_mr_sg() was given last */
	byte in_flight;		/* work requests that name it */
	byte regs, invs;	/* given to it and not executed */
	bool lied;		/* what is known of it is a peer's lie */
	byte ours;		/* ended by us, of which a peer may not know */
}
frmr_s fr[2];

/* struct ndk_request on the MR */
byte waiting, init_accepted, init_called;
bool serving, request_queued;

/* struct ndk_send_slot; a slot is used once, so that no index wraps */
typedef slot_s {
	mtype type;
	bool given, own, kept;
	byte f;
	mtype before;
}
slot_s slot[POSTS];

/* struct ndk_sq, struct ndk_qp */
byte head, posted, tail;
bool held, broken, sq_locked;
bool sweeping, swept;		/* of the slot at @posted */
bool qp_error, error_queued, error_work;

/* The device. */
byte dev_posted, dev_next;
bool dev_sweep;			/* behind what is posted */
bool dev_error;
byte faults = FAULTS;		/* of the device, and posts and maps that it refuses */
byte peer_left = PEER, notices;
#ifdef TWO_CQS
chan send_cq = [POSTS] of { mtype, byte, bool };
chan recv_cq = [PEER] of { mtype, byte, bool };
#else
chan send_cq = [POSTS + PEER] of { mtype, byte, bool };
#define recv_cq	send_cq
#endif
byte handling;

/* Progress. */
bool posts_over, inits_over, told, failed;

inline touch() { MUST(refs > 0, use_after_free) }

inline sq_lock() { atomic { !sq_locked -> sq_locked = true } }
inline sq_unlock() { sq_locked = false }

/* Inside an atomic step. */
inline ndk_object_put()
{
	MUST(refs > 0, dropped_twice);
	refs--;
	if
	:: refs == 0 -> destroy_queued = true
	:: else
	fi
}

/* What the consumer relies on when it gives pages to somebody else. */
#define ndk_mr_is_idle() \
	(pending == 0 && (mr_state == NDK_MR_CREATED || \
			  (mr_state == NDK_MR_INVALID && (frmr == NONE || !fr[frmr].dirty))))

/*
 * What mr.h promises: with nothing pending the state is that of the device. A
 * peer's invalidation that has not been reported yet is all that can differ.
 */
inline consistent()
{
	MUST(!(mr_state == NDK_MR_INVALID && pending == 0 && frmr != NONE) ||
	     !fr[frmr].valid || doubted || BELIEVED(frmr), invalid_but_reachable);
	MUST(initialising == 0 || mr_state == NDK_MR_INITIALISING, two_owners);
	MUST(mr_state != NDK_MR_STALE || failed, stale_without_failure);
	MUST(!ndk_mr_is_idle() || (!fr[0].valid && !fr[1].valid), idle_but_reachable);
	MUST(!(mr_state == NDK_MR_VALID && pending == 0) ||
	     (frmr != NONE && fr[frmr].valid) || notices > 0, valid_but_unreachable)
}

/* Pool and ib_mr: inside an atomic step. */

inline ndk_frmr_free(f)		/* ib_dereg_mr() */
{
	MUST(fr[f].in_flight == 0, destroyed_in_flight);
	fr[f].where = ABSENT;
	fr[f].lied = false;
	fr[f].ours = 0;
	fr[f].valid = false;
	fr[f].dirty = false
}

inline ndk_mr_pool_recycle(f)
{
	MUST(!fr[f].valid, recycled_while_valid);
	MUST(fr[f].in_flight == 0, destroyed_in_flight);
	fr[f].where = READY
}

/* What a peer may still say is about the key before. */
inline ndk_frmr_new_key(f)
{
	fr[f].key = fr[f].key + 2;
	fr[f].lied = false;
	fr[f].ours = 0
}

inline ndk_mr_pool_get(f)	/* or NONE, as when the pool is empty */
{
	if
	:: fr[0].where == READY -> f = 0; fr[0].where = TAKEN; ndk_frmr_new_key(0)
	:: fr[1].where == READY -> f = 1; fr[1].where = TAKEN; ndk_frmr_new_key(1)
	:: INITS > 1 || fr[0].where != READY -> f = NONE
	fi
}

inline ndk_frmr_alloc(f)	/* or NONE, as when it fails */
{
	if
	:: fr[0].where == ABSENT -> f = 0; fr[0].where = TAKEN; ndk_frmr_new_key(0)
	:: fr[1].where == ABSENT -> f = 1; fr[1].where = TAKEN; ndk_frmr_new_key(1)
	:: f = NONE
	fi
}

inline ndk_mr_take_frmr(old) { old = frmr; frmr = NONE }

inline ndk_mr_initialised(f)
{
	frmr = f;
	live = false;
	unheard = false;
	doubted = false;
	sg_used = false;
	sg_holds = 0
}

inline ndk_mr_drop_frmr(old)
{
	atomic {
		if
		:: old == NONE
		:: old != NONE && fr[old].dirty -> ndk_frmr_free(old)
		:: old != NONE && !fr[old].dirty -> ndk_mr_pool_recycle(old)
		fi;
		old = NONE
	}
}

/* Initialising. */

inline ndk_mr_initialise_accept(queue, accepted)
{
	atomic {
		touch();
		queue = false;
		accepted = false;
		f = NONE;
		if
		:: mr_state == NDK_MR_INITIALISING ->
			queue = true
		:: ((mr_state == NDK_MR_CREATED || mr_state == NDK_MR_STALE) && QUIET) ||
		   mr_state == NDK_MR_INVALID ->
			if
			:: frmr == NONE || !fr[frmr].dirty -> ndk_mr_pool_get(f)
			:: frmr != NONE && fr[frmr].dirty
			fi;
			if
			:: f == NONE ->
				queue = true;
				mr_state = NDK_MR_INITIALISING
			:: else ->
				MUST(pending == 0, two_owners);
				ndk_mr_take_frmr(old);
				ndk_mr_initialised(f);
				mr_state = NDK_MR_INVALID;
				accepted = true;
				consistent()
			fi
		:: else		/* refused */
		fi;
		if
		:: queue -> initialising++; init_accepted++
		:: else
		fi;
		f = NONE
	}
	/* the pool's lock only */
	atomic {
		if
		:: old != NONE -> ndk_mr_pool_recycle(old); old = NONE
		:: else
		fi
	}
}

inline ndk_request_submit()
{
	atomic {
		touch();
		refs++;
		waiting++;
		if
		:: !serving -> serving = true; refs++; request_queued = true
		:: else
		fi
	}
}

inline ndk_initialize_fast_register_mr()
{
	ndk_mr_initialise_accept(queue, accepted);
	if
	:: queue -> ndk_request_submit()
	:: else
	fi
}

inline ndk_mr_initialise_run(waits)
{
	atomic {
		touch();
		waits = INIT_WAITS;
		if
		:: waits -> init_waits = true
		:: else ->
			MUST(pending == 0, two_owners);
#ifndef PLANT_DROPPED_LATE
			ndk_mr_take_frmr(old)
#endif
		fi
	}
	if
	:: waits
	:: else -> initialise_now()
	fi
}

inline initialise_now()
{
#ifndef PLANT_DROPPED_LATE
	/* The old pages are out of reach before the state can say so. */
	ndk_mr_drop_frmr(old);
#endif
	atomic {
		touch();
		ndk_mr_pool_get(f);
		if
		:: f == NONE -> ndk_frmr_alloc(f)
		:: else
		fi
	}
	atomic {
		touch();
		MUST(pending == 0, two_owners);
#ifdef PLANT_DROPPED_LATE
		ndk_mr_take_frmr(old);
#endif
		if
		:: f != NONE -> ndk_mr_initialised(f)
		:: else
		fi;
		f = NONE;
		initialising--;
		if
		:: initialising == 0 && frmr != NONE -> mr_state = NDK_MR_INVALID
		:: initialising == 0 && frmr == NONE -> mr_state = NDK_MR_CREATED
		:: else
		fi;
		consistent()
	}
#ifdef PLANT_DROPPED_LATE
	ndk_mr_drop_frmr(old)
#endif
}

active proctype ndk_request_work()
{
	byte f = NONE, old = NONE;
	bool none, cancelled, waits;

end:	do
	:: atomic { request_queued -> request_queued = false }
		waits = false;
		do
		:: atomic {	/* ndk_request_next() */
			touch();
			none = waiting == 0;
			cancelled = closing;
			if
			:: none -> serving = false
			:: else -> waiting--
			fi
		   }
		   if
		   :: none -> break
		   :: !none && cancelled -> initialising--	/* ndk_mr_initialise_cancel() */
		   :: !none && !cancelled -> ndk_mr_initialise_run(waits)
		   fi;
		   if
		   :: waits -> break
		   :: else
		   fi;
		   atomic {	/* ndk_request_complete() */
			MUST(!told, called_back_twice);
			init_called++;
			MUST(init_called <= init_accepted, called_back_twice);
			ndk_object_put()
		   }
		od;
		if
		:: waits	/* its place and its reference are the request's */
		:: else -> atomic { ndk_object_put() }
		fi
	od
}

/* Inside an atomic step. */
inline ndk_request_again() { waiting++; request_queued = true }

/* Accepting what is posted; sq.lock is held. */

/* Inside an atomic step. */
inline ndk_mr_accept(state)
{
	touch();
	refs++;
	pending++;
	slot[head].given = false;
	slot[head].kept = true;
	slot[head].f = frmr;
	slot[head].before = mr_state;
	mr_state = state;
	head++
}

inline ndk_mr_accept_register(status)
{
	atomic {
		touch();
		if
		:: MAY_REGISTER ->
			MUST(frmr != NONE, fetched_nothing);
			slot[head].type = REG;
			slot[head].own = sg_used;	/* ndk_mr_sg() */
			if
			:: !sg_used -> sg_used = true; sg_holds = head
			:: else
			fi;
			ndk_mr_accept(NDK_MR_REGISTERING);
			status = OK
		:: else -> status = FAULT
		fi
	}
}

inline ndk_mr_accept_invalidate(status)
{
	atomic {
		touch();
		if
		:: mr_state == NDK_MR_VALID || mr_state == NDK_MR_REGISTERING ->
			MUST(frmr != NONE, fetched_nothing);
			slot[head].type = INV;
			inv_pending++;
			ndk_mr_accept(NDK_MR_INVALIDATING);
			status = OK
		:: else -> status = FAULT
		fi
	}
}

/* Inside an atomic step. */
inline ndk_mr_release_sg(s)
{
	if
	:: !slot[s].own -> sg_used = false; sg_holds = 0
	:: else
	fi
}

inline ndk_mr_give(s, ret)
{
	atomic {
		touch();
		MUST(frmr != NONE && frmr == slot[s].f, fetched_nothing);
		if
		:: slot[s].type == INV ->
			inv_posted++;
			fr[frmr].invs++;
			slot[s].given = true;
			ret = OK
		:: slot[s].type == REG && MUST_WAIT ->
			ret = EAGAIN
		:: slot[s].type == REG && !(MUST_WAIT) && MUST_SWEEP ->
			inv_posted++;
			fr[frmr].invs++;
			sweeping = true;
			ret = EUCLEAN
		:: slot[s].type == REG && !(MUST_WAIT) && !MUST_SWEEP ->
			MUST(fr[frmr].invs == 0, registered_over_invalidate);
			MUST((!fr[frmr].valid || BELIEVED(frmr)) && fr[frmr].regs == 0,
			     new_pages_under_old_registration);
			if
			:: ret = OK
			:: faults > 0 -> faults--; ret = FAULT
			fi;
			if
			:: ret == OK ->
				MUST(slot[s].own || sg_holds == s, pages_mixed_up);
				fr[frmr].pages = s;
				fr[frmr].dirty = true;
				fr[frmr].regs++;
				reg_posted++;
				live = true;
				doubted = false;
				swept = false;
				slot[s].given = true;
				ndk_mr_release_sg(s)
			:: else
			fi
		fi;
		if
		:: ret == OK -> posted++
		:: else
		fi
	}
}

/* Inside an atomic step. */
inline ndk_mr_swept(ok)
{
	touch();
	sweeping = false;
	swept = ok;
	inv_posted--
}

/* Inside an atomic step. */
inline ndk_mr_settle(s)
{
	MUST(slot[s].kept && pending > 0, settled_twice);
	slot[s].kept = false;
	pending--;
	if
	:: slot[s].type == INV ->
		inv_pending--;
		if
		:: slot[s].given -> inv_posted--
		:: else
		fi;
		if
		:: inv_pending == 0 -> crossed = false
		:: else
		fi
	:: slot[s].type == REG && slot[s].given -> reg_posted--
	:: slot[s].type == REG && !slot[s].given ->
		if
		:: s == posted - 1 && sweeping -> sweeping = false; inv_posted--
		:: else
		fi;
		if
		:: s == posted - 1 -> swept = false
		:: else
		fi;
		ndk_mr_release_sg(s)
	fi
}

/* Inside an atomic step. */
inline ndk_mr_peer_invalidated()
{
	if
	:: mr_state == NDK_MR_STALE && pending > 0
#ifndef PLANT_PEER_INITIALISES
	:: mr_state == NDK_MR_INITIALISING
#endif
#ifdef PLANT_PEER_STALE
	:: mr_state == NDK_MR_REGISTERING -> mr_state = NDK_MR_STALE
	:: mr_state != NDK_MR_REGISTERING && mr_state != NDK_MR_INITIALISING &&
	   !(mr_state == NDK_MR_STALE && pending > 0) ->
		mr_state = NDK_MR_INVALID
#else
	:: else -> mr_state = NDK_MR_INVALID
#endif
	fi
}

inline ndk_mr_retract(s)
{
	atomic {
		touch();
		err = slot[s].type == INV && CROSSED;
		if
		:: slot[s].type == REG && slot[s].given -> live = false
		:: else
		fi;
		ndk_mr_settle(s);
		mr_state = slot[s].before;
		if
		:: err -> ndk_mr_peer_invalidated()
		:: else
		fi;
		consistent();
		ndk_object_put()
	}
}

/* Inside an atomic step. */
inline ndk_mr_succeeded(s)
{
	if
	:: slot[s].type == INV ->
		unheard = INVALIDATES_ALL && (unheard || live);
		doubted = false;
		live = false
	:: else
	fi;
	if
	:: pending == 0 && mr_state == NDK_MR_REGISTERING ->
		mr_state = NDK_MR_VALID
	:: pending == 0 && mr_state == NDK_MR_INVALIDATING ->
		mr_state = NDK_MR_INVALID;
		MUST(frmr != NONE, fetched_nothing);
		fr[frmr].dirty = false
	:: else
	fi
}

/* Inside an atomic step. */
inline ndk_mr_failed()
{
	failed = true;
	mr_state = AFTER_FAILURE;
	if
	:: frmr != NONE -> fr[frmr].dirty = true
	:: else
	fi
}

inline ndk_mr_completed(s, ok)
{
	atomic {
		touch();
		ndk_mr_settle(s);
		if
		:: !ok && slot[s].type == REG && slot[s].given && !live
			/* ndk_mr_peer_ended() */
		:: !ok && !(slot[s].type == REG && slot[s].given && !live) ->
			ndk_mr_failed()
		:: ok ->
			ndk_mr_succeeded(s)
		fi;
		if
		:: pending == 0 && init_waits -> init_waits = false; ndk_request_again()
		:: else
		fi;
		consistent();
#ifdef PLANT_PUT_BEFORE_COMPLETION
		ndk_object_put()
#endif
	}
}

/* Nobody looks at it any more. */
inline forget(s)
{
	slot[s].type = 0;
	slot[s].given = false;
	slot[s].own = false;
	slot[s].f = 0;
	slot[s].before = 0
}

/*
 * The queue; sq.lock is held. What only it guards is not a step of its own, but
 * goes with the one before or after it that others can see.
 */

inline ndk_sq_retire(ok)
{
	ndk_mr_completed(tail, ok);
	atomic {	/* ndk_cq_add(): the consumer can see it */
		MUST(!told, completed_after_close);
		forget(tail);
		tail++;
#ifndef PLANT_PUT_BEFORE_COMPLETION
		ndk_object_put()
#endif
	}
}

inline ndk_sq_post(err)
{
	atomic { err = qp_error; from = posted; ret = OK }
	if
	:: err -> err = false
	:: else ->
		do
		:: posted != head && !broken ->
			ndk_mr_give(posted, ret)	/* and posted++ */
			if
			:: ret != OK -> break
			:: else
			fi
		:: else -> break
		od;
		atomic {	/* ib_post_send() */
			held = ret == EAGAIN || ret == EUCLEAN;
			err = ret == FAULT;
			if
			:: from == posted && ret != EUCLEAN
			:: from != posted || ret == EUCLEAN ->
				bad = posted;
				if
				:: skip
				:: faults > 0 ->
					faults--;
					err = true;
					if
					:: bad = from
					:: from != posted -> bad = posted - 1
					:: ret == EUCLEAN -> bad = posted
					fi
				fi;
				if
				:: ret == EUCLEAN && !err ->	/* ndk_sq_sweep() */
					dev_sweep = true;
					fr[slot[posted].f].in_flight++
				:: ret == EUCLEAN && err ->	/* it is the last */
					fr[slot[posted].f].invs--;
					ndk_mr_swept(false)
				:: else
				fi;
				do
				:: dev_posted < bad ->
					fr[slot[dev_posted].f].in_flight++;
					dev_posted++
				:: else -> break
				od;
				do	/* what the device did not take */
				:: posted > bad ->
					posted--;
					if
					:: slot[posted].type == INV ->
						fr[slot[posted].f].invs--
					:: else ->
						fr[slot[posted].f].regs--
					fi
				:: else -> break
				od
			fi;
			from = 0;
			bad = 0;
			ret = 0
		}
	fi
}

inline ndk_qp_stop()
{
	qp_error = true;
	atomic {
		if
		:: !error_queued -> error_queued = true; error_work = true
		:: else
		fi
	}
}

inline ndk_sq_break() { broken = true; ndk_qp_stop() }

inline ndk_sq_push()
{
	sq_lock();
	ndk_sq_post(err);
	if
	:: err -> ndk_sq_break()
	:: else
	fi;
	sq_unlock()
}

/* Admit, fill, accept, push. */
inline ndk_sq_request(type, defer)
{
	atomic { sq_lock(); status = OK; err = qp_error || broken }	/* ndk_sq_admit() */
	if
	:: err -> status = FAULT
	:: !err && type == REG -> ndk_mr_accept_register(status)
	:: !err && type == INV -> ndk_mr_accept_invalidate(status)
	fi;
	/* ndk_sq_commit(); @head is one further when the request is accepted */
	err = false;
	if
	:: status != OK || !defer -> ndk_sq_post(err)
	:: else
	fi;
	if
	:: !err
	:: err && (status != OK || posted != head - 1) ->
		ndk_sq_break()
	:: err && status == OK && posted == head - 1 ->
		ndk_mr_retract(head - 1);
		atomic { head--; forget(head) }
	fi;
	atomic { sq_unlock(); status = 0; err = false; defer = false }
}

inline ndk_sq_end()
{
	sq_lock();
	do
	:: tail != posted -> ndk_sq_retire(false)
	:: tail == posted && tail != head ->
		posted++;
		ndk_sq_retire(false)
	:: tail == posted && tail == head -> break
	od;
	sq_unlock()
}

active proctype ndk_qp_error_work()
{
end:	error_work;
	/* ndk_qp_quiesce() */
	qp_error = true;
	!sq_locked;
	/* ib_drain_qp() */
	dev_error = true;
	dev_next == dev_posted && !dev_sweep && empty(send_cq) && empty(recv_cq) && handling == 0;
	ndk_sq_end()
}

/* The consumer's posts, which it serialises. It may flush at any time. */
active proctype poster()
{
	byte tries, from, bad;
	mtype status, ret;
	bool err, defer;

	do
	:: tries < POSTS && ITS_TURN && (MAY_REGISTER) ->
		tries++;
		if :: MAY_DEFER -> defer = true :: defer = false fi;
		ndk_sq_request(REG, defer)
	:: tries < POSTS && ITS_TURN && (mr_state == NDK_MR_VALID ||
					 mr_state == NDK_MR_REGISTERING) ->
		tries++;
		if :: MAY_DEFER -> defer = true :: defer = false fi;
		ndk_sq_request(INV, defer)
	:: break
	od;
	if
	:: ndk_qp_stop()	/* ndk_flush(), ndk_qp_cancel() */
	:: ndk_sq_push()	/* and nothing that was accepted is stuck */
	fi;
	atomic {
		posts_over = true;
		err = false;
		status = 0;
		ret = 0
	}
	told;
	ndk_qp_stop()
}

/* Another thread of it: initialises, and closes when no call is under way. */
active proctype initialiser()
{
	byte tries, f = NONE, old = NONE;
	bool queue, accepted;

	do
	:: tries < INITS && mr_state != NDK_MR_REGISTERING &&
	   mr_state != NDK_MR_VALID && mr_state != NDK_MR_INVALIDATING ->
		tries++;
		ndk_initialize_fast_register_mr()
	:: tries > 0 -> break
	od;
	posts_over;
	/* ndk_object_close() */
	closing = true;
	atomic { touch(); ndk_object_put() }
}

active proctype ndk_object_destroy()
{
	byte old = NONE;

	destroy_queued;
	ndk_mr_take_frmr(old);		/* ndk_mr_release_hw() */
	ndk_mr_drop_frmr(old);
	atomic {
		MUST(refs == 0, use_after_free);
		MUST(init_called == init_accepted, never_called_back);
		MUST(tail == head, completed_after_close);
		MUST(pending == 0 && inv_pending == 0 && inv_posted == 0 &&
		     reg_posted == 0, settled_twice);
		MUST(!fr[0].valid && !fr[1].valid, reachable_after_close);
		told = true
	}
}

/* A peer that sets out to end the registration does not know that we have. */
inline ended_by_us()
{
#ifdef LENIENT
	fr[f].ours++
#else
	skip
#endif
}

/*
 * The device works in order, may fail a request, flushes in error, and is told
 * by the peer to invalidate what is there or what is not.
 */
active proctype device()
{
	byte f;
	bool ok;

end:	do
	:: atomic { dev_next < dev_posted ->
		f = slot[dev_next].f;
		fr[f].in_flight--;
		ok = !dev_error;
		if
		:: slot[dev_next].type == INV -> fr[f].invs--
		:: else -> fr[f].regs--
		fi;
		if
		:: ok
		:: ok && faults > 0 -> faults--; ok = false
		:: !ok
		fi;
		if
		:: ok && slot[dev_next].type == INV && fr[f].valid ->
			fr[f].valid = false;
			ended_by_us()
		:: ok && slot[dev_next].type == INV && !fr[f].valid ->
			if		/* devices differ */
#ifdef LENIENT
			:: skip
#else
#ifdef TWO_CQS
			/* The peer's may be reported later, and is believed. */
			:: fr[f].lied = true
#else
			:: skip
#endif
			:: ok = false
#endif
			fi
		:: ok && slot[dev_next].type == REG && !fr[f].valid ->
			MUST(fr[f].pages == dev_next, pages_mixed_up);
			fr[f].valid = true
		:: ok && slot[dev_next].type == REG && fr[f].valid ->
			ok = false
		:: !ok
		fi;
		if
		:: !ok -> dev_error = true
		:: else
		fi;
		send_cq ! SENT, dev_next, ok;
		dev_next++;
		f = 0;
		ok = false
	   }
	:: atomic { dev_sweep && dev_next == dev_posted ->
		dev_sweep = false;
		f = slot[posted].f;
		fr[f].in_flight--;
		fr[f].invs--;
		ok = !dev_error;
		if
		:: ok && fr[f].valid ->
			fr[f].valid = false;
			ended_by_us()
		:: ok && !fr[f].valid
		:: ok && faults > 0 -> faults--; ok = false; dev_error = true
		:: !ok
		fi;
		send_cq ! SWEPT, 0, ok;
		f = 0;
		ok = false
	   }
	:: atomic { peer_left > 0 && !dev_error && !told && (KNOWN(0) || KNOWN(1)) ->
		if
		:: KNOWN(0) -> f = 0
		:: KNOWN(1) -> f = 1
		fi;
		peer_left--;
		if
		:: fr[f].valid -> fr[f].valid = false; ok = true
#ifdef LENIENT
		:: !fr[f].valid && fr[f].ours > 0 -> fr[f].ours--; ok = true
		:: !fr[f].valid && fr[f].ours == 0 -> ok = true; fr[f].lied = true
#else
		:: !fr[f].valid -> ok = true; fr[f].lied = true	/* devices differ */
		:: !fr[f].valid -> ok = false
#endif
		fi;
		if
		:: ok -> notices++; recv_cq ! RECEIVED, fr[f].key + f, true
		:: else -> dev_error = true; qp_error = true;	/* ndk_qp_event() */
			if
			:: !error_queued -> error_queued = true; error_work = true
			:: else
			fi
		fi;
		f = 0;
		ok = false
	   }
	od
}

inline ndk_sq_done(s, ok)
{
	sq_lock();
	if
	:: tail != posted ->
		MUST(tail == s, completed_twice);
		ndk_sq_retire(ok)
	:: else		/* ended by ndk_sq_end() */
	fi;
#ifdef PLANT_ERROR_LATE
	if
	:: ok || !ok -> sq_unlock(); sq_lock()
	fi;
#endif
	if
	:: !ok -> ndk_qp_stop()		/* ndk_qp_error() */
	:: ok && LET_GO ->
		ndk_sq_post(err);
		if
		:: err -> ndk_sq_break()
		:: else
		fi
	:: else
	fi;
	sq_unlock()
}

inline ndk_sq_swept(ok)
{
	sq_lock();
	if
	:: posted != head && sweeping ->
		atomic { ndk_mr_swept(ok) }
		if
		:: !ok -> ndk_qp_stop()		/* ndk_qp_request_failed() */
		:: else ->
			ndk_sq_post(err);
			if
			:: err -> ndk_sq_break()
			:: else
			fi
		fi
	:: else		/* ended by ndk_sq_end() */
	fi;
	sq_unlock()
}

/* ndk_mr_find() and what it leads to, as two steps and a third. */
inline ndk_mr_remote_invalidate(k)
{
	atomic {
		found = frmr != NONE && fr[frmr].key + frmr == k && refs > 0;
		if
		:: found -> refs++
		:: else
		fi
	}
	legal = false;
	if
	:: found ->
		atomic {
			touch();
			if
			:: frmr == NONE || fr[frmr].key + frmr != k
			:: else ->
				legal = live || doubted;
				if
				:: live ->
					live = false;
					doubted = INVALIDATES_ALL && unheard;
					if
					:: inv_pending > 0 -> crossed = true
					:: else -> ndk_mr_peer_invalidated()
					fi
#ifdef PLANT_DOUBT_ENDS
				:: !live && doubted -> doubted = false
#endif
				:: else
				fi
			fi;
			notices--;
			consistent();
			ndk_object_put()
		}
	:: else -> notices--
	fi
}

inline ndk_recv_done(k)
{
	ndk_mr_remote_invalidate(k);
	if
	:: !legal -> ndk_qp_stop()	/* ndk_qp_error() */
	:: else
	fi
}

/* The softirq of a CQ; one CQ for both directions, or two. */
proctype completions(chan cq)
{
	byte arg, from, bad;
	mtype ret;
	bool ok, err, found, legal;

end:	do
	:: atomic { cq ? SENT, arg, ok -> handling++ }
		ndk_sq_done(arg, ok);
		atomic { handling--; arg = 0; ok = false; err = false; from = 0; bad = 0; ret = 0 }
#ifdef LENIENT
	:: atomic { cq ? SWEPT, arg, ok -> handling++ }
		ndk_sq_swept(ok);
		atomic { handling--; arg = 0; ok = false; err = false; from = 0; bad = 0; ret = 0 }
#endif
	:: atomic { cq ? RECEIVED, arg, ok -> handling++ }
		ndk_recv_done(arg);
		atomic { handling--; arg = 0; ok = false; found = false; legal = false }
	od
}

init
{
	atomic {
		fr[0].where = READY;
		fr[1].where = ABSENT;
		run completions(send_cq);
#ifdef TWO_CQS
		run completions(recv_cq)
#endif
	}
	told
}

ltl every_close_ends { <> told }
