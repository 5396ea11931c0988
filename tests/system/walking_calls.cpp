// SPDX-License-Identifier: GPL-2.0-only
#include "walking_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ndk_test {
namespace {

/// No status; the kernel writes another one, unless it cannot.
constexpr std::int32_t unwritten = 0x7e577e57;

bool is(const std::error_code &error, int number) {
    return error.value() == number;
}

bool for_want_of_memory(const std::error_code &error) {
    return is(error, ENOMEM) || is(error, EFAULT);
}

/// Whether it can be done twice, and the second answer is as good as the first.
bool can_be_repeated(unsigned command) {
    switch (command) {
    case NDK_CMD_CLOSE:
    case NDK_CMD_UNPIN_MEMORY:
    case NDK_CMD_RELEASE_LAM:
    case NDK_CMD_REGISTER_MR:
    case NDK_CMD_DEREGISTER_MR:
    case NDK_CMD_INITIALIZE_FAST_REGISTER_MR:
    case NDK_CMD_FAST_REGISTER:
    case NDK_CMD_INVALIDATE:
    case NDK_CMD_SEND:
    case NDK_CMD_SEND_AND_INVALIDATE:
    case NDK_CMD_RECEIVE:
    case NDK_CMD_READ:
    case NDK_CMD_WRITE:
    case NDK_CMD_FLUSH:
    case NDK_CMD_ARM_CQ:
    case NDK_CMD_GET_CQ_RESULTS:
    case NDK_CMD_LISTEN:
    case NDK_CMD_CONTROL_CONNECT_EVENTS:
    case NDK_CMD_CONNECT:
    case NDK_CMD_COMPLETE_CONNECT:
    case NDK_CMD_ACCEPT:
    case NDK_CMD_REJECT:
    case NDK_CMD_DISCONNECT:
        return false;
    default:
        return true;
    }
}

/// The kernel may write a byte of it, to see that it can, and then have nothing to say.
bool is_written(const ndk_cq_result &result) {
    return ((result.status ^ unwritten) & ~0xff) != 0;
}

std::span<ndk_cq_result> results_of(const ndk_get_cq_results &command) {
    return {reinterpret_cast<ndk_cq_result *>(static_cast<std::uintptr_t>(command.results)),
            command.count};
}

} // namespace

NthFault::NthFault() : fd_(::open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC)) {}

NthFault::~NthFault() {
    if (fd_ >= 0)
        ::close(fd_);
}

bool NthFault::disarm() const {
    std::array<char, 16> text{};
    const auto length = ::pread(fd_, text.data(), text.size() - 1, 0);
    // It may have hit the copy of its own number.
    const bool unused = length < 0 ? errno == EFAULT : std::stoul(text.data()) != 0;

    set(0);
    return !unused;
}

void NthFault::set(unsigned n) const {
    const auto text = std::to_string(n);

    // What is armed still can hit the copy of this.
    while (::pwrite(fd_, text.data(), text.size(), 0) < 0)
        if (errno != EFAULT)
            throw std::system_error(errno, std::system_category(), "fail-nth");
}

/// One ioctl that is made again and again.
class WalkingCalls::Repeated {
  public:
    Repeated(ndk::SystemCalls &kernel, const NthFault &fault, int fd, unsigned long request,
             void *argument)
        : kernel_(kernel), fault_(fault), fd_(fd), request_(request),
          bytes_(static_cast<std::byte *>(argument), header(argument).size),
          before_(bytes_.begin(), bytes_.end()) {}

    /// Makes it with the n-th step failing; false when there are not so many.
    bool fail(unsigned n) {
        std::ranges::copy(before_, bytes_.begin());
        header().out_status = unwritten;
        if (command() == NDK_CMD_GET_CQ_RESULTS)
            for (auto &result : results_of(as<ndk_get_cq_results>()))
                result.status = unwritten;
        fault_.arm(n);
        answer = kernel_.ioctl(fd_, request_, bytes_.data());
        return fault_.disarm();
    }

    /// Whether it was refused for want of what failed.
    [[nodiscard]] bool refused() const {
        return answer ? header().out_status == STATUS_INSUFFICIENT_RESOURCES
                      : for_want_of_memory(answer.error());
    }

    /// Whether only its answer is missing; the first step is to read the structure.
    [[nodiscard]] bool lost(unsigned n) const {
        return n > 1 && !answer && is(answer.error(), EFAULT) && header().out_status == unwritten;
    }

    /// Whether it was done, or is refused in any case: memory that a mapping uses
    /// whose id was lost.
    [[nodiscard]] bool done() const {
        return answer ? header().out_status >= 0 : is(answer.error(), EBUSY);
    }

