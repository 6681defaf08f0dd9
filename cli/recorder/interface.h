// ifconfig as of net-tools 1.5x: scripts of the time cut addresses from what it prints.
#pragma once

#include "noting.h"

namespace recorder {

[[nodiscard]] int ifconfig(const Words& words);

}  // namespace recorder
