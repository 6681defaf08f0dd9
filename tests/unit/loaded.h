// A ruleset as the kernel would have it once it is loaded.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <utility>

#include "compile/table.h"
#include "nft/kernel_table.h"

// Handles count up from 1, in order.
[[nodiscard]] inline fw::nft::KernelTable loaded(const fw::Ruleset& ruleset) {
    fw::nft::KernelTable table;
    const auto compiled = fw::compile::compile_table(ruleset);
    REQUIRE(compiled);
    std::uint64_t handle = 0;
    for (const fw::nft::Chain& chain : compiled->chains) {
        fw::nft::KernelChain kernel{chain.name, chain.base.has_value(), {}};
        for (const fw::nft::Rule& rule : chain.rules) {
            kernel.rules.push_back({++handle, rule.kind, rule.identity, {}, rule.parts});
        }
        table.chains.push_back(std::move(kernel));
    }
    return table;
}
