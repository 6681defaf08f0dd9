// The counters of policies, as a table changes. A policy has a rule in each base chain that ends
// with it, and each counts for itself; the model has the sum.
#pragma once

#include <string>
#include <vector>

#include "fw/ruleset.h"
#include "nft/ir.h"
#include "nft/kernel_table.h"

namespace fw::compile {

// No command line says anything about a policy's counters, so its rules are given what they have
// counted in the kernel; the first base chain of each policy also what was counted in those that
// are not `wanted` any more. Where the counters of `after` are other than those of `before`, they
// stay as the frame was compiled. `old_frame` gets what is there now, so that only what differs is
// exchanged.
void keep_policy_counters(const nft::KernelTable& table, const Ruleset& before,
                          const Ruleset& after, const std::vector<std::string>& wanted,
                          std::vector<nft::Chain>& frame, std::vector<nft::Chain>& old_frame);

}  // namespace fw::compile
