// SPDX-License-Identifier: GPL-2.0-only
// Processes die at random points of their work, many times and several together.
#include "system_test.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <poll.h>
#include <random>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

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

/// A process at work, and when it is to die.
class Victim {
  public:
    Victim(std::chrono::microseconds life, unsigned seed)
        : death_(std::chrono::steady_clock::now() + life), pid_(::fork()) {
        if (pid_ < 0)
            throw std::system_error(errno, std::system_category(), "fork");
        if (pid_ > 0)
            return;
        try {
            work(seed);
        } catch (const std::exception &error) {
            ::fprintf(stderr, "%s\n", error.what());
            ::_exit(9);
        }
    }

    Victim(Victim &&other) noexcept : death_(other.death_), pid_(std::exchange(other.pid_, -1)) {}
    Victim &operator=(Victim &&) = delete;

    ~Victim() {
        if (pid_ > 0) {
            EXPECT_EQ(::waitpid(pid_, nullptr, 0), pid_);
        }
    }

    [[nodiscard]] auto death() const { return death_; }

    /// At its time, and not before.
    void kill() const {
        const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
        pollfd entry{.fd = pidfd, .events = POLLIN, .revents = 0};
        const auto left = std::max(death_ - std::chrono::steady_clock::now(),
                                   std::chrono::steady_clock::duration::zero());
        const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
        const timespec limit{.tv_sec = seconds.count(),
                             .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};

        EXPECT_EQ(::ppoll(&entry, 1, &limit, nullptr), 0) << "the child ended by itself";
        ::close(pidfd);
        EXPECT_EQ(::kill(pid_, SIGKILL), 0);
    }

  private:
    std::chrono::steady_clock::time_point death_;
    pid_t pid_;
};

class Kill : public SystemTest {};

TEST_F(Kill, AtRandomPointsLeavesNothing) {
    const auto rounds = configured("NDK_TEST_KILL_ROUNDS", 200);
    const auto together = configured("NDK_TEST_KILL_TOGETHER", 4);
    const auto seed = configured("NDK_TEST_SEED", 1);
    std::mt19937 random(seed);
    const auto before = held();

    for (unsigned round = 0; round < rounds; round += together) {
        SCOPED_TRACE(testing::Message() << "round " << round << " of seed " << seed);
        hang_after(60s);
        {
            std::vector<Victim> victims;

            victims.reserve(together);
            for (unsigned i = 0; i < together; ++i) {
                // Short times hit the setting up, long ones the work.
                const std::chrono::microseconds life(random() % (i % 2 == 0 ? 30'000 : 300'000));

                victims.emplace_back(life, static_cast<unsigned>(random()));
            }
            std::vector<const Victim *> order;

            for (const auto &victim : victims)
                order.push_back(&victim);
            std::ranges::sort(order, {}, &Victim::death);
            for (const auto *victim : order)
                victim->kill();
        }
        expect_nothing_left(before);
        if (HasFailure())
            return;
    }
    Pair pair; // and everything still works
    expect_alive(pair.a, pair.b);
}

} // namespace
