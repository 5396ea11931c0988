// SPDX-License-Identifier: GPL-2.0-only
/*
 * A consumer written the way consumers are written elsewhere: one instance of the
 * adapter for the listener and one for each end, pool and events of that kernel,
 * published names only. Nothing in it is of Linux.
 */
#include <ntddk.h>
#include <ndkpi.h>
#include <ndkinfo.h>
#include <wskndk.h>

#include "port.h"

#define PORT_TAG	'troP'
#define PORT_DEPTH	16
#define PORT_BYTES	6000
#define PORT_MAX_SGE	4

//
// What an asynchronous call hands to its callback
//
typedef struct _PORT_ASYNC {
	KEVENT Event;
	NTSTATUS Status;
	NDK_OBJECT_HEADER *Object;
} PORT_ASYNC, *PPORT_ASYNC;

//
// Memory, described by an MDL, mapped for the adapter
//
typedef struct _PORT_BUFFER {
	PUCHAR Memory;
	PMDL Mdl;
	NDK_LOGICAL_ADDRESS_MAPPING *Lam;
	ULONG LamSize;
	ULONG Fbo;
	NDK_SGE Sgl[PORT_MAX_SGE];
	ULONG SgeCount;
} PORT_BUFFER, *PPORT_BUFFER;

typedef struct _PORT_SOCKET {
	NDK_ADAPTER *Adapter;
	NDK_PD *Pd;
	NDK_CQ *Cq;
	NDK_QP *Qp;
	NDK_MR *Mr;
	NDK_CONNECTOR *Connector;
	UINT32 PrivilegedToken;
	UINT32 RemoteToken;
	KEVENT Notified;
	PORT_BUFFER Buffer;
} PORT_SOCKET, *PPORT_SOCKET;

typedef struct _PORT_LISTENER {
	NDK_ADAPTER *Adapter;
	NDK_LISTENER *Listener;
	PPORT_SOCKET Server;
	PORT_ASYNC Accept;
} PORT_LISTENER, *PPORT_LISTENER;

static PORT_SOCKET PortClient, PortServer;
static PORT_LISTENER PortListener;

_IRQL_requires_max_(DISPATCH_LEVEL)
static VOID PortCreateCompletion(_In_opt_ PVOID Context, _In_ NTSTATUS Status,
				 _In_ NDK_OBJECT_HEADER *Object)
{
	PPORT_ASYNC Async = (PPORT_ASYNC)Context;

	Async->Status = Status;
	Async->Object = Object;
	KeSetEvent(&Async->Event, 0, FALSE);
}

_IRQL_requires_max_(DISPATCH_LEVEL)
static VOID PortRequestCompletion(_In_opt_ PVOID Context, _In_ NTSTATUS Status)
{
	PortCreateCompletion(Context, Status, NULL);
}

_IRQL_requires_max_(DISPATCH_LEVEL)
static VOID PortCloseCompletion(_In_opt_ PVOID Context)
{
	PortCreateCompletion(Context, STATUS_SUCCESS, NULL);
}

_IRQL_requires_max_(DISPATCH_LEVEL)
static VOID PortDisconnectEvent(_In_opt_ PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
}

//
// The server's QP is of another instance of the adapter than the connector,
// which came with the listener
//
_IRQL_requires_max_(DISPATCH_LEVEL)
static VOID PortConnectEvent(_In_opt_ PVOID Context, _In_ NDK_CONNECTOR *Connector)
{
	PPORT_LISTENER Listener = (PPORT_LISTENER)Context;
	PPORT_SOCKET Server = Listener->Server;
	SOCKADDR_STORAGE Peer;
	ULONG PeerLength = sizeof(Peer);
	NTSTATUS Status;

	Status = Connector->Dispatch->NdkGetPeerAddress(Connector, (PSOCKADDR)&Peer,
							&PeerLength);
	NT_ASSERT(NT_SUCCESS(Status) && PeerLength == sizeof(SOCKADDR_IN));
	Server->Connector = Connector;
	Status = Connector->Dispatch->NdkAccept(Connector, Server->Qp, 1, 1, NULL, 0,
						PortDisconnectEvent, Server,
						PortRequestCompletion,
						&Listener->Accept);
	if (Status != STATUS_PENDING) {
		(VOID)Connector->Dispatch->NdkReject(Connector, NULL, 0);
		PortRequestCompletion(&Listener->Accept, Status);
	}
}

