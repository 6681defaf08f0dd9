// The way from one ruleset to another as operations on the kernel's table: only what differs is
// touched, rules that stay keep their handles and go on counting.
#pragma once

#include "fw/result.h"
#include "fw/ruleset.h"
#include "fw/settings.h"
#include "nft/ir.h"
#include "nft/kernel_table.h"

namespace fw::compile {

// `before` is what read_back made of `table`. Rules of other programs stay where they are, except
// in chains that `after` has emptied of them (Chain::foreign). Each operation goes to `out` as soon
// as it is known; on an error, what went there is not to be used. `after` is used up: a large chain
// is given up before the operations that it comes to take its place in memory.
[[nodiscard]] Status compile_changes(const nft::KernelTable& table, const Ruleset& before,
                                     Ruleset&& after, const Settings& settings,
                                     const nft::Sink& out);

// The same as a whole.
[[nodiscard]] Result<nft::Transaction> compile_changes(const nft::KernelTable& table,
                                                       const Ruleset& before, const Ruleset& after,
                                                       const Settings& settings = {});

}  // namespace fw::compile
