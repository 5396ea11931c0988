// SPDX-License-Identifier: GPL-2.0-only
// What the door refuses of requests that carry data, before NDKPI is asked.
#include "answer.hpp"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

using namespace ndk_test;
using ndk::Status;

ndk_post post_on(const End &end, std::span<const ndk::Sge> pieces) {
    ndk_post post{};

    post.hdr.user_data = 7;
    post.qp_id = end.qp.id();
    post.sgl = reinterpret_cast<std::uintptr_t>(pieces.data());
    post.sge_count = static_cast<std::uint32_t>(pieces.size());
    return post;
}

class RefusalPost : public SystemTest {
  protected:
    Pair pair_;
    NormalRegion outbox_{pair_.a, page_size, all_access, 1};
    NormalRegion inbox_{pair_.b, page_size, all_access, 2};
    ndk::Sge out_ = outbox_.piece(0, 64);
    ndk::Sge in_ = inbox_.piece(0, 64);

    /// The right request is sent, and is the only one that was.
    void expect_sent(unsigned long request, ndk_post right) {
        ndk::Completion completion;

        must(pair_.b.qp.receive(1, {&in_, 1}));
        EXPECT_EQ(ask(pair_.a.session, request, right), accepted);
        EXPECT_EQ(pair_.a.done(), Status::success);
        EXPECT_EQ(pair_.b.next_receive().bytes_transferred, 64U);
        EXPECT_SAME_BYTES(inbox_.buffer.bytes(0, 64), outbox_.buffer.bytes(0, 64));
        EXPECT_EQ(must(pair_.a.initiator.poll({&completion, 1})), 0U);
    }
};

TEST_F(RefusalPost, SendTakesNeitherRemoteTokenNorAddress) {
    const auto right = post_on(pair_.a, {&out_, 1});

    expect_refused(pair_.a.session, NDK_IOCTL_SEND, right,
                   {{[](auto &c) { c.remote_token = 5; }, refused(EINVAL, "remote_token", 5)},
                    {[](auto &c) { c.remote_address = 6; }, refused(EINVAL, "remote_address", 6)}});
    expect_sent(NDK_IOCTL_SEND, right);
}

TEST_F(RefusalPost, SendAndInvalidateTakesNoRemoteAddress) {
    FastRegion region(pair_.b, 1);
    auto right = post_on(pair_.a, {&out_, 1});

    region.registered(pair_.b, remote_all);
    right.remote_token = region.tokens.remote;
    expect_refused(pair_.a.session, NDK_IOCTL_SEND_AND_INVALIDATE, right,
                   {{[](auto &c) { c.remote_address = 6; }, refused(EINVAL, "remote_address", 6)}});
    expect_sent(NDK_IOCTL_SEND_AND_INVALIDATE, right);
}

TEST_F(RefusalPost, ReceiveTakesNothingButPieces) {
    auto right = post_on(pair_.b, {&in_, 1});
    const auto flag = NDK_OP_FLAG_SILENT_SUCCESS;

    expect_refused(pair_.b.session, NDK_IOCTL_RECEIVE, right,
                   {{[](auto &c) { c.remote_token = 5; }, refused(EINVAL, "remote_token", 5)},
                    {[](auto &c) { c.remote_address = 6; }, refused(EINVAL, "remote_address", 6)},
                    {[](auto &c) { c.op_flags = flag; }, refused(EINVAL, "op_flags", flag)}});
    EXPECT_EQ(ask(pair_.b.session, NDK_IOCTL_RECEIVE, right), accepted);
    must(pair_.a.qp.send(1, {&out_, 1}));
    EXPECT_EQ(pair_.b.next_receive().request_context, right.hdr.user_data);
    // A second send would find the receives of the refused posts, if there were any.
    must(pair_.b.qp.receive(8, {&in_, 1}));
    must(pair_.a.qp.send(2, {&out_, 1}));
    EXPECT_EQ(pair_.b.next_receive().request_context, 8U);
}

