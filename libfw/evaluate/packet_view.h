// A packet as rules see it, which is where Linux 2.0 and 2.2 differed most.
#pragma once

#include <cstdint>

#include "fw/packet.h"
#include "fw/ruleset.h"

namespace fw::evaluation {

// Ports are 65535 where the packet has none to show: second and later fragments, packets cut short
// of their ports, protocols other than TCP, UDP and ICMP. The type of an ICMP packet is its source
// port.
//
// Linux 2.2 compared no ports of fragments, and no flags of what is not TCP: a rule that asks for
// them is not met.
//
// Linux 2.0 compared the 65535 as if it were a port (and 255 as the type of an ICMP fragment), but
// had no code of ICMP packets; and -y and -k, which need not go with a protocol there, are met by
// all that is not TCP, and by fragments.
struct PacketView {
    const Packet& packet;
    bool fragment = false;  // Linux 2.2: a second or later fragment, or too short to hold its ports
    bool syn = false;       // TCP with SYN set, ACK and RST clear
    bool ack = false;       // TCP with ACK or RST set
    std::uint16_t source_port = 65535;
    std::uint16_t destination_port = 65535;
};

[[nodiscard]] PacketView view(const Packet& packet, Dialect dialect);

// Whether the packet ends before the part of its transport header that rules look at: 16 bytes of
// TCP, 8 of UDP, and in Linux 2.2 8 of ICMP.
[[nodiscard]] bool too_short(const Packet& packet, Dialect dialect);

// The flags and the offset as they stand in the IP header.
[[nodiscard]] std::uint16_t fragment_field(const Packet& packet);

}  // namespace fw::evaluation
