// Lists of port ranges. Ports are numbers in the byte order of the machine.
#pragma once

#include <cstdint>
#include <vector>

#include "fw/rule.h"

namespace fw {

// In order, those that touch made one, so that no port is in two.
[[nodiscard]] std::vector<PortRange> merged(std::vector<PortRange> ranges);

// Those that a match asks for, merged: one of all ports if it asks for none. Not if it is inverted.
[[nodiscard]] std::vector<PortRange> ranges_of(const PortMatch& match);

[[nodiscard]] bool overlap(const PortRange& a, const PortRange& b);

// Whether a packet with this port meets the match, which may be inverted.
[[nodiscard]] bool contains(const PortMatch& match, std::uint16_t port);

}  // namespace fw
