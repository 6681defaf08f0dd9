// Which packets meet a rule, and what is said of those that do not.
#include <catch2/catch.hpp>

#include "evaluate/match.h"

using namespace fw;

namespace {

// 10.0.0.1:1025 -> 10.0.0.2:80, TCP with ACK, in by eth0.
Packet tcp() {
    Packet packet;
    packet.source = {0x0a000001};
    packet.destination = {0x0a000002};
    packet.protocol = protocol_tcp;
    packet.source_port = 1025;
    packet.destination_port = 80;
    packet.tcp_flags = 0x10;
    packet.interface = "eth0";
    return packet;
}

Packet with(void (*change)(Packet&)) {
    Packet packet = tcp();
    change(packet);
    return packet;
}

Rule rule(void (*change)(Rule&)) {
    Rule made;
    change(made);
    return made;
}

struct Row {
    const char* what;
    Rule rule;
    Packet packet;
    const char* reason;  // "" for a match
};

const std::vector<Row>& rows() {
    static const std::vector<Row> all = {
        {"an empty rule meets everything", Rule{}, tcp(), ""},
        {"source", rule([](Rule& r) {
             r.source = {{0x0a000000}, {0xff000000}};
         }),
         tcp(), ""},
        {"source outside", rule([](Rule& r) {
             r.source = {{0x0b000000}, {0xff000000}};
         }),
         tcp(), "the source address 10.0.0.1 is not in 11.0.0.0/8"},
        {"source left out", rule([](Rule& r) {
             r.source = {{0x0a000000}, {0xff00ff00}, true};
         }),
         tcp(), "the source address 10.0.0.1 is in 10.0.0.0/255.0.255.0"},
        {"destination", rule([](Rule& r) {
             r.destination = {{0x0a000001}, {0xffffffff}};
         }),
         tcp(), "the destination address 10.0.0.2 is not in 10.0.0.1"},
        {"interface", rule([](Rule& r) {
             r.interface = {"eth1", false, false, {}};
         }),
         tcp(), "the interface is eth0, not eth1"},
        {"an interface name is no prefix", rule([](Rule& r) {
             r.interface = {"eth", false, false, {}};
         }),
         tcp(), "the interface is eth0, not eth"},
        {"interface prefix", rule([](Rule& r) {
             r.interface = {"eth", true, false, {}};
         }),
         tcp(), ""},
        {"interface left out", rule([](Rule& r) {
             r.interface = {"e", true, true, {}};
         }),
         tcp(), "the interface is eth0, which the rule leaves out"},
        {"interface by address", rule([](Rule& r) { r.interface.address = Address{0x01020304}; }),
         tcp(), "the interface is eth0, not the one with address 1.2.3.4"},
        {"protocol", rule([](Rule& r) { r.protocol = {protocol_udp}; }), tcp(),
         "the protocol is tcp, not udp"},
        {"protocol left out", rule([](Rule& r) {
             r.protocol = {protocol_tcp, true};
         }),
         tcp(), "the protocol is tcp, which the rule leaves out"},
        {"protocol by number", rule([](Rule& r) { r.protocol = {47}; }), tcp(),
         "the protocol is tcp, not 47"},
        {"a number above 255 is met by no packet", rule([](Rule& r) { r.protocol = {300}; }), tcp(),
         "the protocol is tcp, not 300"},
        {"ports without a protocol say nothing", rule([](Rule& r) {
             r.source_ports = {{{1, 2}}};
         }),
         tcp(), ""},
        {"several port ranges", rule([](Rule& r) {
             r.protocol = {protocol_tcp};
             r.destination_ports = {{{21, 23}, {80, 80}}};
         }),
         tcp(), ""},
        {"none of several port ranges", rule([](Rule& r) {
             r.protocol = {protocol_tcp};
             r.source_ports = {{{21, 23}, {80, 80}}};
         }),
         tcp(), "the source port is 1025, not 21:23 or 80"},
        {"port left out", rule([](Rule& r) {
             r.protocol = {protocol_tcp};
             r.destination_ports = {{{80, 80}}, true};
         }),
         tcp(), "the destination port is 80, which the rule leaves out"},
        {"ICMP type", rule([](Rule& r) {
             r.protocol = {protocol_icmp};
             r.source_ports = {{{8, 8}}};
         }),
         with([](Packet& p) {
             p.protocol = protocol_icmp;
             p.source_port = 3;
         }),
         "the ICMP type is 3, not 8"},
        {"a fragment has no ports", rule([](Rule& r) {
             r.protocol = {protocol_tcp};
             r.destination_ports = {{{80, 80}}};
         }),
         with([](Packet& p) { p.fragment_offset = 64; }), "a fragment has no ports to compare"},
        {"a fragment meets the whole range, even inverted", rule([](Rule& r) {
             r.protocol = {protocol_tcp};
             r.destination_ports = {{}, true};
         }),
         with([](Packet& p) { p.fragment_offset = 64; }), ""},
        {"-f and a whole packet", rule([](Rule& r) { r.fragment = Flag::set; }), tcp(),
         "it is not a fragment"},
        {"! -f and a first fragment", rule([](Rule& r) { r.fragment = Flag::clear; }),
         with([](Packet& p) { p.more_fragments = true; }), ""},
        {"a packet cut short counts as a fragment", rule([](Rule& r) { r.fragment = Flag::clear; }),
         with([](Packet& p) { p.length = 35; }), "it is a fragment"},
        {"16 bytes of TCP are enough", rule([](Rule& r) { r.fragment = Flag::clear; }),
         with([](Packet& p) { p.length = 36; }), ""},
        {"-y and a reply", rule([](Rule& r) { r.syn = Flag::set; }), tcp(),
         "it does not open a TCP connection (SYN without ACK and RST)"},
        {"-y and SYN with RST", rule([](Rule& r) { r.syn = Flag::set; }),
         with([](Packet& p) { p.tcp_flags = 0x06; }),
         "it does not open a TCP connection (SYN without ACK and RST)"},
        {"-y and SYN with FIN and URG", rule([](Rule& r) { r.syn = Flag::set; }),
         with([](Packet& p) { p.tcp_flags = 0x23; }), ""},
        {"! -y and a SYN", rule([](Rule& r) { r.syn = Flag::clear; }),
         with([](Packet& p) { p.tcp_flags = 0x02; }),
         "it opens a TCP connection (SYN without ACK and RST)"},
        {"! -y and a fragment", rule([](Rule& r) { r.syn = Flag::clear; }),
         with([](Packet& p) { p.fragment_offset = 64; }), "a fragment has no SYN flag to look at"},
        {"ACK", rule([](Rule& r) { r.ack = true; }), tcp(), ""},
        {"ACK and a SYN", rule([](Rule& r) { r.ack = true; }),
         with([](Packet& p) { p.tcp_flags = 0x02; }), "it is not TCP with ACK or RST set"},
        {"ACK and UDP", rule([](Rule& r) { r.ack = true; }),
         with([](Packet& p) { p.protocol = protocol_udp; }), "it is not TCP with ACK or RST set"},
        {"both ways, there", rule([](Rule& r) {
             r.two_way = true;
             r.protocol = {protocol_tcp};
             r.destination_ports = {{{80, 80}}};
         }),
         tcp(), ""},
        {"both ways, back", rule([](Rule& r) {
             r.two_way = true;
             r.protocol = {protocol_tcp};
             r.source = {{0x0a000002}, {0xffffffff}};
             r.source_ports = {{{80, 80}}};
         }),
         tcp(), ""},
        {"both ways, but ends do not mix", rule([](Rule& r) {
             r.two_way = true;
             r.protocol = {protocol_tcp};
             r.source = {{0x0a000001}, {0xffffffff}};
             r.source_ports = {{{80, 80}}};
         }),
         tcp(), "the source port is 1025, not 80, nor does it fit the other way round"},
    };
    return all;
}

}  // namespace

TEST_CASE("a rule is met or says which part of it was not") {
    for (const Row& row : rows()) {
        INFO(row.what);
        const evaluation::PacketView view = evaluation::view(row.packet, Dialect::ipchains);
        const evaluation::Part part = evaluation::unmet(row.rule, view);
        CHECK(evaluation::explain(part, row.rule, view) == row.reason);
        CHECK((part == evaluation::Part::none) == std::string(row.reason).empty());
    }
}

TEST_CASE("an accounting rule for one direction sees no packet of the other") {
    struct {
        Direction rule;
        Direction travel;
        bool met;
    } const table[] = {
        {Direction::both, Direction::in, true}, {Direction::in, Direction::in, true},
        {Direction::out, Direction::in, false}, {Direction::in, Direction::out, false},
        {Direction::out, Direction::out, true}, {Direction::in, Direction::both, true},
    };
    for (const auto& row : table) {
        Rule rule;
        rule.direction = row.rule;
        Packet packet = tcp();
        packet.direction = row.travel;
        const evaluation::Part part =
            evaluation::unmet(rule, evaluation::view(packet, Dialect::ipfwadm));
        CHECK((part == evaluation::Part::none) == row.met);
    }
}
