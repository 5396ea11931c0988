/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of objects: an adapter, a PD on it, an MR on that PD, two requests
 * for one change of the MR's state, closes in any order, and the removal of the
 * device at any time or never. See Documentation/model.rst.
 *
 * A name that begins with ndk_ is the function of kmod/ndk that it stands for.
 * What the code does under a lock, and an atomic operation, is one step here.
 */

/* pan reports a violation as "assertion violated !(property)". */
#define MUST(condition, property)	property = !(condition); assert(!property)

bool use_after_free, dropped_twice, closed_twice, two_releases;
bool released_after_removal, antecedent_released_first, antecedent_told_first;
bool two_owners, called_back_twice, called_back_after_close, never_called_back;
bool left_behind, called_back_together;

#define ADAPTER	0
#define PD	1
#define MR	2
#define OBJECTS	3
#define antecedent(o)	(o - 1)

#define REQUESTS 2

/* struct ndk_object */
byte refs[OBJECTS];
bool closing[OBJECTS];		/* and there is a close callback */
bool linked[OBJECTS];		/* in the device's list */
bool hw[OBJECTS];		/* there is something of ib_core behind it */
bool create_queued, destroy_queued[OBJECTS], request_queued;
bool serving;
chan requests = [REQUESTS] of { bit };
#ifdef USER
bool user_queued;
bit user_request;
#endif

/* struct ndk_mr, normal */
mtype = { NDK_MR_CREATED, NDK_MR_REGISTERING, NDK_MR_VALID, NDK_MR_DEREGISTERING };
mtype mr_state = NDK_MR_CREATED;
bool hashed;			/* in the PD's table of keys */

/* struct ndk_device: SRCU in two halves, as it is */
bool gone, released;
bit half;
byte readers[2];
byte device_refs = 2;		/* presence, the open adapter */

/* What only the properties look at. */
bool freed[OBJECTS], made[OBJECTS], releasing[OBJECTS], told[OBJECTS];
bool in_close[OBJECTS];
bool accepted[REQUESTS];
byte called[REQUESTS];
byte owners, open_callbacks, open_requests;
bool ib_gone, idle, ended;

/* The consumer's progress. */
bool pd_failed, ready, over;
byte asked;

inline touch(o) { MUST(!freed[o], use_after_free) }

inline ndk_object_get(o)
{
	atomic { touch(o); MUST(refs[o] > 0, use_after_free); refs[o]++ }
}

inline ndk_object_put(o)
{
	atomic {	/* refcount_dec_and_test() */
		touch(o);
		MUST(refs[o] > 0, dropped_twice);
		refs[o]--;
		last = refs[o] == 0
	}
	if
	:: last ->
		atomic {
			touch(o);
			if
			:: o == ADAPTER -> idle = true	/* ndk_adapter_idle() */
			:: else -> destroy_queued[o] = true
			fi;
			last = false
		}
	:: else
	fi
}

/* srcu_read_lock(), then the look at @gone with what follows from it. */
inline ndk_device_enter(in, idx)
{
	atomic { MUST(device_refs > 0, use_after_free); idx = half; readers[idx]++ }
	atomic { in = !gone; if :: !in -> readers[idx]-- :: else fi }
}

inline ndk_device_leave(idx)
{
	atomic { MUST(device_refs > 0, use_after_free); readers[idx]-- }
}

inline ndk_device_put()
{
	atomic { MUST(device_refs > 0, dropped_twice); device_refs-- }
}

inline ndk_device_link(o)
{
	atomic { touch(o); MUST(!ib_gone, released_after_removal); linked[o] = true }
}

/* ndk_mr_release_hw(), ndk_pd_release_hw(): take away, then destroy. */
inline release_hw(o)
{
	atomic {
		touch(o);
		MUST(!releasing[o], two_releases);
		MUST(!ib_gone, released_after_removal);
		releasing[o] = true;
		if
		:: o == MR ->
#ifndef PLANT_TOKEN_LEFT
			hashed = false
#endif
			skip
		:: else ->
			MUST(o != PD || !hw[MR], antecedent_released_first)
		fi
	}
	atomic {
		MUST(!ib_gone, released_after_removal);
		hw[o] = false;
		releasing[o] = false
	}
}

