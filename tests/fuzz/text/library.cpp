// SPDX-License-Identifier: GPL-2.0-only
// What the library reads as text or bytes from outside: names of status codes,
// addresses, masks of flags. The first byte says which.
#include <ndk/address.hpp>
#include <ndk/flags.hpp>
#include <ndk/status.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace {

void expect(bool condition) {
    if (!condition)
        std::abort();
}

std::uint32_t number(std::span<const std::byte> bytes) {
    std::uint32_t value = 0;

    std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof(value)));
    return value;
}

void status_name(const std::string &text) {
    const auto found = ndk::find_status(std::string_view(text));

    if (!found)
        return;
    expect(ndk::find_status(found->status)->name == found->name);
    expect(ndk::find_status(found->name)->status == found->status);
}

void status_code(std::uint32_t code) {
    const auto status = static_cast<ndk::Status>(code);

    expect(!ndk::to_string(status).empty());
    expect(!make_error_code(status).message().empty());
    static_cast<void>(make_error_code(status).default_error_condition());
}

void address_is_sound(const ndk::Address &address) {
    const auto again = ndk::Address::from_bytes(address.bytes());

    expect(again && *again == address);
    expect(again->port() == address.port());
    expect(again->to_string() == address.to_string());
    expect(address.to_string() != "none" && address.to_string() != "invalid");
}

void address_text(const std::string &text) {
    const auto address = ndk::Address::parse(text, 7);

    if (!address)
        return;
    // what comes after a zero would not have been looked at
    expect(text.find('\0') == text.npos);
    expect(address->port() == 7);
    address_is_sound(*address);
}

void address_bytes(std::span<const std::byte> bytes) {
    const auto address = ndk::Address::from_bytes(bytes);

    if (address)
        address_is_sound(*address);
}

void flag_names(std::uint32_t value) {
    expect(!to_string(static_cast<ndk::MrAccess>(value)).empty());
    expect(!to_string(static_cast<ndk::OpFlags>(value)).empty());
    expect(!to_string(static_cast<ndk::AdapterFlags>(value)).empty());
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    if (size == 0)
        return 0;
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    const std::string text(reinterpret_cast<const char *>(bytes.data()), bytes.size());

    switch (data[0] % 5) {
    case 0:
        status_name(text);
        break;
    case 1:
        status_code(number(bytes));
        break;
    case 2:
        address_text(text);
        break;
    case 3:
        address_bytes(bytes);
        break;
    default:
        flag_names(number(bytes));
        break;
    }
    return 0;
}
