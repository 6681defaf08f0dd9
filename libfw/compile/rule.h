// One rule of the model as rules of nf_tables. Most become one; some need several, each of which
// meets packets that the others do not, so that every packet is counted once.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "fw/result.h"
#include "fw/rule.h"
#include "fw/settings.h"
#include "nft/ir.h"

namespace fw::compile {

// From where packets come into a chain, directly or through jumps. It decides which interface they
// are matched by, and what MASQ, REDIRECT and REJECT can mean.
struct Situation {
    bool input = false;
    bool forward = false;
    bool output = false;     // before the source address is rewritten
    bool rewritten = false;  // output, after masquerading
    // The second connections that a helper (ftp, ...) lets in: their port on this machine's side is
    // the inner host's own today, and was one of the masquerading ports in Linux 2.2.
    bool input_expected = false;
    bool rewritten_expected = false;
    bool operator==(const Situation&) const = default;
    [[nodiscard]] bool incoming() const { return input || input_expected; }
    [[nodiscard]] bool leaving() const { return rewritten || rewritten_expected; }
    [[nodiscard]] bool outgoing() const { return forward || output || leaving(); }
    // Nothing but expected connections comes here.
    [[nodiscard]] bool only_expected() const {
        return (input_expected || rewritten_expected) && !(input || forward || output || rewritten);
    }
};

struct Place {
    std::string chain;  // the model's name of the chain, for the log
    Situation situation;
    std::function<std::string(const std::string&)> kernel_name;  // of a chain that is jumped to
    LogTo log = LogTo::kernel;
};

// Ports of masqueraded connections in Linux 2.2: 61000 up to, not including, 65096.
inline constexpr PortRange masquerade_ports{61000, 65095};

// Labels of connection tracking, by which a filter chain tells a nat chain what to do.
inline constexpr unsigned masquerade_label = 126;
// Came from outside and goes on to an inner host: a forwarded port, or announced to a helper.
inline constexpr unsigned forward_label = 127;
// The label of a redirection to the port; 0 is the packet's own. Decided per ruleset, see table.h.
using RedirectLabel = std::function<unsigned(std::uint16_t port)>;

// ct state invalid,untracked: no connection is known for the packet, so nothing rewrites it.
[[nodiscard]] inline nft::Expr no_connection() {
    constexpr std::uint32_t invalid = 1;     // NF_CT_STATE_INVALID_BIT
    constexpr std::uint32_t untracked = 64;  // NF_CT_STATE_UNTRACKED_BIT
    return nft::Compare{nft::Field::ct_state, nft::Op::ne, 0, invalid | untracked};
}

// The groups of nfnetlink_log to which -o copies packets, and -l for ipchains-logd.
inline constexpr std::uint16_t copy_group = 1;
inline constexpr std::uint16_t log_group = 2;

// `number` is the rule's in its chain, from 1, for the log.
// Errors: Code::unsupported for what nf_tables (Linux 6.18) or nft's syntax can't express.
[[nodiscard]] Result<std::vector<nft::Rule>> compile_rule(const Rule& rule, std::size_t number,
                                                          const Place& place,
                                                          const RedirectLabel& redirect_label);

// The parts of the rule that only write to the log, by their place among all of its parts; they
// count nothing, so that they can be exchanged when the number changes.
[[nodiscard]] bool only_logs(const nft::Rule& part);

}  // namespace fw::compile
