// SPDX-License-Identifier: GPL-2.0-only
// A process dies at a random point of its work, many times.
#include "system_test.hpp"

#include <csignal>
#include <poll.h>
#include <random>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace ndk_test;

/// Everything that the interface can do, in a loop, for ever.
[[noreturn]] void work(unsigned seed) {
    std::mt19937 random(seed);

    for (;;) {
        Pair pair;
        FastRegion fast(pair.a, 32, 1);
        NormalRegion normal(pair.b, 32 * page_size, all_access);

        for (unsigned i = 0; i < 20 + random() % 20; ++i) {
            const auto piece = normal.piece(0, 1 + random() % (32 * page_size));

            must(pair.a.qp.fast_register(1, fast.mr, fast.lam, fast.whole(remote_all)));
            if (pair.a.done() != ndk::Status::success)
                ::_exit(1);
            if (read(pair.b, {&piece, 1}, fast.remote()) != ndk::Status::success)
                ::_exit(2);
            must(pair.a.qp.invalidate(1, fast.mr));
            if (pair.a.done() != ndk::Status::success)
                ::_exit(3);
            if (i % 7 == 0)
                must(fast.mr.initialize(32 + static_cast<std::uint32_t>(random() % 4)).wait());
            fast.tokens = must(fast.mr.tokens());
        }
        expect_alive(pair.a, pair.b);
    }
}

/// Waits until the child ends by itself or the time is over, whichever is first.
bool ends_within(pid_t child, std::chrono::microseconds time) {
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
    pollfd entry{.fd = pidfd, .events = POLLIN, .revents = 0};
    const timespec limit{.tv_sec = time.count() / 1'000'000,
                         .tv_nsec = time.count() % 1'000'000 * 1000};
    const bool ended = ::ppoll(&entry, 1, &limit, nullptr) > 0;

    ::close(pidfd);
    return ended;
}

class Kill : public SystemTest {};

TEST_F(Kill, AtRandomPointsLeavesNothing) {
    const auto rounds = configured("NDK_TEST_KILL_ROUNDS", 200);
    const auto seed = configured("NDK_TEST_SEED", 1);
    std::mt19937 random(seed);
    const auto before = held();

    for (unsigned round = 0; round < rounds; ++round) {
        SCOPED_TRACE(testing::Message() << "round " << round << " of seed " << seed);
        hang_after(60s);
        const auto child_seed = static_cast<unsigned>(random());
        // Short times hit the setting up, long ones the work.
        const std::chrono::microseconds time(random() % (round % 2 == 0 ? 30'000 : 300'000));
        const pid_t child = ::fork();

        if (child == 0) {
            try {
                work(child_seed);
            } catch (const std::exception &error) {
                ::fprintf(stderr, "%s\n", error.what());
                ::_exit(9);
            }
        }
        ASSERT_GT(child, 0);
        EXPECT_FALSE(ends_within(child, time)) << "the child failed by itself";
        ASSERT_EQ(::kill(child, SIGKILL), 0);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        expect_nothing_left(before);
        if (HasFailure())
            return;
    }
    Pair pair; // and everything still works
    expect_alive(pair.a, pair.b);
}

} // namespace
