#include <string>
#include <utility>

#include "parse/addresses.h"
#include "parse/ipfwadm_rule.h"

namespace fw {

namespace {

constexpr std::uint8_t tcp_syn = 2;
constexpr std::uint8_t tcp_ack = 16;

struct Needed {
    char option;
    std::string_view remedy;
};
constexpr Needed needed[] = {
    {'P', "say which protocol: -P tcp"},
    {'S', "say where it comes from: -S 10.0.0.1 1024"},
    {'D', "say where it goes: -D 10.0.0.2 80"},
    {'V', "say which address the interface has: -V 10.0.0.254"},
    {'W', "say by which interface it comes or leaves: -W eth0"},
};

Status check_needed(const LetteredLine& line) {
    for (const Needed& one : needed) {
        if (!line.has(one.option)) {
            return usage_error(line.get('c')->option, "a check needs a whole packet",
                               std::string(one.remedy));
        }
    }
    return Done{};
}

// One port a side; for ICMP, one type.
Status check_ports(const LetteredLine& line, const Rule& rule) {
    if (rule.protocol.number == 0) {
        return usage_error(line.get('P')->values[0], "a packet has one protocol",
                           "say -P tcp, -P udp or -P icmp");
    }
    const bool icmp = rule.protocol.number == protocol_icmp;
    const auto one = [](const PortMatch& ports) {
        return ports.ranges.size() == 1 && !ports.begins_with_range;
    };
    if (!one(rule.source_ports)) {
        return usage_error(line.get('S')->values[0],
                           icmp ? "a check needs one ICMP type" : "a check needs one source port",
                           icmp ? "give it behind -S: -S 10.0.0.1 8"
                                : "give it behind -S: -S 10.0.0.1 1024");
    }
    if (!icmp && !one(rule.destination_ports)) {
        return usage_error(line.get('D')->values[0], "a check needs one destination port",
                           "give it behind -D: -D 10.0.0.2 80");
    }
    return Done{};
}

// The interface that -W and -V both name. Packets carry no alias's name (eth0:1).
Result<std::string> parse_device(const LetteredLine& line, const InterfaceMatch& match,
                                 const Names& names) {
    const std::string name = match.name.substr(0, match.name.find(':'));
    const auto device = names.interface_with(match.address.value_or(Address{}));
    if (device && *device == name) {
        return name;
    }
    Error error =
        usage_error(line.get('V')->values[0], "no interface of this machine has this address",
                    "`ip address` shows which there are");
    error.code = Code::refused;
    if (device) {
        error.problem = "interface " + *device + " has this address, not " + match.name;
        error.remedy = "say -W " + *device + ", or another address";
    }
    return error;
}

std::uint8_t tcp_flags(const Rule& rule) {
    const unsigned flags = (rule.syn == Flag::set ? tcp_syn : 0U) | (rule.ack ? tcp_ack : 0U);
    return static_cast<std::uint8_t>(rule.protocol.number == protocol_tcp ? flags : 0U);
}

Packet as_packet(const Rule& rule, const std::string& device) {
    Packet packet;
    packet.source = rule.source.address;
    packet.destination = rule.destination.address;
    packet.protocol = rule.protocol.number;
    packet.source_port = rule.source_ports.ranges[0].first;
    if (rule.protocol.number != protocol_icmp) {
        packet.destination_port = rule.destination_ports.ranges[0].first;
    }
    packet.tcp_flags = tcp_flags(rule);
    packet.interface = device;
    return packet;
}

}  // namespace

Result<Check> parse_ipfwadm_check(const LetteredLine& line, const Names& names, Remarks& remarks) {
    if (Status status = check_needed(line); !status) {
        return status.error();
    }
    auto rules = parse_ipfwadm_rules(line, Rule(), false, names, remarks);
    if (!rules) {
        return rules.error();
    }
    const Rule& first = rules->front();
    if (Status status = check_ports(line, first); !status) {
        return status.error();
    }
    const auto device = parse_device(line, first.interface, names);
    if (!device) {
        return device.error();
    }
    notice_about_network(line.get('S')->values[0], first.source, remarks);
    notice_about_network(line.get('D')->values[0], first.destination, remarks);
    Check check;
    for (const Rule& rule : *rules) {
        check.packets.push_back(as_packet(rule, *device));
    }
    check.rules = *std::move(rules);
    return check;
}

}  // namespace fw
