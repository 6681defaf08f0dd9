// Ports as typed behind addresses and --sport and --dport, and ICMP types and codes, which stand in
// the same places.
#pragma once

#include <optional>

#include "fw/names.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "parse/typed.h"

namespace fw {

// `udp`, `port`, ...: "tcp" or "udp" if the protocol is one that has ports of that kind.
[[nodiscard]] std::string_view service_protocol(const ProtocolMatch& protocol);

// What the port options of a rule say. A name of an ICMP type settles type and code; `named` tells.
struct Ports {
    PortMatch source;
    PortMatch destination;
    std::optional<std::uint8_t> named_type;
};
[[nodiscard]] Result<Ports> parse_ports(const Given* source, const Given* destination,
                                        const ProtocolMatch& protocol, const Names& names);

// The port that REDIRECT leads to.
[[nodiscard]] Result<std::uint16_t> parse_redirect_port(Word word, const ProtocolMatch& protocol,
                                                        const Names& names);

}  // namespace fw
