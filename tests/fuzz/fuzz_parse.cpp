// Any words at all: the parser neither crashes nor changes its mind. Words are separated by zero
// bytes. Build with -DFW_FUZZERS=ON and clang, run with -dict=fuzz_parse.dict.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "few_names.h"
#include "fw/parse.h"

namespace {

// The rules that a command carries, to be compared and looked at.
std::vector<fw::Rule> rules_of(const fw::Command& command) {
    if (const auto* check = std::get_if<fw::Check>(&command.action)) {
        require(check->packets.size() == check->rules.size());
        return check->rules;
    }
    const auto* change = std::get_if<fw::Change>(&command.action);
    if (change == nullptr) {
        return {};
    }
    if (const auto* append = std::get_if<fw::Append>(change)) {
        return append->rules;
    }
    if (const auto* insert = std::get_if<fw::Insert>(change)) {
        return insert->rules;
    }
    const auto* replace = std::get_if<fw::Replace>(change);
    return replace == nullptr ? std::vector<fw::Rule>() : std::vector<fw::Rule>{replace->rule};
}

void check_rule(const fw::Rule& rule) {
    require((rule.source.address.value & ~rule.source.mask.value) == 0);
    require((rule.destination.address.value & ~rule.destination.mask.value) == 0);
    require(rule.interface.name.size() <= 15);
    for (const fw::PortMatch* ports : {&rule.source_ports, &rule.destination_ports}) {
        require(ports->ranges.size() <= 1);
        require(ports->ranges.empty() || !ports->ranges[0].all());
    }
    require((rule.tos.and_mask & 1) == 1 && (rule.tos.xor_mask & 1) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> words = split(data, size);
    const FewNames names;
    const auto once = fw::parse_ipchains(words, names);
    const auto again = fw::parse_ipchains(words, names);
    require(once.ok() == again.ok());
    if (!once) {
        require(once.error().position < static_cast<int>(words.size()));
        require(!once.error().problem.empty());
        require(once.error().problem == again.error().problem);
        require(once.error().word == again.error().word);
        return 0;
    }
    const std::vector<fw::Rule> rules = rules_of(*once);
    require(rules == rules_of(*again));
    for (const fw::Rule& rule : rules) {
        check_rule(rule);
    }
    return 0;
}
