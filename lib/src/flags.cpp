// SPDX-License-Identifier: MIT
#include <ndk/flags.hpp>

#include <array>
#include <cstdio>

namespace ndk {
namespace {

// A composite flag stands before the bits that it contains.
constexpr auto mr_names = std::to_array<FlagName>({
    {0x5, "NDK_MR_FLAG_ALLOW_REMOTE_WRITE"},
    {0x1, "NDK_MR_FLAG_ALLOW_LOCAL_WRITE"},
    {0x2, "NDK_MR_FLAG_ALLOW_REMOTE_READ"},
    {0x8, "NDK_MR_FLAG_RDMA_READ_SINK"},
});

constexpr auto op_names = std::to_array<FlagName>({
    {0x1, "NDK_OP_FLAG_SILENT_SUCCESS"},
    {0x2, "NDK_OP_FLAG_READ_FENCE"},
    {0x4, "NDK_OP_FLAG_SEND_AND_SOLICIT_EVENT"},
    {0x8, "NDK_OP_FLAG_ALLOW_REMOTE_READ"},
    {0x30, "NDK_OP_FLAG_ALLOW_REMOTE_WRITE"},
    {0x10, "NDK_OP_FLAG_ALLOW_LOCAL_WRITE"},
    {0x40, "NDK_OP_FLAG_INLINE"},
    {0x80, "NDK_OP_FLAG_RDMA_READ_SINK"},
    {0x100, "NDK_OP_FLAG_RDMA_READ_LOCAL_INVALIDATE"},
    {0x200, "NDK_OP_FLAG_DEFER"},
});

constexpr auto adapter_names = std::to_array<FlagName>({
    {0x1, "NDK_ADAPTER_FLAG_IN_ORDER_DMA_SUPPORTED"},
    {0x2, "NDK_ADAPTER_FLAG_RDMA_READ_SINK_NOT_REQUIRED"},
    {0x4, "NDK_ADAPTER_FLAG_CQ_INTERRUPT_MODERATION_SUPPORTED"},
    {0x8, "NDK_ADAPTER_FLAG_MULTI_ENGINE_SUPPORTED"},
    {0x10, "NDK_ADAPTER_FLAG_RDMA_READ_LOCAL_INVALIDATE_SUPPORTED"},
    {0x100, "NDK_ADAPTER_FLAG_CQ_RESIZE_SUPPORTED"},
    {0x10000, "NDK_ADAPTER_FLAG_LOOPBACK_CONNECTIONS_SUPPORTED"},
});

std::string join(std::uint32_t value, std::span<const FlagName> names, std::string_view zero) {
    std::uint32_t rest = value;
    std::string text;
    const auto append = [&text](std::string_view word) {
        if (!text.empty())
            text += " | ";
        text += word;
    };

    if (value == 0)
        return std::string(zero);
    for (const auto &flag : names) {
        if ((rest & flag.value) != flag.value)
            continue;
        append(flag.name);
        rest &= ~flag.value;
    }
    if (rest != 0) {
        std::array<char, 16> hex{};
        std::snprintf(hex.data(), hex.size(), "0x%x", rest);
        append(hex.data());
    }
    return text;
}

} // namespace

std::span<const FlagName> mr_access_names() noexcept {
    return mr_names;
}

std::span<const FlagName> op_flag_names() noexcept {
    return op_names;
}

std::span<const FlagName> adapter_flag_names() noexcept {
    return adapter_names;
}

std::string to_string(MrAccess flags) {
    return join(std::to_underlying(flags), mr_names, "NDK_MR_FLAG_ALLOW_LOCAL_READ");
}

std::string to_string(OpFlags flags) {
    return join(std::to_underlying(flags), op_names, "0");
}

std::string to_string(AdapterFlags flags) {
    return join(std::to_underlying(flags), adapter_names, "0");
}

} // namespace ndk
