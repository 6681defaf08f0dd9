#include "translate/fold.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

namespace fw::translate {

namespace {

using nft::Decide;
using nft::Expr;
using nft::Verdict;

constexpr std::size_t small = 2;  // rules of a chain that can do without a name

const Expr* expression(const Statement& statement) { return std::get_if<Expr>(&statement); }

// Where a rule leads, if it jumps or goes to a chain.
Decide* way_of(Rule& rule) {
    auto* last = rule.statements.empty() ? nullptr : std::get_if<Expr>(&rule.statements.back());
    auto* decide = last == nullptr ? nullptr : std::get_if<Decide>(last);
    const bool leads = decide != nullptr &&
                       (decide->verdict == Verdict::jump || decide->verdict == Verdict::go_to);
    return leads ? decide : nullptr;
}

bool is_test(const Statement& statement) {
    const Expr* one = expression(statement);
    return one == nullptr || std::holds_alternative<nft::Compare>(*one) ||
           std::holds_alternative<nft::Between>(*one) ||
           std::holds_alternative<nft::InRanges>(*one) ||
           std::holds_alternative<nft::Interface>(*one) ||
           std::holds_alternative<nft::IsFragment>(*one);
}

template <typename One>
bool is(const Statement& statement) {
    const Expr* one = expression(statement);
    return one != nullptr && std::holds_alternative<One>(*one);
}

bool ends_with(const Rule& rule, Verdict verdict) {
    const Expr* last = rule.statements.empty() ? nullptr : expression(rule.statements.back());
    const auto* decide = last == nullptr ? nullptr : std::get_if<Decide>(last);
    return decide != nullptr && decide->verdict == verdict;
}

// No packet comes behind it.
bool ends_all(const Rule& rule) {
    const bool terminal =
        ends_with(rule, Verdict::accept) || ends_with(rule, Verdict::drop) ||
        ends_with(rule, Verdict::go_to) ||
        (!rule.statements.empty() && is<nft::RejectPacket>(rule.statements.back()));
    return terminal &&
           std::all_of(rule.statements.begin(), rule.statements.end() - 1,
                       [](const Statement& statement) {
                           return is<nft::Counter>(statement) || is<nft::Log>(statement) ||
                                  is<nft::LogGroup>(statement) || is<nft::SetField>(statement) ||
                                  is<nft::SetMark>(statement);
                       });
}

// <tests> counter jump X: and nothing else.
bool only_leads(const Rule& rule) {
    return std::all_of(rule.statements.begin(), rule.statements.end() - 1,
                       [](const Statement& statement) {
                           return is_test(statement) || is<nft::Counter>(statement);
                       });
}

bool same_rules(const Chain& a, const Chain& b) {
    return std::equal(a.rules.begin(), a.rules.end(), b.rules.begin(), b.rules.end(),
                      [](const Rule& one, const Rule& other) {
                          return one.line == other.line && one.statements == other.statements;
                      });
}

class Folder {
public:
    Folder(Table& table, const std::vector<ChainCopy>& copies) : table_(table), copies_(copies) {
        for (const ChainCopy& copy : copies) {
            if (copy.for_fragments) {
                fragments_.insert(copy.name);
            }
        }
    }

    void fold() {
        for (Chain& chain : table_.chains) {
            if (fragments_.count(chain.name) != 0) {
                cut_end(chain);
            }
        }
        index();
        while (join_same()) {
        }
        while (inline_small()) {
        }
        remove_unused();
    }

private:
    void index() {
        places_.clear();
        for (std::size_t i = 0; i < table_.chains.size(); ++i) {
            places_.emplace(table_.chains[i].name, i);
        }
    }
    Chain* find(const std::string& name) {
        const auto found = places_.find(name);
        return found == places_.end() ? nullptr : &table_.chains[found->second];
    }

    static void cut_end(Chain& chain) {
        const auto last = std::find_if(chain.rules.begin(), chain.rules.end(), ends_all);
        if (last != chain.rules.end()) {
            chain.rules.erase(last + 1, chain.rules.end());
        }
    }

