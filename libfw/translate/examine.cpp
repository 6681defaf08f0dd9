#include "translate/examine.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "translate/packet_set.h"
#include "translate/takers.h"
#include "translate/why_never.h"

namespace fw::translate {

namespace {

// Comparisons that one chain may cost; what they do not reach is not remarked on.
constexpr std::size_t most_comparisons = 50'000'000;
// More jumps to a chain than these are not held against its rules.
constexpr std::size_t most_jumps = 16;

// A packet that meets the rule goes no further along the chain, if the chain that it may be led to
// is one from which none comes back.
bool takes(const Rule& rule, bool keeps) {
    return std::holds_alternative<Jump>(rule.target) ? keeps
                                                     : !std::holds_alternative<None>(rule.target);
}

// Equal for rules that are the same.
std::uint64_t digest(const Rule& rule) {
    std::uint64_t sum = 0;
    const auto add = [&](std::uint64_t number) { sum = (sum ^ number) * 0x9e3779b97f4a7c15; };
    for (const AddressMatch* match : {&rule.source, &rule.destination}) {
        add(match->address.value);
        add(match->mask.value);
    }
    for (const PortMatch* match : {&rule.source_ports, &rule.destination_ports}) {
        for (const PortRange& range : match->ranges) {
            add(range.first * 65536ULL + range.last);
        }
    }
    add(rule.protocol.number);
    add(std::hash<std::string>()(rule.interface.name));
    return sum;
}

struct ChainFacts {
    std::vector<PacketSet> sets;  // of its rules
    bool in_circle = false;       // of jumps; no ruleset of ours has any
    bool keeps = false;           // no packet comes back behind a jump to it
    std::size_t called = 0;       // jumps to it
    std::size_t entries = 0;      // jumps to it that packets may take
    std::vector<std::pair<const Rule*, const PacketSet*>> ways;  // the first few of these
    std::vector<Remark> remarks;
};

class Examination {
    enum class Seen : std::uint8_t { no, partly, all };

public:
    Examination(const Ruleset& ruleset, const std::vector<SourceLine>& sources);
    std::vector<Remark> run();

private:
    const Rule& rule(std::size_t chain, std::size_t i) const {
        return ruleset_.chains[chain].rules[i];
    }
    [[nodiscard]] std::optional<std::size_t> led_to(std::size_t chain, const Rule& rule) const;
    void put_in_order(std::size_t chain, std::vector<Seen>& seen);
    [[nodiscard]] bool keeps_all(std::size_t chain) const;
    [[nodiscard]] bool takes_all_of_its(std::size_t chain, std::size_t i) const;

    void examine_chain(std::size_t chain);
    [[nodiscard]] std::string why_not_entered(std::size_t chain) const;
    [[nodiscard]] std::string why_not_met(std::size_t chain, std::size_t i,
                                          const Takers& takers) const;
    [[nodiscard]] std::string kept_away(std::size_t chain, std::size_t i) const;
    [[nodiscard]] std::string taken_by(std::size_t chain, std::size_t i, std::size_t taker) const;
    void enter_from(std::size_t chain, std::size_t i);
    [[nodiscard]] std::string place_of(const Rule& of, const Rule& seen_from) const;

