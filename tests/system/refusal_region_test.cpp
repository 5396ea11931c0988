// SPDX-License-Identifier: GPL-2.0-only
// What the door refuses of commands on regions, before NDKPI is asked.
#include "answer.hpp"

#include <limits>

namespace {

using namespace ndk_test;
using ndk::Status;

constexpr std::uint64_t top_bit = 1ULL << 63;
constexpr std::uint64_t most_context = std::numeric_limits<std::int64_t>::max();

/// Requests that name a region, on a connected queue pair.
class RefusalRegionPost : public SystemTest {
  protected:
    Pair pair_;
    End &end_ = pair_.a;
    FastRegion region_{end_, 2};

    ndk_fast_register fast_register() const {
        ndk_fast_register command{};

        command.hdr.user_data = 7;
        command.qp_id = end_.qp.id();
        command.mr_id = region_.mr.id();
        command.lam_id = region_.lam.id();
        command.page_count = region_.lam.page_count();
        command.op_flags = NDK_OP_FLAG_ALLOW_REMOTE_READ | NDK_OP_FLAG_ALLOW_REMOTE_WRITE |
                           NDK_OP_FLAG_RDMA_READ_SINK;
        command.length = region_.memory.size();
        command.base_address = region_.memory.address();
        return command;
    }

    /// The right request is posted, and is the only one that was.
    template <class C> void expect_posted(unsigned long request, C right) {
        ndk::Completion completion;

        EXPECT_EQ(ask(end_.session, request, right), accepted);
        EXPECT_EQ(end_.done(), Status::success);
        EXPECT_EQ(must(end_.initiator.poll({&completion, 1})), 0U);
    }
};

TEST_F(RefusalRegionPost, FastRegisterNamesWhatItNeeds) {
    const auto right = fast_register();
    const auto pd = end_.pd.id();

    expect_id_checked(end_.session, NDK_IOCTL_FAST_REGISTER, right, &ndk_fast_register::qp_id,
                      "qp_id", pd);
    expect_id_checked(end_.session, NDK_IOCTL_FAST_REGISTER, right, &ndk_fast_register::mr_id,
                      "mr_id", pd);
    expect_id_checked(end_.session, NDK_IOCTL_FAST_REGISTER, right, &ndk_fast_register::lam_id,
                      "lam_id", region_.memory.id());
    expect_posted(NDK_IOCTL_FAST_REGISTER, right);
    region_.invalidated(end_);
}

TEST_F(RefusalRegionPost, FastRegisterStaysWithinALamOfItsDevice) {
    const OtherDevice other;
    auto stranger = must(end_.session.open_adapter(other.name()));
    auto another = must(end_.session.open_adapter(place().adapter));
    const auto foreign = must(stranger.build_lam(region_.memory).wait());
    const auto related = must(another.build_lam(region_.memory).wait());
    auto right = fast_register();

    expect_refused(
        end_.session, NDK_IOCTL_FAST_REGISTER, right,
        {{[](auto &c) { c.hdr.user_data |= top_bit; },
          refused(EINVAL, "user_data", right.hdr.user_data | top_bit, most_context)},
         {[](auto &c) { c.first_page = 1; }, refused(EINVAL, "page_count", 2, 2)},
         {[](auto &c) { c.first_page = 3; }, refused(EINVAL, "page_count", 2, 2)},
         {[&](auto &c) { c.lam_id = foreign.id(); }, refused(EINVAL, "lam_id", foreign.id())}});
    expect_posted(NDK_IOCTL_FAST_REGISTER, right);
    region_.invalidated(end_);
    right.lam_id = related.id();
    expect_posted(NDK_IOCTL_FAST_REGISTER, right);
    region_.invalidated(end_);
}

TEST_F(RefusalRegionPost, FastRegisterOfMemoryPinnedForReadingAllowsNoWriting) {
    const auto memory = must(end_.session.pin(std::span<const std::byte>(region_.buffer.bytes())));
    const auto lam = must(end_.adapter.build_lam(memory).wait());
    auto right = fast_register();
    constexpr std::uint32_t reading = NDK_OP_FLAG_ALLOW_REMOTE_READ;
    const auto answer = [](std::uint32_t flag, std::uint32_t left) {
        return refused(EACCES, "op_flags", reading | flag, reading | left);
    };

    right.lam_id = lam.id();
    right.op_flags = reading;
    // Remote write carries local write, and that alone is writing, too.
    expect_refused(end_.session, NDK_IOCTL_FAST_REGISTER, right,
                   {{[](auto &c) { c.op_flags |= NDK_OP_FLAG_ALLOW_LOCAL_WRITE; },
                     answer(NDK_OP_FLAG_ALLOW_LOCAL_WRITE, 0)},
                    {[](auto &c) { c.op_flags |= NDK_OP_FLAG_ALLOW_REMOTE_WRITE; },
                     answer(NDK_OP_FLAG_ALLOW_REMOTE_WRITE, 0)},
                    {[](auto &c) { c.op_flags |= NDK_OP_FLAG_RDMA_READ_SINK; },
                     answer(NDK_OP_FLAG_RDMA_READ_SINK, 0)}});
    expect_posted(NDK_IOCTL_FAST_REGISTER, right);
    region_.invalidated(end_);
}

TEST_F(RefusalRegionPost, InvalidateNamesARegion) {
    ndk_invalidate right{};

    right.hdr.user_data = 7;
    right.qp_id = end_.qp.id();
    right.id = region_.mr.id();
    region_.registered(end_, remote_all);
    expect_refused(end_.session, NDK_IOCTL_INVALIDATE, right,
                   {{[](auto &c) { c.hdr.user_data |= top_bit; },
                     refused(EINVAL, "user_data", right.hdr.user_data | top_bit, most_context)}});
    expect_id_checked(end_.session, NDK_IOCTL_INVALIDATE, right, &ndk_invalidate::qp_id, "qp_id",
                      end_.pd.id());
    expect_id_checked(end_.session, NDK_IOCTL_INVALIDATE, right, &ndk_invalidate::id, "id",
                      end_.pd.id());
    expect_posted(NDK_IOCTL_INVALIDATE, right);
}

class RefusalRegion : public SystemTest {
  protected:
    End end_;
    Buffer buffer_{2 * page_size};
    ndk::Memory memory_ = must(end_.session.pin(buffer_.bytes(), ndk::PinAccess::read_write));
};

TEST_F(RefusalRegion, MemoryHasTheFlagsThatAreKnown) {
    constexpr std::uint32_t known = NDK_MEM_FLAG_WRITE | NDK_MEM_FLAG_KERNEL;
    constexpr std::uint32_t no_flag = NDK_MEM_FLAG_KERNEL << 1, no_copy = NDK_COPY_TO_KERNEL << 1;
    ndk_pin_memory pin{};
    ndk_copy_memory copy{};

    pin.addr = pin.length = page_size;
    pin.mem_flags = NDK_MEM_FLAG_KERNEL;
    expect_refused(end_.session, NDK_IOCTL_PIN_MEMORY, pin,
                   {{[](auto &c) { c.mem_flags = no_flag; },
                     refused(EOPNOTSUPP, "mem_flags", no_flag, known)}});
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_PIN_MEMORY, pin), accepted);
    copy.memory_id = pin.out_id;
    copy.copy_flags = NDK_COPY_TO_KERNEL;
    copy.addr = reinterpret_cast<std::uintptr_t>(buffer_.bytes().data());
    copy.length = page_size;
    expect_id_checked(end_.session, NDK_IOCTL_COPY_MEMORY, copy, &ndk_copy_memory::memory_id,
                      "memory_id", end_.pd.id());
    expect_refused(end_.session, NDK_IOCTL_COPY_MEMORY, copy,
                   {{[](auto &c) { c.copy_flags = no_copy; },
                     refused(EOPNOTSUPP, "copy_flags", no_copy, NDK_COPY_TO_KERNEL)}});
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_COPY_MEMORY, copy), accepted);
}

