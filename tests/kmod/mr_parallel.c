// SPDX-License-Identifier: GPL-2.0-only
/*
 * Initialisation of many regions at once, of one region several times at once,
 * and of one region over and over.
 */
#include <linux/mm.h>
#include <linux/random.h>

#include "harness.h"

#define ST_MRS		64
#define ST_AT_ONCE	4
/* Enough for one of 255 that came back as it was to be seen. */
#define ST_FRESH	2000

struct st_batch {
	NDK_MR **mrs;
	struct st_req **reqs;
	ULONG *pages;
	size_t n;
};

/* In a softirq: no waiting, not even between the calls. */
static void st_init_batch(void *arg)
{
	struct st_batch *b = arg;
	size_t i;

	for (i = 0; i < b->n; i++)
		b->reqs[i]->answer =
			b->mrs[i]->Dispatch->NdkInitializeFastRegisterMr(b->mrs[i],
									 b->pages[i],
									 TRUE,
									 st_on_request,
									 b->reqs[i]);
}

static void st_two_cpus(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 3, PAGE_SIZE);
	struct st_req *reqs[ST_MRS];
	struct st_batch half[2];
	UINT32 tokens[ST_MRS];
	ULONG pages[ST_MRS];
	NDK_MR *mrs[ST_MRS];
	size_t i, j;

	if (!p || !buf)
		return;
	for (i = 0; i < ST_MRS; i++) {
		if (!ST_OK(t, st_create_mr(t, p->a.pd, true, &mrs[i])))
			return;
		pages[i] = 2 + i % 15;
	}
	for (i = 0; i < ST_MRS; i++)
		reqs[i] = st_req_new(t, "NdkInitializeFastRegisterMr");
	for (i = 0; i < 2; i++)
		half[i] = (struct st_batch){
			.mrs = mrs + i * ST_MRS / 2,
			.reqs = reqs + i * ST_MRS / 2,
			.pages = pages + i * ST_MRS / 2, .n = ST_MRS / 2,
		};
	st_run_both(st_init_batch, &half[0], &half[1]);
	for (i = 0; i < ST_MRS; i++) {
		if (!ST_OK(t, st_req_wait(t, reqs[i])))
			return;
		tokens[i] = st_remote_token(t, mrs[i]);
		ST_EXPECT(t, tokens[i], "token of region %zu is 0", i);
		for (j = 0; j < i; j++)
			ST_EXPECT(t, tokens[i] != tokens[j],
				  "regions %zu and %zu have one token", i, j);
	}
	for (i = 0; i < ST_MRS; i++) {
		if (!ST_OK(t, st_fast_register(t, &p->a, mrs[i], buf,
					       0x5000000000000003ULL,
					       ST_RIGHTS_ALL)) ||
		    !st_access(t, &p->b, buf, 0x5000000000000003ULL,
			       tokens[i]) ||
		    !ST_OK(t, st_invalidate(t, &p->a, mrs[i])))
			return;
	}
}

static void st_at_once(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 3, PAGE_SIZE);
	struct st_req *reqs[ST_AT_ONCE];
	ULONG pages[ST_AT_ONCE] = { 16, 2, 32, 4 };
	NDK_MR *mrs[ST_AT_ONCE];
	struct st_batch half[2];
	size_t i, round;

	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mrs[0])))
		return;
	for (round = 0; round < 20; round++) {
		for (i = 0; i < ST_AT_ONCE; i++) {
			mrs[i] = mrs[0];
			reqs[i] = st_req_new(t, "NdkInitializeFastRegisterMr");
		}
		for (i = 0; i < 2; i++)
			half[i] = (struct st_batch){
				.mrs = mrs + i * 2, .reqs = reqs + i * 2,
				.pages = pages + i * 2, .n = 2,
			};
		st_run_both(st_init_batch, &half[0], &half[1]);
		for (i = 0; i < ST_AT_ONCE; i++)
			if (!ST_OK(t, st_req_wait(t, reqs[i])))
				return;
	}
	if (ST_OK(t, st_fast_register(t, &p->a, mrs[0], buf, buf->label,
				      ST_RIGHTS_ALL)))
		st_access(t, &p->b, buf, buf->label,
			  st_remote_token(t, mrs[0]));
}

static void st_again(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 3, PAGE_SIZE);
	UINT32 token, last = 0;
	NDK_MR *mr;
	size_t i;

	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)))
		return;
	for (i = 0; i < t->arg; i++) {
		if (!ST_OK(t, st_init(t, mr, 2 + i * 7 % 31, true)))
			return;
		token = st_remote_token(t, mr);
		if (!ST_EXPECT(t, token && token != last,
			       "token 0x%x after 0x%x in round %zu", token,
			       last, i))
			return;
		last = token;
		if (i % 50)
			continue;
		if (!ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
					       ST_RIGHTS_ALL)) ||
		    !st_access(t, &p->b, buf, buf->label, token) ||
		    !ST_OK(t, st_invalidate(t, &p->a, mr)))
			return;
	}
}

/* More keys than a key has variants: each is still only the newest region's. */
static void st_old_token(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 3, PAGE_SIZE);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 8);
	UINT32 old;
	NDK_MR *mr;

	if (!p || !buf || !local ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 4, true)))
		return;
	old = st_remote_token(t, mr);
	if (!ST_OK(t, st_init(t, mr, 4, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				       ST_RIGHTS_ALL)))
		return;
	ST_STATUS(t, st_rdma(t, &p->b, NdkOperationTypeRead, local, 0, 8,
			     buf->label, old), st_refusal(t));
	ST_BUF(t, local);
}

/* What an earlier region gave back comes with another token than it had last. */
static void st_fresh_tokens(struct st_test *t)
{
	static UINT32 tokens[ST_FRESH];
	size_t i, j, again = 0;
	NDK_PD *pd;
	NDK_MR *mr;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, true, &mr)))
		return;
	for (i = 0; i < ST_FRESH; i++) {
		if (!ST_OK(t, st_init(t, mr, 4, true)))
			return;
		tokens[i] = st_remote_token(t, mr);
		/* The device numbers its regions above the low byte. */
		for (j = i; j && (tokens[j - 1] ^ tokens[i]) >> 8; j--)
			;
		if (!j)
			continue;
		again++;
		if (!ST_EXPECT(t, tokens[j - 1] != tokens[i],
			       "token 0x%x of round %zu is back in round %zu",
			       tokens[i], j - 1, i))
			return;
	}
	ST_EXPECT(t, again, "nothing has come back");
}

static const struct st_case st_cases[] = {
	{ .name = "64_regions_two_cpus_softirq", .run = st_two_cpus },
	{ .name = "one_region_four_times_at_once", .run = st_at_once },
	{ .name = "1000_times", .run = st_again, .arg = 1000 },
	{ .name = "200_times_softirq", .run = st_again, .arg = 200,
	  .ctx = ST_SOFTIRQ },
	{ .name = "old_token", .run = st_old_token },
	{ .name = "fresh_tokens", .run = st_fresh_tokens },
};

const struct st_suite st_suite_mr_parallel = {
	"mr_parallel", st_cases, ARRAY_SIZE(st_cases),
};
