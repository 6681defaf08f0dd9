#include "packet_bytes.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace packets {

namespace {

constexpr std::size_t least_header = 20;  // bytes of an IP header, RFC 791
constexpr std::size_t checksum_at = 10;
constexpr std::uint16_t gre = 47;

void put16(Bytes& bytes, std::size_t at, unsigned value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
    put16(bytes, at, value >> 16);
    put16(bytes, at + 2, value & 0xffff);
}

// 0 behind the end.
unsigned get8(const Bytes& bytes, std::size_t at) { return at < bytes.size() ? bytes[at] : 0; }
unsigned get16(const Bytes& bytes, std::size_t at) {
    return get8(bytes, at) << 8 | get8(bytes, at + 1);
}
std::uint32_t get32(const Bytes& bytes, std::size_t at) {
    return std::uint32_t{get16(bytes, at)} << 16 | get16(bytes, at + 2);
}

std::size_t header_of(const Bytes& bytes) { return (bytes[0] & 15U) * 4U; }

// The sum of RFC 1071 over [from, to).
unsigned sum(const Bytes& bytes, std::size_t from, std::size_t to) {
    std::uint64_t total = 0;
    for (std::size_t i = from; i < to; i += 2) {
        total += get8(bytes, i) << 8 | (i + 1 < to ? get8(bytes, i + 1) : 0);
    }
    while (total >> 16 != 0) {
        total = (total >> 16) + (total & 0xffff);
    }
    return static_cast<unsigned>(total);
}

unsigned folded(unsigned total) { return (total >> 16) + (total & 0xffff); }

void mend_header(Bytes& bytes) {
    put16(bytes, checksum_at, 0);
    put16(bytes, checksum_at, ~sum(bytes, 0, header_of(bytes)) & 0xffff);
}

// What the transport checksum must cover: the bytes behind the header, and for TCP and UDP the
// pseudo header (RFC 793).
unsigned transport_sum(const Bytes& bytes) {
    const std::size_t header = header_of(bytes);
    unsigned total = sum(bytes, header, bytes.size());
    const unsigned protocol = bytes[9];
    if (protocol == fw::protocol_tcp || protocol == fw::protocol_udp) {
        total += sum(bytes, 12, 20) + protocol + static_cast<unsigned>(bytes.size() - header);
    }
    return folded(folded(total));
}

std::size_t transport_checksum_at(unsigned protocol) {
    switch (protocol) {
        case fw::protocol_tcp: return 16;
        case fw::protocol_udp: return 6;
        default: return 2;
    }
}

void mend_transport(Bytes& bytes) {
    const std::size_t at = header_of(bytes) + transport_checksum_at(bytes[9]);
    if (at + 2 > bytes.size()) {
        return;
    }
    put16(bytes, at, 0);
    const unsigned checksum = ~transport_sum(bytes) & 0xffff;
    put16(bytes, at, checksum == 0 ? 0xffff : checksum);
}

Bytes transport_of(const fw::Packet& packet, std::size_t size) {
    Bytes bytes(std::max<std::size_t>(size, 20));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(i * 7 + 1);
    }
    if (packet.protocol == fw::protocol_icmp) {
        bytes[0] = static_cast<std::uint8_t>(packet.source_port);
        bytes[1] = static_cast<std::uint8_t>(packet.destination_port);
    } else {
        put16(bytes, 0, packet.source_port);
        put16(bytes, 2, packet.destination_port);
    }
    if (packet.protocol == fw::protocol_tcp) {
        bytes[12] = 0x50;
        bytes[13] = packet.tcp_flags;
    } else if (packet.protocol == fw::protocol_udp) {
        put16(bytes, 4, static_cast<unsigned>(size));
    }
    bytes.resize(size);
    return bytes;
}

// ICMP that is not answered: errors, and what Linux takes for one, the types that it has no use
// for.
bool is_icmp_error(unsigned type) { return type != 0 && type != 8 && (type < 13 || type > 18); }

// Protocols with a checksum of another kind, or one that may be left out (Linux 6.18).
bool checksum_is_looked_at(const Bytes& bytes) {
    const std::size_t header = header_of(bytes);
    switch (bytes[9]) {
        case fw::protocol_udp: return bytes.size() < header + 8 || get16(bytes, header + 6) != 0;
        case gre: return bytes.size() >= header + 4 && (bytes[header] & 0x80) != 0;
        case 33:
        case 50:
        case 51:
        case 132:
        case 136: return false;
        default: return true;
    }
}

}  // namespace

