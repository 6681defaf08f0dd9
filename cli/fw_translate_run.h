// fw-translate --run: a script's commands, from a run in the sandbox.
#pragma once

#include <string>
#include <vector>

#include "fw_translate_options.h"
#include "hosts_file.h"
#include "translate/replay.h"

namespace translating {

struct Ran {
    std::vector<fw::translate::ScriptCommand> commands;
    std::vector<bool> refused;   // of each command: it failed in the script, which went on
    std::string settings;        // lines for /etc/sysctl.d
    cli::Interfaces interfaces;  // that the script gave addresses
    bool failed = false;         // and has been said to
};

// Says on standard error what the script says, how it ended, and what it did beside filtering.
[[nodiscard]] Ran run_in_sandbox(const Options& options);

// Those of --with; says what is wrong with them.
[[nodiscard]] fw::Result<cli::Interfaces> described_interfaces(const Options& options);

// Errors of commands that failed in the script as well: it is as its author knew it, or did not
// care. These are only to be mentioned.
[[nodiscard]] bool is_excused(const Ran& ran, const fw::LineError& error);

}  // namespace translating
