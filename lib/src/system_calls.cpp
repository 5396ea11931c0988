// SPDX-License-Identifier: MIT
#include <ndk/system_calls.hpp>

#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ndk {
namespace {

std::unexpected<std::error_code> last_error() {
    return std::unexpected(std::error_code(errno, std::system_category()));
}

class KernelCalls final : public SystemCalls {
  public:
    Answer<int> open(const std::string &path) override {
        const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);

        if (fd < 0)
            return last_error();
        return fd;
    }

    Answer<void> close(int fd) override {
        if (::close(fd) < 0)
            return last_error();
        return {};
    }

    Answer<void> ioctl(int fd, unsigned long request, void *argument) override {
        if (::ioctl(fd, request, argument) < 0)
            return last_error();
        return {};
    }

    Answer<std::size_t> read(int fd, std::span<std::byte> buffer) override {
        const auto bytes = ::read(fd, buffer.data(), buffer.size());

        if (bytes < 0)
            return last_error();
        return static_cast<std::size_t>(bytes);
    }

    Answer<bool> wait_readable(int fd, std::chrono::milliseconds timeout) override {
        pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
        const auto most = std::chrono::milliseconds(std::numeric_limits<int>::max());
        const int ready =
            ::poll(&entry, 1,
                   timeout.count() < 0 ? -1 : static_cast<int>(std::min(timeout, most).count()));

        if (ready < 0)
            return last_error();
        return ready > 0;
    }
};

} // namespace

std::shared_ptr<SystemCalls> SystemCalls::kernel() {
    return std::make_shared<KernelCalls>();
}

} // namespace ndk
