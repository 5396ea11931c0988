// SPDX-License-Identifier: MIT
// ndkctl: look at and exercise NDK adapters from the shell.
#include "commands.hpp"

#include <cstdlib>
#include <exception>
#include <fmt/core.h>

namespace {

constexpr auto footer = R"(Exit status:
  0  done
  1  the operation failed; the reason is on standard error
  2  wrong usage
  3  not available here: module not loaded, no adapter, no permission

Examples:
  ndkctl adapter list
  ndkctl adapter show rxe0 -j -p
  ndkctl status decode 0x80000011
  ndkctl flags decode mr 0x5
  ndkctl demo --adapter rxe0 --file /boot/vmlinuz

See also: ndkctl(1), rdma(8))";

} // namespace

int main(int argc, char **argv) try {
    ndkctl::Context context;
    ndkctl::Exit exit = ndkctl::Exit::ok;
    double timeout = 10.0;
    CLI::App app{"Look at and exercise NDK (kernel RDMA interface) adapters.", "ndkctl"};

    if (const char *device = std::getenv("NDK_DEVICE"))
        context.device = device;
    app.set_version_flag("-V,--version", "ndkctl " NDK_VERSION_STRING);
    app.add_flag("-j,--json", context.json, "Print one JSON document with stable keys");
    app.add_flag("-p,--pretty", context.pretty, "Indent the JSON document");
    app.add_flag("-v,--verbose", context.verbose, "Say more");
    app.add_option("--timeout", timeout, "Seconds to wait for the other side")
        ->check(CLI::Range(0.001, 1e6))
        ->capture_default_str();
    app.add_option("--device", context.device, "Device file; also NDK_DEVICE in the environment")
        ->capture_default_str();
    app.fallthrough();
    app.require_subcommand(1);
    app.footer(footer);
    app.parse_complete_callback(
        [&] { context.timeout = std::chrono::milliseconds(static_cast<long>(timeout * 1000.0)); });

    ndkctl::add_adapter(app, context, exit);
    ndkctl::add_status(app, context, exit);
    ndkctl::add_flags(app, context, exit);
    ndkctl::add_doctor(app, context, exit);
    ndkctl::add_demo(app, context, exit);

    try {
        app.parse(argc, argv);
    } catch (const CLI::RequiredError &error) {
        // What is missing may be there under a name that nobody knows.
        const auto rest = app.remaining(true);
        if (!rest.empty())
            return static_cast<int>(ndkctl::report(
                ndkctl::Exit::usage, fmt::format("{}: not a command; see --help", rest.front())));
        app.exit(error);
        return static_cast<int>(ndkctl::Exit::usage);
    } catch (const CLI::ParseError &error) {
        const bool answered = app.exit(error) == 0;
        return static_cast<int>(answered ? ndkctl::Exit::ok : ndkctl::Exit::usage);
    }
    return static_cast<int>(exit);
} catch (const std::exception &error) {
    return static_cast<int>(ndkctl::report(ndkctl::Exit::failed, error.what()));
}
