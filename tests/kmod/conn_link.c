// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses that mean something on one link only, and those that mean nothing.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/net_namespace.h>

#include "harness.h"

/* The link-local address of the adapter's network interface, with its zone. */
static bool st_link_local(struct st_test *t, struct sockaddr_in6 *addr)
{
	struct ndk_adapter_ident ident;
	struct inet6_ifaddr *ifa;
	struct net_device *dev;
	struct inet6_dev *in6;
	bool found = false;
	u32 i;

	for (i = 0; !ndk_enumerate_adapters(i, &ident); i++)
		if (!strcmp(ident.name, st_device()))
			break;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(&init_net, ident.ifindex);
	in6 = dev ? __in6_dev_get(dev) : NULL;
	if (in6)
		list_for_each_entry_rcu(ifa, &in6->addr_list, if_list) {
			if (!(ipv6_addr_type(&ifa->addr) & IPV6_ADDR_LINKLOCAL))
				continue;
			*addr = (struct sockaddr_in6){
				.sin6_family = AF_INET6,
				.sin6_addr = ifa->addr,
				.sin6_scope_id = ident.ifindex,
			};
			found = true;
		}
	rcu_read_unlock();
	return ST_EXPECT(t, found, "no link-local address");
}

static VOID st_on_nothing(PVOID context, NDK_CONNECTOR *connector)
{
}

static u32 st_zone(const struct sockaddr_storage *addr)
{
	return ((const struct sockaddr_in6 *)addr)->sin6_scope_id;
}

static void st_zone_is(struct st_test *t, NDK_CONNECTOR *conn, u32 zone)
{
	const NDK_CONNECTOR_DISPATCH *d = conn->Dispatch;
	struct sockaddr_storage addr = {};
	ULONG len = sizeof(addr);

	if (ST_OK(t, d->NdkGetLocalAddress(conn, (PSOCKADDR)&addr, &len)))
		ST_EXPECT(t, st_zone(&addr) == zone, "local zone %u, not %u",
			  st_zone(&addr), zone);
	len = sizeof(addr);
	if (ST_OK(t, d->NdkGetPeerAddress(conn, (PSOCKADDR)&addr, &len)))
		ST_EXPECT(t, st_zone(&addr) == zone, "peer's zone %u, not %u",
			  st_zone(&addr), zone);
}

/* Both ends of a connection know which link it is on. */
static void st_zones(struct st_test *t)
{
	struct st_pair *p = st_pair_alloc(t);
	struct sockaddr_in6 addr;

	if (!st_link_local(t, &addr))
		return;
	memcpy(&p->addr, &addr, sizeof(addr));
	p->addr_len = sizeof(addr);
	p->src = &p->addr;
	if (!st_listen_at(t, p) || !st_pair_again(t, p))
		return;
	st_zone_is(t, p->a.conn, addr.sin6_scope_id);
	st_zone_is(t, p->b.conn, addr.sin6_scope_id);
	st_pair_works(t, p);
}

/* A zone that only the peer's address has is that of the local one, too. */
static void st_zone_lent(struct st_test *t)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct sockaddr_storage src = {}, dest;
	struct st_pair *p = st_pair_alloc(t);
	struct sockaddr_in6 addr, *other = (struct sockaddr_in6 *)&src;
	bool connected;

	if (!st_link_local(t, &addr))
		return;
	memcpy(&p->addr, &addr, sizeof(addr));
	p->addr_len = sizeof(addr);
	memcpy(&src, &addr, sizeof(addr));
	other->sin6_scope_id = 0;
	p->src = &src;
	connected = st_listen_at(t, p) && st_pair_again(t, p);
	/* the pair is there for longer */
	p->src = NULL;
	if (!connected)
		return;
	st_zone_is(t, p->a.conn, addr.sin6_scope_id);
	st_zone_is(t, p->b.conn, addr.sin6_scope_id);
	st_pair_works(t, p);

	/* and two that are not the same are none */
	if (!st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &args.conn)))
		return;
	dest = p->addr;
	args.qp = p->a.qp;
	args.dest = &dest;
	args.dest_len = p->addr_len;
	args.src = &src;
	args.src_len = sizeof(addr);
	other->sin6_scope_id = addr.sin6_scope_id + 1;
	ST_STATUS(t, st_req_wait(t, st_connect_start(t, &args)),
		  STATUS_INVALID_ADDRESS);
	st_refused_for(t, &args.conn->Header, "pSrcAddress (another zone)");
}

