#include "options.h"

#include <getopt.h>

#include <string>

namespace cli {

fw::Error option_error(int found, char* const* argv) {
    // A long option is the word before; a letter may be anywhere in a word.
    const std::string before = optind > 0 ? argv[optind - 1] : "";
    const bool letter = optopt > ' ' && optopt < 127 && !before.starts_with("--");
    const std::string word = letter ? std::string("-") + static_cast<char>(optopt) : before;
    return {fw::Code::usage, word, -1,
            found == ':' ? "a value is missing behind it" : "no option is called so",
            "--help lists them"};
}

}  // namespace cli
