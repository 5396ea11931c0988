// SPDX-License-Identifier: GPL-2.0-only
// Events: where they go, signals, order, and what a handler may do.
#include "scripted_calls.hpp"

#include <stdexcept>

namespace {

using ndk::Status;
using namespace ndk_test;
using namespace std::chrono_literals;

class Dispatch : public ScriptedTest {
  protected:
    ndk::Adapter adapter = open_adapter(1);

    ndk::Listener listen(ndk::ConnectHandler handler, std::uint32_t id = 7) {
        calls->on<ndk_create>(NDK_IOCTL_CREATE_LISTENER, [this, id](ndk_create &command) {
            listener_event_data = command.event_data;
            command.out_id = id;
            return 0;
        });
        return std::move(*adapter.create_listener(std::move(handler), 9).wait());
    }

    std::uint64_t listener_event_data = 0;
};

TEST_F(Dispatch, WithoutEventsThereIsNothingToDo) {
    EXPECT_EQ(*session.dispatch(), 0U);
    EXPECT_EQ(*session.dispatch(5ms), 0U);
}

TEST_F(Dispatch, ReadInterruptedBeforeAnEventIsRepeated) {
    Status seen{};
    const auto cq = create_cq(adapter, 3, [&](Status status) { seen = status; });

    auto event = event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data, 3);
    event.status = STATUS_BUFFER_OVERFLOW;
    calls->put(event);
    calls->read_errors = {EINTR, EINTR};
    EXPECT_EQ(*session.dispatch(), 1U);
    EXPECT_EQ(seen, Status::buffer_overflow);
}

TEST_F(Dispatch, SignalEndsTheWaitEarlyWithoutAnError) {
    const auto cq = create_cq(adapter, 3, [](Status) { ADD_FAILURE(); });

    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data, 3));
    calls->poll_errors = {EINTR};
    EXPECT_EQ(*session.dispatch(1s), 0U);
}

TEST_F(Dispatch, OtherErrorsComeOut) {
    calls->read_errors = {EIO};
    EXPECT_EQ(session.dispatch().error(), std::errc::io_error);
    calls->poll_errors = {ENOMEM};
    EXPECT_EQ(session.dispatch(1s).error(), std::errc::not_enough_memory);
}

TEST_F(Dispatch, EventsAreDeliveredInTheOrderOfTheKernel) {
    std::vector<int> order;
    const auto first = create_cq(adapter, 3, [&](Status) { order.push_back(1); });
    const auto first_data = cq_event_data;
    const auto second = create_cq(adapter, 4, [&](Status) { order.push_back(2); });

    for (const auto data : {cq_event_data, first_data, cq_event_data})
        calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, data));
    EXPECT_EQ(*session.dispatch(), 3U);
    EXPECT_EQ(order, (std::vector{2, 1, 2}));
}

TEST_F(Dispatch, LongerEventsOfANewerKernelAreUnderstood) {
    int count = 0;
    const auto cq = create_cq(adapter, 3, [&](Status) { ++count; });
    auto event = event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data);

    event.size = sizeof(event) + 8;
    calls->put(event);
    calls->put(event);
    EXPECT_EQ(*session.dispatch(), 2U);
    EXPECT_EQ(count, 2);
}

TEST_F(Dispatch, NonsenseFromTheKernelIsAnErrorAndNotALoop) {
    auto event = event_of(NDK_EVENT_CQ_NOTIFICATION, 1);

    event.size = 4;
    calls->put(event);
    EXPECT_EQ(session.dispatch().error(), std::errc::protocol_error);
}

TEST_F(Dispatch, UnknownKindsOfEventsAreIgnored) {
    calls->put(event_of(999, 12345));
    EXPECT_EQ(*session.dispatch(), 1U);
}

TEST_F(Dispatch, ExceptionComesOutAndLaterEventsAreKept) {
    int count = 0;
    const auto cq = create_cq(adapter, 3, [&](Status) {
        if (++count == 1)
            throw std::runtime_error("handler");
    });

    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    EXPECT_THROW(static_cast<void>(session.dispatch()), std::runtime_error);
    EXPECT_EQ(*session.dispatch(), 1U);
    EXPECT_EQ(count, 2);
}

TEST_F(Dispatch, HandlerMayDispatchItself) {
    int count = 0;
    const auto cq = create_cq(adapter, 3, [&](Status) {
        if (++count == 1) {
            EXPECT_EQ(*session.dispatch(), 1U);
        }
    });

    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    EXPECT_EQ(*session.dispatch(), 1U);
    EXPECT_EQ(count, 2);
}

TEST_F(Dispatch, HandlerMayCloseTheSession) {
    const auto cq = create_cq(adapter, 3, [&](Status) { EXPECT_TRUE(session.close()); });

    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    EXPECT_EQ(*session.dispatch(), 1U);
    EXPECT_EQ(calls->closes, 1);
}

