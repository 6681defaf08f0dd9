#include "compile/table.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fw::compile {

namespace {

// A packet is counted in the copy that it meets; what a listing has shown so far is in the first.
void forget_counts(nft::Rule& rule) {
    for (nft::Expr& expression : rule.expressions) {
        if (auto* counter = std::get_if<nft::Counter>(&expression)) {
            counter->counters = {};
        }
    }
}

}  // namespace

RuleCompiler::RuleCompiler(const std::string& chain, const Copy& copy, const Plan& plan)
    : place_{chain,
             copy.situation,
             [&](const std::string& target) { return plan.copy_for(target, copy.situation); },
             plan.settings().log,
             {},
             plan.dialect()},
      label_([&](std::uint16_t port) { return plan.redirect_label(port); }),
      primary_(origin_of(copy.kernel_name).value_or(Origin{}).primary) {}

Result<std::vector<nft::Rule>> RuleCompiler::compile(const Rule& rule, std::size_t number) const {
    Result<std::vector<nft::Rule>> parts = compile_rule(rule, number, place_, label_);
    if (parts && !primary_) {
        std::for_each(parts->begin(), parts->end(), forget_counts);
    }
    return parts;
}

Result<std::vector<nft::Rule>> compile_rules(std::span<const Rule> rules, std::size_t first,
                                             const std::string& chain, const Copy& copy,
                                             const Plan& plan) {
    const RuleCompiler compiler(chain, copy, plan);
    std::vector<nft::Rule> compiled;
    compiled.reserve(rules.size());
    for (const Rule& rule : rules) {
        Result<std::vector<nft::Rule>> parts = compiler.compile(rule, first++);
        if (!parts) {
            return parts.error();
        }
        std::move(parts->begin(), parts->end(), std::back_inserter(compiled));
    }
    return compiled;
}

Result<nft::Table> compile_table(const Ruleset& ruleset, const Settings& settings) {
    const Plan plan(ruleset, settings);
    nft::Table table;
    table.name = dialect_name(ruleset.dialect);
    for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
        const Chain& chain = ruleset.chains[i];
        for (const Copy& copy : plan.copies(i)) {
            Result<std::vector<nft::Rule>> rules =
                compile_rules(chain.rules, 1, chain.name, copy, plan);
            if (!rules) {
                return rules.error();
            }
            table.chains.push_back({copy.kernel_name, std::nullopt, std::move(*rules)});
        }
    }
    Result<nft::Table> frame = compile_frame(ruleset, plan);
    if (!frame) {
        return frame.error();
    }
    std::move(frame->chains.begin(), frame->chains.end(), std::back_inserter(table.chains));
    table.maps = std::move(frame->maps);
    table.helpers = std::move(frame->helpers);
    return table;
}

}  // namespace fw::compile
