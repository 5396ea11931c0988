// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making, initialising and closing objects through their dispatch tables, in
 * the context that the test is about, waiting for the end of each request.
 */
#include <linux/slab.h>

#include "harness.h"

/* What a create is called with; each kind uses what it needs. */
struct st_create {
	struct st_test *t;
	struct st_req *req;
	NDK_PD *pd;
	struct st_cq *rcq;
	struct st_cq *icq;
	PVOID context;
	const struct st_caps *caps;
	ULONG depth;
	bool fast;
	NDK_FN_CONNECT_EVENT_CALLBACK event;
	void *out;
};

static NTSTATUS st_create(struct st_test *t, struct st_create *c,
			  void (*call)(void *arg), const char *what,
			  NDK_OBJECT_TYPE type, void *out)
{
	NDK_OBJECT_HEADER *object;
	NTSTATUS status;
	size_t i;

	c->t = t;
	c->req = st_req_new(t, what);
	c->out = NULL;
	st_call(t, call, c);
	status = st_req_wait(t, c->req);
	*(void **)out = NULL;
	if (c->req->answer == STATUS_PENDING) {
		ST_EXPECT(t, !c->out, "%s: wrote its output although pending",
			  what);
		object = c->req->object;
	} else {
		object = c->out;
	}
	if (status != STATUS_SUCCESS) {
		ST_EXPECT(t, !object, "%s: failed and brought an object", what);
		return status;
	}
	if (!ST_EXPECT(t, object, "%s: succeeded without an object", what))
		return STATUS_INTERNAL_ERROR;
	st_track(t, object);
	ST_EXPECT(t, object->ObjectType == type, "%s: has type %d", what,
		  object->ObjectType);
	ST_EXPECT(t, object->Version.Major == t->info.Version.Major &&
		  object->Version.Minor == t->info.Version.Minor,
		  "%s: has version %u.%u", what, object->Version.Major,
		  object->Version.Minor);
	for (i = 0; i < ARRAY_SIZE(object->NdkReserved.rf); i++)
		ST_EXPECT(t, !object->NdkReserved.rf[i],
			  "%s: reserved word %zu is not 0", what, i);
	*(void **)out = object;
	return status;
}

static void st_create_pd_call(void *arg)
{
	struct st_create *c = arg;
	NDK_ADAPTER *adapter = c->t->adapter;

	c->req->answer = adapter->Dispatch->NdkCreatePd(adapter, st_on_create,
							c->req,
							(NDK_PD **)&c->out);
}

/**
 * st_create_pd() - NdkCreatePd
 * @t: the test
 * @pd: out: the protection domain, or NULL
 *
 * Return: the result.
 */
NTSTATUS st_create_pd(struct st_test *t, NDK_PD **pd)
{
	struct st_create c = {};

	return st_create(t, &c, st_create_pd_call, "NdkCreatePd",
			 NdkObjectTypePd, pd);
}

static VOID st_on_notify(PVOID context, NTSTATUS status)
{
	struct st_cq *cq = context;

	if (atomic_inc_return(&cq->inside) > 1)
		cq->overlap = true;
	cq->status = status;
	if (status)
		atomic_inc(&cq->errors);
	atomic_inc(&cq->notified);
	if (cq->hook)
		cq->hook(cq);
	complete(&cq->event);
	atomic_dec(&cq->inside);
}

static void st_create_cq_call(void *arg)
{
	struct st_create *c = arg;
	NDK_ADAPTER *adapter = c->t->adapter;

	c->req->answer = adapter->Dispatch->NdkCreateCq(adapter, c->depth,
							st_on_notify, c->icq,
							NULL, st_on_create,
							c->req,
							(NDK_CQ **)&c->out);
}

/**
 * st_create_cq() - NdkCreateCq
 * @t: the test
 * @cq: who waits for it; its cq is NULL afterwards if this failed
 * @depth: entries
 *
 * Return: the result.
 */
NTSTATUS st_create_cq(struct st_test *t, struct st_cq *cq, ULONG depth)
{
	struct st_create c = { .icq = cq, .depth = depth };

	memset(cq, 0, sizeof(*cq));
	init_completion(&cq->event);
	return st_create(t, &c, st_create_cq_call, "NdkCreateCq",
			 NdkObjectTypeCq, &cq->cq);
}

/**
 * st_default_caps() - modest queue pair capacities, within the limits
 * @t: the test
 *
 * Return: capacities.
 */
