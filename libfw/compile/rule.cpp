#include "compile/rule.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "compile/effects.h"
#include "compile/matches.h"
#include "evaluate/kernel_log.h"
#include "model/codec.h"
#include "nft/name.h"

namespace fw::compile {

namespace {

using nft::Expr;

constexpr std::string_view answers_to_this_machine = "answers to this machine";
constexpr std::size_t longest_log_prefix = 127;  // NF_LOG_PREFIXLEN less its NUL
// Enough for the IP header with all its options and the first words behind it.
constexpr std::uint16_t logged_bytes = 128;
// A flood must not fill the disk: lines a second of each rule, and what may come at once.
constexpr nft::Limit log_limit{20, 100};

// Whether a nat chain is told to rewrite the packet.
bool hands_over(const Rule& rule, const Situation& from, Side side) {
    return (std::holds_alternative<Masquerade>(rule.target) && from.forward &&
            side != Side::incoming) ||
           (std::holds_alternative<Redirect>(rule.target) && from.incoming() &&
            side != Side::outgoing);
}

// What follows the counter and depends on the way of travel.
void add_target(const Rule& rule, const Place& place, Side side, const RedirectLabel& label,
                std::vector<Expr>& out) {
    struct Writer {
        const Place& place;
        std::vector<Expr>& out;
        bool rewritten;
        const RedirectLabel& label;

        void decide(nft::Verdict verdict) { out.push_back(nft::Decide{verdict, {}}); }

        void operator()(const None&) {}
        void operator()(const Accept&) { decide(nft::Verdict::accept); }
        void operator()(const Deny&) { decide(nft::Verdict::drop); }
        void operator()(const Return&) { decide(nft::Verdict::ret); }
        void operator()(const Reject&) {
            // The kernel refuses `reject` in all that postrouting reaches (Linux 6.18).
            if (place.situation.leaving()) {
                decide(nft::Verdict::drop);
            } else {
                out.push_back(nft::RejectPacket{});
            }
        }
        // Met elsewhere than in forward or input, MASQ and REDIRECT mean ACCEPT.
        void operator()(const Masquerade&) { rewrite(masquerade_label, status_snat | status_dnat); }
        void operator()(const Redirect& redirect) {
            if (rewritten) {
                out.push_back(nft::Compare{nft::Field::ct_direction, nft::Op::eq, 0});
            }
            rewrite(rewritten ? label(redirect.port) : 0, status_dnat);
        }
        void rewrite(unsigned with, std::uint32_t status) {
            if (rewritten) {
                hand_over(with, status, out);
            } else {
                decide(nft::Verdict::accept);
            }
        }
        void operator()(const Jump& jump) {
            if (jump.chain == place.chain) {
                decide(nft::Verdict::drop);  // a loop: Linux 2.2 dropped the packet
                return;
            }
            out.push_back(nft::Decide{nft::Verdict::jump, place.kernel_name(jump.chain)});
        }
    };
    std::visit(Writer{place, out, hands_over(rule, place.situation, side), label}, rule.target);
}

// "Packet log: input REDIRECT 8080 (#3) ": the first words of the old line, and the last. Lines of
// Linux 2.0 had no number: "IP fw-in acc/r8080 ".
std::string log_prefix(const Rule& rule, std::size_t number, const Place& place, Side side) {
    if (place.dialect == Dialect::ipfwadm) {
        const Direction direction = side == Side::incoming   ? Direction::in
                                    : side == Side::outgoing ? Direction::out
                                                             : Direction::both;
        return evaluation::log_opening_2_0(place.chain, direction, rule.target);
    }
    std::string target = nft::printable_chain(target_name(rule.target));
    if (const auto* redirect = std::get_if<Redirect>(&rule.target)) {
        target += " " + std::to_string(redirect->port);
    }
    const std::string end = " (#" + std::to_string(number) + ") ";
    std::string prefix = "Packet log: " + nft::printable_chain(place.chain) + " " + target;
    prefix.resize(std::min(prefix.size(), longest_log_prefix - end.size()));
    return prefix + end;
}

// A part of its own: what is logged is limited, what is counted is not.
nft::Rule log_part(const std::string& prefix, LogTo to, const Alternative& alternative) {
    std::vector<Expr> expressions = alternative.tests;
    if (to == LogTo::daemon) {
        expressions.push_back(nft::LogGroup{log_group, logged_bytes, prefix});
    } else {
        expressions.push_back(log_limit);
        expressions.push_back(nft::Log{prefix});
    }
    return {nft::Kind::more, {}, std::move(expressions)};
}

// "Packet log: input DENY ": without the number, which would be wrong with the next change.
std::string clean_log_prefix(const Rule& rule, const Place& place, Side side) {
    std::string prefix = log_prefix(rule, 0, place, side);
    prefix.resize(std::min(prefix.size(), prefix.rfind("(#")));
    return prefix;
}

// The parts that one alternative of the match becomes: one, or one more behind each jump to a chain
// that changes the packet, since a jump ends the rule that it stands in.
void add_parts(const Rule& rule, const Place& place, const Alternative& alternative,
               const Counters& counters, const RedirectLabel& label,
               std::vector<nft::Rule>& parts) {
    std::vector<Expr> now = alternative.tests;
    now.push_back(nft::Counter{counters});
    for (Expr& step : compile_effects(rule, place.dialect)) {
        now.push_back(std::move(step));
        if (std::holds_alternative<nft::Decide>(now.back())) {
            parts.push_back({nft::Kind::more, {}, std::exchange(now, alternative.tests)});
        }
    }
    if (rule.copy) {
        constexpr std::uint16_t whole = 65535;
        const auto size = *rule.copy == whole ? std::nullopt : rule.copy;
        now.push_back(nft::LogGroup{copy_group, size, {}});
    }
    add_target(rule, place, alternative.side, label, now);
    if (now.size() > alternative.tests.size()) {
        parts.push_back({nft::Kind::more, {}, std::move(now)});
    }
    if (!hands_over(rule, place.situation, alternative.side)) {
        return;
    }
    const auto add = [&](const std::vector<Expr>& tests, nft::Verdict verdict, auto comment) {
        nft::Rule part{nft::Kind::more, {}, alternative.tests, 1, std::string(comment)};
        part.expressions.insert(part.expressions.end(), tests.begin(), tests.end());
        part.expressions.push_back(nft::Decide{verdict, {}});
        parts.push_back(std::move(part));
    };
    if (std::holds_alternative<Redirect>(rule.target)) {
        // Masqueraded connections were looked for first in Linux 2.2, then those of local programs.
        add({nft::Compare{nft::Field::ct_direction, nft::Op::eq, 1}, nft::IsLocal{}},
            nft::Verdict::accept, answers_to_this_machine);
    }
    add({}, nft::Verdict::drop, no_rewriting);
}

// How a masquerading port, which one is not known, meets a match of ports.
enum class Meets : std::uint8_t { always, never, perhaps };
Meets masquerade_port_meets(const PortMatch& match) {
    if (match.any()) {
        return Meets::always;
    }
    bool all = match.ranges.empty();
    bool some = all;
    for (const PortRange& range : match.ranges) {
        all = all || (range.first <= masquerade_ports.first && range.last >= masquerade_ports.last);
        some =
            some || (range.first <= masquerade_ports.last && range.last >= masquerade_ports.first);
    }
    if (some && !all) {
        return Meets::perhaps;
    }
    return all != match.inverted ? Meets::always : Meets::never;
}

constexpr std::uint16_t no_protocol = 256;  // no packet's

// The rule as expected connections meet it: their port on this side counts as a masquerading port.
// Where that leaves a doubt, a rule that stops the packet is taken to be met, one that lets it
// through not, and one that leads elsewhere stops it. Nothing if they meet it as it is written.
std::optional<Rule> for_expected(const Rule& as_written, const Situation& situation) {
    if (!situation.only_expected() || !is_tcp_or_udp(as_written)) {
        return std::nullopt;
    }
    Rule rule = as_written;
    PortMatch& ports = situation.input_expected ? rule.destination_ports : rule.source_ports;
    const Meets meets = masquerade_port_meets(ports);
    const bool stops =
        std::holds_alternative<Deny>(rule.target) || std::holds_alternative<Reject>(rule.target);
    const bool leads_elsewhere =
        std::holds_alternative<Jump>(rule.target) || std::holds_alternative<Return>(rule.target);
    ports = {};
    if (meets == Meets::perhaps && leads_elsewhere) {
        rule.target = Deny{};
        return rule;
    }
    if (meets == Meets::never || (meets == Meets::perhaps && !stops)) {
        rule.protocol.number = no_protocol;
        rule.source_ports = rule.destination_ports = {};
        rule.syn = Flag::any;
        rule.ack = false;
    }
    return rule;
}

// A rule as packets of some situation meet it, and what they have to hold.
struct Seen {
    Rule rule;
    std::vector<Alternative> alternatives;
};

// One, but for a rule of two ways that sees another port in each of them. If none of its ways can
// be met, the first is there.
Result<std::vector<Seen>> seen_from(const Rule& rule, const Situation& situation) {
    std::vector<Rule> rules = {rule};
    if (rule.two_way && situation.only_expected()) {
        rules = {rule, reversed(rule)};
        rules[0].two_way = rules[1].two_way = false;
    }
    std::vector<Seen> result;
    for (const Rule& one : rules) {
        Rule seen = for_expected(one, situation).value_or(one);
        if (seen.protocol.number == no_protocol && !result.empty()) {
            continue;
        }
        Result<std::vector<Alternative>> alternatives = compile_matches(seen, situation);
        if (!alternatives) {
            return alternatives.error();
        }
        result.push_back({std::move(seen), *std::move(alternatives)});
    }
    if (result.size() > 1 && result.front().rule.protocol.number == no_protocol) {
        result.erase(result.begin());
    }
    return result;
}

// Whether packets of the situation can't have its ports.
bool is_of_other_ports(const std::vector<Seen>& seen, const Rule& rule) {
    return seen.front().rule.protocol.number == no_protocol && rule.protocol.number != no_protocol;
}

// Whether the rule is nothing but a jump that leads nowhere.
bool leads_nowhere(const Rule& rule, const Place& place) {
    const auto* jump = std::get_if<Jump>(&rule.target);
    return jump != nullptr && jump->chain != place.chain && place.kernel_name(jump->chain).empty();
}

bool has_effects(const Rule& rule) {
    return rule.log || rule.copy || rule.mark || !rule.tos.none();
}

void add_clean_target(const Rule& rule, const Place& place, Side side, std::vector<Expr>& out) {
    if (leads_nowhere(rule, place)) {
        return;
    }
    if (place.at_return && std::holds_alternative<Return>(rule.target)) {
        Rule ends = rule;
        ends.target = *place.at_return;
        add_clean_target(ends, place, side, out);
        return;
    }
    if (!hands_over(rule, place.situation, side)) {
        add_target(rule, place, side, {}, out);
        return;
    }
    const auto* redirect = std::get_if<Redirect>(&rule.target);
    out.push_back(nft::Decide{nft::Verdict::go_to,
                              handover_chain(redirect == nullptr ? std::nullopt
                                                                 : std::optional(redirect->port))});
}

// <tests> counter log prefix "Packet log: input DENY " level info drop
void add_clean_parts(const Rule& rule, const Place& place, const Alternative& alternative,
                     std::vector<std::vector<Expr>>& parts) {
    std::vector<Expr> now;
    now.reserve(alternative.tests.size() + 3);  // a counter, a log, a verdict
    now = alternative.tests;
    now.push_back(nft::Counter{});
    if (rule.log) {
        now.push_back(nft::Log{clean_log_prefix(rule, place, alternative.side)});
    }
    bool jumps = false;
    for (Expr& step : compile_effects(rule, place.dialect)) {
        now.push_back(std::move(step));
        jumps = std::holds_alternative<nft::Decide>(now.back());
        if (jumps) {
            parts.push_back(std::exchange(now, alternative.tests));
        }
    }
    if (rule.copy) {
        constexpr std::uint16_t whole = 65535;
        now.push_back(
            nft::LogGroup{copy_group, *rule.copy == whole ? std::nullopt : rule.copy, {}});
    }
    add_clean_target(rule, place, alternative.side, now);
    if (!jumps || now.size() > alternative.tests.size()) {
        parts.push_back(std::move(now));
    }
}

}  // namespace

Result<std::vector<std::vector<Expr>>> compile_clean_rule(const Rule& rule, const Place& place) {
    std::vector<std::vector<Expr>> parts;
    if (leads_nowhere(rule, place) && !has_effects(rule)) {
        return parts;
    }
    const Result<std::vector<Seen>> ways = seen_from(rule, place.situation);
    if (!ways) {
        return ways.error();
    }
    if (is_of_other_ports(*ways, rule)) {
        return parts;
    }
    for (const Seen& seen : *ways) {
        for (const Alternative& alternative : seen.alternatives) {
            add_clean_parts(seen.rule, place, alternative, parts);
        }
    }
    return parts;
}

std::string handover_chain(std::optional<std::uint16_t> redirect_port) {
    if (!redirect_port) {
        return "label.masquerade";
    }
    return *redirect_port == 0 ? "label.redirect"
                               : "label.redirect." + std::to_string(*redirect_port);
}

nft::Chain masquerade_handover() {
    nft::Rule gate;
    hand_over(masquerade_label, status_snat | status_dnat, gate.expressions);
    return {handover_chain(std::nullopt),
            std::nullopt,
            {std::move(gate),
             nft::frame_rule({nft::Decide{nft::Verdict::drop, {}}}, no_rewriting)}};
}

nft::Chain redirect_handover(std::uint16_t port, unsigned label) {
    nft::Rule gate;
    gate.expressions.emplace_back(nft::Compare{nft::Field::ct_direction, nft::Op::eq, 0});
    hand_over(label, status_dnat, gate.expressions);
    // Masqueraded connections were looked for first in Linux 2.2, then those of local programs.
    nft::Rule answers = nft::frame_rule({nft::Compare{nft::Field::ct_direction, nft::Op::eq, 1},
                                         nft::IsLocal{}, nft::Decide{nft::Verdict::accept, {}}},
                                        answers_to_this_machine);
    return {handover_chain(port),
            std::nullopt,
            {std::move(gate), std::move(answers),
             nft::frame_rule({nft::Decide{nft::Verdict::drop, {}}}, no_rewriting)}};
}

bool only_logs(const nft::Rule& part) {
    const auto* group =
        part.expressions.empty() ? nullptr : std::get_if<nft::LogGroup>(&part.expressions.back());
    return !part.expressions.empty() &&
           (std::holds_alternative<nft::Log>(part.expressions.back()) ||
            (group != nullptr && group->group == log_group));
}

Result<std::vector<nft::Rule>> compile_rule(const Rule& rule, std::size_t number,
                                            const Place& place,
                                            const RedirectLabel& redirect_label) {
    Result<std::string> identity = encode_rule(rule);
    if (!identity) {
        return identity.error();
    }
    const Result<std::vector<Seen>> ways = seen_from(rule, place.situation);
    if (!ways) {
        return ways.error();
    }
    std::vector<nft::Rule> parts;
    if (rule.log) {
        for (const Seen& seen : *ways) {
            for (const Alternative& alternative : seen.alternatives) {
                const std::string prefix = log_prefix(rule, number, place, alternative.side);
                parts.push_back(log_part(prefix, place.log, alternative));
            }
        }
    }
    Counters counters = rule.counters;
    for (const Seen& seen : *ways) {
        for (const Alternative& alternative : seen.alternatives) {
            add_parts(seen.rule, place, alternative, std::exchange(counters, Counters{}),
                      redirect_label, parts);
        }
    }
    if (is_of_other_ports(*ways, rule)) {
        parts.front().comment = "other ports";
    }
    parts.front().kind = nft::Kind::first;
    parts.front().identity = std::move(*identity);
    parts.front().parts = static_cast<std::uint8_t>(parts.size());
    return parts;
}

}  // namespace fw::compile
