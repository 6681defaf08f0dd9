// Lists of values for sets: none of them overlaps another, for nft refuses those that do.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "translate/table.h"

namespace fw::translate {

[[nodiscard]] bool has_addresses(nft::Field field);
[[nodiscard]] bool has_interfaces(nft::Field field);
[[nodiscard]] bool has_ports(nft::Field field);

// Whether the two have no packet in common.
[[nodiscard]] bool values_apart(const Value& a, const Value& b);

// The same values, those that overlap made one, in order. Ports that touch become one range unless
// they are to be written by name; so do three hosts in a row. Where a range is left, all that touch
// become one: nft would make them so.
[[nodiscard]] std::vector<Value> united_values(nft::Field field, std::vector<Value> values,
                                               bool by_name);

// The boxes that the elements of a set make in up to three fields. Along each field they are the
// same or apart, so that it is quick to see whether a new one meets another.
class Boxes {
public:
    enum class Meets : std::uint8_t { none, the_same_last, the_same, others };

    explicit Boxes(std::size_t fields) : sides_(fields) {}

    // What the box meets of those before it; `the_same_last` if it is one of them, added as `last`.
    [[nodiscard]] Meets meets(const std::vector<Value>& box) const;
    // Only what meets none. `last`: no packet of it goes on to the next rule.
    void add(const std::vector<Value>& box, bool last);

    // Of one field: whether the value is next to one that is there; whether two of them are next to
    // each other; whether one is a range.
    [[nodiscard]] bool touches(const Value& value) const;
    [[nodiscard]] bool has_neighbours() const { return has_neighbours_; }
    [[nodiscard]] bool has_ranges() const { return has_ranges_; }

private:
    static constexpr std::uint32_t is_new = 0xffffffff;
    static constexpr std::uint32_t overlaps = 0xfffffffe;

    class Side {
    public:
        [[nodiscard]] std::uint32_t find(const Value& value) const;
        std::uint32_t add(const Value& value);

    private:
        [[nodiscard]] std::uint32_t find_interface(const Value& value) const;
        std::map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>> ranges_;  // last, number
        std::map<std::string, std::uint32_t> names_;
        std::map<std::string, std::uint32_t> prefixes_;
        std::uint32_t count_ = 0;
    };

    std::vector<Side> sides_;
    std::map<std::array<std::uint32_t, 3>, bool> boxes_;
    bool has_neighbours_ = false;
    bool has_ranges_ = false;
};

}  // namespace fw::translate
