// SPDX-License-Identifier: GPL-2.0-only
/// @file
/// A program of the fuzzer: steps on /dev/ndk, as bytes for libFuzzer and as
/// text for people and the repository.
#pragma once

#include "commands.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ndk_fuzz {

/// How the value of a field is chosen: a rule, and a number for it. Rules from
/// `odd_rule` on choose unlikely values; all other values mean something that
/// a correct program could ask for, {0, 0} the most likely.
struct Choice {
    std::uint8_t rule = 0;
    std::uint8_t arg = 0;

    friend bool operator==(const Choice &, const Choice &) = default;
};

constexpr std::uint8_t odd_rule = 0xF0;

/// What is wrong with a command's header or pointer.
enum class Odd : std::uint8_t {
    nothing,
    toggle_async, ///< waits where it would not, and the reverse
    no_event,     ///< NDK_FLAG_ASYNC | NDK_FLAG_NO_EVENT
    bad_flags,
    shorter,    ///< struct smaller than it was first published
    longer,     ///< larger than the kernel knows, zero there
    longer_set, ///< the same, not zero there
    tiny,       ///< not even a whole header
    huge,       ///< more than a page
    reserved,   ///< a reserved member is set
    outputs,    ///< output members are set, which is allowed
    user_data,  ///< all bits of user_data
    null,       ///< no struct
    beyond,     ///< the struct goes on where no memory is
    misaligned,
    read_only, ///< memory for the answer cannot be written
    end,
};

struct Step {
    std::uint8_t command = 0; ///< index in commands()
    std::uint8_t file = 0;
    bool second = false; ///< on the second thread
    Odd odd = Odd::nothing;
    std::array<Choice, max_fields> choices{};

    friend bool operator==(const Step &, const Step &) = default;
};

using Program = std::vector<Step>;

constexpr unsigned files = 3;
constexpr std::size_t max_steps = 96;

/// Any bytes are a program.
[[nodiscard]] Program decode(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::vector<std::uint8_t> encode(const Program &program);

/// One line a step:
///   NAME [file=N] [thread=1] [odd=NAME] [FIELD=RULE.ARG]...
[[nodiscard]] std::string to_text(const Program &program);
[[nodiscard]] std::string to_text(const Step &step);

/// @p complaint: what is wrong with a text that is none.
[[nodiscard]] std::optional<Program> parse(std::string_view text, std::string &complaint);

} // namespace ndk_fuzz
