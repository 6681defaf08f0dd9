// Two judges and many packets: from the borders of every rule, of the ruleset's and of the table's,
// and from where two of them overlap. The same packets for the same input: what is left out of very
// many is left out at even distances.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "fw/evaluate.h"
#include "fw/names.h"
#include "fw/translate.h"
#include "translate/borders.h"
#include "translate/judge.h"
#include "translate/read.h"

namespace fw {

namespace {

using translate::BorderChain;
using translate::Borders;
using translate::Choice;
using translate::Judge;
using translate::Way;

constexpr std::size_t most_differences = 20;  // that are told
// A packet looks at all rules in the worst case: so many looks, and a verification of 10,000 rules
// takes some seconds.
constexpr std::uint64_t looks = 1'000'000'000;
constexpr std::uint64_t most_packets = 1'000'000;
constexpr std::uint64_t most_pairs = 4'000'000;

// Rules that are reached the same way, and the packets' ways that lead there.
struct Source {
    std::vector<Borders> rules;
    std::vector<const Way*> ways;
};

// Some rules of the model are two among the borders.
const Borders& rule_at(const BorderChain& chain, std::size_t number) {
    std::size_t at = number;
    while (chain.rules[at].borders.rule < number) {
        ++at;
    }
    return chain.rules[at].borders;
}

class Comparison {
public:
    Comparison(const Ruleset& ruleset, const translate::Table& table)
        : ruleset_(ruleset), judge_(ruleset, table) {
        std::uint64_t rules = 1;
        for (const fw::Chain& chain : ruleset.chains) {
            rules += chain.rules.size();
        }
        for (const translate::Chain& chain : table.chains) {
            rules += chain.rules.size();
        }
        budget_ = std::min(most_packets, looks / rules);
        tries_ = budget_ / 2;
        add_sources(ruleset);
        add_sources(table);
    }

    Verification run() {
        for (const Source& source : sources_) {
            compare_one(source, Borders{}, 1);
        }
        compare_borders();
        compare_pairs();
        return std::move(result_);
    }

private:
    void add_sources(const Ruleset& ruleset) {
        const std::vector<BorderChain> chains = translate::borders_of(ruleset);
        std::vector<std::string_view> roots(builtin_chains.begin(), builtin_chains.end());
        if (ruleset.dialect == Dialect::ipfwadm) {
            roots.push_back(accounting_chain);
        }
        for (const std::string_view builtin : roots) {
            Source& source = sources_.emplace_back();
            source.rules = translate::reached_from(chains, builtin);
            for (Borders& borders : source.rules) {
                pass_earlier_rules(builtin, chains, borders);
            }
            for (const Way& way : judge_.ways()) {
                if (way.chain == builtin) {
                    source.ways.push_back(&way);
                }
            }
        }
    }

    void add_sources(const translate::Table& table) {
        const std::vector<BorderChain> chains = translate::borders_of(table);
        for (const translate::Chain& chain : table.chains) {
            if (!chain.base) {
                continue;
            }
            Source source;
            source.rules = translate::reached_from(chains, chain.name);
            for (const Way& way : judge_.ways()) {
                const std::int32_t priority = chain.base->priority;
                // What a nat chain does with a packet was decided in a filter chain before.
                const bool decided_there = chain.base->type == nft::BaseType::nat &&
                                           chain.base->hook == nft::HookPoint::postrouting &&
                                           way.hook == nft::HookPoint::forward;
                if (decided_there || (way.hook == chain.base->hook && way.stage.first <= priority &&
                                      priority <= way.stage.last)) {
                    source.ways.push_back(&way);
                }
            }
            sources_.push_back(std::move(source));
        }
    }

