// SPDX-License-Identifier: GPL-2.0-only
// The device goes away: what it could reach is free, whatever was registered.
#include "system_test.hpp"

#include <cerrno>
#include <cstdlib>
#include <fmt/format.h>

namespace {

using namespace ndk_test;
using ndk::Status;

/// The device of the guest, which comes back as it was.
class Device {
  public:
    Device() = default;
    Device(const Device &) = delete;
    Device &operator=(const Device &) = delete;
    ~Device() {
        if (removed_) {
            EXPECT_EQ(rdma(fmt::format("add {} type rxe netdev {}", place().adapter, netdev())), 0);
        }
    }

    static std::string netdev() {
        const char *name = std::getenv("NETDEV");

        return name ? name : "";
    }
    void remove() {
        ASSERT_EQ(rdma(fmt::format("delete {}", place().adapter)), 0);
        removed_ = true;
    }

  private:
    static int rdma(const std::string &what) { return std::system(("rdma link " + what).c_str()); }

    bool removed_ = false;
};

class Removal : public SystemTest {
  protected:
    void SetUp() override {
        if (Device::netdev().empty())
            GTEST_SKIP() << "NETDEV does not name the network device of the adapter";
    }

    Device device_;
    Pair pair_;
    FastRegion fast_{pair_.a, 2, 1};
    NormalRegion normal_{pair_.a, page_size, all_access};
};

TEST_F(Removal, LetsGoOfWhatIsRegistered) {
    fast_.registered(pair_.a, remote_all);
    EXPECT_EQ(errno_of(fast_.lam.release()), EBUSY);
    EXPECT_EQ(errno_of(normal_.memory.unpin()), EBUSY);
    device_.remove();
    EXPECT_EQ(status_of(normal_.mr.deregister().wait()), Status::device_removed);
    must(normal_.memory.unpin());
    must(fast_.lam.release());
    must(fast_.memory.unpin());
}

} // namespace
