// SPDX-License-Identifier: GPL-2.0-only
#include "system_test.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <linux/capability.h>
#include <optional>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace ndk_test {
namespace {

std::string environment(const char *name, const char *otherwise) {
    const char *value = std::getenv(name);

    return value && *value ? value : otherwise;
}

ndk::Session open_session() {
    return must(ndk::Session::open(place().device, session_calls()));
}

long reference_count(const char *module) {
    std::ifstream file(std::string("/sys/module/") + module + "/refcnt");
    long count = -1;

    file >> count;
    return count;
}

} // namespace

const Place &place() {
    static const Place here{.device = environment("NDK_DEVICE", "/dev/ndk"),
                            .adapter = environment("NDK_TEST_ADAPTER", "rxe0"),
                            .address4 = environment("NDK_TEST_ADDR4", "10.77.0.1"),
                            .address6 = environment("NDK_TEST_ADDR6", "fd77::1")};
    return here;
}

OtherDevice::OtherDevice() {
    if (std::system("ip link add rxe_other type dummy && "
                    "rdma link add rxe_other type rxe netdev rxe_other"))
        throw std::runtime_error("no second RDMA device");
}

OtherDevice::~OtherDevice() {
    // What is left of it fails the suite.
    if (std::system("rdma link del rxe_other; ip link del rxe_other"))
        std::perror("rxe_other");
}

unsigned configured(const char *name, unsigned otherwise) {
    const char *value = std::getenv(name);

    return value ? static_cast<unsigned>(std::stoul(value)) : otherwise;
}

Buffer::Buffer(std::size_t size, std::uint8_t seed) {
    void *memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        throw std::system_error(errno, std::system_category(), "mmap");
    bytes_ = {static_cast<std::byte *>(memory), size};
    fill(seed);
}

Buffer::Buffer(Buffer &&other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Buffer::~Buffer() {
    if (!bytes_.empty())
        ::munmap(bytes_.data(), bytes_.size());
}

void Buffer::fill(std::span<std::byte> bytes, std::uint8_t seed) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(i * 7 + i / page_size * 31 + seed);
}

std::string difference(std::span<const std::byte> got, std::span<const std::byte> wanted) {
    if (got.size() != wanted.size())
        return "sizes differ";
    const auto [at, other] = std::ranges::mismatch(got, wanted);
    if (at == got.end())
        return "";
    return "byte " + std::to_string(at - got.begin()) + " of " + std::to_string(got.size()) +
           " is " + std::to_string(std::to_integer<int>(*at)) + ", not " +
           std::to_string(std::to_integer<int>(*other));
}

std::shared_ptr<ndk::SystemCalls> &session_calls() {
    static std::shared_ptr<ndk::SystemCalls> calls;

    return calls;
}

End::End(const EndOptions &wanted)
    : options(wanted), session(open_session()),
      adapter(must(session.open_adapter(place().adapter, options.version))),
      pd(must(adapter.create_protection_domain().wait())),
      receives(must(adapter.create_completion_queue(options.cq_depth).wait())),
      initiator(must(adapter.create_completion_queue(options.cq_depth).wait())),
      qp(must(pd.create_queue_pair(receives, initiator, options.qp).wait())) {}

void End::renew() {
    connector = {};
    qp = {};
    // What the old connection still delivers is nobody's.
    receives = must(adapter.create_completion_queue(options.cq_depth).wait());
    initiator = must(adapter.create_completion_queue(options.cq_depth).wait());
    qp = must(pd.create_queue_pair(receives, initiator, options.qp).wait());
    disconnected = false;
}

ndk::Completion End::one(ndk::CompletionQueue &queue, const char *what) {
    ndk::Completion completion;

    if (must(queue.collect({&completion, 1}, patience)) == 0)
        throw std::runtime_error(std::string("no completion of a ") + what);
    return completion;
}

ndk::Completion End::next() {
    return one(initiator, "request");
}

ndk::Completion End::next_receive() {
    return one(receives, "receive");
}

bool drive(std::initializer_list<ndk::Session *> sessions, const std::function<bool()> &condition,
           std::chrono::milliseconds timeout) {
    const auto end = std::chrono::steady_clock::now() + timeout;

    for (;;) {
        std::vector<pollfd> files;

        for (auto *session : sessions) {
            must(session->dispatch());
            files.push_back({.fd = session->fd(), .events = POLLIN, .revents = 0});
        }
        if (condition())
            return true;
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return false;
        ::poll(files.data(), files.size(), static_cast<int>(left.count()));
    }
}

void connect(End &a, End &b, const std::string &address) {
    std::optional<ndk::Result<void>> connected;
    std::optional<ndk::Result<void>> accepted;
    auto listener =
        must(b.adapter
                 .create_listener([&](ndk::Connector caller) {
                     b.connector = std::move(caller);
                     b.connector.accept(b.qp, {}, [&b](std::uint32_t) { b.disconnected = true; })
                         .then([&](auto result) { accepted = std::move(result); });
                 })
                 .wait());
    const auto local = must(ndk::Address::parse(address));

    must(listener.listen(local).wait());
    const auto destination = must(listener.local_address());
    a.connector = must(a.adapter.create_connector().wait());
    a.connector.connect(a.qp, local, destination).then([&](ndk::Result<void> result) {
        if (!result)
            connected = std::move(result);
        else
            a.connector.complete_connect([&a](std::uint32_t) { a.disconnected = true; })
                .then([&](auto last) { connected = std::move(last); });
    });
    if (!drive({&a.session, &b.session}, [&] { return connected && accepted; }))
        throw std::runtime_error("connecting takes too long");
    must(std::move(*connected));
    must(std::move(*accepted));
}

