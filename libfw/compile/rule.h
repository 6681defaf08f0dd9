// One rule of the model as rules of nf_tables. Most become one; some need several, each of which
// meets packets that the others do not, so that every packet is counted once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/packet_log.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "fw/ruleset.h"
#include "fw/settings.h"
#include "nft/ir.h"

namespace fw::compile {

// From where packets come into a chain, directly or through jumps. It decides which interface they
// are matched by, and what MASQ, REDIRECT and REJECT can mean.
enum class Packets : std::uint8_t {
    all,
    whole,      // in the clean form: none that Linux 2.2 took for a fragment, see nft/fragments.h;
                // in ipfwadm's chains: none that Linux 2.0 decided about without asking a rule
    fragments,  // likewise: none but those
    counted,    // of ipfwadm's accounting: later fragments, but none of what is in its @fragments
};
struct Situation {
    bool input = false;
    bool forward = false;
    bool output = false;     // before the source address is rewritten
    bool rewritten = false;  // output, after masquerading
    // The second connections that a helper (ftp, ...) lets in: their port on this machine's side is
    // the inner host's own today, and was one of the masquerading ports in Linux 2.2.
    bool input_expected = false;
    bool rewritten_expected = false;
    Packets packets = Packets::all;
    bool operator==(const Situation&) const = default;
    [[nodiscard]] bool incoming() const { return input || input_expected; }
    [[nodiscard]] bool leaving() const { return rewritten || rewritten_expected; }
    [[nodiscard]] bool outgoing() const { return forward || output || leaving(); }
    // Nothing but expected connections comes here.
    [[nodiscard]] bool only_expected() const {
        return (input_expected || rewritten_expected) && !(input || forward || output || rewritten);
    }
};

// Whether the ports of a rule are those of TCP or UDP.
[[nodiscard]] inline bool is_tcp_or_udp(const Rule& rule) {
    return !rule.protocol.inverted &&
           (rule.protocol.number == protocol_tcp || rule.protocol.number == protocol_udp);
}

struct Place {
    std::string chain;  // the model's name of the chain, for the log
    Situation situation;
    std::function<std::string(const std::string&)> kernel_name;  // of a chain that is jumped to
    LogTo log = LogTo::kernel;
    std::optional<Target> at_return = {};  // what RETURN does here, if it does not go back
    Dialect dialect = Dialect::ipchains;
};

// Ports of masqueraded connections in Linux 2.2: 61000 up to, not including, 65096.
inline constexpr PortRange masquerade_ports{61000, 65095};

// Labels of connection tracking, by which a filter chain tells a nat chain what to do.
inline constexpr unsigned masquerade_label = 126;
// Came from outside and goes on to an inner host: a forwarded port, or announced to a helper.
inline constexpr unsigned forward_label = 127;
// Was redirected to this machine; its answers leave with the address that was asked.
inline constexpr unsigned redirected_label = 125;
// Labels from this one, exclusive, downward tell to which ports. ipfwadm has others than ipchains:
// where both have tables, the nat chain of one must not send a packet where the other's rule says.
constexpr unsigned labels_of_redirects(Dialect dialect) {
    return dialect == Dialect::ipfwadm ? 63 : redirected_label;
}
// The label of a redirection to the port; 0 is the packet's own. Decided per ruleset, see table.h.
using RedirectLabel = std::function<unsigned(std::uint16_t port)>;

// ct status NAME: bits of enum ip_conntrack_status.
inline constexpr std::uint32_t status_expected = 1;
inline constexpr std::uint32_t status_confirmed = 8;  // its first packet has gone its way
inline constexpr std::uint32_t status_snat = 16;
inline constexpr std::uint32_t status_dnat = 32;

// ct status & (confirmed|snat|dnat) != confirmed ct label set N ct label N accept: tells a nat
// chain what to do, if the packet begins a connection, or belongs to one that is rewritten (as
// `rewritten` says) and can carry the label. Invalid and untracked packets, and those of
// connections that went their way before the rule came, leave the rule here, and what follows must
// stop them: nothing would rewrite them.
inline void hand_over(unsigned label, std::uint32_t rewritten, std::vector<nft::Expr>& out) {
    out.emplace_back(nft::Compare{nft::Field::ct_status, nft::Op::ne, status_confirmed,
                                  status_confirmed | rewritten});
    out.emplace_back(nft::SetLabel{label});
    out.emplace_back(nft::HasLabel{label});
    out.emplace_back(nft::Decide{nft::Verdict::accept, {}});
}

inline constexpr std::string_view no_rewriting = "can't be rewritten";  // the comment on that

// `number` is the rule's in its chain, from 1, for the log.
// Errors: Code::unsupported for what nf_tables (Linux 6.18) or nft's syntax can't express.
[[nodiscard]] Result<std::vector<nft::Rule>> compile_rule(const Rule& rule, std::size_t number,
                                                          const Place& place,
                                                          const RedirectLabel& redirect_label);

// The clean form, for who reads it: the rule's parts, without counts and without what makes the
// managed form a rule of ours. Most have one part, and one that meets none of the packets that come
// to the place has none. Each logs by itself. MASQ and REDIRECT end in a goto to one of the chains
// below; a jump to where the packets meet nothing (kernel_name gives "") leads nowhere.
[[nodiscard]] Result<std::vector<std::vector<nft::Expr>>> compile_clean_rule(const Rule& rule,
                                                                             const Place& place);

// The chain that hands connections over to be masqueraded, or redirected to the port.
[[nodiscard]] std::string handover_chain(std::optional<std::uint16_t> redirect_port);
[[nodiscard]] nft::Chain masquerade_handover();
[[nodiscard]] nft::Chain redirect_handover(std::uint16_t port, unsigned label);

// The parts of the rule that only write to the log, by their place among all of its parts; they
// count nothing, so that they can be exchanged when the number changes.
[[nodiscard]] bool only_logs(const nft::Rule& part);

}  // namespace fw::compile
