// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects may be closed in any order and in any state.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "harness.h"

#define ST_QUIET	(HZ / 10)

static bool st_still_pending(struct st_test *t, struct st_req *close)
{
	schedule_timeout_uninterruptible(ST_QUIET);
	return ST_EXPECT(t, close->answer == STATUS_PENDING &&
			 !atomic_read(&close->calls),
			 "closed before what depends on it");
}

static void st_pd_before_mrs(struct st_test *t)
{
	struct st_req *close;
	NDK_MR *mrs[4];
	NDK_PD *pd;
	size_t i;

	if (!ST_OK(t, st_create_pd(t, &pd)))
		return;
	for (i = 0; i < ARRAY_SIZE(mrs); i++)
		if (!ST_OK(t, st_create_mr(t, pd, i % 2, &mrs[i])))
			return;
	close = st_close_start(t, &pd->Header);
	/* its children live on and work */
	ST_OK(t, st_init(t, mrs[1], 16, true));
	for (i = 0; i < ARRAY_SIZE(mrs); i++) {
		if (!st_still_pending(t, close))
			return;
		st_close(t, &mrs[i]->Header);
	}
	ST_OK(t, st_req_wait(t, close));
}

/* The order of antecedents: each close waits for those that follow. */
static void st_antecedents_first(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_req *pd, *rcq, *icq, *qp;

	if (!p)
		return;
	pd = st_close_start(t, &p->a.pd->Header);
	rcq = st_close_start(t, &p->a.rcq.cq->Header);
	icq = st_close_start(t, &p->a.icq.cq->Header);
	qp = st_close_start(t, &p->a.qp->Header);
	if (!st_still_pending(t, pd) || !st_still_pending(t, rcq) ||
	    !st_still_pending(t, icq) || !st_still_pending(t, qp))
		return;
	st_close(t, &p->a.conn->Header);
	ST_OK(t, st_req_wait(t, qp));
	ST_OK(t, st_req_wait(t, icq));
	ST_OK(t, st_req_wait(t, rcq));
	ST_OK(t, st_req_wait(t, pd));
	st_wait_gone(t, &p->b);
}

/* Everything of a working connection, in a different order each time. */
static void st_any_order(struct st_test *t)
{
	int round;

	for (round = 0; round < 25 && !t->failures; round++) {
		struct st_pair *p = st_pair_new(t);
		struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, PAGE_SIZE);
		struct st_wr recv = { .op = NdkOperationTypeReceive };
		struct st_wr send = { .op = NdkOperationTypeSend };
		NDK_OBJECT_HEADER *all[14];
		struct st_req *reqs[14];
		NDK_MR *fast, *normal;
		size_t i, j, n = 0;

		if (!p || !buf ||
		    !ST_OK(t, st_create_mr(t, p->a.pd, true, &fast)) ||
		    !ST_OK(t, st_create_mr(t, p->a.pd, false, &normal)) ||
		    !ST_OK(t, st_init(t, fast, 16, true)) ||
		    (!st_is_iwarp(t) &&
		     !ST_OK(t, st_register(t, normal, buf->mdl, buf->len,
					   NDK_MR_FLAG_ALLOW_REMOTE_WRITE))) ||
		    !ST_OK(t, st_fast_register(t, &p->a, fast, buf, 0,
					       ST_RIGHTS_ALL)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
		all[n++] = &fast->Header;
		all[n++] = &normal->Header;
		all[n++] = &p->listener->Header;
		all[n++] = &p->a.conn->Header;
		all[n++] = &p->a.qp->Header;
		all[n++] = &p->a.rcq.cq->Header;
		all[n++] = &p->a.icq.cq->Header;
		all[n++] = &p->a.pd->Header;
		all[n++] = &p->b.conn->Header;
		all[n++] = &p->b.qp->Header;
		all[n++] = &p->b.rcq.cq->Header;
		all[n++] = &p->b.icq.cq->Header;
		all[n++] = &p->b.pd->Header;
		for (i = n - 1; i; i--) {
			j = get_random_u32() % (i + 1);
			swap(all[i], all[j]);
		}
		for (i = 0; i < n; i++)
			reqs[i] = st_close_start(t, all[i]);
		for (i = 0; i < n; i++)
			if (!ST_OK(t, st_req_wait(t, reqs[i])))
				return;
		ST_BUF(t, buf);
	}
}

static void st_mr_initialising(struct st_test *t)
{
	ULONG most = st_most_pages(t) - 1;
	NTSTATUS status;
	NDK_PD *pd;
	NDK_MR *mr;
	int i;

	if (!ST_OK(t, st_create_pd(t, &pd)))
		return;
	for (i = 0; i < 100; i++) {
		struct st_req *init, *close;

		if (!ST_OK(t, st_create_mr(t, pd, true, &mr)))
			return;
		init = st_req_new(t, "NdkInitializeFastRegisterMr");
		st_init_start(t, mr, 2 + i * 5 % most, true, init);
		close = st_close_start(t, &mr->Header);
		if (!ST_OK(t, st_req_wait(t, close)))
			return;
		/* the request's callback has returned before the close's ran */
		ST_EXPECT(t, init->answer != STATUS_PENDING ||
			  atomic_read(&init->calls) == 1,
			  "closed before its request ended");
		status = st_req_wait(t, init);
		ST_EXPECT(t, status == STATUS_SUCCESS ||
			  status == STATUS_CANCELLED,
			  "the initialisation ended with %s",
			  st_status_name(status));
	}
}

static void st_mr_posted(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 2 * PAGE_SIZE);
	struct st_wr reg = {
		.op = NdkOperationTypeFastRegister, .pages = 2, .ctx = &reg,
		.flags = ST_RIGHTS_ALL,
	};
	NDK_RESULT_EX res;
	NDK_MR *mr;
	int i;

	if (!p || !buf || !ST_OK(t, st_build_lam(t, buf)))
		return;
	reg.array = buf->lam->AdapterPageArray;
	reg.len = buf->len;
	for (i = 0; i < 100; i++) {
		struct st_wr inv = {
			.op = NdkOperationTypeInvalidate, .ctx = &inv,
		};

		if (!ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
		    !ST_OK(t, st_init(t, mr, 2, true)))
			return;
		reg.mr = mr;
		inv.mr = mr;
		if (!ST_OK(t, st_post(t, p->a.qp, &reg)) ||
		    (i % 2 && !ST_OK(t, st_post(t, p->a.qp, &inv))))
			return;
		/* while the hardware has the requests that name it */
		st_close(t, &mr->Header);
		if (!st_next(t, &p->a.icq, &res) || !ST_OK(t, res.Status) ||
		    (i % 2 && (!st_next(t, &p->a.icq, &res) ||
			       !ST_OK(t, res.Status))))
			return;
	}
	st_pair_works(t, p);
}

