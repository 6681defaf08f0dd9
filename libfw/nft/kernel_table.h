// Our table as the kernel has it: what was found, not yet what it means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nft/ir.h"

namespace fw::nft {

struct KernelRule {
    std::uint64_t handle = 0;
    std::optional<Kind> kind;  // nothing: another program's
    std::string identity;
    Counters counters;
    std::uint8_t parts = 1;  // as in Rule
};

struct KernelChain {
    std::string name;
    bool base = false;
    std::vector<KernelRule> rules;
};

struct KernelTable {
    std::uint32_t generation = 0;
    std::vector<KernelChain> chains;  // in order of creation

    [[nodiscard]] const KernelChain* find(std::string_view name) const {
        for (const KernelChain& chain : chains) {
            if (chain.name == name) {
                return &chain;
            }
        }
        return nullptr;
    }
};

}  // namespace fw::nft
