// SPDX-License-Identifier: GPL-2.0-only
// A kernel that follows a script.
#pragma once

#include <ndk/ndk.hpp>
#include <ndk/ndk_ioctl.h>

#include <cstring>
#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <mutex>
#include <vector>

namespace ndk_test {

/// Each ioctl must be the next of the script, except closes of forgotten
/// handles, which are recorded. Reads give the events that were put there.
class ScriptedCalls : public ndk::SystemCalls {
  public:
    static constexpr int fd = 77;

    ~ScriptedCalls() override {
        EXPECT_TRUE(script_.empty()) << script_.size() << " ioctls were expected and not made";
    }

    /// The next ioctl must be @p request. @p play sees the structure, may write
    /// to it, and answers an errno or 0.
    template <class C> void on(unsigned long request, std::function<int(C &)> play) {
        script_.push_back({request, [play = std::move(play)](void *argument) {
                               auto &command = *static_cast<C *>(argument);
                               EXPECT_EQ(command.hdr.size, sizeof(C));
                               return play(command);
                           }});
    }

    /// The next ioctl must be @p request and answers @p status.
    template <class C> void answer(unsigned long request, ndk::Status status) {
        on<C>(request, [status](C &command) {
            command.hdr.out_status = static_cast<NTSTATUS>(status);
            return 0;
        });
    }

    void put(const ndk_event &event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(event);
    }

    /// The next calls of open, read and wait_readable first fail like this.
    std::deque<int> open_errors, read_errors, poll_errors;
    std::size_t most_events_per_read = 16;
    std::vector<std::uint32_t> abandoned; // ids closed by destructors
    std::vector<std::uint32_t> unpinned;
    std::vector<std::uint32_t> released;
    std::vector<std::string> opened;
    int closes = 0;
    int unpin_error = 0;

    Answer<int> open(const std::string &path) override {
        opened.push_back(path);
        if (const int error = pop(open_errors))
            return fail(error);
        return fd;
    }

    Answer<void> close(int which) override {
        EXPECT_EQ(which, fd);
        ++closes;
        return {};
    }

    Answer<void> ioctl(int which, unsigned long request, void *argument) override {
        EXPECT_EQ(which, fd);
        if (const auto quiet = forgotten(request, argument))
            return *quiet ? fail(*quiet) : Answer<void>();
        if (script_.empty() || script_.front().request != request) {
            ADD_FAILURE() << "unexpected ioctl 0x" << std::hex << request;
            return fail(EIO);
        }
        const auto step = std::move(script_.front());
        script_.pop_front();
        if (const int error = step.play(argument))
            return fail(error);
        return {};
    }

    Answer<std::size_t> read(int which, std::span<std::byte> buffer) override {
        const std::lock_guard lock(mutex_);
        std::size_t bytes = 0;

        EXPECT_EQ(which, fd);
        if (const int error = pop(read_errors))
            return fail(error);
        for (std::size_t n = 0; n < most_events_per_read && !events_.empty(); ++n) {
            const auto event = events_.front();

            if (bytes + event.size > buffer.size())
                break;
            std::memcpy(buffer.data() + bytes, &event,
                        std::min<std::size_t>(event.size, sizeof(event)));
            bytes += event.size;
            events_.pop_front();
        }
        if (bytes == 0)
            return fail(EAGAIN);
        return bytes;
    }

    Answer<bool> wait_readable(int which, std::chrono::milliseconds) override {
        const std::lock_guard lock(mutex_);

        EXPECT_EQ(which, fd);
        if (const int error = pop(poll_errors))
            return fail(error);
        return !events_.empty();
    }

  private:
    struct Step {
        unsigned long request;
        std::function<int(void *)> play;
    };

    static std::unexpected<std::error_code> fail(int error) {
        return std::unexpected(std::error_code(error, std::system_category()));
    }

    static int pop(std::deque<int> &errors) {
        if (errors.empty())
            return 0;
        const int error = errors.front();
        errors.pop_front();
        return error;
    }

    std::optional<int> forgotten(unsigned long request, void *argument) {
        const auto &object = *static_cast<ndk_object *>(argument);

        if (!script_.empty() && script_.front().request == request)
            return std::nullopt;
        if (request == NDK_IOCTL_CLOSE && object.hdr.user_data == 0) {
            EXPECT_EQ(object.hdr.flags, static_cast<__u32>(NDK_FLAG_ASYNC | NDK_FLAG_NO_EVENT));
            abandoned.push_back(object.id);
            return 0;
        }
        if (request == NDK_IOCTL_UNPIN_MEMORY) {
            if (!unpin_error)
                unpinned.push_back(object.id);
            return unpin_error;
        }
        if (request == NDK_IOCTL_RELEASE_LAM) {
            released.push_back(object.id);
            return 0;
        }
        return std::nullopt;
    }

