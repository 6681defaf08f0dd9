// A table of its user's as a file for `nft -f` (nft 1.0.6): loading it again replaces what it
// loaded before in one step. What stands here is what `read` understands.
#pragma once

#include <string>

#include "fw/names.h"
#include "translate/table.h"

namespace fw::translate {

// Ports and protocols are written by name where the rule asks for it and nft will take the name for
// the same number on this machine.
[[nodiscard]] std::string table_text(const Table& table, const Names& names);

}  // namespace fw::translate
