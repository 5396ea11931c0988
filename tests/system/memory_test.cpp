// SPDX-License-Identifier: GPL-2.0-only
// Pinning, mappings and the arguments of NdkRegisterMr.
#include "system_test.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <limits>
#include <linux/capability.h>
#include <linux/userfaultfd.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace ndk_test;
using ndk::MrAccess;
using ndk::PinAccess;
using ndk::Status;

/// What peers call the first byte of the kernel's memory; any whole page will do.
constexpr std::uint64_t label = 0x10000;

class Memory : public SystemTest {
  protected:
    End end_;

    auto pin(const void *address, std::size_t size, PinAccess access) {
        return end_.session.pin({static_cast<std::byte *>(const_cast<void *>(address)), size},
                                access);
    }
};

TEST_F(Memory, NoBytesAndWrappingRangesAreRefusedByTheDoor) {
    const Buffer buffer(page_size);

    EXPECT_EQ(errno_of(pin(buffer.bytes().data(), 0, PinAccess::read_write)), EINVAL);
    EXPECT_EQ(errno_of(pin(buffer.bytes().data(), ~std::size_t{0}, PinAccess::read_write)), EINVAL);
}

TEST_F(Memory, UnmappedPageIsAnAccessViolation) {
    const Buffer buffer(4 * page_size);

    ASSERT_EQ(::munmap(buffer.bytes().data() + 2 * page_size, page_size), 0);
    EXPECT_EQ(status_of(pin(buffer.bytes().data(), 4 * page_size, PinAccess::read_write)),
              Status::access_violation);
    must(pin(buffer.bytes().data(), 2 * page_size, PinAccess::read_write));
    EXPECT_EQ(status_of(pin(nullptr, page_size, PinAccess::read_only)), Status::access_violation);
}

TEST_F(Memory, ReadOnlyPageCannotBePinnedForWriting) {
    const Buffer buffer(2 * page_size);

    ASSERT_EQ(::mprotect(buffer.bytes().data() + page_size, page_size, PROT_READ), 0);
    EXPECT_EQ(status_of(pin(buffer.bytes().data(), 2 * page_size, PinAccess::read_write)),
              Status::access_violation);
    must(pin(buffer.bytes().data(), 2 * page_size, PinAccess::read_only));
}

TEST_F(Memory, UnpinIsRefusedWhileItIsUsed) {
    FastRegion region(end_, 2, 1);

    EXPECT_EQ(errno_of(region.memory.unpin()), EBUSY);
    must(region.lam.release());
    must(region.memory.unpin());

    NormalRegion normal(end_, page_size, all_access);
    EXPECT_EQ(errno_of(normal.memory.unpin()), EBUSY);
    must(normal.mr.deregister().wait());
    must(normal.memory.unpin());
}

TEST_F(Memory, RegistrationLengthsAreChecked) {
    const Buffer buffer(2 * page_size);
    const auto memory = must(end_.session.pin(buffer.bytes(), PinAccess::read_write));
    auto mr = must(end_.pd.create_memory_region(ndk::MrKind::normal).wait());
    const auto registered = [&](std::uint64_t offset, std::uint64_t length) {
        return mr.register_memory(memory, offset, length, all_access).wait();
    };

    EXPECT_EQ(status_of(registered(0, 0)), Status::invalid_parameter);
    EXPECT_EQ(status_of(registered(0, 2 * page_size + 1)), Status::invalid_parameter);
    EXPECT_EQ(status_of(registered(100, 2 * page_size)), Status::invalid_parameter);
    EXPECT_EQ(status_of(registered(0, ~std::uint64_t{0})), Status::invalid_parameter);
    EXPECT_EQ(errno_of(registered(2 * page_size + 1, 1)), EINVAL);
    EXPECT_EQ(must(mr.tokens()).remote, 0U);
    must(registered(100, 2 * page_size - 100));
    EXPECT_NE(must(mr.tokens()).remote, 0U);
}

/// Whoever touches a missing page of the range waits until it is closed.
class Trap {
  public:
    explicit Trap(std::span<std::byte> bytes)
        : fd_(static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC))) {
        uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
        uffdio_register range{
            .range = {.start = reinterpret_cast<std::uintptr_t>(bytes.data()), .len = bytes.size()},
            .mode = UFFDIO_REGISTER_MODE_MISSING,
            .ioctls = 0};

        if (fd_ < 0 || ::ioctl(fd_, UFFDIO_API, &api) != 0 ||
            ::ioctl(fd_, UFFDIO_REGISTER, &range) != 0)
            throw std::system_error(errno, std::system_category(), "userfaultfd");
    }
    Trap(Trap &&) = delete;
    Trap &operator=(Trap &&) = delete;
    ~Trap() { ::close(fd_); }

    /// Kernels can be built without.
    [[nodiscard]] static bool available() noexcept {
        const auto fd = static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC));

        if (fd < 0)
            return errno != ENOSYS;
        ::close(fd);
        return true;
    }

  private:
    int fd_;
};

