// SPDX-License-Identifier: MIT
/// @file
/// The adapter's view of some memory.
#pragma once

#include <ndk/error.hpp>
#include <ndk/object.hpp>

namespace ndk {

/// Pages of a Memory as an adapter addresses them (NDK_LOGICAL_ADDRESS_MAPPING),
/// made by Adapter::build_lam(). Move-only. The addresses stay in the kernel.
///
/// The destructor releases. While a fast registration of its pages is valid, or a
/// request posted with them may still be running, that is refused, and the mapping
/// stays until the session is closed; use release() to see it. A region that was
/// just destroyed may still be closing: wait for its close() first.
///
/// Thread safety: as Object.
class LogicalAddressMapping {
  public:
    LogicalAddressMapping() noexcept = default;
    LogicalAddressMapping(LogicalAddressMapping &&) noexcept = default;
    LogicalAddressMapping &operator=(LogicalAddressMapping &&other) noexcept;
    ~LogicalAddressMapping();

    [[nodiscard]] explicit operator bool() const noexcept { return ref_.id() != 0; }
    [[nodiscard]] std::uint32_t id() const noexcept { return ref_.id(); }

    /// AdapterPageCount: pages of the machine's page size.
    [[nodiscard]] std::uint32_t page_count() const noexcept { return page_count_; }

    /// FBO: offset of the first byte in the first page.
    [[nodiscard]] std::uint32_t first_byte_offset() const noexcept { return fbo_; }

    /// NdkReleaseLAM. EBUSY while it is in use; the handle then keeps it.
    [[nodiscard]] Result<void> release();

  private:
    friend class Adapter;
    LogicalAddressMapping(detail::Ref ref, std::uint32_t page_count, std::uint32_t fbo) noexcept
        : ref_(std::move(ref)), page_count_(page_count), fbo_(fbo) {}

    detail::Ref ref_;
    std::uint32_t page_count_ = 0;
    std::uint32_t fbo_ = 0;
};

} // namespace ndk
