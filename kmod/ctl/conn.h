/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connectors, listeners and shared endpoints.
 */
#ifndef _NDK_CTL_CONN_H
#define _NDK_CTL_CONN_H

#include <linux/socket.h>

#include "ctl.h"

/**
 * struct ndk_ctl_listener - a listener
 * @obj: common part
 * @event_data: for connect events
 * @backlog: connect events that may be unread
 * @unread: connect events that are
 */
struct ndk_ctl_listener {
	struct ndk_ctl_object obj;
	u64 event_data;
	int backlog;
	atomic_t unread;
};

/**
 * struct ndk_ctl_connector - a connector
 * @obj: common part
 * @listener: whose connect event it came with, or NULL; its struct is
 *	referenced
 * @connect: the connect event
 * @disconnect: the disconnect event
 */
struct ndk_ctl_connector {
	struct ndk_ctl_object obj;
	struct ndk_ctl_listener *listener;
	struct ndk_ctl_event connect;
	struct ndk_ctl_event disconnect;
};

static inline struct ndk_ctl_connector *to_connector(struct ndk_ctl_object *obj)
{
	return container_of(obj, struct ndk_ctl_connector, obj);
}

static inline NDK_LISTENER *to_ndk_listener(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_LISTENER, Header);
}

static inline NDK_CONNECTOR *to_ndk_connector(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_CONNECTOR, Header);
}

static inline NDK_SHARED_ENDPOINT *to_ndk_endpoint(struct ndk_ctl_object *obj)
{
	return container_of(obj->ndk, NDK_SHARED_ENDPOINT, Header);
}

/* cmd_address.c */
int ndk_ctl_address_get(struct ndk_ctl_call *call, const char *member,
			const struct ndk_address *address,
			struct sockaddr_storage *to);
int ndk_ctl_address_get_local(struct ndk_ctl_call *call, const char *member,
			      const struct ndk_address *address,
			      struct sockaddr_storage *to);

/* cmd_connector.c */
bool ndk_ctl_connector_arrived(struct ndk_ctl_listener *listener,
			       NDK_CONNECTOR *ndk);

#endif /* _NDK_CTL_CONN_H */
