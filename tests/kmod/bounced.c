// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that do not see the memory itself, or see it elsewhere (dma.c).
 *
 * Where all DMA goes through bounce buffers, a mapping is only right for a
 * moment: what either side writes later reaches the other when somebody
 * synchronises it, and nobody does with what NDKPI maps. So nothing is mapped
 * there. What the provider synchronises itself works all the same.
 */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sizes.h>
#include <rdma/ib_verbs.h>

#include "harness.h"
#include "user.h"

#define ST_NEEDS_SYNC	"Mdl (its DMA needs syncs)"
#define ST_MOVED	"Mdl (moved in its page by DMA)"

/* A byte on the buffer's first page that is not the buffer's. */
#define ST_BESIDE	50

/* Builds with a neighbour that is written to all the time. */
#define ST_BUILDS	3000

static const enum st_how st_hows[] = { ST_CONTIG, ST_SCATTER, ST_PAGES };

static void st_write_beside(struct st_buf *buf, u8 byte)
{
	size_t at = PAGE_SIZE + ST_BESIDE;

	WRITE_ONCE(buf->mem[at], byte);
	buf->model[at] = byte;
}

/* What is written meanwhile beside the buffer, on its page, stays. */
static void st_lam_refused(struct st_test *t, struct st_buf *buf)
{
	NTSTATUS status;

	st_write_beside(buf, 0x55);
	status = st_build_lam(t, buf);
	st_write_beside(buf, 0xaa);
	st_release_lam(t, buf);
	ST_EXPECT(t, buf->mem[PAGE_SIZE + ST_BESIDE] == 0xaa,
		  "beside the buffer, 0xaa became 0x%02x",
		  buf->mem[PAGE_SIZE + ST_BESIDE]);
	ST_BUF(t, buf);
	if (ST_STATUS(t, status, STATUS_NOT_SUPPORTED))
		st_refused_for(t, &t->adapter->Header,
			       t->arg ? ST_MOVED : ST_NEEDS_SYNC);
}

static void st_lam(struct st_test *t)
{
	struct st_buf *buf;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(st_hows); i++) {
		buf = st_buf_new(t, st_hows[i], 100, 2 * PAGE_SIZE);
		if (buf)
			st_lam_refused(t, buf);
	}
}

/**
 * struct st_beside - builds that are refused, and a writer beside the buffer
 * @t: the test
 * @buf: the buffer, less than a page
 * @builds: those that are to come
 * @lost: writes that were undone
 */
struct st_beside {
	struct st_test *t;
	struct st_buf *buf;
	unsigned int builds;
	unsigned int lost;
};

static void st_beside_build(struct st_beside *b)
{
	NDK_ADAPTER *adapter = b->t->adapter;
	NDK_LOGICAL_ADDRESS_MAPPING lam;
	ULONG size, fbo;
	NTSTATUS status;

	while (b->builds) {
		size = sizeof(lam);
		status = adapter->Dispatch->NdkBuildLAM(adapter, b->buf->mdl,
							b->buf->len, NULL, NULL,
							&lam, &size, &fbo);
		if (status == STATUS_SUCCESS)
			adapter->Dispatch->NdkReleaseLAM(adapter, &lam);
		WRITE_ONCE(b->builds, b->builds - 1);
	}
}

static void st_beside_write(struct st_beside *b)
{
	u8 *at = b->buf->mem + PAGE_SIZE + ST_BESIDE;
	unsigned int i;

	/* in case that there is but one processor, which has begun with this */
	for (i = 0; i < 100 * ST_BUILDS && READ_ONCE(b->builds); i++) {
		WRITE_ONCE(*at, i);
		udelay(1);
		b->lost += READ_ONCE(*at) != (u8)i;
	}
	st_write_beside(b->buf, 0xaa);
}

struct st_beside_half {
	struct st_beside *b;
	void (*run)(struct st_beside *b);
};

static void st_beside_run(void *arg)
{
	struct st_beside_half *half = arg;

	half->run(half->b);
}

/* To find out that a mapping will not do must not do harm either. */
static void st_lam_beside(struct st_test *t)
{
	struct st_beside b = {
		.t = t, .buf = st_buf_new(t, ST_CONTIG, 100, 200),
		.builds = ST_BUILDS,
	};
	struct st_beside_half build = { &b, st_beside_build };
	struct st_beside_half write = { &b, st_beside_write };

	if (!b.buf)
		return;
	st_run_both(st_beside_run, &build, &write);
	ST_EXPECT(t, !b.lost, "%u bytes written beside the buffer were lost",
		  b.lost);
	ST_BUF(t, b.buf);
}

static void st_mr_refused(struct st_test *t, NDK_MR *mr, MDL *mdl, size_t len)
{
	if (!ST_STATUS(t, st_register(t, mr, mdl, len, ST_MR_ALL),
		       STATUS_NOT_SUPPORTED))
		return;
	st_refused_for(t, &mr->Header, t->arg ? ST_MOVED : ST_NEEDS_SYNC);
	ST_EXPECT(t, !st_remote_token(t, mr) && !st_local_token(t, mr),
		  "it has a token");
	ST_STATUS(t, st_deregister(t, mr), STATUS_INVALID_DEVICE_STATE);
}

/* Kernel memory. */
static void st_mr(struct st_test *t)
{
	struct st_buf *buf;
	NDK_PD *pd;
	NDK_MR *mr;
	size_t i;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)))
		return;
	for (i = 0; i < ARRAY_SIZE(st_hows); i++) {
		buf = st_buf_new(t, st_hows[i], 0x64, 2 * PAGE_SIZE);
		if (!buf)
			return;
		st_mr_refused(t, mr, buf->mdl, buf->len);
		ST_BUF(t, buf);
	}
}

