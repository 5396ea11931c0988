// SPDX-License-Identifier: GPL-2.0-only
// What the door does with structures that no correct program sends. Each must
// get the documented errno, and nothing may change.
#include "system_test.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {

using namespace ndk_test;
using ndk::Status;

struct Command {
    const char *name;
    unsigned long request;
    std::size_t size;
    std::size_t reserved;      // where __reserved is
    std::size_t reserved_size; // 0: there is none
    bool may_pend;
};

template <class C>
constexpr Command describe(const char *name, unsigned long request, bool may_pend) {
    Command command{.name = name,
                    .request = request,
                    .size = sizeof(C),
                    .reserved = 0,
                    .reserved_size = 0,
                    .may_pend = may_pend};

    if constexpr (requires(C of) { of.__reserved; }) {
        command.reserved = offsetof(C, __reserved);
        command.reserved_size = sizeof(C::__reserved);
    }
    return command;
}

#define COMMAND(number, type, pends) describe<type>(#number, NDK_IOCTL_##number, pends)

const Command commands[] = {
    COMMAND(ENUM_ADAPTERS, ndk_enum_adapters, false),
    COMMAND(OPEN_ADAPTER, ndk_open, false),
    COMMAND(QUERY_ADAPTER_INFO, ndk_query_adapter_info, false),
    COMMAND(QUERY_OBJECT, ndk_query_object, false),
    COMMAND(QUERY_EXTENSION, ndk_query_extension, false),
    COMMAND(GET_REFUSAL, ndk_object, false),
    COMMAND(CLOSE, ndk_object, true),
    COMMAND(CREATE_PD, ndk_create, true),
    COMMAND(CREATE_CQ, ndk_create_cq, true),
    COMMAND(CREATE_QP, ndk_create_qp, true),
    COMMAND(CREATE_MR, ndk_create, true),
    COMMAND(CREATE_MW, ndk_create, true),
    COMMAND(CREATE_SRQ, ndk_create_srq, true),
    COMMAND(CREATE_CONNECTOR, ndk_create, true),
    COMMAND(CREATE_LISTENER, ndk_create, true),
    COMMAND(CREATE_SHARED_ENDPOINT, ndk_create_shared_endpoint, true),
    COMMAND(PIN_MEMORY, ndk_pin_memory, false),
    COMMAND(UNPIN_MEMORY, ndk_object, false),
    COMMAND(COPY_MEMORY, ndk_copy_memory, false),
    COMMAND(BUILD_LAM, ndk_build_lam, true),
    COMMAND(RELEASE_LAM, ndk_object, false),
    COMMAND(REGISTER_MR, ndk_register_mr, true),
    COMMAND(DEREGISTER_MR, ndk_object, true),
    COMMAND(INITIALIZE_FAST_REGISTER_MR, ndk_initialize_mr, true),
    COMMAND(GET_TOKENS, ndk_get_tokens, false),
    COMMAND(FAST_REGISTER, ndk_fast_register, false),
    COMMAND(INVALIDATE, ndk_invalidate, false),
    COMMAND(SEND, ndk_post, false),
    COMMAND(SEND_AND_INVALIDATE, ndk_post, false),
    COMMAND(RECEIVE, ndk_post, false),
    COMMAND(READ, ndk_post, false),
    COMMAND(WRITE, ndk_post, false),
    COMMAND(FLUSH, ndk_object, false),
    COMMAND(ARM_CQ, ndk_arm_cq, false),
    COMMAND(GET_CQ_RESULTS, ndk_get_cq_results, false),
    COMMAND(RESIZE_CQ, ndk_resize_cq, true),
    COMMAND(MODERATE_CQ, ndk_moderate_cq, false),
    COMMAND(LISTEN, ndk_listen, true),
    COMMAND(CONTROL_CONNECT_EVENTS, ndk_control_connect_events, false),
    COMMAND(GET_LOCAL_ADDRESS, ndk_get_address, false),
    COMMAND(GET_PEER_ADDRESS, ndk_get_address, false),
    COMMAND(CONNECT, ndk_connect, true),
    COMMAND(COMPLETE_CONNECT, ndk_complete_connect, true),
    COMMAND(ACCEPT, ndk_accept, true),
    COMMAND(REJECT, ndk_reject, false),
    COMMAND(GET_CONNECTION_DATA, ndk_get_connection_data, false),
    COMMAND(DISCONNECT, ndk_object, true),
};

