/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _PORT_H
#define _PORT_H

#include <wskndk.h>

NTSTATUS PortRun(const WSK_PROVIDER_NDK_DISPATCH *Ndk, NET_IFINDEX IfIndex,
		 const SOCKADDR_IN *Address);

#endif /* _PORT_H */
