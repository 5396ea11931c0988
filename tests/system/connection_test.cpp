// SPDX-License-Identifier: GPL-2.0-only
// Listeners and connectors.
#include "system_test.hpp"

#include <algorithm>
#include <poll.h>
#include <sys/ioctl.h>

namespace {

using namespace ndk_test;
using ndk::Status;

std::vector<std::byte> bytes_of(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));

    return {bytes.begin(), bytes.end()};
}

bool starts_with(const std::vector<std::byte> &data, std::string_view text) {
    const auto wanted = bytes_of(text);

    return data.size() >= wanted.size() &&
           std::ranges::equal(std::span(data).first(wanted.size()), wanted);
}

class Connection : public SystemTest {
  protected:
    End a_, b_;
    std::vector<ndk::Connector> callers_;
    ndk::Listener listener_;
    ndk::Address local_ = must(ndk::Address::parse(place().address4));

    ndk::Address listen(std::uint16_t port = 0) {
        listener_ = must(b_.adapter
                             .create_listener([this](ndk::Connector caller) {
                                 callers_.push_back(std::move(caller));
                             })
                             .wait());
        must(listener_.listen(local_.with_port(port)).wait());
        return must(listener_.local_address());
    }

    /// Starts to connect; the answer comes where the result points.
    std::shared_ptr<std::optional<Status>> call(End &end, const ndk::Address &destination,
                                                const ndk::ConnectionOptions &options = {}) {
        auto answer = std::make_shared<std::optional<Status>>();

        end.connector = must(end.adapter.create_connector().wait());
        end.connector.connect(end.qp, local_.with_port(0), destination, options)
            .then([answer](auto result) { *answer = status_of(result); });
        return answer;
    }

    /// Accepts the first caller; the answer comes where the result points.
    std::shared_ptr<std::optional<Status>> accept(const ndk::ConnectionOptions &options = {}) {
        auto answer = std::make_shared<std::optional<Status>>();

        callers_[0].accept(b_.qp, options).then([answer](auto result) {
            *answer = status_of(result);
        });
        return answer;
    }

    static std::shared_ptr<std::optional<Status>> disconnect(End &end) {
        auto answer = std::make_shared<std::optional<Status>>();

        end.connector.disconnect().then([answer](auto result) { *answer = status_of(result); });
        return answer;
    }

    bool until(const std::function<bool()> &condition,
               std::chrono::milliseconds timeout = patience) {
        return drive({&a_.session, &b_.session}, condition, timeout);
    }
};

TEST_F(Connection, WorksOverIPv4) {
    connect(a_, b_, place().address4);
    expect_alive(a_, b_);
    expect_alive(b_, a_);
}

TEST_F(Connection, WorksOverIPv6) {
    connect(a_, b_, place().address6);
    expect_alive(a_, b_);
    expect_alive(b_, a_);
    EXPECT_EQ(must(a_.connector.peer_address()).family(), AF_INET6);
}

TEST_F(Connection, BothEndsKnowTheirAddresses) {
    const auto destination = listen();
    const auto connected = call(a_, destination);

    ASSERT_TRUE(until([&] { return !callers_.empty(); }));
    const auto accepted = accept();
    ASSERT_TRUE(until([&] { return connected->has_value(); }));
    must(a_.connector.complete_connect().wait());
    ASSERT_TRUE(until([&] { return accepted->has_value(); }));
    const auto a_local = must(a_.connector.local_address());
    const auto b_peer = must(callers_[0].peer_address());

    // Each end has its own port, which says whose address it is.
    EXPECT_EQ(must(a_.connector.peer_address()), destination);
    EXPECT_EQ(must(callers_[0].local_address()), destination);
    EXPECT_EQ(b_peer, a_local);
    EXPECT_EQ(a_local.with_port(0), local_);
    EXPECT_NE(a_local.port(), 0);
    EXPECT_NE(a_local, destination);
}

