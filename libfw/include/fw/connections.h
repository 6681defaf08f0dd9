// The connections that this firewall masquerades, and how long a silent one is kept: what
// `ipchains -M -L` shows and `ipchains -M -S` sets. Both are of the network namespace that the
// program is in, and live in the kernel's connection tracking: a firewall in a file has none.
#pragma once

#include <cstdint>
#include <vector>

#include "fw/command.h"
#include "fw/result.h"
#include "fw/rule.h"

namespace [[gnu::visibility("default")]] fw {

// One connection, seen from this machine: an inner host behind it, an outer one before it. Which
// of the two began does not show: a forwarded port's connection looks like one that went out.
//
// TCP and UDP have ports. Of ICMP, `inner_port` and `masquerade_port` are the identifier inside and
// outside, and `outer_port` is type and code as two bytes, 2048 for a ping, as in Linux 2.2. Other
// protocols have 0, but for GRE's keys.
struct Connection {
    std::uint16_t protocol = 0;
    Address inner;
    std::uint16_t inner_port = 0;
    Address outer;
    std::uint16_t outer_port = 0;
    std::uint16_t masquerade_port = 0;  // of this machine, towards the outer host

    std::uint32_t expires = 0;  // seconds, if nothing more comes

    // A helper made the inner host's stream longer or shorter: what was sent behind sequence number
    // `initial_sequence` is shifted by `delta` bytes, what was sent before by `previous_delta`.
    std::uint32_t initial_sequence = 0;
    std::int32_t delta = 0;
    std::int32_t previous_delta = 0;

    bool operator==(const Connection&) const = default;
};

// All of them, by protocol and inner host. Never other programs' connections: one of ours carries
// the label that our rules set, and is really rewritten. Needs CAP_NET_ADMIN (Code::permission) and
// the kernel's conntrack netlink (Code::unsupported).
[[nodiscard]] Result<std::vector<Connection>> list_connections();

// Sets the timeouts of connection tracking (Linux 6.18, Documentation/networking/
// nf_conntrack-sysctl.rst), all of them or none. Seconds; 0 leaves one alone, and more than the
// kernel can count is the most that it can. They hold for every connection of the namespace, ours
// or not, from its next packet on.
[[nodiscard]] Status set_timeouts(const SetTimeouts& timeouts);

}  // namespace fw
