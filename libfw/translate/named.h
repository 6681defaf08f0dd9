// What a command line of ipchains or ipfwadm said by name: a translation says it by name, too.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "fw/translate.h"

namespace fw::translate {

// Sets named_ports and named_protocol. `words` is any command line, a wrong one, too.
void find_named(std::span<const std::string> words, SourceLine& source);

// Likewise of a line whose words blanks part.
void find_named(std::string_view line, SourceLine& source);

}  // namespace fw::translate
