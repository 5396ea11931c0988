// SPDX-License-Identifier: MIT
/// @file
/// An open file, the requests under way on it and the handlers of its events.
#pragma once

#include <ndk/async.hpp>
#include <ndk/ndk_ioctl.h>
#include <ndk/system_calls.hpp>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace ndk::detail {

template <class C>
concept Command = std::is_trivially_copyable_v<C> && requires(C c) {
    { c.hdr } -> std::convertible_to<ndk_header>;
};

/// What the answer of a request may bring besides its status.
struct Answer {
    std::uint32_t object_id = 0;
    std::uint64_t value[2] = {0, 0};
};

/// Finds the answer in the structure, when it came without an event.
template <class C> using Extract = Answer (*)(const C &);

/// Thread-safe. No lock is held during a system call or a callback.
class Channel {
  public:
    using EventHandler = std::move_only_function<void(const ndk_event &)>;

    static Result<std::shared_ptr<Channel>> open(const std::string &path,
                                                 std::shared_ptr<SystemCalls> calls);

    Channel(int fd, std::shared_ptr<SystemCalls> calls);
    Channel(const Channel &) = delete;
    Channel &operator=(const Channel &) = delete;
    ~Channel();

    [[nodiscard]] int fd() const noexcept { return fd_; }
    Result<void> close();
    Result<std::size_t> dispatch(std::chrono::milliseconds timeout);

    /// A command that does not pend.
    template <Command C>
    Result<void> call(unsigned long request, C &command, std::string_view function) {
        prepare(command, 0, command.hdr.user_data);
        return ioctl(request, &command, command.hdr, function);
    }

    /// A command that may pend. @p done is called once.
    template <Command C>
    void start(Mode mode, unsigned long request, C command, std::string_view function,
               Extract<C> extract, Callback<Answer> done) {
        if (mode == Mode::wait)
            return wait(request, command, function, extract, std::move(done));

        const auto cookie = expect(function, std::move(done));
        prepare(command, NDK_FLAG_ASYNC, cookie);
        const auto accepted = ioctl(request, &command, command.hdr, function);
        if (!accepted)
            finish(cookie, std::unexpected(accepted.error()));
        else if (command.hdr.out_status != STATUS_PENDING)
            finish(cookie, extract(command));
    }

    /// As above, for requests that answer nothing but a status.
    template <Command C>
    void start(Mode mode, unsigned long request, const C &command, std::string_view function,
               Callback<void> done) {
        start<C>(
            mode, request, command, function, [](const C &) { return Answer{}; },
            [done = std::move(done)](Result<Answer> answer) mutable {
                if (answer)
                    done({});
                else
                    done(std::unexpected(std::move(answer.error())));
            });
    }

    /// Closes an id whose handle is gone: does not wait, answers nobody.
    void abandon(std::uint32_t id) noexcept;

    /// A request that will be finished by its cookie.
    std::uint64_t expect(std::string_view function, Callback<Answer> done);
    void finish(std::uint64_t cookie, Result<Answer> answer);

    /// A handler of events that carry the cookie.
    std::uint64_t subscribe(EventHandler handler);
    void unsubscribe(std::uint64_t cookie) noexcept;

    /// Dispatches until @p done says so; fails when that is not possible.
    Result<void> pump(const std::function<bool()> &done);

  private:
    struct Pending {
        std::string function;
        Callback<Answer> done;
    };

    template <Command C>
    static void prepare(C &command, std::uint32_t flags, std::uint64_t user_data) {
        command.hdr.size = sizeof(command);
        command.hdr.flags = flags;
        command.hdr.user_data = user_data;
        command.hdr.out_status = STATUS_SUCCESS;
    }

    // The request is expected before it is made, because a signal may turn it
    // into one that is answered by an event, which another thread may dispatch.
    template <Command C>
    void wait(unsigned long request, C &command, std::string_view function, Extract<C> extract,
              Callback<Answer> done) {
        auto promise = std::make_shared<std::promise<Result<Answer>>>();
        auto future = promise->get_future();
        const auto cookie = expect(
            function, [promise](Result<Answer> answer) { promise->set_value(std::move(answer)); });

        prepare(command, 0, cookie);
        auto accepted = ioctl(request, &command, command.hdr, function);
        if (accepted && command.hdr.out_status == STATUS_PENDING)
            accepted = pump([&future] { return is_ready(future); });
        if (!accepted)
            finish(cookie, std::unexpected(std::move(accepted.error())));
        else
            finish(cookie, extract(command));
        done(future.get());
    }

    static bool is_ready(const std::future<Result<Answer>> &future) {
        return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }

    Result<void> ioctl(unsigned long request, void *argument, const ndk_header &header,
                       std::string_view function);
    Result<void> receive();
    void deliver(const ndk_event &event);

    std::shared_ptr<SystemCalls> calls_;
    std::atomic<int> fd_;
    std::mutex mutex_; // protects what follows
    std::uint64_t next_cookie_ = 1;
    std::unordered_map<std::uint64_t, Pending> pending_;
    std::unordered_map<std::uint64_t, std::shared_ptr<EventHandler>> handlers_;
    std::deque<ndk_event> received_;
};

} // namespace ndk::detail
