// SPDX-License-Identifier: MIT
#include "context.hpp"

#include <cstdio>
#include <fmt/core.h>

namespace ndkctl {

void print_json(const Context &context, const Json &document) {
    fmt::print("{}\n", document.dump(context.pretty ? 4 : -1));
}

Exit report(Exit code, const std::string &message) {
    std::fflush(stdout);
    fmt::print(stderr, "ndkctl: {}\n", message);
    return code;
}

Exit report(const Context &context, const ndk::Error &error) {
    const auto hint = [&]() -> std::string {
        if (error == std::errc::no_such_file_or_directory || error == std::errc::no_such_device)
            return fmt::format(" (is ndk_ctl loaded? try: modprobe ndk_ctl; ndkctl doctor)");
        if (error == std::errc::permission_denied && !error.status())
            return fmt::format(" ({} is for root unless a udev rule says otherwise)",
                               context.device);
        return {};
    }();

    return report(hint.empty() ? Exit::failed : Exit::unavailable, error.message() + hint);
}

} // namespace ndkctl
