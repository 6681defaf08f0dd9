#include "translate/optimize.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "translate/draft.h"
#include "translate/merge.h"
#include "translate/values.h"

namespace fw::translate {

namespace {

// How many groups back a rule looks for one that it can join.
constexpr std::size_t window = 8;
// Uniting the values of one field makes other fields ready for it, but not for ever.
constexpr int rounds = 4;

// The rule joins the nearest group that takes it, if it may pass those in between.
bool join(std::vector<Group>& groups, Draft& draft) {
    const std::size_t last = groups.size();
    for (std::size_t i = last; i > 0 && last - i < window; --i) {
        if (groups[i - 1].take(draft)) {
            return true;
        }
        if (!groups[i - 1].may_pass(draft)) {
            return false;
        }
    }
    return false;
}

// One walk along a chain. Whether anything was merged.
bool merge(std::vector<Draft>& drafts, const Merging& merging) {
    std::vector<Group> groups;
    groups.reserve(drafts.size());
    for (Draft& draft : drafts) {
        if (!join(groups, draft)) {
            groups.emplace_back(std::move(draft), merging);
        }
    }
    std::vector<Draft> merged;
    for (Group& group : groups) {
        group.close(merged);
    }
    const bool fewer = merged.size() < drafts.size();
    drafts = std::move(merged);
    return fewer;
}

void unite(std::vector<Draft>& drafts) {
    for (int i = 0; i < rounds && merge(drafts, {}); ++i) {
    }
}

void merge_all(std::vector<Draft>& drafts, bool counters) {
    if (!counters) {
        unite(drafts);
    } else {
        merge(drafts, {.elements = true, .counters = true});
    }
    // tcp dport vmap { 22 : accept, 80 : drop }
    const bool maps = merge(drafts, {.elements = true, .verdicts = true, .counters = counters});
    if (maps && !counters) {
        unite(drafts);
    }
    // ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.2 . 80, 10.0.0.3 . 22 } accept
    merge(drafts, {.elements = true, .fields = 3, .sources = 3, .counters = counters});
    merge(drafts,
          {.elements = true, .fields = 3, .verdicts = true, .sources = 3, .counters = counters});
}

// Names of maps: input.ports, input.ports.2, ...
class Names {
public:
    explicit Names(const Table& table) {
        for (const nft::Map& map : table.maps) {
            taken_.insert(map.name);
        }
    }
    std::string next(const std::string& chain, const Draft& draft) {
        const std::string stem = chain + "." + std::string(kind(draft));
        std::string name = stem;
        for (int number = 2; !taken_.insert(name).second; ++number) {
            name = stem + "." + std::to_string(number);
        }
        return name;
    }

private:
    static std::string_view kind(const Draft& draft) {
        if (draft.places.size() != 1) {
            return "verdicts";
        }
        const nft::Field field = draft.tests[draft.places.front()].field;
        return has_ports(field)        ? "ports"
               : has_addresses(field)  ? "addresses"
               : has_interfaces(field) ? "interfaces"
                                       : "verdicts";
    }
    std::set<std::string> taken_;
};

bool rewrites_destinations(const Table& table) {
    const auto rewrites = [](const Statement& statement) {
        const auto* expression = std::get_if<nft::Expr>(&statement);
        return expression != nullptr && std::holds_alternative<nft::SetDestination>(*expression);
    };
    return std::any_of(table.chains.begin(), table.chains.end(), [&](const Chain& chain) {
        return std::any_of(chain.rules.begin(), chain.rules.end(), [&](const Rule& rule) {
            return std::any_of(rule.statements.begin(), rule.statements.end(), rewrites);
        });
    });
}

}  // namespace

void optimize(Table& table, bool counters) {
    const bool fixed_destination = !rewrites_destinations(table);
    Names names(table);
    for (Chain& chain : table.chains) {
        std::vector<Draft> drafts;
        drafts.reserve(chain.rules.size());
        for (Rule& rule : chain.rules) {
            drafts.push_back(draft_of(std::move(rule), fixed_destination));
        }
        merge_all(drafts, counters);
        chain.rules.clear();
        for (Draft& draft : drafts) {
            const std::string map = draft.map && counters ? names.next(chain.name, draft) : "";
            chain.rules.push_back(rule_of(std::move(draft), map));
        }
    }
}

}  // namespace fw::translate
