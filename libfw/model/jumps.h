// Where jumps lead: whether nf_tables would follow them.
#pragma once

#include <cstdint>
#include <limits>

#include "fw/result.h"
#include "fw/ruleset.h"

namespace fw {

// Fails (Code::refused, the word a chain's name) if a packet that starts in a built-in chain could
// go in a circle, or deeper than nf_tables follows (Linux 6.18). A chain that jumps to itself is
// fine: it drops the packet there. Rules of lines behind `last` are left out. All targets exist.
[[nodiscard]] Status check_jumps(const Ruleset& ruleset,
                                 std::uint32_t last = std::numeric_limits<std::uint32_t>::max());

}  // namespace fw