    /// Gives the answer that the kernel could not.
    void assume_done() {
        const auto flags = header().flags & (NDK_FLAG_ASYNC | NDK_FLAG_NO_EVENT);

        expect_gone();
        header().out_status = flags == NDK_FLAG_ASYNC ? STATUS_PENDING : STATUS_SUCCESS;
        if (command() == NDK_CMD_GET_CQ_RESULTS)
            for (const auto &result : results_of(as<ndk_get_cq_results>()))
                as<ndk_get_cq_results>().out_count += is_written(result);
        answer = {};
    }

    [[nodiscard]] unsigned command() const { return _IOC_NR(request_); }
    template <class Command> Command &as() { return *reinterpret_cast<Command *>(bytes_.data()); }
    /// What is to be the same with and without a fault.
    [[nodiscard]] std::pair<int, std::int32_t> result() const {
        return {answer ? 0 : answer.error().value(), answer ? header().out_status : 0};
    }

    Answer<void> answer;

  private:
    static ndk_header &header(void *argument) { return *static_cast<ndk_header *>(argument); }
    [[nodiscard]] ndk_header &header() const { return header(bytes_.data()); }

    /// What was closed, though its caller was not told, has no id any more.
    void expect_gone() const {
        if (command() != NDK_CMD_CLOSE && command() != NDK_CMD_UNPIN_MEMORY &&
            command() != NDK_CMD_RELEASE_LAM)
            return;
        auto again = before_;
        const auto second = kernel_.ioctl(fd_, request_, again.data());
        EXPECT_TRUE(!second && is(second.error(), ENOENT)) << "command " << command();
    }

    ndk::SystemCalls &kernel_;
    const NthFault &fault_;
    int fd_;
    unsigned long request_;
    std::span<std::byte> bytes_;
    std::vector<std::byte> before_;
};

WalkingCalls::Answer<int> WalkingCalls::open(const std::string &path) {
    for (unsigned n = 1; walking_; ++n) {
        fault_.arm(n);
        const auto fd = kernel_->open(path);
        if (!fault_.disarm())
            return fd;
        if (fd)
            EXPECT_TRUE(kernel_->close(*fd));
        else
            EXPECT_TRUE(for_want_of_memory(fd.error())) << fd.error().message();
    }
    return kernel_->open(path);
}

// No event is lost when it cannot be written.
WalkingCalls::Answer<std::size_t> WalkingCalls::read(int fd, std::span<std::byte> buffer) {
    for (unsigned n = 1; walking_; ++n) {
        fault_.arm(n);
        const auto got = kernel_->read(fd, buffer);
        if (!fault_.disarm() || got || !is(got.error(), EFAULT))
            return got;
    }
    return kernel_->read(fd, buffer);
}

// How often a queue is looked at and armed depends on the time that others take.
WalkingCalls::Walk &WalkingCalls::next_walk(unsigned command) {
    const bool any = command == NDK_CMD_GET_CQ_RESULTS || command == NDK_CMD_ARM_CQ;

    return walks_[{command, any ? 0 : made_[command]++}];
}

WalkingCalls::Answer<void> WalkingCalls::ioctl(int fd, unsigned long request, void *argument) {
    if (walking_)
        if (auto &walk = next_walk(_IOC_NR(request)); !walk.walked)
            return step_by_step(walk, Repeated(*kernel_, fault_, fd, request, argument));
    return kernel_->ioctl(fd, request, argument);
}

// The number of steps varies: what was allocated once may be there the next time.
// The last one, in which the answer is lost, must not be missed, so look for it
// further back when the end came without it.
WalkingCalls::Answer<void> WalkingCalls::step_by_step(Walk &walk, Repeated call) {
    const bool repeat = can_be_repeated(call.command());
    const unsigned lost_before = walk.lost;
    std::vector<std::pair<int, std::int32_t>> without;
    unsigned n = walk.first;

    for (unsigned attempts = 0;; ++n) {
        if (!call.fail(n)) {
            if (!repeat || walk.lost != lost_before || n == 1 || ++attempts == 10)
                break;
            n -= 2;
            continue;
        }
        ++walk.steps;
        if (call.lost(n)) {
            ++walk.lost;
            if (repeat)
                continue;
            // A queue that is empty has nothing to lose.
            walk.walked = call.command() != NDK_CMD_GET_CQ_RESULTS || results_lost_ != 0;
            call.assume_done();
            return call.answer;
        }
        if (call.refused()) {
            ++walk.refused;
            if (call.command() == NDK_CMD_GET_CQ_RESULTS)
                results_lost_ += call.as<ndk_get_cq_results>().out_count;
            continue;
        }
        if (!repeat) {
            EXPECT_TRUE(call.done()) << "command " << call.command();
            walk.first = n + 1;
            return call.answer;
        }
        without.push_back(call.result());
    }
    for (const auto &result : without)
        EXPECT_EQ(result, call.result()) << "command " << call.command();
    walk.walked = repeat;
    walk.first = std::max(n, 2U) - 1;
    return call.answer;
}

} // namespace ndk_test
