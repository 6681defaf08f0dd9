// What people have always mistyped for a target or a chain, and what they meant.
#pragma once

#include <string>
#include <string_view>

#include "fw/ruleset.h"

namespace fw {

// For a word that is no target, policy or chain: what was probably meant; "" if nobody knows.
[[nodiscard]] std::string target_hint(std::string_view word);
[[nodiscard]] std::string chain_hint(std::string_view word);

// Which command lists the rules of a chain.
[[nodiscard]] std::string listing_hint(Dialect dialect, std::string_view chain);

// A hint, or else what to say when there is none.
[[nodiscard]] std::string hint_or(std::string hint, std::string_view otherwise);

}  // namespace fw
