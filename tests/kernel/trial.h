// One scenario in a network namespace of its own: commands carried out in the kernel and in
// memory, packets sent, counters compared. Or the commands are carried out in memory only, and the
// kernel gets what the translator makes of the rules.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fw/translate.h"
#include "scenario.h"

namespace packets {

// What was done, for people, and to see that nothing has quietly stopped being tested.
struct Score {
    std::uint64_t passed = 0;
    std::uint64_t failed = 0;
    std::uint64_t sent = 0;
    std::uint64_t impossible = 0;
    std::uint64_t commands = 0;
    std::uint64_t refused = 0;   // commands, by the kernel and the model alike
    std::uint64_t left_out = 0;  // commands that would masquerade or redirect
    std::uint64_t translated = 0;
    std::uint64_t reloaded = 0;
    Tally tally;
    Score& operator+=(const Score& other);
};

enum class Reload : bool { no, yes };

struct Manner {
    Reload reload = Reload::no;  // afterwards by `nft -f`, and everything sent again
    std::string program;         // the ipchains that carries out the commands; empty: the library
    std::optional<fw::TranslateOptions> translated;  // nft loads a translation instead
};

// The differences between kernel and model; none if all is well.
[[nodiscard]] std::vector<std::string> try_scenario(const Scenario& scenario, const Manner& manner,
                                                    Score& score);

// What this machine lacks to run any, if anything. Moves the process to a new network namespace.
[[nodiscard]] Problem what_is_missing();

}  // namespace packets
