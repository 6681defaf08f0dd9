#include "restoring.h"

#include <string>
#include <utility>

#include "message.h"
#include "program.h"

namespace cli {

namespace {

constexpr std::size_t most_errors = 100;

// Rules of other programs in chains that are not `kept`.
std::size_t foreign_left_out(const fw::Ruleset& ruleset, const fw::Ruleset& kept) {
    std::size_t count = 0;
    for (const fw::Chain& chain : ruleset.chains) {
        count += kept.find(chain.name) == nullptr ? chain.foreign.size() : 0;
    }
    return count;
}

}  // namespace

fw::Restored replace(fw::Ruleset& ruleset, std::string_view text, const fw::RestoreOptions& options,
                     const fw::Names& names) {
    fw::Ruleset fresh;
    fresh.forwards = ruleset.forwards;
    for (std::size_t i = 0; i < fw::builtin_chains.size(); ++i) {
        const fw::Chain& chain = ruleset.chains[i];
        fresh.chains.push_back({chain.name, chain.policy, chain.policy_counters, {}, {}});
    }
    fw::Restored restored = fw::restore(fresh, text, options, names, nullptr);
    if (!restored.errors.empty()) {
        return restored;
    }
    if (const std::size_t gone = foreign_left_out(ruleset, fresh); gone != 0) {
        restored.err +=
            "rules of other programs went with their chains: " + std::to_string(gone) + '\n';
    }
    put_back(ruleset, std::move(fresh));
    return restored;
}

void put_back(fw::Ruleset& now, fw::Ruleset wanted) {
    for (fw::Chain& chain : wanted.chains) {
        const fw::Chain* present = now.find(chain.name);
        chain.foreign = present != nullptr ? present->foreign : std::vector<fw::ForeignRule>();
    }
    now = std::move(wanted);
}

int report(std::string_view program, const std::vector<fw::LineError>& errors) {
    for (std::size_t i = 0; i < errors.size() && i < most_errors; ++i) {
        const std::string where = std::string(program) + ": line " + std::to_string(errors[i].line);
        say(error_line(where, errors[i].error), stderr);
    }
    if (errors.size() > most_errors) {
        caution(program, "and errors in " + std::to_string(errors.size() - most_errors) +
                             " more lines; nothing was changed");
    }
    return errors.empty() ? done : refused;
}

fw::Result<fw::Outcome> outcome_of(const fw::Restored& restored, bool open) {
    if (open || !restored.errors.empty()) {
        return fw::Error{};
    }
    return fw::Outcome{};
}

}  // namespace cli
