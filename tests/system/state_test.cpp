// SPDX-License-Identifier: GPL-2.0-only
// The states of a region: what is refused, by which name, and that a refusal
// leaves everything as it was.
#include "system_test.hpp"

#include <limits>
#include <set>

namespace {

using namespace ndk_test;
using ndk::MrKind;
using ndk::OpFlags;
using ndk::Status;

class State : public SystemTest {
  protected:
    Pair pair_;

    ndk::MemoryRegion create(MrKind kind) {
        return must(pair_.a.pd.create_memory_region(kind).wait());
    }
};

TEST_F(State, NoPagesAreRefused) {
    auto mr = create(MrKind::fast);

    EXPECT_EQ(status_of(mr.initialize(0).wait()), Status::invalid_parameter);
    EXPECT_EQ(must(mr.tokens()).remote, 0U);
}

TEST_F(State, PageLimitIsNamedAndExact) {
    auto mr = create(MrKind::fast);

    const auto refused = mr.initialize(std::numeric_limits<std::uint32_t>::max()).wait();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), Status::implementation_limit);
    const auto refusal = refused.error().refusal();
    EXPECT_EQ(refusal.argument, "AdapterPageCount") << refused.error().message();
    EXPECT_EQ(refusal.value, std::numeric_limits<std::uint32_t>::max());
    ASSERT_GE(refusal.limit, must(pair_.a.adapter.info()).frmr_page_count);

    const auto limit = static_cast<std::uint32_t>(refusal.limit);
    EXPECT_EQ(status_of(mr.initialize(limit + 1).wait()), Status::implementation_limit);
    EXPECT_EQ(must(mr.tokens()).remote, 0U);
    must(mr.initialize(limit).wait());
    EXPECT_NE(must(mr.tokens()).remote, 0U);
}

TEST_F(State, FewerPagesThanInitialisedWorkAndMoreAreRefused) {
    FastRegion region(pair_.a, 4, 1);
    auto mr = create(MrKind::fast);
    auto what = region.whole(remote_all);

    must(mr.initialize(3).wait());
    EXPECT_EQ(status_of(pair_.a.qp.fast_register(1, mr, region.lam, what)),
              Status::invalid_parameter);
    for (const std::uint32_t pages : {3U, 2U, 1U}) {
        what.page_count = pages;
        what.length = pages * page_size;
        must(pair_.a.qp.fast_register(1, mr, region.lam, what));
        EXPECT_EQ(pair_.a.done(), Status::success);
        must(pair_.a.qp.invalidate(2, mr));
        EXPECT_EQ(pair_.a.done(), Status::success);
    }
}

TEST_F(State, BadFastRegistrationsAreRefusedInline) {
    FastRegion region(pair_.a, 2, 1);
    const auto good = region.whole(remote_all);
    const auto expect_refused = [&](const char *why, auto change) {
        auto bad = good;

        change(bad);
        EXPECT_EQ(status_of(pair_.a.qp.fast_register(1, region.mr, region.lam, bad)),
                  Status::invalid_parameter)
            << why;
    };

    expect_refused("no pages", [](auto &r) { r.page_count = 0; });
    expect_refused("no bytes", [](auto &r) { r.length = 0; });
    expect_refused("too long", [](auto &r) { r.length += 1; });
    expect_refused("FBO beyond the page", [](auto &r) {
        r.fbo = page_size;
        r.base_address += page_size;
        r.length = 10;
    });
    expect_refused("too long for its FBO", [](auto &r) {
        r.fbo = 1;
        r.base_address += 1;
    });
    expect_refused("base and FBO disagree", [](auto &r) {
        r.fbo = 2;
        r.base_address += 1;
        r.length = 10;
    });
    expect_refused("base 0 with an FBO", [](auto &r) {
        r.fbo = 2;
        r.base_address = 0;
        r.length = 10;
    });
    expect_refused("wraps around", [](auto &r) { r.base_address = ~std::uint64_t{0} - 4095; });
    region.registered(pair_.a, remote_all);
    expect_alive(pair_.b, pair_.a);
}

