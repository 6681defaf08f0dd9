// Linux 2.0's own tables of rules, /proc/net/ip_forward, ip_input, ip_output and ip_acct, one after
// the other: what the recorded cases of ipfwadm end with (`final_proc20`). One line a rule:
//
//     0A000000/FF000000->00000000/00000000 eth0 00000000 105 0 1 0          0          80 0 ...
//     source            destination        -W   -V       flags, ports a side, packets, bytes,
//                                                        ten ports, TOS masks
#pragma once

#include <string>

#include "fw/names.h"
#include "fw/ruleset.h"

// Throws what std::stoul throws if a line is not as above. `names` tells which interface has the
// address of a -V.
[[nodiscard]] fw::Ruleset read_proc20(const std::string& text, const fw::Names& names);
