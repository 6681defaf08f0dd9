// Rules in a fifth of the memory: each as its encoding (model/codec.h) and its counters. A chain of
// thousands waits in this form while what is compiled from it grows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fw/result.h"
#include "fw/rule.h"

namespace fw::compile {

class PackedRules {
public:
    // Fails where encode_rule does. Where the rules came from (Rule::line) is lost.
    [[nodiscard]] static Result<PackedRules> pack(std::span<const Rule> rules);

    [[nodiscard]] std::size_t size() const { return ends_.size(); }
    [[nodiscard]] Result<Rule> unpack(std::size_t index) const;

private:
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint32_t> ends_;  // of each rule in `bytes_`
};

}  // namespace fw::compile
