// SPDX-License-Identifier: MIT
/// @file
/// One way to start every asynchronous request, four ways to get its answer.
#pragma once

#include <ndk/error.hpp>

#include <atomic>
#include <coroutine>
#include <functional>
#include <future>
#include <optional>
#include <utility>

namespace ndk {

/// Gets the answer of an asynchronous request, exactly once.
template <class T> using Callback = std::move_only_function<void(Result<T>)>;

/// How a request is handed to the kernel.
enum class Mode {
    wait,  ///< the calling thread sleeps in the kernel until the answer is there
    event, ///< Session::dispatch() finds the answer, unless it is there at once
};

/// A request of NDKPI that may answer STATUS_PENDING. It starts when one of the
/// member functions says how the answer is wanted:
///
///     mr.initialize(16).wait();                        // sleep until done
///     mr.initialize(16).then([](auto result) { ... }); // callback
///     auto done = mr.initialize(16).future();          // std::future
///     auto done = co_await mr.initialize(16);          // coroutine
///
/// Callbacks, promises and coroutines are completed by the thread that calls
/// Session::dispatch(), or at once by the starting thread when the provider
/// answers inline. When the session is closed first, they get
/// STATUS_CANCELLED. No lock of the library is held meanwhile.
///
/// The object that the request is about must stay alive until it is started,
/// not until it is answered. Not safe for use from two threads.
template <class T>
class [[nodiscard("nothing starts before wait, then, future or co_await")]] Async {
  public:
    /// Starts the request and sees to it that the callback is called once;
    /// with Mode::wait before it returns.
    using Start = std::move_only_function<void(Mode, Callback<T>)>;

    explicit Async(Start start) : start_(std::move(start)) {}

    /// Waits in the kernel; nobody needs to dispatch.
    [[nodiscard]] Result<T> wait() && {
        std::optional<Result<T>> answer;

        start_(Mode::wait, [&answer](Result<T> result) { answer = std::move(result); });
        // Mode::wait has called back. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
        return std::move(*answer);
    }

    /// Calls @p callback with the answer, perhaps before then() returns.
    void then(Callback<T> callback) && {
        start_(Mode::event, std::move(callback));
    }

    /// A future for a thread other than the dispatching one.
    [[nodiscard]] std::future<Result<T>> future() && {
        std::promise<Result<T>> promise;
        auto future = promise.get_future();

        start_(Mode::event, [promise = std::move(promise)](Result<T> result) mutable {
            promise.set_value(std::move(result));
        });
        return future;
    }

    /// Suspends the coroutine until the answer is there. The coroutine must not
    /// be destroyed while it is suspended here.
    [[nodiscard]] auto operator co_await() && {
        return Awaiter(std::move(start_));
    }

  private:
    class Awaiter {
      public:
        explicit Awaiter(Start start) : start_(std::move(start)) {}
        Awaiter(const Awaiter &) = delete;
        Awaiter &operator=(const Awaiter &) = delete;

        [[nodiscard]] bool await_ready() const noexcept { return false; }

        // Both this function and the callback pass the gate; the later of the
        // two goes on with the coroutine, so that an answer that comes inline,
        // or on another thread before this returns, is not resumed twice.
        bool await_suspend(std::coroutine_handle<> waiting) {
            start_(Mode::event, [this, waiting](Result<T> result) {
                answer_ = std::move(result);
                if (gate_.exchange(true, std::memory_order_acq_rel))
                    waiting.resume();
            });
            return !gate_.exchange(true, std::memory_order_acq_rel);
        }

        [[nodiscard]] Result<T> await_resume() { return std::move(*answer_); }

      private:
        Start start_;
        std::optional<Result<T>> answer_;
        std::atomic<bool> gate_ = false;
    };

    Start start_;
};

} // namespace ndk
