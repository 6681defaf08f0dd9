// For those who have a copy to spare: the work of `apply` without its safety.
#pragma once

#include "fw/command.h"
#include "fw/result.h"
#include "fw/ruleset.h"
#include "model/chain_index.h"

namespace fw {

// As `apply`, but on an error the copy may be half changed and is only good to be thrown away.
[[nodiscard]] Result<Outcome> apply_to_copy(Ruleset& copy, const Change& change);

// The same for one of many changes: the work does not grow with the number of chains, and it is
// left to check_jumps (jumps.h) to look, once at the end, for loops that they made.
[[nodiscard]] Result<Outcome> apply_unchecked(ChainIndex& chains, const Change& change);

}  // namespace fw