TEST_F(RefusalRegion, RegisterNamesMemoryAndWhereItBegins) {
    auto mr = must(end_.pd.create_memory_region(ndk::MrKind::normal).wait());
    ndk_register_mr right{};

    right.mr_id = mr.id();
    right.memory_id = memory_.id();
    right.offset = memory_.size() - 1;
    right.length = 1;
    right.access = NDK_MR_FLAG_ALLOW_REMOTE_READ;
    expect_id_checked(end_.session, NDK_IOCTL_REGISTER_MR, right, &ndk_register_mr::mr_id, "mr_id",
                      end_.pd.id());
    expect_id_checked(end_.session, NDK_IOCTL_REGISTER_MR, right, &ndk_register_mr::memory_id,
                      "memory_id", end_.pd.id());
    expect_refused(end_.session, NDK_IOCTL_REGISTER_MR, right,
                   {{[&](auto &c) { c.offset = memory_.size(); },
                     refused(EINVAL, "offset", memory_.size(), memory_.size() - 1)}});
    EXPECT_EQ(must(mr.tokens()).remote, 0U);
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_REGISTER_MR, right), accepted);
    // Only the one that was accepted uses the memory.
    must(mr.deregister().wait());
    must(memory_.unpin());
}

TEST_F(RefusalRegion, InitialiseAllowsRemoteAccessOrNot) {
    const auto mr = must(end_.pd.create_memory_region(ndk::MrKind::fast).wait());
    ndk_initialize_mr right{};

    right.mr_id = mr.id();
    right.page_count = 2;
    right.remote_access = 1;
    expect_id_checked(end_.session, NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, right,
                      &ndk_initialize_mr::mr_id, "mr_id", end_.pd.id());
    expect_refused(
        end_.session, NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, right,
        {{[](auto &c) { c.remote_access = 2; }, refused(EINVAL, "remote_access", 2, 1)}});
    EXPECT_EQ(must(mr.tokens()).remote, 0U);
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, right), accepted);
    EXPECT_NE(must(mr.tokens()).remote, 0U);
}

TEST_F(RefusalRegion, TokensAreThoseOfARegion) {
    const FastRegion region(end_, 1);
    ndk_get_tokens right{};

    right.id = region.mr.id();
    expect_id_checked(end_.session, NDK_IOCTL_GET_TOKENS, right, &ndk_get_tokens::id, "id",
                      end_.pd.id());
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_GET_TOKENS, right), accepted);
    EXPECT_EQ(right.out_remote_token, region.tokens.remote);
}

} // namespace