TEST_F(Memory, RegisteringDoesNotWaitForPagesThatSomebodyElseServes) {
    if (!Trap::available())
        GTEST_SKIP() << "this kernel has no userfaultfd";
    const Buffer buffer(8 << 20);
    const auto memory = must(end_.session.pin(buffer.bytes(), PinAccess::read_write));
    auto large = must(end_.pd.create_memory_region(ndk::MrKind::normal).wait());
    auto small = must(end_.pd.create_memory_region(ndk::MrKind::normal).wait());

    ASSERT_EQ(::madvise(buffer.bytes().data(), buffer.bytes().size(), MADV_DONTNEED), 0);
    const Trap trap(buffer.bytes());
    EXPECT_EQ(status_of(large.register_memory(memory, all_access).wait()),
              Status::access_violation);
    // The pages that are pinned need nobody.
    must(small.register_memory(memory, 0, 1 << 20, all_access).wait());
}

TEST_F(Memory, IsNotKeptByARegistrationThatWasRefused) {
    const Buffer buffer(2 * page_size);
    const auto kept = must(end_.session.pin(buffer.bytes(0, page_size), PinAccess::read_write));
    auto other = must(end_.session.pin(buffer.bytes(page_size, page_size), PinAccess::read_write));
    auto mr = must(end_.pd.create_memory_region(ndk::MrKind::normal).wait());

    must(mr.register_memory(kept, all_access).wait());
    EXPECT_EQ(status_of(mr.register_memory(other, all_access).wait()),
              Status::invalid_device_state);
    must(other.unpin());
    must(mr.deregister().wait());
}

TEST_F(Memory, UnknownAccessFlagsAreRefused) {
    const Buffer buffer(page_size);
    const auto memory = must(end_.session.pin(buffer.bytes(), PinAccess::read_write));
    auto mr = must(end_.pd.create_memory_region(ndk::MrKind::normal).wait());

    const auto refused = mr.register_memory(memory, static_cast<MrAccess>(0x100)).wait();
    EXPECT_EQ(status_of(refused), Status::invalid_parameter);
}

TEST_F(Memory, KernelMemoryHasTheLimitThatIsReportedAtEveryOffset) {
    const auto limit = must(end_.adapter.info()).max_registration_size;
    auto mr = must(end_.pd.create_memory_region(ndk::MrKind::normal).wait());

    for (const std::uint64_t offset : {0U, 1U, 4095U}) {
        const auto memory = must(end_.session.allocate(limit + 2 * page_size, label + offset));

        EXPECT_EQ(status_of(mr.register_memory(memory, all_access).wait()),
                  Status::invalid_parameter);
        must(mr.register_memory(memory, 0, limit, all_access).wait());
        must(mr.deregister().wait());
    }
}

TEST_F(Memory, MappingLengthsAreChecked) {
    const Buffer buffer(2 * page_size);
    const auto memory = must(end_.session.pin(buffer.bytes(), PinAccess::read_write));
    const auto built = [&](std::uint64_t offset, std::uint64_t length) {
        return end_.adapter.build_lam(memory, offset, length).wait();
    };

    EXPECT_EQ(status_of(built(0, 0)), Status::invalid_parameter);
    EXPECT_EQ(status_of(built(0, 2 * page_size + 1)), Status::invalid_parameter);
    EXPECT_EQ(errno_of(built(3 * page_size, 1)), EINVAL);
    const auto lam = must(built(page_size - 1, 2));
    EXPECT_EQ(lam.page_count(), 2U);
    EXPECT_EQ(lam.first_byte_offset(), page_size - 1);
}

TEST_F(Memory, MappingIsNotLargerThanWhatIsMappedWithoutAPause) {
    const Buffer buffer(page_size);
    const auto memory = must(end_.session.pin(buffer.bytes(), PinAccess::read_write));
    const auto refused = end_.adapter.build_lam(memory, 0, NDK_LAM_MAX + 1).wait();

    ASSERT_EQ(errno_of(refused), EINVAL);
    EXPECT_EQ(refused.error().refusal().argument, "length");
    EXPECT_EQ(refused.error().refusal().value, NDK_LAM_MAX + 1);
    EXPECT_EQ(refused.error().refusal().limit, NDK_LAM_MAX);
    EXPECT_EQ(status_of(end_.adapter.build_lam(memory, 0, NDK_LAM_MAX).wait()),
              Status::invalid_parameter);
}

