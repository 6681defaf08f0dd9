#include "compile/packed_rules.h"

#include <cstring>
#include <string>

#include "model/codec.h"

namespace fw::compile {

Result<PackedRules> PackedRules::pack(std::span<const Rule> rules) {
    PackedRules packed;
    packed.ends_.reserve(rules.size());
    for (const Rule& rule : rules) {
        const Result<std::string> encoded = encode_rule(rule);
        if (!encoded) {
            return encoded.error();
        }
        const auto* counters = reinterpret_cast<const std::uint8_t*>(&rule.counters);
        packed.bytes_.insert(packed.bytes_.end(), counters, counters + sizeof rule.counters);
        packed.bytes_.insert(packed.bytes_.end(), encoded->begin(), encoded->end());
        packed.ends_.push_back(static_cast<std::uint32_t>(packed.bytes_.size()));
    }
    return packed;
}

Result<Rule> PackedRules::unpack(std::size_t index) const {
    const std::size_t start = index == 0 ? 0 : ends_[index - 1];
    const auto bytes = std::span(bytes_).subspan(start, ends_[index] - start);
    Result<Rule> rule = decode_rule(bytes.subspan(sizeof(Counters)));
    if (rule) {
        std::memcpy(&rule->counters, bytes.data(), sizeof(Counters));
    }
    return rule;
}

}  // namespace fw::compile
