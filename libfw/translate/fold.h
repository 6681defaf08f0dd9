// Chains that a translation can do without: copies of the user's chains (see clean.h) that turn out
// the same as the chain itself, and small ones for fragments, whose rules can stand where they are
// jumped to. Nothing is decided, logged or marked otherwise; jumps that are gone count no more.
#pragma once

#include <string>
#include <vector>

#include "translate/table.h"

namespace fw::translate {

struct ChainCopy {
    std::string name;
    std::string original;
    bool for_fragments = false;
};

void fold(Table& table, const std::vector<ChainCopy>& copies);

}  // namespace fw::translate
