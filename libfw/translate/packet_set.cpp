#include "translate/packet_set.h"

#include <net/if.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/port_ranges.h"

namespace fw::translate {

namespace {

constexpr std::uint8_t opens = 1;
constexpr std::uint8_t has_ack = 2;  // or RST
constexpr std::uint8_t is_other = 4;
constexpr std::uint8_t any_state = opens | has_ack | is_other;
constexpr std::size_t longest_name = IFNAMSIZ - 1;
constexpr std::uint16_t last_port = 65535;  // and what protocols without ports have (Linux 2.2)
constexpr std::uint16_t last_icmp = 255;

using Ports = std::vector<PortRange>;

// Those that hold any port, in order.
Ports in_order(Ports ranges) {
    std::erase_if(ranges, [](const PortRange& range) { return range.first > range.last; });
    return merged(std::move(ranges));
}

Ports all_but(const Ports& ranges) {
    Ports result;
    std::uint32_t next = 0;
    for (const PortRange& range : ranges) {
        if (next < range.first) {
            result.push_back(
                {static_cast<std::uint16_t>(next), static_cast<std::uint16_t>(range.first - 1)});
        }
        next = std::uint32_t{range.last} + 1;
    }
    if (next <= last_port) {
        result.push_back({static_cast<std::uint16_t>(next), last_port});
    }
    return result;
}

Ports ports_of(const PortMatch& match) {
    Ports ranges = match.ranges.empty() ? Ports{{0, last_port}} : in_order(match.ranges);
    if (match.inverted) {
        return all_but(ranges);
    }
    return ranges;
}

bool have(const Ports& ports, const PortRange& range) {
    return std::any_of(ports.begin(), ports.end(), [&](const PortRange& port) {
        return port.first <= range.first && range.last <= port.last;
    });
}

bool have_all(const Ports& ports, const Ports& others) {
    return std::all_of(others.begin(), others.end(),
                       [&](const PortRange& range) { return have(ports, range); });
}

bool have_none(const Ports& ports, const Ports& others) {
    return std::none_of(ports.begin(), ports.end(), [&](const PortRange& port) {
        return std::any_of(others.begin(), others.end(),
                           [&](const PortRange& other) { return overlap(port, other); });
    });
}

PortRange span_of(const Ports& ports) { return {ports.front().first, ports.back().last}; }

bool spans(const PortRange& a, const PortRange& b) {
    return a.first <= b.first && b.last <= a.last;
}

Ports up_to(Ports ports, std::uint16_t last) {
    std::erase_if(ports, [&](const PortRange& range) { return range.first > last; });
    if (!ports.empty()) {
        ports.back().last = std::min(ports.back().last, last);
    }
    return ports;
}

// Both can be the opposite of what they say.
template <typename Matched>
bool covers_match(const Matched& a, const Matched& b) {
    if (a.inverted) {
        return b.inverted ? b.has(a) : a.misses(b);
    }
    return b.inverted ? a.any() : a.has(b);
}

template <typename Matched>
bool apart_match(const Matched& a, const Matched& b) {
    if (a.inverted || b.inverted) {
        return a.inverted != b.inverted && (a.inverted ? a.has(b) : b.has(a));
    }
    return a.misses(b);
}

// ipfwadm's -y and -k with another protocol than TCP, or none: others are not asked.
bool asks_flags_of_all(const Rule& rule) {
    return (rule.syn != Flag::any || rule.ack) && rule.protocol.number != protocol_tcp;
}

}  // namespace

PacketSet::PacketSet(const Rule& rule)
    : known_(!rule.two_way && rule.direction == Direction::both && rule.matches.empty() &&
             !rule.interface.address && !asks_flags_of_all(rule)),
      source_{rule.source.address.value, rule.source.mask.value, rule.source.inverted},
      destination_{rule.destination.address.value, rule.destination.mask.value,
                   rule.destination.inverted} {
    set_interfaces(rule.interface);
    set_protocols(rule);
    set_ports(rule);
}

// A prefix as long as a name can be is that name.
void PacketSet::set_interfaces(const InterfaceMatch& match) {
    const std::size_t size = match.name.size();
    interfaces_ = {match.name, match.wildcard && size < longest_name, match.inverted, false};
    if (size > longest_name || (match.name.empty() && !match.wildcard)) {
        interfaces_ = {"", true, false, !match.inverted};
    }
}

void PacketSet::set_protocols(const Rule& rule) {
    Protocols asked;
    if (rule.protocol.number == 0) {
        asked.set();
    } else {
        if (rule.protocol.number < asked.size()) {
            asked.set(rule.protocol.number);
        }
        asked = rule.protocol.inverted ? ~asked : asked;
    }
    const bool flags = rule.syn != Flag::any || rule.ack;
    const bool ports = rule.protocol.number != 0 &&
                       !(rule.source_ports.ranges.empty() && rule.destination_ports.ranges.empty());
    if (rule.fragment != Flag::clear && !flags && !ports) {
        fragments_ = asked;
    }
    if (rule.fragment == Flag::set) {
        return;
    }
    whole_ = asked;
    if (flags) {
        whole_ &= Protocols().set(protocol_tcp);
        tcp_states_ = rule.syn == Flag::any   ? tcp_states_
                      : rule.syn == Flag::set ? opens
                                              : has_ack | is_other;
        tcp_states_ &= rule.ack ? has_ack : tcp_states_;
        if (tcp_states_ == 0) {
            whole_.reset();
        }
    }
}

void PacketSet::set_ports(const Rule& rule) {
    const PortMatch any;
    const bool seen = rule.protocol.number != 0;
    source_ports_ = ports_of(seen ? rule.source_ports : any);
    destination_ports_ = ports_of(seen ? rule.destination_ports : any);
    for (const Ports* ports : {&source_ports_, &destination_ports_}) {
        if (ports->empty()) {
            whole_.reset();
        }
        if (ports->empty() || ports->front().first > last_icmp) {
            whole_.reset(protocol_icmp);
        }
        if (!have(*ports, {last_port, last_port})) {
            whole_ &= Protocols().set(protocol_tcp).set(protocol_udp).set(protocol_icmp);
        }
    }
    if (whole_ == Protocols().set(protocol_icmp)) {
        source_ports_ = up_to(std::move(source_ports_), last_icmp);
        destination_ports_ = up_to(std::move(destination_ports_), last_icmp);
    }
    if (whole_.any()) {
        source_span_ = span_of(source_ports_);
        destination_span_ = span_of(destination_ports_);
    }
}

bool PacketSet::Addresses::has(const Addresses& other) const {
    return (mask & other.mask) == mask && (other.address & mask) == address;
}
bool PacketSet::Addresses::misses(const Addresses& other) const {
    return ((address ^ other.address) & mask & other.mask) != 0;
}

bool PacketSet::Interfaces::has(const Interfaces& other) const {
    return prefix ? std::string_view(other.name).starts_with(name)
                  : !other.prefix && name == other.name;
}
bool PacketSet::Interfaces::misses(const Interfaces& other) const {
    return !has(other) && !other.has(*this);
}

bool PacketSet::empty() const {
    const auto nothing = [](const auto& match) { return match.any() && match.inverted; };
    return known_ && (nothing(source_) || nothing(destination_) || nothing(interfaces_) ||
                      interfaces_.none || (fragments_.none() && whole_.none()));
}

std::optional<PacketSet::From> PacketSet::from() const {
    return source_.inverted ? std::nullopt : std::optional(From{source_.address, source_.mask});
}
std::optional<PacketSet::From> PacketSet::to() const {
    return destination_.inverted ? std::nullopt
                                 : std::optional(From{destination_.address, destination_.mask});
}

std::optional<std::uint16_t> PacketSet::only_port() const {
    const bool one = destination_span_.first == destination_span_.last;
    return one ? std::optional(destination_span_.first) : std::nullopt;
}

// As it covers the set of a rule that asks for nothing.
bool PacketSet::all() const {
    const auto all_of = [](const auto& match) { return match.any() && !match.inverted; };
    const auto all_ports = [](const Ports& ports) {
        return ports.size() == 1 && ports.front().all();
    };
    return known_ && all_of(source_) && all_of(destination_) && all_of(interfaces_) &&
           !interfaces_.none && fragments_.all() && whole_.all() && tcp_states_ == any_state &&
           all_ports(source_ports_) && all_ports(destination_ports_);
}

bool PacketSet::covers(const PacketSet& other) const {
    if (!spans(source_span_, other.source_span_) ||
        !spans(destination_span_, other.destination_span_) ||
        !covers_match(source_, other.source_) || !covers_match(destination_, other.destination_) ||
        !known_ || !other.known_ || interfaces_.none || (other.fragments_ & ~fragments_).any() ||
        (other.whole_ & ~whole_).any()) {
        return false;
    }
    return covers_match(interfaces_, other.interfaces_) &&
           (other.whole_.none() || ((other.tcp_states_ & ~tcp_states_) == 0 &&
                                    have_all(source_ports_, other.source_ports_) &&
                                    have_all(destination_ports_, other.destination_ports_)));
}

bool PacketSet::apart_from(const PacketSet& other) const {
    if (!known_ || !other.known_) {
        return false;
    }
    if (apart_match(source_, other.source_) || apart_match(destination_, other.destination_) ||
        apart_match(interfaces_, other.interfaces_)) {
        return true;
    }
    return (fragments_ & other.fragments_).none() &&
           ((whole_ & other.whole_).none() || (tcp_states_ & other.tcp_states_) == 0 ||
            have_none(source_ports_, other.source_ports_) ||
            have_none(destination_ports_, other.destination_ports_));
}

}  // namespace fw::translate
