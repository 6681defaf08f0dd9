// Any words at all for the masquerading tools and ipfwadm: the parsers neither crash nor change
// their mind, and what they take can be applied, stored and listed. Words are separated by zero
// bytes, the first byte chooses the program. Build with -DFW_FUZZERS=ON and clang.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "few_names.h"
#include "fw/masquerading_tools.h"
#include "fw/parse.h"
#include "fw/print.h"
#include "model/codec.h"
#include "model/forward_codec.h"

namespace {

// What was added can be stored, and goes when it is deleted.
void check_change(const fw::Change& change) {
    fw::Ruleset ruleset = fw::Ruleset::empty();
    const auto* add = std::get_if<fw::AddForward>(&change);
    if (!fw::apply(ruleset, change)) {
        require(add == nullptr || add->only_if_there);
        return;
    }
    if (add == nullptr) {
        require(ruleset.forwards.empty());
        return;
    }
    require(ruleset.forwards.size() == 1);
    const std::string bytes = fw::encode_forward(add->forward);
    const auto decoded =
        fw::decode_forward({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    require(decoded && *decoded == add->forward);
    require(fw::apply(ruleset, fw::DeleteForwards{add->forward}).ok());
    require(ruleset.forwards.empty());
}

// The same words give the same, and an error says where and what.
template <typename Parse>
auto parse_twice(Parse parse, std::span<const std::string> words) {
    const FewNames names;
    auto once = parse(words, names);
    const auto again = parse(words, names);
    require(once.ok() == again.ok());
    if (!once) {
        require(once.error().position < static_cast<int>(words.size()));
        require(!once.error().problem.empty());
        require(once.error().word == again.error().word);
    }
    return once;
}

void check_tool(std::size_t choice, std::span<const std::string> words) {
    constexpr decltype(&fw::parse_ipmasqadm) tools[] = {fw::parse_ipmasqadm, fw::parse_ipportfw,
                                                        fw::parse_ipautofw, fw::parse_ipfwd};
    const auto once = parse_twice(tools[choice % 4], words);
    if (!once) {
        return;
    }
    if (const auto* change = std::get_if<fw::Change>(&once->action)) {
        check_change(*change);
    }
}

void check_module(std::span<const std::string> words) {
    const auto request = fw::load_masquerading_module(words[0], words.subspan(1));
    if (!request) {
        return;
    }
    const auto removal = fw::remove_masquerading_module(words[0]);
    require(removal && removal->change.has_value() == request->change.has_value());
    if (!request->change) {
        return;
    }
    fw::Ruleset ruleset = fw::Ruleset::empty();
    require(fw::apply(ruleset, *request->change).ok());
    require(fw::loaded_masquerading_modules(ruleset) == std::vector<std::string>{request->name});
    require(fw::apply(ruleset, *removal->change).ok());
    require(ruleset.forwards.empty());
}

// Rules of ipfwadm keep to its limits, can be stored, and are found again by -d.
void check_rules(const fw::Append& append) {
    fw::Ruleset ruleset = fw::Ruleset::empty(fw::Dialect::ipfwadm);
    require(fw::apply(ruleset, append).ok());
    for (const fw::Rule& rule : ruleset.find(append.chain)->rules) {
        std::size_t ports = 0;
        for (const fw::PortMatch* side : {&rule.source_ports, &rule.destination_ports}) {
            ports += side->ranges.size() + (side->begins_with_range ? 1 : 0);
        }
        require(ports <= 10);
        require((rule.tos.and_mask & 1) == 1 && (rule.tos.xor_mask & 1) == 0);
        const auto bytes = fw::encode_rule(rule);
        require(bytes.ok());
        const auto decoded =
            fw::decode_rule({reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()});
        require(decoded && *decoded == rule);
    }
    const auto outcome = fw::apply(ruleset, fw::DeleteMatching{append.chain, append.rules});
    require(outcome && !outcome->complaint);
    require(ruleset == fw::Ruleset::empty(fw::Dialect::ipfwadm));
}

void check_ipfwadm(std::span<const std::string> words) {
    const auto once = parse_twice(fw::parse_ipfwadm, words);
    if (!once) {
        return;
    }
    if (const auto* check = std::get_if<fw::Check>(&once->action)) {
        require(check->packets.size() == check->rules.size() && !check->packets.empty());
    }
    const auto* change = std::get_if<fw::Change>(&once->action);
    if (const auto* append = change ? std::get_if<fw::Append>(change) : nullptr) {
        check_rules(*append);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::vector<std::string> words = split(data + 1, size - 1);
    const std::size_t choice = data[0] % 6;
    if (choice == 5) {
        check_ipfwadm(words);
    } else if (choice == 4) {
        check_module(words);
    } else {
        check_tool(choice, words);
    }
    return 0;
}
