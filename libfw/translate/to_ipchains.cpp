#include "translate/to_ipchains.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "model/port_ranges.h"

namespace fw::translate {

namespace {

using Rules = std::vector<Rule>;

constexpr const char* both_ways = "acct";  // the chain of accounting rules without direction

// --- What no packet meets ---

// Of -V, the interface that has the address; with -W beside it, it must be that one.
std::optional<InterfaceMatch> by_name(const InterfaceMatch& match) {
    if (!match.address) {
        return match;
    }
    const std::string& name = match.device.empty() ? match.name : match.device;
    if (name.empty() || (!match.name.empty() && match.name != name)) {
        return std::nullopt;
    }
    return InterfaceMatch{name, false, false, std::nullopt};
}

// "" if some packet meets it.
std::string why_never(const Rule& rule) {
    constexpr std::size_t longest_name = 15;
    if (!by_name(rule.interface)) {
        return "none of the interfaces known here has the address";
    }
    if (rule.interface.name.size() > longest_name) {
        return "no interface has so long a name";
    }
    const bool excludes = rule.protocol.number == protocol_tcp && rule.syn == Flag::set && rule.ack;
    return excludes ? "-y and -k exclude each other" : "";
}

// --- One rule as several, each of which may be met by packets that the others do not meet ---

// Applies `split` to each and puts together what comes out.
template <typename Split>
void split_each(Rules& rules, Split split) {
    Rules result;
    for (const Rule& rule : rules) {
        Rules parts = split(rule);
        std::move(parts.begin(), parts.end(), std::back_inserter(result));
    }
    rules = std::move(result);
}

bool asks_flags(const Rule& rule) { return rule.syn != Flag::any || rule.ack; }

Rule of_protocol(Rule rule, std::uint16_t number, bool inverted = false) {
    rule.protocol = {number, inverted};
    rule.syn = Flag::any;
    rule.ack = false;
    return rule;
}

Rules split_flags(const Rule& rule) {
    if (!asks_flags(rule)) {
        return {rule};
    }
    if (rule.protocol.number != protocol_tcp && rule.protocol.number != 0) {
        return {of_protocol(rule, rule.protocol.number)};
    }
    Rules parts;
    if (!(rule.syn == Flag::set && rule.ack)) {
        parts.push_back(of_protocol(rule, protocol_tcp));
        parts.back().syn = rule.ack ? Flag::clear : Flag::set;
    }
    if (rule.protocol.number == 0) {
        parts.push_back(of_protocol(rule, protocol_tcp, true));
    }
    return parts;
}

PortMatch one_range(const PortRange& range) {
    return range.all() ? PortMatch{} : PortMatch{{range}, false};
}

// Ten ports of ipfwadm as few ranges; none if they are all.
PortMatch plain(const PortMatch& match) {
    std::vector<PortRange> ranges = merged(match.ranges);
    return ranges.size() == 1 && ranges.front().all() ? PortMatch{}
                                                      : PortMatch{std::move(ranges), false};
}

Rules split_ports(const Rule& rule) {
    Rules parts;
    for (const PortRange& source : ranges_of(rule.source_ports)) {
        for (const PortRange& destination : ranges_of(rule.destination_ports)) {
            parts.push_back(rule);
            parts.back().source_ports = one_range(source);
            parts.back().destination_ports = one_range(destination);
        }
    }
    return parts;
}

// The other way is the same way if nothing tells the two ends apart.
Rules split_ways(const Rule& rule) {
    Rule there = rule;
    there.two_way = false;
    Rule back = reversed(there);
    return back == there ? Rules{std::move(there)} : Rules{std::move(there), std::move(back)};
}

bool meet(const AddressMatch& a, const AddressMatch& b) {
    return ((a.address.value ^ b.address.value) & a.mask.value & b.mask.value) == 0;
}
bool meet(const PortMatch& a, const PortMatch& b) {
    return a.any() || b.any() ||
           std::any_of(a.ranges.begin(), a.ranges.end(), [&](const PortRange& one) {
               return std::any_of(b.ranges.begin(), b.ranges.end(),
                                  [&](const PortRange& other) { return overlap(one, other); });
           });
}

// Whether some packet meets the rule both ways, and that is two rules.
bool ways_overlap(const Rule& rule) {
    const bool icmp = rule.protocol.number == protocol_icmp;
    return rule.two_way && meet(rule.source, rule.destination) &&
           (icmp || meet(rule.source_ports, rule.destination_ports)) && !(reversed(rule) == rule);
}

// ipchains redirects TCP and UDP. What else Linux 2.0 took for itself goes nowhere.
Rules split_redirection(const Rule& rule) {
    if (!std::holds_alternative<Redirect>(rule.target)) {
        return {rule};
    }
    const bool any = rule.protocol.number == 0;
    const bool any_but_tcp = rule.protocol.number == protocol_tcp && rule.protocol.inverted;
    Rules parts;
    if (rule.protocol.number == protocol_tcp && !any_but_tcp) {
        return {rule};
    }
    if (any) {
        parts.push_back(of_protocol(rule, protocol_tcp));
    }
    if (any || any_but_tcp || rule.protocol.number == protocol_udp) {
        parts.push_back(of_protocol(rule, protocol_udp));
    }
    if (rule.protocol.number != protocol_udp) {
        parts.push_back(rule);
        parts.back().target = Deny{};
        parts.back().tos = {};
    }
    return parts;
}

// Fragments had port 65535 for accounting rules, ICMP's the type 255; -y and -k held.
bool counts_fragments(const Rule& rule) {
    const std::uint16_t seen = rule.protocol.number == protocol_icmp ? 255 : 65535;
    return contains(rule.source_ports, seen) && contains(rule.destination_ports, seen);
}

// What an accounting rule counts and its flags and ports in ipchains do not meet.
std::optional<Rule> of_fragments(const Rule& rule) {
    const bool tcp = rule.protocol.number == 0 || rule.protocol.number == protocol_tcp;
    const bool asks =
        (tcp && asks_flags(rule)) || !rule.source_ports.any() || !rule.destination_ports.any();
    if (!asks || !counts_fragments(rule)) {
        return std::nullopt;
    }
    Rule fragments = of_protocol(rule, tcp ? protocol_tcp : rule.protocol.number);
    fragments.source_ports = fragments.destination_ports = {};
    fragments.fragment = Flag::set;
    return fragments;
}

// --- TOS ---

bool lets_through(const Rule& rule) {
    return !std::holds_alternative<Deny>(rule.target) &&
           !std::holds_alternative<Reject>(rule.target);
}

// What ipchains takes behind -t: the lowest bit left alone, and at most one of three bits set.
bool can_be_typed(const Tos& tos) {
    constexpr unsigned exclusive = 0x0e;
    const unsigned certain = tos.xor_mask & ~unsigned{tos.and_mask} & exclusive;
    return (tos.and_mask & 1) != 0 && (tos.xor_mask & 1) == 0 && std::popcount(certain) <= 1;
}

// --- All of them ---

class Conversion {
public:
    explicit Conversion(const Ruleset& from) : from_(from) {}

