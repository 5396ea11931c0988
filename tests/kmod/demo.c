// SPDX-License-Identifier: GPL-2.0-only
/*
 * What initialising a fast-register region from a softirq looks like.
 */
#include <linux/bottom_half.h>
#include <linux/ktime.h>

#include "harness.h"

struct st_shown {
	struct st_test *t;
	NDK_MR *mr;
	ULONG pages;
	struct st_req *req;
	bool in_softirq;
	bool callback_in_softirq;
	ktime_t asked;
	ktime_t called;
};

static void st_shown_callback(struct st_req *req)
{
	struct st_shown *s = req->priv;

	s->called = ktime_get();
	s->callback_in_softirq = in_serving_softirq();
}

static void st_shown_call(void *arg)
{
	struct st_shown *s = arg;

	s->in_softirq = in_serving_softirq();
	s->asked = ktime_get();
	s->req->answer =
		s->mr->Dispatch->NdkInitializeFastRegisterMr(s->mr, s->pages,
							     TRUE,
							     st_on_request,
							     s->req);
}

static size_t st_show(struct st_test *t, NDK_PD *pd, ULONG pages, char *text,
		      size_t size)
{
	struct st_shown s = { .t = t, .pages = pages };
	size_t n = 0;

	if (!ST_OK(t, st_create_mr(t, pd, true, &s.mr)))
		return 0;
	s.req = st_req_new(t, "NdkInitializeFastRegisterMr");
	s.req->hook = st_shown_callback;
	s.req->priv = &s;
	st_run_in(ST_SOFTIRQ, st_shown_call, &s);
	n += scnprintf(text + n, size - n,
		       "NdkInitializeFastRegisterMr(%u pages), in_serving_softirq: %s\n"
		       "    answer    %s%s\n", pages,
		       s.in_softirq ? "yes" : "no",
		       st_status_name(s.req->answer),
		       s.req->answer == STATUS_PENDING ? "" : ", inline");
	if (!ST_OK(t, st_req_wait(t, s.req)))
		return n;
	if (s.req->answer == STATUS_PENDING)
		n += scnprintf(text + n, size - n,
			       "    callback  %s, %lld us later, from %s\n",
			       st_status_name(s.req->status),
			       ktime_us_delta(s.called, s.asked),
			       s.callback_in_softirq ? "softirq" : "process context");
	n += scnprintf(text + n, size - n,
		       "    token     0x%08x for peers, 0x%08x locally\n",
		       st_remote_token(t, s.mr), st_local_token(t, s.mr));
	st_close(t, &s.mr->Header);
	return n;
}

/**
 * st_demo() - initialise regions of a usual and of an unusual size
 * @text: out: what happened
 * @size: room
 *
 * Return: bytes of @text.
 */
size_t st_demo(char *text, size_t size)
{
	static const struct st_case c = { .name = "demo" };
	static struct st_test t;
	size_t n = 0;
	NDK_PD *pd;

	st_begin(&t, "demo", &c);
	if (!t.failures && ST_OK(&t, st_create_pd(&t, &pd))) {
		n += scnprintf(text + n, size - n,
			       "adapter %s, NDK %u.%u\n", st_device(),
			       t.info.Version.Major, t.info.Version.Minor);
		n += st_show(&t, pd, t.info.FRMRPageCount, text + n, size - n);
		n += st_show(&t, pd, 17, text + n, size - n);
	}
	st_end(&t);
	n += scnprintf(text + n, size - n, "%s%s", t.log,
		       t.failures ? "failed\n" : "");
	if (!t.stuck)
		st_reqs_free();
	return n;
}
