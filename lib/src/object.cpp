// SPDX-License-Identifier: MIT
#include <ndk/object.hpp>

#include "request.hpp"

#include <algorithm>
#include <cstring>

namespace ndk {
namespace detail {

Ref::Ref(std::shared_ptr<Channel> channel, std::uint32_t id) noexcept
    : channel_(std::move(channel)), id_(id) {}

Ref::Ref(Ref &&other) noexcept
    : channel_(std::move(other.channel_)), id_(std::exchange(other.id_, 0)) {}

Ref &Ref::operator=(Ref &&other) noexcept {
    if (this != &other) {
        drop();
        channel_ = std::move(other.channel_);
        id_ = std::exchange(other.id_, 0);
    }
    return *this;
}

Ref::~Ref() {
    drop();
}

void Ref::drop() noexcept {
    if (const auto id = release(); id != 0 && channel_)
        channel_->abandon(id);
    channel_.reset();
}

Subscription::Subscription(std::shared_ptr<Channel> channel, std::uint64_t cookie) noexcept
    : channel_(std::move(channel)), cookie_(cookie) {}

Subscription::Subscription(Subscription &&other) noexcept
    : channel_(std::move(other.channel_)), cookie_(std::exchange(other.cookie_, 0)) {}

Subscription &Subscription::operator=(Subscription &&other) noexcept {
    if (this != &other) {
        drop();
        channel_ = std::move(other.channel_);
        cookie_ = std::exchange(other.cookie_, 0);
    }
    return *this;
}

Subscription::~Subscription() {
    drop();
}

void Subscription::drop() noexcept {
    if (const auto cookie = std::exchange(cookie_, 0); cookie != 0 && channel_)
        channel_->unsubscribe(cookie);
    channel_.reset();
}

} // namespace detail

Async<void> Object::close() {
    return Async<void>([ref = std::move(ref_)](Mode mode, Callback<void> callback) mutable {
        ndk_object command{};
        const auto channel = ref.channel();

        command.id = ref.release();
        if (command.id == 0)
            return callback(std::unexpected(detail::no_object("NdkClose")));
        channel->start(mode, NDK_IOCTL_CLOSE, command, "NdkClose", std::move(callback));
    });
}

Result<void> Object::query_extension(const Guid &guid, Version version) const {
    ndk_query_extension command{};

    command.id = id();
    command.version_major = version.major;
    command.version_minor = version.minor;
    static_assert(sizeof(guid) == sizeof(command.guid));
    std::memcpy(command.guid, &guid, sizeof(guid));
    return detail::call(ref_, NDK_IOCTL_QUERY_EXTENSION, command, "NdkQueryExtension");
}

Result<Version> Object::version() const {
    ndk_query_object command{};

    command.id = id();
    if (auto done = detail::call(ref_, NDK_IOCTL_QUERY_OBJECT, command, "query object"); !done)
        return std::unexpected(std::move(done.error()));
    return Version{command.out_version_major, command.out_version_minor};
}

Result<std::optional<Error>> Object::last_refusal() const {
    ndk_object command{};

    command.id = id();
    auto done = detail::call(ref_, NDK_IOCTL_GET_REFUSAL, command, "refused");
    if (done)
        return std::nullopt;
    if (!done.error().status())
        return std::unexpected(std::move(done.error()));
    return std::move(done.error());
}

} // namespace ndk
