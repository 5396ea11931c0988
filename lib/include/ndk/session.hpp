// SPDX-License-Identifier: MIT
/// @file
/// The door: one open file of /dev/ndk and its events.
#pragma once

#include <ndk/adapter.hpp>
#include <ndk/system_calls.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ndk {

/// An open /dev/ndk. Every other handle belongs to one; EMFILE for more than
/// NDK_OBJECTS_MAX, or for more of one type than ndk/ndk_ioctl.h says. Move-only;
/// handles keep the file open, so that it may be destroyed before them, but nobody
/// dispatches then.
///
/// Thread safety: all members may be called from several threads at once,
/// except moving and destroying. When two threads dispatch, handlers run on
/// both.
class Session {
  public:
    Session(Session &&) noexcept = default;
    Session &operator=(Session &&) noexcept = default;

    /// Opens @p path. ENOENT: ndk_ctl is not loaded; EACCES: not permitted; EPERM:
    /// this is not the initial network namespace, whose adapters they are.
    [[nodiscard]] static Result<Session> open(const std::string &path = "/dev/ndk",
                                              std::shared_ptr<SystemCalls> calls = nullptr);

    /// For event loops: readable when dispatch() has something to do.
    [[nodiscard]] int fd() const noexcept;

    /// Waits up to @p timeout for events (0: not at all, negative: for ever), then
    /// completes the requests and calls the handlers they belong to. Answers how
    /// many events that were. A signal ends the wait early. An exception out of a
    /// handler comes out here; later events are kept for the next call.
    [[nodiscard]] Result<std::size_t>
    dispatch(std::chrono::milliseconds timeout = std::chrono::milliseconds(0));

    /// Closes the file and with it every object, in whatever state. Waits until
    /// that is done. Unanswered requests end with Status::cancelled. Handles of
    /// this session stay valid to destroy.
    Result<void> close();

    /// The adapters there are.
    [[nodiscard]] Result<std::vector<AdapterIdent>> adapters() const;

    /// Opens an RDMA device. @p version: major and lowest minor; {1,0} gets 1.2,
    /// {2,0} gets 2.1. Errors: adapter_not_ready, bad_version,
    /// insufficient_resources.
    [[nodiscard]] Result<Adapter> open_adapter(const std::string &name,
                                               Version version = {2, 0}) const;
    /// By network interface index.
    [[nodiscard]] Result<Adapter> open_adapter(std::uint32_t ifindex,
                                               Version version = {2, 0}) const;

    /// Pins memory of this process, at any alignment. It counts against
    /// RLIMIT_MEMLOCK; ENOMEM then tells the bytes wanted and allowed. Errors:
    /// access_violation when a page is not mapped or not writable; EINVAL for no
    /// bytes.
    [[nodiscard]] Result<Memory> pin(std::span<std::byte> memory, PinAccess access) const;
    /// Pins memory that the adapter only reads.
    [[nodiscard]] Result<Memory> pin(std::span<const std::byte> memory) const;

    /// Allocates zeroed kernel memory of @p size bytes. SGEs and peers address it
    /// by @p label, whose offset in a page is that of the first byte.
    [[nodiscard]] Result<Memory> allocate(std::uint64_t size, std::uint64_t label) const;

  private:
    explicit Session(std::shared_ptr<detail::Channel> channel) noexcept
        : channel_(std::move(channel)) {}
    [[nodiscard]] Result<Memory> pin(std::uint64_t address, std::uint64_t size,
                                     std::uint32_t flags) const;
    [[nodiscard]] Result<Adapter> open_adapter(const std::string &name, std::uint32_t ifindex,
                                               Version version) const;

    std::shared_ptr<detail::Channel> channel_;
};

} // namespace ndk
