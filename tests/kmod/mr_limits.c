// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many pages a fast-register region takes, and arguments it refuses.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "harness.h"

static bool st_region(struct st_test *t, NDK_PD **pd, NDK_MR **mr)
{
	return ST_OK(t, st_create_pd(t, pd)) &&
	       ST_OK(t, st_create_mr(t, *pd, true, mr));
}

static void st_zero_pages(struct st_test *t)
{
	NDK_PD *pd;
	NDK_MR *mr;

	if (!st_region(t, &pd, &mr))
		return;
	ST_STATUS(t, st_init(t, mr, 0, true), STATUS_INVALID_PARAMETER);
	ST_OK(t, st_init(t, mr, 1, true));
}

/* Find the limit; one more page is refused by name, and harms nothing. */
static void st_over_limit(struct st_test *t)
{
	ULONG good, bad = 1 << 24;
	NTSTATUS status;
	UINT32 token;
	NDK_PD *pd;
	NDK_MR *mr;

	good = max(16U, t->info.FRMRPageCount);
	if (!st_region(t, &pd, &mr) || !ST_OK(t, st_init(t, mr, good, true)))
		return;
	while (bad - good > 1) {
		ULONG pages = good + (bad - good) / 2;

		status = st_init(t, mr, pages, true);
		if (status == STATUS_SUCCESS)
			good = pages;
		else if (ST_STATUS(t, status, STATUS_IMPLEMENTATION_LIMIT))
			bad = pages;
		else
			return;
	}
	st_note(t, "the limit is %u pages", good);
	if (!ST_OK(t, st_init(t, mr, good, true)))
		return;
	token = st_remote_token(t, mr);
	ST_STATUS(t, st_init(t, mr, good + 1, true),
		  STATUS_IMPLEMENTATION_LIMIT);
	ST_STATUS(t, st_init(t, mr, ~0U, true), STATUS_IMPLEMENTATION_LIMIT);
	ST_EXPECT(t, st_remote_token(t, mr) == token,
		  "a refused initialisation changed the token");
}

static void st_fewer_pages(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 9, 3 * PAGE_SIZE);
	NDK_MR *mr;

	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 16, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				       ST_RIGHTS_ALL)))
		return;
	st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
}

static void st_more_pages(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 5 * PAGE_SIZE);
	struct st_buf *fits = st_buf_new(t, ST_SCATTER, 0, 4 * PAGE_SIZE);
	NDK_MR *mr;

	if (!p || !buf || !fits ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 4, true)))
		return;
	ST_STATUS(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				      ST_RIGHTS_ALL), STATUS_INVALID_PARAMETER);
	if (ST_OK(t, st_fast_register(t, &p->a, mr, fits, fits->label,
				      ST_RIGHTS_ALL)))
		st_access(t, &p->b, fits, fits->label, st_remote_token(t, mr));
}

/* What a region was initialised for before is over when it is initialised anew. */
static void st_anew(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 5 * PAGE_SIZE);
	struct st_buf *fits = st_buf_new(t, ST_SCATTER, 0, 4 * PAGE_SIZE);
	NDK_MR *mr;

	if (!p || !buf || !fits ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 16, true)) ||
	    !ST_OK(t, st_init(t, mr, 4, false)))
		return;
	ST_STATUS(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				      NDK_OP_FLAG_ALLOW_LOCAL_WRITE),
		  STATUS_INVALID_PARAMETER);
	ST_STATUS(t, st_fast_register(t, &p->a, mr, fits, fits->label,
				      ST_RIGHTS_ALL), STATUS_ACCESS_VIOLATION);
	ST_OK(t, st_fast_register(t, &p->a, mr, fits, fits->label,
				  NDK_OP_FLAG_ALLOW_LOCAL_WRITE));
}

/* Each wrong argument alone is refused inline; then the right ones work. */
static void st_wrong_arguments(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 8, 3 * PAGE_SIZE);
	NDK_LOGICAL_ADDRESS odd[4];
	struct st_wr good, wr;
	NDK_MR *mr;
	size_t i;

	if (!p || !buf || !ST_OK(t, st_build_lam(t, buf)) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 8, true)))
		return;
	good = (struct st_wr){
		.op = NdkOperationTypeFastRegister, .mr = mr, .pages = 4,
		.array = buf->lam->AdapterPageArray, .fbo = 8, .len = buf->len,
		.base = 0x70000008, .flags = ST_RIGHTS_ALL,
	};

	wr = good;
	wr.pages = 0;
	ST_STATUS(t, st_do(t, &p->a, &wr), STATUS_INVALID_PARAMETER);
	wr = good;
	wr.len = 0;
	ST_STATUS(t, st_do(t, &p->a, &wr), STATUS_INVALID_PARAMETER);
	wr = good;
	wr.len = 4 * PAGE_SIZE - 8 + 1;
	ST_STATUS(t, st_do(t, &p->a, &wr), STATUS_INVALID_PARAMETER);
	wr = good;
	wr.len = ~(SIZE_T)0;
	ST_STATUS(t, st_do(t, &p->a, &wr), STATUS_INVALID_PARAMETER);
	wr = good;
	wr.fbo = PAGE_SIZE + 8;
	ST_STATUS(t, st_do(t, &p->a, &wr), STATUS_INVALID_PARAMETER);
	wr = good;
	wr.base = 0x70000009;
	ST_STATUS(t, st_do(t, &p->a, &wr), STATUS_INVALID_PARAMETER);
	wr = good;
	wr.base = 0;
	ST_STATUS(t, st_do(t, &p->a, &wr), STATUS_INVALID_PARAMETER);
	wr = good;
	wr.base = -2 * (u64)PAGE_SIZE + 8;
	ST_STATUS(t, st_do(t, &p->a, &wr), STATUS_INVALID_PARAMETER);
	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		wr = good;
		memcpy(odd, wr.array, sizeof(odd));
		odd[i].QuadPart += 64;
		wr.array = odd;
		if (!ST_STATUS(t, st_do(t, &p->a, &wr),
			       STATUS_INVALID_PARAMETER) ||
		    !st_refused_for(t, &p->a.qp->Header, "AdapterPageArray"))
			return;
	}
	/* alone, it does not have to go on in the next, so that a device took it */
	wr.pages = 1;
	wr.len = 64;
	odd[0].QuadPart += 64;
	ST_STATUS(t, st_do(t, &p->a, &wr), STATUS_INVALID_PARAMETER);

	if (ST_OK(t, st_do(t, &p->a, &good)))
		st_access(t, &p->b, buf, good.base, st_remote_token(t, mr));
}