static void st_mr_registered(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 2 * PAGE_SIZE);
	NDK_PD *pd;
	NDK_MR *mr;
	int i;

	if (!buf || !st_registers_kernel(t) || !ST_OK(t, st_create_pd(t, &pd)))
		return;
	for (i = 0; i < 20; i++) {
		if (!ST_OK(t, st_create_mr(t, pd, false, &mr)) ||
		    !ST_OK(t, st_register(t, mr, buf->mdl, buf->len,
					  NDK_MR_FLAG_ALLOW_REMOTE_WRITE)))
			return;
		st_close(t, &mr->Header);
	}
}

/* At teardown a known consumer gives the LAM back before it closes the MR. */
static void st_lam_before_mr(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 2 * PAGE_SIZE);
	NDK_MR *mr;

	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 2, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				       ST_RIGHTS_ALL)))
		return;
	st_close(t, &p->a.conn->Header);
	st_close(t, &p->a.qp->Header);
	st_release_lam(t, buf);
	st_close(t, &mr->Header);
}

/* A hundred requests outstanding. */
static void st_qp_busy(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct st_wr recv = { .op = NdkOperationTypeReceive };
	struct st_wr send = { .op = NdkOperationTypeSend };
	struct st_req *qp;
	NDK_RESULT_EX res;
	int i, n;

	p->caps = st_default_caps(t);
	p->caps.recv_depth = 50;
	p->caps.send_depth = 50;
	if (!st_sends_wait(t) || !st_pair_up(t, p, false))
		return;
	for (i = 0; i < 50; i++)
		if (!ST_OK(t, st_post(t, p->a.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
	qp = st_close_start(t, &p->a.qp->Header);
	st_close(t, &p->a.conn->Header);
	ST_OK(t, st_req_wait(t, qp));
	/* what was reported was reported as cancelled */
	for (n = 0; st_poll(t, &p->a.icq, &res, 1); n++)
		ST_STATUS(t, res.Status, STATUS_CANCELLED);
	ST_EXPECT(t, n <= 50, "%d completions of 50 requests", n);
	for (n = 0; st_poll(t, &p->a.rcq, &res, 1); n++)
		ST_STATUS(t, res.Status, STATUS_CANCELLED);
	ST_EXPECT(t, n <= 50, "%d completions of 50 requests", n);
}

static void st_hook_slow(struct st_req *req)
{
	mdelay(100);
}

/* Close with a request of the test's own making. */
static void st_close_as(struct st_test *t, NDK_OBJECT_HEADER *object,
			struct st_req *req)
{
	st_untrack(t, object);
	req->answer = st_close_fn(object)(object, st_on_close, req);
}

/* A parent and its child, both closed. */
struct st_family {
	struct st_req *parent;
	struct st_req *child;
	struct completion parent_called;
	bool overtaken;
};

/*
 * A parent that does not wait for its child is closed by another worker, which
 * may come before the child's callback as well as during it.
 */
static void st_hook_parent(struct st_req *req)
{
	struct st_family *family = req->priv;

	family->overtaken = !atomic_read(&family->child->calls) ||
			    atomic_read(&family->child->inside);
	complete(&family->parent_called);
}

/* Stay until the parent's has been called, which it must not be, or long enough. */
static void st_hook_child(struct st_req *req)
{
	struct st_family *family = req->priv;

	wait_for_completion_timeout(&family->parent_called, HZ);
}

/* The parent's close callback comes after the child's has returned. */
static void st_callback_first(struct st_test *t)
{
	struct st_family *family;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 16, true)))
		return;
	family = kzalloc(sizeof(*family), GFP_KERNEL | __GFP_NOFAIL);
	init_completion(&family->parent_called);
	family->parent = st_req_new(t, "close");
	family->parent->hook = st_hook_parent;
	family->parent->priv = family;
	family->parent->owns_priv = true;
	family->child = st_req_new(t, "close");
	family->child->hook = st_hook_child;
	family->child->priv = family;
	st_close_as(t, &pd->Header, family->parent);
	st_close_as(t, &mr->Header, family->child);
	if (family->child->answer != STATUS_PENDING)
		st_note(t, "the region's close needed no callback");
	ST_OK(t, st_req_wait(t, family->parent));
	ST_EXPECT(t, !family->overtaken,
		  "the parent closed while its child's callback was due or running");
	ST_OK(t, st_req_wait(t, family->child));
}

