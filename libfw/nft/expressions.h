// One expression of ours as the expressions of nf_tables that nft itself would send for it.
#pragma once

#include "nft/ir.h"

struct nftnl_rule;

namespace fw::nft {

// Adds to a rule under construction.
void add_expression(nftnl_rule* rule, const Expr& expression);

}  // namespace fw::nft
