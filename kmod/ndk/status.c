// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what Linux says to what NDKPI says: one table each.
 */
#include <ndk/provider.h>

#include "export.h"
#include "status.h"

const char *ndk_status_name(NTSTATUS status)
{
	switch (status) {
#define NDK_STATUS_CASE(name, meaning) case name: return #name;
	NDK_STATUS_LIST(NDK_STATUS_CASE)
#undef NDK_STATUS_CASE
	}
	return "STATUS_?";
}
EXPORT_SYMBOL_NDK(ndk_status_name);

/**
 * ndk_status_from_errno() - what a verb's or rdma_cm's errno means in NDKPI
 * @err: negative errno, or 0
 *
 * Context: any.
 * Return: the status; STATUS_INTERNAL_ERROR for what has no counterpart.
 */
NTSTATUS ndk_status_from_errno(int err)
{
	switch (-err) {
	case 0:
		return STATUS_SUCCESS;
	case ENOMEM:
	case EAGAIN:
	case ENOSPC:
		return STATUS_INSUFFICIENT_RESOURCES;
	case EINVAL:
	case EFAULT:
		return STATUS_INVALID_PARAMETER;
	case EACCES:
	case EPERM:
		return STATUS_ACCESS_VIOLATION;
	case EOPNOTSUPP:
	case ENOSYS:
		return STATUS_NOT_SUPPORTED;
	case ENODEV:
	case ENXIO:
		return STATUS_DEVICE_REMOVED;
	case EADDRINUSE:
		return STATUS_SHARING_VIOLATION;
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		return STATUS_INVALID_ADDRESS;
	case ENETUNREACH:
	case ENETDOWN:
		return STATUS_NETWORK_UNREACHABLE;
	case EHOSTUNREACH:
	case EHOSTDOWN:
		return STATUS_HOST_UNREACHABLE;
	case ECONNREFUSED:
		return STATUS_CONNECTION_REFUSED;
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return STATUS_CONNECTION_ABORTED;
	case ENOTCONN:
		return STATUS_CONNECTION_INVALID;
	case ETIMEDOUT:
		return STATUS_IO_TIMEOUT;
	default:
		return STATUS_INTERNAL_ERROR;
	}
}

/**
 * ndk_status_from_wc() - what a work completion's status means in NDKPI
 * @status: from the completion
 *
 * The sibling user-mode interface publishes the table that this follows.
 *
 * Context: any.
 * Return: the status.
 */
NTSTATUS ndk_status_from_wc(enum ib_wc_status status)
{
	switch (status) {
	case IB_WC_SUCCESS:
		return STATUS_SUCCESS;
	case IB_WC_WR_FLUSH_ERR:
		return STATUS_CANCELLED;
	case IB_WC_LOC_LEN_ERR:
		return STATUS_BUFFER_OVERFLOW;
	case IB_WC_LOC_PROT_ERR:
	case IB_WC_LOC_ACCESS_ERR:
	case IB_WC_REM_ACCESS_ERR:
		return STATUS_ACCESS_VIOLATION;
	case IB_WC_REM_INV_REQ_ERR:
	case IB_WC_MW_BIND_ERR:
		return STATUS_INVALID_DEVICE_REQUEST;
	case IB_WC_RETRY_EXC_ERR:
	case IB_WC_RNR_RETRY_EXC_ERR:
	case IB_WC_RESP_TIMEOUT_ERR:
		return STATUS_IO_TIMEOUT;
	case IB_WC_REM_OP_ERR:
	case IB_WC_REM_ABORT_ERR:
		return STATUS_REMOTE_RESOURCES;
	default:
		return STATUS_INTERNAL_ERROR;
	}
}
