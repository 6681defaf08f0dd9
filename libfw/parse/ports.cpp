#include "parse/ports.h"

#include <string>
#include <utility>

#include "model/text.h"
#include "parse/icmp.h"
#include "parse/numbers.h"

namespace fw {
namespace {

constexpr std::uint16_t last_port = 65535;

bool is_icmp(const ProtocolMatch& protocol) {
    return protocol.number == protocol_icmp && !protocol.inverted;
}

Error unknown_service(Word word, const std::string& name, std::string_view protocol,
                      const Names& names) {
    Error error = usage_error(word, "no " + std::string(protocol) + " service of this name",
                              "give the port's number");
    error.code = Code::unresolved;
    const std::string_view other = protocol == "tcp" ? "udp" : "tcp";
    if (name.find(',') != std::string::npos) {
        error.problem = "one port or range is all that a side can have";
        error.remedy = "write a rule for each port, or a range such as 80:90";
    } else if (names.service(name, other)) {
        error.remedy = "it is known for -p " + std::string(other) + "; or give the port's number";
    } else if (name.starts_with('-') || name.starts_with('!')) {
        error.problem = "not a port";
        error.remedy = "put a space before it if it is meant to be an option";
    }
    return error;
}

Error no_ports(Word word, const ProtocolMatch& protocol) {
    if (protocol.inverted) {
        return usage_error(word, "a port can't be matched with -p !",
                           "name the one protocol whose port is meant: -p tcp");
    }
    return usage_error(word, "ports belong to a protocol, and this rule has none that has them",
                       "say -p tcp or -p udp (or -p icmp, and a type)");
}

// One end of a range.
Result<std::uint16_t> parse_port(Word word, std::string_view text, const ProtocolMatch& protocol,
                                 const Names& names) {
    const std::string_view service = service_protocol(protocol);
    if (service.empty() && !is_icmp(protocol)) {
        return no_ports(word, protocol);
    }
    if (const auto number = parse_decimal(text, last_port)) {
        return static_cast<std::uint16_t>(*number);
    }
    if (text.empty()) {
        return usage_error(word, "an empty port", "give a number, or leave the word out");
    }
    if (text.find_first_not_of("+-0123456789") == std::string_view::npos) {
        return usage_error(word, "no such port", "ports are numbers from 0 to 65535");
    }
    if (is_icmp(protocol)) {
        return usage_error(word, "no ICMP type or code",
                           "ipchains -h icmp lists the names, which go behind -s or --icmp-type");
    }
    const std::string name(text);
    if (const auto port = names.service(name, service)) {
        return *port;
    }
    return unknown_service(word, name, service, names);
}

std::string icmp_names_like(std::string_view prefix) {
    std::string list;
    for (const IcmpName& candidate : icmp_names()) {
        if (same_letters(candidate.name.substr(0, prefix.size()), prefix)) {
            list += (list.empty() ? "" : ", ") + std::string(candidate.name);
        }
    }
    return list;
}

PortMatch as_match(PortRange range, bool inverted) {
    PortMatch match;
    match.inverted = inverted;
    if (!range.all()) {
        match.ranges.push_back(range);
    }
    return match;
}

// Either end of a range may be left out.
Result<PortMatch> parse_range(const Given& given, const ProtocolMatch& protocol,
                              const Names& names) {
    const std::string_view text = given.value.text;
    const std::size_t colon = text.find(':');
    PortRange range;
    if (colon == std::string_view::npos || colon > 0) {
        const auto first = parse_port(given.value, text.substr(0, colon), protocol, names);
        if (!first) {
            return first.error();
        }
        range.first = *first;
        range.last = colon == std::string_view::npos ? *first : last_port;
    }
    if (colon != std::string_view::npos && colon + 1 < text.size()) {
        const auto last = parse_port(given.value, text.substr(colon + 1), protocol, names);
        if (!last) {
            return last.error();
        }
        range.last = *last;
    }
    return as_match(range, given.inverted);
}

// The name of an ICMP type behind -s or --icmp-type.
Result<Ports> named_icmp(const Given& source, const Given* destination, const IcmpName& name) {
    if (destination != nullptr) {
        return usage_error(destination->value, "the ICMP name settles the code already",
                           "leave the code out, or give the type's number");
    }
    if (source.inverted) {
        return usage_error(source.value, "an ICMP name can't be inverted",
                           "give the type's number: ! " + std::to_string(name.type));
    }
    Ports ports;
    ports.source = as_match({name.type, name.type}, false);
    ports.destination = as_match(name.codes(), false);
    return ports;
}

}  // namespace

std::string_view service_protocol(const ProtocolMatch& protocol) {
    if (protocol.inverted) {
        return "";
    }
    return protocol.number == protocol_tcp ? "tcp" : protocol.number == protocol_udp ? "udp" : "";
}

Result<Ports> parse_ports(const Given* source, const Given* destination,
                          const ProtocolMatch& protocol, const Names& names) {
    Ports ports;
    if (source != nullptr && is_icmp(protocol)) {
        const IcmpFound found = find_icmp_name(source->value.text);
        if (found.count == 1) {
            return named_icmp(*source, destination, found.name);
        }
        if (found.count > 1 && !source->value.text.empty()) {
            return usage_error(source->value, "several ICMP names start like this",
                               "type more of one: " + icmp_names_like(source->value.text));
        }
    }
    if (source != nullptr) {
        auto range = parse_range(*source, protocol, names);
        if (!range) {
            return range.error();
        }
        ports.source = *std::move(range);
    }
    if (destination != nullptr) {
        auto range = parse_range(*destination, protocol, names);
        if (!range) {
            return range.error();
        }
        ports.destination = *std::move(range);
    }
    return ports;
}

Result<std::uint16_t> parse_redirect_port(Word word, const ProtocolMatch& protocol,
                                          const Names& names) {
    if (word.text.find(':') != std::string_view::npos) {
        return usage_error(word, "REDIRECT leads to one port", "give one number or service");
    }
    return parse_port(word, word.text, protocol, names);
}

}  // namespace fw
