// The reverse of compile: what the kernel's table means as a ruleset.
#pragma once

#include "fw/result.h"
#include "fw/ruleset.h"
#include "nft/kernel_table.h"

namespace fw::compile {

// A table without any chain is the empty ruleset. Code::damaged if parts of our table are
// gone or can't be understood.
[[nodiscard]] Result<Ruleset> read_back(const nft::KernelTable& table,
                                        Dialect dialect = Dialect::ipchains);

// Whether there is a firewall of ours at all.
[[nodiscard]] bool has_firewall(const nft::KernelTable& table);

}  // namespace fw::compile
