// SPDX-License-Identifier: MIT
/// @file
/// From a handle and a structure to a request.
#pragma once

#include "channel.hpp"

#include <ndk/object.hpp>

namespace ndk::detail {

inline Error no_object(std::string_view function) {
    return {std::error_code(ENOENT, std::system_category()), function,
            Refusal{.argument = "empty handle"}};
}

/// A command that does not pend, on the object of @p ref.
template <Command C>
Result<void> call(const Ref &ref, unsigned long number, C &command, std::string_view function) {
    if (!ref.channel() || ref.id() == 0)
        return std::unexpected(no_object(function));
    return ref.channel()->call(number, command, function);
}

/// A command that may pend and answers a status only.
template <Command C>
Async<void> request(const Ref &ref, unsigned long number, const C &command,
                    std::string_view function) {
    return Async<void>([channel = ref.id() == 0 ? nullptr : ref.channel(), number, command,
                        function](Mode mode, Callback<void> callback) {
        if (!channel)
            callback(std::unexpected(no_object(function)));
        else
            channel->start(mode, number, command, function, std::move(callback));
    });
}

/// A command that may pend and makes a T. @p make gets the channel and the
/// answer.
///
/// What waits for the answer must not keep the file open: nobody would be left
/// to dispatch it.
template <class T, Command C, class Make>
Async<T> request(const Ref &ref, unsigned long number, const C &command, std::string_view function,
                 Extract<C> extract, Make make) {
    return Async<T>([channel = ref.id() == 0 ? nullptr : ref.channel(), number, command, function,
                     extract, make = std::move(make)](Mode mode, Callback<T> callback) mutable {
        if (!channel)
            return callback(std::unexpected(no_object(function)));
        channel->start(mode, number, command, function, extract,
                       [weak = std::weak_ptr(channel), make = std::move(make),
                        callback = std::move(callback)](Result<Answer> answer) mutable {
                           if (answer)
                               callback(make(weak.lock(), *answer));
                           else
                               callback(std::unexpected(std::move(answer.error())));
                       });
    });
}

} // namespace ndk::detail
