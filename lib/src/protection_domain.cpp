// SPDX-License-Identifier: MIT
#include <ndk/protection_domain.hpp>

#include "request.hpp"

namespace ndk {

Async<MemoryRegion> ProtectionDomain::create_memory_region(MrKind kind) {
    ndk_create command{};

    command.parent_id = id();
    command.create_flags = kind == MrKind::fast ? NDK_CREATE_MR_FAST_REGISTER : 0;
    return detail::request<MemoryRegion, ndk_create>(
        ref(), NDK_IOCTL_CREATE_MR, command, "NdkCreateMr",
        [](const ndk_create &done) { return detail::Answer{.object_id = done.out_id}; },
        [](std::shared_ptr<detail::Channel> channel, const detail::Answer &answer) {
            return MemoryRegion(detail::Ref(std::move(channel), answer.object_id));
        });
}

Async<QueuePair> ProtectionDomain::create_queue_pair(const CompletionQueue &receives,
                                                     const CompletionQueue &initiator,
                                                     const QueuePairOptions &options) {
    ndk_create_qp command{};

    command.pd_id = id();
    command.receive_cq_id = receives.id();
    command.initiator_cq_id = initiator.id();
    command.qp_context = options.context;
    command.receive_queue_depth = options.receive_queue_depth;
    command.initiator_queue_depth = options.initiator_queue_depth;
    command.max_receive_request_sge = options.max_receive_request_sge;
    command.max_initiator_request_sge = options.max_initiator_request_sge;
    command.inline_data_size = options.inline_data_size;
    return detail::request<QueuePair, ndk_create_qp>(
        ref(), NDK_IOCTL_CREATE_QP, command, "NdkCreateQp",
        [](const ndk_create_qp &done) { return detail::Answer{.object_id = done.out_id}; },
        [](std::shared_ptr<detail::Channel> channel, const detail::Answer &answer) {
            return QueuePair(detail::Ref(std::move(channel), answer.object_id));
        });
}

} // namespace ndk
