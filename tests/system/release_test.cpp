// SPDX-License-Identifier: GPL-2.0-only
// Every request meets the release of the file that it is made through: it is still
// pending when the file is closed, it is made just then, or just after.
#include "system_test.hpp"

#include <atomic>
#include <cerrno>
#include <functional>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using namespace ndk_test;

enum class Order { request_first, release_first, at_once };

/// A connection, and a region for each request, in the state that it needs. Nobody
/// destroys it: its process ends.
struct Scene {
    Scene() {
        to_register.buffer.fill(1);
        valid.registered(pair.a, remote_all);
        invalidated_by_peer.registered(pair.a, remote_all);
        closed.registered(pair.a, remote_all);
        must(pair.a.qp.receive(1, {}));
    }

    Pair pair;
    ndk::MemoryRegion created = must(pair.a.pd.create_memory_region(ndk::MrKind::fast).wait());
    FastRegion ready{pair.a, 2};
    FastRegion valid{pair.a, 2};
    FastRegion invalidated_by_peer{pair.a, 2};
    FastRegion closed{pair.a, 2};
    FastRegion to_register{pair.a, 2}; // for its memory
    ndk::MemoryRegion unregistered =
        must(pair.a.pd.create_memory_region(ndk::MrKind::normal).wait());
    NormalRegion registered{pair.a, page_size, all_access};
};

/// The errno of a request whose answer does not matter, because nobody is left to
/// get it. That the provider refuses it does.
int begun(ndk::Async<void> request) {
    int error = 0;

    std::move(request).then([&error](const ndk::Result<void> &result) {
        if (!result)
            error = errno_of(result) != 0 ? errno_of(result) : -1;
    });
    return error;
}

int begun(const ndk::Result<void> &result) {
    return result ? 0 : errno_of(result) != 0 ? errno_of(result) : -1;
}

/// The same on the peer's end, whose file is released later: until then its connection is
/// found to have ended.
int begun_by_peer(const ndk::Result<void> &result) {
    if (!result && result.error().status() == ndk::Status::connection_invalid)
        return ENOTCONN;
    return begun(result);
}

struct Request {
    std::string name;
    std::function<int(Scene &)> make;
};

using Requests = std::vector<Request>;

/// Those that leave the connection alone meet the release together.
std::vector<Requests> requests() {
    return {
        {{"initialise", [](Scene &s) { return begun(s.created.initialize(16)); }},
         {"register",
          [](Scene &s) {
              return begun(s.unregistered.register_memory(s.to_register.memory, all_access));
          }},
         {"deregister", [](Scene &s) { return begun(s.registered.mr.deregister()); }},
         {"fast_register",
          [](Scene &s) {
              return begun(
                  s.pair.a.qp.fast_register(1, s.ready.mr, s.ready.lam, s.ready.whole(remote_all)));
          }},
         {"invalidate", [](Scene &s) { return begun(s.pair.a.qp.invalidate(1, s.valid.mr)); }},
         {"remote_invalidate",
          [](Scene &s) {
              return begun_by_peer(
                  s.pair.b.qp.send_and_invalidate(1, {}, s.invalidated_by_peer.tokens.remote));
          }},
         {"close_mr", [](Scene &s) { return begun(s.closed.mr.close()); }}},
        {{"close_qp", [](Scene &s) { return begun(s.pair.a.qp.close()); }}},
        {{"close_pd", [](Scene &s) { return begun(s.pair.a.pd.close()); }}},
        {{"flush", [](Scene &s) { return begun(s.pair.a.qp.flush()); }}},
        {{"disconnect", [](Scene &s) { return begun(s.pair.a.connector.disconnect()); }}},
    };
}

/// Both ends' files, as if the process had died.
void release(Scene &scene) {
    ::close(scene.pair.a.session.fd());
    ::close(scene.pair.b.session.fd());
}

/// In a process of its own. The answer is the number of the request that answered
/// what it must not, counted from 1.
int meet(const Requests &all, Order order, unsigned round) {
    // never destroyed: the library must not close the files again
    auto &scene = *new Scene; // NOLINT(cppcoreguidelines-owning-memory)
    std::vector<int> errors(all.size());
    const auto make = [&] {
        for (std::size_t i = 0; i < all.size(); ++i)
            errors[(i + round) % all.size()] = all[(i + round) % all.size()].make(scene);
    };

    switch (order) {
    case Order::request_first:
        make();
        release(scene);
        break;
    case Order::release_first:
        release(scene);
        make();
        break;
    case Order::at_once: {
        std::atomic<int> there = 0;
        std::thread other([&] {
            ++there;
            while (there < 2)
                ;
            make();
        });

        ++there;
        while (there < 2)
            ;
        for (std::atomic<unsigned> spins = 0; spins < round * 997 % 20'000; ++spins)
            ;
        release(scene);
        other.join();
        break;
    }
    }
    for (std::size_t i = 0; i < errors.size(); ++i) {
        const bool before = order != Order::release_first && errors[i] == 0;
        const bool after = order != Order::request_first && errors[i] == EBADF;
        const bool between = order == Order::at_once && errors[i] == ENOTCONN;

        if (!before && !after && !between) {
            ::fprintf(stderr, "%s: errno %d\n", all[i].name.c_str(), errors[i]);
            return static_cast<int>(i) + 1;
        }
    }
    return 0;
}

class Release : public SystemTest, public testing::WithParamInterface<Order> {};

TEST_P(Release, MeetsEveryRequest) {
    const auto rounds = configured("NDK_TEST_RELEASE_ROUNDS", 1);
    const auto before = held();

    for (unsigned round = 0; round < rounds; ++round) {
        for (const auto &together : requests()) {
            SCOPED_TRACE(testing::Message() << together.front().name << ", round " << round);
            hang_after(120s);
            EXPECT_EQ(in_child([&] { return meet(together, GetParam(), round); }), 0);
            expect_nothing_left(before);
            if (HasFailure())
                return;
        }
    }
    Pair pair; // and everything still works
    expect_alive(pair.a, pair.b);
}

INSTANTIATE_TEST_SUITE_P(Orders, Release,
                         testing::Values(Order::request_first, Order::release_first,
                                         Order::at_once),
                         [](const testing::TestParamInfo<Order> &info) {
                             switch (info.param) {
                             case Order::request_first:
                                 return "RequestFirst";
                             case Order::release_first:
                                 return "ReleaseFirst";
                             default:
                                 return "AtOnce";
                             }
                         });

} // namespace
