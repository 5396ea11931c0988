// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listeners: where connections come in.
 *
 * A closed listener refuses what comes in at once, although its address stays
 * taken until the last of its connectors has been closed.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <rdma/ib_cm.h>
#include <rdma/rdma_cm.h>

#include "adapter.h"
#include "cm_address.h"
#include "connector.h"
#include "device.h"
#include "dispatch.h"
#include "listener.h"
#include "status.h"

/* Connections on their way to the consumer; more are refused. */
#define NDK_LISTEN_BACKLOG	128

/* Where ports come from if none is asked for. */
#define NDK_FIRST_PORT		49152U
#define NDK_LAST_PORT		65535U
#define NDK_PORTS		(NDK_LAST_PORT - NDK_FIRST_PORT + 1)

/* Counts one more on its way; false if it has to be refused. */
static bool ndk_listener_admit(struct ndk_listener *l)
{
	unsigned long flags;
	bool admit;

	spin_lock_irqsave(&l->obj.lock, flags);
	admit = !l->obj.closing && !l->paused &&
		l->waiting < NDK_LISTEN_BACKLOG && ndk_object_tryget(&l->obj);
	if (admit) {
		l->waiting++;
		l->connectors++;
	}
	spin_unlock_irqrestore(&l->obj.lock, flags);
	return admit;
}

/* Counts one less; false if it has to be refused after all. */
static bool ndk_listener_dismiss(struct ndk_listener *l)
{
	unsigned long flags;
	bool open;

	spin_lock_irqsave(&l->obj.lock, flags);
	l->waiting--;
	open = !l->obj.closing;
	spin_unlock_irqrestore(&l->obj.lock, flags);
	return open && !ndk_device_gone(l->obj.dev);
}

/* There is no connector after all, whose listener it could be. */
static void ndk_listener_disown(struct ndk_listener *l)
{
	unsigned long flags;

	spin_lock_irqsave(&l->obj.lock, flags);
	l->waiting--;
	l->connectors--;
	spin_unlock_irqrestore(&l->obj.lock, flags);
}

/*
 * The connector holds a reference on the listener until its own close callback
 * has returned, so the listener's close cannot overtake this callback.
 */
static bool ndk_listener_announce(struct ndk_object *obj,
				  NDK_CONNECTOR *connector)
{
	struct ndk_listener *l = container_of(obj, struct ndk_listener, obj);

	if (!ndk_listener_dismiss(l))
		return false;
	l->connect_event(l->connect_ctx, connector);
	return true;
}

static void ndk_listener_release_address(struct ndk_listener *l)
{
	struct rdma_cm_id *id;
	unsigned long flags;

	spin_lock_irqsave(&l->obj.lock, flags);
	id = l->id;
	l->id = NULL;
	spin_unlock_irqrestore(&l->obj.lock, flags);
	if (id)
		rdma_destroy_id(id);
}

/*
 * The last one to leave a listener that is closed gives the address back, so
 * that it is free when the close callback of that connector is made. The
 * listener itself goes later, when that callback has returned.
 */
static void ndk_listener_leave(struct ndk_object *obj)
{
	struct ndk_listener *l = container_of(obj, struct ndk_listener, obj);
	unsigned long flags;
	bool last;

	spin_lock_irqsave(&l->obj.lock, flags);
	last = !--l->connectors && l->obj.closing;
	spin_unlock_irqrestore(&l->obj.lock, flags);
	if (last)
		ndk_listener_release_address(l);
}

static const struct ndk_connector_origin ndk_listener_origin = {
	.announce = ndk_listener_announce,
	.leave = ndk_listener_leave,
};

static int ndk_listener_incoming(struct ndk_listener *l, struct rdma_cm_id *id,
				 const struct rdma_cm_event *event)
{
	int idx, ret = -ECONNREFUSED;

	if (!ndk_device_enter(l->obj.dev, &idx))
		return ret;

	if (ndk_listener_admit(l)) {
		ret = ndk_connector_incoming(&l->obj, id, event,
					     &ndk_listener_origin);
		if (ret)
			ndk_listener_disown(l);
		ndk_object_put(&l->obj);
	} else {
		/* What the peer hears if nobody listens. */
		rdma_reject(id, NULL, 0, IB_CM_REJ_INVALID_SERVICE_ID);
	}

	ndk_device_leave(l->obj.dev, idx);
	return ret;
}

