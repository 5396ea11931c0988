// SPDX-License-Identifier: MIT
// ndkctl status decode, ndkctl flags decode: numbers into names and back.
#include "commands.hpp"

#include <ndk/flags.hpp>
#include <ndk/status.hpp>

#include <charconv>
#include <fmt/core.h>
#include <memory>
#include <optional>

namespace ndkctl {
namespace {

/// Decimal, 0x hexadecimal or negative, as logs and debuggers print it.
std::optional<std::uint32_t> parse_number(std::string_view text) {
    const bool negative = text.starts_with('-');
    std::uint64_t value = 0;
    int base = 10;

    if (negative)
        text.remove_prefix(1);
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    if (value > (negative ? 0x8000'0000ULL : 0xFFFF'FFFFULL))
        return std::nullopt;
    return static_cast<std::uint32_t>(negative ? 0 - value : value);
}

Json status_json(const ndk::StatusInfo &info) {
    return {{"code", fmt::format("0x{:08X}", static_cast<std::uint32_t>(info.status))},
            {"value", static_cast<std::int32_t>(info.status)},
            {"name", info.name},
            {"meaning", info.meaning},
            {"success", ndk::succeeded(info.status)}};
}

void print_status(const ndk::StatusInfo &info) {
    fmt::print("{:<31} 0x{:08X}  {}\n", info.name, static_cast<std::uint32_t>(info.status),
               info.meaning);
}

Exit decode_status(const Context &context, const std::string &text) {
    const auto number = parse_number(text);
    const auto info = number ? ndk::find_status(static_cast<ndk::Status>(*number))
                             : ndk::find_status(std::string_view(text));

    if (!info)
        return report(Exit::failed, fmt::format("{} is no status of this interface", text));
    if (context.json)
        print_json(context, status_json(*info));
    else
        print_status(*info);
    return Exit::ok;
}

Exit list_statuses(const Context &context) {
    Json all = Json::array();

    for (const auto &info : ndk::status_list()) {
        if (context.json)
            all.push_back(status_json(info));
        else
            print_status(info);
    }
    if (context.json)
        print_json(context, all);
    return Exit::ok;
}

Exit decode_flags(const Context &context, const std::string &kind, const std::string &text) {
    const auto value = parse_number(text);
    std::string names;

    if (!value)
        return report(Exit::usage, fmt::format("{} is not a 32-bit number", text));
    if (kind == "mr")
        names = to_string(static_cast<ndk::MrAccess>(*value));
    else if (kind == "op")
        names = to_string(static_cast<ndk::OpFlags>(*value));
    else
        names = to_string(static_cast<ndk::AdapterFlags>(*value));
    if (!context.json) {
        fmt::print("0x{:x} = {}\n", *value, names);
        return Exit::ok;
    }

    Json list = Json::array();
    for (std::size_t begin = 0; begin < names.size();) {
        const auto end = std::min(names.find(" | ", begin), names.size());

        list.push_back(names.substr(begin, end - begin));
        begin = end + 3;
    }
    print_json(context, {{"kind", kind}, {"value", *value}, {"names", list}});
    return Exit::ok;
}

} // namespace

void add_status(CLI::App &app, const Context &context, Exit &exit) {
    auto *status = app.add_subcommand("status", "Names and meanings of status codes");
    auto code = std::make_shared<std::string>();

    status->require_subcommand(1);
    auto *decode = status->add_subcommand("decode", "Say what a status code means");
    decode->add_option("CODE", *code, "0xC0000005, -1073741819, or a name with or without STATUS_")
        ->required();
    decode->callback([&context, &exit, code] { exit = decode_status(context, *code); });
    status->add_subcommand("list", "All status codes of the interface")->callback([&] {
        exit = list_statuses(context);
    });
}

void add_flags(CLI::App &app, const Context &context, Exit &exit) {
    auto *flags = app.add_subcommand("flags", "Names of flags in a mask");
    auto kind = std::make_shared<std::string>();
    auto value = std::make_shared<std::string>();

    flags->require_subcommand(1);
    auto *decode = flags->add_subcommand("decode", "Say which flags a number contains");
    decode
        ->add_option("KIND", *kind,
                     "mr: NdkRegisterMr; op: requests on a queue pair; adapter: AdapterFlags")
        ->required()
        ->check(CLI::IsMember({"mr", "op", "adapter"}));
    decode->add_option("VALUE", *value, "decimal or 0x hexadecimal")->required();
    decode->callback(
        [&context, &exit, kind, value] { exit = decode_flags(context, *kind, *value); });
}

} // namespace ndkctl
