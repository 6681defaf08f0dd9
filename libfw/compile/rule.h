// One rule of the model as rules of nf_tables. Most become one; some need several, each of which
// meets packets that the others do not, so that every packet is counted once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fw/result.h"
#include "fw/rule.h"
#include "nft/ir.h"

namespace fw::compile {

// From where packets come into a chain, directly or through jumps. It decides which interface they
// are matched by, and what MASQ, REDIRECT and REJECT can mean.
struct Situation {
    bool input = false;
    bool forward = false;
    bool output = false;     // before the source address is rewritten
    bool rewritten = false;  // output, after masquerading
    bool operator==(const Situation&) const = default;
    [[nodiscard]] bool outgoing() const { return forward || output || rewritten; }
};

struct Place {
    std::string chain;  // the model's name of the chain, for the log
    Situation situation;
    std::function<std::string(const std::string&)> kernel_name;  // of a chain that is jumped to
};

// Labels of connection tracking, by which a filter chain tells a nat chain what to do.
inline constexpr unsigned masquerade_label = 126;
// The label of a redirection to the port; 0 is the packet's own. Decided per ruleset, see table.h.
using RedirectLabel = std::function<unsigned(std::uint16_t port)>;

// ct state invalid: no connection is known for the packet, so nothing rewrites it.
[[nodiscard]] inline nft::Expr invalid_packet() {
    return nft::Compare{nft::Field::ct_state, nft::Op::ne, 0, 1};  // NF_CT_STATE_INVALID_BIT
}

// The group of nfnetlink_log to which -o copies packets.
inline constexpr std::uint16_t copy_group = 1;

// Errors: Code::unsupported for what nf_tables (Linux 6.18) or nft's syntax can't express.
[[nodiscard]] Result<std::vector<nft::Rule>> compile_rule(const Rule& rule, const Place& place,
                                                          const RedirectLabel& redirect_label);

}  // namespace fw::compile
