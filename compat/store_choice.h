// Which firewall a command is about, and what all programs here say.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "fw/result.h"
#include "fw/store.h"

namespace compat {

// The file named (--state), or the one in the environment variable IPCHAINS_STATE, or the kernel.
// Says in `program`'s name what is wrong with the settings.
[[nodiscard]] fw::Result<std::unique_ptr<fw::Store>> open_store(
    const char* program, const std::optional<std::string>& state);

void say(const std::string& text, std::FILE* to = stdout);

// Says the error; returns the exit status that goes with it.
[[nodiscard]] int fail(const char* program, const fw::Error& error);

// The status, unless what was printed could not be written.
[[nodiscard]] int finish(int status);

}  // namespace compat