    AsIpchains run() {
        result_.ruleset = Ruleset::empty(Dialect::ipchains);
        result_.ruleset.forwards = from_.forwards;
        add_accounting();
        for (const std::string_view name : builtin_chains) {
            add_filter(*from_.find(name), *result_.ruleset.find(name));
        }
        std::stable_sort(result_.remarks.begin(), result_.remarks.end(),
                         [](const Remark& a, const Remark& b) { return a.line < b.line; });
        return std::move(result_);
    }

private:
    void remark(const Rule& rule, std::string text) {
        result_.remarks.push_back({rule.line.number, std::move(text)});
    }

    void add_filter(const Chain& from, Chain& to) {
        to.policy = from.policy;
        to.policy_counters = from.policy_counters;
        if (!from.rules.empty() || from.policy != Policy::accept) {
            let_fragments_pass(to);
        }
        for (const Rule& rule : from.rules) {
            Rules rules = convert(rule);
            std::move(rules.begin(), rules.end(), std::back_inserter(to.rules));
        }
    }

    void let_fragments_pass(Chain& to) {
        for (const std::uint16_t protocol : {protocol_tcp, protocol_udp, protocol_icmp}) {
            Rule rule;
            rule.protocol.number = protocol;
            rule.fragment = Flag::set;
            rule.target = Accept{};
            to.rules.push_back(std::move(rule));
        }
        if (!told_of_fragments_) {
            result_.remarks.push_back(
                {0,
                 "the rules with -f let second and later fragments pass, as Linux 2.0 did; where "
                 "packets are put together first, as with masquerading, none come"});
        }
        told_of_fragments_ = true;
    }

