#include "compile/read_back.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compile/forwards.h"
#include "compile/table.h"
#include "model/codec.h"
#include "model/forward_codec.h"

namespace fw::compile {

namespace {

using nft::KernelChain;
using nft::KernelRule;
using nft::KernelTable;
using nft::Kind;

constexpr std::string_view always_there[] = {"input",        "forward",      "output",
                                             "input.hook",   "forward.hook", "output.hook",
                                             "output.routed"};

bool is_always_there(std::string_view name) {
    return std::find(std::begin(always_there), std::end(always_there), name) !=
           std::end(always_there);
}

// The remedy names the table, see read_back below.
Error damaged(std::string_view what, std::string problem) {
    return {Code::damaged, std::string(what), -1, std::move(problem), ""};
}

Error in_table(Error error, Dialect dialect) {
    if (error.code == Code::damaged && error.remedy.empty()) {
        const std::string table = "table ip " + std::string(dialect_name(dialect));
        error.remedy = "another program changed " + table + ": look at `nft list " + table +
                       "`, then `nft delete " + table + "` and load your rules again";
    }
    return error;
}

Status read_rule(const KernelRule& rule, Chain& chain) {
    if (rule.kind == Kind::more && !chain.rules.empty()) {
        chain.rules.back().counters += rule.counters;
        return Done{};
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(rule.identity.data());
    Result<Rule> decoded = decode_rule({bytes, rule.identity.size()});
    if (rule.kind != Kind::first || !decoded) {
        return damaged(chain.name, "this chain has a rule that can't be understood, handle " +
                                       std::to_string(rule.handle));
    }
    decoded->counters = rule.counters;
    chain.rules.push_back(std::move(*decoded));
    return Done{};
}

// Rules of several parts must have them all.
Status check_parts(const KernelChain& kernel) {
    unsigned missing = 0;
    for (const KernelRule& rule : kernel.rules) {
        if (rule.kind == Kind::first && missing == 0) {
            missing = rule.parts - 1U;
        } else if (rule.kind == Kind::more && missing > 0) {
            --missing;
        } else if (rule.kind) {
            return damaged(kernel.name, "parts of a rule are gone, before handle " +
                                            std::to_string(rule.handle));
        }
    }
    if (missing > 0) {
        return damaged(kernel.name, "parts of its last rule are gone");
    }
    return Done{};
}

Status read_primary(const KernelChain& kernel, Chain& chain) {
    if (Status status = check_parts(kernel); !status) {
        return status;
    }
    chain.rules.reserve(kernel.rules.size());
    for (const KernelRule& rule : kernel.rules) {
        if (!rule.kind) {
            chain.foreign.push_back({rule.handle, chain.rules.size(), {}, false});
        } else if (Status status = read_rule(rule, chain); !status) {
            return status;
        }
    }
    return Done{};
}

// A copy adds its counters, rule by rule.
void add_copy(const KernelChain& kernel, Chain& chain) {
    std::size_t next = 0;
    for (const KernelRule& rule : kernel.rules) {
        next += rule.kind == Kind::first ? 1 : 0;
        if (!rule.kind) {
            chain.foreign.push_back({rule.handle, next, kernel.name, false});
        } else if (next > 0 && next <= chain.rules.size()) {
            chain.rules[next - 1].counters += rule.counters;
        }
    }
    std::stable_sort(chain.foreign.begin(), chain.foreign.end(),
                     [](const auto& a, const auto& b) { return a.before < b.before; });
}

// Other programs' rules in the chains that hold the table together come before all of ours.
void add_frame(const KernelChain& kernel, Ruleset& ruleset) {
    const std::string_view owner =
        policy_chain(kernel.name)
            .value_or(kernel.name == "nat.masquerade" ? "forward" : std::string_view("input"));
    std::vector<ForeignRule> foreign;
    for (const KernelRule& rule : kernel.rules) {
        if (!rule.kind) {
            foreign.push_back({rule.handle, 0, kernel.name, true});
        }
    }
    Chain* chain = ruleset.find(owner);
    if (chain == nullptr) {
        return;  // looks like one of the other dialect's
    }
    std::vector<ForeignRule>& all = chain->foreign;
    all.insert(all.begin(), foreign.begin(), foreign.end());
}

Status read_policy(const KernelChain& kernel, Chain& chain) {
    bool found = false;
    for (const KernelRule& rule : kernel.rules) {
        const auto policy = rule.kind == Kind::policy ? policy_named(rule.identity) : std::nullopt;
        if (policy) {
            found = true;
            chain.policy = *policy;
            chain.policy_counters += rule.counters;
        }
    }
    if (!found) {
        return damaged(kernel.name, "the rule with the policy is gone from this chain");
    }
    return Done{};
}

// The entries of the forwarding tools, of the parts of an entry the counters.
Status read_forwards(const KernelChain& kernel, std::vector<ForwardEntry>& forwards) {
    for (const KernelRule& rule : kernel.rules) {
        if (rule.kind == Kind::more && !forwards.empty()) {
            forwards.back().counters += rule.counters;
        }
        if (rule.kind != Kind::entry) {
            continue;
        }
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(rule.identity.data());
        Result<Forward> forward = decode_forward({bytes, rule.identity.size()});
        if (!forward) {
            return damaged(kernel.name,
                           "this chain has an entry that can't be understood, handle " +
                               std::to_string(rule.handle));
        }
        forwards.push_back({std::move(*forward), rule.counters});
    }
    return Done{};
}

Status check_complete(const KernelTable& table, Dialect dialect) {
    for (const std::string_view name : always_there) {
        if (table.find(name) == nullptr) {
            return damaged(name, "this chain is gone");
        }
    }
    if (dialect == Dialect::ipfwadm && table.find(accounting_chain) == nullptr) {
        return damaged(accounting_chain, "this chain is gone");
    }
    return Done{};
}

Status check_jumps(const Ruleset& ruleset) {
    for (const Chain& chain : ruleset.chains) {
        for (const Rule& rule : chain.rules) {
            const auto* jump = std::get_if<Jump>(&rule.target);
            if (jump != nullptr && ruleset.find(jump->chain) == nullptr) {
                return damaged(jump->chain, "this chain is jumped to, but gone");
            }
        }
    }
    return Done{};
}

std::vector<Kind> kinds_of(const KernelChain& chain) {
    std::vector<Kind> kinds;
    for (const KernelRule& rule : chain.rules) {
        if (rule.kind) {
            kinds.push_back(*rule.kind);
        }
    }
    return kinds;
}

std::size_t rules_in(const KernelChain& chain) {
    const std::vector<Kind> kinds = kinds_of(chain);
    return static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), Kind::first));
}

