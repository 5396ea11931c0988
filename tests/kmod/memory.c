// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory to register: with guard pages, and with a model of what each byte of
 * it should be, so that one comparison finds a byte changed anywhere.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "harness.h"

/* Virtual address of memory that has none: only a label. */
#define ST_LABEL	0x00005eed00000000ULL

static bool st_mem_alloc(struct st_buf *buf)
{
	size_t n = buf->size / PAGE_SIZE;
	size_t i;

	switch (buf->how) {
	case ST_CONTIG:
		buf->mem = alloc_pages_exact(buf->size, GFP_KERNEL);
		if (!buf->mem)
			return false;
		for (i = 0; i < n; i++)
			buf->pages[i] = virt_to_page(buf->mem + i * PAGE_SIZE);
		return true;
	case ST_SCATTER:
		buf->mem = vmalloc(buf->size);
		if (!buf->mem)
			return false;
		for (i = 0; i < n; i++)
			buf->pages[i] = vmalloc_to_page(buf->mem +
							i * PAGE_SIZE);
		return true;
	case ST_PAGES:
		for (i = 0; i < n; i++) {
			buf->pages[i] = alloc_page(GFP_KERNEL);
			if (!buf->pages[i])
				return false;
		}
		buf->mem = vmap(buf->pages, n, VM_MAP, PAGE_KERNEL);
		return buf->mem;
	}
	return false;
}

static void st_mem_free(struct st_buf *buf)
{
	size_t i;

	switch (buf->how) {
	case ST_CONTIG:
		if (buf->mem)
			free_pages_exact(buf->mem, buf->size);
		break;
	case ST_SCATTER:
		vfree(buf->mem);
		break;
	case ST_PAGES:
		vunmap(buf->mem);
		for (i = 0; buf->pages && i < buf->size / PAGE_SIZE; i++)
			if (buf->pages[i])
				__free_page(buf->pages[i]);
		break;
	}
}

static bool st_buf_init(struct st_test *t, struct st_buf *buf)
{
	buf->model = vmalloc(buf->size);
	buf->pages = kvcalloc(buf->size / PAGE_SIZE, sizeof(*buf->pages),
			      GFP_KERNEL);
	if (!ST_EXPECT(t, buf->model && buf->pages && st_mem_alloc(buf),
		       "no memory for a buffer of %zu bytes", buf->size))
		return false;
	if (buf->how == ST_PAGES)
		buf->label = ST_LABEL + buf->start;
	else
		buf->label = (u64)(ULONG_PTR)st_data(buf);
	buf->mdl = IoAllocateMdl((PVOID)(ULONG_PTR)buf->label, buf->len, FALSE,
				 FALSE, NULL);
	if (!ST_EXPECT(t, buf->mdl, "IoAllocateMdl() of %zu bytes failed",
		       buf->len))
		return false;
	if (buf->how == ST_PAGES)
		return ST_OK(t, ndk_mdl_set_pages(buf->mdl, buf->pages + 1,
						  ndk_mdl_page_count(buf->mdl)));
	MmBuildMdlForNonPagedPool(buf->mdl);
	return true;
}

/**
 * st_buf_new() - memory for the test, and an MDL that describes it
 * @t: the test
 * @how: kind of memory and of MDL
 * @offset: first byte's offset in its page
 * @len: bytes
 *
 * Return: the buffer with random content, or NULL and the test has failed.
 */
struct st_buf *st_buf_new(struct st_test *t, enum st_how how, size_t offset,
			  size_t len)
{
	struct st_buf *buf;

	buf = kzalloc(sizeof(*buf), GFP_KERNEL | __GFP_NOFAIL);
	buf->how = how;
	buf->start = PAGE_SIZE + offset;
	buf->len = len;
	buf->size = PAGE_ALIGN(offset + len) + 2 * PAGE_SIZE;
	list_add(&buf->link, &t->bufs);
	if (!st_buf_init(t, buf))
		return NULL;
	get_random_bytes(buf->model, buf->size);
	memcpy(buf->mem, buf->model, buf->size);
	return buf;
}

/**
 * st_buf_refill() - new random content for the buffer, not for its guards
 * @buf: the buffer
 */
void st_buf_refill(struct st_buf *buf)
{
	get_random_bytes(st_model(buf), buf->len);
	memcpy(st_data(buf), st_model(buf), buf->len);
}

/**
 * st_buf_expect() - a peer is about to write into the buffer
 * @buf: the buffer
 * @at: offset in it
 * @data: what will be written
 * @len: bytes
 */
void st_buf_expect(struct st_buf *buf, size_t at, const u8 *data, size_t len)
{
	memcpy(st_model(buf) + at, data, len);
}

/**
 * st_buf_count() - how much of a buffer is of one value
 * @buf: the buffer
 * @byte: the value
 *
 * Return: bytes.
 */
size_t st_buf_count(struct st_buf *buf, u8 byte)
{
	size_t i, n = 0;

	for (i = 0; i < buf->len; i++)
		n += st_data(buf)[i] == byte;
	return n;
}

