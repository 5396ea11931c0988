// SPDX-License-Identifier: MIT
#include "channel.hpp"

#include <array>
#include <cerrno>
#include <utility>

namespace ndk::detail {
namespace {

Error system_error(int number, std::string_view function, Refusal refusal = {}) {
    return {std::error_code(number, std::system_category()), function, std::move(refusal)};
}

Refusal to_refusal(const ndk_refusal_info &info) {
    return {.argument = std::string(info.argument, ::strnlen(info.argument, sizeof(info.argument))),
            .value = info.value,
            .limit = info.limit};
}

bool interrupted(std::error_code error) {
    return error == std::errc::interrupted;
}

} // namespace

Result<std::shared_ptr<Channel>> Channel::open(const std::string &path,
                                               std::shared_ptr<SystemCalls> calls) {
    for (;;) {
        const auto fd = calls->open(path);

        if (fd)
            return std::make_shared<Channel>(*fd, std::move(calls));
        if (!interrupted(fd.error()))
            return std::unexpected(Error(fd.error(), "open " + path));
    }
}

Channel::Channel(int fd, std::shared_ptr<SystemCalls> calls) : calls_(std::move(calls)), fd_(fd) {}

Channel::~Channel() {
    [[maybe_unused]] const auto ignored = close(); // nobody is left to tell
}

Result<void> Channel::close() {
    const int fd = fd_.exchange(-1);
    std::unordered_map<std::uint64_t, Pending> unanswered;

    if (fd < 0)
        return {};
    const auto closed = calls_->close(fd); // not again after EINTR: it is closed
    {
        const std::lock_guard lock(mutex_);

        unanswered.swap(pending_);
        handlers_.clear();
        received_.clear();
    }
    for (auto &[cookie, pending] : unanswered)
        pending.done(std::unexpected(Error(Status::cancelled, pending.function)));
    if (!closed && !interrupted(closed.error()))
        return std::unexpected(Error(closed.error(), "close"));
    return {};
}

Result<void> Channel::ioctl(unsigned long request, void *argument, const ndk_header &header,
                            std::string_view function) {
    for (;;) {
        const int fd = fd_;

        if (fd < 0)
            return std::unexpected(system_error(EBADF, function));
        const auto answered = calls_->ioctl(fd, request, argument);
        if (answered) {
            const auto status = static_cast<Status>(header.out_status);

            if (succeeded(status))
                return {};
            return std::unexpected(Error(status, function, to_refusal(header.out_refusal)));
        }
        if (!interrupted(answered.error()))
            return std::unexpected(
                Error(answered.error(), function, to_refusal(header.out_refusal)));
        if (header.out_status == STATUS_PENDING)
            return {};
    }
}

void Channel::abandon(std::uint32_t id) noexcept {
    ndk_object command{};
    const int fd = fd_;

    if (fd < 0 || id == 0)
        return;
    prepare(command, NDK_FLAG_ASYNC | NDK_FLAG_NO_EVENT, 0);
    command.id = id;
    [[maybe_unused]] const auto ignored = calls_->ioctl(fd, NDK_IOCTL_CLOSE, &command);
}

std::uint64_t Channel::expect(std::string_view function, Callback<Answer> done) {
    const std::lock_guard lock(mutex_);

    pending_.emplace(next_cookie_, Pending{std::string(function), std::move(done)});
    return next_cookie_++;
}

void Channel::finish(std::uint64_t cookie, Result<Answer> answer) {
    std::unique_lock lock(mutex_);
    auto pending = pending_.extract(cookie);

    lock.unlock();
    if (pending)
        pending.mapped().done(std::move(answer));
}

std::uint64_t Channel::subscribe(EventHandler handler) {
    const std::lock_guard lock(mutex_);

    handlers_.emplace(next_cookie_, std::make_shared<EventHandler>(std::move(handler)));
    return next_cookie_++;
}

void Channel::unsubscribe(std::uint64_t cookie) noexcept {
    std::unique_lock lock(mutex_);
    const auto handler = handlers_.extract(cookie); // destroyed without the lock

    lock.unlock();
}

Result<void> Channel::pump(const std::function<bool()> &done) {
    // Another thread may dispatch the event that this one waits for, so look
    // again now and then.
    constexpr std::chrono::milliseconds look_again{50};

    while (!done()) {
        const auto dispatched = dispatch(look_again);

        if (!dispatched)
            return std::unexpected(dispatched.error());
    }
    return {};
}

Result<std::size_t> Channel::dispatch(std::chrono::milliseconds timeout) {
    std::size_t count = 0;
    std::unique_lock lock(mutex_);

    if (received_.empty() && timeout.count() != 0) {
        lock.unlock();
        const int fd = fd_;
        if (fd < 0)
            return std::unexpected(system_error(EBADF, "poll"));
        const auto readable = calls_->wait_readable(fd, timeout);
        if (!readable && !interrupted(readable.error()))
            return std::unexpected(Error(readable.error(), "poll"));
        if (!readable || !*readable)
            return 0;
        lock.lock();
    }
    if (received_.empty()) {
        lock.unlock();
        if (auto received = receive(); !received)
            return std::unexpected(std::move(received.error()));
        lock.lock();
    }
    while (!received_.empty()) {
        const auto event = received_.front();

        received_.pop_front();
        lock.unlock();
        ++count;
        deliver(event);
        lock.lock();
    }
    return count;
}

Result<void> Channel::receive() {
    std::array<ndk_event, 16> buffer{};
    std::span<std::byte> bytes = std::as_writable_bytes(std::span(buffer));

    for (;;) {
        const int fd = fd_;

        if (fd < 0)
            return std::unexpected(system_error(EBADF, "read"));
        const auto got = calls_->read(fd, bytes);
        if (got) {
            bytes = bytes.first(*got);
            break;
        }
        if (got.error() == std::errc::resource_unavailable_try_again)
            return {};
        if (!interrupted(got.error()))
            return std::unexpected(Error(got.error(), "read"));
    }

    const std::lock_guard lock(mutex_);
    while (!bytes.empty()) {
        ndk_event event{};
        std::uint32_t size = 0;

        if (bytes.size() >= sizeof(size))
            std::memcpy(&size, bytes.data(), sizeof(size));
        if (size < sizeof(std::uint64_t) || size > bytes.size())
            return std::unexpected(system_error(EPROTO, "read"));
        std::memcpy(&event, bytes.data(), std::min<std::size_t>(size, sizeof(event)));
        received_.push_back(event);
        bytes = bytes.subspan(size);
    }
    return {};
}

void Channel::deliver(const ndk_event &event) {
    std::unique_lock lock(mutex_);

    if (event.type == NDK_EVENT_COMPLETION) {
        auto pending = pending_.extract(event.user_data);

        lock.unlock();
        if (!pending)
            return; // of a handle that is gone
        auto &[function, done] = pending.mapped();
        const auto status = static_cast<Status>(event.status);
        if (succeeded(status))
            done(Answer{.object_id = event.object_id, .value = {event.value[0], event.value[1]}});
        else
            done(std::unexpected(Error(status, function, to_refusal(event.refusal))));
        return;
    }

    const auto found = handlers_.find(event.user_data);
    const auto handler = found == handlers_.end() ? nullptr : found->second;
    lock.unlock();
    if (handler)
        (*handler)(event);
    else if (event.type == NDK_EVENT_CONNECT)
        abandon(event.object_id); // the listener is gone, so nobody will answer the peer
}

} // namespace ndk::detail