/*
 * Under the handler mutexes of the listening and of the new id. A failure
 * destroys the new id and so refuses the connection.
 */
static int ndk_listener_event(struct rdma_cm_id *id,
			      struct rdma_cm_event *event)
{
	if (event->event != RDMA_CM_EVENT_CONNECT_REQUEST)
		return 0;
	return ndk_listener_incoming(id->context, id, event);
}

static void ndk_listener_release_hw(struct ndk_object *obj)
{
	ndk_listener_release_address(container_of(obj, struct ndk_listener,
						  obj));
}

static void ndk_listener_free(struct ndk_object *obj)
{
	kfree(container_of(obj, struct ndk_listener, obj));
}

static const struct ndk_object_ops ndk_listener_ops = {
	.type = NdkObjectTypeListener,
	.teardown_order = NDK_TEARDOWN_CONNECTION,
	.release_hw = ndk_listener_release_hw,
	.free = ndk_listener_free,
};

/**
 * ndk_create_listener() - NDK_FN_CREATE_LISTENER
 * @pNdkAdapter: the adapter
 * @ConnectEvent: called for each connection that comes in, with a connector
 *	that the consumer accepts or rejects, and closes in any case
 * @ConnectEventContext: its context
 * @CreateCompletion: not called: the creation finishes inline
 * @RequestContext: unused
 * @ppNdkListener: the listener, on success
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES,
 * STATUS_INVALID_PARAMETER without a callback, or STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_create_listener(NDK_ADAPTER *pNdkAdapter,
			     NDK_FN_CONNECT_EVENT_CALLBACK ConnectEvent,
			     PVOID ConnectEventContext,
			     NDK_FN_CREATE_COMPLETION CreateCompletion,
			     PVOID RequestContext, NDK_LISTENER **ppNdkListener)
{
	struct ndk_adapter *adapter = to_ndk_adapter(pNdkAdapter);
	struct ndk_listener *l;
	NTSTATUS status;

	if (!ConnectEvent)
		return ndk_refuse(&adapter->obj, STATUS_INVALID_PARAMETER,
				  "ConnectEvent", 0, 0);
	l = kzalloc(sizeof(*l), GFP_NOWAIT | __GFP_NOWARN);
	if (!l)
		return ndk_refuse(&adapter->obj, STATUS_INSUFFICIENT_RESOURCES,
				  "memory", sizeof(*l), 0);
	ndk_object_init(&l->obj, &ndk_listener_ops, adapter,
			&ndk_listener_dispatch);
	ndk_request_init(&l->obj);
	ndk_object_add_antecedent(&l->obj, &adapter->obj);
	l->connect_event = ConnectEvent;
	l->connect_ctx = ConnectEventContext;
	status = ndk_object_publish(&l->obj);
	if (status)
		return ndk_refuse(&adapter->obj, status, NULL, 0, 0);

	*ppNdkListener = &l->obj.pub.listener;
	return STATUS_SUCCESS;
}

/* Port 0: any free one from the range, beginning anywhere in it. */
static int ndk_listener_bind(struct rdma_cm_id *id,
			     struct sockaddr_storage *addr)
{
	bool choose = !ndk_addr_port(addr);
	u32 start = get_random_u32() % NDK_PORTS;
	u32 tries = choose ? NDK_PORTS : 1;
	int ret = -EADDRNOTAVAIL;
	u32 i;

	for (i = 0; i < tries; i++) {
		if (choose)
			ndk_addr_set_port(addr, NDK_FIRST_PORT +
					  (start + i) % NDK_PORTS);
		ret = rdma_bind_addr(id, (struct sockaddr *)addr);
		if (ret != -EADDRINUSE &&
		    (ret != -EADDRNOTAVAIL ||
		     ndk_cm_bind_status(addr, ret) == STATUS_INVALID_ADDRESS))
			return ret;
	}
	/* So that the caller can tell "none is free" from "that one is taken" */
	if (choose)
		ndk_addr_set_port(addr, 0);
	return choose ? -EADDRNOTAVAIL : ret;
}

