// The nft language (nft 1.0.6): rules, whole tables, and transactions as scripts for `nft -f`.
// What stands here and what `encode` sends mean the same.
#pragma once

#include <string>

#include "nft/ir.h"

namespace fw::nft {

// One rule, without newline: ip saddr 10.0.0.0/8 tcp dport 80 ... counter drop
[[nodiscard]] std::string rule_text(const Rule& rule);

// A table block; counters only where they are not zero.
[[nodiscard]] std::string table_text(const Table& table);

// One command a line; adds, replacements and deletions with handles as the kernel knows them.
[[nodiscard]] std::string transaction_text(const Transaction& transaction);

}  // namespace fw::nft
