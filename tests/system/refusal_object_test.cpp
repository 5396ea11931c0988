// SPDX-License-Identifier: GPL-2.0-only
// What the door refuses of commands that open, create and ask about objects,
// before NDKPI is asked.
#include "answer.hpp"

#include <algorithm>
#include <cstring>

namespace {

using namespace ndk_test;
using ndk::Status;

class RefusalAdapter : public SystemTest {
  protected:
    ndk::Session session_ = must(ndk::Session::open(place().device));

    ndk_adapter_limits limits(std::uint32_t adapter_id) {
        ndk_query_adapter_info query{};

        query.adapter_id = adapter_id;
        EXPECT_EQ(ask(session_, NDK_IOCTL_QUERY_ADAPTER_INFO, query), accepted);
        return query.out_limits;
    }
};

TEST_F(RefusalAdapter, OpenedByNameOrByInterface) {
    constexpr std::uint16_t no_version = 9;
    ndk_open right{};

    std::ranges::copy(place().adapter, right.name);
    right.version_major = 2;
    expect_refused(session_, NDK_IOCTL_OPEN_ADAPTER, right,
                   {{[](auto &c) { std::ranges::fill(c.name, 'x'); }, refused(EINVAL, "name")},
                    {[](auto &c) { c.ifindex = 5; }, refused(EINVAL, "ifindex", 5)},
                    {[](auto &c) { c.name[0] = 0; }, refused(EINVAL, "ifindex")},
                    {[](auto &c) { c.name[0] = '/'; }, refused(Status::adapter_not_ready, "name")},
                    {[](auto &c) { c.name[0] = 0, c.ifindex = no_id; },
                     refused(Status::adapter_not_ready, "ifindex", no_id)},
                    {[](auto &c) { c.version_major = no_version; },
                     refused(Status::bad_version, "version_major", no_version)}});
    EXPECT_EQ(ask(session_, NDK_IOCTL_OPEN_ADAPTER, right), accepted);
    EXPECT_GT(limits(right.out_id).max_cq_depth, 0U);
}

TEST_F(RefusalAdapter, InfoIsNotLargerThanItIs) {
    auto adapter = must(session_.open_adapter(place().adapter));
    const auto pd = must(adapter.create_protection_domain().wait());
    ndk_query_adapter_info right{};

    right.adapter_id = adapter.id();
    EXPECT_EQ(ask(session_, NDK_IOCTL_QUERY_ADAPTER_INFO, right), accepted);
    const auto size = right.out_buffer_size;
    right.buffer_size = size;
    expect_id_checked(session_, NDK_IOCTL_QUERY_ADAPTER_INFO, right,
                      &ndk_query_adapter_info::adapter_id, "adapter_id", pd.id());
    expect_refused(session_, NDK_IOCTL_QUERY_ADAPTER_INFO, right,
                   {{[&](auto &c) { c.buffer_size = size + 1; },
                     refused(EINVAL, "buffer_size", size + 1, size)},
                    {[&](auto &c) { c.buffer_size = size - 1; },
                     refused(Status::buffer_too_small, "pBufferSize", size - 1, size)}});
    EXPECT_EQ(ask(session_, NDK_IOCTL_QUERY_ADAPTER_INFO, right), accepted);
    EXPECT_EQ(right.out_buffer_size, size);
}

/// One object of every type that there is.
class RefusalObject : public SystemTest {
  protected:
    End end_;
    const FastRegion region_{end_, 1};
    const ndk::Connector connector_ = must(end_.adapter.create_connector().wait());
    const ndk::Listener listener_ = must(end_.adapter.create_listener({}).wait());

    const std::vector<std::uint32_t> of_ndkpi_{
        end_.adapter.id(), end_.pd.id(),    end_.receives.id(), end_.qp.id(),
        region_.mr.id(),   connector_.id(), listener_.id()};
    const std::vector<std::uint32_t> of_the_door_{region_.memory.id(), region_.lam.id()};

