// What the managed and the clean form of a table have in common beside rules: where the base chains
// stand in a packet's way, and what they settle before any rule is asked.
#pragma once

#include <vector>

#include "compile/table.h"
#include "nft/ir.h"

namespace fw::compile {

// Priorities: behind conntrack (-200) and before dstnat (-100); filter; behind it; srcnat; behind.
// Accounting is asked before all others, and behind all others.
inline constexpr nft::Base accounting_in_hook{nft::BaseType::filter, nft::HookPoint::prerouting,
                                              -155};
inline constexpr nft::Base input_hook{nft::BaseType::filter, nft::HookPoint::prerouting, -150};
inline constexpr nft::Base forward_hook{nft::BaseType::filter, nft::HookPoint::forward, 0};
inline constexpr nft::Base output_hook{nft::BaseType::filter, nft::HookPoint::output, 0};
inline constexpr nft::Base routed_hook{nft::BaseType::filter, nft::HookPoint::forward, 10};
inline constexpr nft::Base rewritten_hook{nft::BaseType::filter, nft::HookPoint::postrouting, 150};
inline constexpr nft::Base accounting_out_hook{nft::BaseType::filter, nft::HookPoint::postrouting,
                                               155};
inline constexpr nft::Base redirect_hook{nft::BaseType::nat, nft::HookPoint::prerouting, -95};
inline constexpr nft::Base masquerade_hook{nft::BaseType::nat, nft::HookPoint::postrouting, 100};

// Linux 2.2, or 2.0, dropped these before it looked at any rule.
[[nodiscard]] std::vector<nft::Rule> suspect_fragments(Dialect dialect = Dialect::ipchains);

// Linux 2.0 let these pass before it looked at any rule that decides.
[[nodiscard]] nft::Rule later_fragments();

// It did not count these.
[[nodiscard]] nft::Rule uncounted_packets();

// Of forward: replies, and errors about what was rewritten, go straight to output.
[[nodiscard]] std::vector<nft::Rule> already_decided();

// Of output, for forwarded packets: those that it sees only once their source is rewritten. Answers
// to what was sent on to an inner host must have found MASQ in forward, as in Linux 2.2.
[[nodiscard]] std::vector<nft::Rule> rewritten_later();

// nat.redirect and nat.masquerade, as far as they are needed.
[[nodiscard]] std::vector<nft::Chain> nat_chains(const Plan& plan);

}  // namespace fw::compile
