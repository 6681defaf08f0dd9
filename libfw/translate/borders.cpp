#include "translate/borders.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <set>
#include <utility>

#include "nft/fields.h"
#include "translate/read_values.h"
#include "translate/values.h"

namespace fw::translate {

namespace {

using nft::Field;

constexpr std::uint32_t highest_port = 65535;

void add_unique(Axis& axis, std::uint32_t value) {
    if (std::find(axis.values.begin(), axis.values.end(), value) == axis.values.end()) {
        axis.values.push_back(value);
    }
}

// Sets the axis to values of which the first is `inside`; an earlier test of the same trait goes on
// deciding what is inside, since a packet must meet all.
void narrow(Axis& axis, std::uint32_t first, std::uint32_t last, bool inverted,
            std::uint32_t highest) {
    std::vector<std::uint32_t> values = {first, last};
    const std::uint32_t before = first == 0 ? highest : first - 1;
    const std::uint32_t behind = last >= highest ? 0 : last + 1;
    values.insert(inverted ? values.begin() : values.end(), {behind, before});
    if (!inverted && first <= last) {
        axis.first = std::max(axis.first, first);
        axis.last = std::min(axis.last, last);
    }
    for (const std::uint32_t value : values) {
        if (value <= highest) {
            add_unique(axis, value);
        }
    }
    const auto inside = std::find_if(axis.values.begin(), axis.values.end(), [&](auto value) {
        return axis.first <= value && value <= axis.last;
    });
    if (inside != axis.values.end()) {
        std::iter_swap(axis.values.begin(), inside);
    }
}

// (x & mask) == value, for masks of any form.
void narrow_masked(Axis& axis, std::uint32_t value, std::uint32_t mask, bool inverted) {
    const int ones = std::countl_one(mask);
    if (std::popcount(mask) == ones) {
        narrow(axis, value, value | ~mask, inverted, 0xffffffff);
        return;
    }
    const auto add = [&](std::uint32_t one) { add_unique(axis, one); };
    if (!inverted) {
        add(value);
    }
    for (std::uint32_t bit = 1; bit != 0; bit <<= 1) {
        add(value ^ bit);  // some in, some out
    }
    add(value);
    add(value | ~mask);
    if (inverted) {  // the first must be outside
        const auto outside = std::find_if(axis.values.begin(), axis.values.end(),
                                          [&](auto one) { return (one & mask) != value; });
        if (outside != axis.values.end()) {
            std::iter_swap(axis.values.begin(), outside);
        }
    }
}

void add_interface(std::vector<std::string>& names, const std::string& name, bool prefix,
                   bool inverted) {
    std::vector<std::string> seen;
    if (prefix) {
        seen.push_back(name + "7");
    }
    if (!name.empty()) {
        seen.push_back(name);
    }
    std::vector<std::string> others = {"other0"};
    if (!prefix) {
        others.push_back(name + "7");
    }
    if (name.size() > 1) {
        others.push_back(name.substr(0, name.size() - 1));
    }
    if (inverted) {
        std::swap(seen, others);
    }
    for (const auto* part : {&seen, &others}) {
        for (const std::string& one : *part) {
            if (std::find(names.begin(), names.end(), one) == names.end() && one.size() < 16) {
                names.push_back(one);
            }
        }
    }
}

// Flags of TCP that rules ask about, together and alone.
constexpr std::uint32_t flag_sets[] = {0x02, 0x12, 0x06, 0x10, 0x04, 0x00, 0x16, 0x11, 0xc2};

void ask_flags(Axis& axis, std::uint32_t inside) {
    add_unique(axis, inside);
    for (const std::uint32_t flags : flag_sets) {
        add_unique(axis, flags);
    }
}

void ask_protocol(Axis& axis, std::uint32_t number, bool inverted) {
    if (number > 255) {
        return;
    }
    const std::uint32_t other = number == protocol_tcp ? protocol_udp : protocol_tcp;
    for (const std::uint32_t value : {inverted ? other : number, inverted ? number : other,
                                      std::uint32_t{protocol_icmp}, std::uint32_t{47}}) {
        add_unique(axis, value);
    }
    if (!inverted) {
        axis.first = axis.last = number;
    }
}

// --- Rules of the model ---

void ask_address(Axis& axis, const AddressMatch& match) {
    if (!match.any()) {
        narrow_masked(axis, match.address.value, match.mask.value, match.inverted);
    }
}

void ask_ports(Axis& axis, const PortMatch& match, std::uint32_t highest) {
    for (const PortRange& range : match.ranges) {
        if (range.first <= highest && range.first <= range.last) {
            narrow(axis, range.first, std::min<std::uint32_t>(range.last, highest), match.inverted,
                   highest);
        }
    }
}

Borders borders_of(const Rule&) = delete;

Borders borders_of(const fw::Rule& rule) {
    Borders borders;
    ask_address(borders[Trait::source], rule.source);
    ask_address(borders[Trait::destination], rule.destination);
    if (rule.protocol.number != 0) {
        ask_protocol(borders[Trait::protocol], rule.protocol.number, rule.protocol.inverted);
    }
    const std::uint32_t highest = rule.protocol.number == protocol_icmp ? 255 : highest_port;
    ask_ports(borders[Trait::source_port], rule.source_ports, highest);
    ask_ports(borders[Trait::destination_port], rule.destination_ports, highest);
    if (!rule.interface.device.empty()) {
        add_interface(borders.interfaces, rule.interface.device, false, false);
    }
    if (!rule.interface.any()) {
        add_interface(borders.interfaces, rule.interface.name, rule.interface.wildcard,
                      rule.interface.inverted);
    }
    if (rule.syn != Flag::any || rule.ack) {
        ask_flags(borders[Trait::tcp_flags], rule.syn == Flag::set ? 0x02 : 0x10);
    }
    if (rule.protocol.number == 0 && (rule.syn != Flag::any || rule.ack)) {
        add_unique(borders[Trait::protocol], protocol_tcp);  // all others need no flags
        add_unique(borders[Trait::protocol], protocol_udp);
    }
    if (rule.fragment == Flag::set) {
        borders[Trait::shape].values = {fragment_shape};
    }
    if (rule.mark) {
        for (const std::uint32_t mark : {0U, 1U, rule.mark->value, 0U - rule.mark->value,
                                         0xffffffffU, 0x7fffffffU, 0x0badf00dU}) {
            add_unique(borders[Trait::mark], mark);
        }
    }
    if (!rule.tos.none()) {
        for (const std::uint32_t tos : {0x00U, 0xffU, 0x10U, 0x1cU, 0xa5U, 0x5aU, 0x03U, 0x04U}) {
            add_unique(borders[Trait::tos], tos);
        }
    }
    return borders;
}

// UDP from port 500 to port 500 (IPsec) is masqueraded without another port.
void ask_key_exchange(Borders& borders) {
    borders[Trait::protocol] = {{protocol_udp}, protocol_udp, protocol_udp};
    for (const Trait trait : {Trait::source_port, Trait::destination_port}) {
        borders[trait] = {};
        narrow(borders[trait], 500, 500, false, highest_port);
    }
}

// --- Rules in nft ---

std::optional<Trait> trait_of(Field field) {
    switch (field) {
        case Field::ip_saddr: return Trait::source;
        case Field::ip_daddr: return Trait::destination;
        case Field::ip_protocol:
        case Field::l4proto: return Trait::protocol;
        case Field::tcp_sport:
        case Field::udp_sport:
        case Field::icmp_type: return Trait::source_port;
        case Field::tcp_dport:
        case Field::udp_dport:
        case Field::icmp_code: return Trait::destination_port;
        case Field::tcp_flags: return Trait::tcp_flags;
        case Field::mark: return Trait::mark;
        default: return std::nullopt;
    }
}

class TestReader {
public:
    explicit TestReader(Borders& borders) : borders_(borders) {}

