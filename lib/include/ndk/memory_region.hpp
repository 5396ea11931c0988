// SPDX-License-Identifier: MIT
/// @file
/// Memory regions, the heart of NDKPI.
#pragma once

#include <ndk/flags.hpp>
#include <ndk/memory.hpp>
#include <ndk/object.hpp>

namespace ndk {

/// What a region is for; chosen at creation, for life.
enum class MrKind {
    normal, ///< NdkRegisterMr
    fast,   ///< NdkInitializeFastRegisterMr and QueuePair::fast_register()
};

/// Whether later fast registrations may allow remote access.
enum class RemoteAccess : bool { denied = false, allowed = true };

/// Both names of a region; 0 where there is none (yet).
struct Tokens {
    std::uint32_t local = 0;  ///< for Sge::token
    std::uint32_t remote = 0; ///< for the peer
};

/// A memory region (NDK_MR), made by ProtectionDomain::create_memory_region().
/// Move-only; thread safety as Object.
class MemoryRegion : public Object {
  public:
    MemoryRegion() noexcept = default;

    /// NdkRegisterMr: @p length bytes of @p memory from @p offset on. The
    /// region's base address is memory.address() + offset. Memory of the process
    /// has no size limit but RLIMIT_MEMLOCK, with most drivers; kernel memory has
    /// AdapterInfo::max_registration_size.
    ///
    /// Errors: invalid_parameter for a bad length, invalid_device_request for a
    /// fast region, invalid_device_state when registered already,
    /// access_violation for writing to memory pinned read-only, or for a large
    /// range where other pages are mapped now than those that were pinned,
    /// not_supported for a large range with some drivers,
    /// insufficient_resources; EINVAL for an offset beyond the memory.
    [[nodiscard]] Async<void> register_memory(const Memory &memory, std::uint64_t offset,
                                              std::uint64_t length, MrAccess access);

    /// All of @p memory.
    [[nodiscard]] Async<void> register_memory(const Memory &memory, MrAccess access) {
        return register_memory(memory, 0, memory.size(), access);
    }

    /// NdkDeregisterMr. When it is answered, nobody reaches the memory any more.
    /// Errors: invalid_device_state when not registered, device_busy with a
    /// window bound, invalid_device_request for a fast region.
    [[nodiscard]] Async<void> deregister();

    /// NdkInitializeFastRegisterMr: room for @p page_count pages in each fast
    /// registration that follows. May be repeated, with another count too, while
    /// the region is not registered; tokens are new each time.
    ///
    /// Errors: implementation_limit for too many pages, invalid_parameter for
    /// none, invalid_device_request for a normal region, invalid_device_state
    /// while registered.
    [[nodiscard]] Async<void> initialize(std::uint32_t page_count,
                                         RemoteAccess remote = RemoteAccess::allowed);

    /// NdkGetLocalTokenFromMr and NdkGetRemoteTokenFromMr. Stable from
    /// registration or initialisation on; 0 before.
    [[nodiscard]] Result<Tokens> tokens() const;

  private:
    friend class ProtectionDomain;
    explicit MemoryRegion(detail::Ref ref) noexcept : Object(std::move(ref)) {}
};

} // namespace ndk
