// Packets on the borders of rules: where rules overlap, and which packets show it.
#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "translate/borders.h"

namespace fw::translate {

namespace {

constexpr std::uint16_t roomy = 120;  // bytes: any header and more

struct Shape {
    std::uint16_t offset = 0;  // of the fragment, in units of 8 bytes
    bool more = false;
    std::uint8_t words = 5;  // of the IP header
    bool whole = false;      // "don't fragment"
    int behind = -1000;      // bytes behind the IP header, as many as rules look at being 0
};
constexpr Shape shapes[] = {
    {},
    {.offset = 185},
    {.offset = 1},
    {.offset = 2, .more = true},
    {.more = true},
    {.more = true, .behind = -1},
    {.behind = -1},
    {.behind = 0},
    {.words = 15},
    {.words = 15, .behind = -1},
    {.offset = 8191, .words = 6},
    {.behind = -100},  // nothing
    {.behind = 3},
    {.whole = true},
    {.offset = 1, .whole = true},
    {.offset = 4096},
    {.more = true, .whole = true, .behind = -1},
};

// Of the first `whole` bytes that rules look at.
int looked_at(std::uint32_t protocol) {
    switch (protocol) {
        case protocol_tcp: return 16;
        case protocol_udp:
        case protocol_icmp: return 8;
        default: return 0;
    }
}

void give_shape(const Shape& shape, Packet& packet) {
    packet.fragment_offset = shape.offset;
    packet.more_fragments = shape.more;
    packet.dont_fragment = shape.whole;
    packet.header_words = shape.words;
    packet.options.assign(static_cast<std::size_t>(shape.words - 5) * 4, 1);  // no-operation
    const int behind = std::max(0, looked_at(packet.protocol) + shape.behind);
    packet.length =
        shape.behind == -1000 ? roomy : static_cast<std::uint16_t>(shape.words * 4 + behind);
}

constexpr std::array<std::uint32_t, trait_count> usual = {0xc6336407,  0xcb007109, protocol_tcp,
                                                          1025,        25,         0x02,
                                                          whole_shape, 0,          0};

}  // namespace

namespace {

// What `rule` does not ask, as `way` does.
Borders along(const Borders& way, Borders rule) {
    for (std::size_t i = 0; i < trait_count; ++i) {
        if (rule.axes[i].values.empty() && !way.axes[i].values.empty()) {
            rule.axes[i] = way.axes[i];
            rule.axes[i].values.resize(1);
        }
    }
    if (rule.interfaces.empty() && !way.interfaces.empty()) {
        rule.interfaces = {way.interfaces.front()};
    }
    return rule;
}

struct Reach {
    const std::vector<BorderChain>& chains;
    std::unordered_map<std::string_view, std::size_t> index;
    std::vector<std::size_t> entered;
    std::vector<Borders> out;

    static constexpr std::size_t most_entries = 4;

