// SPDX-License-Identifier: GPL-2.0-only
// Ownership: who closes what, and never twice.
#include "scripted_calls.hpp"

#include <type_traits>

namespace {

using ndk::Status;
using namespace ndk_test;

template <class T> constexpr bool move_only() {
    return std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
           !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;
}

static_assert(move_only<ndk::Session>());
static_assert(move_only<ndk::Adapter>());
static_assert(move_only<ndk::ProtectionDomain>());
static_assert(move_only<ndk::CompletionQueue>());
static_assert(move_only<ndk::QueuePair>());
static_assert(move_only<ndk::MemoryRegion>());
static_assert(move_only<ndk::Memory>());
static_assert(move_only<ndk::LogicalAddressMapping>());
static_assert(move_only<ndk::Listener>());
static_assert(move_only<ndk::Connector>());

using Ids = std::vector<std::uint32_t>;

class Handle : public ScriptedTest {
  protected:
    ndk::Adapter adapter = open_adapter(1);
};

TEST_F(Handle, DestructorClosesOnceWithoutWaiting) {
    { const auto pd = create_pd(adapter, 2); }
    EXPECT_EQ(calls->abandoned, Ids{2});
}

TEST_F(Handle, MovedFromHandleIsEmptyAndClosesNothing) {
    auto pd = create_pd(adapter, 2);
    auto moved = std::move(pd);

    EXPECT_FALSE(pd); // NOLINT(bugprone-use-after-move): that is the point
    EXPECT_EQ(pd.id(), 0U);
    EXPECT_EQ(moved.id(), 2U);
    pd = {};
    EXPECT_TRUE(calls->abandoned.empty());
    moved = {};
    EXPECT_EQ(calls->abandoned, Ids{2});
    moved = {};
    EXPECT_EQ(calls->abandoned, Ids{2});
}

TEST_F(Handle, MoveAssignmentClosesTheOldObject) {
    auto first = create_pd(adapter, 2);
    auto second = create_pd(adapter, 3);

    first = std::move(second);
    EXPECT_EQ(calls->abandoned, Ids{2});
    EXPECT_EQ(first.id(), 3U);
}

TEST_F(Handle, ExplicitCloseLeavesNothingForTheDestructor) {
    {
        auto pd = create_pd(adapter, 2);

        calls->on<ndk_object>(NDK_IOCTL_CLOSE, [](ndk_object &command) {
            EXPECT_EQ(command.id, 2U);
            EXPECT_NE(command.hdr.user_data, 0U);
            return 0;
        });
        EXPECT_TRUE(pd.close().wait());
        EXPECT_FALSE(pd);
    }
    EXPECT_TRUE(calls->abandoned.empty());
}

TEST_F(Handle, CloseThatIsNeverStartedStillCloses) {
    auto pd = create_pd(adapter, 2);

    { [[maybe_unused]] auto unused = pd.close(); }
    EXPECT_EQ(calls->abandoned, Ids{2});
}

TEST_F(Handle, ParentMayGoBeforeItsChildren) {
    auto pd = create_pd(adapter, 2);
    auto mr = create_mr(pd, ndk::MrKind::fast, 5);

    pd = {};
    adapter = {};
    mr = {};
    EXPECT_EQ(calls->abandoned, (Ids{2, 1, 5}));
}

TEST_F(Handle, FileIsClosedOnceByWhoeverIsLast) {
    auto pd = std::make_unique<ndk::ProtectionDomain>(create_pd(adapter, 2));

    { const auto gone = std::move(session); }
    adapter = {};
    EXPECT_EQ(calls->closes, 0);
    pd.reset();
    EXPECT_EQ(calls->closes, 1);
}

TEST_F(Handle, NothingIsAskedOfAClosedFile) {
    auto pd = create_pd(adapter, 2);

    ASSERT_TRUE(session.close());
    ASSERT_TRUE(session.close());
    EXPECT_EQ(calls->closes, 1);
    EXPECT_EQ(session.fd(), -1);
    EXPECT_EQ(pd.create_memory_region(ndk::MrKind::fast).wait().error(),
              std::errc::bad_file_descriptor);
    EXPECT_EQ(session.dispatch().error(), std::errc::bad_file_descriptor);
    pd = {};
    adapter = {};
    EXPECT_TRUE(calls->abandoned.empty());
    EXPECT_EQ(calls->closes, 1);
}

TEST_F(Handle, MemoryIsUnpinnedOnce) {
    std::vector<std::byte> buffer(100);

    {
        auto memory = pin(buffer, 8);
        auto moved = std::move(memory);
        EXPECT_EQ(moved.size(), 100U);
        EXPECT_EQ(moved.address(), reinterpret_cast<std::uintptr_t>(buffer.data()));
    }
    EXPECT_EQ(calls->unpinned, Ids{8});
    EXPECT_TRUE(calls->abandoned.empty());
}

TEST_F(Handle, MemoryInUseKeepsItsHandle) {
    std::vector<std::byte> buffer(100);
    auto memory = pin(buffer, 8);

    calls->unpin_error = EBUSY;
    EXPECT_EQ(memory.unpin().error(), std::errc::device_or_resource_busy);
    EXPECT_TRUE(memory);
    calls->unpin_error = 0;
    EXPECT_TRUE(memory.unpin());
    EXPECT_FALSE(memory);
    EXPECT_EQ(calls->unpinned, Ids{8});
}

TEST_F(Handle, MemoryAssignmentUnpinsTheOldMemory) {
    std::vector<std::byte> buffer(100);
    auto first = pin(buffer, 8);
    auto second = pin(buffer, 9);

    first = std::move(second);
    EXPECT_EQ(calls->unpinned, Ids{8});
    EXPECT_EQ(first.id(), 9U);
}

TEST_F(Handle, MappingIsReleasedOnce) {
    std::vector<std::byte> buffer(100);
    const auto memory = pin(buffer, 8);

    {
        auto lam = build_lam(adapter, memory, 9);
        EXPECT_EQ(lam.page_count(), 2U);
        EXPECT_EQ(lam.first_byte_offset(), 100U);
        auto moved = std::move(lam);
        EXPECT_TRUE(moved.release());
    }
    EXPECT_EQ(calls->released, Ids{9});
}

TEST_F(Handle, ObjectMadeForNobodyIsClosed) {
    const auto cookie = pends<ndk_create>(NDK_IOCTL_CREATE_PD);

    adapter.create_protection_domain().then([](auto) {});
    calls->put(completion(*cookie, Status::success, 12));
    ASSERT_TRUE(session.dispatch());
    EXPECT_EQ(calls->abandoned, Ids{12});
}

} // namespace
