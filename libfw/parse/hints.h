// What people have always mistyped at ipchains, and the remedy for it.
#pragma once

#include <string>
#include <string_view>

#include "fw/result.h"
#include "model/hints.h"
#include "parse/words.h"

namespace fw {

// Errors about the form of the command line.
[[nodiscard]] Error unknown_letter(Word word, char letter);
[[nodiscard]] Error unknown_long(Word word, NoOption why);
[[nodiscard]] Error missing_value(Word word, Option option);

// A word that belongs to nothing. `before` is the option that was read last, if any, and `port` the
// port that it was given.
[[nodiscard]] Error stray_word(Word word, std::optional<Option> before, Word port);

// "" unless the word is an iptables table behind -t, a match behind -m, or an interface behind -o.
[[nodiscard]] std::string iptables_hint(Option option, std::string_view word);

}  // namespace fw
