// What `ipchains-save` prints. Numbers only, so that it means the same on every machine.
#include <string_view>

#include "fw/saved.h"
#include "print/text.h"
#include "saved/lines.h"

namespace fw {
namespace {

using namespace print;

void append_policy(std::string& out, const Chain& chain) {
    out += ':';
    saved::append_word(out, chain.name);
    out += ' ';
    out += chain.policy ? policy_name(*chain.policy) : "-";
    out += '\n';
}

void append_inversion(std::string& out, bool inverted) {
    if (inverted) {
        out += "! ";
    }
}

void append_side(std::string& out, std::string_view option, const AddressMatch& match,
                 const PortMatch& ports) {
    out += option;
    append_inversion(out, match.inverted);
    append_address(out, match.address);
    out += '/';
    append_address(out, match.mask);
    if (ports.any()) {
        return;
    }
    out += ' ';
    append_inversion(out, ports.inverted);
    const PortRange range = ports.ranges.empty() ? PortRange{} : ports.ranges.front();
    append_number(out, range.first);
    out += ':';
    append_number(out, range.last);
}

void append_interface(std::string& out, const InterfaceMatch& match) {
    if (match.any()) {
        return;
    }
    out += " -i ";
    append_inversion(out, match.inverted);
    saved::append_word(out, match.wildcard ? match.name + '+' : match.name);
}

void append_protocol(std::string& out, const ProtocolMatch& match) {
    if (match.number == 0 && !match.inverted) {
        return;
    }
    out += " -p ";
    append_inversion(out, match.inverted);
    append_number(out, match.number);
}

void append_tos(std::string& out, const Tos& tos) {
    if (tos.none()) {
        return;
    }
    out += " -t ";
    append_hex(out, tos.and_mask, 2);
    out += ' ';
    append_hex(out, tos.xor_mask, 2);
}

void append_target(std::string& out, const Target& target) {
    if (std::holds_alternative<None>(target)) {
        return;
    }
    out += " -j ";
    if (const auto* redirect = std::get_if<Redirect>(&target)) {
        out += "REDIRECT ";
        append_number(out, redirect->port);
    } else {
        saved::append_word(out, target_name(target));
    }
}

void append_effects(std::string& out, const Rule& rule) {
    if (rule.mark) {
        out += rule.mark->relative ? " -m +" : " -m ";
        append_number(out, rule.mark->value);
    }
    if (rule.copy) {
        out += " -o ";
        append_number(out, *rule.copy);
    }
    if (rule.log) {
        out += " -l";
    }
}

void append_flag(std::string& out, Flag flag, std::string_view option) {
    if (flag != Flag::any) {
        out += flag == Flag::clear ? " ! " : " ";
        out += option;
    }
}

void append_rule(std::string& out, const std::string& chain, const Rule& rule) {
    out += "-A ";
    saved::append_word(out, chain);
    append_side(out, " -s ", rule.source, rule.source_ports);
    append_side(out, " -d ", rule.destination, rule.destination_ports);
    append_interface(out, rule.interface);
    append_protocol(out, rule.protocol);
    append_tos(out, rule.tos);
    append_target(out, rule.target);
    append_effects(out, rule);
    append_flag(out, rule.syn, "-y");
    append_flag(out, rule.fragment, "-f");
    out += '\n';
}

}  // namespace

std::string print_saved(const Ruleset& ruleset, const std::optional<std::string>& chain,
                        bool counters) {
    std::string out;
    const auto each_chain = [&](auto action) {
        for (const Chain& one : ruleset.chains) {
            if (!chain || one.name == *chain) {
                action(one);
            }
        }
    };
    each_chain([&](const Chain& one) {
        append_policy(out, one);
        if (counters && one.built_in()) {
            saved::append_counters(out, one.policy_counters);
        }
    });
    each_chain([&](const Chain& one) {
        for (const Rule& rule : one.rules) {
            append_rule(out, one.name, rule);
            if (counters) {
                saved::append_counters(out, rule.counters);
            }
        }
    });
    return out;
}

}  // namespace fw
