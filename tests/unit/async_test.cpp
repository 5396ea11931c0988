// SPDX-License-Identifier: GPL-2.0-only
// The four ways to get an answer, inline and by event.
#include "scripted_calls.hpp"

#include <coroutine>
#include <thread>

namespace {

using ndk::Status;
using namespace ndk_test;
using namespace std::chrono_literals;

/// A coroutine that runs at once and is nobody's to wait for.
struct Detached {
    struct promise_type {
        Detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

class Async : public ScriptedTest {
  protected:
    ndk::Adapter adapter = open_adapter();
    ndk::ProtectionDomain pd = create_pd(adapter);
    ndk::MemoryRegion mr = create_mr(pd);

    Detached initialize(std::vector<std::string> &trace) {
        trace.push_back("start");
        const auto done = co_await mr.initialize(16);
        trace.push_back(done ? "done" : done.error().message());
    }
};

TEST_F(Async, NothingIsAskedBeforeSomebodyWantsTheAnswer) {
    [[maybe_unused]] auto unused = mr.initialize(16);
}

TEST_F(Async, WaitLetsTheKernelWait) {
    calls->on<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, [](auto &command) {
        EXPECT_EQ(command.hdr.flags, 0U);
        return 0;
    });
    EXPECT_TRUE(mr.initialize(16).wait());
}

TEST_F(Async, CallbackRunsOnceWhenTheAnswerIsInline) {
    int calls_made = 0;

    calls->on<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, [](auto &command) {
        EXPECT_EQ(command.hdr.flags, static_cast<__u32>(NDK_FLAG_ASYNC));
        return 0;
    });
    mr.initialize(16).then([&](ndk::Result<void> result) {
        EXPECT_TRUE(result);
        ++calls_made;
    });
    EXPECT_EQ(calls_made, 1);
    EXPECT_EQ(*session.dispatch(), 0U);
    EXPECT_EQ(calls_made, 1);
}

TEST_F(Async, CallbackRunsOnceWhenTheAnswerIsAnEvent) {
    const auto cookie = pends<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR);
    int calls_made = 0;

    mr.initialize(16).then([&](ndk::Result<void> result) {
        EXPECT_TRUE(result);
        ++calls_made;
    });
    EXPECT_EQ(calls_made, 0);
    calls->put(completion(*cookie, Status::success));
    EXPECT_EQ(*session.dispatch(), 1U);
    EXPECT_EQ(calls_made, 1);
    calls->put(completion(*cookie, Status::success)); // a kernel that repeats itself
    EXPECT_EQ(*session.dispatch(), 1U);
    EXPECT_EQ(calls_made, 1);
}

TEST_F(Async, FailureByEventCarriesTheRefusal) {
    const auto cookie = pends<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR);
    auto event = completion(0, Status::implementation_limit);
    std::string message;

    mr.initialize(513).then([&](ndk::Result<void> result) { message = result.error().message(); });
    event.user_data = *cookie;
    set_refusal(event.refusal, "AdapterPageCount", 513, 512);
    calls->put(event);
    ASSERT_TRUE(session.dispatch());
    EXPECT_EQ(message, "NdkInitializeFastRegisterMr: STATUS_IMPLEMENTATION_LIMIT (0xC000042B): "
                       "AdapterPageCount is 513, limit 512");
}

TEST_F(Async, FutureIsReadyAfterDispatch) {
    const auto cookie = pends<ndk_create>(NDK_IOCTL_CREATE_MR);
    auto future = pd.create_memory_region(ndk::MrKind::fast).future();

    EXPECT_EQ(future.wait_for(0s), std::future_status::timeout);
    calls->put(completion(*cookie, Status::success, 42));
    ASSERT_TRUE(session.dispatch());
    ASSERT_EQ(future.wait_for(0s), std::future_status::ready);
    const auto region = future.get();
    ASSERT_TRUE(region);
    EXPECT_EQ(region->id(), 42U);
}

TEST_F(Async, CoroutineGoesOnAtOnceWhenTheAnswerIsInline) {
    std::vector<std::string> trace;

    calls->answer<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, Status::success);
    initialize(trace);
    EXPECT_EQ(trace, (std::vector<std::string>{"start", "done"}));
}

TEST_F(Async, CoroutineGoesOnInDispatch) {
    const auto cookie = pends<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR);
    std::vector<std::string> trace;

    initialize(trace);
    EXPECT_EQ(trace, (std::vector<std::string>{"start"}));
    calls->put(completion(*cookie, Status::success));
    ASSERT_TRUE(session.dispatch());
    EXPECT_EQ(trace, (std::vector<std::string>{"start", "done"}));
}

