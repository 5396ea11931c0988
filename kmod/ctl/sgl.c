// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter lists of user space, made into those of NDKPI.
 *
 * Three kinds: inline data is copied here; an address with a token goes on as
 * it is, unless the token is the privileged one; a range of a LAM becomes the
 * logical addresses of its pages with the privileged token.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "memory.h"
#include "queue.h"
#include "sgl.h"

static int ndk_ctl_sgl_fail(struct ndk_ctl_sgl *sgl, int err,
			    const char *argument, u64 value, u64 limit)
{
	return ndk_ctl_refuse(sgl->call, err, argument, value, limit);
}

static int ndk_ctl_sgl_copy(struct ndk_ctl_sgl *sgl)
{
	struct ndk_post *cmd = (struct ndk_post *)sgl->call->hdr;

	sgl->in = kvmalloc_array(cmd->sge_count, sizeof(*sgl->in),
				 GFP_KERNEL_ACCOUNT);
	if (!sgl->in)
		return -ENOMEM;
	if (copy_from_user(sgl->in, u64_to_user_ptr(cmd->sgl),
			   cmd->sge_count * sizeof(*sgl->in)))
		return ndk_ctl_sgl_fail(sgl, -EFAULT, "sgl", cmd->sgl, 0);
	return 0;
}

static int ndk_ctl_sgl_room(struct ndk_ctl_sgl *sgl, u32 room)
{
	/* One more than can be asked for is refused by every QP. */
	room = min(room, NDK_SGE_MAX + 1);
	sgl->sge = kvcalloc(room, sizeof(*sgl->sge), GFP_KERNEL_ACCOUNT);
	if (!sgl->sge)
		return -ENOMEM;
	sgl->room = room;
	return 0;
}

static int ndk_ctl_sgl_inline(struct ndk_ctl_sgl *sgl, u32 n)
{
	u64 total = 0;
	u8 *data;
	u32 i;
	int ret;

	for (i = 0; i < n; i++)
		total += sgl->in[i].length;
	if (total > NDK_INLINE_MAX)
		return ndk_ctl_sgl_fail(sgl, -EINVAL, "inline bytes", total,
					NDK_INLINE_MAX);
	ret = ndk_ctl_sgl_room(sgl, n);
	if (ret)
		return ret;
	sgl->data = kvmalloc(max_t(u64, total, 1), GFP_KERNEL_ACCOUNT);
	if (!sgl->data)
		return -ENOMEM;

	for (i = 0, data = sgl->data; i < n; i++) {
		if (copy_from_user(data, u64_to_user_ptr(sgl->in[i].addr),
				   sgl->in[i].length))
			return ndk_ctl_sgl_fail(sgl, -EFAULT, "sge.addr",
						sgl->in[i].addr, 0);
		sgl->sge[i].VirtualAddress = data;
		sgl->sge[i].Length = sgl->in[i].length;
		data += sgl->in[i].length;
	}
	sgl->count = n;
	return 0;
}

static int ndk_ctl_sgl_lam_check(struct ndk_ctl_sgl *sgl,
				 const struct ndk_sge *in,
				 struct ndk_ctl_object *obj)
{
	struct ndk_ctl_lam *lam = to_lam(obj);

	if (!ndk_same_device(obj->adapter->ndk, sgl->adapter->ndk))
		return ndk_ctl_sgl_fail(sgl, -EINVAL, "sge.token", in->token,
					0);
	if (in->addr > lam->length || in->length > lam->length - in->addr)
		return ndk_ctl_sgl_fail(sgl, -EINVAL, "sge.length",
					in->length, lam->length);
	if (sgl->writes && !ndk_ctl_memory_writable(lam->memory))
		return ndk_ctl_sgl_fail(sgl, -EACCES, "sge.token", in->token,
					0);
	return 0;
}

/*
 * Look up the LAM of an entry, and see how many SGEs it will need at most. An
 * entry without bytes needs none, and so does not use its LAM.
 */
static int ndk_ctl_sgl_lam(struct ndk_ctl_sgl *sgl, const struct ndk_sge *in,
			   u32 *room)
{
	struct ndk_ctl_object *obj;
	int ret;

	if (!sgl->adapter)
		return ndk_ctl_sgl_fail(sgl, -EOPNOTSUPP, "sge_flags",
					in->sge_flags, 0);
	obj = ndk_ctl_object_lookup(sgl->call->file, in->token, NDK_KIND_LAM);
	if (IS_ERR(obj))
		return ndk_ctl_sgl_fail(sgl, PTR_ERR(obj), "sge.token",
					in->token, 0);
	ret = ndk_ctl_sgl_lam_check(sgl, in, obj);
	if (!ret && in->length)
		ret = ndk_ctl_uses_add(sgl->uses, obj);
	if (ret || !in->length) {
		ndk_ctl_object_put(obj);
		return ret;
	}
	*room = min(*room, NDK_SGE_MAX) + in->length / PAGE_SIZE + 2;
	return 0;
}

