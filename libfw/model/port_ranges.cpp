#include "model/port_ranges.h"

#include <algorithm>
#include <cstdint>

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

}  // namespace fw
