#include "translate/takers.h"

#include <algorithm>

namespace fw::translate {

namespace {

// Only what takes any address covers a set of all but some.
PacketSet::From or_any(std::optional<PacketSet::From> from) {
    return from.value_or(PacketSet::From{0, 0});
}

std::uint32_t port_key(const PacketSet& set) {
    const auto port = set.only_port();
    return port ? std::uint32_t{*port} + 1 : 0;
}

}  // namespace

std::size_t Takers::Hash::operator()(const Key& key) const {
    std::uint64_t sum = 0;
    for (const std::uint32_t part : key) {
        sum = (sum ^ part) * 0x9e3779b97f4a7c15;
        sum ^= sum >> 32;
    }
    return sum;
}

void Takers::add(std::size_t number) {
    const PacketSet& set = sets_[number];
    const auto from = set.from();
    const auto to = set.to();
    if (!from || !to) {
        others_.push_back(number);
        return;
    }
    const Key key{from->address, to->address, port_key(set)};
    groups_[{from->mask, to->mask}].emplace(key, number);
}

std::optional<std::size_t> Takers::first_over(std::size_t number) const {
    const PacketSet& set = sets_[number];
    std::size_t left = most_;
    std::optional<std::size_t> first;
    const auto look_at = [&](std::size_t taker) {
        left -= left > 0 ? 1 : 0;
        if ((!first || taker < *first) && left > 0 && sets_[taker].covers(set)) {
            first = taker;
        }
    };
    const PacketSet::From from = or_any(set.from());
    const PacketSet::From to = or_any(set.to());
    const std::uint32_t port = port_key(set);
    for (const auto& entry : groups_) {
        const Masks& masks = entry.first;
        const Group& group = entry.second;
        if ((masks.first & ~from.mask) != 0 || (masks.second & ~to.mask) != 0) {
            continue;
        }
        const auto look_up = [&](std::uint32_t with) {
            const auto [begin, end] =
                group.equal_range({from.address & masks.first, to.address & masks.second, with});
            std::for_each(begin, end, [&](const auto& taker) { look_at(taker.second); });
        };
        look_up(0);
        if (port != 0) {
            look_up(port);
        }
        if (left == 0) {
            return first;
        }
        --left;
    }
    std::for_each(others_.begin(), others_.end(), look_at);
    return first;
}

}  // namespace fw::translate
