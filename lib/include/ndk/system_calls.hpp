// SPDX-License-Identifier: MIT
/// @file
/// The few system calls that the library makes, as an interface.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <system_error>

namespace ndk {

/// Everything below the library. Tests script it; programs use kernel().
///
/// An implementation must be callable from several threads at once. Each call
/// returns an error code of std::system_category() where the system call sets
/// errno; EINTR is passed on, the library decides what to do about it.
class SystemCalls {
  public:
    template <class T> using Answer = std::expected<T, std::error_code>;

    SystemCalls() = default;
    SystemCalls(const SystemCalls &) = delete;
    SystemCalls &operator=(const SystemCalls &) = delete;
    virtual ~SystemCalls() = default;

    /// open(2) for reading and writing, close-on-exec, non-blocking.
    virtual Answer<int> open(const std::string &path) = 0;
    virtual Answer<void> close(int fd) = 0;
    /// ioctl(2). @p argument points to the structure of @p request.
    virtual Answer<void> ioctl(int fd, unsigned long request, void *argument) = 0;
    /// read(2).
    virtual Answer<std::size_t> read(int fd, std::span<std::byte> buffer) = 0;
    /// poll(2) for input; false when the time is over. Negative waits for ever.
    virtual Answer<bool> wait_readable(int fd, std::chrono::milliseconds timeout) = 0;

    /// Those of the kernel that runs the program.
    [[nodiscard]] static std::shared_ptr<SystemCalls> kernel();
};

} // namespace ndk
