// Lists of port ranges.
#pragma once

#include <vector>

#include "fw/rule.h"

namespace fw {

// In order, those that touch made one, so that no port is in two.
[[nodiscard]] std::vector<PortRange> merged(std::vector<PortRange> ranges);

}  // namespace fw
