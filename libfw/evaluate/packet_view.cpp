#include "evaluate/packet_view.h"

namespace fw::evaluation {
namespace {

constexpr std::uint8_t tcp_syn = 0x02;
constexpr std::uint8_t tcp_rst = 0x04;
constexpr std::uint8_t tcp_ack = 0x10;

unsigned needed_bytes(std::uint16_t protocol) {
    switch (protocol) {
        case protocol_tcp: return 16;
        case protocol_udp: return 8;
        case protocol_icmp: return 8;
        default: return 0;
    }
}

}  // namespace

PacketView view(const Packet& packet) {
    PacketView seen{packet};
    seen.fragment = packet.fragment_offset != 0 || too_short(packet);
    if (seen.fragment || needed_bytes(packet.protocol) == 0) {
        return seen;
    }
    seen.source_port = packet.source_port;
    seen.destination_port = packet.destination_port;
    if (packet.protocol == protocol_tcp) {
        seen.syn = (packet.tcp_flags & (tcp_syn | tcp_ack | tcp_rst)) == tcp_syn;
        seen.ack = (packet.tcp_flags & tcp_ack) != 0;
    }
    return seen;
}

bool too_short(const Packet& packet) {
    return packet.length < packet.header_words * 4U + needed_bytes(packet.protocol);
}

std::uint16_t fragment_field(const Packet& packet) {
    const unsigned flags =
        (packet.dont_fragment ? 0x4000U : 0U) | (packet.more_fragments ? 0x2000U : 0U);
    return static_cast<std::uint16_t>(flags | (packet.fragment_offset & 0x1fffU));
}

}  // namespace fw::evaluation
