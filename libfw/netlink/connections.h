// Connections as conntrack's netlink tells of them (linux/netfilter/nfnetlink_conntrack.h).
#pragma once

#include <libmnl/libmnl.h>

#include <optional>

#include "fw/connections.h"

namespace fw::netlink {

// The connection in an IPCTNL_MSG_CT_NEW, if it is one of ours.
[[nodiscard]] std::optional<Connection> read_connection(const nlmsghdr& message);

}  // namespace fw::netlink
