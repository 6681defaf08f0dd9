// Names of hosts from a file like /etc/hosts, and interfaces that are told, asked before the
// machine's own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "fw/names.h"

namespace cli {

using Interfaces = std::map<fw::Address, std::string>;  // which has the address

// Words that are no addresses, and lines without names, are passed over.
[[nodiscard]] std::unique_ptr<fw::Names> with_hosts(std::string_view text, Interfaces interfaces,
                                                    std::unique_ptr<fw::Names> others);

}  // namespace cli
