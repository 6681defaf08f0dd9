// Masquerading backwards, see fw/forward.h, as chains of the table:
//
//     nat.forwarded        what comes from outside is sent on to an inner host
//     forwarded.unmasked   the same for ipfwd without --masq, which rewrites no answers
//     masq.helpers         what masqueraded connections are looked at for: helpers, and the inner
//                          hosts that range forwards go to
//     masq.watch           postrouting: sends masqueraded and forwarded packets there, before their
//                          source is rewritten
//
// Each entry of the model is one rule with its identity, and perhaps more behind it.
#pragma once

#include <string_view>
#include <vector>

#include "fw/ruleset.h"
#include "nft/ir.h"

namespace fw::compile {

// Chains, maps and helper objects. As long as nothing masquerades, helpers are kept but not used,
// and connections are not tracked for them.
[[nodiscard]] nft::Table compile_forwards(const Ruleset& ruleset, bool masquerades);

// Whether anything but helpers is among them.
[[nodiscard]] bool sends_on(const Ruleset& ruleset);
[[nodiscard]] bool has_helpers(const Ruleset& ruleset);

// Whether it is one of the chains above.
[[nodiscard]] bool is_forward_chain(std::string_view kernel_name);

}  // namespace fw::compile
