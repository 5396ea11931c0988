// SPDX-License-Identifier: MIT
#include <ndk/memory.hpp>

#include "request.hpp"

namespace ndk {
namespace {

Result<void> copy(const detail::Ref &ref, std::uint32_t flags, std::uint64_t address,
                  std::uint64_t length, std::uint64_t offset) {
    ndk_copy_memory command{};

    command.memory_id = ref.id();
    command.copy_flags = flags;
    command.offset = offset;
    command.length = length;
    command.addr = address;
    return detail::call(ref, NDK_IOCTL_COPY_MEMORY, command, "copy memory");
}

} // namespace

Memory &Memory::operator=(Memory &&other) noexcept {
    if (this != &other) {
        [[maybe_unused]] const auto ignored = unpin();
        ref_.release();
        ref_ = std::move(other.ref_);
        address_ = other.address_;
        size_ = other.size_;
    }
    return *this;
}

Memory::~Memory() {
    [[maybe_unused]] const auto ignored = unpin();
    ref_.release(); // refused: in use until the file is closed
}

Result<void> Memory::unpin() {
    ndk_object command{};

    command.id = ref_.id();
    auto done = detail::call(ref_, NDK_IOCTL_UNPIN_MEMORY, command, "unpin memory");
    if (done)
        ref_.release();
    return done;
}

Result<void> Memory::copy_in(std::span<const std::byte> data, std::uint64_t offset) {
    return copy(ref_, NDK_COPY_TO_KERNEL, reinterpret_cast<std::uintptr_t>(data.data()),
                data.size(), offset);
}

Result<void> Memory::copy_out(std::span<std::byte> data, std::uint64_t offset) const {
    return copy(ref_, 0, reinterpret_cast<std::uintptr_t>(data.data()), data.size(), offset);
}

} // namespace ndk
