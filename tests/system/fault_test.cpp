// SPDX-License-Identifier: GPL-2.0-only
// Each allocation, and each copy from or to the caller, that an ioctl makes fails
// once. The ioctl is then refused with a documented error, and the same call
// succeeds when it is repeated; or it does without what it did not get. Nothing is
// left behind, and the kernel's own checks have the last word.
//
// What can fail is found out, not written down: a scenario uses every command there
// is, and each ioctl that it makes is made again and again, with the next step
// failing, until none is left. Only the debug kernel can do that.
#include "walking_calls.hpp"

#include "system_test.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <map>

namespace {

using namespace ndk_test;
using ndk::Status;

class Faults : public SystemTest {
  protected:
    void SetUp() override {
        if (!calls_->available())
            GTEST_SKIP() << "this kernel cannot make allocations fail";
        session_calls() = calls_;
        hang_after(1800s);
    }
    void TearDown() override { session_calls() = nullptr; }

    void scenario();

    std::shared_ptr<WalkingCalls> calls_ = std::make_shared<WalkingCalls>();

  private:
    void questions(End &end);
    void unsupported(End &end);
    void memory(End &end);
    void meet(End &a, End &b);
    void transfer(End &a, End &b);
    void turn_away(End &a, End &b);

    template <class Command>
    void is_not_supported(End &end, unsigned long request, Command command) {
        command.hdr.size = sizeof(command);
        const auto answer = calls_->ioctl(end.session.fd(), request, &command);
        ASSERT_TRUE(answer) << answer.error().message();
        EXPECT_EQ(Status{command.hdr.out_status}, Status::not_supported);
    }
};

void Faults::questions(End &end) {
    must(end.session.adapters());
    must(end.adapter.info());
    must(end.pd.version());
    must(end.pd.last_refusal());
    // No extension is known by this name, and not every device can do the others.
    (void)end.adapter.query_extension({}, {1, 0});
    (void)end.initiator.moderate(0us, 0);
    (void)end.initiator.resize(300).wait();
}

/// The door passes these on, and is told no.
void Faults::unsupported(End &end) {
    ndk_create window{};
    ndk_create_srq queue{};
    ndk_create_shared_endpoint endpoint{};

    window.parent_id = end.pd.id();
    is_not_supported(end, NDK_IOCTL_CREATE_MW, window);
    queue.pd_id = end.pd.id();
    queue.depth = 16;
    queue.max_receive_request_sge = 1;
    is_not_supported(end, NDK_IOCTL_CREATE_SRQ, queue);
    endpoint.adapter_id = end.adapter.id();
    is_not_supported(end, NDK_IOCTL_CREATE_SHARED_ENDPOINT, endpoint);
}

void Faults::memory(End &end) {
    std::array<std::byte, 100> bytes{};
    std::array<std::byte, 100> back{};
    auto allocated = must(end.session.allocate(2 * page_size, 0x5000));

    Buffer::fill(bytes, 1);
    must(allocated.copy_in(bytes, page_size - 3));
    must(allocated.copy_out(back, page_size - 3));
    EXPECT_SAME_BYTES(back, bytes);
    must(allocated.unpin());

    NormalRegion normal(end, 2 * page_size, all_access);
    must(normal.mr.deregister().wait());

    FastRegion fast(end, 2);
    must(fast.mr.close().wait());
    must(fast.lam.release());
}

/// How the two sides of a connection fare. Their requests own it, because those
/// without an answer end with their session, when a scenario has failed.
struct Fate {
    std::optional<ndk::Result<void>> caller;
    std::optional<ndk::Result<void>> listener;
};

/// As connect(), with more commands.
void Faults::meet(End &a, End &b) {
    const auto fate = std::make_shared<Fate>();
    const auto local = must(ndk::Address::parse(place().address4));
    const std::array<std::byte, 8> data{};
    auto listener =
        must(b.adapter
                 .create_listener([fate, &b, &data](ndk::Connector caller) {
                     b.connector = std::move(caller);
                     b.connector.accept(b.qp, {.private_data = data}, [](std::uint32_t) {})
                         .then([fate](auto result) { fate->listener = std::move(result); });
                 })
                 .wait());

    must(listener.listen(local).wait());
    must(listener.pause(true));
    must(listener.pause(false));
    const auto destination = must(listener.local_address());
    a.connector = must(a.adapter.create_connector().wait());
    a.connector.connect(a.qp, local, destination, {.private_data = data})
        .then([fate, &a](ndk::Result<void> result) {
            // Not by an event: when the answer is lost, nobody can tell whether
            // there will be one.
            fate->caller =
                result ? a.connector.complete_connect([](std::uint32_t) {}).wait() : result;
        });
    if (!drive({&a.session, &b.session}, [&] { return fate->caller && fate->listener; }))
        throw std::runtime_error("connecting takes too long");
    must(std::move(*fate->caller));
    must(std::move(*fate->listener));
    must(a.connector.connection_data());
    must(a.connector.local_address());
    must(a.connector.peer_address());
}

void Faults::transfer(End &a, End &b) {
    NormalRegion from(a, page_size, all_access, 1);
    NormalRegion to(b, page_size, all_access, 2);
    FastRegion fast(a, 2);
    FastRegion remote(b, 2);
    const std::array pieces{from.piece(0, 10), from.piece(100, 20)};
    const auto privileged = ndk::Sge::privileged(fast.lam, 0, 64);
    const auto in = to.piece(0, 64);
    const auto told = std::make_shared<unsigned>(0);
    const auto lost_before = calls_->results_lost();

    const auto wait_for = [&](End &end, const auto &post) {
        const auto before = *told;

        end.initiator.notification().then([told](auto result) { *told += result.has_value(); });
        post();
        if (!drive({&end.session}, [&] { return *told != before; }))
            throw std::runtime_error("no completion of a request");
    };
    wait_for(b,
             [&] { must(b.qp.fast_register(1, remote.mr, remote.lam, remote.whole(remote_all))); });
    for (int i = 0; i < 3; ++i)
        must(b.qp.receive(1, {&in, 1}));
    // The queue is not empty when it is looked at for the first time.
    wait_for(a, [&] { must(a.qp.send(2, pieces)); });
    must(a.qp.send(2, {&privileged, 1}));
    must(a.qp.write(3, pieces, to.remote()));
    must(a.qp.read(4, pieces, to.remote()));
    must(a.qp.fast_register(5, fast.mr, fast.lam, fast.whole(remote_all)));
    must(a.qp.invalidate(6, fast.mr));
    must(a.qp.send_and_invalidate(7, pieces, remote.tokens.remote));
    for (unsigned i = 0; i + calls_->results_lost() < 7 + lost_before; ++i)
        EXPECT_EQ(a.done(), Status::success);
    must(a.qp.flush());
    must(a.connector.disconnect().wait());
}

/// A caller who is refused.
void Faults::turn_away(End &a, End &b) {
    const auto fate = std::make_shared<Fate>();
    const auto local = must(ndk::Address::parse(place().address4));
    auto listener = must(
        b.adapter
            .create_listener([fate](ndk::Connector caller) { fate->listener = caller.reject(); })
            .wait());

    must(listener.listen(local).wait());
    a.renew();
    a.connector = must(a.adapter.create_connector().wait());
    a.connector.connect(a.qp, local, must(listener.local_address())).then([fate](auto result) {
        fate->caller = std::move(result);
    });
    if (!drive({&a.session, &b.session}, [&] { return fate->caller && fate->listener; }))
        throw std::runtime_error("refusing takes too long");
    must(std::move(*fate->listener));
    EXPECT_EQ(status_of(*fate->caller), Status::connection_refused);
}

void Faults::scenario() {
    const WalkingCalls::Walking walking(*calls_);
    End a;
    End b;

    questions(a);
    unsupported(a);
    memory(a);
    meet(a, b);
    transfer(a, b);
    turn_away(a, b);
}

TEST_F(Faults, EveryStepOfEveryCommand) {
    const auto walked = [](const auto &entry) { return entry.second.walked; };
    const auto &walks = calls_->walks();
    std::map<unsigned, unsigned> lost;
    unsigned commands = 0, steps = 0, rounds = 0;

    // Again for what can be had only once, and was, though a step had failed.
    do
        scenario();
    while (!std::ranges::all_of(walks, walked) && ++rounds < 100 && !HasFailure());

    for (const auto &[which, walk] : walks) {
        const auto &[command, index] = which;

        SCOPED_TRACE("command " + std::to_string(command) + ", call " + std::to_string(index));
        EXPECT_TRUE(walk.walked) << walk.steps << " steps";
        EXPECT_GE(walk.refused, 1U) << "its structure is read";
        lost[command] += walk.lost;
        steps += walk.steps;
    }
    for (unsigned command = NDK_CMD_BASE; command < NDK_CMD_END; ++command) {
        EXPECT_GE(lost[command], 1U)
            << "command " << command << " is not used here, or its structure not written";
        commands += lost[command] != 0;
    }
    EXPECT_GE(calls_->results_lost(), 1U);
    std::cout << "# failure points of ioctls: " << commands << " commands, " << steps << " steps\n";
}

} // namespace
