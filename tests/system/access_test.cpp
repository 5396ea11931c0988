// SPDX-License-Identifier: GPL-2.0-only
// Who may do what to a region. A refused access of a peer ends the connection,
// as the transport demands, so each test has its own.
#include "system_test.hpp"

namespace {

using namespace ndk_test;
using ndk::MrAccess;
using ndk::OpFlags;
using ndk::Status;

class Access : public SystemTest {
  protected:
    Pair pair_;
    NormalRegion local_{pair_.b, 4 * page_size, sink_access, 50};
    ndk::Sge piece_ = local_.piece(0, 100);

    /// Nothing of the peer's memory was written by a refused read.
    void expect_local_untouched() {
        std::vector<std::byte> wanted(local_.buffer.bytes().size());

        Buffer::fill(wanted, 50);
        EXPECT_SAME_BYTES(local_.buffer.bytes(), wanted);
    }

    static void expect_content(const Buffer &buffer, std::uint8_t seed) {
        std::vector<std::byte> wanted(buffer.bytes().size());

        Buffer::fill(wanted, seed);
        EXPECT_SAME_BYTES(buffer.bytes(), wanted);
    }
};

TEST_F(Access, RemoteFlagsNeedRemoteAccessAtInitialisation) {
    FastRegion region(pair_.a, 2, 1, ndk::RemoteAccess::denied);

    for (const auto flags : {OpFlags::allow_remote_read, OpFlags::allow_remote_write, remote_all})
        EXPECT_EQ(
            status_of(pair_.a.qp.fast_register(1, region.mr, region.lam, region.whole(flags))),
            Status::access_violation);
    // Nothing was posted: the next completion is that of the next request.
    must(pair_.a.qp.fast_register(2, region.mr, region.lam,
                                  region.whole(OpFlags::allow_local_write)));
    EXPECT_EQ(pair_.a.next().request_context, 2U);
    expect_alive(pair_.a, pair_.b);
}

TEST_F(Access, LocalOnlyFastRegionCannotBeRead) {
    FastRegion region(pair_.a, 2, 1);

    region.registered(pair_.a, OpFlags::allow_local_write);
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
    expect_local_untouched();
}

TEST_F(Access, LocalOnlyFastRegionCannotBeWritten) {
    FastRegion region(pair_.a, 2, 1);

    region.registered(pair_.a, OpFlags::allow_local_write);
    EXPECT_EQ(write(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
    expect_content(region.buffer, 1);
}

TEST_F(Access, ReadOnlyFastRegionCannotBeWritten) {
    FastRegion region(pair_.a, 2, 1);

    region.registered(pair_.a, OpFlags::allow_remote_read);
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::success);
    EXPECT_EQ(write(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
    expect_content(region.buffer, 1);
}

TEST_F(Access, WriteOnlyFastRegionCannotBeRead) {
    FastRegion region(pair_.a, 2, 1);

    region.registered(pair_.a, OpFlags::allow_remote_write);
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
    expect_local_untouched();
}

TEST_F(Access, LocalOnlyNormalRegionCannotBeRead) {
    const NormalRegion region(pair_.a, 2 * page_size, MrAccess::local_write, 1);

    EXPECT_EQ(read(pair_.b, {&piece_, 1},
                   {region.memory.address(),
                    region.tokens.remote ? region.tokens.remote : region.tokens.local}),
              Status::access_violation);
    expect_local_untouched();
}

TEST_F(Access, ReadOnlyNormalRegionCannotBeWritten) {
    const NormalRegion region(pair_.a, 2 * page_size, MrAccess::remote_read, 1);

    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::success);
    EXPECT_EQ(write(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
    expect_content(region.buffer, 1);
}

TEST_F(Access, DeregisteredRegionCannotBeRead) {
    NormalRegion region(pair_.a, 2 * page_size, MrAccess::remote_read, 1);

    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::success);
    must(region.mr.deregister().wait());
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
}

TEST_F(Access, InvalidatedRegionCannotBeRead) {
    FastRegion region(pair_.a, 2, 1);

    region.registered(pair_.a, remote_all);
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::success);
    region.invalidated(pair_.a);
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
}

TEST_F(Access, ClosedRegionCannotBeReadThoughItWasNeverInvalidated) {
    FastRegion region(pair_.a, 2, 1);

    region.registered(pair_.a, remote_all);
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::success);
    must(region.mr.close().wait());
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
}

TEST_F(Access, OneByteBeforeTheRegionCannotBeRead) {
    FastRegion region(pair_.a, 2, 1);

    must(pair_.a.qp.fast_register(1, region.mr, region.lam,
                                  {.first_page = 0,
                                   .page_count = 2,
                                   .fbo = 10,
                                   .length = 1000,
                                   .base_address = 0x10000 + 10,
                                   .flags = remote_all}));
    ASSERT_EQ(pair_.a.done(), Status::success);
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, {0x10000 + 9, region.tokens.remote}),
              Status::access_violation);
    expect_local_untouched();
}

