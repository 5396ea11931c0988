// SPDX-License-Identifier: GPL-2.0-only
// Invalidate and FastRegister of one region posted back to back while a peer
// reads all the time: it must never see new pages through an old registration.
//
// rdma_rxe, like other devices in software, does not wait in an invalidation for
// a packet that another CPU is making at that moment: it may be made of the
// pages that the region has by then, and on 6.12 of whatever a half-made list
// says, which is the end of the kernel. So all of it runs on one CPU, in a kernel
// that does not preempt itself, where the device's steps do not overlap.
#include "system_test.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace ndk_test;
using ndk::OpFlags;
using ndk::Status;

/// Takes all processors but the first away, and the kernel's preemption of itself.
class OneStepAtATime {
  public:
    OneStepAtATime() {
        for (unsigned cpu = 1; switch_cpu(cpu, false); ++cpu)
            taken_.push_back(cpu);
        // "none voluntary (full)"
        for (std::string word; modes_ >> word;)
            if (word.starts_with('('))
                preemption_ = word.substr(1, word.size() - 2);
        voluntary_ = preempt("voluntary");
    }
    [[nodiscard]] bool succeeded() const {
        return voluntary_ && std::thread::hardware_concurrency() == 1;
    }
    OneStepAtATime(const OneStepAtATime &) = delete;
    OneStepAtATime &operator=(const OneStepAtATime &) = delete;
    ~OneStepAtATime() {
        preempt(preemption_);
        for (const auto cpu : taken_)
            switch_cpu(cpu, true);
    }

  private:
    static bool write(const std::string &path, const std::string &text) {
        return static_cast<bool>(std::ofstream(path) << text << std::flush);
    }
    static bool switch_cpu(unsigned cpu, bool on) {
        return write("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/online",
                     on ? "1" : "0");
    }
    static bool preempt(const std::string &mode) { return write(preempt_file, mode); }

    static constexpr const char *preempt_file = "/sys/kernel/debug/sched/preempt";
    std::ifstream modes_{preempt_file};
    std::string preemption_;
    bool voluntary_ = false;
    std::vector<unsigned> taken_;
};

class Order : public SystemTest {
  protected:
    // The two contents of the region, at the same address; the peer may read the
    // first only.
    static constexpr std::uint64_t base_ = 0x1000'0000;
    static constexpr std::byte content_[2] = {std::byte{0x11}, std::byte{0x22}};
    static constexpr std::size_t size_ = 4 * page_size;
    static constexpr std::size_t packet_ = 1024; // path MTU of the guest's device

    // What the reads brought.
    struct Seen {
        std::atomic<unsigned> old_pages, other_bytes, refused;
    };

    // Registers one and the other content in turn, @p rounds times, while a peer
    // reads.
    void read_while_it_turns(unsigned rounds);

    Seen seen{};
};

