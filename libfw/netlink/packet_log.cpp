// Requests and packets of nfnetlink_log, as in linux/netfilter/nfnetlink_log.h; numbers in them are
// in network byte order.
#include "fw/packet_log.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "netlink/attributes.h"
#include "netlink/session.h"

namespace fw {
namespace {

// The kernel makes no message longer than 128 KiB (Linux 6.18).
constexpr std::size_t receive_room = 1 << 17;
constexpr std::size_t request_room = 256;
constexpr int first_sequence = 1;

nlmsghdr& begin_request(std::uint8_t* buffer, unsigned type, std::uint16_t group) {
    nlmsghdr* message = mnl_nlmsg_put_header(buffer);
    message->nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_ULOG << 8 | type);
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    message->nlmsg_seq = first_sequence;
    auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    header->nfgen_family = AF_INET;
    header->version = NFNETLINK_V0;
    header->res_id = htons(group);
    return *message;
}

// All in one message, so that no packet finds the group half set up.
void put_settings(nlmsghdr& message, const PacketLog::Options& options) {
    nfulnl_msg_config_cmd command{};
    command.command = NFULNL_CFG_CMD_BIND;
    mnl_attr_put(&message, NFULA_CFG_CMD, sizeof command, &command);
    nfulnl_msg_config_mode mode{};
    mode.copy_range = htonl(options.bytes);
    mode.copy_mode = NFULNL_COPY_PACKET;
    mnl_attr_put(&message, NFULA_CFG_MODE, sizeof mode, &mode);
    mnl_attr_put_u32(&message, NFULA_CFG_TIMEOUT, htonl(options.delay));
    mnl_attr_put_u32(&message, NFULA_CFG_QTHRESH, htonl(options.together));
    mnl_attr_put_u16(&message, NFULA_CFG_FLAGS, htons(NFULNL_CFG_F_SEQ));
}

// The errno of the kernel's answer, 0 for success. Packets that are faster than the answer are let
// go here, and counted as lost when the next one comes.
Result<int> ask(mnl_socket* socket, const nlmsghdr& request) {
    if (mnl_socket_sendto(socket, &request, request.nlmsg_len) < 0) {
        return netlink::error_from(errno);
    }
    alignas(nlmsghdr) std::uint8_t answer[4096];
    const auto* message = reinterpret_cast<const nlmsghdr*>(answer);
    do {
        const ssize_t size = mnl_socket_recvfrom(socket, answer, sizeof answer);
        if (size < 0 && errno != ENOSPC) {  // ENOSPC: cut to what there is room for
            return netlink::error_from(errno);
        }
    } while (message->nlmsg_type != NLMSG_ERROR);
    return -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error;
}

// The kernel says EPERM to those who may not listen, and to those who come second. A request of a
// type that it doesn't carry out tells which: only who may is told so.
bool may_listen(mnl_socket* socket, std::uint16_t group) {
    alignas(nlmsghdr) std::uint8_t buffer[request_room];
    const Result<int> answer = ask(socket, begin_request(buffer, NFULNL_MSG_PACKET, group));
    return answer && *answer != EPERM;
}

Error refused(int number, std::uint16_t group, mnl_socket* socket) {
    const std::string name = "group " + std::to_string(group);
    if (number == EBUSY || (number == EPERM && may_listen(socket, group))) {
        return {Code::busy, name, -1, "another program listens to it already",
                "stop that one; /proc/net/netfilter/nfnetlink_log tells its process"};
    }
    if (number == EINVAL || number == EOPNOTSUPP) {
        return {Code::unsupported, name, -1, "this kernel has no nfnetlink_log",
                "load the module nfnetlink_log, or use a kernel with CONFIG_NETFILTER_NETLINK_LOG"};
    }
    if (number == EPERM) {
        return {Code::permission, name, -1, "listening needs root (CAP_NET_ADMIN)", ""};
    }
    return netlink::error_from(number);
}

std::uint32_t get_u32(const nlattr* attribute) { return ntohl(mnl_attr_get_u32(attribute)); }

std::string interface_name(std::uint32_t index) {
    char name[IF_NAMESIZE];
    if (if_indextoname(index, name) != nullptr) {
        return name;
    }
    return "if" + std::to_string(index);
}

std::uint64_t get_time(const nlattr* attribute) {
    nfulnl_msg_packet_timestamp stamp;
    std::memcpy(&stamp, mnl_attr_get_payload(attribute), sizeof stamp);
    return be64toh(stamp.sec) * 1'000'000 + be64toh(stamp.usec);
}

void read_attribute(LoggedPacket& packet, const nlattr* attribute) {
    const auto* payload = static_cast<const std::uint8_t*>(mnl_attr_get_payload(attribute));
    const std::size_t size = mnl_attr_get_payload_len(attribute);
    switch (mnl_attr_get_type(attribute)) {
        case NFULA_PACKET_HDR:
            packet.hook =
                static_cast<Hook>(reinterpret_cast<const nfulnl_msg_packet_hdr*>(payload)->hook);
            break;
        case NFULA_MARK: packet.mark = get_u32(attribute); break;
        case NFULA_TIMESTAMP: packet.time = get_time(attribute); break;
        case NFULA_IFINDEX_INDEV: packet.in_index = get_u32(attribute); break;
        case NFULA_IFINDEX_OUTDEV: packet.out_index = get_u32(attribute); break;
        case NFULA_PAYLOAD: packet.bytes.assign(payload, payload + size); break;
        case NFULA_PREFIX:
            packet.prefix.assign(reinterpret_cast<const char*>(payload),
                                 strnlen(reinterpret_cast<const char*>(payload), size));
            break;
        case NFULA_SEQ: packet.sequence = get_u32(attribute); break;
        default: break;
    }
}

LoggedPacket read_message(const nlmsghdr& message) {
    LoggedPacket packet;
    netlink::for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        read_attribute(packet, attribute);
    });
    if (packet.in_index != 0) {
        packet.in = interface_name(packet.in_index);
    }
    if (packet.out_index != 0) {
        packet.out = interface_name(packet.out_index);
    }
    return packet;
}

}  // namespace

