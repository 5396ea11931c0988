// SPDX-License-Identifier: GPL-2.0-only
// Every wrapper puts its arguments where the ioctl wants them and brings the
// answers back.
#include "scripted_calls.hpp"

#include <algorithm>
#include <array>

namespace {

using ndk::Status;
using namespace ndk_test;

class Marshalling : public ScriptedTest {
  protected:
    ndk::Adapter adapter = open_adapter(1);
};

TEST_F(Marshalling, OpenAdapterByName) {
    calls->on<ndk_open>(NDK_IOCTL_OPEN_ADAPTER, [](ndk_open &command) {
        EXPECT_STREQ(command.name, "mlx5_0");
        EXPECT_EQ(command.ifindex, 0U);
        EXPECT_EQ(command.version_major, 1);
        EXPECT_EQ(command.version_minor, 2);
        command.out_id = 11;
        return 0;
    });
    const auto opened = session.open_adapter("mlx5_0", {1, 2});
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->id(), 11U);
}

TEST_F(Marshalling, OpenAdapterByInterface) {
    calls->on<ndk_open>(NDK_IOCTL_OPEN_ADAPTER, [](ndk_open &command) {
        EXPECT_STREQ(command.name, "");
        EXPECT_EQ(command.ifindex, 5U);
        EXPECT_EQ(command.version_major, 2);
        command.hdr.out_status = NDIS_STATUS_ADAPTER_NOT_READY;
        return 0;
    });
    EXPECT_EQ(session.open_adapter(5U).error(), Status::adapter_not_ready);
}

TEST_F(Marshalling, AdapterNameThatDoesNotFitIsRefusedHere) {
    const auto opened = session.open_adapter(std::string(NDK_NAME_MAX, 'x'));

    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), std::errc::invalid_argument);
    EXPECT_EQ(opened.error().refusal().limit, NDK_NAME_MAX - 1U);
}

TEST_F(Marshalling, AdaptersAreListedUntilThereAreNoMore) {
    for (std::uint32_t index = 0; index < 2; ++index)
        calls->on<ndk_enum_adapters>(NDK_IOCTL_ENUM_ADAPTERS, [index](ndk_enum_adapters &command) {
            EXPECT_EQ(command.index, index);
            std::strcpy(command.out_name, index == 0 ? "rxe0" : "siw0");
            command.out_ifindex = 10 + index;
            command.out_ports = 1;
            return 0;
        });
    calls->on<ndk_enum_adapters>(NDK_IOCTL_ENUM_ADAPTERS, [](auto &) { return ENOENT; });
    const auto adapters = session.adapters();
    ASSERT_TRUE(adapters);
    ASSERT_EQ(adapters->size(), 2U);
    EXPECT_EQ(adapters->at(0).name, "rxe0");
    EXPECT_EQ(adapters->at(1).name, "siw0");
    EXPECT_EQ(adapters->at(1).ifindex, 11U);
    EXPECT_EQ(adapters->at(1).ports, 1U);
}

TEST_F(Marshalling, ListingFailsWithTheReason) {
    calls->on<ndk_enum_adapters>(NDK_IOCTL_ENUM_ADAPTERS, [](auto &) { return EPERM; });
    EXPECT_EQ(session.adapters().error(), std::errc::operation_not_permitted);
}

