// `ipfwadm -l`.
#include "print/fields.h"
#include "print/ipfwadm.h"
#include "print/ipfwadm_fields.h"
#include "print/text.h"

namespace fw::print {
namespace {

// What stays the same from line to line. Accounting shows counters and directions always; the
// rest of the rules' counters, and all that -e adds, are only in the long form.
struct Listing {
    const Presentation& show;
    Style style;
    bool accounting;
    [[nodiscard]] bool counters() const { return accounting || show.extended; }
};

void append_heading(std::string& out, const Chain& chain, const Listing& listing);
void append_columns(std::string& out, const Listing& listing);
void append_rule(std::string& out, const Rule& rule, const Listing& listing);

void append_chain(std::string& out, const Chain& chain, const Listing& listing) {
    append_heading(out, chain, listing);
    if (chain.rules.empty() && chain.foreign.empty()) {
        return;
    }
    append_columns(out, listing);
    auto foreign = chain.foreign.begin();
    for (std::size_t index = 0; index < chain.rules.size(); ++index) {
        append_foreign(out, foreign, chain, index, Dialect::ipfwadm);
        append_rule(out, chain.rules[index], listing);
    }
    append_foreign(out, foreign, chain, chain.rules.size(), Dialect::ipfwadm);
}

void append_heading(std::string& out, const Chain& chain, const Listing& listing) {
    if (listing.accounting) {
        out += "IP accounting rules\n";
        return;
    }
    out += "IP firewall ";
    out += chain.name;
    out += " rules, default policy: ";
    out += ipfwadm_policy(chain.policy.value_or(Policy::accept));
    out += '\n';
}

void append_columns(std::string& out, const Listing& listing) {
    if (listing.counters()) {
        out += counter_headings(listing.show.exact);
    }
    out += listing.accounting ? "dir prot " : "type  prot ";
    if (listing.show.extended) {
        out += listing.accounting ? "opt  " : "opt  tosa tosx ";
        out += "ifname  ifaddress       ";
    }
    out += "source               destination          ports\n";
}

void append_extended(std::string& out, const Rule& rule, const Listing& listing) {
    append_ipfwadm_flags(out, rule);
    out += ' ';
    if (!listing.accounting) {
        append_tos(out, rule.tos, " ");
        out += ' ';
    }
    std::size_t start = out.size();
    append_interface(out, rule.interface, listing.style);
    pad_right(out, start, 7);
    out += ' ';
    start = out.size();
    append_ipfwadm_via(out, rule.interface, listing.style);
    pad_right(out, start, 15);
    out += ' ';
}

void append_rule(std::string& out, const Rule& rule, const Listing& listing) {
    if (listing.counters()) {
        append_counters(out, linux20_counters(rule.counters), listing.show.exact);
    }
    append_column(out, ipfwadm_type(rule, listing.accounting), listing.accounting ? 3 : 5);
    out += ' ';
    std::size_t start = out.size();
    append_protocol(out, rule.protocol.number, listing.style);
    pad_right(out, start, 4);
    out += ' ';
    if (listing.show.extended) {
        append_extended(out, rule, listing);
    }
    for (const AddressMatch* place : {&rule.source, &rule.destination}) {
        start = out.size();
        append_place(out, *place, listing.style);
        pad_right(out, start, 20);
        out += ' ';
    }
    append_ipfwadm_ports(out, rule, listing.style);
    out += '\n';
}

}  // namespace

std::string ipfwadm_listing(const Ruleset& ruleset, const List& list, const Presentation& show,
                            NameCache& names) {
    std::string out;
    for (const Chain& chain : ruleset.chains) {
        if (!list.chain || *list.chain == chain.name) {
            append_chain(out, chain, {show, {names, show.numeric}, chain.name == accounting_chain});
        }
    }
    return out;
}

}  // namespace fw::print