/**
 * st_buf_check_at() - compare a buffer and its guards with the model
 * @t: the test
 * @buf: the buffer
 * @file: where this is asked
 * @line: where this is asked
 *
 * Return: whether all bytes are equal.
 */
bool st_buf_check_at(struct st_test *t, struct st_buf *buf, const char *file,
		     int line)
{
	size_t i, wrong = 0, first = 0;

	if (!memcmp(buf->mem, buf->model, buf->size))
		return true;
	for (i = 0; i < buf->size; i++) {
		if (buf->mem[i] != buf->model[i] && !wrong++)
			first = i;
	}
	return st_check(t, false, file, line,
			"%zu of %zu bytes differ, first at offset %zd of the region",
			wrong, buf->len, (ssize_t)(first - buf->start));
}

struct st_lam_args {
	NDK_ADAPTER *adapter;
	struct st_buf *buf;
	struct st_req *req;
	ULONG size;
};

static void st_build_lam_call(void *arg)
{
	struct st_lam_args *a = arg;
	struct st_buf *buf = a->buf;

	a->req->answer =
		a->adapter->Dispatch->NdkBuildLAM(a->adapter, buf->mdl,
						  buf->len, st_on_request,
						  a->req, buf->lam, &a->size,
						  &buf->fbo);
}

/**
 * st_build_lam() - NdkBuildLAM of a whole buffer
 * @t: the test
 * @buf: the buffer; its lam and fbo are set
 *
 * Return: the result.
 */
NTSTATUS st_build_lam(struct st_test *t, struct st_buf *buf)
{
	struct st_lam_args a = { .adapter = t->adapter, .buf = buf };
	size_t pages = ndk_mdl_page_count(buf->mdl);
	NTSTATUS status;
	size_t i;

	a.size = offsetof(NDK_LOGICAL_ADDRESS_MAPPING, AdapterPageArray) +
		 pages * sizeof(NDK_LOGICAL_ADDRESS);
	a.req = st_req_new(t, "NdkBuildLAM");
	buf->lam = kvzalloc(a.size, GFP_KERNEL | __GFP_NOFAIL);
	st_call(t, st_build_lam_call, &a);
	status = st_req_wait(t, a.req);
	if (status != STATUS_SUCCESS) {
		kvfree(buf->lam);
		buf->lam = NULL;
		return status;
	}
	ST_EXPECT(t, buf->fbo == offset_in_page(buf->start), "FBO is %u",
		  buf->fbo);
	ST_EXPECT(t, buf->lam->AdapterPageCount == pages,
		  "%u pages mapped for %zu", buf->lam->AdapterPageCount, pages);
	for (i = 0; i < pages; i++)
		ST_EXPECT(t, IS_ALIGNED(buf->lam->AdapterPageArray[i].QuadPart,
					PAGE_SIZE),
			  "page %zu of the LAM is not aligned", i);
	return status;
}

static void st_release_lam_call(void *arg)
{
	struct st_lam_args *a = arg;

	a->adapter->Dispatch->NdkReleaseLAM(a->adapter, a->buf->lam);
}

/**
 * st_release_lam() - NdkReleaseLAM of a buffer that has a LAM
 * @t: the test
 * @buf: the buffer
 */
void st_release_lam(struct st_test *t, struct st_buf *buf)
{
	struct st_lam_args a = { .adapter = t->adapter, .buf = buf };

	if (!buf->lam)
		return;
	st_call(t, st_release_lam_call, &a);
	kvfree(buf->lam);
	buf->lam = NULL;
}

static size_t st_pages_kept(const struct st_buf *buf)
{
	size_t i, kept = 0;

	for (i = 0; buf->mem && i < buf->size / PAGE_SIZE; i++)
		kept += page_count(buf->pages[i]) != 1;
	return kept;
}

/*
 * A page that somebody keeps is lost when it is given back, and nobody says so. What
 * siw has handed to TCP without a copy is kept until that is acknowledged.
 */
static void st_expect_ours(struct st_test *t, const struct st_buf *buf)
{
	unsigned long end = jiffies + ST_TIMEOUT;
	size_t kept;

	while ((kept = st_pages_kept(buf)) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	ST_EXPECT(t, !kept, "somebody keeps, or has let go of, %zu of %zu pages",
		  kept, buf->size / PAGE_SIZE);
}

/**
 * st_bufs_free() - give back the memory of a test that has closed its objects
 * @t: the test
 */
void st_bufs_free(struct st_test *t)
{
	struct st_buf *buf, *next;

	if (t->stuck)
		return;
	list_for_each_entry_safe(buf, next, &t->bufs, link) {
		st_release_lam(t, buf);
		if (buf->mdl)
			IoFreeMdl(buf->mdl);
		st_expect_ours(t, buf);
		st_mem_free(buf);
		vfree(buf->model);
		kvfree(buf->pages);
		kfree(buf);
	}
	INIT_LIST_HEAD(&t->bufs);
}
