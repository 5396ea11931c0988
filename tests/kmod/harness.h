/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests are written with.
 *
 * A test gets an open adapter and simply returns when it is done or when
 * going on makes no sense: the harness closes whatever it left open, checks
 * that every request was answered as the interface promises, and reports.
 */
#ifndef _NDK_SELFTEST_HARNESS_H
#define _NDK_SELFTEST_HARNESS_H

#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <ndk/provider.h>
#include <rdma/ib_verbs.h>

#include "sim/ndk_sim.h"

/* Longer than anything takes in an emulated guest on a busy host. */
#define ST_TIMEOUT		(st_patience() * HZ)

unsigned int st_patience(void);

/* Where a provider function is called. */
enum st_ctx {
	ST_PROCESS,
	ST_BH_OFF,
	ST_LOCKED,
	ST_IRQ_OFF,
	ST_SOFTIRQ,
	ST_CTX_COUNT,
};

struct st_test;

/**
 * struct st_case - a test
 * @name: unique in its suite
 * @run: the test
 * @arg: for tests that one function makes several of
 * @ctx: context that the wrappers call the provider in
 * @bare: the test opens its adapter itself
 * @sim: the test gets a simulated device of its own, which can do this
 */
struct st_case {
	const char *name;
	void (*run)(struct st_test *t);
	unsigned long arg;
	enum st_ctx ctx;
	bool bare;
	const struct ndk_sim_attr *sim;
};

/**
 * struct st_suite - the tests of one file
 * @name: first part of the tests' names
 * @cases: the tests
 * @count: how many
 */
struct st_suite {
	const char *name;
	const struct st_case *cases;
	size_t count;
};

/**
 * struct st_test - a running test
 * @name: full name
 * @arg: from the case
 * @ctx: context for provider calls; the test may change it
 * @adapter: open for the test's time
 * @info: its limits
 * @sim: the test's own simulated device, or NULL
 * @tolerant: any status will do
 * @tolerated: the first that was not success, and did
 * @lock: protects what is recorded
 * @reqs: every asynchronous request of the test
 * @objects: what is to be closed at the end
 * @bufs: memory to be given back after that
 * @mm_users: how many keep the memory of the process, before the test
 * @failures: expectations not met
 * @skipped: the test does not apply here
 * @stuck: something never ended, so nothing may be freed any more
 * @why: first failure, or why skipped
 * @log: all failures, as KTAP diagnostics
 * @log_len: bytes used of @log
 */
struct st_test {
	const char *name;
	unsigned long arg;
	enum st_ctx ctx;
	NDK_ADAPTER *adapter;
	NDK_ADAPTER_INFO info;
	struct ndk_sim *sim;
	bool tolerant;
	NTSTATUS tolerated;
	spinlock_t lock; /* protects the fields from @failures on */
	struct list_head reqs;
	struct list_head objects;
	struct list_head bufs;
	int mm_users;
	unsigned int failures;
	bool skipped;
	bool stuck;
	char why[160];
	char log[1536];
	size_t log_len;
};

/* harness.c */

bool st_check(struct st_test *t, bool ok, const char *file, int line,
	      const char *fmt, ...) __printf(5, 6);
bool st_check_status(struct st_test *t, NTSTATUS got, NTSTATUS want,
		     const char *file, int line, const char *what);
void st_skip(struct st_test *t, const char *why);
void st_note(struct st_test *t, const char *fmt, ...) __printf(2, 3);
void st_allow_log(const char *message);
void st_allow_log_end(void);
const char *st_status_name(NTSTATUS status);
void st_begin(struct st_test *t, const char *name, const struct st_case *c);
void st_end(struct st_test *t);
NTSTATUS st_open(struct st_test *t, NDK_VERSION version);
void st_close_adapter(struct st_test *t);

