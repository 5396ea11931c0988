// SPDX-License-Identifier: GPL-2.0-only
/// @file
/// From the choices of a program to the values in a command's struct.
#pragma once

#include "arena.hpp"
#include "program.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

namespace ndk_fuzz {

/// What is known of an open file of the door.
class Objects {
  public:
    void created(std::uint32_t id, std::uint32_t kind);
    void closed(std::uint32_t id);
    void add_token(std::uint32_t token, bool remote);
    void clear();

    /// The id of an object of @p kind, or of any with 0: the latest, the one
    /// before, ...; 0 if there is none.
    [[nodiscard]] std::uint32_t live(std::uint32_t kind, std::size_t back) const;
    [[nodiscard]] std::uint32_t gone(std::size_t back) const;
    [[nodiscard]] std::uint32_t token(bool remote, std::size_t back) const;

  private:
    struct Object {
        std::uint32_t id;
        std::uint32_t kind;
    };
    std::vector<Object> live_;
    std::vector<std::uint32_t> gone_;
    std::array<std::vector<std::uint32_t>, 2> tokens_;
};

/// Room for a scatter/gather list.
using SglRoom = std::array<ndk_sge, 64>;

class Values {
  public:
    /// @p other: another file, whose ids mean nothing here.
    Values(const Arena &arena, const Objects &objects, const Objects &other, SglRoom &sgl)
        : arena_(arena), objects_(objects), other_(other), sgl_(sgl) {}

    /// The number that a field stands for; not for names, addresses and GUIDs.
    [[nodiscard]] std::uint64_t number(const Field &field, Choice choice);

    /// Fills in all fields of a command's struct.
    void fill(const Step &step, std::span<std::byte> command);

  private:
    std::uint32_t id(const Field &field, Choice choice) const;
    std::uint64_t scalar(const Field &field, Choice choice) const;
    std::uint64_t flags(const Field &field, Choice choice) const;
    std::uint32_t token(const Field &field, Choice choice) const;
    std::uint64_t memory(Choice choice) const;
    std::uint64_t sgl(Choice choice);
    ndk_address address(const Field &field, Choice choice) const;

    const Arena &arena_;
    const Objects &objects_;
    const Objects &other_;
    SglRoom &sgl_;
};

} // namespace ndk_fuzz
