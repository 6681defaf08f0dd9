// The command line of ip-masq-module. What modprobe's configuration calls it with ends in the
// parameters that were typed behind the module's name, so options may stand anywhere and
// parameters are told from words that are out of place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fw/result.h"
#include "real_program.h"

namespace compat {

struct ModuleLine {
    enum class What { load, remove, list, help, version };
    What what = What::load;
    std::string module;  // to be loaded or removed
    Words parameters;
    bool dry_run = false;
    std::optional<std::string> state;
};

// Errors are Code::usage.
[[nodiscard]] fw::Result<ModuleLine> read_module_line(const Words& words);

}  // namespace compat