class Malformed : public SystemTest {
  protected:
    ndk::Session session_ = must(ndk::Session::open(place().device));
    // Room for a structure, a tail and an odd address.
    alignas(8) std::array<std::byte, 8192> raw_{};

    ndk_header &fresh(const Command &command, std::size_t at = 0) {
        raw_.fill(std::byte{0});
        auto &header = *reinterpret_cast<ndk_header *>(raw_.data() + at);
        const auto size = static_cast<std::uint32_t>(command.size);

        std::memcpy(&header.size, &size, sizeof(size));
        return header;
    }

    int call(const Command &command, std::size_t at = 0) {
        return ::ioctl(session_.fd(), command.request, raw_.data() + at) == 0 ? 0 : errno;
    }

    /// Each bit of these bytes, alone, is refused.
    void expect_zero_only(const Command &command, std::size_t at, std::size_t size) {
        for (std::size_t bit = 0; bit < 8 * size; ++bit) {
            fresh(command);
            raw_[at + bit / 8] = std::byte{1} << (bit % 8);
            EXPECT_EQ(call(command), EINVAL) << command.name << ", bit " << bit;
        }
    }
};

TEST_F(Malformed, EveryCommandOfTheHeaderIsTested) {
    EXPECT_EQ(std::size(commands), static_cast<std::size_t>(NDK_CMD_END - NDK_CMD_BASE));
    for (std::size_t i = 0; i < std::size(commands); ++i)
        EXPECT_EQ(commands[i].request, NDK_IO(NDK_CMD_BASE + i)) << commands[i].name;
}

TEST_F(Malformed, UnknownCommandsAreNotCommands) {
    const unsigned long requests[] = {
        NDK_IO(NDK_CMD_BASE - 1),
        NDK_IO(NDK_CMD_END),
        NDK_IO(0xff),
        0,
        0xffff'ffff,
        _IOWR(NDK_IOCTL_TYPE, NDK_CMD_CREATE_PD, ndk_create),
        _IO(NDK_IOCTL_TYPE + 1, NDK_CMD_CREATE_PD),
    };

    for (const auto request : requests) {
        fresh(commands[0]);
        EXPECT_EQ(::ioctl(session_.fd(), request, raw_.data()), -1);
        EXPECT_EQ(errno, ENOTTY) << request;
    }
}

TEST_F(Malformed, NullIsAFault) {
    for (const auto &command : commands) {
        EXPECT_EQ(::ioctl(session_.fd(), command.request, nullptr), -1) << command.name;
        EXPECT_EQ(errno, EFAULT) << command.name;
    }
}

TEST_F(Malformed, ShortStructuresAreInvalid) {
    for (const auto &command : commands) {
        for (const std::size_t size : {std::size_t{0}, std::size_t{4}, sizeof(ndk_header) - 1,
                                       sizeof(ndk_header), command.size - 8}) {
            if (size >= command.size)
                continue;
            fresh(command).size = static_cast<std::uint32_t>(size);
            EXPECT_EQ(call(command), EINVAL) << command.name << " with " << size << " bytes";
        }
    }
}

TEST_F(Malformed, LongStructuresAreReadWhenTheirTailIsZero) {
    for (const auto &command : commands) {
        const int plain = (fresh(command), call(command));

        fresh(command).size = static_cast<std::uint32_t>(command.size + 8);
        EXPECT_EQ(call(command), plain) << command.name;
        fresh(command).size = static_cast<std::uint32_t>(command.size + 8);
        raw_[command.size + 7] = std::byte{1};
        EXPECT_EQ(call(command), E2BIG) << command.name;
    }
}

