// SPDX-License-Identifier: GPL-2.0-only
#include "leftovers.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace {

using ndkctl::Holdings;
using ndkctl::holdings_in;

TEST(Leftovers, CountsAreThoseOfEachDevice) {
    EXPECT_EQ(holdings_in(R"([{"ifindex": 0, "ifname": "rxe0", "pd": 1, "qp": 2},
                              {"ifindex": 1, "ifname": "siw0", "pd": 3}])"),
              (Holdings{{"rxe0 pd", 1}, {"rxe0 qp", 2}, {"siw0 pd", 3}}));
}

TEST(Leftovers, WhatIsNoCountIsNotCounted) {
    EXPECT_EQ(holdings_in(R"([{"ifname": "rxe0", "qp": 1e300, "cq": "3", "mr": null}])"),
              Holdings{});
}

TEST(Leftovers, TextThatIsNoAnswerIsNotTakenForNothing) {
    for (const auto *text :
         {"", "{}", "[", "null", "\"rdma\"", "[1]", R"([{"ifname": 1}])", R"([{"pd": 1}])"})
        EXPECT_THROW(holdings_in(text), std::runtime_error) << text;
}

TEST(Leftovers, OnlyWhatGrewIsLeftBehind) {
    EXPECT_TRUE(ndkctl::left_behind({{"a", 1}}, {{"a", 1}}).empty());
    EXPECT_TRUE(ndkctl::left_behind({{"a", 1}}, {}).empty());
    EXPECT_EQ(ndkctl::left_behind({{"a", 1}}, {{"a", 2}, {"b", 1}}).size(), 2U);
}

} // namespace