struct st_caps st_default_caps(const struct st_test *t)
{
	return (struct st_caps){
		.recv_depth = min(64U, t->info.MaxReceiveQueueDepth),
		.send_depth = min(64U, t->info.MaxInitiatorQueueDepth),
		.recv_sge = min(2U, t->info.MaxReceiveRequestSge),
		.send_sge = min(4U, t->info.MaxInitiatorRequestSge),
		.inline_size = min(64U, t->info.MaxInlineDataSize),
	};
}

static void st_create_qp_call(void *arg)
{
	struct st_create *c = arg;
	const struct st_caps *caps = c->caps;

	c->req->answer = c->pd->Dispatch->NdkCreateQp(c->pd, c->rcq->cq,
						      c->icq->cq, c->context,
						      caps->recv_depth,
						      caps->send_depth,
						      caps->recv_sge,
						      caps->send_sge,
						      caps->inline_size,
						      st_on_create, c->req,
						      (NDK_QP **)&c->out);
}

/**
 * st_create_qp() - NdkCreateQp
 * @t: the test
 * @pd: protection domain
 * @rcq: for receives
 * @icq: for initiator requests
 * @qp_context: reported with each completion
 * @caps: capacities
 * @qp: out: the queue pair, or NULL
 *
 * Return: the result.
 */
NTSTATUS st_create_qp(struct st_test *t, NDK_PD *pd, struct st_cq *rcq,
		      struct st_cq *icq, PVOID qp_context,
		      const struct st_caps *caps, NDK_QP **qp)
{
	struct st_create c = {
		.pd = pd, .rcq = rcq, .icq = icq, .context = qp_context,
		.caps = caps,
	};

	return st_create(t, &c, st_create_qp_call, "NdkCreateQp",
			 NdkObjectTypeQp, qp);
}

static void st_create_mr_call(void *arg)
{
	struct st_create *c = arg;

	c->req->answer = c->pd->Dispatch->NdkCreateMr(c->pd, c->fast,
						      st_on_create, c->req,
						      (NDK_MR **)&c->out);
}

/**
 * st_create_mr() - NdkCreateMr
 * @t: the test
 * @pd: protection domain
 * @fast: for fast registration
 * @mr: out: the region, or NULL
 *
 * Return: the result.
 */
NTSTATUS st_create_mr(struct st_test *t, NDK_PD *pd, bool fast, NDK_MR **mr)
{
	struct st_create c = { .pd = pd, .fast = fast };

	return st_create(t, &c, st_create_mr_call, "NdkCreateMr",
			 NdkObjectTypeMr, mr);
}

static void st_create_connector_call(void *arg)
{
	struct st_create *c = arg;
	NDK_ADAPTER *adapter = c->t->adapter;

	c->req->answer =
		adapter->Dispatch->NdkCreateConnector(adapter, st_on_create,
						      c->req,
						      (NDK_CONNECTOR **)&c->out);
}

/**
 * st_create_connector() - NdkCreateConnector
 * @t: the test
 * @connector: out: the connector, or NULL
 *
 * Return: the result.
 */
NTSTATUS st_create_connector(struct st_test *t, NDK_CONNECTOR **connector)
{
	struct st_create c = {};

	return st_create(t, &c, st_create_connector_call, "NdkCreateConnector",
			 NdkObjectTypeConnector, connector);
}

static void st_create_listener_call(void *arg)
{
	struct st_create *c = arg;
	NDK_ADAPTER *adapter = c->t->adapter;

	c->req->answer =
		adapter->Dispatch->NdkCreateListener(adapter, c->event,
						     c->context, st_on_create,
						     c->req,
						     (NDK_LISTENER **)&c->out);
}

/**
 * st_create_listener() - NdkCreateListener
 * @t: the test
 * @event: called for each incoming connection
 * @context: its argument
 * @listener: out: the listener, or NULL
 *
 * Return: the result.
 */
NTSTATUS st_create_listener(struct st_test *t,
			    NDK_FN_CONNECT_EVENT_CALLBACK event, PVOID context,
			    NDK_LISTENER **listener)
{
	struct st_create c = { .event = event, .context = context };

	return st_create(t, &c, st_create_listener_call, "NdkCreateListener",
			 NdkObjectTypeListener, listener);
}

/* An object that is to be closed at the end of the test. */
struct st_tracked {
	struct list_head link;
	NDK_OBJECT_HEADER *object;
	NDK_FN_CLOSE_OBJECT close;
};

/**
 * st_close_fn() - the close function of any object but an adapter
 * @object: its header
 *
 * Every such table starts with it.
 *
 * Return: the function.
 */
