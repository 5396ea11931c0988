// SPDX-License-Identifier: GPL-2.0-only
// The real system calls, on files that every kernel has.
#include <ndk/system_calls.hpp>

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;

class KernelCalls : public testing::Test {
  protected:
    void SetUp() override { ASSERT_EQ(::pipe(ends.data()), 0); }
    void TearDown() override {
        ::close(ends[0]);
        ::close(ends[1]);
    }

    std::shared_ptr<ndk::SystemCalls> calls = ndk::SystemCalls::kernel();
    std::array<int, 2> ends{};
};

TEST_F(KernelCalls, OpenTellsWhyNot) {
    EXPECT_EQ(calls->open("/nonexistent/ndk").error(), std::errc::no_such_file_or_directory);
}

TEST_F(KernelCalls, OpenedFileIsForThisProcessOnly) {
    const auto fd = calls->open("/dev/null");

    ASSERT_TRUE(fd);
    EXPECT_TRUE(::fcntl(*fd, F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(::fcntl(*fd, F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(calls->close(*fd));
    EXPECT_EQ(calls->close(*fd).error(), std::errc::bad_file_descriptor);
}

TEST_F(KernelCalls, WaitSeesWhatCanBeRead) {
    std::array<std::byte, 8> buffer{};

    EXPECT_FALSE(*calls->wait_readable(ends[0], 1ms));
    ASSERT_EQ(::write(ends[1], "abc", 3), 3);
    EXPECT_TRUE(*calls->wait_readable(ends[0], 10s));
    EXPECT_TRUE(*calls->wait_readable(ends[0], -1ms));
    EXPECT_EQ(*calls->read(ends[0], buffer), 3U);
    EXPECT_EQ(buffer[2], std::byte{'c'});
}

TEST_F(KernelCalls, IoctlPassesItsArgument) {
    int waiting = -1;

    ASSERT_EQ(::write(ends[1], "abc", 3), 3);
    EXPECT_TRUE(calls->ioctl(ends[0], FIONREAD, &waiting));
    EXPECT_EQ(waiting, 3);
    EXPECT_EQ(calls->ioctl(ends[0], 0x12345678, &waiting).error(),
              std::errc::inappropriate_io_control_operation);
}

} // namespace