TEST_F(Connection, PrivateDataGoesBothWays) {
    const auto hello = bytes_of("hello");
    const auto welcome = bytes_of("welcome");
    const auto destination = listen();
    const auto connected = call(a_, destination, {.private_data = hello});

    ASSERT_TRUE(until([&] { return !callers_.empty(); }));
    const auto asked = must(callers_[0].connection_data());
    EXPECT_TRUE(starts_with(asked.private_data, "hello"));
    EXPECT_GT(asked.inbound_read_limit + asked.outbound_read_limit, 0U);
    const auto accepted = accept({.private_data = welcome});
    ASSERT_TRUE(until([&] { return connected->has_value(); }));
    ASSERT_EQ(**connected, Status::success);
    EXPECT_TRUE(starts_with(must(a_.connector.connection_data()).private_data, "welcome"));
    must(a_.connector.complete_connect().wait());
    ASSERT_TRUE(until([&] { return accepted->has_value(); }));
    EXPECT_EQ(**accepted, Status::success);
    expect_alive(a_, b_);
}

TEST_F(Connection, ReadLimitsOfEachEndMeetThoseOfTheOther) {
    const auto connected =
        call(a_, listen(), {.inbound_read_limit = 5, .outbound_read_limit = 3, .private_data = {}});

    ASSERT_TRUE(until([&] { return !callers_.empty(); }));
    const auto asked = must(callers_[0].connection_data());
    EXPECT_EQ(asked.inbound_read_limit, 3U);
    EXPECT_EQ(asked.outbound_read_limit, 5U);
    const auto accepted =
        accept({.inbound_read_limit = 2, .outbound_read_limit = 4, .private_data = {}});
    ASSERT_TRUE(until([&] { return connected->has_value(); }));
    const auto answered = must(a_.connector.connection_data());
    EXPECT_EQ(answered.inbound_read_limit, 4U);
    EXPECT_EQ(answered.outbound_read_limit, 2U);
    must(a_.connector.complete_connect().wait());
    EXPECT_TRUE(until([&] { return accepted->has_value(); }));
}

TEST_F(Connection, PrivateDataEndWhereTheirBufferDoes) {
    const auto hello = bytes_of("hello");
    const auto connected = call(a_, listen(), {.private_data = hello});
    std::vector<std::byte> buffer(512, std::byte{0xa5});
    ndk_get_connection_data command{};

    ASSERT_TRUE(until([&] { return !callers_.empty(); }));
    command.hdr.size = sizeof(command);
    command.connector_id = callers_[0].id();
    command.private_data = reinterpret_cast<std::uintptr_t>(buffer.data());
    command.private_data_length = 2;
    ASSERT_EQ(::ioctl(b_.session.fd(), NDK_IOCTL_GET_CONNECTION_DATA, &command), 0);
    EXPECT_EQ(Status{command.hdr.out_status}, Status::buffer_too_small);
    EXPECT_GE(command.out_private_data_length, hello.size());
    EXPECT_TRUE(std::ranges::equal(std::span(buffer).first(2), std::span(hello).first(2)));
    EXPECT_TRUE(std::ranges::all_of(std::span(buffer).subspan(2),
                                    [](auto byte) { return byte == std::byte{0xa5}; }));
}