TEST_F(State, RegisteringAValidRegionIsRefusedAndItStaysValid) {
    FastRegion region(pair_.a, 2, 1);
    const FastRegion other(pair_.a, 2, 2);
    const NormalRegion local(pair_.b, 2 * page_size, sink_access);
    const auto piece = local.piece(0, 2 * page_size);

    region.registered(pair_.a, remote_all);
    EXPECT_EQ(
        status_of(pair_.a.qp.fast_register(1, region.mr, other.lam, region.whole(remote_all))),
        Status::invalid_device_state);
    ASSERT_EQ(read(pair_.b, {&piece, 1}, region.remote()), Status::success);
    EXPECT_SAME_BYTES(local.buffer.bytes(), region.buffer.bytes());
    expect_alive(pair_.a, pair_.b);
}

TEST_F(State, InvalidatingAnInvalidRegionIsRefusedAndTheConnectionLives) {
    FastRegion region(pair_.a, 2, 1);

    EXPECT_EQ(status_of(pair_.a.qp.invalidate(1, region.mr)), Status::invalid_device_state);
    region.registered(pair_.a, remote_all);
    region.invalidated(pair_.a);
    EXPECT_EQ(status_of(pair_.a.qp.invalidate(1, region.mr)), Status::invalid_device_state);
    expect_alive(pair_.a, pair_.b);
    region.registered(pair_.a, remote_all);
}

TEST_F(State, RefusalSaysWhichStateItIs) {
    FastRegion region(pair_.a, 2, 1);
    const auto refused = pair_.a.qp.invalidate(1, region.mr);

    ASSERT_FALSE(refused);
    EXPECT_FALSE(refused.error().refusal().argument.empty()) << refused.error().message();
}

TEST_F(State, FastRegisterBeforeInitialisationIsRefused) {
    const FastRegion region(pair_.a, 2, 1);
    auto mr = create(MrKind::fast);

    EXPECT_EQ(status_of(pair_.a.qp.fast_register(1, mr, region.lam, region.whole(remote_all))),
              Status::invalid_device_state);
    EXPECT_EQ(status_of(pair_.a.qp.invalidate(1, mr)), Status::invalid_device_state);
    expect_alive(pair_.a, pair_.b);
}

TEST_F(State, NormalRequestsOnAFastRegionAreRefused) {
    FastRegion region(pair_.a, 2, 1);

    EXPECT_EQ(status_of(region.mr.register_memory(region.memory, all_access).wait()),
              Status::invalid_device_request);
    EXPECT_EQ(status_of(region.mr.deregister().wait()), Status::invalid_device_request);
    region.registered(pair_.a, remote_all);
    EXPECT_EQ(status_of(region.mr.deregister().wait()), Status::invalid_device_request);
    region.invalidated(pair_.a);
    expect_alive(pair_.a, pair_.b);
}

TEST_F(State, FastRequestsOnANormalRegionAreRefused) {
    const FastRegion fast(pair_.a, 2, 1);
    NormalRegion region(pair_.a, 2 * page_size, all_access, 1);

    EXPECT_EQ(status_of(region.mr.initialize(2).wait()), Status::invalid_device_request);
    EXPECT_EQ(status_of(pair_.a.qp.fast_register(1, region.mr, fast.lam, fast.whole(remote_all))),
              Status::invalid_device_request);
    EXPECT_EQ(status_of(pair_.a.qp.invalidate(1, region.mr)), Status::invalid_device_request);
    expect_alive(pair_.a, pair_.b);
    must(region.mr.deregister().wait());
}

TEST_F(State, NormalRegionIsRegisteredOnceAtATime) {
    NormalRegion region(pair_.a, 2 * page_size, all_access, 1);
    const auto first = region.tokens;

    EXPECT_EQ(status_of(region.mr.register_memory(region.memory, all_access).wait()),
              Status::invalid_device_state);
    EXPECT_EQ(must(region.mr.tokens()).remote, first.remote);
    must(region.mr.deregister().wait());
    EXPECT_EQ(status_of(region.mr.deregister().wait()), Status::invalid_device_state);
    must(region.mr.register_memory(region.memory, all_access).wait());
    EXPECT_NE(must(region.mr.tokens()).remote, first.remote) << "an old token must stay dead";
}

TEST_F(State, InitialisingAValidRegionIsRefused) {
    FastRegion region(pair_.a, 2, 1);

    region.registered(pair_.a, remote_all);
    EXPECT_EQ(status_of(region.mr.initialize(4).wait()), Status::invalid_device_state);
    EXPECT_EQ(must(region.mr.tokens()).remote, region.tokens.remote);
    region.invalidated(pair_.a);
    must(region.mr.initialize(4).wait());
}

