// route as of net-tools 1.5x.
#pragma once

#include "noting.h"

namespace recorder {

[[nodiscard]] int route(const Words& words);

}  // namespace recorder
