// SPDX-License-Identifier: GPL-2.0-only
#include "system_test.hpp"

#include <csignal>
#include <cstdio>

int main(int argc, char **argv) {
    testing::InitGoogleTest(&argc, argv);
    if (testing::GTEST_FLAG(list_tests))
        return RUN_ALL_TESTS();
    // A machine without the door must not look like one that passes.
    if (const auto session = ndk::Session::open(ndk_test::place().device); !session) {
        std::fprintf(stderr, "ndk_system_tests: %s\n", session.error().message().c_str());
        return 3;
    }
    std::signal(SIGPIPE, SIG_IGN);
    return RUN_ALL_TESTS();
}
