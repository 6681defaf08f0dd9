// A ruleset as a table that belongs to its user: the same rules at the same places of a packet's
// way as in the table of the tools (compile/table.h), as a careful administrator would write them.
//
//     input                    prerouting: all that arrives
//     forward                  forward
//     output.local             output: packets of local processes
//     output.forwarded         forward, behind it: packets on their way through
//     output.masqueraded       postrouting: packets whose source was rewritten, if there are any
//
// A built-in chain whose policy is ACCEPT and that has no rules is left out, and with it what Linux
// 2.2 dropped by itself there. The output chains lead to one chain `output`. Where rules ask for
// more than the IP header has, packets that Linux 2.2 took for fragments go to copies of the chains
// that hold the rules for them, NAME.fragments.
//
// Rules of ipfwadm have no such copies: what Linux 2.0 decided about without asking a rule is
// settled first. Its accounting rules have chains before and behind all others,
//
//     accounting.in, accounting.out     prerouting and postrouting
//     accounting                        the rules, if some of them count both ways
//
// What is masqueraded or redirected goes to a chain that labels the connection (label.masquerade,
// label.redirect.8080), and a nat chain sees the label.
#pragma once

#include <vector>

#include "fw/result.h"
#include "fw/ruleset.h"
#include "fw/translate.h"
#include "translate/table.h"

namespace fw::translate {

// Errors: Code::unsupported, as of compile_rule.
[[nodiscard]] Result<Table> clean_table(const Ruleset& ruleset, const TranslateOptions& options,
                                        const std::vector<SourceLine>& sources);

}  // namespace fw::translate