    /// Memory and mappings are the door's own, so NDKPI cannot be asked about them.
    template <class C> void expect_only_ndkpi_objects(unsigned long request, C command) {
        for (const auto id : of_the_door_) {
            command.id = id;
            EXPECT_EQ(ask(end_.session, request, command), refused(EINVAL, "id", id));
        }
        command.id = no_id;
        EXPECT_EQ(ask(end_.session, request, command), refused(ENOENT, "id", no_id));
        for (const auto id : of_ndkpi_) {
            command.id = id;
            EXPECT_EQ(ask(end_.session, request, command), accepted) << "id " << id;
        }
    }
};

TEST_F(RefusalObject, ExtensionsAreThoseOfNdkpiObjects) {
    // The diagnostics, which every object has.
    const std::uint32_t data1 = 0xb2a4b36e;
    const std::uint16_t data2 = 0x6a19, data3 = 0x4f0b;
    const std::uint8_t data4[] = {0x9a, 0x5c, 0x3d, 0x0e, 0x6f, 0x4f, 0x1c, 1};
    ndk_query_extension query{};

    query.version_major = 1;
    std::memcpy(query.guid, &data1, 4);
    std::memcpy(query.guid + 4, &data2, 2);
    std::memcpy(query.guid + 6, &data3, 2);
    std::memcpy(query.guid + 8, data4, 8);
    expect_only_ndkpi_objects(NDK_IOCTL_QUERY_EXTENSION, query);
}

TEST_F(RefusalObject, LastRefusalIsThatOfAnNdkpiObject) {
    expect_only_ndkpi_objects(NDK_IOCTL_GET_REFUSAL, ndk_object{});
}

TEST_F(RefusalObject, KindsAndVersionsAreThoseOfEach) {
    const auto version = must(end_.adapter.info()).version;
    const struct {
        std::uint32_t id;
        std::uint32_t kind;
    } objects[] = {
        {end_.adapter.id(), NDK_KIND_ADAPTER}, {end_.pd.id(), NDK_KIND_PD},
        {end_.receives.id(), NDK_KIND_CQ},     {end_.qp.id(), NDK_KIND_QP},
        {region_.mr.id(), NDK_KIND_MR},        {connector_.id(), NDK_KIND_CONNECTOR},
        {listener_.id(), NDK_KIND_LISTENER},   {region_.memory.id(), NDK_KIND_MEMORY},
        {region_.lam.id(), NDK_KIND_LAM},
    };

    for (const auto &[id, kind] : objects) {
        const bool of_ndkpi = kind < NDK_KIND_MEMORY;
        ndk_query_object query{};

        query.id = id;
        EXPECT_EQ(ask(end_.session, NDK_IOCTL_QUERY_OBJECT, query), accepted);
        EXPECT_EQ(query.out_kind, kind);
        EXPECT_EQ(query.out_version_major, of_ndkpi ? version.major : 0) << "kind " << kind;
        EXPECT_EQ(query.out_version_minor, of_ndkpi ? version.minor : 0) << "kind " << kind;
    }
}

class RefusalCreate : public SystemTest {
  protected:
    End end_;
};

TEST_F(RefusalCreate, ParametersAreThoseOfTheType) {
    const struct {
        const char *name;
        unsigned long request;
        std::uint32_t parent;
        std::uint32_t another;
        std::uint32_t flags; // that it knows
    } creates[] = {
        {"PD", NDK_IOCTL_CREATE_PD, end_.adapter.id(), end_.pd.id(), 0},
        {"MR", NDK_IOCTL_CREATE_MR, end_.pd.id(), end_.adapter.id(), NDK_CREATE_MR_FAST_REGISTER},
        {"connector", NDK_IOCTL_CREATE_CONNECTOR, end_.adapter.id(), end_.pd.id(), 0},
    };

    for (const auto &[name, request, parent, another, flags] : creates) {
        SCOPED_TRACE(name);
        const auto unknown = (flags << 1) | 1;
        ndk_create right{};

        right.parent_id = parent;
        right.create_flags = flags;
        expect_id_checked(end_.session, request, right, &ndk_create::parent_id, "parent_id",
                          another);
        expect_refused(end_.session, request, right,
                       {{[&](auto &c) { c.create_flags = unknown; },
                         refused(EOPNOTSUPP, "create_flags", unknown, flags)},
                        {[](auto &c) { c.event_data = 5; }, refused(EINVAL, "event_data", 5)},
                        {[](auto &c) { c.backlog = 1; }, refused(EINVAL, "backlog", 1)}});
        EXPECT_EQ(ask(end_.session, request, right), accepted);
        EXPECT_NE(right.out_id, 0U);
    }
}

TEST_F(RefusalCreate, BacklogOfAListenerIsLimited) {
    ndk_create right{};

    right.parent_id = end_.adapter.id();
    right.event_data = 5;
    right.backlog = NDK_BACKLOG_MAX;
    expect_refused(end_.session, NDK_IOCTL_CREATE_LISTENER, right,
                   {{[](auto &c) { c.backlog = NDK_BACKLOG_MAX + 1; },
                     refused(EINVAL, "backlog", NDK_BACKLOG_MAX + 1, NDK_BACKLOG_MAX)},
                    {[](auto &c) { c.create_flags = 1; }, refused(EOPNOTSUPP, "create_flags", 1)}});
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_CREATE_LISTENER, right), accepted);
    EXPECT_NE(right.out_id, 0U);
}

