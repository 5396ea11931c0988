// SPDX-License-Identifier: GPL-2.0-only
#include <ndk/flags.hpp>

#include <gtest/gtest.h>

namespace {

using ndk::AdapterFlags;
using ndk::MrAccess;
using ndk::OpFlags;

TEST(Flags, OperatorsWorkOnTheBits) {
    auto flags = OpFlags::read_fence | OpFlags::defer;

    EXPECT_EQ(std::to_underlying(flags), 0x202U);
    EXPECT_EQ(flags & OpFlags::defer, OpFlags::defer);
    EXPECT_EQ(flags ^ OpFlags::defer, OpFlags::read_fence);
    flags &= ~OpFlags::read_fence;
    EXPECT_EQ(flags, OpFlags::defer);
    flags |= OpFlags::inlined;
    EXPECT_EQ(std::to_underlying(flags), 0x240U);
}

TEST(Flags, HasAsksForEveryBit) {
    EXPECT_TRUE(has(MrAccess::remote_write, MrAccess::local_write));
    EXPECT_FALSE(has(MrAccess::local_write, MrAccess::remote_write));
}

TEST(Flags, RemoteWriteCarriesLocalWriteAndIsShownAsOneName) {
    EXPECT_EQ(to_string(static_cast<MrAccess>(0x5)), "NDK_MR_FLAG_ALLOW_REMOTE_WRITE");
    EXPECT_EQ(to_string(static_cast<OpFlags>(0x38)),
              "NDK_OP_FLAG_ALLOW_REMOTE_READ | NDK_OP_FLAG_ALLOW_REMOTE_WRITE");
}

TEST(Flags, BitsWithoutANameAreShownAsANumber) {
    EXPECT_EQ(to_string(static_cast<MrAccess>(0x4)), "0x4");
    EXPECT_EQ(to_string(static_cast<MrAccess>(0x81)), "NDK_MR_FLAG_ALLOW_LOCAL_WRITE | 0x80");
    EXPECT_EQ(to_string(static_cast<OpFlags>(0x8000'0000)), "0x80000000");
}

TEST(Flags, NothingSetHasATextToo) {
    EXPECT_EQ(to_string(MrAccess{}), "NDK_MR_FLAG_ALLOW_LOCAL_READ");
    EXPECT_EQ(to_string(OpFlags::none), "0");
    EXPECT_EQ(to_string(AdapterFlags::none), "0");
}

TEST(Flags, EveryNameDecodesToItself) {
    for (const auto &flag : ndk::mr_access_names())
        EXPECT_EQ(to_string(static_cast<MrAccess>(flag.value)), flag.name);
    for (const auto &flag : ndk::op_flag_names())
        EXPECT_EQ(to_string(static_cast<OpFlags>(flag.value)), flag.name);
    for (const auto &flag : ndk::adapter_flag_names())
        EXPECT_EQ(to_string(static_cast<AdapterFlags>(flag.value)), flag.name);
}

} // namespace
