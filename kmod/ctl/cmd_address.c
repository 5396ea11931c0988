// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket addresses: those that commands bring, and those that objects have.
 */
#include <linux/capability.h>
#include <linux/string.h>
#include <net/ip.h>
#include <net/net_namespace.h>

#include "conn.h"

static int ndk_ctl_address_check(struct ndk_ctl_call *call, const char *member,
				 const struct ndk_address *address)
{
	if (address->__reserved)
		return ndk_ctl_refuse(call, -EINVAL, "address.__reserved",
				      address->__reserved, 0);
	if (address->length > sizeof(address->data))
		return ndk_ctl_refuse(call, -EINVAL, member, address->length,
				      sizeof(address->data));
	return 0;
}

/**
 * ndk_ctl_address_get() - take an address of a command
 * @call: the command
 * @member: its member
 * @address: the address
 * @to: filled in, zero beyond the address
 *
 * Return: 0 or -EINVAL.
 */
int ndk_ctl_address_get(struct ndk_ctl_call *call, const char *member,
			const struct ndk_address *address,
			struct sockaddr_storage *to)
{
	int ret;

	static_assert(sizeof(address->data) <= sizeof(*to));
	ret = ndk_ctl_address_check(call, member, address);
	if (ret)
		return ret;
	memset(to, 0, sizeof(*to));
	memcpy(to, address->data, address->length);
	return 0;
}

/**
 * ndk_ctl_address_get_local() - take an address that a port will be bound to
 * @call: the command
 * @member: its member
 * @address: the address
 * @to: filled in, zero beyond the address
 *
 * rdma_cm would check the rights of the worker that calls it.
 *
 * Return: 0, -EINVAL, or -EACCES for a port that the caller must not have.
 */
int ndk_ctl_address_get_local(struct ndk_ctl_call *call, const char *member,
			      const struct ndk_address *address,
			      struct sockaddr_storage *to)
{
	u16 port;
	int ret;

	ret = ndk_ctl_address_get(call, member, address, to);
	if (ret)
		return ret;
	static_assert(offsetof(struct sockaddr_in, sin_port) ==
		      offsetof(struct sockaddr_in6, sin6_port));
	port = ntohs(((struct sockaddr_in *)to)->sin_port);
	if (port && inet_port_requires_bind_service(&init_net, port) &&
	    !capable(CAP_NET_BIND_SERVICE))
		return ndk_ctl_refuse(call, -EACCES, "port", port, 0);
	return 0;
}

static NTSTATUS ndk_ctl_ask_address(struct ndk_ctl_object *obj, bool peer,
				    PSOCKADDR address, ULONG *length)
{
	NDK_SHARED_ENDPOINT *endpoint;
	NDK_CONNECTOR *connector;
	NDK_LISTENER *listener;

	switch (obj->type->kind) {
	case NDK_KIND_LISTENER:
		listener = to_ndk_listener(obj);
		return listener->Dispatch->NdkGetLocalAddress(listener, address,
							      length);
	case NDK_KIND_SHARED_ENDPOINT:
		endpoint = to_ndk_endpoint(obj);
		return endpoint->Dispatch->NdkGetLocalAddress(endpoint, address,
							      length);
	default:
		connector = to_ndk_connector(obj);
		if (peer)
			return connector->Dispatch->NdkGetPeerAddress(connector,
								      address,
								      length);
		return connector->Dispatch->NdkGetLocalAddress(connector,
							       address, length);
	}
}

static int ndk_ctl_get_address(struct ndk_ctl_call *call, bool peer)
{
	struct ndk_get_address *cmd = (struct ndk_get_address *)call->hdr;
	struct sockaddr_storage address = {};
	struct ndk_ctl_object *obj;
	NTSTATUS status;
	ULONG length;
	u32 kind;
	int ret;

	ret = ndk_ctl_address_check(call, "address", &cmd->address);
	if (ret)
		return ret;
	obj = ndk_ctl_object_get(call, "id", cmd->id, 0);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	kind = obj->type->kind;
	if (kind != NDK_KIND_CONNECTOR &&
	    (peer || (kind != NDK_KIND_LISTENER &&
		      kind != NDK_KIND_SHARED_ENDPOINT)))
		return ndk_ctl_refuse(call, -EINVAL, "id", cmd->id, 0);

	length = cmd->address.length;
	status = ndk_ctl_ask_address(obj, peer, (PSOCKADDR)&address, &length);
	memset(cmd->address.data, 0, sizeof(cmd->address.data));
	if (status == STATUS_SUCCESS)
		memcpy(cmd->address.data, &address,
		       min_t(ULONG, length, sizeof(cmd->address.data)));
	cmd->address.length = length;
	return ndk_ctl_answer(call, obj, status);
}

int ndk_ctl_get_local_address(struct ndk_ctl_call *call)
{
	return ndk_ctl_get_address(call, false);
}

int ndk_ctl_get_peer_address(struct ndk_ctl_call *call)
{
	return ndk_ctl_get_address(call, true);
}
