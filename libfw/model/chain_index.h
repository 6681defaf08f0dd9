// The chains of a ruleset by their names: for whoever makes many changes to one that may have
// thousands of chains.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "fw/ruleset.h"

namespace fw {

// Belongs to the ruleset, and has to be told when a chain comes or goes.
class ChainIndex {
public:
    explicit ChainIndex(Ruleset& ruleset) : ruleset_(ruleset) { rebuild(); }

    [[nodiscard]] Ruleset& ruleset() { return ruleset_; }
    [[nodiscard]] Chain* find(const std::string& name) {
        const auto found = places_.find(name);
        return found == places_.end() ? nullptr : &ruleset_.chains[found->second];
    }

    // A chain has been put at the end.
    void added() { places_.emplace(ruleset_.chains.back().name, ruleset_.chains.size() - 1); }

    // Any other change of which chains there are.
    void rebuild() {
        places_.clear();
        for (std::size_t i = 0; i < ruleset_.chains.size(); ++i) {
            places_.emplace(ruleset_.chains[i].name, i);
        }
    }

private:
    Ruleset& ruleset_;
    std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace fw
