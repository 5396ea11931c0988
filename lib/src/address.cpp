// SPDX-License-Identifier: MIT
#include <ndk/address.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <net/if.h>
#include <netdb.h>

namespace ndk {
namespace {

Error invalid(std::string_view what) {
    return {std::make_error_code(std::errc::invalid_argument), "address",
            Refusal{.argument = std::string(what)}};
}

std::size_t size_of(int family) {
    switch (family) {
    case AF_INET:
        return sizeof(sockaddr_in);
    case AF_INET6:
        return sizeof(sockaddr_in6);
    default:
        return 0;
    }
}

} // namespace

Result<Address> Address::parse(const std::string &text, std::uint16_t port) {
    addrinfo hints{};
    addrinfo *found = nullptr;
    Address address;

    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_STREAM;
    // what follows a zero would not be looked at
    if (text.empty() || text.find('\0') != text.npos ||
        ::getaddrinfo(text.c_str(), nullptr, &hints, &found) != 0)
        return std::unexpected(invalid(text + " is no numeric IPv4 or IPv6 address"));
    std::memcpy(&address.storage_, found->ai_addr, found->ai_addrlen);
    ::freeaddrinfo(found);
    return address.with_port(port);
}

Result<Address> Address::from_bytes(std::span<const std::byte> bytes) {
    Address address;

    if (bytes.size() < sizeof(sa_family_t) || bytes.size() > sizeof(address.storage_))
        return std::unexpected(invalid("length of socket address"));
    std::memcpy(&address.storage_, bytes.data(), bytes.size());
    if (size_of(address.family()) == 0 || size_of(address.family()) > bytes.size())
        return std::unexpected(invalid("family of socket address"));
    return address;
}

std::uint16_t Address::port() const noexcept {
    // sin_port and sin6_port are at the same place.
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    in_port_t port = 0;

    std::memcpy(&port,
                reinterpret_cast<const std::byte *>(&storage_) + offsetof(sockaddr_in, sin_port),
                sizeof(port));
    return ntohs(port);
}

Address Address::with_port(std::uint16_t port) const noexcept {
    Address other = *this;
    const in_port_t number = htons(port);

    std::memcpy(reinterpret_cast<std::byte *>(&other.storage_) + offsetof(sockaddr_in, sin_port),
                &number, sizeof(number));
    return other;
}

std::span<const std::byte> Address::bytes() const noexcept {
    return std::as_bytes(std::span(&storage_, 1)).first(size_of(family()));
}

std::string Address::to_string() const {
    std::array<char, NI_MAXHOST> host{};

    if (size_of(family()) == 0)
        return "none";
    if (::getnameinfo(reinterpret_cast<const sockaddr *>(&storage_),
                      static_cast<socklen_t>(size_of(family())), host.data(), host.size(), nullptr,
                      0, NI_NUMERICHOST) != 0)
        return "invalid";
    if (family() == AF_INET6)
        return "[" + std::string(host.data()) + "]:" + std::to_string(port());
    return std::string(host.data()) + ":" + std::to_string(port());
}

bool operator==(const Address &a, const Address &b) noexcept {
    return std::ranges::equal(a.bytes(), b.bytes());
}

} // namespace ndk
