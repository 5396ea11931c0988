// SPDX-License-Identifier: MIT
// The first process of the demonstration: it has the file and registers it.
#pragma once

#include "demo_node.hpp"

#include <memory>
#include <vector>

namespace ndkctl::demo {

class Owner {
  public:
    Owner(const std::string &device, const std::string &adapter, std::span<const std::byte> file,
          std::chrono::milliseconds timeout);

    /// How the first region was initialised.
    struct Initialised {
        std::uint32_t pages = 0;
        bool pended = false;
        std::uint32_t token = 0;
    };

    [[nodiscard]] const ndk::AdapterInfo &info() const noexcept { return node_.info; }
    Initialised initialise();
    /// Where the peer must connect to.
    ndk::Address listen(const ndk::Address &address);
    /// Gives the peer the file, window by window, and gets it back.
    void transfer(const Link::Idle &idle);
    /// Lets the peer read outside the region.
    void offer_past_end(const Link::Idle &idle);
    /// Lets the peer read after the region was invalidated.
    void offer_stale(const Link::Idle &idle);
    /// What the peer wrote back.
    [[nodiscard]] std::span<const std::byte> written_back() const noexcept {
        return back_.bytes().first(size_);
    }
    /// Closes every object, parents before their children, and waits for all.
    /// Answers how many there were.
    std::size_t close_parent_first();

  private:
    struct Window {
        ndk::MemoryRegion region;
        ndk::Tokens tokens;
    };

    ndk::MemoryRegion new_region();
    std::unique_ptr<Link> &accept(const Link::Idle &idle);
    void fast_register(Link &link, const ndk::MemoryRegion &region,
                       const ndk::LogicalAddressMapping &lam, const Pages &pages, std::size_t at,
                       std::size_t length, ndk::OpFlags flags);
    void offer_and_wait(Link &link, Message::Kind kind, const ndk::MemoryRegion &region,
                        const Link::Idle &idle);

    std::chrono::milliseconds timeout_;
    std::size_t size_;
    Pages source_;
    Pages back_;
    Node node_;
    ndk::Memory source_memory_;
    ndk::Memory back_memory_;
    ndk::LogicalAddressMapping source_lam_;
    ndk::LogicalAddressMapping back_lam_;
    std::vector<ndk::MemoryRegion> regions_;
    ndk::Listener listener_;
    std::vector<ndk::Connector> callers_;
    std::vector<std::unique_ptr<Link>> links_;
};

} // namespace ndkctl::demo
