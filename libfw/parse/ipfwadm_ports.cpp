#include "parse/ipfwadm_ports.h"

#include <string>
#include <utility>

#include "parse/icmp.h"
#include "parse/numbers.h"

namespace fw {

namespace {

constexpr std::uint32_t last_port = 65535;
constexpr std::size_t most_ports = 10;  // IP_FW_MAX_PORTS of Linux 2.0

Error no_port(Word word, std::string_view text, std::uint16_t protocol, const Names& names) {
    if (text.empty()) {
        return usage_error(word, "a range has two ends", "write both: 1024:65535");
    }
    if (text.find_first_not_of("+-0123456789") == text.npos) {
        const std::size_t dash = text.find('-', 1);
        return usage_error(word, "no such port",
                           dash == text.npos
                               ? "ports are numbers from 0 to 65535"
                               : "a range is written " + std::string(text.substr(0, dash)) + ":" +
                                     std::string(text.substr(dash + 1)));
    }
    if (protocol == 0) {
        return usage_error(word, "a service belongs to a protocol",
                           "say -P tcp or -P udp, or give the port's number");
    }
    if (text.find(',') != text.npos) {
        return usage_error(word, "ports stand apart", "put spaces between them, and no commas");
    }
    if (protocol == protocol_icmp) {
        const IcmpFound found = find_icmp_name(text);
        return usage_error(word, "not an ICMP type",
                           found.count == 1 ? "ipfwadm takes numbers; this type is " +
                                                  std::to_string(found.name.type)
                                            : "give its number: 8 is what ping sends, 0 the reply");
    }
    const std::string_view other = protocol == protocol_tcp ? "udp" : "tcp";
    Error error =
        usage_error(word,
                    "no " + std::string(ipfwadm_protocol_name(protocol)) + " service of this name",
                    names.service(std::string(text), other)
                        ? "it is known for -P " + std::string(other) + "; or give the port's number"
                        : "give the port's number");
    error.code = Code::unresolved;
    return error;
}

Result<PortRange> parse_ends(Word word, std::size_t colon, std::uint16_t protocol,
                             const Names& names) {
    const auto first = parse_ipfwadm_port(word, word.text.substr(0, colon), protocol, names);
    if (!first || colon == word.text.npos) {
        return first ? Result(PortRange{*first, *first}) : first.error();
    }
    const auto last = parse_ipfwadm_port(word, word.text.substr(colon + 1), protocol, names);
    if (!last) {
        return last.error();
    }
    if (*last < *first) {
        return usage_error(word, "the range is upside down", "give the lower end first");
    }
    return PortRange{*first, *last};
}

// The list behind an address. Its one range comes first, wherever it was typed.
Result<PortMatch> parse_list(std::span<const Word> words, std::uint16_t protocol,
                             const Names& names) {
    PortMatch match;
    for (const Word word : words) {
        const std::size_t colon = word.text.find(':');
        const bool range = colon != word.text.npos;
        const auto ends = parse_ends(word, colon, protocol, names);
        if (!ends) {
            return ends.error();
        }
        if (range && match.begins_with_range) {
            return usage_error(word, "a second range on one side",
                               "write another rule for it; single ports may follow a range");
        }
        match.begins_with_range = match.begins_with_range || range;
        match.ranges.insert(range ? match.ranges.begin() : match.ranges.end(), *ends);
    }
    return match;
}

std::span<const Word> port_words(const LetteredGiven* side) {
    return side == nullptr ? std::span<const Word>() : side->all().subspan(1);
}

Status check_words(const LetteredLine& line, std::uint16_t protocol) {
    const auto source = port_words(line.get('S'));
    const auto destination = port_words(line.get('D'));
    if (protocol == 0 && source.size() + destination.size() > 0) {
        return usage_error(source.empty() ? destination[0] : source[0],
                           "ports belong to a protocol", "say -P tcp or -P udp");
    }
    if (protocol == protocol_icmp && !destination.empty()) {
        return usage_error(destination[0], "ICMP has no ports, and its types go behind -S",
                           "leave this out, or write -S 0/0 " + std::string(destination[0].text));
    }
    return Done{};
}

// A range counts for two, and the port of a redirection for one.
Status check_count(const LetteredLine& line, const Ports& ports) {
    std::size_t count = line.has('r') ? 1 : 0;
    for (const PortMatch* side : {&ports.source, &ports.destination}) {
        count += side->ranges.size() + (side->begins_with_range ? 1 : 0);
    }
    if (count <= most_ports) {
        return Done{};
    }
    const LetteredGiven& last = line.has('D') ? *line.get('D') : *line.get('S');
    return usage_error(last.all().back(), "more than ten ports in one rule",
                       line.has('r') ? "write several rules; a range counts for two, -r for one"
                                     : "write several rules; a range counts for two");
}

}  // namespace

std::string_view ipfwadm_protocol_name(std::uint16_t protocol) {
    switch (protocol) {
        case protocol_tcp: return "tcp";
        case protocol_udp: return "udp";
        case protocol_icmp: return "icmp";
        default: return "all";
    }
}

Result<std::uint16_t> parse_ipfwadm_port(Word word, std::string_view text, std::uint16_t protocol,
                                         const Names& names) {
    if (const auto number = parse_decimal(text, last_port)) {
        return static_cast<std::uint16_t>(*number);
    }
    if (protocol == protocol_tcp || protocol == protocol_udp) {
        if (const auto port = names.service(std::string(text), ipfwadm_protocol_name(protocol))) {
            return *port;
        }
    }
    return no_port(word, text, protocol, names);
}

Result<Ports> parse_ipfwadm_ports(const LetteredLine& line, std::uint16_t protocol,
                                  const Names& names) {
    if (Status status = check_words(line, protocol); !status) {
        return status.error();
    }
    Ports ports;
    auto source = parse_list(port_words(line.get('S')), protocol, names);
    if (!source) {
        return source.error();
    }
    ports.source = *std::move(source);
    auto destination = parse_list(port_words(line.get('D')), protocol, names);
    if (!destination) {
        return destination.error();
    }
    ports.destination = *std::move(destination);
    if (Status status = check_count(line, ports); !status) {
        return status.error();
    }
    return ports;
}

}  // namespace fw