TEST_F(State, ThousandReinitialisationsWithOtherSizesAndNewTokens) {
    const FastRegion region(pair_.a, 16, 1);
    const NormalRegion local(pair_.b, 16 * page_size, sink_access);
    auto mr = create(MrKind::fast);
    std::uint32_t last = 0;

    for (std::uint32_t round = 0; round < 1000; ++round) {
        const auto pages = 1 + round % 16;

        must(mr.initialize(pages).wait());
        const auto token = must(mr.tokens()).remote;
        ASSERT_NE(token, 0U);
        ASSERT_NE(token, last) << "round " << round;
        last = token;
        if (round % 50 != 0)
            continue;
        auto what = region.whole(remote_all);
        what.page_count = pages;
        what.length = pages * page_size;
        const auto piece = local.piece(0, what.length);
        must(pair_.a.qp.fast_register(1, mr, region.lam, what));
        ASSERT_EQ(pair_.a.done(), Status::success);
        ASSERT_EQ(read(pair_.b, {&piece, 1}, {what.base_address, token}), Status::success);
        must(pair_.a.qp.invalidate(1, mr));
        ASSERT_EQ(pair_.a.done(), Status::success);
    }
}

TEST_F(State, FourInitialisationsAtOnceHaveFourAnswers) {
    auto mr = create(MrKind::fast);
    std::vector<Status> answers;

    for (const std::uint32_t pages : {4U, 8U, 16U, 32U})
        mr.initialize(pages).then([&](auto result) { answers.push_back(status_of(result)); });
    ASSERT_TRUE(drive({&pair_.a.session}, [&] { return answers.size() == 4; }));
    EXPECT_EQ(answers, std::vector<Status>(4, Status::success));
    EXPECT_EQ(must(pair_.a.session.dispatch(50ms)), 0U) << "an answer came twice";
    EXPECT_NE(must(mr.tokens()).remote, 0U);
}

TEST_F(State, FlushedRegistrationLeavesTheRegionStaleUntilReinitialised) {
    FastRegion region(pair_.a, 2, 1);

    must(pair_.a.qp.flush());
    const auto posted =
        pair_.a.qp.fast_register(1, region.mr, region.lam, region.whole(remote_all));
    if (posted) {
        EXPECT_EQ(pair_.a.done(), Status::cancelled);
        EXPECT_EQ(status_of(pair_.a.qp.invalidate(1, region.mr)), Status::invalid_device_state);
    }
    must(region.mr.initialize(2).wait());
    pair_.a.renew();
    pair_.b.renew();
    connect(pair_.a, pair_.b);
    region.registered(pair_.a, remote_all);
}

TEST_F(State, RegionOutlivesItsConnectionAndIsInvalidatedThroughAnother) {
    FastRegion region(pair_.a, 2, 1);
    const NormalRegion local(pair_.b, page_size, sink_access);
    const auto piece = local.piece(0, 100);

    region.registered(pair_.a, remote_all);
    pair_.a.renew();
    pair_.b.renew();
    connect(pair_.a, pair_.b);
    EXPECT_EQ(read(pair_.b, {&piece, 1}, region.remote()), Status::success);
    region.invalidated(pair_.a);
    region.registered(pair_.a, remote_all);
    EXPECT_EQ(read(pair_.b, {&piece, 1}, region.remote()), Status::success);
}

class Unconnected : public SystemTest {};

TEST_F(Unconnected, RequestsAreRefusedByName) {
    End end;
    FastRegion region(end, 2, 1);
    const NormalRegion local(end, page_size, all_access);
    const auto piece = local.piece(0, 64);
    const std::span<const ndk::Sge> pieces(&piece, 1);

    EXPECT_EQ(status_of(end.qp.fast_register(1, region.mr, region.lam, region.whole(remote_all))),
              Status::connection_invalid);
    EXPECT_EQ(status_of(end.qp.send(1, pieces)), Status::connection_invalid);
    EXPECT_EQ(status_of(end.qp.send_and_invalidate(1, pieces, 5)), Status::connection_invalid);
    EXPECT_EQ(status_of(end.qp.read(1, pieces, local.remote())), Status::connection_invalid);
    EXPECT_EQ(status_of(end.qp.write(1, pieces, local.remote())), Status::connection_invalid);
    must(end.qp.receive(1, pieces)); // may be posted before
}

} // namespace
