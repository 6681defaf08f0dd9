// Dumps of rules, and what can go wrong with them.
#pragma once

#include <optional>
#include <string>

#include "fw/result.h"
#include "netlink/session.h"

namespace fw::netlink {

// How often a dump is repeated that other programs' changes tore.
inline constexpr int most_attempts = 200;

// All rules of our table, or of one chain; `type` is NFT_MSG_GETRULE or get_rule_reset. False if
// tables changed under it.
[[nodiscard]] Result<bool> dump_rules(Session& session, int type,
                                      const std::optional<std::string>& chain,
                                      const Receiver& receiver);

// The errno of a request as an Error.
[[nodiscard]] Error dump_error(int number);

// For those who have tried often enough.
[[nodiscard]] Error busy();

}  // namespace fw::netlink
