// A packet as the chains of Linux 2.2 and 2.0 saw it: the IPv4 header and the first bytes behind
// it. All numbers in host byte order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fw/rule.h"

namespace [[gnu::visibility("default")]] fw {

struct Packet {
    Address source;
    Address destination;
    std::uint16_t protocol = 0;
    std::uint16_t source_port = 0;       // ICMP: the type
    std::uint16_t destination_port = 0;  // ICMP: the code
    std::uint8_t tcp_flags = 0;          // byte 13 of the TCP header: FIN 1, SYN 2, RST 4, ACK 16
    std::string interface;               // the one that chains match: in, or out
    Direction direction = Direction::both;  // accounting: whether it arrives or leaves, if known
    std::uint16_t length = 40;              // IP total length, bytes
    std::uint8_t header_words = 5;          // IP header length in 4-byte words
    std::uint16_t fragment_offset = 0;      // in units of 8 bytes
    bool more_fragments = false;
    bool dont_fragment = false;
    std::uint8_t tos = 0;
    std::uint8_t ttl = 64;
    std::uint16_t id = 0;
    std::uint32_t mark = 0;
    std::vector<std::uint8_t> options;  // IP options, (header_words - 5) * 4 bytes

    bool operator==(const Packet&) const = default;
};

}  // namespace fw
