// Reading our table out of the kernel.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fw/result.h"
#include "netlink/session.h"
#include "nft/kernel_table.h"

namespace fw::netlink {

class Watch;

// The whole table, or of its rules only those of some kernel chains. Asks again when tables change
// under it; a Watch that was given is restarted for that, and what is returned is as of its last
// restart. A table that does not exist has no chains.
[[nodiscard]] Result<nft::KernelTable> fetch_table(Session& session, Watch* watch,
                                                   const std::vector<std::string>& only = {});

// The rules of one chain, none if it does not exist: one round trip.
[[nodiscard]] Result<std::vector<nft::KernelRule>> fetch_rules(Session& session,
                                                               const std::string& chain);

// Clears the counters of our rules in a chain that was fetched, and puts what they were into it.
// Other programs' rules keep theirs. Code::unsupported before Linux 6.2.
[[nodiscard]] Status reset_counters(Session& session, nft::KernelChain& chain);

// The generation, and those of some chains that exist, without their rules: one round trip.
struct Glance {
    std::uint32_t generation = 0;
    nft::KernelTable table;
};
[[nodiscard]] Result<Glance> glance(Session& session, const std::vector<std::string>& chains);

}  // namespace fw::netlink
