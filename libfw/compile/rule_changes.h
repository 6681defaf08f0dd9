// The way from some rules of one kernel chain to others: what is the same stays, what differs is
// exchanged, the rest comes or goes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "fw/result.h"
#include "fw/rule.h"
#include "nft/ir.h"
#include "nft/kernel_table.h"

namespace fw::compile {

// Where the kernel has one rule of the model: the handles of its parts.
using Handles = std::vector<std::uint64_t>;

// Of all our rules in a chain, in order.
[[nodiscard]] std::vector<Handles> handles_of(const nft::KernelChain& chain);

// What our rules in a chain have counted there, each with all its parts.
[[nodiscard]] std::vector<Counters> counters_of(const nft::KernelChain& chain);

// Some neighbouring rules of a kernel chain.
struct Stretch {
    const std::string& chain;
    std::span<const Handles> handles;
    std::uint64_t next = 0;  // the rule behind them; 0: they are the last
    // What each has counted here, and what it is to have counted if the model's rule stays (other
    // copies of the chain may have their share, or have had). None in a chain of the frame.
    std::span<const Counters> counted = {};
    std::span<const Counters> due = {};
};

// What stands there: as compiled, and the model's rules (none in a chain of the frame).
struct Present {
    const std::vector<nft::Rule>& compiled;
    std::span<const Rule> rules;
};

// What shall stand there: so many rules of the model, each with all its parts when its turn comes.
// A large table is never there as a whole.
struct Wanted {
    std::size_t count = 0;
    std::function<Result<std::vector<nft::Rule>>(std::size_t index)> compile;
    std::span<const Rule> rules = {};
};

// Rules that are compiled already, of a chain of the frame.
[[nodiscard]] Wanted as_wanted(const std::vector<nft::Rule>& compiled);

// Fails only where a rule that is wanted can't be compiled.
[[nodiscard]] Status change_rules(const Stretch& stretch, const Present& old, const Wanted& wanted,
                                  const nft::Sink& out);

}  // namespace fw::compile
