#include "compile/quick.h"

#include <algorithm>
#include <utility>

#include "compile/effects.h"
#include "compile/rule.h"
#include "compile/table.h"
#include "nft/name.h"

namespace fw::compile {

namespace {

std::optional<Situation> situation_of(std::string_view chain, Dialect dialect) {
    const bool ipfwadm = dialect == Dialect::ipfwadm;
    const Packets packets = ipfwadm ? Packets::whole : Packets::all;
    if (chain == "input") {
        return Situation{.input = true, .packets = packets};
    }
    if (chain == "forward") {
        return Situation{.forward = true, .packets = packets};
    }
    if (chain == "output") {
        return Situation{.output = true, .packets = packets};
    }
    if (chain == accounting_chain && ipfwadm) {
        return Situation{.input = true, .rewritten = true, .packets = Packets::counted};
    }
    return std::nullopt;
}

// Whether the rule reads the same in whatever table it stands. Jumps, MASQ and REDIRECT shape the
// table around them; in a chain of the user's, an interface depends on who jumps there; the log
// wants the rule's number, and to know where it goes.
bool stands_alone(const Rule& rule, bool builtin, Dialect dialect) {
    const bool keeps_tos = (rule.tos.and_mask & 1) != 0 && (rule.tos.xor_mask & 1) == 0;
    if (dialect == Dialect::ipfwadm && !keeps_tos) {
        return false;  // `apply` makes another rule of it
    }
    return !std::holds_alternative<Masquerade>(rule.target) &&
           !std::holds_alternative<Redirect>(rule.target) &&
           !std::holds_alternative<Jump>(rule.target) && (builtin || rule.interface.any()) &&
           !rule.log && effect_chains(rule, dialect).empty();
}

std::optional<QuickChange> add_rules(const std::string& chain, const std::vector<Rule>& rules,
                                     nft::Place place, Dialect dialect) {
    const std::optional<Situation> known = situation_of(chain, dialect);
    Place where{chain, known.value_or(Situation{}), {}};
    where.dialect = dialect;
    QuickChange quick;
    // Neither is ever copied, but for expected connections (see leads_in).
    if (chain != "input" && chain != "forward") {
        quick.look_at = possible_copies(chain);
        quick.look_at.push_back(nft::kernel_chain_name(chain));
    }
    quick.entrance = policy_chains(known ? chain : "input").front();
    quick.renumbers = place == nft::Place::start;
    const std::string name = nft::kernel_chain_name(chain);
    for (const Rule& rule : rules) {
        if (!stands_alone(rule, known.has_value(), dialect)) {
            return std::nullopt;
        }
        Result<std::vector<nft::Rule>> parts =
            compile_rule(rule, 1, where, [](std::uint16_t) { return 0U; });
        if (!parts) {
            return std::nullopt;
        }
        if (place == nft::Place::start) {
            std::reverse(parts->begin(), parts->end());
        }
        for (nft::Rule& part : *parts) {
            quick.transaction.push_back(nft::AddRule{name, std::move(part), place, 0});
        }
    }
    return quick;
}

}  // namespace

std::optional<QuickChange> quick_change(const Change& change, Dialect dialect) {
    if (const auto* append = std::get_if<Append>(&change)) {
        return add_rules(append->chain, append->rules, nft::Place::end, dialect);
    }
    const auto* insert = std::get_if<Insert>(&change);
    if (insert != nullptr && insert->position == 1) {
        return add_rules(insert->chain, insert->rules, nft::Place::start, dialect);
    }
    if (const auto* create = std::get_if<NewChain>(&change)) {
        return QuickChange{
            {nft::AddChain{nft::kernel_chain_name(create->chain), std::nullopt, true}}, {}, {}};
    }
    return std::nullopt;
}

bool can_be_quick(const QuickChange& quick, const nft::KernelTable& seen) {
    return quick.look_at.empty() || (seen.chains.size() == 1 && !seen.chains.front().base &&
                                     seen.chains.front().name == quick.look_at.back());
}

bool leads_in(const QuickChange& quick, const std::vector<nft::KernelRule>& entrance) {
    const auto has = [&](nft::Kind kind, std::string_view identity) {
        return std::any_of(entrance.begin(), entrance.end(), [&](const nft::KernelRule& rule) {
            return rule.kind == kind && (identity.empty() || rule.identity == identity);
        });
    };
    const std::string numbered = std::string(entrance_mark) + std::string(numbered_mark);
    const bool enters = has(nft::Kind::frame, entrance_mark) ||
                        (!quick.renumbers && has(nft::Kind::frame, numbered));
    return enters && has(nft::Kind::policy, "");
}

std::vector<std::string> policy_chains(std::string_view builtin) {
    if (builtin == "output") {
        return {"output.hook", "output.routed"};
    }
    if (builtin == accounting_chain) {
        return {"accounting.in", "accounting.out"};
    }
    return {std::string(builtin) + ".hook"};
}

std::optional<nft::ReplaceRule> replace_policy(const nft::KernelTable& table,
                                               const std::string& chain, Policy policy,
                                               Dialect dialect) {
    const nft::KernelChain* kernel = table.find(chain);
    if (kernel == nullptr || table.find("output.masqueraded") != nullptr) {
        return std::nullopt;
    }
    for (const nft::KernelRule& rule : kernel->rules) {
        if (rule.kind == nft::Kind::policy) {
            const auto counters =
                dialect == Dialect::ipchains ? std::optional(rule.counters) : std::nullopt;
            return nft::ReplaceRule{chain, rule.handle, compile_policy(policy, counters, false)};
        }
    }
    return std::nullopt;
}

}  // namespace fw::compile
