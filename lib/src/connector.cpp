// SPDX-License-Identifier: MIT
#include <ndk/connector.hpp>

#include "request.hpp"
#include "wire_address.hpp"

namespace ndk {
namespace {

Result<Address> get_address(const detail::Ref &ref, unsigned long number,
                            std::string_view function) {
    ndk_get_address command{};

    command.id = ref.id();
    command.address = detail::empty_wire();
    if (auto done = detail::call(ref, number, command, function); !done)
        return std::unexpected(std::move(done.error()));
    return detail::from_wire(command.address);
}

} // namespace

Async<void> Connector::connect(const QueuePair &qp, const Address &source,
                               const Address &destination, const ConnectionOptions &options) {
    ndk_connect command{};

    command.connector_id = id();
    command.qp_id = qp.id();
    command.inbound_read_limit = options.inbound_read_limit;
    command.outbound_read_limit = options.outbound_read_limit;
    command.private_data_length = static_cast<std::uint32_t>(options.private_data.size());
    command.private_data = reinterpret_cast<std::uintptr_t>(options.private_data.data());
    command.source = detail::to_wire(source);
    command.destination = detail::to_wire(destination);
    return detail::request(ref(), NDK_IOCTL_CONNECT, command, "NdkConnect");
}

detail::Subscription Connector::subscribe(DisconnectHandler handler) {
    if (!handler || !ref().channel())
        return {};
    return {ref().channel(), ref().channel()->subscribe(
                                 [handler = std::move(handler)](const ndk_event &event) mutable {
                                     handler(static_cast<std::uint32_t>(event.value[0]));
                                 })};
}

Async<void> Connector::complete_connect(DisconnectHandler on_disconnect) {
    ndk_complete_connect command{};

    events_ = subscribe(std::move(on_disconnect));
    command.connector_id = id();
    command.event_data = events_.cookie();
    return detail::request(ref(), NDK_IOCTL_COMPLETE_CONNECT, command, "NdkCompleteConnect");
}

Async<void> Connector::accept(const QueuePair &qp, const ConnectionOptions &options,
                              DisconnectHandler on_disconnect) {
    ndk_accept command{};

    events_ = subscribe(std::move(on_disconnect));
    command.connector_id = id();
    command.qp_id = qp.id();
    command.inbound_read_limit = options.inbound_read_limit;
    command.outbound_read_limit = options.outbound_read_limit;
    command.private_data_length = static_cast<std::uint32_t>(options.private_data.size());
    command.private_data = reinterpret_cast<std::uintptr_t>(options.private_data.data());
    command.event_data = events_.cookie();
    return detail::request(ref(), NDK_IOCTL_ACCEPT, command, "NdkAccept");
}

Result<void> Connector::reject(std::span<const std::byte> private_data) {
    ndk_reject command{};

    command.connector_id = id();
    command.private_data_length = static_cast<std::uint32_t>(private_data.size());
    command.private_data = reinterpret_cast<std::uintptr_t>(private_data.data());
    return detail::call(ref(), NDK_IOCTL_REJECT, command, "NdkReject");
}

Async<void> Connector::disconnect() {
    ndk_object command{};

    command.id = id();
    return detail::request(ref(), NDK_IOCTL_DISCONNECT, command, "NdkDisconnect");
}

Result<ConnectionData> Connector::connection_data() const {
    ndk_get_connection_data command{};
    ConnectionData data;

    data.private_data.resize(NDK_PRIVATE_DATA_MAX);
    command.connector_id = id();
    command.private_data_length = NDK_PRIVATE_DATA_MAX;
    command.private_data = reinterpret_cast<std::uintptr_t>(data.private_data.data());
    if (auto done =
            detail::call(ref(), NDK_IOCTL_GET_CONNECTION_DATA, command, "NdkGetConnectionData");
        !done)
        return std::unexpected(std::move(done.error()));
    data.inbound_read_limit = command.out_inbound_read_limit;
    data.outbound_read_limit = command.out_outbound_read_limit;
    data.private_data.resize(
        std::min<std::size_t>(command.out_private_data_length, NDK_PRIVATE_DATA_MAX));
    return data;
}

Result<Address> Connector::local_address() const {
    return get_address(ref(), NDK_IOCTL_GET_LOCAL_ADDRESS, "NdkGetLocalAddress");
}

Result<Address> Connector::peer_address() const {
    return get_address(ref(), NDK_IOCTL_GET_PEER_ADDRESS, "NdkGetPeerAddress");
}

} // namespace ndk
