// SPDX-License-Identifier: GPL-2.0-only
// A peer invalidates a region with the message it sends.
#include "system_test.hpp"

namespace {

using namespace ndk_test;
using ndk::Operation;
using ndk::Status;

class RemoteInvalidation : public SystemTest {
  protected:
    Pair pair_;
    FastRegion region_{pair_.a, 2, 1};
    NormalRegion inbox_{pair_.a, page_size, ndk::MrAccess::local_write};
    NormalRegion local_{pair_.b, page_size, sink_access};
    ndk::Sge in_ = inbox_.piece(0, 64);
    ndk::Sge out_ = local_.piece(0, 64);
};

TEST_F(RemoteInvalidation, TypeAndTokenAreReportedAndTheStateHasChanged) {
    for (int round = 0; round < 20; ++round) {
        must(pair_.a.qp.receive(7, {&in_, 1}));
        region_.registered(pair_.a, remote_all);
        must(pair_.b.qp.send_and_invalidate(8, {&out_, 1}, region_.tokens.remote));
        const auto sent = pair_.b.next();
        EXPECT_EQ(sent.status, Status::success);
        EXPECT_EQ(sent.operation, Operation::send);

        const auto received = pair_.a.next_receive();
        EXPECT_EQ(received.status, Status::success);
        EXPECT_EQ(received.operation, Operation::receive_and_invalidate);
        EXPECT_EQ(received.output, region_.tokens.remote);
        EXPECT_EQ(received.bytes_transferred, 64U);
        // Invalid by the time the completion is seen: it can be registered
        // again (next round) and needs no invalidate of ours.
        EXPECT_EQ(status_of(pair_.a.qp.invalidate(9, region_.mr)), Status::invalid_device_state);
    }
}

TEST_F(RemoteInvalidation, BasicPollStillInvalidates) {
    ndk::Completion completion;

    must(pair_.a.qp.receive(7, {&in_, 1}));
    region_.registered(pair_.a, remote_all);
    must(pair_.b.qp.send_and_invalidate(8, {&out_, 1}, region_.tokens.remote));
    EXPECT_EQ(pair_.b.done(), Status::success);
    must(pair_.a.receives.arm());
    ASSERT_TRUE(drive({&pair_.a.session}, [&] {
        return must(pair_.a.receives.poll_basic({&completion, 1})) == 1;
    }));
    EXPECT_EQ(completion.status, Status::success);
    EXPECT_EQ(completion.request_context, 7U);
    region_.registered(pair_.a, remote_all);
}

TEST_F(RemoteInvalidation, InvalidatedRegionIsOutOfReach) {
    must(pair_.a.qp.receive(7, {&in_, 1}));
    region_.registered(pair_.a, remote_all);
    ASSERT_EQ(read(pair_.b, {&out_, 1}, region_.remote()), Status::success);
    must(pair_.b.qp.send_and_invalidate(8, {&out_, 1}, region_.tokens.remote));
    ASSERT_EQ(pair_.b.done(), Status::success);
    EXPECT_EQ(read(pair_.b, {&out_, 1}, region_.remote()), Status::access_violation);
}

TEST_F(RemoteInvalidation, WrongTokenEndsTheConnection) {
    must(pair_.a.qp.receive(7, {&in_, 1}));
    region_.registered(pair_.a, remote_all);
    must(pair_.b.qp.send_and_invalidate(8, {&out_, 1}, region_.tokens.remote ^ 0x5500));
    ASSERT_TRUE(drive({&pair_.a.session, &pair_.b.session},
                      [&] { return pair_.a.disconnected || pair_.b.disconnected; }));
    EXPECT_NE(pair_.a.next_receive().operation, Operation::receive_and_invalidate);
    // The region is not the one that was named.
    EXPECT_EQ(status_of(region_.mr.initialize(2).wait()), Status::invalid_device_state);
}

TEST_F(RemoteInvalidation, TokenOfAnInvalidRegionEndsTheConnection) {
    must(pair_.a.qp.receive(7, {&in_, 1}));
    must(pair_.b.qp.send_and_invalidate(8, {&out_, 1}, region_.tokens.remote));
    EXPECT_TRUE(drive({&pair_.a.session, &pair_.b.session},
                      [&] { return pair_.a.disconnected || pair_.b.disconnected; }));
}

} // namespace
