// SPDX-License-Identifier: MIT
/// @file
/// What all handles have in common.
#pragma once

#include <ndk/adapter_info.hpp>
#include <ndk/async.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace ndk {

namespace detail {

class Channel;

/// Owns one id of an open file. Closing it twice is not possible.
class Ref {
  public:
    Ref() noexcept = default;
    Ref(std::shared_ptr<Channel> channel, std::uint32_t id) noexcept;
    Ref(Ref &&other) noexcept;
    Ref &operator=(Ref &&other) noexcept;
    ~Ref();

    [[nodiscard]] const std::shared_ptr<Channel> &channel() const noexcept { return channel_; }
    [[nodiscard]] std::uint32_t id() const noexcept { return id_; }
    /// Gives the id up without closing it.
    std::uint32_t release() noexcept { return std::exchange(id_, 0); }

  private:
    void drop() noexcept;

    std::shared_ptr<Channel> channel_;
    std::uint32_t id_ = 0;
};

/// Owns the handler of one kind of event; no call starts after it is gone.
class Subscription {
  public:
    Subscription() noexcept = default;
    Subscription(std::shared_ptr<Channel> channel, std::uint64_t cookie) noexcept;
    Subscription(Subscription &&other) noexcept;
    Subscription &operator=(Subscription &&other) noexcept;
    ~Subscription();

    [[nodiscard]] std::uint64_t cookie() const noexcept { return cookie_; }

  private:
    void drop() noexcept;

    std::shared_ptr<Channel> channel_;
    std::uint64_t cookie_ = 0;
};

} // namespace detail

/// A GUID with its fields as published, for Object::query_extension().
struct Guid {
    std::uint32_t data1 = 0;
    std::uint16_t data2 = 0;
    std::uint16_t data3 = 0;
    std::array<std::uint8_t, 8> data4{};
};

/// Base of the handles of NDKPI objects. Move-only. A default-constructed or
/// moved-from handle names no object; every request on it fails with ENOENT.
///
/// The destructor closes without waiting: parents may be destroyed before
/// their children, the provider keeps each alive as long as needed. Use close()
/// to learn when the hardware has let go.
///
/// Thread safety: different handles may be used from different threads, and
/// one handle for several requests at once; moving, closing or destroying a
/// handle must not overlap with another use of it.
class Object {
  public:
    Object(Object &&) noexcept = default;
    Object &operator=(Object &&) noexcept = default;

    /// True while the handle names an object.
    [[nodiscard]] explicit operator bool() const noexcept { return ref_.id() != 0; }

    /// The id in ndk/ndk_ioctl.h's sense; 0 is none.
    [[nodiscard]] std::uint32_t id() const noexcept { return ref_.id(); }

    /// NdkClose*: the handle is empty at once, callbacks of the object end, and
    /// the answer comes when everything below the object is closed too. So
    /// close a parent last, or do not wait for it. Cannot be refused by NDKPI.
    [[nodiscard]] Async<void> close();

    /// NdkQueryExtension: whether the object has this extension interface.
    /// Status::not_supported if not.
    [[nodiscard]] Result<void> query_extension(const Guid &guid, Version version) const;

    /// The version in the object's header.
    [[nodiscard]] Result<Version> version() const;

    /// The last refusal that the provider recorded on this object, with its
    /// status; nothing when there was none. A failed create is on the parent.
    [[nodiscard]] Result<std::optional<Error>> last_refusal() const;

  protected:
    Object() noexcept = default;
    explicit Object(detail::Ref ref) noexcept : ref_(std::move(ref)) {}
    ~Object() = default;

    [[nodiscard]] const detail::Ref &ref() const noexcept { return ref_; }

  private:
    detail::Ref ref_;
};

} // namespace ndk