    // Counters are state: those of one that becomes several are the first's.
    Rules convert(const Rule& rule) {
        if (const std::string why = why_never(rule); !why.empty()) {
            remark(rule, "left out, for nothing meets it: " + why);
            return {};
        }
        Rules rules = {rule};
        rules.front().interface = *by_name(rule.interface);
        rules.front().idle_redirect.reset();
        rules.front().direction = Direction::both;
        convert_tos(rules.front());
        split_each(rules, split_flags);
        split_each(rules, split_redirection);
        split_each(rules, split_ports);
        if (rule.two_way) {
            split_each(rules, split_ways);
        }
        for (auto part = rules.begin() + (rules.empty() ? 0 : 1); part != rules.end(); ++part) {
            part->counters = {};
        }
        tell(rule, rules);
        return rules;
    }

    void convert_tos(Rule& rule) {
        if (!lets_through(rule)) {
            rule.tos = {};  // of what is stopped, it was not changed
        } else if (!can_be_typed(rule.tos)) {
            remark(rule,
                   "the TOS field is left alone: ipchains sets one of the bits 02, 04 and 08 "
                   "at most");
            rule.tos = {};
        }
    }

    void tell(const Rule& rule, const Rules& rules) {
        const bool of_tcp = rule.protocol.number == 0 || rule.protocol.number == protocol_tcp;
        if (rule.ack && rule.syn == Flag::any && of_tcp) {
            remark(rule,
                   "-k was met by TCP with ACK or RST; ! -y is met by TCP with neither of SYN, "
                   "ACK and RST, too");
        }
        const bool redirects = std::holds_alternative<Redirect>(rule.target);
        const bool denied = std::any_of(rules.begin(), rules.end(), [](const Rule& part) {
            return std::holds_alternative<Deny>(part.target);
        });
        if (redirects && denied) {
            remark(rule,
                   "only TCP and UDP are redirected; what else ipfwadm took for this machine "
                   "is denied");
        }
        if (rules.size() > 1) {
            remark(rule, std::to_string(rules.size()) + " rules, which count apart");
        }
    }

    // --- Accounting ---

    void add_accounting() {
        const Chain& from = *from_.find(accounting_chain);
        Rules both;
        for (const Rule& rule : from.rules) {
            switch (rule.direction) {
                case Direction::both: account(rule, both); break;
                case Direction::in: account(rule, result_.ruleset.chains[0].rules); break;
                case Direction::out: account(rule, result_.ruleset.chains[2].rules); break;
            }
        }
        if (!both.empty()) {
            for (const std::string_view name : {"input", "output"}) {
                Rule jump;
                jump.target = Jump{both_ways};
                Rules& rules = result_.ruleset.find(name)->rules;
                rules.insert(rules.begin(), std::move(jump));
            }
            result_.ruleset.chains.push_back({both_ways, std::nullopt, {}, std::move(both), {}});
        }
        tell_of_output(from);
    }

    void account(const Rule& rule, Rules& out) {
        Rule counting = rule;
        counting.target = None{};
        counting.tos = {};
        counting.source_ports = plain(rule.source_ports);
        counting.destination_ports = plain(rule.destination_ports);
        Rules rules = convert(counting);
        if (!rules.empty() && ways_overlap(counting)) {
            remark(rule, "what goes between the ends of -b both ways at once is counted twice");
        }
        std::move(rules.begin(), rules.end(), std::back_inserter(out));
        add_fragments(counting, out);
    }

    void add_fragments(const Rule& counting, Rules& out) {
        std::optional<Rule> fragments = of_fragments(counting);
        if (!fragments || !why_never(*fragments).empty()) {
            return;
        }
        fragments->counters = {};
        const std::size_t told = result_.remarks.size();
        Rules rules = convert(*fragments);
        result_.remarks.resize(told);
        std::move(rules.begin(), rules.end(), std::back_inserter(out));
    }

    void tell_of_output(const Chain& accounting) {
        const Chain& output = *from_.find("output");
        const bool counts_leaving =
            std::any_of(accounting.rules.begin(), accounting.rules.end(),
                        [](const Rule& rule) { return rule.direction != Direction::in; });
        const bool stops = output.policy != Policy::accept ||
                           std::any_of(output.rules.begin(), output.rules.end(),
                                       [](const Rule& rule) { return !lets_through(rule); });
        if (counts_leaving && stops) {
            result_.remarks.push_back({0,
                                       "accounting rules count what output stops, too; ipfwadm "
                                       "asked them behind output"});
        }
    }

    const Ruleset& from_;
    AsIpchains result_;
    bool told_of_fragments_ = false;
};

}  // namespace

AsIpchains to_ipchains(const Ruleset& ipfwadm) { return Conversion(ipfwadm).run(); }

}  // namespace fw::translate
