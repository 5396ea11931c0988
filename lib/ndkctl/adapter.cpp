// SPDX-License-Identifier: MIT
// ndkctl adapter list, ndkctl adapter show.
#include "commands.hpp"

#include <ndk/ndk.hpp>

#include <algorithm>
#include <fmt/core.h>
#include <memory>
#include <net/if.h>

namespace ndkctl {
namespace {

std::string interface_name(std::uint32_t index) {
    char name[IF_NAMESIZE] = "";

    return index != 0 && ::if_indextoname(index, name) ? name : "-";
}

Json flag_names(ndk::AdapterFlags flags) {
    Json names = Json::array();

    for (const auto &flag : ndk::adapter_flag_names())
        if (has(flags, static_cast<ndk::AdapterFlags>(flag.value)))
            names.push_back(flag.name);
    return names;
}

/// Every member of NDK_ADAPTER_INFO. The keys are promised to scripts.
Json limits(const ndk::AdapterInfo &info) {
    return {{"version", fmt::format("{}.{}", info.version.major, info.version.minor)},
            {"vendor_id", info.vendor_id},
            {"device_id", info.device_id},
            {"max_registration_size", info.max_registration_size},
            {"max_window_size", info.max_window_size},
            {"frmr_page_count", info.frmr_page_count},
            {"max_initiator_request_sge", info.max_initiator_request_sge},
            {"max_receive_request_sge", info.max_receive_request_sge},
            {"max_read_request_sge", info.max_read_request_sge},
            {"max_transfer_length", info.max_transfer_length},
            {"max_inline_data_size", info.max_inline_data_size},
            {"max_inbound_read_limit", info.max_inbound_read_limit},
            {"max_outbound_read_limit", info.max_outbound_read_limit},
            {"max_receive_queue_depth", info.max_receive_queue_depth},
            {"max_initiator_queue_depth", info.max_initiator_queue_depth},
            {"max_srq_depth", info.max_srq_depth},
            {"max_cq_depth", info.max_cq_depth},
            {"large_request_threshold", info.large_request_threshold},
            {"max_caller_data", info.max_caller_data},
            {"max_callee_data", info.max_callee_data},
            {"adapter_flags", std::to_underlying(info.adapter_flags)},
            {"adapter_flag_names", flag_names(info.adapter_flags)},
            {"rdma_technology", to_string(info.rdma_technology)}};
}

Json describe(const ndk::AdapterIdent &ident) {
    return {{"name", ident.name},
            {"netdev", interface_name(ident.ifindex)},
            {"ifindex", ident.ifindex},
            {"ports", ident.ports}};
}

std::string text(const Json &value) {
    if (value.is_string())
        return value.get<std::string>();
    if (!value.is_array())
        return value.dump();

    std::string joined;
    for (const auto &item : value)
        joined += (joined.empty() ? "" : "\n" + std::string(30, ' ')) + text(item);
    return joined;
}

ndk::Result<std::vector<ndk::AdapterIdent>> find(const ndk::Session &session,
                                                 const std::string &name) {
    auto adapters = session.adapters();

    if (!adapters || name.empty())
        return adapters;
    std::erase_if(*adapters, [&](const auto &ident) { return ident.name != name; });
    return adapters;
}

Exit list(const Context &context) {
    const auto session = ndk::Session::open(context.device);
    Json all = Json::array();

    if (!session)
        return report(context, session.error());
    const auto adapters = session->adapters();
    if (!adapters)
        return report(context, adapters.error());
    if (!context.json && !adapters->empty())
        fmt::print("{:<16}{:<16}{}\n", "NAME", "NETDEV", "PORTS");
    for (const auto &ident : *adapters) {
        all.push_back(describe(ident));
        if (!context.json)
            fmt::print("{:<16}{:<16}{}\n", ident.name, interface_name(ident.ifindex), ident.ports);
    }
    if (context.json)
        print_json(context, all);
    if (adapters->empty())
        return report(Exit::unavailable, "no adapter (ndkctl doctor says why)");
    return Exit::ok;
}

Exit show(const Context &context, const std::string &name) {
    const auto session = ndk::Session::open(context.device);
    Json all = Json::array();

    if (!session)
        return report(context, session.error());
    const auto adapters = find(*session, name);
    if (!adapters)
        return report(context, adapters.error());
    if (adapters->empty())
        return report(Exit::unavailable,
                      name.empty() ? "no adapter (ndkctl doctor says why)"
                                   : fmt::format("no adapter {} (see ndkctl adapter list)", name));
    for (const auto &ident : *adapters) {
        const auto adapter = session->open_adapter(ident.name);
        if (!adapter)
            return report(context, adapter.error());
        const auto info = adapter->info();
        if (!info)
            return report(context, info.error());

        auto entry = describe(ident);
        entry.update(limits(*info));
        if (!context.json) {
            for (const auto &[key, value] : entry.items())
                fmt::print("{:<30}{}\n", key, text(value));
            fmt::print("\n");
        }
        all.push_back(std::move(entry));
    }
    if (context.json)
        print_json(context, all);
    return Exit::ok;
}

} // namespace

void add_adapter(CLI::App &app, const Context &context, Exit &exit) {
    auto *adapter = app.add_subcommand("adapter", "RDMA devices that NDKPI can use");
    auto name = std::make_shared<std::string>();

    adapter->require_subcommand(1);
    adapter->add_subcommand("list", "One line for each adapter")->callback([&] {
        exit = list(context);
    });
    auto *show_one = adapter->add_subcommand("show", "All limits and abilities (NDK_ADAPTER_INFO)");
    show_one->add_option("NAME", *name, "adapter; all when left out");
    show_one->callback([&context, &exit, name] { exit = show(context, *name); });
}

} // namespace ndkctl
