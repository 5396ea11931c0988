// SPDX-License-Identifier: GPL-2.0-only
#include <ndk/error.hpp>

#include <gtest/gtest.h>

namespace {

using ndk::Error;
using ndk::Status;

TEST(Error, MessageNamesStatusArgumentAndLimit) {
    const Error error(Status::implementation_limit, "NdkInitializeFastRegisterMr",
                      {"AdapterPageCount", 513, 512});

    EXPECT_EQ(error.message(), "NdkInitializeFastRegisterMr: STATUS_IMPLEMENTATION_LIMIT "
                               "(0xC000042B): AdapterPageCount is 513, limit 512");
}

TEST(Error, MessageWithoutLimitShowsTheValueOnlyWhenThereIsOne) {
    EXPECT_EQ(Error(Status::invalid_parameter, "NdkListen", {"AddressLength", 3, 0}).message(),
              "NdkListen: STATUS_INVALID_PARAMETER (0xC000000D): AddressLength (3)");
    EXPECT_EQ(
        Error(Status::invalid_device_state, "NdkFastRegister", {"MR is valid", 0, 0}).message(),
        "NdkFastRegister: STATUS_INVALID_DEVICE_STATE (0xC0000184): MR is valid");
}

TEST(Error, MessageWithoutDetailsExplainsTheStatus) {
    EXPECT_EQ(Error(Status::no_more_entries, "NdkSend").message(),
              "NdkSend: STATUS_NO_MORE_ENTRIES (0x8000001A): the queue is full");
}

TEST(Error, MessageOfAnErrnoNamesIt) {
    const Error error(std::error_code(ENOMEM, std::system_category()), "pin memory",
                      {"RLIMIT_MEMLOCK", 8192, 4096});

    EXPECT_EQ(error.message(),
              "pin memory: ENOMEM: Cannot allocate memory: RLIMIT_MEMLOCK is 8192, limit 4096");
    EXPECT_FALSE(error.status());
    EXPECT_EQ(error, std::errc::not_enough_memory);
}

TEST(Error, ComparesByCodeOnly) {
    EXPECT_EQ(Error(Status::cancelled, "a"), Error(Status::cancelled, "b", {"c", 1, 2}));
    EXPECT_EQ(Error(Status::cancelled, "a"), Status::cancelled);
    EXPECT_FALSE(Error(Status::cancelled, "a") == Status::io_timeout);
}

} // namespace
