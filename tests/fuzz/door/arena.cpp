// SPDX-License-Identifier: GPL-2.0-only
#include "arena.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>

namespace ndk_fuzz {
namespace {

constexpr std::uintptr_t base = 0x10'0000'0000;
constexpr std::size_t constant_page = Arena::writable_pages;
constexpr std::size_t closed_page = constant_page + 4;
constexpr std::size_t file_page = closed_page + 4;
constexpr std::size_t beyond_file_page = file_page + 4;
constexpr std::size_t edge_page = beyond_file_page + 4;
constexpr std::size_t hole_page = edge_page + 4;
constexpr std::size_t end_page = hole_page + 4;

int memory_file(const char *name, std::size_t pages) {
    const int fd = ::memfd_create(name, MFD_CLOEXEC);

    if (fd < 0 || ::ftruncate(fd, static_cast<off_t>(pages * page_size)) != 0)
        throw std::system_error(errno, std::system_category(), name);
    return fd;
}

void must_map(std::uintptr_t address, std::size_t pages, int protection, int flags, int fd) {
    if (::mmap(reinterpret_cast<void *>(address), pages * page_size, protection, flags | MAP_FIXED,
               fd, 0) == MAP_FAILED)
        throw std::system_error(errno, std::system_category(), "mmap of the arena");
}

} // namespace

Arena::Arena()
    : file_(memory_file("ndk_fuzz file", beyond_file_page - file_page)),
      constant_(memory_file("ndk_fuzz constant", closed_page - constant_page)) {
    constexpr int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    const auto address = [](std::size_t page) { return base + page * page_size; };

    must_map(base, end_page, PROT_NONE, anonymous | MAP_NORESERVE, -1);
    fresh(0, writable_pages);
    must_map(address(constant_page), closed_page - constant_page, PROT_READ, MAP_SHARED, constant_);
    must_map(address(file_page), edge_page - file_page, PROT_READ | PROT_WRITE, MAP_SHARED, file_);
    fresh(edge_page, hole_page - edge_page);
    ::munmap(at(hole_page), (end_page - hole_page) * page_size);
}

Arena::~Arena() {
    ::munmap(at(0), end_page * page_size);
    ::close(file_);
    ::close(constant_);
}

void *Arena::at(std::size_t page) const {
    return reinterpret_cast<void *>(base + page * page_size);
}

void Arena::fresh(std::size_t page, std::size_t pages) const {
    must_map(base + page * page_size, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
             -1);
}

std::uintptr_t Arena::place(std::size_t page, std::size_t offset) const {
    return base + (page % writable_pages) * page_size + offset;
}

std::uintptr_t Arena::odd_place(unsigned which) const {
    const auto page = [](std::size_t n) { return base + n * page_size; };
    const std::array<std::uintptr_t, 12> places = {
        0,
        1,
        page(constant_page),
        page(closed_page),
        page(file_page),
        page(beyond_file_page) - 8, // ends with SIGBUS
        page(hole_page) - 8,
        page(hole_page),
        page(writable_pages) - 8,
        0x7fff'ffff'f000,
        0xffff'8880'0000'0000,
        ~std::uintptr_t{0} - 7,
    };

    return places[which % places.size()];
}

std::uintptr_t Arena::before_hole(std::size_t inside) const {
    return base + hole_page * page_size - inside;
}

void *Arena::read_only(std::span<const std::byte> content) const {
    if (::pwrite(constant_, content.data(), content.size(), 0) !=
        static_cast<ssize_t>(content.size()))
        throw std::system_error(errno, std::system_category(), "read-only page");
    return at(constant_page);
}

void Arena::map(std::size_t page, std::size_t pages) {
    page %= writable_pages;
    fresh(page, std::min(pages, writable_pages - page));
}

void Arena::unmap(std::size_t page, std::size_t pages) {
    page %= writable_pages;
    // The hole stays ours: nothing else must be mapped there.
    ::mprotect(at(page), std::min(pages, writable_pages - page) * page_size, PROT_NONE);
    ::madvise(at(page), std::min(pages, writable_pages - page) * page_size, MADV_DONTNEED);
    changed_ = true;
}

void Arena::protect(std::size_t page, std::size_t pages) {
    page %= writable_pages;
    ::mprotect(at(page), std::min(pages, writable_pages - page) * page_size, PROT_READ);
    changed_ = true;
}

void Arena::discard(std::size_t page, std::size_t pages) {
    page %= writable_pages;
    ::madvise(at(page), std::min(pages, writable_pages - page) * page_size, MADV_DONTNEED);
}

void Arena::restore() {
    if (changed_)
        fresh(0, writable_pages);
    changed_ = false;
}

} // namespace ndk_fuzz
