#include "model/codec.h"

#include <optional>

#include "model/tagged_bytes.h"

namespace fw {

namespace {

constexpr std::uint8_t version = 1;

enum Tag : std::uint8_t {
    tag_source = 1,
    tag_destination,
    tag_protocol,
    tag_source_ports,
    tag_destination_ports,
    tag_interface,
    tag_interface_address,
    tag_syn,
    tag_fragment,
    tag_direction,
    tag_flags,
    tag_copy,
    tag_tos,
    tag_mark,
    tag_target,
    tag_device,
    tag_idle_redirect,
};

constexpr unsigned flag_ack = 1;
constexpr unsigned flag_two_way = 2;
constexpr unsigned flag_log = 4;

constexpr unsigned ports_inverted = 1;
constexpr unsigned ports_range = 2;

void write_address(ByteWriter& out, Tag tag, const AddressMatch& match) {
    if (match == AddressMatch{}) {
        return;
    }
    out.begin(tag);
    out.u32(match.address.value);
    out.u32(match.mask.value);
    out.u8(match.inverted);
    out.end();
}

void write_ports(ByteWriter& out, Tag tag, const PortMatch& match) {
    if (match == PortMatch{}) {
        return;
    }
    out.begin(tag);
    out.u8((match.inverted ? ports_inverted : 0u) | (match.begins_with_range ? ports_range : 0u));
    for (const PortRange& range : match.ranges) {
        out.u16(range.first);
        out.u16(range.last);
    }
    out.end();
}

void write_interface(ByteWriter& out, const InterfaceMatch& match) {
    if (match.name != "" || !match.wildcard || match.inverted) {
        out.begin(tag_interface);
        out.u8((match.wildcard ? 1u : 0u) | (match.inverted ? 2u : 0u));
        out.text(match.name);
        out.end();
    }
    if (match.address) {
        out.begin(tag_interface_address);
        out.u32(match.address->value);
        out.end();
    }
}

void write_flag(ByteWriter& out, Tag tag, Flag flag) {
    if (flag != Flag::any) {
        out.begin(tag);
        out.u8(flag == Flag::set);
        out.end();
    }
}

void write_effects(ByteWriter& out, const Rule& rule) {
    const unsigned flags = (rule.ack ? flag_ack : 0u) | (rule.two_way ? flag_two_way : 0u) |
                           (rule.log ? flag_log : 0u);
    if (flags != 0) {
        out.begin(tag_flags);
        out.u8(flags);
        out.end();
    }
    if (rule.copy) {
        out.begin(tag_copy);
        out.u16(*rule.copy);
        out.end();
    }
    if (!rule.tos.none()) {
        out.begin(tag_tos);
        out.u8(rule.tos.and_mask);
        out.u8(rule.tos.xor_mask);
        out.end();
    }
    if (rule.mark) {
        out.begin(tag_mark);
        out.u8(rule.mark->relative);
        out.u32(rule.mark->value);
        out.end();
    }
}

void write_target(ByteWriter& out, const Target& target) {
    if (std::holds_alternative<None>(target)) {
        return;
    }
    out.begin(tag_target);
    out.u8(static_cast<unsigned>(target.index()));
    if (const auto* redirect = std::get_if<Redirect>(&target)) {
        out.u16(redirect->port);
    } else if (const auto* jump = std::get_if<Jump>(&target)) {
        out.text(jump->chain);
    }
    out.end();
}

AddressMatch read_address(ByteReader& in) {
    AddressMatch match;
    match.address.value = in.u32();
    match.mask.value = in.u32();
    match.inverted = in.flag();
    if ((match.address.value & ~match.mask.value) != 0 || match.any()) {
        in.spoil();
    }
    return match;
}

PortMatch read_ports(ByteReader& in) {
    PortMatch match;
    const unsigned flags = in.u8();
    match.inverted = (flags & ports_inverted) != 0;
    match.begins_with_range = (flags & ports_range) != 0;
    while (in.good() && !in.empty()) {
        PortRange range;
        range.first = in.u16();
        range.last = in.u16();
        if (range.all() && !match.begins_with_range) {
            in.spoil();
        }
        match.ranges.push_back(range);
    }
    if (flags > 3 || match.any() || (match.begins_with_range && match.ranges.empty())) {
        in.spoil();
    }
    return match;
}

void read_interface(ByteReader& in, InterfaceMatch& match) {
    const unsigned flags = in.u8();
    if (flags > 3) {
        in.spoil();
    }
    match.wildcard = (flags & 1) != 0;
    match.inverted = (flags & 2) != 0;
    match.name = in.text();
    if (match.name.empty() && flags == 1) {
        in.spoil();
    }
}

Target read_target(ByteReader& in) {
    switch (in.u8()) {
        case 1: return Accept{};
        case 2: return Deny{};
        case 3: return Reject{};
        case 4: return Masquerade{};
        case 5: return Redirect{in.u16()};
        case 6: return Return{};
        case 7: return Jump{in.text()};
        default: in.spoil(); return None{};
    }
}

void read_flags(ByteReader& in, Rule& rule) {
    const unsigned flags = in.u8();
    if (flags == 0 || flags > 7) {
        in.spoil();
    }
    rule.ack = (flags & flag_ack) != 0;
    rule.two_way = (flags & flag_two_way) != 0;
    rule.log = (flags & flag_log) != 0;
}

void read_field(unsigned tag, ByteReader& in, Rule& rule) {
    switch (tag) {
        case tag_source: rule.source = read_address(in); break;
        case tag_destination: rule.destination = read_address(in); break;
        case tag_protocol:
            rule.protocol.number = in.u16();
            rule.protocol.inverted = in.flag();
            if (rule.protocol == ProtocolMatch{}) {
                in.spoil();
            }
            break;
        case tag_source_ports: rule.source_ports = read_ports(in); break;
        case tag_destination_ports: rule.destination_ports = read_ports(in); break;
        case tag_interface: read_interface(in, rule.interface); break;
        case tag_interface_address: rule.interface.address = Address{in.u32()}; break;
        case tag_syn: rule.syn = in.flag() ? Flag::set : Flag::clear; break;
        case tag_fragment: rule.fragment = in.flag() ? Flag::set : Flag::clear; break;
        case tag_flags: read_flags(in, rule); break;
        case tag_direction: rule.direction = in.flag() ? Direction::out : Direction::in; break;
        case tag_copy: rule.copy = in.u16(); break;
        case tag_tos:
            rule.tos.and_mask = static_cast<std::uint8_t>(in.u8());
            rule.tos.xor_mask = static_cast<std::uint8_t>(in.u8());
            if (rule.tos.none()) {
                in.spoil();
            }
            break;
        case tag_mark: {
            Mark mark;
            mark.relative = in.flag();
            mark.value = in.u32();
            rule.mark = mark;
            break;
        }
        case tag_target: rule.target = read_target(in); break;
        case tag_device:
            rule.interface.device = in.text();
            if (rule.interface.device.empty()) {
                in.spoil();
            }
            break;
        case tag_idle_redirect: rule.idle_redirect = in.u16(); break;
        default: in.spoil(); break;
    }
}

Error undecodable() {
    return {Code::damaged, "", -1, "the rule's stored form can't be read",
            "another program or a newer version wrote it"};
}

}  // namespace

Result<std::string> encode_rule(const Rule& rule) {
    ByteWriter out;
    out.u8(version);
    write_address(out, tag_source, rule.source);
    write_address(out, tag_destination, rule.destination);
    if (rule.protocol != ProtocolMatch{}) {
        out.begin(tag_protocol);
        out.u16(rule.protocol.number);
        out.u8(rule.protocol.inverted);
        out.end();
    }
    write_ports(out, tag_source_ports, rule.source_ports);
    write_ports(out, tag_destination_ports, rule.destination_ports);
    write_interface(out, rule.interface);
    write_flag(out, tag_syn, rule.syn);
    write_flag(out, tag_fragment, rule.fragment);
    if (rule.direction != Direction::both) {
        out.begin(tag_direction);
        out.u8(rule.direction == Direction::out);
        out.end();
    }
    write_effects(out, rule);
    write_target(out, rule.target);
    if (!rule.interface.device.empty()) {
        out.begin(tag_device);
        out.text(rule.interface.device);
        out.end();
    }
    if (rule.idle_redirect) {
        out.begin(tag_idle_redirect);
        out.u16(*rule.idle_redirect);
        out.end();
    }

    std::string bytes = out.take();
    const auto* jump = std::get_if<Jump>(&rule.target);
    if (bytes.size() > max_encoded || rule.interface.name.size() > max_encoded_name ||
        (jump != nullptr && jump->chain.size() > max_encoded_name)) {
        return Error{Code::refused, "", -1, "the rule is too long to be stored",
                     "name fewer ports in one rule"};
    }
    return bytes;
}

Result<Rule> decode_rule(std::span<const std::uint8_t> bytes) {
    ByteReader in(bytes);
    if (in.u8() != version || !in.good()) {
        return undecodable();
    }
    Rule rule;
    unsigned last_tag = 0;
    while (!in.empty()) {
        const unsigned tag = in.u8();
        ByteReader field(in.take(in.u8()));
        read_field(tag, field, rule);
        // Each field once, in order, and none with its default: equal rules are equal bytes.
        if (!in.good() || !field.good() || !field.empty() || tag <= last_tag) {
            return undecodable();
        }
        last_tag = tag;
    }
    return rule;
}

}  // namespace fw
