#include "print/ipfwadm_fields.h"

#include "print/ipfwadm.h"
#include "print/text.h"

namespace fw::print {

std::string_view ipfwadm_type(const Rule& rule, bool accounting) {
    if (accounting) {
        return rule.direction == Direction::in    ? "in"
               : rule.direction == Direction::out ? "out"
                                                  : "i/o";
    }
    if (rule.idle_redirect || std::holds_alternative<Redirect>(rule.target)) {
        return "acc/r";
    }
    if (std::holds_alternative<Masquerade>(rule.target)) {
        return "acc/m";
    }
    return std::holds_alternative<Deny>(rule.target)     ? "deny"
           : std::holds_alternative<Reject>(rule.target) ? "rej"
                                                         : "acc";
}

std::string_view ipfwadm_target(const Rule& rule) {
    struct Words {
        std::string_view operator()(const Accept&) const { return "accept"; }
        std::string_view operator()(const Deny&) const { return "deny"; }
        std::string_view operator()(const Reject&) const { return "reject"; }
        std::string_view operator()(const Masquerade&) const { return "masquerade"; }
        std::string_view operator()(const Redirect&) const { return "redirect"; }
        std::string_view operator()(const None&) const { return "count"; }
        std::string_view operator()(const Return&) const { return ""; }
        std::string_view operator()(const Jump&) const { return ""; }
    };
    return std::visit(Words{}, rule.target);
}

std::string_view ipfwadm_policy(Policy policy) {
    switch (policy) {
        case Policy::accept: return "accept";
        case Policy::deny: return "deny";
        case Policy::reject: return "reject";
        case Policy::masquerade: return "accept/masquerade";
    }
    return "";
}

void append_ipfwadm_flags(std::string& out, const Rule& rule) {
    out += rule.two_way ? 'b' : '-';
    out += rule.ack ? 'k' : '-';
    out += rule.syn == Flag::set ? 'y' : '-';
    out += rule.log ? 'o' : '-';
}

void append_ipfwadm_via(std::string& out, const InterfaceMatch& match, const Style& style) {
    if (!match.address && !style.numeric) {
        out += "any";
        return;
    }
    append_place(out, {match.address.value_or(Address{}), {0xffffffff}}, style);
}

void append_ipfwadm_ports(std::string& out, const Rule& rule, const Style& style) {
    const std::uint16_t protocol = rule.protocol.number;
    if (protocol == 0) {
        out += "n/a";
        return;
    }
    append_ranges(out, rule.source_ports, protocol, style);
    if (protocol == protocol_icmp) {
        return;
    }
    out += " -> ";
    append_ranges(out, rule.destination_ports, protocol, style);
    const auto* redirect = std::get_if<Redirect>(&rule.target);
    if (redirect != nullptr || rule.idle_redirect) {
        const std::uint16_t port = redirect != nullptr ? redirect->port : *rule.idle_redirect;
        out += " => ";
        append_ranges(out, port == 0 ? PortMatch{} : PortMatch{{{port, port}}}, protocol, style);
    }
}

Counters linux20_counters(const Counters& counters) {
    return {counters.packets & 0xffffffff, counters.bytes & 0xffffffff};
}

}  // namespace fw::print