_IRQL_requires_max_(DISPATCH_LEVEL)
static VOID PortCqNotification(_In_opt_ PVOID Context, _In_ NTSTATUS CqStatus)
{
	PPORT_SOCKET Socket = (PPORT_SOCKET)Context;

	NT_ASSERT(NT_SUCCESS(CqStatus));
	KeSetEvent(&Socket->Notified, 0, FALSE);
}

static PPORT_ASYNC PortStart(_Out_ PPORT_ASYNC Async)
{
	KeInitializeEvent(&Async->Event, NotificationEvent, FALSE);
	Async->Object = NULL;
	return Async;
}

_Must_inspect_result_
static NTSTATUS PortWait(_Inout_ PPORT_ASYNC Async, _In_ NTSTATUS Status)
{
	if (Status == STATUS_PENDING) {
		KeWaitForSingleObject(&Async->Event, Executive, KernelMode,
				      FALSE, NULL);
		Status = Async->Status;
	}
	return Status;
}

static VOID PortClose(_In_ NDK_FN_CLOSE_OBJECT Close, _In_ NDK_OBJECT_HEADER *Object)
{
	PORT_ASYNC Async;

	(VOID)PortWait(&Async, Close(Object, PortCloseCompletion, PortStart(&Async)));
}

//
// The next completion of a socket, whenever it comes
//
static VOID PortNextResult(_Inout_ PPORT_SOCKET Socket, _Out_ NDK_RESULT *Result)
{
	const NDK_CQ_DISPATCH *Dispatch = Socket->Cq->Dispatch;

	PAGED_CODE();

	while (Dispatch->NdkGetCqResults(Socket->Cq, Result, 1) == 0) {
		KeClearEvent(&Socket->Notified);
		Dispatch->NdkArmCq(Socket->Cq, NDK_CQ_NOTIFY_ANY);
		KeWaitForSingleObject(&Socket->Notified, Executive, KernelMode,
				      FALSE, NULL);
	}
}

_Must_inspect_result_
static NTSTATUS PortBuildSgl(_Inout_ PPORT_BUFFER Buffer, _In_ UINT32 Token)
{
	ULONG Left = MmGetMdlByteCount(Buffer->Mdl);
	ULONG Offset = Buffer->Fbo;
	ULONG Page, Bytes;

	for (Page = 0; Left != 0; Page++) {
		NDK_LOGICAL_ADDRESS Address = Buffer->Lam->AdapterPageArray[Page];

		if (Buffer->SgeCount == PORT_MAX_SGE)
			return STATUS_INSUFFICIENT_RESOURCES;
		Bytes = PAGE_SIZE - Offset < Left ? PAGE_SIZE - Offset : Left;
		Address.QuadPart += Offset;
		Buffer->Sgl[Buffer->SgeCount].LogicalAddress = Address;
		Buffer->Sgl[Buffer->SgeCount].Length = Bytes;
		Buffer->Sgl[Buffer->SgeCount].MemoryRegionToken = Token;
		Buffer->SgeCount++;
		Left -= Bytes;
		Offset = 0;
	}
	return STATUS_SUCCESS;
}

static VOID PortFreeBuffer(_In_ NDK_ADAPTER *Adapter, _Inout_ PPORT_BUFFER Buffer)
{
	if (Buffer->SgeCount != 0)
		Adapter->Dispatch->NdkReleaseLAM(Adapter, Buffer->Lam);
	if (Buffer->Lam)
		ExFreePoolWithTag(Buffer->Lam, PORT_TAG);
	if (Buffer->Mdl) {
		MmUnlockPages(Buffer->Mdl);
		IoFreeMdl(Buffer->Mdl);
	}
	if (Buffer->Memory)
		ExFreePoolWithTag(Buffer->Memory, PORT_TAG);
}

