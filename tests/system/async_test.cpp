// SPDX-License-Identifier: GPL-2.0-only
// Asynchronous requests against the real kernel: events, signals, coroutines.
#include "system_test.hpp"

#include <atomic>
#include <cerrno>
#include <coroutine>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace ndk_test;
using ndk::Status;

struct Detached {
    struct promise_type {
        Detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

class Async : public SystemTest {
  protected:
    End end_;
};

/// Sessions call back as long as they are there, also when a test has ended early: what they
/// write to is shared with them.
Detached whole_life(End &end, std::shared_ptr<std::vector<std::string>> trace) {
    auto mr = co_await end.pd.create_memory_region(ndk::MrKind::fast);
    trace->push_back(mr ? "created" : mr.error().message());
    if (!mr)
        co_return;
    const auto initialised = co_await mr->initialize(16);
    trace->push_back(initialised ? "initialised" : initialised.error().message());
    const auto refused = co_await mr->initialize(0);
    trace->push_back(refused ? "not refused" : to_string(*refused.error().status()));
    const auto closed = co_await mr->close();
    trace->push_back(closed ? "closed" : closed.error().message());
}

TEST_F(Async, CoroutineLivesThroughTheWholeLifeOfARegion) {
    const auto trace = std::make_shared<std::vector<std::string>>();

    whole_life(end_, trace);
    ASSERT_TRUE(drive({&end_.session}, [&] { return trace->size() == 4; }));
    EXPECT_EQ(*trace,
              (std::vector<std::string>{"created", "initialised",
                                        "STATUS_INVALID_PARAMETER (0xC000000D)", "closed"}));
}

TEST_F(Async, FuturesAreCompletedByADispatchingThread) {
    std::atomic<bool> stop = false;
    std::jthread dispatcher([&] {
        while (!stop)
            must(end_.session.dispatch(10ms));
    });

    for (int i = 0; i < 50; ++i) {
        auto mr = end_.pd.create_memory_region(ndk::MrKind::fast).future().get();
        ASSERT_TRUE(mr);
        ASSERT_TRUE(mr->initialize(16).future().get());
        ASSERT_TRUE(mr->close().future().get());
    }
    stop = true;
}

TEST_F(Async, FileIsReadableExactlyWhileThereAreEvents) {
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    epoll_event interest{.events = EPOLLIN, .data = {}};
    epoll_event seen{};
    auto pd = must(end_.adapter.create_protection_domain().wait());
    auto mr = must(pd.create_memory_region(ndk::MrKind::fast).wait());
    const auto closed = std::make_shared<int>(0);

    ASSERT_EQ(::epoll_ctl(epoll, EPOLL_CTL_ADD, end_.session.fd(), &interest), 0);
    must(end_.session.dispatch());
    EXPECT_EQ(::epoll_wait(epoll, &seen, 1, 0), 0);
    // A parent that is closed before its child is answered after it.
    pd.close().then([closed](auto) { ++*closed; });
    EXPECT_EQ(*closed, 0);
    must(end_.session.dispatch(20ms));
    EXPECT_EQ(*closed, 0);
    mr.close().then([closed](auto) { ++*closed; });
    ASSERT_EQ(::epoll_wait(epoll, &seen, 1, 30'000), 1);
    ASSERT_TRUE(drive({&end_.session}, [&] { return *closed == 2; }));
    EXPECT_EQ(::epoll_wait(epoll, &seen, 1, 0), 0);
    ::close(epoll);
}

void nothing(int) {}

TEST_F(Async, SignalWhileWaitingLosesNothing) {
    // One thread waits in the kernel for a connection; it is interrupted until
    // the peer accepts. The answer must arrive all the same.
    struct sigaction action {};
    std::optional<Status> accepted;
    End peer;
    std::vector<ndk::Connector> callers;
    std::atomic<bool> done = false;
    auto listener = must(
        peer.adapter
            .create_listener([&](ndk::Connector caller) { callers.push_back(std::move(caller)); })
            .wait());
    const auto local = must(ndk::Address::parse(place().address4));

    action.sa_handler = nothing; // without SA_RESTART
    ::sigaction(SIGUSR1, &action, nullptr);
    must(listener.listen(local).wait());
    const auto destination = must(listener.local_address());
    end_.connector = must(end_.adapter.create_connector().wait());
    std::jthread waiter([&] {
        EXPECT_EQ(status_of(end_.connector.connect(end_.qp, local, destination).wait()),
                  Status::success);
        done = true;
    });
    ASSERT_TRUE(drive({&peer.session}, [&] { return !callers.empty(); }));
    for (int i = 0; i < 5; ++i)
        ::pthread_kill(waiter.native_handle(), SIGUSR1);
    EXPECT_FALSE(done);
    callers[0].accept(peer.qp).then([&](auto result) { accepted = status_of(result); });
    waiter.join();
    must(end_.connector.complete_connect().wait());
    EXPECT_TRUE(drive({&peer.session}, [&] { return accepted.has_value(); }));
    EXPECT_EQ(*accepted, Status::success);
}

/// What the kernel says a thread does: R, S and so on.
char state_of(pid_t thread) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string word;

    file >> word >> word >> word;
    return word.empty() ? '?' : word[0];
}

std::atomic<int> signals = 0;

/// Waits for an event; meanwhile a signal comes, and then the event. Answers what
/// read() did: the bytes, or the errno, negative.
ssize_t read_with_a_signal(End &end, int action_flags) {
    struct sigaction action {};
    auto pd = must(end.adapter.create_protection_domain().wait());
    auto mr = must(pd.create_memory_region(ndk::MrKind::fast).wait());
    std::atomic<pid_t> reader = 0;
    std::atomic<bool> done = false;
    ssize_t answer = 0;

    action.sa_handler = [](int) { ++signals; };
    action.sa_flags = action_flags;
    ::sigaction(SIGUSR1, &action, nullptr);
    signals = 0;
    pd.close().then([](auto) {}); // waits for its region
    const int flags = ::fcntl(end.session.fd(), F_GETFL);
    ::fcntl(end.session.fd(), F_SETFL, flags & ~O_NONBLOCK);
    std::jthread waiter([&] {
        ndk_event event{};

        reader = ::gettid();
        answer = ::read(end.session.fd(), &event, sizeof(event));
        if (answer < 0)
            answer = -errno;
        done = true;
    });
    while (!reader || (!done && state_of(reader) != 'S'))
        std::this_thread::yield();
    ::pthread_kill(waiter.native_handle(), SIGUSR1);
    while (!signals || (!done && state_of(reader) != 'S'))
        std::this_thread::yield();
    must(mr.close().wait());
    waiter.join();
    ::fcntl(end.session.fd(), F_SETFL, flags);
    return answer;
}

TEST_F(Async, ReadGoesOnAfterASignalWhereTheHandlerSaysSo) {
    EXPECT_EQ(read_with_a_signal(end_, SA_RESTART), static_cast<ssize_t>(sizeof(ndk_event)));
}

TEST_F(Async, ReadEndsWithAnyOtherSignal) {
    EXPECT_EQ(read_with_a_signal(end_, 0), -EINTR);
}

TEST_F(Async, EventsThatCannotBeWrittenAreRead) {
    auto pd = must(end_.adapter.create_protection_domain().wait());
    auto mr = must(pd.create_memory_region(ndk::MrKind::fast).wait());
    const Buffer buffer(page_size);
    const auto closed = std::make_shared<bool>(false);

    pd.close().then([closed](auto) { *closed = true; }); // waits for its region
    must(mr.close().wait());
    pollfd readable{.fd = end_.session.fd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&readable, 1, 30'000), 1);
    ASSERT_EQ(::mprotect(buffer.bytes().data(), page_size, PROT_READ), 0);
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(::read(end_.session.fd(), buffer.bytes().data(), sizeof(ndk_event)), -1);
        EXPECT_EQ(errno, EFAULT);
    }
    EXPECT_TRUE(drive({&end_.session}, [&] { return *closed; }));
}

TEST_F(Async, NotificationsOfAQueueCanBeAwaited) {
    Pair pair;
    const NormalRegion a(pair.a, page_size, all_access);
    const NormalRegion b(pair.b, page_size, all_access);
    const auto piece = a.piece(0, 64);
    const auto notified = std::make_shared<int>(0);

    pair.a.initiator.notification().then([notified](auto result) {
        EXPECT_TRUE(result);
        ++*notified;
    });
    must(pair.a.qp.write(1, {&piece, 1}, b.remote()));
    ASSERT_TRUE(drive({&pair.a.session}, [&] { return *notified == 1; }));
    EXPECT_EQ(pair.a.done(), Status::success);
}

TEST_F(Async, ManyRequestsAtOnceAreAllAnswered) {
    constexpr int count = 200;
    const auto regions = std::make_shared<std::vector<ndk::MemoryRegion>>();
    const auto initialised = std::make_shared<int>(0);

    for (int i = 0; i < count; ++i)
        end_.pd.create_memory_region(ndk::MrKind::fast).then([regions](auto mr) {
            regions->push_back(must(std::move(mr)));
        });
    ASSERT_TRUE(drive({&end_.session}, [&] { return regions->size() == count; }));
    for (auto &mr : *regions)
        mr.initialize(8).then([initialised](auto result) {
            must(std::move(result));
            ++*initialised;
        });
    ASSERT_TRUE(drive({&end_.session}, [&] { return *initialised == count; }));
    for (const auto &mr : *regions)
        EXPECT_NE(must(mr.tokens()).remote, 0U);
}

} // namespace
