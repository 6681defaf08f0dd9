// `ipchains -h icmp`.
#include "fw/print.h"
#include "parse/icmp.h"
#include "print/text.h"

namespace fw {
namespace {

using namespace print;

// "8     echo-request (ping)", and codes below their type: "3/1     host-unreachable".
void append_name(std::string& out, const IcmpName& name) {
    const std::size_t start = out.size();
    append_number(out, name.type);
    if (name.code) {
        out += '/';
        append_number(out, *name.code);
    }
    pad_right(out, start, name.code ? 8 : 6);
    out += name.name;
}

}  // namespace

std::string print_icmp_names() {
    std::string out = "ICMP types, with their codes below them:\n";
    bool first = true;
    for (const IcmpName& name : icmp_names()) {
        if (name.alias) {
            out += " (";
            out += name.name;
            out += ')';
            continue;
        }
        if (!first) {
            out += '\n';
        }
        first = false;
        append_name(out, name);
    }
    out += '\n';
    return out;
}

}  // namespace fw
