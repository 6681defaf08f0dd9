// Packets that the kernel hands to programs: nfnetlink_log. Rules with -o copy packets to group 1;
// rules with -l write to group 2 when /etc/ipchains.conf says `log = daemon`.
//
//     fw::Result<fw::PacketLog> log = fw::PacketLog::open(fw::copy_group);
//     while (log && wait_until_readable(log->fd())) {
//         fw::Result<fw::Received> received = log->receive();
//         ...
//     }
//
// The kernel gathers packets for a moment before it hands them over, and forgets what finds the
// socket's buffer full. It numbers the packets of a group, so that gaps are seen, and are reported.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fw/result.h"

struct mnl_socket;

namespace [[gnu::visibility("default")]] fw {

inline constexpr std::uint16_t copy_group = 1;  // rules with -o
inline constexpr std::uint16_t log_group = 2;   // rules with -l

// Where in its way the packet was; numbered as the kernel does (NF_INET_*).
enum class Hook : std::uint8_t { prerouting, input, forward, output, postrouting };

struct LoggedPacket {
    // From the IP header on, as long as the rule, the reader and the packet itself allow. The
    // kernel does not tell how long it was: the total length in its IP header does.
    std::vector<std::uint8_t> bytes;
    std::string prefix;  // the rule's `log prefix`, with its blank at the end
    Hook hook = Hook::prerouting;
    std::uint32_t mark = 0;
    // Interfaces by index, 0 for none (nothing came in, or the way out is not known yet), and by
    // name: "if7" for one that has gone since. A packet at `forward` has both.
    std::uint32_t in_index = 0;
    std::uint32_t out_index = 0;
    std::string in;
    std::string out;
    // When it arrived, in microseconds since 1970. Packets at output and postrouting have none
    // (Linux 6.18).
    std::optional<std::uint64_t> time;
    std::uint32_t sequence = 0;  // 0 is the group's first since it was opened
};

// What came in one piece.
struct Received {
    std::vector<LoggedPacket> packets;
    std::uint64_t lost = 0;  // packets missing before one of these, by their numbers
    // The kernel said that it lost some (ENOBUFS). Their number shows with the next packet.
    bool overrun = false;
};

class PacketLog {
public:
    struct Options {
        std::uint32_t bytes = 65535;     // of each packet, at most; the kernel gives up to 65531
        std::uint32_t delay = 10;        // until packets are handed over, in 1/100 seconds
        std::uint32_t together = 100;    // or until there are so many
        std::uint32_t buffer = 4 << 20;  // of the socket, in bytes
    };

    // Listens to the group in this network namespace, from now on; until then rules that write to
    // it write nowhere. Needs CAP_NET_ADMIN (Code::permission), from then on no privilege at all.
    // A group has one listener (Code::busy). Linux 2.6.14 or later (Code::unsupported).
    [[nodiscard]] static Result<PacketLog> open(std::uint16_t group, const Options& options);
    [[nodiscard]] static Result<PacketLog> open(std::uint16_t group) { return open(group, {}); }

    // Readable (POLLIN) when receive() has something.
    [[nodiscard]] int fd() const;

    // The next piece, or an empty one if nothing came. Does not wait.
    [[nodiscard]] Result<Received> receive();

private:
    struct Closer {
        void operator()(mnl_socket* socket) const;
    };
    explicit PacketLog(mnl_socket* socket) : socket_(socket) {}

    std::unique_ptr<mnl_socket, Closer> socket_;
    std::unique_ptr<std::uint8_t[]> buffer_;
    std::uint32_t expected_ = 0;  // the next packet's number
};

// The line that Linux 2.2 wrote to the kernel log when a rule with -l met the packet, without
// newline:
//
//     Packet log: input DENY eth0 PROTO=17 192.168.2.1:53 192.168.1.1:1025 L=34 S=0x00 I=18
//     F=0x0000 T=254 (#5)
//
// or Linux 2.0, of a rule of ipfwadm with -o (which way accounting counted it is told by the hook
// where the prefix does not say):
//
//     IP fw-in deny eth0 UDP 192.168.2.1:53 192.168.1.1:1025 L=34 S=0x00 I=18 F=0x0000 T=254
//     IP acct in eth0 UDP 192.168.2.1:53 192.168.1.1:1025 L=34 S=0x00 I=18 F=0x0000 T=254
//
// The interface is the incoming one at prerouting and input, else the outgoing one. Prefixes that
// no rule of ours has are kept as they are, before the packet and without a number behind it. A
// packet whose bytes end before its ports gets a line that says so in place of the packet. Names of
// chains and interfaces may hold odd bytes.
[[nodiscard]] std::string print_log_line(const LoggedPacket& packet);

}  // namespace fw
