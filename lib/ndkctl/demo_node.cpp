// SPDX-License-Identifier: MIT
#include "demo_node.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <system_error>

namespace ndkctl::demo {
namespace {

constexpr std::uint32_t queue_depth = 64;
constexpr std::size_t receive_at = 0;
constexpr std::size_t send_at = 1024;

ndk::Session open_session(const std::string &device) {
    return need(ndk::Session::open(device));
}

} // namespace

Pages::Pages(std::size_t size) {
    void *memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        throw std::system_error(errno, std::system_category(), "mmap");
    bytes_ = {static_cast<std::byte *>(memory), size};
}

Pages::~Pages() {
    ::munmap(bytes_.data(), bytes_.size());
}

Node::Node(const std::string &device, const std::string &adapter_name)
    : session(open_session(device)), adapter(need(session.open_adapter(adapter_name))),
      info(need(adapter.info())), pd(need(adapter.create_protection_domain().wait())) {}

Link::Link(Node &node, std::chrono::milliseconds timeout)
    : connector(), receives(need(node.adapter.create_completion_queue(queue_depth).wait())),
      initiator(need(node.adapter.create_completion_queue(queue_depth).wait())), node_(node),
      timeout_(timeout), page_(4096),
      memory_(need(node.session.pin(page_.bytes(), ndk::PinAccess::read_write))),
      mailbox(need(node.pd.create_memory_region(ndk::MrKind::normal).wait())) {
    need(mailbox.register_memory(memory_, ndk::MrAccess::local_write).wait());
    qp = need(
        node.pd
            .create_queue_pair(receives, initiator,
                               {.receive_queue_depth = 8, .initiator_queue_depth = queue_depth})
            .wait());
    expect_message();
}

void Link::expect_message() {
    const auto piece = ndk::Sge::of(page_.bytes().subspan(receive_at, sizeof(Message)),
                                    need(mailbox.tokens()).local);

    need(qp.receive(0, {&piece, 1}));
}

void Link::send(const Message &message) {
    const auto slot = page_.bytes().subspan(send_at, sizeof(message));
    const auto piece = ndk::Sge::of(slot, need(mailbox.tokens()).local);

    std::memcpy(slot.data(), &message, sizeof(message));
    need(qp.send(0, {&piece, 1}));
    done();
}

Message Link::receive(const Idle &idle) {
    const auto end = std::chrono::steady_clock::now() + timeout_;
    ndk::Completion completion;
    Message message;

    while (need(receives.collect({&completion, 1}, std::chrono::milliseconds(100))) == 0) {
        if (idle)
            idle();
        if (std::chrono::steady_clock::now() > end)
            throw Failure("no message from the peer");
    }
    if (!completion.ok())
        throw Failure("NdkReceive: " + to_string(completion.status));
    std::memcpy(&message, page_.bytes().data() + receive_at, sizeof(message));
    expect_message();
    return message;
}

ndk::Completion Link::next() {
    ndk::Completion completion;

    if (need(initiator.collect({&completion, 1}, timeout_)) == 0)
        throw Failure("a request does not complete");
    return completion;
}

void Link::done() {
    const auto completion = next();

    if (!completion.ok())
        throw Failure(fmt::format("request {:#x} completed with {}",
                                  std::to_underlying(completion.operation),
                                  to_string(completion.status)));
}

} // namespace ndkctl::demo
