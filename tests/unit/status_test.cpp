// SPDX-License-Identifier: GPL-2.0-only
#include <ndk/status.hpp>

#include <gtest/gtest.h>
#include <set>

namespace {

using ndk::Status;

TEST(Status, EveryCodeOfTheListIsFoundByItsNumberAndByItsName) {
    ASSERT_EQ(ndk::status_list().size(), 55U);
    for (const auto &info : ndk::status_list()) {
        ASSERT_TRUE(ndk::find_status(info.status));
        EXPECT_EQ(ndk::find_status(info.status)->name, info.name);
        ASSERT_TRUE(ndk::find_status(info.name));
        EXPECT_EQ(ndk::find_status(info.name)->status, info.status);
    }
}

TEST(Status, NoTwoCodesShareANumberOrAName) {
    std::set<Status> numbers;
    std::set<std::string_view> names;

    for (const auto &info : ndk::status_list()) {
        EXPECT_TRUE(numbers.insert(info.status).second) << info.name;
        EXPECT_TRUE(names.insert(info.name).second) << info.name;
    }
}

TEST(Status, NumbersAreThePublishedOnes) {
    const std::pair<const char *, std::uint32_t> published[] = {
        {"STATUS_SUCCESS", 0x00000000},
        {"STATUS_TIMEOUT", 0x00000102},
        {"STATUS_PENDING", 0x00000103},
        {"STATUS_BUFFER_OVERFLOW", 0x80000005},
        {"STATUS_DEVICE_BUSY", 0x80000011},
        {"STATUS_NO_MORE_ENTRIES", 0x8000001A},
        {"STATUS_UNSUCCESSFUL", 0xC0000001},
        {"STATUS_NOT_IMPLEMENTED", 0xC0000002},
        {"STATUS_ACCESS_VIOLATION", 0xC0000005},
        {"STATUS_INVALID_PARAMETER", 0xC000000D},
        {"STATUS_NO_SUCH_DEVICE", 0xC000000E},
        {"STATUS_INVALID_DEVICE_REQUEST", 0xC0000010},
        {"STATUS_NO_MEMORY", 0xC0000017},
        {"STATUS_ACCESS_DENIED", 0xC0000022},
        {"STATUS_BUFFER_TOO_SMALL", 0xC0000023},
        {"STATUS_OBJECT_TYPE_MISMATCH", 0xC0000024},
        {"STATUS_INVALID_PARAMETER_MIX", 0xC0000030},
        {"STATUS_DATA_OVERRUN", 0xC000003C},
        {"STATUS_SHARING_VIOLATION", 0xC0000043},
        {"STATUS_INSUFFICIENT_RESOURCES", 0xC000009A},
        {"STATUS_DEVICE_NOT_READY", 0xC00000A3},
        {"STATUS_IO_TIMEOUT", 0xC00000B5},
        {"STATUS_NOT_SUPPORTED", 0xC00000BB},
        {"STATUS_INTERNAL_ERROR", 0xC00000E5},
        {"STATUS_PROCESS_IS_TERMINATING", 0xC000010A},
        {"STATUS_CANCELLED", 0xC0000120},
        {"STATUS_LOCAL_DISCONNECT", 0xC000013B},
        {"STATUS_REMOTE_DISCONNECT", 0xC000013C},
        {"STATUS_REMOTE_RESOURCES", 0xC000013D},
        {"STATUS_LINK_FAILED", 0xC000013E},
        {"STATUS_LINK_TIMEOUT", 0xC000013F},
        {"STATUS_INVALID_CONNECTION", 0xC0000140},
        {"STATUS_INVALID_ADDRESS", 0xC0000141},
        {"STATUS_INVALID_DEVICE_STATE", 0xC0000184},
        {"STATUS_INVALID_BUFFER_SIZE", 0xC0000206},
        {"STATUS_TOO_MANY_ADDRESSES", 0xC0000209},
        {"STATUS_ADDRESS_ALREADY_EXISTS", 0xC000020A},
        {"STATUS_CONNECTION_DISCONNECTED", 0xC000020C},
        {"STATUS_CONNECTION_RESET", 0xC000020D},
        {"STATUS_TRANSACTION_ABORTED", 0xC000020F},
        {"STATUS_NOT_FOUND", 0xC0000225},
        {"STATUS_CONNECTION_REFUSED", 0xC0000236},
        {"STATUS_GRACEFUL_DISCONNECT", 0xC0000237},
        {"STATUS_CONNECTION_INVALID", 0xC000023A},
        {"STATUS_CONNECTION_ACTIVE", 0xC000023B},
        {"STATUS_NETWORK_UNREACHABLE", 0xC000023C},
        {"STATUS_HOST_UNREACHABLE", 0xC000023D},
        {"STATUS_PROTOCOL_UNREACHABLE", 0xC000023E},
        {"STATUS_PORT_UNREACHABLE", 0xC000023F},
        {"STATUS_REQUEST_ABORTED", 0xC0000240},
        {"STATUS_CONNECTION_ABORTED", 0xC0000241},
        {"STATUS_DEVICE_REMOVED", 0xC00002B6},
        {"STATUS_IMPLEMENTATION_LIMIT", 0xC000042B},
        {"NDIS_STATUS_BAD_VERSION", 0xC0010004},
        {"NDIS_STATUS_ADAPTER_NOT_READY", 0xC0010011},
    };

    EXPECT_EQ(std::size(published), ndk::status_list().size());
    for (const auto &[name, code] : published) {
        const auto info = ndk::find_status(static_cast<Status>(static_cast<std::int32_t>(code)));

        ASSERT_TRUE(info) << name;
        EXPECT_EQ(info->name, name);
    }
}

TEST(Status, OnlySuccessPendingAndTimeoutSucceed) {
    const std::set<Status> good = {Status::success, Status::pending, Status::timeout};

    for (const auto &info : ndk::status_list())
        EXPECT_EQ(ndk::succeeded(info.status), good.contains(info.status)) << info.name;
}

TEST(Status, NamesAreFoundInAnyCaseAndWithoutTheirPrefix) {
    EXPECT_EQ(ndk::find_status("device_busy")->status, Status::device_busy);
    EXPECT_EQ(ndk::find_status("status_device_busy")->status, Status::device_busy);
    EXPECT_EQ(ndk::find_status("BAD_VERSION")->status, Status::bad_version);
    EXPECT_EQ(ndk::find_status("ndis_status_bad_version")->status, Status::bad_version);
    EXPECT_FALSE(ndk::find_status("DEVICE"));
    EXPECT_FALSE(ndk::find_status(""));
    EXPECT_FALSE(ndk::find_status("STATUS_"));
}

TEST(Status, TextNamesKnownAndUnknownCodes) {
    EXPECT_EQ(to_string(Status::access_violation), "STATUS_ACCESS_VIOLATION (0xC0000005)");
    EXPECT_EQ(to_string(static_cast<Status>(static_cast<std::int32_t>(0xC0001234))), "0xC0001234");
}

TEST(StatusCategory, ErrorCodesCompareWithStatusesAndWithConditions) {
    const std::error_code code = Status::connection_refused;

    EXPECT_EQ(code, Status::connection_refused);
    EXPECT_NE(code, Status::connection_invalid);
    EXPECT_EQ(code, std::errc::connection_refused);
    EXPECT_STREQ(code.category().name(), "ntstatus");
    EXPECT_FALSE(std::error_code(Status::success));
}

TEST(StatusCategory, EveryMessageNamesTheStatus) {
    for (const auto &info : ndk::status_list()) {
        const auto message = make_error_code(info.status).message();

        EXPECT_NE(message.find(info.name), std::string::npos);
        EXPECT_NE(message.find(info.meaning), std::string::npos);
    }
    EXPECT_EQ(std::error_code(-5, ndk::status_category()).message(), "0xFFFFFFFB: unknown status");
}

} // namespace
