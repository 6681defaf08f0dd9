// The way from some rules of one kernel chain to others: what is the same stays, what differs is
// exchanged, the rest comes or goes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

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

// What stands there, or shall: as compiled, and the model's rules (none in a chain of the frame).
struct Side {
    const std::vector<nft::Rule>& compiled;
    std::span<const Rule> rules;
};

void change_rules(const Stretch& stretch, const Side& old, const Side& wanted,
                  nft::Transaction& out);

}  // namespace fw::compile
