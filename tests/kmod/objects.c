// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects by themselves. Their public part is the consumer's: the provider
 * neither reads the dispatch table back nor touches the reserved words.
 */
#include <linux/mm.h>
#include <linux/sched.h>

#include "harness.h"

#define ST_TAKEN	8

/* Objects whose table pointer was taken away. */
struct st_taken {
	NDK_OBJECT_HEADER *object[ST_TAKEN];
	const NDK_PD_DISPATCH *table[ST_TAKEN];
	size_t n;
};

/* All objects look alike so far: a header, then a pointer to a table. */
static void st_take(struct st_taken *taken, NDK_OBJECT_HEADER *object)
{
	NDK_PD *any = container_of(object, NDK_PD, Header);

	taken->object[taken->n] = object;
	taken->table[taken->n++] = any->Dispatch;
	any->Dispatch = NULL;
	memset(&object->NdkReserved, 0xc5, sizeof(object->NdkReserved));
}

static void st_give_back(struct st_test *t, struct st_taken *taken)
{
	NDK_OBJECT_HEADER *object;
	size_t i;

	for (i = 0; i < taken->n; i++) {
		object = taken->object[i];
		ST_EXPECT(t, !memchr_inv(&object->NdkReserved, 0xc5,
					 sizeof(object->NdkReserved)),
			  "the reserved words of type %d changed",
			  object->ObjectType);
		container_of(object, NDK_PD, Header)->Dispatch =
			taken->table[i];
	}
}

static void st_replaced(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct st_buf *buf = st_buf_new(t, ST_SCATTER, 0, 2 * PAGE_SIZE);
	struct st_buf *local = st_buf_new(t, ST_CONTIG, 0, 64);
	struct st_taken taken = {};
	NDK_RESULT_EX res = {};
	const NDK_QP_DISPATCH *qp;
	const NDK_CQ_DISPATCH *cq;
	const NDK_MR_DISPATCH *mrd;
	struct st_req *init;
	NDK_SGE sge;
	NTSTATUS status;
	NDK_MR *mr;

	if (!p || !buf || !ST_OK(t, st_build_lam(t, buf)) || !local ||
	    !st_sge(t, &p->b, local, 0, 64, &sge) ||
	    !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)))
		return;
	qp = p->a.qp->Dispatch;
	cq = p->a.icq.cq->Dispatch;
	mrd = mr->Dispatch;
	st_take(&taken, &p->a.pd->Header);
	st_take(&taken, &p->a.qp->Header);
	st_take(&taken, &p->a.icq.cq->Header);
	st_take(&taken, &p->a.rcq.cq->Header);
	st_take(&taken, &p->a.conn->Header);
	st_take(&taken, &p->listener->Header);
	st_take(&taken, &mr->Header);

	init = st_req_new(t, "NdkInitializeFastRegisterMr");
	init->answer = mrd->NdkInitializeFastRegisterMr(mr, 2, TRUE,
							st_on_request, init);
	ST_OK(t, st_req_wait(t, init));
	cq->NdkArmCq(p->a.icq.cq, NDK_CQ_NOTIFY_ANY);
	status = qp->NdkFastRegister(p->a.qp, NULL, mr, 2,
				     buf->lam->AdapterPageArray, 0, buf->len,
				     NULL, NDK_OP_FLAG_ALLOW_REMOTE_READ);
	if (ST_OK(t, status) && st_event(t, &p->a.icq)) {
		ST_EXPECT(t, cq->NdkGetCqResultsEx(p->a.icq.cq, &res, 1) == 1,
			  "a notification without an entry");
		ST_OK(t, res.Status);
	}
	st_buf_expect(local, 0, st_data(buf) + 100, 64);
	ST_OK(t, st_rdma(t, &p->b, NdkOperationTypeRead, local, 0, 64, 100,
			 mrd->NdkGetRemoteTokenFromMr(mr)));
	ST_BUF(t, local);
	/* the peer's leaving makes the provider work on its own */
	st_close(t, &p->b.conn->Header);
	st_close(t, &p->b.qp->Header);
	st_wait_gone(t, &p->a);
	st_give_back(t, &taken);
}

/* The first majors are served alike. */
static void st_version_1(struct st_test *t)
{
	struct st_pair *p;
	struct st_buf *buf;
	NDK_MR *mr;

	if (!ST_OK(t, st_open(t, (NDK_VERSION){ 1, 0 })))
		return;
	p = st_pair_new(t);
	buf = st_buf_new(t, ST_SCATTER, 7, 3 * PAGE_SIZE);
	if (!p || !buf || !ST_OK(t, st_create_mr(t, p->a.pd, true, &mr)) ||
	    !ST_OK(t, st_init(t, mr, 16, true)) ||
	    !ST_OK(t, st_fast_register(t, &p->a, mr, buf, buf->label,
				       ST_RIGHTS_ALL)))
		return;
	st_access(t, &p->b, buf, buf->label, st_remote_token(t, mr));
}

/* More regions at once than any pool has ready, all without waiting. */
static void st_many_regions(struct st_test *t)
{
	static struct st_req *reqs[200];
	static NDK_MR *mrs[200];
	NDK_PD *pd;
	size_t i;

	if (!ST_OK(t, st_create_pd(t, &pd)))
		return;
	for (i = 0; i < ARRAY_SIZE(mrs); i++)
		if (!ST_OK(t, st_create_mr(t, pd, true, &mrs[i])))
			return;
	for (i = 0; i < ARRAY_SIZE(mrs); i++) {
		reqs[i] = st_req_new(t, "NdkInitializeFastRegisterMr");
		st_init_start(t, mrs[i], t->info.FRMRPageCount, true, reqs[i]);
	}
	for (i = 0; i < ARRAY_SIZE(mrs); i++)
		if (!ST_OK(t, st_req_wait(t, reqs[i])))
			return;
}

static void st_on_created_noio(struct st_req *req)
{
	req->priv = current->flags & PF_MEMALLOC_NOIO ? req : NULL;
}

/*
 * The kernel may be waiting for a callback when it is short of memory, so that
 * none waits for pages to be written, whatever it allocates.
 */
static void st_no_io(struct st_test *t)
{
	struct st_req *req = st_req_new(t, "NdkCreatePd");
	NDK_PD *pd;

	req->hook = st_on_created_noio;
	req->answer = t->adapter->Dispatch->NdkCreatePd(t->adapter,
							st_on_create, req, &pd);
	if (!ST_OK(t, st_req_wait(t, req)) ||
	    !ST_EXPECT(t, req->object, "no callback has brought it"))
		return;
	st_track(t, req->object);
	ST_EXPECT(t, req->priv, "called where pages may be written");
}

static const struct st_case st_cases[] = {
	{ .name = "replaced_by_consumer", .run = st_replaced },
	{ .name = "callback_without_io", .run = st_no_io },
	{ .name = "version_1", .run = st_version_1, .bare = true },
	{ .name = "many_regions", .run = st_many_regions },
	{ .name = "many_regions_bh_off", .run = st_many_regions,
	  .ctx = ST_BH_OFF },
};

const struct st_suite st_suite_objects = {
	"objects", st_cases, ARRAY_SIZE(st_cases),
};
