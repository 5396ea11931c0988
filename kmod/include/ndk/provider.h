/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry to the provider: open and close an adapter, and the few things that
 * only exist on Linux.
 *
 * All else is reached through the dispatch tables of ndkpi.h.
 */
#ifndef _NDK_PROVIDER_H
#define _NDK_PROVIDER_H

#include <ndk/ndkpi.h>
#include <rdma/ib_verbs.h>

struct net;

/*
 * What a consumer writes once, beside its MODULE_LICENSE(): the functions of
 * the provider are in the symbol namespace NDK. MODULE_IMPORT_NS() takes a token
 * on some kernels and a string on others; this is what both become.
 */
#define NDK_IMPORT_NS()		MODULE_INFO(import_ns, "NDK")

NTSTATUS ndk_open_adapter(const char *device_name, NDK_VERSION version,
			  NDK_ADAPTER **adapter);
NTSTATUS ndk_open_adapter_by_ifindex(struct net *net, int ifindex,
				     NDK_VERSION version,
				     NDK_ADAPTER **adapter);
void ndk_close_adapter(NDK_ADAPTER *adapter);
BOOLEAN ndk_same_device(NDK_OBJECT_HEADER *a, NDK_OBJECT_HEADER *b);

/**
 * struct ndk_adapter_ident - which adapters there are
 * @name: name of the RDMA device now; devices can be renamed
 * @ifindex: network interface of its first port, 0 if it has none
 * @ports: number of ports
 */
struct ndk_adapter_ident {
	char name[IB_DEVICE_NAME_MAX];
	int ifindex;
	u32 ports;
};

int ndk_enumerate_adapters(u32 index, struct ndk_adapter_ident *ident);

const char *ndk_status_name(NTSTATUS status);

/* Most bytes of a refusal's argument, its end included. */
#define NDK_REFUSAL_ARGUMENT_MAX	32

/**
 * struct ndk_refusal - why the last refused request on an object was refused
 * @status: what was answered
 * @argument: the argument, limit or state at fault, or NULL if there is none
 *	to name; a string literal of the provider, of no more than
 *	NDK_REFUSAL_ARGUMENT_MAX bytes
 * @value: what was given or found
 * @limit: what is allowed; 0 when @argument has no limit
 */
struct ndk_refusal {
	NTSTATUS status;
	const char *argument;
	u64 value;
	u64 limit;
};

/* Room that is enough for every sentence of ndk_refusal_format(). */
#define NDK_REFUSAL_TEXT_MAX	160

int ndk_refusal_format(char *text, size_t size,
		       const struct ndk_refusal *refusal);

/*
 * Extension interfaces of this provider, for NdkQueryExtension. Version {1,0}.
 */

/* {b2a4b36e-6a19-4f0b-9a5c-3d0e6f4f1c01}: on every object */
#define NDK_EXT_DIAGNOSTICS_GUID					       \
	{ 0xb2a4b36e, 0x6a19, 0x4f0b,					       \
	  { 0x9a, 0x5c, 0x3d, 0x0e, 0x6f, 0x4f, 0x1c, 0x01 } }

/**
 * struct ndk_ext_diagnostics - says why
 * @GetLastRefusal: copies the last refusal recorded on an object, inline or
 *	before its callback is called; a failed create is recorded on the
 *	parent. Any context. TRUE if there was one.
 * @IsMrIdle: TRUE if no memory can be reached through an MR and no request
 *	that was accepted will change that: it was never registered, or what
 *	was registered was invalidated or deregistered by its consumer. What
 *	was invalidated by a peer is idle when the MR was initialised again or
 *	closed, or invalidated after another registration. Any context. May be
 *	NULL.
 */
struct ndk_ext_diagnostics {
	BOOLEAN (*GetLastRefusal)(NDK_OBJECT_HEADER *object,
				  struct ndk_refusal *refusal);
	BOOLEAN (*IsMrIdle)(NDK_MR *mr);
};

/* {b2a4b36e-6a19-4f0b-9a5c-3d0e6f4f1c02}: on MR and QP */
#define NDK_EXT_IB_VERBS_GUID						       \
	{ 0xb2a4b36e, 0x6a19, 0x4f0b,					       \
	  { 0x9a, 0x5c, 0x3d, 0x0e, 0x6f, 0x4f, 0x1c, 0x02 } }

/**
 * struct ndk_ext_ib_verbs - the ib_core objects behind NDK objects
 * @GetIbMr: the MR's ib_mr, or NULL while it has none. Valid until the MR is
 *	re-initialised, deregistered or closed, or the device is removed.
 *	Registering or invalidating it behind the provider makes the NDK state
 *	wrong; read it, or use it in work requests.
 * @GetIbQp: the QP's ib_qp, or NULL once the device is gone. Valid until the
 *	QP is closed or the device is removed. Work requests posted on it must
 *	carry their own wr_cqe and take queue slots that the consumer left free.
 */
struct ndk_ext_ib_verbs {
	struct ib_mr *(*GetIbMr)(NDK_MR *mr);
	struct ib_qp *(*GetIbQp)(NDK_QP *qp);
};

#endif /* _NDK_PROVIDER_H */
