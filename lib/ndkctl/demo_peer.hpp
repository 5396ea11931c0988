// SPDX-License-Identifier: MIT
// The second process of the demonstration: it has no memory of the first one
// but through RDMA.
#pragma once

#include "demo_node.hpp"

#include <atomic>
#include <nlohmann/json.hpp>

namespace ndkctl::demo {

/// In memory that both processes share, only to show how far the peer is.
struct Progress {
    std::atomic<std::uint64_t> read = 0;
    std::atomic<std::uint64_t> written = 0;
};

struct PeerOptions {
    std::string device;
    std::string adapter;
    ndk::Address owner;
    std::size_t size = 0;
    std::chrono::milliseconds timeout{};
};

/// Answers "sha256", "past_end" and "stale" (statuses as numbers).
nlohmann::ordered_json run_peer(const PeerOptions &options, Progress &progress);

} // namespace ndkctl::demo
