// SPDX-License-Identifier: MIT
#include "demo_peer.hpp"

#include "sha256.hpp"

#include <algorithm>

namespace ndkctl::demo {
namespace {

constexpr std::uint32_t piece_size = 64 << 10;
constexpr int most_outstanding = 16;

class Peer {
  public:
    Peer(const PeerOptions &options, Progress &progress)
        : options_(options), progress_(progress), node_(options.device, options.adapter),
          copy_(options.size),
          memory_(need(node_.session.pin(copy_.bytes(), ndk::PinAccess::read_write))),
          region_(need(node_.pd.create_memory_region(ndk::MrKind::normal).wait())) {
        need(region_
                 .register_memory(memory_,
                                  ndk::MrAccess::local_write | ndk::MrAccess::rdma_read_sink)
                 .wait());
        token_ = need(region_.tokens()).local;
    }

    nlohmann::ordered_json run() {
        nlohmann::ordered_json answer;

        transfer();
        answer["sha256"] = sha256(copy_.bytes().first(options_.size));
        answer["past_end"] = refused_read(Message::Kind::read_past_end, 1);
        answer["stale"] = refused_read(Message::Kind::read_stale, 0);
        return answer;
    }

  private:
    std::unique_ptr<Link> connect() {
        auto link = std::make_unique<Link>(node_, options_.timeout);

        link->connector = need(node_.adapter.create_connector().wait());
        need(link->connector.connect(link->qp, options_.owner.with_port(0), options_.owner).wait());
        need(link->connector.complete_connect().wait());
        return link;
    }

    /// Reads every window that the owner names and writes it back to where the
    /// owner wants it.
    void transfer() {
        const auto link = connect();
        std::size_t at = 0;

        for (;;) {
            const auto message = link->receive();
            if (message.kind == Message::Kind::finish)
                break;
            const auto window = copy_.bytes().subspan(at, message.length);
            in_pieces(*link, window, progress_.read,
                      [&](const ndk::Sge &piece, std::size_t offset) {
                          need(link->qp.read(0, {&piece, 1},
                                             {message.read_address + offset, message.read_token}));
                      });
            in_pieces(
                *link, window, progress_.written, [&](const ndk::Sge &piece, std::size_t offset) {
                    need(link->qp.write(0, {&piece, 1},
                                        {message.write_address + offset, message.write_token}));
                });
            at += message.length;
            link->send({.kind = Message::Kind::done});
        }
        if (at != options_.size)
            throw Failure(fmt::format("the owner named {} bytes of {}", at, options_.size));
    }

    template <class Post>
    void in_pieces(Link &link, std::span<std::byte> window, std::atomic<std::uint64_t> &counter,
                   Post post) {
        std::size_t posted = 0;
        std::size_t done = 0;

        for (int outstanding = 0; done < window.size();) {
            for (; posted < window.size() && outstanding < most_outstanding; ++outstanding) {
                const auto size = std::min<std::size_t>(piece_size, window.size() - posted);

                post(ndk::Sge::of(window.subspan(posted, size), token_), posted);
                posted += size;
            }
            link.done();
            --outstanding;
            const auto size = std::min<std::size_t>(piece_size, window.size() - done);
            done += size;
            counter += size;
        }
    }

    /// A new connection: one read that must succeed, then, when the owner says
    /// so, one that must not. Answers its status.
    std::int32_t refused_read(Message::Kind kind, std::uint64_t excess) {
        const auto link = connect();
        const auto message = link->receive();
        const auto read = [&](std::uint64_t length) {
            const auto piece = ndk::Sge::of(copy_.bytes().first(length), token_);

            need(link->qp.read(0, {&piece, 1}, {message.read_address, message.read_token}));
            return link->next().status;
        };

        if (message.kind != kind)
            throw Failure("the owner sent another message than expected");
        if (const auto status = read(message.length); status != ndk::Status::success)
            throw Failure("a read inside the region: " + to_string(status));
        link->send({.kind = Message::Kind::done});
        if (link->receive().kind != Message::Kind::finish)
            throw Failure("the owner sent another message than expected");
        return static_cast<std::int32_t>(read(message.length + excess));
    }

    const PeerOptions &options_;
    Progress &progress_;
    Node node_;
    Pages copy_;
    ndk::Memory memory_;
    ndk::MemoryRegion region_;
    std::uint32_t token_ = 0;
};

} // namespace

nlohmann::ordered_json run_peer(const PeerOptions &options, Progress &progress) {
    return Peer(options, progress).run();
}

} // namespace ndkctl::demo
