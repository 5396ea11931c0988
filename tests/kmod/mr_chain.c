// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a storage protocol does all day: a region is registered and told of in
 * one go, the peer uses it, and invalidates it with its answer; from inside the
 * notification of that answer it is registered again. Nobody waits for the
 * registration's own completion, which is silent.
 */
#include <linux/slab.h>

#include "harness.h"

#define ST_CHAINS	16	/* at a time */
#define ST_BATCH	16	/* results polled at once */

/* What the one says to the other, and what the other writes. */
struct st_word {
	u64 base;
	u32 token;
	u32 serial;
};

/**
 * struct st_chain - one of those that are under way
 * @mr: its region
 * @bufs: registered in turns
 * @serial: that the peer writes; its lowest bit says which of @bufs
 * @request: what is sent
 * @request_sge: where that is
 * @answer: receives the answer; its own context
 * @reg: registers; its own context
 * @send: sends; its own context
 */
struct st_chain {
	NDK_MR *mr;
	struct st_buf *bufs[2];
	u32 serial;
	struct st_word *request;
	NDK_SGE request_sge;
	struct st_wr answer;
	struct st_wr reg;
	struct st_wr send;
};

/**
 * struct st_serve - the peer's side of one
 * @word: what is received, and what is written
 * @sge: where that is
 * @serial_sge: the part that is written
 * @recv: its own context
 */
struct st_serve {
	struct st_word *word;
	NDK_SGE sge;
	NDK_SGE serial_sge;
	struct st_wr recv;
};

/**
 * struct st_chains - all of them
 * @t: the test
 * @p: the connection; @p->a registers
 * @chains: of @p->a
 * @serves: of @p->b
 * @begun: so far; by @p->a's notification only, once that has begun
 * @ended: so far
 * @stale: registrations that were refused for the state of their region
 * @finished: what is flushed from now on is none of ours
 * @over: completed when nothing more is begun
 */
struct st_chains {
	struct st_test *t;
	struct st_pair *p;
	struct st_chain chains[ST_CHAINS];
	struct st_serve serves[ST_CHAINS];
	unsigned int begun;
	unsigned int ended;
	unsigned int stale;
	bool finished;
	struct completion over;
};

static void st_chains_over(struct st_chains *c)
{
	WRITE_ONCE(c->finished, true);
	complete(&c->over);
}

static bool st_goes_on(struct st_chains *c)
{
	return !c->t->failures && !READ_ONCE(c->finished);
}

/* Registers the other buffer, and tells the peer. */
static bool st_chain_begin(struct st_chains *c, struct st_chain *chain)
{
	struct st_test *t = c->t;
	struct st_buf *buf;
	NTSTATUS status;

	chain->serial += 1;
	buf = chain->bufs[chain->serial & 1];
	chain->reg.array = buf->lam->AdapterPageArray;
	chain->reg.pages = buf->lam->AdapterPageCount;
	chain->reg.base = buf->label;
	chain->request->base = buf->label;
	chain->request->serial = chain->serial;
	status = st_post(t, c->p->a.qp, &chain->reg);
	if (status == STATUS_INVALID_DEVICE_STATE)
		c->stale++;
	if (!ST_OK(t, status) || !ST_OK(t, st_post(t, c->p->a.qp, &chain->send)))
		return false;
	c->begun++;
	return true;
}

static bool st_chain_end(struct st_chains *c, struct st_chain *chain,
			 const NDK_RESULT_EX *res)
{
	struct st_test *t = c->t;
	struct st_buf *buf = chain->bufs[chain->serial & 1];

	ST_EXPECT(t, res->Type == NdkOperationTypeReceiveAndInvalidate &&
		  res->TypeSpecificCompletionOutput == chain->request->token,
		  "an answer of type 0x%x about token 0x%lx", res->Type,
		  res->TypeSpecificCompletionOutput);
	st_buf_expect(buf, 0, (u8 *)&chain->serial, sizeof(chain->serial));
	c->ended++;
	/* The one has the serial, and the other keeps what it had. */
	return ST_BUF(t, chain->bufs[0]) && ST_BUF(t, chain->bufs[1]) &&
	       ST_OK(t, st_post(t, c->p->a.qp, &chain->answer));
}

