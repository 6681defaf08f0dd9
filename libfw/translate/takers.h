// Rules that take packets away, by what they take: to find, among thousands, the first that takes
// all of another's. They are kept by their addresses and single ports, so that most are not looked
// at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "translate/packet_set.h"

namespace fw::translate {

class Takers {
public:
    // `sets`: of all rules, by their numbers; must outlive this. A search that would look at more
    // than `most` of them gives up what is left.
    Takers(const std::vector<PacketSet>& sets, std::size_t most) : sets_(sets), most_(most) {}

    void add(std::size_t number);
    // The first that covers what the rule meets, as far as it was looked for. Only of rules that
    // some packet meets.
    [[nodiscard]] std::optional<std::size_t> first_over(std::size_t number) const;

private:
    using Masks = std::pair<std::uint32_t, std::uint32_t>;
    using Key = std::array<std::uint32_t, 3>;  // the masked addresses; the only port and 1, or 0
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    using Group = std::unordered_multimap<Key, std::size_t, Hash>;

    const std::vector<PacketSet>& sets_;
    std::size_t most_;
    std::map<Masks, Group> groups_;
    std::vector<std::size_t> others_;  // whose addresses are told by what they are not
};

}  // namespace fw::translate
