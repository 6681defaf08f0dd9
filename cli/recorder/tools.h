// Our own programs, carried out on the state in the sandbox.
#pragma once

#include <optional>
#include <string>

#include "noting.h"

namespace recorder {

// Runs the program, with `input` (if there is any) on its standard input; /proc/net shows then what
// it did. Returns its exit status; 126 if it can't be started.
[[nodiscard]] int run_tool(const std::string& name, const std::string& as, const Words& words,
                           const std::optional<std::string>& input);

}  // namespace recorder
