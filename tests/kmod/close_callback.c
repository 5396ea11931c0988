// SPDX-License-Identifier: GPL-2.0-only
/*
 * Closing objects from inside callbacks, their own and others'.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "harness.h"

/* Callbacks that must not come are waited for this long. */
#define ST_QUIET	(HZ / 4)

/* What a hook closes, and the request of that close. */
struct st_then_close {
	NDK_OBJECT_HEADER *object;
	struct st_req *close;
};

static void st_hook_close(struct st_req *req)
{
	struct st_then_close *then = req->priv;

	st_close_now(then->object ?: req->object, then->close);
}

static void st_in_init(struct st_test *t)
{
	ULONG most = st_most_pages(t) - 1;
	struct st_then_close then;
	struct st_req *init;
	NDK_PD *pd;
	NDK_MR *mr;
	int i;

	if (!ST_OK(t, st_create_pd(t, &pd)))
		return;
	for (i = 0; i < 50; i++) {
		if (!ST_OK(t, st_create_mr(t, pd, true, &mr)))
			return;
		init = st_req_new(t, "NdkInitializeFastRegisterMr");
		then.object = &mr->Header;
		then.close = st_req_new(t, "close in a callback");
		init->hook = st_hook_close;
		init->priv = &then;
		st_untrack(t, &mr->Header);
		st_init_start(t, mr, 2 + i * 7 % most, true, init);
		if (init->answer != STATUS_PENDING)
			st_close_now(&mr->Header, then.close);
		if (!ST_OK(t, st_req_wait(t, init)) ||
		    !ST_OK(t, st_req_wait(t, then.close)))
			return;
	}
}

static void st_in_create(struct st_test *t)
{
	struct st_then_close then = {};
	struct st_req *create;
	NDK_MR *mr;
	NDK_PD *pd;
	int i;

	if (!ST_OK(t, st_create_pd(t, &pd)))
		return;
	for (i = 0; i < 50; i++) {
		create = st_req_new(t, "NdkCreateMr");
		then.close = st_req_new(t, "close in a callback");
		create->hook = st_hook_close;
		create->priv = &then;
		create->answer = pd->Dispatch->NdkCreateMr(pd, i % 2,
							   st_on_create,
							   create, &mr);
		if (create->answer == STATUS_SUCCESS)
			st_close_now(&mr->Header, then.close);
		if (!ST_OK(t, st_req_wait(t, create)) ||
		    !ST_OK(t, st_req_wait(t, then.close)))
			return;
	}
}

/* A create callback that does not return before it is let go. */
struct st_staying {
	struct st_elsewhere e;
	struct st_test *t;
	struct st_req *create;
	struct completion inside;
	struct completion go;
};

static void st_creates(struct st_elsewhere *e)
{
	struct st_staying *s = container_of(e, struct st_staying, e);
	NDK_ADAPTER *adapter = s->t->adapter;
	NDK_PD *pd;

	s->create->answer = adapter->Dispatch->NdkCreatePd(adapter, st_on_create,
							   s->create, &pd);
}

static void st_hook_stay(struct st_req *req)
{
	struct st_staying *s = req->priv;

	complete(&s->inside);
	wait_for_completion(&s->go);
}

/*
 * The callback that brings an object keeps it for as long as it runs. It is closed on
 * another processor than it was created on, whose workers need not wait for the callback.
 */
static void st_create_keeps(struct st_test *t)
{
	struct st_staying s = { .e.run = st_creates, .t = t };
	struct st_req *close = NULL;

	if (!st_has_two_cpus(t))
		return;
	init_completion(&s.inside);
	init_completion(&s.go);
	s.create = st_req_new(t, "NdkCreatePd");
	s.create->hook = st_hook_stay;
	s.create->priv = &s;
	migrate_disable();
	st_elsewhere_start(&s.e);
	st_elsewhere_wait(&s.e);
	if (ST_STATUS(t, s.create->answer, STATUS_PENDING))
		wait_for_completion(&s.inside);
	if (s.create->object) {
		close = st_req_new(t, "close in a callback");
		st_close_now(s.create->object, close);
		if (!ST_EXPECT(t, !wait_for_completion_timeout(&close->done,
							       ST_QUIET),
			       "closed while the callback that brought it ran"))
			complete(&close->done);
	}
	complete(&s.go);
	migrate_enable();
	if (ST_OK(t, st_req_wait(t, s.create)) && close)
		ST_OK(t, st_req_wait(t, close));
}

