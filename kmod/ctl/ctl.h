/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of /dev/ndk that all commands use.
 *
 * Three counts keep an object:
 *
 *  - users: its id, calls in progress on it, and what must end before it can be
 *    closed (children of an adapter; mappings and registrations of memory).
 *    When it drops to zero the close begins.
 *  - ref: the struct. One reference goes when the close has completed; unread
 *    events, pending requests and completions not polled hold others.
 *  - file->live counts objects and requests; the file goes when it is zero.
 *
 * Locks: ndk_ctl_cq.lock, then ndk_ctl_queue.lock, both mutexes; then one of
 * the spinlocks, which do not nest in each other and are taken irqsave because
 * callbacks come from softirq. Under ndk_ctl_mr.lock the provider is asked whether
 * the MR is idle; what it takes for that nests inside.
 */
#ifndef _NDK_CTL_H
#define _NDK_CTL_H

#include <linux/completion.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <ndk/ndk_ioctl.h>
#include <ndk/ndkpi.h>
#include <ndk/provider.h>

struct ndk_ctl_file;
struct ndk_ctl_object;

/* Requests of one file that are pending, or done and not read. */
#define NDK_CTL_MAX_REQUESTS	65536

extern struct workqueue_struct *ndk_ctl_wq;

/**
 * struct ndk_ctl_call - a command being executed
 * @file: on which file
 * @command: enum ndk_command
 * @may_pend: a wait can be interrupted
 * @hdr: the struct given, in kernel memory; the command's own type begins here
 * @held: objects that cannot be closed until the call is over or waits
 * @nheld: entries of @held
 */
struct ndk_ctl_call {
	struct ndk_ctl_file *file;
	u32 command;
	bool may_pend;
	struct ndk_header *hdr;
	struct ndk_ctl_object *held[4];
	unsigned int nheld;
};

/**
 * struct ndk_ctl_event - an event that can be queued without fail
 * @node: in the file's queue, or empty
 * @data: what read() will return
 * @obj: what it happened to, whose struct is referenced while it is queued; only
 *	with ndk_ctl_event_notify()
 * @put: called when it left the queue, without locks
 */
struct ndk_ctl_event {
	struct list_head node;
	struct ndk_event data;
	struct ndk_ctl_object *obj;
	void (*put)(struct ndk_ctl_event *ev);
};

/**
 * struct ndk_ctl_file - an open file
 * @objects: all objects with an id; NULL entries are reserved
 * @next_id: where the search for the next id begins
 * @lock: for all below but @read_lock
 * @events: unread events, in order
 * @live: objects and requests that exist
 * @nobjects: objects that exist
 * @nkind: those of each kind
 * @visible: objects with an id that can be looked up
 * @requests: requests that exist
 * @wait: somebody waits for @events, or for the end
 * @read_lock: one reader at a time
 */
struct ndk_ctl_file {
	struct xarray objects;
	u32 next_id;
	spinlock_t lock; /* see above */
	struct list_head events;
	unsigned int live;
	unsigned int nobjects;
	unsigned int nkind[NDK_KIND_LAM + 1];
	unsigned int visible;
	unsigned int requests;
	wait_queue_head_t wait;
	struct mutex read_lock; /* see above */
};

/**
 * struct ndk_ctl_type - a type of object
 * @kind: enum ndk_object_kind
 * @max: most of them in a file
 * @limit: what a refusal for that reason is about
 * @size: of the struct that begins with struct ndk_ctl_object
 * @created: the object is there, but has not been seen yet; any context, may be
 *	NULL
 * @close: begins the close; ends in ndk_ctl_object_closed()
 * @close_sleeps: @close needs a worker, because the last user may go in softirq
 * @closed: lets go of what the object held; any context, may be NULL
 * @free: before the struct is freed; any context, may be NULL
 */
struct ndk_ctl_type {
	u32 kind;
	u32 max;
	const char *limit;
	size_t size;
	void (*created)(struct ndk_ctl_object *obj);
	void (*close)(struct ndk_ctl_object *obj);
	bool close_sleeps;
	void (*closed)(struct ndk_ctl_object *obj);
	void (*free)(struct ndk_ctl_object *obj);
};

/**
 * struct ndk_ctl_object - what an id names
 * @file: the file it belongs to
 * @type: its type
 * @id: its id
 * @users: keep it from being closed
 * @ref: keep the struct
 * @adapter: the adapter it comes from, which it uses; NULL for adapters and
 *	memory
 * @ndk: the object behind it; NULL for memory and LAM
 * @diag: asks why a request was refused, or NULL
 * @closer: the request that asked for the close, or NULL
 * @work: runs @type->close where that sleeps
 */
