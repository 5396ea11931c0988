// SPDX-License-Identifier: MIT
#include <ndk/listener.hpp>

#include "request.hpp"
#include "wire_address.hpp"

namespace ndk {

Async<void> Listener::listen(const Address &address) {
    ndk_listen command{};

    command.listener_id = id();
    command.address = detail::to_wire(address);
    return detail::request(ref(), NDK_IOCTL_LISTEN, command, "NdkListen");
}

Result<Address> Listener::local_address() const {
    ndk_get_address command{};

    command.id = id();
    command.address = detail::empty_wire();
    if (auto done = detail::call(ref(), NDK_IOCTL_GET_LOCAL_ADDRESS, command, "NdkGetLocalAddress");
        !done)
        return std::unexpected(std::move(done.error()));
    return detail::from_wire(command.address);
}

Result<void> Listener::pause(bool paused) {
    ndk_control_connect_events command{};

    command.listener_id = id();
    command.pause = paused;
    return detail::call(ref(), NDK_IOCTL_CONTROL_CONNECT_EVENTS, command,
                        "NdkControlConnectEvents");
}

} // namespace ndk
