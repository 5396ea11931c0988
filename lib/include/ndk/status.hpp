// SPDX-License-Identifier: MIT
/// @file
/// Status codes of NDKPI as a std::error_code category.
#pragma once

#include <ndk/ntstatus.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace ndk {

/// What the provider answers. The numbers are the published NTSTATUS values.
///
/// `success`, `pending` and `timeout`, which is never answered, are the only three that are
/// not failures.
enum class Status : std::int32_t {
    success = STATUS_SUCCESS,
    timeout = STATUS_TIMEOUT,
    pending = STATUS_PENDING,
    buffer_overflow = STATUS_BUFFER_OVERFLOW,
    device_busy = STATUS_DEVICE_BUSY,
    no_more_entries = STATUS_NO_MORE_ENTRIES,
    unsuccessful = STATUS_UNSUCCESSFUL,
    not_implemented = STATUS_NOT_IMPLEMENTED,
    access_violation = STATUS_ACCESS_VIOLATION,
    invalid_parameter = STATUS_INVALID_PARAMETER,
    no_such_device = STATUS_NO_SUCH_DEVICE,
    invalid_device_request = STATUS_INVALID_DEVICE_REQUEST,
    no_memory = STATUS_NO_MEMORY,
    access_denied = STATUS_ACCESS_DENIED,
    buffer_too_small = STATUS_BUFFER_TOO_SMALL,
    object_type_mismatch = STATUS_OBJECT_TYPE_MISMATCH,
    invalid_parameter_mix = STATUS_INVALID_PARAMETER_MIX,
    data_overrun = STATUS_DATA_OVERRUN,
    sharing_violation = STATUS_SHARING_VIOLATION,
    insufficient_resources = STATUS_INSUFFICIENT_RESOURCES,
    device_not_ready = STATUS_DEVICE_NOT_READY,
    io_timeout = STATUS_IO_TIMEOUT,
    not_supported = STATUS_NOT_SUPPORTED,
    internal_error = STATUS_INTERNAL_ERROR,
    process_is_terminating = STATUS_PROCESS_IS_TERMINATING,
    cancelled = STATUS_CANCELLED,
    local_disconnect = STATUS_LOCAL_DISCONNECT,
    remote_disconnect = STATUS_REMOTE_DISCONNECT,
    remote_resources = STATUS_REMOTE_RESOURCES,
    link_failed = STATUS_LINK_FAILED,
    link_timeout = STATUS_LINK_TIMEOUT,
    invalid_connection = STATUS_INVALID_CONNECTION,
    invalid_address = STATUS_INVALID_ADDRESS,
    invalid_device_state = STATUS_INVALID_DEVICE_STATE,
    invalid_buffer_size = STATUS_INVALID_BUFFER_SIZE,
    too_many_addresses = STATUS_TOO_MANY_ADDRESSES,
    address_already_exists = STATUS_ADDRESS_ALREADY_EXISTS,
    connection_disconnected = STATUS_CONNECTION_DISCONNECTED,
    connection_reset = STATUS_CONNECTION_RESET,
    transaction_aborted = STATUS_TRANSACTION_ABORTED,
    not_found = STATUS_NOT_FOUND,
    connection_refused = STATUS_CONNECTION_REFUSED,
    graceful_disconnect = STATUS_GRACEFUL_DISCONNECT,
    connection_invalid = STATUS_CONNECTION_INVALID,
    connection_active = STATUS_CONNECTION_ACTIVE,
    network_unreachable = STATUS_NETWORK_UNREACHABLE,
    host_unreachable = STATUS_HOST_UNREACHABLE,
    protocol_unreachable = STATUS_PROTOCOL_UNREACHABLE,
    port_unreachable = STATUS_PORT_UNREACHABLE,
    request_aborted = STATUS_REQUEST_ABORTED,
    connection_aborted = STATUS_CONNECTION_ABORTED,
    device_removed = STATUS_DEVICE_REMOVED,
    implementation_limit = STATUS_IMPLEMENTATION_LIMIT,
    bad_version = NDIS_STATUS_BAD_VERSION,
    adapter_not_ready = NDIS_STATUS_ADAPTER_NOT_READY,
};

/// One line of the published list.
struct StatusInfo {
    Status status;
    std::string_view name;    ///< as published, e.g. "STATUS_DEVICE_BUSY"
    std::string_view meaning; ///< a few words, lower case
};

/// Every status that has a name, in the order of ndk/ntstatus.h.
[[nodiscard]] std::span<const StatusInfo> status_list() noexcept;

/// The list's line for @p status, or nothing when the code has no name here.
[[nodiscard]] std::optional<StatusInfo> find_status(Status status) noexcept;

/// Finds a status by its published name. Letter case is ignored and the prefix
/// "STATUS_" or "NDIS_STATUS_" may be left out.
[[nodiscard]] std::optional<StatusInfo> find_status(std::string_view name) noexcept;

/// True for success, pending and timeout, like the published NT_SUCCESS().
[[nodiscard]] constexpr bool succeeded(Status status) noexcept {
    return static_cast<std::int32_t>(status) >= 0;
}

/// "STATUS_DEVICE_BUSY (0x80000011)"; a code without a name is "0xC0001234".
[[nodiscard]] std::string to_string(Status status);

/// The category of ndk::Status. Its messages name the status.
[[nodiscard]] const std::error_category &status_category() noexcept;

/// Makes ndk::Status convertible to std::error_code.
[[nodiscard]] std::error_code make_error_code(Status status) noexcept;

} // namespace ndk

template <> struct std::is_error_code_enum<ndk::Status> : std::true_type {};
