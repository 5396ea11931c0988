// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asynchronous requests: exactly one answer each, from an allowed context.
 *
 * Requests stay in memory until the whole run is over, so that a callback that
 * comes much too late is counted instead of writing to freed memory.
 */
#include <linux/preempt.h>
#include <linux/slab.h>

#include "harness.h"

static LIST_HEAD(st_finished);

/*
 * Some suites make a million of them, and on a kernel that checks itself memory
 * is dear to get and to give back.
 */
#define ST_CHUNK	32U

/**
 * struct st_chunk - requests that are allocated at once
 * @link: in st_chunks, the one with room first
 * @used: requests given out
 * @req: the requests
 */
struct st_chunk {
	struct list_head link;
	unsigned int used;
	struct st_req req[ST_CHUNK];
};

static LIST_HEAD(st_chunks);
static DEFINE_SPINLOCK(st_chunks_lock);

/* The next one of a chunk, of @more if the last one is used up. */
static struct st_req *st_req_of_chunk(struct st_chunk *more)
{
	struct st_chunk *chunk;
	struct st_req *req = NULL;

	spin_lock(&st_chunks_lock);
	if (more)
		list_add(&more->link, &st_chunks);
	chunk = list_first_entry_or_null(&st_chunks, struct st_chunk, link);
	if (chunk && chunk->used < ST_CHUNK)
		req = &chunk->req[chunk->used++];
	spin_unlock(&st_chunks_lock);
	return req;
}

/**
 * st_req_new() - a request about to be made
 * @t: the test
 * @what: what is asked for
 *
 * Return: the request; never NULL, as the tests are not about memory.
 */
struct st_req *st_req_new(struct st_test *t, const char *what)
{
	struct st_req *req = st_req_of_chunk(NULL);

	while (!req)
		req = st_req_of_chunk(kzalloc(sizeof(struct st_chunk),
					      GFP_KERNEL | __GFP_NOFAIL));
	req->what = what;
	req->answer = STATUS_PENDING;
	init_completion(&req->done);
	list_add_tail(&req->link, &t->reqs);
	return req;
}

static void st_req_called(struct st_req *req, NTSTATUS status,
			  NDK_OBJECT_HEADER *object)
{
	atomic_inc(&req->inside);
	if (in_hardirq())
		req->from_irq = true;
	req->status = status;
	req->object = object;
	atomic_inc(&req->calls);
	if (req->hook)
		req->hook(req);
	atomic_dec(&req->inside);
	complete(&req->done);
}

/**
 * st_on_create() - create completion of all requests
 * @ctx: the request
 * @status: the result
 * @object: what was created
 */
VOID st_on_create(PVOID ctx, NTSTATUS status, NDK_OBJECT_HEADER *object)
{
	st_req_called(ctx, status, object);
}

/**
 * st_on_request() - request completion of all requests
 * @ctx: the request
 * @status: the result
 */
VOID st_on_request(PVOID ctx, NTSTATUS status)
{
	st_req_called(ctx, status, NULL);
}

/**
 * st_on_close() - close completion of all requests
 * @ctx: the request
 */
VOID st_on_close(PVOID ctx)
{
	st_req_called(ctx, STATUS_SUCCESS, NULL);
}

/**
 * st_req_wait() - wait for the end of a request that was made
 * @t: the test
 * @req: the request
 *
 * Return: the result, whichever way it came; STATUS_PENDING if it never came.
 */
NTSTATUS st_req_wait(struct st_test *t, struct st_req *req)
{
	if (req->answer != STATUS_PENDING)
		return req->answer;
	if (!wait_for_completion_timeout(&req->done, ST_TIMEOUT)) {
		ST_EXPECT(t, false, "%s: no callback", req->what);
		t->stuck = true;
		return STATUS_PENDING;
	}
	/* Several may wait, and the end of the test looks again. */
	complete(&req->done);
	return req->status;
}

/**
 * st_req_check() - the rules of an asynchronous request were kept
 * @t: the test
 * @req: a request that is over
 */
void st_req_check(struct st_test *t, struct st_req *req)
{
	int want = req->answer == STATUS_PENDING;
	int calls = atomic_read(&req->calls);

	ST_EXPECT(t, calls == want, "%s: answered %s and called back %d times",
		  req->what, st_status_name(req->answer), calls);
	ST_EXPECT(t, !want || req->status != STATUS_PENDING,
		  "%s: called back with STATUS_PENDING", req->what);
	ST_EXPECT(t, !req->from_irq, "%s: called back in hard IRQ", req->what);
	ST_EXPECT(t, !atomic_read(&req->inside),
		  "%s: the callback has not returned", req->what);
}

/**
 * st_reqs_finish() - check all requests of a test that has closed everything
 * @t: the test
 */
void st_reqs_finish(struct st_test *t)
{
	struct st_req *req;

	list_for_each_entry(req, &t->reqs, link)
		st_req_check(t, req);
	list_splice_init(&t->reqs, &st_finished);
}

/**
 * st_reqs_recheck() - callbacks that came after their test was over
 *
 * Return: how many requests were called back more or less than they should.
 */
unsigned int st_reqs_recheck(void)
{
	unsigned int wrong = 0;
	struct st_req *req;

	list_for_each_entry(req, &st_finished, link) {
		int want = req->answer == STATUS_PENDING;

		wrong += atomic_read(&req->calls) != want;
	}
	return wrong;
}

/**
 * st_reqs_free() - forget the requests of a run that is over
 */
void st_reqs_free(void)
{
	struct st_chunk *chunk, *next;
	struct st_req *req;

	list_for_each_entry(req, &st_finished, link)
		if (req->owns_priv)
			kvfree(req->priv);
	INIT_LIST_HEAD(&st_finished);
	list_for_each_entry_safe(chunk, next, &st_chunks, link)
		kfree(chunk);
	INIT_LIST_HEAD(&st_chunks);
}