TEST_F(Memory, CopyIsForKernelMemoryAndInsideIt) {
    Buffer buffer(page_size);
    auto user = must(end_.session.pin(buffer.bytes(), PinAccess::read_write));
    auto kernel = must(end_.session.allocate(100, label));

    EXPECT_EQ(errno_of(user.copy_in(buffer.bytes(0, 10))), EINVAL);
    EXPECT_EQ(errno_of(kernel.copy_in(buffer.bytes(0, 101))), EINVAL);
    EXPECT_EQ(errno_of(kernel.copy_out(buffer.bytes(0, 10), 91)), EINVAL);
    EXPECT_EQ(errno_of(kernel.copy_out(buffer.bytes(0, 10), ~std::uint64_t{0} - 4)), EINVAL);
    must(kernel.copy_in(buffer.bytes(0, 10), 90));
}

TEST_F(Memory, CopyEndsWithItsCaller) {
    constexpr std::size_t size = std::size_t{128} << 20;
    const Buffer ones(size);
    std::byte last{};

    std::memset(ones.bytes().data(), 1, size);
    // The child may be done before it can be killed: but not every time.
    for (int round = 0; round < 20; ++round) {
        auto kernel = must(end_.session.allocate(size, label));
        std::byte first{};
        const pid_t child = ::fork();

        if (child == 0)
            ::_exit(kernel.copy_in(ones.bytes()) ? 0 : 1);
        while (first == std::byte{0})
            must(kernel.copy_out({&first, 1}));
        ::kill(child, SIGKILL);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        must(kernel.copy_out({&last, 1}, size - 1));
        if (last == std::byte{0})
            break;
    }
    EXPECT_EQ(last, std::byte{0}) << "copied to its end every time";
}

/// Kilobytes of the whole machine that could be had, those of its caches among them.
long available_memory() {
    std::ifstream file("/proc/meminfo");
    std::string name;
    long amount = 0;

    while (file >> name && name != "MemAvailable:")
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    file >> amount;
    return amount;
}

/// Does the kernel look for lost objects and for the use of freed ones? It keeps many then.
bool keeps_freed_objects() {
    return ::access("/sys/kernel/debug/kmemleak", F_OK) == 0;
}

TEST_F(Memory, AllocatedPagesGoBack) {
    constexpr long rounds = 20'000;
    constexpr long page_kilobytes = page_size / 1024;
    const auto allocate = [&](long times) {
        for (long round = 0; round < times; ++round)
            must(must(end_.session.allocate(page_size, label)).unpin());
    };

    if (keeps_freed_objects())
        GTEST_SKIP() << "this kernel keeps what was given back for a while";
    // What is allocated once, or kept for the next time, is there before.
    allocate(rounds / 20);
    const auto before = available_memory();
    allocate(rounds);
    // The rest of the machine may need some, but not as much as that.
    EXPECT_LT(before - available_memory(), rounds * page_kilobytes / 4) << "kilobytes are gone";
}

/// Runs @p body where so many pages may be locked; its answer is the exit code.
int with_lockable(std::size_t pages, const std::function<int()> &body) {
    return without_capability(CAP_IPC_LOCK, [&] {
        const rlimit limit{.rlim_cur = pages * page_size, .rlim_max = pages * page_size};

        return ::setrlimit(RLIMIT_MEMLOCK, &limit) == 0 ? body() : 97;
    });
}

/// Whether the limit of so many pages refused so many.
template <class T>
bool over_limit(const ndk::Result<T> &result, std::uint64_t wanted, std::size_t limit) {
    return errno_of(result) == ENOMEM && result.error().refusal().argument == "RLIMIT_MEMLOCK" &&
           result.error().refusal().value == wanted * page_size &&
           result.error().refusal().limit == limit * page_size;
}

TEST_F(Memory, LockedMemoryLimitIsKeptAndNamed) {
    EXPECT_EQ(with_lockable(4,
                            [] {
                                const Buffer buffer(16 * page_size);
                                End end;
                                const auto four = must(end.session.pin(
                                    buffer.bytes(0, 4 * page_size), PinAccess::read_write));
                                const auto refused = end.session.pin(
                                    buffer.bytes(8 * page_size, page_size), PinAccess::read_write);

                                return over_limit(refused, 5, 4) ? 0 : 1;
                            }),
              0);
}

TEST_F(Memory, UnpinningGivesTheLimitBack) {
    EXPECT_EQ(with_lockable(4,
                            [] {
                                const Buffer buffer(4 * page_size);
                                const auto session = must(ndk::Session::open(place().device));

                                for (int round = 0; round < 100; ++round)
                                    must(session.pin(buffer.bytes(), PinAccess::read_write));
                                return 0;
                            }),
              0);
}

