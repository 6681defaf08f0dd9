// Listings and lines in the formats of ipfwadm 2.3.0, made of the same fields as those of ipchains.
#pragma once

#include <string>
#include <string_view>

#include "fw/command.h"
#include "fw/evaluate.h"
#include "fw/names.h"
#include "print/name_cache.h"

namespace fw::print {

// What a rule is for, in the short words of listings: "acc", "deny", "rej", "acc/m" (masquerades),
// "acc/r" (redirects); of accounting rules their direction, "in", "out", "i/o".
[[nodiscard]] std::string_view ipfwadm_type(const Rule& rule, bool accounting);

// The word for explanations: "accept", "deny", "reject", "masquerade", "redirect", or "count".
[[nodiscard]] std::string_view ipfwadm_target(const Rule& rule);

// "accept", "deny", "reject", "accept/masquerade".
[[nodiscard]] std::string_view ipfwadm_policy(Policy policy);

// `ipfwadm -l`. A chain has a heading of columns only if there are rules.
[[nodiscard]] std::string ipfwadm_listing(const Ruleset& ruleset, const List& list,
                                          const Presentation& show, NameCache& names);

// What -v prints for a change: a line for each of its rules, with numbers only.
[[nodiscard]] std::string ipfwadm_change(const Change& change, const Names& names);

// The word or phrase that answers -c; nothing for a packet that is redirected.
[[nodiscard]] std::string_view ipfwadm_answer(Verdict verdict);

}  // namespace fw::print