_Must_inspect_result_
static NTSTATUS PortAllocateBuffer(_Inout_ PPORT_SOCKET Socket, _Out_ PPORT_BUFFER Buffer)
{
	PORT_ASYNC Async;
	ULONG Pages;
	NTSTATUS Status;

	Buffer->Memory = ExAllocatePoolWithTag(NonPagedPoolNx, PORT_BYTES, PORT_TAG);
	if (!Buffer->Memory)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(Buffer->Memory, PORT_BYTES);
	Buffer->Mdl = IoAllocateMdl(Buffer->Memory, PORT_BYTES, FALSE, FALSE, NULL);
	if (!Buffer->Mdl)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = MmProbeAndLockPages(Buffer->Mdl, KernelMode, IoWriteAccess);
	if (!NT_SUCCESS(Status))
		return Status;
	if (MmGetSystemAddressForMdlSafe(Buffer->Mdl, NormalPagePriority |
					 MdlMappingNoExecute) != Buffer->Memory)
		return STATUS_UNSUCCESSFUL;

	Pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(Buffer->Mdl),
					       PORT_BYTES);
	Buffer->LamSize = sizeof(NDK_LOGICAL_ADDRESS_MAPPING) +
			  (Pages - 1) * sizeof(NDK_LOGICAL_ADDRESS);
	Buffer->Lam = ExAllocatePoolWithTag(NonPagedPoolNx, Buffer->LamSize, PORT_TAG);
	if (!Buffer->Lam)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = Socket->Adapter->Dispatch->NdkBuildLAM(Socket->Adapter, Buffer->Mdl,
							PORT_BYTES,
							PortRequestCompletion,
							PortStart(&Async),
							Buffer->Lam,
							&Buffer->LamSize,
							&Buffer->Fbo);
	Status = PortWait(&Async, Status);
	if (!NT_SUCCESS(Status))
		return Status;
	if (Buffer->Lam->AdapterPageCount != Pages)
		return STATUS_UNSUCCESSFUL;
	return PortBuildSgl(Buffer, Socket->PrivilegedToken);
}

_Must_inspect_result_
static NTSTATUS PortOpenSocket(_In_ const WSK_PROVIDER_NDK_DISPATCH *Ndk,
			       _In_ NET_IFINDEX IfIndex, _Out_ PPORT_SOCKET Socket)
{
	NDK_VERSION Version = { 1, 0 };
	NDK_ADAPTER_INFO Info;
	ULONG InfoSize = sizeof(Info);
	PORT_ASYNC Async;
	NTSTATUS Status;

	Status = Ndk->WskOpenNdkAdapter(NULL, Version, IfIndex, &Socket->Adapter);
	if (!NT_SUCCESS(Status)) {
		Socket->Adapter = NULL;
		return Status;
	}
	Status = Socket->Adapter->Dispatch->NdkQueryAdapterInfo(Socket->Adapter, &Info,
								&InfoSize);
	if (!NT_SUCCESS(Status))
		return Status;
	if (!(Info.AdapterFlags & NDK_ADAPTER_FLAG_RDMA_READ_SINK_NOT_REQUIRED))
		return STATUS_NOT_SUPPORTED;

	KeInitializeEvent(&Socket->Notified, NotificationEvent, FALSE);
	Status = Socket->Adapter->Dispatch->NdkCreateCq(Socket->Adapter, 2 * PORT_DEPTH,
							PortCqNotification, Socket,
							NULL, PortCreateCompletion,
							PortStart(&Async),
							&Socket->Cq);
	if (Status == STATUS_PENDING) {
		Status = PortWait(&Async, Status);
		Socket->Cq = (NDK_CQ *)Async.Object;
	}
	if (!NT_SUCCESS(Status))
		return Status;

	Status = Socket->Adapter->Dispatch->NdkCreatePd(Socket->Adapter,
							PortCreateCompletion,
							PortStart(&Async),
							&Socket->Pd);
	if (Status == STATUS_PENDING) {
		Status = PortWait(&Async, Status);
		Socket->Pd = (NDK_PD *)Async.Object;
	}
	if (!NT_SUCCESS(Status))
		return Status;
	Socket->Pd->Dispatch->NdkGetPrivilegedMemoryRegionToken(Socket->Pd,
								&Socket->PrivilegedToken);

	Status = Socket->Pd->Dispatch->NdkCreateQp(Socket->Pd, Socket->Cq, Socket->Cq,
						   Socket, PORT_DEPTH, PORT_DEPTH,
						   PORT_MAX_SGE, PORT_MAX_SGE, 0,
						   PortCreateCompletion,
						   PortStart(&Async), &Socket->Qp);
	if (Status == STATUS_PENDING) {
		Status = PortWait(&Async, Status);
		Socket->Qp = (NDK_QP *)Async.Object;
	}
	if (!NT_SUCCESS(Status))
		return Status;

	Status = Socket->Pd->Dispatch->NdkCreateMr(Socket->Pd, TRUE, PortCreateCompletion,
						   PortStart(&Async), &Socket->Mr);
	if (Status == STATUS_PENDING) {
		Status = PortWait(&Async, Status);
		Socket->Mr = (NDK_MR *)Async.Object;
	}
	if (!NT_SUCCESS(Status))
		return Status;
	Status = Socket->Mr->Dispatch->NdkInitializeFastRegisterMr(Socket->Mr,
								   Info.FRMRPageCount,
								   TRUE,
								   PortRequestCompletion,
								   PortStart(&Async));
	Status = PortWait(&Async, Status);
	if (!NT_SUCCESS(Status))
		return Status;
	Socket->RemoteToken = Socket->Mr->Dispatch->NdkGetRemoteTokenFromMr(Socket->Mr);
	return PortAllocateBuffer(Socket, &Socket->Buffer);
}

