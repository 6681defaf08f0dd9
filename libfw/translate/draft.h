// A rule as `optimize` handles it: what it asks of a packet in a row of tests, and behind them what
// it does. Tests of some fields ask for values, and can ask for more of them; some of the fields
// together can stand for a set of elements, or for a map to verdicts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "translate/table.h"

namespace fw::translate {

struct Test {
    std::optional<Statement> other;       // as it stood, if it is none of values
    nft::Field field = nft::Field::mark;  // else: one of these values
    std::vector<Value> values = {};
    bool operator==(const Test&) const = default;
};

struct Draft {
    Rule rule;                // as it came, for as long as nothing is merged into it
    bool known = false;       // all its statements are of a kind that may be merged or passed by
    std::size_t sources = 1;  // rules that have become this one

    std::vector<Test> tests;
    std::optional<Counters> counter;
    std::vector<Statement> effects;      // without the counter, and without:
    std::optional<nft::Decide> verdict;  // jumps too
    bool can_fail = false;               // effects have tests among them

    // Not empty: the elements stand for the tests at these places, which have no values then.
    std::vector<std::size_t> places;
    std::vector<Element> elements;
    bool map = false;  // the elements have verdicts, the rule has none

    // No packet that passes the tests goes on to the next rule.
    [[nodiscard]] bool last() const;
    [[nodiscard]] bool counts() const;
    [[nodiscard]] bool stands_for(std::size_t place) const;
};

// `fixed_destination`: no rule of the table rewrites destination addresses by itself, so that
// they stay the same along a chain.
[[nodiscard]] Draft draft_of(Rule rule, bool fixed_destination);

// The reverse. `map_name`: of the map, if it is to have a name.
[[nodiscard]] Rule rule_of(Draft draft, const std::string& map_name);

}  // namespace fw::translate