void Order::read_while_it_turns(unsigned rounds) {
    Pair pair;
    FastRegion first(pair.a, 4);
    FastRegion second(pair.a, 4);
    std::atomic<unsigned> reads = 0;

    std::ranges::fill(first.buffer.bytes(), content_[0]);
    std::ranges::fill(second.buffer.bytes(), content_[1]);
    const auto registration = [](unsigned which) {
        return ndk::FastRegistration{.page_count = 4,
                                     .length = size_,
                                     .base_address = base_,
                                     .flags = which ? OpFlags::silent_success
                                                    : OpFlags::allow_remote_read |
                                                          OpFlags::silent_success};
    };
    must(pair.a.qp.fast_register(0, first.mr, first.lam, registration(0)));

    // The reader has connections of its own to the same domain, made anew each
    // time that a read came at a moment when its registration was gone.
    const auto read_on_and_on = [&](const std::stop_token &stop) {
        End peer;
        const NormalRegion local(peer, packet_, sink_access);
        const auto piece = local.piece(0, packet_);
        std::uint64_t number = 0;

        while (!stop.stop_requested()) {
            auto receives = must(pair.a.adapter.create_completion_queue(16).wait());
            auto qp = must(pair.a.pd.create_queue_pair(receives, receives).wait());
            std::optional<Status> accepted, connected;
            ndk::Connector acceptor;
            auto listener = must(pair.a.adapter
                                     .create_listener([&](ndk::Connector caller) {
                                         acceptor = std::move(caller);
                                         acceptor.accept(qp).then(
                                             [&](auto result) { accepted = status_of(result); });
                                     })
                                     .wait());
            const auto address = must(ndk::Address::parse(place().address4));

            must(listener.listen(address).wait());
            peer.connector = must(peer.adapter.create_connector().wait());
            peer.connector.connect(peer.qp, address, must(listener.local_address()))
                .then([&](auto result) {
                    must(std::move(result));
                    peer.connector.complete_connect().then(
                        [&](auto last) { connected = status_of(last); });
                });
            if (!drive({&pair.a.session, &peer.session}, [&] { return accepted && connected; }))
                throw std::runtime_error("the reader cannot connect");
            for (bool alive = true; alive && !stop.stop_requested();) {
                const auto at = base_ + ++number % (size_ / packet_) * packet_;
                ndk::Completion completion;

                std::ranges::fill(local.buffer.bytes(), std::byte{0});
                must(peer.qp.read(number, {&piece, 1}, {at, first.tokens.remote}));
                // rxe may lose a refusal. Whatever the answer, nothing is written
                // to the buffer after it.
                auto answer = must(peer.initiator.collect({&completion, 1}, 500ms));
                if (answer == 0) {
                    must(peer.qp.flush());
                    answer = must(peer.initiator.collect({&completion, 1}, patience));
                }
                if (answer != 1 || completion.request_context != number)
                    throw std::runtime_error("the read has no answer");
                const auto is_all = [&](std::byte content) {
                    return std::ranges::all_of(local.buffer.bytes(0, packet_),
                                               [&](auto byte) { return byte == content; });
                };
                alive = completion.ok();
                if (!alive)
                    ++seen.refused;
                if (is_all(content_[0]))
                    ++seen.old_pages;
                else if (alive || !is_all(std::byte{0}))
                    ++seen.other_bytes;
                ++reads;
            }
            peer.renew();
        }
    };
    std::jthread reader([&](const std::stop_token &stop) {
        try {
            read_on_and_on(stop);
        } catch (const std::exception &error) {
            ADD_FAILURE() << "reader: " << error.what();
        }
    });

    std::array<ndk::Completion, 16> completions;
    // On a fast machine the reader would hardly have begun by then: go on until
    // it has read often, but not for ever.
    const auto soon = std::chrono::steady_clock::now() + 15s;
    const auto end = std::chrono::steady_clock::now() + patience;
    const auto reader_lags = [&] {
        return (reads < 100 || seen.old_pages == 0) &&
               std::chrono::steady_clock::now() < (seen.old_pages == 0 ? end : soon);
    };
    for (unsigned round = 1; (round <= rounds || reader_lags()) && !HasFailure(); ++round) {
        const auto which = round % 2;
        const bool last_of_bunch = round % 8 == 0;
        auto next = registration(which);

        if (last_of_bunch)
            next.flags = OpFlags::allow_remote_read;
        // every other pair reaches the device in one piece
        must(pair.a.qp.invalidate(2 * round, first.mr,
                                  which ? OpFlags::silent_success | OpFlags::defer
                                        : OpFlags::silent_success));
        must(
            pair.a.qp.fast_register(2 * round + 1, first.mr, which ? second.lam : first.lam, next));
        if (!last_of_bunch)
            continue;
        // Only polled: the other thread dispatches this session.
        std::size_t got = 0;
        while ((got = must(pair.a.initiator.poll(completions))) == 0)
            std::this_thread::yield();
        EXPECT_EQ(got, 1U);
        EXPECT_EQ(completions[0].status, Status::success) << "round " << round;
        EXPECT_EQ(completions[0].request_context, 2 * round + 1);
    }
    reader.request_stop();
    reader.join();
    std::printf("%u reads: %u of old pages, %u of other bytes, %u refused\n", reads.load(),
                seen.old_pages.load(), seen.other_bytes.load(), seen.refused.load());
    EXPECT_GT(seen.old_pages, 0U);
    expect_alive(pair.a, pair.b);
}

TEST_F(Order, TenThousandBackToBackWithAReader) {
    const OneStepAtATime one;

    if (!one.succeeded())
        GTEST_SKIP() << "this kernel keeps its processors, or preempts itself";
    read_while_it_turns(configured("NDK_TEST_ORDER_ROUNDS", 10'000));
    EXPECT_EQ(seen.other_bytes, 0U) << "new pages through the old registration";
}

TEST_F(Order, EveryRegistrationOfAChainIsTheOneThatTheNextSendSees) {
    // FastRegister, a send that tells the peer, Invalidate: posted without
    // waiting; completions come in this order.
    Pair pair;
    FastRegion region(pair.a, 4, 1);
    const NormalRegion inbox(pair.b, page_size, sink_access);
    const auto in = inbox.piece(0, 16);
    const auto out = ndk::Sge::inlined(region.buffer.bytes(0, 16));

    for (std::uint64_t round = 0; round < 200; ++round) {
        must(pair.b.qp.receive(round, {&in, 1}));
        auto what = region.whole(remote_all | OpFlags::defer);
        must(pair.a.qp.fast_register(3 * round, region.mr, region.lam, what));
        must(pair.a.qp.send(3 * round + 1, {&out, 1}, OpFlags::inlined | OpFlags::defer));
        must(pair.a.qp.invalidate(3 * round + 2, region.mr));
        for (std::uint64_t i = 0; i < 3; ++i) {
            const auto completion = pair.a.next();
            ASSERT_EQ(completion.request_context, 3 * round + i);
            ASSERT_EQ(completion.status, Status::success);
        }
        ASSERT_EQ(pair.b.next_receive().request_context, round);
    }
}

} // namespace
