// Ports as ipfwadm takes them behind the addresses of -S and -D: up to ten in a rule, one range a
// side among them. ICMP types stand behind -S.
#pragma once

#include <cstdint>
#include <string_view>

#include "fw/names.h"
#include "fw/result.h"
#include "parse/lettered.h"
#include "parse/ports.h"

namespace fw {

// tcp, udp, icmp, all: those that ipfwadm knows.
[[nodiscard]] std::string_view ipfwadm_protocol_name(std::uint16_t protocol);

// A number of 0 to 65535, or a service of the protocol. `text` is the part of the word that is
// meant.
[[nodiscard]] Result<std::uint16_t> parse_ipfwadm_port(Word word, std::string_view text,
                                                       std::uint16_t protocol, const Names& names);

// What -S and -D say; -r has its share in the number of ports.
[[nodiscard]] Result<Ports> parse_ipfwadm_ports(const LetteredLine& line, std::uint16_t protocol,
                                                const Names& names);

}  // namespace fw
