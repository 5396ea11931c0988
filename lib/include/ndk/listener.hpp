// SPDX-License-Identifier: MIT
/// @file
/// Listeners.
#pragma once

#include <ndk/connector.hpp>

#include <functional>

namespace ndk {

/// Called for each peer that wants to connect; accept or reject the connector,
/// or drop it, which rejects.
using ConnectHandler = std::move_only_function<void(Connector)>;

/// A listener (NDK_LISTENER), made by Adapter::create_listener(). Move-only;
/// thread safety as Object.
class Listener : public Object {
  public:
    Listener() noexcept = default;

    /// NdkListen. Port 0 lets the provider choose, see local_address(). Errors:
    /// sharing_violation, invalid_address, too_many_addresses,
    /// insufficient_resources; EACCES for a low port without CAP_NET_BIND_SERVICE.
    [[nodiscard]] Async<void> listen(const Address &address);

    /// NdkGetLocalAddress.
    [[nodiscard]] Result<Address> local_address() const;

    /// NdkControlConnectEvents: refuses peers as if nothing listened, or goes on.
    [[nodiscard]] Result<void> pause(bool paused);

  private:
    friend class Adapter;
    Listener(detail::Ref ref, detail::Subscription events) noexcept
        : Object(std::move(ref)), events_(std::move(events)) {}

    detail::Subscription events_;
};

} // namespace ndk