inline ndk_device_unlink(o)
{
	atomic { touch(o); MUST(device_refs > 0, use_after_free); linked[o] = false }
}

inline ndk_device_release(o)
{
	ndk_device_enter(in, idx);
	if
	:: in ->
		release_hw(o);
		ndk_device_unlink(o);
		ndk_device_leave(idx)
	:: else ->
		released;		/* wait_for_completion() */
		ndk_device_unlink(o)
	fi
}

inline put_antecedent(o) { ndk_object_put(antecedent(o)) }

proctype ndk_object_destroy(byte o)
{
	bool last, in;
	bit idx;

end:	destroy_queued[o];
	ndk_device_release(o);
	if
	:: closing[o] ->
#ifdef PLANT_ANTECEDENT_FIRST
		if
		:: o == MR -> put_antecedent(o)
		:: else
		fi;
#endif
		atomic {	/* the consumer is in the close callback */
			MUST(!told[o], closed_twice);
			MUST(o != PD || !made[MR] || told[MR], antecedent_told_first);
			in_close[o] = true
		}
		atomic { touch(o); in_close[o] = false; told[o] = true }
	:: else		/* ndk_object_discard(): the consumer never had it */
	fi;
	atomic { touch(o); freed[o] = true }	/* ops->free() */
#ifdef PLANT_ANTECEDENT_FIRST
	if
	:: closing[o] && o == MR
	:: else -> put_antecedent(o)
	fi
#else
	put_antecedent(o)
#endif
}

/* The PD's creation, in the worker. */
active proctype ndk_object_create_work()
{
	bool last, in, ok;
	bit idx;

	create_queued;
	ndk_device_enter(in, idx);
	if
	:: in ->
		ndk_device_link(PD);
		atomic {	/* ndk_pd_create_hw(), which may fail half way */
			touch(PD);
			MUST(!ib_gone, released_after_removal);
			hw[PD] = true;
			if :: ok = true :: ok = false fi
		}
		ndk_device_leave(idx)
	:: else
	fi;
	if
	:: !ok ->
		pd_failed = true;	/* the create callback */
		ndk_object_put(PD)	/* ndk_object_discard() */
	:: else ->
		ndk_object_get(PD);
#ifdef PLANT_PUT_BEFORE_CALLBACK
		ndk_object_put(PD);
#endif
		atomic {	/* the create callback begins: the PD may be closed */
			made[PD] = true;
			open_callbacks++
		}
		atomic {	/* and returns */
			MUST(!told[PD] && !in_close[PD], called_back_after_close);
			open_callbacks--
		}
#ifndef PLANT_PUT_BEFORE_CALLBACK
		ndk_object_put(PD)
#endif
	fi
}

inline ndk_object_close(o)
{
	atomic { touch(o); closing[o] = true }
	ndk_object_put(o)
}

/* Inline: there is no hardware to make. */
inline ndk_object_publish(o)
{
	ndk_device_enter(in, idx);
	if
	:: in ->
		ndk_device_link(o);
		ndk_device_leave(idx);
		made[o] = true
	:: else ->
		ndk_object_put(o)	/* ndk_object_discard() */
	fi
}

inline ndk_request_submit(r)
{
	ndk_object_get(MR);
	atomic {
		touch(MR);
		requests ! r;
		if
		:: !serving ->
			serving = true;
			MUST(refs[MR] > 0, use_after_free);
			refs[MR]++;
			request_queued = true
		:: else
		fi
	}
}

inline ndk_mr_begin(r, from, to)
{
#ifdef PLANT_TWO_OWNERS
	atomic { touch(MR); mine = mr_state == from }
#else
	atomic {
		touch(MR);
		mine = mr_state == from;
#endif
		if
		:: mine ->
			atomic {
				mr_state = to;
				owners++;
				MUST(owners == 1, two_owners);
				accepted[r] = true
			}
		:: else
		fi
#ifndef PLANT_TWO_OWNERS
	}
#endif
	if
	:: mine -> ndk_request_submit(r)
	:: else		/* refused */
	fi
}

