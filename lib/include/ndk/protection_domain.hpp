// SPDX-License-Identifier: MIT
/// @file
/// Protection domains.
#pragma once

#include <ndk/completion_queue.hpp>
#include <ndk/memory_region.hpp>
#include <ndk/queue_pair.hpp>

namespace ndk {

/// A protection domain (NDK_PD), made by Adapter::create_protection_domain():
/// its regions can be reached through its queue pairs only. Move-only; thread
/// safety as Object.
class ProtectionDomain : public Object {
  public:
    ProtectionDomain() noexcept = default;

    /// NdkCreateMr. Error: insufficient_resources.
    [[nodiscard]] Async<MemoryRegion> create_memory_region(MrKind kind);

    /// NdkCreateQp. The two queues may be the same. Errors: invalid_parameter
    /// with the limit, insufficient_resources.
    [[nodiscard]] Async<QueuePair> create_queue_pair(const CompletionQueue &receives,
                                                     const CompletionQueue &initiator,
                                                     const QueuePairOptions &options = {});

  private:
    friend class Adapter;
    explicit ProtectionDomain(detail::Ref ref) noexcept : Object(std::move(ref)) {}
};

} // namespace ndk
