// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses between the interface and rdma_cm, and what rdma_cm's answers mean.
 *
 * IPv4 and IPv6 are served. Addresses are those of the initial network
 * namespace.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <rdma/ib_addr.h>
#include <rdma/ib_cm.h>

#include "cm_address.h"
#include "status.h"

static u32 ndk_addr_size(sa_family_t family)
{
	switch (family) {
	case AF_INET:
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	default:
		return 0;
	}
}

/**
 * ndk_addr_take() - copy an address that a consumer gave
 * @obj: object whose function was called
 * @to: gets the address, zero beyond it
 * @from: the consumer's
 * @length: bytes at @from; more than the family needs is fine
 * @argument: name of the address's argument, NDK_REASON()
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for an address that is
 * missing or too short; STATUS_INVALID_ADDRESS for one that is neither IPv4 nor
 * IPv6.
 */
NTSTATUS ndk_addr_take(struct ndk_object *obj, struct sockaddr_storage *to,
		       const struct sockaddr *from, u32 length,
		       const char *argument)
{
	u32 size;

	if (!from || length < offsetofend(struct sockaddr, sa_family))
		return ndk_refuse_for(obj, STATUS_INVALID_PARAMETER, argument,
				      length, sizeof(struct sockaddr_in));
	size = ndk_addr_size(from->sa_family);
	if (!size)
		return ndk_refuse_for(obj, STATUS_INVALID_ADDRESS, argument,
				      from->sa_family, 0);
	if (length < size)
		return ndk_refuse_for(obj, STATUS_INVALID_PARAMETER, argument,
				      length, size);

	memset(to, 0, sizeof(*to));
	memcpy(to, from, size);
	return STATUS_SUCCESS;
}

/**
 * ndk_addr_give() - copy an address to a consumer
 * @obj: object whose function was called
 * @from: the address
 * @to: the consumer's buffer; not touched if too small
 * @length: bytes at @to; then the address's size
 *
 * Context: any.
 * Return: STATUS_SUCCESS or STATUS_BUFFER_TOO_SMALL.
 */
NTSTATUS ndk_addr_give(struct ndk_object *obj,
		       const struct sockaddr_storage *from,
		       struct sockaddr *to, u32 *length)
{
	u32 size = ndk_addr_size(from->ss_family);
	u32 room = *length;

	*length = size;
	if (!to || room < size)
		return ndk_refuse(obj, STATUS_BUFFER_TOO_SMALL,
				  "pAddressLength", room, size);
	memcpy(to, from, size);
	return STATUS_SUCCESS;
}

/**
 * ndk_addr_is_any() - whether an address is a wildcard
 * @addr: IPv4 or IPv6
 *
 * Context: any.
 * Return: true if it names no particular interface.
 */
bool ndk_addr_is_any(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET6)
		return ipv6_addr_any(&((const struct sockaddr_in6 *)addr)->sin6_addr);
	return ((const struct sockaddr_in *)addr)->sin_addr.s_addr ==
	       htonl(INADDR_ANY);
}

/**
 * ndk_addr_is_unicast() - whether an address can be one machine's
 * @addr: IPv4 or IPv6
 *
 * Context: any.
 * Return: false for a wildcard, a group and the broadcast address.
 */
bool ndk_addr_is_unicast(const struct sockaddr_storage *addr)
{
	const struct in6_addr *in6;
	__be32 in;

	if (ndk_addr_is_any(addr))
		return false;
	if (addr->ss_family == AF_INET6) {
		in6 = &((const struct sockaddr_in6 *)addr)->sin6_addr;
		return !ipv6_addr_is_multicast(in6);
	}
	in = ((const struct sockaddr_in *)addr)->sin_addr.s_addr;
	return !ipv4_is_multicast(in) && !ipv4_is_lbcast(in);
}

/**
 * ndk_addr_is_local() - whether an address means something on one link only
 * @addr: IPv4 or IPv6
 *
 * Context: any.
 * Return: true for a link-local IPv6 address, which needs a zone.
 */
bool ndk_addr_is_local(const struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;

	return addr->ss_family == AF_INET6 &&
	       ipv6_addr_type(&in6->sin6_addr) & IPV6_ADDR_LINKLOCAL;
}

/**
 * ndk_addr_zone() - which link an address is on
 * @addr: IPv4 or IPv6
 *
 * Context: any.
 * Return: index of the network interface, or 0 if it does not say.
 */
u32 ndk_addr_zone(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6 ?
	       ((const struct sockaddr_in6 *)addr)->sin6_scope_id : 0;
}

/**
 * ndk_addr_add_zone() - complete an address that needs a zone and has none
 * @addr: IPv4 or IPv6
 * @zone: index of the network interface
 *
 * Context: any.
 */
