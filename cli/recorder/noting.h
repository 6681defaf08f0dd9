// A note of each command that a script gives, for fw-translate --run.
#pragma once

#include <string>
#include <vector>

namespace recorder {

using Words = std::vector<std::string>;

// Notes the command as it begins, and its exit status at the end.
class Note {
public:
    // `input`: what came on standard input, if that is part of the command.
    Note(const std::string& program, const Words& words, const std::string& input = {});

    // Notes the status; returns it.
    [[nodiscard]] int end(int status) const;

private:
    std::string id_;
};

}  // namespace recorder