NDK_FN_CLOSE_OBJECT st_close_fn(NDK_OBJECT_HEADER *object)
{
	NDK_PD *any = container_of(object, NDK_PD, Header);

	return any->Dispatch->NdkClosePd;
}

/**
 * st_track() - close an object at the end of the test
 * @t: the test
 * @object: the object
 */
void st_track(struct st_test *t, NDK_OBJECT_HEADER *object)
{
	struct st_tracked *tracked;

	tracked = kzalloc(sizeof(*tracked), GFP_KERNEL | __GFP_NOFAIL);
	tracked->object = object;
	tracked->close = st_close_fn(object);
	list_add(&tracked->link, &t->objects);
}

/**
 * st_untrack() - the test closes an object itself
 * @t: the test
 * @object: the object
 */
void st_untrack(struct st_test *t, NDK_OBJECT_HEADER *object)
{
	struct st_tracked *tracked;

	list_for_each_entry(tracked, &t->objects, link) {
		if (tracked->object == object) {
			list_del(&tracked->link);
			kfree(tracked);
			return;
		}
	}
}

/**
 * st_tracked_of() - an object that is to be closed at the end of the test
 * @t: the test
 * @type: its type
 *
 * Return: the youngest one, or NULL.
 */
NDK_OBJECT_HEADER *st_tracked_of(struct st_test *t, NDK_OBJECT_TYPE type)
{
	struct st_tracked *tracked;

	list_for_each_entry(tracked, &t->objects, link)
		if (tracked->object->ObjectType == type)
			return tracked->object;
	return NULL;
}

/**
 * st_close_now() - close an object where this is
 * @object: the object, not tracked any more
 * @close: the request; may have a hook already
 */
void st_close_now(NDK_OBJECT_HEADER *object, struct st_req *close)
{
	close->answer = st_close_fn(object)(object, st_on_close, close);
}

struct st_close_args {
	NDK_OBJECT_HEADER *object;
	struct st_req *req;
};

static void st_close_call(void *arg)
{
	struct st_close_args *c = arg;

	st_close_now(c->object, c->req);
}

/**
 * st_close_start() - close an object without waiting
 * @t: the test
 * @object: the object; not to be used afterwards
 *
 * Return: the request.
 */
struct st_req *st_close_start(struct st_test *t, NDK_OBJECT_HEADER *object)
{
	struct st_close_args c = {
		.object = object,
		.req = st_req_new(t, "close"),
	};

	st_untrack(t, object);
	st_call(t, st_close_call, &c);
	ST_EXPECT(t, c.req->answer == STATUS_SUCCESS ||
		  c.req->answer == STATUS_PENDING, "a close answered %s",
		  st_status_name(c.req->answer));
	return c.req;
}

/**
 * st_close() - close an object and wait for the end of it
 * @t: the test
 * @object: the object
 */
void st_close(struct st_test *t, NDK_OBJECT_HEADER *object)
{
	ST_OK(t, st_req_wait(t, st_close_start(t, object)));
}

/**
 * st_objects_close_start() - close all that is open, youngest first
 * @t: the test
 *
 * A close may wait for an older one's, so none is waited for.
 */
void st_objects_close_start(struct st_test *t)
{
	struct st_tracked *tracked;

	while (!t->stuck && !list_empty(&t->objects)) {
		tracked = list_first_entry(&t->objects, struct st_tracked,
					   link);
		st_close_start(t, tracked->object);
	}
}

/**
 * st_objects_close() - close all that the test left open, and wait for it
 * @t: the test
 */
void st_objects_close(struct st_test *t)
{
	st_objects_close_start(t);
	if (!t->stuck) {
		struct st_req *req;

		list_for_each_entry(req, &t->reqs, link)
			st_req_wait(t, req);
	}
}

/**
 * st_removal_seen() - wait until the provider refuses what is new on a device
 * @t: the test
 * @pd: a domain of the device, which has begun to go away
 *
 * Nothing tells the consumer of an object without a connection, so this asks.
 *
 * Return: false, and the test has failed, if it never does.
 */
bool st_removal_seen(struct st_test *t, NDK_PD *pd)
{
	unsigned long end = jiffies + ST_TIMEOUT;
	NDK_MR *mr = NULL;
	NTSTATUS status;

	do {
		status = pd->Dispatch->NdkCreateMr(pd, FALSE, st_on_create,
						   NULL, &mr);
		if (status == STATUS_SUCCESS)
			st_close_fn(&mr->Header)(&mr->Header, NULL, NULL);
		/* the processor is for those who remove it */
		schedule_timeout_uninterruptible(1);
	} while (status == STATUS_SUCCESS && time_before(jiffies, end));
	return ST_STATUS(t, status, STATUS_DEVICE_REMOVED);
}