void PacketLog::Closer::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

Result<PacketLog> PacketLog::open(std::uint16_t group, const Options& options) {
    mnl_socket* socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
    if (socket == nullptr) {
        return netlink::error_from(errno);
    }
    PacketLog log(socket);
    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        return netlink::error_from(errno);
    }
    alignas(nlmsghdr) std::uint8_t buffer[request_room];
    nlmsghdr& request = begin_request(buffer, NFULNL_MSG_CONFIG, group);
    put_settings(request, options);
    const Result<int> answer = ask(socket, request);
    if (!answer) {
        return answer.error();
    }
    if (*answer != 0) {
        return refused(*answer, group, socket);
    }
    const int half = static_cast<int>(std::min(options.buffer, 1U << 30) / 2);  // it is doubled
    setsockopt(log.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof half);
    log.buffer_ = std::make_unique_for_overwrite<std::uint8_t[]>(receive_room);
    return log;
}

int PacketLog::fd() const { return mnl_socket_get_fd(socket_.get()); }

Result<Received> PacketLog::receive() {
    Received received;
    const ssize_t size = recv(fd(), buffer_.get(), receive_room, MSG_DONTWAIT);
    if (size < 0) {
        received.overrun = errno == ENOBUFS;
        const bool nothing = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        return nothing || received.overrun ? Result<Received>(received)
                                           : netlink::error_from(errno);
    }
    int left = static_cast<int>(size);
    for (const auto* message = reinterpret_cast<const nlmsghdr*>(buffer_.get());
         mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
        if (message->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET)) {
            continue;
        }
        received.packets.push_back(read_message(*message));
        const std::uint32_t sequence = received.packets.back().sequence;
        received.lost += sequence - expected_;  // modulo 2^32, as the kernel counts
        expected_ = sequence + 1;
    }
    return received;
}

}  // namespace fw
