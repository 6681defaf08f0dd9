// A rule: what a packet must look like, and what happens to it then. The three dialects share this
// one form: each fills in what it knows and leaves the rest at its default, which always means
// "do not care". Every number is in host byte order unless a comment says otherwise.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace [[gnu::visibility("default")]] fw {

// An IPv4 address (or mask) in host byte order: 10.0.0.1 is 0x0a000001.
struct Address {
    std::uint32_t value = 0;
    auto operator<=>(const Address&) const = default;
};

// Holds when (packet address & mask) == address, xor `inverted`. Any 32-bit mask is legal,
// contiguous or not (Linux 2.2 compared exactly so). `address` has no bits outside `mask`.
struct AddressMatch {
    Address address;
    Address mask;
    bool inverted = false;
    [[nodiscard]] bool any() const { return mask.value == 0 && !inverted; }
    bool operator==(const AddressMatch&) const = default;
};

// An inclusive range of ports, or of ICMP types (source side) and codes (destination side).
struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 65535;
    [[nodiscard]] bool all() const { return first == 0 && last == 65535; }
    bool operator==(const PortRange&) const = default;
};

// Holds when the port is in one of the ranges, xor `inverted`. No ranges is the same as the one
// range 0:65535. ipchains has at most one range a side, and stores 0:65535 as none. ipfwadm has
// ten ports a rule, one range a side, which comes first and counts for two: also 80:80, and
// 0:65535.
struct PortMatch {
    std::vector<PortRange> ranges;
    bool inverted = false;
    bool begins_with_range = false;  // ipfwadm: the first was written as a range
    [[nodiscard]] bool any() const { return ranges.empty() && !inverted; }
    bool operator==(const PortMatch&) const = default;
};

// IP protocol number; 0 is any. Numbers above 255 can be asked for (ipchains took up to 65535) and
// are met by no packet.
struct ProtocolMatch {
    std::uint16_t number = 0;
    bool inverted = false;
    bool operator==(const ProtocolMatch&) const = default;
};

inline constexpr std::uint16_t protocol_icmp = 1;
inline constexpr std::uint16_t protocol_tcp = 6;
inline constexpr std::uint16_t protocol_udp = 17;

// The interface that a packet came in by (input) or leaves by (forward, output).
// `wildcard`: `name` is a prefix (typed `ppp+`); an empty prefix is any interface, the default.
// `address`: ipfwadm's -V, the interface that has this address. Linux 2.0 looked with each packet;
// today it is the interface `device` that had it when the rule was made. If none had it: the one
// called `name`, and if that is not given either, none at all.
struct InterfaceMatch {
    std::string name;
    bool wildcard = true;
    bool inverted = false;
    std::optional<Address> address;
    std::string device = {};
    [[nodiscard]] bool any() const { return name.empty() && wildcard && !inverted && !address; }
    bool operator==(const InterfaceMatch&) const = default;
};

// A test with three answers: don't care, must hold, must not hold.
enum class Flag : std::uint8_t { any, set, clear };

// Of ipfwadm's accounting rules: count what arrives, what leaves, or all.
enum class Direction : std::uint8_t { both, in, out };

// tos = (tos & and_mask) ^ xor_mask; the defaults change nothing.
struct Tos {
    std::uint8_t and_mask = 0xff;
    std::uint8_t xor_mask = 0;
    [[nodiscard]] bool none() const { return and_mask == 0xff && xor_mask == 0; }
    bool operator==(const Tos&) const = default;
};

// Sets the packet's mark to `value`, or adds `value` to it modulo 2^32.
struct Mark {
    std::uint32_t value = 0;
    bool relative = false;
    bool operator==(const Mark&) const = default;
};

// Targets. A rule without one (None) only counts.
struct None {
    bool operator==(const None&) const = default;
};
struct Accept {
    bool operator==(const Accept&) const = default;
};
struct Deny {
    bool operator==(const Deny&) const = default;
};
struct Reject {
    bool operator==(const Reject&) const = default;
};
struct Masquerade {
    bool operator==(const Masquerade&) const = default;
};
// Port 0 is the packet's own destination port.
struct Redirect {
    std::uint16_t port = 0;
    bool operator==(const Redirect&) const = default;
};
struct Return {
    bool operator==(const Return&) const = default;
};
struct Jump {
    std::string chain;
    bool operator==(const Jump&) const = default;
};
using Target = std::variant<None, Accept, Deny, Reject, Masquerade, Redirect, Return, Jump>;

// A match with parameters of its own (the -m of iptables), all of which must hold beside the rest
// of the rule. One alternative a kind; there are none yet but the empty one.
struct NoMatch {
    bool operator==(const NoMatch&) const = default;
};
using Match = std::variant<NoMatch>;

// Packets and their IP total lengths in bytes, as counted by the kernel: 64 bits each.
struct Counters {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    bool operator==(const Counters&) const = default;
    Counters& operator+=(const Counters& other) {
        packets += other.packets;
        bytes += other.bytes;
        return *this;
    }
    Counters& operator-=(const Counters& other) {
        packets -= other.packets;
        bytes -= other.bytes;
        return *this;
    }
};

// The line of a file or script that a rule came from, 0 if from none. State as counters are, and no
// part of what a rule is: all lines are equal.
struct Line {
    std::uint32_t number = 0;
    bool operator==(const Line&) const { return true; }
};

struct Rule {
    AddressMatch source;
    AddressMatch destination;
    ProtocolMatch protocol;
    PortMatch source_ports;       // ICMP: the type
    PortMatch destination_ports;  // ICMP: the code
    InterfaceMatch interface;
    // TCP with SYN set, ACK and RST clear. ipfwadm has this and `ack` without a protocol, too:
    // packets that are not TCP are not asked, then, and neither are second and later fragments.
    Flag syn = Flag::any;
    Flag fragment = Flag::any;  // second or later fragment
    bool ack = false;           // ipfwadm -k: TCP with ACK or RST set (Linux 2.0.38)
    bool two_way = false;       // ipfwadm -b: source and destination swapped will do, too
    Direction direction = Direction::both;
    std::vector<Match> matches;

    bool log = false;
    std::optional<std::uint16_t> copy;  // -o: copy this many bytes to user space, 65535 for all
    Tos tos;
    std::optional<Mark> mark;
    Target target;
    std::optional<std::uint16_t> idle_redirect;  // ipfwadm -r with deny or reject: only listed

    Counters counters;  // state, not specification
    Line line;          // likewise

    bool operator==(const Rule&) const = default;
};

// The same rule but for its counters.
[[nodiscard]] bool same_specification(const Rule& a, const Rule& b);

// The comparison of `ipchains -D` and `ipfwadm -d`: everything but marks, TOS and counters
// (ipchains 1.3.9), and with ipfwadm the port of an idle redirection and which interface has an
// address.
[[nodiscard]] bool same_for_deletion(const Rule& a, const Rule& b);

// "-", "ACCEPT", ..., or the chain's name, as listings and log lines print it.
[[nodiscard]] std::string target_name(const Target& target);

// The rule with source and destination addresses swapped, and ports too unless it is ICMP: what
// ipchains -b adds beside the rule itself.
[[nodiscard]] Rule reversed(const Rule& rule);

}  // namespace fw
