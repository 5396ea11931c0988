// SPDX-License-Identifier: MIT
/// @file
/// Flag sets of NDKPI as enum classes with operators.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ndk {

/// Opts an enum class into the operators below.
template <class E> inline constexpr bool is_flag_enum = false;

template <class E>
concept FlagEnum = std::is_enum_v<E> && is_flag_enum<E>;

template <FlagEnum E> [[nodiscard]] constexpr E operator|(E a, E b) noexcept {
    return static_cast<E>(std::to_underlying(a) | std::to_underlying(b));
}

template <FlagEnum E> [[nodiscard]] constexpr E operator&(E a, E b) noexcept {
    return static_cast<E>(std::to_underlying(a) & std::to_underlying(b));
}

template <FlagEnum E> [[nodiscard]] constexpr E operator^(E a, E b) noexcept {
    return static_cast<E>(std::to_underlying(a) ^ std::to_underlying(b));
}

template <FlagEnum E> [[nodiscard]] constexpr E operator~(E a) noexcept {
    return static_cast<E>(~std::to_underlying(a));
}

template <FlagEnum E> constexpr E &operator|=(E &a, E b) noexcept {
    return a = a | b;
}

template <FlagEnum E> constexpr E &operator&=(E &a, E b) noexcept {
    return a = a & b;
}

/// True when every bit of @p wanted is set in @p flags.
template <FlagEnum E> [[nodiscard]] constexpr bool has(E flags, E wanted) noexcept {
    return (flags & wanted) == wanted;
}

/// Rights of NdkRegisterMr (NDK_MR_FLAG_*). A mask, although 0x5 looks like a
/// number: remote write carries local write with it.
enum class MrAccess : std::uint32_t {
    local_read = 0x0,
    local_write = 0x1,
    remote_read = 0x2,
    remote_write = 0x5,
    rdma_read_sink = 0x8,
};
template <> inline constexpr bool is_flag_enum<MrAccess> = true;

/// Flags of requests on a queue pair (NDK_OP_FLAG_*).
enum class OpFlags : std::uint32_t {
    none = 0x0,
    silent_success = 0x1,         ///< no completion unless it fails
    read_fence = 0x2,             ///< wait for earlier reads
    send_and_solicit_event = 0x4, ///< wake a peer that armed for solicited
    allow_remote_read = 0x8,      ///< NdkFastRegister
    allow_local_write = 0x10,     ///< NdkFastRegister
    allow_remote_write = 0x30,    ///< NdkFastRegister; carries local write
    inlined = 0x40,               ///< data is taken while posting
    rdma_read_sink = 0x80,        ///< NdkFastRegister
    rdma_read_local_invalidate = 0x100,
    defer = 0x200, ///< may be held back until a request without it
};
template <> inline constexpr bool is_flag_enum<OpFlags> = true;

/// NDK_ADAPTER_INFO.AdapterFlags.
enum class AdapterFlags : std::uint32_t {
    none = 0x0,
    in_order_dma_supported = 0x1,
    rdma_read_sink_not_required = 0x2,
    cq_interrupt_moderation_supported = 0x4,
    multi_engine_supported = 0x8,
    rdma_read_local_invalidate_supported = 0x10,
    cq_resize_supported = 0x100,
    loopback_connections_supported = 0x10000,
};
template <> inline constexpr bool is_flag_enum<AdapterFlags> = true;

/// A flag and its published name.
struct FlagName {
    std::uint32_t value;
    std::string_view name;
};

[[nodiscard]] std::span<const FlagName> mr_access_names() noexcept;
[[nodiscard]] std::span<const FlagName> op_flag_names() noexcept;
[[nodiscard]] std::span<const FlagName> adapter_flag_names() noexcept;

/// Published names joined by " | ", e.g. for 0x5 "NDK_MR_FLAG_ALLOW_REMOTE_WRITE".
/// Bits without a name are shown as one hexadecimal number at the end.
[[nodiscard]] std::string to_string(MrAccess flags);
[[nodiscard]] std::string to_string(OpFlags flags);
[[nodiscard]] std::string to_string(AdapterFlags flags);

} // namespace ndk
