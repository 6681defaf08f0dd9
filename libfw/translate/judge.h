// The same packet before both judges: the rules as Linux 2.2 (or 2.0) took them, and a table of
// nf_tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/evaluate.h"
#include "fw/ruleset.h"
#include "nft/ir.h"
#include "translate/evaluate.h"

namespace fw::translate {

// One way by which packets come to a built-in chain, or past it, in today's kernel.
struct Way {
    std::string_view chain;  // the built-in chain that the old kernel would have asked
    std::string_view name;   // for people
    nft::HookPoint hook = nft::HookPoint::prerouting;
    Stage stage = {};
    Connection connection = {};
    bool arrives = false;  // it has an incoming interface, leaves: an outgoing one
    bool leaves = false;
    // What the old kernel did without asking the chain.
    std::optional<fw::Verdict> fixed = {};
    bool icmp = false;  // the fixed verdict is for ICMP only
};

class Judge {
public:
    // Both must outlive it.
    Judge(const Ruleset& ruleset, const Table& table);

    // Those that the table is made for: what is rewritten comes along only if it rewrites.
    [[nodiscard]] const std::vector<Way>& ways() const { return ways_; }

    // Whether the packet can come this way at all: today's kernel gathers fragments where it tracks
    // connections, and the old one had dropped in input what it did not trust.
    [[nodiscard]] bool comes(const Packet& packet, const Way& way) const;

    // Nothing if both decide the same, else both decisions in words. Compared are the verdict, the
    // port of REDIRECT, the ports that MASQ takes, and what was logged and copied; and, of packets
    // that are let through, mark and TOS.
    [[nodiscard]] std::optional<std::string> difference(const Packet& packet, const Way& way) const;

private:
    // What came of a packet, in one form for both.
    struct Outcome {
        fw::Verdict verdict = fw::Verdict::accept;
        std::uint16_t port = 0;
        nft::MasqueradeTo masquerade;
        std::uint8_t tos = 0;
        std::uint32_t mark = 0;
        std::vector<std::string> log;
        std::vector<Copy> copies;
    };
    [[nodiscard]] Outcome wanted(const Packet& packet, const Way& way, bool tracked) const;
    [[nodiscard]] Outcome made(const Packet& packet, const Way& way, bool tracked) const;
    [[nodiscard]] bool same_log(const Outcome& wanted, const Outcome& made) const;

    const Ruleset& ruleset_;
    Evaluator evaluator_;
    std::vector<Way> ways_;
    bool tracks_ = false;     // connections
    bool odd_names_ = false;  // of chains, which the log can't say
};

// "tcp 10.0.0.1:1025 -> 10.0.0.2:80 eth0 120 bytes", and what else is remarkable.
[[nodiscard]] std::string describe(const Packet& packet);

}  // namespace fw::translate