    void enter(std::string_view name, const Borders& way) {
        const auto found = index.find(name);
        if (found == index.end() || entered[found->second] == most_entries) {
            return;
        }
        ++entered[found->second];
        for (const BorderRule& rule : chains[found->second].rules) {
            Borders here = along(way, rule.borders);
            for (const std::string& target : rule.leads_to) {
                enter(target, here);
            }
            out.push_back(std::move(here));
        }
    }
};

}  // namespace

std::vector<Borders> reached_from(const std::vector<BorderChain>& chains, std::string_view root) {
    Reach reach{chains, {}, std::vector<std::size_t>(chains.size()), {}};
    for (std::size_t i = 0; i < chains.size(); ++i) {
        reach.index.emplace(chains[i].name, i);
    }
    reach.enter(root, {});
    return std::move(reach.out);
}

std::optional<Borders> overlap(const Borders& one, const Borders& other) {
    Borders both = one;
    for (std::size_t i = 0; i < trait_count; ++i) {
        Axis& axis = both.axes[i];
        const Axis& second = other.axes[i];
        if (second.values.empty()) {
            continue;
        }
        if (axis.values.empty()) {
            axis = second;
            continue;
        }
        const std::uint32_t first = std::max(axis.first, second.first);
        const std::uint32_t last = std::min(axis.last, second.last);
        if (first > last) {
            return std::nullopt;
        }
        const auto fits = [&](std::uint32_t value) { return first <= value && value <= last; };
        std::uint32_t inside = first;
        if (fits(second.values.front())) {
            inside = second.values.front();
        } else if (fits(axis.values.front())) {
            inside = axis.values.front();
        }
        std::vector<std::uint32_t> values = {inside};
        values.insert(values.end(), axis.values.begin(), axis.values.end());
        axis = {std::move(values), first, last};
    }
    if (!other.interfaces.empty()) {
        const std::string& name = other.interfaces.front();
        if (both.interfaces.empty() || name.size() > both.interfaces.front().size()) {
            both.interfaces.insert(both.interfaces.begin(), name);
        }
    }
    return both;
}

std::vector<Borders> beside(const Borders& one, const Borders& other) {
    std::vector<Borders> result;
    for (std::size_t i = 0; i < trait_count; ++i) {
        const Axis& axis = one.axes[i];
        const Axis& left = other.axes[i];
        for (std::size_t at = 1; at < left.values.size(); ++at) {
            const std::uint32_t value = left.values[at];
            const bool asks_range = axis.first != 0 || axis.last != 0xffffffff;
            if ((!axis.values.empty() && !asks_range) || value < axis.first || value > axis.last) {
                continue;
            }
            Axis& changed = result.emplace_back(one).axes[i];
            std::erase(changed.values, value);
            changed.values.insert(changed.values.begin(), value);
        }
    }
    for (std::size_t at = 1; at < other.interfaces.size() && one.interfaces.empty(); ++at) {
        result.emplace_back(one).interfaces = {other.interfaces[at]};
    }
    return result;
}

std::uint32_t packet_shapes() { return static_cast<std::uint32_t>(std::size(shapes)); }

std::vector<Choice> choices(const Borders& borders) {
    std::vector<Choice> result = {{}};
    for (std::size_t i = 0; i < trait_count; ++i) {
        const auto trait = static_cast<Trait>(i);
        const std::size_t count =
            trait == Trait::shape ? packet_shapes() : borders.axes[i].values.size();
        for (std::size_t value = trait == Trait::shape ? 0 : 1; value < count; ++value) {
            result.push_back({trait, value});
        }
    }
    for (std::size_t value = 1; value < borders.interfaces.size(); ++value) {
        result.push_back({std::nullopt, value});
    }
    const std::size_t whole = result.size();
    for (const std::uint32_t shape : {fragment_shape, short_shape}) {
        for (std::size_t i = 0; i < whole; ++i) {
            if (result[i].trait != Trait::shape) {
                result.push_back({result[i].trait, result[i].value, shape});
            }
        }
    }
    return result;
}

Packet packet_of(const Borders& borders, const Choice& choice) {
    std::array<std::uint32_t, trait_count> values = usual;
    for (std::size_t i = 0; i < trait_count; ++i) {
        const std::vector<std::uint32_t>& seen = borders.axes[i].values;
        const bool chosen = choice.trait == static_cast<Trait>(i);
        if (chosen && choice.trait == Trait::shape) {
            values[i] = static_cast<std::uint32_t>(choice.value);
        } else if (!seen.empty()) {
            values[i] = seen[chosen ? choice.value : 0];
        }
    }
    if (choice.shape != whole_shape) {
        values[static_cast<std::size_t>(Trait::shape)] = choice.shape;
    }
    const auto value = [&](Trait trait) { return values[static_cast<std::size_t>(trait)]; };
    Packet packet;
    packet.source.value = value(Trait::source);
    packet.destination.value = value(Trait::destination);
    packet.protocol = static_cast<std::uint16_t>(value(Trait::protocol));
    const std::uint32_t most = packet.protocol == protocol_icmp ? 255 : 65535;
    packet.source_port = static_cast<std::uint16_t>(value(Trait::source_port) & most);
    packet.destination_port = static_cast<std::uint16_t>(value(Trait::destination_port) & most);
    packet.tcp_flags = static_cast<std::uint8_t>(value(Trait::tcp_flags));
    packet.tos = static_cast<std::uint8_t>(value(Trait::tos));
    packet.mark = value(Trait::mark);
    packet.interface = "eth0";
    if (!borders.interfaces.empty()) {
        packet.interface = borders.interfaces[choice.trait ? 0 : choice.value];
    }
    give_shape(shapes[value(Trait::shape)], packet);
    return packet;
}

}  // namespace fw::translate