TEST_F(Marshalling, AdapterInfoComesBackWhole) {
    calls->on<ndk_query_adapter_info>(
        NDK_IOCTL_QUERY_ADAPTER_INFO, [](ndk_query_adapter_info &command) {
            EXPECT_EQ(command.adapter_id, 1U);
            EXPECT_EQ(command.buffer_size, 0U);
            command.out_limits = {.version_major = 2,
                                  .version_minor = 1,
                                  .vendor_id = 3,
                                  .device_id = 4,
                                  .rdma_technology = NDK_TECHNOLOGY_ROCE_V2,
                                  .max_registration_size = 5,
                                  .max_window_size = 6,
                                  .frmr_page_count = 7,
                                  .max_initiator_request_sge = 8,
                                  .max_receive_request_sge = 9,
                                  .max_read_request_sge = 10,
                                  .max_transfer_length = 11,
                                  .max_inline_data_size = 12,
                                  .max_inbound_read_limit = 13,
                                  .max_outbound_read_limit = 14,
                                  .max_receive_queue_depth = 15,
                                  .max_initiator_queue_depth = 16,
                                  .max_srq_depth = 17,
                                  .max_cq_depth = 18,
                                  .large_request_threshold = 19,
                                  .max_caller_data = 20,
                                  .max_callee_data = 21,
                                  .adapter_flags = 0x10002};
            return 0;
        });
    const auto info = adapter.info();
    ASSERT_TRUE(info);
    EXPECT_EQ(info->version, (ndk::Version{2, 1}));
    EXPECT_EQ(info->vendor_id, 3U);
    EXPECT_EQ(info->device_id, 4U);
    EXPECT_EQ(info->rdma_technology, ndk::RdmaTechnology::roce_v2);
    EXPECT_EQ(to_string(info->rdma_technology), "RoCEv2");
    EXPECT_EQ(info->max_registration_size, 5U);
    EXPECT_EQ(info->max_window_size, 6U);
    EXPECT_EQ(info->frmr_page_count, 7U);
    EXPECT_EQ(info->max_initiator_request_sge, 8U);
    EXPECT_EQ(info->max_receive_request_sge, 9U);
    EXPECT_EQ(info->max_read_request_sge, 10U);
    EXPECT_EQ(info->max_transfer_length, 11U);
    EXPECT_EQ(info->max_inline_data_size, 12U);
    EXPECT_EQ(info->max_inbound_read_limit, 13U);
    EXPECT_EQ(info->max_outbound_read_limit, 14U);
    EXPECT_EQ(info->max_receive_queue_depth, 15U);
    EXPECT_EQ(info->max_initiator_queue_depth, 16U);
    EXPECT_EQ(info->max_srq_depth, 17U);
    EXPECT_EQ(info->max_cq_depth, 18U);
    EXPECT_EQ(info->large_request_threshold, 19U);
    EXPECT_EQ(info->max_caller_data, 20U);
    EXPECT_EQ(info->max_callee_data, 21U);
    EXPECT_EQ(info->adapter_flags, ndk::AdapterFlags::rdma_read_sink_not_required |
                                       ndk::AdapterFlags::loopback_connections_supported);
}

TEST_F(Marshalling, CreatesNameTheirParentAndTheirOptions) {
    calls->on<ndk_create>(NDK_IOCTL_CREATE_PD, [](ndk_create &command) {
        EXPECT_EQ(command.parent_id, 1U);
        EXPECT_EQ(command.create_flags, 0U);
        command.out_id = 2;
        return 0;
    });
    auto pd = std::move(*adapter.create_protection_domain().wait());
    EXPECT_EQ(pd.id(), 2U);

    calls->on<ndk_create_cq>(NDK_IOCTL_CREATE_CQ, [](ndk_create_cq &command) {
        EXPECT_EQ(command.adapter_id, 1U);
        EXPECT_EQ(command.depth, 128U);
        EXPECT_NE(command.event_data, 0U);
        EXPECT_EQ(command.affinity_mask, 0U);
        command.out_id = 3;
        return 0;
    });
    const auto receives = std::move(*adapter.create_completion_queue(128).wait());
    const auto initiator = create_cq(adapter, 33);

    calls->on<ndk_create_qp>(NDK_IOCTL_CREATE_QP, [](ndk_create_qp &command) {
        EXPECT_EQ(command.pd_id, 2U);
        EXPECT_EQ(command.receive_cq_id, 3U);
        EXPECT_EQ(command.initiator_cq_id, 33U);
        EXPECT_EQ(command.srq_id, 0U);
        EXPECT_EQ(command.qp_context, 100U);
        EXPECT_EQ(command.receive_queue_depth, 101U);
        EXPECT_EQ(command.initiator_queue_depth, 102U);
        EXPECT_EQ(command.max_receive_request_sge, 103U);
        EXPECT_EQ(command.max_initiator_request_sge, 104U);
        EXPECT_EQ(command.inline_data_size, 105U);
        command.out_id = 4;
        return 0;
    });
    const auto qp = std::move(*pd.create_queue_pair(receives, initiator,
                                                    {.context = 100,
                                                     .receive_queue_depth = 101,
                                                     .initiator_queue_depth = 102,
                                                     .max_receive_request_sge = 103,
                                                     .max_initiator_request_sge = 104,
                                                     .inline_data_size = 105})
                                   .wait());
    EXPECT_EQ(qp.id(), 4U);

    for (const auto kind : {ndk::MrKind::normal, ndk::MrKind::fast}) {
        calls->on<ndk_create>(NDK_IOCTL_CREATE_MR, [kind](ndk_create &command) {
            EXPECT_EQ(command.parent_id, 2U);
            EXPECT_EQ(command.create_flags,
                      kind == ndk::MrKind::fast ? NDK_CREATE_MR_FAST_REGISTER : 0U);
            command.out_id = 5;
            return 0;
        });
        EXPECT_EQ(pd.create_memory_region(kind).wait()->id(), 5U);
    }

    calls->on<ndk_create>(NDK_IOCTL_CREATE_LISTENER, [](ndk_create &command) {
        EXPECT_EQ(command.parent_id, 1U);
        EXPECT_NE(command.event_data, 0U);
        EXPECT_EQ(command.backlog, 17U);
        command.out_id = 6;
        return 0;
    });
    EXPECT_EQ(adapter.create_listener({}, 17).wait()->id(), 6U);

    calls->on<ndk_create>(NDK_IOCTL_CREATE_CONNECTOR, [](ndk_create &command) {
        EXPECT_EQ(command.parent_id, 1U);
        EXPECT_EQ(command.event_data, 0U);
        command.out_id = 7;
        return 0;
    });
    EXPECT_EQ(adapter.create_connector().wait()->id(), 7U);
}

