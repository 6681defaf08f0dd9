// What keeps a script in: no privilege but over its own network and files, no way to get more, no
// socket or named pipe that leads out of the sandbox, and no more of anything than a script needs.
#pragma once

#include "fw/result.h"

namespace sandbox {

// For the process that becomes the script; what it starts is kept in as well.
[[nodiscard]] fw::Status confine();

inline constexpr unsigned most_processes = 256;
inline constexpr std::uint64_t most_memory = 768U << 20;  // of all together, in bytes

}  // namespace sandbox
