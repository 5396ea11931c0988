// SPDX-License-Identifier: GPL-2.0-only
/// @file
/// The memory that programs tell the door about, always at the same address:
///
///   writable pages | read-only pages | no access | file, and beyond its end | hole
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ndk_fuzz {

constexpr std::size_t page_size = 4096;

class Arena {
  public:
    Arena();
    ~Arena();
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;

    static constexpr std::size_t writable_pages = 64;

    /// A place in the writable pages.
    [[nodiscard]] std::uintptr_t place(std::size_t page, std::size_t offset = 0) const;

    /// An address that is wrong in one of several ways.
    [[nodiscard]] std::uintptr_t odd_place(unsigned which) const;

    /// The last @p size bytes before the hole, of which @p inside can be written.
    [[nodiscard]] std::uintptr_t before_hole(std::size_t inside) const;

    /// Memory that can be read and not written, with @p content.
    [[nodiscard]] void *read_only(std::span<const std::byte> content) const;

    void map(std::size_t page, std::size_t pages);
    void unmap(std::size_t page, std::size_t pages);
    void protect(std::size_t page, std::size_t pages);
    void discard(std::size_t page, std::size_t pages);

    /// As at the beginning.
    void restore();

  private:
    [[nodiscard]] void *at(std::size_t page) const;
    void fresh(std::size_t page, std::size_t pages) const;

    int file_;
    int constant_;
    bool changed_ = false;
};

} // namespace ndk_fuzz
