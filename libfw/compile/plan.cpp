#include <algorithm>
#include <utility>

#include "compile/effects.h"
#include "compile/forwards.h"
#include "compile/matches.h"
#include "compile/table.h"
#include "nft/name.h"

namespace fw::compile {

namespace {

constexpr std::size_t accounting = 3;  // its place among ipfwadm's chains

constexpr std::string_view rewritten_suffix = ".rewritten";
constexpr std::string_view leaving_suffix = ".leaving";
constexpr std::string_view expected_suffix = ".expected";
constexpr std::string_view expected_leaving_suffix = ".expected.leaving";
constexpr std::string_view fragments_suffix = ".fragments";

bool disjoint(const Situation& a, const Situation& b) {
    if (a.packets != b.packets && a.packets != Packets::all && b.packets != Packets::all) {
        return true;
    }
    return !(a.input && b.input) && !(a.forward && b.forward) && !(a.output && b.output) &&
           !(a.rewritten && b.rewritten) && !(a.input_expected && b.input_expected) &&
           !(a.rewritten_expected && b.rewritten_expected);
}

bool looks_at_ports(const Rule& rule) {
    return is_tcp_or_udp(rule) && !(rule.source_ports.any() && rule.destination_ports.any());
}

// Fragments, and packets that end too early, have no connection that could be rewritten.
Situation with_fragments(Situation situation, const Situation& fragments) {
    situation.input = situation.input || fragments.input;
    situation.forward = situation.forward || fragments.forward;
    situation.output = situation.output || fragments.output;
    return situation;
}

bool does_more_than_jump(const Rule& rule) {
    return !std::holds_alternative<Jump>(rule.target) || rule.log || rule.copy || rule.mark ||
           !rule.tos.none();
}

}  // namespace

Plan::Plan(const Ruleset& ruleset, const Settings& settings, Form form)
    : ruleset_(ruleset), settings_(settings), form_(form), chains_(ruleset.chains.size()) {
    reach(0, &Situation::input);
    reach(1, &Situation::forward);
    reach(2, &Situation::output);
    if (ruleset.dialect == Dialect::ipfwadm) {
        reach(accounting, &Situation::input);
        reach(accounting, &Situation::rewritten);
    }
    masquerades_ = ruleset.chains[1].policy == Policy::masquerade;
    for (std::size_t i = 0; i < chains_.size(); ++i) {
        for (const Rule& rule : ruleset.chains[i].rules) {
            collect(rule, with_fragments(chains_[i].reached, chains_[i].reached_by_fragments));
        }
    }
    // What was sent on once goes on as long as its answers are masqueraded.
    forwards_ = masquerades_ || sends_on(ruleset);
    if (masquerades_ && has_helpers(ruleset)) {
        expects_ = true;
        reach(0, &Situation::input_expected);
        reach(2, &Situation::rewritten_expected);
    }
    if (forwards_ || !ports_.empty()) {
        reach(2, &Situation::rewritten);
    }
    std::vector<int> state(chains_.size());
    for (std::size_t i = 0; i < chains_.size(); ++i) {
        look_below(i, state);
        choose_copies(i);
    }
}

std::optional<std::size_t> Plan::index_of(std::string_view name) const {
    const Chain* chain = ruleset_.find(name);
    if (chain == nullptr) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(chain - ruleset_.chains.data());
}

// Marks all chains that packets from `from` can come to.
void Plan::reach(std::size_t chain, bool Situation::*from) {
    if (!tells_fragments_apart()) {
        reach(chain, from, Packets::all);
        return;
    }
    reach(chain, from, Packets::whole);
    if (from == &Situation::input || from == &Situation::forward || from == &Situation::output) {
        reach(chain, from, Packets::fragments);
    }
}

void Plan::reach(std::size_t chain, bool Situation::*from, Packets packets) {
    ChainPlan& plan = chains_[chain];
    Situation& reached = packets == Packets::fragments ? plan.reached_by_fragments : plan.reached;
    if (std::exchange(reached.*from, true)) {
        return;
    }
    for (const Rule& rule : ruleset_.chains[chain].rules) {
        const auto* jump = std::get_if<Jump>(&rule.target);
        if (jump == nullptr || (packets == Packets::whole && !meets_whole(rule)) ||
            (packets == Packets::fragments && !compile::meets_fragments(rule))) {
            continue;
        }
        if (const auto target = index_of(jump->chain)) {
            reach(*target, from, packets);
        }
    }
}

void Plan::collect(const Rule& rule, const Situation& reached) {
    logs_ = logs_ || rule.log;
    if (std::holds_alternative<Masquerade>(rule.target) && reached.forward) {
        masquerades_ = true;
    }
    const auto* redirect = std::get_if<Redirect>(&rule.target);
    if (redirect != nullptr && reached.input &&
        std::find(ports_.begin(), ports_.end(), redirect->port) == ports_.end()) {
        ports_.push_back(redirect->port);
    }
    if (redirect != nullptr && reached.input && !is_tcp_or_udp(rule)) {
        ports_of_all_.push_back(redirect->port);
    }
    for (nft::Chain& chain : compile::effect_chains(rule, ruleset_.dialect)) {
        const bool known = std::any_of(effects_.begin(), effects_.end(),
                                       [&](const auto& other) { return other.name == chain.name; });
        if (!known) {
            effects_.push_back(std::move(chain));
        }
    }
}

// What a chain and all below it do. `state`: 0 not seen, 1 on the way (a loop that no packet
// reaches), 2 known.
void Plan::look_below(std::size_t chain, std::vector<int>& state) {
    if (state[chain] != 0) {
        return;
    }
    state[chain] = 1;
    ChainPlan& plan = chains_[chain];
    for (const Rule& rule : ruleset_.chains[chain].rules) {
        plan.rejects = plan.rejects || std::holds_alternative<Reject>(rule.target);
        plan.masquerades = plan.masquerades || std::holds_alternative<Masquerade>(rule.target);
        plan.ports = plan.ports || looks_at_ports(rule);
        plan.sorts = plan.sorts || meets_whole(rule) != compile::meets_fragments(rule);
        if (const auto* jump = std::get_if<Jump>(&rule.target)) {
            if (const auto target = index_of(jump->chain)) {
                look_below(*target, state);
                plan.rejects = plan.rejects || chains_[*target].rejects;
                plan.masquerades = plan.masquerades || chains_[*target].masquerades;
                plan.ports = plan.ports || chains_[*target].ports;
                plan.sorts = plan.sorts || chains_[*target].sorts;
            }
        }
        plan.meets_fragments = plan.meets_fragments || fragments_do_something(chain, rule);
    }
    state[chain] = 2;
}

// Takes the situations that need a text of their own out of those of the first copy.
void Plan::choose_copies(std::size_t chain) {
    ChainPlan& plan = chains_[chain];
    const std::string name = nft::kernel_chain_name(ruleset_.chains[chain].name);
    if (!tells_fragments_apart()) {
        Situation reached = plan.reached;
        reached.packets = ruleset_.dialect == Dialect::ipchains ? Packets::all
                          : chain == accounting                 ? Packets::counted
                                                                : Packets::whole;
        add_copies(name, reached, plan);
        return;
    }
    const Situation none;
    const bool whole = plan.reached != none;
    const bool fragments = plan.reached_by_fragments != none;
    if (!plan.sorts && whole == fragments) {
        add_copies(name, with_fragments(plan.reached, plan.reached_by_fragments), plan);
        return;
    }
    if (whole || !fragments) {
        Situation reached = plan.reached;
        reached.packets = Packets::whole;
        add_copies(name, reached, plan);
    }
    if (fragments && (plan.meets_fragments || !whole)) {
        Situation reached = plan.reached_by_fragments;
        reached.packets = Packets::fragments;
        add_copies(whole ? name + std::string(fragments_suffix) : name, reached, plan);
    }
}

void Plan::add_copies(const std::string& name, Situation rest, ChainPlan& plan) {
    const Packets packets = rest.packets;
    std::vector<Copy> others;
    const auto split = [&](std::string_view suffix, Situation situation) {
        situation.packets = packets;
        others.push_back({name + std::string(suffix), situation});
    };
    if (plan.ports && std::exchange(rest.input_expected, false)) {
        split(expected_suffix, {.input_expected = true});
    }
    if (plan.ports && std::exchange(rest.rewritten_expected, false)) {
        split(expected_leaving_suffix, {.rewritten_expected = true});
    }
    const bool elsewhere = rest.incoming() || rest.forward || rest.output;
    if (plan.rejects && rest.leaving() && elsewhere) {
        split(rewritten_suffix,
              {.rewritten = rest.rewritten, .rewritten_expected = rest.rewritten_expected});
        rest.rewritten = rest.rewritten_expected = false;
    }
    if (plan.masquerades && rest.forward && (rest.output || rest.leaving())) {
        split(leaving_suffix, {.output = rest.output,
                               .rewritten = rest.rewritten,
                               .rewritten_expected = rest.rewritten_expected});
        rest.output = rest.rewritten = rest.rewritten_expected = false;
    }
    plan.copies.push_back({name, rest});
    plan.copies.insert(plan.copies.end(), others.begin(), others.end());
}

// Chains that the rule jumps to have been looked at before; a jump to where it stands drops.
bool Plan::fragments_do_something(std::size_t chain, const Rule& rule) const {
    if (!compile::meets_fragments(rule)) {
        return false;
    }
    const auto* jump = std::get_if<Jump>(&rule.target);
    const auto target = jump == nullptr ? std::nullopt : index_of(jump->chain);
    return does_more_than_jump(rule) || target == chain ||
           (target && chains_[*target].meets_fragments);
}

bool Plan::meets_some(std::string_view chain, const Situation& situation) const {
    const ChainPlan& plan = chains_[index_of(chain).value_or(0)];
    return situation.packets != Packets::fragments || plan.meets_fragments;
}

std::string Plan::entrance() const {
    std::string mark(entrance_mark);
    mark += logs_ && ruleset_.dialect == Dialect::ipchains ? numbered_mark : "";
    mark += expects_ ? expected_mark : "";
    return mark;
}

const std::string& Plan::copy_for(std::string_view chain, const Situation& situation) const {
    const std::vector<Copy>& copies = chains_[index_of(chain).value_or(0)].copies;
    const auto found = std::find_if(copies.begin(), copies.end(), [&](const Copy& copy) {
        return !disjoint(copy.situation, situation);
    });
    return found == copies.end() ? copies.front().kernel_name : found->kernel_name;
}

bool Plan::same_surroundings(const Plan& other) const {
    return ports_ == other.ports_ && ruleset_.chains.size() == other.ruleset_.chains.size() &&
           std::equal(chains_.begin(), chains_.end(), other.chains_.begin(),
                      [](const ChainPlan& a, const ChainPlan& b) { return a.copies == b.copies; });
}

bool Plan::redirects_all(std::uint16_t port) const {
    return std::find(ports_of_all_.begin(), ports_of_all_.end(), port) != ports_of_all_.end();
}

unsigned Plan::redirect_label(std::uint16_t port) const {
    const auto found = std::find(ports_.begin(), ports_.end(), port);
    return labels_of_redirects(ruleset_.dialect) - 1 -
           static_cast<unsigned>(found - ports_.begin());
}

std::optional<Origin> origin_of(std::string_view kernel_name) {
    bool primary = true;
    for (const std::string_view suffix :
         {expected_leaving_suffix, expected_suffix, rewritten_suffix, leaving_suffix}) {
        if (kernel_name.ends_with(suffix)) {
            kernel_name.remove_suffix(suffix.size());
            primary = false;
            break;
        }
    }
    std::optional<std::string> model = nft::model_chain_name(kernel_name);
    if (!model) {
        return std::nullopt;
    }
    return Origin{std::move(*model), primary};
}

std::vector<std::string> possible_copies(std::string_view model_name) {
    const std::string name = nft::kernel_chain_name(model_name);
    return {name + std::string(rewritten_suffix), name + std::string(leaving_suffix)};
}

}  // namespace fw::compile
