#include "translation.h"

#include <utility>

namespace packets {

bool has_ports(const fw::Packet& packet) {
    return packet.protocol == fw::protocol_tcp || packet.protocol == fw::protocol_udp;
}

bool is_fragment(const fw::Packet& packet) {
    return packet.fragment_offset != 0 || packet.more_fragments;
}

bool is_masquerading(std::uint16_t port) { return port >= 61000 && port <= 65095; }

bool is_this_machine(fw::Address address) { return address.value >> 8 == 0xcb0071; }

Ends ends_of(const fw::Packet& packet) {
    return {packet.source, packet.destination, packet.source_port, packet.destination_port};
}

Bytes reply_to(const Bytes& bytes) {
    fw::Packet packet = to_packet(bytes, "", 0);
    std::swap(packet.source, packet.destination);
    packet.ttl = 64;
    packet.tos = 0;
    if (packet.protocol == fw::protocol_icmp) {
        packet.source_port = packet.source_port == 8 ? 0 : packet.source_port + 1;
    } else if (has_ports(packet)) {
        std::swap(packet.source_port, packet.destination_port);
        packet.tcp_flags = static_cast<std::uint8_t>((packet.tcp_flags & 0x02) | 0x10);
    }
    return to_bytes(packet);
}

}  // namespace packets
