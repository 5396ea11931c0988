// SPDX-License-Identifier: GPL-2.0-only
/*
 * The main job of the fast path: memory registered by a work request and
 * reached by a peer, exactly that memory and nothing else.
 */
#include <linux/mm.h>

#include "harness.h"

/* The address that the region gets. */
enum st_base {
	ST_BASE_VA,		/* that of the memory */
	ST_BASE_ZERO,
	ST_BASE_MADE_UP,	/* not even canonical */
	ST_BASE_OFFSET,		/* offset in its low bits, and FBO 0 */
};

/**
 * struct st_job - a region
 * @pages: it touches
 * @offset: of the first byte in the first page
 * @cut: bytes of the last page that are not part of it
 * @base: its address
 * @how: its memory
 */
struct st_job {
	ULONG pages;
	ULONG offset;
	ULONG cut;
	enum st_base base;
	enum st_how how;
};

static u64 st_job_base(const struct st_job *job, const struct st_buf *buf)
{
	switch (job->base) {
	case ST_BASE_ZERO:
		return 0;
	case ST_BASE_MADE_UP:
		return 0xfedc0bad76543000ULL + job->offset;
	case ST_BASE_OFFSET:
		return 0x123456789000ULL + job->offset;
	default:
		return buf->label;
	}
}

static bool st_job_cycle(struct st_test *t, const struct st_job *job,
			 struct st_pair *p, NDK_MR *mr, struct st_buf *buf,
			 UINT32 token)
{
	struct st_wr wr = {
		.op = NdkOperationTypeFastRegister, .mr = mr, .len = buf->len,
		.base = st_job_base(job, buf), .flags = ST_RIGHTS_ALL,
	};

	if (!ST_OK(t, st_build_lam(t, buf)))
		return false;
	wr.pages = buf->lam->AdapterPageCount;
	wr.array = buf->lam->AdapterPageArray;
	wr.fbo = job->base == ST_BASE_OFFSET ? 0 : buf->fbo;
	if (!ST_OK(t, st_do(t, &p->a, &wr)))
		return false;
	ST_EXPECT(t, st_remote_token(t, mr) == token,
		  "the token changed with the registration");
	if (!st_access(t, &p->b, buf, wr.base, token) ||
	    !ST_OK(t, st_invalidate(t, &p->a, mr)))
		return false;
	ST_EXPECT(t, st_remote_token(t, mr) == token,
		  "the token changed with the invalidation");
	st_release_lam(t, buf);
	return true;
}

static void st_fast(struct st_test *t)
{
	const struct st_job *job = (const struct st_job *)t->arg;
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf;
	UINT32 token;
	NDK_MR *mr;

	if (!st_takes_pages(t, job->pages))
		return;
	buf = st_buf_new(t, job->how, job->offset,
			 job->pages * PAGE_SIZE - job->offset - job->cut);
	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, job->pages, true)))
		return;
	token = st_remote_token(t, mr);
	ST_EXPECT(t, token, "the remote token is 0");
	ST_EXPECT(t, token != p->a.priv && st_local_token(t, mr) != p->a.priv,
		  "a token equals the privileged one");
	/* twice, as a consumer reuses its regions */
	if (!st_job_cycle(t, job, p, mr, buf, token) ||
	    !st_job_cycle(t, job, p, mr, buf, token))
		return;
	st_close(t, &mr->Header);
	st_pair_disconnect(t, p);
	ST_BUF(t, buf);
}

/* The region's own token names it in local requests too. */
static void st_local_use(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *near = st_buf_new(t, ST_SCATTER, 33, 5 * PAGE_SIZE);
	struct st_buf *far = st_buf_new(t, ST_SCATTER, 44, 5 * PAGE_SIZE);
	struct st_wr wr = { .op = NdkOperationTypeRead, .nsge = 1 };
	NDK_MR *near_mr, *far_mr;
	NDK_SGE sge;

	if (!p || !near || !far ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &near_mr)) ||
	    !ST_OK(t, st_create_mr(t, p->b.pd, true, &far_mr)) ||
	    !ST_OK(t, st_init(t, near_mr, 16, false)) ||
	    !ST_OK(t, st_init(t, far_mr, 16, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, near_mr, near, near->label,
				       NDK_OP_FLAG_ALLOW_LOCAL_WRITE |
				       NDK_OP_FLAG_RDMA_READ_SINK)) ||
	    !ST_OK(t, st_fast_register(t, &p->b, far_mr, far, far->label,
				       NDK_OP_FLAG_ALLOW_REMOTE_READ)))
		return;
	sge.VirtualAddress = (PVOID)(ULONG_PTR)(near->label + 5);
	sge.Length = 4 * PAGE_SIZE;
	sge.MemoryRegionToken = st_local_token(t, near_mr);
	wr.sgl = &sge;
	wr.raddr = far->label + 77;
	wr.rkey = st_remote_token(t, far_mr);
	st_buf_expect(near, 5, st_data(far) + 77, 4 * PAGE_SIZE);
	ST_OK(t, st_do(t, &p->a, &wr));
	ST_BUF(t, near);
	ST_BUF(t, far);
}

