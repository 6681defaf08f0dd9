// Ports as typed behind addresses and --sport and --dport, and ICMP types and codes, which stand in
// the same places.
#pragma once

#include <cstdint>
#include <string_view>

#include "fw/names.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "parse/typed.h"

namespace fw {

// "tcp" or "udp" for the protocols whose ports have names in /etc/services, "" for all others.
[[nodiscard]] std::string_view service_protocol(const ProtocolMatch& protocol);

// What the port options of a rule say. The name of an ICMP type settles both type and code.
struct Ports {
    PortMatch source;
    PortMatch destination;
};
[[nodiscard]] Result<Ports> parse_ports(const Given* source, const Given* destination,
                                        const ProtocolMatch& protocol, const Names& names);

// The port that REDIRECT leads to.
[[nodiscard]] Result<std::uint16_t> parse_redirect_port(Word word, const ProtocolMatch& protocol,
                                                        const Names& names);

}  // namespace fw