TEST_F(Marshalling, FailedCreateNamesTheLimit) {
    calls->on<ndk_create_cq>(NDK_IOCTL_CREATE_CQ, [](ndk_create_cq &command) {
        command.hdr.out_status = STATUS_INVALID_PARAMETER;
        set_refusal(command.hdr.out_refusal, "CqDepth", 1 << 30, 32768);
        return 0;
    });
    EXPECT_EQ(adapter.create_completion_queue(1 << 30).wait().error().message(),
              "NdkCreateCq: STATUS_INVALID_PARAMETER (0xC000000D): CqDepth is 1073741824, "
              "limit 32768");
}

TEST_F(Marshalling, RefusalWithoutATerminatingZeroIsCutOff) {
    calls->on<ndk_create>(NDK_IOCTL_CREATE_PD, [](ndk_create &command) {
        std::fill_n(command.hdr.out_refusal.argument, NDK_ARGUMENT_MAX, 'x');
        return EINVAL;
    });
    EXPECT_EQ(adapter.create_protection_domain().wait().error().refusal().argument,
              std::string(NDK_ARGUMENT_MAX, 'x'));
}

TEST_F(Marshalling, PinningTellsTheMemoryAndWhatIsWrongWithIt) {
    std::array<std::byte, 100> buffer{};

    calls->on<ndk_pin_memory>(NDK_IOCTL_PIN_MEMORY, [&](ndk_pin_memory &command) {
        EXPECT_EQ(command.addr, reinterpret_cast<std::uintptr_t>(buffer.data()));
        EXPECT_EQ(command.length, 100U);
        EXPECT_EQ(command.mem_flags, NDK_MEM_FLAG_WRITE);
        set_refusal(command.hdr.out_refusal, "RLIMIT_MEMLOCK", 8192, 4096);
        return ENOMEM;
    });
    const auto refused = session.pin(buffer, ndk::PinAccess::read_write);
    EXPECT_EQ(refused.error().message(),
              "pin memory: ENOMEM: Cannot allocate memory: RLIMIT_MEMLOCK is 8192, limit 4096");

    calls->on<ndk_pin_memory>(NDK_IOCTL_PIN_MEMORY, [](ndk_pin_memory &command) {
        EXPECT_EQ(command.mem_flags, 0U);
        command.hdr.out_status = STATUS_ACCESS_VIOLATION;
        return 0;
    });
    EXPECT_EQ(session.pin(std::span<const std::byte>(buffer)).error(), Status::access_violation);

    calls->on<ndk_pin_memory>(NDK_IOCTL_PIN_MEMORY, [](ndk_pin_memory &command) {
        EXPECT_EQ(command.addr, 0x123456U);
        EXPECT_EQ(command.length, 5000U);
        EXPECT_TRUE(command.mem_flags & NDK_MEM_FLAG_KERNEL);
        command.out_id = 8;
        return 0;
    });
    const auto kernel = session.allocate(5000, 0x123456);
    ASSERT_TRUE(kernel);
    EXPECT_EQ(kernel->address(), 0x123456U);
    EXPECT_EQ(kernel->size(), 5000U);
}

TEST_F(Marshalling, CopyToAndFromKernelMemory) {
    std::array<std::byte, 100> buffer{};
    auto memory = pin(buffer, 8);
    const auto check = [&](std::uint32_t flags) {
        calls->on<ndk_copy_memory>(NDK_IOCTL_COPY_MEMORY, [&, flags](ndk_copy_memory &command) {
            EXPECT_EQ(command.memory_id, 8U);
            EXPECT_EQ(command.copy_flags, flags);
            EXPECT_EQ(command.offset, 7U);
            EXPECT_EQ(command.length, 100U);
            EXPECT_EQ(command.addr, reinterpret_cast<std::uintptr_t>(buffer.data()));
            return 0;
        });
    };

    check(NDK_COPY_TO_KERNEL);
    EXPECT_TRUE(memory.copy_in(buffer, 7));
    check(0);
    EXPECT_TRUE(memory.copy_out(buffer, 7));
}

