// What a Forward may be: the limits that forward.h names.
#pragma once

#include "fw/forward.h"

namespace fw {

// Whether all numbers are in their ranges, and a helper's name is that of one that there is.
[[nodiscard]] bool within_limits(const Forward& forward);

}  // namespace fw