static VOID PortCloseSocket(_In_ const WSK_PROVIDER_NDK_DISPATCH *Ndk,
			    _Inout_ PPORT_SOCKET Socket)
{
	if (!Socket->Adapter)
		return;
	if (Socket->Connector)
		PortClose(Socket->Connector->Dispatch->NdkCloseConnector,
			  &Socket->Connector->Header);
	if (Socket->Qp)
		PortClose(Socket->Qp->Dispatch->NdkCloseQp, &Socket->Qp->Header);
	if (Socket->Mr)
		PortClose(Socket->Mr->Dispatch->NdkCloseMr, &Socket->Mr->Header);
	PortFreeBuffer(Socket->Adapter, &Socket->Buffer);
	if (Socket->Pd)
		PortClose(Socket->Pd->Dispatch->NdkClosePd, &Socket->Pd->Header);
	if (Socket->Cq)
		PortClose(Socket->Cq->Dispatch->NdkCloseCq, &Socket->Cq->Header);
	Ndk->WskCloseNdkAdapter(NULL, Socket->Adapter);
}

_Must_inspect_result_
static NTSTATUS PortListen(_In_ const WSK_PROVIDER_NDK_DISPATCH *Ndk,
			   _In_ NET_IFINDEX IfIndex, _Out_ PPORT_LISTENER Listener,
			   _Inout_ SOCKADDR_IN *Address)
{
	NDK_VERSION Version = { 1, 0 };
	ULONG Length = sizeof(*Address);
	PORT_ASYNC Async;
	NTSTATUS Status;

	PortStart(&Listener->Accept);
	Status = Ndk->WskOpenNdkAdapter(NULL, Version, IfIndex, &Listener->Adapter);
	if (!NT_SUCCESS(Status)) {
		Listener->Adapter = NULL;
		return Status;
	}
	Status = Listener->Adapter->Dispatch->NdkCreateListener(Listener->Adapter,
								PortConnectEvent,
								Listener,
								PortCreateCompletion,
								PortStart(&Async),
								&Listener->Listener);
	if (Status == STATUS_PENDING) {
		Status = PortWait(&Async, Status);
		Listener->Listener = (NDK_LISTENER *)Async.Object;
	}
	if (!NT_SUCCESS(Status))
		return Status;
	Status = Listener->Listener->Dispatch->NdkListen(Listener->Listener,
							 (PSOCKADDR)Address, Length,
							 PortRequestCompletion,
							 PortStart(&Async));
	Status = PortWait(&Async, Status);
	if (!NT_SUCCESS(Status))
		return Status;
	return Listener->Listener->Dispatch->NdkGetLocalAddress(Listener->Listener,
								(PSOCKADDR)Address,
								&Length);
}

_Must_inspect_result_
static NTSTATUS PortConnect(_Inout_ PPORT_LISTENER Listener, _Inout_ PPORT_SOCKET Client,
			    _In_ SOCKADDR_IN *Address)
{
	PORT_ASYNC Async;
	NTSTATUS Status;

	Status = Client->Adapter->Dispatch->NdkCreateConnector(Client->Adapter,
							       PortCreateCompletion,
							       PortStart(&Async),
							       &Client->Connector);
	if (Status == STATUS_PENDING) {
		Status = PortWait(&Async, Status);
		Client->Connector = (NDK_CONNECTOR *)Async.Object;
	}
	if (!NT_SUCCESS(Status))
		return Status;
	Status = Client->Connector->Dispatch->NdkConnect(Client->Connector, Client->Qp,
							 NULL, 0, (PSOCKADDR)Address,
							 sizeof(*Address), 1, 1, NULL,
							 0, PortRequestCompletion,
							 PortStart(&Async));
	Status = PortWait(&Async, Status);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = Client->Connector->Dispatch->NdkCompleteConnect(Client->Connector,
								 PortDisconnectEvent,
								 Client,
								 PortRequestCompletion,
								 PortStart(&Async));
	Status = PortWait(&Async, Status);
	if (!NT_SUCCESS(Status))
		return Status;
	return PortWait(&Listener->Accept, STATUS_PENDING);
}

