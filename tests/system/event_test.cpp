// SPDX-License-Identifier: GPL-2.0-only
// What read() returns, member by member and byte by byte.
#include "answer.hpp"
#include "system_test.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace ndk_test;
using ndk::Notify;
using ndk::Status;

/// All that can be read now.
std::vector<ndk_event> unread(const End &end) {
    std::array<ndk_event, 8> events{};
    std::vector<ndk_event> all;
    ssize_t bytes = 0;

    while ((bytes = ::read(end.session.fd(), events.data(), sizeof(events))) > 0)
        all.insert(all.end(), events.begin(),
                   events.begin() + bytes / static_cast<ssize_t>(sizeof(ndk_event)));
    EXPECT_EQ(errno, EAGAIN);
    return all;
}

void wait_readable(const End &end) {
    pollfd readable{.fd = end.session.fd(), .events = POLLIN, .revents = 0};

    ASSERT_EQ(::poll(&readable, 1, 30'000), 1);
}

class Notification : public SystemTest {
  protected:
    /// Of the initiator queue.
    static bool is_of(const ndk_event &event, const End &end) {
        return event.type == NDK_EVENT_CQ_NOTIFICATION && event.object_id == end.initiator.id();
    }
};

TEST_F(Notification, ThoseThatNobodyHasReadAreCounted) {
    Pair pair;
    const NormalRegion local(pair.a, 64, all_access);
    const NormalRegion remote(pair.b, 64, all_access);
    const auto piece = local.piece(0, 64);
    const auto end = std::chrono::steady_clock::now() + 5s;
    std::uint64_t count = 0;

    for (std::uint64_t i = 0; i < 2; ++i) {
        must(pair.a.initiator.arm());
        must(pair.a.qp.write(i, {&piece, 1}, remote.remote()));
        wait_readable(pair.a);
        // The second one is merged with the first: nothing tells when.
        std::this_thread::sleep_for(50ms);
    }
    while (count < 2 && std::chrono::steady_clock::now() < end) {
        for (const auto &event : unread(pair.a)) {
            ASSERT_TRUE(is_of(event, pair.a));
            EXPECT_EQ(event.object_kind, static_cast<std::uint32_t>(NDK_KIND_CQ));
            EXPECT_EQ(event.status, STATUS_SUCCESS);
            count += event.value[0];
        }
        std::this_thread::yield();
    }
    EXPECT_EQ(count, 2U);
}

TEST_F(Notification, MergedOnesHaveTheWorstStatus) {
    EndOptions options;
    options.cq_depth = 2;
    Pair pair(options);
    const NormalRegion local(pair.a, 64, all_access);
    const NormalRegion remote(pair.b, 64, all_access);
    const auto piece = local.piece(0, 64);

    must(pair.a.initiator.arm());
    must(pair.a.qp.write(0, {&piece, 1}, remote.remote()));
    wait_readable(pair.a);
    must(pair.a.initiator.arm(Notify::errors));
    // One more than there is room for; nobody takes them.
    for (std::uint64_t i = 1; i < 3; ++i)
        must(pair.a.qp.write(i, {&piece, 1}, remote.remote()));
    ASSERT_TRUE(drive({&pair.b.session}, [&] { return pair.b.disconnected; }));

    const auto events = unread(pair.a);
    const auto found =
        std::ranges::find_if(events, [&](const auto &event) { return is_of(event, pair.a); });
    ASSERT_NE(found, events.end());
    EXPECT_EQ(Status{found->status}, Status::buffer_overflow);
    EXPECT_EQ(found->value[0], 2U);
}

/// Domains whose close waits for a region in them.
class Event : public SystemTest {
  protected:
    struct Waiting {
        std::uint32_t pd, mr;
    };
    End end_;

    std::uint32_t create(unsigned long request, std::uint32_t parent) {
        ndk_create command{};

        command.parent_id = parent;
        EXPECT_EQ(ask(end_.session, request, command), accepted);
        return command.out_id;
    }

    Waiting waiting(std::uint64_t user_data) {
        Waiting w{};

        w.pd = create(NDK_IOCTL_CREATE_PD, end_.adapter.id());
        w.mr = create(NDK_IOCTL_CREATE_MR, w.pd);
        begin(end_, NDK_IOCTL_CLOSE, w.pd, user_data);
        return w;
    }

    static void begin(const End &end, unsigned long request, std::uint32_t id,
                      std::uint64_t user_data) {
        ndk_object command{};

        command.hdr.size = sizeof(command);
        command.hdr.flags = NDK_FLAG_ASYNC;
        command.hdr.user_data = user_data;
        command.id = id;
        ASSERT_EQ(::ioctl(end.session.fd(), request, &command), 0);
        ASSERT_EQ(command.hdr.out_status, STATUS_PENDING);
    }

    /// Then the close of the domain ends, too.
    void close(const Waiting &w) {
        ndk_object command{};

        command.id = w.mr;
        EXPECT_EQ(ask(end_.session, NDK_IOCTL_CLOSE, command), accepted);
    }
};

TEST_F(Event, NamesTheObjectThatWasClosed) {
    const auto w = waiting(11);

    close(w);
    wait_readable(end_);
    const auto events = unread(end_);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events[0].size, sizeof(ndk_event));
    EXPECT_EQ(events[0].type, static_cast<std::uint32_t>(NDK_EVENT_COMPLETION));
    EXPECT_EQ(events[0].user_data, 11U);
    EXPECT_EQ(events[0].object_id, w.pd);
    EXPECT_EQ(events[0].object_kind, static_cast<std::uint32_t>(NDK_KIND_PD));
    EXPECT_EQ(events[0].command, static_cast<std::uint32_t>(NDK_CMD_CLOSE));
    EXPECT_EQ(events[0].status, STATUS_SUCCESS);
}

TEST_F(Event, NamesTheObjectThatWasAsked) {
    Pair pair;
    bool answered = false;

    begin(pair.a, NDK_IOCTL_DISCONNECT, pair.a.connector.id(), 12);
    ASSERT_TRUE(drive({&pair.b.session}, [&] { return pair.b.disconnected; }));
    pair.b.connector.disconnect().then([&](auto) { answered = true; });
    ASSERT_TRUE(drive({&pair.b.session}, [&] { return answered; }));
    wait_readable(pair.a);
    const auto events = unread(pair.a);
    const auto found = std::ranges::find(events, 12U, &ndk_event::user_data);
    ASSERT_NE(found, events.end());
    EXPECT_EQ(found->type, static_cast<std::uint32_t>(NDK_EVENT_COMPLETION));
    EXPECT_EQ(found->object_id, pair.a.connector.id());
    EXPECT_EQ(found->object_kind, static_cast<std::uint32_t>(NDK_KIND_CONNECTOR));
    EXPECT_EQ(found->command, static_cast<std::uint32_t>(NDK_CMD_DISCONNECT));
}

TEST_F(Event, ReadReturnsAsManyWholeOnesAsFit) {
    constexpr std::size_t size = sizeof(ndk_event);
    constexpr auto untouched = std::byte{0xa5};
    const std::array all{waiting(1), waiting(2), waiting(3)};
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    epoll_event interest{.events = EPOLLIN | EPOLLET, .data = {}};
    std::array<std::byte, 3 * size> bytes{};
    std::array<ndk_event, 2> events{};
    // Each edge is an event more.
    const auto close_one = [&](const Waiting &w) {
        epoll_event seen{};

        close(w);
        ASSERT_EQ(::epoll_wait(epoll, &seen, 1, 30'000), 1);
    };

    ASSERT_EQ(::epoll_ctl(epoll, EPOLL_CTL_ADD, end_.session.fd(), &interest), 0);
    close_one(all[0]);
    close_one(all[1]);
    bytes.fill(untouched);
    ASSERT_EQ(::read(end_.session.fd(), bytes.data(), size + size / 2), static_cast<ssize_t>(size));
    EXPECT_TRUE(std::ranges::all_of(std::span(bytes).subspan(size),
                                    [](auto byte) { return byte == untouched; }));
    std::memcpy(events.data(), bytes.data(), size);
    EXPECT_EQ(events[0].user_data, 1U);

    close_one(all[2]);
    ASSERT_EQ(::read(end_.session.fd(), events.data(), 2 * size), static_cast<ssize_t>(2 * size));
    EXPECT_EQ(events[0].user_data, 2U);
    EXPECT_EQ(events[1].user_data, 3U);
    EXPECT_TRUE(unread(end_).empty());
    ::close(epoll);
}

} // namespace