/* In softirq. */
static void st_on_answers(struct st_cq *cq)
{
	struct st_chains *c = cq->priv;
	NDK_RESULT_EX res[ST_BATCH];
	struct st_test *t = c->t;
	struct st_chain *chain;
	ULONG n, i;

	while (st_goes_on(c) && (n = st_poll(t, cq, res, ST_BATCH)))
		for (i = 0; i < n; i++) {
			if (!ST_OK(t, res[i].Status))
				break;
			if (res[i].Type == NdkOperationTypeSend)
				continue;
			chain = container_of(res[i].RequestContext,
					     struct st_chain, answer);
			if (!st_chain_end(c, chain, &res[i]) ||
			    (c->begun < st_chain_length() && !st_chain_begin(c, chain)))
				break;
		}
	if (t->failures || c->ended == st_chain_length())
		st_chains_over(c);
	else
		st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
}

/* In softirq: the completions of sends, and none of a registration. */
static void st_on_sent(struct st_cq *cq)
{
	struct st_chains *c = cq->priv;
	NDK_RESULT_EX res[ST_BATCH];
	struct st_test *t = c->t;
	ULONG n, i;

	while (st_goes_on(c) && (n = st_poll(t, cq, res, ST_BATCH)))
		for (i = 0; i < n; i++)
			if (!ST_OK(t, res[i].Status) ||
			    !ST_EXPECT(t, res[i].Type == NdkOperationTypeSend,
				       "a result of type 0x%x", res[i].Type))
				st_chains_over(c);
	if (!t->failures)
		st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
}

/* In softirq: the peer writes where it is told to, and invalidates. */
static void st_on_requests(struct st_cq *cq)
{
	struct st_chains *c = cq->priv;
	NDK_RESULT_EX res[ST_BATCH];
	struct st_test *t = c->t;
	struct st_serve *s;
	ULONG n, i;

	while (st_goes_on(c) && (n = st_poll(t, cq, res, ST_BATCH)))
		for (i = 0; i < n; i++) {
			struct st_wr write = {
				.op = NdkOperationTypeWrite, .nsge = 1,
				.flags = NDK_OP_FLAG_SILENT_SUCCESS |
					 NDK_OP_FLAG_DEFER,
			};
			struct st_wr answer = {
				.op = NdkOperationTypeSend, .invalidate = true,
				.flags = NDK_OP_FLAG_SILENT_SUCCESS,
			};

			s = container_of(res[i].RequestContext,
					 struct st_serve, recv);
			write.sgl = &s->serial_sge;
			write.raddr = s->word->base;
			write.rkey = s->word->token;
			answer.rkey = s->word->token;
			if (!ST_OK(t, res[i].Status) ||
			    !ST_OK(t, st_post(t, c->p->b.qp, &write)) ||
			    !ST_OK(t, st_post(t, c->p->b.qp, &s->recv)) ||
			    !ST_OK(t, st_post(t, c->p->b.qp, &answer)))
				break;
		}
	if (t->failures)
		st_chains_over(c);
	else
		st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
}

static bool st_chain_new(struct st_test *t, struct st_chains *c,
			 struct st_buf *requests, unsigned int i)
{
	struct st_chain *chain = &c->chains[i];
	size_t at = i * sizeof(struct st_word);
	int j;

	for (j = 0; j < 2; j++) {
		chain->bufs[j] = st_buf_new(t, ST_SCATTER, 8 * i, 200);
		if (!chain->bufs[j] || !ST_OK(t, st_build_lam(t, chain->bufs[j])))
			return false;
	}
	if (!ST_OK(t, st_create_mr(t, c->p->a.pd, true, &chain->mr)) ||
	    !ST_OK(t, st_init(t, chain->mr, 2, true)) ||
	    !st_sge(t, &c->p->a, requests, at, sizeof(struct st_word),
		    &chain->request_sge))
		return false;
	chain->request = (struct st_word *)(st_data(requests) + at);
	chain->request->token = st_remote_token(t, chain->mr);
	chain->answer = (struct st_wr){
		.op = NdkOperationTypeReceive, .ctx = &chain->answer,
	};
	chain->reg = (struct st_wr){
		.op = NdkOperationTypeFastRegister, .mr = chain->mr,
		.fbo = 8 * i, .len = 200, .ctx = &chain->reg,
		.flags = ST_RIGHTS_ALL | NDK_OP_FLAG_SILENT_SUCCESS |
			 NDK_OP_FLAG_DEFER,
	};
	chain->send = (struct st_wr){
		.op = NdkOperationTypeSend, .sgl = &chain->request_sge,
		.nsge = 1, .ctx = &chain->send,
	};
	return ST_OK(t, st_post(t, c->p->a.qp, &chain->answer));
}

