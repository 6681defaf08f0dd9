// The rule that a command line of ipfwadm describes, and the packet that one with -c does.
#pragma once

#include <vector>

#include "fw/command.h"
#include "fw/names.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "parse/fields.h"
#include "parse/lettered.h"

namespace fw {

// `rule` with what the options say: it comes with its direction (accounting) and with what the
// policy that was typed makes its target. One rule for each pair of addresses that names have.
// `looks_up`: the rule is to work, and not only to find another (-d); only then the machine is
// asked which interface has -V's address, and what may be a mistake is remarked on.
[[nodiscard]] Result<std::vector<Rule>> parse_ipfwadm_rules(const LetteredLine& line, Rule rule,
                                                            bool looks_up, const Names& names,
                                                            Remarks& remarks);

// -c: packets, but not which chain is asked about them. Nothing may be left open, and -W and -V
// must be the name and the address of one interface of this machine (Code::refused, as Linux 2.0
// had it).
[[nodiscard]] Result<Check> parse_ipfwadm_check(const LetteredLine& line, const Names& names,
                                                Remarks& remarks);

}  // namespace fw
