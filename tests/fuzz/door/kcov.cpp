// SPDX-License-Identifier: GPL-2.0-only
#include "kcov.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/kcov.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace ndk_fuzz {
namespace {

constexpr std::size_t words = 64 << 10;

} // namespace

Kcov::Kcov() : fd_(::open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC)) {
    if (fd_ < 0)
        return;
    void *const area = ::ioctl(fd_, KCOV_INIT_TRACE, words) == 0
                           ? ::mmap(nullptr, words * sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                                    MAP_SHARED, fd_, 0)
                           : MAP_FAILED;
    if (area == MAP_FAILED)
        throw std::system_error(errno, std::system_category(), "kcov");
    area_ = static_cast<std::uint64_t *>(area);
}

Kcov::~Kcov() {
    if (area_)
        ::munmap(area_, words * sizeof(std::uint64_t));
    if (fd_ >= 0)
        ::close(fd_);
}

void Kcov::enable() {
    if (area_ && ::ioctl(fd_, KCOV_ENABLE, KCOV_TRACE_PC) != 0)
        throw std::system_error(errno, std::system_category(), "KCOV_ENABLE");
}

void Kcov::reset() {
    if (area_)
        __atomic_store_n(area_, 0, __ATOMIC_RELAXED);
}

std::span<const std::uint64_t> Kcov::blocks() const {
    if (!area_)
        return {};
    const auto count = __atomic_load_n(area_, __ATOMIC_RELAXED);
    return {area_ + 1, std::min<std::size_t>(count, words - 1)};
}

} // namespace ndk_fuzz