TEST_F(Connection, BacklogIsOfCallersThatNobodyHasReadOf) {
    listener_ =
        must(b_.adapter
                 .create_listener(
                     [this](ndk::Connector caller) { callers_.push_back(std::move(caller)); }, 1)
                 .wait());
    must(listener_.listen(local_).wait());
    const auto destination = must(listener_.local_address());

    for (int round = 0; round < 2; ++round) {
        End other;
        const auto first = call(a_, destination);
        pollfd readable{.fd = b_.session.fd(), .events = POLLIN, .revents = 0};

        // It is there, but nobody has read of it.
        ASSERT_EQ(::poll(&readable, 1, 30'000), 1) << "round " << round;
        const auto second = call(other, destination);
        ASSERT_TRUE(drive({&other.session}, [&] { return second->has_value(); }));
        EXPECT_EQ(**second, Status::connection_refused);
        EXPECT_FALSE(first->has_value());
        ASSERT_TRUE(until([&] { return !callers_.empty(); }));
        callers_.clear();
        ASSERT_TRUE(until([&] { return first->has_value(); }));
        EXPECT_EQ(**first, Status::connection_refused);
        a_.renew();
    }
}

TEST_F(Connection, TooMuchPrivateDataIsRefused) {
    const std::vector<std::byte> much(must(a_.adapter.info()).max_caller_data + 1);
    const auto destination = listen();
    auto connector = must(a_.adapter.create_connector().wait());

    EXPECT_EQ(
        status_of(connector.connect(a_.qp, local_, destination, {.private_data = much}).wait()),
        Status::invalid_parameter);
    const std::vector<std::byte> most(must(a_.adapter.info()).max_caller_data);
    const auto connected = call(a_, destination, {.private_data = most});
    ASSERT_TRUE(until([&] { return !callers_.empty(); }));
}

TEST_F(Connection, NobodyListeningIsARefusal) {
    const auto port = must([&] {
                          const auto destination = listen();
                          must(listener_.close().wait());
                          return ndk::Result<ndk::Address>(destination);
                      }())
                          .port();
    auto connector = must(a_.adapter.create_connector().wait());

    EXPECT_EQ(status_of(connector.connect(a_.qp, local_, local_.with_port(port)).wait()),
              Status::connection_refused);
}

TEST_F(Connection, RejectionBringsItsPrivateData) {
    const auto sorry = bytes_of("sorry");
    const auto connected = call(a_, listen());

    ASSERT_TRUE(until([&] { return !callers_.empty(); }));
    must(callers_[0].reject(sorry));
    ASSERT_TRUE(until([&] { return connected->has_value(); }));
    EXPECT_EQ(**connected, Status::connection_refused);
    EXPECT_TRUE(starts_with(must(a_.connector.connection_data()).private_data, "sorry"));
}

TEST_F(Connection, CallerThatNobodyKeepsIsRefused) {
    const auto destination = listen();
    const auto connected = call(a_, destination);

    ASSERT_TRUE(until([&] { return !callers_.empty(); }));
    callers_.clear();
    ASSERT_TRUE(until([&] { return connected->has_value(); }));
    EXPECT_EQ(**connected, Status::connection_refused);
}

TEST_F(Connection, ConnectingEndMayRejectToo) {
    const auto destination = listen();
    const auto connected = call(a_, destination);

    ASSERT_TRUE(until([&] { return !callers_.empty(); }));
    const auto accepted = accept();
    ASSERT_TRUE(until([&] { return connected->has_value(); }));
    ASSERT_EQ(**connected, Status::success);
    must(a_.connector.reject());
    ASSERT_TRUE(until([&] { return accepted->has_value(); }));
    EXPECT_NE(**accepted, Status::success);
}

TEST_F(Connection, PausedListenerRefusesAndGoesOn) {
    const auto destination = listen();

    must(listener_.pause(true));
    const auto refused = call(a_, destination);
    ASSERT_TRUE(until([&] { return refused->has_value(); }));
    EXPECT_EQ(**refused, Status::connection_refused);
    EXPECT_TRUE(callers_.empty());
    must(listener_.pause(false));
    a_.renew();
    const auto connected = call(a_, destination);
    EXPECT_TRUE(until([&] { return !callers_.empty(); }));
}

TEST_F(Connection, PortInUseIsASharingViolation) {
    const auto destination = listen();
    auto second = must(b_.adapter.create_listener({}).wait());

    EXPECT_EQ(status_of(second.listen(destination).wait()), Status::sharing_violation);
    must(listener_.close().wait());
    must(second.listen(destination).wait());
}

TEST_F(Connection, AddressOfAnotherMachineIsInvalid) {
    auto listener = must(b_.adapter.create_listener({}).wait());

    EXPECT_EQ(status_of(listener.listen(must(ndk::Address::parse("198.51.100.7"))).wait()),
              Status::invalid_address);
}

TEST_F(Connection, AcceptAfterTheCallerIsGoneIsAnAbort) {
    const auto destination = listen();
    const auto connected = call(a_, destination);

    ASSERT_TRUE(until([&] { return !callers_.empty(); }));
    a_.connector = {};
    a_.qp = {};
    const auto result = callers_[0].accept(b_.qp).wait();
    EXPECT_TRUE(status_of(result) == Status::connection_aborted ||
                status_of(result) == Status::io_timeout)
        << to_string(status_of(result));
}

TEST_F(Connection, DisconnectReachesThePeerAndIsAnswered) {
    connect(a_, b_);
    const auto a_done = disconnect(a_);
    ASSERT_TRUE(until([&] { return b_.disconnected; }));
    const auto b_done = disconnect(b_);
    ASSERT_TRUE(until([&] { return a_done->has_value() && b_done->has_value(); }));
    EXPECT_EQ(**a_done, Status::success);
    EXPECT_EQ(**b_done, Status::success);
    const NormalRegion local(a_, 64, all_access);
    const auto piece = local.piece(0, 64);
    EXPECT_EQ(status_of(a_.qp.send(1, {&piece, 1})), Status::connection_invalid);
}

/// Asks for another disconnect event of a connection that has one.
template <class C> void ask_again(End &end, unsigned long request, C command) {
    command.hdr.size = sizeof(command);
    command.connector_id = end.connector.id();
    command.event_data = 0xbad;
    ASSERT_EQ(::ioctl(end.session.fd(), request, &command), 0);
    EXPECT_NE(command.hdr.out_status, STATUS_SUCCESS);
}

TEST_F(Connection, RefusedRequestsLeaveTheDisconnectEventAsItIs) {
    ndk_accept accept{};

    accept.qp_id = a_.qp.id();
    connect(a_, b_);
    ask_again(a_, NDK_IOCTL_COMPLETE_CONNECT, ndk_complete_connect{});
    ask_again(a_, NDK_IOCTL_ACCEPT, accept);
    must(b_.connector.disconnect().wait());
    EXPECT_TRUE(drive(
        {&a_.session}, [&] { return a_.disconnected; }, 5s));

    a_.renew();
    b_.renew();
    connect(a_, b_);
    accept.qp_id = b_.qp.id();
    ask_again(b_, NDK_IOCTL_ACCEPT, accept);
    ask_again(b_, NDK_IOCTL_COMPLETE_CONNECT, ndk_complete_connect{});
    must(a_.connector.disconnect().wait());
    EXPECT_TRUE(drive(
        {&b_.session}, [&] { return b_.disconnected; }, 5s));
}

TEST_F(Connection, LocalAddressMayBeLeftToTheProvider) {
    local_ = {};
    const auto wildcard = must(ndk::Address::parse(place().address4));
    listener_ = must(b_.adapter
                         .create_listener([this](ndk::Connector caller) {
                             callers_.push_back(std::move(caller));
                         })
                         .wait());
    must(listener_.listen(wildcard).wait());
    const auto connected = call(a_, must(listener_.local_address()));

    ASSERT_TRUE(until([&] { return !callers_.empty() || connected->has_value(); }));
    ASSERT_FALSE(connected->has_value()) << to_string(**connected);
    EXPECT_EQ(must(a_.connector.local_address()).with_port(0), wildcard);
}

TEST_F(Connection, PeersSessionGoneIsADisconnectAndNothingIsFlushedByItself) {
    auto peer = std::make_unique<End>();
    ndk::Completion completion;

    connect(a_, *peer);
    const NormalRegion local(a_, 64, all_access);
    const auto piece = local.piece(0, 64);
    must(a_.qp.receive(1, {&piece, 1}));
    peer.reset();
    ASSERT_TRUE(until([&] { return a_.disconnected; }));
    EXPECT_EQ(must(a_.receives.poll({&completion, 1})), 0U);
    must(a_.qp.flush());
    EXPECT_EQ(a_.next_receive().status, Status::cancelled);
    const auto posted = a_.qp.write(2, {&piece, 1}, {1, 2});
    if (posted)
        EXPECT_EQ(a_.done(), Status::cancelled);
    else
        EXPECT_EQ(status_of(posted), Status::connection_invalid);
}

TEST_F(Connection, ListenerClosedWithConnectsInFlight) {
    std::vector<std::unique_ptr<End>> ends;
    std::vector<std::shared_ptr<std::optional<Status>>> answers;
    const auto destination = listen();

    for (int i = 0; i < 8; ++i) {
        ends.push_back(std::make_unique<End>());
        answers.push_back(call(*ends.back(), destination));
    }
    listener_.close().then([](auto) {});
    callers_.clear();
    for (std::size_t i = 0; i < ends.size(); ++i) {
        ASSERT_TRUE(drive({&b_.session, &ends[i]->session},
                          [&] {
                              callers_.clear();
                              return answers[i]->has_value();
                          }))
            << "caller " << i;
        EXPECT_NE(**answers[i], Status::success);
    }
}

TEST_F(Connection, ManyConnectionsOneAfterAnother) {
    for (int round = 0; round < 20; ++round) {
        connect(a_, b_);
        expect_alive(a_, b_);
        a_.renew();
        b_.renew();
    }
}

} // namespace