    // A packet must come to a rule before it can tell anything of it: what the rule does not ask is
    // chosen so that the rules before it let the packet pass, as far as some tries find the way.
    void pass_earlier_rules(std::string_view builtin, const std::vector<BorderChain>& chains,
                            Borders& borders) {
        constexpr int most_steps = 16;
        std::optional<Hit> stop = stopped_at(builtin, borders);
        for (int step = 0; step < most_steps && stop && tries_ > 0; ++step) {
            if (stop->rule == Step::npos) {
                return;
            }
            bool further = false;
            const Borders& other = rule_at(chains[stop->chain], stop->rule);
            for (Borders& next : translate::beside(borders, other)) {
                const std::optional<Hit> then = stopped_at(builtin, next);
                if (!then || then->chain != stop->chain || then->rule > stop->rule) {
                    borders = std::move(next);
                    stop = then;
                    further = true;
                    break;
                }
            }
            if (!further) {
                return;
            }
        }
    }
    // Where the packet's way ends, if that is before it meets the rule that it is for.
    std::optional<Hit> stopped_at(std::string_view builtin, const Borders& borders) {
        tries_ -= std::min<std::uint64_t>(tries_, 1);
        const Decision decision = evaluate(ruleset_, builtin, translate::packet_of(borders, {}));
        const bool met =
            std::any_of(decision.hits.begin(), decision.hits.end(), [&](const Hit& hit) {
                return hit.chain == borders.chain && hit.rule == borders.rule;
            });
        return met || decision.hits.empty() ? std::nullopt : std::optional(decision.hits.back());
    }

    // Every `stride`th of the packets around a rule, but always the one that meets it.
    void compare_one(const Source& source, const Borders& borders, std::uint64_t stride) {
        const std::vector<Choice> all = translate::choices(borders);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i == 0 || ++passed_ % stride == 0) {
                compare(source, translate::packet_of(borders, all[i]));
            }
        }
    }

    void compare(const Source& source, const Packet& drawn) {
        for (const Way* way : source.ways) {
            Packet packet = drawn;
            if (way->icmp) {
                packet.protocol = protocol_icmp;
                packet.source_port = packet.destination_port = 3;  // port unreachable
            }
            if (!judge_.comes(packet, *way)) {
                continue;
            }
            ++result_.packets;
            if (auto difference = judge_.difference(packet, *way)) {
                ++result_.different;
                if (result_.differences.size() < most_differences) {
                    result_.differences.push_back(std::move(*difference));
                }
            }
        }
    }

    void compare_borders() {
        std::uint64_t total = 0;
        for (const Source& source : sources_) {
            for (const Borders& borders : source.rules) {
                total += translate::choices(borders).size() * source.ways.size();
            }
        }
        const std::uint64_t stride = total / budget_ + 1;
        for (const Source& source : sources_) {
            for (const Borders& borders : source.rules) {
                compare_one(source, borders, stride);
            }
        }
    }

    // Packets that meet two rules, and those just outside the one that comes first, for all pairs
    // of a source.
    void compare_pairs() {
        constexpr std::uint64_t packets_of_a_pair = 32;
        std::uint64_t pairs = 0;
        for (const Source& source : sources_) {
            pairs += source.rules.size() * source.rules.size() / 2;
        }
        const std::uint64_t distance = pairs / most_pairs + 1;
        const std::uint64_t stride = std::min(pairs, most_pairs) * packets_of_a_pair / budget_ + 1;
        for (const Source& source : sources_) {
            const std::vector<Borders>& rules = source.rules;
            for (std::size_t i = 0; i < rules.size(); ++i) {
                // Of many, other neighbours for each rule.
                for (std::size_t j = i + 1 + i % distance; j < rules.size(); j += distance) {
                    compare_pair(source, rules[i], rules[j], stride);
                }
            }
        }
    }

    void compare_pair(const Source& source, const Borders& one, const Borders& other,
                      std::uint64_t stride) {
        const auto both = translate::overlap(one, other);
        if (!both) {
            return;
        }
        for (const Choice& choice : translate::choices(*both)) {
            if (++passed_ % stride == 0) {
                compare(source, translate::packet_of(*both, choice));
            }
        }
    }

    const Ruleset& ruleset_;
    Judge judge_;
    std::vector<Source> sources_;
    std::uint64_t budget_ = 0;  // of packets to compare
    std::uint64_t tries_ = 0;   // of packets, to find one that comes to a rule
    std::uint64_t passed_ = 0;
    Verification result_;
};

}  // namespace

Result<Verification> verify_translation(const Ruleset& ruleset, std::string_view nft_text) {
    const std::unique_ptr<Names> names = system_names();
    const Result<translate::Table> table = translate::read_table(nft_text, names.get());
    if (!table) {
        return table.error();
    }
    return Comparison(ruleset, *table).run();
}

}  // namespace fw