TEST_F(Malformed, AbsurdSizesAreTooBigAndNotRead) {
    for (const auto &command : commands) {
        fresh(command).size = 0xffff'ffff;
        const int error = call(command);
        EXPECT_TRUE(error == E2BIG || error == EFAULT) << command.name << ": " << error;
    }
}

TEST_F(Malformed, UnknownFlagsAreNotSupported) {
    for (const auto &command : commands) {
        fresh(command).flags = 0x8000'0000;
        EXPECT_EQ(call(command), EOPNOTSUPP) << command.name;
        if (command.may_pend)
            continue;
        fresh(command).flags = NDK_FLAG_ASYNC;
        EXPECT_EQ(call(command), EOPNOTSUPP) << command.name << " cannot pend";
    }
}

TEST_F(Malformed, ReservedMembersMustBeZero) {
    for (const auto &command : commands)
        expect_zero_only(command, offsetof(ndk_header, __reserved), sizeof(ndk_header::__reserved));
}

TEST_F(Malformed, ReservedMembersOfEachCommandMustBeZero) {
    unsigned seen = 0;

    for (const auto &command : commands) {
        seen += command.reserved_size != 0;
        expect_zero_only(command, command.reserved, command.reserved_size);
    }
    EXPECT_GT(seen, 10U);
}

TEST_F(Malformed, OnlyWhoDoesNotWaitCanDoWithoutTheEvent) {
    const auto close = std::ranges::find(commands, NDK_IOCTL_CLOSE, &Command::request);

    fresh(*close).flags = NDK_FLAG_NO_EVENT;
    EXPECT_EQ(call(*close), EINVAL);
    fresh(*close).flags = NDK_FLAG_NO_EVENT | NDK_FLAG_ASYNC;
    EXPECT_EQ(call(*close), ENOENT);
}

TEST_F(Malformed, IdsThatNameNothingAreNotFound) {
    for (const std::uint32_t id : {0U, 1U, 12345U, 0xffff'ffffU}) {
        for (const auto &command : commands) {
            if (command.request == NDK_IOCTL_ENUM_ADAPTERS ||
                command.request == NDK_IOCTL_OPEN_ADAPTER ||
                command.request == NDK_IOCTL_PIN_MEMORY)
                continue;
            fresh(command);
            // The object comes first after the header in each of them.
            std::memcpy(raw_.data() + sizeof(ndk_header), &id, sizeof(id));
            EXPECT_EQ(call(command), ENOENT) << command.name << ", id " << id;
        }
    }
}

TEST_F(Malformed, OddAddressesWorkLikeEvenOnes) {
    const Command &command = commands[0];

    for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{3}, std::size_t{7}}) {
        fresh(command, at);
        EXPECT_EQ(call(command, at), 0) << at;
        const std::string name(
            reinterpret_cast<char *>(raw_.data() + at + offsetof(ndk_enum_adapters, out_name)));
        EXPECT_FALSE(name.empty());
    }
}

TEST_F(Malformed, StructureAtTheEndOfMappedMemoryIsNotReadBeyond) {
    const Buffer buffer(page_size);

    for (const auto &command : commands) {
        auto *at = buffer.bytes().data() + page_size - sizeof(ndk_header);
        ndk_header header{};

        header.size = static_cast<std::uint32_t>(command.size + 4096);
        std::memcpy(at, &header, sizeof(header));
        EXPECT_EQ(::ioctl(session_.fd(), command.request, at), -1) << command.name;
        EXPECT_TRUE(errno == EFAULT || errno == E2BIG) << command.name << ": " << errno;
    }
}

class MalformedObject : public SystemTest {
  protected:
    End end_;

    template <class C> int call(unsigned long request, C &command) {
        command.hdr.size = sizeof(command);
        return ::ioctl(end_.session.fd(), request, &command) == 0 ? 0 : errno;
    }
};

