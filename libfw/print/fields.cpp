#include "print/fields.h"

#include "parse/icmp.h"
#include "print/text.h"

namespace fw::print {
namespace {

bool has_ports(std::uint16_t protocol) {
    return protocol == protocol_tcp || protocol == protocol_udp || protocol == protocol_icmp;
}

std::string_view any(const Style& style) { return style.numeric ? "*" : "any"; }

void append_port(std::string& out, std::uint16_t port, std::uint16_t protocol, const Style& style) {
    if (!style.numeric) {
        if (const std::string& name = style.names.service(port, protocol); !name.empty()) {
            out += name;
            return;
        }
    }
    append_number(out, port);
}

bool single(const PortMatch& match) {
    return !match.inverted && match.ranges.size() == 1 &&
           match.ranges[0].first == match.ranges[0].last;
}

void append_short(std::string& out, std::uint64_t number) {
    if (number <= 99999) {
        append_number(out, number, 5);
        return;
    }
    std::string_view letters = "KMGTPE";
    number = (number + 500) / 1000;
    for (; number > 9999; letters.remove_prefix(1)) {
        number = (number + 500) / 1000;
    }
    append_number(out, number, 4);
    out += letters.front();
}

// The name that says the same as the rule's ICMP type and code, or nothing.
std::string_view icmp_name(const Rule& rule) {
    const PortMatch& types = rule.source_ports;
    const PortMatch& codes = rule.destination_ports;
    if (rule.protocol.number != protocol_icmp || !single(types) ||
        !(codes.any() || single(codes))) {
        return "";
    }
    for (const IcmpName& name : icmp_names()) {
        const bool same_code =
            name.code ? single(codes) && codes.ranges[0].first == *name.code : codes.any();
        if (same_code && types.ranges[0].first == name.type) {
            return name.name;
        }
    }
    return "";
}

}  // namespace

void append_target(std::string& out, const Target& target) {
    if (const auto* jump = std::get_if<Jump>(&target)) {
        out += jump->chain;
    } else {
        out += target_name(target);
    }
}

void append_protocol(std::string& out, std::uint16_t number, const Style& style) {
    std::string_view name = common_protocol(number);
    if (name.empty()) {
        name = style.names.protocol(number);
    }
    if (name.empty()) {
        append_number(out, number);
    } else {
        out += name;
    }
}

void append_flags(std::string& out, const Rule& rule) {
    const auto flag = [&out](Flag state, char letter) {
        out += state == Flag::clear ? '!' : '-';
        out += state == Flag::any ? '-' : letter;
    };
    flag(rule.syn, 'y');
    flag(rule.fragment, 'f');
    out += rule.log ? 'l' : '-';
    out += rule.copy ? 'o' : '-';
}

void append_interface(std::string& out, const InterfaceMatch& match, const Style& style) {
    if (match.name.empty()) {
        out += any(style);
        return;
    }
    out += match.name;
    if (match.wildcard) {
        out += '+';
    }
}

void append_tos(std::string& out, const Tos& tos, std::string_view between) {
    out += "0x";
    append_hex(out, tos.and_mask, 2);
    out += between;
    out += "0x";
    append_hex(out, tos.xor_mask, 2);
}

void append_place(std::string& out, const AddressMatch& match, const Style& style) {
    if (!style.numeric) {
        if (match.mask.value == 0) {
            out += "anywhere";
            return;
        }
        if (const std::string& name = style.names.place(match.address); !name.empty()) {
            out += name;
            append_mask(out, match.mask);
            return;
        }
    }
    append_address(out, match.address);
    append_mask(out, match.mask);
}

void append_ranges(std::string& out, const PortMatch& match, std::uint16_t protocol,
                   const Style& style) {
    if (match.ranges.empty()) {
        out += any(style);
        return;
    }
    for (const PortRange& range : match.ranges) {
        if (&range != &match.ranges.front()) {
            out += ',';
        }
        append_port(out, range.first, protocol, style);
        if (range.last != range.first || (match.begins_with_range && &range == &match.ranges[0])) {
            out += ':';
            append_port(out, range.last, protocol, style);
        }
    }
}

void append_ports(std::string& out, const Rule& rule, const Style& style) {
    const std::uint16_t protocol = rule.protocol.number;
    if (!has_ports(protocol)) {
        out += " n/a";
        return;
    }
    if (!style.numeric) {
        if (const std::string_view name = icmp_name(rule); !name.empty()) {
            out += ' ';
            out += name;
            return;
        }
    }
    out += inversion(rule.source_ports.inverted);
    append_ranges(out, rule.source_ports, protocol, style);
    out += " ->  ";
    out += inversion(rule.destination_ports.inverted);
    append_ranges(out, rule.destination_ports, protocol, style);
}

void append_redirect(std::string& out, const Rule& rule, std::string_view arrow,
                     const Style& style) {
    const auto* redirect = std::get_if<Redirect>(&rule.target);
    if (redirect == nullptr) {
        return;
    }
    out += arrow;
    if (redirect->port == 0) {
        out += ' ';
        out += any(style);
    } else {
        append_port(out, redirect->port, rule.protocol.number, style);
    }
}

void append_counters(std::string& out, const Counters& counters, bool exact) {
    if (exact) {
        append_number(out, counters.packets, 8);
        out += ' ';
        append_number(out, counters.bytes, 10);
    } else {
        append_short(out, counters.packets);
        out += ' ';
        append_short(out, counters.bytes);
    }
    out += ' ';
}

std::string_view counter_headings(bool exact) {
    return exact ? "    pkts      bytes " : " pkts bytes ";
}

void append_foreign(std::string& out, std::vector<ForeignRule>::const_iterator& foreign,
                    const Chain& chain, std::size_t index, Dialect dialect) {
    const bool last = index == chain.rules.size();
    for (; foreign != chain.foreign.end() && (last || foreign->before <= index); ++foreign) {
        out += foreign->chain.empty() ? "# foreign rule" : "# foreign rule in " + foreign->chain;
        out += ", handle ";
        append_number(out, foreign->handle);
        out += " (nft -a list table ip ";
        out += dialect_name(dialect);
        out += ")\n";
    }
}

}  // namespace fw::print
