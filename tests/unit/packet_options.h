// One packet as the recordings describe it, and what is printed about its fate: the program `pkt`
// without its input and output.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fw/evaluate.h"
#include "fw/packet.h"
#include "fw/result.h"

namespace packets {

struct PacketRequest {
    std::string hook = "input";  // the chain
    fw::Packet packet;
    std::uint64_t repeat = 1;  // how many of them arrive
};

// --hook CHAIN --if NAME --src ADDRESS --dst ADDRESS --proto NAME|NUMBER --sport N --dport N --syn
// --tcpflags HEX --frag N (in units of 8 bytes) --mf --df --tos HEX --len N --icmp-type N
// --icmp-code N --ttl N --id N --mark N --repeat N --ihl WORDS --ipopts HEX; none is needed.
// The hooks acctin and acctout are the two ways to the chain accounting.
[[nodiscard]] fw::Result<PacketRequest> parse_packet_options(std::span<const std::string> words);

// Sends the packets through the chains, which count them, and says what became of them.
[[nodiscard]] std::string send(fw::Ruleset& ruleset, const PacketRequest& request);

// "verdict ACCEPT tos 0x00 mark 0x0", then a line for each log line and for each copy.
[[nodiscard]] std::string answer(const PacketRequest& request, const fw::Decision& decision);

// "ACCEPT", "DENY", ...; a loop drops the packet.
[[nodiscard]] std::string_view verdict_name(fw::Verdict verdict);

// The copies to user space as a listener saw them: "len 44 mark 0x1 if eth0 data 4500...".
[[nodiscard]] std::vector<std::string> copies(const fw::Packet& packet,
                                              const fw::Decision& decision);

}  // namespace packets
