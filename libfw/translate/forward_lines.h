// What saved rules have no form for: port forwards and helpers, as the commands that make them.
#pragma once

#include <string>

#include "fw/ruleset.h"

namespace fw::translate {

// A comment line each: # ipmasqadm portfw -a -P tcp -L 1.2.3.4 80 -R 10.0.0.2 80
[[nodiscard]] std::string forward_lines(const Ruleset& ruleset);

}  // namespace fw::translate
