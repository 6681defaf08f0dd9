// What address translation has to do with a packet: whether it can be rewritten, its two ends, and
// what the other end says to it.
#pragma once

#include "packet_bytes.h"

namespace packets {

// TCP and UDP.
[[nodiscard]] bool has_ports(const fw::Packet& packet);

[[nodiscard]] bool is_fragment(const fw::Packet& packet);

// Ports of masqueraded connections, 61000 up to 65095.
[[nodiscard]] bool is_masquerading(std::uint16_t port);

// The addresses that Network gives to interfaces, of 203.0.113.0/24.
[[nodiscard]] bool is_this_machine(fw::Address address);

[[nodiscard]] Ends ends_of(const fw::Packet& packet);

// SYN and ACK to a SYN, ACK to other TCP, an echo reply to an echo request, the same back to
// others.
[[nodiscard]] Bytes reply_to(const Bytes& bytes);

}  // namespace packets
