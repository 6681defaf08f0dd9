// `ipchains -C ... --trace`, `ipfwadm -c ... --trace`: a decision, step by step.
#include <string_view>

#include "fw/print.h"
#include "print/fields.h"
#include "print/ipfwadm.h"
#include "print/text.h"

namespace fw {
namespace {

using namespace print;

void append_step(std::string& out, const Ruleset& ruleset, const Step& step, const Style& style);
void append_summary(std::string& out, const Rule& rule, Dialect dialect, const Style& style);
void append_device(std::string& out, const InterfaceMatch& match, Dialect dialect,
                   const Style& style);
void append_end(std::string& out, const AddressMatch& place, const PortMatch& ports,
                const Rule& rule, const Style& style);
void append_effects(std::string& out, const Rule& rule);
std::string_view consequence(const Target& target);
void append_verdict(std::string& out, const Decision& decision);
void append_cause(std::string& out, const Decision& decision);

}  // namespace

std::string print_trace(const Ruleset& ruleset, const Decision& decision, const Names& names) {
    NameCache cache(names);
    const Style style{cache, true};
    std::string out;
    for (const Step& step : decision.trace) {
        append_step(out, ruleset, step, style);
    }
    append_verdict(out, decision);
    append_cause(out, decision);
    out += '\n';
    return out;
}

namespace {

// "input 3: DENY tcp 10.0.0.0/8 -> 0.0.0.0/0: no, the protocol is udp, not tcp"
void append_step(std::string& out, const Ruleset& ruleset, const Step& step, const Style& style) {
    out += step.chain;
    const Chain* chain = ruleset.find(step.chain);
    if (chain == nullptr || step.rule >= chain->rules.size()) {
        out += ": ";
        out += step.reason;
        out += '\n';
        return;
    }
    const Rule& rule = chain->rules[step.rule];
    out += ' ';
    append_number(out, step.rule + 1);
    out += ": ";
    append_summary(out, rule, ruleset.dialect, style);
    if (step.matched) {
        out += ": matches";
        append_effects(out, rule);
        out += consequence(rule.target);
        if (const auto* jump = std::get_if<Jump>(&rule.target)) {
            out += jump->chain;
        }
    } else {
        out += ": no, ";
        out += step.reason;
    }
    out += '\n';
}

// The target, and of the tests those that leave something out, in the dialect's own words.
void append_summary(std::string& out, const Rule& rule, Dialect dialect, const Style& style) {
    if (dialect == Dialect::ipfwadm) {
        out += ipfwadm_target(rule);
    } else {
        append_target(out, rule.target);
    }
    out += rule.protocol.inverted ? " !" : " ";
    append_protocol(out, rule.protocol.number, style);
    out += rule.two_way ? " -b" : "";
    out += rule.ack ? " -k" : "";
    out += rule.syn == Flag::set ? " -y" : rule.syn == Flag::clear ? " ! -y" : "";
    out += rule.fragment == Flag::set ? " -f" : rule.fragment == Flag::clear ? " ! -f" : "";
    append_device(out, rule.interface, dialect, style);
    out += ' ';
    append_end(out, rule.source, rule.source_ports, rule, style);
    out += " -> ";
    append_end(out, rule.destination, rule.destination_ports, rule, style);
}

void append_device(std::string& out, const InterfaceMatch& match, Dialect dialect,
                   const Style& style) {
    if (match.address) {
        out += " -V ";
        append_address(out, *match.address);
    }
    if (match.any() || (match.address && match.name.empty())) {
        return;
    }
    out += dialect == Dialect::ipfwadm ? " -W " : match.inverted ? " -i ! " : " -i ";
    append_interface(out, match, style);
}

// As typed: "10.0.0.0/8", "!10.0.0.1 1024:65535"
void append_end(std::string& out, const AddressMatch& place, const PortMatch& ports,
                const Rule& rule, const Style& style) {
    out += place.inverted ? "!" : "";
    append_place(out, place, style);
    if (!ports.any()) {
        out += ports.inverted ? " !" : " ";
        append_ranges(out, ports, rule.protocol.number, style);
    }
}

void append_effects(std::string& out, const Rule& rule) {
    if (rule.log) {
        out += ", logs it";
    }
    if (!rule.tos.none()) {
        out += ", changes its TOS";
    }
    if (rule.mark) {
        out += rule.mark->relative ? ", adds to its mark" : ", sets its mark";
    }
    if (rule.copy) {
        out += ", copies it to user space";
    }
}

std::string_view consequence(const Target& target) {
    struct Words {
        std::string_view operator()(const None&) const { return ", counts it and goes on"; }
        std::string_view operator()(const Return&) const { return ", returns"; }
        std::string_view operator()(const Jump&) const { return ", on to chain "; }
        std::string_view operator()(const Accept&) const { return ""; }
        std::string_view operator()(const Deny&) const { return ""; }
        std::string_view operator()(const Reject&) const { return ""; }
        std::string_view operator()(const Masquerade&) const { return ""; }
        std::string_view operator()(const Redirect&) const { return ""; }
    };
    return std::visit(Words{}, target);
}

void append_verdict(std::string& out, const Decision& decision) {
    switch (decision.verdict) {
        case Verdict::accept: out += "The packet is accepted"; break;
        case Verdict::deny: out += "The packet is denied"; break;
        case Verdict::reject: out += "The packet is rejected"; break;
        case Verdict::masquerade: out += "The packet is masqueraded"; break;
        case Verdict::loop: out += "The packet is caught in a loop and dropped"; break;
        case Verdict::passed: out += "The packet passes through the chain"; break;
        case Verdict::redirect:
            out += "The packet is redirected to port ";
            append_number(out, decision.port);
            break;
    }
}

void append_cause(std::string& out, const Decision& decision) {
    if (decision.trace.empty() || decision.verdict == Verdict::passed) {
        return;
    }
    const Step& last = decision.trace.back();
    if (last.rule != Step::npos) {
        out += " by rule ";
        append_number(out, last.rule + 1);
        out += " of chain ";
        out += last.chain;
    } else if (!decision.hits.empty()) {
        out += " by the policy of chain ";
        out += last.chain;
    } else {
        out += " before any rule";
    }
}

}  // namespace
}  // namespace fw
