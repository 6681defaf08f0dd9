// Rules that ask for one thing or another, taken apart: the ways in which a packet can meet them.
// No packet meets a rule in two of them.
#pragma once

#include <vector>

#include "compile/rule.h"
#include "fw/rule.h"
#include "nft/ir.h"

namespace fw::compile {

// A rule that goes one way only, and what else its packets have to hold: `also` has addresses and
// ports, no more.
struct Way {
    Rule rule;
    Rule also = {};
};

// TCP's flags are asked of TCP only; of the rules of accounting, later fragments have port 65535
// (ICMP: type 255) and any flags (Rule::fragment set, then); two_way rules are two rules, the way
// back without what the straight one has.
[[nodiscard]] std::vector<Way> ways_of(const Rule& rule, Packets packets);

}  // namespace fw::compile