TEST_F(Async, CoroutineSeesTheFailure) {
    const auto cookie = pends<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR);
    std::vector<std::string> trace;

    initialize(trace);
    calls->put(completion(*cookie, Status::device_removed));
    ASSERT_TRUE(session.dispatch());
    ASSERT_EQ(trace.size(), 2U);
    EXPECT_NE(trace[1].find("STATUS_DEVICE_REMOVED"), std::string::npos);
}

TEST_F(Async, CoroutineIsResumedOnceWhenAnotherThreadIsFaster) {
    // The event is dispatched by another thread while the ioctl is still
    // running, so the answer is there before the coroutine is suspended.
    std::vector<std::string> trace;

    calls->on<ndk_initialize_mr>(
        NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR, [&](ndk_initialize_mr &command) {
            calls->put(completion(command.hdr.user_data, Status::success));
            std::jthread([&] { EXPECT_EQ(*session.dispatch(), 1U); }).join();
            command.hdr.out_status = STATUS_PENDING;
            return 0;
        });
    initialize(trace);
    EXPECT_EQ(trace, (std::vector<std::string>{"start", "done"}));
}

TEST_F(Async, ClosingTheSessionCancelsWhatIsUnanswered) {
    pends<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR);
    std::optional<ndk::Result<void>> answer;

    mr.initialize(16).then([&](ndk::Result<void> result) { answer = result; });
    EXPECT_FALSE(answer);
    ASSERT_TRUE(session.close());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->error(), Status::cancelled);
    EXPECT_EQ(answer->error().function(), "NdkInitializeFastRegisterMr");
}

TEST_F(Async, PendingRequestDoesNotKeepTheFileOpen) {
    pends<ndk_create>(NDK_IOCTL_CREATE_MR);
    auto future = pd.create_memory_region(ndk::MrKind::fast).future();

    mr = {};
    pd = {};
    adapter = {};
    EXPECT_EQ(calls->closes, 0);
    { const auto last = std::move(session); }
    EXPECT_EQ(calls->closes, 1);
    EXPECT_EQ(future.get().error(), Status::cancelled);
}

TEST_F(Async, WaitInterruptedByASignalStillGetsItsAnswer) {
    calls->on<ndk_create>(NDK_IOCTL_CREATE_MR, [&](ndk_create &command) {
        command.hdr.out_status = STATUS_PENDING;
        calls->put(completion(command.hdr.user_data, Status::success, 42));
        return EINTR;
    });
    const auto region = pd.create_memory_region(ndk::MrKind::normal).wait();
    ASSERT_TRUE(region) << region.error().message();
    EXPECT_EQ(region->id(), 42U);
}

TEST_F(Async, WaitInterruptedBeforeAnythingHappenedIsRepeated) {
    calls->on<ndk_create>(NDK_IOCTL_CREATE_MR, [](ndk_create &) { return EINTR; });
    created<ndk_create>(NDK_IOCTL_CREATE_MR, 43);
    const auto region = pd.create_memory_region(ndk::MrKind::normal).wait();
    ASSERT_TRUE(region);
    EXPECT_EQ(region->id(), 43U);
}

TEST_F(Async, WaitInterruptedServesOtherRequestsToo) {
    const auto other = pends<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR);
    bool other_done = false;

    mr.initialize(16).then([&](ndk::Result<void> result) { other_done = result.has_value(); });
    calls->on<ndk_create>(NDK_IOCTL_CREATE_MR, [&](ndk_create &command) {
        command.hdr.out_status = STATUS_PENDING;
        calls->put(completion(*other, Status::success));
        calls->put(completion(command.hdr.user_data, Status::insufficient_resources));
        return EINTR;
    });
    const auto region = pd.create_memory_region(ndk::MrKind::normal).wait();
    ASSERT_FALSE(region);
    EXPECT_EQ(region.error(), Status::insufficient_resources);
    EXPECT_TRUE(other_done);
}

TEST_F(Async, WaitInterruptedFailsWhenTheFileBreaks) {
    calls->on<ndk_create>(NDK_IOCTL_CREATE_MR, [&](ndk_create &command) {
        command.hdr.out_status = STATUS_PENDING;
        calls->poll_errors = {EIO};
        return EINTR;
    });
    const auto region = pd.create_memory_region(ndk::MrKind::normal).wait();
    ASSERT_FALSE(region);
    EXPECT_EQ(region.error(), std::errc::io_error);
}

TEST_F(Async, RequestsOnAnEmptyHandleFailWithoutAnIoctl) {
    ndk::MemoryRegion empty;

    EXPECT_FALSE(empty);
    EXPECT_EQ(empty.initialize(1).wait().error(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(empty.close().wait().error(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(empty.tokens().error(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(ndk::ProtectionDomain().create_memory_region(ndk::MrKind::fast).wait().error(),
              std::errc::no_such_file_or_directory);
}

} // namespace