static void st_in_register(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 2 * PAGE_SIZE);
	struct st_then_close then;
	struct st_req *reg;
	NDK_PD *pd;
	NDK_MR *mr;
	int i;

	if (!buf || !st_registers_kernel(t) || !ST_OK(t, st_create_pd(t, &pd)))
		return;
	for (i = 0; i < 20; i++) {
		if (!ST_OK(t, st_create_mr(t, pd, false, &mr)))
			return;
		reg = st_req_new(t, "NdkRegisterMr");
		then.object = &mr->Header;
		then.close = st_req_new(t, "close in a callback");
		reg->hook = st_hook_close;
		reg->priv = &then;
		st_untrack(t, &mr->Header);
		reg->answer = mr->Dispatch->NdkRegisterMr(mr, buf->mdl,
							  buf->len, 0,
							  st_on_request, reg);
		if (reg->answer != STATUS_PENDING)
			st_close_now(&mr->Header, then.close);
		if (!ST_OK(t, st_req_wait(t, reg)) ||
		    !ST_OK(t, st_req_wait(t, then.close)))
			return;
	}
}

/* A notification that closes the queue pair and the queue itself. */
struct st_notify {
	NDK_CQ *cq;
	NDK_QP *qp;
	struct st_req *qp_close;
	struct st_req *cq_close;
	struct completion done;
};

static VOID st_on_notify_close(PVOID context, NTSTATUS status)
{
	struct st_notify *n = context;

	st_close_now(&n->cq->Header, n->cq_close);
	st_close_now(&n->qp->Header, n->qp_close);
	complete(&n->done);
}

static void st_in_notification(struct st_test *t)
{
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_caps caps = st_default_caps(t);
	struct st_req *create;
	struct st_notify *n;
	struct st_cq cq;
	NDK_PD *pd;

	create = st_req_new(t, "NdkCreateCq");
	n = kzalloc(sizeof(*n), GFP_KERNEL | __GFP_NOFAIL);
	create->priv = n;
	create->owns_priv = true;
	init_completion(&n->done);
	create->answer = t->adapter->Dispatch->NdkCreateCq(t->adapter, 64,
							   st_on_notify_close,
							   n, NULL,
							   st_on_create, create,
							   &n->cq);
	if (!ST_OK(t, st_req_wait(t, create)))
		return;
	if (create->answer == STATUS_PENDING)
		n->cq = container_of(create->object, NDK_CQ, Header);
	cq.cq = n->cq;
	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_qp(t, pd, &cq, &cq, NULL, &caps, &n->qp)))
		return;
	st_untrack(t, &n->qp->Header);
	n->qp_close = st_req_new(t, "close in a notification");
	n->cq_close = st_req_new(t, "close in a notification");
	if (!ST_OK(t, st_post(t, n->qp, &recv)))
		return;
	n->cq->Dispatch->NdkArmCq(n->cq, NDK_CQ_NOTIFY_ANY);
	n->qp->Dispatch->NdkFlush(n->qp);
	if (!ST_EXPECT(t, wait_for_completion_timeout(&n->done, ST_TIMEOUT),
		       "no notification came"))
		return;
	ST_OK(t, st_req_wait(t, n->qp_close));
	ST_OK(t, st_req_wait(t, n->cq_close));
}

/* The side that hears of the disconnect closes its connector right there. */
struct st_gone {
	NDK_CONNECTOR *conn;
	struct st_req *close;
	struct completion done;
};

static VOID st_on_gone_close(PVOID context)
{
	struct st_gone *g = context;

	st_close_now(&g->conn->Header, g->close);
	complete(&g->done);
}

