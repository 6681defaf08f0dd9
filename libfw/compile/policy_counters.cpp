#include "compile/policy_counters.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>

#include "compile/table.h"

namespace fw::compile {

namespace {

using nft::KernelChain;
using nft::KernelTable;
using nft::Kind;

std::vector<Counters> counted(const KernelChain& kernel) {
    std::vector<Counters> counters;
    for (const nft::KernelRule& rule : kernel.rules) {
        if (rule.kind == Kind::policy) {
            counters.push_back(rule.counters);
        }
    }
    return counters;
}

Counters total(const std::vector<Counters>& counters) {
    return std::accumulate(counters.begin(), counters.end(), Counters{},
                           [](Counters sum, const Counters& one) { return sum += one; });
}

// What the rules with the policy in this chain, so many, are to have counted.
std::vector<Counters> due(const KernelTable& table, const std::vector<std::string>& wanted,
                          const KernelChain& kernel, std::size_t rules) {
    std::vector<Counters> result = counted(kernel);
    if (result.size() != rules) {
        const Counters all = total(result);
        result.assign(rules, {});
        result.front() = all;
    }
    const std::string_view owner = *policy_chain(kernel.name);
    const bool heir = kernel.name == std::string(owner) + ".hook";
    for (const KernelChain& other : table.chains) {
        const bool stays = std::find(wanted.begin(), wanted.end(), other.name) != wanted.end();
        if (heir && !stays && policy_chain(other.name) == owner) {
            result.front() += total(counted(other));
        }
    }
    return result;
}

void set_counters(nft::Chain& chain, std::span<const Counters> counters) {
    for (nft::Rule& rule : chain.rules) {
        if (rule.kind != Kind::policy || counters.empty()) {
            continue;
        }
        for (nft::Expr& expression : rule.expressions) {
            if (auto* counter = std::get_if<nft::Counter>(&expression)) {
                counter->counters = counters.front();
            }
        }
        counters = counters.subspan(1);
    }
}

Counters of_policy(const Ruleset& ruleset, std::string_view chain) {
    const Chain* found = ruleset.find(chain);
    return found != nullptr ? found->policy_counters : Counters{};
}

}  // namespace

void keep_policy_counters(const KernelTable& table, const Ruleset& before, const Ruleset& after,
                          const std::vector<std::string>& wanted, std::vector<nft::Chain>& frame,
                          std::vector<nft::Chain>& old_frame) {
    for (const KernelChain& kernel : table.chains) {
        const auto owner = policy_chain(kernel.name);
        if (!owner) {
            continue;
        }
        for (nft::Chain& chain : old_frame) {
            if (chain.name == kernel.name) {
                set_counters(chain, counted(kernel));
            }
        }
        if (of_policy(before, *owner) != of_policy(after, *owner)) {
            continue;
        }
        for (nft::Chain& chain : frame) {
            const auto rules =
                std::count_if(chain.rules.begin(), chain.rules.end(),
                              [](const nft::Rule& rule) { return rule.kind == Kind::policy; });
            if (chain.name == kernel.name && rules > 0) {
                set_counters(chain, due(table, wanted, kernel, static_cast<std::size_t>(rules)));
            }
        }
    }
}

}  // namespace fw::compile
