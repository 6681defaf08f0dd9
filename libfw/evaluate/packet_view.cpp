#include "evaluate/packet_view.h"

namespace fw::evaluation {
namespace {

constexpr std::uint8_t tcp_syn = 0x02;
constexpr std::uint8_t tcp_rst = 0x04;
constexpr std::uint8_t tcp_ack = 0x10;

constexpr std::uint16_t no_icmp_type = 255;

bool has_ports(const Packet& packet) {
    return packet.protocol == protocol_tcp || packet.protocol == protocol_udp;
}

bool opens(const Packet& packet) {
    return (packet.tcp_flags & (tcp_syn | tcp_ack | tcp_rst)) == tcp_syn;
}

bool answers(const Packet& packet) { return (packet.tcp_flags & (tcp_ack | tcp_rst)) != 0; }

unsigned needed_bytes(std::uint16_t protocol, Dialect dialect) {
    switch (protocol) {
        case protocol_tcp: return 16;
        case protocol_udp: return 8;
        case protocol_icmp: return dialect == Dialect::ipchains ? 8 : 0;
        default: return 0;
    }
}

PacketView view_of_2_2(const Packet& packet) {
    PacketView seen{packet};
    seen.fragment = packet.fragment_offset != 0 || too_short(packet, Dialect::ipchains);
    if (seen.fragment) {
        return seen;
    }
    if (has_ports(packet) || packet.protocol == protocol_icmp) {
        seen.source_port = packet.source_port;
        seen.destination_port = packet.destination_port;
    }
    if (packet.protocol == protocol_tcp) {
        seen.syn = opens(packet);
        seen.ack = answers(packet);
    }
    return seen;
}

PacketView view_of_2_0(const Packet& packet) {
    PacketView seen{packet};
    const bool first = packet.fragment_offset == 0;
    if (packet.protocol == protocol_icmp) {
        seen.source_port = first ? packet.source_port : no_icmp_type;
    } else if (has_ports(packet) && first) {
        seen.source_port = packet.source_port;
        seen.destination_port = packet.destination_port;
    }
    const bool has_flags = packet.protocol == protocol_tcp && first;
    seen.syn = !has_flags || opens(packet);
    seen.ack = !has_flags || answers(packet);
    return seen;
}

}  // namespace

PacketView view(const Packet& packet, Dialect dialect) {
    return dialect == Dialect::ipfwadm ? view_of_2_0(packet) : view_of_2_2(packet);
}

bool too_short(const Packet& packet, Dialect dialect) {
    return packet.length < packet.header_words * 4U + needed_bytes(packet.protocol, dialect);
}

std::uint16_t fragment_field(const Packet& packet) {
    const unsigned flags =
        (packet.dont_fragment ? 0x4000U : 0U) | (packet.more_fragments ? 0x2000U : 0U);
    return static_cast<std::uint16_t>(flags | (packet.fragment_offset & 0x1fffU));
}

}  // namespace fw::evaluation
