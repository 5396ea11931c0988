// SPDX-License-Identifier: GPL-2.0-only
// The fuzzer of /dev/ndk: a libFuzzer target whose coverage is the kernel's.
//
// Environment:
//   NDK_FUZZ_NOTES  each program is written there before it is run, one a line in
//                   hexadecimal, so that it is known when the kernel is gone
//   NDK_FUZZ_PRINT  print each step before it is run, and what it was answered: errno
//                   and status; with the milliseconds since the line before
#include "kernel_log.hpp"
#include "leftovers.hpp"
#include "machine.hpp"
#include "mutate.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <linux/capability.h>
#include <memory>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>
#include <unordered_set>

extern "C" {
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);
std::size_t LLVMFuzzerMutate(std::uint8_t *data, std::size_t size, std::size_t max_size);
std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size, std::size_t max_size,
                                    unsigned seed);
std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t *first, std::size_t first_size,
                                      const std::uint8_t *second, std::size_t second_size,
                                      std::uint8_t *out, std::size_t max_size, unsigned seed);
}

namespace {

using namespace ndk_fuzz;
using namespace std::chrono_literals;

// The first half counts blocks of the kernel, the second what steps were answered.
constexpr std::size_t half = 32768;
__attribute__((section("__libfuzzer_extra_counters"))) std::array<std::uint8_t, 2 * half> counters;

constexpr rlim_t most_locked = 64 << 20;
constexpr unsigned long check_interval = 500;
constexpr auto leftovers_patience = 60s;

void count(std::size_t which, std::uint64_t what) {
    constexpr std::uint64_t golden = 0x9e37'79b9'7f4a'7c15;
    auto &counter = counters[which * half + (what * golden >> 32) % half];

    if (counter != 0xff)
        ++counter;
}

[[noreturn]] void fail(const std::string &why) {
    std::fflush(stdout);
    std::fprintf(stderr, "ndk_fuzz_door: %s\n", why.c_str());
    std::abort();
}

// The door's own limit is to be met before the machine's memory ends.
void limit_locked_memory() {
    const rlimit limit{.rlim_cur = most_locked, .rlim_max = most_locked};
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    std::array<__user_cap_data_struct, 2> data{};

    if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0 ||
        ::syscall(SYS_capget, &header, data.data()) != 0)
        throw std::system_error(errno, std::system_category(), "limits");
    data[0].effective &= ~(1U << CAP_IPC_LOCK);
    if (::syscall(SYS_capset, &header, data.data()) != 0)
        throw std::system_error(errno, std::system_category(), "capset");
}

class Fuzzer {
  public:
    Fuzzer() : machine_(device()), before_(ndkctl::current_holdings()) {
        if (const char *notes = std::getenv("NDK_FUZZ_NOTES"); notes && *notes) {
            notes_ = ::open(notes, O_WRONLY | O_CLOEXEC);
            if (notes_ < 0)
                throw std::system_error(errno, std::system_category(), notes);
        }
        print_ = std::getenv("NDK_FUZZ_PRINT") != nullptr;
        if (print_)
            machine_.before_step = [this](const Step &step) { say(to_text(step)); };
        machine_.after_step = [this](const Answer &answer) { take(answer); };
    }

    void run(std::span<const std::uint8_t> bytes) {
        const auto program = decode(bytes);

        note(bytes);
        machine_.run(program);
        if (print_)
            say("closed");
        ++runs_;
        for (const bool second : {false, true}) {
            for (const auto block : machine_.coverage(second).blocks()) {
                blocks_.insert(block);
                count(0, block);
            }
        }
        if (const auto complaint = log_.complaint())
            fail("the kernel says: " + *complaint);
        if (runs_ % check_interval == 0)
            look_for_leftovers();
    }

    void summary() const {
        std::printf("# fuzz door: %lu executions, %zu %s\n", runs_, blocks_.size(),
                    machine_.coverage(false).usable() ? "blocks" : "blocks (no KCOV here)");
    }

  private:
    static const char *device() {
        const char *name = std::getenv("NDK_DEVICE");

        return name && *name ? name : "/dev/ndk";
    }

    void take(const Answer &answer) {
        const auto status = static_cast<std::uint32_t>(answer.status);

        count(1, (static_cast<std::uint64_t>(answer.error) << 32 | status) * 512 +
                     answer.event * 256U + answer.command);
        if (!print_)
            return;
        std::array<char, 64> text{};
        std::snprintf(text.data(), text.size(), "    %s 0x%08X",
                      answer.event ? "event" : std::to_string(answer.error).c_str(), status);
        say(text.data());
    }

    // A line, and how long after the one before.
    void say(const std::string &line) {
        using Milliseconds = std::chrono::duration<double, std::milli>;
        const auto now = std::chrono::steady_clock::now();

        std::printf("%8.1f %s\n", Milliseconds(now - said_).count(), line.c_str());
        std::fflush(stdout);
        said_ = now;
    }

    void note(std::span<const std::uint8_t> bytes) const {
        constexpr char digits[] = "0123456789abcdef";
        std::string line = "input ";

        if (notes_ < 0)
            return;
        for (const auto byte : bytes) {
            line += digits[byte >> 4];
            line += digits[byte & 15];
        }
        line += '\n';
        if (::write(notes_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
            fail("cannot note the input");
    }

    // All files are closed; the device may take a moment.
    void look_for_leftovers() const {
        const auto end = std::chrono::steady_clock::now() + leftovers_patience;

        for (;;) {
            const auto left = ndkctl::left_behind(before_, ndkctl::current_holdings());

            if (left.empty())
                return;
            if (std::chrono::steady_clock::now() > end)
                fail("left behind by one of the last programs: " + left.front());
            ::usleep(100'000);
        }
    }

    Machine machine_;
    KernelLog log_;
    ndkctl::Holdings before_;
    int notes_ = -1;
    bool print_ = false;
    std::chrono::steady_clock::time_point said_ = std::chrono::steady_clock::now();
    unsigned long runs_ = 0;
    std::unordered_set<std::uint64_t> blocks_;
};

std::unique_ptr<Fuzzer> fuzzer;

std::size_t put(Program program, std::uint8_t *out, std::size_t max_size) {
    auto bytes = encode(program);

    while (bytes.size() > max_size) {
        program.pop_back();
        bytes = encode(program);
    }
    std::memcpy(out, bytes.data(), bytes.size());
    return bytes.size();
}

} // namespace

int LLVMFuzzerInitialize(int *, char ***) try {
    limit_locked_memory();
    fuzzer = std::make_unique<Fuzzer>();
    std::atexit([] {
        fuzzer->summary();
        fuzzer.reset();
    });
    return 0;
} catch (const std::exception &error) {
    std::fprintf(stderr, "ndk_fuzz_door: %s\n", error.what());
    std::_Exit(3);
}

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) try {
    fuzzer->run({data, size});
    return 0;
} catch (const std::exception &error) {
    fail(error.what());
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size, std::size_t max_size,
                                    unsigned seed) {
    Random random(seed);
    auto program = decode({data, size});

    if (seed % 16 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    mutate(program, random);
    return put(std::move(program), data, max_size);
}

std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t *first, std::size_t first_size,
                                      const std::uint8_t *second, std::size_t second_size,
                                      std::uint8_t *out, std::size_t max_size, unsigned seed) {
    Random random(seed);

    return put(cross(decode({first, first_size}), decode({second, second_size}), random), out,
               max_size);
}
