// Programs that the tests run.
#pragma once

#include <string>
#include <vector>

namespace packets {

struct Run {
    int status = 0;      // exit status, or -1 if it did not come to that
    std::string output;  // standard output and standard error
};

// words[0] is looked for in PATH unless it has a slash.
[[nodiscard]] Run run(std::vector<std::string> words, const std::string& input);

}  // namespace packets
