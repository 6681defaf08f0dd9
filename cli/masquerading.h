// ipchains -M: masqueraded connections and their timeouts.
#pragma once

#include <string>

#include "fw/command.h"
#include "fw/names.h"
#include "fw/result.h"

namespace cli {

[[nodiscard]] fw::Result<std::string> list_masquerading(const fw::ListMasquerading& list,
                                                        const fw::Command& command,
                                                        const fw::Names& names);

[[nodiscard]] fw::Status set_timeouts(const fw::SetTimeouts& timeouts, const fw::Command& command);

}  // namespace cli