// Rules alone do nothing: what leads packets to them, and the copies, must be there, too.
Status check_frame(const KernelTable& table, const Ruleset& ruleset) {
    const Plan plan(ruleset);
    const Result<nft::Table> frame = compile_frame(ruleset, plan);
    if (!frame) {
        return frame.error();
    }
    for (const nft::Chain& wanted : frame->chains) {
        const KernelChain* kernel = table.find(wanted.name);
        if (kernel == nullptr) {
            return damaged(wanted.name, "this chain is gone");
        }
        const std::vector<Kind> kinds = kinds_of(*kernel);
        if (!std::equal(kinds.begin(), kinds.end(), wanted.rules.begin(), wanted.rules.end(),
                        [](Kind kind, const nft::Rule& rule) { return kind == rule.kind; })) {
            return damaged(wanted.name, "rules that hold the firewall together are gone from here");
        }
    }
    for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
        for (const Copy& copy : plan.copies(i)) {
            const KernelChain* kernel = table.find(copy.kernel_name);
            if (kernel == nullptr || rules_in(*kernel) != ruleset.chains[i].rules.size()) {
                return damaged(copy.kernel_name, "this copy of chain " + ruleset.chains[i].name +
                                                     " is gone or not complete");
            }
        }
    }
    return Done{};
}

// The rules; first those of the chains themselves, then what their copies counted.
Status read_chains(const KernelTable& table, Ruleset& ruleset) {
    for (const bool primaries : {true, false}) {
        for (const KernelChain& kernel : table.chains) {
            const std::optional<Origin> origin = origin_of(kernel.name);
            if (kernel.base || !origin || origin->primary != primaries) {
                continue;
            }
            Chain* chain = ruleset.find(origin->model);
            if (primaries) {
                if (chain == nullptr && ruleset.dialect == Dialect::ipfwadm) {
                    continue;  // another program's: there are no chains of users
                }
                if (chain == nullptr) {
                    ruleset.chains.push_back({origin->model, std::nullopt, {}, {}, {}});
                    chain = &ruleset.chains.back();
                }
                if (Status status = read_primary(kernel, *chain); !status) {
                    return status;
                }
            } else if (chain != nullptr) {
                add_copy(kernel, *chain);
            }
        }
    }
    return Done{};
}

// Policies, forwards, and what others put into the frame.
Status read_frame(const KernelTable& table, Ruleset& ruleset) {
    for (const KernelChain& kernel : table.chains) {
        if (is_frame_chain(kernel.name)) {
            add_frame(kernel, ruleset);
        }
        if (is_forward_chain(kernel.name)) {
            if (Status status = read_forwards(kernel, ruleset.forwards); !status) {
                return status;
            }
        }
        const bool left_to_others =  // a base chain that we needed once
            std::none_of(kernel.rules.begin(), kernel.rules.end(),
                         [](const KernelRule& rule) { return rule.kind.has_value(); }) &&
            !is_always_there(kernel.name);
        const auto owner = policy_chain(kernel.name);
        if (owner && !left_to_others && ruleset.find(*owner) != nullptr) {
            if (Status status = read_policy(kernel, *ruleset.find(*owner)); !status) {
                return status;
            }
        }
    }
    std::stable_sort(ruleset.forwards.begin(), ruleset.forwards.end(),
                     [](const auto& a, const auto& b) {
                         return rank_of(a.what) < rank_of(b.what);
                     });
    return Done{};
}

Result<Ruleset> read(const KernelTable& table, Dialect dialect) {
    Ruleset ruleset = Ruleset::empty(dialect);
    if (table.chains.empty()) {
        return ruleset;
    }
    if (Status status = check_complete(table, dialect); !status) {
        return status.error();
    }
    if (Status status = read_chains(table, ruleset); !status) {
        return status.error();
    }
    if (Status status = read_frame(table, ruleset); !status) {
        return status.error();
    }
    if (Status status = check_jumps(ruleset); !status) {
        return status.error();
    }
    if (Status status = check_frame(table, ruleset); !status) {
        return status.error();
    }
    return ruleset;
}

}  // namespace

bool has_firewall(const KernelTable& table) {
    return std::any_of(table.chains.begin(), table.chains.end(),
                       [](const KernelChain& chain) { return is_always_there(chain.name); });
}

Result<Ruleset> read_back(const KernelTable& table, Dialect dialect) {
    Result<Ruleset> ruleset = read(table, dialect);
    return ruleset ? std::move(ruleset) : in_table(ruleset.error(), dialect);
}

}  // namespace fw::compile