TEST_F(MalformedObject, IdOfAnotherTypeIsInvalid) {
    ndk_create create{};
    ndk_object object{};
    ndk_get_tokens tokens{};
    ndk_post post{};

    create.parent_id = end_.pd.id();
    EXPECT_EQ(call(NDK_IOCTL_CREATE_PD, create), EINVAL);
    create.parent_id = end_.adapter.id();
    EXPECT_EQ(call(NDK_IOCTL_CREATE_MR, create), EINVAL);
    object.id = end_.qp.id();
    EXPECT_EQ(call(NDK_IOCTL_DEREGISTER_MR, object), EINVAL);
    EXPECT_EQ(call(NDK_IOCTL_UNPIN_MEMORY, object), EINVAL);
    EXPECT_EQ(call(NDK_IOCTL_RELEASE_LAM, object), EINVAL);
    EXPECT_EQ(call(NDK_IOCTL_DISCONNECT, object), EINVAL);
    tokens.id = end_.pd.id();
    EXPECT_EQ(call(NDK_IOCTL_GET_TOKENS, tokens), EINVAL);
    post.qp_id = end_.pd.id();
    EXPECT_EQ(call(NDK_IOCTL_SEND, post), EINVAL);
}

TEST_F(MalformedObject, ClosedIdIsGoneAtOnceAndNotReused) {
    const auto pd = must(end_.adapter.create_protection_domain().wait());
    const auto id = pd.id();
    ndk_object object{};

    object.id = id;
    EXPECT_EQ(call(NDK_IOCTL_CLOSE, object), 0);
    EXPECT_EQ(call(NDK_IOCTL_CLOSE, object), ENOENT);
    for (int i = 0; i < 50; ++i)
        EXPECT_NE(must(end_.adapter.create_protection_domain().wait()).id(), id);
}

TEST_F(MalformedObject, IdsBelongToTheirFile) {
    End other;
    ndk_object object{};

    object.id = end_.qp.id() + 10'000;
    EXPECT_EQ(call(NDK_IOCTL_FLUSH, object), ENOENT);
    const auto session = must(ndk::Session::open(place().device));
    object.hdr.size = sizeof(object);
    object.id = end_.qp.id();
    EXPECT_EQ(::ioctl(session.fd(), NDK_IOCTL_FLUSH, &object), -1);
    EXPECT_EQ(errno, ENOENT);
}

TEST_F(MalformedObject, MemoryAndMappingsAreNotClosedAsObjects) {
    FastRegion region(end_, 1);
    ndk_object object{};

    object.id = region.memory.id();
    EXPECT_EQ(call(NDK_IOCTL_CLOSE, object), EINVAL);
    object.id = region.lam.id();
    EXPECT_EQ(call(NDK_IOCTL_CLOSE, object), EINVAL);
}

TEST_F(MalformedObject, RequestContextsLeaveTheTopBitAlone) {
    EXPECT_EQ(errno_of(end_.qp.receive(1ULL << 63, {})), EINVAL);
}

TEST_F(MalformedObject, PiecesThatCannotBeReadAreAFault) {
    ndk_post post{};

    post.qp_id = end_.qp.id();
    post.sgl = 8;
    post.sge_count = 1;
    EXPECT_EQ(call(NDK_IOCTL_RECEIVE, post), EFAULT);
    post.sge_count = NDK_SGE_MAX + 1;
    EXPECT_EQ(call(NDK_IOCTL_RECEIVE, post), EINVAL);
}

TEST_F(MalformedObject, ReservedMembersOfPiecesMustBeZero) {
    const NormalRegion local(end_, page_size, all_access);
    auto piece = local.piece(0, 64);

    for (unsigned bit = 0; bit < 8 * sizeof(piece.reserved); ++bit) {
        piece.reserved = 1U << bit;
        EXPECT_EQ(errno_of(end_.qp.receive(1, {&piece, 1})), EINVAL) << "bit " << bit;
    }
    piece = local.piece(0, 64);
    piece.flags = 0x8000;
    EXPECT_EQ(errno_of(end_.qp.receive(1, {&piece, 1})), EOPNOTSUPP);
}

TEST_F(MalformedObject, CompletionsThatCannotBeWrittenAreAFaultOrNone) {
    ndk_get_cq_results get{};

    get.cq_id = end_.receives.id();
    get.results = 8;
    get.count = 4;
    const int error = call(NDK_IOCTL_GET_CQ_RESULTS, get);
    EXPECT_TRUE(error == EFAULT || (error == 0 && get.out_count == 0)) << error;
}

