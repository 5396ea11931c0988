// SPDX-License-Identifier: MIT
/// @file
/// Adapters.
#pragma once

#include <ndk/adapter_info.hpp>
#include <ndk/completion_queue.hpp>
#include <ndk/connector.hpp>
#include <ndk/listener.hpp>
#include <ndk/logical_address_mapping.hpp>
#include <ndk/memory.hpp>
#include <ndk/protection_domain.hpp>

#include <string>

namespace ndk {

/// An adapter that could be opened.
struct AdapterIdent {
    std::string name;          ///< of the RDMA device, e.g. "rxe0"
    std::uint32_t ifindex = 0; ///< network interface of the first port; 0: none
    std::uint32_t ports = 0;
};

/// An RDMA device opened for NDKPI (NDK_ADAPTER), made by
/// Session::open_adapter(). Move-only; thread safety as Object.
class Adapter : public Object {
  public:
    Adapter() noexcept = default;

    /// NdkQueryAdapterInfo.
    [[nodiscard]] Result<AdapterInfo> info() const;

    /// NdkCreatePd. Error: insufficient_resources.
    [[nodiscard]] Async<ProtectionDomain> create_protection_domain();

    /// NdkCreateCq with room for @p depth completions. Errors: invalid_parameter
    /// over AdapterInfo::max_cq_depth, insufficient_resources.
    [[nodiscard]] Async<CompletionQueue> create_completion_queue(std::uint32_t depth,
                                                                 NotificationHandler handler = {});

    /// NdkCreateConnector. Error: insufficient_resources.
    [[nodiscard]] Async<Connector> create_connector();

    /// NdkCreateListener. @p backlog: peers that may wait to be dispatched before
    /// more are refused; 0 is the kernel's default. Error: insufficient_resources.
    [[nodiscard]] Async<Listener> create_listener(ConnectHandler handler,
                                                  std::uint32_t backlog = 0);

    /// NdkBuildLAM: @p length bytes of @p memory from @p offset on. Errors:
    /// invalid_parameter for a bad length, insufficient_resources; EINVAL for an
    /// offset beyond the memory, or more than NDK_LAM_MAX bytes.
    [[nodiscard]] Async<LogicalAddressMapping> build_lam(const Memory &memory, std::uint64_t offset,
                                                         std::uint64_t length);
    /// All of @p memory.
    [[nodiscard]] Async<LogicalAddressMapping> build_lam(const Memory &memory) {
        return build_lam(memory, 0, memory.size());
    }

  private:
    friend class Session;
    explicit Adapter(detail::Ref ref) noexcept : Object(std::move(ref)) {}
};

} // namespace ndk
