// Where a rule's tests change their answer: for each thing that it asks about, a value that it is
// met by, and those on both sides of its borders. Rules of both kinds are brought to this form, so
// that packets are drawn from what was asked and from what was made of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/packet.h"
#include "fw/ruleset.h"
#include "translate/table.h"

namespace fw::translate {

// What packets differ in, but for the interface.
enum class Trait : std::uint8_t {
    source,
    destination,
    protocol,
    source_port,  // ICMP: the type
    destination_port,
    tcp_flags,
    shape,  // whole, cut short or a fragment: see packet_shapes
    tos,
    mark,
};
inline constexpr std::size_t trait_count = 9;

// The values of a trait that are worth a look; the first meets the rule. None: it does not ask.
struct Axis {
    std::vector<std::uint32_t> values;
    // If the rule asks for a range: that range. Else any value, as far as this knows.
    std::uint32_t first = 0;
    std::uint32_t last = 0xffffffff;
};

struct Borders {
    std::array<Axis, trait_count> axes;
    std::vector<std::string> interfaces;  // likewise
    std::size_t chain = 0;                // where the rule stands
    std::size_t rule = 0;
    [[nodiscard]] Axis& operator[](Trait trait) { return axes[static_cast<std::size_t>(trait)]; }
    [[nodiscard]] const Axis& operator[](Trait trait) const {
        return axes[static_cast<std::size_t>(trait)];
    }
};

// A rule among others: where it stands, and where it leads.
struct BorderRule {
    Borders borders;
    std::vector<std::string> leads_to;
};
struct BorderChain {
    std::string name;
    std::vector<BorderRule> rules;
};

[[nodiscard]] std::vector<BorderChain> borders_of(const Ruleset& ruleset);
[[nodiscard]] std::vector<BorderChain> borders_of(const Table& table);

// All rules that packets can come to from the chain `root`, as they are met there: what a rule does
// not ask is taken from the rules that lead to it. A chain is entered once from each rule, but from
// no more than a few.
[[nodiscard]] std::vector<Borders> reached_from(const std::vector<BorderChain>& chains,
                                                std::string_view root);

// What is met where both are, as far as it can be told from ranges, with the borders of `one`;
// nothing if there is no such packet.
[[nodiscard]] std::optional<Borders> overlap(const Borders& one, const Borders& other);

// The rule as it is met where `other` is not, if it can be told: one borders for each way to leave
// the other rule by what this one does not care about.
[[nodiscard]] std::vector<Borders> beside(const Borders& one, const Borders& other);

// How many shapes there are, and some of them.
[[nodiscard]] std::uint32_t packet_shapes();
inline constexpr std::uint32_t whole_shape = 0;
inline constexpr std::uint32_t fragment_shape = 1;
inline constexpr std::uint32_t short_shape = 6;

// Which value each trait has: 0 the first, which meets the rule. At most one differs from 0, and
// the shape beside it: what is taken for a fragment may meet copies of the rules.
struct Choice {
    std::optional<Trait> trait;  // else the interface
    std::size_t value = 0;
    std::uint32_t shape = 0;
};

// The packet that meets the rule and those beside it, one thing changed in each.
[[nodiscard]] std::vector<Choice> choices(const Borders& borders);
[[nodiscard]] Packet packet_of(const Borders& borders, const Choice& choice);

}  // namespace fw::translate
