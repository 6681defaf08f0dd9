// What random scenarios of all dialects are made of: dice, and packets from a small stock of
// addresses, ports and so on.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>

#include "journey.h"

namespace packets {

class Dice {
public:
    Dice(std::uint64_t seed, std::uint64_t number) : engine_(seed * 1'000'003 + number) {}

    // 0 .. count - 1
    std::uint64_t number(std::uint64_t count) { return engine_() % count; }
    bool chance(unsigned percent) { return number(100) < percent; }
    template <typename T>
    T pick(std::initializer_list<T> values) {
        return values.begin()[number(values.size())];
    }
    std::string word(std::initializer_list<const char*> values) { return pick(values); }

private:
    std::mt19937_64 engine_;
};

[[nodiscard]] Shot random_shot(Dice& dice);

// Most are what conntrack can follow; some come in fragments.
[[nodiscard]] Shot random_rewriting_shot(Dice& dice);

}  // namespace packets