static bool st_serve_new(struct st_test *t, struct st_chains *c,
			 struct st_buf *words, unsigned int i)
{
	size_t at = i * sizeof(struct st_word);
	struct st_serve *s = &c->serves[i];

	if (!st_sge(t, &c->p->b, words, at, sizeof(struct st_word), &s->sge) ||
	    !st_sge(t, &c->p->b, words, at + offsetof(struct st_word, serial),
		    sizeof(s->word->serial), &s->serial_sge))
		return false;
	s->word = (struct st_word *)(st_data(words) + at);
	s->recv = (struct st_wr){
		.op = NdkOperationTypeReceive, .sgl = &s->sge, .nsge = 1,
		.ctx = &s->recv,
	};
	return ST_OK(t, st_post(t, c->p->b.qp, &s->recv));
}

/* The registering side has two queues for completions, or one. */
static bool st_chains_connect(struct st_test *t, struct st_pair *p)
{
	struct st_side *a = &p->a;

	/* Answers may overtake the completions of what they answer by far. */
	p->caps = st_default_caps(t);
	p->caps.send_depth = min(512U, t->info.MaxInitiatorQueueDepth);
	p->cq_depth = min(1024U, t->info.MaxCqDepth);
	if (!t->arg)
		return st_pair_up(t, p, false);
	init_completion(&a->gone);
	if (!st_listen(t, p, false) ||
	    !st_side_create(t, &p->b, &p->caps, p->cq_depth) ||
	    !ST_OK(t, st_create_pd(t, &a->pd)) ||
	    !ST_OK(t, st_create_cq(t, &a->rcq, p->cq_depth)) ||
	    !ST_OK(t, st_create_qp(t, a->pd, &a->rcq, &a->rcq, a, &p->caps,
				   &a->qp)))
		return false;
	a->pd->Dispatch->NdkGetPrivilegedMemoryRegionToken(a->pd, &a->priv);
	return st_pair_connect(t, p);
}

static struct st_chains *st_chains_new(struct st_test *t)
{
	struct st_req *holder = st_req_new(t, "chains");
	struct st_buf *requests, *words;
	struct st_chains *c;
	unsigned int i;

	holder->answer = STATUS_SUCCESS;
	c = kvzalloc(sizeof(*c), GFP_KERNEL | __GFP_NOFAIL);
	holder->priv = c;
	holder->owns_priv = true;
	c->t = t;
	init_completion(&c->over);
	c->p = st_pair_alloc(t);
	requests = st_buf_new(t, ST_CONTIG, 0, ST_CHAINS * sizeof(struct st_word));
	words = st_buf_new(t, ST_CONTIG, 0, ST_CHAINS * sizeof(struct st_word));
	if (!requests || !words || !st_chains_connect(t, c->p))
		return NULL;
	for (i = 0; i < ST_CHAINS; i++)
		if (!st_chain_new(t, c, requests, i) ||
		    !st_serve_new(t, c, words, i))
			return NULL;
	return c;
}

static void st_hook(struct st_test *t, struct st_chains *c, struct st_cq *cq,
		    void (*hook)(struct st_cq *cq))
{
	cq->priv = c;
	cq->hook = hook;
	st_arm(t, cq, NDK_CQ_NOTIFY_ANY);
}

static void st_chains(struct st_test *t)
{
	struct st_chains *c = st_chains_new(t);
	unsigned int i;

	if (!c)
		return;
	st_hook(t, c, &c->p->b.rcq, st_on_requests);
	if (!t->arg)
		st_hook(t, c, &c->p->a.icq, st_on_sent);
	/* All of them are silent: there only failures. */
	st_hook(t, c, &c->p->b.icq, st_on_sent);
	/* From the first notification on it is that which posts. */
	for (i = 0; i < min_t(unsigned int, ST_CHAINS, st_chain_length()); i++)
		if (!st_chain_begin(c, &c->chains[i]))
			return;
	st_hook(t, c, &c->p->a.rcq, st_on_answers);
	ST_EXPECT(t, wait_for_completion_timeout(&c->over, 10 * ST_TIMEOUT),
		  "%u of %u begun, %u ended", c->begun, st_chain_length(), c->ended);
	st_note(t, "%u registrations, %u stale regions", c->ended, c->stale);
}

static const struct st_case st_cases[] = {
	{ .name = "two_queues", .run = st_chains, .arg = 0 },
	{ .name = "one_queue", .run = st_chains, .arg = 1 },
};

const struct st_suite st_suite_mr_chain = {
	"mr_chain", st_cases, ARRAY_SIZE(st_cases),
};
