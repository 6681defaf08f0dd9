// Packets as they lie on the wire, made from and turned back into the evaluator's. Checksums are
// right in everything made here, also in packets that are cut short.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fw/packet.h"

namespace packets {

using Bytes = std::vector<std::uint8_t>;

// `length` bytes, which must hold the IP header. Behind the transport header, and in fragments in
// its place, stands something that looks like one: who reads it there finds ports that match.
[[nodiscard]] Bytes to_bytes(const fw::Packet& packet);

// The reverse; what lies behind the end of the packet is 0.
[[nodiscard]] fw::Packet to_packet(const Bytes& bytes, const std::string& interface,
                                   std::uint32_t mark);

[[nodiscard]] bool header_checksum_is_right(const Bytes& bytes);

// The packet with another TOS byte, or one hop further, and the checksum to go with it.
[[nodiscard]] Bytes with_tos(Bytes bytes, std::uint8_t tos);
[[nodiscard]] Bytes one_hop_further(Bytes bytes);

// The packet with other addresses, and ports where its protocol has them, as address translation
// makes it; both checksums to go with them.
struct Ends {
    fw::Address source;
    fw::Address destination;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
};
[[nodiscard]] Bytes with_ends(Bytes bytes, const Ends& ends);

// Whether they are the same, but that the transport checksum may be written as 0 or as 0xffff.
[[nodiscard]] bool same_packet(const Bytes& one, const Bytes& other);

// An ICMP port unreachable about the packet, from its destination to its source: the header and
// eight bytes come back (RFC 792).
[[nodiscard]] Bytes error_about(const Bytes& bytes, std::uint16_t id);

// The packet cut in two (RFC 791), the first with `size` bytes of payload, a multiple of 8. Its
// header has no options.
[[nodiscard]] std::vector<Bytes> two_fragments(const Bytes& bytes, std::size_t size);

// Fragments in their order put together again.
[[nodiscard]] Bytes reassembled(const std::vector<Bytes>& fragments);

[[nodiscard]] bool more_fragments_follow(const Bytes& bytes);

// Whether the kernel answers when the packet is rejected. Neither Linux 2.2 nor today's answers
// later fragments and ICMP errors; today's does not answer what has a wrong checksum either, which
// includes first fragments and packets cut short, whose checksum covers what is not there.
// `perhaps`: depends on where an answer to such a source address is routed.
enum class Answered : std::uint8_t { no, yes, perhaps };
[[nodiscard]] Answered answered_if_rejected(const Bytes& bytes);

// Whether it is the answer to a rejected packet: ICMP port unreachable, to its source (or to an
// address of this machine, if that is 0.0.0.0), with its header and first bytes.
[[nodiscard]] bool is_answer_to(const Bytes& rejected, const Bytes& bytes);

// "tcp 10.0.0.1:1025 -> 10.0.0.2:80 len 40 ...", for people.
[[nodiscard]] std::string describe(const fw::Packet& packet);

}  // namespace packets
