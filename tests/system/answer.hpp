// SPDX-License-Identifier: GPL-2.0-only
// What the door answers to a structure of the ioctl interface: all of it, so that
// a refusal is known by what it names and not by an errno that others share.
#pragma once

#include "system_test.hpp"

#include <cerrno>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <sys/ioctl.h>
#include <type_traits>
#include <vector>

namespace ndk_test {

/// An id that no object has: ids are given away from 1 on.
constexpr std::uint32_t no_id = 0x7fff'ffff;
/// An address at which nothing is mapped.
constexpr std::uint64_t no_address = 8;

struct Answer {
    int error = 0;                             // errno; 0: NDKPI was asked
    ndk::Status status = ndk::Status::success; // what it answered then
    std::string argument;                      // the rest is ndk_refusal_info
    std::uint64_t value = 0;
    std::uint64_t limit = 0;

    friend bool operator==(const Answer &, const Answer &) = default;
    friend std::ostream &operator<<(std::ostream &out, const Answer &a) {
        return out << "errno " << a.error << ", " << ndk::to_string(a.status) << ", \""
                   << a.argument << "\" is " << a.value << ", limit " << a.limit;
    }
};

inline const Answer accepted{};

/// Refused by the door.
inline Answer refused(int error, std::string argument, std::uint64_t value = 0,
                      std::uint64_t limit = 0) {
    return {error, ndk::Status::success, std::move(argument), value, limit};
}

/// Refused by NDKPI.
inline Answer refused(ndk::Status status, std::string argument, std::uint64_t value = 0,
                      std::uint64_t limit = 0) {
    return {0, status, std::move(argument), value, limit};
}

template <class C> Answer ask(const ndk::Session &session, unsigned long request, C &command) {
    const auto &why = command.hdr.out_refusal;
    Answer answer;

    command.hdr.size = sizeof(command);
    if (::ioctl(session.fd(), request, &command) != 0)
        answer.error = errno;
    EXPECT_EQ(why.status, command.hdr.out_status) << "it explains another answer";
    answer.status = static_cast<ndk::Status>(command.hdr.out_status);
    answer.argument = why.argument;
    answer.value = why.value;
    answer.limit = why.limit;
    return answer;
}

/// What is wrong with a command, and what it is to be answered.
template <class C> struct Mistake {
    std::function<void(C &)> make;
    Answer answer;
};

/// Makes each mistake in a command that is right otherwise; none creates anything.
template <class C>
void expect_refused(const ndk::Session &session, unsigned long request, const C &right,
                    const std::vector<Mistake<std::type_identity_t<C>>> &mistakes) {
    for (const auto &[make, answer] : mistakes) {
        C command = right;

        make(command);
        if constexpr (requires { command.out_id; })
            command.out_id = no_id;
        EXPECT_EQ(ask(session, request, command), answer);
        if constexpr (requires { command.out_id; }) {
            EXPECT_EQ(command.out_id, 0U) << answer;
        }
    }
}

/// The member must be the id of an object, and not of @p another.
template <class C>
void expect_id_checked(const ndk::Session &session, unsigned long request, const C &right,
                       std::uint32_t C::*member, const char *name, std::uint32_t another) {
    expect_refused(session, request, right,
                   {{[&](C &c) { c.*member = no_id; }, refused(ENOENT, name, no_id)},
                    {[&](C &c) { c.*member = another; }, refused(EINVAL, name, another)}});
}

} // namespace ndk_test
