// The referee: what Linux 2.2 decided about a packet, by interpreting the ruleset; or Linux 2.0, if
// it is one of ipfwadm's. It answers -C and -c, explains a decision, and is what recorded behaviour
// and today's kernel are held against.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/packet.h"
#include "fw/ruleset.h"

namespace [[gnu::visibility("default")]] fw {

enum class Verdict : std::uint8_t {
    accept,
    deny,
    reject,
    masquerade,
    redirect,
    loop,    // caught in a loop: the packet is dropped
    passed,  // the end of a user chain (only when a check starts in one)
};

// One step of the way: a rule that was looked at, or (rule == npos) the end of a chain.
struct Step {
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    std::string chain;
    std::size_t rule = npos;  // index, 0 is the first
    bool matched = false;
    std::string reason;  // which part of the rule did not hold; or what the policy is
};

// One hit: rule `rule` of chain number `chain` counted the packet; npos is the chain's policy.
struct Hit {
    std::size_t chain = 0;
    std::size_t rule = Step::npos;
};

// One copy of the packet to user space (-o): its first `bytes`, as the packet was by then.
struct Copy {
    std::uint16_t bytes = 0;
    std::uint8_t tos = 0;
    std::uint32_t mark = 0;
};

// The verdict is what the chain said. Further down the kernel takes MASQ outside of forward and
// REDIRECT outside of input for ACCEPT.
struct Decision {
    Verdict verdict = Verdict::accept;
    std::uint16_t port = 0;  // redirect: where to; a port of 0 has become the packet's own
    std::uint8_t tos = 0;
    std::uint32_t mark = 0;
    std::vector<std::string> log;  // kernel log lines, in order, without newline
    std::vector<Copy> copies;      // one entry a copying rule
    std::vector<Hit> hits;
    std::vector<Step> trace;  // only when asked for
};

enum class Tracing : bool { off, on };

// What becomes of `packet` in `chain` (built-in or user, must exist). Counts nothing; the hits
// tell what would have been counted. Accounting looks at the packet's direction; it has a hit for
// each rule that counts, and accepts.
[[nodiscard]] Decision evaluate(const Ruleset& ruleset, std::string_view chain,
                                const Packet& packet, Tracing tracing = Tracing::off);

// Adds a decision's hits to the counters, `length` bytes each. Linux 2.0 had none for policies.
void count(Ruleset& ruleset, const Decision& decision, std::uint16_t length);

}  // namespace fw
