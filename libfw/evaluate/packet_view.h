// A packet as rules see it. Ports are 65535 where the packet has none to show: second and later
// fragments, packets cut short of their ports, protocols other than TCP, UDP and ICMP.
#pragma once

#include <cstdint>

#include "fw/packet.h"

namespace fw::evaluation {

struct PacketView {
    const Packet& packet;
    bool fragment = false;  // a second or later fragment, or too short to hold its ports
    bool syn = false;       // TCP with SYN set, ACK and RST clear
    bool ack = false;       // TCP with ACK set
    std::uint16_t source_port = 65535;
    std::uint16_t destination_port = 65535;
};

[[nodiscard]] PacketView view(const Packet& packet);

// Whether the packet ends before the part of its transport header that rules look at: 16 bytes of
// TCP, 8 of UDP and ICMP.
[[nodiscard]] bool too_short(const Packet& packet);

// The flags and the offset as they stand in the IP header.
[[nodiscard]] std::uint16_t fragment_field(const Packet& packet);

}  // namespace fw::evaluation