TEST_F(Access, OneBytePastTheRegionCannotBeRead) {
    FastRegion region(pair_.a, 2, 1);

    must(pair_.a.qp.fast_register(1, region.mr, region.lam,
                                  {.first_page = 0,
                                   .page_count = 2,
                                   .fbo = 10,
                                   .length = page_size + 50,
                                   .base_address = 0x10000 + 10,
                                   .flags = remote_all}));
    ASSERT_EQ(pair_.a.done(), Status::success);
    const auto whole = local_.piece(0, page_size + 50);
    EXPECT_EQ(read(pair_.b, {&whole, 1}, {0x10000 + 10, region.tokens.remote}), Status::success);
    const auto more = local_.piece(0, page_size + 51);
    EXPECT_EQ(read(pair_.b, {&more, 1}, {0x10000 + 10, region.tokens.remote}),
              Status::access_violation);
}

TEST_F(Access, OneBytePastTheRegionCannotBeWritten) {
    FastRegion region(pair_.a, 2, 1);

    must(pair_.a.qp.fast_register(1, region.mr, region.lam,
                                  {.first_page = 0,
                                   .page_count = 2,
                                   .fbo = 0,
                                   .length = 1000,
                                   .base_address = 0x10000,
                                   .flags = remote_all}));
    ASSERT_EQ(pair_.a.done(), Status::success);
    EXPECT_EQ(write(pair_.b, {&piece_, 1}, {0x10000 + 901, region.tokens.remote}),
              Status::access_violation);
    EXPECT_EQ(region.buffer.bytes()[1000], [] {
        std::vector<std::byte> wanted(1001);
        Buffer::fill(wanted, 1);
        return wanted[1000];
    }());
}

TEST_F(Access, RegionOfAnotherDomainCannotBeReached) {
    End stranger;
    const NormalRegion region(stranger, page_size, all_access, 1);

    EXPECT_EQ(read(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
}

TEST_F(Access, ReceiverOfAViolationIsTold) {
    FastRegion region(pair_.a, 2, 1);
    const NormalRegion inbox(pair_.a, 64, MrAccess::local_write);
    const auto piece = inbox.piece(0, 64);

    must(pair_.a.qp.receive(9, {&piece, 1}));
    region.registered(pair_.a, OpFlags::allow_remote_read);
    EXPECT_EQ(write(pair_.b, {&piece_, 1}, region.remote()), Status::access_violation);
    EXPECT_EQ(pair_.a.next_receive().status, Status::cancelled);
}

TEST_F(Access, MemoryPinnedForReadingIsNotRegisteredForWriting) {
    const Buffer buffer(page_size);
    const auto memory = must(pair_.a.session.pin(std::span<const std::byte>(buffer.bytes())));
    const auto lam = must(pair_.a.adapter.build_lam(memory).wait());
    auto normal = must(pair_.a.pd.create_memory_region(ndk::MrKind::normal).wait());
    auto fast = must(pair_.a.pd.create_memory_region(ndk::MrKind::fast).wait());

    must(fast.initialize(1).wait());
    EXPECT_EQ(status_of(normal.register_memory(memory, MrAccess::local_write).wait()),
              Status::access_violation);
    EXPECT_EQ(status_of(normal.register_memory(memory, MrAccess::remote_write).wait()),
              Status::access_violation);
    for (const auto flags : {OpFlags::allow_local_write, OpFlags::allow_remote_write})
        EXPECT_EQ(
            errno_of(pair_.a.qp.fast_register(
                1, fast, lam,
                {.page_count = 1, .length = page_size, .base_address = page_size, .flags = flags})),
            EACCES);
    must(normal.register_memory(memory, MrAccess::remote_read).wait());
    const ndk::RemoteMemory remote{memory.address(), must(normal.tokens()).remote};
    EXPECT_EQ(read(pair_.b, {&piece_, 1}, remote), Status::success);
}

} // namespace
