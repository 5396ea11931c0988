// SPDX-License-Identifier: MIT
/// @file
/// Limits and abilities of an adapter (NDK_ADAPTER_INFO).
#pragma once

#include <ndk/flags.hpp>

#include <cstdint>
#include <string_view>

namespace ndk {

/// Version of the interface. A higher minor is a superset; layouts differ
/// between majors.
struct Version {
    std::uint16_t major = 0;
    std::uint16_t minor = 0;

    friend auto operator<=>(const Version &, const Version &) = default;
};

/// NDK_RDMA_TECHNOLOGY.
enum class RdmaTechnology : std::uint32_t {
    undefined = 0,
    iwarp = 1,
    infiniband = 2,
    roce = 3,
    roce_v2 = 4,
};

/// "iWARP", "InfiniBand", "RoCE", "RoCEv2" or "undefined".
[[nodiscard]] std::string_view to_string(RdmaTechnology technology) noexcept;

/// What an adapter can do. All limits can be had together.
struct AdapterInfo {
    Version version;
    std::uint32_t vendor_id = 0;                 ///< OUI
    std::uint32_t device_id = 0;                 ///< the vendor's
    std::uint64_t max_registration_size = 0;     ///< bytes of kernel memory in one region
    std::uint64_t max_window_size = 0;           ///< bytes; 0: no memory windows
    std::uint32_t frmr_page_count = 0;           ///< pages for which most regions are ready
    std::uint32_t max_initiator_request_sge = 0; ///< entries of one initiator request
    std::uint32_t max_receive_request_sge = 0;   ///< entries of one receive
    std::uint32_t max_read_request_sge = 0;      ///< entries of one read
    std::uint32_t max_transfer_length = 0;       ///< bytes of one request
    std::uint32_t max_inline_data_size = 0;      ///< bytes of one inline request
    std::uint32_t max_inbound_read_limit = 0;    ///< incoming reads at once, per queue pair
    std::uint32_t max_outbound_read_limit = 0;   ///< outgoing reads at once, per queue pair
    std::uint32_t max_receive_queue_depth = 0;   ///< requests, per queue pair
    std::uint32_t max_initiator_queue_depth = 0; ///< requests, per queue pair
    std::uint32_t max_srq_depth = 0;             ///< 0: no shared receive queues
    std::uint32_t max_cq_depth = 0;              ///< completions
    std::uint32_t large_request_threshold = 0;   ///< bytes above which reads beat sends
    std::uint32_t max_caller_data = 0;           ///< bytes of private data with connect
    std::uint32_t max_callee_data = 0;           ///< bytes with accept and reject
    AdapterFlags adapter_flags = AdapterFlags::none;
    RdmaTechnology rdma_technology = RdmaTechnology::undefined;
};

} // namespace ndk