struct ndk_ctl_object {
	struct ndk_ctl_file *file;
	const struct ndk_ctl_type *type;
	u32 id;
	refcount_t users;
	struct kref ref;
	struct ndk_ctl_object *adapter;
	NDK_OBJECT_HEADER *ndk;
	const struct ndk_ext_diagnostics *diag;
	struct ndk_ctl_request *closer;
	struct work_struct work;
};

/**
 * struct ndk_ctl_request - a request that may pend
 * @event: its completion, if nobody waits for it
 * @file: the file it was made on
 * @target: the object it is made on, or NULL
 * @created: the object it creates, or NULL; gone once it has failed
 * @created_id: its id
 * @finish: takes note of the final status, before anybody hears of it; any
 *	context, may be NULL
 * @payload: what NDKPI was given pointers to; freed with the request
 * @hold: register: what is held
 * @seq: deregister, initialise: what is let go of
 * @event_data: accept, complete connect: for the disconnect event
 * @done: completed while somebody waits
 * @is_done: has completed; under the file's lock, as the next three
 * @detached: nobody waits, the completion is to be an event
 * @forgotten: nor does anybody want the event
 * @status: the final status
 */
struct ndk_ctl_request {
	struct ndk_ctl_event event;
	struct ndk_ctl_file *file;
	struct ndk_ctl_object *target;
	struct ndk_ctl_object *created;
	u32 created_id;
	void (*finish)(struct ndk_ctl_request *req, NTSTATUS status);
	void *payload;
	struct ndk_ctl_hold *hold;
	u64 seq;
	u64 event_data;
	struct completion done;
	bool is_done;
	bool detached;
	bool forgotten;
	NTSTATUS status;
};

/* main.c */
int ndk_ctl_refuse_for(struct ndk_ctl_call *call, int err, const char *argument,
		       u64 value, u64 limit);

/* A member's name that would be cut does not compile. */
#define ndk_ctl_refuse(call, err, argument, value, limit)		       \
({									       \
	static_assert(sizeof(argument) <= NDK_ARGUMENT_MAX,		       \
		      "longer than NDK_ARGUMENT_MAX");			       \
	ndk_ctl_refuse_for(call, err, argument, value, limit);		       \
})
void ndk_ctl_call_release(struct ndk_ctl_call *call);

/* event.c */
void ndk_ctl_event_init(struct ndk_ctl_event *ev, u32 type,
			void (*put)(struct ndk_ctl_event *ev));
void ndk_ctl_event_notify(struct ndk_ctl_object *obj, struct ndk_ctl_event *ev,
			  NTSTATUS status, u64 count);
void ndk_ctl_event_put(struct ndk_ctl_event *ev);
void ndk_ctl_event_add(struct ndk_ctl_file *file, struct ndk_ctl_event *ev);
ssize_t ndk_ctl_event_read(struct ndk_ctl_file *file, char __user *buf,
			   size_t count, bool nonblock);
void ndk_ctl_event_discard(struct ndk_ctl_file *file);

/* file.c */
bool ndk_ctl_net_is_ours(void);
int ndk_ctl_file_get_object(struct ndk_ctl_file *file,
			    const struct ndk_ctl_type *type);
void ndk_ctl_file_put_object(struct ndk_ctl_file *file,
			     const struct ndk_ctl_type *type);
void ndk_ctl_file_put_live(struct ndk_ctl_file *file);

/* object.c */
struct ndk_ctl_object *ndk_ctl_object_alloc(struct ndk_ctl_file *file,
					    const struct ndk_ctl_type *type,
					    struct ndk_ctl_object *adapter,
					    gfp_t gfp);
struct ndk_ctl_object *ndk_ctl_object_make(struct ndk_ctl_call *call,
					   const struct ndk_ctl_type *type,
					   struct ndk_ctl_object *adapter);
void ndk_ctl_object_publish(struct ndk_ctl_object *obj);
void ndk_ctl_object_abort(struct ndk_ctl_object *obj);
struct ndk_ctl_object *ndk_ctl_object_lookup(struct ndk_ctl_file *file, u32 id,
					     u32 kind);
struct ndk_ctl_object *ndk_ctl_object_get(struct ndk_ctl_call *call,
					  const char *member, u32 id, u32 kind);
void ndk_ctl_object_put(struct ndk_ctl_object *obj);
void ndk_ctl_object_ref(struct ndk_ctl_object *obj);
void ndk_ctl_object_unref(struct ndk_ctl_object *obj);
void ndk_ctl_object_closed(struct ndk_ctl_object *obj);
void ndk_ctl_object_close_done(PVOID context);
void ndk_ctl_object_close_ndk(struct ndk_ctl_object *obj,
			      NDK_FN_CLOSE_OBJECT close);
void ndk_ctl_object_sweep(struct ndk_ctl_file *file);
int ndk_ctl_object_close(struct ndk_ctl_call *call, u32 id, u32 kind);