static void st_in_disconnect(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_req *connect, *accept, *complete, *holder;
	struct st_gone *g;

	holder = st_req_new(t, "disconnect event");
	holder->answer = STATUS_SUCCESS;
	g = kzalloc(sizeof(*g), GFP_KERNEL | __GFP_NOFAIL);
	holder->priv = g;
	holder->owns_priv = true;
	init_completion(&g->done);
	if (!st_listen(t, p, false) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !st_side_create(t, &p->b, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		return;
	args.dest = &p->addr;
	args.dest_len = p->addr_len;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	connect = st_connect_start(t, &args);
	p->b.conn = st_incoming(t, p);
	if (!p->b.conn)
		return;
	g->conn = p->b.conn;
	g->close = st_req_new(t, "close in a disconnect event");
	st_untrack(t, &g->conn->Header);
	accept = st_req_new(t, "NdkAccept");
	accept->answer = g->conn->Dispatch->NdkAccept(g->conn, p->b.qp, 4, 4,
						      NULL, 0, st_on_gone_close,
						      g, st_on_request, accept);
	if (!ST_OK(t, st_req_wait(t, connect)))
		return;
	complete = st_complete_start(t, &p->a);
	if (!ST_OK(t, st_req_wait(t, complete)) ||
	    !ST_OK(t, st_req_wait(t, accept)))
		return;
	st_disconnect_start(t, &p->a);
	if (ST_EXPECT(t, wait_for_completion_timeout(&g->done, ST_TIMEOUT),
		      "no disconnect event"))
		ST_OK(t, st_req_wait(t, g->close));
}

/* The connect event refuses by closing, and takes the listener along. */
struct st_arrival {
	NDK_LISTENER *listener;
	struct st_req *connector_close;
	struct st_req *listener_close;
	struct completion done;
};

static VOID st_on_connect_close(PVOID context, NDK_CONNECTOR *connector)
{
	struct st_arrival *a = context;

	st_close_now(&a->listener->Header, a->listener_close);
	st_close_now(&connector->Header, a->connector_close);
	complete(&a->done);
}

static void st_in_connect(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_req *holder = st_req_new(t, "connect event"), *connect;
	struct st_arrival *a;
	ULONG len = sizeof(p->addr);

	holder->answer = STATUS_SUCCESS;
	a = kzalloc(sizeof(*a), GFP_KERNEL | __GFP_NOFAIL);
	holder->priv = a;
	holder->owns_priv = true;
	init_completion(&a->done);
	p->addr_len = st_sockaddr(false, 0, &p->addr);
	if (!ST_OK(t, st_create_listener(t, st_on_connect_close, a,
					 &a->listener)) ||
	    !ST_OK(t, st_listen_on(t, a->listener, &p->addr, p->addr_len)) ||
	    !ST_OK(t, a->listener->Dispatch->NdkGetLocalAddress(a->listener,
					(PSOCKADDR)&p->addr, &len)) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &p->a.conn)))
		return;
	st_untrack(t, &a->listener->Header);
	a->connector_close = st_req_new(t, "close in a connect event");
	a->listener_close = st_req_new(t, "close in a connect event");
	args.dest = &p->addr;
	args.dest_len = len;
	args.conn = p->a.conn;
	args.qp = p->a.qp;
	connect = st_connect_start(t, &args);
	if (!ST_EXPECT(t, wait_for_completion_timeout(&a->done, ST_TIMEOUT),
		       "no connect event"))
		return;
	ST_OK(t, st_req_wait(t, a->connector_close));
	ST_OK(t, st_req_wait(t, a->listener_close));
	ST_STATUS(t, st_req_wait(t, connect), STATUS_CONNECTION_REFUSED);
}

/* Closing one object in the close callback of another. */
static void st_in_close(struct st_test *t)
{
	struct st_then_close then;
	struct st_req *close;
	NDK_MR *first, *second;
	NDK_PD *pd;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &first)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &second)) ||
	    !ST_OK(t, st_init(t, first, 64, true)) ||
	    !ST_OK(t, st_init(t, second, 64, true)))
		return;
	st_untrack(t, &first->Header);
	st_untrack(t, &second->Header);
	close = st_req_new(t, "close");
	then.object = &second->Header;
	then.close = st_req_new(t, "close in a close callback");
	close->hook = st_hook_close;
	close->priv = &then;
	st_close_now(&first->Header, close);
	if (close->answer != STATUS_PENDING)
		st_close_now(&second->Header, then.close);
	ST_OK(t, st_req_wait(t, close));
	ST_OK(t, st_req_wait(t, then.close));
}

static const struct st_case st_cases[] = {
	{ .name = "in_initialisation", .run = st_in_init },
	{ .name = "in_initialisation_softirq", .run = st_in_init,
	  .ctx = ST_SOFTIRQ },
	{ .name = "in_create", .run = st_in_create },
	{ .name = "create_keeps", .run = st_create_keeps },
	{ .name = "in_register", .run = st_in_register },
	{ .name = "in_cq_notification", .run = st_in_notification },
	{ .name = "in_disconnect_event", .run = st_in_disconnect },
	{ .name = "in_connect_event", .run = st_in_connect },
	{ .name = "in_close", .run = st_in_close },
};

const struct st_suite st_suite_close_callback = {
	"close_callback", st_cases, ARRAY_SIZE(st_cases),
};
