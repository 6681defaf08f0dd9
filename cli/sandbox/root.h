// The file system that a script sees: the machine's, read only, but for the folders that a script
// may write to, which are copies in memory or empty; our programs wherever it may look for them;
// /proc of its own namespaces, with what Linux 2.2 had there.
#pragma once

#include "fw/result.h"
#include "inside.h"

namespace sandbox {

// To be called in mount, process and network namespaces of its own, as root of the user namespace
// that they belong to. The network is there already.
[[nodiscard]] fw::Status make_root(const Inside& inside);

}  // namespace sandbox
