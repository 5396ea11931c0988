// SPDX-License-Identifier: MIT
/// @file
/// Connections.
#pragma once

#include <ndk/address.hpp>
#include <ndk/queue_pair.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace ndk {

/// What both ends of a connection may say.
struct ConnectionOptions {
    std::uint32_t inbound_read_limit = 16;   ///< incoming reads at once; lowered to the adapter's
    std::uint32_t outbound_read_limit = 16;  ///< outgoing reads at once; likewise
    std::span<const std::byte> private_data; ///< read when the request starts
};

/// NdkGetConnectionData.
struct ConnectionData {
    std::uint32_t inbound_read_limit = 0;
    std::uint32_t outbound_read_limit = 0;
    /// What the peer has sent, followed by zeroes up to what fits on the wire.
    std::vector<std::byte> private_data;
};

/// Called once when the peer has disconnected or the connection is lost, with
/// the provider's reason or 0.
using DisconnectHandler = std::move_only_function<void(std::uint32_t reason)>;

/// One end of a connection in the making or made (NDK_CONNECTOR): made by
/// Adapter::create_connector() or handed over by a Listener. Used once.
/// Move-only; thread safety as Object.
class Connector : public Object {
  public:
    Connector() noexcept = default;

    /// NdkConnect: connects @p qp to a listener at @p destination. @p source may
    /// have port 0. Errors: connection_refused (also: rejected; see
    /// connection_data()), io_timeout, network_unreachable, host_unreachable,
    /// sharing_violation, invalid_address, too_many_addresses,
    /// address_already_exists, insufficient_resources; EACCES for a low port of
    /// @p source without CAP_NET_BIND_SERVICE.
    [[nodiscard]] Async<void> connect(const QueuePair &qp, const Address &source,
                                      const Address &destination,
                                      const ConnectionOptions &options = {});

    /// NdkCompleteConnect: the last step of the connecting end. Errors:
    /// connection_aborted, connection_invalid, io_timeout.
    [[nodiscard]] Async<void> complete_connect(DisconnectHandler on_disconnect = {});

    /// NdkAccept: connects @p qp to the peer that asked. Errors:
    /// connection_aborted, io_timeout.
    [[nodiscard]] Async<void> accept(const QueuePair &qp, const ConnectionOptions &options = {},
                                     DisconnectHandler on_disconnect = {});

    /// NdkReject: by the listening end, or by the connecting end after connect().
    [[nodiscard]] Result<void> reject(std::span<const std::byte> private_data = {});

    /// NdkDisconnect: answered when the peer agrees and the adapter no longer
    /// touches memory through this connection. Error: io_timeout.
    [[nodiscard]] Async<void> disconnect();

    /// NdkGetConnectionData.
    [[nodiscard]] Result<ConnectionData> connection_data() const;
    /// NdkGetLocalAddress.
    [[nodiscard]] Result<Address> local_address() const;
    /// NdkGetPeerAddress.
    [[nodiscard]] Result<Address> peer_address() const;

  private:
    friend class Adapter;
    friend class Listener;
    explicit Connector(detail::Ref ref) noexcept : Object(std::move(ref)) {}
    detail::Subscription subscribe(DisconnectHandler handler);

    detail::Subscription events_;
};

} // namespace ndk
