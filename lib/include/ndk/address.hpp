// SPDX-License-Identifier: MIT
/// @file
/// IPv4 and IPv6 addresses with a port.
#pragma once

#include <ndk/error.hpp>

#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <span>
#include <string>
#include <sys/socket.h>

namespace ndk {

/// A socket address. A plain value; safe to copy between threads.
class Address {
  public:
    /// No address; AF_UNSPEC.
    Address() = default;

    /// @p text is numeric: "10.0.0.1", "fd00::1" or "fe80::1%eth0". Port 0 lets the
    /// provider choose. EINVAL when it is neither IPv4 nor IPv6.
    [[nodiscard]] static Result<Address> parse(const std::string &text, std::uint16_t port = 0);

    /// Copies a socket address of the kernel; EINVAL for an unknown family or a
    /// length that does not fit.
    [[nodiscard]] static Result<Address> from_bytes(std::span<const std::byte> bytes);

    [[nodiscard]] int family() const noexcept { return storage_.ss_family; }
    [[nodiscard]] std::uint16_t port() const noexcept;
    [[nodiscard]] Address with_port(std::uint16_t port) const noexcept;

    /// The sockaddr_in or sockaddr_in6; empty when there is no address.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept;

    /// "10.0.0.1:5000" or "[fd00::1]:5000".
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const Address &a, const Address &b) noexcept;

  private:
    sockaddr_storage storage_{};
};

} // namespace ndk
