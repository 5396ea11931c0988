// SPDX-License-Identifier: GPL-2.0-only
#include "values.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <string>

namespace ndk_fuzz {
namespace {

constexpr std::uint16_t first_port = 7000;

bool odd(Choice choice) {
    return choice.rule >= odd_rule;
}

unsigned odd_kind(Choice choice) {
    return choice.rule - odd_rule;
}

std::string environment(const char *name, const char *otherwise) {
    const char *value = std::getenv(name);

    return value && *value ? value : otherwise;
}

void put_ipv4(ndk_address &to, const std::string &host, std::uint16_t port) {
    sockaddr_in address{};

    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    to.length = sizeof(address);
    std::memcpy(to.data, &address, sizeof(address));
}

void put_ipv6(ndk_address &to, const std::string &host, std::uint16_t port) {
    sockaddr_in6 address{};

    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    ::inet_pton(AF_INET6, host.c_str(), &address.sin6_addr);
    to.length = sizeof(address);
    std::memcpy(to.data, &address, sizeof(address));
}

void put_name(char (&to)[NDK_NAME_MAX], Choice choice) {
    static const auto adapter = environment("RXE", "rxe0");

    if (odd(choice) && odd_kind(choice) % 2)
        std::memset(to, 'x', sizeof(to)); // does not end
    else if (odd(choice))
        to[0] = static_cast<char>(choice.arg);
    else if (choice.rule != 1) // which goes by interface
        std::memcpy(to, adapter.data(), std::min(adapter.size(), sizeof(to) - 1));
}

void put_guid(std::uint8_t (&to)[16], Choice choice) {
    // diagnostics; another last byte is another extension
    constexpr std::uint8_t known[16] = {0x6e, 0xb3, 0xa4, 0xb2, 0x19, 0x6a, 0x0b, 0x4f,
                                        0x9a, 0x5c, 0x3d, 0x0e, 0x6f, 0x4f, 0x1c, 0x01};

    std::memcpy(to, known, sizeof(to));
    to[odd(choice) ? odd_kind(choice) : 15] =
        static_cast<std::uint8_t>(to[odd(choice) ? odd_kind(choice) : 15] + choice.arg);
}

std::uint32_t back_from_end(const std::vector<std::uint32_t> &of, std::size_t back) {
    return of.empty() ? 0 : of[of.size() - 1 - back % of.size()];
}

} // namespace

void Objects::created(std::uint32_t id, std::uint32_t kind) {
    if (id && std::ranges::find(live_, id, &Object::id) == live_.end())
        live_.push_back({id, kind});
}

void Objects::closed(std::uint32_t id) {
    if (std::erase_if(live_, [&](const Object &object) { return object.id == id; }))
        gone_.push_back(id);
}

void Objects::add_token(std::uint32_t token, bool remote) {
    if (token)
        tokens_[remote].push_back(token);
}

void Objects::clear() {
    live_.clear();
    gone_.clear();
    tokens_[0].clear();
    tokens_[1].clear();
}

std::uint32_t Objects::live(std::uint32_t kind, std::size_t back) const {
    const auto fits = [&](const Object &object) { return kind == 0 || object.kind == kind; };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(live_, fits));

    if (count == 0)
        return 0;
    back %= count;
    const auto found = std::find_if(live_.rbegin(), live_.rend(), [&](const Object &object) {
        return fits(object) && back-- == 0;
    });
    return found->id;
}

std::uint32_t Objects::gone(std::size_t back) const {
    return back_from_end(gone_, back);
}

std::uint32_t Objects::token(bool remote, std::size_t back) const {
    return back_from_end(tokens_[remote], back);
}

std::uint32_t Values::id(const Field &field, Choice choice) const {
    if (!odd(choice)) {
        // Rule 0 leaves out what is left out by default, others do not.
        if (field.b && choice.rule == 0)
            return choice.arg ? objects_.live(field.a, choice.arg - 1U) : 0;
        return objects_.live(field.a, choice.arg);
    }
    switch (odd_kind(choice) % 6) {
    case 0:
        return objects_.live(0, choice.arg);
    case 1:
        return objects_.gone(choice.arg);
    case 2:
        return 0;
    case 3:
        return choice.arg;
    case 4:
        return 0xffff'ffff - choice.arg;
    default:
        return other_.live(field.a, choice.arg);
    }
}

std::uint64_t Values::scalar(const Field &field, Choice choice) const {
    const std::uint64_t arg = choice.arg;
    constexpr std::array<std::uint64_t, 16> extremes = {
        0xffff'ffff,
        0x8000'0000,
        0x7fff'ffff,
        0x1'0000'0000,
        0xffff'ffff'ffff'ffff,
        0x8000'0000'0000'0000,
        0x7fff'ffff'ffff'ffff,
        0xffff'ffff'ffff'f000,
        0xffff'f000,
        page_size + 1,
        page_size - 1,
        0x10000,
        0xffff,
        1 << 20,
        1 << 28,
        0,
    };

    if (odd(choice))
        return extremes[odd_kind(choice)] + arg;
    switch (choice.rule) {
    case 1:
        return arg;
    case 2:
        return arg << 8;
    case 3:
        return arg << 12;
    case 4:
        return field.a - arg;
    case 5:
        return field.a * (arg + 1);
    default:
        return field.a + arg;
    }
}

