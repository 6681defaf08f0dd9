#include "fw/evaluate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "evaluate/kernel_log.h"
#include "evaluate/match.h"
#include "evaluate/packet_view.h"
#include "evaluate/unasked.h"
#include "print/ipfwadm.h"

namespace fw {
namespace {

using evaluation::Part;

// Where a chain is being walked: the next rule to look at.
struct Position {
    std::size_t chain = 0;
    std::size_t rule = 0;
};

// One packet's walk. `way_` is the chain at hand and, below it, those it was jumped to from.
class Walk {
public:
    Walk(const Ruleset& ruleset, const Packet& packet, Tracing tracing)
        : ruleset_(ruleset),
          view_(evaluation::view(packet, ruleset.dialect)),
          tracing_(tracing == Tracing::on) {
        decision_.tos = packet.tos;
        decision_.mark = packet.mark;
    }

    Decision from(std::size_t chain) {
        way_.push_back({chain, 0});
        if (!unasked()) {
            while (!step()) {
            }
        }
        return std::move(decision_);
    }

private:
    bool unasked();
    bool step();
    bool meets(const Chain& chain, std::size_t number);
    void take_effect(const Chain& chain, std::size_t number);
    [[nodiscard]] std::string log_line(const Chain& chain, std::size_t number) const;
    [[nodiscard]] bool changes_tos(const Target& target) const;
    bool go_to(const Target& target);
    bool redirect(const Redirect& target);
    bool jump(const std::string& name);
    bool leave();
    bool decide(Verdict verdict);
    void note(std::size_t rule, bool matched, std::string reason);

    const Chain& chain() const { return ruleset_.chains[way_.back().chain]; }

