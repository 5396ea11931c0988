// SPDX-License-Identifier: GPL-2.0-only
// What the door refuses of commands that make connections, before NDKPI is asked,
// in each state of a connection that is then made all the same.
#include "answer.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace {

using namespace ndk_test;
using ndk::Status;

constexpr std::uint32_t unknown_flag = NDK_CONNECT_EX << 1;

/// A request that is not refused although it should be waits for the peer, so do
/// not wait for it.
template <class C> C unawaited() {
    C command{};

    command.hdr.flags = NDK_FLAG_ASYNC;
    return command;
}

/// The steps of a connection, one at a time.
struct Steps {
    // What is answered, also when the ends go with requests under way.
    std::optional<Status> connected;
    std::optional<Status> accepted;
    const ndk::Address local = must(ndk::Address::parse(place().address4));
    End a, b;
    ndk::Listener listener = must(
        b.adapter
            .create_listener([this](ndk::Connector caller) { b.connector = std::move(caller); })
            .wait());
    ndk::Address destination;

    explicit Steps(const EndOptions &options = {}) : a(options), b(options) {
        must(listener.listen(local).wait());
        destination = must(listener.local_address());
        a.connector = must(a.adapter.create_connector().wait());
    }

    bool until(const std::function<bool()> &condition) {
        return drive({&a.session, &b.session}, condition);
    }
    void connect() {
        a.connector.connect(a.qp, local, destination).then([this](auto result) {
            connected = status_of(result);
        });
        ASSERT_TRUE(until([this] { return static_cast<bool>(b.connector); }));
    }
    void accept() {
        b.connector.accept(b.qp).then([this](auto result) { accepted = status_of(result); });
        ASSERT_TRUE(until([this] { return connected.has_value(); }));
        ASSERT_EQ(*connected, Status::success);
    }
    void complete() {
        must(a.connector.complete_connect().wait());
        ASSERT_TRUE(until([this] { return accepted.has_value(); }));
        ASSERT_EQ(*accepted, Status::success);
        expect_alive(a, b);
    }
};

ndk_address wire(const ndk::Address &address) {
    ndk_address to{};

    to.length = static_cast<std::uint32_t>(address.bytes().size());
    std::ranges::copy(address.bytes(), std::as_writable_bytes(std::span(to.data)).begin());
    return to;
}

template <class C> std::vector<Mistake<C>> private_data_mistakes() {
    constexpr std::uint32_t much = NDK_PRIVATE_DATA_MAX + 1;

    return {{[](auto &c) { c.private_data_length = much; },
             refused(EINVAL, "private_data_length", much, NDK_PRIVATE_DATA_MAX)},
            {[](auto &c) { c.private_data_length = 1, c.private_data = no_address; },
             refused(EFAULT, "private_data", no_address)}};
}

class RefusalConnection : public SystemTest {
  protected:
    Steps steps_;
    End &a_ = steps_.a;
    End &b_ = steps_.b;
};

TEST_F(RefusalConnection, ConnectIsMadeOnTheSameConnectorLater) {
    constexpr std::uint32_t room = sizeof(ndk_address::data);
    auto right = unawaited<ndk_connect>();

    right.connector_id = a_.connector.id();
    right.qp_id = a_.qp.id();
    right.source = wire(steps_.local);
    right.destination = wire(steps_.destination);
    expect_id_checked(a_.session, NDK_IOCTL_CONNECT, right, &ndk_connect::connector_id,
                      "connector_id", a_.pd.id());
    expect_id_checked(a_.session, NDK_IOCTL_CONNECT, right, &ndk_connect::qp_id, "qp_id",
                      a_.pd.id());
    expect_refused(a_.session, NDK_IOCTL_CONNECT, right, private_data_mistakes<ndk_connect>());
    expect_refused(
        a_.session, NDK_IOCTL_CONNECT, right,
        {{[](auto &c) { c.source.length = room + 1; }, refused(EINVAL, "source", room + 1, room)},
         {[](auto &c) { c.destination.length = room + 1; },
          refused(EINVAL, "destination", room + 1, room)},
         {[](auto &c) { c.destination.__reserved = 5; },
          refused(EINVAL, "address.__reserved", 5)}});
    steps_.connect();
    steps_.accept();
    steps_.complete();
}