//
// The server lends its buffer, the client reads it into its own; then both ends
// see the end of it. The offset in the first page is left to the base address.
//
_Must_inspect_result_
static NTSTATUS PortTransfer(_Inout_ PPORT_SOCKET Client, _Inout_ PPORT_SOCKET Server)
{
	PPORT_BUFFER From = &Server->Buffer, To = &Client->Buffer;
	ULONG_PTR Base = 0x20000000 + From->Fbo;
	NDK_RESULT Result;
	NTSTATUS Status;

	RtlFillMemory(From->Memory, PORT_BYTES, 0x5a);
	Status = Server->Qp->Dispatch->NdkFastRegister(Server->Qp, From, Server->Mr,
						       From->Lam->AdapterPageCount,
						       From->Lam->AdapterPageArray, 0,
						       PORT_BYTES, (PVOID)Base,
						       NDK_OP_FLAG_ALLOW_REMOTE_READ |
						       NDK_OP_FLAG_ALLOW_REMOTE_WRITE);
	if (!NT_SUCCESS(Status))
		return Status;
	PortNextResult(Server, &Result);
	if (!NT_SUCCESS(Result.Status))
		return Result.Status;
	if (Result.RequestContext != From || Result.QPContext != Server)
		return STATUS_UNSUCCESSFUL;

	Status = Client->Qp->Dispatch->NdkRead(Client->Qp, To, To->Sgl, To->SgeCount, Base,
					       Server->RemoteToken, 0);
	if (!NT_SUCCESS(Status))
		return Status;
	PortNextResult(Client, &Result);
	if (!NT_SUCCESS(Result.Status))
		return Result.Status;
	if (!RtlEqualMemory(From->Memory, To->Memory, PORT_BYTES))
		return STATUS_UNSUCCESSFUL;

	Status = Server->Qp->Dispatch->NdkInvalidate(Server->Qp, From, &Server->Mr->Header,
						     0);
	if (!NT_SUCCESS(Status))
		return Status;
	PortNextResult(Server, &Result);
	return Result.Status;
}

_Must_inspect_result_
static NTSTATUS PortDisconnect(_Inout_ PPORT_SOCKET Socket)
{
	PORT_ASYNC Async;
	NTSTATUS Status;

	Status = Socket->Connector->Dispatch->NdkDisconnect(Socket->Connector,
							    PortRequestCompletion,
							    PortStart(&Async));
	Status = PortWait(&Async, Status);
	switch (Status) {
	case STATUS_CONNECTION_DISCONNECTED:
	case STATUS_CONNECTION_RESET:
	case STATUS_GRACEFUL_DISCONNECT:
		return STATUS_SUCCESS;
	default:
		return Status;
	}
}

NTSTATUS PortRun(const WSK_PROVIDER_NDK_DISPATCH *Ndk, NET_IFINDEX IfIndex,
		 const SOCKADDR_IN *Address)
{
	SOCKADDR_IN To = *Address;
	NTSTATUS Status;

	PortListener.Server = &PortServer;
	Status = PortListen(Ndk, IfIndex, &PortListener, &To);
	if (NT_SUCCESS(Status))
		Status = PortOpenSocket(Ndk, IfIndex, &PortServer);
	if (NT_SUCCESS(Status))
		Status = PortOpenSocket(Ndk, IfIndex, &PortClient);
	if (NT_SUCCESS(Status))
		Status = PortConnect(&PortListener, &PortClient, &To);
	if (NT_SUCCESS(Status))
		Status = PortTransfer(&PortClient, &PortServer);
	if (NT_SUCCESS(Status))
		Status = PortDisconnect(&PortClient);

	PortCloseSocket(Ndk, &PortClient);
	PortCloseSocket(Ndk, &PortServer);
	if (PortListener.Listener)
		PortClose(PortListener.Listener->Dispatch->NdkCloseListener,
			  &PortListener.Listener->Header);
	if (PortListener.Adapter)
		Ndk->WskCloseNdkAdapter(NULL, PortListener.Adapter);
	return Status;
}