    const Ruleset& ruleset_;
    evaluation::PacketView view_;
    bool tracing_;
    std::vector<Position> way_;
    Decision decision_;
};

Verdict verdict_of(Policy policy) {
    switch (policy) {
        case Policy::accept: return Verdict::accept;
        case Policy::deny: return Verdict::deny;
        case Policy::reject: return Verdict::reject;
        case Policy::masquerade: return Verdict::masquerade;
    }
    return Verdict::accept;
}

// True if the verdict is there before any rule was looked at.
bool Walk::unasked() {
    std::optional<evaluation::Unasked> fate =
        evaluation::unasked(view_.packet, chain().name, ruleset_.dialect);
    if (!fate) {
        return false;
    }
    if (tracing_) {
        note(Step::npos, true, evaluation::explain(*fate, chain().name));
    }
    decision_.log = std::move(fate->log);
    return decide(fate->verdict);
}

// Looks at one rule, or at the end of a chain; true once the verdict is there.
bool Walk::step() {
    const Chain& here = chain();
    if (way_.back().rule == here.rules.size()) {
        return leave();
    }
    const std::size_t number = way_.back().rule++;
    if (!meets(here, number)) {
        return false;
    }
    take_effect(here, number);
    return go_to(here.rules[number].target);
}

bool Walk::meets(const Chain& here, std::size_t number) {
    const Rule& rule = here.rules[number];
    const Part part = evaluation::unmet(rule, view_);
    if (tracing_) {
        note(number, part == Part::none, evaluation::explain(part, rule, view_));
    }
    return part == Part::none;
}

// All that a matching rule does but its target. Logging comes before the changes, copying behind.
void Walk::take_effect(const Chain& here, std::size_t number) {
    const Rule& rule = here.rules[number];
    decision_.hits.push_back({way_.back().chain, number});
    if (rule.log) {
        decision_.log.push_back(log_line(here, number));
    }
    if (changes_tos(rule.target)) {
        decision_.tos =
            static_cast<std::uint8_t>((decision_.tos & rule.tos.and_mask) ^ rule.tos.xor_mask);
    }
    if (rule.mark) {
        decision_.mark = rule.mark->value + (rule.mark->relative ? decision_.mark : 0);
    }
    if (rule.copy) {
        decision_.copies.push_back(
            {std::min(*rule.copy, view_.packet.length), decision_.tos, decision_.mark});
    }
}

std::string Walk::log_line(const Chain& here, std::size_t number) const {
    const Target& target = here.rules[number].target;
    if (ruleset_.dialect == Dialect::ipfwadm) {
        return evaluation::log_match_2_0(
            evaluation::log_opening_2_0(here.name, view_.packet.direction, target), view_);
    }
    return evaluation::log_match(here.name, evaluation::log_target(target), number + 1, view_,
                                 decision_.tos);
}

// Linux 2.0 left the TOS of a packet alone that it did not let through.
bool Walk::changes_tos(const Target& target) const {
    return ruleset_.dialect == Dialect::ipchains || std::holds_alternative<Accept>(target) ||
           std::holds_alternative<Masquerade>(target) || std::holds_alternative<Redirect>(target);
}

bool Walk::go_to(const Target& target) {
    struct Act {
        Walk& walk;
        bool operator()(const None&) const { return false; }
        bool operator()(const Accept&) const { return walk.decide(Verdict::accept); }
        bool operator()(const Deny&) const { return walk.decide(Verdict::deny); }
        bool operator()(const Reject&) const { return walk.decide(Verdict::reject); }
        bool operator()(const Masquerade&) const { return walk.decide(Verdict::masquerade); }
        bool operator()(const Redirect& target) const { return walk.redirect(target); }
        bool operator()(const Return&) const { return walk.leave(); }
        bool operator()(const Jump& target) const { return walk.jump(target.chain); }
    };
    return std::visit(Act{*this}, target);
}

bool Walk::redirect(const Redirect& target) {
    decision_.port = target.port != 0 ? target.port : view_.destination_port;
    return decide(Verdict::redirect);
}

bool Walk::jump(const std::string& name) {
    const Chain* to = ruleset_.find(name);
    if (to == nullptr) {
        return false;
    }
    const auto index = static_cast<std::size_t>(to - ruleset_.chains.data());
    if (std::none_of(way_.begin(), way_.end(),
                     [index](const Position& at) { return at.chain == index; })) {
        way_.push_back({index, 0});
        return false;
    }
    std::vector<std::string_view> walked;
    for (const Position& at : way_) {
        walked.push_back(ruleset_.chains[at.chain].name);
    }
    evaluation::log_loop(decision_.log, name, walked);
    return decide(Verdict::loop);
}

// The end of a chain, or RETURN: back behind the jump, or the policy.
bool Walk::leave() {
    const Chain& here = chain();
    if (way_.size() > 1) {
        const std::size_t back = way_[way_.size() - 2].chain;
        if (tracing_) {
            note(Step::npos, false, "back to chain " + ruleset_.chains[back].name);
        }
        way_.pop_back();
        return false;
    }
    if (!here.policy) {
        if (tracing_) {
            note(Step::npos, false, "the end");
        }
        return decide(Verdict::passed);
    }
    decision_.hits.push_back({way_.back().chain, Step::npos});
    if (tracing_) {
        const bool of_2_0 = ruleset_.dialect == Dialect::ipfwadm;
        const Policy policy = *here.policy;
        note(Step::npos, true,
             "policy " + std::string(of_2_0 ? print::ipfwadm_policy(policy) : policy_name(policy)));
    }
    return decide(verdict_of(*here.policy));
}

bool Walk::decide(Verdict verdict) {
    decision_.verdict = verdict;
    return true;
}

void Walk::note(std::size_t rule, bool matched, std::string reason) {
    decision_.trace.push_back({chain().name, rule, matched, std::move(reason)});
}

}  // namespace

Decision evaluate(const Ruleset& ruleset, std::string_view chain, const Packet& packet,
                  Tracing tracing) {
    const Chain* start = ruleset.find(chain);
    if (start == nullptr) {
        return {};
    }
    return Walk(ruleset, packet, tracing)
        .from(static_cast<std::size_t>(start - ruleset.chains.data()));
}

void count(Ruleset& ruleset, const Decision& decision, std::uint16_t length) {
    for (const Hit& hit : decision.hits) {
        Chain& chain = ruleset.chains[hit.chain];
        if (hit.rule != Step::npos) {
            chain.rules[hit.rule].counters += {1, length};
        } else if (ruleset.dialect == Dialect::ipchains) {
            chain.policy_counters += {1, length};
        }
    }
}

}  // namespace fw