TEST_F(RefusalConnection, ConnectGoesByASharedEndpointOrBySource) {
    auto with_endpoint = unawaited<ndk_connect>();

    with_endpoint.connector_id = a_.connector.id();
    with_endpoint.qp_id = a_.qp.id();
    with_endpoint.shared_endpoint_id = no_id;
    with_endpoint.destination = wire(steps_.destination);
    const auto source = wire(steps_.local);
    expect_refused(
        a_.session, NDK_IOCTL_CONNECT, with_endpoint,
        {{[&](auto &c) { c.source = source; }, refused(EINVAL, "source", source.length)}});
    // The provider has no shared endpoints, so there is no right one.
    expect_id_checked(a_.session, NDK_IOCTL_CONNECT, with_endpoint,
                      &ndk_connect::shared_endpoint_id, "shared_endpoint_id", a_.pd.id());
    steps_.connect();
}

TEST_F(RefusalConnection, AcceptIsMadeOnTheSameConnectorLater) {
    auto right = unawaited<ndk_accept>();

    steps_.connect();
    right.connector_id = b_.connector.id();
    right.qp_id = b_.qp.id();
    expect_id_checked(b_.session, NDK_IOCTL_ACCEPT, right, &ndk_accept::connector_id,
                      "connector_id", b_.pd.id());
    expect_id_checked(b_.session, NDK_IOCTL_ACCEPT, right, &ndk_accept::qp_id, "qp_id", b_.pd.id());
    expect_refused(b_.session, NDK_IOCTL_ACCEPT, right, private_data_mistakes<ndk_accept>());
    expect_refused(b_.session, NDK_IOCTL_ACCEPT, right,
                   {{[](auto &c) { c.connect_flags = unknown_flag; },
                     refused(EOPNOTSUPP, "connect_flags", unknown_flag, NDK_CONNECT_EX)}});
    steps_.accept();
    steps_.complete();
}

TEST_F(RefusalConnection, RejectIsMadeOnTheSameConnectorLater) {
    ndk_reject right{};

    steps_.connect();
    right.connector_id = b_.connector.id();
    expect_id_checked(b_.session, NDK_IOCTL_REJECT, right, &ndk_reject::connector_id,
                      "connector_id", b_.pd.id());
    expect_refused(b_.session, NDK_IOCTL_REJECT, right, private_data_mistakes<ndk_reject>());
    EXPECT_FALSE(steps_.connected);
    EXPECT_EQ(ask(b_.session, NDK_IOCTL_REJECT, right), accepted);
    ASSERT_TRUE(steps_.until([&] { return steps_.connected.has_value(); }));
    EXPECT_EQ(*steps_.connected, Status::connection_refused);
}

TEST_F(RefusalConnection, CompleteConnectIsMadeOnTheSameConnectorLater) {
    auto right = unawaited<ndk_complete_connect>();

    steps_.connect();
    steps_.accept();
    right.connector_id = a_.connector.id();
    expect_id_checked(a_.session, NDK_IOCTL_COMPLETE_CONNECT, right,
                      &ndk_complete_connect::connector_id, "connector_id", a_.pd.id());
    expect_refused(a_.session, NDK_IOCTL_COMPLETE_CONNECT, right,
                   {{[](auto &c) { c.connect_flags = unknown_flag; },
                     refused(EOPNOTSUPP, "connect_flags", unknown_flag, NDK_CONNECT_EX)}});
    steps_.complete();
}

TEST_F(RefusalConnection, AddressesAreThoseOfConnectorsAndListeners) {
    constexpr std::uint32_t room = sizeof(ndk_address::data);
    auto listener = must(a_.adapter.create_listener({}).wait());
    ndk_get_address right{};

    must(listener.listen(steps_.local).wait());
    connect(a_, b_);
    right.address.length = room;
    right.id = listener.id();
    expect_refused(
        a_.session, NDK_IOCTL_GET_LOCAL_ADDRESS, right,
        {{[](auto &c) { c.address.length = room + 1; }, refused(EINVAL, "address", room + 1, room)},
         {[](auto &c) { c.address.__reserved = 5; }, refused(EINVAL, "address.__reserved", 5)}});
    expect_id_checked(a_.session, NDK_IOCTL_GET_LOCAL_ADDRESS, right, &ndk_get_address::id, "id",
                      a_.pd.id());
    EXPECT_EQ(ask(a_.session, NDK_IOCTL_GET_LOCAL_ADDRESS, right), accepted);
    EXPECT_EQ(right.address.length, steps_.local.bytes().size());

    right.address.length = room;
    right.id = a_.connector.id();
    expect_id_checked(a_.session, NDK_IOCTL_GET_PEER_ADDRESS, right, &ndk_get_address::id, "id",
                      listener.id());
    EXPECT_EQ(ask(a_.session, NDK_IOCTL_GET_PEER_ADDRESS, right), accepted);
    EXPECT_EQ(right.address.length, steps_.local.bytes().size());
}

