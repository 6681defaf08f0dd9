// What is tested: command lines and packets, in order. Recorded ones, and random ones by number.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "journey.h"
#include "unit/recorded.h"

namespace packets {

using Words = std::vector<std::string>;  // a program's arguments, without its name
using Step = std::variant<Words, Shot>;

struct Scenario {
    std::string name;
    std::vector<Step> steps;
    Tracking tracking = Tracking::no;  // with: rules may masquerade and redirect
    fw::Dialect dialect = fw::Dialect::ipchains;
};

// Interfaces that no ruleset names: where forwarded packets come from, and where the way leads.
inline constexpr const char* near_interface = "near0";
inline constexpr const char* far_interface = "far0";

// The recorded ruleset, and its packets sent to the chain that they were recorded in.
[[nodiscard]] Scenario recorded_scenario(const recorded::Packets& recorded, fw::Dialect dialect);

// The same seed and number always make the same scenario.
[[nodiscard]] Scenario random_scenario(std::uint64_t seed, std::uint64_t number);

// Likewise, with rules that masquerade and redirect, and packets that conntrack can mostly follow.
[[nodiscard]] Scenario random_rewriting_scenario(std::uint64_t seed, std::uint64_t number);

// Either of them, with ipfwadm's rules.
[[nodiscard]] Scenario random_ipfwadm_scenario(std::uint64_t seed, std::uint64_t number,
                                               Tracking tracking);

}  // namespace packets
