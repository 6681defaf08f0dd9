#include "model/port_ranges.h"

#include <algorithm>

namespace fw {

std::vector<PortRange> merged(std::vector<PortRange> ranges) {
    if (ranges.size() < 2) {
        return ranges;
    }
    std::sort(ranges.begin(), ranges.end(),
              [](const PortRange& a, const PortRange& b) { return a.first < b.first; });
    std::vector<PortRange> result;
    for (const PortRange& range : ranges) {
        if (!result.empty() && range.first <= std::uint32_t{result.back().last} + 1) {
            result.back().last = std::max(result.back().last, range.last);
        } else {
            result.push_back(range);
        }
    }
    return result;
}

std::vector<PortRange> ranges_of(const PortMatch& match) {
    return match.ranges.empty() ? std::vector<PortRange>{PortRange{}} : merged(match.ranges);
}

bool overlap(const PortRange& a, const PortRange& b) {
    return a.first <= b.last && b.first <= a.last;
}

bool contains(const PortMatch& match, std::uint16_t port) {
    const bool within =
        match.ranges.empty() ||
        std::any_of(match.ranges.begin(), match.ranges.end(), [port](const PortRange& range) {
            return range.first <= port && port <= range.last;
        });
    return within != match.inverted;
}

}  // namespace fw