static void ndk_ctl_sgl_add(struct ndk_ctl_sgl *sgl, u64 address, u32 length)
{
	NDK_SGE *last = sgl->count ? &sgl->sge[sgl->count - 1] : NULL;

	if (last && last->MemoryRegionToken == sgl->privileged &&
	    last->LogicalAddress.QuadPart + last->Length == address &&
	    last->Length + length > last->Length) {
		last->Length += length;
		return;
	}
	if (sgl->count == sgl->room)
		return;
	last = &sgl->sge[sgl->count++];
	last->LogicalAddress.QuadPart = address;
	last->Length = length;
	last->MemoryRegionToken = sgl->privileged;
}

static void ndk_ctl_sgl_add_lam(struct ndk_ctl_sgl *sgl,
				const struct ndk_ctl_lam *lam,
				const struct ndk_sge *in)
{
	u64 pos = lam->fbo + in->addr;
	u32 left = in->length;

	while (left && sgl->count < sgl->room) {
		u32 n = min_t(u32, left, PAGE_SIZE - offset_in_page(pos));
		u64 page = lam->map->AdapterPageArray[pos / PAGE_SIZE].QuadPart;

		ndk_ctl_sgl_add(sgl, page + offset_in_page(pos), n);
		pos += n;
		left -= n;
	}
}

static int ndk_ctl_sgl_check(struct ndk_ctl_sgl *sgl, u32 n, u32 *room)
{
	u32 i;
	int ret;

	for (i = 0; i < n; i++) {
		const struct ndk_sge *in = &sgl->in[i];

		if (in->__reserved)
			return ndk_ctl_sgl_fail(sgl, -EINVAL, "sge.__reserved",
						in->__reserved, 0);
		if (in->sge_flags & ~NDK_SGE_PRIVILEGED)
			return ndk_ctl_sgl_fail(sgl, -EOPNOTSUPP, "sge_flags",
						in->sge_flags,
						NDK_SGE_PRIVILEGED);
		if (in->sge_flags & NDK_SGE_PRIVILEGED) {
			ret = ndk_ctl_sgl_lam(sgl, in, room);
			if (ret)
				return ret;
			continue;
		}
		if (in->token == sgl->privileged)
			return ndk_ctl_sgl_fail(sgl, -EACCES, "sge.token",
						in->token, 0);
		++*room;
	}
	return 0;
}

static int ndk_ctl_sgl_map(struct ndk_ctl_sgl *sgl, u32 n)
{
	struct ndk_ctl_use *use;
	u32 i, room = 0;
	NDK_SGE *sge;
	int ret;

	ret = ndk_ctl_sgl_check(sgl, n, &room);
	if (!ret)
		ret = ndk_ctl_sgl_room(sgl, room);
	if (ret)
		return ret;

	/* The LAMs were listed in the order in which they come here. */
	use = list_first_entry(sgl->uses, struct ndk_ctl_use, node);
	for (i = 0; i < n && sgl->count < sgl->room; i++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		if (sgl->in[i].sge_flags & NDK_SGE_PRIVILEGED) {
			if (!sgl->in[i].length)
				continue;
			ndk_ctl_sgl_add_lam(sgl, to_lam(use->lam), &sgl->in[i]);
			use = list_next_entry(use, node);
			continue;
		}
		sge = &sgl->sge[sgl->count++];
		sge->VirtualAddress = (PVOID)(ULONG_PTR)sgl->in[i].addr;
		sge->Length = sgl->in[i].length;
		sge->MemoryRegionToken = sgl->in[i].token;
	}
	return 0;
}

/**
 * ndk_ctl_sgl_get() - make the list of a struct ndk_post
 * @sgl: @call, @adapter, @privileged, @writes and @uses are filled
 *
 * Return: 0 or an errno; ndk_ctl_sgl_put() must follow in both cases.
 */
int ndk_ctl_sgl_get(struct ndk_ctl_sgl *sgl)
{
	struct ndk_post *cmd = (struct ndk_post *)sgl->call->hdr;
	int ret;

	if (cmd->sge_count > NDK_SGE_MAX)
		return ndk_ctl_sgl_fail(sgl, -EINVAL, "sge_count",
					cmd->sge_count, NDK_SGE_MAX);
	if (!cmd->sge_count)
		return 0;
	ret = ndk_ctl_sgl_copy(sgl);
	if (ret)
		return ret;
	if (cmd->op_flags & NDK_OP_FLAG_INLINE)
		return ndk_ctl_sgl_inline(sgl, cmd->sge_count);
	return ndk_ctl_sgl_map(sgl, cmd->sge_count);
}

/**
 * ndk_ctl_sgl_put() - the request was posted, or not
 * @sgl: the list
 */
void ndk_ctl_sgl_put(struct ndk_ctl_sgl *sgl)
{
	kvfree(sgl->in);
	kvfree(sgl->sge);
	kvfree(sgl->data);
}