TEST_F(RefusalCreate, CompletionQueueNamesAdapterAndProcessors) {
    constexpr std::uint32_t most = 0xffff;
    ndk_create_cq right{};

    right.adapter_id = end_.adapter.id();
    right.depth = 16;
    expect_id_checked(end_.session, NDK_IOCTL_CREATE_CQ, right, &ndk_create_cq::adapter_id,
                      "adapter_id", end_.pd.id());
    expect_refused(end_.session, NDK_IOCTL_CREATE_CQ, right,
                   {{[](auto &c) { c.affinity_group = 1; }, refused(EINVAL, "affinity_group", 1)},
                    {[](auto &c) { c.affinity_mask = 1, c.affinity_group = most + 1; },
                     refused(EINVAL, "affinity_group", most + 1, most)}});
    right.affinity_mask = 1;
    right.affinity_group = most;
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_CREATE_CQ, right), accepted);
    EXPECT_NE(right.out_id, 0U);
}

TEST_F(RefusalCreate, QueuePairNamesWhatItNeeds) {
    ndk_create_qp right{};

    right.pd_id = end_.pd.id();
    right.receive_cq_id = end_.receives.id();
    right.initiator_cq_id = end_.initiator.id();
    right.receive_queue_depth = right.initiator_queue_depth = 1;
    right.max_receive_request_sge = right.max_initiator_request_sge = 1;
    expect_id_checked(end_.session, NDK_IOCTL_CREATE_QP, right, &ndk_create_qp::pd_id, "pd_id",
                      end_.receives.id());
    expect_id_checked(end_.session, NDK_IOCTL_CREATE_QP, right, &ndk_create_qp::receive_cq_id,
                      "receive_cq_id", end_.pd.id());
    expect_id_checked(end_.session, NDK_IOCTL_CREATE_QP, right, &ndk_create_qp::initiator_cq_id,
                      "initiator_cq_id", end_.pd.id());
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_CREATE_QP, right), accepted);
    EXPECT_NE(right.out_id, 0U);
}

TEST_F(RefusalCreate, QueuePairWithASharedReceiveQueueHasNoneOfItsOwn) {
    ndk_create_qp with_srq{};

    with_srq.pd_id = end_.pd.id();
    with_srq.receive_cq_id = end_.receives.id();
    with_srq.initiator_cq_id = end_.initiator.id();
    with_srq.srq_id = no_id;
    with_srq.initiator_queue_depth = with_srq.max_initiator_request_sge = 1;
    // Before anything else, whatever is named.
    expect_refused(
        end_.session, NDK_IOCTL_CREATE_QP, with_srq,
        {{[](auto &c) { c.receive_queue_depth = 1; }, refused(EINVAL, "srq_id", no_id)},
         {[](auto &c) { c.max_receive_request_sge = 1; }, refused(EINVAL, "srq_id", no_id)}});
    // The provider has no SRQs, so there is no right one.
    expect_id_checked(end_.session, NDK_IOCTL_CREATE_QP, with_srq, &ndk_create_qp::srq_id, "srq_id",
                      end_.receives.id());
}

} // namespace
