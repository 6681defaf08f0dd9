// The nft language (nft 1.0.6): rules, whole tables, and transactions as scripts for `nft -f`.
// What stands here and what `encode` sends mean the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "nft/ir.h"

namespace fw::nft {

// One rule, without newline: ip saddr 10.0.0.0/8 tcp dport 80 ... counter drop
[[nodiscard]] std::string rule_text(const Rule& rule);

// One expression of it.
[[nodiscard]] std::string expression_text(const Expr& expression);

// Whether it is a field of TCP, UDP or ICMP, before which nft puts `meta l4proto tcp` by itself.
[[nodiscard]] bool implies_protocol(Field field);

// Parts of both: a value of the field, "ppp*" with its quotes, the hook of a base chain, and what
// stands between the braces of a map's or a helper's declaration.
[[nodiscard]] std::string value_text(Field field, std::uint32_t value);
[[nodiscard]] std::string interface_text(const std::string& name, bool prefix);
[[nodiscard]] std::string_view hook_text(HookPoint hook);
[[nodiscard]] std::string map_text(const Map& map);
[[nodiscard]] std::string helper_text(const HelperObject& helper);

// A table block; counters only where they are not zero.
[[nodiscard]] std::string table_text(const Table& table);

// One command a line; adds, replacements and deletions with handles as the kernel knows them.
[[nodiscard]] std::string transaction_text(const Transaction& transaction, std::string_view table);

}  // namespace fw::nft
