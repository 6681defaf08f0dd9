// One expression of ours as the expressions of nf_tables that nft itself would send for it.
#pragma once

#include "nft/buffer.h"
#include "nft/ir.h"

namespace fw::nft {

// Adds to the list of a rule's expressions. `set_id`: of InRanges, the set's number in the batch.
void add_expression(Buffer& out, const Expr& expression, std::uint32_t set_id = 0);

// A new set without a name, as messages within a batch refer to it.
inline constexpr std::string_view anonymous_set_name = "__set%d";

// The elements of the set for InRanges. Where it holds a range, they are where each range begins
// and where it has ended, as nft has it (1.0.6).
void add_elements(Buffer& out, const InRanges& set);
[[nodiscard]] bool holds_ranges(const InRanges& set);

}  // namespace fw::nft
