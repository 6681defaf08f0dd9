// The tests of a rule: what semantics a packet of Linux 2.2 met, in nft's terms.
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

[[nodiscard]] Result<std::vector<Alternative>> compile_matches(const Rule& rule,
                                                               const Situation& situation);

}  // namespace fw::compile