inline ndk_mr_set_state(to)
{
	atomic { touch(MR); mr_state = to; owners-- }
}

/* ndk_register_mr() or ndk_deregister_mr(), from two threads at a time. */
inline ask(r)
{
	if
	:: ndk_mr_begin(r, NDK_MR_CREATED, NDK_MR_REGISTERING)
	:: ndk_mr_begin(r, NDK_MR_VALID, NDK_MR_DEREGISTERING)
	fi
}

/* Makes all objects, asks for something, closes the MR, here or elsewhere. */
active proctype consumer()
{
	bool last, in, mine;
	bit idx;

	atomic { refs[ADAPTER] = 1 }
	ndk_object_get(ADAPTER);	/* ndk_object_add_antecedent() */
	atomic { refs[PD] = 1; create_queued = true }	/* ndk_object_create() */
	if
	:: pd_failed -> skip
	:: made[PD] ->
		ndk_object_get(PD);
		refs[MR] = 1;
		ndk_object_publish(MR);
		ready = true;
		if
		:: made[MR] ->
			ask(0);
			asked++;
			asked == 2;	/* nobody is inside a call on the MR */
			ndk_object_close(MR)
		:: else
		fi
	fi
}

/* Another thread of the same consumer; it closes the PD before or after. */
active proctype consumer_too()
{
	bool last, mine;

	if
	:: pd_failed
	:: ready ->
		if
		:: made[MR] -> ask(1); asked++
		:: else
		fi;
		ndk_object_close(PD)
	fi
}

active proctype ndk_close_adapter()
{
	bool last;

	pd_failed || ready;
	ndk_object_put(ADAPTER);
	idle;			/* wait_for_completion() */
	/* From here on the consumer may be unloaded. */
	atomic {
		MUST(!made[PD] || told[PD], antecedent_told_first);
		MUST(!made[MR] || told[MR], antecedent_told_first);
		MUST(open_callbacks == 0, called_back_after_close);
		MUST(!accepted[0] || called[0] == 1, never_called_back);
		MUST(!accepted[1] || called[1] == 1, never_called_back);
		MUST(freed[PD], left_behind);
		MUST(!linked[PD] && !linked[MR] && !hw[PD] && !hw[MR], left_behind)
	}
	ndk_device_put();
	atomic { freed[ADAPTER] = true; ended = true }
}

inline ndk_request_complete(r)
{
#ifdef PLANT_PUT_BEFORE_CALLBACK
	ndk_object_put(MR);
#endif
	atomic {	/* the consumer is in the callback */
		MUST(!told[MR] && !in_close[MR], called_back_after_close);
		MUST(called[r] == 0, called_back_twice);
		MUST(open_requests == 0, called_back_together);
		called[r]++;
		open_requests++;
		open_callbacks++
	}
	atomic {
		MUST(!told[MR] && !in_close[MR], called_back_after_close);
		open_requests--;
		open_callbacks--
	}
#ifndef PLANT_PUT_BEFORE_CALLBACK
	ndk_object_put(MR)
#endif
}

/* Takes the next request; @none left says so while nobody can add one. */
inline ndk_request_next(r, none, cancelled)
{
#ifdef PLANT_LOST_REQUEST
	atomic { touch(MR); none = empty(requests); cancelled = closing[MR] }
	atomic { touch(MR); if :: none -> serving = false :: else -> requests ? r fi }
#else
	atomic {
		touch(MR);
		none = empty(requests);
		if
		:: none -> serving = false
		:: else -> requests ? r
		fi;
		cancelled = closing[MR]
	}
#endif
}

#ifdef USER
/*
 * What the driver registers is done elsewhere. The worker's place, and its
 * reference, are the request's meanwhile.
 */
inline ndk_request_finish(r)
{
	ndk_request_complete(r);
#ifndef PLANT_SERVED_TOGETHER
	atomic { touch(MR); request_queued = true }
#endif
}

inline ndk_mr_user_submit(r) { atomic { user_queued = true; user_request = r } }

