// SPDX-License-Identifier: GPL-2.0-only
// Fixture and building blocks of all tests that need the kernel.
#pragma once

#include "leftovers.hpp"

#include <ndk/ndk.hpp>
#include <ndk/ndk_ioctl.h>

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <initializer_list>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace ndk_test {

using namespace std::chrono_literals;

constexpr std::size_t page_size = 4096;
/// Long enough for a slow machine; only a failing test ever waits for it.
constexpr auto patience = 30s;

/// Where the tests run; from NDK_TEST_ADAPTER, _ADDR4 and _ADDR6.
struct Place {
    std::string device;
    std::string adapter;
    std::string address4;
    std::string address6;
};
const Place &place();

/// Another RDMA device, on a network interface of its own, for the time of a test.
class OtherDevice {
  public:
    OtherDevice();
    ~OtherDevice();
    OtherDevice(const OtherDevice &) = delete;
    OtherDevice &operator=(const OtherDevice &) = delete;

    [[nodiscard]] const char *name() const noexcept { return "rxe_other"; }
};

/// A number from the environment, for tests that can take longer.
unsigned configured(const char *name, unsigned otherwise);

/// The value, or an exception with the whole message, which fails the test.
template <class T> T must(ndk::Result<T> result) {
    if (!result)
        throw std::runtime_error(result.error().message());
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

/// The status of a refused request; success for one that was not refused. An
/// errno is an exception: the door failed, not NDKPI.
template <class T> ndk::Status status_of(const ndk::Result<T> &result) {
    if (result)
        return ndk::Status::success;
    if (!result.error().status())
        throw std::runtime_error(result.error().message());
    return *result.error().status();
}

/// The errno of a request that the door refused; 0 otherwise.
template <class T> int errno_of(const ndk::Result<T> &result) {
    if (result || result.error().status())
        return 0;
    return result.error().code().value();
}

/// Anonymous pages with a recognisable content.
class Buffer {
  public:
    explicit Buffer(std::size_t size, std::uint8_t seed = 0);
    Buffer(Buffer &&other) noexcept;
    Buffer &operator=(Buffer &&) = delete;
    ~Buffer();

    [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::span<std::byte> bytes(std::size_t at, std::size_t length) const {
        return bytes_.subspan(at, length);
    }
    /// A content that differs with the seed, from byte to byte and from page to
    /// page.
    void fill(std::uint8_t seed) { fill(bytes_, seed); }
    static void fill(std::span<std::byte> bytes, std::uint8_t seed);

  private:
    std::span<std::byte> bytes_;
};

/// Says where two ranges differ first; empty when they are equal.
std::string difference(std::span<const std::byte> got, std::span<const std::byte> wanted);

#define EXPECT_SAME_BYTES(got, wanted) EXPECT_EQ(::ndk_test::difference(got, wanted), "")

/// What the sessions of ends make their system calls with; null: the kernel.
std::shared_ptr<ndk::SystemCalls> &session_calls();

struct EndOptions {
    ndk::QueuePairOptions qp{.receive_queue_depth = 64,
                             .initiator_queue_depth = 64,
                             .max_receive_request_sge = 2,
                             .max_initiator_request_sge = 2,
                             .inline_data_size = 64};
    std::uint32_t cq_depth = 256;
    ndk::Version version{2, 0};
};

/// One end of a connection with everything above it.
class End {
  public:
    explicit End(const EndOptions &options = {});

    /// The next completion of the initiator queue or of a receive.
    ndk::Completion next();
    ndk::Completion next_receive();
    /// The status of the next completion of the initiator queue.
    ndk::Status done() { return next().status; }
    /// A new queue pair, for another connection in the same domain.
    void renew();

    EndOptions options;
    ndk::Session session;
    ndk::Adapter adapter;
    ndk::ProtectionDomain pd;
    ndk::CompletionQueue receives;
    ndk::CompletionQueue initiator;
    ndk::QueuePair qp;
    ndk::Connector connector;
    bool disconnected = false;

  private:
    ndk::Completion one(ndk::CompletionQueue &queue, const char *what);
};

/// Dispatches the sessions until the condition holds; false when it does not in
/// time.
bool drive(std::initializer_list<ndk::Session *> sessions, const std::function<bool()> &condition,
           std::chrono::milliseconds timeout = patience);

/// Connects @p a to @p b. Throws when that fails.
void connect(End &a, End &b, const std::string &address = place().address4);

/// Two connected ends.
struct Pair {
    explicit Pair(const EndOptions &options = {}, const std::string &address = place().address4);
    End a, b;
};

/// Memory registered with NdkRegisterMr.
class NormalRegion {
  public:
    NormalRegion(End &end, std::size_t size, ndk::MrAccess access, std::uint8_t seed = 0);

    [[nodiscard]] std::uint32_t local() const noexcept { return tokens.local; }
    [[nodiscard]] ndk::RemoteMemory remote(std::size_t at = 0) const noexcept {
        return {memory.address() + at, tokens.remote};
    }
    [[nodiscard]] ndk::Sge piece(std::size_t at, std::size_t length) const {
        return ndk::Sge::of(buffer.bytes(at, length), tokens.local);
    }

    Buffer buffer;
    ndk::Memory memory;
    ndk::MemoryRegion mr;
    ndk::Tokens tokens;
};

/// Memory with an LAM and an initialised fast region for all of it.
class FastRegion {
  public:
    FastRegion(End &end, std::size_t pages, std::uint8_t seed = 0,
               ndk::RemoteAccess access = ndk::RemoteAccess::allowed);

    /// Arguments to register all of it at its own address.
    [[nodiscard]] ndk::FastRegistration whole(ndk::OpFlags flags) const;
    [[nodiscard]] ndk::RemoteMemory remote(std::size_t at = 0) const noexcept {
        return {memory.address() + at, tokens.remote};
    }
    /// Registers all of it and waits until that is done.
    void registered(End &end, ndk::OpFlags flags);
    void invalidated(End &end);

    Buffer buffer;
    ndk::Memory memory;
    ndk::LogicalAddressMapping lam;
    ndk::MemoryRegion mr;
    ndk::Tokens tokens;
};

constexpr auto all_access = ndk::MrAccess::local_write | ndk::MrAccess::remote_read |
                            ndk::MrAccess::remote_write | ndk::MrAccess::rdma_read_sink;
constexpr auto sink_access = ndk::MrAccess::local_write | ndk::MrAccess::rdma_read_sink;
constexpr auto remote_all = ndk::OpFlags::allow_remote_read | ndk::OpFlags::allow_remote_write;

/// Reads from the peer and answers how that ended.
ndk::Status read(End &end, std::span<const ndk::Sge> pieces, ndk::RemoteMemory remote);
ndk::Status write(End &end, std::span<const ndk::Sge> pieces, ndk::RemoteMemory remote);

/// A send of @p from and its receive at @p to work, so the connection lives.
void expect_alive(End &from, End &to);

/// What the machine holds because of us, to be as before after each test.
struct Held {
    ndkctl::Holdings rdma;
    long module_references = 0;
};
Held held();
/// What is held now; a failure for each thing that was not before.
Held expect_nothing_left(const Held &before);

/// Runs @p body in a process without a capability (CAP_*); its answer is the
/// exit code.
int without_capability(unsigned capability, const std::function<int()> &body);

/// Runs @p body in a process of its own; its answer is the exit code.
int in_child(const std::function<int()> &body);

/// Base of all fixtures: each test must leave nothing behind. Looked at before
/// the members of a fixture are made and after they are gone.
class SystemTest : public testing::Test {
  protected:
    SystemTest();
    ~SystemTest() override;

    /// A test that hangs is killed after so long, so that it fails by name.
    static void hang_after(std::chrono::seconds time);

  private:
    Held before_;
};

} // namespace ndk_test
