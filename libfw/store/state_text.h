// The text of a state file: a line for each chain, one for each rule behind its chain, and
// one for each that is forwarded from outside.
//
//     ipchains-state 1                     or ipfwadm-state 1
//     chain NAME POLICY PACKETS BYTES      NAME and the rule as hexadecimal digits; POLICY - for
//     rule PACKETS BYTES RULE              the user's chains
//     forward PACKETS BYTES FORWARD
#pragma once

#include <string>
#include <string_view>

#include "fw/result.h"
#include "fw/ruleset.h"

namespace fw {

[[nodiscard]] Result<std::string> write_state(const Ruleset& ruleset);
[[nodiscard]] Result<Ruleset> read_state(std::string_view text);

}  // namespace fw
