// SPDX-License-Identifier: GPL-2.0-only
// System calls each step of which fails once.
#pragma once

#include <ndk/ndk_ioctl.h>
#include <ndk/system_calls.hpp>

#include <map>
#include <memory>
#include <string>

namespace ndk_test {

/// Makes the n-th allocation of this thread, or copy from or to user space, fail.
class NthFault {
  public:
    NthFault();
    NthFault(NthFault &&) = delete;
    ~NthFault();

    /// Whether this kernel can do that.
    [[nodiscard]] bool available() const noexcept { return fd_ >= 0; }
    void arm(unsigned n) const { set(n); }
    /// Whether there were so many.
    [[nodiscard]] bool disarm() const;

  private:
    void set(unsigned n) const;

    int fd_;
};

/// The kernel's system calls. While it walks, each ioctl is made with its first
/// step failing, then with its second, ... until there are no more; and so are
/// open() and read(). Whoever walks makes the same ioctls each time: those that were
/// walked to the end once are then made once only.
///
/// When an answer could not be written (EFAULT of the last step), the ioctl has
/// done its work all the same. A question is asked again then, and an object is
/// created once more: the other one ends with its file. Of what can be had only
/// once the caller is given the answer that the kernel could not give, and finds out
/// by what follows whether it is true.
class WalkingCalls final : public ndk::SystemCalls {
  public:
    /// What is known of one ioctl.
    struct Walk {
        unsigned first = 1;   ///< step that fails first the next time
        bool walked = false;  ///< to the last one
        unsigned steps = 0;   ///< that have failed
        unsigned refused = 0; ///< for want of one
        unsigned lost = 0;    ///< answers
    };
    /// By command, and how many times it was given before.
    using Walks = std::map<std::pair<unsigned, unsigned>, Walk>;

    /// For as long as it lives.
    class Walking {
      public:
        explicit Walking(WalkingCalls &calls) : calls_(calls) {
            calls_.made_.clear();
            calls_.walking_ = true;
        }
        Walking(Walking &&) = delete;
        ~Walking() { calls_.walking_ = false; }

      private:
        WalkingCalls &calls_;
    };

    [[nodiscard]] bool available() const noexcept { return fault_.available(); }
    [[nodiscard]] const Walks &walks() const noexcept { return walks_; }
    /// Results that were taken from a completion queue and could not be written.
    [[nodiscard]] unsigned results_lost() const noexcept { return results_lost_; }

    Answer<int> open(const std::string &path) override;
    Answer<void> close(int fd) override { return kernel_->close(fd); }
    Answer<void> ioctl(int fd, unsigned long request, void *argument) override;
    Answer<std::size_t> read(int fd, std::span<std::byte> buffer) override;
    Answer<bool> wait_readable(int fd, std::chrono::milliseconds timeout) override {
        return kernel_->wait_readable(fd, timeout);
    }

  private:
    class Repeated;

    Walk &next_walk(unsigned command);
    Answer<void> step_by_step(Walk &walk, Repeated call);

    std::shared_ptr<ndk::SystemCalls> kernel_ = ndk::SystemCalls::kernel();
    NthFault fault_;
    Walks walks_;
    std::map<unsigned, unsigned> made_; ///< ioctls since it walks, by command
    unsigned results_lost_ = 0;
    bool walking_ = false;
};

} // namespace ndk_test
