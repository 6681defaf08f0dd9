// Why a rule did not match, for people.
#include "evaluate/match.h"
#include "print/text.h"

namespace fw::evaluation {
namespace {

using print::append_address;
using print::append_mask;
using print::append_number;

// "X is A, not B", or "X is A, which the rule leaves out" for an inverted test.
void append_contrast(std::string& out, bool inverted, const std::string& wanted) {
    if (inverted) {
        out += ", which the rule leaves out";
        return;
    }
    out += ", not ";
    out += wanted;
}

std::string address(const char* end, Address packet, const AddressMatch& match) {
    std::string out = end;
    append_address(out, packet);
    out += match.inverted ? " is in " : " is not in ";
    append_address(out, match.address);
    append_mask(out, match.mask);
    return out;
}

void append_protocol(std::string& out, std::uint16_t number) {
    const std::string_view name = number == 0 ? "" : print::common_protocol(number);
    if (name.empty()) {
        append_number(out, number);
    } else {
        out += name;
    }
}

std::string protocol(const Rule& rule, const PacketView& view) {
    std::string out = "the protocol is ";
    append_protocol(out, view.packet.protocol);
    std::string wanted;
    append_protocol(wanted, rule.protocol.number);
    append_contrast(out, rule.protocol.inverted, wanted);
    return out;
}

std::string interface(const InterfaceMatch& match, const std::string& name) {
    std::string out = "the interface is " + name;
    std::string wanted = match.name + (match.wildcard ? "+" : "");
    if (match.address && name != match.device) {
        wanted = match.device.empty() ? match.name : match.device;
        wanted += wanted.empty() ? "the one with address " : ", the one with address ";
        append_address(wanted, *match.address);
    }
    append_contrast(out, match.inverted, wanted);
    return out;
}

std::string ranges(const PortMatch& match) {
    std::string out;
    for (const PortRange& range : match.ranges) {
        out += out.empty() ? "" : " or ";
        append_number(out, range.first);
        if (range.first != range.last) {
            out += ':';
            append_number(out, range.last);
        }
    }
    return out.empty() ? "0:65535" : out;
}

std::string port(const char* name, const PortMatch& match, std::uint16_t packet,
                 const PacketView& view) {
    if (view.fragment) {
        return "a fragment has no ports to compare";
    }
    std::string out = view.packet.fragment_offset == 0 ? "the " : "it is a fragment, whose ";
    out += name;
    out += view.packet.fragment_offset == 0 ? " is " : " counts as ";
    append_number(out, packet);
    append_contrast(out, match.inverted, ranges(match));
    return out;
}

std::string syn(const Rule& rule, const PacketView& view) {
    if (view.fragment) {
        return "a fragment has no SYN flag to look at";
    }
    return rule.syn == Flag::set ? "it does not open a TCP connection (SYN without ACK and RST)"
                                 : "it opens a TCP connection (SYN without ACK and RST)";
}

std::string reason(Part part, const Rule& rule, const PacketView& view) {
    const Packet& packet = view.packet;
    const bool icmp = packet.protocol == protocol_icmp;
    switch (part) {
        case Part::none: return "";
        case Part::direction: return "the rule is for the other direction of travel";
        case Part::source: return address("the source address ", packet.source, rule.source);
        case Part::destination:
            return address("the destination address ", packet.destination, rule.destination);
        case Part::interface: return interface(rule.interface, packet.interface);
        case Part::fragment:
            return rule.fragment == Flag::set ? "it is not a fragment" : "it is a fragment";
        case Part::syn: return syn(rule, view);
        case Part::ack: return "it is not TCP with ACK or RST set";
        case Part::protocol: return protocol(rule, view);
        case Part::source_port:
            return port(icmp ? "ICMP type" : "source port", rule.source_ports, view.source_port,
                        view);
        case Part::destination_port:
            return port(icmp ? "ICMP code" : "destination port", rule.destination_ports,
                        view.destination_port, view);
    }
    return "";
}

// The parts that a rule for both ways compares twice.
bool is_end(Part part) {
    return part == Part::source || part == Part::destination || part == Part::source_port ||
           part == Part::destination_port;
}

}  // namespace

std::string explain(Part part, const Rule& rule, const PacketView& view) {
    std::string out = reason(part, rule, view);
    if (rule.two_way && is_end(part)) {
        out += ", nor does it fit the other way round";
    }
    return out;
}

}  // namespace fw::evaluation
