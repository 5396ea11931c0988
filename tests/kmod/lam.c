// SPDX-License-Identifier: GPL-2.0-only
/*
 * NdkBuildLAM and NdkReleaseLAM.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "harness.h"

static void st_inline(struct st_test *t)
{
	static const struct { size_t offset, len; } cases[] = {
		{ 0, 1 }, { 0, PAGE_SIZE }, { 1, PAGE_SIZE },
		{ PAGE_SIZE - 1, 2 }, { 100, 20 * PAGE_SIZE - 101 },
		{ PAGE_SIZE - 1, 511 * PAGE_SIZE + 1 },
	};
	enum st_how how;
	size_t i;

	for (how = ST_CONTIG; how <= ST_PAGES; how++) {
		for (i = 0; i < ARRAY_SIZE(cases); i++) {
			struct st_buf *buf = st_buf_new(t, how, cases[i].offset,
							cases[i].len);
			struct st_req *req;

			if (!buf || !ST_OK(t, st_build_lam(t, buf)))
				return;
			req = list_last_entry(&t->reqs, struct st_req, link);
			ST_EXPECT(t, req->answer == STATUS_SUCCESS,
				  "answered %s", st_status_name(req->answer));
			st_release_lam(t, buf);
			ST_BUF(t, buf);
		}
	}
}

struct st_lam_call {
	struct st_test *t;
	MDL *mdl;
	SIZE_T length;
	NDK_LOGICAL_ADDRESS_MAPPING *lam;
	ULONG size;
	ULONG fbo;
	NTSTATUS status;
};

/* With a NULL callback there is nothing but an inline answer. */
static void st_null_callback_call(void *arg)
{
	struct st_lam_call *c = arg;
	NDK_ADAPTER *adapter = c->t->adapter;

	c->status = adapter->Dispatch->NdkBuildLAM(adapter, c->mdl, c->length,
						   NULL, NULL, c->lam, &c->size,
						   &c->fbo);
	if (c->status == STATUS_SUCCESS)
		adapter->Dispatch->NdkReleaseLAM(adapter, c->lam);
}

static NTSTATUS st_build(struct st_test *t, struct st_lam_call *c)
{
	c->t = t;
	st_call(t, st_null_callback_call, c);
	return c->status;
}

static void st_null_callback(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 7, 3 * PAGE_SIZE);
	struct st_lam_call c = { .size = 16 + 4 * 8 };
	UCHAR room[16 + 4 * 8 + 8] __aligned(8);

	if (!buf)
		return;
	memset(room, 0xa5, sizeof(room));
	c.lam = (NDK_LOGICAL_ADDRESS_MAPPING *)room;
	c.mdl = buf->mdl;
	c.length = buf->len;
	ST_OK(t, st_build(t, &c));
	ST_EXPECT(t, c.fbo == 7, "FBO is %u", c.fbo);
	ST_EXPECT(t, c.size == 16 + 4 * 8, "wrote %u bytes", c.size);
	ST_EXPECT(t, !memchr_inv(room + 16 + 4 * 8, 0xa5, 8),
		  "wrote past the buffer");
}

static void st_size_query(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 7, 3 * PAGE_SIZE);
	UCHAR room[16 + 4 * 8] __aligned(8);
	struct st_lam_call c = {};

	if (!buf)
		return;
	c.mdl = buf->mdl;
	c.length = buf->len;
	ST_STATUS(t, st_build(t, &c), STATUS_BUFFER_TOO_SMALL);
	ST_EXPECT(t, c.size == sizeof(room), "wants %u bytes", c.size);
	memset(room, 0xa5, sizeof(room));
	c.lam = (NDK_LOGICAL_ADDRESS_MAPPING *)room;
	c.size = sizeof(room) - 1;
	ST_STATUS(t, st_build(t, &c), STATUS_BUFFER_TOO_SMALL);
	ST_EXPECT(t, c.size == sizeof(room), "wants %u bytes", c.size);
	c.size = sizeof(room);
	ST_OK(t, st_build(t, &c));
	/* a part of what the MDL describes */
	c.length = 1;
	c.size = sizeof(room);
	ST_OK(t, st_build(t, &c));
	ST_EXPECT(t, c.size == 16 + 8, "wrote %u bytes for one page", c.size);
}

