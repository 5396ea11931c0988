// SPDX-License-Identifier: MIT
/// @file
/// Memory that an adapter can be given.
#pragma once

#include <ndk/error.hpp>
#include <ndk/object.hpp>

#include <cstddef>
#include <span>

namespace ndk {

/// Whether the adapter may write to pinned memory.
enum class PinAccess {
    read_only,  ///< the adapter only reads; the mapping may be read-only
    read_write, ///< the mapping must be writable
};

/// Pinned pages of this process, or pages of the kernel, described by an MDL.
/// Made by Session::pin() and Session::allocate(). Move-only.
///
/// The destructor unpins. While an LAM, a registration or a fast registration
/// uses the memory that is refused, and the pages stay pinned until the session
/// is closed; use unpin() to see it.
///
/// Thread safety: as Object.
class Memory {
  public:
    Memory() noexcept = default;
    Memory(Memory &&) noexcept = default;
    Memory &operator=(Memory &&other) noexcept;
    ~Memory();

    [[nodiscard]] explicit operator bool() const noexcept { return ref_.id() != 0; }
    [[nodiscard]] std::uint32_t id() const noexcept { return ref_.id(); }

    /// Address of the first byte; of kernel memory only its label. Regions that
    /// are registered from this memory are addressed by it.
    [[nodiscard]] std::uint64_t address() const noexcept { return address_; }

    /// Bytes.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Unpins. EBUSY while it is in use; the handle then keeps the memory.
    [[nodiscard]] Result<void> unpin();

    /// Copies to kernel memory, from @p offset bytes on. EINVAL when it does not
    /// fit, or for memory of a process.
    [[nodiscard]] Result<void> copy_in(std::span<const std::byte> data, std::uint64_t offset = 0);

    /// Copies from kernel memory; as copy_in().
    [[nodiscard]] Result<void> copy_out(std::span<std::byte> data, std::uint64_t offset = 0) const;

  private:
    friend class Session;
    Memory(detail::Ref ref, std::uint64_t address, std::uint64_t size) noexcept
        : ref_(std::move(ref)), address_(address), size_(size) {}

    detail::Ref ref_;
    std::uint64_t address_ = 0;
    std::uint64_t size_ = 0;
};

} // namespace ndk
