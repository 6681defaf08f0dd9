// What the masquerading tools have in common: a parsed command line is carried out.
#pragma once

#include <span>
#include <string>

#include "fw/masquerading_tools.h"
#include "fw/names.h"
#include "fw/result.h"
#include "store_choice.h"

namespace compat {

using Parse = fw::Result<fw::MasqueradingCommand> (*)(std::span<const std::string>,
                                                      const fw::Names&);

// A whole program: the exit status is 0, 1 for what is refused, 2 for a command line that is wrong.
[[nodiscard]] int run_tool(const char* program, Parse parse, Serves serves, int argc, char** argv);

// The help text of a tool.
[[nodiscard]] std::string help_text(fw::MasqueradingTool tool);

}  // namespace compat
