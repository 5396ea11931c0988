// SPDX-License-Identifier: MIT
/// @file
/// What a failed call carries: a code, and why.
#pragma once

#include <ndk/status.hpp>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>

namespace ndk {

/// Why a request was refused, when the provider or the door said so.
struct Refusal {
    std::string argument;    ///< argument, limit or state at fault; may be empty
    std::uint64_t value = 0; ///< what was given or found
    std::uint64_t limit = 0; ///< what is allowed; 0 when there is no limit
};

/// An error code in the category of ndk::Status or in std::system_category().
/// Copyable; no member function throws but for lack of memory.
class Error {
  public:
    Error(Status status, std::string_view function, Refusal refusal = {})
        : code_(make_error_code(status)), function_(function), refusal_(std::move(refusal)) {}

    Error(std::error_code code, std::string_view function, Refusal refusal = {})
        : code_(code), function_(function), refusal_(std::move(refusal)) {}

    [[nodiscard]] const std::error_code &code() const noexcept { return code_; }

    /// The provider's answer; nothing when the door itself failed (an errno).
    [[nodiscard]] std::optional<Status> status() const noexcept {
        if (code_.category() != status_category())
            return std::nullopt;
        return static_cast<Status>(code_.value());
    }

    /// The NDKPI function that failed, e.g. "NdkInitializeFastRegisterMr".
    [[nodiscard]] const std::string &function() const noexcept { return function_; }

    [[nodiscard]] const Refusal &refusal() const noexcept { return refusal_; }

    /// "NdkInitializeFastRegisterMr: STATUS_IMPLEMENTATION_LIMIT (0xC000042B):
    /// AdapterPageCount is 513, limit 512".
    [[nodiscard]] std::string message() const;

    /// Equal when the codes are equal; the details are only for people.
    friend bool operator==(const Error &a, const Error &b) noexcept { return a.code_ == b.code_; }
    friend bool operator==(const Error &a, Status b) noexcept {
        return a.code_ == make_error_code(b);
    }
    friend bool operator==(const Error &a, std::errc b) noexcept { return a.code_ == b; }

  private:
    std::error_code code_;
    std::string function_;
    Refusal refusal_;
};

/// The value, or why there is none.
template <class T> using Result = std::expected<T, Error>;

} // namespace ndk