TEST_F(MalformedObject, WindowBeyondTheMappingIsInvalid) {
    FastRegion region(end_, 2);
    auto what = region.whole(remote_all);

    what.first_page = 1;
    EXPECT_EQ(errno_of(end_.qp.fast_register(1, region.mr, region.lam, what)), EINVAL);
    what.first_page = 0xffff'ffff;
    EXPECT_EQ(errno_of(end_.qp.fast_register(1, region.mr, region.lam, what)), EINVAL);
}

TEST_F(MalformedObject, PrivilegedPieceBeyondItsMappingIsInvalid) {
    const FastRegion region(end_, 2);
    const auto beyond = ndk::Sge::privileged(region.lam, 2 * page_size - 10, 11);
    const auto wraps = ndk::Sge::privileged(region.lam, ~std::uint64_t{0}, 2);

    EXPECT_EQ(errno_of(end_.qp.receive(1, {&beyond, 1})), EINVAL);
    EXPECT_EQ(errno_of(end_.qp.receive(1, {&wraps, 1})), EINVAL);
}

TEST_F(MalformedObject, AddressesAreChecked) {
    auto listener = must(end_.adapter.create_listener({}).wait());
    ndk_listen listen{};

    listen.listener_id = listener.id();
    listen.address.length = sizeof(listen.address.data) + 1;
    EXPECT_EQ(call(NDK_IOCTL_LISTEN, listen), EINVAL);
    listen.address.length = 2;
    listen.address.data[0] = AF_INET;
    EXPECT_EQ(call(NDK_IOCTL_LISTEN, listen), 0);
    EXPECT_NE(listen.hdr.out_status, STATUS_SUCCESS);
    std::memset(&listen.address, 0, sizeof(listen.address));
    listen.address.length = 16;
    listen.address.data[0] = AF_UNIX;
    EXPECT_EQ(call(NDK_IOCTL_LISTEN, listen), 0);
    EXPECT_NE(listen.hdr.out_status, STATUS_SUCCESS);
}

TEST_F(MalformedObject, ReservedMembersOfAddressesMustBeZero) {
    const auto listener = must(end_.adapter.create_listener({}).wait());
    const auto connector = must(end_.adapter.create_connector().wait());
    ndk_create_shared_endpoint create{};
    ndk_listen listen{};
    ndk_connect connect{};

    create.adapter_id = end_.adapter.id();
    listen.listener_id = listener.id();
    connect.connector_id = connector.id();
    connect.qp_id = end_.qp.id();
    const auto expect_zero_only = [&](unsigned long request, auto &command, ndk_address &address) {
        for (unsigned bit = 0; bit < 8 * sizeof(address.__reserved); ++bit) {
            address.__reserved = 1U << bit;
            EXPECT_EQ(call(request, command), EINVAL) << "bit " << bit;
            EXPECT_STREQ(command.hdr.out_refusal.argument, "address.__reserved");
        }
        address.__reserved = 0;
    };
    expect_zero_only(NDK_IOCTL_CREATE_SHARED_ENDPOINT, create, create.address);
    expect_zero_only(NDK_IOCTL_LISTEN, listen, listen.address);
    expect_zero_only(NDK_IOCTL_CONNECT, connect, connect.source);
    expect_zero_only(NDK_IOCTL_CONNECT, connect, connect.destination);
}

TEST_F(MalformedObject, ReadNeedsRoomForOneEvent) {
    std::array<std::byte, sizeof(ndk_event) - 1> small{};

    EXPECT_EQ(::read(end_.session.fd(), small.data(), small.size()), -1);
    EXPECT_EQ(errno, EINVAL);
    std::array<std::byte, sizeof(ndk_event)> enough{};
    EXPECT_EQ(::read(end_.session.fd(), enough.data(), enough.size()), -1);
    EXPECT_EQ(errno, EAGAIN);
}

} // namespace