/* Two MDLs whose addresses continue one another are one range. */
static void st_chain(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 4 * PAGE_SIZE);
	UCHAR room[16 + 4 * 8] __aligned(8);
	struct st_lam_call c = { .size = sizeof(room) };
	MDL *first, *second;

	if (!buf)
		return;
	first = IoAllocateMdl(st_data(buf), PAGE_SIZE, FALSE, FALSE, NULL);
	second = IoAllocateMdl(st_data(buf) + PAGE_SIZE, 3 * PAGE_SIZE, FALSE,
			       FALSE, NULL);
	if (!ST_EXPECT(t, first && second, "no MDL"))
		goto out;
	MmBuildMdlForNonPagedPool(first);
	MmBuildMdlForNonPagedPool(second);
	first->Next = second;
	c.mdl = first;
	c.lam = (NDK_LOGICAL_ADDRESS_MAPPING *)room;
	c.length = buf->len;
	ST_OK(t, st_build(t, &c));
	ST_EXPECT(t, c.lam->AdapterPageCount == 4, "%u pages mapped",
		  c.lam->AdapterPageCount);
	first->Next = NULL;
out:
	if (second)
		IoFreeMdl(second);
	if (first)
		IoFreeMdl(first);
}

/*
 * One MDL may end in the middle of a page that the next goes on in: then that is
 * one page, and it is the same to both.
 */
static void st_chain_inside_page(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 7, 4 * PAGE_SIZE - 7);
	UCHAR room[16 + 4 * 8 + 8] __aligned(8);
	struct st_lam_call c = {
		.lam = (NDK_LOGICAL_ADDRESS_MAPPING *)room, .size = 16 + 4 * 8,
	};
	size_t cut = PAGE_SIZE + 100;
	MDL *first, *second;

	if (!buf)
		return;
	first = IoAllocateMdl(st_data(buf), cut, FALSE, FALSE, NULL);
	second = IoAllocateMdl(st_data(buf) + cut, buf->len - cut, FALSE, FALSE,
			       NULL);
	if (!ST_EXPECT(t, first && second, "no MDL"))
		goto out;
	MmBuildMdlForNonPagedPool(first);
	MmBuildMdlForNonPagedPool(second);
	first->Next = second;
	memset(room, 0xa5, sizeof(room));
	c.mdl = first;
	c.length = buf->len;
	ST_OK(t, st_build(t, &c));
	ST_EXPECT(t, c.lam->AdapterPageCount == 4, "%u pages mapped",
		  c.lam->AdapterPageCount);
	ST_EXPECT(t, !memchr_inv(room + 16 + 4 * 8, 0xa5, 8),
		  "wrote past the buffer");
	/* another page, where the first has one already */
	second->Pages[0] = buf->pages[0];
	ST_STATUS(t, st_build(t, &c), STATUS_INVALID_PARAMETER);
	first->Next = NULL;
out:
	IoFreeMdl(second);
	IoFreeMdl(first);
}

static void st_wrong_mdl(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 4 * PAGE_SIZE);
	UCHAR room[16 + 8 * 8] __aligned(8);
	struct st_lam_call c = {
		.lam = (NDK_LOGICAL_ADDRESS_MAPPING *)room,
	};
	MDL *first, *second;

	if (!buf)
		return;
	c.mdl = buf->mdl;
	c.size = sizeof(room);
	c.length = 0;
	ST_STATUS(t, st_build(t, &c), STATUS_INVALID_PARAMETER);
	c.size = sizeof(room);
	c.length = buf->len + 1;
	ST_STATUS(t, st_build(t, &c), STATUS_INVALID_PARAMETER);
	c.size = sizeof(room);
	c.mdl = NULL;
	c.length = 1;
	ST_STATUS(t, st_build(t, &c), STATUS_INVALID_PARAMETER);

	/* a chain with a hole of one page */
	first = IoAllocateMdl(st_data(buf), PAGE_SIZE, FALSE, FALSE, NULL);
	second = IoAllocateMdl(st_data(buf) + 2 * PAGE_SIZE, PAGE_SIZE, FALSE,
			       FALSE, NULL);
	if (!ST_EXPECT(t, first && second, "no MDL"))
		goto out;
	MmBuildMdlForNonPagedPool(first);
	MmBuildMdlForNonPagedPool(second);
	first->Next = second;
	c.mdl = first;
	c.size = sizeof(room);
	c.length = 2 * PAGE_SIZE;
	ST_STATUS(t, st_build(t, &c), STATUS_INVALID_PARAMETER);
	first->Next = NULL;
