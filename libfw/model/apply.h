// For those who have a copy to spare: the work of `apply` without its safety.
#pragma once

#include "fw/command.h"
#include "fw/result.h"
#include "fw/ruleset.h"

namespace fw {

// As `apply`, but on an error the copy may be half changed and is only good to be thrown away.
[[nodiscard]] Result<Outcome> apply_to_copy(Ruleset& copy, const Change& change);

}  // namespace fw