active proctype ndk_mr_user_work()
{
	bool last, in, ok;
	bit idx, r;

end:	do
	:: atomic { user_queued -> user_queued = false; r = user_request; ok = false }
		ndk_device_enter(in, idx);	/* ndk_mr_let_driver() */
		if
		:: in ->
			if
			:: atomic {
				touch(MR);
				MUST(!ib_gone, released_after_removal);
				hw[MR] = true;
				ok = true
			   }
			:: skip
			fi;
			ndk_device_leave(idx)
		:: else
		fi;
		atomic {
			touch(MR);
			if
			:: ok && hw[MR] -> hashed = true; mr_state = NDK_MR_VALID
			:: else -> mr_state = NDK_MR_CREATED	/* or removed */
			fi;
			owners--
		}
		ndk_request_finish(r)
	od
}
#endif

/* ndk_mr_register_pages(); may fail. */
inline ndk_mr_register_run()
{
	ndk_device_enter(in, idx);
	if
	:: in ->
		if
		:: atomic {
			MUST(!ib_gone, released_after_removal);
			hw[MR] = true;
			hashed = true
		   }
		   ndk_mr_set_state(NDK_MR_VALID)
		:: ndk_mr_set_state(NDK_MR_CREATED)
		fi;
		ndk_device_leave(idx)
	:: else -> ndk_mr_set_state(NDK_MR_CREATED)
	fi
}

inline ndk_mr_deregister_run()
{
	ndk_device_enter(in, idx);
	if
	:: in ->
		release_hw(MR);		/* ndk_mr_release_normal() */
		ndk_device_leave(idx)
	:: else -> released
	fi;
	ndk_mr_set_state(NDK_MR_CREATED)
}

active proctype ndk_request_work()
{
	bool last, in, none, cancelled;
	bit idx, r;

end:	do
	:: atomic { request_queued -> request_queued = false }
		do
		:: ndk_request_next(r, none, cancelled);
			if
			:: none -> break
			:: !none && cancelled -> owners--	/* stays as it is */
			:: !none && !cancelled && mr_state == NDK_MR_REGISTERING ->
#ifdef USER
				ndk_mr_user_submit(r);
#ifdef PLANT_SERVED_TOGETHER
				goto next
#elif defined(PLANT_PLACE_NOT_KEPT)
				break
#else
				goto away
#endif
#else
				ndk_mr_register_run()
#endif
			:: !none && !cancelled && mr_state == NDK_MR_DEREGISTERING ->
				ndk_mr_deregister_run()
			fi;
#ifdef PLANT_CALLBACK_TWICE
			if
			:: cancelled -> ndk_object_get(MR); ndk_request_complete(r)
			:: else
			fi;
#endif
			ndk_request_complete(r);
next:			skip
		od;
		ndk_object_put(MR);
away:		skip
	od
}

#ifndef NO_FINDER
/* Whoever has a token and no reference: ndk_mr_remote_invalidate() and others. */
active proctype ndk_mr_find()
{
	bool last, found;

	do
	:: atomic { hashed ->
		touch(MR);
		if
		:: refs[MR] > 0 -> refs[MR]++; found = true	/* ndk_object_tryget() */
		:: else
		fi;
		break
	   }
	:: over -> break
	od;
	if
	:: found -> ndk_object_put(MR)
	:: else
	fi
}
#endif

/* At any time or never. */
active proctype ndk_client_remove()
{
	bit was;

	if
	:: gone = true
	:: over -> goto out
	fi;
#ifndef PLANT_NO_GRACE
	/* synchronize_srcu() */
	atomic { was = half; half = 1 - half }
	readers[was] == 0;
#endif
	/* ndk_client_teardown() */
	if :: linked[MR] -> release_hw(MR) :: else fi;
	if :: linked[PD] -> release_hw(PD) :: else fi;
	atomic { ib_gone = true; released = true }
	ndk_device_put();
out:	skip
}

init
{
	atomic { run ndk_object_destroy(PD); run ndk_object_destroy(MR) }
	ended;
	over = true
}

/* Under weak fairness: the close of the adapter ends, so all the others have. */
ltl every_close_ends { <> ended }
