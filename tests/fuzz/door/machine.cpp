// SPDX-License-Identifier: GPL-2.0-only
#include "machine.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace ndk_fuzz {
namespace {

using namespace std::chrono_literals;

// How long a call may wait before it gets a signal, and the next ones.
constexpr auto call_patience = 50ms;
constexpr auto signal_interval = 10ms;
// How long a program may wait for events, all in all.
constexpr auto program_patience = 400ms;
constexpr auto wait_patience = 100ms;
constexpr auto idle_patience = 5ms;

timespec to_timespec(std::chrono::nanoseconds time) {
    return {.tv_sec = time / 1s, .tv_nsec = (time % 1s).count()};
}

void nothing(int) {}

void write_u32(std::byte *to, std::uint32_t value) {
    std::memcpy(to, &value, sizeof(value));
}

template <class T> T member(const std::byte *from, std::size_t offset) {
    T value;

    std::memcpy(&value, from + offset, sizeof(value));
    return value;
}

#define HEADER(name) offsetof(ndk_header, name)

// The header of a command, as it should be.
void put_header(std::byte *raw, const Command &command, std::uint64_t user_data) {
    ndk_header header{};

    header.size = command.size;
    header.flags = command.async ? NDK_FLAG_ASYNC : 0;
    header.user_data = user_data;
    std::memcpy(raw, &header, sizeof(header));
}

// What a program wants to be wrong with it.
void spoil(std::byte *raw, const Command &command, const Step &step) {
    const auto flags = member<std::uint32_t>(raw, HEADER(flags));

    switch (step.odd) {
    case Odd::toggle_async:
        write_u32(raw + HEADER(flags), flags ^ NDK_FLAG_ASYNC);
        break;
    case Odd::no_event:
        write_u32(raw + HEADER(flags), NDK_FLAG_ASYNC | NDK_FLAG_NO_EVENT);
        break;
    case Odd::bad_flags:
        write_u32(raw + HEADER(flags), 1U << (step.choices[0].arg % 32));
        break;
    case Odd::shorter:
        write_u32(raw, command.size - 1U - step.choices[0].arg % 16);
        break;
    case Odd::longer:
        write_u32(raw, command.size + 8U + step.choices[0].arg);
        break;
    case Odd::longer_set:
        write_u32(raw, command.size + 8U + step.choices[0].arg);
        raw[command.size + step.choices[0].arg % 8] = std::byte{1};
        break;
    case Odd::tiny:
        write_u32(raw, step.choices[0].arg % sizeof(ndk_header));
        break;
    case Odd::huge:
        write_u32(raw, step.choices[0].arg % 2 ? 0xffff'ffff : page_size + 1);
        break;
    case Odd::reserved:
        if (step.choices[0].arg % 2)
            write_u32(raw + HEADER(__reserved), 1);
        for (const auto &field : command.fields)
            if (field.what == What::reserved && step.choices[0].arg % 2 == 0)
                raw[field.offset] = std::byte{1};
        break;
    case Odd::outputs:
        std::memset(raw + HEADER(out_refusal), 0xa5, sizeof(ndk_refusal_info));
        write_u32(raw + HEADER(out_status), 0xa5a5'a5a5);
        for (const auto &field : command.fields)
            if (field.what == What::output)
                std::memset(raw + field.offset, 0xa5, field.size);
        break;
    case Odd::user_data:
        std::memset(raw + HEADER(user_data), 0xff, sizeof(std::uint64_t));
        break;
    default:
        break;
    }
}

} // namespace

Interrupter::Interrupter() {
    struct sigaction action {};
    sigevent event{};

    action.sa_handler = nothing;
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGUSR1;
    event._sigev_un._tid = ::gettid();
    if (::sigaction(SIGUSR1, &action, nullptr) != 0 ||
        ::timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0)
        throw std::system_error(errno, std::system_category(), "timer");
}

Interrupter::~Interrupter() {
    ::timer_delete(timer_);
}

void Interrupter::arm() {
    // A signal that comes before the call is followed by others.
    const itimerspec when = {.it_interval = to_timespec(signal_interval),
                             .it_value = to_timespec(call_patience)};

    ::timer_settime(timer_, 0, &when, nullptr);
}

void Interrupter::disarm() {
    const itimerspec never{};

    ::timer_settime(timer_, 0, &never, nullptr);
}

Machine::Machine(std::string device) : device_(std::move(device)) {
    workers_[0].kcov.enable();
    second_ = std::thread([this] { second_thread(); });
}

Machine::~Machine() {
    end_ = true;
    go_.release();
    second_.join();
}

const Kcov &Machine::coverage(bool second) const {
    return workers_[second].kcov;
}

int Machine::open_file(unsigned which) {
    const std::lock_guard guard(lock_);
    auto &file = files_[which];

    if (file.fd < 0) {
        file.fd = ::open(device_.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
        if (file.fd < 0)
            throw std::system_error(errno, std::system_category(), device_);
        file.objects.clear();
        file.pending = 0;
    }
    return file.fd;
}

// The other thread may be in a call on it, or about to make one.
void Machine::close_file(unsigned which) {
    int fd = -1;

    {
        const std::lock_guard guard(lock_);
        std::swap(fd, files_[which].fd);
    }
    if (fd >= 0)
        ::close(fd);
}

void Machine::answered(const Step &step, int error, std::int32_t status) {
    const std::lock_guard guard(lock_);

    if (after_step)
        after_step({step.command, false, error, status});
}

// Takes note of what an answer tells: objects, tokens.
void Machine::learn(File &file, const Command &command, const std::byte *answer, bool done) {
    const auto out = [&](std::string_view name) -> std::uint32_t {
        const auto field = std::ranges::find(command.fields, name, &Field::name);
        return field == command.fields.end() ? 0 : member<std::uint32_t>(answer, field->offset);
    };

    if (!done)
        return;
    if (command.creates)
        file.objects.created(out("out_id"), command.creates);
    if (command.request == NDK_IOCTL_GET_TOKENS) {
        file.objects.add_token(out("out_local_token"), false);
        file.objects.add_token(out("out_remote_token"), true);
    }
    if (command.request == NDK_IOCTL_CLOSE || command.request == NDK_IOCTL_UNPIN_MEMORY ||
        command.request == NDK_IOCTL_RELEASE_LAM)
        file.objects.closed(out("id"));
}

void Machine::learn(File &file, const ndk_event &event) {
    if (event.type == NDK_EVENT_CONNECT)
        file.objects.created(event.object_id, NDK_KIND_CONNECTOR);
    if (event.type == NDK_EVENT_COMPLETION)
        file.pending -= file.pending != 0;
    if (event.type == NDK_EVENT_COMPLETION && event.status == 0 && event.command != NDK_CMD_CLOSE)
        file.objects.created(event.object_id, event.object_kind);
}

void Machine::command(const Step &step, int fd, Worker &worker, Interrupter &interrupter) {
    const auto &command = commands()[step.command];
    auto &file = files_[step.file];
    auto *raw =
        worker.room.data() + (step.odd == Odd::misaligned ? 1 + step.choices[0].arg % 7 : 0);

    worker.room.fill(std::byte{0});
    {
        const std::lock_guard guard(lock_);
        put_header(raw, command, ++user_data_);
        Values(arena_, file.objects, files_[(step.file + 1U) % files].objects, worker.sgl)
            .fill(step, {raw, command.size});
    }
    spoil(raw, command, step);

    void *argument = raw;
    if (step.odd == Odd::null) {
        argument = nullptr;
    } else if (step.odd == Odd::beyond) {
        const auto inside = 8U * (step.choices[0].arg % (command.size / 8U));

        argument = reinterpret_cast<void *>(arena_.before_hole(inside));
        std::memcpy(argument, raw, inside);
    } else if (step.odd == Odd::read_only) {
        argument = arena_.read_only({raw, command.size});
    }

    // Not only what waits: flags may make it wait.
    if (command.may_pend)
        interrupter.arm();
    const int error = ::ioctl(fd, command.request, argument) == 0 ? 0 : errno;
    if (command.may_pend)
        interrupter.disarm();
    if (argument != raw) {
        answered(step, error, 0);
        return;
    }
    const auto status = member<std::int32_t>(raw, HEADER(out_status));
    answered(step, error, status);
    const std::lock_guard guard(lock_);
    learn(file, command, raw, error == 0 && status >= 0);
    file.pending += status == STATUS_PENDING;
}

void Machine::wait_for_events(File &file, int fd) {
    std::array<ndk_event, 16> events;
    pollfd poll{.fd = fd, .events = POLLIN, .revents = 0};
    const auto begin = std::chrono::steady_clock::now();
    std::chrono::milliseconds limit;

    {
        const std::lock_guard guard(lock_);
        limit = std::min(patience_, file.pending ? wait_patience : idle_patience);
    }
    ::poll(&poll, 1, static_cast<int>(limit.count()));
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    const auto got = ::read(fd, events.data(), sizeof(events));

    const std::lock_guard guard(lock_);
    patience_ -= std::min(patience_, waited);
    for (std::size_t i = 0; got > 0 && i < static_cast<std::size_t>(got) / sizeof(ndk_event); ++i) {
        learn(file, events[i]);
        if (after_step)
            after_step({static_cast<std::uint8_t>(events[i].command), true, 0, events[i].status});
    }
}

void Machine::special(const Step &step, int fd, Worker &worker, Interrupter &interrupter) {
    const auto &command = commands()[step.command];
    auto &file = files_[step.file];
    std::array<std::uint64_t, 2> arguments{};
    const auto result = [&](ssize_t returned) { answered(step, returned < 0 ? errno : 0, 0); };

    {
        const std::lock_guard guard(lock_);
        Values values(arena_, file.objects, file.objects, worker.sgl);

        for (std::size_t i = 0; i < command.fields.size(); ++i)
            arguments[i] = values.number(command.fields[i], step.choices[i]);
    }
    switch (command.special) {
    case Special::close:
        close_file(step.file);
        break;
    case Special::read:
        result(::read(fd, reinterpret_cast<void *>(arguments[0]), arguments[1]));
        break;
    case Special::wait:
        wait_for_events(file, fd);
        break;
    case Special::map:
        arena_.map(arguments[0], arguments[1]);
        break;
    case Special::unmap:
        arena_.unmap(arguments[0], arguments[1]);
        break;
    case Special::protect:
        arena_.protect(arguments[0], arguments[1]);
        break;
    case Special::discard:
        arena_.discard(arguments[0], arguments[1]);
        break;
    case Special::nap:
        ::usleep(1000);
        break;
    case Special::odd_ioctl:
        interrupter.arm();
        result(::ioctl(fd, arguments[0], arguments[1]));
        interrupter.disarm();
        break;
    case Special::odd_file: {
        void *const mapped = ::mmap(nullptr, page_size, PROT_READ, MAP_SHARED, fd, 0);

        result(mapped == MAP_FAILED ? -1 : 0);
        if (mapped != MAP_FAILED)
            ::munmap(mapped, page_size);
        result(::write(fd, &file, 0));
        result(::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK));
        break;
    }
    default: // the file is open, and both threads are here
        break;
    }
}

void Machine::run_step(const Step &step, Worker &worker, Interrupter &interrupter) {
    const auto what = commands()[step.command].special;

    if (before_step) {
        const std::lock_guard guard(lock_);
        before_step(step);
    }
    const int fd = what == Special::close ? -1 : open_file(step.file);
    if (what == Special::none)
        command(step, fd, worker, interrupter);
    else
        special(step, fd, worker, interrupter);
}

void Machine::run_steps(Worker &worker, Interrupter &interrupter) {
    for (const auto &step : worker.steps)
        run_step(step, worker, interrupter);
    worker.steps.clear();
}

void Machine::second_thread() {
    Interrupter interrupter;

    workers_[1].kcov.enable();
    for (;;) {
        go_.acquire();
        if (end_)
            return;
        run_steps(workers_[1], interrupter);
        done_.release();
    }
}

// Both threads run what they have, and meet.
void Machine::run_both(Interrupter &interrupter) {
    const bool parallel = !workers_[1].steps.empty();

    if (parallel)
        go_.release();
    run_steps(workers_[0], interrupter);
    if (parallel)
        done_.acquire();
}

void Machine::run(const Program &program) {
    patience_ = program_patience;
    user_data_ = 0;
    for (auto &worker : workers_)
        worker.kcov.reset();
    for (const auto &step : program) {
        if (commands()[step.command].special == Special::join)
            run_both(interrupter_);
        else
            workers_[step.second].steps.push_back(step);
    }
    run_both(interrupter_);
    for (unsigned which = 0; which < files; ++which) {
        close_file(which);
        files_[which].objects.clear();
    }
    arena_.restore();
}

} // namespace ndk_fuzz
