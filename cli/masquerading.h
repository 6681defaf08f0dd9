// ipchains -M: masqueraded connections and their timeouts.
#pragma once

#include <string>

#include "fw/command.h"
#include "fw/result.h"
#include "fw/ruleset.h"

namespace cli {

// `ipchains -M -L`. Connections that are masqueraded can't be listed yet, and this says so rather
// than to show none: Code::unsupported where the rules masquerade anything.
[[nodiscard]] fw::Result<std::string> list_masquerading(const fw::Ruleset& ruleset);

// `ipchains -M -S`: the timeouts of connection tracking in this network namespace, seconds each; 0
// leaves one alone (Linux 6.18, Documentation/networking/nf_conntrack-sysctl.rst).
[[nodiscard]] fw::Status set_timeouts(const fw::SetTimeouts& timeouts);

}  // namespace cli