out:
	if (second)
		IoFreeMdl(second);
	if (first)
		IoFreeMdl(first);
}

/* Each MDL of a chain has to have its pages. */
static void st_second_not_locked(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 2 * PAGE_SIZE);
	UCHAR room[16 + 2 * 8] __aligned(8);
	struct st_lam_call c = {
		.lam = (NDK_LOGICAL_ADDRESS_MAPPING *)room,
		.size = sizeof(room),
	};
	MDL *first, *second;

	if (!buf)
		return;
	first = IoAllocateMdl(st_data(buf), PAGE_SIZE, FALSE, FALSE, NULL);
	second = IoAllocateMdl(st_data(buf) + PAGE_SIZE, PAGE_SIZE, FALSE,
			       FALSE, NULL);
	if (!ST_EXPECT(t, first && second, "no MDL"))
		goto out;
	MmBuildMdlForNonPagedPool(first);
	/* of the other there is nothing but where it should be */
	second->Pages[0] = buf->pages[2];
	first->Next = second;
	c.mdl = first;
	c.length = buf->len;
	if (ST_STATUS(t, st_build(t, &c), STATUS_INVALID_PARAMETER))
		st_refused_for(t, &t->adapter->Header,
			       "Mdl (pages not locked)");
	first->Next = NULL;
out:
	IoFreeMdl(second);
	IoFreeMdl(first);
}

/* A range may have the last byte of all, and not go on from there. */
static void st_last_byte(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_PAGES, 0, 2 * PAGE_SIZE);
	UCHAR room[16 + 2 * 8] __aligned(8);
	struct st_lam_call c = {
		.lam = (NDK_LOGICAL_ADDRESS_MAPPING *)room,
		.size = sizeof(room),
	};
	MDL *mdl;

	mdl = IoAllocateMdl((PVOID)-PAGE_SIZE, 2 * PAGE_SIZE, FALSE, FALSE,
			    NULL);
	if (!buf || !ST_EXPECT(t, mdl, "no MDL"))
		goto out;
	ST_OK(t, ndk_mdl_set_pages(mdl, buf->pages + 1, 2));
	c.mdl = mdl;
	c.length = PAGE_SIZE;
	ST_OK(t, st_build(t, &c));
	c.length = PAGE_SIZE + 1;
	c.size = sizeof(room);
	if (ST_STATUS(t, st_build(t, &c), STATUS_INVALID_PARAMETER))
		st_refused_for(t, &t->adapter->Header, "Length (wraps around)");
out:
	IoFreeMdl(mdl);
}

/* A consumer that releases a mapping once more is told, and changes nothing. */
static void st_released_twice(struct st_test *t)
{
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 7, 3 * PAGE_SIZE);
	NDK_ADAPTER *adapter = t->adapter;

	if (!buf || !ST_OK(t, st_build_lam(t, buf)))
		return;
	adapter->Dispatch->NdkReleaseLAM(adapter, buf->lam);
	st_allow_log("WARNING: .*ndk_release_lam");
	/* and this is the second time */
	st_release_lam(t, buf);
	st_allow_log_end();
	if (ST_OK(t, st_build_lam(t, buf)))
		st_release_lam(t, buf);
}

static const struct st_case st_cases[] = {
	{ .name = "inline_process", .run = st_inline },
	{ .name = "inline_bh_off", .run = st_inline, .ctx = ST_BH_OFF },
	{ .name = "inline_spinlock", .run = st_inline, .ctx = ST_LOCKED },
	{ .name = "inline_irq_off", .run = st_inline, .ctx = ST_IRQ_OFF },
	{ .name = "inline_softirq", .run = st_inline, .ctx = ST_SOFTIRQ },
	{ .name = "null_callback", .run = st_null_callback },
	{ .name = "null_callback_softirq", .run = st_null_callback,
	  .ctx = ST_SOFTIRQ },
	{ .name = "size_query", .run = st_size_query },
	{ .name = "chain", .run = st_chain },
	{ .name = "chain_inside_page", .run = st_chain_inside_page },
	{ .name = "wrong_mdl", .run = st_wrong_mdl },
	{ .name = "second_not_locked", .run = st_second_not_locked },
	{ .name = "last_byte", .run = st_last_byte },
	{ .name = "released_twice", .run = st_released_twice },
};

const struct st_suite st_suite_lam = {
	"lam", st_cases, ARRAY_SIZE(st_cases),
};
