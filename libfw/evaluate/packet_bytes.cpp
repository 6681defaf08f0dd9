#include "evaluate/packet_bytes.h"

#include "evaluate/packet_view.h"

namespace fw::evaluation {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t least_header = 20;
constexpr std::size_t tcp_flags_at = 13;

std::uint16_t get16(Bytes bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

std::uint32_t get32(Bytes bytes, std::size_t at) {
    return std::uint32_t{get16(bytes, at)} << 16 | get16(bytes, at + 2);
}

std::size_t header_size(Bytes bytes) { return (bytes[0] & 15U) * 4U; }

bool has_header(Bytes bytes) {
    return bytes.size() >= least_header && bytes[0] >> 4 == 4 &&
           header_size(bytes) >= least_header && header_size(bytes) <= bytes.size();
}

Packet read_header(Bytes bytes) {
    const std::uint16_t fragment = get16(bytes, 6);
    Packet packet;
    packet.header_words = bytes[0] & 15;
    packet.tos = bytes[1];
    packet.length = get16(bytes, 2);
    packet.id = get16(bytes, 4);
    packet.dont_fragment = (fragment & 0x4000) != 0;
    packet.more_fragments = (fragment & 0x2000) != 0;
    packet.fragment_offset = fragment & 0x1fff;
    packet.ttl = bytes[8];
    packet.protocol = bytes[9];
    packet.source = {get32(bytes, 12)};
    packet.destination = {get32(bytes, 16)};
    const Bytes options = bytes.subspan(least_header, header_size(bytes) - least_header);
    packet.options.assign(options.begin(), options.end());
    return packet;
}

// False if the bytes end too early.
bool read_transport(Packet& packet, Bytes bytes) {
    const bool icmp = packet.protocol == protocol_icmp;
    const bool tcp = packet.protocol == protocol_tcp;
    if (bytes.size() < (icmp ? 2 : tcp ? tcp_flags_at + 1 : 4)) {
        return false;
    }
    packet.source_port = icmp ? bytes[0] : get16(bytes, 0);
    packet.destination_port = icmp ? bytes[1] : get16(bytes, 2);
    packet.tcp_flags = tcp ? bytes[tcp_flags_at] : std::uint8_t{0};
    return true;
}

}  // namespace

std::optional<Packet> read_packet(Bytes bytes) {
    if (!has_header(bytes)) {
        return std::nullopt;
    }
    Packet packet = read_header(bytes);
    const bool has_ports = packet.protocol == protocol_icmp || packet.protocol == protocol_tcp ||
                           packet.protocol == protocol_udp;
    if (has_ports && packet.fragment_offset == 0 &&
        !read_transport(packet, bytes.subspan(header_size(bytes))) &&
        !too_short(packet, Dialect::ipchains)) {
        return std::nullopt;
    }
    return packet;
}

}  // namespace fw::evaluation
