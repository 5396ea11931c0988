// SPDX-License-Identifier: GPL-2.0-only
// Invalidate and FastRegister of one region posted back to back while a peer
// reads all the time: it must never see new pages through an old registration.
//
// One thing is the device's: a packet that it has begun to make when the
// invalidation comes. rdma_rxe does not wait for it, so it may be made of the
// pages that the region has by then; more than one packet of a read may not.
#include "system_test.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <thread>

namespace {

using namespace ndk_test;
using ndk::OpFlags;
using ndk::Status;

class Order : public SystemTest {
  protected:
    // The two contents of the region; each has its own address, so a reader
    // knows what it may see.
    static constexpr std::uint64_t base_[2] = {0x1000'0000, 0x2000'0000};
    static constexpr std::byte content_[2] = {std::byte{0x11}, std::byte{0x22}};
    static constexpr std::size_t size_ = 4 * page_size;
    static constexpr std::ptrdiff_t packet_ = 1024; // path MTU of the guest's device

    // Of a read through registration @p which, with @p expected bytes.
    static bool is_old(std::span<const std::byte> bytes, unsigned which, std::size_t expected) {
        const auto old = std::ranges::count(bytes, content_[which]);
        const auto wrong = std::ranges::count(bytes, content_[1 - which]);

        return wrong <= packet_ && static_cast<std::size_t>(old + wrong) >= expected;
    }
};

TEST_F(Order, TenThousandBackToBackWithAReader) {
    const auto rounds = configured("NDK_TEST_ORDER_ROUNDS", 10'000);
    Pair pair;
    FastRegion first(pair.a, 4);
    FastRegion second(pair.a, 4);
    std::atomic<unsigned> good_reads = 0;
    std::atomic<unsigned> refused_reads = 0;

    std::ranges::fill(first.buffer.bytes(), content_[0]);
    std::ranges::fill(second.buffer.bytes(), content_[1]);
    const auto registration = [](unsigned which) {
        return ndk::FastRegistration{.page_count = 4,
                                     .length = size_,
                                     .base_address = base_[which],
                                     .flags = OpFlags::allow_remote_read | OpFlags::silent_success};
    };
    must(pair.a.qp.fast_register(0, first.mr, first.lam, registration(0)));

    // The reader has connections of its own to the same domain, made anew each
    // time that a read came at a moment when its registration was gone.
    const auto read_on_and_on = [&](const std::stop_token &stop) {
        End peer;
        const NormalRegion local(peer, size_, sink_access);
        const auto piece = local.piece(0, size_);
        unsigned which = 0;

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
                std::ranges::fill(local.buffer.bytes(), std::byte{0});
                must(peer.qp.read(3, {&piece, 1}, {base_[which], first.tokens.remote}));
                // rxe may lose the refusal of a read that has begun.
                ndk::Completion completion;
                const bool answered = must(peer.initiator.collect({&completion, 1}, 500ms)) == 1;
                if (answered && completion.ok()) {
                    ++good_reads;
                    EXPECT_TRUE(is_old(local.buffer.bytes(), which, size_))
                        << "new pages through the old registration";
                } else {
                    ++refused_reads;
                    EXPECT_TRUE(is_old(local.buffer.bytes(), which, 0))
                        << "new pages through the old registration, in a refused read";
                    alive = false;
                }
                which = 1 - which;
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
    const auto end = std::chrono::steady_clock::now() + 15s;
    const auto reader_lags = [&] {
        return good_reads + refused_reads < 100 && std::chrono::steady_clock::now() < end;
    };
    for (unsigned round = 1; (round <= rounds || reader_lags()) && !HasFailure(); ++round) {
        const auto which = round % 2;
        const bool last_of_bunch = round % 8 == 0;
        auto next = registration(which);

        if (last_of_bunch)
            next.flags = OpFlags::allow_remote_read;
        must(pair.a.qp.invalidate(2 * round, first.mr, OpFlags::silent_success));
        must(
            pair.a.qp.fast_register(2 * round + 1, first.mr, which ? second.lam : first.lam, next));
        if (!last_of_bunch)
            continue;
        // Only polled: the other thread dispatches this session.
        std::size_t got = 0;
        while ((got = must(pair.a.initiator.poll(completions))) == 0)
            std::this_thread::yield();
        ASSERT_EQ(got, 1U);
        ASSERT_EQ(completions[0].status, Status::success) << "round " << round;
        ASSERT_EQ(completions[0].request_context, 2 * round + 1);
    }
    reader.request_stop();
    reader.join();
    EXPECT_GT(good_reads + refused_reads, 0U);
    std::printf("%u reads succeeded, %u came at the wrong moment\n", good_reads.load(),
                refused_reads.load());
    expect_alive(pair.a, pair.b);
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
