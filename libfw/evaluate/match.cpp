#include "evaluate/match.h"

#include <utility>

#include "model/port_ranges.h"

namespace fw::evaluation {
namespace {

bool holds(const AddressMatch& match, Address address) {
    return ((address.value & match.mask.value) == match.address.value) != match.inverted;
}

bool holds(const InterfaceMatch& match, const std::string& name) {
    if (match.address && name != match.device && (!match.device.empty() || match.name.empty())) {
        return false;
    }
    const bool same = match.wildcard ? name.starts_with(match.name) : name == match.name;
    return same != match.inverted;
}

// A fragment has no ports: it meets the whole range only, inverted or not.
bool holds(const PortMatch& match, std::uint16_t port, bool fragment) {
    return fragment ? match.ranges.empty() : contains(match, port);
}

bool holds(Flag flag, bool state) { return flag == Flag::any || (flag == Flag::set) == state; }

bool holds(Direction direction, Direction packet) {
    return direction == Direction::both || packet == Direction::both || direction == packet;
}

// SYN tells nothing about fragments: neither -y nor ! -y meets one.
bool syn_holds(const Rule& rule, const PacketView& view) {
    const bool told = !view.fragment && view.packet.protocol == protocol_tcp;
    return holds(rule.syn, view.syn) && (rule.syn != Flag::clear || told);
}

struct End {
    Address address;
    std::uint16_t port = 0;
};

// Addresses, and ports where a protocol is given, for one direction of travel.
Part unmet_ends(const Rule& rule, const PacketView& view, End source, End destination) {
    if (!holds(rule.source, source.address)) {
        return Part::source;
    }
    if (!holds(rule.destination, destination.address)) {
        return Part::destination;
    }
    if (rule.protocol.number == 0) {
        return Part::none;
    }
    if (!holds(rule.source_ports, source.port, view.fragment)) {
        return Part::source_port;
    }
    if (!holds(rule.destination_ports, destination.port, view.fragment)) {
        return Part::destination_port;
    }
    return Part::none;
}

Part unmet_but_ends(const Rule& rule, const PacketView& view) {
    if (!holds(rule.direction, view.packet.direction)) {
        return Part::direction;
    }
    if (!holds(rule.interface, view.packet.interface)) {
        return Part::interface;
    }
    if (rule.protocol.number != 0 &&
        (rule.protocol.number == view.packet.protocol) == rule.protocol.inverted) {
        return Part::protocol;
    }
    if (!holds(rule.fragment, view.fragment)) {
        return Part::fragment;
    }
    if (!syn_holds(rule, view)) {
        return Part::syn;
    }
    return rule.ack && !view.ack ? Part::ack : Part::none;
}

}  // namespace

Part unmet(const Rule& rule, const PacketView& view) {
    if (const Part part = unmet_but_ends(rule, view); part != Part::none) {
        return part;
    }
    End source{view.packet.source, view.source_port};
    End destination{view.packet.destination, view.destination_port};
    const Part part = unmet_ends(rule, view, source, destination);
    if (part == Part::none || !rule.two_way) {
        return part;
    }
    std::swap(source.address, destination.address);
    if (view.packet.protocol != protocol_icmp) {
        std::swap(source.port, destination.port);
    }
    return unmet_ends(rule, view, source, destination) == Part::none ? Part::none : part;
}

}  // namespace fw::evaluation
