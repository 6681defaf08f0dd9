#include "translate/judge.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "compile/frame.h"
#include "compile/rule.h"
#include "evaluate/unasked.h"
#include "nft/name.h"

namespace fw::translate {

namespace {

using compile::forward_label;
using compile::masquerade_label;
using compile::redirected_label;
using nft::HookPoint;

constexpr std::uint32_t state_related = 4;
constexpr std::uint32_t state_established = 2;

// What the table does, beside judging.
struct Uses {
    bool tracking = false;
    bool masquerade = false;
    bool redirect = false;
    bool forward = false;
};

Uses uses_of(const Table& table) {
    Uses uses;
    for (const Chain& chain : table.chains) {
        uses.tracking = uses.tracking || (chain.base && chain.base->type == nft::BaseType::nat);
        for (const Rule& rule : chain.rules) {
            for (const Statement& statement : rule.statements) {
                const auto* expression = std::get_if<nft::Expr>(&statement);
                if (expression == nullptr) {
                    continue;
                }
                const auto is = [&]<typename T>(const T*) {
                    return std::holds_alternative<T>(*expression);
                };
                const auto* test = std::get_if<nft::Compare>(expression);
                uses.tracking = uses.tracking || is((nft::HasLabel*)nullptr) ||
                                is((nft::SetLabel*)nullptr) ||
                                (test != nullptr && test->field >= nft::Field::ct_state);
                uses.masquerade = uses.masquerade || is((nft::MasqueradeTo*)nullptr);
                uses.redirect = uses.redirect || is((nft::RedirectTo*)nullptr);
                uses.forward =
                    uses.forward || is((nft::ForwardTo*)nullptr) || is((nft::ForwardByMap*)nullptr);
            }
        }
    }
    return uses;
}

Connection connection(std::uint32_t state, std::uint32_t status, bool reply,
                      std::initializer_list<unsigned> labels) {
    Connection made;
    made.state = state;
    made.status = status;
    made.direction = reply ? 1 : 0;
    for (const unsigned label : labels) {
        made.labels[label] = true;
    }
    return made;
}

// Bounds between the base chains of a table, see compile/table.h: `forward` stands at 0, what
// `output` has to say about forwarded packets behind it; source addresses are rewritten at 100.
constexpr Stage whole_hook;
constexpr Stage up_to_filter{.last = 0};
constexpr Stage behind_filter{.first = 1};
constexpr Stage up_to_srcnat{.last = 100};
constexpr Stage behind_srcnat{.first = 101, .last = compile::accounting_out_hook.priority - 1};
constexpr Stage first_of_all{.last = compile::accounting_in_hook.priority};
constexpr Stage behind_first{.first = compile::accounting_in_hook.priority + 1};
constexpr Stage last_of_all{.first = compile::accounting_out_hook.priority};

std::vector<Way> ways_of(const Uses& uses, Dialect dialect) {
    const bool counts = dialect == Dialect::ipfwadm;
    std::vector<Way> ways = {
        {.chain = "input",
         .name = "arriving",
         .hook = HookPoint::prerouting,
         .stage = counts ? behind_first : whole_hook,
         .arrives = true},
        {.chain = "forward",
         .name = "forwarded",
         .hook = HookPoint::forward,
         .stage = up_to_filter,
         .arrives = true,
         .leaves = true},
        {.chain = "output", .name = "local", .hook = HookPoint::output, .leaves = true},
        {.chain = "output",
         .name = "forwarded",
         .hook = HookPoint::forward,
         .stage = behind_filter,
         .arrives = true,
         .leaves = true},
    };
    if (counts) {
        ways.push_back({.chain = accounting_chain,
                        .name = "arriving",
                        .hook = HookPoint::prerouting,
                        .stage = first_of_all,
                        .arrives = true});
        ways.push_back({.chain = accounting_chain,
                        .name = "leaving",
                        .hook = HookPoint::postrouting,
                        .stage = last_of_all,
                        .leaves = true});
    }
    const auto add = [&](Way way) {
        way.arrives = way.leaves = true;
        ways.push_back(way);
    };
    const auto rewritten = [&](std::string_view name, Connection connection) {
        add({.chain = "output",
             .name = name,
             .hook = HookPoint::postrouting,
             .stage = behind_srcnat,
             .connection = connection});
    };
    const auto fixed = [&](std::string_view chain, std::string_view name, HookPoint hook,
                           const Stage& stage, Connection connection, fw::Verdict verdict,
                           bool icmp = false) {
        add({.chain = chain,
             .name = name,
             .hook = hook,
             .stage = stage,
             .connection = connection,
             .fixed = verdict,
             .icmp = icmp});
    };
    const std::uint32_t snat = compile::status_confirmed | compile::status_snat;
    const std::uint32_t dnat = compile::status_confirmed | compile::status_dnat;
    const auto accept = fw::Verdict::accept;
    if (uses.masquerade) {
        const Connection masqueraded =
            connection(state_established, snat, false, {masquerade_label});
        const Connection answer = connection(state_established, snat, true, {masquerade_label});
        const Connection error = connection(state_related, snat, false, {masquerade_label});
        rewritten("masqueraded", masqueraded);
        fixed("forward", "answer to a masqueraded one", HookPoint::forward, up_to_filter, answer,
              accept);
        fixed("forward", "error about a masqueraded one", HookPoint::forward, up_to_filter, error,
              accept, true);
        fixed("output", "to be masqueraded", HookPoint::forward, behind_filter, masqueraded,
              accept);
        fixed("output", "should have been masqueraded", HookPoint::postrouting, behind_srcnat,
              connection(state_established, compile::status_confirmed, false, {masquerade_label}),
              fw::Verdict::deny);
        // Our own ICMP errors belong to the connection that they are about.
        fixed("output", "own error about a masqueraded one", HookPoint::postrouting, behind_srcnat,
              connection(state_related, snat, false, {masquerade_label}), accept, true);
        ways.back().arrives = false;
    }
    if (uses.redirect) {
        rewritten("answer of a redirected one",
                  connection(state_established, dnat, true, {redirected_label}));
        fixed("output", "answer of a redirected one", HookPoint::output, whole_hook,
              connection(state_established, dnat, true, {redirected_label}), accept);
        ways.back().arrives = false;
    }
    if (uses.forward) {
        const Connection sent = connection(state_established, dnat, false, {forward_label});
        const Connection answer =
            connection(state_established, dnat, true, {forward_label, masquerade_label});
        rewritten("answer from an inner host", answer);
        fixed("forward", "to an inner host", HookPoint::forward, up_to_filter, sent, accept);
        fixed("output", "answer without MASQ", HookPoint::forward, behind_filter,
              connection(state_established, dnat, true, {forward_label}), fw::Verdict::deny);
        fixed("output", "answer with MASQ", HookPoint::forward, behind_filter, answer, accept);
        fixed("output", "to an inner host", HookPoint::postrouting, behind_srcnat, sent, accept);
    }
    return ways;
}

bool is_fragment_of_any_kind(const Packet& packet) {
    return packet.fragment_offset != 0 || packet.more_fragments;
}

// Dropped before any rule.
bool is_suspect(const Packet& packet, std::string_view chain, Dialect dialect) {
    const auto fate = evaluation::unasked(packet, chain, dialect);
    return fate && fate->verdict == fw::Verdict::deny;
}

// Connection tracking wants the whole transport header: of TCP 20 bytes (RFC 9293).
bool can_be_tracked(const Packet& packet) {
    const unsigned header = packet.protocol == protocol_tcp ? 20
                            : packet.protocol == protocol_udp || packet.protocol == protocol_icmp
                                ? 8
                                : 0;
    return packet.length >= packet.header_words * 4U + header;
}

// Linux 2.0 took for its type whatever stood behind the packet in memory.
bool is_icmp_without_type(const Packet& packet) {
    return packet.protocol == protocol_icmp && packet.fragment_offset == 0 &&
           packet.length <= packet.header_words * 4U;
}

bool has_ports(const Packet& packet) {
    return packet.protocol == protocol_tcp || packet.protocol == protocol_udp;
}

bool is_let_through(fw::Verdict verdict) {
    return verdict == fw::Verdict::accept || verdict == fw::Verdict::masquerade ||
           verdict == fw::Verdict::redirect;
}

constexpr std::string_view log_start = "Packet log: ";

// "Packet log: input DENY (#3) " without what stands behind the target.
std::string_view without_number(std::string_view prefix) {
    const std::size_t number = prefix.rfind(" (#");
    if (number != std::string_view::npos) {
        prefix = prefix.substr(0, number);
    }
    while (prefix.ends_with(' ')) {
        prefix.remove_suffix(1);
    }
    return prefix;
}

void append(std::string& out, const char* format, unsigned value) {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    out += text;
}

std::string address(Address address) {
    char text[16];
    std::snprintf(text, sizeof text, "%u.%u.%u.%u", address.value >> 24, address.value >> 16 & 0xff,
                  address.value >> 8 & 0xff, address.value & 0xff);
    return text;
}

std::string_view word(fw::Verdict verdict) {
    switch (verdict) {
        case fw::Verdict::accept: return "accepted";
        case fw::Verdict::deny: return "denied";
        case fw::Verdict::reject: return "rejected";
        case fw::Verdict::masquerade: return "masqueraded";
        case fw::Verdict::redirect: return "redirected";
        case fw::Verdict::loop: return "caught in a loop";
        case fw::Verdict::passed: return "passed";
    }
    return "";
}

}  // namespace

Judge::Judge(const Ruleset& ruleset, const Table& table) : ruleset_(ruleset), evaluator_(table) {
    const Uses uses = uses_of(table);
    tracks_ = uses.tracking;
    ways_ = ways_of(uses, ruleset.dialect);
    for (const fw::Chain& chain : ruleset.chains) {
        odd_names_ = odd_names_ || nft::printable_chain(chain.name) != chain.name;
    }
}

bool Judge::comes(const Packet& packet, const Way& way) const {
    if (ruleset_.dialect == Dialect::ipfwadm && is_icmp_without_type(packet)) {
        return false;
    }
    if (tracks_ && is_fragment_of_any_kind(packet)) {
        return false;
    }
    if (way.fixed && (!can_be_tracked(packet) || (way.icmp && packet.protocol != protocol_icmp))) {
        return false;
    }
    const bool counts = way.chain == accounting_chain;
    if (way.hook == HookPoint::postrouting && !counts && !can_be_tracked(packet)) {
        return false;
    }
    const std::string_view chain = counts ? builtin_chains.front() : way.chain;
    if (!is_suspect(packet, chain, ruleset_.dialect)) {
        return true;
    }
    // A translation leaves out what has neither rules nor a policy, and this with it.
    Stage stage = way.stage;
    if (way.hook == HookPoint::prerouting) {
        stage.last = std::min(stage.last, compile::input_hook.priority);
    }
    const bool first = way.hook == HookPoint::prerouting || way.hook == HookPoint::output;
    return first && evaluator_.has(way.hook, stage);
}

Judge::Outcome Judge::wanted(const Packet& packet, const Way& way, bool tracked) const {
    Outcome outcome;
    if (way.fixed) {
        outcome.verdict = *way.fixed;
        outcome.tos = packet.tos;
        outcome.mark = packet.mark;
        return outcome;
    }
    Packet seen = packet;
    seen.direction = way.leaves ? Direction::out : Direction::in;
    Decision decision = evaluate(ruleset_, way.chain, seen);
    outcome.verdict = decision.verdict;
    outcome.tos = decision.tos;
    outcome.mark = decision.mark;
    for (std::string& line : decision.log) {
        if (line.starts_with(log_start) || ruleset_.dialect == Dialect::ipfwadm) {
            outcome.log.push_back(std::move(line));
        }
    }
    outcome.copies = std::move(decision.copies);
    switch (decision.verdict) {
        case fw::Verdict::loop: outcome.verdict = fw::Verdict::deny; break;
        case fw::Verdict::reject:
            // Nothing can be rejected any more once it was rewritten.
            if (way.hook == HookPoint::postrouting) {
                outcome.verdict = fw::Verdict::deny;
            }
            break;
        case fw::Verdict::masquerade:
            if (way.chain != "forward") {
                outcome.verdict = fw::Verdict::accept;
            } else if (!tracked) {
                outcome.verdict = fw::Verdict::deny;
            } else if (has_ports(packet)) {
                const bool same = packet.protocol == protocol_udp && packet.source_port == 500 &&
                                  packet.destination_port == 500;
                outcome.masquerade = same ? nft::MasqueradeTo{}
                                          : nft::MasqueradeTo{compile::masquerade_ports.first,
                                                              compile::masquerade_ports.last};
            }
            break;
        case fw::Verdict::redirect:
            if (way.chain != "input") {
                outcome.verdict = fw::Verdict::accept;
            } else if (!tracked) {
                outcome.verdict = fw::Verdict::deny;
            } else if (has_ports(packet)) {
                outcome.port = decision.port;
            } else if (ruleset_.dialect == Dialect::ipfwadm) {
                outcome.port = packet.destination_port;
            } else {
                outcome.verdict = fw::Verdict::accept;
            }
            break;
        default: break;
    }
    return outcome;
}

Judge::Outcome Judge::made(const Packet& packet, const Way& way, bool tracked) const {
    Passage passage{packet, way.arrives ? "in0" : "", way.leaves ? "out0" : "", way.connection};
    (way.leaves ? passage.outgoing : passage.incoming) = packet.interface;
    passage.connection.tracked = tracked;
    Decided decided = evaluator_.decide(passage, way.hook, way.stage);
    Outcome outcome;
    outcome.tos = decided.tos;
    outcome.mark = decided.mark;
    outcome.log.assign(decided.log.begin(), decided.log.end());
    outcome.copies = std::move(decided.copies);
    if (decided.verdict != Decided::Verdict::accept) {
        const bool drops = decided.verdict == Decided::Verdict::drop;
        outcome.verdict = drops ? fw::Verdict::deny : fw::Verdict::reject;
        return outcome;
    }
    if (decided.redirect) {
        outcome.verdict = fw::Verdict::redirect;
        outcome.port = *decided.redirect != 0 ? *decided.redirect : packet.destination_port;
    }
    if (way.chain == "forward" && !way.fixed && tracked) {
        // What was decided is done as the packet leaves.
        passage.connection.labels = decided.labels;
        const Decided leaving = evaluator_.decide(passage, HookPoint::postrouting, up_to_srcnat);
        if (leaving.masquerade) {
            outcome.verdict = fw::Verdict::masquerade;
            outcome.masquerade = *leaving.masquerade;
        }
    }
    return outcome;
}

bool Judge::same_log(const Outcome& wanted, const Outcome& made) const {
    return std::equal(wanted.log.begin(), wanted.log.end(), made.log.begin(), made.log.end(),
                      [&](const std::string& line, const std::string& prefix) {
                          return odd_names_ || line.starts_with(without_number(prefix));
                      });
}

std::optional<std::string> Judge::difference(const Packet& packet, const Way& way) const {
    const bool tracked = can_be_tracked(packet);
    const Outcome before = wanted(packet, way, tracked);
    const Outcome after = made(packet, way, tracked);
    const auto in_words = [](const Outcome& outcome, bool marks) {
        std::string text(word(outcome.verdict));
        if (outcome.verdict == fw::Verdict::redirect) {
            append(text, " to port %u", outcome.port);
        }
        if (outcome.masquerade.first != 0) {
            append(text, " from ports %u", outcome.masquerade.first);
            append(text, "-%u", outcome.masquerade.last);
        }
        if (marks) {
            append(text, ", TOS 0x%02x", outcome.tos);
            append(text, ", mark 0x%x", outcome.mark);
        }
        append(text, outcome.log.empty() ? "" : ", logged %u times",
               static_cast<unsigned>(outcome.log.size()));
        append(text, outcome.copies.empty() ? "" : ", copied %u times",
               static_cast<unsigned>(outcome.copies.size()));
        return text;
    };
    const auto same_copy = [](const Copy& a, const Copy& b) {
        return a.bytes == b.bytes && a.tos == b.tos && a.mark == b.mark;
    };
    const bool through = is_let_through(before.verdict) && is_let_through(after.verdict);
    const bool same_verdict = before.verdict == after.verdict && before.port == after.port &&
                              before.masquerade == after.masquerade;
    const bool same_marks = !through || (before.tos == after.tos && before.mark == after.mark);
    const bool same_copies = std::equal(before.copies.begin(), before.copies.end(),
                                        after.copies.begin(), after.copies.end(), same_copy);
    if (same_verdict && same_marks && same_copies && same_log(before, after)) {
        return std::nullopt;
    }
    std::string text(way.chain);
    text += " (" + std::string(way.name) + "): " + describe(packet) + ": ";
    text += in_words(before, !same_marks) + " by the rules, ";
    text += in_words(after, !same_marks) + " by the table";
    if (same_verdict && same_marks) {
        text += same_copies ? "; the log differs" : "; the copies differ";
    }
    return text;
}

std::string describe(const Packet& packet) {
    std::string text;
    switch (packet.protocol) {
        case protocol_tcp: text = "tcp"; break;
        case protocol_udp: text = "udp"; break;
        case protocol_icmp: text = "icmp"; break;
        default: append(text, "protocol %u", packet.protocol);
    }
    const bool icmp = packet.protocol == protocol_icmp;
    text += " " + address(packet.source);
    append(text, has_ports(packet) ? ":%u" : "", packet.source_port);
    text += " -> " + address(packet.destination);
    append(text, has_ports(packet) ? ":%u" : "", packet.destination_port);
    append(text, icmp ? " type %u" : "", packet.source_port);
    append(text, icmp ? " code %u" : "", packet.destination_port);
    append(text, packet.protocol == protocol_tcp ? " flags 0x%02x" : "", packet.tcp_flags);
    text += " on " + packet.interface;
    append(text, ", %u bytes", packet.length);
    append(text, packet.header_words != 5 ? ", header %u words" : "", packet.header_words);
    append(text, packet.fragment_offset != 0 ? ", fragment at %u" : "", packet.fragment_offset);
    text += packet.more_fragments ? ", more fragments" : "";
    text += packet.dont_fragment ? ", don't fragment" : "";
    append(text, packet.tos != 0 ? ", TOS 0x%02x" : "", packet.tos);
    append(text, packet.mark != 0 ? ", mark 0x%x" : "", packet.mark);
    return text;
}

}  // namespace fw::translate