static NTSTATUS ndk_listener_start(struct ndk_listener *l,
				   struct rdma_cm_id *id,
				   struct sockaddr_storage *addr)
{
	unsigned long flags;
	int ret;

	/* An address for each family, also if it is the same port. */
	if (addr->ss_family == AF_INET6)
		rdma_set_afonly(id, 1);
	ret = ndk_listener_bind(id, addr);
	if (ret)
		return ndk_cm_bind_status(addr, ret);
	if (id->device != l->obj.dev->ib)
		return STATUS_INVALID_ADDRESS;

	/* Known before the first connection can come in. */
	spin_lock_irqsave(&l->obj.lock, flags);
	l->local = id->route.addr.src_addr;
	l->listening = true;
	spin_unlock_irqrestore(&l->obj.lock, flags);

	ret = rdma_listen(id, NDK_LISTEN_BACKLOG);
	if (ret == -EBUSY)
		return STATUS_SHARING_VIOLATION;
	return ret ? ndk_cm_bind_status(addr, ret) : STATUS_SUCCESS;
}

static NTSTATUS ndk_listener_run(struct ndk_request *rq)
{
	struct ndk_listener *l = container_of(rq, struct ndk_listener, listen);
	struct sockaddr_storage addr = l->local;
	const char *argument = NULL;
	u16 port = ndk_addr_port(&addr);
	struct rdma_cm_id *id;
	unsigned long flags;
	NTSTATUS status;
	int idx;

	status = STATUS_DEVICE_REMOVED;
	if (!ndk_device_enter(l->obj.dev, &idx))
		goto out;

	id = rdma_create_id(&init_net, ndk_listener_event, l, RDMA_PS_TCP,
			    IB_QPT_RC);
	if (IS_ERR(id)) {
		status = ndk_status_from_errno(PTR_ERR(id));
		argument = NDK_REASON("memory");
	} else {
		status = ndk_listener_start(l, id, &addr);
		argument = status == STATUS_INSUFFICIENT_RESOURCES ?
			   NDK_REASON("memory") : NDK_REASON("pAddress");
	}
	if (status && !IS_ERR(id)) {
		rdma_destroy_id(id);
	} else if (!status) {
		spin_lock_irqsave(&l->obj.lock, flags);
		l->id = id;
		spin_unlock_irqrestore(&l->obj.lock, flags);
	}
	ndk_device_leave(l->obj.dev, idx);
out:
	if (status) {
		spin_lock_irqsave(&l->obj.lock, flags);
		l->listening = false;
		spin_unlock_irqrestore(&l->obj.lock, flags);
		ndk_refuse_for(&l->obj, status, argument, port, 0);
	}
	return status;
}

/* After a failure another address may do. */
static void ndk_listener_free_request(struct ndk_request *rq)
{
	struct ndk_listener *l = container_of(rq, struct ndk_listener, listen);
	unsigned long flags;

	spin_lock_irqsave(&l->obj.lock, flags);
	l->used = l->listening;
	spin_unlock_irqrestore(&l->obj.lock, flags);
}

/**
 * ndk_listen() - NDK_FN_LISTEN
 * @pNdkListener: a listener that does not listen yet
 * @pAddress: local address, of the adapter; not a wildcard, which would serve
 *	every device. Port 0 takes a free one from 49152 to 65535
 * @AddressLength: bytes at @pAddress
 * @RequestCompletion: called when connections can come in, or with
 *	STATUS_INVALID_ADDRESS (not of this adapter), STATUS_SHARING_VIOLATION
 *	(in use), STATUS_TOO_MANY_ADDRESSES (no port is free),
 *	STATUS_INSUFFICIENT_RESOURCES, STATUS_CANCELLED, STATUS_DEVICE_REMOVED.
 *	After a failure another address may be tried
 * @RequestContext: its context
 *
 * Connect events may be delivered before @RequestCompletion is called.
 *
 * Context: any.
 * Return: STATUS_PENDING; STATUS_INVALID_PARAMETER for what is no address;
 * STATUS_INVALID_ADDRESS for a wildcard, for a group, for a link-local address
 * without a zone and for another family than IPv4 and IPv6;
 * STATUS_INVALID_DEVICE_STATE if it listens already, STATUS_DEVICE_REMOVED.
 */
