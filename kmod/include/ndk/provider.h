/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry to the provider: open and close an adapter, and the few things that
 * only exist on Linux.
 *
 * All else is reached through the dispatch tables of ndkpi.h. Each function is
 * described here, at its declaration, and those of MDLs in mdl.h.
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

/**
 * ndk_open_adapter() - open an instance of an adapter by RDMA device name
 * @device_name: as in /sys/class/infiniband
 * @version: major, and lowest minor that will do
 * @adapter: the instance, on success; it reports the highest minor served
 *
 * What WskOpenNdkAdapter and OpenNDKAdapterHandler are elsewhere. The instance
 * does not keep the device from going away.
 *
 * Context: process; may sleep.
 * Return: NDIS_STATUS_SUCCESS, NDIS_STATUS_BAD_VERSION (served are 1.0 to 1.2
 * and 2.0 to 2.1), NDIS_STATUS_ADAPTER_NOT_READY when there is no such device
 * in the initial network namespace or it cannot do memory registration or does
 * not answer, NDIS_STATUS_RESOURCES.
 */
NTSTATUS ndk_open_adapter(const char *device_name, NDK_VERSION version,
			  NDK_ADAPTER **adapter);

/**
 * ndk_open_adapter_by_ifindex() - open an adapter by its network interface
 * @net: namespace of the interface
 * @ifindex: index of the network interface of one of the device's ports
 * @version: as in ndk_open_adapter()
 * @adapter: as in ndk_open_adapter()
 *
 * Context: process; may sleep.
 * Return: as ndk_open_adapter().
 */
NTSTATUS ndk_open_adapter_by_ifindex(struct net *net, int ifindex,
				     NDK_VERSION version,
				     NDK_ADAPTER **adapter);

/**
 * ndk_close_adapter() - close an instance and wait until all of it is gone
 * @adapter: the instance
 *
 * Returns when every descendant has been closed and every callback on every
 * descendant has returned; the consumer may be unloaded then. It must not be
 * called from inside a callback, and it waits for ever if the consumer leaves
 * a descendant open, or something of another instance that uses one. What else
 * there is of other instances of the adapter is not waited for. After a minute,
 * or what the parameter slow_close of ndk.ko says, the kernel log says once what
 * it waits for.
 *
 * Context: process; sleeps.
 */
void ndk_close_adapter(NDK_ADAPTER *adapter);

/**
 * ndk_same_device() - do two objects belong to instances of one adapter?
 * @a: header of an object, which may be an adapter
 * @b: header of another
 *
 * If so they may be used together where one needs the other, and mappings of
 * one are good for the other.
 *
 * Context: any.
 * Return: TRUE if there is one device behind both.
 */
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

/**
 * ndk_enumerate_adapters() - tell which adapters can be opened
 * @index: 0 for the first one, counting up
 * @ident: filled on success
 *
 * Devices may come and go between two calls. Those of other network namespaces
 * are left out.
 *
 * Context: process; may sleep.
 * Return: 0, or -ENOENT when there are no more than @index.
 */
int ndk_enumerate_adapters(u32 index, struct ndk_adapter_ident *ident);

/**
 * ndk_status_name() - the published name of a status code
 * @status: the code
 *
 * Context: any.
 * Return: a literal, "STATUS_?" for a code that is not in the list.
 */
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

/**
 * ndk_refusal_format() - say in a sentence why a request was refused
 * @text: where to
 * @size: bytes at @text
 * @refusal: from GetLastRefusal()
 *
 * The status by its name, what is at fault, and what was given and is allowed
 * where there is such a thing:
 *
 *	STATUS_IMPLEMENTATION_LIMIT: AdapterPageCount is 513, limit 512
 *
 * Context: any.
 * Return: bytes written, without the NUL at the end.
 */
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
