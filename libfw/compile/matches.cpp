#include "compile/matches.h"

#include <net/if.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "compile/ways.h"
#include "model/port_ranges.h"

namespace fw::compile {

namespace {

using nft::Compare;
using nft::Expr;
using nft::Field;
using nft::Op;
using Tests = std::vector<Expr>;

constexpr std::size_t usual_tests = 8;  // of a rule: no more, as a rule

constexpr std::uint8_t syn_ack_rst = 0x02 | 0x10 | 0x04;
constexpr std::uint8_t syn = 0x02;
constexpr std::uint8_t ack_rst = 0x10 | 0x04;

// No packet of this family: for rules that can be written but not be met.
Expr never() { return Compare{Field::ip_version, Op::ne, 4}; }

Op equal(bool inverted) { return inverted ? Op::ne : Op::eq; }

void add_address(const AddressMatch& match, Field field, Tests& out) {
    if (match.any()) {
        return;
    }
    if (match.mask.value == 0) {
        out.push_back(never());
        return;
    }
    out.push_back(Compare{field, equal(match.inverted), match.address.value, match.mask.value});
}

// The fields of a protocol that has ports, or a type and code.
struct Transport {
    std::uint16_t number;
    Field source;
    Field destination;
    Field last_bytes;  // of those that Linux 2.2 wanted to see before it looked at any
    std::uint32_t highest;
};
constexpr Transport transports[] = {
    {protocol_tcp, Field::tcp_sport, Field::tcp_dport, Field::tcp_window, 65535},
    {protocol_udp, Field::udp_sport, Field::udp_dport, Field::udp_checksum, 65535},
    {protocol_icmp, Field::icmp_type, Field::icmp_code, Field::icmp_rest, 255},
};

const Transport* transport_of(const Rule& rule) {
    const auto* found =
        std::find_if(std::begin(transports), std::end(transports),
                     [&](const Transport& t) { return t.number == rule.protocol.number; });
    return found == std::end(transports) || rule.protocol.inverted ? nullptr : found;
}

// Those that the field can have, in order.
std::vector<PortRange> possible(const Transport& transport, const PortMatch& match) {
    std::vector<PortRange> ranges;
    for (PortRange range : match.ranges) {
        range.last =
            static_cast<std::uint16_t>(std::min<std::uint32_t>(range.last, transport.highest));
        if (range.first <= range.last) {
            ranges.push_back(range);
        }
    }
    return merged(std::move(ranges));
}

// tcp dport 80, tcp dport 1024-65535, tcp dport { 21, 80-90 }
void add_ports(const Transport& transport, Field field, const PortMatch& match, Tests& out) {
    if (match.any()) {
        return;
    }
    std::vector<PortRange> ranges = possible(transport, match);
    if (ranges.empty()) {
        if (!match.inverted) {
            out.push_back(never());
        }
    } else if (ranges.size() > 1) {
        out.push_back(nft::InRanges{field, match.inverted, std::move(ranges)});
    } else if (ranges.front().first == ranges.front().last) {
        out.push_back(Compare{field, equal(match.inverted), ranges.front().first});
    } else {
        out.push_back(
            nft::Between{field, match.inverted, ranges.front().first, ranges.front().last});
    }
}

// nft joins two != of neighbouring fields into one, wrongly (1.0.6), as it reads a table back. It
// leaves a range alone: tcp sport != 1 tcp dport != 2-2
void keep_apart(Field field, Tests& tests) {
    for (Expr& test : tests) {
        const auto* compare = std::get_if<Compare>(&test);
        if (compare != nullptr && compare->field == field && compare->op == Op::ne) {
            test = nft::Between{field, true, compare->value, compare->value};
        }
    }
}

// "! 0:65535": no port is outside it, and only a fragment is not asked for one.
bool never_a_port(const PortMatch& match) {
    return match.inverted && (match.ranges.empty() ||
                              std::any_of(match.ranges.begin(), match.ranges.end(),
                                          [](const PortRange& range) { return range.all(); }));
}

// The rule looks behind the IP header: not at a fragment, and not at a packet that ends too early.
void add_whole_packet(const Transport* transport, Tests& out) {
    if (transport != nullptr) {
        out.push_back(Compare{transport->last_bytes, Op::ge, 0});
    }
    out.push_back(Compare{Field::ip_frag_off, Op::eq, 0, 0x1fff});
}

// Protocols without ports have 65535 on both sides (Linux 2.2), in all but fragments.
void add_portless(const Rule& rule, Tests& out, Tests& guards) {
    for (const PortMatch* match : {&rule.source_ports, &rule.destination_ports}) {
        if (match->any()) {
            continue;
        }
        const bool inside = std::any_of(match->ranges.begin(), match->ranges.end(),
                                        [](const PortRange& range) { return range.last == 65535; });
        if (inside == match->inverted) {
            out.push_back(never());
        }
        if (guards.empty()) {
            add_whole_packet(nullptr, guards);
        }
    }
}

void add_tcp_flags(const Rule& rule, Tests& out) {
    if (rule.syn != Flag::any) {
        out.push_back(Compare{Field::tcp_flags, equal(rule.syn == Flag::clear), syn, syn_ack_rst});
    }
    if (rule.ack) {
        out.push_back(Compare{Field::tcp_flags, Op::ne, 0, ack_rst});
    }
}

// Protocol, ports and TCP flags.
Status add_protocol(const Way& way, Tests& out, Tests& guards) {
    const Rule& rule = way.rule;
    const bool ports = !rule.source_ports.any() || !rule.destination_ports.any();
    const bool flags = rule.syn != Flag::any || rule.ack;
    const Transport* transport = transport_of(rule);
    const bool protocol_given = rule.protocol.number != 0;

    if (protocol_given && ports && rule.protocol.inverted) {
        return Error{Code::unsupported, "", -1, "ports need a protocol that has them",
                     "say -p tcp or -p udp"};
    }
    if (rule.protocol.number > 255) {
        if (!rule.protocol.inverted) {
            out.push_back(never());
        }
    } else if (transport != nullptr && (ports || flags)) {
        out.push_back(Compare{Field::l4proto, Op::eq, rule.protocol.number});
    } else if (protocol_given) {
        out.push_back(
            Compare{Field::ip_protocol, equal(rule.protocol.inverted), rule.protocol.number});
    }
    if (protocol_given && transport == nullptr) {
        add_portless(rule, out, guards);
        return Done{};
    }
    if (transport == nullptr) {
        return Done{};
    }
    const bool fragments_only =
        never_a_port(rule.source_ports) || never_a_port(rule.destination_ports);
    if (fragments_only) {
        guards.push_back(nft::IsFragment{false});
    }
    const PortMatch none;
    const auto& sports = never_a_port(rule.source_ports) ? none : rule.source_ports;
    const auto& dports = never_a_port(rule.destination_ports) ? none : rule.destination_ports;
    add_ports(*transport, transport->source, sports, out);
    add_ports(*transport, transport->destination, dports, out);
    if (sports.inverted && dports.inverted) {
        keep_apart(transport->destination, out);
    }
    add_ports(*transport, transport->source, way.also.source_ports, out);
    add_ports(*transport, transport->destination, way.also.destination_ports, out);
    add_tcp_flags(rule, out);
    if (flags || !sports.any() || !dports.any()) {
        add_whole_packet(transport, guards);
    }
    return Done{};
}

// nft can read back what stands between its quotes, but no quote; and a star at the end behind a
// backslash is a star of its own to it.
Status check_interface(const std::string& name, bool wildcard) {
    const bool odd = std::any_of(name.begin(), name.end(),
                                 [](unsigned char c) { return c < 0x21 || c > 0x7e || c == '"'; });
    if (odd || name.ends_with("\\*") || (wildcard && name.ends_with('\\'))) {
        return Error{Code::unsupported, name, -1,
                     "nftables can't write an interface name with such a character",
                     "rename the interface"};
    }
    return Done{};
}

// By name, where it is asked for by its address (fw/rule.h); nothing if no interface is both.
std::optional<InterfaceMatch> by_name(const InterfaceMatch& match) {
    if (!match.address) {
        return match;
    }
    const std::string& name = match.device.empty() ? match.name : match.device;
    if (name.empty() || (!match.name.empty() && match.name != name)) {
        return std::nullopt;
    }
    return InterfaceMatch{name, false, false, {}};
}

void add_interface(const InterfaceMatch& given, Side side, Tests& out) {
    const std::optional<InterfaceMatch> named = by_name(given);
    if (!named) {
        out.push_back(never());
        return;
    }
    const InterfaceMatch& match = *named;
    if (match.any()) {
        return;
    }
    const std::size_t longest = IFNAMSIZ - 1;
    if (match.name.empty() && match.wildcard) {
        out.push_back(never());  // "! +"
        return;
    }
    if (match.name.empty() || match.name.size() > longest) {
        if (!match.inverted) {
            out.push_back(never());  // no interface has such a name
        }
        return;
    }
    const Field field = side == Side::incoming ? Field::iifname : Field::oifname;
    // A prefix as long as a name can be is that name.
    const bool prefix = match.wildcard && match.name.size() < longest;
    out.push_back(nft::Interface{field, match.inverted, match.name, prefix});
}

bool depends_on_side(const Rule& rule) {
    return !rule.interface.any() || rule.direction != Direction::both ||
           std::holds_alternative<Masquerade>(rule.target) ||
           std::holds_alternative<Redirect>(rule.target);
}

// Adds the interface, by the side that packets are on; two alternatives where both sides come.
void add_sides(const Rule& rule, const Situation& situation, Tests tests, const Tests& guards,
               std::vector<Alternative>& out) {
    const bool unknown = !situation.incoming() && !situation.outgoing();
    const bool incoming = situation.incoming() || unknown;
    const bool outgoing = situation.outgoing() || unknown;
    const auto finish = [&](Alternative alternative) {
        alternative.tests.insert(alternative.tests.end(), guards.begin(), guards.end());
        out.push_back(std::move(alternative));
    };
    if (!depends_on_side(rule)) {
        finish({std::move(tests), Side::both});
        return;
    }
    for (const Side side : {Side::incoming, Side::outgoing}) {
        const Direction other = side == Side::incoming ? Direction::out : Direction::in;
        if (!(side == Side::incoming ? incoming : outgoing) || rule.direction == other) {
            continue;
        }
        Alternative alternative{tests, side};
        add_interface(rule.interface, side, alternative.tests);
        if (incoming && outgoing) {
            alternative.tests.push_back(
                Compare{Field::oif, side == Side::incoming ? Op::eq : Op::ne, 0});
        }
        finish(std::move(alternative));
    }
}

}  // namespace

bool meets_whole(const Rule& rule) {
    const bool fragments_only = rule.protocol.number != 0 && (never_a_port(rule.source_ports) ||
                                                              never_a_port(rule.destination_ports));
    return rule.fragment != Flag::set && !fragments_only;
}

// Ports are looked at with a protocol only, and a fragment is in the whole range, as the range and
// as its reverse.
bool meets_fragments(const Rule& rule) {
    const auto looks = [](const PortMatch& match) { return !match.any() && !never_a_port(match); };
    const bool ports =
        rule.protocol.number != 0 && (looks(rule.source_ports) || looks(rule.destination_ports));
    return rule.fragment != Flag::clear && rule.syn == Flag::any && !rule.ack && !ports;
}

namespace {

// Takes out the tests that tell fragments and others apart, where only some of them come, and the
// alternatives that ask for those that do not.
void leave_out_guards(std::vector<Alternative>& alternatives, Packets packets) {
    if (packets == Packets::all) {
        return;
    }
    if (packets == Packets::counted) {
        for (Alternative& alternative : alternatives) {
            std::erase_if(alternative.tests, [](const Expr& test) {
                const auto* compare = std::get_if<Compare>(&test);
                return compare != nullptr && compare->op == Op::ge;  // too short ones don't come
            });
        }
        return;
    }
    const bool whole = packets == Packets::whole;
    // What the test says of all packets that come here: true, false, or nothing.
    const auto known = [whole](const Expr& test) -> std::optional<bool> {
        if (const auto* fragment = std::get_if<nft::IsFragment>(&test)) {
            return fragment->inverted == whole;
        }
        const auto* compare = std::get_if<Compare>(&test);
        if (compare == nullptr) {
            return std::nullopt;
        }
        const bool offset = compare->field == Field::ip_frag_off && compare->mask == 0x1fff;
        if (offset || compare->op == Op::ge) {
            return whole;
        }
        return std::nullopt;
    };
    std::erase_if(alternatives, [&](const Alternative& alternative) {
        return std::any_of(alternative.tests.begin(), alternative.tests.end(),
                           [&](const Expr& test) { return known(test) == false; });
    });
    for (Alternative& alternative : alternatives) {
        std::erase_if(alternative.tests, [&](const Expr& test) { return known(test) == true; });
    }
}

// Which packets are later fragments: as Linux 2.2 had it, or by their offset alone.
Expr fragment_test(const Rule& rule, Packets packets) {
    const bool set = rule.fragment == Flag::set;
    return packets == Packets::counted ? Expr(Compare{Field::ip_frag_off, equal(set), 0, 0x1fff})
                                       : Expr(nft::IsFragment{!set});
}

Status add_alternatives(const Way& way, const Situation& situation, std::vector<Alternative>& out) {
    // The last test to fail decides what a rule costs a packet: those that few packets pass come
    // first, the costly ones last.
    Tests tests;
    tests.reserve(usual_tests);
    Tests guards;
    guards.reserve(2);
    add_address(way.rule.source, Field::ip_saddr, tests);
    add_address(way.rule.destination, Field::ip_daddr, tests);
    add_address(way.also.source, Field::ip_saddr, tests);
    add_address(way.also.destination, Field::ip_daddr, tests);
    if (Status status = add_protocol(way, tests, guards); !status) {
        return status;
    }
    if (way.rule.fragment != Flag::any) {
        guards.push_back(fragment_test(way.rule, situation.packets));
    }
    add_sides(way.rule, situation, std::move(tests), guards, out);
    return Done{};
}

}  // namespace

Result<std::vector<Alternative>> compile_matches(const Rule& rule, const Situation& situation) {
    if (!rule.matches.empty()) {
        return Error{Code::unsupported, "", -1, "this kind of match has no form in nftables here",
                     ""};
    }
    for (const std::string* name : {&rule.interface.name, &rule.interface.device}) {
        if (Status status = check_interface(*name, rule.interface.wildcard); !status) {
            return status.error();
        }
    }
    std::vector<Alternative> alternatives;
    for (const Way& way : ways_of(rule, situation.packets)) {
        if (Status status = add_alternatives(way, situation, alternatives); !status) {
            return status.error();
        }
    }
    leave_out_guards(alternatives, situation.packets);
    return alternatives;
}

}  // namespace fw::compile
