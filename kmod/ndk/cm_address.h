/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses between the interface and rdma_cm, and what rdma_cm's answers mean.
 */
#ifndef _NDK_CM_ADDRESS_H
#define _NDK_CM_ADDRESS_H

#include <linux/socket.h>
#include <rdma/rdma_cm.h>

#include "object.h"

NTSTATUS ndk_addr_take(struct ndk_object *obj, struct sockaddr_storage *to,
		       const struct sockaddr *from, u32 length,
		       const char *argument);
NTSTATUS ndk_addr_give(struct ndk_object *obj,
		       const struct sockaddr_storage *from,
		       struct sockaddr *to, u32 *length);
bool ndk_addr_is_any(const struct sockaddr_storage *addr);
bool ndk_addr_is_unicast(const struct sockaddr_storage *addr);
bool ndk_addr_is_local(const struct sockaddr_storage *addr);
u32 ndk_addr_zone(const struct sockaddr_storage *addr);
void ndk_addr_add_zone(struct sockaddr_storage *addr, u32 zone);
u16 ndk_addr_port(const struct sockaddr_storage *addr);
void ndk_addr_set_port(struct sockaddr_storage *addr, u16 port);

NTSTATUS ndk_cm_bind_status(const struct sockaddr_storage *addr, int err);
NTSTATUS ndk_cm_stream_status(int err);
NTSTATUS ndk_cm_event_status(struct rdma_cm_id *id,
			     const struct rdma_cm_event *event);

#endif /* _NDK_CM_ADDRESS_H */