Bytes to_bytes(const fw::Packet& packet) {
    const std::size_t header = packet.header_words * std::size_t{4};
    Bytes bytes(header);
    bytes[0] = static_cast<std::uint8_t>(0x40 | packet.header_words);
    bytes[1] = packet.tos;
    put16(bytes, 2, packet.length);
    put16(bytes, 4, packet.id);
    put16(bytes, 6,
          packet.fragment_offset | (packet.dont_fragment ? 0x4000U : 0U) |
              (packet.more_fragments ? 0x2000U : 0U));
    bytes[8] = packet.ttl;
    bytes[9] = static_cast<std::uint8_t>(packet.protocol);
    put32(bytes, 12, packet.source.value);
    put32(bytes, 16, packet.destination.value);
    std::copy(packet.options.begin(), packet.options.end(), bytes.begin() + least_header);
    mend_header(bytes);
    const Bytes transport = transport_of(packet, packet.length - header);
    bytes.insert(bytes.end(), transport.begin(), transport.end());
    mend_transport(bytes);
    return bytes;
}

fw::Packet to_packet(const Bytes& bytes, const std::string& interface, std::uint32_t mark) {
    fw::Packet packet;
    const std::size_t header = header_of(bytes);
    packet.header_words = bytes[0] & 15;
    packet.tos = bytes[1];
    packet.length = static_cast<std::uint16_t>(get16(bytes, 2));
    packet.id = static_cast<std::uint16_t>(get16(bytes, 4));
    packet.fragment_offset = get16(bytes, 6) & 0x1fff;
    packet.more_fragments = (bytes[6] & 0x20) != 0;
    packet.dont_fragment = (bytes[6] & 0x40) != 0;
    packet.ttl = bytes[8];
    packet.protocol = bytes[9];
    packet.source = {get32(bytes, 12)};
    packet.destination = {get32(bytes, 16)};
    packet.options.assign(bytes.begin() + least_header,
                          bytes.begin() + static_cast<std::ptrdiff_t>(header));
    if (packet.protocol == fw::protocol_icmp) {
        packet.source_port = static_cast<std::uint16_t>(get8(bytes, header));
        packet.destination_port = static_cast<std::uint16_t>(get8(bytes, header + 1));
    } else {
        packet.source_port = static_cast<std::uint16_t>(get16(bytes, header));
        packet.destination_port = static_cast<std::uint16_t>(get16(bytes, header + 2));
    }
    if (packet.protocol == fw::protocol_tcp) {
        packet.tcp_flags = static_cast<std::uint8_t>(get8(bytes, header + 13));
    }
    packet.interface = interface;
    packet.mark = mark;
    return packet;
}

bool header_checksum_is_right(const Bytes& bytes) {
    return sum(bytes, 0, header_of(bytes)) == 0xffff;
}

Bytes with_tos(Bytes bytes, std::uint8_t tos) {
    bytes[1] = tos;
    mend_header(bytes);
    return bytes;
}

Bytes one_hop_further(Bytes bytes) {
    --bytes[8];
    mend_header(bytes);
    return bytes;
}

Bytes with_ends(Bytes bytes, const Ends& ends) {
    put32(bytes, 12, ends.source.value);
    put32(bytes, 16, ends.destination.value);
    const std::size_t header = header_of(bytes);
    if (bytes[9] == fw::protocol_tcp || bytes[9] == fw::protocol_udp) {
        put16(bytes, header, ends.source_port);
        put16(bytes, header + 2, ends.destination_port);
        mend_transport(bytes);
    }
    mend_header(bytes);
    return bytes;
}

bool same_packet(const Bytes& one, const Bytes& other) {
    if (one == other) {
        return true;
    }
    if (one.size() != other.size() || other.size() < least_header ||
        transport_sum(other) != 0xffff) {
        return false;
    }
    Bytes mended = other;
    mend_transport(mended);
    return mended == one;
}

Bytes error_about(const Bytes& bytes, std::uint16_t id) {
    constexpr std::size_t inner = least_header + 8;
    const std::size_t quoted = std::min(bytes.size(), header_of(bytes) + 8);
    Bytes error(inner + quoted);
    error[0] = 0x45;
    put16(error, 2, static_cast<unsigned>(error.size()));
    put16(error, 4, id);
    error[8] = 64;
    error[9] = fw::protocol_icmp;
    std::copy_n(bytes.begin() + 16, 4, error.begin() + 12);
    std::copy_n(bytes.begin() + 12, 4, error.begin() + 16);
    error[least_header] = error[least_header + 1] = 3;
    std::copy_n(bytes.begin(), quoted, error.begin() + inner);
    mend_header(error);
    mend_transport(error);
    return error;
}

