// What the kernel of Linux 2.2 did with each command, on a ruleset in memory.
#include <algorithm>
#include <string>
#include <utility>

#include "fw/command.h"
#include "model/apply.h"
#include "model/apply_forwards.h"
#include "model/hints.h"
#include "model/jumps.h"

namespace fw {

namespace {

Error refused(std::string word, std::string problem, std::string remedy = "") {
    return {Code::refused, std::move(word), -1, std::move(problem), std::move(remedy)};
}

Error no_such_target(const std::string& name) {
    return refused(name, "no target or chain of this name",
                   hint_or(target_hint(name), "make the chain first: `ipchains -N " + name + "`"));
}

Error bad_position(std::uint32_t position, const Chain& chain) {
    const std::size_t count = chain.rules.size();
    return refused(std::to_string(position), "chain " + chain.name + " has no rule of this number",
                   count == 0 ? "it has no rules"
                              : "its rules are numbered 1 to " + std::to_string(count));
}

// Shifts the places of other programs' rules when a rule comes or goes at `index`.
void rule_added(Chain& chain, std::size_t index) {
    for (ForeignRule& foreign : chain.foreign) {
        foreign.before += foreign.before > index ? 1 : 0;
    }
}
void rule_removed(Chain& chain, std::size_t index) {
    for (ForeignRule& foreign : chain.foreign) {
        foreign.before -= foreign.before > index ? 1 : 0;
    }
}

void insert_rule(Chain& chain, std::size_t index, Rule rule) {
    rule_added(chain, index);
    chain.rules.insert(chain.rules.begin() + static_cast<std::ptrdiff_t>(index), std::move(rule));
}
void remove_rule(Chain& chain, std::size_t index) {
    rule_removed(chain, index);
    chain.rules.erase(chain.rules.begin() + static_cast<std::ptrdiff_t>(index));
}

// The rule as the kernel keeps it: Linux 2.0 left the lowest bit of the TOS field alone, whatever
// the masks said.
Rule kept(Rule rule, Dialect dialect) {
    if (dialect == Dialect::ipfwadm) {
        rule.tos.and_mask |= 1U;
        rule.tos.xor_mask &= 0xfeU;
    }
    return rule;
}

// Whether a typed rule is this one, and deletes it. Linux 2.0 did not ask where a redirection
// leads.
bool deletes(const Rule& typed, const Rule& rule, Dialect dialect) {
    const bool redirects = dialect == Dialect::ipfwadm &&
                           std::holds_alternative<Redirect>(typed.target) &&
                           std::holds_alternative<Redirect>(rule.target);
    if (!redirects) {
        return same_for_deletion(rule, typed);
    }
    Rule like = typed;
    like.target = rule.target;
    return same_for_deletion(rule, like);
}

bool jumps(const Rule& rule) { return std::holds_alternative<Jump>(rule.target); }

Status check_target(ChainIndex& chains, const Rule& rule) {
    const auto* jump = std::get_if<Jump>(&rule.target);
    if (jump == nullptr) {
        return Done{};
    }
    const Chain* chain = chains.find(jump->chain);
    if (chain == nullptr) {
        return no_such_target(jump->chain);
    }
    if (chain->built_in()) {
        return refused(jump->chain, "a built-in chain can't be jumped to",
                       "move its rules to a chain of your own and jump there");
    }
    return Done{};
}

// Applies one kind of change after the other to a ruleset that may be left half changed: `apply`
// below works on a copy of what matters.
struct Applier {
    ChainIndex& chains;
    Ruleset& ruleset;
    Outcome outcome;
    bool new_jumps = false;  // may have made a loop

    Result<Chain*> chain_for(const std::string& name) {
        Chain* chain = chains.find(name);
        if (chain == nullptr) {
            return no_such_chain(name);
        }
        return chain;
    }

    Status operator()(const Append& append) {
        Result<Chain*> chain = chain_for(append.chain);
        if (!chain) {
            return chain.error();
        }
        return add(**chain, append.rules, (*chain)->rules.size(), 1);
    }

    Status operator()(const Insert& insert) {
        Result<Chain*> chain = chain_for(insert.chain);
        if (!chain) {
            return chain.error();
        }
        if (insert.position == 0 || insert.position > (*chain)->rules.size() + 1) {
            return bad_position(insert.position, **chain);
        }
        return add(**chain, insert.rules, insert.position - 1, 0);
    }

    // Puts rules in at `index`, which moves on by `step` after each.
    Status add(Chain& chain, const std::vector<Rule>& rules, std::size_t index, std::size_t step) {
        for (const Rule& rule : rules) {
            if (Status status = check_target(chains, rule); !status) {
                return status;
            }
            new_jumps = new_jumps || jumps(rule);
            insert_rule(chain, index, kept(rule, ruleset.dialect));
            index += step;
        }
        return Done{};
    }

    Status operator()(const Replace& replace) {
        Result<Chain*> chain = chain_for(replace.chain);
        if (!chain) {
            return chain.error();
        }
        if (replace.position == 0 || replace.position > (*chain)->rules.size()) {
            return bad_position(replace.position, **chain);
        }
        if (Status status = check_target(chains, replace.rule); !status) {
            return status;
        }
        Rule& rule = (*chain)->rules[replace.position - 1];
        const Counters counters = rule.counters;
        rule = replace.rule;
        rule.counters = counters;
        new_jumps = jumps(rule);
        return Done{};
    }

