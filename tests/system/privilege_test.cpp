// SPDX-License-Identifier: GPL-2.0-only
// What the door keeps from those who may open it: low ports, the network of
// others, and more objects than there should be.
#include "system_test.hpp"

#include <cerrno>
#include <cstring>
#include <linux/capability.h>
#include <sched.h>
#include <sys/ioctl.h>

namespace {

using namespace ndk_test;
using ndk::Status;

class Ports : public SystemTest {
  protected:
    static ndk::Address at(std::uint16_t port) {
        return must(ndk::Address::parse(place().address4, port));
    }

    static ndk::Result<void> listen(std::uint16_t port) {
        const auto session = must(ndk::Session::open(place().device));
        auto adapter = must(session.open_adapter(place().adapter));
        auto listener = must(adapter.create_listener({}).wait());

        return listener.listen(at(port)).wait();
    }

    static ndk::Result<void> connect_from(std::uint16_t port) {
        End end;
        auto connector = must(end.adapter.create_connector().wait());

        return connector.connect(end.qp, at(port), at(5)).wait();
    }

    template <class T> static bool forbidden(const ndk::Result<T> &result, std::uint16_t port) {
        return errno_of(result) == EACCES && result.error().refusal().argument == "port" &&
               result.error().refusal().value == port;
    }
};

TEST_F(Ports, LowOnesNeedTheCapabilityToListen) {
    must(listen(1023));
    EXPECT_EQ(without_capability(CAP_NET_BIND_SERVICE,
                                 [] {
                                     if (!forbidden(listen(1023), 1023))
                                         return 1;
                                     if (!forbidden(listen(1), 1))
                                         return 2;
                                     must(listen(1024));
                                     must(listen(0));
                                     return 0;
                                 }),
              0);
}

TEST_F(Ports, LowOnesNeedTheCapabilityToConnectFrom) {
    EXPECT_EQ(status_of(connect_from(1023)), Status::connection_refused);
    EXPECT_EQ(without_capability(CAP_NET_BIND_SERVICE,
                                 [] {
                                     if (!forbidden(connect_from(1023), 1023))
                                         return 1;
                                     // The peer's port is anybody's.
                                     return status_of(connect_from(0)) == Status::connection_refused
                                                ? 0
                                                : 2;
                                 }),
              0);
}

TEST_F(Ports, LowOnesNeedTheCapabilityForASharedEndpoint) {
    EXPECT_EQ(without_capability(CAP_NET_BIND_SERVICE,
                                 [] {
                                     const auto session = must(ndk::Session::open(place().device));
                                     auto adapter = must(session.open_adapter(place().adapter));
                                     const auto address = at(1023);
                                     ndk_create_shared_endpoint command{};

                                     command.hdr.size = sizeof(command);
                                     command.adapter_id = adapter.id();
                                     command.address.length =
                                         static_cast<std::uint32_t>(address.bytes().size());
                                     std::memcpy(command.address.data, address.bytes().data(),
                                                 address.bytes().size());
                                     return ::ioctl(session.fd(), NDK_IOCTL_CREATE_SHARED_ENDPOINT,
                                                    &command) == -1 &&
                                                    errno == EACCES
                                                ? 0
                                                : 1;
                                 }),
              0);
}

class Namespace : public SystemTest {};

TEST_F(Namespace, NobodyOpensTheDoorFromAnotherNetwork) {
    EXPECT_EQ(in_child([] {
                  if (::unshare(CLONE_NEWNET) != 0)
                      return 1;
                  const auto session = ndk::Session::open(place().device);
                  return errno_of(session) == EPERM ? 0 : 2;
              }),
              0);
}

TEST_F(Namespace, NobodyUsesFromAnotherNetworkWhatWasOpenedInOurs) {
    EXPECT_EQ(in_child([] {
                  End end;
                  auto listener = must(end.adapter.create_listener({}).wait());

                  if (::unshare(CLONE_NEWNET) != 0)
                      return 1;
                  const auto refused =
                      listener.listen(must(ndk::Address::parse(place().address4))).wait();
                  if (errno_of(refused) != EPERM)
                      return 2;
                  if (refused.error().refusal().argument != "network namespace")
                      return 3;
                  if (errno_of(end.session.adapters()) != EPERM)
                      return 4;
                  if (errno_of(end.adapter.create_protection_domain().wait()) != EPERM)
                      return 5;
                  must(end.session.close());
                  return 0;
              }),
              0);
}

class Objects : public SystemTest {
  protected:
    static constexpr std::string_view limit = "objects of the file";
};

TEST_F(Objects, AreLimitedPerFile) {
    const Buffer buffer(page_size);
    int callers = 0;
    auto session = must(ndk::Session::open(place().device));
    auto adapter = must(session.open_adapter(place().adapter));
    std::vector<ndk::Memory> memories;

    memories.reserve(NDK_OBJECTS_MAX);
    while (memories.size() < NDK_OBJECTS_MAX - 1)
        memories.push_back(must(session.pin(buffer.bytes())));

    const auto pinned = session.pin(buffer.bytes());
    ASSERT_EQ(errno_of(pinned), EMFILE);
    EXPECT_EQ(pinned.error().refusal().argument, limit);
    EXPECT_EQ(pinned.error().refusal().limit, NDK_OBJECTS_MAX);
    EXPECT_EQ(errno_of(session.open_adapter(place().adapter)), EMFILE);
    EXPECT_EQ(errno_of(adapter.create_protection_domain().wait()), EMFILE);
    EXPECT_EQ(errno_of(adapter.create_listener({}).wait()), EMFILE);
    EXPECT_EQ(errno_of(adapter.build_lam(memories.front()).wait()), EMFILE);

    // One less makes room for one more, and other files have their own.
    must(memories.back().unpin());
    auto listener = must(adapter.create_listener([&](ndk::Connector) { ++callers; }).wait());
    End other;

    // A peer that asks for a connection is refused: there is no room for it.
    const auto local = must(ndk::Address::parse(place().address4));
    must(listener.listen(local).wait());
    other.connector = must(other.adapter.create_connector().wait());
    EXPECT_EQ(
        status_of(other.connector.connect(other.qp, local, must(listener.local_address())).wait()),
        Status::connection_refused);
    must(session.dispatch());
    EXPECT_EQ(callers, 0);
}

TEST_F(Objects, RequestsThatAreDoneMakeRoomForOthers) {
    End end;
    const auto mr = must(end.pd.create_memory_region(ndk::MrKind::fast).wait());
    // So many may be pending, or done and not read: NDK_CTL_MAX_REQUESTS in kmod/ctl/ctl.h.
    constexpr unsigned requests_max = 65'536;
    ndk_initialize_mr refused{};

    // One more, and each done at once: no pages are none.
    for (unsigned i = 0; i <= requests_max; ++i) {
        refused.hdr.size = sizeof(refused);
        refused.mr_id = mr.id();
        ASSERT_EQ(::ioctl(end.session.fd(), NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, &refused), 0)
            << "request " << i;
        ASSERT_EQ(Status{refused.hdr.out_status}, Status::invalid_parameter);
    }
}

/// Creates as many as there may be, and one more.
template <class Create>
void expect_limit(std::size_t most, std::string_view what, const Create &create,
                  std::size_t there = 0) {
    std::vector<decltype(must(create()))> objects;

    SCOPED_TRACE(what);
    while (there + objects.size() < most)
        objects.push_back(must(create()));
    const auto refused = create();
    ASSERT_EQ(errno_of(refused), EMFILE);
    EXPECT_EQ(refused.error().refusal().argument, what);
    EXPECT_EQ(refused.error().refusal().limit, most);
    // One less makes room for one more.
    must(objects.back().close().wait());
    must(create());
}

TEST_F(Objects, OfEachTypeAreLimitedToo) {
    const auto session = must(ndk::Session::open(place().device));
    auto adapter = must(session.open_adapter(place().adapter));
    auto pd = must(adapter.create_protection_domain().wait());
    auto cq = must(adapter.create_completion_queue(4 * NDK_QPS_MAX).wait());
    const ndk::QueuePairOptions small{.receive_queue_depth = 1,
                                      .initiator_queue_depth = 1,
                                      .max_receive_request_sge = 1,
                                      .max_initiator_request_sge = 1,
                                      .inline_data_size = 0};

    expect_limit(
        NDK_ADAPTERS_MAX, "adapters of the file",
        [&] { return session.open_adapter(place().adapter); }, 1);
    expect_limit(
        NDK_PDS_MAX, "PDs of the file", [&] { return adapter.create_protection_domain().wait(); },
        1);
    expect_limit(
        NDK_CQS_MAX, "CQs of the file", [&] { return adapter.create_completion_queue(1).wait(); },
        1);
    expect_limit(NDK_QPS_MAX, "QPs of the file",
                 [&] { return pd.create_queue_pair(cq, cq, small).wait(); });
    expect_limit(NDK_MRS_MAX, "MRs of the file",
                 [&] { return pd.create_memory_region(ndk::MrKind::fast).wait(); });
    expect_limit(NDK_LISTENERS_MAX, "listeners of the file",
                 [&] { return adapter.create_listener({}).wait(); });
}

} // namespace
