// SPDX-License-Identifier: GPL-2.0-only
/// @file
/// Complaints of the kernel, from the moment this was made.
#pragma once

#include <optional>
#include <string>

namespace ndk_fuzz {

class KernelLog {
  public:
    KernelLog();
    ~KernelLog();
    KernelLog(const KernelLog &) = delete;
    KernelLog &operator=(const KernelLog &) = delete;

    /// The first complaint since the last call. The bench looks at the whole log
    /// and knows more of them (tests/guest/klog); this is to stop at once.
    [[nodiscard]] std::optional<std::string> complaint();

  private:
    int fd_;
};

} // namespace ndk_fuzz
