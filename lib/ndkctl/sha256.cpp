// SPDX-License-Identifier: MIT
#include "sha256.hpp"

#include <array>
#include <fmt/core.h>
#include <openssl/evp.h>
#include <stdexcept>

namespace ndkctl {

std::string sha256(std::span<const std::byte> data) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    std::string text;

    if (EVP_Digest(data.data(), data.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("libcrypto offers no SHA-256");
    for (unsigned int i = 0; i < length; ++i)
        text += fmt::format("{:02x}", digest.at(i));
    return text;
}

} // namespace ndkctl