TEST_F(RefusalPost, InlineBytesAreLimited) {
    // What is too much is not read: there is nothing at their addresses.
    std::array<ndk::Sge, 2> pieces{};
    auto post = post_on(pair_.a, pieces);
    const auto answer_to = [&](std::uint32_t first, std::uint32_t second) {
        pieces[0].length = first;
        pieces[1].length = second;
        return ask(pair_.a.session, NDK_IOCTL_SEND, post);
    };

    post.op_flags = NDK_OP_FLAG_INLINE;
    EXPECT_EQ(answer_to(NDK_INLINE_MAX, 1),
              refused(EINVAL, "inline bytes", NDK_INLINE_MAX + 1, NDK_INLINE_MAX));
    // In 32 bits these are none.
    EXPECT_EQ(answer_to(0x8000'0000, 0x8000'0000),
              refused(EINVAL, "inline bytes", 0x1'0000'0000, NDK_INLINE_MAX));

    // As much as the door takes is for NDKPI to refuse.
    const Buffer most(NDK_INLINE_MAX);
    pieces[0] = ndk::Sge::inlined(most.bytes());
    EXPECT_EQ(answer_to(NDK_INLINE_MAX, 0),
              refused(Status::data_overrun, "InlineDataSize", NDK_INLINE_MAX,
                      pair_.a.options.qp.inline_data_size));
    pieces[0] = ndk::Sge::inlined(outbox_.buffer.bytes(0, 60));
    pieces[1] = ndk::Sge::inlined(outbox_.buffer.bytes(60, 4));
    expect_sent(NDK_IOCTL_SEND, post);
}

TEST_F(RefusalPost, InlineBytesThatCannotBeReadAreAFault) {
    std::array<ndk::Sge, 2> pieces{ndk::Sge::inlined(outbox_.buffer.bytes(0, 60)),
                                   {.address = no_address, .length = 4}};
    auto post = post_on(pair_.a, pieces);

    post.op_flags = NDK_OP_FLAG_INLINE;
    EXPECT_EQ(ask(pair_.a.session, NDK_IOCTL_SEND, post), refused(EFAULT, "sge.addr", no_address));
    pieces[1] = ndk::Sge::inlined(outbox_.buffer.bytes(60, 4));
    expect_sent(NDK_IOCTL_SEND, post);
}

class RefusalQueue : public SystemTest {
  protected:
    End end_;
};

TEST_F(RefusalQueue, ArmedForWhatThereIs) {
    ndk_arm_cq right{};

    right.cq_id = end_.receives.id();
    right.notify = NDK_CQ_NOTIFY_SOLICITED;
    expect_id_checked(end_.session, NDK_IOCTL_ARM_CQ, right, &ndk_arm_cq::cq_id, "cq_id",
                      end_.pd.id());
    expect_refused(
        end_.session, NDK_IOCTL_ARM_CQ, right,
        {{[](auto &c) { c.notify = NDK_CQ_NOTIFY_SOLICITED + 1; },
          refused(EINVAL, "notify", NDK_CQ_NOTIFY_SOLICITED + 1, NDK_CQ_NOTIFY_SOLICITED)}});
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_ARM_CQ, right), accepted);
}

TEST_F(RefusalQueue, PolledForWhatIsKnown) {
    constexpr std::uint32_t unknown = NDK_RESULTS_EX << 1;
    std::array<ndk_cq_result, 1> results{};
    ndk_get_cq_results right{};

    right.cq_id = end_.receives.id();
    right.results = reinterpret_cast<std::uintptr_t>(results.data());
    right.count = results.size();
    expect_id_checked(end_.session, NDK_IOCTL_GET_CQ_RESULTS, right, &ndk_get_cq_results::cq_id,
                      "cq_id", end_.pd.id());
    expect_refused(end_.session, NDK_IOCTL_GET_CQ_RESULTS, right,
                   {{[](auto &c) { c.get_flags = unknown; },
                     refused(EOPNOTSUPP, "get_flags", unknown, NDK_RESULTS_EX)}});
    EXPECT_EQ(ask(end_.session, NDK_IOCTL_GET_CQ_RESULTS, right), accepted);
}

/// Of a queue pair that is not connected: receives may be posted before.
class RefusalPiece : public SystemTest {
  protected:
    End end_;
    FastRegion region_{end_, 1};
    ndk::Sge right_ = ndk::Sge::privileged(region_.lam, 0, 64);

