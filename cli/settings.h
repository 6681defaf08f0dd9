// The administrator's settings, for programs that open a store.
#pragma once

#include "fw/result.h"
#include "fw/settings.h"

namespace cli {

// From the file that IPCHAINS_CONF names, if it does, else from /etc/ipchains.conf.
[[nodiscard]] fw::Result<fw::Settings> read_settings();

}  // namespace cli
