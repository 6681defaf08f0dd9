// What is of no use in a ruleset, said and left alone: chains that no packet enters, rules that no
// packet meets, rules behind one that takes all that they would.
#pragma once

#include <vector>

#include "fw/ruleset.h"
#include "fw/translate.h"

namespace fw::translate {

// In the order of chains and rules; a remark about a chain has line 0. What is said is true, but
// not all that is true is said. `sources` tell the lines that are spoken of; without them, the
// numbers of Rule::line are the lines.
[[nodiscard]] std::vector<Remark> examine(const Ruleset& ruleset,
                                          const std::vector<SourceLine>& sources = {});

}  // namespace fw::translate