std::uint64_t Values::flags(const Field &field, Choice choice) const {
    if (odd(choice))
        return std::uint64_t{1} << (choice.arg % 32);
    switch (choice.rule) {
    case 1:
        return choice.arg & field.b;
    case 2:
        return (std::uint64_t{choice.arg} << 2) & field.b;
    default:
        return (field.a ^ choice.arg) & field.b;
    }
}

std::uint32_t Values::token(const Field &field, Choice choice) const {
    if (!odd(choice))
        return objects_.token((field.a != 0) != (choice.rule == 1), choice.arg);
    switch (odd_kind(choice) % 3) {
    case 0:
        return choice.arg;
    case 1:
        return other_.token(field.a, choice.arg);
    default:
        return objects_.token(field.a, 0) + choice.arg;
    }
}

std::uint64_t Values::memory(Choice choice) const {
    if (odd(choice))
        return arena_.odd_place(odd_kind(choice)) + choice.arg / 2;
    switch (choice.rule) {
    case 1:
        return arena_.place(0, choice.arg);
    case 2:
        return arena_.place(choice.arg, page_size - 8);
    default:
        return arena_.place(choice.arg);
    }
}

// All entries are alike but for the address; how many count, says another field.
std::uint64_t Values::sgl(Choice choice) {
    constexpr Field local{"", 0, 4, What::token};
    const auto address = reinterpret_cast<std::uint64_t>(sgl_.data());

    for (std::size_t i = 0; i < sgl_.size(); ++i) {
        auto &sge = sgl_[i];

        sge = {};
        sge.addr = arena_.place(choice.rule == 1 ? choice.arg : 0, 64 * i);
        sge.length = 64;
        sge.token = token(local, {});
        switch (choice.rule) {
        case 2: // a LAM by the privileged token
            sge.addr = choice.arg * 64ULL;
            sge.token = objects_.live(NDK_KIND_LAM, i);
            sge.sge_flags = NDK_SGE_PRIVILEGED;
            break;
        case 3:
            sge.length = static_cast<std::uint32_t>(choice.arg) << 8;
            break;
        case 4:
            sge.length = choice.arg;
            break;
        case 5:
            sge.token = objects_.token(false, choice.arg);
            break;
        default:
            break;
        }
    }
    if (!odd(choice))
        return address;
    switch (odd_kind(choice)) {
    case 0:
        sgl_[0].sge_flags = choice.arg;
        return address;
    case 1:
        sgl_[0].__reserved = choice.arg;
        return address;
    case 2:
        sgl_[0].length = 0xffff'ffff - choice.arg;
        return address;
    case 3:
        sgl_[0].token = choice.arg;
        return address;
    case 4:
        sgl_[0].addr = 0xffff'ffff'ffff'ffff - choice.arg;
        return address;
    case 5:
        return arena_.before_hole(choice.arg);
    default:
        return arena_.odd_place(odd_kind(choice));
    }
}

ndk_address Values::address(const Field &field, Choice choice) const {
    static const auto ipv4 = environment("IPV4", "10.77.0.1");
    static const auto ipv6 = environment("IPV6", "fd77::1");
    const auto port = static_cast<std::uint16_t>(choice.arg == 255 ? 0 : first_port + choice.arg);
    ndk_address to{};

    if (odd(choice)) {
        put_ipv4(to, ipv4, port);
        switch (odd_kind(choice) % 6) {
        case 0:
            to.length = choice.arg;
            break;
        case 1:
            to.__reserved = choice.arg;
            break;
        case 2:
            to.data[0] = choice.arg; // the family
            break;
        case 3:
            put_ipv4(to, "10.77.0.99", port); // nobody
            break;
        case 4:
            put_ipv4(to, "224.0.0.1", port);
            break;
        default:
            put_ipv4(to, ipv4, choice.arg);
            break;
        }
        return to;
    }
    switch (choice.rule) {
    case 0:
        if (field.a == 0)
            put_ipv4(to, ipv4, port);
        break;
    case 1:
        put_ipv6(to, ipv6, port);
        break;
    case 2:
        put_ipv4(to, "0.0.0.0", port);
        break;
    case 3:
        put_ipv6(to, "::", port);
        break;
    case 4:
        put_ipv4(to, "127.0.0.1", port);
        break;
    default:
        put_ipv4(to, ipv4, port);
        break;
    }
    return to;
}

std::uint64_t Values::number(const Field &field, Choice choice) {
    switch (field.what) {
    case What::id:
        return id(field, choice);
    case What::number:
        return scalar(field, choice);
    case What::flags:
        return flags(field, choice);
    case What::token:
        return token(field, choice);
    case What::memory:
        return memory(choice);
    case What::sgl:
        return sgl(choice);
    default:
        return 0;
    }
}

void Values::fill(const Step &step, std::span<std::byte> command) {
    const auto fields = commands()[step.command].fields;

    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto &field = fields[i];
        const auto choice = step.choices[i];
        auto *const to = command.data() + field.offset;

        if (!field.chosen())
            continue;
        if (field.what == What::name) {
            char name[NDK_NAME_MAX]{};
            put_name(name, choice);
            std::memcpy(to, name, sizeof(name));
        } else if (field.what == What::guid) {
            std::uint8_t guid[16];
            put_guid(guid, choice);
            std::memcpy(to, guid, sizeof(guid));
        } else if (field.what == What::address) {
            const auto value = address(field, choice);
            std::memcpy(to, &value, sizeof(value));
        } else {
            // little endian: the low bytes come first
            const auto value = number(field, choice);
            std::memcpy(to, &value, std::min<std::size_t>(field.size, sizeof(value)));
        }
    }
}

} // namespace ndk_fuzz
