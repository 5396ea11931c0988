// SPDX-License-Identifier: GPL-2.0-only
/// @file
/// Runs programs on /dev/ndk.
#pragma once

#include "arena.hpp"
#include "kcov.hpp"
#include "program.hpp"
#include "values.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <time.h>
#include <vector>

namespace ndk_fuzz {

/// Ends what waits in the kernel too long, by a signal to the calling thread.
class Interrupter {
  public:
    Interrupter();
    ~Interrupter();
    Interrupter(const Interrupter &) = delete;
    Interrupter &operator=(const Interrupter &) = delete;

    void arm();
    void disarm();

  private:
    timer_t timer_{};
};

/// What a step was answered, to tell programs apart by.
struct Answer {
    std::uint8_t command;
    bool event; ///< a later one, in an event
    int error;  ///< errno, or 0
    std::int32_t status;
};

class Machine {
  public:
    explicit Machine(std::string device);
    ~Machine();
    Machine(const Machine &) = delete;
    Machine &operator=(const Machine &) = delete;

    /// Told of each step before it is run, or NULL.
    std::function<void(const Step &)> before_step;
    /// Told of each answer, by either thread, under a lock.
    std::function<void(const Answer &)> after_step;

    /// Runs @p program on files opened freshly, and closes them.
    void run(const Program &program);

    [[nodiscard]] const Kcov &coverage(bool second) const;

  private:
    struct File {
        int fd = -1;
        Objects objects;
        unsigned pending = 0; ///< requests that an event will complete
    };

    /// What each of the two threads has for itself.
    struct Worker {
        Kcov kcov;
        SglRoom sgl{};
        alignas(64) std::array<std::byte, 3 * page_size> room{};
        std::vector<Step> steps;
    };

    void second_thread();
    void run_steps(Worker &worker, Interrupter &interrupter);
    void run_both(Interrupter &interrupter);
    void run_step(const Step &step, Worker &worker, Interrupter &interrupter);
    int open_file(unsigned which);
    void close_file(unsigned which);
    void command(const Step &step, int fd, Worker &worker, Interrupter &interrupter);
    void learn(File &file, const Command &command, const std::byte *answer, bool done);
    void learn(File &file, const ndk_event &event);
    void special(const Step &step, int fd, Worker &worker, Interrupter &interrupter);
    void wait_for_events(File &file, int fd);
    void answered(const Step &step, int error, std::int32_t status);

    const std::string device_;
    Arena arena_;
    std::mutex lock_; ///< for what both threads use
    std::array<File, files> files_;
    std::uint64_t user_data_ = 0;
    std::chrono::milliseconds patience_{};
    std::array<Worker, 2> workers_;
    std::binary_semaphore go_{0};
    std::binary_semaphore done_{0};
    bool end_ = false;
    Interrupter interrupter_;
    std::thread second_;
};

} // namespace ndk_fuzz
