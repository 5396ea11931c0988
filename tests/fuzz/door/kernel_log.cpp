// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace ndk_fuzz {
namespace {

constexpr std::string_view complaints[] = {
    "WARNING:",
    "BUG:",
    "BUG ",
    "Oops",
    "general protection fault",
    "refcount_t:",
    "KASAN",
    "UBSAN",
    "KFENCE",
    "scheduling while atomic",
    "blocked for",
    "stall",
    "lockup",
    "ODEBUG",
    "suspicious RCU",
    "DMA-API:",
    "list_add corruption",
    "list_del corruption",
    "ndk_ctl: ",
    "locking dependency",
};

} // namespace

KernelLog::KernelLog() : fd_(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    if (fd_ < 0)
        throw std::system_error(errno, std::system_category(), "/dev/kmsg");
    ::lseek(fd_, 0, SEEK_END);
}

KernelLog::~KernelLog() {
    ::close(fd_);
}

std::optional<std::string> KernelLog::complaint() {
    std::array<char, 8192> record;
    std::optional<std::string> found;

    for (;;) {
        const auto got = ::read(fd_, record.data(), record.size());

        if (got < 0 && errno == EPIPE) // some were lost
            continue;
        if (got <= 0)
            return found;
        const std::string_view text(record.data(), static_cast<std::size_t>(got));
        const auto said = [&](std::string_view what) { return text.find(what) != text.npos; };
        if (!found && std::ranges::any_of(complaints, said))
            found = text;
    }
}

} // namespace ndk_fuzz
