// SPDX-License-Identifier: GPL-2.0-only
// Opening adapters, their limits, and what they do not offer.
#include "system_test.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <net/if.h>
#include <sys/ioctl.h>

namespace {

using namespace ndk_test;
using ndk::Status;

class Adapter : public SystemTest {
  protected:
    ndk::Session session_ = must(ndk::Session::open(place().device));
};

TEST_F(Adapter, IsListedWithItsInterface) {
    const auto adapters = must(session_.adapters());
    const auto found = std::ranges::find(adapters, place().adapter, &ndk::AdapterIdent::name);

    ASSERT_NE(found, adapters.end());
    EXPECT_EQ(found->ports, 1U);
    std::ifstream parent("/sys/class/infiniband/" + place().adapter + "/parent");
    if (std::string netdev; parent >> netdev) {
        EXPECT_EQ(found->ifindex, ::if_nametoindex(netdev.c_str()));
    }
    const auto by_index = must(session_.open_adapter(found->ifindex));
    EXPECT_TRUE(by_index);
}

TEST_F(Adapter, VersionIsTheHighestMinorOfTheMajorAskedFor) {
    for (const auto &[wanted, got] :
         std::vector<std::pair<ndk::Version, ndk::Version>>{{{1, 0}, {1, 2}},
                                                            {{1, 1}, {1, 2}},
                                                            {{1, 2}, {1, 2}},
                                                            {{2, 0}, {2, 1}},
                                                            {{2, 1}, {2, 1}}}) {
        const auto adapter = must(session_.open_adapter(place().adapter, wanted));

        EXPECT_EQ(must(adapter.version()), got);
        EXPECT_EQ(must(adapter.info()).version, got);
    }
    for (const auto wanted : std::vector<ndk::Version>{{0, 9}, {1, 3}, {2, 2}, {3, 0}})
        EXPECT_EQ(status_of(session_.open_adapter(place().adapter, wanted)), Status::bad_version);
}

TEST_F(Adapter, UnknownNamesAreNotReady) {
    EXPECT_EQ(status_of(session_.open_adapter("no_such_adapter")), Status::adapter_not_ready);
    EXPECT_EQ(errno_of(session_.open_adapter("")), EINVAL);
}

TEST_F(Adapter, InfoIsPlausible) {
    const auto info = must(must(session_.open_adapter(place().adapter)).info());

    EXPECT_GE(info.frmr_page_count, 16U);
    EXPECT_GE(info.max_registration_size, (info.frmr_page_count - 1) * page_size);
    EXPECT_GE(info.max_initiator_request_sge, 1U);
    EXPECT_GE(info.max_receive_request_sge, 1U);
    EXPECT_GE(info.max_read_request_sge, 1U);
    EXPECT_GE(info.max_initiator_queue_depth, 1U);
    EXPECT_GE(info.max_receive_queue_depth, 1U);
    EXPECT_GE(info.max_cq_depth, info.max_initiator_queue_depth);
    EXPECT_GE(info.max_inbound_read_limit, 1U);
    EXPECT_GE(info.max_outbound_read_limit, 1U);
    EXPECT_GE(info.max_caller_data, 56U);
    EXPECT_GT(info.max_callee_data, 0U);
    EXPECT_EQ(info.max_srq_depth, 0U);
    EXPECT_EQ(info.max_window_size, 0U);
    EXPECT_FALSE(has(info.adapter_flags, ndk::AdapterFlags::cq_resize_supported));
    EXPECT_FALSE(has(info.adapter_flags, ndk::AdapterFlags::cq_interrupt_moderation_supported));
}

TEST_F(Adapter, AllLimitsCanBeHadTogether) {
    const auto adapter_info = must(must(session_.open_adapter(place().adapter)).info());
    const EndOptions most{
        .qp = {.receive_queue_depth = adapter_info.max_receive_queue_depth,
               .initiator_queue_depth = adapter_info.max_initiator_queue_depth,
               .max_receive_request_sge = adapter_info.max_receive_request_sge,
               .max_initiator_request_sge = adapter_info.max_initiator_request_sge,
               .inline_data_size = adapter_info.max_inline_data_size},
        .cq_depth = adapter_info.max_cq_depth};
    Pair pair(most);

    expect_alive(pair.a, pair.b);
}

TEST_F(Adapter, OneMoreThanEachLimitIsRefusedAndNamed) {
    End end;
    const auto info = must(end.adapter.info());
    const auto refused_qp = [&](auto change, const char *argument) {
        ndk::QueuePairOptions options;

        change(options);
        const auto qp = end.pd.create_queue_pair(end.receives, end.initiator, options).wait();
        ASSERT_FALSE(qp) << argument;
        EXPECT_EQ(qp.error(), Status::invalid_parameter) << argument;
        EXPECT_EQ(qp.error().refusal().argument, argument);
        EXPECT_EQ(qp.error().refusal().value, qp.error().refusal().limit + 1);
    };

    const auto cq = end.adapter.create_completion_queue(info.max_cq_depth + 1).wait();
    ASSERT_FALSE(cq);
    EXPECT_EQ(cq.error(), Status::invalid_parameter);
    EXPECT_EQ(cq.error().refusal().limit, info.max_cq_depth) << cq.error().message();
    refused_qp([&](auto &o) { o.receive_queue_depth = info.max_receive_queue_depth + 1; },
               "ReceiveQueueDepth");
    refused_qp([&](auto &o) { o.initiator_queue_depth = info.max_initiator_queue_depth + 1; },
               "InitiatorQueueDepth");
    refused_qp([&](auto &o) { o.max_receive_request_sge = info.max_receive_request_sge + 1; },
               "MaxReceiveRequestSge");
    refused_qp([&](auto &o) { o.max_initiator_request_sge = info.max_initiator_request_sge + 1; },
               "MaxInitiatorRequestSge");
    refused_qp([&](auto &o) { o.inline_data_size = info.max_inline_data_size + 1; },
               "InlineDataSize");
}

TEST_F(Adapter, LastRefusalIsKeptOnTheParent) {
    End end;
    const auto info = must(end.adapter.info());

    EXPECT_FALSE(must(end.adapter.last_refusal()));
    EXPECT_FALSE(end.adapter.create_completion_queue(info.max_cq_depth + 1).wait());
    const auto refusal = must(end.adapter.last_refusal());
    ASSERT_TRUE(refusal);
    EXPECT_EQ(*refusal, Status::invalid_parameter);
    EXPECT_EQ(refusal->refusal().limit, info.max_cq_depth);
}

TEST_F(Adapter, KnownExtensionsAreFoundAndOthersAreNot) {
    End end;
    auto mr = must(end.pd.create_memory_region(ndk::MrKind::fast).wait());
    const auto extension = [](std::uint8_t last) {
        return ndk::Guid{
            0xb2a4b36e, 0x6a19, 0x4f0b, {0x9a, 0x5c, 0x3d, 0x0e, 0x6f, 0x4f, 0x1c, last}};
    };

    must(mr.query_extension(extension(1), {1, 0})); // diagnostics, on every object
    must(end.adapter.query_extension(extension(1), {1, 0}));
    must(mr.query_extension(extension(2), {1, 0})); // ib verbs, on MR and QP
    must(end.qp.query_extension(extension(2), {1, 0}));
    EXPECT_EQ(status_of(end.pd.query_extension(extension(2), {1, 0})), Status::not_supported);
    EXPECT_EQ(status_of(mr.query_extension(extension(99), {1, 0})), Status::not_supported);
    EXPECT_EQ(status_of(mr.query_extension(extension(1), {9, 0})), Status::not_supported);
}

TEST_F(Adapter, AbsentFeaturesSayThatTheyAreAbsent) {
    End end;
    ndk_create window{};
    ndk_create_srq srq{};
    ndk_create_shared_endpoint endpoint{};
    const auto answer = [&](unsigned long request, auto &command) {
        command.hdr.size = sizeof(command);
        EXPECT_EQ(::ioctl(end.session.fd(), request, &command), 0);
        return static_cast<Status>(command.hdr.out_status);
    };

    EXPECT_EQ(status_of(end.initiator.resize(100).wait()), Status::not_supported);
    EXPECT_EQ(status_of(end.initiator.moderate(std::chrono::microseconds(10), 2)),
              Status::not_supported);
    window.parent_id = end.pd.id();
    EXPECT_EQ(answer(NDK_IOCTL_CREATE_MW, window), Status::not_supported);
    srq.pd_id = end.pd.id();
    srq.depth = 16;
    srq.max_receive_request_sge = 1;
    EXPECT_EQ(answer(NDK_IOCTL_CREATE_SRQ, srq), Status::not_supported);
    endpoint.adapter_id = end.adapter.id();
    endpoint.address.length =
        static_cast<std::uint32_t>(must(ndk::Address::parse(place().address4)).bytes().size());
    std::ranges::copy(must(ndk::Address::parse(place().address4)).bytes(),
                      std::as_writable_bytes(std::span(endpoint.address.data)).begin());
    EXPECT_EQ(answer(NDK_IOCTL_CREATE_SHARED_ENDPOINT, endpoint), Status::not_supported);
}

} // namespace