/* Nobody waits for anything but the adapter. */
static void st_fire_and_forget(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_req *req;
	NDK_MR *mr;
	int i;

	if (!p)
		return;
	for (i = 0; i < 8; i++) {
		if (!ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)))
			return;
		req = st_req_new(t, "NdkInitializeFastRegisterMr");
		req->hook = st_hook_slow;
		st_init_start(t, mr, 300, true, req);
		req = st_req_new(t, "close");
		req->hook = i ? NULL : st_hook_slow;
		st_close_as(t, &mr->Header, req);
	}
	st_close_start(t, &p->a.pd->Header);
	st_close_start(t, &p->a.qp->Header);
	st_close_start(t, &p->a.conn->Header);
	st_close_start(t, &p->b.conn->Header);
	st_close_start(t, &p->listener->Header);
	st_close_start(t, &p->b.qp->Header);
	st_close_start(t, &p->b.pd->Header);
	st_close_start(t, &p->a.icq.cq->Header);
	st_close_start(t, &p->a.rcq.cq->Header);
	st_close_start(t, &p->b.icq.cq->Header);
	st_close_start(t, &p->b.rcq.cq->Header);
	st_close_adapter(t);
	/* all callbacks have returned: the usual check is made right here */
	list_for_each_entry(req, &t->reqs, link)
		st_req_check(t, req);
}

static const struct st_case st_cases[] = {
	{ .name = "pd_before_mrs", .run = st_pd_before_mrs },
	{ .name = "pd_before_mrs_softirq", .run = st_pd_before_mrs,
	  .ctx = ST_SOFTIRQ },
	{ .name = "antecedents_first", .run = st_antecedents_first },
	{ .name = "antecedents_first_spinlock", .run = st_antecedents_first,
	  .ctx = ST_LOCKED },
	{ .name = "antecedents_first_irq_off", .run = st_antecedents_first,
	  .ctx = ST_IRQ_OFF },
	{ .name = "any_order", .run = st_any_order },
	{ .name = "any_order_softirq", .run = st_any_order,
	  .ctx = ST_SOFTIRQ },
	{ .name = "mr_initialising", .run = st_mr_initialising },
	{ .name = "mr_initialising_softirq", .run = st_mr_initialising,
	  .ctx = ST_SOFTIRQ },
	{ .name = "mr_posted", .run = st_mr_posted },
	{ .name = "mr_registered", .run = st_mr_registered },
	{ .name = "mr_registered_irq_off", .run = st_mr_registered,
	  .ctx = ST_IRQ_OFF },
	{ .name = "lam_before_mr", .run = st_lam_before_mr },
	{ .name = "qp_with_100_requests", .run = st_qp_busy },
	{ .name = "qp_with_100_requests_softirq", .run = st_qp_busy,
	  .ctx = ST_SOFTIRQ },
	{ .name = "callback_before_parent", .run = st_callback_first },
	{ .name = "fire_and_forget", .run = st_fire_and_forget },
};

const struct st_suite st_suite_close = {
	"close", st_cases, ARRAY_SIZE(st_cases),
};
