// SPDX-License-Identifier: MIT
/// @file
/// Queue pairs and the requests that are posted on them.
#pragma once

#include <ndk/completion_queue.hpp>
#include <ndk/flags.hpp>
#include <ndk/logical_address_mapping.hpp>
#include <ndk/memory_region.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace ndk {

/// A piece of local memory (NDK_SGE).
struct Sge {
    std::uint64_t address = 0;
    std::uint32_t length = 0;
    std::uint32_t token = 0;
    std::uint32_t flags = 0;
    std::uint32_t reserved = 0;

    /// Memory in a region that is registered at its own address.
    [[nodiscard]] static Sge of(std::span<const std::byte> memory,
                                std::uint32_t local_token) noexcept;
    /// Bytes for OpFlags::inlined; taken before the post returns.
    [[nodiscard]] static Sge inlined(std::span<const std::byte> data) noexcept;
    /// Bytes of an LAM, without registration (NdkGetPrivilegedMemoryRegionToken).
    [[nodiscard]] static Sge privileged(const LogicalAddressMapping &lam, std::uint64_t offset,
                                        std::uint32_t length) noexcept;
};

/// A peer's memory, as the peer has told.
struct RemoteMemory {
    std::uint64_t address = 0;
    std::uint32_t token = 0;
};

/// Arguments of QueuePair::fast_register().
struct FastRegistration {
    std::uint32_t first_page = 0;   ///< first page of the LAM
    std::uint32_t page_count = 0;   ///< AdapterPageCount
    std::uint32_t fbo = 0;          ///< offset of the first byte in the first page
    std::uint64_t length = 0;       ///< bytes
    std::uint64_t base_address = 0; ///< label of the first byte: n pages + fbo
    OpFlags flags = OpFlags::none;
};

/// Sizes of a queue pair; each within the same-named limit of AdapterInfo.
struct QueuePairOptions {
    std::uint64_t context = 0; ///< Completion::qp_context
    std::uint32_t receive_queue_depth = 64;
    std::uint32_t initiator_queue_depth = 64;
    std::uint32_t max_receive_request_sge = 1;
    std::uint32_t max_initiator_request_sge = 1;
    std::uint32_t inline_data_size = 0; ///< bytes
};

/// A queue pair (NDK_QP), made by ProtectionDomain::create_queue_pair().
///
/// Every post answers whether the request was accepted; how it ended is a
/// Completion with the given context, whose top bit must be 0. A refused post
/// leaves no completion. Errors of all posts on the initiator queue:
/// connection_invalid when not connected, no_more_entries when the queue is
/// full, data_overrun for too many or too long pieces.
///
/// Move-only; thread safety as Object, but posts on the same queue (initiator or
/// receive) of one queue pair must not overlap.
class QueuePair : public Object {
  public:
    QueuePair() noexcept = default;

    /// NdkSend.
    [[nodiscard]] Result<void> send(std::uint64_t context, std::span<const Sge> pieces,
                                    OpFlags flags = OpFlags::none);
    /// NdkSendAndInvalidate: the peer's region @p token is invalid when it sees
    /// the message. A token that is not valid there ends the connection.
    [[nodiscard]] Result<void> send_and_invalidate(std::uint64_t context,
                                                   std::span<const Sge> pieces, std::uint32_t token,
                                                   OpFlags flags = OpFlags::none);
    /// NdkReceive; may be posted before the queue pair is connected.
    [[nodiscard]] Result<void> receive(std::uint64_t context, std::span<const Sge> pieces);
    /// NdkRead: from the peer into @p pieces.
    [[nodiscard]] Result<void> read(std::uint64_t context, std::span<const Sge> pieces,
                                    RemoteMemory remote, OpFlags flags = OpFlags::none);
    /// NdkWrite: from @p pieces to the peer.
    [[nodiscard]] Result<void> write(std::uint64_t context, std::span<const Sge> pieces,
                                     RemoteMemory remote, OpFlags flags = OpFlags::none);
    /// NdkFastRegister. Errors besides those of all posts: access_violation when
    /// remote access is asked for but was denied at initialisation,
    /// invalid_device_state when the region is registered or not initialised,
    /// invalid_device_request for a normal region, invalid_parameter; EACCES for
    /// writing to memory pinned read-only.
    [[nodiscard]] Result<void> fast_register(std::uint64_t context, const MemoryRegion &region,
                                             const LogicalAddressMapping &lam,
                                             const FastRegistration &what);
    /// NdkInvalidate. Errors besides those of all posts: invalid_device_state
    /// when the region is not registered, invalid_device_request for a normal one.
    [[nodiscard]] Result<void> invalidate(std::uint64_t context, const MemoryRegion &region,
                                          OpFlags flags = OpFlags::none);
    /// NdkFlush: ends all requests; each completes as cancelled.
    [[nodiscard]] Result<void> flush();

  private:
    friend class ProtectionDomain;
    explicit QueuePair(detail::Ref ref) noexcept : Object(std::move(ref)) {}
    Result<void> post(unsigned long request, std::string_view function, std::uint64_t context,
                      std::span<const Sge> pieces, OpFlags flags, RemoteMemory remote);
};

} // namespace ndk
