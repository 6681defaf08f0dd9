// The lines that Linux 2.2 and 2.0 wrote to the kernel log about a packet, byte for byte, without
// the newline. `tos` is the packet's TOS by then: earlier rules may have changed it. In 2.0 no
// rule had done that before another one met the packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "evaluate/packet_view.h"
#include "fw/rule.h"

namespace fw::evaluation {

// How these lines name a target: "DENY", "REDIRECT 80", "-".
[[nodiscard]] std::string log_target(const Target& target);

// A rule with -l has matched; `number` 1 is the first of its chain.
[[nodiscard]] std::string log_match(std::string_view chain, std::string_view target,
                                    std::size_t number, const PacketView& view, std::uint8_t tos);

// Linux 2.0: what stands before the packet, with a blank at the end: "IP fw-in acc ". Accounting
// said which way the packet went: "IP acct in ".
[[nodiscard]] std::string log_opening_2_0(std::string_view chain, Direction direction,
                                          const Target& target);

// Linux 2.0: a rule with -o has matched.
[[nodiscard]] std::string log_match_2_0(std::string_view opening, const PacketView& view);

// The packet alone, with SYN if it is one: from the interface to what stands before the number.
void append_packet(std::string& out, const PacketView& view, std::uint8_t tos);

// The second of the two lines about a packet that no rule gets to see.
[[nodiscard]] std::string log_suspect(const Packet& packet);

// The two lines about a jump to `chain` while it is being walked already; `walked` are the chains
// from the first to the one that jumps.
void log_loop(std::vector<std::string>& log, std::string_view chain,
              const std::vector<std::string_view>& walked);

}  // namespace fw::evaluation
