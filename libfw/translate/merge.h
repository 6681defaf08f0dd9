// A run of rules that may become one. `optimize` offers it rule after rule.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "translate/draft.h"
#include "translate/values.h"

namespace fw::translate {

// What one walk along a chain looks for.
struct Merging {
    bool elements = false;    // of sets and maps; else the values of one test are united_values
    std::size_t fields = 1;   // that rules may differ in, at most
    bool verdicts = false;    // and in their verdicts
    std::size_t sources = 2;  // rules that must become one to be worth it
    bool counters = false;    // each of them counts by itself
};

class Group {
public:
    Group(Draft first, const Merging& merging) : merging_(merging) {
        members_.push_back(std::move(first));
    }

    // Moves the rule into the group, if both are the same to every packet then.
    [[nodiscard]] bool take(Draft& draft);

    // Whether it is the same to every packet if the rule stands before the group or behind it.
    [[nodiscard]] bool may_pass(const Draft& draft) const;

    // Adds to `out` the one rule; or the members, if it is not worth it.
    void close(std::vector<Draft>& out);

private:
    using Places = std::vector<std::size_t>;

    [[nodiscard]] const Draft& first() const { return members_.front(); }
    [[nodiscard]] bool fits(const Draft& draft) const;
    [[nodiscard]] std::optional<Places> differences(const Draft& draft) const;
    [[nodiscard]] bool take_values(const Draft& draft, const Places& places);
    [[nodiscard]] bool take_elements(const Draft& draft, const Places& places);
    [[nodiscard]] bool can_be_elements(const Draft& draft, const Places& places) const;
    [[nodiscard]] bool add_to(Boxes& boxes, const Draft& draft, const Places& places,
                              std::vector<Element>& fresh) const;
    [[nodiscard]] bool worth_it() const;
    void set_elements(Draft& whole);

    Merging merging_;
    std::vector<Draft> members_;
    std::optional<Places> places_;   // where they differ, once there are two that do
    std::optional<Boxes> boxes_;     // of the values there, where they must not overlap
    std::vector<Element> elements_;  // likewise
};

}  // namespace fw::translate