TEST_F(Marshalling, BuildLam) {
    std::array<std::byte, 100> buffer{};
    const auto memory = pin(buffer, 8);

    calls->on<ndk_build_lam>(NDK_IOCTL_BUILD_LAM, [](ndk_build_lam &command) {
        EXPECT_EQ(command.adapter_id, 1U);
        EXPECT_EQ(command.memory_id, 8U);
        EXPECT_EQ(command.offset, 3U);
        EXPECT_EQ(command.length, 90U);
        command.out_id = 9;
        command.out_page_count = 1;
        command.out_fbo = 77;
        return 0;
    });
    const auto lam = adapter.build_lam(memory, 3, 90).wait();
    ASSERT_TRUE(lam);
    EXPECT_EQ(lam->id(), 9U);
    EXPECT_EQ(lam->page_count(), 1U);
    EXPECT_EQ(lam->first_byte_offset(), 77U);

    const auto cookie = pends<ndk_build_lam>(NDK_IOCTL_BUILD_LAM);
    auto later = adapter.build_lam(memory).future();
    auto event = completion(*cookie, Status::success, 10);
    event.value[0] = 5;
    event.value[1] = 6;
    calls->put(event);
    ASSERT_TRUE(session.dispatch());
    const auto pended = later.get();
    ASSERT_TRUE(pended);
    EXPECT_EQ(pended->id(), 10U);
    EXPECT_EQ(pended->page_count(), 5U);
    EXPECT_EQ(pended->first_byte_offset(), 6U);
}

TEST_F(Marshalling, MemoryRegionRequests) {
    std::array<std::byte, 100> buffer{};
    const auto memory = pin(buffer, 8);
    auto pd = create_pd(adapter, 2);
    auto mr = create_mr(pd, ndk::MrKind::normal, 5);

    calls->on<ndk_register_mr>(NDK_IOCTL_REGISTER_MR, [](ndk_register_mr &command) {
        EXPECT_EQ(command.mr_id, 5U);
        EXPECT_EQ(command.memory_id, 8U);
        EXPECT_EQ(command.offset, 10U);
        EXPECT_EQ(command.length, 20U);
        EXPECT_EQ(command.access, 0x7U);
        return 0;
    });
    EXPECT_TRUE(
        mr.register_memory(memory, 10, 20, ndk::MrAccess::remote_read | ndk::MrAccess::remote_write)
            .wait());

    calls->on<ndk_object>(NDK_IOCTL_DEREGISTER_MR, [](ndk_object &command) {
        EXPECT_EQ(command.id, 5U);
        command.hdr.out_status = STATUS_DEVICE_BUSY;
        return 0;
    });
    EXPECT_EQ(mr.deregister().wait().error(), Status::device_busy);

    for (const bool remote : {false, true}) {
        calls->on<ndk_initialize_mr>(NDK_IOCTL_INITIALIZE_FAST_REGISTER_MR,
                                     [remote](ndk_initialize_mr &command) {
                                         EXPECT_EQ(command.mr_id, 5U);
                                         EXPECT_EQ(command.page_count, 512U);
                                         EXPECT_EQ(command.remote_access, remote ? 1U : 0U);
                                         return 0;
                                     });
        EXPECT_TRUE(mr.initialize(512, static_cast<ndk::RemoteAccess>(remote)).wait());
    }

    calls->on<ndk_get_tokens>(NDK_IOCTL_GET_TOKENS, [](ndk_get_tokens &command) {
        EXPECT_EQ(command.id, 5U);
        command.out_local_token = 0x1111;
        command.out_remote_token = 0x2222;
        return 0;
    });
    const auto tokens = mr.tokens();
    ASSERT_TRUE(tokens);
    EXPECT_EQ(tokens->local, 0x1111U);
    EXPECT_EQ(tokens->remote, 0x2222U);
}

class Posts : public Marshalling {
  protected:
    ndk::ProtectionDomain pd = create_pd(adapter, 2);
    ndk::CompletionQueue cq = create_cq(adapter, 3);
    ndk::QueuePair qp = create_qp(pd, cq, 4);
    ndk::MemoryRegion mr = create_mr(pd, ndk::MrKind::fast, 5);
    std::array<ndk::Sge, 2> pieces{ndk::Sge{.address = 0x1000, .length = 10, .token = 11},
                                   ndk::Sge{.address = 0x2000, .length = 20, .token = 22}};