std::vector<Bytes> two_fragments(const Bytes& bytes, std::size_t size) {
    const auto cut = bytes.begin() + static_cast<std::ptrdiff_t>(least_header + size);
    Bytes first(bytes.begin(), cut);
    Bytes second(bytes.begin(), bytes.begin() + least_header);
    second.insert(second.end(), cut, bytes.end());
    put16(first, 6, 0x2000);
    put16(second, 6, static_cast<unsigned>(size / 8));
    for (Bytes* fragment : {&first, &second}) {
        put16(*fragment, 2, static_cast<unsigned>(fragment->size()));
        mend_header(*fragment);
    }
    return {std::move(first), std::move(second)};
}

Bytes reassembled(const std::vector<Bytes>& fragments) {
    Bytes whole = fragments.front();
    for (std::size_t i = 1; i < fragments.size(); ++i) {
        const auto header = static_cast<std::ptrdiff_t>(header_of(fragments[i]));
        whole.insert(whole.end(), fragments[i].begin() + header, fragments[i].end());
    }
    if (fragments.size() > 1) {
        put16(whole, 2, static_cast<unsigned>(whole.size()));
        put16(whole, 6, 0);
        mend_header(whole);
    }
    return whole;
}

bool more_fragments_follow(const Bytes& bytes) { return (get8(bytes, 6) & 0x20) != 0; }

Answered answered_if_rejected(const Bytes& bytes) {
    const std::size_t header = header_of(bytes);
    if ((get16(bytes, 6) & 0x1fff) != 0) {
        return Answered::no;
    }
    if (bytes[9] == fw::protocol_icmp) {
        if (bytes.size() <= header || is_icmp_error(bytes[header])) {
            return Answered::no;
        }
    }
    // Zeros have a right checksum, too: the IP header, which is never all zeros, is summed with
    // them.
    const unsigned total = transport_sum(bytes);
    if (checksum_is_looked_at(bytes) && total != 0xffff && total != 0) {
        return Answered::no;
    }
    const unsigned first = bytes[12];
    constexpr unsigned loopback = 127;
    const bool odd_source = first == 0 || first == loopback || first >= 224;
    return odd_source ? Answered::perhaps : Answered::yes;
}

bool is_answer_to(const Bytes& rejected, const Bytes& bytes) {
    const std::size_t header = header_of(bytes);
    const std::size_t inner = header + 8;
    if (bytes[9] != fw::protocol_icmp || get8(bytes, header) != 3 || get8(bytes, header + 1) != 3 ||
        bytes.size() < inner + std::min<std::size_t>(rejected.size(), header_of(rejected) + 8) ||
        (get32(bytes, 16) != get32(rejected, 12) && get32(rejected, 12) != 0)) {
        return false;
    }
    const std::size_t quoted = std::min(rejected.size(), bytes.size() - inner);
    return std::equal(rejected.begin(), rejected.begin() + static_cast<std::ptrdiff_t>(quoted),
                      bytes.begin() + static_cast<std::ptrdiff_t>(inner));
}

std::string describe(const fw::Packet& packet) {
    char text[256];
    const auto byte = [](fw::Address address, unsigned shift) {
        return (address.value >> shift) & 0xff;
    };
    std::snprintf(text, sizeof text,
                  "%s proto %u %u.%u.%u.%u:%u -> %u.%u.%u.%u:%u len %u ihl %u frag %u%s flags %02x "
                  "tos %02x ttl %u mark %x",
                  packet.interface.c_str(), packet.protocol, byte(packet.source, 24),
                  byte(packet.source, 16), byte(packet.source, 8), byte(packet.source, 0),
                  packet.source_port, byte(packet.destination, 24), byte(packet.destination, 16),
                  byte(packet.destination, 8), byte(packet.destination, 0), packet.destination_port,
                  packet.length, packet.header_words, packet.fragment_offset,
                  packet.more_fragments ? "+" : "", packet.tcp_flags, packet.tos, packet.ttl,
                  packet.mark);
    return text;
}

}  // namespace packets
