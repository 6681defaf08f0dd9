// Which firewall a masquerading tool works on.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fw/result.h"
#include "fw/ruleset.h"
#include "fw/store.h"

namespace compat {

// The rules of ipchains or of ipfwadm, in a file or in the kernel.
struct Firewall {
    fw::Dialect dialect = fw::Dialect::ipchains;
    std::optional<std::string> file = {};
};

// Whom a tool serves: that of Linux 2.2 only ipchains; those of Linux 2.0 ipfwadm, too.
enum class Serves : bool { ipchains, either };

// The firewall that is in use. `state` (--state) names its file, or the variables IPCHAINS_STATE
// and IPFWADM_STATE do. If both firewalls are in use, or neither is, it is ipchains'; that there
// are both is said in `program`'s name.
[[nodiscard]] fw::Result<Firewall> choose_firewall(const char* program,
                                                   const std::optional<std::string>& state,
                                                   Serves serves);

// Says in `program`'s name what is wrong with the settings.
[[nodiscard]] fw::Result<std::unique_ptr<fw::Store>> open_store(const char* program,
                                                                const Firewall& firewall);

// Both in one.
[[nodiscard]] fw::Result<std::unique_ptr<fw::Store>> open_store(
    const char* program, const std::optional<std::string>& state, Serves serves);

}  // namespace compat
