#include "compile/ways.h"

#include <algorithm>
#include <utility>

#include "model/port_ranges.h"

namespace fw::compile {

namespace {

// What Linux 2.0 took for the ports of a later fragment, or for its ICMP type.
std::uint16_t port_of_fragments(const Rule& rule) {
    return rule.protocol.number == protocol_icmp ? 255 : 65535;
}

bool asks_flags(const Rule& rule) { return rule.syn != Flag::any || rule.ack; }

Rule without_flags(Rule rule) {
    rule.syn = Flag::any;
    rule.ack = false;
    return rule;
}

// By protocol, where the flags are asked of one only.
std::vector<Rule> by_protocol(const Rule& rule) {
    if (!asks_flags(rule) || (rule.protocol.number == protocol_tcp && !rule.protocol.inverted)) {
        return {rule};
    }
    if (rule.protocol.number != 0) {
        return {without_flags(rule)};
    }
    Rule tcp = rule;
    tcp.protocol = {protocol_tcp, false};
    Rule others = without_flags(rule);
    others.protocol = {protocol_tcp, true};
    return {std::move(tcp), std::move(others)};
}

// A rule that looks behind the IP header, as later fragments meet it.
std::vector<Rule> with_fragments(const Rule& rule) {
    if (rule.source_ports.any() && rule.destination_ports.any() && !asks_flags(rule)) {
        return {rule};
    }
    std::vector<Rule> rules = {rule};
    const std::uint16_t port = port_of_fragments(rule);
    if (contains(rule.source_ports, port) && contains(rule.destination_ports, port)) {
        Rule fragments = without_flags(rule);
        fragments.source_ports = fragments.destination_ports = {};
        fragments.fragment = Flag::set;
        rules.push_back(std::move(fragments));
    }
    return rules;
}

// How what a part of one rule asks for is to what the same part of another does.
enum class Relation : std::uint8_t { within, apart, partly };

Relation relation(const AddressMatch& inner, const AddressMatch& outer) {
    const std::uint32_t common = inner.mask.value & outer.mask.value;
    if (((inner.address.value ^ outer.address.value) & common) != 0) {
        return Relation::apart;
    }
    return (outer.mask.value & ~inner.mask.value) == 0 ? Relation::within : Relation::partly;
}

Relation relation(const PortMatch& inner, const PortMatch& outer) {
    bool within = true;
    bool apart = true;
    const std::vector<PortRange> outer_ranges = ranges_of(outer);
    for (const PortRange& range : ranges_of(inner)) {
        const auto holds = [&](const PortRange& other) {
            return other.first <= range.first && range.last <= other.last;
        };
        const auto meets = [&](const PortRange& other) { return overlap(other, range); };
        within = within && std::any_of(outer_ranges.begin(), outer_ranges.end(), holds);
        apart = apart && std::none_of(outer_ranges.begin(), outer_ranges.end(), meets);
    }
    return within ? Relation::within : apart ? Relation::apart : Relation::partly;
}

template <typename Match>
Match inverse(Match match) {
    match.inverted = !match.inverted;
    return match;
}

// Adds a way for packets on their way back that do not hold this part of the straight rule, if it
// is not certain that they do; those of `held` do from now on.
template <typename Match>
void split(Match Rule::*part, const Rule& straight, Way& held, std::vector<Way>& out) {
    if (relation(held.rule.*part, straight.*part) == Relation::within) {
        return;
    }
    Way& fails = out.emplace_back(held);
    fails.also.*part = inverse(straight.*part);
    const bool narrower = relation(straight.*part, held.rule.*part) == Relation::within;
    (narrower ? held.rule : held.also).*part = straight.*part;
}

// Their addresses and ports are not inverted: ipfwadm can't.
void add_two_ways(Rule rule, std::vector<Way>& out) {
    rule.two_way = false;
    const Rule back = reversed(rule);
    out.push_back({rule});
    const auto parts_are_apart = [&](auto... parts) {
        return ((relation(back.*parts, rule.*parts) == Relation::apart) || ...);
    };
    if (parts_are_apart(&Rule::source, &Rule::destination, &Rule::source_ports,
                        &Rule::destination_ports)) {
        out.push_back({back});
        return;
    }
    Way held{back};
    split(&Rule::source, rule, held, out);
    split(&Rule::destination, rule, held, out);
    split(&Rule::source_ports, rule, held, out);
    split(&Rule::destination_ports, rule, held, out);
}

// 0:65535, which ipfwadm keeps as a range, asks for nothing.
Rule without_whole_ranges(Rule rule) {
    for (PortMatch* match : {&rule.source_ports, &rule.destination_ports}) {
        const auto all = [](const PortRange& range) { return range.all(); };
        if (!match->inverted && std::any_of(match->ranges.begin(), match->ranges.end(), all)) {
            *match = {};
        }
    }
    return rule;
}

}  // namespace

std::vector<Way> ways_of(const Rule& rule, Packets packets) {
    std::vector<Way> ways;
    for (const Rule& one : by_protocol(without_whole_ranges(rule))) {
        for (const Rule& part :
             packets == Packets::counted ? with_fragments(one) : std::vector<Rule>{one}) {
            if (part.two_way) {
                add_two_ways(part, ways);
            } else {
                ways.push_back({part});
            }
        }
    }
    return ways;
}

}  // namespace fw::compile
