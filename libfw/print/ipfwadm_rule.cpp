// What `ipfwadm -v` says while it works, and the answers of -c.
#include "fw/print.h"
#include "print/fields.h"
#include "print/ipfwadm.h"
#include "print/ipfwadm_fields.h"
#include "print/text.h"

namespace fw {
namespace print {
namespace {

// "via eth0 10.0.0.254   10.0.0.1 -> 10.0.0.2   1025 -> 80"
void append_tests(std::string& out, const Rule& rule, const Style& style) {
    out += "via ";
    append_interface(out, rule.interface, style);
    out += ' ';
    append_ipfwadm_via(out, rule.interface, style);
    out += "   ";
    append_place(out, rule.source, style);
    out += " -> ";
    append_place(out, rule.destination, style);
    out += "   ";
    append_ipfwadm_ports(out, rule, style);
    out += '\n';
}

void append_rule(std::string& out, const Rule& rule, bool accounting, const Style& style) {
    out += ipfwadm_type(rule, accounting);
    out += ' ';
    append_protocol(out, rule.protocol.number, style);
    out += " opt ";
    append_ipfwadm_flags(out, rule);
    out += " tos ";
    append_tos(out, rule.tos, " ");
    out += ' ';
    append_tests(out, rule, style);
}

}  // namespace

std::string ipfwadm_change(const Change& change, const Names& names) {
    NameCache cache(names);
    std::string out;
    const auto each_rule = [&](const auto& what) {
        if constexpr (requires { what.rules; }) {
            for (const Rule& rule : what.rules) {
                append_rule(out, rule, what.chain == accounting_chain, {cache, true});
            }
        }
    };
    std::visit(each_rule, change);
    return out;
}

std::string_view ipfwadm_answer(Verdict verdict) {
    switch (verdict) {
        case Verdict::accept: return "packet accepted\n";
        case Verdict::deny: return "packet denied\n";
        case Verdict::reject: return "packet rejected\n";
        case Verdict::masquerade: return "packet masqueraded\n";
        case Verdict::redirect:
        case Verdict::loop:
        case Verdict::passed: return "";
    }
    return "";
}

}  // namespace print

std::string print_check(const Rule& packet, Dialect dialect, const Names& names) {
    if (dialect == Dialect::ipchains) {
        return print_rule(packet, names);
    }
    print::NameCache cache(names);
    const print::Style style{cache, true};
    std::string out;
    print::append_protocol(out, packet.protocol.number, style);
    out += ' ';
    print::append_tests(out, packet, style);
    return out;
}

}  // namespace fw
