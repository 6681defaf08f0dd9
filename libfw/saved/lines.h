// The lines of a file of saved rules, as words.
//
//     :input DENY              words ":" "input" "DENY"
//     # [12:3456]              no words, and the comment
//     -A input -i "a b"        a word in quotes may hold blanks
//
// Words end at blanks (carriage returns among them, so DOS files are read, too). `#` at the
// beginning of a word begins a comment, `\` in quotes takes the next byte as it is, but n as a
// newline. A quote that does not end with its word is a byte like any other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fw/rule.h"

namespace fw::saved {

struct TextLine {
    std::uint32_t number = 0;  // from 1
    std::string_view text;     // without its end
    std::vector<std::string> words;
    std::string_view comment;  // with its #, or empty
};

// Lines one after the other; `line` is used again for the next.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    // False at the end of the text.
    [[nodiscard]] bool next(TextLine& line);

private:
    std::string_view rest_;
    std::uint32_t number_ = 0;
};

// The word as it has to be written so that it is read as this word.
void append_word(std::string& out, std::string_view word);

// "# [12:3456]": packets and bytes, as a comment on a line of its own, for the original programs
// knew comments only as such.
void append_counters(std::string& out, const Counters& counters);

}  // namespace fw::saved