NTSTATUS ndk_listen(NDK_LISTENER *pNdkListener, CONST PSOCKADDR pAddress,
		    ULONG AddressLength,
		    NDK_FN_REQUEST_COMPLETION RequestCompletion,
		    PVOID RequestContext)
{
	struct ndk_listener *l = to_ndk_listener(pNdkListener);
	struct sockaddr_storage addr;
	unsigned long flags;
	NTSTATUS status;
	bool used;

	if (ndk_device_gone(l->obj.dev))
		return ndk_refuse(&l->obj, STATUS_DEVICE_REMOVED, NULL, 0, 0);
	status = ndk_addr_take(&l->obj, &addr, pAddress, AddressLength,
			       NDK_REASON("pAddress"));
	if (status)
		return status;
	if (!ndk_addr_is_unicast(&addr))
		return ndk_refuse(&l->obj, STATUS_INVALID_ADDRESS, "pAddress",
				  0, 0);
	if (ndk_addr_is_local(&addr) && !ndk_addr_zone(&addr))
		return ndk_refuse(&l->obj, STATUS_INVALID_ADDRESS,
				  "pAddress (no zone)", 0, 0);

	spin_lock_irqsave(&l->obj.lock, flags);
	used = l->used;
	if (!used) {
		l->used = true;
		l->local = addr;
		l->listen.run = ndk_listener_run;
		l->listen.free = ndk_listener_free_request;
		l->listen.fn = RequestCompletion;
		l->listen.ctx = RequestContext;
	}
	spin_unlock_irqrestore(&l->obj.lock, flags);
	if (used)
		return ndk_refuse(&l->obj, STATUS_INVALID_DEVICE_STATE,
				  "state", 0, 0);

	ndk_request_submit(&l->obj, &l->listen);
	return STATUS_PENDING;
}

/**
 * ndk_get_listener_local_address() - NDK_FN_GET_LISTENER_LOCAL_ADDRESS
 * @pNdkListener: a listener whose NdkListen has succeeded
 * @pAddress: filled with the address and the port
 * @pAddressLength: bytes at @pAddress; then the address's size
 *
 * Context: any.
 * Return: STATUS_SUCCESS, STATUS_BUFFER_TOO_SMALL, or
 * STATUS_INVALID_DEVICE_STATE while it does not listen.
 */
NTSTATUS ndk_get_listener_local_address(NDK_LISTENER *pNdkListener,
					PSOCKADDR pAddress,
					ULONG *pAddressLength)
{
	struct ndk_listener *l = to_ndk_listener(pNdkListener);
	struct sockaddr_storage addr;
	unsigned long flags;
	bool listening;

	spin_lock_irqsave(&l->obj.lock, flags);
	listening = l->listening;
	addr = l->local;
	spin_unlock_irqrestore(&l->obj.lock, flags);

	if (!listening)
		return ndk_refuse(&l->obj, STATUS_INVALID_DEVICE_STATE,
				  "state", 0, 0);
	return ndk_addr_give(&l->obj, &addr, pAddress, pAddressLength);
}

/**
 * ndk_control_connect_events() - NDK_FN_CONTROL_CONNECT_EVENTS
 * @pNdkListener: the listener
 * @Pause: TRUE to refuse what comes in, as if nobody listened; FALSE to resume
 *
 * A connection that came in before the pause may still be delivered.
 *
 * Context: any.
 */
VOID ndk_control_connect_events(NDK_LISTENER *pNdkListener, BOOLEAN Pause)
{
	struct ndk_listener *l = to_ndk_listener(pNdkListener);
	unsigned long flags;

	spin_lock_irqsave(&l->obj.lock, flags);
	l->paused = Pause;
	spin_unlock_irqrestore(&l->obj.lock, flags);
}
