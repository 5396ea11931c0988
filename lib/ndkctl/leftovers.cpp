// SPDX-License-Identifier: MIT
#include "leftovers.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/core.h>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace ndkctl {
namespace {

std::string output_of(const char *command) {
    struct Close {
        void operator()(std::FILE *file) const { ::pclose(file); }
    };
    const std::unique_ptr<std::FILE, Close> pipe(::popen(command, "re"));
    std::string text;

    for (int c = 0; pipe && (c = std::fgetc(pipe.get())) != EOF;)
        text += static_cast<char>(c);
    return text;
}

std::int64_t pinned_pages() {
    // The counters are kept per processor; reading this adds them up.
    static_cast<void>(std::ifstream("/proc/sys/vm/stat_refresh").get());
    std::ifstream file("/proc/vmstat");
    std::int64_t pinned = 0;
    std::int64_t value = 0;

    for (std::string name; file >> name >> value;) {
        if (name == "nr_foll_pin_acquired")
            pinned += value;
        else if (name == "nr_foll_pin_released")
            pinned -= value;
    }
    return pinned;
}

} // namespace

Holdings holdings_in(std::string_view json) {
    const auto devices = nlohmann::json::parse(json, nullptr, false);
    const auto is_device = [](const nlohmann::json &value) {
        return value.is_object() && value.contains("ifname") && value["ifname"].is_string();
    };
    Holdings holdings;

    if (!devices.is_array() || !std::ranges::all_of(devices, is_device))
        throw std::runtime_error("cannot run rdma(8) to look for what is left behind (iproute2)");
    for (const auto &device : devices) {
        const auto name = device["ifname"].get<std::string>();

        for (const auto &[key, value] : device.items())
            if (value.is_number_integer() && key != "ifindex")
                holdings[name + " " + key] = value.get<std::int64_t>();
    }
    return holdings;
}

Holdings current_holdings() {
    auto holdings = holdings_in(output_of("exec rdma -j resource show 2>/dev/null"));

    holdings["pinned pages"] = pinned_pages();
    return holdings;
}

std::vector<std::string> left_behind(const Holdings &before, const Holdings &after) {
    std::vector<std::string> lines;

    for (const auto &[name, count] : after) {
        const auto found = before.find(name);
        const auto old = found == before.end() ? 0 : found->second;

        if (count > old)
            lines.push_back(fmt::format("{}: {} before, {} now", name, old, count));
    }
    return lines;
}

} // namespace ndkctl
