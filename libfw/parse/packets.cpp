#include "parse/icmp.h"
#include "parse/rules.h"

namespace fw {
namespace {

constexpr std::uint8_t tcp_syn = 2;
constexpr std::uint8_t tcp_ack = 16;
constexpr std::uint16_t later_fragment = 2;  // offset 1 is suspect, and dropped before any rule

constexpr Option needed[] = {Option::protocol, Option::source, Option::destination,
                             Option::interface};
constexpr std::string_view needed_remedies[] = {
    "say which protocol: -p tcp",
    "say where it comes from: -s 10.0.0.1 1024",
    "say where it goes: -d 10.0.0.2 80",
    "say by which interface it comes or leaves: -i eth0",
};

Status check_needed(const Typed& typed) {
    const Word check = typed.get(Option::check)->option;
    for (std::size_t i = 0; i < std::size(needed); ++i) {
        if (!typed.has(needed[i])) {
            return usage_error(check, "a check needs a whole packet",
                               std::string(needed_remedies[i]));
        }
    }
    return Done{};
}

Status check_inverted(const Typed& typed) {
    for (const auto& given : typed.options) {
        if (given && given->inverted) {
            return usage_error(given->option, "a packet can't be described by what it is not",
                               "leave out the !");
        }
    }
    return Done{};
}

// Whether the ports are one port each, as far as the packet has ports.
Status check_ports(const Typed& typed, const Rule& rule) {
    const bool icmp = rule.protocol.number == protocol_icmp;
    const bool has_ports =
        icmp || rule.protocol.number == protocol_tcp || rule.protocol.number == protocol_udp;
    if (!has_ports || rule.fragment == Flag::set) {
        return Done{};
    }
    const auto single = [](const PortMatch& ports) {
        return ports.ranges.size() == 1 && ports.ranges[0].first == ports.ranges[0].last;
    };
    if (!single(rule.source_ports)) {
        return usage_error(typed.get(Option::source)->value,
                           icmp ? "a check needs one ICMP type" : "a check needs one source port",
                           icmp ? "give it behind -s: -s 10.0.0.1 ping"
                                : "give it behind -s: -s 10.0.0.1 1024");
    }
    // The name of a type whose codes have no names says enough: its only code is 0.
    const bool code_left_out =
        icmp && rule.destination_ports.any() && !typed.has(Option::destination_port) &&
        find_icmp_name(typed.get(Option::source_port)->value.text).count == 1;
    const std::uint16_t type = rule.source_ports.ranges[0].first;
    if (code_left_out && !icmp_type_has_codes(static_cast<std::uint8_t>(type))) {
        return Done{};
    }
    if (!single(rule.destination_ports)) {
        return usage_error(typed.get(Option::destination)->value,
                           icmp ? "a check needs one ICMP code"
                                : "a check needs one destination port",
                           icmp ? "give it behind -d, -d 10.0.0.2 0, or use a name that says it"
                                : "give it behind -d: -d 10.0.0.2 80");
    }
    return Done{};
}

std::uint16_t port(const PortMatch& ports) {
    return ports.ranges.empty() ? std::uint16_t{0} : ports.ranges[0].first;
}

Packet as_packet(const Rule& rule) {
    Packet packet;
    packet.source = rule.source.address;
    packet.destination = rule.destination.address;
    packet.protocol = rule.protocol.number;
    packet.source_port = port(rule.source_ports);
    packet.destination_port = port(rule.destination_ports);
    if (rule.protocol.number == protocol_tcp) {
        packet.tcp_flags = rule.syn == Flag::set ? tcp_syn : tcp_ack;
    }
    packet.fragment_offset = rule.fragment == Flag::set ? later_fragment : std::uint16_t{0};
    packet.interface = rule.interface.name;
    return packet;
}

}  // namespace

Result<std::vector<Packet>> parse_packets(const Typed& typed, const std::vector<Rule>& rules) {
    if (Status status = check_needed(typed); !status) {
        return status.error();
    }
    if (Status status = check_inverted(typed); !status) {
        return status.error();
    }
    std::vector<Packet> packets;
    for (const Rule& rule : rules) {
        if (Status status = check_ports(typed, rule); !status) {
            return status.error();
        }
        packets.push_back(as_packet(rule));
    }
    return packets;
}

}  // namespace fw