TEST_F(Memory, PartOfAPageCountsWhole) {
    EXPECT_EQ(with_lockable(2,
                            [] {
                                const Buffer buffer(4 * page_size);
                                const auto session = must(ndk::Session::open(place().device));
                                const auto refused =
                                    session.pin(buffer.bytes(page_size - 1, page_size + 2),
                                                PinAccess::read_write);

                                return over_limit(refused, 3, 2) ? 0 : 1;
                            }),
              0);
}

TEST_F(Memory, LimitIsAskedBeforeAnythingIsAllocated) {
    // The most that the door takes, and more than the guest has.
    constexpr std::uint64_t pages = (1ULL << 20) - 1;

    EXPECT_EQ(with_lockable(4,
                            [] {
                                const auto session = must(ndk::Session::open(place().device));

                                return over_limit(session.allocate(pages * page_size, label), pages,
                                                  4)
                                           ? 0
                                           : 1;
                            }),
              0);
}

TEST_F(Memory, MoreThanTheMachineHasIsRefusedQuietly) {
    const Buffer buffer(page_size);
    constexpr auto most = (std::size_t{1} << 32) - page_size;

    for (const auto &[size, error] : {std::pair{most, ENOMEM}, std::pair{most + 1, EINVAL},
                                      std::pair{std::size_t{1} << 39, EINVAL}}) {
        const auto pinned = pin(buffer.bytes().data(), size, PinAccess::read_only);
        ASSERT_EQ(errno_of(pinned), error);
        EXPECT_EQ(pinned.error().refusal().argument, "length");
        const auto allocated = end_.session.allocate(size, label);
        ASSERT_EQ(errno_of(allocated), error);
        EXPECT_EQ(allocated.error().refusal().argument, "length");
    }
    must(pin(buffer.bytes().data(), page_size, PinAccess::read_only));
}

TEST_F(Memory, RegisteringWhatIsPinnedIsNotChargedAgain) {
    EXPECT_EQ(
        with_lockable(4,
                      [] {
                          const Buffer buffer(5 * page_size);
                          End end;
                          const auto memory = must(end.session.pin(buffer.bytes(0, 4 * page_size),
                                                                   PinAccess::read_write));
                          auto mr = must(end.pd.create_memory_region(ndk::MrKind::normal).wait());

                          must(mr.register_memory(memory, all_access).wait());
                          return over_limit(end.session.pin(buffer.bytes(4 * page_size, page_size),
                                                            PinAccess::read_write),
                                            5, 4)
                                     ? 0
                                     : 1;
                      }),
        0);
}

TEST_F(Memory, RefusedPinIsNotCharged) {
    EXPECT_EQ(with_lockable(4,
                            [] {
                                const Buffer buffer(5 * page_size);
                                const auto session = must(ndk::Session::open(place().device));
                                const auto pinned = [&](std::size_t pages) {
                                    return session.pin(buffer.bytes(0, pages * page_size),
                                                       PinAccess::read_write);
                                };

                                if (::munmap(buffer.bytes().data() + 2 * page_size, page_size) != 0)
                                    return 2;
                                for (int round = 0; round < 10; ++round)
                                    if (!over_limit(pinned(5), 5, 4) ||
                                        status_of(pinned(4)) != Status::access_violation)
                                        return 3;
                                return pinned(2) ? 0 : 1;
                            }),
              0);
}

/// Objects of a kind that the kernel has, those that are given back left out.
long kernel_objects(const std::string &kind) {
    const std::string cache = "/sys/kernel/slab/" + kind;
    long count = -1;

    std::ofstream(cache + "/shrink") << '1';
    std::ifstream(cache + "/objects") >> count;
    return count;
}

TEST_F(Memory, ProcessThatPinnedIsForgotten) {
    constexpr int processes = 64;
    const auto before = kernel_objects("mm_struct");

    if (before < 0 || keeps_freed_objects())
        GTEST_SKIP() << "this kernel does not count them, or looks for them itself";
    for (int i = 0; i < processes; ++i) {
        ASSERT_EQ(in_child([] {
                      const Buffer buffer(page_size);
                      const auto session = must(ndk::Session::open(place().device));

                      must(session.pin(buffer.bytes(), PinAccess::read_write));
                      return 0;
                  }),
                  0);
    }
    // Some are given back a little later than their process has ended.
    const auto end = std::chrono::steady_clock::now() + patience;
    auto after = kernel_objects("mm_struct");
    while (after > before + processes / 2 && std::chrono::steady_clock::now() < end) {
        ::usleep(10'000);
        after = kernel_objects("mm_struct");
    }
    EXPECT_LE(after, before + processes / 2);
}

class Permission : public SystemTest {};

TEST_F(Permission, DeviceIsForRootUnlessSomebodySaysOtherwise) {
    const pid_t child = ::fork();

    if (child == 0) {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0)
            ::_exit(99);
        const auto session = ndk::Session::open(place().device);
        ::_exit(!session && session.error() == std::errc::permission_denied ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

} // namespace
