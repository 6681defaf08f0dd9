// Packets as they lie on the wire (RFC 791, 793, 768, 792), made into those that chains see.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "fw/packet.h"

namespace fw::evaluation {

// From the IPv4 header on; what is behind the transport header may be missing. Interface and mark
// are the caller's. Nothing if it is no IPv4, or ends before what rules look at though the packet
// itself went on.
[[nodiscard]] std::optional<Packet> read_packet(std::span<const std::uint8_t> bytes);

}  // namespace fw::evaluation
