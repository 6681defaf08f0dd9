// The words of a command line, read in order the way GNU getopt_long does when it is asked to keep
// the order: options cluster (-nvL), values may be glued (-jACCEPT, --jump=ACCEPT), and words that
// are no options come where they stand.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "fw/result.h"
#include "parse/options.h"

namespace fw {

// A word, or the part of it that is a value, as typed. Points into the command line.
struct Word {
    std::string_view text;
    int position = -1;  // index in the command line, -1: not given
    [[nodiscard]] bool given() const { return position >= 0; }
};

[[nodiscard]] Error usage_error(Word word, std::string problem, std::string remedy);

// An option with the value that it must have or happens to have; or, `option` being empty, a word
// that is none.
struct Item {
    std::optional<Option> option;
    Word word;  // the option as typed, or the word
    Word value;
};

class Words {
public:
    explicit Words(std::span<const std::string> words) : words_(words) {}

    // The next item; nothing at the end of the line.
    [[nodiscard]] Result<std::optional<Item>> next();

    // The next word where it stands, `ahead` words further; for a look before it is taken.
    [[nodiscard]] Word peek(std::size_t ahead = 0) const;
    Word take();

    // Takes the next word if it may be a value: it starts with neither - nor !.
    Word take_value();

private:
    [[nodiscard]] Result<std::optional<Item>> next_letter();
    [[nodiscard]] Result<std::optional<Item>> next_long();
    [[nodiscard]] Result<std::optional<Item>> next_plain();

    std::span<const std::string> words_;
    std::size_t index_ = 0;   // the word to be read next
    std::size_t letter_ = 0;  // within words_[index_], a cluster: the letter to be read next; or 0
    bool options_end_ = false;  // `--` was seen
};

}  // namespace fw
