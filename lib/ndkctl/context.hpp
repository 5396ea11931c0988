// SPDX-License-Identifier: MIT
// What every subcommand gets: the global options and the way to print.
#pragma once

#include <ndk/error.hpp>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

namespace ndkctl {

/// The tool's exit codes; ndkctl(1) promises them.
enum class Exit : int {
    ok = 0,
    failed = 1,
    usage = 2,
    unavailable = 3,
};

using Json = nlohmann::ordered_json;

struct Context {
    bool json = false;
    bool pretty = false;
    bool verbose = false;
    std::chrono::milliseconds timeout{10'000};
    std::string device = "/dev/ndk";
};

/// One JSON document on standard output, in one line unless --pretty.
void print_json(const Context &context, const Json &document);

/// "ndkctl: ..." on standard error; answers the exit code that fits: what is
/// missing on this machine is `unavailable`, everything else `failed`.
Exit report(const Context &context, const ndk::Error &error);
Exit report(Exit code, const std::string &message);

} // namespace ndkctl
