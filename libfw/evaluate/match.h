// Whether a packet meets a rule, and if not, why.
#pragma once

#include <cstdint>
#include <string>

#include "evaluate/packet_view.h"
#include "fw/rule.h"

namespace fw::evaluation {

// The parts of a rule that can fail to hold.
enum class Part : std::uint8_t {
    none,
    direction,
    source,
    destination,
    interface,
    fragment,
    syn,
    ack,
    protocol,
    source_port,
    destination_port,
};

// The first part of the rule that does not hold; Part::none if the packet meets the rule.
[[nodiscard]] Part unmet(const Rule& rule, const PacketView& view);

// In plain words, without a full stop: "the protocol is udp, not tcp".
[[nodiscard]] std::string explain(Part part, const Rule& rule, const PacketView& view);

}  // namespace fw::evaluation
