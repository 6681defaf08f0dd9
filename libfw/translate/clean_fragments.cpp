#include <algorithm>
#include <utility>
#include <vector>

#include "compile/frame.h"
#include "translate/clean_chains.h"
#include "translate/parts.h"

namespace fw::translate {

using compile::Packets;
using compile::Situation;
using nft::Compare;
using nft::Decide;
using nft::Expr;
using nft::Field;
using nft::Verdict;

// What Linux 2.2 took for a fragment goes its own way, if that is another one.
void Clean::lead_fragments(Chain& from, std::size_t chain, const Situation& situation) const {
    if (of_linux_2_0()) {
        return;  // those of Linux 2.0 are settled
    }
    if (has_copy(chain, Packets::fragments)) {
        lead(from, {nft::IsFragment{false}}, copy_name(chain, situation, Packets::fragments));
    } else if (!has_copy(chain, Packets::all)) {
        const Verdict policy = from.drops ? Verdict::drop : Verdict::accept;
        from.rules.push_back(
            plain_rule({nft::IsFragment{false}, Decide{from.base ? policy : Verdict::ret, {}}}));
    }
}

// Those that it dropped before it looked at any rule; connection tracking puts them together.
void Clean::drop_suspects(Chain& chain, bool sorted) const {
    for (nft::Rule& rule : compile::suspect_fragments()) {
        if (sorted) {
            std::erase(rule.expressions, Expr(nft::IsFragment{false}));
        }
        chain.rules.push_back(from_frame(std::move(rule)));
    }
}
// Forward does where input has no chain.
bool Clean::sees_suspects(std::size_t chain) const {
    return !tracks_ &&
           (chain == input || chain == output || (chain == forward && lets_all_pass(input)));
}
// In the base chain, unless they are among those that go their own way.
void Clean::drop_unsorted_suspects(Chain& base, std::size_t chain) const {
    if (of_linux_2_0()) {
        settle_unasked(base, chain != forward || lets_all_pass(input));
        return;
    }
    const bool dropped_anyway = base.drops && !has_copy(chain, Packets::all);
    if (sees_suspects(chain) && !has_copy(chain, Packets::fragments) && !dropped_anyway) {
        drop_suspects(base, false);
    }
}

// What Linux 2.0 decided about without asking a rule, where packets come first; what it stopped
// does not come further.
void Clean::settle_unasked(Chain& base, bool first) const {
    for (nft::Rule& rule : first ? compile::suspect_fragments(Dialect::ipfwadm)
                                 : std::vector{compile::later_fragments()}) {
        const bool by_offset =
            std::any_of(rule.expressions.begin(), rule.expressions.end(), [](const Expr& test) {
                const auto* compare = std::get_if<Compare>(&test);
                return compare != nullptr && compare->field == Field::ip_frag_off;
            });
        if (!tracks_ || !by_offset) {  // connection tracking puts fragments together
            base.rules.push_back(from_frame(std::move(rule)));
        }
    }
}

// --- Accounting ---

// Rules that only count, before all others and behind all others. Those that count both ways
// stand in a chain that both ways lead to.
void Clean::add_accounting() {
    const std::vector<fw::Rule>& rules = model(accounting).rules;
    const auto some = [&rules](auto holds) {
        return std::any_of(rules.begin(), rules.end(),
                           [&](const fw::Rule& rule) { return holds(rule.direction); });
    };
    const bool shared = some([](Direction way) { return way == Direction::both; });
    if (some([](Direction way) { return way != Direction::out; })) {
        account({.input = true, .packets = Packets::counted}, shared,
                {"accounting.in",
                 compile::accounting_in_hook,
                 false,
                 {},
                 {"Counts what arrives, before anything is decided."}});
    }
    if (some([](Direction way) { return way != Direction::in; })) {
        account({.rewritten = true, .packets = Packets::counted}, shared,
                {"accounting.out",
                 compile::accounting_out_hook,
                 false,
                 {},
                 {"Counts what leaves, once all is decided."}});
    }
    if (shared) {
        add_copies(accounting, 0);
    }
}

void Clean::account(const Situation& situation, bool shared, Chain base) {
    base.rules.push_back(from_frame(compile::uncounted_packets()));
    const std::string& name = plan_.copies(accounting).front().kernel_name;
    if (shared) {
        lead(base, {}, name);
    } else {
        add_rules(base, accounting, {name, situation});
    }
    add(std::move(base));
}

}  // namespace fw::translate
