// SPDX-License-Identifier: GPL-2.0-only
/// @file
/// Changes programs by whole steps and fields.
#pragma once

#include "program.hpp"

#include <random>

namespace ndk_fuzz {

using Random = std::minstd_rand;

/// Changes @p program a little.
void mutate(Program &program, Random &random);

/// A part of @p first, then a part of @p second, or one within the other.
[[nodiscard]] Program cross(const Program &first, const Program &second, Random &random);

} // namespace ndk_fuzz
