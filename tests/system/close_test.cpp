// SPDX-License-Identifier: GPL-2.0-only
// Closing in every order and state. The fixture checks that nothing is left.
#include "system_test.hpp"

#include <algorithm>
#include <random>

namespace {

using namespace ndk_test;
using ndk::Status;

class Close : public SystemTest {};

/// Closes without waiting; counts the answers.
template <class T> void close(T &object, int &answers) {
    object.close().then([&answers](ndk::Result<void> result) {
        must(std::move(result));
        ++answers;
    });
}

TEST_F(Close, DomainBeforeItsRegions) {
    End end;
    FastRegion fast(end, 4);
    NormalRegion normal(end, page_size, all_access);
    int domain = 0;
    int children = 0;

    close(end.pd, domain);
    must(end.session.dispatch(50ms));
    EXPECT_EQ(domain, 0) << "a domain with regions is not closed yet";
    close(fast.mr, children);
    close(normal.mr, children);
    close(end.qp, children);
    ASSERT_TRUE(drive({&end.session}, [&] { return domain + children == 4; }));
}

TEST_F(Close, AdapterFirstAndEverythingElseAfterIt) {
    Pair pair;
    FastRegion fast(pair.a, 4, 1);
    NormalRegion normal(pair.a, page_size, all_access);
    int adapter = 0;
    int rest = 0;

    fast.registered(pair.a, remote_all);
    close(pair.a.adapter, adapter);
    close(pair.a.pd, rest);
    close(pair.a.receives, rest);
    close(pair.a.initiator, rest);
    must(pair.a.session.dispatch(50ms));
    EXPECT_EQ(adapter + rest, 0);
    close(fast.mr, rest);
    close(normal.mr, rest);
    close(pair.a.connector, rest);
    close(pair.a.qp, rest);
    ASSERT_TRUE(drive({&pair.a.session}, [&] { return rest == 7; }));
    must(fast.lam.release());
    ASSERT_TRUE(drive({&pair.a.session}, [&] { return adapter == 1; }));
}

TEST_F(Close, EveryOrderOfAConnectedEnd) {
    std::mt19937 random(20240229);

    for (int round = 0; round < 24; ++round) {
        SCOPED_TRACE(testing::Message() << "round " << round);
        Pair pair;
        FastRegion fast(pair.a, 4, 1);
        NormalRegion normal(pair.a, page_size, all_access);
        const auto piece = normal.piece(0, 64);
        int answers = 0;
        std::vector<std::function<void()>> closes{
            [&] { close(pair.a.pd, answers); },        [&] { close(pair.a.receives, answers); },
            [&] { close(pair.a.initiator, answers); }, [&] { close(pair.a.qp, answers); },
            [&] { close(pair.a.connector, answers); }, [&] { close(fast.mr, answers); },
            [&] { close(normal.mr, answers); }};

        if (round % 2 == 0)
            fast.registered(pair.a, remote_all);
        for (std::uint64_t i = 0; round % 3 == 0 && i < 10; ++i)
            must(pair.a.qp.receive(i, {&piece, 1}));
        std::ranges::shuffle(closes, random);
        for (const auto &one : closes)
            one();
        ASSERT_TRUE(drive({&pair.a.session, &pair.b.session},
                          [&] { return answers == static_cast<int>(closes.size()); }));
    }
}

TEST_F(Close, RegionWhileItIsInitialised) {
    End end;

    for (int round = 0; round < 50; ++round) {
        auto mr = must(end.pd.create_memory_region(ndk::MrKind::fast).wait());
        int initialised = 0;
        int closed = 0;

        mr.initialize(256).then([&](auto result) {
            const auto status = status_of(result);
            EXPECT_TRUE(status == Status::success || status == Status::cancelled)
                << to_string(status);
            EXPECT_EQ(closed, 0) << "the close must be answered last";
            ++initialised;
        });
        close(mr, closed);
        ASSERT_TRUE(drive({&end.session}, [&] { return initialised == 1 && closed == 1; }));
    }
}

TEST_F(Close, RegionWhileItIsRegistered) {
    Pair pair;

    for (int round = 0; round < 20; ++round) {
        FastRegion fast(pair.a, 4, 1);
        NormalRegion normal(pair.a, 4 * page_size, all_access, 1);

        fast.registered(pair.a, remote_all);
        must(fast.mr.close().wait());
        must(normal.mr.close().wait());
        must(fast.lam.release());
        must(fast.memory.unpin());
        must(normal.memory.unpin());
    }
    expect_alive(pair.a, pair.b);
}

TEST_F(Close, QueuePairWithAHundredOutstandingRequests) {
    EndOptions options;
    options.qp.initiator_queue_depth = 128;
    options.qp.receive_queue_depth = 128;
    Pair pair(options);
    const NormalRegion local(pair.a, page_size, all_access);
    const auto piece = local.piece(0, 64);
    std::vector<ndk::Completion> completions(200);

    for (std::uint64_t i = 0; i < 100; ++i) {
        must(pair.a.qp.send(i, {&piece, 1})); // the peer has no receive for it
        must(pair.a.qp.receive(i, {&piece, 1}));
    }
    pair.a.connector = {}; // depends on the queue pair, which would wait for it
    must(pair.a.qp.close().wait());
    // Closing has ended them all, and what that left in the queue says so.
    const auto sends = must(pair.a.initiator.poll(completions));
    for (std::size_t i = 0; i < sends; ++i)
        EXPECT_EQ(completions[i].status, Status::cancelled);
}

TEST_F(Close, RegionNamedByARequestThatIsOutstanding) {
    Pair pair;
    NormalRegion local(pair.a, page_size, all_access);
    const auto piece = local.piece(0, 64);

    for (std::uint64_t i = 0; i < 10; ++i)
        must(pair.a.qp.send(i, {&piece, 1}));
    local.mr.close().then([](auto) {});
    pair.a.qp.close().then([](auto) {});
}

TEST_F(Close, FileWithEverythingLive) {
    for (int round = 0; round < 10; ++round) {
        Pair pair;
        FastRegion fast(pair.a, 16, 1);
        NormalRegion normal(pair.a, 16 * page_size, all_access);
        const auto piece = normal.piece(0, 64);
        std::vector<ndk::Connector> callers;
        auto listener = must(pair.a.adapter
                                 .create_listener([&](ndk::Connector caller) {
                                     callers.push_back(std::move(caller));
                                 })
                                 .wait());
        auto mr = must(pair.a.pd.create_memory_region(ndk::MrKind::fast).wait());
        std::optional<Status> initialised;

        must(listener.listen(must(ndk::Address::parse(place().address4))).wait());
        fast.registered(pair.a, remote_all);
        for (std::uint64_t i = 0; i < 20; ++i) {
            must(pair.a.qp.send(i, {&piece, 1}));
            must(pair.a.qp.receive(i, {&piece, 1}));
        }
        mr.initialize(64).then([&](auto result) { initialised = status_of(result); });
        must(pair.a.session.close());
        EXPECT_TRUE(initialised) << "an unanswered request must end with the session";
        ASSERT_TRUE(drive({&pair.b.session}, [&] { return pair.b.disconnected; }));
    }
}

TEST_F(Close, FileWhileConnecting) {
    for (int round = 0; round < 10; ++round) {
        End a, b;
        auto listener = must(b.adapter.create_listener([](ndk::Connector) {}).wait());
        const auto local = must(ndk::Address::parse(place().address4));

        must(listener.listen(local).wait());
        a.connector = must(a.adapter.create_connector().wait());
        a.connector.connect(a.qp, local, must(listener.local_address())).then([](auto) {});
        if (round % 2 == 0)
            must(b.session.dispatch(20ms));
        must(a.session.close());
        must(b.session.close());
    }
}

TEST_F(Close, InsideAHandler) {
    Pair pair;
    const NormalRegion local(pair.a, page_size, all_access);
    const NormalRegion remote(pair.b, page_size, all_access);
    const auto piece = local.piece(0, 64);
    int closed = 0;

    pair.a.initiator.on_notification([&](Status) {
        close(pair.a.qp, closed);
        close(pair.a.initiator, closed);
        close(pair.a.connector, closed);
    });
    must(pair.a.initiator.arm());
    must(pair.a.qp.write(1, {&piece, 1}, remote.remote()));
    ASSERT_TRUE(drive({&pair.a.session}, [&] { return closed == 3; }));
}

TEST_F(Close, ThousandObjectsAndForgottenHandles) {
    End end;

    for (int i = 0; i < 1000; ++i) {
        auto mr = must(end.pd.create_memory_region(ndk::MrKind::fast).wait());
        if (i % 10 == 0)
            must(mr.initialize(8).wait());
    }
    EXPECT_EQ(must(end.session.dispatch(50ms)), 0U) << "nobody asked to know of these closes";
}

} // namespace
