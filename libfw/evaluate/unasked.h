// Packets about which no rule is asked: those that end before what rules look at, and fragments
// that could rewrite what was let through.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/evaluate.h"

namespace fw::evaluation {

// What becomes of such a packet. Nothing counts it.
struct Unasked {
    Verdict verdict = Verdict::deny;
    const char* why = "";
    std::vector<std::string> log;  // as in Decision
};

// Nothing for a packet that the rules decide about. `chain` is the built-in chain that it came to.
[[nodiscard]] std::optional<Unasked> unasked(const Packet& packet, std::string_view chain,
                                             Dialect dialect);

// In plain words, without a full stop: "dropped before any rule: it ends before its ports".
[[nodiscard]] std::string explain(const Unasked& unasked, std::string_view chain);

}  // namespace fw::evaluation
