// The administrator's settings, for programs that open a store.
#pragma once

#include <string_view>

#include "fw/settings.h"

namespace cli {

// From the file that IPCHAINS_CONF names, if it does, else from /etc/ipchains.conf. A file that is
// wrong must not keep a firewall from being set up: says what is wrong with it on standard error,
// in `program`'s name, and returns what goes without one.
[[nodiscard]] fw::Settings read_settings(std::string_view program);

}  // namespace cli
