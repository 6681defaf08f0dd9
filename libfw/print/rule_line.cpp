// What -v says while it works.
#include "fw/print.h"
#include "print/fields.h"
#include "print/ipfwadm.h"
#include "print/text.h"

namespace fw {
namespace {

using namespace print;

void append_rule_line(std::string& out, const Rule& rule, const Style& style) {
    append_target(out, rule.target);
    out += ' ';
    out += inversion(rule.protocol.inverted);
    append_protocol(out, rule.protocol.number, style);
    out += " opt    ";
    append_flags(out, rule);
    out += " tos ";
    append_tos(out, rule.tos, " ");
    out += ' ';
    out += inversion(rule.interface.inverted);
    out += "via ";
    append_interface(out, rule.interface, style);
    if (rule.mark && rule.mark->value != 0) {
        out += " mark 0x";
        append_hex(out, rule.mark->value, 1, HexCase::lower);
    }
    if (rule.copy && *rule.copy != 65535) {
        out += " outsize ";
        append_number(out, *rule.copy);
    }
    out += "   ";
    out += inversion(rule.source.inverted);
    append_place(out, rule.source, style);
    out += rule.destination.inverted ? " -> !" : " -> ";
    append_place(out, rule.destination, style);
    out += "   ";
    append_ports(out, rule, style);
    append_redirect(out, rule, "", style);
    out += '\n';
}

struct ChangeLines {
    const Ruleset& ruleset;
    const Names& names;

    std::string operator()(const Append& append) const { return rules(append.rules); }
    std::string operator()(const Insert& insert) const { return rules(insert.rules); }
    std::string operator()(const Replace& replace) const { return rules({replace.rule}); }
    std::string operator()(const DeleteMatching& remove) const { return rules(remove.rules); }
    std::string operator()(const Flush& flush) const { return chains("Flushing", flush.chain); }
    std::string operator()(const Zero& zero) const { return chains("Zeroing", zero.chain); }
    std::string operator()(const DeleteChain& remove) const {
        return chains("Deleting", remove.chain, true);
    }
    std::string operator()(const DeleteAt&) const { return ""; }
    std::string operator()(const NewChain&) const { return ""; }
    std::string operator()(const SetPolicy&) const { return ""; }

    // The tools of masquerading say nothing.
    std::string operator()(const AddForward&) const { return {}; }
    std::string operator()(const DeleteForwards&) const { return {}; }
    std::string operator()(const ReplaceForwards&) const { return {}; }
    std::string operator()(const FlushForwards&) const { return {}; }
    std::string operator()(const RotateForwards&) const { return {}; }

    std::string rules(const std::vector<Rule>& all) const {
        std::string out;
        for (const Rule& rule : all) {
            out += print_rule(rule, names);
        }
        return out;
    }

    std::string chains(std::string_view verb, const std::optional<std::string>& only,
                       bool users = false) const {
        std::string out;
        const auto line = [&](const std::string& name) {
            out += verb;
            out += " chain `";
            out += name;
            out += "'\n";
        };
        if (only) {
            line(*only);
            return out;
        }
        for (const Chain& chain : ruleset.chains) {
            if (!users || !chain.built_in()) {
                line(chain.name);
            }
        }
        return out;
    }
};

}  // namespace

std::string print_rule(const Rule& rule, const Names& names) {
    NameCache cache(names);
    std::string out;
    append_rule_line(out, rule, {cache, true});
    return out;
}

std::string print_change(const Ruleset& before, const Change& change, const Names& names) {
    if (before.dialect == Dialect::ipfwadm) {
        return ipfwadm_change(change, names);
    }
    return std::visit(ChangeLines{before, names}, change);
}

}  // namespace fw
