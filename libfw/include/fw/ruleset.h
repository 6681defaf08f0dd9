// Rulesets: the chains of one firewall, as values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/forward.h"
#include "fw/rule.h"

namespace [[gnu::visibility("default")]] fw {

// Whose rules they are: ipchains' of Linux 2.2, or ipfwadm's of Linux 2.0. It decides which chains
// there are, what fragments meet, how things are listed, and which table they are in.
enum class Dialect : std::uint8_t { ipchains, ipfwadm };

// "ipchains", "ipfwadm": the program, and the table of the kernel (family ip).
[[nodiscard]] std::string_view dialect_name(Dialect dialect);

// What happens to a packet that reaches the end of a built-in chain.
enum class Policy : std::uint8_t { accept, deny, reject, masquerade };

[[nodiscard]] std::string_view policy_name(Policy policy);

// The reverse; nothing for any other word.
[[nodiscard]] std::optional<Policy> policy_named(std::string_view name);

// A rule in one of our chains that some other program put there. It is never changed; it is
// listed, and goes only with its chain's flushing or deletion. Exists in the kernel only.
struct ForeignRule {
    std::uint64_t handle = 0;  // nftables' number for it, as `nft -a list` shows
    std::size_t before = 0;    // stands before the rule with this index (or at the end)
    std::string chain = {};    // where, if not in the chain itself: a copy or base chain of ours
    bool in_frame = false;     // in a base chain: flushing leaves it
    bool operator==(const ForeignRule&) const = default;
};

struct Chain {
    std::string name;
    std::optional<Policy> policy;  // built-in chains only
    Counters policy_counters;
    std::vector<Rule> rules;
    std::vector<ForeignRule> foreign;
    [[nodiscard]] bool built_in() const { return policy.has_value(); }
    bool operator==(const Chain&) const = default;
};

inline constexpr std::array<std::string_view, 3> builtin_chains = {"input", "forward", "output"};

// The fourth of ipfwadm: counts what arrives before input, and what leaves behind output. Its
// policy is ACCEPT, always.
inline constexpr std::string_view accounting_chain = "accounting";

// The longest chain name, in bytes (ipchains had 8).
inline constexpr std::size_t max_chain_name = 31;

// The chains in listing order: input, forward, output, then accounting (ipfwadm), or the user's in
// order of creation (ipchains).
struct Ruleset {
    Dialect dialect = Dialect::ipchains;
    std::vector<Chain> chains;

    // Masquerading backwards; sorted by kind, within a kind in the order in which they are asked.
    std::vector<ForwardEntry> forwards;

    // The built-in chains, empty, policy ACCEPT.
    [[nodiscard]] static Ruleset empty(Dialect dialect = Dialect::ipchains);

    [[nodiscard]] Chain* find(std::string_view name);
    [[nodiscard]] const Chain* find(std::string_view name) const;

    // How many rules jump to the chain.
    [[nodiscard]] std::size_t references(std::string_view name) const;

    // Whether following jumps from `from` can lead to `to` (true if they are the same).
    [[nodiscard]] bool reaches(std::string_view from, std::string_view to) const;

    bool operator==(const Ruleset&) const = default;
};

}  // namespace fw