/* request.c */
struct ndk_ctl_request *ndk_ctl_request_alloc(struct ndk_ctl_call *call,
					      struct ndk_ctl_object *target);
struct ndk_ctl_request *ndk_ctl_request_on(struct ndk_ctl_call *call,
					   const char *member, u32 id,
					   u32 kind);
void ndk_ctl_request_free(struct ndk_ctl_request *req);
void ndk_ctl_request_done(struct ndk_ctl_request *req, NTSTATUS status);
void ndk_ctl_request_completion(PVOID context, NTSTATUS status);
int ndk_ctl_request_settle(struct ndk_ctl_call *call,
			   struct ndk_ctl_request *req, NTSTATUS status);
struct ndk_ctl_request *ndk_ctl_create_begin(struct ndk_ctl_call *call,
					     const struct ndk_ctl_type *type,
					     struct ndk_ctl_object *parent);
void ndk_ctl_create_finish(struct ndk_ctl_request *req, NTSTATUS status);
void ndk_ctl_create_completion(PVOID context, NTSTATUS status,
			       NDK_OBJECT_HEADER *ndk);
int ndk_ctl_create_end(struct ndk_ctl_call *call, struct ndk_ctl_request *req,
		       NTSTATUS status, NDK_OBJECT_HEADER *ndk, u32 *out_id);

/* refusal.c */
void ndk_ctl_refusal_get(struct ndk_ctl_object *obj, NTSTATUS status,
			 struct ndk_refusal_info *info);
int ndk_ctl_answer(struct ndk_ctl_call *call, struct ndk_ctl_object *obj,
		   NTSTATUS status);

/* The commands; each returns 0 or an errno. */
int ndk_ctl_enum_adapters(struct ndk_ctl_call *call);
int ndk_ctl_open_adapter(struct ndk_ctl_call *call);
int ndk_ctl_query_adapter_info(struct ndk_ctl_call *call);
int ndk_ctl_query_object(struct ndk_ctl_call *call);
int ndk_ctl_query_extension(struct ndk_ctl_call *call);
int ndk_ctl_get_refusal(struct ndk_ctl_call *call);
int ndk_ctl_close(struct ndk_ctl_call *call);
int ndk_ctl_create_pd(struct ndk_ctl_call *call);
int ndk_ctl_create_cq(struct ndk_ctl_call *call);
int ndk_ctl_create_qp(struct ndk_ctl_call *call);
int ndk_ctl_create_mr(struct ndk_ctl_call *call);
int ndk_ctl_create_mw(struct ndk_ctl_call *call);
int ndk_ctl_create_srq(struct ndk_ctl_call *call);
int ndk_ctl_create_connector(struct ndk_ctl_call *call);
int ndk_ctl_create_listener(struct ndk_ctl_call *call);
int ndk_ctl_create_shared_endpoint(struct ndk_ctl_call *call);
int ndk_ctl_pin_memory(struct ndk_ctl_call *call);
int ndk_ctl_unpin_memory(struct ndk_ctl_call *call);
int ndk_ctl_copy_memory(struct ndk_ctl_call *call);
int ndk_ctl_build_lam(struct ndk_ctl_call *call);
int ndk_ctl_release_lam(struct ndk_ctl_call *call);
int ndk_ctl_register_mr(struct ndk_ctl_call *call);
int ndk_ctl_deregister_mr(struct ndk_ctl_call *call);
int ndk_ctl_initialize_mr(struct ndk_ctl_call *call);
int ndk_ctl_get_tokens(struct ndk_ctl_call *call);
int ndk_ctl_fast_register(struct ndk_ctl_call *call);
int ndk_ctl_invalidate(struct ndk_ctl_call *call);
int ndk_ctl_post(struct ndk_ctl_call *call);
int ndk_ctl_flush(struct ndk_ctl_call *call);
int ndk_ctl_arm_cq(struct ndk_ctl_call *call);
int ndk_ctl_get_cq_results(struct ndk_ctl_call *call);
int ndk_ctl_resize_cq(struct ndk_ctl_call *call);
int ndk_ctl_moderate_cq(struct ndk_ctl_call *call);
int ndk_ctl_listen(struct ndk_ctl_call *call);
int ndk_ctl_control_connect_events(struct ndk_ctl_call *call);
int ndk_ctl_get_local_address(struct ndk_ctl_call *call);
int ndk_ctl_get_peer_address(struct ndk_ctl_call *call);
int ndk_ctl_connect(struct ndk_ctl_call *call);
int ndk_ctl_complete_connect(struct ndk_ctl_call *call);
int ndk_ctl_accept(struct ndk_ctl_call *call);
int ndk_ctl_reject(struct ndk_ctl_call *call);
int ndk_ctl_get_connection_data(struct ndk_ctl_call *call);
int ndk_ctl_disconnect(struct ndk_ctl_call *call);

#endif /* _NDK_CTL_H */