    void expect(unsigned long request, std::uint32_t flags, ndk::RemoteMemory remote) {
        calls->on<ndk_post>(request, [=, this](ndk_post &command) {
            const auto *sgl =
                reinterpret_cast<const ndk_sge *>(static_cast<std::uintptr_t>(command.sgl));

            EXPECT_EQ(command.hdr.user_data, 1234U);
            EXPECT_EQ(command.hdr.flags, 0U);
            EXPECT_EQ(command.qp_id, 4U);
            EXPECT_EQ(command.op_flags, flags);
            EXPECT_EQ(command.remote_token, remote.token);
            EXPECT_EQ(command.remote_address, remote.address);
            if (command.sge_count != pieces.size())
                return EINVAL;
            EXPECT_EQ(sgl[1].addr, 0x2000U);
            EXPECT_EQ(sgl[1].length, 20U);
            EXPECT_EQ(sgl[1].token, 22U);
            EXPECT_EQ(sgl[1].sge_flags, 0U);
            EXPECT_EQ(sgl[1].__reserved, 0U);
            return 0;
        });
    }
};

TEST_F(Posts, TransfersCarryPiecesFlagsAndThePeersMemory) {
    using enum ndk::OpFlags;

    expect(NDK_IOCTL_SEND, 0x4, {});
    EXPECT_TRUE(qp.send(1234, pieces, send_and_solicit_event));
    expect(NDK_IOCTL_SEND_AND_INVALIDATE, 0x1, {.address = 0, .token = 99});
    EXPECT_TRUE(qp.send_and_invalidate(1234, pieces, 99, silent_success));
    expect(NDK_IOCTL_RECEIVE, 0, {});
    EXPECT_TRUE(qp.receive(1234, pieces));
    expect(NDK_IOCTL_READ, 0x2, {.address = 0xF00, .token = 98});
    EXPECT_TRUE(qp.read(1234, pieces, {.address = 0xF00, .token = 98}, read_fence));
    expect(NDK_IOCTL_WRITE, 0x240, {.address = 0xF00, .token = 98});
    EXPECT_TRUE(qp.write(1234, pieces, {.address = 0xF00, .token = 98}, inlined | defer));
}

TEST_F(Posts, RefusedPostNamesItsFunction) {
    calls->answer<ndk_post>(NDK_IOCTL_SEND, Status::no_more_entries);
    EXPECT_EQ(qp.send(1, pieces).error().message(),
              "NdkSend: STATUS_NO_MORE_ENTRIES (0x8000001A): the queue is full");
}

