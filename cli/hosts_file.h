// Names of hosts from a file like /etc/hosts, asked before the machine's own.
#pragma once

#include <memory>
#include <string_view>

#include "fw/names.h"

namespace cli {

// Words that are no addresses, and lines without names, are passed over.
[[nodiscard]] std::unique_ptr<fw::Names> with_hosts(std::string_view text,
                                                    std::unique_ptr<fw::Names> others);

}  // namespace cli
