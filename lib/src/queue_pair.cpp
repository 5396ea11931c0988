// SPDX-License-Identifier: MIT
#include <ndk/queue_pair.hpp>

#include "request.hpp"

#include <cstddef>

namespace ndk {

static_assert(sizeof(Sge) == sizeof(ndk_sge));
static_assert(offsetof(Sge, address) == offsetof(ndk_sge, addr));
static_assert(offsetof(Sge, length) == offsetof(ndk_sge, length));
static_assert(offsetof(Sge, token) == offsetof(ndk_sge, token));
static_assert(offsetof(Sge, flags) == offsetof(ndk_sge, sge_flags));
static_assert(offsetof(Sge, reserved) == offsetof(ndk_sge, __reserved));

Sge Sge::of(std::span<const std::byte> memory, std::uint32_t local_token) noexcept {
    return {.address = reinterpret_cast<std::uintptr_t>(memory.data()),
            .length = static_cast<std::uint32_t>(memory.size()),
            .token = local_token};
}

Sge Sge::inlined(std::span<const std::byte> data) noexcept {
    return of(data, 0);
}

Sge Sge::privileged(const LogicalAddressMapping &lam, std::uint64_t offset,
                    std::uint32_t length) noexcept {
    return {.address = offset, .length = length, .token = lam.id(), .flags = NDK_SGE_PRIVILEGED};
}

Result<void> QueuePair::post(unsigned long request, std::string_view function,
                             std::uint64_t context, std::span<const Sge> pieces, OpFlags flags,
                             RemoteMemory remote) {
    ndk_post command{};

    command.hdr.user_data = context;
    command.qp_id = id();
    command.op_flags = std::to_underlying(flags);
    command.sgl = reinterpret_cast<std::uintptr_t>(pieces.data());
    command.sge_count = static_cast<std::uint32_t>(pieces.size());
    command.remote_token = remote.token;
    command.remote_address = remote.address;
    return detail::call(ref(), request, command, function);
}

Result<void> QueuePair::send(std::uint64_t context, std::span<const Sge> pieces, OpFlags flags) {
    return post(NDK_IOCTL_SEND, "NdkSend", context, pieces, flags, {});
}

Result<void> QueuePair::send_and_invalidate(std::uint64_t context, std::span<const Sge> pieces,
                                            std::uint32_t token, OpFlags flags) {
    return post(NDK_IOCTL_SEND_AND_INVALIDATE, "NdkSendAndInvalidate", context, pieces, flags,
                {.address = 0, .token = token});
}

Result<void> QueuePair::receive(std::uint64_t context, std::span<const Sge> pieces) {
    return post(NDK_IOCTL_RECEIVE, "NdkReceive", context, pieces, OpFlags::none, {});
}

Result<void> QueuePair::read(std::uint64_t context, std::span<const Sge> pieces,
                             RemoteMemory remote, OpFlags flags) {
    return post(NDK_IOCTL_READ, "NdkRead", context, pieces, flags, remote);
}

Result<void> QueuePair::write(std::uint64_t context, std::span<const Sge> pieces,
                              RemoteMemory remote, OpFlags flags) {
    return post(NDK_IOCTL_WRITE, "NdkWrite", context, pieces, flags, remote);
}

Result<void> QueuePair::fast_register(std::uint64_t context, const MemoryRegion &region,
                                      const LogicalAddressMapping &lam,
                                      const FastRegistration &what) {
    ndk_fast_register command{};

    command.hdr.user_data = context;
    command.qp_id = id();
    command.mr_id = region.id();
    command.lam_id = lam.id();
    command.first_page = what.first_page;
    command.page_count = what.page_count;
    command.fbo = what.fbo;
    command.op_flags = std::to_underlying(what.flags);
    command.length = what.length;
    command.base_address = what.base_address;
    return detail::call(ref(), NDK_IOCTL_FAST_REGISTER, command, "NdkFastRegister");
}

Result<void> QueuePair::invalidate(std::uint64_t context, const MemoryRegion &region,
                                   OpFlags flags) {
    ndk_invalidate command{};

    command.hdr.user_data = context;
    command.qp_id = id();
    command.id = region.id();
    command.op_flags = std::to_underlying(flags);
    return detail::call(ref(), NDK_IOCTL_INVALIDATE, command, "NdkInvalidate");
}

Result<void> QueuePair::flush() {
    ndk_object command{};

    command.id = id();
    return detail::call(ref(), NDK_IOCTL_FLUSH, command, "NdkFlush");
}

} // namespace ndk
