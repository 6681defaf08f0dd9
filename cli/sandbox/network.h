// The network of the sandbox: the interfaces that the caller describes, with nothing behind them.
#pragma once

#include "fw/result.h"
#include "run.h"

namespace sandbox {

// In a network namespace of its own; leaves the process in another such.
[[nodiscard]] fw::Status make_network(const RunRequest& request);

}  // namespace sandbox
