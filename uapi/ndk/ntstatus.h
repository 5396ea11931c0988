/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Status codes of the kernel RDMA interface NDKPI.
 *
 * One list for the provider, its consumers and user space, so that a value and
 * its name can never disagree. Values are those of the platform's public list.
 */
#ifndef _UAPI_NDK_NTSTATUS_H
#define _UAPI_NDK_NTSTATUS_H

#include <linux/types.h>

/**
 * typedef NTSTATUS - result of every NDKPI function and request
 *
 * Negative values are failures; note that warning-class codes such as
 * STATUS_BUFFER_OVERFLOW are negative too. Test with NT_SUCCESS(). It is true of
 * STATUS_PENDING, and of STATUS_TIMEOUT, which the provider never answers.
 */
typedef __s32 NTSTATUS;

#define NT_SUCCESS(status)		((NTSTATUS)(status) >= 0)

#define STATUS_SUCCESS			((NTSTATUS)0x00000000)
#define STATUS_TIMEOUT			((NTSTATUS)0x00000102)
#define STATUS_PENDING			((NTSTATUS)0x00000103)
#define STATUS_BUFFER_OVERFLOW		((NTSTATUS)0x80000005)
#define STATUS_DEVICE_BUSY		((NTSTATUS)0x80000011)
#define STATUS_NO_MORE_ENTRIES		((NTSTATUS)0x8000001A)
#define STATUS_UNSUCCESSFUL		((NTSTATUS)0xC0000001)
#define STATUS_NOT_IMPLEMENTED		((NTSTATUS)0xC0000002)
#define STATUS_ACCESS_VIOLATION		((NTSTATUS)0xC0000005)
#define STATUS_INVALID_PARAMETER	((NTSTATUS)0xC000000D)
#define STATUS_NO_SUCH_DEVICE		((NTSTATUS)0xC000000E)
#define STATUS_INVALID_DEVICE_REQUEST	((NTSTATUS)0xC0000010)
#define STATUS_NO_MEMORY		((NTSTATUS)0xC0000017)
#define STATUS_ACCESS_DENIED		((NTSTATUS)0xC0000022)
#define STATUS_BUFFER_TOO_SMALL		((NTSTATUS)0xC0000023)
#define STATUS_OBJECT_TYPE_MISMATCH	((NTSTATUS)0xC0000024)
#define STATUS_INVALID_PARAMETER_MIX	((NTSTATUS)0xC0000030)
#define STATUS_DATA_OVERRUN		((NTSTATUS)0xC000003C)
#define STATUS_SHARING_VIOLATION	((NTSTATUS)0xC0000043)
#define STATUS_INSUFFICIENT_RESOURCES	((NTSTATUS)0xC000009A)
#define STATUS_DEVICE_NOT_READY		((NTSTATUS)0xC00000A3)
#define STATUS_IO_TIMEOUT		((NTSTATUS)0xC00000B5)
#define STATUS_NOT_SUPPORTED		((NTSTATUS)0xC00000BB)
#define STATUS_INTERNAL_ERROR		((NTSTATUS)0xC00000E5)
#define STATUS_PROCESS_IS_TERMINATING	((NTSTATUS)0xC000010A)
#define STATUS_CANCELLED		((NTSTATUS)0xC0000120)
#define STATUS_LOCAL_DISCONNECT		((NTSTATUS)0xC000013B)
#define STATUS_REMOTE_DISCONNECT	((NTSTATUS)0xC000013C)
#define STATUS_REMOTE_RESOURCES		((NTSTATUS)0xC000013D)
#define STATUS_LINK_FAILED		((NTSTATUS)0xC000013E)
#define STATUS_LINK_TIMEOUT		((NTSTATUS)0xC000013F)
#define STATUS_INVALID_CONNECTION	((NTSTATUS)0xC0000140)
#define STATUS_INVALID_ADDRESS		((NTSTATUS)0xC0000141)
#define STATUS_INVALID_DEVICE_STATE	((NTSTATUS)0xC0000184)
#define STATUS_INVALID_BUFFER_SIZE	((NTSTATUS)0xC0000206)
#define STATUS_TOO_MANY_ADDRESSES	((NTSTATUS)0xC0000209)
#define STATUS_ADDRESS_ALREADY_EXISTS	((NTSTATUS)0xC000020A)
#define STATUS_CONNECTION_DISCONNECTED	((NTSTATUS)0xC000020C)
#define STATUS_CONNECTION_RESET		((NTSTATUS)0xC000020D)
#define STATUS_TRANSACTION_ABORTED	((NTSTATUS)0xC000020F)
#define STATUS_NOT_FOUND		((NTSTATUS)0xC0000225)
#define STATUS_CONNECTION_REFUSED	((NTSTATUS)0xC0000236)
#define STATUS_GRACEFUL_DISCONNECT	((NTSTATUS)0xC0000237)
#define STATUS_CONNECTION_INVALID	((NTSTATUS)0xC000023A)
#define STATUS_CONNECTION_ACTIVE	((NTSTATUS)0xC000023B)
#define STATUS_NETWORK_UNREACHABLE	((NTSTATUS)0xC000023C)
#define STATUS_HOST_UNREACHABLE		((NTSTATUS)0xC000023D)
#define STATUS_PROTOCOL_UNREACHABLE	((NTSTATUS)0xC000023E)
#define STATUS_PORT_UNREACHABLE		((NTSTATUS)0xC000023F)
#define STATUS_REQUEST_ABORTED		((NTSTATUS)0xC0000240)
#define STATUS_CONNECTION_ABORTED	((NTSTATUS)0xC0000241)
#define STATUS_DEVICE_REMOVED		((NTSTATUS)0xC00002B6)
#define STATUS_IMPLEMENTATION_LIMIT	((NTSTATUS)0xC000042B)

