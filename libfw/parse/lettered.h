// The simple command lines of ipfwadm and of the masquerading tools: options that are letters, each
// with up to so many values behind it, in any order. As with getopt, letters cluster (-ln) and the
// first value may be glued to its letter (-Ptcp); the others stand behind the cluster, in the order
// of their letters (-Ia accept). No value starts with a dash, unless a digit follows it. (The
// language of ipchains, words.h, keeps the order of what is no option, inverts, and shortens long
// names; this one does not.)
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
inline constexpr char option_trace = 4;       // --trace
inline constexpr char option_version = 5;     // --version, where -V is something else

inline constexpr unsigned most_values = 13;

struct LetteredOption {
    char letter;
    unsigned least;              // values
    unsigned most;               // up to most_values
    std::string_view values;     // what they are: "ADDRESS PORT"
    std::string_view name = {};  // its long form, without dashes
    bool glued = true;           // what follows in its cluster is its value, and no more letters
};

struct LetteredGiven {
    char letter = 0;
    Word option;
    std::array<Word, most_values> values;

    // The values that were given.
    [[nodiscard]] std::span<const Word> all() const {
        unsigned count = 0;
        while (count < most_values && values[count].given()) {
            ++count;
        }
        return std::span(values).first(count);
    }
};

// What somebody may mean who types an option that there is not.
struct Mistyped {
    std::string_view option;  // "-j", "--sport"
    std::string_view remedy;
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
                                                 std::string_view program, int first_position = 0,
                                                 std::span<const Mistyped> mistyped = {});

}  // namespace fw
