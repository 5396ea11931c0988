// SPDX-License-Identifier: GPL-2.0-only
// The main job: memory is registered, the token goes to a peer, and the peer
// reads and writes exactly that memory and nothing else.
#include "system_test.hpp"

#include <algorithm>

namespace {

using namespace ndk_test;
using ndk::OpFlags;
using ndk::Status;

/// A registration and the piece of memory that it must cover.
struct Case {
    std::size_t pages;
    std::size_t offset; // of the first byte in the first page
    std::size_t length;
    std::uint64_t base;
    std::uint32_t fbo;
};

std::ostream &operator<<(std::ostream &out, const Case &c) {
    return out << c.pages << " pages, offset " << c.offset << ", length " << c.length << ", base 0x"
               << std::hex << c.base << std::dec << ", FBO " << c.fbo;
}

class MainJob : public SystemTest {
  protected:
    /// The peer reads the region and finds it; writes to it, and it changes;
    /// nothing around it does.
    static void exercise(End &peer, std::span<std::byte> around, std::size_t at, std::size_t length,
                         ndk::RemoteMemory remote, NormalRegion &local) {
        std::vector<std::byte> wanted(length);

        Buffer::fill(around, 11);
        Buffer::fill(local.buffer.bytes(), 99);
        const auto region = around.subspan(at, length);
        const auto piece = local.piece(page_size, length);
        ASSERT_EQ(read(peer, {&piece, 1}, remote), Status::success);
        EXPECT_SAME_BYTES(local.buffer.bytes(page_size, length), region);
        std::vector<std::byte> guard(local.buffer.bytes().size());
        Buffer::fill(guard, 99);
        EXPECT_SAME_BYTES(local.buffer.bytes(0, page_size), std::span(guard).first(page_size));
        EXPECT_SAME_BYTES(local.buffer.bytes().subspan(page_size + length),
                          std::span(guard).subspan(page_size + length));

        Buffer::fill(local.buffer.bytes(), 123);
        std::ranges::copy(local.buffer.bytes(page_size, length), wanted.begin());
        ASSERT_EQ(write(peer, {&piece, 1}, remote), Status::success);
        EXPECT_SAME_BYTES(region, wanted);
        std::vector<std::byte> untouched(around.size());
        Buffer::fill(untouched, 11);
        EXPECT_SAME_BYTES(around.first(at), std::span(untouched).first(at));
        EXPECT_SAME_BYTES(around.subspan(at + length), std::span(untouched).subspan(at + length));
    }

