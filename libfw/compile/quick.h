// Changes that can be made without reading the table: what they add is complete in itself and
// depends on no other rule.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/command.h"
#include "nft/ir.h"
#include "nft/kernel_table.h"

namespace fw::compile {

struct QuickChange {
    nft::Transaction transaction;
    // Kernel chains to look at first, see can_be_quick: the chain itself, and copies of it that
    // would need the rule, too.
    std::vector<std::string> look_at;
    // The base chain whose rules must lead here (see leads_in), or "" if any may: a rule in a
    // chain that no packet comes to any more would seem to work.
    std::string entrance;
    // The rules behind get other numbers, which those that log carry.
    bool renumbers = false;
};

// With those of the chains above that exist: the chain itself is one of ours, and has no copies.
[[nodiscard]] bool can_be_quick(const QuickChange& quick, const nft::KernelTable& seen);

// Whether a base chain with these rules jumps to its built-in chain and ends with a policy, and
// nothing that it says of the table is in the way of the change.
[[nodiscard]] bool leads_in(const QuickChange& quick, const std::vector<nft::KernelRule>& entrance);

// Appending, inserting first, making a chain; nothing for all other changes. The kernel refuses
// the transaction if there is no such table or chain.
[[nodiscard]] std::optional<QuickChange> quick_change(const Change& change,
                                                      Dialect dialect = Dialect::ipchains);

// The base chains that end with the policy of a built-in chain, in a table that masquerades
// nothing.
[[nodiscard]] std::vector<std::string> policy_chains(std::string_view builtin);

// The change of policy in one of them; nothing if the table has it in more places, or not at all.
[[nodiscard]] std::optional<nft::ReplaceRule> replace_policy(const nft::KernelTable& table,
                                                             const std::string& chain,
                                                             Policy policy,
                                                             Dialect dialect = Dialect::ipchains);

}  // namespace fw::compile
