// SPDX-License-Identifier: MIT
#include <ndk/session.hpp>

#include "channel.hpp"
#include "request.hpp"

#include <algorithm>
#include <cstring>

namespace ndk {

Result<Session> Session::open(const std::string &path, std::shared_ptr<SystemCalls> calls) {
    auto channel = detail::Channel::open(path, calls ? std::move(calls) : SystemCalls::kernel());

    if (!channel)
        return std::unexpected(std::move(channel.error()));
    return Session(std::move(*channel));
}

int Session::fd() const noexcept {
    return channel_ ? channel_->fd() : -1;
}

Result<std::size_t> Session::dispatch(std::chrono::milliseconds timeout) {
    const auto channel = channel_; // a handler may move or destroy the session

    if (!channel)
        return std::unexpected(detail::no_object("dispatch"));
    return channel->dispatch(timeout);
}

Result<void> Session::close() {
    if (!channel_)
        return {};
    return channel_->close();
}

Result<std::vector<AdapterIdent>> Session::adapters() const {
    std::vector<AdapterIdent> found;

    if (!channel_)
        return std::unexpected(detail::no_object("list adapters"));
    for (std::uint32_t index = 0;; ++index) {
        ndk_enum_adapters command{};

        command.index = index;
        const auto done = channel_->call(NDK_IOCTL_ENUM_ADAPTERS, command, "list adapters");
        if (!done && done.error() == std::errc::no_such_file_or_directory)
            return found;
        if (!done)
            return std::unexpected(done.error());
        found.push_back(
            {.name = std::string(command.out_name, ::strnlen(command.out_name, NDK_NAME_MAX)),
             .ifindex = command.out_ifindex,
             .ports = command.out_ports});
    }
}

Result<Adapter> Session::open_adapter(const std::string &name, std::uint32_t ifindex,
                                      Version version) const {
    ndk_open command{};

    if (!channel_)
        return std::unexpected(detail::no_object("open adapter"));
    if (name.size() >= NDK_NAME_MAX)
        return std::unexpected(Error(std::make_error_code(std::errc::invalid_argument),
                                     "open adapter",
                                     {"length of name", name.size(), NDK_NAME_MAX - 1}));
    std::ranges::copy(name, command.name);
    command.ifindex = ifindex;
    command.version_major = version.major;
    command.version_minor = version.minor;
    if (auto done = channel_->call(NDK_IOCTL_OPEN_ADAPTER, command, "open adapter"); !done)
        return std::unexpected(std::move(done.error()));
    return Adapter(detail::Ref(channel_, command.out_id));
}

Result<Adapter> Session::open_adapter(const std::string &name, Version version) const {
    return open_adapter(name, 0, version);
}

Result<Adapter> Session::open_adapter(std::uint32_t ifindex, Version version) const {
    return open_adapter({}, ifindex, version);
}

Result<Memory> Session::pin(std::uint64_t address, std::uint64_t size, std::uint32_t flags) const {
    ndk_pin_memory command{};

    if (!channel_)
        return std::unexpected(detail::no_object("pin memory"));
    command.addr = address;
    command.length = size;
    command.mem_flags = flags;
    if (auto done = channel_->call(NDK_IOCTL_PIN_MEMORY, command, "pin memory"); !done)
        return std::unexpected(std::move(done.error()));
    return Memory(detail::Ref(channel_, command.out_id), address, size);
}

Result<Memory> Session::pin(std::span<std::byte> memory, PinAccess access) const {
    return pin(reinterpret_cast<std::uintptr_t>(memory.data()), memory.size(),
               access == PinAccess::read_write ? NDK_MEM_FLAG_WRITE : 0);
}

Result<Memory> Session::pin(std::span<const std::byte> memory) const {
    return pin(reinterpret_cast<std::uintptr_t>(memory.data()), memory.size(), 0);
}

Result<Memory> Session::allocate(std::uint64_t size, std::uint64_t label) const {
    return pin(label, size, NDK_MEM_FLAG_KERNEL | NDK_MEM_FLAG_WRITE);
}

} // namespace ndk
