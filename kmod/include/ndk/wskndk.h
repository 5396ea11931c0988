/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opening an adapter the way consumers do elsewhere: through two functions that
 * an extension of the kernel's sockets has, by the index of a network interface.
 */
#ifndef _NDK_WSKNDK_H
#define _NDK_WSKNDK_H

#include <ndk/provider.h>
#include <net/net_namespace.h>

/* A client of kernel sockets. There are none of that kind here: pass NULL. */
typedef struct _WSK_CLIENT	WSK_CLIENT, *PWSK_CLIENT;

/* The control code by which a client asks for the table: 'NDKD'. */
#define WSKNDK_GET_WSK_PROVIDER_NDK_DISPATCH	((ULONG)0x4e444b44)

typedef NTSTATUS (*PFN_WSK_NDK_OPEN_ADAPTER)(PWSK_CLIENT Client,
					     NDK_VERSION NdkVersion,
					     NET_IFINDEX IfIndex,
					     NDK_ADAPTER **ppNdkAdapter);
typedef void (*PFN_WSK_NDK_CLOSE_ADAPTER)(PWSK_CLIENT Client,
					  NDK_ADAPTER *pNdkAdapter);

/**
 * struct _WSK_PROVIDER_NDK_DISPATCH - the two functions
 * @WskOpenNdkAdapter: opens
 * @WskCloseNdkAdapter: closes
 */
typedef struct _WSK_PROVIDER_NDK_DISPATCH {
	PFN_WSK_NDK_OPEN_ADAPTER WskOpenNdkAdapter;
	PFN_WSK_NDK_CLOSE_ADAPTER WskCloseNdkAdapter;
} WSK_PROVIDER_NDK_DISPATCH, *PWSK_PROVIDER_NDK_DISPATCH;

/**
 * WskOpenNdkAdapter() - open an adapter by its network interface
 * @Client: not used
 * @NdkVersion: as in ndk_open_adapter()
 * @IfIndex: interface of the initial network namespace
 * @ppNdkAdapter: the instance, on success
 *
 * Context: process; may sleep.
 * Return: as ndk_open_adapter_by_ifindex().
 */
static inline NTSTATUS WskOpenNdkAdapter(PWSK_CLIENT Client,
					 NDK_VERSION NdkVersion,
					 NET_IFINDEX IfIndex,
					 NDK_ADAPTER **ppNdkAdapter)
{
	return ndk_open_adapter_by_ifindex(&init_net, IfIndex, NdkVersion,
					   ppNdkAdapter);
}

/**
 * WskCloseNdkAdapter() - close an instance, wait until all of it is gone
 * @Client: not used
 * @pNdkAdapter: the instance
 *
 * Context: process; sleeps. As ndk_close_adapter().
 */
static inline VOID WskCloseNdkAdapter(PWSK_CLIENT Client,
				      NDK_ADAPTER *pNdkAdapter)
{
	ndk_close_adapter(pNdkAdapter);
}

/**
 * ndk_wsk_dispatch() - what a client gets from WskControlClient elsewhere
 * @dispatch: filled in
 *
 * Context: any.
 */
static inline void ndk_wsk_dispatch(WSK_PROVIDER_NDK_DISPATCH *dispatch)
{
	dispatch->WskOpenNdkAdapter = WskOpenNdkAdapter;
	dispatch->WskCloseNdkAdapter = WskCloseNdkAdapter;
}

#endif /* _NDK_WSKNDK_H */