/* Without it they mean nothing, and are refused by name, at once. */
static void st_no_zone(struct st_test *t)
{
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_pair *p = st_pair_alloc(t);
	struct sockaddr_storage dest = {};
	NDK_LISTENER *listener;
	struct sockaddr_in6 addr;
	struct st_req *req;

	if (!st_link_local(t, &addr) ||
	    !ST_OK(t, st_create_listener(t, st_on_nothing, NULL, &listener)) ||
	    !st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_connector(t, &args.conn)))
		return;
	addr.sin6_scope_id = 0;
	memcpy(&dest, &addr, sizeof(addr));
	ST_STATUS(t, st_listen_on(t, listener, &dest, sizeof(addr)),
		  STATUS_INVALID_ADDRESS);
	st_refused_for(t, &listener->Header, "pAddress (no zone)");
	((struct sockaddr_in6 *)&dest)->sin6_port = htons(50000);
	args.qp = p->a.qp;
	args.dest = &dest;
	args.dest_len = sizeof(addr);
	req = st_connect_start(t, &args);
	ST_STATUS(t, req->answer, STATUS_INVALID_ADDRESS);
	st_refused_for(t, &args.conn->Header, "pDestAddress (no zone)");
	/* one that only the local address has does for both; nobody listens */
	args.src = &p->addr;
	args.src_len = sizeof(addr);
	st_link_local(t, (struct sockaddr_in6 *)&p->addr);
	req = st_connect_start(t, &args);
	ST_STATUS(t, req->answer, STATUS_PENDING);
	ST_STATUS(t, st_req_wait(t, req), STATUS_CONNECTION_REFUSED);
}

/* What cannot be the address of a peer, or of this machine. */
static void st_no_addresses(struct st_test *t)
{
	static const struct {
		bool v6;
		const char *text;
		u16 port;
		const char *argument;
	} cases[] = {
		{ false, "0.0.0.0", 50000, "pDestAddress" },
		{ false, "224.0.0.1", 50000, "pDestAddress" },
		{ false, "255.255.255.255", 50000, "pDestAddress" },
		{ false, "10.77.0.1", 0, "pDestAddress (no port)" },
		{ true, "::", 50000, "pDestAddress" },
		{ true, "ff02::1", 50000, "pDestAddress" },
	};
	struct st_conn_args args = { .in_limit = 4, .out_limit = 4 };
	struct st_pair *p = st_pair_alloc(t);
	struct sockaddr_storage dest, src;
	NDK_LISTENER *listener;
	struct st_req *req;
	unsigned int i;

	if (!st_side_create(t, &p->a, &p->caps, 0) ||
	    !ST_OK(t, st_create_listener(t, st_on_nothing, NULL, &listener)) ||
	    !ST_OK(t, st_create_connector(t, &args.conn)))
		return;
	args.qp = p->a.qp;
	args.dest = &dest;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		args.dest_len = st_address_of(cases[i].text, cases[i].v6,
					      cases[i].port, &dest);
		req = st_connect_start(t, &args);
		ST_EXPECT(t, req->answer == STATUS_INVALID_ADDRESS,
			  "to %s: %s", cases[i].text,
			  st_status_name(req->answer));
		st_refused_for(t, &args.conn->Header, cases[i].argument);
		if (!cases[i].port)
			continue;
		ST_STATUS(t, st_listen_on(t, listener, &dest, args.dest_len),
			  STATUS_INVALID_ADDRESS);
		st_refused_for(t, &listener->Header, "pAddress");
	}
	/* unlike families, and none */
	args.dest_len = st_sockaddr(false, 50000, &dest);
	args.src = &src;
	args.src_len = st_sockaddr(true, 0, &src);
	req = st_connect_start(t, &args);
	ST_STATUS(t, req->answer, STATUS_INVALID_ADDRESS);
	st_refused_for(t, &args.conn->Header, "pSrcAddress");
	args.src = NULL;
	/* less than such an address has */
	st_sockaddr(true, 50000, &dest);
	args.dest_len = offsetof(struct sockaddr_in6, sin6_scope_id);
	req = st_connect_start(t, &args);
	ST_STATUS(t, req->answer, STATUS_INVALID_PARAMETER);
	st_refused_for(t, &args.conn->Header, "pDestAddress");
	dest.ss_family = 200;
	req = st_connect_start(t, &args);
	ST_STATUS(t, req->answer, STATUS_INVALID_ADDRESS);
	st_refused_for(t, &args.conn->Header, "pDestAddress");
}

static const struct st_case st_cases[] = {
	{ .name = "zones", .run = st_zones },
	{ .name = "zone_lent", .run = st_zone_lent },
	{ .name = "no_zone", .run = st_no_zone },
	{ .name = "no_addresses", .run = st_no_addresses },
};

const struct st_suite st_suite_conn_link = {
	"conn_link", st_cases, ARRAY_SIZE(st_cases),
};