#define ST_JOB(...) ((unsigned long)&(const struct st_job){ __VA_ARGS__ })

static const struct st_case st_cases[] = {
	{ .name = "one_page", .run = st_fast, .arg = ST_JOB(1) },
	{ .name = "one_page_fbo_1", .run = st_fast, .arg = ST_JOB(1, 1, 1) },
	{ .name = "one_byte_fbo_4095", .run = st_fast,
	  .arg = ST_JOB(1, PAGE_SIZE - 1) },
	{ .name = "one_byte_fbo_0", .run = st_fast,
	  .arg = ST_JOB(1, 0, PAGE_SIZE - 1) },
	{ .name = "two_pages", .run = st_fast, .arg = ST_JOB(2) },
	{ .name = "two_bytes_of_two_pages", .run = st_fast,
	  .arg = ST_JOB(2, PAGE_SIZE - 1, PAGE_SIZE - 1) },
	{ .name = "pages_16", .run = st_fast, .arg = ST_JOB(16) },
	{ .name = "pages_16_fbo_1_end_7", .run = st_fast,
	  .arg = ST_JOB(16, 1, PAGE_SIZE - 7, ST_BASE_VA, ST_SCATTER) },
	{ .name = "pages_511_fbo_1", .run = st_fast,
	  .arg = ST_JOB(511, 1, 0, ST_BASE_VA, ST_SCATTER) },
	{ .name = "pages_512", .run = st_fast,
	  .arg = ST_JOB(512, 0, 0, ST_BASE_VA, ST_SCATTER) },
	{ .name = "pages_512_fbo_4095_end_1", .run = st_fast,
	  .arg = ST_JOB(512, PAGE_SIZE - 1, PAGE_SIZE - 1, ST_BASE_VA,
			ST_PAGES) },
	{ .name = "base_zero", .run = st_fast,
	  .arg = ST_JOB(3, 0, 5, ST_BASE_ZERO, ST_SCATTER) },
	{ .name = "base_made_up", .run = st_fast,
	  .arg = ST_JOB(3, 77, 5, ST_BASE_MADE_UP, ST_PAGES) },
	{ .name = "base_has_the_offset", .run = st_fast,
	  .arg = ST_JOB(3, 77, 5, ST_BASE_OFFSET, ST_SCATTER) },
	{ .name = "bh_off", .run = st_fast, .ctx = ST_BH_OFF,
	  .arg = ST_JOB(16, 1, 2, ST_BASE_VA, ST_SCATTER) },
	{ .name = "spinlock", .run = st_fast, .ctx = ST_LOCKED,
	  .arg = ST_JOB(16, 1, 2, ST_BASE_VA, ST_SCATTER) },
	{ .name = "irq_off", .run = st_fast, .ctx = ST_IRQ_OFF,
	  .arg = ST_JOB(16, 1, 2, ST_BASE_VA, ST_SCATTER) },
	{ .name = "softirq", .run = st_fast, .ctx = ST_SOFTIRQ,
	  .arg = ST_JOB(16, 1, 2, ST_BASE_VA, ST_SCATTER) },
	{ .name = "softirq_pages_512", .run = st_fast, .ctx = ST_SOFTIRQ,
	  .arg = ST_JOB(512, 0, 0, ST_BASE_VA, ST_SCATTER) },
	{ .name = "local_use", .run = st_local_use },
	{ .name = "local_use_softirq", .run = st_local_use, .ctx = ST_SOFTIRQ },
};

const struct st_suite st_suite_mr_fast = {
	"mr_fast", st_cases, ARRAY_SIZE(st_cases),
};
