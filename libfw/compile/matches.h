// The tests of a rule: what packets met it in Linux 2.2 (or 2.0), in nft's terms.
#pragma once

#include <vector>

#include "compile/rule.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "nft/ir.h"

namespace fw::compile {

// Which packets an alternative is for, where a chain is reached by arriving and by leaving ones.
enum class Side : std::uint8_t { both, incoming, outgoing };

// One conjunction of tests. The alternatives of a rule exclude each other.
struct Alternative {
    std::vector<nft::Expr> tests;
    Side side = Side::both;
};

// Says no more than it must of the packets that come to the situation.
[[nodiscard]] Result<std::vector<Alternative>> compile_matches(const Rule& rule,
                                                               const Situation& situation);

// What of the rule's packets can be met where only some come: those of Linux 2.2's fragments, or
// only others (see nft/fragments.h).
[[nodiscard]] bool meets_whole(const Rule& rule);
[[nodiscard]] bool meets_fragments(const Rule& rule);

}  // namespace fw::compile