TEST_F(Dispatch, NotificationsOfAGoneQueueAreIgnored) {
    {
        const auto cq = create_cq(adapter, 3, [](Status) { ADD_FAILURE(); });
    }
    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    EXPECT_EQ(*session.dispatch(), 1U);
}

TEST_F(Dispatch, MovedQueueKeepsItsHandler) {
    int count = 0;
    auto cq = create_cq(adapter, 3, [&](Status) { ++count; });
    const auto moved = std::move(cq);

    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    EXPECT_EQ(*session.dispatch(), 1U);
    EXPECT_EQ(count, 1);
}

TEST_F(Dispatch, NotificationRequestArmsAndIsAnsweredByTheNextNotification) {
    auto cq = create_cq(adapter, 3);

    calls->on<ndk_arm_cq>(NDK_IOCTL_ARM_CQ, [](ndk_arm_cq &command) {
        EXPECT_EQ(command.cq_id, 3U);
        EXPECT_EQ(command.notify, static_cast<std::uint32_t>(NDK_CQ_NOTIFY_SOLICITED));
        return 0;
    });
    auto future = cq.notification(ndk::Notify::solicited).future();
    EXPECT_EQ(future.wait_for(0s), std::future_status::timeout);
    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    ASSERT_TRUE(session.dispatch());
    EXPECT_TRUE(future.get());
}

TEST_F(Dispatch, NotificationOfADeadQueueFails) {
    auto cq = create_cq(adapter, 3);
    auto event = event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data);

    calls->answer<ndk_arm_cq>(NDK_IOCTL_ARM_CQ, Status::success);
    event.status = STATUS_INTERNAL_ERROR;
    calls->put(event);
    EXPECT_EQ(cq.notification().wait().error(), Status::internal_error);
}

TEST_F(Dispatch, NotificationRequestFailsWhenArmingFails) {
    auto cq = create_cq(adapter, 3);

    calls->answer<ndk_arm_cq>(NDK_IOCTL_ARM_CQ, Status::device_removed);
    EXPECT_EQ(cq.notification().wait().error(), Status::device_removed);
}

TEST_F(Dispatch, ListenerHandsOverItsConnectors) {
    std::vector<ndk::Connector> connectors;
    const auto listener =
        listen([&](ndk::Connector connector) { connectors.push_back(std::move(connector)); });

    calls->put(event_of(NDK_EVENT_CONNECT, listener_event_data, 20));
    calls->put(event_of(NDK_EVENT_CONNECT, listener_event_data, 21));
    EXPECT_EQ(*session.dispatch(), 2U);
    ASSERT_EQ(connectors.size(), 2U);
    EXPECT_EQ(connectors[0].id(), 20U);
    EXPECT_EQ(connectors[1].id(), 21U);
    EXPECT_TRUE(calls->abandoned.empty());
}

TEST_F(Dispatch, ConnectorThatNobodyKeepsIsClosed) {
    const auto listener = listen([](ndk::Connector) {});

    calls->put(event_of(NDK_EVENT_CONNECT, listener_event_data, 20));
    ASSERT_TRUE(session.dispatch());
    EXPECT_EQ(calls->abandoned, std::vector<std::uint32_t>{20});
}

TEST_F(Dispatch, ConnectorOfAGoneListenerIsClosed) {
    {
        const auto listener = listen([](ndk::Connector) { ADD_FAILURE(); }, 7);
    }
    calls->put(event_of(NDK_EVENT_CONNECT, listener_event_data, 20));
    ASSERT_TRUE(session.dispatch());
    EXPECT_EQ(calls->abandoned, (std::vector<std::uint32_t>{7, 20}));
}

TEST_F(Dispatch, DisconnectReachesTheConnectorsHandlerWithItsReason) {
    auto connector = create_connector(adapter);
    std::uint64_t event_data = 0;
    std::uint32_t reason = 0;

    calls->on<ndk_complete_connect>(NDK_IOCTL_COMPLETE_CONNECT, [&](ndk_complete_connect &command) {
        event_data = command.event_data;
        return 0;
    });
    ASSERT_TRUE(connector.complete_connect([&](std::uint32_t why) { reason = why; }).wait());
    auto event = event_of(NDK_EVENT_DISCONNECT, event_data, 6);
    event.value[0] = 28;
    calls->put(event);
    ASSERT_TRUE(session.dispatch());
    EXPECT_EQ(reason, 28U);
}

TEST_F(Dispatch, CompletionsOfForgottenClosesAreIgnored) {
    calls->put(completion(0, Status::success, 99));
    EXPECT_EQ(*session.dispatch(), 1U);
    EXPECT_TRUE(calls->abandoned.empty());
}

} // namespace