    Status operator()(const DeleteAt& del) {
        Result<Chain*> chain = chain_for(del.chain);
        if (!chain) {
            return chain.error();
        }
        if (del.position == 0 || del.position > (*chain)->rules.size()) {
            return bad_position(del.position, **chain);
        }
        remove_rule(**chain, del.position - 1);
        return Done{};
    }

    Status operator()(const DeleteMatching& del) {
        Result<Chain*> chain = chain_for(del.chain);
        if (!chain) {
            return chain.error();
        }
        std::vector<Rule>& rules = (*chain)->rules;
        for (const Rule& wanted : del.rules) {
            const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) {
                return deletes(wanted, rule, ruleset.dialect);
            });
            if (found != rules.end()) {
                remove_rule(**chain, static_cast<std::size_t>(found - rules.begin()));
            } else if (!outcome.complaint) {
                outcome.complaint = refused(del.chain, "no rule of this chain looks like that",
                                            listing_hint(ruleset.dialect, del.chain));
            }
        }
        return Done{};
    }

    Status operator()(const Flush& flush) {
        return each(flush.chain, [&](Chain& chain) {
            chain.rules.clear();
            outcome.foreign_removed += std::erase_if(chain.foreign, [](const ForeignRule& rule) {
                return !rule.in_frame;
            });
        });
    }

    Status operator()(const Zero& zero) {
        return each(zero.chain, [](Chain& chain) {
            for (Rule& rule : chain.rules) {
                rule.counters = {};
            }
        });
    }

    template <typename Action>
    Status each(const std::optional<std::string>& name, Action action) {
        if (name) {
            Result<Chain*> chain = chain_for(*name);
            if (!chain) {
                return chain.error();
            }
            action(**chain);
            return Done{};
        }
        std::for_each(ruleset.chains.begin(), ruleset.chains.end(), action);
        return Done{};
    }

    Status operator()(const NewChain& create) {
        if (chains.find(create.chain) != nullptr) {
            return refused(create.chain, "a chain of this name exists",
                           "choose another name, or empty it with `ipchains -F " + create.chain +
                               "`");
        }
        ruleset.chains.push_back({create.chain, std::nullopt, {}, {}, {}});
        chains.added();
        return Done{};
    }

    Status operator()(const DeleteChain& del) {
        if (del.chain) {
            return delete_chain(*del.chain);
        }
        // As in 1999: every chain that can go goes, and what can't is complained of.
        std::vector<std::string> names;
        for (const Chain& chain : ruleset.chains) {
            if (!chain.built_in()) {
                names.push_back(chain.name);
            }
        }
        for (const std::string& name : names) {
            Status status = delete_chain(name);
            if (!status && !outcome.complaint) {
                outcome.complaint = status.error();
            }
        }
        return Done{};
    }

    Status delete_chain(const std::string& name) {
        Result<Chain*> chain = chain_for(name);
        if (!chain) {
            return chain.error();
        }
        if ((*chain)->built_in()) {
            return refused(name, "a built-in chain can't be deleted",
                           "empty it with `ipchains -F " + name + "`");
        }
        if (!(*chain)->rules.empty()) {
            return refused(name, "the chain has rules",
                           "empty it first: `ipchains -F " + name + "`");
        }
        if (ruleset.references(name) != 0) {
            return refused(name, "rules of other chains jump to this chain",
                           "delete them first; `ipchains -L -n` shows them");
        }
        outcome.foreign_removed += (*chain)->foreign.size();
        ruleset.chains.erase(ruleset.chains.begin() + (*chain - ruleset.chains.data()));
        chains.rebuild();
        return Done{};
    }

    Status operator()(const SetPolicy& set) {
        Result<Chain*> chain = chain_for(set.chain);
        if (!chain) {
            return chain.error();
        }
        (*chain)->policy = set.policy;
        return Done{};
    }

    Status operator()(const AddForward& add) { return apply_forwards(ruleset, add); }
    Status operator()(const DeleteForwards& del) { return apply_forwards(ruleset, del); }
    Status operator()(const ReplaceForwards& all) { return apply_forwards(ruleset, all); }
    Status operator()(const FlushForwards& flush) { return apply_forwards(ruleset, flush); }
    Status operator()(const RotateForwards& rotate) { return apply_forwards(ruleset, rotate); }
};

}  // namespace

Error no_such_chain(const std::string& name) {
    return refused(name, "no chain of this name",
                   hint_or(chain_hint(name), "`ipchains -L -n` lists them all"));
}

Result<Outcome> apply(Ruleset& ruleset, const Change& change) {
    Ruleset changed = ruleset;
    Result<Outcome> outcome = apply_to_copy(changed, change);
    if (outcome) {
        ruleset = std::move(changed);
    }
    return outcome;
}

Result<Outcome> apply_to_copy(Ruleset& copy, const Change& change) {
    ChainIndex chains(copy);
    Applier applier{chains, copy, {}};
    Status status = std::visit(applier, change);
    if (status && applier.new_jumps) {
        status = check_jumps(copy);
    }
    return status ? Result<Outcome>(std::move(applier.outcome)) : status.error();
}

Result<Outcome> apply_unchecked(ChainIndex& chains, const Change& change) {
    Applier applier{chains, chains.ruleset(), {}};
    const Status status = std::visit(applier, change);
    return status ? Result<Outcome>(std::move(applier.outcome)) : status.error();
}

}  // namespace fw