/* Both say why when they fail, and whether they held. Any context. */
#define ST_EXPECT(t, cond, fmt, ...)					       \
	st_check(t, cond, __FILE__, __LINE__, fmt, ##__VA_ARGS__)
#define ST_STATUS(t, got, want)						       \
	st_check_status(t, got, want, __FILE__, __LINE__, #got)
#define ST_OK(t, got)	ST_STATUS(t, got, STATUS_SUCCESS)

/*
 * One of a device's functions is replaced for a while. All users of the device call
 * the replacement then, so it looks only at what the test is about. And when the
 * device has its own function again, some may be inside of the replacement, or about
 * to call it: what it needs, that function first of all, is not on the test's stack,
 * and stays until a test replaces the same one again.
 */
#define st_replace(ib, op, real, ours)					       \
	do {								       \
		*(real) = (ib)->ops.op;					       \
		/* it is there before it is needed */			       \
		smp_store_release(&(ib)->ops.op, ours);			       \
	} while (0)
#define st_restore(ib, op, real)	WRITE_ONCE((ib)->ops.op, *(real))

/* hook.c */

/**
 * struct st_given - what a device was given
 * @count: so many send requests
 * @opcode: of the last one
 * @flags: of the last one
 * @access: of the last registration; -1: there was none
 * @registered_on: its queue pair
 */
struct st_given {
	unsigned int count;
	enum ib_wr_opcode opcode;
	int flags;
	int access;
	struct ib_qp *registered_on;
};

const struct st_given *st_watch_posts(struct ib_device *ib, struct ib_qp *only);
void st_unwatch_posts(struct ib_device *ib);

/* main.c */

const char *st_device(void);
const char *st_address(bool v6);
const char *st_sim_netdev(void);
unsigned int st_cycles(void);
unsigned int st_sparse(void);
unsigned int st_rounds(void);
unsigned int st_chain_length(void);

/* context.c */

/**
 * struct st_elsewhere - something that is done on another processor
 * @work: does it there
 * @done: it has been done
 * @run: what
 */
struct st_elsewhere {
	struct work_struct work;
	struct completion done;
	void (*run)(struct st_elsewhere *e);
};

const char *st_ctx_name(enum st_ctx ctx);
bool st_ctx_exists(enum st_ctx ctx);
void st_run_in(enum st_ctx ctx, void (*fn)(void *arg), void *arg);
void st_run_both(void (*fn)(void *arg), void *arg0, void *arg1);
bool st_has_two_cpus(struct st_test *t);
void st_elsewhere_start(struct st_elsewhere *e);
void st_elsewhere_wait(struct st_elsewhere *e);

static inline void st_call(struct st_test *t, void (*fn)(void *arg), void *arg)
{
	st_run_in(t->ctx, fn, arg);
}

/* request.c */

/**
 * struct st_req - an asynchronous request: exactly one answer is expected
 * @link: in st_test.reqs, afterwards among the finished ones
 * @what: for messages
 * @done: completed by the callback
 * @calls: times the callback ran
 * @inside: callbacks that have not returned
 * @answer: what the call itself returned
 * @status: what the callback said
 * @object: with creates, what the callback brought
 * @from_irq: the callback ran in hard interrupt context
 * @hook: run inside the callback, before @done
 * @priv: for @hook
 * @owns_priv: @priv is freed with the request
 */
struct st_req {
	struct list_head link;
	const char *what;
	struct completion done;
	atomic_t calls;
	atomic_t inside;
	NTSTATUS answer;
	NTSTATUS status;
	NDK_OBJECT_HEADER *object;
	bool from_irq;
	void (*hook)(struct st_req *req);
	void *priv;
	bool owns_priv;
};

struct st_req *st_req_new(struct st_test *t, const char *what);
NTSTATUS st_req_wait(struct st_test *t, struct st_req *req);
void st_req_check(struct st_test *t, struct st_req *req);
void st_reqs_finish(struct st_test *t);
unsigned int st_reqs_recheck(void);
void st_reqs_free(void);
VOID st_on_create(PVOID ctx, NTSTATUS status, NDK_OBJECT_HEADER *object);
VOID st_on_request(PVOID ctx, NTSTATUS status);
VOID st_on_close(PVOID ctx);

/* object.c */

/**
 * struct st_cq - a completion queue and who waits for it
 * @cq: the object
 * @event: completed by each notification
 * @notified: notifications so far
 * @errors: of them, those of an error
 * @inside: notifications that have not returned
 * @overlap: two notifications ran at once
 * @status: of the last notification
 * @hook: run inside each notification, before @event; set once the queue is there
 * @priv: for @hook
 */
struct st_cq {
	NDK_CQ *cq;
	struct completion event;
	atomic_t notified;
	atomic_t errors;
	atomic_t inside;
	bool overlap;
	NTSTATUS status;
	void (*hook)(struct st_cq *cq);
	void *priv;
};

/**
 * struct st_caps - what a queue pair is created with
 * @recv_depth: receives
 * @send_depth: initiator requests
 * @recv_sge: SGEs of a receive
 * @send_sge: SGEs of an initiator request
 * @inline_size: bytes of inline data
 */
struct st_caps {
	ULONG recv_depth;
	ULONG send_depth;
	ULONG recv_sge;
	ULONG send_sge;
	ULONG inline_size;
};

struct st_caps st_default_caps(const struct st_test *t);
NTSTATUS st_create_pd(struct st_test *t, NDK_PD **pd);
NTSTATUS st_create_cq(struct st_test *t, struct st_cq *cq, ULONG depth);
NTSTATUS st_create_qp(struct st_test *t, NDK_PD *pd, struct st_cq *rcq,
		      struct st_cq *icq, PVOID qp_context,
		      const struct st_caps *caps, NDK_QP **qp);
NTSTATUS st_create_mr(struct st_test *t, NDK_PD *pd, bool fast, NDK_MR **mr);
NTSTATUS st_create_connector(struct st_test *t, NDK_CONNECTOR **connector);
NTSTATUS st_create_listener(struct st_test *t,
			    NDK_FN_CONNECT_EVENT_CALLBACK event, PVOID context,
			    NDK_LISTENER **listener);
void st_track(struct st_test *t, NDK_OBJECT_HEADER *object);
void st_untrack(struct st_test *t, NDK_OBJECT_HEADER *object);
NDK_OBJECT_HEADER *st_tracked_of(struct st_test *t, NDK_OBJECT_TYPE type);
NDK_FN_CLOSE_OBJECT st_close_fn(NDK_OBJECT_HEADER *object);
void st_close_now(NDK_OBJECT_HEADER *object, struct st_req *close);
struct st_req *st_close_start(struct st_test *t, NDK_OBJECT_HEADER *object);
void st_close(struct st_test *t, NDK_OBJECT_HEADER *object);
void st_objects_close_start(struct st_test *t);
void st_objects_close(struct st_test *t);
bool st_removal_seen(struct st_test *t, NDK_PD *pd);

NTSTATUS st_init_start(struct st_test *t, NDK_MR *mr, ULONG pages, bool remote,
		       struct st_req *req);
NTSTATUS st_init(struct st_test *t, NDK_MR *mr, ULONG pages, bool remote);
NTSTATUS st_register(struct st_test *t, NDK_MR *mr, MDL *mdl, SIZE_T length,
		     ULONG flags);
NTSTATUS st_deregister(struct st_test *t, NDK_MR *mr);
UINT32 st_remote_token(struct st_test *t, NDK_MR *mr);
UINT32 st_local_token(struct st_test *t, NDK_MR *mr);

/* query.c */

struct ib_qp *st_ib_qp(struct st_test *t, NDK_QP *qp);
struct ib_mr *st_ib_mr(struct st_test *t, NDK_MR *mr);
bool st_is_idle(NDK_MR *mr);
bool st_refused_for(struct st_test *t, NDK_OBJECT_HEADER *object,
		    const char *argument);
bool st_refused_in_time(struct st_test *t, NDK_OBJECT_HEADER *object,
			const char *argument);

/* memory.c */

/* How a buffer is made and described. */
enum st_how {
	ST_CONTIG,	/* physically contiguous, MmBuildMdlForNonPagedPool() */
	ST_SCATTER,	/* vmalloc memory, MmBuildMdlForNonPagedPool() */
	ST_PAGES,	/* pages without an address, ndk_mdl_set_pages() */
};

/**
 * struct st_buf - memory with a guard page at either end
 * @link: in st_test.bufs
 * @how: how it was made
 * @mem: all of it
 * @model: what all of it should contain
 * @size: bytes at @mem and @model
 * @start: where the buffer starts in them
 * @len: bytes of the buffer
 * @pages: every page of @mem
 * @mdl: describes the buffer, not the guards
 * @label: the MDL's virtual address
 * @lam: from NdkBuildLAM, or NULL
 * @fbo: from NdkBuildLAM
 */
struct st_buf {
	struct list_head link;
	enum st_how how;
	u8 *mem;
	u8 *model;
	size_t size;
	size_t start;
	size_t len;
	struct page **pages;
	MDL *mdl;
	u64 label;
	NDK_LOGICAL_ADDRESS_MAPPING *lam;
	ULONG fbo;
};

struct st_buf *st_buf_new(struct st_test *t, enum st_how how, size_t offset,
			  size_t len);
void st_buf_refill(struct st_buf *buf);
void st_buf_expect(struct st_buf *buf, size_t at, const u8 *data, size_t len);
size_t st_buf_count(struct st_buf *buf, u8 byte);
bool st_buf_check_at(struct st_test *t, struct st_buf *buf, const char *file,
		     int line);
NTSTATUS st_build_lam(struct st_test *t, struct st_buf *buf);
void st_release_lam(struct st_test *t, struct st_buf *buf);
void st_bufs_free(struct st_test *t);

/* Every byte, guards included, is what it should be. */
#define ST_BUF(t, buf)	st_buf_check_at(t, buf, __FILE__, __LINE__)

static inline u8 *st_data(struct st_buf *buf)
{
	return buf->mem + buf->start;
}

static inline u8 *st_model(struct st_buf *buf)
{
	return buf->model + buf->start;
}

/* connect.c */

/**
 * struct st_side - one end of a connection
 * @pd: protection domain
 * @rcq: completions of receives
 * @icq: completions of initiator requests
 * @qp: queue pair; its context is this struct
 * @conn: connector
 * @priv: privileged token of @pd
 * @gone: disconnect event came
 * @gone_count: how often
 * @gone_hook: run inside the disconnect event
 * @gone_priv: for @gone_hook
 */
struct st_side {
	NDK_PD *pd;
	struct st_cq rcq;
	struct st_cq icq;
	NDK_QP *qp;
	NDK_CONNECTOR *conn;
	UINT32 priv;
	struct completion gone;
	atomic_t gone_count;
	void (*gone_hook)(struct st_side *side);
	void *gone_priv;
};

/**
 * struct st_pair - two connected queue pairs
 * @a: the side that connected
 * @b: the side that listened
 * @listener: what it listened on
 * @addr: where
 * @addr_len: bytes of @addr
 * @incoming: connector brought by the last connect event
 * @arrived: completed by each connect event
 * @arrivals: connect events so far
 * @caps: of both queue pairs; all zero for the default
 * @cq_depth: of all completion queues; 0 for the default
 * @in_limit: inbound read limit asked for by both sides
 * @out_limit: outbound read limit asked for by both sides
 * @src: where the active side connects from; NULL as in st_conn_args
 */
struct st_pair {
	struct st_side a;
	struct st_side b;
	NDK_LISTENER *listener;
	struct sockaddr_storage addr;
	ULONG addr_len;
	NDK_CONNECTOR *incoming;
	struct completion arrived;
	atomic_t arrivals;
	struct st_caps caps;
	ULONG cq_depth;
	ULONG in_limit;
	ULONG out_limit;
	struct sockaddr_storage *src;
};

struct st_pair *st_pair_alloc(struct st_test *t);
struct st_pair *st_pair_new(struct st_test *t);
bool st_pair_up(struct st_test *t, struct st_pair *p, bool v6);
bool st_pair_connect(struct st_test *t, struct st_pair *p);
bool st_pair_again(struct st_test *t, struct st_pair *p);
bool st_pair_works(struct st_test *t, struct st_pair *p);
bool st_side_create(struct st_test *t, struct st_side *side,
		    const struct st_caps *caps, ULONG cq_depth);
bool st_listen(struct st_test *t, struct st_pair *p, bool v6);
bool st_listen_at(struct st_test *t, struct st_pair *p);
NTSTATUS st_listen_on(struct st_test *t, NDK_LISTENER *listener,
		      const struct sockaddr_storage *addr, ULONG len);
ULONG st_address_of(const char *text, bool v6, u16 port,
		    struct sockaddr_storage *addr);
ULONG st_sockaddr(bool v6, u16 port, struct sockaddr_storage *addr);

/**
 * struct st_conn_args - arguments of connect and accept
 * @conn: the connector
 * @qp: the queue pair
 * @src: own address; NULL for the adapter's in the test network; with connect
 * @src_len: bytes of @src
 * @dest: listener's address; with connect
 * @dest_len: bytes of @dest
 * @in_limit: inbound read limit
 * @out_limit: outbound read limit
 * @data: private data
 * @data_len: bytes of @data
 * @side: told of the disconnect; with accept and complete
 * @hook: run inside the callback; with connect
 * @priv: for @hook
 */
struct st_conn_args {
	NDK_CONNECTOR *conn;
	NDK_QP *qp;
	struct sockaddr_storage *src;
	ULONG src_len;
	struct sockaddr_storage *dest;
	ULONG dest_len;
	ULONG in_limit;
	ULONG out_limit;
	void *data;
	ULONG data_len;
	struct st_side *side;
	void (*hook)(struct st_req *req);
	void *priv;
};

struct st_req *st_connect_start(struct st_test *t,
				const struct st_conn_args *args);
struct st_req *st_accept_start(struct st_test *t,
			       const struct st_conn_args *args);
struct st_req *st_complete_start(struct st_test *t, struct st_side *side);
struct st_req *st_disconnect_start(struct st_test *t, struct st_side *side);
NDK_CONNECTOR *st_incoming(struct st_test *t, struct st_pair *p);
bool st_wait_gone(struct st_test *t, struct st_side *side);
void st_pair_disconnect(struct st_test *t, struct st_pair *p);

/* work.c */

/**
 * struct st_wr - a work request
 * @op: what is posted
 * @sgl: SGEs
 * @nsge: how many
 * @raddr: remote address
 * @rkey: remote token
 * @flags: NDK_OP_FLAG_*
 * @mr: region to register or invalidate
 * @pages: entries of @array
 * @array: logical addresses
 * @fbo: offset in the first page
 * @len: bytes of the region
 * @base: its address
 * @invalidate: NdkSend is NdkSendAndInvalidate of @rkey
 * @ctx: request context
 */
struct st_wr {
	NDK_OPERATION_TYPE op;
	const NDK_SGE *sgl;
	ULONG nsge;
	u64 raddr;
	u32 rkey;
	ULONG flags;
	NDK_MR *mr;
	ULONG pages;
	const NDK_LOGICAL_ADDRESS *array;
	ULONG fbo;
	SIZE_T len;
	u64 base;
	bool invalidate;
	void *ctx;
};

NTSTATUS st_post(struct st_test *t, NDK_QP *qp, const struct st_wr *wr);
ULONG st_poll(struct st_test *t, struct st_cq *cq, NDK_RESULT_EX *res, ULONG n);
void st_arm(struct st_test *t, struct st_cq *cq, ULONG type);
bool st_next(struct st_test *t, struct st_cq *cq, NDK_RESULT_EX *res);
bool st_expect_next(struct st_test *t, struct st_side *side, struct st_cq *cq,
		    NDK_OPERATION_TYPE type, const void *ctx, NTSTATUS status);
bool st_event(struct st_test *t, struct st_cq *cq);
NTSTATUS st_do(struct st_test *t, struct st_side *side, const struct st_wr *wr);
NTSTATUS st_fast_register(struct st_test *t, struct st_side *side, NDK_MR *mr,
			  struct st_buf *buf, u64 base, ULONG flags);
NTSTATUS st_invalidate(struct st_test *t, struct st_side *side, NDK_MR *mr);
NTSTATUS st_rdma(struct st_test *t, struct st_side *side,
		 NDK_OPERATION_TYPE op, struct st_buf *local, size_t at,
		 size_t len, u64 raddr, u32 rkey);
bool st_sge(struct st_test *t, struct st_side *side, struct st_buf *buf,
	    size_t at, size_t len, NDK_SGE *sge);
bool st_access(struct st_test *t, struct st_side *peer, struct st_buf *region,
	       u64 base, u32 token);

/* All rights of a peer, of a fast registration and of a normal one. */
#define ST_RIGHTS_ALL							       \
	(NDK_OP_FLAG_ALLOW_REMOTE_READ | NDK_OP_FLAG_ALLOW_REMOTE_WRITE)
#define ST_MR_ALL							       \
	(NDK_MR_FLAG_ALLOW_REMOTE_READ | NDK_MR_FLAG_ALLOW_REMOTE_WRITE)

/* iwarp.c: and why a test does not apply to a device */

bool st_is_iwarp(const struct st_test *t);
NTSTATUS st_refusal(const struct st_test *t);
NTSTATUS st_no_answer(const struct st_test *t);
NTSTATUS st_written(struct st_test *t, struct st_side *side,
		    struct st_buf *local, size_t at, u64 raddr, u32 rkey);
bool st_forgets_none(struct st_test *t);
bool st_sends_wait(struct st_test *t);
bool st_send_ended(const struct st_test *t, NTSTATUS status);
NTSTATUS st_accept_ended(struct st_test *t, struct st_req *accept,
			 struct st_side *side);
bool st_registers_kernel(struct st_test *t);
ULONG st_most_pages(const struct st_test *t);
bool st_takes_pages(struct st_test *t, ULONG pages);
bool st_checks_reads(struct st_test *t, struct st_side *side);
bool st_lets_go(struct st_test *t, struct st_side *side);

/* the tests */

extern const struct st_suite st_suite_adapter;
extern const struct st_suite st_suite_mdl;
extern const struct st_suite st_suite_lam;
extern const struct st_suite st_suite_bounced;
extern const struct st_suite st_suite_shifted;
extern const struct st_suite st_suite_mr_fast;
extern const struct st_suite st_suite_mr_limits;
extern const struct st_suite st_suite_mr_normal;
extern const struct st_suite st_suite_mr_user;
extern const struct st_suite st_suite_mr_access;
extern const struct st_suite st_suite_mr_state;
extern const struct st_suite st_suite_mr_parallel;
extern const struct st_suite st_suite_mr_order;
extern const struct st_suite st_suite_mr_remote_inv;
extern const struct st_suite st_suite_mr_chain;
extern const struct st_suite st_suite_mr_revoke;
extern const struct st_suite st_suite_mr_idle;
extern const struct st_suite st_suite_cq;
extern const struct st_suite st_suite_cq_arm;
extern const struct st_suite st_suite_cq_close;
extern const struct st_suite st_suite_cq_room;
extern const struct st_suite st_suite_qp;
extern const struct st_suite st_suite_qp_flags;
extern const struct st_suite st_suite_qp_given;
extern const struct st_suite st_suite_qp_limits;
extern const struct st_suite st_suite_qp_defer;
extern const struct st_suite st_suite_qp_race;
extern const struct st_suite st_suite_qp_peer;
extern const struct st_suite st_suite_objects;
extern const struct st_suite st_suite_instances;
extern const struct st_suite st_suite_conn;
extern const struct st_suite st_suite_conn_events;
extern const struct st_suite st_suite_conn_end;
extern const struct st_suite st_suite_conn_link;
extern const struct st_suite st_suite_conn_patience;
extern const struct st_suite st_suite_conn_qp;
extern const struct st_suite st_suite_conn_state;
extern const struct st_suite st_suite_close;
extern const struct st_suite st_suite_close_callback;
extern const struct st_suite st_suite_extension;
extern const struct st_suite st_suite_later;
extern const struct st_suite st_suite_iwarp;
extern const struct st_suite st_suite_iwarp_half;

/* not in a plain run: there are many of them */
extern const struct st_suite st_suite_cross;
extern const struct st_suite st_suite_cross_removal;
void cross_init(void);
int cross_leave_ready(const char *name, unsigned int order, unsigned int scene);
size_t cross_leave_names(char *text, size_t size);
void cross_leave(void);

/* not in a plain run: somebody must do something to the device when ready */
extern const struct st_suite st_suite_removal;
extern const struct st_suite st_suite_down;
extern const struct st_suite st_suite_slow;
extern struct completion st_ready;
extern struct completion st_go_on;

/* not in a plain run: of what fails there, not of what is done */
extern const struct st_suite st_suite_alloc;

/* on simulated devices of their own */
extern const struct st_suite st_suite_sim_rules;
extern const struct st_suite st_suite_sim_post;
extern const struct st_suite st_suite_sim_each;
extern const struct st_suite st_suite_sim_mr;
extern const struct st_suite st_suite_sim_regions;
extern const struct st_suite st_suite_sim_register;
extern const struct st_suite st_suite_sim_kinds;
extern const struct st_suite st_suite_sim_unplug;
extern const struct st_suite st_suite_sim_polled;
extern const struct st_suite st_suite_sim_posted;
extern const struct st_suite st_suite_sim_dereg;
extern const struct st_suite st_suite_sim_windows;
extern const struct st_suite st_suite_sim_user;
extern const struct st_suite st_suite_sim_held;
extern const struct st_suite st_suite_sim_early;
extern const struct st_suite st_suite_sim_verbs;
extern const struct st_suite st_suite_sim_instances;
extern const struct st_suite st_suite_sim_reasons;
extern const struct st_suite st_suite_sim_ends;
extern const struct st_suite st_suite_sim_drivers;
extern const struct st_suite st_suite_sim_alloc;

/* demo.c: fills a page for a reader */
size_t st_demo(char *text, size_t size);

#endif /* _NDK_SELFTEST_HARNESS_H */
