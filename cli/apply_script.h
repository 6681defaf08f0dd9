// A firewall script as ipchains-apply runs it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "fw/result.h"

namespace cli {

// Whether the file is run, or its lines are read: it can be executed, or begins with `#!`.
[[nodiscard]] bool is_script(const std::string& path, std::string_view text);

// Starts it in a process group of its own, without a terminal to read from; it dies with the
// process that started it. Its firewall is the one in `state`, if that is given.
[[nodiscard]] fw::Result<pid_t> start_script(const std::string& path, std::string_view text,
                                             const std::optional<std::string>& state);

}  // namespace cli
