// SPDX-License-Identifier: MIT
/// @file
/// Addresses in the form of the ioctl interface.
#pragma once

#include <ndk/address.hpp>
#include <ndk/ndk_ioctl.h>

#include <algorithm>
#include <cstring>

namespace ndk::detail {

inline ndk_address to_wire(const Address &address) {
    const auto bytes = address.bytes();
    ndk_address wire{};

    static_assert(sizeof(sockaddr_in6) <= sizeof(wire.data));
    wire.length = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(wire.data, bytes.data(), bytes.size());
    return wire;
}

/// An ndk_address with all its room, to be filled by the kernel.
inline ndk_address empty_wire() {
    ndk_address wire{};

    wire.length = sizeof(wire.data);
    return wire;
}

inline Result<Address> from_wire(const ndk_address &wire) {
    const auto bytes = std::as_bytes(std::span(wire.data));

    return Address::from_bytes(bytes.first(std::min<std::size_t>(wire.length, bytes.size())));
}

} // namespace ndk::detail