    static void run_fast(Pair &pair, const ndk::MemoryRegion &mr, std::uint32_t token,
                         NormalRegion &local, const Case &c) {
        SCOPED_TRACE(testing::Message() << c);
        // One guard page on each side, which the mapping does not contain.
        const Buffer buffer((c.pages + 2) * page_size);
        const auto memory = must(pair.a.session.pin(buffer.bytes(page_size, c.pages * page_size),
                                                    ndk::PinAccess::read_write));
        auto lam = must(pair.a.adapter.build_lam(memory).wait());

        ASSERT_EQ(lam.page_count(), c.pages);
        ASSERT_EQ(lam.first_byte_offset(), 0U);
        must(pair.a.qp.fast_register(5, mr, lam,
                                     {.first_page = 0,
                                      .page_count = lam.page_count(),
                                      .fbo = c.fbo,
                                      .length = c.length,
                                      .base_address = c.base,
                                      .flags = remote_all}));
        ASSERT_EQ(pair.a.done(), Status::success);
        exercise(pair.b, buffer.bytes(), page_size + c.offset, c.length, {c.base, token}, local);
        must(pair.a.qp.invalidate(6, mr));
        ASSERT_EQ(pair.a.done(), Status::success);
    }
};

std::vector<Case> fast_cases() {
    std::vector<Case> cases;

    for (const std::size_t pages : {1U, 2U, 16U, 511U, 512U}) {
        for (const std::size_t offset : {0U, 1U, 4095U}) {
            const auto most = pages * page_size - offset;
            std::vector<std::size_t> lengths{most};

            if (most > 1)
                lengths.push_back(most - 1); // ends before the end of a page
            if (pages <= 16) {
                lengths.push_back(1);
                lengths.push_back(std::min(most, most / 2 + 3));
                if (most > page_size)
                    lengths.push_back((pages - 1) * page_size + 1 -
                                      std::min(offset, page_size - 1));
            }
            for (const auto length : lengths)
                cases.push_back({pages, offset, length, 0x5a5a'0000 + offset,
                                 static_cast<std::uint32_t>(offset)});
        }
    }
    for (const std::size_t pages : {2U, 16U}) {
        const auto whole = pages * page_size;

        cases.push_back({pages, 0, whole - 7, 0, 0});
        // Not canonical on this processor, and in the kernel's half.
        cases.push_back({pages, 33, whole - 40, 0x8000'1234'5000'0000 + 33, 33});
        cases.push_back({pages, 1, whole - 1, 0xffff'8880'0000'0000 + 1, 1});
        // A consumer's habit: FBO 0 and the offset in the low bits of the base.
        cases.push_back({pages, 1, whole - 1, 0x7000'0000 + 1, 0});
        cases.push_back({pages, 4095, whole - 4095, 0x7000'0000 + 4095, 0});
    }
    return cases;
}

TEST_F(MainJob, FastPathForEverySizeOffsetLengthAndBase) {
    Pair pair;
    auto mr = must(pair.a.pd.create_memory_region(ndk::MrKind::fast).wait());

    must(mr.initialize(512).wait());
    const auto token = must(mr.tokens()).remote;
    ASSERT_NE(token, 0U);
    NormalRegion local(pair.b, 514 * page_size, sink_access);
    for (const auto &c : fast_cases()) {
        run_fast(pair, mr, token, local, c);
        if (HasFatalFailure())
            return;
        EXPECT_EQ(must(mr.tokens()).remote, token) << "tokens must stay until re-initialisation";
    }
}

TEST_F(MainJob, NormalPathForEverySizeOffsetAndLength) {
    Pair pair;
    NormalRegion local(pair.b, 514 * page_size, sink_access);
    auto mr = must(pair.a.pd.create_memory_region(ndk::MrKind::normal).wait());

    for (const std::size_t pages : {1U, 2U, 16U, 511U, 512U}) {
        const Buffer buffer((pages + 2) * page_size);

        for (const std::size_t offset : {0U, 1U, 4095U}) {
            for (const std::size_t cut : {0U, 1U, 4095U}) {
                const auto length = pages * page_size - offset;

                if (length <= cut || (pages > 16 && cut == 4095))
                    continue;
                SCOPED_TRACE(testing::Message() << pages << " pages, offset " << offset << ", "
                                                << cut << " bytes short");
                const auto memory = must(pair.a.session.pin(
                    buffer.bytes(page_size + offset, length - cut), ndk::PinAccess::read_write));
                must(mr.register_memory(memory, all_access).wait());
                exercise(pair.b, buffer.bytes(), page_size + offset, length - cut,
                         {memory.address(), must(mr.tokens()).remote}, local);
                must(mr.deregister().wait());
                if (HasFatalFailure())
                    return;
            }
        }
    }
}

TEST_F(MainJob, FastPathWindowsOfOneMapping) {
    Pair pair;
    FastRegion region(pair.a, 8, 17);
    const NormalRegion local(pair.b, page_size * 8, sink_access);

    for (std::uint32_t first = 0; first < 8; ++first) {
        const auto at = first * page_size;
        const auto piece = local.piece(at, page_size);

        must(pair.a.qp.fast_register(1, region.mr, region.lam,
                                     {.first_page = first,
                                      .page_count = 1,
                                      .fbo = 0,
                                      .length = page_size,
                                      .base_address = 0x1000,
                                      .flags = OpFlags::allow_remote_read}));
        ASSERT_EQ(pair.a.done(), Status::success);
        ASSERT_EQ(read(pair.b, {&piece, 1}, {0x1000, region.tokens.remote}), Status::success);
        region.invalidated(pair.a);
    }
    EXPECT_SAME_BYTES(local.buffer.bytes(), region.buffer.bytes());
}

TEST_F(MainJob, FastPathOfUnalignedMemoryUsesTheMappingsOffset) {
    Pair pair;
    const Buffer buffer(4 * page_size, 3);
    const auto bytes = buffer.bytes(page_size + 1234, 2 * page_size);
    const auto memory = must(pair.a.session.pin(bytes, ndk::PinAccess::read_write));
    const auto lam = must(pair.a.adapter.build_lam(memory).wait());
    auto mr = must(pair.a.pd.create_memory_region(ndk::MrKind::fast).wait());
    const NormalRegion local(pair.b, 2 * page_size, sink_access);
    const auto piece = local.piece(0, 2 * page_size);

    EXPECT_EQ(lam.page_count(), 3U);
    ASSERT_EQ(lam.first_byte_offset(), 1234U);
    must(mr.initialize(3).wait());
    must(pair.a.qp.fast_register(1, mr, lam,
                                 {.first_page = 0,
                                  .page_count = 3,
                                  .fbo = 1234,
                                  .length = bytes.size(),
                                  .base_address = memory.address(),
                                  .flags = OpFlags::allow_remote_read}));
    ASSERT_EQ(pair.a.done(), Status::success);
    ASSERT_EQ(read(pair.b, {&piece, 1}, {memory.address(), must(mr.tokens()).remote}),
              Status::success);
    EXPECT_SAME_BYTES(local.buffer.bytes(), bytes);
}

TEST_F(MainJob, LocalTokenOfAFastRegionWorksInRequests) {
    Pair pair;
    FastRegion sink(pair.b, 2, 1);
    NormalRegion source(pair.a, 2 * page_size, all_access, 2);

    sink.registered(pair.b, OpFlags::allow_local_write);
    const auto piece = ndk::Sge::of(sink.buffer.bytes(), sink.tokens.local);
    ASSERT_EQ(read(pair.b, {&piece, 1}, source.remote()), Status::success);
    EXPECT_SAME_BYTES(sink.buffer.bytes(), source.buffer.bytes());
    sink.buffer.fill(77);
    ASSERT_EQ(write(pair.b, {&piece, 1}, source.remote()), Status::success);
    EXPECT_SAME_BYTES(source.buffer.bytes(), sink.buffer.bytes());
}

TEST_F(MainJob, PrivilegedTokenReachesMappedMemoryWithoutARegion) {
    Pair pair;
    const FastRegion sink(pair.b, 3, 1); // only its mapping is used
    const NormalRegion source(pair.a, 3 * page_size, all_access, 2);
    const auto piece =
        ndk::Sge::privileged(sink.lam, 100, static_cast<std::uint32_t>(page_size / 2));

    ASSERT_EQ(read(pair.b, {&piece, 1}, source.remote(5)), Status::success);
    EXPECT_SAME_BYTES(sink.buffer.bytes(100, page_size / 2), source.buffer.bytes(5, page_size / 2));
    std::vector<std::byte> untouched(sink.buffer.bytes().size());
    Buffer::fill(untouched, 1);
    EXPECT_SAME_BYTES(sink.buffer.bytes(0, 100), std::span(untouched).first(100));
    EXPECT_SAME_BYTES(sink.buffer.bytes().subspan(100 + page_size / 2),
                      std::span(untouched).subspan(100 + page_size / 2));
}

TEST_F(MainJob, PrivilegedTokenReachesEachPageOfAPiece) {
    constexpr std::size_t pages = 6;
    EndOptions options;
    options.qp.max_initiator_request_sge = pages;
    Pair pair(options);
    const FastRegion mapped(pair.b, pages, 1); // only its mapping is used
    NormalRegion far(pair.a, pages * page_size, all_access, 2);

    for (const auto &[at, length] :
         {std::pair{page_size - 5, std::size_t{10}}, std::pair{std::size_t{100}, 2 * page_size},
          std::pair{std::size_t{0}, pages * page_size}}) {
        SCOPED_TRACE(testing::Message() << length << " bytes from " << at << " on");
        const auto piece = ndk::Sge::privileged(mapped.lam, at, static_cast<std::uint32_t>(length));
        std::vector<std::byte> around(pages * page_size);

        Buffer::fill(mapped.buffer.bytes(), 1);
        ASSERT_EQ(read(pair.b, {&piece, 1}, far.remote(0)), Status::success);
        EXPECT_SAME_BYTES(mapped.buffer.bytes(at, length), far.buffer.bytes(0, length));
        Buffer::fill(around, 1);
        EXPECT_SAME_BYTES(mapped.buffer.bytes(0, at), std::span(around).first(at));
        EXPECT_SAME_BYTES(mapped.buffer.bytes().subspan(at + length),
                          std::span(around).subspan(at + length));
        Buffer::fill(mapped.buffer.bytes(), 77);
        ASSERT_EQ(write(pair.b, {&piece, 1}, far.remote(0)), Status::success);
        EXPECT_SAME_BYTES(far.buffer.bytes(0, length), mapped.buffer.bytes(at, length));
        far.buffer.fill(2);
    }
}

TEST_F(MainJob, SixtyFourMebibytesOfUserMemoryInOneRegistration) {
    constexpr std::size_t size = 64U << 20;
    constexpr std::size_t step = 1U << 20;
    Pair pair;
    const NormalRegion source(pair.a, size, ndk::MrAccess::remote_read, 5);
    const NormalRegion local(pair.b, step, sink_access);
    const auto piece = local.piece(0, step);

    for (std::size_t at = 0; at < size; at += step) {
        ASSERT_EQ(read(pair.b, {&piece, 1}, source.remote(at)), Status::success);
        EXPECT_SAME_BYTES(local.buffer.bytes(), source.buffer.bytes(at, step));
    }
}

TEST_F(MainJob, KernelMemoryRegisteredTheNormalWay) {
    constexpr std::size_t size = 5 * page_size + 100;
    constexpr std::uint64_t label = 0x4321'0000 + 77;
    Pair pair;
    auto memory = must(pair.a.session.allocate(size, label));
    auto mr = must(pair.a.pd.create_memory_region(ndk::MrKind::normal).wait());
    NormalRegion local(pair.b, size, sink_access, 9);
    std::vector<std::byte> content(size);
    const auto piece = local.piece(0, size);

    must(memory.copy_out(content));
    EXPECT_TRUE(std::ranges::all_of(content, [](std::byte b) { return b == std::byte{0}; }));
    Buffer::fill(content, 42);
    must(memory.copy_in(content));
    must(mr.register_memory(memory, all_access).wait());
    const ndk::RemoteMemory remote{label, must(mr.tokens()).remote};
    ASSERT_EQ(read(pair.b, {&piece, 1}, remote), Status::success);
    EXPECT_SAME_BYTES(local.buffer.bytes(0, size), content);
    local.buffer.fill(43);
    ASSERT_EQ(write(pair.b, {&piece, 1}, remote), Status::success);
    must(memory.copy_out(content));
    EXPECT_SAME_BYTES(content, local.buffer.bytes(0, size));
    must(mr.deregister().wait());
}

} // namespace