    // Leads to the original instead of a copy that is the same, whatever called for it.
    bool join_same() {
        std::unordered_map<std::string, std::string> renamed;
        for (const ChainCopy& copy : copies_) {
            const Chain* one = find(copy.name);
            const Chain* original = find(copy.original);
            const bool can = one != nullptr && original != nullptr && !one->base &&
                             !original->base && gone_.count(copy.name) == 0;
            if (can && same_rules(*one, *original)) {
                renamed.emplace(copy.name, copy.original);
                gone_.insert(copy.name);
            }
        }
        if (renamed.empty()) {
            return false;
        }
        for (Chain& chain : table_.chains) {
            for (Rule& rule : chain.rules) {
                Decide* way = way_of(rule);
                const auto found = way == nullptr ? renamed.end() : renamed.find(way->chain);
                if (found != renamed.end()) {
                    way->chain = found->second;
                }
            }
        }
        return true;
    }

    // The chain that the rule could hold the rules of, in place of the way there.
    const Chain* small_chain(const Rule& rule, const Decide& way) {
        const Chain* chain = fragments_.count(way.chain) == 0 ? nullptr : find(way.chain);
        if (chain == nullptr || chain->rules.size() > small || !only_leads(rule)) {
            return nullptr;
        }
        const bool returns =
            std::any_of(chain->rules.begin(), chain->rules.end(),
                        [](const Rule& inner) { return ends_with(inner, Verdict::ret); });
        if (returns) {
            return nullptr;
        }
        // A goto does not come back to the rules behind it.
        const bool fits = way.verdict == Verdict::jump ||
                          (chain->rules.size() == 1 && ends_all(chain->rules.front()));
        return fits ? chain : nullptr;
    }

    bool inline_small() {
        bool some = false;
        for (Chain& chain : table_.chains) {
            if (!chain.base && fragments_.count(chain.name) == 0) {
                continue;
            }
            std::vector<Rule> rules;
            for (Rule& rule : chain.rules) {
                const Decide* way = way_of(rule);
                const Chain* inner = way == nullptr ? nullptr : small_chain(rule, *way);
                if (inner == nullptr || inner == &chain) {
                    rules.push_back(std::move(rule));
                    continue;
                }
                some = true;
                for (const Rule& one : inner->rules) {
                    rules.push_back(with_tests_of(rule, one));
                }
            }
            chain.rules = std::move(rules);
            if (fragments_.count(chain.name) != 0) {
                cut_end(chain);
            }
        }
        return some;
    }

    static Rule with_tests_of(const Rule& outer, Rule inner) {
        std::vector<Statement> statements;
        std::copy_if(outer.statements.begin(), outer.statements.end(),
                     std::back_inserter(statements), is_test);
        statements.insert(statements.end(), inner.statements.begin(), inner.statements.end());
        inner.statements = std::move(statements);
        return inner;
    }

    // Copies that nothing leads to any more.
    void remove_unused() {
        std::unordered_set<std::string> copies;
        for (const ChainCopy& copy : copies_) {
            copies.insert(copy.name);
        }
        for (bool some = true; some;) {
            std::unordered_set<std::string> used;
            for (Chain& chain : table_.chains) {
                for (Rule& rule : chain.rules) {
                    if (const Decide* way = way_of(rule)) {
                        used.insert(way->chain);
                    }
                }
            }
            some = std::erase_if(table_.chains, [&](const Chain& chain) {
                       return copies.count(chain.name) != 0 && used.count(chain.name) == 0;
                   }) != 0;
        }
    }

    Table& table_;
    const std::vector<ChainCopy>& copies_;
    std::unordered_set<std::string> fragments_;
    std::unordered_set<std::string> gone_;
    std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

void fold(Table& table, const std::vector<ChainCopy>& copies) { Folder(table, copies).fold(); }

}  // namespace fw::translate