/*
 * The count is looked at before the array: here it goes on where nothing is
 * mapped.
 */
static void st_array_ends(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	NDK_LOGICAL_ADDRESS *array = vzalloc(PAGE_SIZE);
	struct st_wr wr = {
		.op = NdkOperationTypeFastRegister, .array = array,
		.pages = 2 * PAGE_SIZE / sizeof(*array), .len = 1,
		.base = PAGE_SIZE,
	};

	if (p && array && ST_OK(t, st_create_mr(t, p->a.pd, true, &wr.mr)) &&
	    ST_OK(t, st_init(t, wr.mr, 4, true))) {
		ST_STATUS(t, st_post(t, p->a.qp, &wr),
			  STATUS_INVALID_PARAMETER);
		st_refused_for(t, &p->a.qp->Header, "AdapterPageCount");
		wr.pages = U32_MAX;
		ST_STATUS(t, st_post(t, p->a.qp, &wr),
			  STATUS_INVALID_PARAMETER);
	}
	vfree(array);
}

/* The array is the caller's again as soon as the post has returned. */
static void st_array_reused(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 3 * PAGE_SIZE);
	NDK_LOGICAL_ADDRESS array[3];
	struct st_wr wr = { .op = NdkOperationTypeFastRegister };
	NDK_MR *mr;

	if (!p || !buf || !ST_OK(t, st_build_lam(t, buf)) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 3, true)))
		return;
	memcpy(array, buf->lam->AdapterPageArray, sizeof(array));
	wr.mr = mr;
	wr.pages = 3;
	wr.array = array;
	wr.len = buf->len;
	wr.base = buf->label;
	wr.flags = ST_RIGHTS_ALL;
	wr.ctx = array;
	if (!ST_OK(t, st_post(t, p->a.qp, &wr)))
		return;
	memset(array, 0, sizeof(array));
	if (st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeFastRegister,
			   array, STATUS_SUCCESS))
		st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
}

/* What a consumer does all day does not wait for anybody. */
static void st_inline(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 9, 3 * PAGE_SIZE);
	struct st_req *req;
	NDK_MR *mr;
	int i;

	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)))
		return;
	for (i = 0; i < 3; i++) {
		req = st_req_new(t, "NdkInitializeFastRegisterMr");
		if (!ST_OK(t, st_init_start(t, mr, t->info.FRMRPageCount, true,
					    req)) ||
		    !ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
					       ST_RIGHTS_ALL)) ||
		    !st_access(t, &p->b, buf, buf->label,
			       st_remote_token(t, mr)) ||
		    !ST_OK(t, st_invalidate(t, &p->a, mr)))
			return;
		ST_EXPECT(t, st_is_idle(mr), "invalidated, and not idle");
	}
}

static const struct st_case st_cases[] = {
	{ .name = "zero_pages", .run = st_zero_pages },
	{ .name = "zero_pages_softirq", .run = st_zero_pages,
	  .ctx = ST_SOFTIRQ },
	{ .name = "over_limit", .run = st_over_limit },
	{ .name = "over_limit_softirq", .run = st_over_limit,
	  .ctx = ST_SOFTIRQ },
	{ .name = "fewer_pages", .run = st_fewer_pages },
	{ .name = "more_pages", .run = st_more_pages },
	{ .name = "anew", .run = st_anew },
	{ .name = "wrong_arguments", .run = st_wrong_arguments },
	{ .name = "array_ends", .run = st_array_ends },
	{ .name = "array_ends_irq_off", .run = st_array_ends,
	  .ctx = ST_IRQ_OFF },
	{ .name = "array_reused", .run = st_array_reused },
	{ .name = "inline", .run = st_inline },
};

const struct st_suite st_suite_mr_limits = {
	"mr_limits", st_cases, ARRAY_SIZE(st_cases),
};
