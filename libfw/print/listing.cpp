// `ipchains -L`; that of ipfwadm is in ipfwadm_listing.cpp.
#include <string_view>
#include <unordered_map>

#include "fw/print.h"
#include "print/fields.h"
#include "print/ipfwadm.h"
#include "print/text.h"

namespace fw {
namespace {

using namespace print;

// How many rules jump to each chain.
using References = std::unordered_map<std::string_view, std::size_t>;

// What stays the same from the first chain to the last.
struct Listing {
    const Presentation& show;
    Style style;
    References references;
};

References count_references(const Ruleset& ruleset);
void append_chain(std::string& out, const Chain& chain, const Listing& listing);
void append_heading(std::string& out, const Chain& chain, const Listing& listing);
void append_columns(std::string& out, const Presentation& show);
void append_rules(std::string& out, const Chain& chain, const Listing& listing);
void append_rule(std::string& out, const Rule& rule, const Listing& listing);
void append_effects(std::string& out, const Rule& rule, const Style& style);

}  // namespace

std::string print_listing(const Ruleset& ruleset, const List& list, const Presentation& show,
                          const Names& names) {
    NameCache cache(names);
    if (ruleset.dialect == Dialect::ipfwadm) {
        return ipfwadm_listing(ruleset, list, show, cache);
    }
    const Listing listing{show, {cache, show.numeric}, count_references(ruleset)};
    std::string out;
    for (const Chain& chain : ruleset.chains) {
        if (!list.chain || *list.chain == chain.name) {
            append_chain(out, chain, listing);
        }
    }
    return out;
}

namespace {

References count_references(const Ruleset& ruleset) {
    References references;
    for (const Chain& chain : ruleset.chains) {
        for (const Rule& rule : chain.rules) {
            if (const auto* jump = std::get_if<Jump>(&rule.target)) {
                ++references[jump->chain];
            }
        }
    }
    return references;
}

void append_chain(std::string& out, const Chain& chain, const Listing& listing) {
    append_heading(out, chain, listing);
    if (chain.rules.empty() && chain.foreign.empty()) {
        return;
    }
    const std::size_t line = 128;  // a little more than most
    out.reserve(out.size() + (chain.rules.size() + 1) * line);
    append_columns(out, listing.show);
    append_rules(out, chain, listing);
}

void append_heading(std::string& out, const Chain& chain, const Listing& listing) {
    out += "Chain ";
    out += chain.name;
    if (!chain.policy) {
        const auto found = listing.references.find(chain.name);
        out += " (";
        append_number(out, found == listing.references.end() ? 0 : found->second);
        out += " references):\n";
        return;
    }
    out += " (policy ";
    out += policy_name(*chain.policy);
    if (listing.show.verbose) {
        out += ": ";
        append_number(out, chain.policy_counters.packets);
        out += " packets, ";
        append_number(out, chain.policy_counters.bytes);
        out += " bytes";
    }
    out += "):\n";
}

void append_columns(std::string& out, const Presentation& show) {
    if (show.line_numbers) {
        out += "num  ";
    }
    if (show.verbose) {
        out += counter_headings(show.exact);
    }
    out += "target     prot opt    ";
    if (show.verbose) {
        out += "tosa tosx  ifname     mark       outsize  ";
    } else {
        out += ' ';
    }
    out += "source                destination           ports\n";
}

void append_rules(std::string& out, const Chain& chain, const Listing& listing) {
    auto foreign = chain.foreign.begin();
    for (std::size_t index = 0; index <= chain.rules.size(); ++index) {
        append_foreign(out, foreign, chain, index, Dialect::ipchains);
        if (index == chain.rules.size()) {
            break;
        }
        if (listing.show.line_numbers) {
            const std::size_t start = out.size();
            append_number(out, index + 1);
            pad_right(out, start, 4);
            out += ' ';
        }
        append_rule(out, chain.rules[index], listing);
    }
}

void append_rule(std::string& out, const Rule& rule, const Listing& listing) {
    const Style& style = listing.style;
    if (listing.show.verbose) {
        append_counters(out, rule.counters, listing.show.exact);
    }
    std::size_t start = out.size();
    append_target(out, rule.target);
    pad_right(out, start, 10);
    out += inversion(rule.protocol.inverted);
    start = out.size();
    append_protocol(out, rule.protocol.number, style);
    pad_right(out, start, 5);
    append_flags(out, rule);
    out += ' ';
    if (listing.show.verbose) {
        append_effects(out, rule, style);
    }
    out += inversion(rule.source.inverted);
    start = out.size();
    append_place(out, rule.source, style);
    pad_right(out, start, 20);
    // Here, an inversion takes a column only where there is one.
    out += rule.destination.inverted ? " !" : " ";
    start = out.size();
    append_place(out, rule.destination, style);
    pad_right(out, start, 20);
    out += ' ';
    append_ports(out, rule, style);
    append_redirect(out, rule, " => ", style);
    out += '\n';
}

// TOS masks, interface, mark, bytes copied. A mark is two columns wider than its heading's.
void append_effects(std::string& out, const Rule& rule, const Style& style) {
    append_tos(out, rule.tos, " ");
    out += ' ';
    out += inversion(rule.interface.inverted);
    std::size_t start = out.size();
    // The original read its rules from a file of the kernel's where `-` stands for no interface.
    append_interface(out, rule.interface.name == "-" ? InterfaceMatch{} : rule.interface, style);
    pad_right(out, start, 10);
    out += ' ';
    start = out.size();
    if (rule.mark && rule.mark->value != 0) {
        out += "0x";
        append_hex(out, rule.mark->value, 1, HexCase::lower);
        pad_right(out, start, 12);
    } else {
        pad_right(out, start, 10);
    }
    out += ' ';
    start = out.size();
    if (rule.copy && *rule.copy != 65535) {
        append_number(out, *rule.copy);
    }
    pad_right(out, start, 8);
}

}  // namespace
}  // namespace fw
