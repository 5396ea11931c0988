// SPDX-License-Identifier: GPL-2.0-only
// What keeps a mapping: whatever may still reach memory by its addresses.
#include "system_test.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <thread>

namespace {

using namespace ndk_test;
using ndk::Status;

class Mapping : public SystemTest {
  protected:
    Pair pair_;
    FastRegion region_{pair_.a, 2, 1};
    NormalRegion local_{pair_.b, page_size, sink_access};
    ndk::Sge piece_ = local_.piece(0, 64);

    /// The mapping cannot be released, and so the peer still reads what it maps.
    void expect_kept() {
        const auto refused = region_.lam.release();

        ASSERT_EQ(errno_of(refused), EBUSY);
        EXPECT_EQ(refused.error().refusal().argument, "uses of id");
        EXPECT_EQ(refused.error().refusal().value, 1U);
        EXPECT_EQ(errno_of(region_.memory.unpin()), EBUSY);
        EXPECT_EQ(read(pair_.b, {&piece_, 1}, region_.remote()), Status::success);
        EXPECT_SAME_BYTES(local_.buffer.bytes(0, 64), region_.buffer.bytes(0, 64));
    }

    void expect_free() {
        must(region_.lam.release());
        must(region_.memory.unpin());
    }
};

TEST_F(Mapping, IsKeptUntilTheRegionIsInvalidated) {
    region_.registered(pair_.a, remote_all);
    expect_kept();
    region_.invalidated(pair_.a);
    expect_free();
}

// The peer's message may have been about an earlier registration.
TEST_F(Mapping, IsKeptAfterThePeerHasInvalidatedTheRegionUntilItIsInitialised) {
    const NormalRegion inbox(pair_.a, 64, ndk::MrAccess::local_write);
    const auto in = inbox.piece(0, 64);

    must(pair_.a.qp.receive(7, {&in, 1}));
    region_.registered(pair_.a, remote_all);
    expect_kept();
    must(pair_.b.qp.send_and_invalidate(8, {&piece_, 1}, region_.tokens.remote));
    ASSERT_EQ(pair_.b.done(), Status::success);
    ASSERT_EQ(pair_.a.next_receive().operation, ndk::Operation::receive_and_invalidate);
    EXPECT_EQ(errno_of(region_.lam.release()), EBUSY);
    EXPECT_EQ(errno_of(region_.memory.unpin()), EBUSY);
    must(region_.mr.initialize(2, ndk::RemoteAccess::allowed).wait());
    expect_free();
}

TEST_F(Mapping, IsKeptUntilTheRegionIsClosed) {
    region_.registered(pair_.a, remote_all);
    expect_kept();
    must(region_.mr.close().wait());
    expect_free();
}

/// While it lives, the functions that ndk_stall was loaded with wait for each other.
class Stall {
  public:
    Stall() {
        set("hits", 0);
        set("on", 1);
    }
    Stall(Stall &&) = delete;
    Stall &operator=(Stall &&) = delete;
    ~Stall() { set("on", 0); }

    static bool loaded() { return std::ifstream(path("on")).good(); }

    /// Waits until the first of them was called so often.
    static void wait_for(unsigned hits) {
        unsigned seen = 0;

        while (seen < hits) {
            std::ifstream(path("hits")) >> seen;
            std::this_thread::yield();
        }
    }

  private:
    static std::string path(const char *name) {
        return std::string("/sys/module/ndk_stall/parameters/") + name;
    }
    static void set(const char *name, int value) { std::ofstream(path(name)) << value; }
};

TEST_F(Mapping, IsKeptByARegistrationThatOvertakesTheEndOfAnInitialisation) {
    if (!Stall::loaded())
        GTEST_SKIP() << "needs the module ndk_stall";
    bool overtaken = false;

    for (int round = 0; round < 10 && !overtaken; ++round) {
        Status registered{}, initialised{};
        {
            const Stall stall;
            std::jthread thread([&] {
                registered = status_of(pair_.a.qp.fast_register(1, region_.mr, region_.lam,
                                                                region_.whole(remote_all)));
            });

            // It is on its way, but has not asked NDKPI yet.
            Stall::wait_for(1);
            initialised = status_of(region_.mr.initialize(2).wait());
        }
        if (registered == Status::success) {
            ASSERT_EQ(pair_.a.done(), Status::success);
        }
        overtaken = registered == Status::success && initialised == Status::success;
        region_.tokens = must(region_.mr.tokens());
        if (overtaken)
            expect_kept();
        if (registered == Status::success)
            region_.invalidated(pair_.a);
    }
    EXPECT_TRUE(overtaken) << "the registration was never accepted second";
    expect_free();
}

TEST_F(Mapping, IsNotKeptByAnotherOneOfTheSameMemory) {
    auto other = must(pair_.a.adapter.build_lam(region_.memory).wait());

    region_.registered(pair_.a, remote_all);
    must(other.release());
    expect_kept();
}

TEST_F(Mapping, IsKeptByARegionThatHadAnotherOneBefore) {
    auto other = must(pair_.a.adapter.build_lam(region_.memory).wait());

    must(pair_.a.qp.fast_register(1, region_.mr, other, region_.whole(remote_all)));
    ASSERT_EQ(pair_.a.done(), Status::success);
    region_.invalidated(pair_.a);
    region_.registered(pair_.a, remote_all);
    expect_kept();
}

TEST_F(Mapping, IsKeptWhenAnInitialisationIsRefused) {
    region_.registered(pair_.a, remote_all);
    EXPECT_EQ(status_of(region_.mr.initialize(2).wait()), Status::invalid_device_state);
    expect_kept();
}

TEST_F(Mapping, IsNotKeptByARegistrationThatWasRefused) {
    auto bad = region_.whole(remote_all);

    bad.length = 3 * page_size;
    EXPECT_EQ(status_of(pair_.a.qp.fast_register(1, region_.mr, region_.lam, bad)),
              Status::invalid_parameter);
    expect_free();
}

/// Pieces of mappings under the privileged token, in requests that complete.
class PrivilegedUse : public SystemTest {
  protected:
    Pair pair_;
    FastRegion a_{pair_.a, 1, 1};
    FastRegion b_{pair_.a, 1, 2};
    NormalRegion peer_{pair_.b, page_size, all_access};