void ndk_addr_add_zone(struct sockaddr_storage *addr, u32 zone)
{
	if (ndk_addr_is_local(addr) && !ndk_addr_zone(addr))
		((struct sockaddr_in6 *)addr)->sin6_scope_id = zone;
}

/**
 * ndk_addr_port() - the port in an address
 * @addr: IPv4 or IPv6
 *
 * Context: any.
 * Return: the port in the host's byte order.
 */
u16 ndk_addr_port(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)addr)->sin6_port);
	return ntohs(((const struct sockaddr_in *)addr)->sin_port);
}

/**
 * ndk_addr_set_port() - change the port in an address
 * @addr: IPv4 or IPv6
 * @port: in the host's byte order
 *
 * Context: any.
 */
void ndk_addr_set_port(struct sockaddr_storage *addr, u16 port)
{
	if (addr->ss_family == AF_INET6)
		((struct sockaddr_in6 *)addr)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)addr)->sin_port = htons(port);
}

/**
 * ndk_cm_bind_status() - why rdma_cm could not use a local address
 * @addr: the address
 * @err: negative errno from binding to it
 *
 * rdma_cm says EADDRNOTAVAIL for an address that is not local as well as for a
 * port that cannot be had, so the address is looked up once more.
 *
 * Context: process.
 * Return: STATUS_INVALID_ADDRESS if the address is not one of an RDMA device or
 * cannot be used with the peer's,
 * STATUS_SHARING_VIOLATION if the port is taken, STATUS_TOO_MANY_ADDRESSES if
 * no port was asked for and none is free, else what the errno means.
 */
NTSTATUS ndk_cm_bind_status(const struct sockaddr_storage *addr, int err)
{
	struct rdma_dev_addr dev_addr = { .net = &init_net };

	switch (err) {
	case -ENODEV:
	case -EINVAL:
		return STATUS_INVALID_ADDRESS;
	case -EADDRNOTAVAIL:
		if (!ndk_addr_is_any(addr) &&
		    rdma_translate_ip((const struct sockaddr *)addr, &dev_addr))
			return STATUS_INVALID_ADDRESS;
		return ndk_addr_port(addr) ? STATUS_SHARING_VIOLATION :
					     STATUS_TOO_MANY_ADDRESSES;
	default:
		return ndk_status_from_errno(err);
	}
}

static NTSTATUS ndk_cm_reject_status(struct rdma_cm_id *id, int reason)
{
	if (!rdma_ib_or_roce(id->device, id->port_num))
		return STATUS_CONNECTION_REFUSED;

	switch (reason) {
	case IB_CM_REJ_TIMEOUT:
		return STATUS_IO_TIMEOUT;
	case IB_CM_REJ_STALE_CONN:
		return STATUS_CONNECTION_ABORTED;
	default:
		return STATUS_CONNECTION_REFUSED;
	}
}

/**
 * ndk_cm_stream_status() - why an iWARP connection did not come about
 * @err: negative errno from a driver, whose stream was to become a connection
 *
 * The drivers say EINVAL also for an answer that did not come, or not in full,
 * and cxgb4 says EIO for most that can happen to a stream.
 *
 * Context: any.
 * Return: the status.
 */
NTSTATUS ndk_cm_stream_status(int err)
{
	switch (err) {
	case -EINVAL:
	case -EPIPE:
	case -EIO:
	case -EPROTO:
	case -ECONNRESET:
	case -ECONNABORTED:
		return STATUS_CONNECTION_REFUSED;
	default:
		return ndk_status_from_errno(err);
	}
}

/**
 * ndk_cm_event_status() - why a connection did not come about, or ended
 * @id: the id that the event came for
 * @event: one that ends the attempt or the connection
 *
 * Context: any.
 * Return: the status; STATUS_SUCCESS for an orderly disconnect.
 */
NTSTATUS ndk_cm_event_status(struct rdma_cm_id *id,
			     const struct rdma_cm_event *event)
{
	switch (event->event) {
	case RDMA_CM_EVENT_ADDR_ERROR:
		/* Nobody answered for the address, or no way leads there. */
		if (event->status == -ETIMEDOUT)
			return STATUS_HOST_UNREACHABLE;
		if (event->status == -ENODEV || event->status == -EINVAL ||
		    event->status == -EACCES)
			return STATUS_INVALID_ADDRESS;
		break;
	case RDMA_CM_EVENT_ROUTE_ERROR:
		if (event->status == -ENODEV || event->status == -EINVAL)
			return STATUS_HOST_UNREACHABLE;
		break;
	case RDMA_CM_EVENT_CONNECT_ERROR:
		if (rdma_protocol_iwarp(id->device, id->port_num))
			return ndk_cm_stream_status(event->status);
		break;
	case RDMA_CM_EVENT_REJECTED:
		return ndk_cm_reject_status(id, event->status);
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		return STATUS_DEVICE_REMOVED;
	default:
		break;
	}
	return ndk_status_from_errno(event->status);
}