struct st_mr_args {
	NDK_MR *mr;
	struct st_req *req;
	ULONG pages;
	bool remote;
	MDL *mdl;
	SIZE_T length;
	ULONG flags;
	UINT32 token;
};

static void st_init_call(void *arg)
{
	struct st_mr_args *a = arg;

	a->req->answer =
		a->mr->Dispatch->NdkInitializeFastRegisterMr(a->mr, a->pages,
							     a->remote,
							     st_on_request,
							     a->req);
}

/**
 * st_init_start() - NdkInitializeFastRegisterMr without waiting
 * @t: the test
 * @mr: the region
 * @pages: capacity
 * @remote: remote access may be asked for later
 * @req: the request
 *
 * Return: the inline answer.
 */
NTSTATUS st_init_start(struct st_test *t, NDK_MR *mr, ULONG pages, bool remote,
		       struct st_req *req)
{
	struct st_mr_args a = {
		.mr = mr, .pages = pages, .remote = remote, .req = req,
	};

	st_call(t, st_init_call, &a);
	return req->answer;
}

/**
 * st_init() - NdkInitializeFastRegisterMr
 * @t: the test
 * @mr: the region
 * @pages: capacity
 * @remote: remote access may be asked for later
 *
 * Return: the result.
 */
NTSTATUS st_init(struct st_test *t, NDK_MR *mr, ULONG pages, bool remote)
{
	struct st_req *req = st_req_new(t, "NdkInitializeFastRegisterMr");

	st_init_start(t, mr, pages, remote, req);
	return st_req_wait(t, req);
}

static void st_register_call(void *arg)
{
	struct st_mr_args *a = arg;

	a->req->answer = a->mr->Dispatch->NdkRegisterMr(a->mr, a->mdl,
							a->length, a->flags,
							st_on_request, a->req);
}

/**
 * st_register() - NdkRegisterMr
 * @t: the test
 * @mr: the region
 * @mdl: the memory
 * @length: bytes of it
 * @flags: NDK_MR_FLAG_*
 *
 * Return: the result.
 */
NTSTATUS st_register(struct st_test *t, NDK_MR *mr, MDL *mdl, SIZE_T length,
		     ULONG flags)
{
	struct st_mr_args a = {
		.mr = mr, .mdl = mdl, .length = length, .flags = flags,
		.req = st_req_new(t, "NdkRegisterMr"),
	};

	st_call(t, st_register_call, &a);
	return st_req_wait(t, a.req);
}

static void st_deregister_call(void *arg)
{
	struct st_mr_args *a = arg;

	a->req->answer = a->mr->Dispatch->NdkDeregisterMr(a->mr, st_on_request,
							  a->req);
}

/**
 * st_deregister() - NdkDeregisterMr
 * @t: the test
 * @mr: the region
 *
 * Return: the result.
 */
NTSTATUS st_deregister(struct st_test *t, NDK_MR *mr)
{
	struct st_mr_args a = {
		.mr = mr, .req = st_req_new(t, "NdkDeregisterMr"),
	};

	st_call(t, st_deregister_call, &a);
	return st_req_wait(t, a.req);
}

static void st_remote_token_call(void *arg)
{
	struct st_mr_args *a = arg;

	a->token = a->mr->Dispatch->NdkGetRemoteTokenFromMr(a->mr);
}

/**
 * st_remote_token() - NdkGetRemoteTokenFromMr
 * @t: the test
 * @mr: the region
 *
 * Return: the token.
 */
UINT32 st_remote_token(struct st_test *t, NDK_MR *mr)
{
	struct st_mr_args a = { .mr = mr };

	st_call(t, st_remote_token_call, &a);
	return a.token;
}

static void st_local_token_call(void *arg)
{
	struct st_mr_args *a = arg;

	a->token = a->mr->Dispatch->NdkGetLocalTokenFromMr(a->mr);
}

/**
 * st_local_token() - NdkGetLocalTokenFromMr
 * @t: the test
 * @mr: the region
 *
 * Return: the token.
 */
UINT32 st_local_token(struct st_test *t, NDK_MR *mr)
{
	struct st_mr_args a = { .mr = mr };

	st_call(t, st_local_token_call, &a);
	return a.token;
}