/* The open function answers with NDIS codes where NDKPI names them. */
#define NDIS_STATUS_SUCCESS		STATUS_SUCCESS
#define NDIS_STATUS_RESOURCES		STATUS_INSUFFICIENT_RESOURCES
#define NDIS_STATUS_BAD_VERSION		((NTSTATUS)0xC0010004)
#define NDIS_STATUS_ADAPTER_NOT_READY	((NTSTATUS)0xC0010011)

/**
 * NDK_STATUS_LIST() - every status code with a short meaning
 * @X: macro called as X(name, meaning) for each code
 *
 * Not all of them are answered by the provider. Code written to the interface
 * compares with codes of its neighbours and passes on codes of its own.
 */
#define NDK_STATUS_LIST(X)						       \
	X(STATUS_SUCCESS, "done, or accepted")				       \
	X(STATUS_TIMEOUT, "the time given for a wait is over")		       \
	X(STATUS_PENDING, "accepted, a completion follows")		       \
	X(STATUS_BUFFER_OVERFLOW, "incoming data or entries did not fit")      \
	X(STATUS_DEVICE_BUSY, "still referred to by another object")	       \
	X(STATUS_NO_MORE_ENTRIES, "the queue is full")			       \
	X(STATUS_UNSUCCESSFUL, "failed, nobody says why")		       \
	X(STATUS_NOT_IMPLEMENTED, "not implemented")			       \
	X(STATUS_ACCESS_VIOLATION, "memory, key or access right is not valid") \
	X(STATUS_INVALID_PARAMETER, "an argument is not valid")		       \
	X(STATUS_NO_SUCH_DEVICE, "there is no such device")		       \
	X(STATUS_INVALID_DEVICE_REQUEST, "not possible on such an object")     \
	X(STATUS_NO_MEMORY, "out of memory")				       \
	X(STATUS_ACCESS_DENIED, "not allowed")				       \
	X(STATUS_BUFFER_TOO_SMALL, "the buffer is too small")		       \
	X(STATUS_OBJECT_TYPE_MISMATCH, "an object of another type")	       \
	X(STATUS_INVALID_PARAMETER_MIX, "arguments contradict each other")     \
	X(STATUS_DATA_OVERRUN, "more data than allowed")		       \
	X(STATUS_SHARING_VIOLATION, "the local address is in use")	       \
	X(STATUS_INSUFFICIENT_RESOURCES, "out of memory or device resources")  \
	X(STATUS_DEVICE_NOT_READY, "the device is not ready")		       \
	X(STATUS_IO_TIMEOUT, "the peer did not answer in time")		       \
	X(STATUS_NOT_SUPPORTED, "not supported by this adapter")	       \
	X(STATUS_INTERNAL_ERROR, "the adapter or a queue failed")	       \
	X(STATUS_PROCESS_IS_TERMINATING, "the owner of the memory is exiting") \
	X(STATUS_CANCELLED, "cancelled or flushed")			       \
	X(STATUS_LOCAL_DISCONNECT, "this side ended the connection")	       \
	X(STATUS_REMOTE_DISCONNECT, "the peer ended the connection")	       \
	X(STATUS_REMOTE_RESOURCES, "the peer failed the request")	       \
	X(STATUS_LINK_FAILED, "the link to the peer failed")		       \
	X(STATUS_LINK_TIMEOUT, "the link to the peer timed out")	       \
	X(STATUS_INVALID_CONNECTION, "not a connection")		       \
	X(STATUS_INVALID_ADDRESS, "not an address of this adapter")	       \
	X(STATUS_INVALID_DEVICE_STATE, "not possible in the present state")    \
	X(STATUS_INVALID_BUFFER_SIZE, "a buffer of a wrong size")	       \
	X(STATUS_TOO_MANY_ADDRESSES, "no free port is left")		       \
	X(STATUS_ADDRESS_ALREADY_EXISTS, "these addresses are connected")      \
	X(STATUS_CONNECTION_DISCONNECTED, "the connection has ended")	       \
	X(STATUS_CONNECTION_RESET, "the peer reset the connection")	       \
	X(STATUS_TRANSACTION_ABORTED, "given up before the end")	       \
	X(STATUS_NOT_FOUND, "there is no such thing")			       \
	X(STATUS_CONNECTION_REFUSED, "the peer refused or rejected")	       \
	X(STATUS_GRACEFUL_DISCONNECT, "the connection ended in good order")    \
	X(STATUS_CONNECTION_INVALID, "not connected")			       \
	X(STATUS_CONNECTION_ACTIVE, "connected already")		       \
	X(STATUS_NETWORK_UNREACHABLE, "no route to the peer's network")	       \
	X(STATUS_HOST_UNREACHABLE, "the peer cannot be reached")	       \
	X(STATUS_PROTOCOL_UNREACHABLE, "the peer does not speak the protocol") \
	X(STATUS_PORT_UNREACHABLE, "nothing answers at that port")	       \
	X(STATUS_REQUEST_ABORTED, "the request was given up")		       \
	X(STATUS_CONNECTION_ABORTED, "the peer gave the connection up")	       \
	X(STATUS_DEVICE_REMOVED, "the RDMA device is gone")		       \
	X(STATUS_IMPLEMENTATION_LIMIT, "over a limit of the adapter")	       \
	X(NDIS_STATUS_BAD_VERSION, "this interface version is not offered")    \
	X(NDIS_STATUS_ADAPTER_NOT_READY, "no such adapter, or not ready")

#endif /* _UAPI_NDK_NTSTATUS_H */
