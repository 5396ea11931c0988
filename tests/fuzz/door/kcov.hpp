// SPDX-License-Identifier: GPL-2.0-only
/// @file
/// What of the kernel a thread ran, from KCOV; nothing on kernels without it.
#pragma once

#include <cstdint>
#include <span>

namespace ndk_fuzz {

class Kcov {
  public:
    Kcov();
    ~Kcov();
    Kcov(const Kcov &) = delete;
    Kcov &operator=(const Kcov &) = delete;

    [[nodiscard]] bool usable() const { return area_ != nullptr; }

    /// Of the calling thread, from now on until it ends.
    void enable();

    void reset();

    /// Addresses of the blocks that ran, in order, since reset().
    [[nodiscard]] std::span<const std::uint64_t> blocks() const;

  private:
    int fd_ = -1;
    std::uint64_t *area_ = nullptr;
};

} // namespace ndk_fuzz
