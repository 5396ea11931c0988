// SPDX-License-Identifier: MIT
/// @file
/// Whom the notifications of one completion queue go to.
#pragma once

#include "channel.hpp"

#include <ndk/completion_queue.hpp>

#include <mutex>
#include <vector>

namespace ndk {

/// Thread-safe. Waiters are requests of the channel, known by their cookies, so
/// that closing the file ends them like any other request.
struct CompletionQueue::Notifier {
  public:
    explicit Notifier(NotificationHandler handler) { set_handler(std::move(handler)); }

    void set_handler(NotificationHandler handler) {
        auto shared = handler ? std::make_shared<NotificationHandler>(std::move(handler)) : nullptr;
        const std::lock_guard lock(mutex_);

        handler_.swap(shared);
    }

    void add_waiter(std::uint64_t cookie) {
        const std::lock_guard lock(mutex_);

        waiters_.push_back(cookie);
    }

    void notify(detail::Channel &channel, Status status) {
        std::unique_lock lock(mutex_);
        const auto waiters = std::exchange(waiters_, {});
        const auto handler = handler_;

        lock.unlock();
        for (const auto cookie : waiters) {
            if (succeeded(status))
                channel.finish(cookie, detail::Answer{});
            else
                channel.finish(cookie, std::unexpected(Error(status, "completion queue")));
        }
        if (handler)
            (*handler)(status);
    }

  private:
    std::mutex mutex_;
    std::vector<std::uint64_t> waiters_;
    std::shared_ptr<NotificationHandler> handler_;
};

} // namespace ndk
