// Rules from typed words: every part of a rule, and what its parts demand of each other.
#pragma once

#include <vector>

#include "fw/names.h"
#include "fw/packet.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "parse/fields.h"
#include "parse/task.h"
#include "parse/typed.h"

namespace fw {

// The rules that a command line stands for: one for each pair of addresses that its names have,
// and with -b each one's way back behind it.
[[nodiscard]] Result<std::vector<Rule>> parse_rules(const Typed& typed, Task task,
                                                    const Names& names, Remarks& remarks);

// -C: the packets that rules describe which leave nothing open but what a packet need not have.
[[nodiscard]] Result<std::vector<Packet>> parse_packets(const Typed& typed,
                                                        const std::vector<Rule>& rules);

}  // namespace fw
