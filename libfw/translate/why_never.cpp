#include "translate/why_never.h"

#include <algorithm>

namespace fw::translate {

namespace {

constexpr std::uint16_t last_protocol = 255;
constexpr std::uint16_t last_icmp = 255;

bool nothing(const AddressMatch& match) { return match.mask.value == 0 && match.inverted; }

bool asks_above(const PortMatch& match, std::uint16_t last) {
    return !match.inverted && !match.ranges.empty() &&
           std::all_of(match.ranges.begin(), match.ranges.end(),
                       [&](const PortRange& range) { return range.first > last; });
}

bool upside_down(const PortMatch& match) {
    return !match.inverted && !match.ranges.empty() &&
           std::all_of(match.ranges.begin(), match.ranges.end(),
                       [](const PortRange& range) { return range.first > range.last; });
}

bool leaves_out_all(const PortMatch& match, std::uint16_t last) {
    return match.inverted &&
           (match.ranges.empty() ||
            std::any_of(match.ranges.begin(), match.ranges.end(), [&](const PortRange& range) {
                return range.first == 0 && range.last >= last;
            }));
}

std::string of_icmp(const Rule& rule) {
    if (asks_above(rule.source_ports, last_icmp)) {
        return "ICMP types end at 255";
    }
    if (asks_above(rule.destination_ports, last_icmp)) {
        return "ICMP codes end at 255";
    }
    return leaves_out_all(rule.source_ports, last_icmp)        ? "it leaves out every ICMP type"
           : leaves_out_all(rule.destination_ports, last_icmp) ? "it leaves out every ICMP code"
                                                               : "";
}

std::string of_ports(const Rule& rule) {
    if (rule.protocol.number == 0) {
        return "";
    }
    if (upside_down(rule.source_ports) || upside_down(rule.destination_ports)) {
        return "the range of ports is upside down";
    }
    if (rule.protocol.number == protocol_icmp && !rule.protocol.inverted) {
        return of_icmp(rule);
    }
    return leaves_out_all(rule.source_ports, 65535) || leaves_out_all(rule.destination_ports, 65535)
               ? "it leaves out every port"
               : "";
}

}  // namespace

std::string why_never(const Rule& rule) {
    if (rule.protocol.number > last_protocol && !rule.protocol.inverted) {
        return "there is no protocol " + std::to_string(rule.protocol.number);
    }
    if (nothing(rule.source) || nothing(rule.destination)) {
        return std::string("it leaves out every ") +
               (nothing(rule.source) ? "source" : "destination") + " address";
    }
    if (rule.interface.name.empty() && rule.interface.inverted) {
        return "it leaves out every interface";
    }
    const std::string reason = of_ports(rule);
    return reason.empty() ? "it asks for what excludes each other" : reason;
}

}  // namespace fw::translate
