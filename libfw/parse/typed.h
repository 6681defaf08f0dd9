// A command line once its words are sorted out: which options were given, with which values,
// inverted or not. Nothing is looked up and no value understood yet.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "fw/result.h"
#include "parse/options.h"
#include "parse/words.h"

namespace fw {

// An option's values are words: the chain and then a number or a policy; -t two masks; -S three
// numbers. Ports are kept as options of their own, however they were given.
struct Given {
    Word option;
    Word value;
    Word second;
    Word third;
    bool inverted = false;
};

struct Typed {
    std::array<std::optional<Given>, option_count> options;
    OptionSet given;
    Word redirect_port;  // -j REDIRECT PORT

    [[nodiscard]] bool has(Option option) const { return given.has(option); }
    [[nodiscard]] const Given* get(Option option) const {
        const auto& found = options[static_cast<std::size_t>(option)];
        return found ? &*found : nullptr;
    }
};

// Fails on unknown and doubled options, missing values, stray words and misplaced `!`. Reading
// stops at -h and -V, which are answered whatever else is on the line.
[[nodiscard]] Result<Typed> read_words(std::span<const std::string> words);

}  // namespace fw
