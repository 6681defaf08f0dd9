#include "compile/rule.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "compile/effects.h"
#include "compile/matches.h"
#include "model/codec.h"
#include "nft/name.h"

namespace fw::compile {

namespace {

using nft::Expr;

constexpr std::size_t longest_log_prefix = 127;  // NF_LOG_PREFIXLEN less its NUL

// Whether a nat chain is told to rewrite the packet.
bool hands_over(const Rule& rule, const Situation& from, Side side) {
    return (std::holds_alternative<Masquerade>(rule.target) && from.forward &&
            side != Side::incoming) ||
           (std::holds_alternative<Redirect>(rule.target) && from.input && side != Side::outgoing);
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
            if (place.situation.rewritten) {
                decide(nft::Verdict::drop);
            } else {
                out.push_back(nft::RejectPacket{});
            }
        }
        // Met elsewhere than in forward or input, MASQ and REDIRECT mean ACCEPT.
        void operator()(const Masquerade&) {
            if (rewritten) {
                out.push_back(nft::SetLabel{masquerade_label});
            }
            decide(nft::Verdict::accept);
        }
        void operator()(const Redirect& redirect) {
            if (rewritten) {
                out.push_back(nft::SetLabel{label(redirect.port)});
            }
            decide(nft::Verdict::accept);
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

void add_log(const Rule& rule, const Place& place, std::vector<Expr>& out) {
    if (rule.log) {
        std::string prefix = "Packet log: " + nft::printable_chain(place.chain) + " " +
                             nft::printable_chain(target_name(rule.target)) + " ";
        prefix.resize(std::min(prefix.size(), longest_log_prefix));
        out.push_back(nft::Log{std::move(prefix)});
    }
}

// What connection tracking can't follow can't be rewritten, and must not pass as it is.
nft::Rule drop_untracked(const Rule& rule, const Place& place, const Alternative& alternative) {
    std::vector<Expr> expressions = alternative.tests;
    expressions.push_back(invalid_packet());  // ct state invalid
    expressions.push_back(nft::Counter{});
    add_log(rule, place, expressions);
    expressions.push_back(nft::Decide{nft::Verdict::drop, {}});
    return {nft::Kind::more, {}, std::move(expressions)};
}

// The parts that one alternative of the match becomes: one, or one more behind each jump to a chain
// that changes the packet, since a jump ends the rule that it stands in.
void add_parts(const Rule& rule, const Place& place, const Alternative& alternative,
               const RedirectLabel& label, std::vector<nft::Rule>& parts) {
    const bool first = parts.empty();
    if (hands_over(rule, place.situation, alternative.side)) {
        parts.push_back(drop_untracked(rule, place, alternative));
    }
    std::vector<Expr> now = alternative.tests;
    now.push_back(nft::Counter{first ? rule.counters : Counters{}});
    add_log(rule, place, now);
    for (Expr& step : compile_effects(rule)) {
        now.push_back(std::move(step));
        if (std::holds_alternative<nft::Decide>(now.back())) {
            parts.push_back({nft::Kind::more, {}, std::exchange(now, alternative.tests)});
        }
    }
    if (rule.copy) {
        constexpr std::uint16_t whole = 65535;
        const auto size = *rule.copy == whole ? std::nullopt : rule.copy;
        now.push_back(nft::LogGroup{copy_group, size});
    }
    add_target(rule, place, alternative.side, label, now);
    if (now.size() > alternative.tests.size()) {
        parts.push_back({nft::Kind::more, {}, std::move(now)});
    }
}

}  // namespace

Result<std::vector<nft::Rule>> compile_rule(const Rule& rule, const Place& place,
                                            const RedirectLabel& redirect_label) {
    Result<std::string> identity = encode_rule(rule);
    if (!identity) {
        return identity.error();
    }
    Result<std::vector<Alternative>> alternatives = compile_matches(rule, place.situation);
    if (!alternatives) {
        return alternatives.error();
    }
    std::vector<nft::Rule> parts;
    for (const Alternative& alternative : *alternatives) {
        add_parts(rule, place, alternative, redirect_label, parts);
    }
    parts.front().kind = nft::Kind::first;
    parts.front().identity = std::move(*identity);
    parts.front().parts = static_cast<std::uint8_t>(parts.size());
    return parts;
}

}  // namespace fw::compile
