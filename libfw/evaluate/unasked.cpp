#include "evaluate/unasked.h"

#include "evaluate/kernel_log.h"
#include "evaluate/packet_view.h"

namespace fw::evaluation {
namespace {

bool rewrites_ports(const Packet& packet) {
    return packet.protocol == protocol_tcp && packet.fragment_offset == 1;
}

// Linux 2.2 tells the log of them.
std::optional<Unasked> unasked_by_2_2(const Packet& packet) {
    const char* problem = nullptr;
    if (rewrites_ports(packet)) {
        problem = "Suspect TCP fragment.";
    } else if (packet.fragment_offset == 0 && packet.more_fragments &&
               too_short(packet, Dialect::ipchains)) {
        problem = "Suspect short first fragment.";
    } else {
        return std::nullopt;
    }
    return Unasked{Verdict::deny,
                   "a fragment that could rewrite ports",
                   {problem, log_suspect(packet)}};
}

// Linux 2.0 asks about whole packets and first fragments. Protocols without ports are not taken
// apart: each of their fragments is a packet like others.
std::optional<Unasked> unasked_by_2_0(const Packet& packet) {
    if (rewrites_ports(packet)) {
        return Unasked{Verdict::deny, "a fragment that could rewrite ports", {}};
    }
    if (packet.fragment_offset != 0 &&
        (packet.protocol == protocol_tcp || packet.protocol == protocol_udp ||
         packet.protocol == protocol_icmp)) {
        return Unasked{Verdict::accept, "a second or later fragment", {}};
    }
    if (too_short(packet, Dialect::ipfwadm)) {
        return Unasked{Verdict::deny, "it ends before its ports and flags", {}};
    }
    return std::nullopt;
}

// Accounting counts later fragments; what it does not count, it does not stop either.
std::optional<Unasked> uncounted_by_2_0(const Packet& packet) {
    if (rewrites_ports(packet)) {
        return Unasked{Verdict::accept, "a fragment that could rewrite ports", {}};
    }
    if (too_short(packet, Dialect::ipfwadm)) {
        return Unasked{Verdict::accept, "it ends before its ports and flags", {}};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Unasked> unasked(const Packet& packet, std::string_view chain, Dialect dialect) {
    if (dialect == Dialect::ipchains) {
        return unasked_by_2_2(packet);
    }
    return chain == accounting_chain ? uncounted_by_2_0(packet) : unasked_by_2_0(packet);
}

std::string explain(const Unasked& unasked, std::string_view chain) {
    std::string out = chain == accounting_chain            ? "not counted: "
                      : unasked.verdict == Verdict::accept ? "let through before any rule: "
                                                           : "dropped before any rule: ";
    out += unasked.why;
    return out;
}

}  // namespace fw::evaluation
