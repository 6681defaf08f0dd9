// Command lines for the parser's tests, written as one would type them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "file_names.h"
#include "fw/parse.h"

// Words are separated by single spaces; '' is an empty word.
[[nodiscard]] inline std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    while (!line.empty()) {
        const std::string_view word = line.substr(0, line.find(' '));
        words.emplace_back(word == "''" ? std::string_view() : word);
        line.remove_prefix(word.size() < line.size() ? word.size() + 1 : word.size());
    }
    return words;
}

[[nodiscard]] inline fw::Result<fw::Command> parse_line(std::string_view line,
                                                        fw::Surroundings surroundings = {}) {
    return fw::parse_ipchains(words_of(line), recorded_names(), surroundings);
}
