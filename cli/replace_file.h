// Output files that are whole, or as they were.
#pragma once

#include <string>

#include "fw/result.h"

namespace cli {

// A file takes the other's place in one step, also behind a symbolic link, and keeps its mode; what
// is no regular file (a terminal, a pipe) is written to.
[[nodiscard]] fw::Status replace_file(const std::string& path, const std::string& text);

}  // namespace cli
