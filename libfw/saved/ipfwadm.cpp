// What `ipfwadm-save` prints. Numbers only, so that it means the same on every machine.
#include <string_view>

#include "fw/saved.h"
#include "print/text.h"
#include "saved/lines.h"

namespace fw {
namespace {

using namespace print;

// A word as a shell has to read it: in quotes unless all of it is letters, digits, or what an
// interface's name usually has.
void append_shell_word(std::string& out, std::string_view word) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == ':' || c == '-' || c == '_' || c == '+';
    };
    bool quoted = word.empty();
    for (const char c : word) {
        quoted = quoted || !plain(c);
    }
    if (!quoted) {
        out += word;
        return;
    }
    out += '\'';
    for (const char c : word) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    out += '\'';
}

// "ipfwadm -I"; accounting rules have their direction behind it.
void append_category(std::string& out, const Chain& chain) {
    out += "ipfwadm -";
    out += chain.name == "input"     ? 'I'
           : chain.name == "forward" ? 'F'
           : chain.name == "output"  ? 'O'
                                     : 'A';
}

std::string_view policy_word(Policy policy) {
    switch (policy) {
        case Policy::accept: return "accept";
        case Policy::deny: return "deny";
        case Policy::reject: return "reject";
        case Policy::masquerade: return "masquerade";
    }
    return "";
}

std::string_view target_word(const Target& target) {
    return std::holds_alternative<Deny>(target)     ? "deny"
           : std::holds_alternative<Reject>(target) ? "reject"
                                                    : "accept";
}

void append_ports(std::string& out, const PortMatch& match) {
    for (const PortRange& range : match.ranges) {
        out += ' ';
        append_number(out, range.first);
        if (match.begins_with_range && &range == &match.ranges.front()) {
            out += ':';
            append_number(out, range.last);
        }
    }
}

void append_side(std::string& out, std::string_view option, const AddressMatch& match,
                 const PortMatch& ports) {
    if (match.any() && ports.any()) {
        return;
    }
    out += option;
    append_address(out, match.address);
    append_mask(out, match.mask);
    append_ports(out, ports);
}

void append_interface(std::string& out, const InterfaceMatch& match) {
    if (match.address) {
        out += " -V ";
        append_address(out, *match.address);
    }
    if (!match.name.empty()) {
        out += " -W ";
        append_shell_word(out, match.name);
    }
}

void append_effects(std::string& out, const Rule& rule) {
    const auto* redirect = std::get_if<Redirect>(&rule.target);
    if (redirect != nullptr || rule.idle_redirect) {
        out += " -r ";
        append_number(out, redirect != nullptr ? redirect->port : *rule.idle_redirect);
    }
    out += std::holds_alternative<Masquerade>(rule.target) ? " -m" : "";
    out += rule.log ? " -o" : "";
    if (!rule.tos.none()) {
        out += " -t ";
        append_hex(out, rule.tos.and_mask, 2);
        out += ' ';
        append_hex(out, rule.tos.xor_mask, 2);
    }
}

void append_rule(std::string& out, const Chain& chain, const Rule& rule) {
    append_category(out, chain);
    if (chain.name == accounting_chain) {
        out += rule.direction == Direction::in    ? " in -a"
               : rule.direction == Direction::out ? " out -a"
                                                  : " both -a";
    } else {
        out += " -a ";
        out += target_word(rule.target);
    }
    if (const std::string_view protocol = common_protocol(rule.protocol.number);
        rule.protocol.number != 0) {
        out += " -P ";
        out += protocol;
    }
    append_side(out, " -S ", rule.source, rule.source_ports);
    append_side(out, " -D ", rule.destination, rule.destination_ports);
    append_interface(out, rule.interface);
    out += rule.two_way ? " -b" : "";
    out += rule.ack ? " -k" : "";
    out += rule.syn == Flag::set ? " -y" : "";
    append_effects(out, rule);
    out += '\n';
}

}  // namespace

std::string print_ipfwadm_commands(const Ruleset& ruleset, bool counters) {
    std::string out;
    // Policies first: nothing that a policy stops passes while there are no rules.
    for (const Chain& chain : ruleset.chains) {
        if (chain.name != accounting_chain) {
            append_category(out, chain);
            out += " -p ";
            out += policy_word(chain.policy.value_or(Policy::accept));
            out += '\n';
        }
    }
    for (const Chain& chain : ruleset.chains) {
        append_category(out, chain);
        out += " -f\n";
    }
    for (const Chain& chain : ruleset.chains) {
        for (const Rule& rule : chain.rules) {
            append_rule(out, chain, rule);
            if (counters) {
                saved::append_counters(out, rule.counters);
            }
        }
    }
    return out;
}

}  // namespace fw