    void operator()(const nft::Compare& test) {
        const std::uint32_t full = nft::full_mask(nft::facts(test.field));
        const bool inverted = test.op == nft::Op::ne;
        if (test.field == Field::ip_dscp || test.field == Field::ip_ecn) {
            const std::uint32_t shift = test.field == Field::ip_dscp ? 2 : 0;
            add_unique(borders_[Trait::tos], test.value << shift);
            add_unique(borders_[Trait::tos], (test.value << shift) ^ 1U << shift);
            return;
        }
        const auto trait = trait_of(test.field);
        if (!trait || test.op == nft::Op::ge) {
            return;
        }
        Axis& axis = borders_[*trait];
        if (trait == Trait::protocol) {
            ask_protocol(axis, test.value, inverted);
        } else if (trait == Trait::tcp_flags) {
            ask_flags(axis, inverted ? test.value ^ (test.mask & full) : test.value);
        } else if ((test.mask & full) == full && full != 0xffffffff) {
            narrow(axis, test.value, test.value, inverted, full);
        } else {
            narrow_masked(axis, test.value, test.mask, inverted);
        }
    }
    void operator()(const nft::Between& test) {
        const auto trait = trait_of(test.field);
        if (trait) {
            narrow(borders_[*trait], test.first, test.last, test.inverted,
                   nft::full_mask(nft::facts(test.field)));
        }
    }
    void operator()(const nft::InRanges& test) {
        for (const PortRange& range : test.ranges) {
            (*this)(nft::Between{test.field, test.inverted, range.first, range.last});
        }
    }
    void operator()(const nft::Interface& test) {
        add_interface(borders_.interfaces, test.name, test.prefix, test.inverted);
    }
    void operator()(const nft::IsFragment& test) {
        borders_[Trait::shape].values = {test.inverted ? whole_shape : fragment_shape};
    }
    void operator()(const nft::SetMark& set) {
        for (const std::uint32_t mark : {0U, set.xor_mask, ~set.and_mask, 0xffffffffU}) {
            add_unique(borders_[Trait::mark], mark);
        }
    }
    template <typename Other>
    void operator()(const Other&) {}

