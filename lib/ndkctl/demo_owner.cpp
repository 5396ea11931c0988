// SPDX-License-Identifier: MIT
#include "demo_owner.hpp"

#include <algorithm>
#include <cstring>

namespace ndkctl::demo {
namespace {

constexpr std::size_t page_size = 4096;

std::size_t whole_pages(std::size_t size) {
    return (size + page_size - 1) / page_size * page_size;
}

} // namespace

Owner::Owner(const std::string &device, const std::string &adapter, std::span<const std::byte> file,
             std::chrono::milliseconds timeout)
    : timeout_(timeout), size_(file.size()), source_(whole_pages(file.size())),
      back_(whole_pages(file.size())), node_(device, adapter),
      source_memory_(need(node_.session.pin(source_.bytes(), ndk::PinAccess::read_write))),
      back_memory_(need(node_.session.pin(back_.bytes(), ndk::PinAccess::read_write))),
      source_lam_(need(node_.adapter.build_lam(source_memory_).wait())),
      back_lam_(need(node_.adapter.build_lam(back_memory_).wait())) {
    std::ranges::copy(file, source_.bytes().begin());
}

Owner::Initialised Owner::initialise() {
    Initialised done{.pages = node_.info.frmr_page_count};
    std::optional<ndk::Result<void>> answer;

    regions_.push_back(need(node_.pd.create_memory_region(ndk::MrKind::fast).wait()));
    regions_[0].initialize(done.pages).then([&answer](ndk::Result<void> result) {
        answer = std::move(result);
    });
    done.pended = !answer.has_value();
    for (const auto end = std::chrono::steady_clock::now() + timeout_; !answer;) {
        need(node_.session.dispatch(std::chrono::milliseconds(100)));
        if (!answer && std::chrono::steady_clock::now() > end)
            throw Failure("NdkInitializeFastRegisterMr is not answered");
    }
    need(std::move(*answer));
    done.token = need(regions_[0].tokens()).remote;
    return done;
}

ndk::MemoryRegion Owner::new_region() {
    auto region = need(node_.pd.create_memory_region(ndk::MrKind::fast).wait());

    need(region.initialize(node_.info.frmr_page_count).wait());
    return region;
}

ndk::Address Owner::listen(const ndk::Address &address) {
    listener_ = need(node_.adapter
                         .create_listener([this](ndk::Connector connector) {
                             callers_.push_back(std::move(connector));
                         })
                         .wait());
    need(listener_.listen(address).wait());
    return need(listener_.local_address());
}

std::unique_ptr<Link> &Owner::accept(const Link::Idle &idle) {
    auto link = std::make_unique<Link>(node_, timeout_);

    for (const auto end = std::chrono::steady_clock::now() + timeout_; callers_.empty();) {
        need(node_.session.dispatch(std::chrono::milliseconds(100)));
        idle();
        if (callers_.empty() && std::chrono::steady_clock::now() > end)
            throw Failure("the peer does not connect");
    }
    link->connector = std::move(callers_.front());
    callers_.erase(callers_.begin());
    need(link->connector.accept(link->qp).wait());
    return links_.emplace_back(std::move(link));
}

void Owner::fast_register(Link &link, const ndk::MemoryRegion &region,
                          const ndk::LogicalAddressMapping &lam, const Pages &pages, std::size_t at,
                          std::size_t length, ndk::OpFlags flags) {
    need(link.qp.fast_register(
        0, region, lam,
        {.first_page = static_cast<std::uint32_t>(at / page_size),
         .page_count = static_cast<std::uint32_t>(whole_pages(length) / page_size),
         .fbo = 0,
         .length = length,
         .base_address = reinterpret_cast<std::uintptr_t>(pages.bytes().data() + at),
         .flags = flags}));
    link.done();
}

void Owner::transfer(const Link::Idle &idle) {
    auto &link = *accept(idle);
    const auto window = std::size_t{node_.info.frmr_page_count} * page_size;

    regions_.push_back(new_region());
    for (std::size_t at = 0; at < size_;) {
        const auto length = std::min(window, size_ - at);

        fast_register(link, regions_[0], source_lam_, source_, at, length,
                      ndk::OpFlags::allow_remote_read);
        fast_register(link, regions_[1], back_lam_, back_, at, length,
                      ndk::OpFlags::allow_remote_write);
        link.send({.kind = Message::Kind::window,
                   .read_token = need(regions_[0].tokens()).remote,
                   .read_address = reinterpret_cast<std::uintptr_t>(source_.bytes().data() + at),
                   .length = length,
                   .write_address = reinterpret_cast<std::uintptr_t>(back_.bytes().data() + at),
                   .write_token = need(regions_[1].tokens()).remote});
        link.receive(idle);
        for (std::size_t region = 0; region < 2; ++region) {
            need(link.qp.invalidate(0, regions_[region]));
            link.done();
        }
        at += length;
    }
    link.send({.kind = Message::Kind::finish});
}

void Owner::offer_and_wait(Link &link, Message::Kind kind, const ndk::MemoryRegion &region,
                           const Link::Idle &idle) {
    // Ends in the middle of a page, so that only the exact length protects.
    const auto length = std::min<std::size_t>(size_ - 1, 2 * page_size + 100);

    fast_register(link, region, source_lam_, source_, 0, length, ndk::OpFlags::allow_remote_read);
    link.send({.kind = kind,
               .read_token = need(region.tokens()).remote,
               .read_address = reinterpret_cast<std::uintptr_t>(source_.bytes().data()),
               .length = length});
    link.receive(idle);
}

void Owner::offer_past_end(const Link::Idle &idle) {
    auto &link = *accept(idle);

    regions_.push_back(new_region());
    offer_and_wait(link, Message::Kind::read_past_end, regions_.back(), idle);
    link.send({.kind = Message::Kind::finish});
}

void Owner::offer_stale(const Link::Idle &idle) {
    auto &link = *accept(idle);

    regions_.push_back(new_region());
    offer_and_wait(link, Message::Kind::read_stale, regions_.back(), idle);
    need(link.qp.invalidate(0, regions_.back()));
    link.done();
    link.send({.kind = Message::Kind::finish});
}

std::size_t Owner::close_parent_first() {
    std::size_t asked = 0;
    std::size_t answered = 0;
    const auto close = [&](auto &object) {
        ++asked;
        object.close().then([&answered](ndk::Result<void> result) {
            need(std::move(result));
            ++answered;
        });
    };

    close(node_.adapter);
    close(node_.pd);
    for (auto &link : links_) {
        close(link->receives);
        close(link->initiator);
    }
    close(listener_);
    for (auto &region : regions_)
        close(region);
    for (auto &link : links_) {
        close(link->mailbox);
        close(link->qp);
        close(link->connector);
    }
    // The adapter is gone only when nothing refers to it, mappings included.
    for (const auto end = std::chrono::steady_clock::now() + timeout_; answered < asked;) {
        if (source_lam_ && answered + 1 >= asked) {
            need(source_lam_.release());
            need(back_lam_.release());
        }
        need(node_.session.dispatch(std::chrono::milliseconds(100)));
        if (answered < asked && std::chrono::steady_clock::now() > end)
            throw Failure(fmt::format("{} of {} closes are answered", answered, asked));
    }
    if (source_lam_) {
        need(source_lam_.release());
        need(back_lam_.release());
    }
    need(source_memory_.unpin());
    need(back_memory_.unpin());
    links_.clear();
    need(node_.session.close());
    return asked;
}

} // namespace ndkctl::demo
