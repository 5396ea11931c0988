// SPDX-License-Identifier: MIT
// What both processes of the demonstration are made of.
#pragma once

#include <ndk/ndk.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <fmt/core.h>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>

namespace ndkctl::demo {

/// What went wrong, for people.
class Failure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

template <class T> T need(ndk::Result<T> result) {
    if (!result)
        throw Failure(result.error().message());
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

/// Anonymous pages of this process.
class Pages {
  public:
    explicit Pages(std::size_t size);
    Pages(const Pages &) = delete;
    Pages &operator=(const Pages &) = delete;
    ~Pages();

    [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }

  private:
    std::span<std::byte> bytes_;
};

/// What the owner of the memory tells its peer, and back.
struct Message {
    enum class Kind : std::uint32_t { window = 1, done, read_past_end, read_stale, finish };

    Kind kind{};
    std::uint32_t read_token = 0;
    std::uint64_t read_address = 0;
    std::uint64_t length = 0;
    std::uint64_t write_address = 0;
    std::uint32_t write_token = 0;
    std::uint32_t reserved = 0;
};

/// An adapter opened by one process.
struct Node {
    Node(const std::string &device, const std::string &adapter_name);

    ndk::Session session;
    ndk::Adapter adapter;
    ndk::AdapterInfo info;
    ndk::ProtectionDomain pd;
};

/// One connection with a page for its messages.
class Link {
  public:
    using Idle = std::function<void()>;

    Link(Node &node, std::chrono::milliseconds timeout);

    /// Sends and waits until the peer has it.
    void send(const Message &message);
    /// Waits for a message; calls @p idle now and then.
    Message receive(const Idle &idle = {});
    /// Waits for one completion of the initiator queue, whatever its status.
    ndk::Completion next();
    /// As next(), but a failure ends the demonstration.
    void done();

    ndk::QueuePair qp;
    ndk::Connector connector;
    ndk::CompletionQueue receives;
    ndk::CompletionQueue initiator;

  private:
    friend class Closing;
    void expect_message();

    Node &node_;
    std::chrono::milliseconds timeout_;
    Pages page_;
    ndk::Memory memory_;

  public:
    ndk::MemoryRegion mailbox; // after the memory that it registers
};

} // namespace ndkctl::demo