Pair::Pair(const EndOptions &options, const std::string &address) : a(options), b(options) {
    connect(a, b, address);
}

NormalRegion::NormalRegion(End &end, std::size_t size, ndk::MrAccess access, std::uint8_t seed)
    : buffer(size, seed), memory(must(end.session.pin(buffer.bytes(), ndk::PinAccess::read_write))),
      mr(must(end.pd.create_memory_region(ndk::MrKind::normal).wait())) {
    must(mr.register_memory(memory, access).wait());
    tokens = must(mr.tokens());
}

FastRegion::FastRegion(End &end, std::size_t pages, std::uint8_t seed, ndk::RemoteAccess access)
    : buffer(pages * page_size, seed),
      memory(must(end.session.pin(buffer.bytes(), ndk::PinAccess::read_write))),
      lam(must(end.adapter.build_lam(memory).wait())),
      mr(must(end.pd.create_memory_region(ndk::MrKind::fast).wait())) {
    must(mr.initialize(static_cast<std::uint32_t>(pages), access).wait());
    tokens = must(mr.tokens());
}

ndk::FastRegistration FastRegion::whole(ndk::OpFlags flags) const {
    return {.first_page = 0,
            .page_count = lam.page_count(),
            .fbo = 0,
            .length = memory.size(),
            .base_address = memory.address(),
            .flags = flags};
}

void FastRegion::registered(End &end, ndk::OpFlags flags) {
    must(end.qp.fast_register(1, mr, lam, whole(flags)));
    ASSERT_EQ(end.done(), ndk::Status::success);
}

void FastRegion::invalidated(End &end) {
    must(end.qp.invalidate(2, mr));
    ASSERT_EQ(end.done(), ndk::Status::success);
}

ndk::Status read(End &end, std::span<const ndk::Sge> pieces, ndk::RemoteMemory remote) {
    must(end.qp.read(3, pieces, remote));
    return end.done();
}

ndk::Status write(End &end, std::span<const ndk::Sge> pieces, ndk::RemoteMemory remote) {
    must(end.qp.write(4, pieces, remote));
    return end.done();
}

void expect_alive(End &from, End &to) {
    const NormalRegion sent(from, 64, ndk::MrAccess::local_write, 1);
    const NormalRegion received(to, 64, ndk::MrAccess::local_write, 2);
    const auto out = sent.piece(0, 64);
    const auto in = received.piece(0, 64);

    must(to.qp.receive(70, {&in, 1}));
    must(from.qp.send(71, {&out, 1}));
    EXPECT_EQ(from.done(), ndk::Status::success);
    const auto completion = to.next_receive();
    EXPECT_EQ(completion.status, ndk::Status::success);
    EXPECT_EQ(completion.bytes_transferred, 64U);
    EXPECT_EQ(completion.request_context, 70U);
    EXPECT_SAME_BYTES(received.buffer.bytes(), sent.buffer.bytes());
}

int in_child(const std::function<int()> &body) {
    const pid_t child = ::fork();

    if (child == 0) {
        try {
            ::_exit(body());
        } catch (const std::exception &error) {
            ::fprintf(stderr, "%s\n", error.what());
            ::_exit(98);
        }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + status;
}

int without_capability(unsigned capability, const std::function<int()> &body) {
    return in_child([&] {
        __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
        __user_cap_data_struct data[2]{};

        ::syscall(SYS_capget, &header, data);
        for (auto *word : {&data[0].effective, &data[0].permitted, &data[0].inheritable})
            *word &= ~(1U << capability);
        if (::syscall(SYS_capset, &header, data) != 0)
            return 99;
        return body();
    });
}

Held held() {
    return {.rdma = ndkctl::current_holdings(),
            .module_references = reference_count("ndk") + reference_count("ndk_ctl")};
}

Held expect_nothing_left(const Held &before) {
    auto now = held();

    for (const auto &line : ndkctl::left_behind(before.rdma, now.rdma))
        ADD_FAILURE() << "left behind: " << line;
    EXPECT_EQ(now.module_references, before.module_references) << "modules are still in use";
    return now;
}

void SystemTest::hang_after(std::chrono::seconds time) {
    ::alarm(static_cast<unsigned>(time.count()));
}

namespace {

/// What a test left the next one finds: rdma(8) is a process, which may take a second.
std::optional<Held> found;

} // namespace

SystemTest::SystemTest() : before_(found ? *found : held()) {
    hang_after(240s);
}

SystemTest::~SystemTest() {
    hang_after(60s);
    found = expect_nothing_left(before_);
    hang_after(0s);
}

} // namespace ndk_test
