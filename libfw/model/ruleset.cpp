#include "fw/ruleset.h"

#include <algorithm>
#include <set>
#include <utility>

namespace fw {

std::string_view dialect_name(Dialect dialect) {
    return dialect == Dialect::ipfwadm ? "ipfwadm" : "ipchains";
}

std::string_view policy_name(Policy policy) {
    switch (policy) {
        case Policy::accept: return "ACCEPT";
        case Policy::deny: return "DENY";
        case Policy::reject: return "REJECT";
        case Policy::masquerade: return "MASQ";
    }
    return "ACCEPT";
}

std::optional<Policy> policy_named(std::string_view name) {
    for (const Policy policy : {Policy::accept, Policy::deny, Policy::reject, Policy::masquerade}) {
        if (policy_name(policy) == name) {
            return policy;
        }
    }
    return std::nullopt;
}

Ruleset Ruleset::empty(Dialect dialect) {
    Ruleset ruleset;
    ruleset.dialect = dialect;
    for (const std::string_view name : builtin_chains) {
        ruleset.chains.push_back({std::string(name), Policy::accept, {}, {}, {}});
    }
    if (dialect == Dialect::ipfwadm) {
        ruleset.chains.push_back({std::string(accounting_chain), Policy::accept, {}, {}, {}});
    }
    return ruleset;
}

const Chain* Ruleset::find(std::string_view name) const {
    const auto found = std::find_if(chains.begin(), chains.end(),
                                    [&](const Chain& chain) { return chain.name == name; });
    return found == chains.end() ? nullptr : &*found;
}

Chain* Ruleset::find(std::string_view name) {
    return const_cast<Chain*>(std::as_const(*this).find(name));
}

std::size_t Ruleset::references(std::string_view name) const {
    std::size_t count = 0;
    for (const Chain& chain : chains) {
        for (const Rule& rule : chain.rules) {
            const auto* jump = std::get_if<Jump>(&rule.target);
            if (jump != nullptr && jump->chain == name) {
                ++count;
            }
        }
    }
    return count;
}

bool Ruleset::reaches(std::string_view from, std::string_view to) const {
    std::set<std::string_view> seen;
    std::vector<std::string_view> open = {from};
    while (!open.empty()) {
        const std::string_view name = open.back();
        open.pop_back();
        if (name == to) {
            return true;
        }
        const Chain* chain = find(name);
        if (chain == nullptr || !seen.insert(name).second) {
            continue;
        }
        for (const Rule& rule : chain->rules) {
            if (const auto* jump = std::get_if<Jump>(&rule.target)) {
                open.push_back(jump->chain);
            }
        }
    }
    return false;
}

}  // namespace fw