/* A process's, through the private queue pair and through the driver. */
static void st_mr_user(struct st_test *t)
{
	static const size_t sizes[] = { SZ_64K, SZ_4M };
	struct st_user u;
	NDK_PD *pd;
	NDK_MR *mr;
	size_t i;

	if (!ST_OK(t, st_create_pd(t, &pd)) ||
	    !ST_OK(t, st_create_mr(t, pd, false, &mr)))
		return;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (!st_user_map(t, &u, sizes[i], PROT_READ | PROT_WRITE))
			return;
		if (ST_OK(t, st_user_lock(t, &u, 0x64, u.size - 0x64,
					  IoModifyAccess)))
			st_mr_refused(t, mr, u.mdl, u.size - 0x64);
		st_objects_close(t);
		st_user_unmap(t, &u);
		if (!ST_OK(t, st_create_pd(t, &pd)) ||
		    !ST_OK(t, st_create_mr(t, pd, false, &mr)))
			return;
	}
}

/**
 * struct st_room - memory that a test maps, and synchronises, itself
 * @ib: the device
 * @page: the memory
 * @dma: its address
 */
struct st_room {
	struct ib_device *ib;
	struct page *page;
	u64 dma;
};

/* Sends of inline data, one more than the queue has slots for. */
static void st_inline_sends(struct st_test *t, struct st_pair *p,
			    const struct st_room *room)
{
	UCHAR data[32], *got = page_address(room->page);
	NDK_SGE from = {
		.VirtualAddress = data, .Length = sizeof(data),
	};
	NDK_SGE to = {
		.LogicalAddress.QuadPart = room->dma, .Length = sizeof(data),
		.MemoryRegionToken = p->b.priv,
	};
	struct st_wr recv = {
		.op = NdkOperationTypeReceive, .sgl = &to, .nsge = 1,
		.ctx = &recv,
	};
	struct st_wr send = {
		.op = NdkOperationTypeSend, .sgl = &from, .nsge = 1,
		.flags = NDK_OP_FLAG_INLINE, .ctx = &send,
	};
	ULONG i, n = 4 * st_default_caps(t).send_depth;

	for (i = 0; i < n; i++) {
		memset(data, i + 1, sizeof(data));
		if (!ST_OK(t, st_post(t, p->b.qp, &recv)) ||
		    !ST_OK(t, st_post(t, p->a.qp, &send)))
			return;
		memset(data, 0, sizeof(data));
		if (!st_expect_next(t, &p->a, &p->a.icq, NdkOperationTypeSend,
				    &send, STATUS_SUCCESS) ||
		    !st_expect_next(t, &p->b, &p->b.rcq,
				    NdkOperationTypeReceive, &recv,
				    STATUS_SUCCESS))
			return;
		ib_dma_sync_single_for_cpu(room->ib, room->dma, PAGE_SIZE,
					   DMA_FROM_DEVICE);
		if (!ST_EXPECT(t, !memchr_inv(got, (u8)(i + 1), sizeof(data)),
			       "send %u brought 0x%02x", i + 1, got[0]))
			return;
		ib_dma_sync_single_for_device(room->ib, room->dma, PAGE_SIZE,
					      DMA_FROM_DEVICE);
	}
}

/* The provider's own memory is synchronised by the provider. */
static void st_inline(struct st_test *t)
{
	struct st_pair *p = st_pair_new(t);
	struct ib_qp *qp = p ? st_ib_qp(t, p->b.qp) : NULL;
	struct st_room room = {};

	if (!qp)
		return;
	room.ib = qp->device;
	room.page = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
	room.dma = ib_dma_map_page(room.ib, room.page, 0, PAGE_SIZE,
				   DMA_FROM_DEVICE);
	if (ST_EXPECT(t, !ib_dma_mapping_error(room.ib, room.dma),
		      "cannot be mapped")) {
		st_inline_sends(t, p, &room);
		/* nothing is received any more after this */
		st_objects_close(t);
		ib_dma_unmap_page(room.ib, room.dma, PAGE_SIZE,
				  DMA_FROM_DEVICE);
	}
	__free_page(room.page);
}

static const struct st_case st_bounced_cases[] = {
	{ .name = "lam", .run = st_lam },
	{ .name = "lam_irq_off", .run = st_lam, .ctx = ST_IRQ_OFF },
	{ .name = "lam_softirq", .run = st_lam, .ctx = ST_SOFTIRQ },
	{ .name = "lam_beside", .run = st_lam_beside },
	{ .name = "mr", .run = st_mr },
	{ .name = "mr_user", .run = st_mr_user },
	{ .name = "inline", .run = st_inline },
};

const struct st_suite st_suite_bounced = {
	"bounced", st_bounced_cases, ARRAY_SIZE(st_bounced_cases),
};

/* Addresses that begin elsewhere in their page than the memory does. */
static const struct st_case st_shifted_cases[] = {
	{ .name = "lam", .run = st_lam, .arg = 1 },
	{ .name = "mr", .run = st_mr, .arg = 1 },
	{ .name = "mr_user", .run = st_mr_user, .arg = 1 },
};

const struct st_suite st_suite_shifted = {
	"shifted", st_shifted_cases, ARRAY_SIZE(st_shifted_cases),
};