    std::deque<Step> script_;
    std::mutex mutex_;
    std::deque<ndk_event> events_;
};

/// A completion of the request with this cookie.
inline ndk_event completion(std::uint64_t cookie, ndk::Status status, std::uint32_t object_id = 0) {
    ndk_event event{};

    event.size = sizeof(event);
    event.type = NDK_EVENT_COMPLETION;
    event.user_data = cookie;
    event.object_id = object_id;
    event.status = static_cast<NTSTATUS>(status);
    return event;
}

inline ndk_event event_of(std::uint32_t type, std::uint64_t event_data,
                          std::uint32_t object_id = 0) {
    ndk_event event{};

    event.size = sizeof(event);
    event.type = type;
    event.user_data = event_data;
    event.object_id = object_id;
    return event;
}

inline void set_refusal(ndk_refusal_info &refusal, const char *argument, std::uint64_t value,
                        std::uint64_t limit) {
    std::strncpy(refusal.argument, argument, sizeof(refusal.argument));
    refusal.value = value;
    refusal.limit = limit;
}

/// A session on a script, with the usual objects made on request.
class ScriptedTest : public testing::Test {
  protected:
    ScriptedTest() : session(*ndk::Session::open("/dev/ndk", calls)) {}

    ndk::Adapter open_adapter(std::uint32_t id = 1) {
        calls->on<ndk_open>(NDK_IOCTL_OPEN_ADAPTER, [id](ndk_open &command) {
            command.out_id = id;
            return 0;
        });
        return std::move(*session.open_adapter("rxe0"));
    }

    ndk::ProtectionDomain create_pd(ndk::Adapter &adapter, std::uint32_t id = 2) {
        created<ndk_create>(NDK_IOCTL_CREATE_PD, id);
        return std::move(*adapter.create_protection_domain().wait());
    }

    ndk::CompletionQueue create_cq(ndk::Adapter &adapter, std::uint32_t id = 3,
                                   ndk::NotificationHandler handler = {}) {
        calls->on<ndk_create_cq>(NDK_IOCTL_CREATE_CQ, [this, id](ndk_create_cq &command) {
            cq_event_data = command.event_data;
            command.out_id = id;
            return 0;
        });
        return std::move(*adapter.create_completion_queue(16, std::move(handler)).wait());
    }

    ndk::QueuePair create_qp(ndk::ProtectionDomain &pd, const ndk::CompletionQueue &cq,
                             std::uint32_t id = 4) {
        created<ndk_create_qp>(NDK_IOCTL_CREATE_QP, id);
        return std::move(*pd.create_queue_pair(cq, cq).wait());
    }

    ndk::MemoryRegion create_mr(ndk::ProtectionDomain &pd, ndk::MrKind kind = ndk::MrKind::fast,
                                std::uint32_t id = 5) {
        created<ndk_create>(NDK_IOCTL_CREATE_MR, id);
        return std::move(*pd.create_memory_region(kind).wait());
    }

    ndk::Connector create_connector(ndk::Adapter &adapter, std::uint32_t id = 6) {
        created<ndk_create>(NDK_IOCTL_CREATE_CONNECTOR, id);
        return std::move(*adapter.create_connector().wait());
    }

    ndk::Memory pin(std::span<std::byte> memory, std::uint32_t id = 8) {
        calls->on<ndk_pin_memory>(NDK_IOCTL_PIN_MEMORY, [id](ndk_pin_memory &command) {
            command.out_id = id;
            return 0;
        });
        return std::move(*session.pin(memory, ndk::PinAccess::read_write));
    }

    ndk::LogicalAddressMapping build_lam(ndk::Adapter &adapter, const ndk::Memory &memory,
                                         std::uint32_t id = 9) {
        calls->on<ndk_build_lam>(NDK_IOCTL_BUILD_LAM, [id](ndk_build_lam &command) {
            command.out_id = id;
            command.out_page_count = 2;
            command.out_fbo = 100;
            return 0;
        });
        return std::move(*adapter.build_lam(memory).wait());
    }

    template <class C> void created(unsigned long request, std::uint32_t id) {
        calls->on<C>(request, [id](C &command) {
            command.out_id = id;
            return 0;
        });
    }

    /// The next @p request pends; its cookie is where the result points.
    template <class C> std::shared_ptr<std::uint64_t> pends(unsigned long request) {
        auto cookie = std::make_shared<std::uint64_t>(0);

        calls->on<C>(request, [cookie](C &command) {
            EXPECT_EQ(command.hdr.flags, static_cast<__u32>(NDK_FLAG_ASYNC));
            *cookie = command.hdr.user_data;
            command.hdr.out_status = STATUS_PENDING;
            return 0;
        });
        return cookie;
    }

    std::shared_ptr<ScriptedCalls> calls = std::make_shared<ScriptedCalls>();
    ndk::Session session;
    std::uint64_t cq_event_data = 0;
};

} // namespace ndk_test
