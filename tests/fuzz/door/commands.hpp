// SPDX-License-Identifier: GPL-2.0-only
/// @file
/// What a program of the fuzzer can do: every command of <ndk/ndk_ioctl.h>
/// with every member of its struct, and steps that are not commands.
#pragma once

#include <cstdint>
#include <ndk/ndk_ioctl.h>
#include <span>
#include <string_view>

namespace ndk_fuzz {

/// What a member holds, which says what is a likely value for it.
enum class What : std::uint8_t {
    output,   ///< written by the kernel
    reserved, ///< must be zero
    id,       ///< `a`: enum ndk_object_kind, 0 for any; `b`: 1 if left out by default
    number,   ///< `a`: the default
    flags,    ///< `a`: the default, `b`: all that are known
    token,    ///< `a`: 1 for a remote one
    memory,   ///< address in the arena
    sgl,      ///< array of struct ndk_sge
    address,  ///< struct ndk_address; `a`: 1 if empty by default
    name,     ///< of an adapter
    guid,     ///< of an extension
};

/// A member of a command's struct, or an argument of another step.
struct Field {
    std::string_view name;
    std::uint16_t offset;
    std::uint16_t size;
    What what;
    std::uint32_t a = 0;
    std::uint32_t b = 0;

    /// Whether a program has anything to say about it.
    [[nodiscard]] constexpr bool chosen() const {
        return what != What::output && what != What::reserved;
    }
};

/// Steps that are not commands.
enum class Special : std::uint8_t {
    none,      ///< a command
    join,      ///< both threads arrive here before either goes on
    open,      ///< open the file, if it is not
    close,     ///< close the file, in whatever state it is
    read,      ///< read() events to anywhere
    wait,      ///< poll() and read the events, whose objects are then known
    map,       ///< fresh memory at a place in the arena
    unmap,     ///< no memory there
    protect,   ///< memory there cannot be written
    discard,   ///< the pages there are given back
    nap,       ///< let others run
    odd_ioctl, ///< an ioctl that is no command
    odd_file,  ///< mmap() and write(), which the door does not have
};

struct Command {
    std::string_view name;
    Special special;
    std::uint32_t request; ///< ioctl number
    std::uint16_t size;    ///< of the struct, 0 without one
    bool may_pend;
    bool async;            ///< NDK_FLAG_ASYNC unless a program wants otherwise
    std::uint32_t creates; ///< enum ndk_object_kind, or 0
    std::span<const Field> fields;
};

/// All steps; the commands are at the end, in the order of enum ndk_command.
[[nodiscard]] std::span<const Command> commands();

/// The most fields that any step has.
constexpr std::size_t max_fields = 16;

} // namespace ndk_fuzz
