// Which tables there are.
#pragma once

#include <vector>

#include "fw/result.h"
#include "fw/ruleset.h"
#include "netlink/session.h"

namespace fw::netlink {

// The dialects whose table the kernel has, in the order of their numbers: one round trip.
[[nodiscard]] Result<std::vector<Dialect>> firewalls(Session& session);

}  // namespace fw::netlink
