// Masquerading backwards: connections from outside that go on to a host behind this machine, and
// protocols whose second connections must find their way. What ipmasqadm, ipportfw, ipautofw, ipfwd
// and the ip_masq_* modules of Linux 2.0 and 2.2 set up.
//
// A forwarded packet meets `input` with the address that it was sent to, is rewritten, skips
// `forward`, and meets `output` with its inner address. The inner host's answers meet `forward`,
// where they must find MASQ, and `output` with the outer address again.
//
// All addresses and numbers are in host byte order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fw/rule.h"

namespace [[gnu::visibility("default")]] fw {

// ipmasqadm portfw, ipportfw: connections to one address and port of this machine.
struct PortForward {
    std::uint16_t protocol = protocol_tcp;  // or protocol_udp
    Address local;
    std::uint16_t local_port = 0;  // 1..65535
    Address inner;
    std::uint16_t inner_port = 0;  // 1..65535
    // Several entries for one local port take turns: so many connections each.
    std::uint32_t preference = 10;  // 1..65535
    bool operator==(const PortForward&) const = default;
};

// ipmasqadm mfw: TCP and UDP connections to this machine whose first packet has this mark after
// `input`. Several entries for one mark take turns as above.
struct MarkForward {
    std::uint32_t mark = 0;  // not 0: packets that nothing marked have that
    Address inner;
    std::uint16_t inner_port = 0;  // 0: the port that it was sent to
    std::uint32_t preference = 10;
    bool operator==(const MarkForward&) const = default;
};

// ipmasqadm autofw, ipautofw: connections to a range of this machine's ports.
struct RangeForward {
    // The inner host that last sent something to this port of an outer host (through MASQ).
    struct Control {
        std::uint16_t protocol = protocol_tcp;  // or protocol_udp
        std::uint16_t port = 0;
        bool timed = true;  // only as long as that is less than 15 seconds ago
        bool operator==(const Control&) const = default;
    };
    std::uint16_t protocol = protocol_tcp;  // or protocol_udp
    PortRange ports;
    std::variant<Address, Control> inner;
    bool any_peer = false;  // with Control: any outer host may connect, not only that one
    bool operator==(const RangeForward&) const = default;
};

// ipfwd: all packets of an IP protocol to this machine.
struct ProtocolForward {
    std::uint16_t protocol = 0;  // 1..255
    Address inner;
    bool masquerade = true;  // without, answers are not recognised: they go out as they are
    bool operator==(const ProtocolForward&) const = default;
};

// ip_masq_ftp and others: connection tracking's helper of the name (Linux 6.18: ftp, irc, pptp,
// h323) is attached to masqueraded connections to these ports, and lets the connections in that
// they announce.
struct Helper {
    std::string name;
    std::vector<std::uint16_t> ports;  // in the order given; at least one, at most 12
    bool operator==(const Helper&) const = default;
};

using Forward = std::variant<PortForward, MarkForward, RangeForward, ProtocolForward, Helper>;

// The alternatives' order above is also the order in which they are asked, and listed.
enum class ForwardKind : std::uint8_t { port, mark, range, protocol, helper };
[[nodiscard]] inline ForwardKind kind_of(const Forward& forward) {
    return static_cast<ForwardKind>(forward.index());
}

// Where it stands among others: by kind; and of protocols, those that are masqueraded first.
[[nodiscard]] inline unsigned rank_of(const Forward& forward) {
    const auto* protocol = std::get_if<ProtocolForward>(&forward);
    const bool behind = protocol != nullptr && !protocol->masquerade;
    return 2 * static_cast<unsigned>(kind_of(forward)) + (behind ? 1 : 0);
}

struct ForwardEntry {
    Forward what;
    Counters counters;  // packets: connections that took it (0 for helpers)
    bool operator==(const ForwardEntry&) const = default;
};

// What can be said of helpers that this library knows, or nothing for another name.
struct HelperFacts {
    std::string_view name;                  // "ftp"
    std::uint16_t protocol = protocol_tcp;  // of the connection that it listens to
    std::vector<std::uint16_t> ports;       // the usual ones
};
[[nodiscard]] std::optional<HelperFacts> helper_facts(std::string_view name);

}  // namespace fw
