// SPDX-License-Identifier: MIT
#include <ndk/memory_region.hpp>

#include "request.hpp"

namespace ndk {

Async<void> MemoryRegion::register_memory(const Memory &memory, std::uint64_t offset,
                                          std::uint64_t length, MrAccess access) {
    ndk_register_mr command{};

    command.mr_id = id();
    command.memory_id = memory.id();
    command.offset = offset;
    command.length = length;
    command.access = std::to_underlying(access);
    return detail::request(ref(), NDK_IOCTL_REGISTER_MR, command, "NdkRegisterMr");
}

Async<void> MemoryRegion::deregister() {
    ndk_object command{};

    command.id = id();
    return detail::request(ref(), NDK_IOCTL_DEREGISTER_MR, command, "NdkDeregisterMr");
}

Async<void> MemoryRegion::initialize(std::uint32_t page_count, RemoteAccess remote) {
    ndk_initialize_mr command{};

    command.mr_id = id();
    command.page_count = page_count;
    command.remote_access = remote == RemoteAccess::allowed;
    return detail::request(ref(), NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, command,
                           "NdkInitializeFastRegisterMr");
}

Result<Tokens> MemoryRegion::tokens() const {
    ndk_get_tokens command{};

    command.id = id();
    if (auto done = detail::call(ref(), NDK_IOCTL_GET_TOKENS, command, "NdkGetRemoteTokenFromMr");
        !done)
        return std::unexpected(std::move(done.error()));
    return Tokens{.local = command.out_local_token, .remote = command.out_remote_token};
}

} // namespace ndk
