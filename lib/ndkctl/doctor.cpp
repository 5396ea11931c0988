// SPDX-License-Identifier: MIT
// ndkctl doctor: is everything here that the interface needs, and if not, what
// to do about it.
#include "commands.hpp"

#include <ndk/ndk.hpp>

#include <filesystem>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace ndkctl {
namespace {

namespace fs = std::filesystem;

enum class Verdict { good, warning, bad };

struct Check {
    std::string name;
    Verdict verdict;
    std::string found;
    std::string advice; // empty when there is nothing to do
};

std::string_view word(Verdict verdict) {
    switch (verdict) {
    case Verdict::good:
        return "ok";
    case Verdict::warning:
        return "warn";
    default:
        return "FAIL";
    }
}

Check check_module(const std::string &name) {
    std::error_code ignored;

    if (fs::exists("/sys/module/" + name, ignored))
        return {"module " + name, Verdict::good, "loaded", ""};
    return {"module " + name, Verdict::bad, "not loaded", "modprobe " + name};
}

std::vector<std::string> rdma_devices() {
    std::vector<std::string> names;
    std::error_code error;

    for (const auto &entry : fs::directory_iterator("/sys/class/infiniband", error))
        names.push_back(entry.path().filename());
    return names;
}

Check check_rdma_devices() {
    const auto names = rdma_devices();
    std::error_code ignored;

    if (!names.empty())
        return {"RDMA devices", Verdict::good, fmt::format("{}", fmt::join(names, ", ")), ""};
    if (fs::exists("/sys/module/rdma_rxe", ignored))
        return {"RDMA devices", Verdict::bad, "none, rdma_rxe is loaded",
                "rdma link add rxe0 type rxe netdev eth0"};
    return {"RDMA devices", Verdict::bad, "none",
            "modprobe rdma_rxe; rdma link add rxe0 type rxe netdev eth0"};
}

Check check_device_file(const std::string &path) {
    const std::string name = "device " + path;

    if (::access(path.c_str(), F_OK) != 0)
        return {name, Verdict::bad, "missing", "modprobe ndk_ctl"};
    if (::access(path.c_str(), R_OK | W_OK) != 0)
        return {name, Verdict::bad, "no permission",
                "run as root, or let a udev rule give it to your group"};
    return {name, Verdict::good, "accessible", ""};
}

Check check_memlock() {
    constexpr rlim_t wanted = 64 << 20;
    rlimit limit{};

    ::getrlimit(RLIMIT_MEMLOCK, &limit);
    if (limit.rlim_cur == RLIM_INFINITY)
        return {"locked memory", Verdict::good, "unlimited", ""};
    const auto text = fmt::format("{} KiB", limit.rlim_cur >> 10);
    if (limit.rlim_cur >= wanted)
        return {"locked memory", Verdict::good, text, ""};
    return {"locked memory", Verdict::warning, text,
            fmt::format("at most that much memory can be pinned; ulimit -l {}", wanted >> 10)};
}

std::vector<Check> check_adapters(const Context &context) {
    const auto session = ndk::Session::open(context.device);
    std::vector<Check> checks;

    if (!session)
        return {{"adapters", Verdict::bad, session.error().message(), "see above"}};
    const auto adapters = session->adapters();
    if (!adapters)
        return {{"adapters", Verdict::bad, adapters.error().message(), ""}};
    if (adapters->empty())
        return {{"adapters", Verdict::bad, "none usable",
                 "the device must offer memory management extensions"}};
    for (const auto &ident : *adapters) {
        const auto name = "adapter " + ident.name;
        const auto adapter = session->open_adapter(ident.name);

        if (!adapter) {
            checks.push_back({name, Verdict::bad, adapter.error().message(), ""});
            continue;
        }
        const auto info = adapter->info();
        if (!info) {
            checks.push_back({name, Verdict::bad, info.error().message(), ""});
            continue;
        }
        checks.push_back({name, info->frmr_page_count >= 16 ? Verdict::good : Verdict::warning,
                          fmt::format("NDKPI {}.{}, {}, {} pages per fast registration",
                                      info->version.major, info->version.minor,
                                      to_string(info->rdma_technology), info->frmr_page_count),
                          info->frmr_page_count >= 16 ? "" : "consumers expect at least 16 pages"});
    }
    return checks;
}

Exit doctor(const Context &context) {
    std::vector<Check> checks{check_module("ndk"), check_module("ndk_ctl"), check_rdma_devices(),
                              check_device_file(context.device), check_memlock()};
    bool healthy = true;
    Json list = Json::array();

    for (auto &check : check_adapters(context))
        checks.push_back(std::move(check));
    for (const auto &check : checks) {
        healthy = healthy && check.verdict != Verdict::bad;
        list.push_back({{"check", check.name},
                        {"verdict", word(check.verdict)},
                        {"found", check.found},
                        {"advice", check.advice}});
        if (context.json)
            continue;
        fmt::print("{:<5}{:<20}{}\n", word(check.verdict), check.name, check.found);
        if (!check.advice.empty())
            fmt::print("     {:<20}-> {}\n", "", check.advice);
    }
    if (context.json)
        print_json(context, {{"healthy", healthy}, {"checks", list}});
    return healthy ? Exit::ok : Exit::unavailable;
}

} // namespace

void add_doctor(CLI::App &app, const Context &context, Exit &exit) {
    app.add_subcommand("doctor", "Check what this machine needs for NDK and what is missing")
        ->callback([&] { exit = doctor(context); });
}

} // namespace ndkctl