    void post(const FastRegion &region, ndk::OpFlags flags = ndk::OpFlags::none) {
        const auto piece = ndk::Sge::privileged(region.lam, 0, 64);

        must(pair_.a.qp.write(1, {&piece, 1}, peer_.remote(), flags));
    }
};

TEST_F(PrivilegedUse, EndsWithTheLastRequestOfEachMapping) {
    post(a_);
    post(b_);
    post(a_);
    EXPECT_EQ(errno_of(a_.lam.release()), EBUSY);
    EXPECT_EQ(pair_.a.done(), Status::success);
    EXPECT_EQ(errno_of(b_.lam.release()), EBUSY);
    EXPECT_EQ(pair_.a.done(), Status::success);
    must(b_.lam.release());
    const auto refused = a_.lam.release();
    ASSERT_EQ(errno_of(refused), EBUSY);
    EXPECT_EQ(refused.error().refusal().value, 1U) << "one use, however many requests";
    EXPECT_EQ(pair_.a.done(), Status::success);
    must(a_.lam.release());
}

TEST_F(PrivilegedUse, OfSilentRequestsEndsWithALaterOneThatIsSeen) {
    for (int i = 0; i < 8; ++i)
        post(a_, ndk::OpFlags::silent_success);
    const auto refused = a_.lam.release();
    ASSERT_EQ(errno_of(refused), EBUSY);
    EXPECT_EQ(refused.error().refusal().value, 1U) << "one use, however many requests";
    post(b_);
    EXPECT_EQ(pair_.a.done(), Status::success);
    must(a_.lam.release());
    must(b_.lam.release());
}

TEST_F(PrivilegedUse, OfSilentRequestsEndsWithOneThatUsesNone) {
    NormalRegion local(pair_.a, page_size, all_access);
    const auto piece = local.piece(0, 64);

    post(a_, ndk::OpFlags::silent_success);
    EXPECT_EQ(errno_of(a_.lam.release()), EBUSY);
    must(pair_.a.qp.write(1, {&piece, 1}, peer_.remote()));
    EXPECT_EQ(pair_.a.done(), Status::success);
    must(a_.lam.release());
}

TEST_F(PrivilegedUse, OfARefusedRequestIsNone) {
    const std::vector<ndk::Sge> pieces(3, ndk::Sge::privileged(a_.lam, 0, 8));

    EXPECT_EQ(status_of(pair_.a.qp.write(1, pieces, peer_.remote())), Status::data_overrun);
    must(a_.lam.release());
}

TEST_F(PrivilegedUse, OfMorePagesThanThereCanBeIsRefused) {
    FastRegion large(pair_.a, 16, 3);
    const std::vector<ndk::Sge> pieces(NDK_SGE_MAX,
                                       ndk::Sge::privileged(large.lam, 0, 16 * page_size));

    EXPECT_EQ(status_of(pair_.a.qp.write(1, pieces, peer_.remote())), Status::data_overrun);
    must(large.lam.release());
}

TEST_F(PrivilegedUse, OfNoBytesIsNone) {
    const std::array pieces{ndk::Sge::privileged(a_.lam, 0, 0),
                            ndk::Sge::privileged(b_.lam, 0, 64)};

    must(pair_.a.qp.receive(1, pieces));
    must(a_.lam.release());
    EXPECT_EQ(errno_of(b_.lam.release()), EBUSY);
}

} // namespace