TEST_F(RefusalConnection, AddressesNeedTheirRoom) {
    const auto size = static_cast<std::uint32_t>(steps_.local.bytes().size());
    ndk_get_address small{};

    small.id = steps_.listener.id();
    small.address.length = size - 1;
    EXPECT_EQ(ask(b_.session, NDK_IOCTL_GET_LOCAL_ADDRESS, small),
              refused(Status::buffer_too_small, "pAddressLength", size - 1, size));
    EXPECT_EQ(small.address.length, size);
    EXPECT_TRUE(std::ranges::all_of(small.address.data, [](auto word) { return word == 0; }));
    EXPECT_EQ(ask(b_.session, NDK_IOCTL_GET_LOCAL_ADDRESS, small), accepted);
    EXPECT_EQ(small.address.length, size);
}

TEST_F(RefusalConnection, ListenerPausesOrNot) {
    ndk_control_connect_events right{};

    right.listener_id = steps_.listener.id();
    expect_id_checked(b_.session, NDK_IOCTL_CONTROL_CONNECT_EVENTS, right,
                      &ndk_control_connect_events::listener_id, "listener_id", b_.pd.id());
    expect_refused(b_.session, NDK_IOCTL_CONTROL_CONNECT_EVENTS, right,
                   {{[](auto &c) { c.pause = 2; }, refused(EINVAL, "pause", 2, 1)}});
    EXPECT_EQ(ask(b_.session, NDK_IOCTL_CONTROL_CONNECT_EVENTS, right), accepted);
    steps_.connect();
}

/// The Ex forms, which this provider does not offer.
class RefusalEx : public SystemTest {
  protected:
    /// More private data than a connection carries, but not more than the door takes.
    static ndk_accept &too_much(ndk_accept &accept) {
        static const std::vector<std::byte> data(NDK_PRIVATE_DATA_MAX);
        static ndk_accept command;

        command = accept;
        command.private_data = reinterpret_cast<std::uintptr_t>(data.data());
        command.private_data_length = NDK_PRIVATE_DATA_MAX;
        return command;
    }

    /// Asks for each of them, and then for the other form, which is granted.
    static void expect_not_supported(ndk::Version version, const char *accept_ex,
                                     const char *complete_connect_ex) {
        Steps steps({.version = version});
        auto accept = unawaited<ndk_accept>();
        auto complete = unawaited<ndk_complete_connect>();

        steps.connect();
        accept.connector_id = steps.b.connector.id();
        accept.qp_id = steps.b.qp.id();
        // A refusal of something else is not passed off as this one's.
        EXPECT_EQ(ask(steps.b.session, NDK_IOCTL_ACCEPT, too_much(accept)).status,
                  Status::invalid_parameter);
        accept.connect_flags = NDK_CONNECT_EX;
        EXPECT_EQ(ask(steps.b.session, NDK_IOCTL_ACCEPT, accept),
                  refused(Status::not_supported, accept_ex));
        steps.accept();

        complete.connector_id = steps.a.connector.id();
        complete.connect_flags = NDK_CONNECT_EX;
        EXPECT_EQ(ask(steps.a.session, NDK_IOCTL_COMPLETE_CONNECT, complete),
                  refused(Status::not_supported, complete_connect_ex));
        steps.complete();
    }
};

TEST_F(RefusalEx, OfTheProviderWhereThereAreSuchSlots) {
    expect_not_supported({2, 1}, "NdkAcceptEx", "NdkCompleteConnectEx");
}

TEST_F(RefusalEx, OfTheDoorWhereThereAreNone) {
    // The tables of 1.2 must not be read there; NDKPI has nothing to name.
    expect_not_supported({1, 2}, "", "");
}

} // namespace
