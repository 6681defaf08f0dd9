// Errors as the programs say them: one line, and an exit status.
#pragma once

#include <string>
#include <string_view>

#include "fw/result.h"
#include "fw/ruleset.h"

namespace cli {

// "PROGRAM: WORD: problem; remedy\n"
[[nodiscard]] std::string error_line(std::string_view program, const fw::Error& error);

// The originals': 2 for a command line that is wrong; for all else 1, or 255 from ipfwadm.
[[nodiscard]] int exit_status(const fw::Error& error, fw::Dialect program = fw::Dialect::ipchains);
[[nodiscard]] int refused_status(fw::Dialect program);

// The text with control characters, and bytes above 127, as \xHH: it may come from anywhere and
// goes to a terminal.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace cli