    Answer post(unsigned long request, std::span<const ndk::Sge> pieces) {
        auto command = post_on(end_, pieces);

        return ask(end_.session, request, command);
    }
    Answer receive(ndk::Sge piece) { return post(NDK_IOCTL_RECEIVE, {&piece, 1}); }
    ndk::Sge with_token(std::uint32_t token) const {
        auto piece = right_;

        piece.token = token;
        return piece;
    }
};

TEST_F(RefusalPiece, LamIsOneOfTheQueuePairsDevice) {
    const OtherDevice other;
    auto stranger = must(end_.session.open_adapter(other.name()));
    auto another = must(end_.session.open_adapter(place().adapter));
    const auto foreign = must(stranger.build_lam(region_.memory).wait());
    const auto related = must(another.build_lam(region_.memory).wait());

    EXPECT_EQ(receive(with_token(no_id)), refused(ENOENT, "sge.token", no_id));
    EXPECT_EQ(receive(with_token(end_.qp.id())), refused(EINVAL, "sge.token", end_.qp.id()));
    EXPECT_EQ(receive(with_token(foreign.id())), refused(EINVAL, "sge.token", foreign.id()));
    // Two instances of one adapter are one device.
    EXPECT_EQ(receive(with_token(related.id())), accepted);
    EXPECT_EQ(receive(right_), accepted);
}

TEST_F(RefusalPiece, BytesAreThoseOfTheLam) {
    EXPECT_EQ(receive(ndk::Sge::privileged(region_.lam, page_size - 10, 11)),
              refused(EINVAL, "sge.length", 11, page_size));
    EXPECT_EQ(receive(ndk::Sge::privileged(region_.lam, page_size - 10, 10)), accepted);
}

TEST_F(RefusalPiece, MemoryPinnedForReadingIsNotWritten) {
    const auto memory = must(end_.session.pin(std::span<const std::byte>(region_.buffer.bytes())));
    const auto lam = must(end_.adapter.build_lam(memory).wait());
    const auto piece = ndk::Sge::privileged(lam, 0, 64);

    EXPECT_EQ(receive(piece), refused(EACCES, "sge.token", lam.id()));
    EXPECT_EQ(post(NDK_IOCTL_READ, {&piece, 1}), refused(EACCES, "sge.token", lam.id()));
    // To send it is right; that nobody is connected is found out later.
    EXPECT_EQ(post(NDK_IOCTL_SEND, {&piece, 1}).status, Status::connection_invalid);
    EXPECT_EQ(receive(right_), accepted);
}

TEST_F(RefusalPiece, LamsBeforeTheOneAtFaultAreLetGo) {
    const std::array<ndk::Sge, 2> pieces{right_, with_token(no_id)};

    EXPECT_EQ(post(NDK_IOCTL_RECEIVE, pieces), refused(ENOENT, "sge.token", no_id));
    must(region_.lam.release());
}

/// Of the only domain that the provider has; rdma(8) shows it to the administrator.
std::uint32_t privileged_token() {
    std::FILE *pipe = ::popen("exec rdma -j -d resource show pd", "re");

    if (!pipe)
        throw std::system_error(errno, std::system_category(), "popen");
    const auto domains = nlohmann::json::parse(pipe, nullptr, false);
    ::pclose(pipe);
    for (const auto &domain : domains)
        if (domain.value("comm", "") == "ndk")
            return static_cast<std::uint32_t>(
                std::stoul(domain.value("local_dma_lkey", ""), nullptr, 16));
    throw std::runtime_error("rdma(8) does not show the domain: " + domains.dump());
}

TEST_F(RefusalPiece, PrivilegedTokenIsNotForUserSpace) {
    const NormalRegion region(end_, page_size, all_access);
    const auto own = region.piece(0, 64);
    auto privileged = own;

    privileged.token = privileged_token();
    const auto forbidden = refused(EACCES, "sge.token", privileged.token);
    EXPECT_EQ(post(NDK_IOCTL_SEND, {&privileged, 1}), forbidden);
    EXPECT_EQ(receive(privileged), forbidden);
    EXPECT_EQ(post(NDK_IOCTL_RECEIVE, std::array{own, privileged}), forbidden);
    EXPECT_EQ(receive(own), accepted);
}

} // namespace