TEST_F(Posts, FastRegisterAndInvalidate) {
    std::array<std::byte, 100> buffer{};
    const auto memory = pin(buffer, 8);
    const auto lam = build_lam(adapter, memory, 9);

    calls->on<ndk_fast_register>(NDK_IOCTL_FAST_REGISTER, [](ndk_fast_register &command) {
        EXPECT_EQ(command.hdr.user_data, 1234U);
        EXPECT_EQ(command.qp_id, 4U);
        EXPECT_EQ(command.mr_id, 5U);
        EXPECT_EQ(command.lam_id, 9U);
        EXPECT_EQ(command.first_page, 1U);
        EXPECT_EQ(command.page_count, 2U);
        EXPECT_EQ(command.fbo, 3U);
        EXPECT_EQ(command.length, 4000U);
        EXPECT_EQ(command.base_address, 0xFFFF'8000'0000'0003U);
        EXPECT_EQ(command.op_flags, 0x38U);
        return 0;
    });
    EXPECT_TRUE(qp.fast_register(
        1234, mr, lam,
        {.first_page = 1,
         .page_count = 2,
         .fbo = 3,
         .length = 4000,
         .base_address = 0xFFFF'8000'0000'0003,
         .flags = ndk::OpFlags::allow_remote_read | ndk::OpFlags::allow_remote_write}));

    calls->on<ndk_invalidate>(NDK_IOCTL_INVALIDATE, [](ndk_invalidate &command) {
        EXPECT_EQ(command.hdr.user_data, 1235U);
        EXPECT_EQ(command.qp_id, 4U);
        EXPECT_EQ(command.id, 5U);
        EXPECT_EQ(command.op_flags, 0x1U);
        return 0;
    });
    EXPECT_TRUE(qp.invalidate(1235, mr, ndk::OpFlags::silent_success));

    calls->on<ndk_object>(NDK_IOCTL_FLUSH, [](ndk_object &command) {
        EXPECT_EQ(command.id, 4U);
        return 0;
    });
    EXPECT_TRUE(qp.flush());
}

TEST_F(Posts, PiecesDescribeMemoryInlineDataAndMappings) {
    std::array<std::byte, 100> buffer{};
    const auto memory = pin(buffer, 8);
    const auto lam = build_lam(adapter, memory, 9);
    const auto address = reinterpret_cast<std::uintptr_t>(buffer.data());

    const auto piece = ndk::Sge::of(std::span(buffer).subspan(10, 20), 77);
    EXPECT_EQ(piece.address, address + 10);
    EXPECT_EQ(piece.length, 20U);
    EXPECT_EQ(piece.token, 77U);
    EXPECT_EQ(ndk::Sge::inlined(buffer).address, address);
    const auto privileged = ndk::Sge::privileged(lam, 5, 6);
    EXPECT_EQ(privileged.address, 5U);
    EXPECT_EQ(privileged.length, 6U);
    EXPECT_EQ(privileged.token, 9U);
    EXPECT_EQ(privileged.flags, NDK_SGE_PRIVILEGED);
}

TEST_F(Posts, CompletionsAreTakenFromTheQueue) {
    std::array<ndk::Completion, 4> completions;
    const auto give = [&](std::uint32_t flags) {
        calls->on<ndk_get_cq_results>(
            NDK_IOCTL_GET_CQ_RESULTS, [flags](ndk_get_cq_results &command) {
                auto *results =
                    reinterpret_cast<ndk_cq_result *>(static_cast<std::uintptr_t>(command.results));

                EXPECT_EQ(command.cq_id, 3U);
                EXPECT_EQ(command.get_flags, flags);
                EXPECT_EQ(command.count, 4U);
                results[1] = {.status = STATUS_CANCELLED,
                              .bytes_transferred = 5,
                              .qp_context = 6,
                              .request_context = 7,
                              .type = NDK_OPERATION_RECEIVE_AND_INVALIDATE,
                              .provider_error = 8,
                              .output = 9};
                command.out_count = 2;
                return 0;
            });
    };

    give(NDK_RESULTS_EX);
    EXPECT_EQ(*cq.poll(completions), 2U);
    EXPECT_EQ(completions[1].status, Status::cancelled);
    EXPECT_FALSE(completions[1].ok());
    EXPECT_TRUE(completions[0].ok());
    EXPECT_EQ(completions[1].bytes_transferred, 5U);
    EXPECT_EQ(completions[1].qp_context, 6U);
    EXPECT_EQ(completions[1].request_context, 7U);
    EXPECT_EQ(completions[1].operation, ndk::Operation::receive_and_invalidate);
    EXPECT_EQ(completions[1].provider_error, 8U);
    EXPECT_EQ(completions[1].output, 9U);
    give(0);
    EXPECT_EQ(*cq.poll_basic(completions), 2U);
}

TEST_F(Posts, CollectArmsOncePerEmptyQueueAndPollsAgain) {
    std::array<ndk::Completion, 2> completions;
    const auto poll_gives = [&](std::uint32_t count) {
        calls->on<ndk_get_cq_results>(NDK_IOCTL_GET_CQ_RESULTS, [count](auto &command) {
            command.out_count = count;
            return 0;
        });
    };

    poll_gives(1);
    poll_gives(0);
    calls->answer<ndk_arm_cq>(NDK_IOCTL_ARM_CQ, Status::success);
    poll_gives(0);
    calls->put(event_of(NDK_EVENT_CQ_NOTIFICATION, cq_event_data));
    poll_gives(1);
    EXPECT_EQ(*cq.collect(completions, std::chrono::seconds(5)), 2U);
}

TEST_F(Posts, CollectAnswersLessWhenTheTimeIsOver) {
    std::array<ndk::Completion, 2> completions;

    for (int round = 0; round < 2; ++round)
        calls->on<ndk_get_cq_results>(NDK_IOCTL_GET_CQ_RESULTS, [round](auto &command) {
            command.out_count = round == 0 ? 1 : 0;
            return 0;
        });
    calls->answer<ndk_arm_cq>(NDK_IOCTL_ARM_CQ, Status::success);
    calls->on<ndk_get_cq_results>(NDK_IOCTL_GET_CQ_RESULTS, [](auto &) { return 0; });
    EXPECT_EQ(*cq.collect(completions, std::chrono::milliseconds(0)), 1U);
}

TEST_F(Posts, QueueTuning) {
    calls->on<ndk_resize_cq>(NDK_IOCTL_RESIZE_CQ, [](ndk_resize_cq &command) {
        EXPECT_EQ(command.cq_id, 3U);
        EXPECT_EQ(command.depth, 99U);
        command.hdr.out_status = STATUS_NOT_SUPPORTED;
        return 0;
    });
    EXPECT_EQ(cq.resize(99).wait().error(), Status::not_supported);
    calls->on<ndk_moderate_cq>(NDK_IOCTL_MODERATE_CQ, [](ndk_moderate_cq &command) {
        EXPECT_EQ(command.cq_id, 3U);
        EXPECT_EQ(command.interval, 50U);
        EXPECT_EQ(command.count, 7U);
        return 0;
    });
    EXPECT_TRUE(cq.moderate(std::chrono::microseconds(50), 7));
}

class Connections : public Posts {
  protected:
    ndk::Connector connector = create_connector(adapter, 6);
    std::array<std::byte, 5> hello{};
    ndk::ConnectionOptions options{
        .inbound_read_limit = 7, .outbound_read_limit = 8, .private_data = hello};

    static ndk::Result<ndk::Address> parse(const ndk_address &wire) {
        return ndk::Address::from_bytes(std::as_bytes(std::span(wire.data)).first(wire.length));
    }
};

TEST_F(Connections, Connect) {
    const auto source = *ndk::Address::parse("10.77.0.1");
    const auto destination = *ndk::Address::parse("10.77.0.2", 5000);

    calls->on<ndk_connect>(NDK_IOCTL_CONNECT, [&](ndk_connect &command) {
        EXPECT_EQ(command.connector_id, 6U);
        EXPECT_EQ(command.qp_id, 4U);
        EXPECT_EQ(command.shared_endpoint_id, 0U);
        EXPECT_EQ(command.inbound_read_limit, 7U);
        EXPECT_EQ(command.outbound_read_limit, 8U);
        EXPECT_EQ(command.private_data_length, 5U);
        EXPECT_EQ(command.private_data, reinterpret_cast<std::uintptr_t>(hello.data()));
        EXPECT_EQ(*parse(command.source), source);
        EXPECT_EQ(*parse(command.destination), destination);
        command.hdr.out_status = STATUS_CONNECTION_REFUSED;
        return 0;
    });
    EXPECT_EQ(connector.connect(qp, source, destination, options).wait().error(),
              Status::connection_refused);
}

TEST_F(Connections, Accept) {
    calls->on<ndk_accept>(NDK_IOCTL_ACCEPT, [&](ndk_accept &command) {
        EXPECT_EQ(command.connector_id, 6U);
        EXPECT_EQ(command.qp_id, 4U);
        EXPECT_EQ(command.connect_flags, 0U);
        EXPECT_EQ(command.inbound_read_limit, 7U);
        EXPECT_EQ(command.outbound_read_limit, 8U);
        EXPECT_EQ(command.private_data_length, 5U);
        EXPECT_EQ(command.event_data, 0U);
        return 0;
    });
    EXPECT_TRUE(connector.accept(qp, options).wait());
}

TEST_F(Connections, RejectAndDisconnect) {
    calls->on<ndk_reject>(NDK_IOCTL_REJECT, [&](ndk_reject &command) {
        EXPECT_EQ(command.connector_id, 6U);
        EXPECT_EQ(command.private_data_length, 5U);
        EXPECT_EQ(command.private_data, reinterpret_cast<std::uintptr_t>(hello.data()));
        return 0;
    });
    EXPECT_TRUE(connector.reject(hello));
    calls->on<ndk_object>(NDK_IOCTL_DISCONNECT, [](ndk_object &command) {
        EXPECT_EQ(command.id, 6U);
        command.hdr.out_status = STATUS_IO_TIMEOUT;
        return 0;
    });
    EXPECT_EQ(connector.disconnect().wait().error(), Status::io_timeout);
}

TEST_F(Connections, ConnectionDataHasItsSize) {
    calls->on<ndk_get_connection_data>(
        NDK_IOCTL_GET_CONNECTION_DATA, [](ndk_get_connection_data &command) {
            EXPECT_EQ(command.connector_id, 6U);
            EXPECT_EQ(command.private_data_length, static_cast<unsigned>(NDK_PRIVATE_DATA_MAX));
            std::memset(reinterpret_cast<void *>(static_cast<std::uintptr_t>(command.private_data)),
                        0x5a, 56);
            command.out_private_data_length = 56;
            command.out_inbound_read_limit = 1;
            command.out_outbound_read_limit = 2;
            return 0;
        });
    const auto data = connector.connection_data();
    ASSERT_TRUE(data);
    EXPECT_EQ(data->private_data, std::vector<std::byte>(56, std::byte{0x5a}));
    EXPECT_EQ(data->inbound_read_limit, 1U);
    EXPECT_EQ(data->outbound_read_limit, 2U);
}

TEST_F(Connections, AddressesOfBothEnds) {
    const auto address = *ndk::Address::parse("fd77::1", 4791);
    const auto give = [&](unsigned long request, std::uint32_t id) {
        calls->on<ndk_get_address>(request, [&, id](ndk_get_address &command) {
            EXPECT_EQ(command.id, id);
            EXPECT_EQ(command.address.length, sizeof(command.address.data));
            command.address.length = static_cast<std::uint32_t>(address.bytes().size());
            std::ranges::copy(address.bytes(),
                              std::as_writable_bytes(std::span(command.address.data)).begin());
            return 0;
        });
    };

    give(NDK_IOCTL_GET_LOCAL_ADDRESS, 6);
    EXPECT_EQ(*connector.local_address(), address);
    give(NDK_IOCTL_GET_PEER_ADDRESS, 6);
    EXPECT_EQ(*connector.peer_address(), address);
}

TEST_F(Connections, Listener) {
    created<ndk_create>(NDK_IOCTL_CREATE_LISTENER, 7);
    auto listener = std::move(*adapter.create_listener({}).wait());
    const auto address = *ndk::Address::parse("10.77.0.1", 5000);

    calls->on<ndk_listen>(NDK_IOCTL_LISTEN, [&](ndk_listen &command) {
        EXPECT_EQ(command.listener_id, 7U);
        EXPECT_EQ(*parse(command.address), address);
        return 0;
    });
    EXPECT_TRUE(listener.listen(address).wait());
    for (const bool paused : {true, false}) {
        calls->on<ndk_control_connect_events>(NDK_IOCTL_CONTROL_CONNECT_EVENTS,
                                              [paused](ndk_control_connect_events &command) {
                                                  EXPECT_EQ(command.listener_id, 7U);
                                                  EXPECT_EQ(command.pause, paused ? 1U : 0U);
                                                  return 0;
                                              });
        EXPECT_TRUE(listener.pause(paused));
    }
    calls->on<ndk_get_address>(NDK_IOCTL_GET_LOCAL_ADDRESS, [](ndk_get_address &command) {
        EXPECT_EQ(command.id, 7U);
        command.hdr.out_status = STATUS_INVALID_DEVICE_STATE;
        return 0;
    });
    EXPECT_EQ(listener.local_address().error(), Status::invalid_device_state);
}

TEST_F(Marshalling, CommonQueries) {
    calls->on<ndk_query_object>(NDK_IOCTL_QUERY_OBJECT, [](ndk_query_object &command) {
        EXPECT_EQ(command.id, 1U);
        command.out_version_major = 1;
        command.out_version_minor = 2;
        return 0;
    });
    EXPECT_EQ(*adapter.version(), (ndk::Version{1, 2}));

    const ndk::Guid guid{0xb2a4b36e, 0x6a19, 0x4f0b, {0x9a, 0x5c, 0x3d, 0x0e, 0x6f, 0x4f, 0x1c, 1}};
    calls->on<ndk_query_extension>(NDK_IOCTL_QUERY_EXTENSION, [&](ndk_query_extension &command) {
        EXPECT_EQ(command.id, 1U);
        EXPECT_EQ(command.version_major, 1);
        EXPECT_EQ(std::memcmp(command.guid, &guid, sizeof(guid)), 0);
        EXPECT_EQ(command.guid[0], 0x6e);
        EXPECT_EQ(command.guid[15], 1);
        command.hdr.out_status = STATUS_NOT_SUPPORTED;
        return 0;
    });
    EXPECT_EQ(adapter.query_extension(guid, {1, 0}).error(), Status::not_supported);

    calls->answer<ndk_object>(NDK_IOCTL_GET_REFUSAL, Status::success);
    EXPECT_FALSE(*adapter.last_refusal());
    calls->on<ndk_object>(NDK_IOCTL_GET_REFUSAL, [](ndk_object &command) {
        command.hdr.out_status = STATUS_INVALID_PARAMETER;
        set_refusal(command.hdr.out_refusal, "CqDepth", 2, 1);
        return 0;
    });
    const auto refusal = adapter.last_refusal();
    ASSERT_TRUE(refusal && *refusal);
    EXPECT_EQ((*refusal)->refusal().argument, "CqDepth");
    calls->on<ndk_object>(NDK_IOCTL_GET_REFUSAL, [](ndk_object &) { return ENOENT; });
    EXPECT_EQ(adapter.last_refusal().error(), std::errc::no_such_file_or_directory);
}

TEST(Open, SignalIsNoReasonNotToOpen) {
    auto calls = std::make_shared<ScriptedCalls>();

    calls->open_errors = {EINTR};
    const auto session = ndk::Session::open("/dev/other", calls);
    ASSERT_TRUE(session);
    EXPECT_EQ(session->fd(), ScriptedCalls::fd);
    EXPECT_EQ(calls->opened, (std::vector<std::string>{"/dev/other", "/dev/other"}));
}

TEST(Open, FailureNamesTheFile) {
    auto calls = std::make_shared<ScriptedCalls>();

    calls->open_errors = {EACCES};
    const auto session = ndk::Session::open("/dev/ndk", calls);
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().message(), "open /dev/ndk: EACCES: Permission denied");
    EXPECT_EQ(calls->closes, 0);
}

} // namespace
