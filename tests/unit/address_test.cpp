// SPDX-License-Identifier: GPL-2.0-only
#include <ndk/address.hpp>

#include <array>
#include <gtest/gtest.h>

namespace {

using ndk::Address;

TEST(Address, ParsesAndPrintsIPv4) {
    const auto address = Address::parse("10.77.0.1", 5000);

    ASSERT_TRUE(address);
    EXPECT_EQ(address->family(), AF_INET);
    EXPECT_EQ(address->port(), 5000);
    EXPECT_EQ(address->bytes().size(), sizeof(sockaddr_in));
    EXPECT_EQ(address->to_string(), "10.77.0.1:5000");
}

TEST(Address, ParsesAndPrintsIPv6) {
    const auto address = Address::parse("fd77::1", 65535);

    ASSERT_TRUE(address);
    EXPECT_EQ(address->family(), AF_INET6);
    EXPECT_EQ(address->bytes().size(), sizeof(sockaddr_in6));
    EXPECT_EQ(address->to_string(), "[fd77::1]:65535");
}

TEST(Address, RefusesWhatIsNotNumeric) {
    for (const auto *text : {"", "localhost", "fd77::1::2", "10.77.0.1:80"})
        EXPECT_FALSE(Address::parse(text)) << text;
    EXPECT_EQ(Address::parse("nonsense").error(), std::errc::invalid_argument);
}

TEST(Address, RefusesWhatFollowsAZero) {
    EXPECT_FALSE(Address::parse(std::string("10.77.0.1\0", 10)));
    EXPECT_FALSE(Address::parse(std::string("10.77.0.1\0.example", 18)));
}

TEST(Address, SurvivesTheWayThroughBytes) {
    const auto address = Address::parse("fd77::1", 7);
    const auto copy = Address::from_bytes(address->bytes());

    ASSERT_TRUE(copy);
    EXPECT_EQ(*copy, *address);
    EXPECT_NE(copy->with_port(8), *address);
    EXPECT_EQ(copy->with_port(8).with_port(7), *address);
}

TEST(Address, RefusesBytesThatAreNoSocketAddress) {
    std::array<std::byte, sizeof(sockaddr_in6)> bytes{};

    EXPECT_FALSE(Address::from_bytes(bytes));
    EXPECT_FALSE(Address::from_bytes(std::span(bytes).first(1)));
    const auto address = Address::parse("fd77::1");
    EXPECT_FALSE(Address::from_bytes(address->bytes().first(sizeof(sockaddr_in))));
}

} // namespace
