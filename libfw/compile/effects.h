// What a rule does to a packet beside its verdict: TOS and mark. nft can set a field to a constant
// only, so what depends on the old value is done by small chains, one jump each.
#pragma once

#include <vector>

#include "fw/rule.h"
#include "fw/ruleset.h"
#include "nft/ir.h"

namespace fw::compile {

// The steps in order; a jump leads into one of the chains below. In Linux 2.0, a rule changed the
// TOS of what it let through, and of nothing else.
[[nodiscard]] std::vector<nft::Expr> compile_effects(const Rule& rule, Dialect dialect);

// The chains that the steps jump to. Rules that need the same get the same, by name.
[[nodiscard]] std::vector<nft::Chain> effect_chains(const Rule& rule, Dialect dialect);

[[nodiscard]] bool is_effect_chain(std::string_view kernel_name);

}  // namespace fw::compile
