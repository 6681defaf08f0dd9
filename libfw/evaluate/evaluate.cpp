#include "fw/evaluate.h"

#include <algorithm>
#include <utility>

#include "evaluate/kernel_log.h"
#include "evaluate/match.h"
#include "evaluate/packet_view.h"

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
        : ruleset_(ruleset), view_(evaluation::view(packet)), tracing_(tracing == Tracing::on) {
        decision_.tos = packet.tos;
        decision_.mark = packet.mark;
    }

    Decision from(std::size_t chain) {
        travel_ = ruleset_.chains[chain].name == "input"    ? Direction::in
                  : ruleset_.chains[chain].name == "output" ? Direction::out
                                                            : Direction::both;
        way_.push_back({chain, 0});
        if (!suspect()) {
            while (!step()) {
            }
        }
        return std::move(decision_);
    }

private:
    bool suspect();
    bool step();
    bool meets(const Chain& chain, std::size_t number);
    void take_effect(const Chain& chain, std::size_t number);
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
    Direction travel_ = Direction::both;
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

// Forged fragments that could rewrite the ports of a packet already let through. They are dropped
// before any rule is looked at, and nothing counts them.
bool Walk::suspect() {
    const Packet& packet = view_.packet;
    const char* problem = nullptr;
    if (packet.protocol == protocol_tcp && packet.fragment_offset == 1) {
        problem = "Suspect TCP fragment.";
    } else if (packet.fragment_offset == 0 && packet.more_fragments && view_.fragment) {
        problem = "Suspect short first fragment.";
    }
    if (problem == nullptr) {
        return false;
    }
    decision_.log.emplace_back(problem);
    decision_.log.push_back(evaluation::log_suspect(packet));
    if (tracing_) {
        note(Step::npos, true, "dropped before any rule: a fragment that could rewrite ports");
    }
    return decide(Verdict::deny);
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
    const Part part = evaluation::unmet(rule, view_, travel_);
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
        decision_.log.push_back(evaluation::log_match(here.name,
                                                      evaluation::log_target(rule.target),
                                                      number + 1, view_, decision_.tos));
    }
    decision_.tos =
        static_cast<std::uint8_t>((decision_.tos & rule.tos.and_mask) ^ rule.tos.xor_mask);
    if (rule.mark) {
        decision_.mark = rule.mark->value + (rule.mark->relative ? decision_.mark : 0);
    }
    if (rule.copy) {
        decision_.copies.push_back(
            {std::min(*rule.copy, view_.packet.length), decision_.tos, decision_.mark});
    }
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
        note(Step::npos, true, "policy " + std::string(policy_name(*here.policy)));
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
        Counters& counters =
            hit.rule == Step::npos ? chain.policy_counters : chain.rules[hit.rule].counters;
        counters += {1, length};
    }
}

}  // namespace fw
