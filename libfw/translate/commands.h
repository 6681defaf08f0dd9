// Lists of command lines, as people keep them: one command a line, or several with `;` between,
// comments, quotes, lines that go on behind a backslash. What only a shell understands is an error:
// such a script has to be run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fw/saved.h"
#include "translate/replay.h"

namespace fw::translate {

struct CommandList {
    std::vector<ScriptCommand> commands;  // of the programs that `replay` knows
    // `line` is the file's, from 1. What only a shell understands is the only error, and ends it.
    std::vector<LineError> errors;
    std::vector<LineError> cautions;  // commands that are left out
};

[[nodiscard]] CommandList read_commands(std::string_view text, const std::string& file);

// What a file is, by its lines.
enum class Kind { commands, saved };
[[nodiscard]] Kind recognise(std::string_view text);

}  // namespace fw::translate
