// SPDX-License-Identifier: MIT
/// @file
/// Completion queues.
#pragma once

#include <ndk/object.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>

namespace ndk {

/// What a completion completes (NDK_OPERATION_TYPE).
enum class Operation : std::uint32_t {
    receive = 0x0001,
    receive_and_invalidate = 0x8001, ///< and the peer invalidated a region
    send = 0x0002,                   ///< NdkSend and NdkSendAndInvalidate
    fast_register = 0x0004,
    bind = 0x0008,
    invalidate = 0x0010,
    read = 0x0020,
    write = 0x0040,
};

/// A completion (NDK_RESULT_EX).
struct Completion {
    Status status{};                     ///< success, cancelled when flushed, or why it failed
    std::uint32_t bytes_transferred = 0; ///< of receives
    std::uint64_t qp_context = 0;        ///< QueuePairOptions::context
    std::uint64_t request_context = 0;   ///< given when the request was posted
    Operation operation{};
    std::uint32_t provider_error = 0; ///< the device's own code; 0 with success
    std::uint64_t output = 0;         ///< receive_and_invalidate: the token that is now invalid

    [[nodiscard]] bool ok() const noexcept { return status == Status::success; }
};

/// When an armed queue calls (NDK_CQ_NOTIFY_*).
enum class Notify : std::uint32_t {
    errors = 0,    ///< only when the queue itself fails
    any = 1,       ///< with the next completion
    solicited = 2, ///< with the next solicited receive or failed request
};

/// Called with the state of the queue when an armed queue has something:
/// success, buffer_overflow or internal_error; with the latter two the queue is
/// dead.
using NotificationHandler = std::move_only_function<void(Status)>;

/// A completion queue (NDK_CQ), made by Adapter::create_completion_queue().
/// Move-only; thread safety as Object, but poll(), collect() and arm() must not
/// overlap on one queue: NDKPI wants them one after another.
class CompletionQueue : public Object {
  public:
    CompletionQueue() noexcept;
    CompletionQueue(CompletionQueue &&) noexcept;
    CompletionQueue &operator=(CompletionQueue &&) noexcept;
    ~CompletionQueue();

    /// NdkGetCqResultsEx: takes what is there, oldest first, and answers how
    /// many; 0 when the queue is empty. Never waits.
    [[nodiscard]] Result<std::size_t> poll(std::span<Completion> completions);

    /// NdkGetCqResults: as poll(), but operation, provider_error and output are 0.
    [[nodiscard]] Result<std::size_t> poll_basic(std::span<Completion> completions);

    /// NdkArmCq: one notification for the next completion of this kind.
    [[nodiscard]] Result<void> arm(Notify notify = Notify::any);

    /// Arms and is answered by the next notification; an error is the queue's.
    [[nodiscard]] Async<void> notification(Notify notify = Notify::any);

    /// Sets what Session::dispatch() calls for each notification; may be empty.
    void on_notification(NotificationHandler handler);

    /// Fills @p completions, arming the queue and dispatching the session's
    /// events in between; answers fewer when @p timeout is over first.
    [[nodiscard]] Result<std::size_t> collect(std::span<Completion> completions,
                                              std::chrono::milliseconds timeout);

    /// NdkResizeCq: not_supported without AdapterFlags::cq_resize_supported.
    [[nodiscard]] Async<void> resize(std::uint32_t depth);

    /// NdkControlCqInterruptModeration: not_supported without the adapter flag.
    [[nodiscard]] Result<void> moderate(std::chrono::microseconds interval, std::uint32_t count);

  private:
    friend class Adapter;
    struct Notifier;
    CompletionQueue(detail::Ref ref, std::shared_ptr<Notifier> notifier,
                    detail::Subscription events) noexcept;
    Result<std::size_t> take(std::span<Completion> completions, std::uint32_t flags);

    std::shared_ptr<Notifier> notifier_;
    detail::Subscription events_;
};

} // namespace ndk