    const Ruleset& ruleset_;
    const std::vector<SourceLine>& sources_;
    std::vector<ChainFacts> chains_;
    std::unordered_map<std::string_view, std::size_t> numbers_;
    std::vector<std::size_t> order_;  // chains behind those that they lead to
};

Examination::Examination(const Ruleset& ruleset, const std::vector<SourceLine>& sources)
    : ruleset_(ruleset), sources_(sources), chains_(ruleset.chains.size()) {
    for (std::size_t i = 0; i < chains_.size(); ++i) {
        numbers_.emplace(ruleset.chains[i].name, i);
        chains_[i].sets.reserve(ruleset.chains[i].rules.size());
        for (const Rule& rule : ruleset.chains[i].rules) {
            chains_[i].sets.emplace_back(rule);
        }
    }
}

std::vector<Remark> Examination::run() {
    std::vector<Seen> seen(chains_.size());
    for (std::size_t chain = 0; chain < chains_.size(); ++chain) {
        put_in_order(chain, seen);
    }
    for (const std::size_t chain : order_) {
        chains_[chain].keeps = keeps_all(chain);
    }
    std::for_each(order_.rbegin(), order_.rend(),
                  [this](std::size_t chain) { examine_chain(chain); });
    std::vector<Remark> remarks;
    for (ChainFacts& facts : chains_) {
        std::move(facts.remarks.begin(), facts.remarks.end(), std::back_inserter(remarks));
    }
    return remarks;
}

// The chain that the rule jumps to, if it is another one.
std::optional<std::size_t> Examination::led_to(std::size_t chain, const Rule& rule) const {
    const auto* jump = std::get_if<Jump>(&rule.target);
    const auto found = jump == nullptr ? numbers_.end() : numbers_.find(jump->chain);
    return found == numbers_.end() || found->second == chain ? std::nullopt
                                                             : std::optional(found->second);
}

void Examination::put_in_order(std::size_t chain, std::vector<Seen>& seen) {
    if (seen[chain] != Seen::no) {
        chains_[chain].in_circle = chains_[chain].in_circle || seen[chain] == Seen::partly;
        return;
    }
    seen[chain] = Seen::partly;
    for (const Rule& rule : ruleset_.chains[chain].rules) {
        if (const auto next = led_to(chain, rule)) {
            ++chains_[*next].called;
            put_in_order(*next, seen);
        }
    }
    order_.push_back(chain);
    seen[chain] = Seen::all;
}

bool Examination::takes_all_of_its(std::size_t chain, std::size_t i) const {
    const auto next = led_to(chain, rule(chain, i));
    return takes(rule(chain, i), next && chains_[*next].keeps);
}

// One of its rules takes whatever comes, and none before it returns any.
bool Examination::keeps_all(std::size_t chain) const {
    for (std::size_t i = 0; i < chains_[chain].sets.size(); ++i) {
        const PacketSet& set = chains_[chain].sets[i];
        if (std::holds_alternative<Return>(rule(chain, i).target) && !set.empty()) {
            return false;
        }
        if (takes_all_of_its(chain, i) && set.all()) {
            return true;
        }
    }
    return false;
}

void Examination::examine_chain(std::size_t chain) {
    ChainFacts& facts = chains_[chain];
    if (const std::string why = why_not_entered(chain); !why.empty()) {
        // There is no line for the chain itself.
        const bool has_rules = !ruleset_.chains[chain].rules.empty();
        facts.remarks.push_back({has_rules ? rule(chain, 0).line.number : 0, why});
        return;
    }
    Takers takers(facts.sets, most_comparisons / std::max<std::size_t>(facts.sets.size(), 1));
    std::unordered_map<std::uint64_t, std::size_t> others;
    for (std::size_t i = 0; i < facts.sets.size(); ++i) {
        const Rule& one = rule(chain, i);
        if (const std::string why = why_not_met(chain, i, takers); !why.empty()) {
            facts.remarks.push_back({one.line.number, why});
            continue;
        }
        if (takes_all_of_its(chain, i)) {
            takers.add(i);
        } else if (const auto [at, fresh] = others.emplace(digest(one), i);
                   !fresh && same_specification(rule(chain, at->second), one)) {
            facts.remarks.push_back({one.line.number, "the rule repeats " +
                                                          place_of(rule(chain, at->second), one) +
                                                          ": packets meet both"});
        }
        enter_from(chain, i);
    }
}

// Counts the jump, and says so if it leads to nothing.
void Examination::enter_from(std::size_t chain, std::size_t i) {
    const Rule& one = rule(chain, i);
    const auto next = led_to(chain, one);
    if (!next) {
        return;
    }
    ++chains_[*next].entries;
    if (chains_[*next].ways.size() < most_jumps) {
        chains_[*next].ways.emplace_back(&one, &chains_[chain].sets[i]);
    }
    if (chains_[*next].sets.empty()) {
        chains_[chain].remarks.push_back(
            {one.line.number,
             "the rule jumps to chain " + ruleset_.chains[*next].name + ", which has no rules"});
    }
}

std::string Examination::why_not_entered(std::size_t chain) const {
    const Chain& one = ruleset_.chains[chain];
    if (one.built_in() || chains_[chain].entries > 0 || chains_[chain].in_circle) {
        return "";
    }
    return "no packet enters chain " + one.name +
           (chains_[chain].called == 0 ? ": no rule jumps to it"
                                       : ": no packet meets a rule that jumps to it");
}

std::string Examination::why_not_met(std::size_t chain, std::size_t i, const Takers& takers) const {
    const PacketSet& set = chains_[chain].sets[i];
    if (set.empty()) {
        return "no packet meets the rule: " + why_never(rule(chain, i));
    }
    if (std::string why = kept_away(chain, i); !why.empty()) {
        return why;
    }
    const auto taker = takers.first_over(i);
    return taker ? taken_by(chain, i, *taker) : "";
}

// The jumps to the chain let no packet through that would meet the rule.
std::string Examination::kept_away(std::size_t chain, std::size_t i) const {
    const ChainFacts& facts = chains_[chain];
    const PacketSet& set = facts.sets[i];
    const bool all_known = facts.entries == facts.ways.size() && !facts.in_circle;
    if (ruleset_.chains[chain].built_in() || !all_known ||
        !std::all_of(facts.ways.begin(), facts.ways.end(),
                     [&](const auto& way) { return way.second->apart_from(set); })) {
        return "";
    }
    const std::string name = ruleset_.chains[chain].name;
    if (facts.ways.size() > 1) {
        return "no packet meets the rule: none of the jumps to chain " + name +
               " lets such packets through";
    }
    const Rule& one = rule(chain, i);
    const Rule& jump = *facts.ways.front().first;
    return "no packet meets the rule: the only jump to chain " + name +
           (jump.line.number == 0 ? "" : ", in " + place_of(jump, one) + ",") +
           " lets no such packets through";
}

std::string Examination::taken_by(std::size_t chain, std::size_t i, std::size_t taker) const {
    const Rule& one = rule(chain, i);
    const Rule& earlier = rule(chain, taker);
    const std::string place = place_of(earlier, one);
    if (same_specification(earlier, one)) {
        return "no packet meets the rule: it repeats " + place;
    }
    return "no packet meets the rule: " + place +
           (chains_[chain].sets[taker].all() ? " takes all that come"
                                             : " takes all of its packets");
}

// "line 12", of a file if it is another.
std::string Examination::place_of(const Rule& of, const Rule& seen_from) const {
    const std::uint32_t number = of.line.number;
    if (number == 0) {
        return "an earlier rule";
    }
    if (number > sources_.size()) {
        return number == seen_from.line.number && &of != &seen_from
                   ? "the other rule of this line"
                   : "line " + std::to_string(number);
    }
    const SourceLine& source = sources_[number - 1];
    const std::uint32_t from = seen_from.line.number;
    const SourceLine& here = sources_[from == 0 || from > sources_.size() ? number - 1 : from - 1];
    if (&of != &seen_from && from == number) {
        return "the other rule of this line";
    }
    return "line " + std::to_string(source.line) +
           (source.file == here.file ? "" : " of " + source.file);
}

}  // namespace

std::vector<Remark> examine(const Ruleset& ruleset, const std::vector<SourceLine>& sources) {
    return Examination(ruleset, sources).run();
}

}  // namespace fw::translate