    void element(const std::vector<Field>& key, const Element& element, bool inverted) {
        for (std::size_t i = 0; i < key.size(); ++i) {
            const Value& value = element.values[i];
            const auto trait = trait_of(key[i]);
            if (has_interfaces(key[i])) {
                add_interface(borders_.interfaces, value.interface, value.prefix, inverted);
            } else if (trait == Trait::protocol) {
                ask_protocol(borders_[*trait], value.first, inverted);
            } else if (trait) {
                narrow(borders_[*trait], value.first, value.last, inverted,
                       nft::full_mask(nft::facts(key[i])));
            }
        }
    }

private:
    Borders& borders_;
};

// A rule is one for each element of its sets, which are met by themselves.
void add_rules(const Rule& rule, std::vector<BorderRule>& out) {
    BorderRule common;
    const std::vector<Field>* key = nullptr;
    const std::vector<Element>* elements = nullptr;
    bool inverted = false;
    for (const Statement& statement : rule.statements) {
        if (const auto* expression = std::get_if<nft::Expr>(&statement)) {
            std::visit(TestReader(common.borders), *expression);
            const auto* decide = std::get_if<nft::Decide>(expression);
            if (decide != nullptr && !decide->chain.empty()) {
                common.leads_to.push_back(decide->chain);
            }
        } else if (const auto* set = std::get_if<InSet>(&statement)) {
            key = &set->key;
            elements = &set->elements;
            inverted = set->inverted;
        } else if (const auto* map = std::get_if<ByMap>(&statement)) {
            key = &map->key;
            elements = &map->elements;
        }
    }
    if (elements == nullptr) {
        out.push_back(std::move(common));
        return;
    }
    for (const Element& element : *elements) {
        BorderRule& one = out.emplace_back(common);
        TestReader(one.borders).element(*key, element, inverted);
        if (!element.verdict.chain.empty()) {
            one.leads_to.push_back(element.verdict.chain);
        }
    }
}

}  // namespace

std::vector<BorderChain> borders_of(const Ruleset& ruleset) {
    std::vector<BorderChain> chains;
    for (const fw::Chain& chain : ruleset.chains) {
        BorderChain& made = chains.emplace_back(BorderChain{chain.name, {}});
        for (std::size_t i = 0; i < chain.rules.size(); ++i) {
            const fw::Rule& rule = chain.rules[i];
            if (rule.two_way) {
                BorderRule& back =
                    made.rules.emplace_back(BorderRule{borders_of(reversed(rule)), {}});
                back.borders.chain = chains.size() - 1;
                back.borders.rule = i;
            }
            BorderRule& one = made.rules.emplace_back(BorderRule{borders_of(rule), {}});
            one.borders.chain = chains.size() - 1;
            one.borders.rule = i;
            if (const auto* jump = std::get_if<Jump>(&rule.target)) {
                one.leads_to.push_back(jump->chain);
            } else if (std::holds_alternative<Masquerade>(rule.target)) {
                BorderRule key_exchange = one;
                ask_key_exchange(key_exchange.borders);
                made.rules.push_back(std::move(key_exchange));
            }
        }
    }
    return chains;
}

std::vector<BorderChain> borders_of(const Table& table) {
    std::vector<BorderChain> chains;
    for (const Chain& chain : table.chains) {
        BorderChain& made = chains.emplace_back(BorderChain{chain.name, {}});
        for (const Rule& rule : chain.rules) {
            add_rules(rule, made.rules);
        }
    }
    return chains;
}

}  // namespace fw::translate
