// A table in the nft language, read back as a value: what `table_text` writes, what `nft list
// ruleset` and `nft -s list table` (1.0.6) print of that once it is loaded, and what an
// administrator makes of it by hand. All of it is understood, or none: a word that is not known
// here is an error that names it and its line.
//
// There may be one table only, of family ip; it can be declared, deleted or flushed before it is
// written. Named sets are read where rules use them. A set or map that no rule uses means nothing
// and is not kept; nor are comments of chains and sets.
#pragma once

#include <string_view>

#include "fw/names.h"
#include "fw/result.h"
#include "translate/table.h"

namespace fw::translate {

// `names` is for ports and protocols; without it numbers only, and the names of nft itself.
// Errors: Code::usage, with "line N" for a word.
[[nodiscard]] Result<Table> read_table(std::string_view text, const Names* names);

}  // namespace fw::translate
