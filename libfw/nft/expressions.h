// One expression of ours as the expressions of nf_tables that nft itself would send for it.
#pragma once

#include "nft/buffer.h"
#include "nft/ir.h"

namespace fw::nft {

// Adds to the list of a rule's expressions.
void add_expression(Buffer& out, const Expr& expression);

}  // namespace fw::nft
