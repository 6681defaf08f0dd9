#include "fw/rule.h"

#include <utility>

namespace fw {

bool same_specification(const Rule& a, const Rule& b) {
    Rule copy = a;
    copy.counters = b.counters;
    return copy == b;
}

bool same_for_deletion(const Rule& a, const Rule& b) {
    Rule copy = a;
    copy.counters = b.counters;
    copy.tos = b.tos;
    copy.mark = b.mark;
    copy.interface.device = b.interface.device;
    if (copy.idle_redirect && b.idle_redirect) {
        copy.idle_redirect = b.idle_redirect;
    }
    return copy == b;
}

std::string target_name(const Target& target) {
    struct Namer {
        std::string operator()(const None&) const { return "-"; }
        std::string operator()(const Accept&) const { return "ACCEPT"; }
        std::string operator()(const Deny&) const { return "DENY"; }
        std::string operator()(const Reject&) const { return "REJECT"; }
        std::string operator()(const Masquerade&) const { return "MASQ"; }
        std::string operator()(const Redirect&) const { return "REDIRECT"; }
        std::string operator()(const Return&) const { return "RETURN"; }
        std::string operator()(const Jump& jump) const { return jump.chain; }
    };
    return std::visit(Namer{}, target);
}

Rule reversed(const Rule& rule) {
    Rule swapped = rule;
    std::swap(swapped.source, swapped.destination);
    if (rule.protocol.number != protocol_icmp) {
        std::swap(swapped.source_ports, swapped.destination_ports);
    }
    return swapped;
}

}  // namespace fw
