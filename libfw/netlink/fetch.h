// Reading our table out of the kernel.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fw/result.h"
#include "netlink/session.h"
#include "nft/kernel_table.h"

namespace fw::netlink {

// The whole table, or of its rules only those of one kernel chain. Asks again when tables change
// under it. A table that does not exist has no chains.
[[nodiscard]] Result<nft::KernelTable> fetch_table(Session& session,
                                                   const std::optional<std::string>& only = {});

// The same, and clears the counters of what it reads (Linux 6.2 or later; errno EOPNOTSUPP or
// EINVAL from older ones is Code::unsupported). For one chain.
[[nodiscard]] Result<std::vector<nft::KernelRule>> fetch_and_reset(Session& session,
                                                                   const std::string& chain);

// The generation, and whether any of the chains exists: one round trip.
struct Glance {
    std::uint32_t generation = 0;
    bool any_chain = false;
};
[[nodiscard]] Result<Glance> glance(Session& session, const std::vector<std::string>& chains);

}  // namespace fw::netlink
