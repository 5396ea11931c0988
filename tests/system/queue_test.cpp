// SPDX-License-Identifier: GPL-2.0-only
// Requests and completions.
#include "system_test.hpp"

#include <array>
#include <cerrno>
#include <sys/ioctl.h>
#include <thread>

namespace {

using namespace ndk_test;
using ndk::Notify;
using ndk::Operation;
using ndk::OpFlags;
using ndk::Status;

class Queue : public SystemTest {
  protected:
    Pair pair_;
    NormalRegion a_{pair_.a, 4 * page_size, all_access, 1};
    NormalRegion b_{pair_.b, 4 * page_size, all_access, 2};
    ndk::Sge out_ = a_.piece(0, 100);
    ndk::Sge in_ = b_.piece(0, 100);

    static std::span<const ndk::Sge> one(const ndk::Sge &piece) { return {&piece, 1}; }
};

TEST_F(Queue, CompletionsCarryTheirContexts) {
    EndOptions options;
    options.qp.context = 0x1234'5678'9abc;
    Pair pair(options);
    const NormalRegion local(pair.a, page_size, all_access);
    const NormalRegion remote(pair.b, page_size, all_access);
    const auto piece = local.piece(0, 10);

    must(pair.a.qp.write(0x7fff'ffff'ffff'ffff, one(piece), remote.remote()));
    const auto completion = pair.a.next();
    EXPECT_EQ(completion.qp_context, 0x1234'5678'9abcU);
    EXPECT_EQ(completion.request_context, 0x7fff'ffff'ffff'ffffU);
    EXPECT_EQ(completion.operation, Operation::write);
    EXPECT_EQ(completion.provider_error, 0U);
}

TEST_F(Queue, OperationsAreNamedInTheirCompletions) {
    FastRegion region(pair_.a, 1, 1);

    must(pair_.b.qp.receive(1, one(in_)));
    must(pair_.a.qp.fast_register(1, region.mr, region.lam, region.whole(remote_all)));
    must(pair_.a.qp.invalidate(2, region.mr, OpFlags::read_fence));
    must(pair_.a.qp.read(3, one(out_), b_.remote()));
    must(pair_.a.qp.write(4, one(out_), b_.remote()));
    must(pair_.a.qp.send(5, one(out_)));
    const std::array order{Operation::fast_register, Operation::invalidate, Operation::read,
                           Operation::write, Operation::send};
    for (const auto operation : order) {
        const auto completion = pair_.a.next();
        EXPECT_EQ(completion.status, Status::success);
        EXPECT_EQ(completion.operation, operation);
    }
    EXPECT_EQ(pair_.b.next_receive().operation, Operation::receive);
}

TEST_F(Queue, SeveralPiecesAreGatheredAndScattered) {
    const std::array out{a_.piece(10, 100), a_.piece(5000, 200)};
    const std::array in{b_.piece(0, 150), b_.piece(9000, 200)};

    must(pair_.b.qp.receive(1, in));
    must(pair_.a.qp.send(2, out));
    EXPECT_EQ(pair_.a.done(), Status::success);
    const auto completion = pair_.b.next_receive();
    EXPECT_EQ(completion.bytes_transferred, 300U);
    EXPECT_SAME_BYTES(b_.buffer.bytes(0, 100), a_.buffer.bytes(10, 100));
    EXPECT_SAME_BYTES(b_.buffer.bytes(100, 50), a_.buffer.bytes(5000, 50));
    EXPECT_SAME_BYTES(b_.buffer.bytes(9000, 150), a_.buffer.bytes(5050, 150));
}

TEST_F(Queue, EmptyMessagesArrive) {
    must(pair_.b.qp.receive(1, {}));
    must(pair_.a.qp.send(2, {}));
    EXPECT_EQ(pair_.a.done(), Status::success);
    const auto completion = pair_.b.next_receive();
    EXPECT_EQ(completion.status, Status::success);
    EXPECT_EQ(completion.bytes_transferred, 0U);
}

TEST_F(Queue, InlineDataIsTakenWhilePosting) {
    std::array<std::byte, 64> data{};
    Buffer::fill(data, 77);
    const auto wanted = data;
    const auto piece = ndk::Sge::inlined(data);

    must(pair_.b.qp.receive(1, one(in_)));
    must(pair_.a.qp.send(2, one(piece), OpFlags::inlined));
    data.fill(std::byte{0});
    EXPECT_EQ(pair_.a.done(), Status::success);
    EXPECT_EQ(pair_.b.next_receive().bytes_transferred, 64U);
    EXPECT_SAME_BYTES(b_.buffer.bytes(0, 64), wanted);
}

TEST_F(Queue, TooMuchInlineDataIsRefused) {
    const std::vector<std::byte> data(65);
    const auto piece = ndk::Sge::inlined(data);

    EXPECT_EQ(status_of(pair_.a.qp.send(1, one(piece), OpFlags::inlined)), Status::data_overrun);
    must(pair_.a.qp.write(2, one(out_), b_.remote()));
    EXPECT_EQ(pair_.a.next().request_context, 2U);
}

TEST_F(Queue, TooManyPiecesAreRefused) {
    const std::vector<ndk::Sge> pieces(3, out_);

    EXPECT_EQ(status_of(pair_.a.qp.send(1, pieces)), Status::data_overrun);
    EXPECT_EQ(status_of(pair_.a.qp.receive(1, pieces)), Status::data_overrun);
    must(pair_.a.qp.write(2, one(out_), b_.remote()));
    EXPECT_EQ(pair_.a.next().request_context, 2U);
}

TEST_F(Queue, UnknownFlagsAreRefused) {
    EXPECT_EQ(status_of(pair_.a.qp.send(1, one(out_), static_cast<OpFlags>(0x8000))),
              Status::invalid_parameter);
    expect_alive(pair_.a, pair_.b);
}

TEST_F(Queue, FullReceiveQueueIsRefusedByName) {
    for (std::uint32_t i = 0; i < pair_.b.options.qp.receive_queue_depth; ++i)
        must(pair_.b.qp.receive(i, one(in_)));
    EXPECT_EQ(status_of(pair_.b.qp.receive(99, one(in_))), Status::no_more_entries);
    must(pair_.a.qp.send(1, one(out_)));
    EXPECT_EQ(pair_.a.done(), Status::success);
    EXPECT_EQ(pair_.b.next_receive().status, Status::success);
    must(pair_.b.qp.receive(99, one(in_)));
}

TEST_F(Queue, FullInitiatorQueueIsRefusedByNameAndDrains) {
    const auto depth = pair_.a.options.qp.initiator_queue_depth;

    // The peer has no receive for them, so none of these sends can complete.
    for (std::uint32_t i = 0; i < depth; ++i)
        must(pair_.a.qp.send(i, one(out_)));
    EXPECT_EQ(status_of(pair_.a.qp.send(depth, one(out_))), Status::no_more_entries);
    EXPECT_EQ(status_of(pair_.a.qp.write(depth, one(out_), b_.remote())), Status::no_more_entries);
    for (std::uint32_t i = 0; i < depth; ++i)
        must(pair_.b.qp.receive(i, one(in_)));
    for (std::uint32_t i = 0; i < depth; ++i) {
        const auto completion = pair_.a.next();
        EXPECT_EQ(completion.request_context, i);
        EXPECT_EQ(completion.status, Status::success);
    }
    must(pair_.a.qp.write(1, one(out_), b_.remote()));
    EXPECT_EQ(pair_.a.done(), Status::success);
}

TEST_F(Queue, SilentRequestsCompleteOnlyWhenTheyFail) {
    for (std::uint32_t i = 0; i < 300; ++i) {
        const auto last = i % 30 == 29;

        must(pair_.a.qp.write(i, one(out_), b_.remote(),
                              last ? OpFlags::none : OpFlags::silent_success));
        if (last) {
            EXPECT_EQ(pair_.a.next().request_context, i);
        }
    }
    must(pair_.a.qp.write(1000, one(out_), {b_.memory.address(), b_.tokens.remote ^ 0x7700},
                          OpFlags::silent_success));
    const auto failed = pair_.a.next();
    EXPECT_EQ(failed.request_context, 1000U);
    EXPECT_EQ(failed.status, Status::access_violation);
}

TEST_F(Queue, SilentRequestsForeverDoNotFillTheQueue) {
    // Without a single completion asked for, slots must come back all the same;
    // there is no event for that.
    const auto end = std::chrono::steady_clock::now() + patience;
    std::array<ndk::Completion, 4> none;

    for (std::uint32_t done = 0; done < 1000;) {
        const auto status =
            status_of(pair_.a.qp.write(done, one(out_), b_.remote(), OpFlags::silent_success));

        if (status == Status::success) {
            ++done;
            continue;
        }
        ASSERT_EQ(status, Status::no_more_entries);
        ASSERT_LT(std::chrono::steady_clock::now(), end) << "after " << done << " requests";
        std::this_thread::yield();
    }
    EXPECT_EQ(must(pair_.a.initiator.poll(none)), 0U);
    must(pair_.a.qp.write(5000, one(out_), b_.remote()));
    EXPECT_EQ(pair_.a.next().request_context, 5000U);
}

TEST_F(Queue, DeferredRequestsAllCompleteInOrder) {
    FastRegion region(pair_.a, 1, 1);

    must(pair_.b.qp.receive(9, one(in_)));
    must(pair_.a.qp.fast_register(1, region.mr, region.lam,
                                  {.page_count = 1,
                                   .length = page_size,
                                   .base_address = page_size,
                                   .flags = remote_all | OpFlags::defer}));
    must(pair_.a.qp.write(2, one(out_), b_.remote(), OpFlags::defer));
    must(pair_.a.qp.invalidate(3, region.mr, OpFlags::defer));
    must(pair_.a.qp.send(4, one(out_)));
    for (std::uint64_t context = 1; context <= 4; ++context) {
        const auto completion = pair_.a.next();
        EXPECT_EQ(completion.request_context, context);
        EXPECT_EQ(completion.status, Status::success);
    }
    EXPECT_EQ(pair_.b.next_receive().status, Status::success);
}

TEST_F(Queue, RefusalPushesDeferredRequestsOut) {
    FastRegion region(pair_.a, 1, 1);

    must(pair_.a.qp.write(1, one(out_), b_.remote(), OpFlags::defer));
    EXPECT_EQ(status_of(pair_.a.qp.invalidate(2, region.mr)), Status::invalid_device_state);
    const auto completion = pair_.a.next();
    EXPECT_EQ(completion.request_context, 1U);
    EXPECT_EQ(completion.status, Status::success);
}

TEST_F(Queue, FlushCancelsWhatIsOutstanding) {
    for (std::uint64_t i = 0; i < 10; ++i)
        must(pair_.a.qp.receive(i, one(out_)));
    must(pair_.a.qp.flush());
    for (std::uint64_t i = 0; i < 10; ++i) {
        const auto completion = pair_.a.next_receive();
        EXPECT_EQ(completion.request_context, i);
        EXPECT_EQ(completion.status, Status::cancelled);
        EXPECT_EQ(completion.bytes_transferred, 0U);
    }
}

TEST_F(Queue, MessageThatDoesNotFitOverflowsTheReceive) {
    const auto small = b_.piece(0, 50);

    must(pair_.b.qp.receive(1, one(small)));
    must(pair_.a.qp.send(2, one(out_)));
    EXPECT_NE(pair_.a.done(), Status::success);
    // Devices that say only that the request failed leave the second answer.
    const auto status = pair_.b.next_receive().status;
    EXPECT_TRUE(status == Status::buffer_overflow || status == Status::internal_error)
        << to_string(status);
}

TEST_F(Queue, WrongLocalTokenFailsTheRequestAndNamesIt) {
    auto wrong = out_;
    wrong.token ^= 0x1234'5600;

    const auto posted = pair_.a.qp.write(1, one(wrong), b_.remote());
    if (posted)
        EXPECT_EQ(pair_.a.done(), Status::access_violation);
    else
        EXPECT_EQ(status_of(posted), Status::access_violation);
}

TEST_F(Queue, CompletionsThatCannotBeWrittenStay) {
    ndk_get_cq_results get{};
    int notified = 0;

    pair_.a.initiator.on_notification([&](Status) { ++notified; });
    must(pair_.a.initiator.arm());
    must(pair_.a.qp.write(7, one(out_), b_.remote()));
    ASSERT_TRUE(drive({&pair_.a.session}, [&] { return notified == 1; }));
    get.hdr.size = sizeof(get);
    get.cq_id = pair_.a.initiator.id();
    get.results = 8; // nothing is mapped there
    get.count = 1;
    EXPECT_EQ(::ioctl(pair_.a.session.fd(), NDK_IOCTL_GET_CQ_RESULTS, &get), -1);
    EXPECT_EQ(errno, EFAULT);
    EXPECT_EQ(pair_.a.next().request_context, 7U);
}

class Arming : public Queue {
  protected:
    int count_ = 0;
    Status last_{};

    void watch(ndk::CompletionQueue &queue) {
        queue.on_notification([this](Status status) {
            ++count_;
            last_ = status;
        });
    }

    /// A write from b whose completion proves that all before it has arrived.
    void settle() {
        const auto piece = b_.piece(0, 1);

        EXPECT_EQ(write(pair_.b, one(piece), a_.remote()), Status::success);
        must(pair_.a.session.dispatch(20ms));
    }
};

TEST_F(Arming, NotificationComesOncePerArm) {
    watch(pair_.a.initiator);
    must(pair_.a.qp.write(1, one(out_), b_.remote()));
    settle();
    EXPECT_EQ(count_, 0) << "not armed";
    must(pair_.a.initiator.arm());
    ASSERT_TRUE(drive({&pair_.a.session}, [&] { return count_ == 1; }))
        << "an entry that came since the last notification satisfies the arm at once";
    must(pair_.a.qp.write(2, one(out_), b_.remote()));
    settle();
    EXPECT_EQ(count_, 1);
    EXPECT_EQ(last_, Status::success);
}

TEST_F(Arming, SolicitedIsNotSatisfiedByARequestOfOurOwn) {
    watch(pair_.a.initiator);
    must(pair_.a.initiator.arm(Notify::solicited));
    must(pair_.a.qp.write(1, one(out_), b_.remote()));
    settle();
    EXPECT_EQ(count_, 0);
}

TEST_F(Arming, SolicitedMessageSatisfiesSolicited) {
    must(pair_.b.qp.receive(1, one(in_)));
    watch(pair_.b.receives);
    must(pair_.b.receives.arm(Notify::solicited));
    must(pair_.a.qp.send(2, one(out_), OpFlags::send_and_solicit_event));
    EXPECT_TRUE(drive({&pair_.b.session}, [&] { return count_ == 1; }));
    EXPECT_EQ(pair_.a.done(), Status::success);
}

TEST_F(Arming, FailedRequestSatisfiesSolicited) {
    must(pair_.b.qp.receive(1, one(in_)));
    watch(pair_.b.receives);
    must(pair_.b.receives.arm(Notify::solicited));
    must(pair_.b.qp.flush());
    EXPECT_TRUE(drive({&pair_.b.session}, [&] { return count_ == 1; }));
    EXPECT_EQ(pair_.b.next_receive().status, Status::cancelled);
}

TEST_F(Arming, ErrorsDoNotFireForCompletions) {
    watch(pair_.a.initiator);
    must(pair_.a.initiator.arm(Notify::errors));
    must(pair_.a.qp.write(1, one(out_), b_.remote()));
    settle();
    EXPECT_EQ(count_, 0);
    must(pair_.a.initiator.arm(Notify::any)); // ERRORS then ANY is ANY
    EXPECT_TRUE(drive({&pair_.a.session}, [&] { return count_ == 1; }));
}

TEST_F(Arming, AnyStaysAnyWhenArmedAgainForLess) {
    watch(pair_.a.initiator);
    must(pair_.a.initiator.arm(Notify::any));
    must(pair_.a.initiator.arm(Notify::errors));
    must(pair_.a.qp.write(1, one(out_), b_.remote()));
    EXPECT_TRUE(drive({&pair_.a.session}, [&] { return count_ == 1; }));
}

} // namespace
