// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace ndkctl {

/// 64 hexadecimal digits. Throws std::runtime_error when libcrypto fails.
std::string sha256(std::span<const std::byte> data);

} // namespace ndkctl
