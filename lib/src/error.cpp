// SPDX-License-Identifier: MIT
#include <ndk/error.hpp>

#include <cerrno>
#include <cstring>

namespace ndk {
namespace {

std::string_view errno_name(int error) {
    const char *name = ::strerrorname_np(error);

    return name ? std::string_view(name) : std::string_view();
}

} // namespace

std::string Error::message() const {
    std::string text = function_;

    if (!text.empty())
        text += ": ";
    if (const auto answered = status(); answered && !refusal_.argument.empty()) {
        text += to_string(*answered);
    } else {
        if (code_.category() == std::system_category() && !errno_name(code_.value()).empty())
            text += std::string(errno_name(code_.value())) + ": ";
        text += code_.message();
    }
    if (refusal_.argument.empty())
        return text;
    text += ": " + refusal_.argument;
    if (refusal_.limit != 0)
        text +=
            " is " + std::to_string(refusal_.value) + ", limit " + std::to_string(refusal_.limit);
    else if (refusal_.value != 0)
        text += " (" + std::to_string(refusal_.value) + ")";
    return text;
}

} // namespace ndk
