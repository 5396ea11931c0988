// SPDX-License-Identifier: GPL-2.0-only
#include "commands.hpp"

#include <array>
#include <cstddef>

namespace ndk_fuzz {
namespace {

// MEMBER(struct, member, what[, a[, b]])
#define MEMBER(type, member, ...)                                                                  \
    Field {                                                                                        \
#member, offsetof(type, member), sizeof(type::member), __VA_ARGS__                         \
    }

using enum What;

constexpr std::uint32_t mr_flags = NDK_MR_FLAG_ALLOW_REMOTE_WRITE | NDK_MR_FLAG_ALLOW_REMOTE_READ;
constexpr std::uint32_t all_mr_flags = 0xf;
constexpr std::uint32_t all_op_flags = 0x3ff;
constexpr std::uint32_t page = 4096;
constexpr std::uint32_t default_depth = 8;

constexpr Field enum_adapters[] = {
    MEMBER(ndk_enum_adapters, index, number),     MEMBER(ndk_enum_adapters, out_ifindex, output),
    MEMBER(ndk_enum_adapters, out_ports, output), MEMBER(ndk_enum_adapters, __reserved, reserved),
    MEMBER(ndk_enum_adapters, out_name, output),
};

constexpr Field open_adapter[] = {
    MEMBER(ndk_open, name, What::name),
    MEMBER(ndk_open, ifindex, number),
    MEMBER(ndk_open, version_major, number, 1),
    MEMBER(ndk_open, version_minor, number),
    MEMBER(ndk_open, out_id, output),
    MEMBER(ndk_open, out_version_major, output),
    MEMBER(ndk_open, out_version_minor, output),
};

constexpr Field query_adapter_info[] = {
    MEMBER(ndk_query_adapter_info, adapter_id, id, NDK_KIND_ADAPTER),
    MEMBER(ndk_query_adapter_info, buffer_size, number),
    MEMBER(ndk_query_adapter_info, out_buffer_size, output),
    MEMBER(ndk_query_adapter_info, __reserved, reserved),
    MEMBER(ndk_query_adapter_info, out_limits, output),
};

constexpr Field query_object[] = {
    MEMBER(ndk_query_object, id, What::id),
    MEMBER(ndk_query_object, out_kind, output),
    MEMBER(ndk_query_object, out_version_major, output),
    MEMBER(ndk_query_object, out_version_minor, output),
    MEMBER(ndk_query_object, __reserved, reserved),
};

constexpr Field query_extension[] = {
    MEMBER(ndk_query_extension, id, What::id),
    MEMBER(ndk_query_extension, version_major, number, 1),
    MEMBER(ndk_query_extension, version_minor, number),
    MEMBER(ndk_query_extension, guid, What::guid),
};

// struct ndk_object, of an object of one kind
template <std::uint32_t kind>
constexpr Field object[] = {
    MEMBER(ndk_object, id, What::id, kind),
    MEMBER(ndk_object, __reserved, reserved),
};

// struct ndk_create, on a parent of one kind
template <std::uint32_t kind>
constexpr Field create[] = {
    MEMBER(ndk_create, parent_id, id, kind),
    MEMBER(ndk_create, create_flags, flags, 0, NDK_CREATE_MR_FAST_REGISTER),
    MEMBER(ndk_create, event_data, number),
    MEMBER(ndk_create, backlog, number),
    MEMBER(ndk_create, out_id, output),
};

constexpr Field create_cq[] = {
    MEMBER(ndk_create_cq, adapter_id, id, NDK_KIND_ADAPTER),
    MEMBER(ndk_create_cq, depth, number, 2 * default_depth),
    MEMBER(ndk_create_cq, event_data, number),
    MEMBER(ndk_create_cq, affinity_mask, number),
    MEMBER(ndk_create_cq, affinity_group, number),
    MEMBER(ndk_create_cq, out_id, output),
};

constexpr Field create_qp[] = {
    MEMBER(ndk_create_qp, pd_id, id, NDK_KIND_PD),
    MEMBER(ndk_create_qp, receive_cq_id, id, NDK_KIND_CQ),
    MEMBER(ndk_create_qp, initiator_cq_id, id, NDK_KIND_CQ),
    MEMBER(ndk_create_qp, srq_id, id, NDK_KIND_SRQ, 1),
    MEMBER(ndk_create_qp, qp_context, number),
    MEMBER(ndk_create_qp, receive_queue_depth, number, default_depth),
    MEMBER(ndk_create_qp, initiator_queue_depth, number, default_depth),
    MEMBER(ndk_create_qp, max_receive_request_sge, number, 2),
    MEMBER(ndk_create_qp, max_initiator_request_sge, number, 2),
    MEMBER(ndk_create_qp, inline_data_size, number, 64),
    MEMBER(ndk_create_qp, out_id, output),
};

constexpr Field create_srq[] = {
    MEMBER(ndk_create_srq, pd_id, id, NDK_KIND_PD),
    MEMBER(ndk_create_srq, depth, number, default_depth),
    MEMBER(ndk_create_srq, max_receive_request_sge, number, 1),
    MEMBER(ndk_create_srq, notify_threshold, number),
    MEMBER(ndk_create_srq, event_data, number),
    MEMBER(ndk_create_srq, affinity_mask, number),
    MEMBER(ndk_create_srq, affinity_group, number),
    MEMBER(ndk_create_srq, out_id, output),
};

constexpr Field create_shared_endpoint[] = {
    MEMBER(ndk_create_shared_endpoint, adapter_id, id, NDK_KIND_ADAPTER),
    MEMBER(ndk_create_shared_endpoint, out_id, output),
    MEMBER(ndk_create_shared_endpoint, address, What::address),
};

constexpr Field pin_memory[] = {
    MEMBER(ndk_pin_memory, addr, memory),
    MEMBER(ndk_pin_memory, length, number, page),
    MEMBER(ndk_pin_memory, mem_flags, flags, NDK_MEM_FLAG_WRITE,
           NDK_MEM_FLAG_WRITE | NDK_MEM_FLAG_KERNEL),
    MEMBER(ndk_pin_memory, out_id, output),
    MEMBER(ndk_pin_memory, out_wanted, output),
    MEMBER(ndk_pin_memory, out_allowed, output),
};

constexpr Field copy_memory[] = {
    MEMBER(ndk_copy_memory, memory_id, id, NDK_KIND_MEMORY),
    MEMBER(ndk_copy_memory, copy_flags, flags, 0, NDK_COPY_TO_KERNEL),
    MEMBER(ndk_copy_memory, offset, number),
    MEMBER(ndk_copy_memory, length, number, 64),
    MEMBER(ndk_copy_memory, addr, memory),
};

constexpr Field build_lam[] = {
    MEMBER(ndk_build_lam, adapter_id, id, NDK_KIND_ADAPTER),
    MEMBER(ndk_build_lam, memory_id, id, NDK_KIND_MEMORY),
    MEMBER(ndk_build_lam, offset, number),
    MEMBER(ndk_build_lam, length, number, page),
    MEMBER(ndk_build_lam, out_id, output),
    MEMBER(ndk_build_lam, out_page_count, output),
    MEMBER(ndk_build_lam, out_fbo, output),
    MEMBER(ndk_build_lam, __reserved, reserved),
};

constexpr Field register_mr[] = {
    MEMBER(ndk_register_mr, mr_id, id, NDK_KIND_MR),
    MEMBER(ndk_register_mr, memory_id, id, NDK_KIND_MEMORY),
    MEMBER(ndk_register_mr, offset, number),
    MEMBER(ndk_register_mr, length, number, page),
    MEMBER(ndk_register_mr, access, flags, mr_flags, all_mr_flags),
    MEMBER(ndk_register_mr, __reserved, reserved),
};

constexpr Field initialize_mr[] = {
    MEMBER(ndk_initialize_mr, mr_id, id, NDK_KIND_MR),
    MEMBER(ndk_initialize_mr, page_count, number, 4),
    MEMBER(ndk_initialize_mr, remote_access, flags, 1, 1),
    MEMBER(ndk_initialize_mr, __reserved, reserved),
};

constexpr Field get_tokens[] = {
    MEMBER(ndk_get_tokens, id, What::id, NDK_KIND_MR),
    MEMBER(ndk_get_tokens, out_local_token, output),
    MEMBER(ndk_get_tokens, out_remote_token, output),
    MEMBER(ndk_get_tokens, __reserved, reserved),
};

constexpr Field fast_register[] = {
    MEMBER(ndk_fast_register, qp_id, id, NDK_KIND_QP),
    MEMBER(ndk_fast_register, mr_id, id, NDK_KIND_MR),
    MEMBER(ndk_fast_register, lam_id, id, NDK_KIND_LAM),
    MEMBER(ndk_fast_register, first_page, number),
    MEMBER(ndk_fast_register, page_count, number, 1),
    MEMBER(ndk_fast_register, fbo, number),
    MEMBER(ndk_fast_register, op_flags, flags,
           NDK_OP_FLAG_ALLOW_REMOTE_READ | NDK_OP_FLAG_ALLOW_REMOTE_WRITE, all_op_flags),
    MEMBER(ndk_fast_register, __reserved, reserved),
    MEMBER(ndk_fast_register, length, number, page),
    MEMBER(ndk_fast_register, base_address, memory),
};

constexpr Field invalidate[] = {
    MEMBER(ndk_invalidate, qp_id, id, NDK_KIND_QP),
    MEMBER(ndk_invalidate, id, What::id, NDK_KIND_MR),
    MEMBER(ndk_invalidate, op_flags, flags, 0, all_op_flags),
    MEMBER(ndk_invalidate, __reserved, reserved),
};

// struct ndk_post; remote: what the peer's token and address are
template <What token_is, What address_is, std::uint32_t flags_of>
constexpr Field post[] = {
    MEMBER(ndk_post, qp_id, id, NDK_KIND_QP),
    MEMBER(ndk_post, op_flags, flags, 0, flags_of),
    MEMBER(ndk_post, sgl, What::sgl),
    MEMBER(ndk_post, sge_count, number, 1),
    MEMBER(ndk_post, remote_token, token_is, token_is == token),
    MEMBER(ndk_post, remote_address, address_is),
};

constexpr Field arm_cq[] = {
    MEMBER(ndk_arm_cq, cq_id, id, NDK_KIND_CQ),
    MEMBER(ndk_arm_cq, notify, number, NDK_CQ_NOTIFY_ANY),
};

constexpr Field get_cq_results[] = {
    MEMBER(ndk_get_cq_results, cq_id, id, NDK_KIND_CQ),
    MEMBER(ndk_get_cq_results, get_flags, flags, NDK_RESULTS_EX, NDK_RESULTS_EX),
    MEMBER(ndk_get_cq_results, results, memory),
    MEMBER(ndk_get_cq_results, count, number, 16),
    MEMBER(ndk_get_cq_results, out_count, output),
};

constexpr Field resize_cq[] = {
    MEMBER(ndk_resize_cq, cq_id, id, NDK_KIND_CQ),
    MEMBER(ndk_resize_cq, depth, number, 2 * default_depth),
};

constexpr Field moderate_cq[] = {
    MEMBER(ndk_moderate_cq, cq_id, id, NDK_KIND_CQ),
    MEMBER(ndk_moderate_cq, interval, number, 1),
    MEMBER(ndk_moderate_cq, count, number, 1),
    MEMBER(ndk_moderate_cq, __reserved, reserved),
};

constexpr Field listen[] = {
    MEMBER(ndk_listen, listener_id, id, NDK_KIND_LISTENER),
    MEMBER(ndk_listen, __reserved, reserved),
    MEMBER(ndk_listen, address, What::address),
};

constexpr Field control_connect_events[] = {
    MEMBER(ndk_control_connect_events, listener_id, id, NDK_KIND_LISTENER),
    MEMBER(ndk_control_connect_events, pause, flags, 0, 1),
};

constexpr Field get_address[] = {
    MEMBER(ndk_get_address, id, What::id, NDK_KIND_CONNECTOR),
    MEMBER(ndk_get_address, __reserved, reserved),
    MEMBER(ndk_get_address, address, What::address),
};

constexpr Field connect[] = {
    MEMBER(ndk_connect, connector_id, id, NDK_KIND_CONNECTOR),
    MEMBER(ndk_connect, qp_id, id, NDK_KIND_QP),
    MEMBER(ndk_connect, shared_endpoint_id, id, NDK_KIND_SHARED_ENDPOINT, 1),
    MEMBER(ndk_connect, inbound_read_limit, number, 1),
    MEMBER(ndk_connect, outbound_read_limit, number, 1),
    MEMBER(ndk_connect, private_data_length, number),
    MEMBER(ndk_connect, private_data, memory),
    MEMBER(ndk_connect, source, What::address, 1),
    MEMBER(ndk_connect, destination, What::address),
};

constexpr Field complete_connect[] = {
    MEMBER(ndk_complete_connect, connector_id, id, NDK_KIND_CONNECTOR),
    MEMBER(ndk_complete_connect, connect_flags, flags, 0, NDK_CONNECT_EX),
    MEMBER(ndk_complete_connect, event_data, number),
};

constexpr Field accept[] = {
    MEMBER(ndk_accept, connector_id, id, NDK_KIND_CONNECTOR),
    MEMBER(ndk_accept, qp_id, id, NDK_KIND_QP),
    MEMBER(ndk_accept, connect_flags, flags, 0, NDK_CONNECT_EX),
    MEMBER(ndk_accept, inbound_read_limit, number, 1),
    MEMBER(ndk_accept, outbound_read_limit, number, 1),
    MEMBER(ndk_accept, private_data_length, number),
    MEMBER(ndk_accept, private_data, memory),
    MEMBER(ndk_accept, event_data, number),
};

constexpr Field reject[] = {
    MEMBER(ndk_reject, connector_id, id, NDK_KIND_CONNECTOR),
    MEMBER(ndk_reject, private_data_length, number),
    MEMBER(ndk_reject, private_data, memory),
};

constexpr Field get_connection_data[] = {
    MEMBER(ndk_get_connection_data, connector_id, id, NDK_KIND_CONNECTOR),
    MEMBER(ndk_get_connection_data, private_data_length, number, 256),
    MEMBER(ndk_get_connection_data, private_data, memory),
    MEMBER(ndk_get_connection_data, out_private_data_length, output),
    MEMBER(ndk_get_connection_data, out_inbound_read_limit, output),
    MEMBER(ndk_get_connection_data, out_outbound_read_limit, output),
    MEMBER(ndk_get_connection_data, __reserved, reserved),
};

constexpr Field read_fields[] = {
    {"buffer", 0, 8, memory},
    {"length", 8, 8, number, 4 * sizeof(ndk_event)},
};
constexpr Field place_fields[] = {
    {"page", 0, 8, number},
    {"pages", 8, 8, number, 1},
};
constexpr Field odd_ioctl_fields[] = {
    {"request", 0, 8, number, NDK_IO(NDK_CMD_END)},
    {"argument", 8, 8, memory},
};

constexpr Command special(std::string_view name, Special what, std::span<const Field> fields = {}) {
    return {name, what, 0, 0, false, false, 0, fields};
}

// How a command ends: at once, or perhaps later; the latter are waited for, or not.
enum Pends { at_once, waits, asks };

constexpr Command make(std::string_view name, std::uint32_t request, std::size_t size, Pends pends,
                       std::span<const Field> fields, std::uint32_t creates = 0) {
    return {
        name,          Special::none, request, static_cast<std::uint16_t>(size), pends != at_once,
        pends == asks, creates,       fields};
}

#define COMMAND(number, type, ...) make(#number, NDK_IOCTL_##number, sizeof(type), __VA_ARGS__)

constexpr auto table = std::to_array<Command>({
    special("join", Special::join),
    special("open", Special::open),
    special("close", Special::close),
    special("read", Special::read, read_fields),
    special("wait", Special::wait),
    special("map", Special::map, place_fields),
    special("unmap", Special::unmap, place_fields),
    special("protect", Special::protect, place_fields),
    special("discard", Special::discard, place_fields),
    special("nap", Special::nap),
    special("odd_ioctl", Special::odd_ioctl, odd_ioctl_fields),
    special("odd_file", Special::odd_file),
    COMMAND(ENUM_ADAPTERS, ndk_enum_adapters, at_once, enum_adapters),
    COMMAND(OPEN_ADAPTER, ndk_open, at_once, open_adapter, NDK_KIND_ADAPTER),
    COMMAND(QUERY_ADAPTER_INFO, ndk_query_adapter_info, at_once, query_adapter_info),
    COMMAND(QUERY_OBJECT, ndk_query_object, at_once, query_object),
    COMMAND(QUERY_EXTENSION, ndk_query_extension, at_once, query_extension),
    COMMAND(GET_REFUSAL, ndk_object, at_once, object<0>),
    COMMAND(CLOSE, ndk_object, asks, object<0>),
    COMMAND(CREATE_PD, ndk_create, waits, create<NDK_KIND_ADAPTER>, NDK_KIND_PD),
    COMMAND(CREATE_CQ, ndk_create_cq, waits, create_cq, NDK_KIND_CQ),
    COMMAND(CREATE_QP, ndk_create_qp, waits, create_qp, NDK_KIND_QP),
    COMMAND(CREATE_MR, ndk_create, waits, create<NDK_KIND_PD>, NDK_KIND_MR),
    COMMAND(CREATE_MW, ndk_create, waits, create<NDK_KIND_PD>, NDK_KIND_MW),
    COMMAND(CREATE_SRQ, ndk_create_srq, waits, create_srq, NDK_KIND_SRQ),
    COMMAND(CREATE_CONNECTOR, ndk_create, waits, create<NDK_KIND_ADAPTER>, NDK_KIND_CONNECTOR),
    COMMAND(CREATE_LISTENER, ndk_create, waits, create<NDK_KIND_ADAPTER>, NDK_KIND_LISTENER),
    COMMAND(CREATE_SHARED_ENDPOINT, ndk_create_shared_endpoint, waits, create_shared_endpoint,
            NDK_KIND_SHARED_ENDPOINT),
    COMMAND(PIN_MEMORY, ndk_pin_memory, at_once, pin_memory, NDK_KIND_MEMORY),
    COMMAND(UNPIN_MEMORY, ndk_object, at_once, object<NDK_KIND_MEMORY>),
    COMMAND(COPY_MEMORY, ndk_copy_memory, at_once, copy_memory),
    COMMAND(BUILD_LAM, ndk_build_lam, waits, build_lam, NDK_KIND_LAM),
    COMMAND(RELEASE_LAM, ndk_object, at_once, object<NDK_KIND_LAM>),
    COMMAND(REGISTER_MR, ndk_register_mr, waits, register_mr),
    COMMAND(DEREGISTER_MR, ndk_object, waits, object<NDK_KIND_MR>),
    COMMAND(INITIALIZE_FAST_REGISTER_MR, ndk_initialize_mr, waits, initialize_mr),
    COMMAND(GET_TOKENS, ndk_get_tokens, at_once, get_tokens),
    COMMAND(FAST_REGISTER, ndk_fast_register, at_once, fast_register),
    COMMAND(INVALIDATE, ndk_invalidate, at_once, invalidate),
    COMMAND(SEND, ndk_post, at_once, post<number, number, all_op_flags>),
    COMMAND(SEND_AND_INVALIDATE, ndk_post, at_once, post<token, number, all_op_flags>),
    COMMAND(RECEIVE, ndk_post, at_once, post<number, number, 0>),
    COMMAND(READ, ndk_post, at_once, post<token, memory, all_op_flags>),
    COMMAND(WRITE, ndk_post, at_once, post<token, memory, all_op_flags>),
    COMMAND(FLUSH, ndk_object, at_once, object<NDK_KIND_QP>),
    COMMAND(ARM_CQ, ndk_arm_cq, at_once, arm_cq),
    COMMAND(GET_CQ_RESULTS, ndk_get_cq_results, at_once, get_cq_results),
    COMMAND(RESIZE_CQ, ndk_resize_cq, waits, resize_cq),
    COMMAND(MODERATE_CQ, ndk_moderate_cq, at_once, moderate_cq),
    COMMAND(LISTEN, ndk_listen, waits, listen),
    COMMAND(CONTROL_CONNECT_EVENTS, ndk_control_connect_events, at_once, control_connect_events),
    COMMAND(GET_LOCAL_ADDRESS, ndk_get_address, at_once, get_address),
    COMMAND(GET_PEER_ADDRESS, ndk_get_address, at_once, get_address),
    COMMAND(CONNECT, ndk_connect, asks, connect),
    COMMAND(COMPLETE_CONNECT, ndk_complete_connect, asks, complete_connect),
    COMMAND(ACCEPT, ndk_accept, asks, accept),
    COMMAND(REJECT, ndk_reject, at_once, reject),
    COMMAND(GET_CONNECTION_DATA, ndk_get_connection_data, at_once, get_connection_data),
    COMMAND(DISCONNECT, ndk_object, asks, object<NDK_KIND_CONNECTOR>),
});

constexpr std::size_t first_command = table.size() - (NDK_CMD_END - NDK_CMD_BASE);

// Every command of the header, in its order and after the other steps.
constexpr bool all_commands() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        const bool command = table[i].special == Special::none;

        if (command != (i >= first_command))
            return false;
        if (command && table[i].request != NDK_IO(NDK_CMD_BASE + (i - first_command)))
            return false;
    }
    return true;
}

// Every member of every struct: no byte after the header is left out.
constexpr bool all_members() {
    for (const auto &command : table) {
        std::size_t at = command.size ? sizeof(ndk_header) : 0;

        for (const auto &field : command.fields) {
            if (field.offset != at)
                return false;
            at += field.size;
        }
        if (command.size && at != command.size)
            return false;
        if (command.fields.size() > max_fields)
            return false;
    }
    return true;
}

static_assert(all_commands(), "a command of the header has no line here");
static_assert(all_members(), "a member of a struct has no line here");

} // namespace

std::span<const Command> commands() {
    return table;
}

} // namespace ndk_fuzz
