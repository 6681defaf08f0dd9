// The simple command lines of the masquerading tools: options that are letters, each with up to so
// many values behind it, in any order. As with getopt, letters cluster (-ln) and the first value
// may be glued to its letter (-Ptcp). No value starts with a dash, unless a digit
// follows it. (The language of ipchains, words.h, keeps the order of what is no option, inverts,
// and shortens long names; this one does not.)
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fw/result.h"
#include "parse/words.h"

namespace fw {

// Options that have no letter stand for themselves with a byte that nobody can type as one.
inline constexpr char option_state = 1;       // --state FILE
inline constexpr char option_dry_run = 2;     // --dry-run
inline constexpr char option_foreground = 3;  // --foreground

struct LetteredOption {
    char letter;
    unsigned least;              // values
    unsigned most;               // at most 3
    std::string_view values;     // what they are: "ADDRESS PORT"
    std::string_view name = {};  // its long form, without dashes
};

struct LetteredGiven {
    char letter = 0;
    Word option;
    std::array<Word, 3> values;
};

class LetteredLine {
public:
    // Not there: nullptr.
    [[nodiscard]] const LetteredGiven* get(char letter) const;
    [[nodiscard]] bool has(char letter) const { return get(letter) != nullptr; }
    // Which one of these letters was given; an error if it was none or several.
    [[nodiscard]] Result<const LetteredGiven*> only_one_of(std::string_view letters,
                                                           std::string_view remedy) const;

    std::vector<LetteredGiven> given;
    std::vector<Word> plain;  // words that belong to no option
};

// Fails on options that are neither in the table nor common to all tools (--state FILE, --dry-run,
// -h, --help, -V, --version), on those given twice, and on missing values.
// `program` is the one whose -h has the list.
[[nodiscard]] Result<LetteredLine> read_lettered(std::span<const std::string> words,
                                                 std::span<const LetteredOption> options,
                                                 std::string_view program, int first_position = 0);

}  // namespace fw
