// SPDX-License-Identifier: MIT
#include <ndk/status.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace ndk {
namespace {

constexpr auto statuses = std::to_array<StatusInfo>({
#define NDK_STATUS_LINE(name, meaning) {static_cast<Status>(name), #name, meaning},
    NDK_STATUS_LIST(NDK_STATUS_LINE)
#undef NDK_STATUS_LINE
});

constexpr std::string_view nt_prefix = "STATUS_";
constexpr std::string_view ndis_prefix = "NDIS_STATUS_";

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

std::string_view without_prefix(std::string_view name) {
    for (auto prefix : {nt_prefix, ndis_prefix})
        if (equal_ignoring_case(name.substr(0, prefix.size()), prefix))
            return name.substr(prefix.size());
    return name;
}

class StatusCategory final : public std::error_category {
  public:
    const char *name() const noexcept override { return "ntstatus"; }

    std::string message(int code) const override {
        const auto status = static_cast<Status>(code);
        const auto info = find_status(status);

        if (!info)
            return to_string(status) + ": unknown status";
        return to_string(status) + ": " + std::string(info->meaning);
    }

    std::error_condition default_error_condition(int code) const noexcept override {
        switch (static_cast<Status>(code)) {
        case Status::success:
            return {};
        case Status::pending:
            return std::errc::operation_in_progress;
        case Status::device_busy:
            return std::errc::device_or_resource_busy;
        case Status::access_violation:
        case Status::access_denied:
            return std::errc::permission_denied;
        case Status::invalid_parameter:
        case Status::invalid_parameter_mix:
            return std::errc::invalid_argument;
        case Status::sharing_violation:
            return std::errc::address_in_use;
        case Status::insufficient_resources:
        case Status::no_memory:
            return std::errc::not_enough_memory;
        case Status::io_timeout:
            return std::errc::timed_out;
        case Status::not_supported:
            return std::errc::operation_not_supported;
        case Status::cancelled:
            return std::errc::operation_canceled;
        case Status::invalid_address:
            return std::errc::address_not_available;
        case Status::connection_refused:
            return std::errc::connection_refused;
        case Status::connection_invalid:
            return std::errc::not_connected;
        case Status::network_unreachable:
            return std::errc::network_unreachable;
        case Status::host_unreachable:
            return std::errc::host_unreachable;
        case Status::connection_reset:
            return std::errc::connection_reset;
        case Status::connection_active:
            return std::errc::already_connected;
        case Status::connection_aborted:
            return std::errc::connection_aborted;
        case Status::device_removed:
        case Status::no_such_device:
            return std::errc::no_such_device;
        default:
            return {code, *this};
        }
    }
};

} // namespace

std::span<const StatusInfo> status_list() noexcept {
    return statuses;
}

std::optional<StatusInfo> find_status(Status status) noexcept {
    const auto found = std::ranges::find(statuses, status, &StatusInfo::status);

    if (found == statuses.end())
        return std::nullopt;
    return *found;
}

std::optional<StatusInfo> find_status(std::string_view name) noexcept {
    const auto found = std::ranges::find_if(statuses, [&](const StatusInfo &info) {
        return equal_ignoring_case(info.name, name) ||
               equal_ignoring_case(without_prefix(info.name), without_prefix(name));
    });

    if (found == statuses.end())
        return std::nullopt;
    return *found;
}

std::string to_string(Status status) {
    std::array<char, 16> hex{};
    const auto info = find_status(status);

    std::snprintf(hex.data(), hex.size(), "0x%08X",
                  static_cast<unsigned>(static_cast<std::int32_t>(status)));
    if (!info)
        return hex.data();
    return std::string(info->name) + " (" + hex.data() + ")";
}

const std::error_category &status_category() noexcept {
    static const StatusCategory category;

    return category;
}

std::error_code make_error_code(Status status) noexcept {
    return {static_cast<int>(status), status_category()};
}

} // namespace ndk
