// SPDX-License-Identifier: MIT
#include <ndk/adapter.hpp>

#include "notifier.hpp"
#include "request.hpp"

namespace ndk {
namespace {

AdapterInfo to_info(const ndk_adapter_limits &limits) {
    return {.version = {limits.version_major, limits.version_minor},
            .vendor_id = limits.vendor_id,
            .device_id = limits.device_id,
            .max_registration_size = limits.max_registration_size,
            .max_window_size = limits.max_window_size,
            .frmr_page_count = limits.frmr_page_count,
            .max_initiator_request_sge = limits.max_initiator_request_sge,
            .max_receive_request_sge = limits.max_receive_request_sge,
            .max_read_request_sge = limits.max_read_request_sge,
            .max_transfer_length = limits.max_transfer_length,
            .max_inline_data_size = limits.max_inline_data_size,
            .max_inbound_read_limit = limits.max_inbound_read_limit,
            .max_outbound_read_limit = limits.max_outbound_read_limit,
            .max_receive_queue_depth = limits.max_receive_queue_depth,
            .max_initiator_queue_depth = limits.max_initiator_queue_depth,
            .max_srq_depth = limits.max_srq_depth,
            .max_cq_depth = limits.max_cq_depth,
            .large_request_threshold = limits.large_request_threshold,
            .max_caller_data = limits.max_caller_data,
            .max_callee_data = limits.max_callee_data,
            .adapter_flags = static_cast<AdapterFlags>(limits.adapter_flags),
            .rdma_technology = static_cast<RdmaTechnology>(limits.rdma_technology)};
}

detail::Answer created(const ndk_create &command) {
    return {.object_id = command.out_id};
}

/// Subscribes before the object exists, since its first event may come before
/// the answer of the create.
detail::Subscription subscribe(const std::shared_ptr<detail::Channel> &channel,
                               detail::Channel::EventHandler handler) {
    if (!channel)
        return {};
    return {channel, channel->subscribe(std::move(handler))};
}

} // namespace

std::string_view to_string(RdmaTechnology technology) noexcept {
    switch (technology) {
    case RdmaTechnology::iwarp:
        return "iWARP";
    case RdmaTechnology::infiniband:
        return "InfiniBand";
    case RdmaTechnology::roce:
        return "RoCE";
    case RdmaTechnology::roce_v2:
        return "RoCEv2";
    default:
        return "undefined";
    }
}

Result<AdapterInfo> Adapter::info() const {
    ndk_query_adapter_info command{};

    command.adapter_id = id();
    if (auto done =
            detail::call(ref(), NDK_IOCTL_QUERY_ADAPTER_INFO, command, "NdkQueryAdapterInfo");
        !done)
        return std::unexpected(std::move(done.error()));
    return to_info(command.out_limits);
}

Async<ProtectionDomain> Adapter::create_protection_domain() {
    ndk_create command{};

    command.parent_id = id();
    return detail::request<ProtectionDomain, ndk_create>(
        ref(), NDK_IOCTL_CREATE_PD, command, "NdkCreatePd", created,
        [](std::shared_ptr<detail::Channel> channel, const detail::Answer &answer) {
            return ProtectionDomain(detail::Ref(std::move(channel), answer.object_id));
        });
}

Async<CompletionQueue> Adapter::create_completion_queue(std::uint32_t depth,
                                                        NotificationHandler handler) {
    auto notifier = std::make_shared<CompletionQueue::Notifier>(std::move(handler));
    auto events = subscribe(
        ref().channel(), [notifier, weak = std::weak_ptr(ref().channel())](const ndk_event &event) {
            if (const auto channel = weak.lock())
                notifier->notify(*channel, static_cast<Status>(event.status));
        });
    ndk_create_cq command{};

    command.adapter_id = id();
    command.depth = depth;
    command.event_data = events.cookie();
    return detail::request<CompletionQueue, ndk_create_cq>(
        ref(), NDK_IOCTL_CREATE_CQ, command, "NdkCreateCq",
        [](const ndk_create_cq &done) { return detail::Answer{.object_id = done.out_id}; },
        [notifier = std::move(notifier), events = std::move(events)](
            std::shared_ptr<detail::Channel> channel, const detail::Answer &answer) mutable {
            return CompletionQueue(detail::Ref(std::move(channel), answer.object_id),
                                   std::move(notifier), std::move(events));
        });
}

Async<Connector> Adapter::create_connector() {
    ndk_create command{};

    command.parent_id = id();
    return detail::request<Connector, ndk_create>(
        ref(), NDK_IOCTL_CREATE_CONNECTOR, command, "NdkCreateConnector", created,
        [](std::shared_ptr<detail::Channel> channel, const detail::Answer &answer) {
            return Connector(detail::Ref(std::move(channel), answer.object_id));
        });
}

Async<Listener> Adapter::create_listener(ConnectHandler handler, std::uint32_t backlog) {
    auto events = subscribe(ref().channel(),
                            [handler = std::move(handler), weak = std::weak_ptr(ref().channel())](
                                const ndk_event &event) mutable {
                                Connector connector(detail::Ref(weak.lock(), event.object_id));

                                if (handler)
                                    handler(std::move(connector));
                            });
    ndk_create command{};

    command.parent_id = id();
    command.event_data = events.cookie();
    command.backlog = backlog;
    return detail::request<Listener, ndk_create>(
        ref(), NDK_IOCTL_CREATE_LISTENER, command, "NdkCreateListener", created,
        [events = std::move(events)](std::shared_ptr<detail::Channel> channel,
                                     const detail::Answer &answer) mutable {
            return Listener(detail::Ref(std::move(channel), answer.object_id), std::move(events));
        });
}

Async<LogicalAddressMapping> Adapter::build_lam(const Memory &memory, std::uint64_t offset,
                                                std::uint64_t length) {
    ndk_build_lam command{};

    command.adapter_id = id();
    command.memory_id = memory.id();
    command.offset = offset;
    command.length = length;
    return detail::request<LogicalAddressMapping, ndk_build_lam>(
        ref(), NDK_IOCTL_BUILD_LAM, command, "NdkBuildLAM",
        [](const ndk_build_lam &done) {
            return detail::Answer{.object_id = done.out_id,
                                  .value = {done.out_page_count, done.out_fbo}};
        },
        [](std::shared_ptr<detail::Channel> channel, const detail::Answer &answer) {
            return LogicalAddressMapping(detail::Ref(std::move(channel), answer.object_id),
                                         static_cast<std::uint32_t>(answer.value[0]),
                                         static_cast<std::uint32_t>(answer.value[1]));
        });
}

} // namespace ndk
