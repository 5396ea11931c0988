// SPDX-License-Identifier: MIT
#include <ndk/completion_queue.hpp>

#include "notifier.hpp"
#include "request.hpp"

#include <cstddef>
#include <limits>

namespace ndk {

static_assert(sizeof(Completion) == sizeof(ndk_cq_result));
static_assert(offsetof(Completion, status) == offsetof(ndk_cq_result, status));
static_assert(offsetof(Completion, bytes_transferred) ==
              offsetof(ndk_cq_result, bytes_transferred));
static_assert(offsetof(Completion, qp_context) == offsetof(ndk_cq_result, qp_context));
static_assert(offsetof(Completion, request_context) == offsetof(ndk_cq_result, request_context));
static_assert(offsetof(Completion, operation) == offsetof(ndk_cq_result, type));
static_assert(offsetof(Completion, provider_error) == offsetof(ndk_cq_result, provider_error));
static_assert(offsetof(Completion, output) == offsetof(ndk_cq_result, output));

CompletionQueue::CompletionQueue() noexcept = default;
CompletionQueue::CompletionQueue(CompletionQueue &&) noexcept = default;
CompletionQueue &CompletionQueue::operator=(CompletionQueue &&) noexcept = default;
CompletionQueue::~CompletionQueue() = default;

CompletionQueue::CompletionQueue(detail::Ref ref, std::shared_ptr<Notifier> notifier,
                                 detail::Subscription events) noexcept
    : Object(std::move(ref)), notifier_(std::move(notifier)), events_(std::move(events)) {}

Result<std::size_t> CompletionQueue::take(std::span<Completion> completions, std::uint32_t flags) {
    ndk_get_cq_results command{};

    command.cq_id = id();
    command.get_flags = flags;
    command.results = reinterpret_cast<std::uintptr_t>(completions.data());
    command.count = static_cast<std::uint32_t>(
        std::min<std::size_t>(completions.size(), std::numeric_limits<std::uint32_t>::max()));
    if (auto done = detail::call(ref(), NDK_IOCTL_GET_CQ_RESULTS, command,
                                 flags ? "NdkGetCqResultsEx" : "NdkGetCqResults");
        !done)
        return std::unexpected(std::move(done.error()));
    return command.out_count;
}

Result<std::size_t> CompletionQueue::poll(std::span<Completion> completions) {
    return take(completions, NDK_RESULTS_EX);
}

Result<std::size_t> CompletionQueue::poll_basic(std::span<Completion> completions) {
    return take(completions, 0);
}

Result<void> CompletionQueue::arm(Notify notify) {
    ndk_arm_cq command{};

    command.cq_id = id();
    command.notify = std::to_underlying(notify);
    return detail::call(ref(), NDK_IOCTL_ARM_CQ, command, "NdkArmCq");
}

Async<void> CompletionQueue::notification(Notify notify) {
    return Async<void>([this, notify, channel = ref().channel(),
                        notifier = notifier_](Mode mode, Callback<void> callback) {
        if (!channel || !notifier)
            return callback(std::unexpected(detail::no_object("NdkArmCq")));

        // Expected before arming: the notification may be dispatched at once.
        auto answer = std::make_shared<std::optional<Result<void>>>();
        const auto cookie = channel->expect(
            "NdkArmCq", [answer, mode, callback = std::move(callback)](auto result) mutable {
                const auto status = result ? Result<void>() : std::unexpected(result.error());

                *answer = status;
                callback(status);
            });
        notifier->add_waiter(cookie);
        if (const auto armed = arm(notify); !armed)
            channel->finish(cookie, std::unexpected(armed.error()));
        else if (mode == Mode::wait)
            if (const auto pumped = channel->pump([&answer] { return answer->has_value(); });
                !pumped)
                channel->finish(cookie, std::unexpected(pumped.error()));
    });
}

void CompletionQueue::on_notification(NotificationHandler handler) {
    if (notifier_)
        notifier_->set_handler(std::move(handler));
}

Result<std::size_t> CompletionQueue::collect(std::span<Completion> completions,
                                             std::chrono::milliseconds timeout) {
    const auto end = std::chrono::steady_clock::now() + timeout;
    std::size_t count = 0;

    for (bool armed = false; count < completions.size();) {
        const auto got = poll(completions.subspan(count));
        if (!got)
            return std::unexpected(got.error());
        count += *got;
        if (*got != 0) {
            armed = false;
            continue;
        }
        if (!armed) {
            // What arrives between the poll above and this is found by the next.
            if (const auto done = arm(); !done)
                return std::unexpected(done.error());
            armed = true;
            continue;
        }
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            break;
        const auto events = ref().channel()->dispatch(left);
        if (!events)
            return std::unexpected(events.error());
        armed = *events == 0; // the notification may have been among them
    }
    return count;
}

Async<void> CompletionQueue::resize(std::uint32_t depth) {
    ndk_resize_cq command{};

    command.cq_id = id();
    command.depth = depth;
    return detail::request(ref(), NDK_IOCTL_RESIZE_CQ, command, "NdkResizeCq");
}

Result<void> CompletionQueue::moderate(std::chrono::microseconds interval, std::uint32_t count) {
    constexpr auto unlimited = std::numeric_limits<std::uint32_t>::max();
    ndk_moderate_cq command{};

    command.cq_id = id();
    command.interval = interval.count() < 0 || interval.count() > unlimited
                           ? unlimited
                           : static_cast<std::uint32_t>(interval.count());
    command.count = count;
    return detail::call(ref(), NDK_IOCTL_MODERATE_CQ, command, "NdkControlCqInterruptModeration");
}

} // namespace ndk
